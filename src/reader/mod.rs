//! `.heapsnapshot` bytes → [`HeapGraph`]. Knows JSON, knows no meaning.
//!
//! # The format
//!
//! One JSON object. `snapshot` says how wide the rows of every other section are and where each
//! field stands in them; `nodes` and `edges` are flat arrays of numbers, the edges of a node
//! following those of the node before it; `strings` holds every name. The rest (`locations`,
//! `samples`, `trace_*`, `scope*`) is optional. Engines differ in the order of the keys, in white
//! space and in the fields they write, so nothing of that is taken for granted.
//!
//! # How it is read
//!
//! [`document`] walks the top-level keys; `nodes` and `edges` are turned into columns by several
//! threads ([`chunks`], [`nodes`], [`edges`], [`numbers`]), strings are decoded into one block
//! ([`strings`]), the rest is small ([`sections`]). Then every index is checked against what it
//! points into, so that nothing after the reader has to.
#![warn(clippy::cast_possible_truncation)]

mod assemble;
mod chunks;
mod document;
mod edges;
mod error;
mod input;
mod mapping;
mod meta;
mod nodes;
mod numbers;
mod scan;
mod sections;
mod strings;

pub use error::{ReadError, Warning};

use crate::graph::HeapGraph;
use crate::progress::Progress;
use input::Input;
use mapping::Mapping;
use std::fs::File;
use std::path::Path;

/// A file, read.
#[derive(Debug)]
pub struct Read {
    /// The graph, checked: every index in it is in range.
    pub graph: HeapGraph,
    /// What was odd.
    pub warnings: Vec<Warning>,
    /// Size of the file in bytes, as it lies on disk.
    pub file_size: u64,
}

/// Weights of the stages of opening a file; reading is the part up to [`WEIGHT_READ`].
pub const WEIGHT_READ: u32 = 40;
/// The weight of reading and analyzing together.
pub const WEIGHT_ALL: u32 = 100;

/// Reads the snapshot at `path`.
pub fn read_file(path: &Path, progress: &Progress) -> Result<Read, ReadError> {
    let io = |action: &'static str| move |source: std::io::Error| ReadError::Io { action, source };
    let file = File::open(path).map_err(io("open the file"))?;
    let file_size = file.metadata().map_err(io("ask for the size of the file"))?.len();
    let mapping = Mapping::new(&file, path)?;
    let stage = progress.stage("Reading", WEIGHT_READ, WEIGHT_ALL);
    let (graph, warnings) = document::read(&Input::new(mapping.bytes(), &stage))?;
    Ok(Read { graph, warnings, file_size })
}

/// Reads a snapshot that is in memory.
pub fn read_bytes(bytes: &[u8], progress: &Progress) -> Result<Read, ReadError> {
    let stage = progress.stage("Reading", WEIGHT_READ, WEIGHT_ALL);
    let (graph, warnings) = document::read(&Input::new(bytes, &stage))?;
    Ok(Read { graph, warnings, file_size: bytes.len() as u64 })
}
