//! Files on disk, before anything is known of what is in them.

use super::error::ReadError;
use super::recognize;
use std::fs::{File, Metadata};
use std::path::Path;

/// What is at `path`, unless it is a folder.
pub(super) fn inspect(path: &Path) -> Result<Metadata, ReadError> {
    let metadata = std::fs::metadata(path).map_err(|source| ReadError::Io { action: "open the file", source })?;
    if metadata.is_dir() {
        return Err(recognize::not_a_snapshot("a folder", None, "choose a .heapsnapshot file in it"));
    }
    Ok(metadata)
}

/// Opens the file at `path` for reading.
pub(super) fn open(path: &Path) -> Result<File, ReadError> {
    File::open(path).map_err(|source| ReadError::Io { action: "open the file", source })
}
