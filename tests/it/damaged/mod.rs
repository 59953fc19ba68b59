//! What becomes of damaged files: each kind of damage opens, opens with a warning, or is refused,
//! always in a sentence that says where, what was expected and what was found.

mod cut;
mod graphs;
mod header;
mod numbers;
mod packed;
mod sections;
mod text;

use heapglass::graph::HeapGraph;
use heapglass::progress::Progress;
use heapglass::reader::{Read, ReadError, ReadOptions, Warning, read_bytes_with};
use heapglass::testing::SnapshotBuilder;

/// A small snapshot with something of everything in it, as text in which the tests cut and paste.
fn sound() -> String {
    let mut b = SnapshotBuilder::new();
    let root = b.node("synthetic", "", 0);
    let global = b.node("object", "global", 24);
    let list = b.node("object", "List \"of\" é", 32);
    b.edge(root, "shortcut", "1", global);
    b.edge(global, "property", "list", list);
    b.edge(list, "element", "7", global);
    b.set_location(list, 3, 40, 5);
    b.to_json()
        .replace("\"samples\":[]", "\"samples\":[1000,3,2000,5]")
        .replace("\"trace_tree\":[]", "\"trace_tree\":[1,0,0,0,[2,0,1,32,[]]]")
        .replace("\"trace_function_infos\":[]", "\"trace_function_infos\":[0,1,1,0,0,0]")
}

const NODES: &str = "\"nodes\":[9,1,1,0,1,0,3,2,3,24,1,0,3,3,5,32,1,0]";
const EDGES: &str = "\"edges\":[5,4,6,2,5,12,1,7,6]";

/// [`sound`], and the scopes of scripts besides: each section that there is.
fn with_scopes() -> String {
    let fields = "\"scope_fields\":[\"script_node_index\",\"scope_id\",\"depth\",\"scope_context_vars_count\",\
                  \"scope_uses_count\"],\"scope_context_var_fields\":[\"name\"],\
                  \"scope_use_fields\":[\"declaring_scope_id\",\"slot_index\"]";
    let sections = "\"scopes\":[6,7,1,1,1,12,8,2,0,1],\"scope_context_vars\":[2],\"scope_uses\":[7,0,7,1]";
    let text = with(&sound(), "\"sample_fields\"", &format!("{fields},\"sample_fields\""));
    with(&text, "\"strings\"", &format!("{sections},\n\"strings\""))
}

/// The sections beside `nodes`, `edges` and `strings`, each with what stands in its brackets in
/// [`with_scopes`].
const OPTIONAL: [(&str, &str); 7] = [
    ("locations", "12,3,40,5"),
    ("samples", "1000,3,2000,5"),
    ("trace_function_infos", "0,1,1,0,0,0"),
    ("trace_tree", "1,0,0,0,[2,0,1,32,[]]"),
    ("scopes", "6,7,1,1,1,12,8,2,0,1"),
    ("scope_context_vars", "2"),
    ("scope_uses", "7,0,7,1"),
];

/// Each way of putting `other` in place of one of the numbers in `section`, and at which byte.
fn with_numbers<'t>(text: &'t str, section: &str, other: &'t str) -> impl Iterator<Item = (usize, String)> + 't {
    let key = format!("\"{section}\":[");
    let start = byte_of(text, &key) + key.len();
    let (mut depth, mut end) = (1, start);
    while depth > 0 {
        depth += i32::from(text.as_bytes()[end] == b'[') - i32::from(text.as_bytes()[end] == b']');
        end += 1;
    }
    let is_digit = |i: usize| text.as_bytes()[i].is_ascii_digit();
    let numbers = (start..end).filter(move |&i| is_digit(i) && !is_digit(i - 1));
    numbers.map(move |at| {
        let len = text[at..].find(|c: char| !c.is_ascii_digit()).unwrap();
        (at, format!("{}{other}{}", &text[..at], &text[at + len..]))
    })
}

fn read(bytes: &[u8]) -> Result<Read, ReadError> {
    let small_chunks = ReadOptions { chunk_size: 16, ..ReadOptions::default() };
    let portable = ReadOptions { portable: true, ..ReadOptions::default() };
    let progress = Progress::new();
    let all = [ReadOptions::default(), small_chunks, portable].map(|o| read_bytes_with(bytes, &o, &progress));
    let told = |r: &Result<Read, ReadError>| match r {
        Ok(read) => (Some(read.graph.clone()), format!("{:?}", read.warnings)),
        Err(e) => (None, e.to_string()),
    };
    let first = told(&all[0]);
    for other in &all[1..] {
        let other = told(other);
        assert_eq!(first.1, other.1, "chunks and instructions must not show");
        assert!(first.0 == other.0);
    }
    let [first, ..] = all;
    first
}

/// `text` with the first `from` in it replaced.
#[track_caller]
fn with(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from} is not in the file");
    text.replacen(from, to, 1)
}

/// The byte at which `what` stands.
#[track_caller]
fn byte_of(text: &str, what: &str) -> usize {
    text.find(what).unwrap()
}

#[track_caller]
fn refused(bytes: impl AsRef<[u8]>, message: &str) {
    match read(bytes.as_ref()) {
        Err(e) => assert_eq!(e.to_string(), message),
        Ok(read) => panic!("opened, with {:?}", read.warnings),
    }
}

#[track_caller]
fn opens(bytes: impl AsRef<[u8]>, warnings: &[&str]) -> HeapGraph {
    let read = read(bytes.as_ref()).unwrap();
    assert_eq!(read.warnings.iter().map(Warning::to_string).collect::<Vec<_>>(), warnings);
    read.graph
}

/// Opens with one warning, which says that something is missing.
#[track_caller]
fn salvaged(bytes: impl AsRef<[u8]>, warning: &str) -> HeapGraph {
    let read = read(bytes.as_ref()).unwrap();
    assert_eq!(read.warnings.iter().map(Warning::to_string).collect::<Vec<_>>(), [warning]);
    assert!(read.warnings[0].is_incomplete);
    read.graph
}

const AGAIN: &str = "copy the file again, or take the snapshot again and wait until it is written";

#[test]
fn the_sound_file_opens_without_a_word() {
    let text = sound();
    assert!(text.contains(NODES) && text.contains(EDGES));
    let graph = opens(&text, &[]);
    assert_eq!((graph.node_count(), graph.edge_count(), graph.trace_nodes.len()), (3, 3, 2));
    assert!(graph.is_timeline);
}

/// Numbers that look random and are always the same.
struct Seeded(u64);

impl Seeded {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below
    }
}

#[test]
fn thousands_of_flipped_bytes_have_an_outcome() {
    let text = sound();
    let mut random = Seeded(7);
    let interesting = b"\0\"\\[]{},:-.e09 \n\x7F\x80\xC3\xFF";
    for _ in 0..5_000 {
        let mut bytes = text.clone().into_bytes();
        for _ in 0..=random.next(3) {
            let at = random.next(bytes.len());
            bytes[at] = match random.next(3) {
                0 => bytes[at] ^ 1 << random.next(8),
                1 => interesting[random.next(interesting.len())],
                _ => bytes[random.next(bytes.len())],
            };
        }
        match read(&bytes) {
            Ok(read) => assert_is_sound(&read.graph),
            Err(e) => assert!(!e.to_string().is_empty()),
        }
    }
}

/// Everything the graph promises about its indexes.
pub(crate) fn assert_is_sound(graph: &HeapGraph) {
    let (nodes, strings) = (graph.node_count(), graph.strings.len());
    assert!(graph.root.at() < nodes);
    assert!(graph.nodes.first_edge.is_sorted() && graph.nodes.first_edge.len() == nodes + 1);
    assert_eq!(graph.nodes.first_edge[nodes] as usize, graph.edge_count());
    for n in graph.node_indices() {
        assert!(graph.name_index(n).at() < strings);
        let _ = graph.node_kind_name(graph.kind(n));
        for edge in graph.edges(n) {
            assert!(edge.target.at() < nodes);
            assert!(edge.kind.is_numbered() || (edge.name_or_index as usize) < strings);
            let _ = graph.edge_kind_name(&edge);
        }
    }
    assert!(graph.locations.iter().all(|(n, _)| n.at() < nodes));
    assert!(graph.trace_functions.iter().all(|f| f.name.at() < strings && f.script_name.at() < strings));
    let parents = graph.trace_nodes.iter().zip(0..);
    assert!(parents.into_iter().all(|(node, i)| node.parent.is_none_or(|p| p < i)));
}
