//! Bytes → [`HeapGraph`]. Knows formats, knows no meaning.
//!
//! A format is a folder: [`snapshot`], [`profile`]. Below formats lie tokens of JSON
//! ([`json`]), arrays of numbers and the vector instructions that read them ([`numbers`]), and where
//! text comes from ([`source`]): a mapped file, a packed one, another thread. [`start`] looks at the
//! first bytes of a file, [`recognize`] names what is no snapshot.
#![warn(clippy::cast_possible_truncation)]

mod error;
mod files;
mod input;
mod json;
mod numbers;
mod profile;
mod recognize;
mod snapshot;
mod source;
mod start;
mod touch;

pub use error::{ReadError, Warning};
pub use profile::{ReadProfile, profile_format, read_profile_bytes, read_profile_file};
pub use snapshot::{Peek, peek, peek_bytes};
pub use source::{BlockChannel, BlockSender, BlockSource, Compression, block_channel};
pub use start::Start;
pub use touch::touch_every_byte;

use crate::graph::HeapGraph;
use crate::progress::{Progress, Stage};
use files::{inspect, open};
use input::Input;
use numbers::Kernel;
use source::{Mapping, Trouble};
use std::io::Read as _;
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

/// How far reading may go.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// The most bytes a packed file may unpack to; `None` for a hundred times its size, or a
    /// gigabyte if that is more, which no snapshot passes.
    pub unpacked_limit: Option<u64>,
    /// The most memory that opening may take, as estimated from the header; `None` for any.
    pub memory_limit: Option<u64>,
    /// Bytes of text that are one piece of work: small enough to stay in the second-level cache and
    /// to poll for cancelling often, large enough that claiming one costs nothing beside it.
    pub chunk_size: usize,
    /// Leave the processor's vector instructions alone: slower, and the same.
    pub portable: bool,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { unpacked_limit: None, memory_limit: None, chunk_size: 128 << 10, portable: false }
    }
}

/// Weights of the stages of opening a file; reading is the part up to [`WEIGHT_READ`].
pub const WEIGHT_READ: u32 = 40;
/// The weight of reading and analyzing together.
pub const WEIGHT_ALL: u32 = 100;

/// Reads the snapshot at `path`.
pub fn read_file(path: &Path, progress: &Progress) -> Result<Read, ReadError> {
    read_file_with(path, &ReadOptions::default(), progress)
}

/// Reads the snapshot at `path`, as far as `options` allow. Nothing refers to the file afterwards.
pub fn read_file_with(path: &Path, options: &ReadOptions, progress: &Progress) -> Result<Read, ReadError> {
    let metadata = inspect(path)?;
    let file = open(path)?;
    if metadata.is_file() && metadata.len() > 0 {
        let mapping = Mapping::new(file)?;
        let read = read_all(mapping.bytes(), Some(&mapping), options, progress);
        if !matches!(read, Err(ReadError::Cancelled(_))) {
            mapping.check()?;
        }
        return read;
    }
    // A pipe or the like cannot be mapped, and may have no end.
    let limit = options.unpacked_limit.unwrap_or(LIMIT_OF_PIPES);
    let mut bytes = Vec::new();
    let read = file.take(limit).read_to_end(&mut bytes);
    read.map_err(|source| ReadError::Io { action: "read the file", source })?;
    if bytes.len() as u64 == limit {
        return Err(ReadError::TooLarge(format!(
            "this is not a file of known size, and it has more than {limit} bytes"
        )));
    }
    read_bytes_with(&bytes, options, progress)
}

/// How much is read from what has no size.
const LIMIT_OF_PIPES: u64 = 8 << 30;

/// Reads a snapshot that is in memory.
pub fn read_bytes(bytes: &[u8], progress: &Progress) -> Result<Read, ReadError> {
    read_bytes_with(bytes, &ReadOptions::default(), progress)
}

/// Reads a snapshot that is in memory, as far as `options` allow.
pub fn read_bytes_with(bytes: &[u8], options: &ReadOptions, progress: &Progress) -> Result<Read, ReadError> {
    read_all(bytes, None, options, progress)
}

/// Reads a snapshot from text that comes block by block, in order and only once, as a running process
/// sends it: while it comes, and without ever having all of it in memory. At most
/// [`ReadOptions::unpacked_limit`] bytes are taken, by default 8 GiB. Odd snapshots that could be read
/// from a file are refused.
pub fn read_blocks(source: impl BlockSource, options: &ReadOptions, progress: &Progress) -> Result<Read, ReadError> {
    let stage = progress.stage_of_all_threads("Reading", WEIGHT_READ, WEIGHT_ALL);
    let input = options.input(&[], &stage);
    let limit = options.unpacked_limit.unwrap_or(LIMIT_OF_PIPES);
    let (graph, warnings, file_size) = snapshot::read_arriving(&input, source, limit)?;
    Ok(Read { graph, warnings, file_size })
}

impl ReadOptions {
    fn input<'i>(&self, text: &'i [u8], stage: &'i Stage) -> Input<'i> {
        let kernel = if self.portable { Kernel::Portable } else { Kernel::fastest() };
        Input { memory_limit: self.memory_limit, ..Input::new(text, self.chunk_size, kernel, stage) }
    }
}

/// Unpacks `bytes`, which `mapping` holds if they are a file, and reads what comes out.
fn read_all(
    bytes: &[u8],
    mapping: Option<&Mapping>,
    options: &ReadOptions,
    progress: &Progress,
) -> Result<Read, ReadError> {
    let stage = progress.stage_of_all_threads("Reading", WEIGHT_READ, WEIGHT_ALL);
    let file_size = bytes.len() as u64;
    let compression = Compression::of(bytes);
    let mut input = Input { compression, mapping, ..options.input(bytes, &stage) };
    let unpacked;
    if let Some(compression) = compression {
        let limit = options.unpacked_limit.unwrap_or_else(|| file_size.saturating_mul(100).max(1 << 30));
        if let Some(graph) = snapshot::read_packed(&input, compression, limit)? {
            return Ok(Read { graph, warnings: Vec::new(), file_size });
        }
        let _part = stage.part("Unpacking");
        unpacked = source::unpack(compression, bytes, limit, &stage)?;
        input.text = &unpacked.text;
        input.trouble = unpacked.trouble;
        input.mapping = None;
    }
    let (graph, mut warnings) = snapshot::read(&input)?;
    match input.trouble {
        Some(Trouble::BadChecksum(message) | Trouble::BreaksOff(message) | Trouble::Trailing(message)) => {
            warnings.push(Warning::new("file", message));
        }
        None => {}
    }
    Ok(Read { graph, warnings, file_size })
}

/// The whole text of the file at `path`, unpacked if it is packed, for formats that are read from
/// memory: at most `limit` bytes. What is wrong with the packing is an error only if nothing comes out.
pub fn read_text(path: &Path, limit: u64, stage: &Stage) -> Result<Vec<u8>, ReadError> {
    let metadata = inspect(path)?;
    let too_large = || ReadError::TooLarge(format!("this file has more than {limit} bytes of text"));
    if metadata.is_file() && metadata.len() > limit {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    let read = open(path)?.take(limit.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|source| ReadError::Io { action: "read the file", source })?;
    if bytes.len() as u64 > limit {
        return Err(too_large());
    }
    match Compression::of(&bytes) {
        Some(compression) => Ok(source::unpack(compression, &bytes, limit, stage)?.text),
        None => Ok(bytes),
    }
}
