//! What was written before a bundler or compiler: places of a script in the files it was made from.
//!
//! A map comes with the script, from whoever made that: what it says is looked up and never trusted. Maps that are too
//! large, broken or lead elsewhere give a warning, and places stay as they are.

use super::lines::Position;
use super::roots::{SourceRoot, path_of, percent_decoded_bytes};
use super::text::{Origin, SourcePlaces, SourceText, read_source};
use serde::Serialize;
use sourcemap::DecodedMap;
use std::path::{Component, Path, PathBuf};

/// The largest map that is read, in bytes.
const MAX_MAP: u64 = 192 << 20;

/// The most names a map's place may have.
const MAX_NAME: usize = 200;

/// The map of a script.
pub struct Map {
    map: sourcemap::SourceMap,
    /// The directory of the script: names in the map are relative to that.
    base: String,
    /// The directory on this disk that originals may lie around.
    directory: Option<PathBuf>,
}

impl std::fmt::Debug for Map {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Map({} places)", self.map.get_token_count())
    }
}

/// A place in what was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Original {
    /// The file, by the name in the map, without steps up: `src/registry.ts`.
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
    /// The column, counted from 1.
    pub column: u32,
    /// What the variable or function there was called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Original {
    /// `registry.ts:41`
    pub fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}

/// Finds the map of the script called `name` with this text. `Ok(None)` where it has none.
pub fn find_map(name: &str, source: &SourceText, places: &SourcePlaces) -> Result<Option<Map>, String> {
    let path = source.origin.path();
    let directory = path.and_then(Path::parent);
    let base = name.rfind(['/', '\\']).map_or("", |at| &name[..at]).to_owned();
    let make = |bytes: Result<Vec<u8>, String>, from: &str, directory: Option<&Path>| {
        let map = bytes
            .and_then(|bytes| decode(&bytes))
            .map_err(|why| format!("the source map {from} is not used: {why}"))?;
        Ok(Some(Map { map, base: base.clone(), directory: directory.map(Path::to_owned) }))
    };
    let comment = mapping_url(&source.text);
    if let Some(data) = comment.filter(|url| url.starts_with("data:")) {
        let bytes = if data.len() as u64 > MAX_MAP { Err("it is too large".to_owned()) } else { data_of_url(data) };
        return make(bytes, "in the script", directory);
    }
    let mut candidates: Vec<(PathBuf, Option<&Path>)> = Vec::new();
    if let (Some(url), Some(directory)) = (comment, directory)
        && let Some(beside) = beside(directory, url)
    {
        candidates.push((beside, None));
    }
    if let Some(path) = path {
        let mut beside = path.as_os_str().to_owned();
        beside.push(".map");
        candidates.push((PathBuf::from(beside), None));
    }
    if let Some(maps) = &places.source_maps {
        let root = SourceRoot { prefix: None, directory: maps.clone() };
        candidates
            .extend(root.candidates(&format!("{}.map", path_of(name))).into_iter().map(|p| (p, Some(maps.as_path()))));
    }
    for (path, root) in candidates {
        let Ok(metadata) = std::fs::metadata(&path) else { continue };
        let from = path.display().to_string();
        if !metadata.is_file() || metadata.len() > MAX_MAP {
            return make(Err("it is too large, or not a regular file".to_owned()), &from, None);
        }
        if let Some(root) = root
            && !path.canonicalize().is_ok_and(|real| root.canonicalize().is_ok_and(|root| real.starts_with(root)))
        {
            continue;
        }
        return make(std::fs::read(&path).map_err(|e| e.to_string()), &from, directory.or(path.parent()));
    }
    Ok(None)
}

/// The map beside a script that its comment names: a relative path, and only a map.
fn beside(directory: &Path, url: &str) -> Option<PathBuf> {
    let url = url.strip_prefix("file://").unwrap_or(url);
    let is_map = url.ends_with(".map") || url.ends_with(".json");
    (is_map && !url.contains("://")).then(|| directory.join(url.split(['?', '#']).next().unwrap_or(url)))
}

/// What the last comment `//# sourceMappingURL=…` of a text says.
fn mapping_url(text: &str) -> Option<&str> {
    let at = text.rfind("sourceMappingURL=")?;
    let before = text[..at].trim_end();
    if !["//#", "//@", "/*#", "/*@"].iter().any(|begin| before.ends_with(begin)) {
        return None;
    }
    let rest = &text[at + "sourceMappingURL=".len()..];
    let url = rest.split(|c: char| c.is_whitespace()).next()?.trim_end_matches("*/");
    (!url.is_empty()).then_some(url)
}

/// What a `data:` URL holds.
fn data_of_url(url: &str) -> Result<Vec<u8>, String> {
    let (head, data) = url.split_once(',').ok_or("its URL has no data")?;
    if head.ends_with(";base64") {
        return base64(data).ok_or_else(|| "its data is not in base64".to_owned());
    }
    Ok(percent_decoded_bytes(data))
}

fn base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0u32, 0u32);
    for byte in text.bytes().filter(|&b| b != b'=') {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held & 0xFF) as u8);
        }
    }
    Some(out)
}

fn decode(bytes: &[u8]) -> Result<sourcemap::SourceMap, String> {
    // The package is careful, but what it reads is anybody's.
    let decoded = std::panic::catch_unwind(|| match sourcemap::decode_slice(bytes)? {
        DecodedMap::Regular(map) => Ok(map),
        DecodedMap::Index(index) => index.flatten(),
        DecodedMap::Hermes(map) => {
            let mut bytes = Vec::new();
            map.to_writer(&mut bytes)?;
            sourcemap::SourceMap::from_slice(&bytes)
        }
    });
    match decoded {
        Ok(Ok(map)) => Ok(map),
        Ok(Err(why)) => Err(why.to_string()),
        Err(_) => Err("it is broken".to_owned()),
    }
}

impl Map {
    /// What was written at a place of the script, if the map says so.
    pub fn original(&self, at: Position) -> Option<Original> {
        let token = self.map.lookup_token(at.line, at.column)?;
        // Nothing before the line's first place belongs to the line before.
        if token.get_dst_line() != at.line || !token.has_source() {
            return None;
        }
        let name = token.get_name().filter(|_| token.get_dst_col() == at.column).filter(|n| n.len() <= MAX_NAME);
        Some(Original {
            file: shown(token.get_source()?),
            line: token.get_src_line().saturating_add(1),
            column: token.get_src_col().saturating_add(1),
            name: name.map(str::to_owned),
        })
    }

    /// The path of the file that was written at a place, from the root: for finding its package.
    pub fn original_path(&self, at: Position) -> Option<String> {
        let token = self.map.lookup_token(at.line, at.column)?;
        let source = (token.get_dst_line() == at.line).then(|| token.get_source())??;
        Some(joined(&self.base, source))
    }

    /// The text of the original that [`Original::file`] names: from the map, or from the disk around the script.
    pub fn text(&self, file: &str, places: &SourcePlaces) -> Option<SourceText> {
        let index =
            (0..self.map.get_source_count()).find(|&i| self.map.get_source(i).is_some_and(|s| shown(s) == file))?;
        if let Some(text) = self.map.get_source_contents(index) {
            return Some(SourceText { text: text.into(), origin: Origin::SourceMap });
        }
        let source = self.map.get_source(index)?;
        let around = self.directory.as_deref().and_then(|directory| {
            // Maps of `dist` name files beside it; nothing further out is read.
            let root = directory.parent().unwrap_or(directory);
            let path = PathBuf::from(joined(&directory.display().to_string(), source));
            let is_source = path.extension().is_some_and(|e| e != "map");
            let text = read_source(&path, Some(root)).ok().flatten().filter(|_| is_source)?;
            Some(SourceText { text: text.into(), origin: Origin::UncheckedDisk(path) })
        });
        around.or_else(|| {
            let below_roots = SourcePlaces { roots: places.roots.clone(), source_maps: None };
            below_roots.find(&joined(&self.base, source), None).ok()
        })
    }
}

/// A name of a source for people: without steps up and without what bundlers put before it.
fn shown(source: &str) -> String {
    let source = source.trim_start_matches("webpack://");
    let parts = source.split('/').filter(|p| !matches!(*p, "." | ".." | ""));
    let joined = parts.collect::<Vec<_>>().join("/");
    let is_absolute = source.starts_with('/') && !source.starts_with("/./");
    let text = if is_absolute { format!("/{joined}") } else { joined };
    text.chars().filter(|c| !c.is_control()).take(1000).collect()
}

/// `source` as seen from the directory `base`, with steps up taken.
fn joined(base: &str, source: &str) -> String {
    if source.contains("://") || source.starts_with('/') || source.get(1..3) == Some(":\\") {
        return source.to_owned();
    }
    let mut path = PathBuf::from(base);
    for part in Path::new(source).components() {
        match part {
            Component::ParentDir => {
                path.pop();
            }
            Component::Normal(part) => path.push(part),
            _ => {}
        }
    }
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    const MAP: &str = r#"{"version":3,"sources":["../src/registry.ts","../../../etc/passwd"],"sourcesContent":["const pendingAcks = [];",null],
        "names":["pendingAcks"],"mappings":"MAAMA,WCAN"}"#;

    fn source(text: &str) -> SourceText {
        SourceText { text: text.into(), origin: Origin::Snapshot }
    }

    fn inline(map: &str) -> String {
        let mut data = String::new();
        for byte in map.bytes() {
            let _ = write!(data, "%{byte:02X}");
        }
        format!("const a=[];\n//# sourceMappingURL=data:application/json,{data}\n")
    }

    #[test]
    fn places_and_names_of_an_inline_map_are_the_originals() {
        let places = SourcePlaces::default();
        let map = find_map("/app/dist/a.js", &source(&inline(MAP)), &places).unwrap().unwrap();
        let at = map.original(Position { line: 0, column: 6 }).unwrap();
        assert_eq!((at.place().as_str(), at.column, at.name.as_deref()), ("src/registry.ts:1", 7, Some("pendingAcks")));
        assert_eq!(map.original_path(Position { line: 0, column: 6 }).as_deref(), Some("/app/src/registry.ts"));
        assert_eq!(map.original(Position { line: 1, column: 0 }), None);
        assert_eq!(&*map.text("src/registry.ts", &places).unwrap().text, "const pendingAcks = [];");
        // What lies outside is not read.
        assert_eq!(map.text("etc/passwd", &places), None);
    }

    #[test]
    fn base64_and_comments_of_every_form_are_read() {
        assert_eq!(base64("aGk/IQ==").unwrap(), b"hi?!");
        assert_eq!(base64("a b"), None);
        assert_eq!(mapping_url("a\n//# sourceMappingURL=a.js.map"), Some("a.js.map"));
        assert_eq!(mapping_url("a /*# sourceMappingURL=a.css.map*/"), Some("a.css.map"));
        assert_eq!(mapping_url("let s = 'sourceMappingURL=x'"), None);
        assert_eq!(beside(Path::new("/app"), "../../etc/passwd"), None);
        assert_eq!(beside(Path::new("/app"), "https://a/b.js.map"), None);
    }

    #[test]
    fn broken_and_lying_maps_give_a_warning() {
        let places = SourcePlaces::default();
        for map in [
            "",
            "{}",
            "[1]",
            "{\"version\":3,\"mappings\":\"!!!\"}",
            "{\"version\":3,\"sections\":[{\"offset\":{\"line\":-1,\"column\":0}}]}",
        ] {
            let found = find_map("/app/a.js", &source(&inline(map)), &places);
            if let Err(why) = &found {
                assert!(why.starts_with("the source map in the script is not used"), "{why}");
            }
        }
        let far = r#"{"version":3,"sources":["a"],"names":[],"mappings":"gggggggggggggB,AAAA"}"#;
        if let Ok(Some(map)) = find_map("/app/a.js", &source(&inline(far)), &places) {
            let _ = map.original(Position { line: u32::MAX, column: u32::MAX });
        }
    }
}
