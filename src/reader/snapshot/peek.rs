//! A look at the beginning of a file: what it is, how large, and what opening it will take.

use super::document;
use super::estimate::Known;
use super::header::Header;
use crate::reader::error::ReadError;
use crate::reader::recognize;
use crate::reader::source::Compression;
use crate::reader::start::Start;
use std::path::Path;

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
    /// What the start of a file tells. An error if it is not a heap snapshot.
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
