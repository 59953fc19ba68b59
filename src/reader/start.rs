//! The first bytes of a file: enough to tell what it is.

use super::error::ReadError;
use super::files::{inspect, open};
use super::source::{Compression, unpacked_start};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

/// How much of the text is read for a look. Headers have one or two thousand bytes.
const LOOK: u64 = 256 << 10;

/// The first bytes of a file, unpacked: enough to tell what it is, and read in no time whatever its
/// size.
#[derive(Debug, Clone)]
pub struct Start {
    /// What the text begins with; empty for a file that can be read only once, such as a pipe.
    pub text: Vec<u8>,
    /// How the file is packed, if it is.
    pub compression: Option<Compression>,
    /// Size of the file in bytes, as it lies on disk.
    pub file_size: u64,
    /// The last bytes of the file.
    pub(super) end: [u8; 4],
    /// Whether `text` is all there is.
    pub(super) is_whole: bool,
}

impl Start {
    /// The start of the file at `path`.
    pub fn of_file(path: &Path) -> Result<Self, ReadError> {
        let metadata = inspect(path)?;
        let file_size = metadata.len();
        let (mut start, mut end) = (Vec::new(), [0; 4]);
        // What comes through a pipe could be looked at only once.
        if metadata.is_file() {
            let mut file = open(path)?;
            let read = file.by_ref().take(LOOK).read_to_end(&mut start);
            let read = read.and_then(|len| match len {
                0..4 => Ok(()),
                _ => file.seek(SeekFrom::End(-4)).and_then(|_| file.read_exact(&mut end)),
            });
            read.map_err(|source| ReadError::Io { action: "read the file", source })?;
        }
        let is_whole = start.len() as u64 == file_size && metadata.is_file();
        Ok(Self::new(start, end, file_size, is_whole))
    }

    /// The start of a file that is in memory.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        let start = usize::try_from(LOOK).ok().and_then(|look| bytes.get(..look)).unwrap_or(bytes);
        let end = bytes.last_chunk().copied().unwrap_or_default();
        Self::new(start.to_vec(), end, bytes.len() as u64, start.len() == bytes.len())
    }

    fn new(mut text: Vec<u8>, end: [u8; 4], file_size: u64, mut is_whole: bool) -> Self {
        let compression = Compression::of(&text);
        if let Some(compression) = compression {
            text = unpacked_start(compression, &text, LOOK);
            is_whole = false;
        }
        Self { text, compression, file_size, end, is_whole }
    }
}
