//! `.heapsnapshot` bytes → [`HeapGraph`]. Knows JSON, knows no meaning.

mod error;

pub use error::{ReadError, Warning};

use crate::graph::HeapGraph;
use crate::progress::Progress;
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
    let _stage = progress.stage("Reading", WEIGHT_READ, WEIGHT_ALL);
    let io = |action: &'static str| move |source: std::io::Error| ReadError::Io { action, source };
    let text = std::fs::read_to_string(path).map_err(io("read the file"))?;
    let graph = crate::testing::read_slowly(&text);
    Ok(Read { graph, warnings: Vec::new(), file_size: text.len() as u64 })
}
