//! Opening a file: read, analyze, hand over.

use super::Snapshot;
use crate::analysis::Heap;
use crate::progress::{Cancelled, Progress};
use crate::reader::{self, ReadError, ReadOptions};
use crate::units;
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
    /// More memory than is left beside the files that are being opened.
    #[error(
        "opening this file takes about {} of memory, and beside the files that are being opened there are {}",
        units::bytes(*.needed),
        units::bytes(*.left)
    )]
    NeedsMemoryBesideOthers {
        /// Estimated bytes.
        needed: u64,
        /// Bytes left.
        left: u64,
    },
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
    open_with(path, &ReadOptions::default(), progress)
}

/// Opens the snapshot at `path`, as far as `options` allow, and computes every fact about it.
pub fn open_with(path: &Path, options: &ReadOptions, progress: &Progress) -> Result<Snapshot, OpenError> {
    let read = reader::read_file_with(path, options, progress)?;
    let heap = Heap::analyze(read.graph, progress)?;
    reader::give_back_free_memory();
    let name = snapshot_name(path);
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

/// What a snapshot is called after its file: the file's name without the endings that say what
/// kind of file it is, `a` for `a.heapsnapshot.gz`.
pub fn snapshot_name(path: &Path) -> String {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let without = |name: &str, endings: &[&str]| {
        let shorter = endings.iter().find_map(|e| name.strip_suffix(e)).filter(|rest| !rest.is_empty());
        shorter.unwrap_or(name).to_owned()
    };
    let unpacked = without(&name, &[".gz", ".zst"]);
    let bare = without(&unpacked, &[".heapsnapshot", ".heaptimeline", ".heapprofile"]);
    // Of other files the last ending goes, as DevTools does it.
    let stem = Path::new(&bare).file_stem().map(|s| s.to_string_lossy().into_owned());
    if bare == unpacked { stem.unwrap_or(bare) } else { bare }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snapshots_are_called_after_their_files() {
        for (file, name) in [
            ("/tmp/a.heapsnapshot", "a"),
            ("b.node24.0-start.heapsnapshot.gz", "b.node24.0-start"),
            ("c.heaptimeline.zst", "c"),
            ("d.json", "d"),
            ("e.json.gz", "e"),
            ("no ending", "no ending"),
            (".heapsnapshot", ".heapsnapshot"),
        ] {
            assert_eq!(snapshot_name(Path::new(file)), name);
        }
    }
}
