//! A look at the beginning of a file: what it is, how large, and what opening it will take.

use super::document;
use super::error::ReadError;
use super::estimate::Known;
use super::meta::Header;
use super::recognize::{self, Compression};
use super::{compressed, inspect, open};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

/// How much of the text is read for a look. Headers have one or two thousand bytes.
const LOOK: u64 = 256 << 10;

/// What the beginning of a file tells.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Peek {
    /// Size of the file in bytes, as it lies on disk.
    pub file_size: u64,
    /// How it is packed, if it is.
    pub compression: Option<Compression>,
    /// The number of nodes the header claims.
    pub node_count: Option<u64>,
    /// The number of edges the header claims.
    pub edge_count: Option<u64>,
    /// The engines that write such headers, as far as one can tell.
    pub written_by: Option<&'static str>,
    /// About how many bytes opening the file takes at most, with all facts about it.
    pub estimated_memory: u64,
}

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
    end: [u8; 4],
    /// Whether `text` is all there is.
    is_whole: bool,
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
            text = compressed::unpacked_start(compression, &text, LOOK);
            is_whole = false;
        }
        Self { text, compression, file_size, end, is_whole }
    }
}

/// Looks at the file at `path`; takes milliseconds whatever its size. An error if it is no heap
/// snapshot; a snapshot that is damaged further on shows only when it is read.
pub fn peek(path: &Path) -> Result<Peek, ReadError> {
    Peek::of(&Start::of_file(path)?)
}

/// The same for a snapshot that is in memory.
pub fn peek_bytes(bytes: &[u8]) -> Result<Peek, ReadError> {
    Peek::of(&Start::of_bytes(bytes))
}

impl Peek {
    /// What the start of a file tells. An error if it is no heap snapshot.
    pub fn of(start: &Start) -> Result<Self, ReadError> {
        let Start { ref text, compression, file_size, end, is_whole } = *start;
        if is_whole || !text.is_empty() {
            recognize::refuse_start(text, compression)?;
        }
        let header = document::header_of_start(text);
        if header.is_none() {
            recognize::refuse_object(text, compression)?;
        }
        let node_count = header.as_ref().and_then(|h| h.node_count);
        let edge_count = header.as_ref().and_then(|h| h.edge_count);
        let counts = node_count.zip(edge_count);
        // gzip ends with the size of the text, or of its last part.
        let unpacked = (compression == Some(Compression::Gzip)).then(|| u32::from_le_bytes(end).into());
        let known = match compression {
            Some(_) => Known::packed(file_size, unpacked, counts),
            None => Known::mapped(file_size, counts),
        };
        Ok(Self {
            file_size,
            compression,
            node_count,
            edge_count,
            written_by: header.as_ref().and_then(written_by),
            estimated_memory: known.memory(),
        })
    }
}

/// Which engines write headers like this one. The file never says it.
fn written_by(header: &Header) -> Option<&'static str> {
    let nodes = &header.nodes;
    let location_width = header.locations.as_ref().map(|l| l.width);
    Some(match (nodes.types.listed, location_width) {
        _ if header.scopes.is_some() => "Chromium 156 or later",
        (_, Some(5)) => "V8 15 (Deno 2.9, Chromium)",
        (12, _) => "V8 3 to 6 (Node 0.12 to 8)",
        (14, None) => "V8 6.8 (Node 10)",
        (14, Some(_)) if nodes.detachedness.is_none() => "V8 7.8 or 8.4 (Node 12 or 14)",
        (14, Some(_)) => "V8 9.4 or 10.2 (Node 16 or 18)",
        (16, Some(_)) => "V8 11.3 (Node 20)",
        (15, Some(_)) if header.has_extra_native_bytes => "V8 13 or later (Node 24 or later)",
        (15, Some(_)) => "V8 11.8 to 12.9 (Node 21 to 23), or Bun",
        _ => return None,
    })
}
