//! Where on this disk the scripts of another machine lie: what the user says about it.

use std::path::{Component, Path, PathBuf};
use std::str::FromStr;

/// A directory that holds sources: all of a prefix of script names, or whatever is found in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRoot {
    /// What script names begin with there: `/app`; `None` where any may lie here.
    pub prefix: Option<String>,
    /// The directory here.
    pub directory: PathBuf,
}

impl FromStr for SourceRoot {
    type Err = String;

    /// Reads `/app=~/work/server` or `~/work/server`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (prefix, directory) = match text.split_once('=') {
            Some((prefix, directory)) => (Some(prefix.trim_end_matches(['/', '\\']).to_owned()), directory),
            None => (None, text),
        };
        if directory.is_empty() || prefix.as_deref() == Some("") && !text.starts_with('/') {
            return Err("expected /PATH/OF/THE/PROGRAM=DIRECTORY or DIRECTORY".to_owned());
        }
        Ok(Self { prefix, directory: home(directory) })
    }
}

impl std::fmt::Display for SourceRoot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.prefix {
            Some(prefix) => write!(f, "{prefix}={}", self.directory.display()),
            None => write!(f, "{}", self.directory.display()),
        }
    }
}

impl SourceRoot {
    /// Where `script` may lie below this root, likeliest first. Never outside it.
    pub fn candidates(&self, script: &str) -> Vec<PathBuf> {
        match &self.prefix {
            Some(prefix) => {
                let rest = script.strip_prefix(prefix.as_str()).filter(|rest| rest.starts_with(['/', '\\']));
                rest.and_then(|rest| below(&self.directory, rest)).into_iter().collect()
            }
            None => {
                let path = path_of(script);
                let parts: Vec<&str> = path.split(['/', '\\']).filter(|p| !p.is_empty() && *p != ".").collect();
                let from = parts.len().saturating_sub(MOST_PARTS);
                (from..parts.len()).filter_map(|i| below(&self.directory, &parts[i..].join("/"))).collect()
            }
        }
    }
}

/// How many parts of a path are tried below a root that says nothing of them.
const MOST_PARTS: usize = 24;

/// `relative` below `directory`; `None` if it would lead out of it.
fn below(directory: &Path, relative: &str) -> Option<PathBuf> {
    let relative = relative.trim_start_matches(['/', '\\']);
    let path = Path::new(relative);
    let stays = path.components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir));
    (stays && !relative.is_empty()).then(|| directory.join(path))
}

/// The path in a script's name: what follows the scheme and host of a URL.
pub fn path_of(script: &str) -> &str {
    let script = script.split(['?', '#']).next().unwrap_or(script);
    match script.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or(rest, |at| &rest[at..]),
        None => script,
    }
}

/// The path on this disk that a script's name says, if it says one.
pub fn own_path(script: &str) -> Option<PathBuf> {
    let path = match script.strip_prefix("file://") {
        Some(rest) => {
            let decoded = percent_decoded(rest.split(['?', '#']).next().unwrap_or(rest));
            // file:///C:/app.js
            let bytes = decoded.as_bytes();
            let is_drive = bytes.len() > 2 && bytes[0] == b'/' && bytes[2] == b':';
            if is_drive { decoded[1..].to_owned() } else { decoded }
        }
        None => script.to_owned(),
    };
    let path = PathBuf::from(path);
    path.is_absolute().then_some(path)
}

fn percent_decoded(text: &str) -> String {
    String::from_utf8_lossy(&percent_decoded_bytes(text)).into_owned()
}

/// The bytes that `text` stands for; what is no escape stays as it is.
pub(super) fn percent_decoded_bytes(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let hex = (bytes[i] == b'%').then(|| text.get(i + 1..i + 3)).flatten();
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                i += 3;
            }
            None => {
                out.push(bytes[i]);
                i += 1;
            }
        }
    }
    out
}

fn home(directory: &str) -> PathBuf {
    let rest = directory.strip_prefix("~").filter(|rest| rest.is_empty() || rest.starts_with(['/', '\\']));
    match (rest, std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest.trim_start_matches(['/', '\\'])),
        _ => PathBuf::from(directory),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(root: &str, script: &str) -> Vec<String> {
        let root: SourceRoot = root.parse().unwrap();
        root.candidates(script).iter().map(|p| p.display().to_string().replace('\\', "/")).collect()
    }

    #[test]
    fn a_prefix_is_replaced_where_the_name_begins_with_it() {
        assert_eq!(candidates("/app=/work/server", "/app/src/a.js"), ["/work/server/src/a.js"]);
        assert_eq!(candidates("/app/=/work/server", "/app/src/a.js"), ["/work/server/src/a.js"]);
        assert!(candidates("/app=/work/server", "/application/a.js").is_empty());
        assert_eq!(candidates("webpack://shop=/work", "webpack://shop/./src/a.ts"), ["/work/./src/a.ts"]);
    }

    #[test]
    fn a_root_without_prefix_is_searched_for_the_longest_end_of_the_name() {
        assert_eq!(candidates("/work", "https://shop.example/js/a.js?v=2"), ["/work/js/a.js", "/work/a.js"]);
    }

    #[test]
    fn no_name_leads_out_of_a_root() {
        assert!(candidates("/app=/work", "/app/../../etc/passwd").is_empty());
        assert_eq!(candidates("/work", "../../etc/passwd"), ["/work/etc/passwd", "/work/passwd"]);
    }

    #[test]
    fn files_of_urls_are_paths() {
        assert_eq!(own_path("file:///srv/a%20b.mjs?x"), Some(PathBuf::from("/srv/a b.mjs")));
        assert_eq!(own_path("../../etc/passwd"), None);
        assert_eq!(own_path("https://a/b.js"), None);
    }

    #[test]
    fn a_root_must_name_a_directory() {
        assert!("/app=".parse::<SourceRoot>().is_err());
        assert!("=x".parse::<SourceRoot>().is_err());
        assert!("".parse::<SourceRoot>().is_err());
    }
}
