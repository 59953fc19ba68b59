//! Profiles of allocations → [`Stacks`]: V8's `.heapprofile`, pprof's protocol buffers, collapsed stacks; plain, gzip
//! or zstd.
//!
//! Formats are told apart by their contents alone ([`recognize`]). A `.heapprofile` is JSON that nests as deeply as
//! stacks are long; it is read in one pass without recursion, and memory of the file is given back behind the reader
//! ([`heapprofile`]). What is damaged is refused by saying where and why, but for samples, without which a profile is
//! whole enough.

mod collapsed;
mod heapprofile;
mod pprof;
mod recognize;
mod wire;

pub use recognize::profile_format;

use super::error::{ReadError, Warning};
use super::files::{inspect, open};
use super::input::Input;
use super::source::{self, Compression, Mapping, Trouble};
use super::{LIMIT_OF_PIPES, ReadOptions};
use crate::profile::{Format, Stacks};
use crate::progress::Progress;
use std::io::Read as _;
use std::path::Path;

/// A profile, read.
#[derive(Debug)]
pub struct ReadProfile {
    /// The stacks; every index in them is in range.
    pub stacks: Stacks,
    /// What was odd.
    pub warnings: Vec<Warning>,
    /// Size of the file in bytes, as it lies on disk.
    pub file_size: u64,
}

/// Reads the profile at `path`, as far as `options` allow.
pub fn read_profile_file(path: &Path, options: &ReadOptions, progress: &Progress) -> Result<ReadProfile, ReadError> {
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
    let limit = options.unpacked_limit.unwrap_or(LIMIT_OF_PIPES);
    let mut bytes = Vec::new();
    let read = file.take(limit).read_to_end(&mut bytes);
    read.map_err(|source| ReadError::Io { action: "read the file", source })?;
    if bytes.len() as u64 == limit {
        return Err(ReadError::TooLarge(format!(
            "this is not a file of known size, and it has more than {limit} bytes"
        )));
    }
    read_profile_bytes(&bytes, options, progress)
}

/// Reads a profile that is in memory.
pub fn read_profile_bytes(bytes: &[u8], options: &ReadOptions, progress: &Progress) -> Result<ReadProfile, ReadError> {
    read_all(bytes, None, options, progress)
}

fn read_all(
    bytes: &[u8],
    mapping: Option<&Mapping>,
    options: &ReadOptions,
    progress: &Progress,
) -> Result<ReadProfile, ReadError> {
    let stage = progress.stage_of_all_threads("Reading", super::WEIGHT_READ, super::WEIGHT_ALL);
    let file_size = bytes.len() as u64;
    let compression = Compression::of(bytes);
    let mut input = Input { compression, mapping, ..options.input(bytes, &stage) };
    let unpacked;
    if let Some(compression) = compression {
        let limit = options.unpacked_limit.unwrap_or_else(|| file_size.saturating_mul(100).max(1 << 30));
        let _part = stage.part("Unpacking");
        unpacked = source::unpack(compression, bytes, limit, &stage)?;
        input.text = &unpacked.text;
        input.trouble = unpacked.trouble;
        input.mapping = None;
    }
    check_memory(&input)?;
    let mut warnings = Vec::new();
    let stacks = match recognize::format_of(input.text, compression)? {
        Format::Pprof => pprof::read(&input, &mut warnings)?,
        Format::Collapsed => collapsed::read(&input, &mut warnings)?,
        Format::HeapProfile | Format::Timeline => heapprofile::read(&input, &mut warnings)?,
    };
    match input.trouble {
        Some(Trouble::BadChecksum(message) | Trouble::BreaksOff(message) | Trouble::Trailing(message)) => {
            warnings.push(Warning::new("file", message));
        }
        None => {}
    }
    Ok(ReadProfile { stacks, warnings, file_size })
}

/// A node of a profile takes a third of its text, and its tree as much again.
fn check_memory(input: &Input<'_>) -> Result<(), ReadError> {
    let needed = input.text.len() as u64;
    match input.memory_limit {
        Some(limit) if needed > limit => Err(ReadError::NeedsMemory { needed, limit }),
        _ => Ok(()),
    }
}

/// The refusal of files with more functions, texts or nodes than there are numbers.
fn too_many(what: &str) -> ReadError {
    ReadError::TooLarge(format!("there are more {what} than 32 bits can count"))
}
