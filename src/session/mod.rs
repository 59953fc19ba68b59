//! What is open. Knows files and threads, knows no front end.

#[cfg(feature = "app")]
pub mod job;
pub mod known;
pub mod load;
#[cfg(feature = "app")]
mod opened;
#[cfg(feature = "app")]
mod reservations;

pub use load::{OpenError, open, open_bytes, open_with, snapshot_name};
#[cfg(feature = "app")]
pub use opened::{Entry, OpenSnapshot, Origin, Refusal, Session, SessionEvent, SnapshotId};

use crate::analysis::Heap;
use crate::reader::Warning;
use std::path::PathBuf;

/// An opened file: immutable, shared by `Arc`, independent of the file it came from.
#[derive(Debug)]
pub struct Snapshot {
    /// The file name, without its extension.
    pub name: String,
    /// Where it came from; empty for one that is part of the program.
    pub path: PathBuf,
    /// Size of the file in bytes, as it lies on disk.
    pub file_size: u64,
    /// What was odd about the file.
    pub warnings: Vec<Warning>,
    /// Graph, facts, answers.
    pub heap: Heap,
}
