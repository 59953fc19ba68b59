//! Opening a file: read, analyze, hand over.

use super::Snapshot;
use crate::analysis::Heap;
use crate::progress::{Cancelled, Progress};
use crate::reader::{self, ReadError};
use std::path::{Path, PathBuf};

/// Why a file could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Given up on request; not an error to show.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The file.
    #[error(transparent)]
    Read(ReadError),
    /// A mistake of ours, caught.
    #[error("opening this file failed because of a mistake in Heapglass: {0}")]
    Panicked(String),
}

impl From<ReadError> for OpenError {
    fn from(e: ReadError) -> Self {
        match e {
            ReadError::Cancelled(c) => Self::Cancelled(c),
            e => Self::Read(e),
        }
    }
}

/// Opens the snapshot at `path` and computes every fact about it.
pub fn open(path: &Path, progress: &Progress) -> Result<Snapshot, OpenError> {
    let read = reader::read_file(path, progress)?;
    let heap = Heap::analyze(read.graph, progress)?;
    let name = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(Snapshot { name, path: path.to_owned(), file_size: read.file_size, warnings: read.warnings, heap })
}

/// Opens a snapshot that is in memory, under the name `name`.
pub fn open_bytes(name: &str, bytes: &[u8], progress: &Progress) -> Result<Snapshot, OpenError> {
    let read = reader::read_bytes(bytes, progress)?;
    let heap = Heap::analyze(read.graph, progress)?;
    Ok(Snapshot {
        name: name.to_owned(),
        path: PathBuf::new(),
        file_size: read.file_size,
        warnings: read.warnings,
        heap,
    })
}
