//! What a name on the command line, or something dropped on the window, stands for: a file, the
//! documents in a folder, or the files that match a pattern.

use super::kinds::{DocumentKind, has_shared_extension};
use super::policy::FilesError;
use crate::reader::Start;
use std::cmp::Ordering;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The most files that one folder or pattern may open.
const MOST_FILES: usize = 500;

/// The most entries of a folder that are looked at.
const MOST_ENTRIES: usize = 100_000;

/// Whether `name` must be looked up: a folder, or a pattern that is not the name of a file.
#[cfg(any(feature = "app", test))]
pub(super) fn stands_for_several(name: &Path) -> bool {
    name.is_dir() || is_pattern(name)
}

/// The files that `name` stands for: itself, or, of a folder or a pattern, what there is, oldest first.
/// Of a folder these are the documents directly in it; a pattern is taken at its word.
pub fn files_named(name: &Path) -> Result<Vec<PathBuf>, FilesError> {
    let mut files = if name.is_dir() {
        documents_in(name)?
    } else if is_pattern(name) {
        matches_of(name)?
    } else {
        return Ok(vec![name.to_owned()]);
    };
    if files.len() > MOST_FILES {
        return Err(FilesError::TooMany { found: files.len(), limit: MOST_FILES });
    }
    // Copies and downloads lose the times of files; then numbers in their names tell.
    files.sort_by(|a, b| a.written.cmp(&b.written).then_with(|| natural_order(&a.name(), &b.name())));
    Ok(files.into_iter().map(|found| found.path).collect())
}

/// A file, and when it was last written.
struct Found {
    path: PathBuf,
    written: Option<SystemTime>,
}

impl Found {
    fn name(&self) -> String {
        self.path.to_string_lossy().into_owned()
    }
}

fn documents_in(folder: &Path) -> Result<Vec<Found>, FilesError> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(FilesError::Unreadable)?.take(MOST_ENTRIES) {
        let path = entry.map_err(FilesError::Unreadable)?.path();
        // What cannot be read is not there for us; links are followed.
        let Ok(metadata) = std::fs::metadata(&path) else { continue };
        if metadata.is_file() && is_document(&path) {
            files.push(Found { path, written: metadata.modified().ok() });
        }
    }
    if files.is_empty() {
        let kinds = DocumentKind::ALL.iter().flat_map(|kind| kind.about().extensions);
        let endings: Vec<String> = kinds.map(|extension| format!(".{extension}")).collect();
        return Err(FilesError::EmptyFolder { expected: format!("files ending in {}", endings.join(", ")) });
    }
    Ok(files)
}

/// Whether a file is a document, by its name if that tells, else by its content.
fn is_document(path: &Path) -> bool {
    let has_kind = || Start::of_file(path).is_ok_and(|start| DocumentKind::of(&start).is_some());
    DocumentKind::by_name(path).is_some() || has_shared_extension(path) && has_kind()
}

/// Whether `name` has a sign of a pattern in it, and is not the name of a file all the same.
fn is_pattern(name: &Path) -> bool {
    name.to_str().is_some_and(|text| text.contains(['*', '?', '['])) && !name.exists()
}

fn matches_of(pattern: &Path) -> Result<Vec<Found>, FilesError> {
    let text = pattern.to_str().ok_or_else(|| FilesError::BadPattern("it is not valid Unicode".to_owned()))?;
    let paths = glob::glob(text).map_err(|e| FilesError::BadPattern(e.to_string()))?;
    let files: Vec<Found> = paths
        .take(MOST_ENTRIES)
        .filter_map(|path| {
            let path = path.ok()?;
            let metadata = std::fs::metadata(&path).ok()?;
            metadata.is_file().then(|| Found { path, written: metadata.modified().ok() })
        })
        .collect();
    if files.is_empty() { Err(FilesError::NoMatch) } else { Ok(files) }
}

/// The order in which people expect names: numbers in them by their value, so that 9 comes before 10.
pub fn natural_order(a: &str, b: &str) -> Ordering {
    let (mut a_rest, mut b_rest) = (a, b);
    loop {
        let (a_number, a_words) = split_number(a_rest);
        let (b_number, b_words) = split_number(b_rest);
        let by_number = match (a_number.is_empty(), b_number.is_empty()) {
            (false, false) => {
                let [x, y] = [a_number, b_number].map(|digits| digits.trim_start_matches('0'));
                x.len().cmp(&y.len()).then_with(|| x.cmp(y))
            }
            (true, true) => Ordering::Equal,
            // Where one has a number and the other a letter or nothing, characters decide.
            _ => a_rest.cmp(b_rest),
        };
        let words = |text: &str| text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len());
        let (a_end, b_end) = (words(a_words), words(b_words));
        let by_words = || a_words[..a_end].cmp(&b_words[..b_end]);
        match by_number.then_with(by_words) {
            Ordering::Equal if a_end == a_words.len() && b_end == b_words.len() => return a.cmp(b),
            Ordering::Equal => (a_rest, b_rest) = (&a_words[a_end..], &b_words[b_end..]),
            decided => return decided,
        }
    }
}

/// The digits at the beginning of `text`, and the rest.
fn split_number(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Folder, SnapshotBuilder};
    use std::time::Duration;

    /// Writes a file that is `age` seconds old.
    fn write(folder: &Folder, name: &str, content: &str, age: u64) {
        let path = folder.file(name, content);
        let file = std::fs::File::options().append(true).open(&path).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(age)).unwrap();
    }

    fn names_of(folder: &Folder, name: &str) -> Vec<String> {
        let files = files_named(&folder.join(name)).unwrap();
        files.iter().map(|f| f.file_name().unwrap().to_string_lossy().into_owned()).collect()
    }

    fn snapshot_text() -> String {
        let mut b = SnapshotBuilder::new();
        b.node("synthetic", "", 0);
        b.to_json()
    }

    #[test]
    fn a_folder_stands_for_the_documents_in_it_oldest_first() {
        let folder = Folder::new();
        write(&folder, "2.heapsnapshot", "damaged", 10);
        write(&folder, "1.heaptimeline", &snapshot_text(), 5);
        write(&folder, "renamed.json", &snapshot_text(), 20);
        write(&folder, "package.json", "{\"name\":\"left-pad\"}", 30);
        write(&folder, "readme.txt", &snapshot_text(), 40);
        std::fs::create_dir_all(folder.join("inner.heapsnapshot")).unwrap();
        assert_eq!(names_of(&folder, ""), ["renamed.json", "2.heapsnapshot", "1.heaptimeline"]);
    }

    #[test]
    fn files_of_one_age_go_by_the_numbers_in_their_names() {
        let folder = Folder::new();
        let written = SystemTime::now();
        for name in ["heap-10", "heap-9", "heap-1"] {
            let path = folder.join(name).with_extension("heapsnapshot");
            std::fs::write(&path, "").unwrap();
            std::fs::File::options().append(true).open(&path).unwrap().set_modified(written).unwrap();
        }
        assert_eq!(names_of(&folder, ""), ["heap-1.heapsnapshot", "heap-9.heapsnapshot", "heap-10.heapsnapshot"]);
    }

    #[test]
    fn a_pattern_stands_for_the_files_that_match_it() {
        let folder = Folder::new();
        write(&folder, "b.old", "", 10);
        write(&folder, "a.old", "", 5);
        write(&folder, "a[1].new", "", 5);
        assert_eq!(names_of(&folder, "*.old"), ["b.old", "a.old"]);
        // A file that is called like a pattern is that file.
        assert!(!stands_for_several(&folder.join("a[1].new")));
        assert_eq!(names_of(&folder, "a[1].new"), ["a[1].new"]);
        assert!(matches!(files_named(&folder.join("*.none")), Err(FilesError::NoMatch)));
        assert!(matches!(files_named(&folder.join("a[")), Err(FilesError::BadPattern(_))));
    }

    #[test]
    fn a_folder_without_documents_says_what_was_expected() {
        let folder = Folder::new();
        write(&folder, "readme.txt", "", 0);
        let error = files_named(&folder).unwrap_err().to_string();
        assert!(error.contains(".heapsnapshot"), "{error}");
    }

    #[test]
    fn numbers_in_names_count_by_their_value() {
        let mut names = ["a10", "a9", "b", "a09b", "a", "a1x2", "a1x10", ""];
        names.sort_by(|a, b| natural_order(a, b));
        assert_eq!(names, ["", "a", "a1x2", "a1x10", "a9", "a09b", "a10", "b"]);
    }
}
