//! Reading a snapshot while its text arrives: unpacked by another thread, or sent by a running process.
//!
//! This is for the usual file: the header, nodes, edges, then everything else. Of a packed file
//! whatever is not like that is left to the reader that has the whole text before it, which knows what
//! to say of it. Text that comes only once has to be as usual, and is: engines write it so.

use super::document;
use super::edges;
use super::estimate::Known;
use super::header::Header;
use super::keys::start_of_next;
use super::nodes;
use super::parts::Parts;
use super::section::Section;
use crate::graph::HeapGraph;
use crate::reader::error::{ReadError, Warning};
use crate::reader::input::{Arrival, Input};
use crate::reader::recognize;
use crate::reader::source::{Arrived, Arriving, BlockSource, Compression, Unpacker, with_blocks_of};

/// Where the header and the beginning of the nodes must stand.
const HEAD: usize = 1 << 20;

/// Where the name of the section after the nodes must stand.
const BETWEEN: usize = 4 << 10;

/// Reads the packed text of `input`, of which no more than `limit` bytes may come out. Nothing if
/// that is not the way to read it.
pub(in crate::reader) fn read_packed(
    input: &Input<'_>,
    compression: Compression,
    limit: u64,
) -> Result<Option<HeapGraph>, ReadError> {
    let packed = input.text;
    if packed.len() < input.chunk_size {
        return Ok(None);
    }
    let source = Unpacker::new(compression, packed);
    let stream = Stream {
        compression: Some(compression),
        limit,
        is_strict: true,
        known: |nodes, edges| Known::packed(packed.len() as u64, None, Some((nodes, edges))),
    };
    match stream.read(&input.with_text(&[], 0), source) {
        Err(e @ ReadError::Cancelled(_)) => Err(e),
        // Of what is wrong the other reader says more, and a warning may be about what it sees better.
        Err(_) => Ok(None),
        Ok((graph, warnings, _)) => Ok(Some(graph).filter(|_| warnings.is_empty())),
    }
}

/// Reads text that comes only once, of which no more than `limit` bytes may come. Returns how many did.
pub(in crate::reader) fn read(
    input: &Input<'_>,
    source: impl BlockSource,
    limit: u64,
) -> Result<(HeapGraph, Vec<Warning>, u64), ReadError> {
    Stream { compression: None, limit, is_strict: false, known: Known::arriving }.read(input, source)
}

/// How text that arrives is read.
struct Stream<K> {
    compression: Option<Compression>,
    limit: u64,
    /// Whether what is odd is better read again than read on.
    is_strict: bool,
    /// What is known of the text, by its counts of nodes and edges.
    known: K,
}

impl<K: Fn(u64, u64) -> Known> Stream<K> {
    fn read(&self, input: &Input<'_>, source: impl BlockSource) -> Result<(HeapGraph, Vec<Warning>, u64), ReadError> {
        let has_progress = source.progress().is_some();
        let read = |arriving| self.read_arriving(input, arriving, has_progress);
        let ((graph, warnings), bytes) = with_blocks_of(source, input.chunk_size, self.limit, input.stage, read)?;
        Ok((graph, warnings, bytes))
    }

    fn read_arriving(
        &self,
        input: &Input<'_>,
        arriving: Arriving,
        has_progress: bool,
    ) -> Result<(HeapGraph, Vec<Warning>), ReadError> {
        let (header, mut warnings) = self.read_head(input, &arriving)?;
        let known = header.node_count.zip(header.edge_count).map(|(nodes, edges)| (self.known)(nodes, edges));
        if let (Some(limit), Some(needed)) = (input.memory_limit, known.map(Known::memory))
            && needed > limit
        {
            return Err(ReadError::NeedsMemory { needed, limit });
        }
        let expected = known.filter(|_| !has_progress).map(Known::text);
        let arrival = Arrival { arriving: &arriving, limit: self.limit, expected };
        let part = Input { arriving: Some(arrival), ..input.with_text(&[], 0) };
        let mut nodes = {
            let _part = input.stage.part(Section::Nodes.stage());
            let start = arriving.lock().offset();
            nodes::read(&part, start, &header, &mut warnings)?.0
        };
        arriving.lock().pass_to(Section::Edges)?;
        let mut edges = {
            let _part = input.stage.part(Section::Edges.stage());
            let start = arriving.lock().offset();
            edges::read(&part, start, &header, &mut warnings)?.0
        };
        (nodes.start, edges.start) = (None, None);
        let base = arriving.lock().offset();
        let rest = arriving.lock().take_all(|bytes| arrival.reached(bytes, input.stage))?;
        drop(arriving);
        let rest = input.with_text(&rest, base);
        let sections = Parts { nodes: Some(nodes), edges: Some(edges), ..Parts::default() };
        let graph = document::read_rest(&rest, &header, sections, &mut warnings)?;
        Ok((graph, warnings))
    }

    /// Reads the text up to the first node, which must come right after the header.
    fn read_head(&self, input: &Input<'_>, arriving: &Arriving) -> Result<(Header, Vec<Warning>), ReadError> {
        let mut arrived = arriving.lock();
        let mut wanted = 1;
        loop {
            input.stage.check()?;
            arrived.wait_for(wanted);
            let (text, padded) = arrived.text();
            let text = if arrived.is_all() { &text[..padded] } else { text };
            if let Some((header, warnings, start)) = document::header_before_nodes(text) {
                recognize::refuse_start(text, self.compression)?;
                if self.is_strict && !warnings.is_empty() {
                    return Err(not_as_usual(Section::Snapshot, "something is odd about the header"));
                }
                arrived.pass(start);
                return Ok((header, warnings));
            }
            if arrived.is_all() || text.len() >= HEAD {
                recognize::refuse_start(text, self.compression)?;
                recognize::refuse_object(text, self.compression)?;
                return Err(not_as_usual(Section::Snapshot, "the header and the nodes do not come first"));
            }
            wanted = text.len() + 1;
        }
    }
}

/// The refusal of a snapshot that can be read from a file only.
fn not_as_usual(section: Section, what: &str) -> ReadError {
    let problem = format!("{what}; a snapshot like that can be read from a file, but not while it arrives");
    ReadError::inconsistent(section.name(), problem)
}

impl Arrived {
    /// Passes the end of a section and the beginning of the next one, which has to be `section`, and an
    /// array.
    fn pass_to(&mut self, section: Section) -> Result<(), ReadError> {
        self.wait_for(BETWEEN);
        let (text, _) = self.text();
        let start = start_of_next(&text[..text.len().min(BETWEEN)], section);
        let start = start.ok_or_else(|| not_as_usual(section, "the section does not follow the one before it"))?;
        self.pass(start);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::{Recipe, Shape, write_snapshot};
    use crate::progress::{Progress, Stage};
    use crate::reader::numbers::Kernel;
    use crate::reader::source::{Compression, block_channel};
    use crate::reader::{Read, ReadOptions, read_blocks, read_bytes_with};
    use crate::testing::{Random, SnapshotBuilder, gzip_at, read_slowly};

    /// Packed, but as long as before: each chunk of it arrives by itself.
    fn gzip(text: &[u8]) -> Vec<u8> {
        gzip_at(flate2::Compression::none(), text)
    }

    /// What is read while it is unpacked.
    fn arriving(packed: &[u8], chunk_size: usize) -> Option<HeapGraph> {
        let stage = Stage::unwatched();
        let input = Input::new(packed, chunk_size, Kernel::fastest(), &stage);
        read_packed(&input, Compression::of(packed).unwrap(), 1 << 30).unwrap()
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
        assert!(arriving(&packed, packed.len()).is_some());
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

    /// What is read of `text` that another thread sends in parts of `len` bytes.
    fn sent(text: &[u8], len: usize, options: &ReadOptions) -> Result<Read, ReadError> {
        std::thread::scope(|scope| {
            let (sender, channel) = block_channel();
            scope.spawn(move || {
                if text.chunks(len).all(|part| sender.send(part)) {
                    sender.finish();
                }
            });
            read_blocks(channel, options, &Progress::new())
        })
    }

    #[test]
    fn text_that_is_sent_in_parts_is_read_as_it_is_from_a_file() {
        let text = small();
        let expected = read_slowly(&text);
        for (len, chunk_size) in [(1, 1), (7, 64), (1000, 10), (text.len(), 1 << 17)] {
            let options = ReadOptions { chunk_size, ..ReadOptions::default() };
            let read = sent(text.as_bytes(), len, &options).unwrap();
            assert!(read.graph == expected, "parts of {len}, chunks of {chunk_size}");
            assert_eq!((read.file_size, read.warnings), (text.len() as u64, Vec::new()));
        }
    }

    #[test]
    fn what_is_wrong_with_text_that_is_sent_is_told_with_its_place() {
        let text = small();
        let options = ReadOptions { chunk_size: 64, ..ReadOptions::default() };
        let error = |text: &str| sent(text.as_bytes(), 100, &options).unwrap_err().to_string();
        let edges = text.find("\"edges\":[").unwrap() + 9;
        let damaged = format!("{},{}", &text[..edges], &text[edges..]);
        let found = error(&damaged);
        let is_right =
            found.starts_with("edges: expected a number, found `,") && found.ends_with(&format!("at byte {edges}"));
        assert!(is_right, "{found}");
        assert!(error(&text.replacen("\"node_count\":41", "\"node_count\":40", 1)).contains("more nodes than"));
        assert!(error("hello").contains("a text file"), "{}", error("hello"));
        assert!(error("").contains("an empty file"));
        assert!(error(&text[..edges]).contains("the end of the file"), "{}", error(&text[..edges]));
        // What costs a file only names costs no more here.
        let strings = text.find("\"strings\":[").unwrap() + 11;
        let nameless = format!("{}}}{}", &text[..strings], &text[strings..]);
        let warnings = sent(nameless.as_bytes(), 100, &options).unwrap().warnings;
        let place = format!("at byte {strings};");
        assert!(warnings[0].is_incomplete && warnings[0].message.contains(&place), "{warnings:?}");
    }

    #[test]
    fn text_that_breaks_off_or_goes_on_without_end_is_refused() {
        let (sender, channel) = block_channel();
        let text = small();
        assert!(sender.send(&text.as_bytes()[..text.len() / 2]));
        sender.fail("the process ended");
        let error = read_blocks(channel, &ReadOptions::default(), &Progress::new()).unwrap_err().to_string();
        assert!(error.contains("the process ended"), "{error}");
        let options = ReadOptions { unpacked_limit: Some(500), chunk_size: 64, ..ReadOptions::default() };
        assert!(matches!(sent(text.as_bytes(), 100, &options), Err(ReadError::TooLarge(_))));
        let options = ReadOptions { memory_limit: Some(1), ..ReadOptions::default() };
        assert!(matches!(sent(text.as_bytes(), 100, &options), Err(ReadError::NeedsMemory { .. })));
    }

    #[test]
    fn reading_what_never_comes_can_be_given_up() {
        let (sender, channel) = block_channel();
        let text = small();
        assert!(sender.send(&text.as_bytes()[..text.len() / 2]));
        let progress = Progress::new();
        std::thread::scope(|scope| {
            let reading = scope.spawn(|| read_blocks(channel, &ReadOptions::default(), &progress));
            progress.token().cancel();
            assert!(matches!(reading.join().unwrap(), Err(ReadError::Cancelled(_))));
        });
        assert!(!sender.send("more"), "nobody reads any more");
    }
}
