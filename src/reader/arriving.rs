//! Reading a packed file while it is being unpacked: one thread unpacks, the others turn what is
//! there already into columns. The whole text is in memory at no time.
//!
//! This is for the usual file: the header, nodes, edges, then everything else, and nothing wrong
//! with any of it. Whatever is not like that is left to the reader that has the whole text before
//! it, which knows what to say of it.

use super::compressed::{Unpacker, unpack_blocks};
use super::document::{self, Sections};
use super::edges;
use super::error::ReadError;
use super::estimate::Known;
use super::input::Input;
use super::meta::Header;
use super::nodes;
use super::numbers::PADDING;
use super::recognize::{self, Compression};
use crate::graph::HeapGraph;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Blocks that may wait to be read: enough to bridge a pause of either side.
const BLOCKS_AHEAD: usize = 8;

/// Bytes left free before the text of a block, for what is left of the block before it: less than
/// a row, and [`PADDING`].
pub(super) const HEADROOM: usize = 1 << 10;

/// Where the header and the beginning of the nodes must stand.
const HEAD: usize = 1 << 20;

/// Where the name of the section after the nodes must stand.
const BETWEEN: usize = 4 << 10;

/// The text that has come and was not read yet.
#[derive(Debug)]
pub(super) struct Arriving(Mutex<Arrived>);

#[derive(Debug)]
pub(super) struct Arrived {
    blocks: Receiver<Vec<u8>>,
    /// What came; all before `from` was read.
    bytes: Vec<u8>,
    from: usize,
    /// Nothing more comes; `PADDING` zeros follow the text.
    is_all: bool,
}

impl Arriving {
    fn new(blocks: Receiver<Vec<u8>>) -> Self {
        Self(Mutex::new(Arrived { blocks, bytes: Vec::new(), from: 0, is_all: false }))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Arrived> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Arrived {
    /// Waits until `wanted` bytes are there, or all there are.
    pub(super) fn wait_for(&mut self, wanted: usize) {
        while !self.is_all && self.bytes.len() - self.from < wanted {
            match self.blocks.recv() {
                Ok(block) => self.append(block),
                Err(_none_left) => {
                    self.is_all = true;
                    self.bytes.extend([0; PADDING]);
                }
            }
        }
    }

    fn append(&mut self, mut block: Vec<u8>) {
        let left = &self.bytes[self.from..];
        match HEADROOM.checked_sub(left.len()) {
            Some(from) => {
                block[from..HEADROOM].copy_from_slice(left);
                (self.bytes, self.from) = (block, from);
            }
            None => self.bytes.extend_from_slice(&block[HEADROOM..]),
        }
    }

    /// Whether nothing more comes.
    pub(super) fn is_all(&self) -> bool {
        self.is_all
    }

    /// What is there, and how much of it [`PADDING`] bytes follow.
    pub(super) fn text(&self) -> (&[u8], usize) {
        let text = &self.bytes[self.from..];
        (text, text.len() - PADDING.min(text.len()))
    }

    /// Takes the next `len` bytes of the text. They stand in the answer from its second part on,
    /// and what follows them follows there too.
    pub(super) fn take(&mut self, len: usize) -> (Vec<u8>, usize) {
        let left = self.bytes[self.from + len..].to_vec();
        let from = std::mem::take(&mut self.from);
        (std::mem::replace(&mut self.bytes, left), from)
    }

    /// Passes `len` bytes of what is there.
    pub(super) fn pass(&mut self, len: usize) {
        self.from += len;
    }

    /// Takes all the text that has not been read, to its end.
    fn take_all(&mut self) -> Vec<u8> {
        self.wait_for(usize::MAX);
        let text = self.bytes.len() - PADDING;
        self.bytes.truncate(text);
        self.bytes.drain(..std::mem::take(&mut self.from));
        std::mem::take(&mut self.bytes)
    }
}

/// Reads the packed text of `input`, of which no more than `limit` bytes may come out. Nothing if
/// that is not the way to read it.
pub(super) fn read(input: &Input<'_>, compression: Compression, limit: u64) -> Result<Option<HeapGraph>, ReadError> {
    let packed = input.text;
    if packed.len() < input.chunk_size {
        return Ok(None);
    }
    std::thread::scope(|scope| {
        let (blocks, arriving) = sync_channel(BLOCKS_AHEAD);
        let unpack = move || {
            let source = Unpacker::new(compression, packed);
            unpack_blocks(source, input.chunk_size, HEADROOM, limit, input.stage, |block| blocks.send(block).is_ok())
        };
        let thread = std::thread::Builder::new().name("unpack".into()).spawn_scoped(scope, unpack);
        let Ok(thread) = thread else { return Ok(None) };
        let read = read_arriving(input, Arriving::new(arriving), compression, limit);
        // What was read is dropped, and with it the other end, for which the thread may wait.
        let is_sound = thread.join().unwrap_or(false);
        match read {
            Err(e @ ReadError::Cancelled(_)) => Err(e),
            // Of what is wrong the other reader says more.
            Err(_) | Ok(None) => Ok(None),
            Ok(graph) => Ok(graph.filter(|_| is_sound)),
        }
    })
}

fn read_arriving(
    input: &Input<'_>,
    arriving: Arriving,
    compression: Compression,
    limit: u64,
) -> Result<Option<HeapGraph>, ReadError> {
    let mut warnings = Vec::new();
    let Some(header) = read_head(input, &arriving, compression)? else { return Ok(None) };
    let counts = header.node_count.zip(header.edge_count);
    let needed = Known::packed(input.text.len() as u64, None, counts).memory();
    if input.memory_limit.is_some_and(|limit| needed > limit) {
        return Ok(None);
    }
    let part = Input { text: &[], arriving: Some((&arriving, limit)), ..input.like() };
    let nodes = {
        let _part = input.stage.part("Reading nodes");
        nodes::read(&part, 0, &header, &mut warnings)?.0
    };
    if !arriving.lock().pass_to("edges") {
        return Ok(None);
    }
    let edges = {
        let _part = input.stage.part("Reading edges");
        edges::read(&part, 0, &header, &mut warnings)?.0
    };
    let rest = arriving.lock().take_all();
    drop(arriving);
    let rest = Input { text: &rest, compression: None, ..input.like() };
    let sections = Sections { nodes: Some(nodes), edges: Some(edges), ..Sections::default() };
    let graph = document::read_rest(&rest, &header, sections, &mut warnings)?;
    // A warning may be about what the other reader sees better.
    Ok(Some(graph).filter(|_| warnings.is_empty()))
}

/// Reads the text up to the first node, which must come right after the header.
fn read_head(input: &Input<'_>, arriving: &Arriving, compression: Compression) -> Result<Option<Header>, ReadError> {
    let mut arrived = arriving.lock();
    let mut wanted = 1;
    loop {
        input.stage.check()?;
        arrived.wait_for(wanted);
        let (text, _) = arrived.text();
        if let Some((header, start)) = document::header_before_nodes(text) {
            recognize::refuse_start(text, Some(compression))?;
            arrived.pass(start);
            return Ok(Some(header));
        }
        if arrived.is_all || text.len() >= HEAD {
            return Ok(None);
        }
        wanted = text.len() + 1;
    }
}

impl Arrived {
    /// Passes the end of a section and the beginning of the next one, if that is `section`, and an
    /// array.
    fn pass_to(&mut self, section: &str) -> bool {
        self.wait_for(BETWEEN);
        let (text, _) = self.text();
        let start = document::start_of_next(&text[..text.len().min(BETWEEN)], section);
        self.pass(start.unwrap_or(0));
        start.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Read, ReadOptions, read_bytes_with};
    use super::*;
    use crate::generate::{Recipe, Shape, write_snapshot};
    use crate::progress::{Progress, Stage};
    use crate::reader::numbers::Kernel;
    use crate::testing::{Random, SnapshotBuilder, gzip_at, read_slowly};

    /// Packed, but as long as before: each chunk of it arrives by itself.
    fn gzip(text: &[u8]) -> Vec<u8> {
        gzip_at(flate2::Compression::none(), text)
    }

    /// What is read while it is unpacked.
    fn arriving(packed: &[u8], chunk_size: usize) -> Option<HeapGraph> {
        let stage = Stage::unwatched();
        let input = Input {
            text: packed,
            compression: Compression::of(packed),
            trouble: None,
            chunk_size,
            kernel: Kernel::fastest(),
            memory_limit: None,
            stage: &stage,
            mapping: None,
            arriving: None,
            finished: Mutex::default(),
        };
        read(&input, input.compression.unwrap(), 1 << 30).unwrap()
    }

    fn small() -> String {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        for i in 0..40 {
            let n = b.node("object", &format!("Thing {i}"), 24 + i);
            b.edge(root, "element", &i.to_string(), n);
            b.edge(n, "property", "back", root);
        }
        b.to_json()
    }

    #[test]
    fn blocks_of_any_size_give_the_same_graph() {
        let text = small();
        let expected = read_slowly(&text);
        let packed = gzip(text.as_bytes());
        for chunk_size in (1..200).chain([1000, text.len() - 1, text.len()]) {
            assert!(arriving(&packed, chunk_size).unwrap() == expected, "chunk size {chunk_size}");
        }
    }

    #[test]
    fn a_large_file_is_read_as_if_it_had_been_unpacked_before() {
        let mut text = Vec::new();
        write_snapshot(Recipe { shape: Shape::Mixed, nodes: 60_000, seed: 3 }, &mut text).unwrap();
        let whole = read_bytes_with(&text, &ReadOptions::default(), &Progress::new()).unwrap();
        for chunk_size in [5000, 128 << 10] {
            assert!(arriving(&gzip(&text), chunk_size).unwrap() == whole.graph);
        }
        let zstd = ruzstd::encoding::compress_to_vec(&text[..], ruzstd::encoding::CompressionLevel::Fastest);
        assert!(arriving(&zstd, 128 << 10).unwrap() == whole.graph);
    }

    #[test]
    fn what_is_not_as_usual_is_left_to_the_other_reader() {
        let text = small();
        let is_left = |text: &str| arriving(&gzip(text.as_bytes()), 64).is_none();
        assert!(!is_left(&text));
        let (nodes, edges) = (text.find("\"nodes\"").unwrap(), text.find("\"edges\"").unwrap());
        let rest = text[edges..].trim_end().trim_end_matches('}');
        let swapped = format!("{}{rest},{}}}", &text[..nodes], text[nodes..edges].trim_end().trim_end_matches(','));
        assert!(is_left(&swapped) && read_slowly(&swapped) == read_slowly(&text));
        assert!(is_left(&text.replacen("\"node_count\":41", "\"node_count\":40", 1)));
        assert!(is_left(&text.replacen("\"edges\"", "\"nodes\"", 1)));
        assert!(is_left(&(text.clone() + "{}")));
        let packed = gzip(text.as_bytes());
        assert!(arriving(&packed[..packed.len() - 30], 64).is_none());
        assert!(arriving(&[&packed[..], b"more"].concat(), 64).is_none());
        let mut wrong = packed.clone();
        wrong[packed.len() - 5] ^= 1;
        assert!(arriving(&wrong, 64).is_none(), "the checksum is wrong");
        assert!(arriving(&packed, packed.len() + 1).is_none(), "it is too small to be worth it");
    }

    #[test]
    fn damage_is_told_as_it_is_of_a_file_that_is_not_packed() {
        let text = small().into_bytes();
        let options = ReadOptions { chunk_size: 64, ..ReadOptions::default() };
        let outcome = |bytes: &[u8]| match read_bytes_with(bytes, &options, &Progress::new()) {
            Ok(Read { graph, warnings, .. }) => Ok((graph, warnings)),
            Err(e) => Err(e.to_string()),
        };
        let mut random = Random(5);
        for _ in 0..600 {
            let mut damaged = text.clone();
            let at = random.below(u32::try_from(text.len()).unwrap()) as usize;
            match random.below(3) {
                0 => damaged[at] = b"0,]}\"x \n"[random.below(8) as usize],
                1 => drop(damaged.remove(at)),
                _ => damaged.insert(at, b"0,]}\"1 \n"[random.below(8) as usize]),
            }
            assert!(outcome(&gzip(&damaged)) == outcome(&damaged), "{:?}", String::from_utf8_lossy(&damaged));
        }
    }
}
