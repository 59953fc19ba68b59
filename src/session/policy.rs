//! How far opening may go: one rule for the window and the command line.

use crate::measure::available_bytes;
use crate::progress::Cancelled;
use crate::reader::{ReadError, ReadOptions};
use crate::units;
use std::path::PathBuf;

/// What is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file, packed or not; or a pipe, which can be read only once.
    File(PathBuf),
    /// Bytes that are part of the program.
    Bytes(&'static [u8]),
}

/// How careful opening is about memory.
#[derive(Debug, Clone, Copy)]
pub struct OpenPolicy {
    /// Open what seems to need more memory than is free, or unpacks to more than such files do.
    pub is_forced: bool,
    /// Tells how many bytes of memory are free, if that can be known.
    pub free_memory: fn() -> Option<u64>,
    /// How many of these are promised to other documents that are being opened.
    pub promised: u64,
}

impl Default for OpenPolicy {
    fn default() -> Self {
        Self { is_forced: false, free_memory: available_bytes, promised: 0 }
    }
}

impl OpenPolicy {
    /// Opens whatever the user insists on.
    pub fn forced() -> Self {
        Self { is_forced: true, ..Self::default() }
    }

    /// The most memory that opening may take; `None` for any.
    pub fn memory_limit(&self) -> Option<u64> {
        if self.is_forced { None } else { (self.free_memory)().map(|free| free.saturating_sub(self.promised)) }
    }

    /// The same, for the reader of snapshots.
    pub fn read_options(&self) -> ReadOptions {
        let unpacked_limit = self.is_forced.then_some(u64::MAX);
        ReadOptions { memory_limit: self.memory_limit(), unpacked_limit, ..ReadOptions::default() }
    }
}

/// Why a document could not be opened.
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
        "opening this file needs about {} of memory, but only {} are free beside the files that are being opened",
        units::bytes(*.needed),
        units::bytes(*.left)
    )]
    NeedsMemoryBesideOthers {
        /// Estimated bytes.
        needed: u64,
        /// Bytes left.
        left: u64,
    },
    /// A document, but of a kind that cannot answer what was asked.
    #[error("this is a {found}, but a {expected} is needed here")]
    OtherKind {
        found: &'static str,
        /// What was needed.
        expected: &'static str,
    },
    /// A folder or a pattern that leads to nothing, or to too much.
    #[error(transparent)]
    Files(#[from] FilesError),
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

impl OpenError {
    /// Whether only caution kept the file out, so that it can be opened all the same.
    pub fn can_be_forced(&self) -> bool {
        matches!(
            self,
            Self::NeedsMemoryBesideOthers { .. }
                | Self::Read(ReadError::NeedsMemory { .. } | ReadError::UnpacksTooLarge { .. })
        )
    }
}

/// Why a folder or a pattern opens nothing.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// The system refuses it.
    #[error("cannot read the folder: {0}")]
    Unreadable(std::io::Error),
    /// A folder without a document.
    #[error("there is nothing to open in this folder; expected {expected}")]
    EmptyFolder {
        /// Which files would be.
        expected: String,
    },
    /// A pattern without a match.
    #[error("no file matches this pattern; check the spelling, and what the folder holds")]
    NoMatch,
    /// Not a pattern.
    #[error("this pattern cannot be understood: {0}")]
    BadPattern(String),
    /// More than anybody would want to open at once.
    #[error("{found} files are too many to open at once; name at most {limit}")]
    TooMany {
        found: usize,
        /// How many may be opened.
        limit: usize,
    },
    /// Several where one is needed.
    #[error("this stands for {found} files, but one is needed here; name one of them")]
    Several { found: usize },
}
