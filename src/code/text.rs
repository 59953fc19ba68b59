//! The text of a script: from this disk where it is the same program, else from the snapshot.
//!
//! A snapshot names scripts and holds how their texts begin; V8 cuts strings after 1,024 characters. A file counts as the
//! text of a script only if it begins so. What a snapshot says comes from somewhere else, so that only files below the
//! given roots or under the script's own absolute path are read, regular ones up to a limit; nothing is fetched.

use super::roots::{SourceRoot, own_path};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The largest file that is read, in bytes.
pub const MAX_FILE: u64 = 64 << 20;

/// Where V8 cuts strings unless it is told otherwise.
const CUT_AFTER: usize = 1024;

/// Where the texts of scripts are looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourcePlaces {
    /// Directories the user named.
    pub roots: Vec<SourceRoot>,
    /// A directory of source maps the user named.
    pub source_maps: Option<PathBuf>,
}

/// What a snapshot knows of a script's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// How it begins, or all of it.
    pub text: String,
    /// Whether it is all.
    pub is_whole: bool,
}

impl Head {
    /// The beginning `text` of a script in a snapshot whose longest string has `longest` characters.
    pub fn new(text: String, longest: usize) -> Self {
        let length = text.encode_utf16().count();
        let is_whole = length < CUT_AFTER || length > CUT_AFTER && length < longest;
        Self { text, is_whole }
    }
}

/// The text of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceText {
    /// The text, without a byte order mark.
    pub text: Arc<str>,
    /// Where it is from.
    pub origin: Origin,
}

/// Where a text is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A file that begins as the snapshot says.
    Disk(PathBuf),
    /// A file; the snapshot does not say how the script begins.
    UncheckedDisk(PathBuf),
    /// The snapshot has all of it.
    Snapshot,
    /// The process was asked for it.
    Process,
    /// A source map has it.
    SourceMap,
}

impl Origin {
    /// The file, if it is one.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Disk(path) | Self::UncheckedDisk(path) => Some(path),
            Self::Snapshot | Self::Process | Self::SourceMap => None,
        }
    }

    /// What to say about it beside the text; nothing where all is well.
    pub fn remark(&self) -> Option<String> {
        match self {
            Self::Disk(_) => None,
            Self::UncheckedDisk(path) => Some(format!(
                "{}: the snapshot does not tell how this script begins, so the file may be another version",
                path.display()
            )),
            Self::Snapshot => Some("the text that the snapshot holds".to_owned()),
            Self::Process => Some("the text that the process runs".to_owned()),
            Self::SourceMap => Some("the text that the source map holds".to_owned()),
        }
    }
}

/// Why there is no text of a script.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoText {
    /// There is no such file.
    #[error("the text of {0} is not on this disk; --source-root says where it is, as in --source-root /app=~/work/app")]
    NotFound(String),
    /// There is, and it begins otherwise.
    #[error("the file on disk is another version: {} does not begin as the script in the snapshot does", .0.display())]
    OtherVersion(PathBuf),
    /// It is no file of a program.
    #[error("{} is not read: {why}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
}

impl SourcePlaces {
    /// The text of the script called `script` that begins with `head`, if the snapshot tells.
    pub fn find(&self, script: &str, head: Option<&Head>) -> Result<SourceText, NoText> {
        let mut why_not = None;
        let mut candidates: Vec<(PathBuf, Option<&Path>)> = Vec::new();
        candidates.extend(own_path(script).map(|path| (path, None)));
        for root in &self.roots {
            candidates.extend(root.candidates(script).into_iter().map(|path| (path, Some(root.directory.as_path()))));
        }
        for (path, root) in candidates {
            match read_source(&path, root) {
                Ok(None) => {}
                Ok(Some(text)) => match head {
                    Some(head) if !begins_as(&text, head) => {
                        why_not.get_or_insert(NoText::OtherVersion(path));
                    }
                    Some(_) => return Ok(SourceText { text: text.into(), origin: Origin::Disk(path) }),
                    // Nothing vouches for the file but its name.
                    None if root.is_some() || is_source_name(&path) => {
                        return Ok(SourceText { text: text.into(), origin: Origin::UncheckedDisk(path) });
                    }
                    None => {}
                },
                Err(why) => {
                    why_not.get_or_insert(NoText::Refused { path, why });
                }
            }
        }
        match head.filter(|head| head.is_whole && !head.text.is_empty()) {
            Some(head) => Ok(SourceText { text: head.text.as_str().into(), origin: Origin::Snapshot }),
            None => Err(why_not.unwrap_or_else(|| NoText::NotFound(script.to_owned()))),
        }
    }
}

/// The text of the file at `path`, which must lie below `root` if there is one; `None` where there is no file.
pub fn read_source(path: &Path, root: Option<&Path>) -> Result<Option<String>, String> {
    let Ok(metadata) = std::fs::metadata(path) else { return Ok(None) };
    if !metadata.is_file() {
        return if metadata.is_dir() { Ok(None) } else { Err("it is not a regular file".to_owned()) };
    }
    if let Some(root) = root {
        let real = |path: &Path| path.canonicalize().map_err(|e| e.to_string());
        if !real(path)?.starts_with(real(root)?) {
            return Err(format!("it is a link that leads out of {}", root.display()));
        }
    }
    if metadata.len() > MAX_FILE {
        return Err(format!(
            "it has {}, and source files are read up to {}",
            crate::units::bytes(metadata.len()),
            crate::units::bytes(MAX_FILE)
        ));
    }
    let file = std::fs::File::open(path).map_err(|e| e.to_string())?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
    if bytes.len() as u64 > MAX_FILE {
        return Err("it grew while it was read".to_owned());
    }
    let text = String::from_utf8(bytes).map_err(|_e| "it is not a text in UTF-8".to_owned())?;
    if text.contains('\0') {
        return Err("it is not a text: it has zero bytes".to_owned());
    }
    Ok(Some(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)))
}

/// What Node put around modules up to version 11.
const OLD_WRAPPER: &str = "(function (exports, require, module, __filename, __dirname) { ";

/// Whether `text` is the text that begins with `head`.
fn begins_as(text: &str, head: &Head) -> bool {
    let head_text = head.text.strip_prefix('\u{feff}').unwrap_or(&head.text);
    if head.is_whole && head_text.len() > text.len() + OLD_WRAPPER.len() + 8 {
        return false;
    }
    // A character may have been cut in two.
    let head_text = head_text.strip_suffix('\u{fffd}').unwrap_or(head_text);
    if text.starts_with(head_text) {
        return !head.is_whole || text.len() == head_text.len();
    }
    if let Some(inside) = head_text.strip_prefix(OLD_WRAPPER) {
        return text.starts_with(inside.strip_suffix("\n});").unwrap_or(inside));
    }
    // Node blanks out the types of TypeScript and keeps everything in its place.
    let mut texts = text.chars();
    head_text.chars().all(|c| texts.next().is_some_and(|t| t == c || c == ' ' && t != '\n'))
        && is_mostly_the_same(text, head_text)
}

/// Whether not just blanks are the same.
fn is_mostly_the_same(text: &str, head: &str) -> bool {
    let (mut same, mut all) = (0, 0);
    for (t, h) in text.chars().zip(head.chars()).filter(|(t, _)| !t.is_whitespace()) {
        all += 1;
        same += usize::from(t == h);
    }
    same * 2 >= all
}

fn is_source_name(path: &Path) -> bool {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    ["js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx"].contains(&extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("heapglass-text-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        path
    }

    fn head(text: &str) -> Head {
        Head::new(text.to_owned(), CUT_AFTER)
    }

    #[test]
    fn a_file_counts_if_it_begins_as_the_script_does() {
        let dir = directory("begins");
        let long = "let a = 1;\n".repeat(200);
        std::fs::write(dir.join("a.js"), &long).unwrap();
        let places =
            SourcePlaces { roots: vec![format!("/app={}", dir.display()).parse().unwrap()], ..Default::default() };
        let cut: String = long.chars().take(CUT_AFTER).collect();
        let found = places.find("/app/a.js", Some(&head(&cut))).unwrap();
        assert_eq!((&*found.text, found.origin), (long.as_str(), Origin::Disk(dir.join("a.js"))));

        let other = places.find("/app/a.js", Some(&head(&cut.replace('1', "2")))).unwrap_err();
        assert_eq!(other, NoText::OtherVersion(dir.join("a.js")));
        assert!(other.to_string().starts_with("the file on disk is another version"));

        let unchecked = places.find("/app/a.js", None).unwrap();
        assert_eq!(unchecked.origin, Origin::UncheckedDisk(dir.join("a.js")));
        assert_eq!(places.find("/app/b.js", None), Err(NoText::NotFound("/app/b.js".to_owned())));
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn a_short_script_is_whole_in_the_snapshot() {
        let places = SourcePlaces::default();
        let found = places.find("/app/a.js", Some(&head("let a = 1;"))).unwrap();
        assert_eq!((&*found.text, found.origin), ("let a = 1;", Origin::Snapshot));
        let cut = "x".repeat(CUT_AFTER);
        assert!(places.find("/app/a.js", Some(&head(&cut))).is_err());
        assert!(Head::new("x".repeat(5000), 6000).is_whole);
        assert!(!Head::new("x".repeat(6000), 6000).is_whole);
    }

    #[test]
    fn wrapped_and_blanked_texts_are_the_same_program() {
        assert!(begins_as("let a = 1;", &head(&format!("{OLD_WRAPPER}let a = 1;\n}});"))));
        assert!(begins_as("let a: number = 1;", &head("let a         = 1;")));
        assert!(!begins_as("let a: number = 1;", &head("                  ")));
    }

    #[test]
    fn what_is_no_source_file_is_refused() {
        let dir = directory("refused");
        std::fs::write(dir.join("binary.js"), [0u8, 1, 2, 255]).unwrap();
        std::fs::write(dir.join("zero.js"), b"a\0b").unwrap();
        let large = std::fs::File::create(dir.join("large.js")).unwrap();
        large.set_len(MAX_FILE + 1).unwrap();
        for name in ["binary.js", "zero.js", "large.js"] {
            let path = dir.join(name).display().to_string();
            assert!(matches!(SourcePlaces::default().find(&path, None), Err(NoText::Refused { .. })), "{name}");
        }
        #[cfg(unix)]
        {
            let root = dir.join("root");
            std::fs::create_dir_all(&root).unwrap();
            std::os::unix::fs::symlink(dir.join("zero.js"), root.join("link.js")).unwrap();
            assert!(read_source(&root.join("link.js"), Some(&root)).unwrap_err().contains("leads out"));
            assert!(SourcePlaces::default().find("/dev/zero", None).is_err());
        }
        assert!(SourcePlaces::default().find("/etc/passwd", None).is_err());
        std::fs::remove_dir_all(dir).unwrap();
    }
}
