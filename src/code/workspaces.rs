//! The packages of the program's own files: by the nearest `package.json` on this disk, if it is there.

use super::roots::own_path;
use super::text::SourcePlaces;
use crate::analysis::source::packages::{Package, package_of};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The largest `package.json` that is read, in bytes.
const MAX_MANIFEST: u64 = 1 << 20;

/// How many folders up it is looked for.
const MOST_FOLDERS: usize = 32;

/// Finds packages of files, and keeps what it found of folders.
#[derive(Debug)]
pub struct Workspaces<'a> {
    places: &'a SourcePlaces,
    of_folder: BTreeMap<PathBuf, Option<Package>>,
}

impl<'a> Workspaces<'a> {
    /// Looks at the files themselves and in `places`.
    pub fn new(places: &'a SourcePlaces) -> Self {
        Self { places, of_folder: BTreeMap::new() }
    }

    /// The package of the file at `path`.
    pub fn package_of(&mut self, path: &str) -> Package {
        let package = package_of(path);
        if package.is_dependency {
            return package;
        }
        let files = own_path(path).into_iter().chain(self.places.roots.iter().flat_map(|root| root.candidates(path)));
        let folders: Vec<PathBuf> = files.filter_map(|file| file.parent().map(Path::to_owned)).collect();
        folders.iter().find_map(|folder| self.of_folder(folder)).unwrap_or(package)
    }

    fn of_folder(&mut self, folder: &Path) -> Option<Package> {
        if let Some(known) = self.of_folder.get(folder) {
            return known.clone();
        }
        let found = folder.ancestors().take(MOST_FOLDERS).find_map(|folder| manifest(&folder.join("package.json")));
        self.of_folder.insert(folder.to_owned(), found.clone());
        found
    }
}

/// The package that a `package.json` describes, if it says what it is called.
fn manifest(path: &Path) -> Option<Package> {
    let metadata = std::fs::metadata(path).ok().filter(|m| m.is_file() && m.len() <= MAX_MANIFEST)?;
    if metadata.len() == 0 {
        return None;
    }
    let value: serde_json::Value = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    let text = |key: &str| value[key].as_str().filter(|s| !s.is_empty() && s.len() < 200).map(str::to_owned);
    Some(Package { name: text("name")?, version: text("version"), is_dependency: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_package_json_names_the_programs_own_package() {
        let dir = std::env::temp_dir().join(format!("heapglass-workspaces-{}", std::process::id()));
        std::fs::create_dir_all(dir.join("packages/api/src")).unwrap();
        std::fs::write(dir.join("package.json"), r#"{"name":"shop","version":"1.0.0"}"#).unwrap();
        std::fs::write(dir.join("packages/api/package.json"), r#"{"name":"@shop/api"}"#).unwrap();
        std::fs::write(dir.join("packages/api/src/package.json"), r#"{"type":"module"}"#).unwrap();
        let places =
            SourcePlaces { roots: vec![format!("/app={}", dir.display()).parse().unwrap()], ..Default::default() };
        let mut workspaces = Workspaces::new(&places);
        let mut of = |path: &str| {
            let package = workspaces.package_of(path);
            (package.name, package.version)
        };
        assert_eq!(of("/app/packages/api/src/a.js"), ("@shop/api".to_owned(), None));
        assert_eq!(of("/app/server.js"), ("shop".to_owned(), Some("1.0.0".to_owned())));
        assert_eq!(of("/app/node_modules/ms/index.js"), ("ms".to_owned(), None));
        assert_eq!(of("/elsewhere/a.js"), ("/elsewhere".to_owned(), None));
        std::fs::remove_dir_all(dir).unwrap();
    }
}
