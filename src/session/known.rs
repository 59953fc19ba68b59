//! The file beside the snapshots in which a team keeps what is known to grow and meant to.

use crate::analysis::leaks::known::{KnownLeaks, KnownLeaksError};
use crate::analysis::leaks::{Finding, Fingerprint};
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

/// What the file is called.
pub const KNOWN_FILE: &str = "heapglass-known.txt";

/// Why the file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum KnownFileError {
    /// The system refuses it.
    #[error("cannot read {}: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The system refuses it.
    #[error("cannot write {}: {error}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// There is something else in it.
    #[error("{}: {error}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// The line.
        error: KnownLeaksError,
    },
}

/// The file that belongs to a snapshot: in the same folder. `None` for one that is in no file.
pub fn known_file(snapshot: &Path) -> Option<PathBuf> {
    snapshot.file_name()?;
    Some(snapshot.with_file_name(KNOWN_FILE))
}

/// Reads one such file.
pub fn read_known(path: &Path) -> Result<KnownLeaks, KnownFileError> {
    let text = std::fs::read_to_string(path).map_err(|error| KnownFileError::Read { path: path.to_owned(), error })?;
    KnownLeaks::parse(&text).map_err(|error| KnownFileError::Content { path: path.to_owned(), error })
}

/// What the files beside `snapshots` say, together; nothing where there is none.
pub fn known_beside<'a>(snapshots: impl IntoIterator<Item = &'a Path>) -> Result<KnownLeaks, KnownFileError> {
    let files: BTreeSet<PathBuf> = snapshots.into_iter().filter_map(known_file).collect();
    let mut known = KnownLeaks::default();
    for path in files.iter().filter(|path| path.exists()) {
        known.extend(read_known(path)?);
    }
    Ok(known)
}

/// Says in the file at `path` that `finding` is meant to be, and why. Whatever else is in the file
/// stays as it is; a file that is not there yet is begun.
pub fn expect_finding(path: &Path, finding: &Finding, reason: &str) -> Result<(), KnownFileError> {
    change(path, |text| KnownLeaks::text_with(text, finding.fingerprint, &finding.owner, reason))
}

/// Takes back what the file at `path` says of `fingerprint`.
pub fn no_longer_expect(path: &Path, fingerprint: Fingerprint) -> Result<(), KnownFileError> {
    if !path.exists() {
        return Ok(());
    }
    change(path, |text| KnownLeaks::text_without(text, fingerprint))
}

/// Writes the file anew: all of it, or nothing.
fn change(path: &Path, edit: impl FnOnce(&str) -> String) -> Result<(), KnownFileError> {
    let text = match std::fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        read => read.map_err(|error| KnownFileError::Read { path: path.to_owned(), error })?,
    };
    // A file that cannot be read as such is somebody else's.
    KnownLeaks::parse(&text).map_err(|error| KnownFileError::Content { path: path.to_owned(), error })?;
    let draft = path.with_extension("txt.new");
    let written = std::fs::write(&draft, edit(&text)).and_then(|()| std::fs::rename(&draft, path));
    written.map_err(|error| {
        // Nothing more can be done about a draft that cannot be removed either.
        let _ = std::fs::remove_file(&draft);
        KnownFileError::Write { path: path.to_owned(), error }
    })
}
