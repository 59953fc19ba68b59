//! What becomes of damaged files: each kind of damage opens, opens with a warning, or is refused,
//! always in a sentence that says where, what was expected and what was found.

use heapglass::graph::{HeapGraph, NodeIndex};
use heapglass::progress::Progress;
use heapglass::reader::{Read, ReadError, ReadOptions, Warning, read_bytes_with};
use heapglass::testing::SnapshotBuilder;
use std::io::Write as _;

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

#[test]
fn a_file_cut_in_its_strings_keeps_the_names_it_has() {
    let text = sound();
    let at = byte_of(&text, "\",\"list\"");
    let graph = salvaged(
        &text[..at],
        &format!(
            "strings: after 4 strings there is the end of the file at byte {at}; the names from there on are lost: \
             2 objects and references are shown as (name lost)"
        ),
    );
    assert_eq!(graph.raw_name(NodeIndex(2)), "List \"of\" é");
    let edge = graph.edges(NodeIndex(1)).next().unwrap();
    assert_eq!(graph.edge_string(&edge).unwrap(), "(name lost)");
}

#[test]
fn a_file_cut_after_its_strings_is_whole() {
    let text = sound();
    let end = byte_of(&text, "\"list\"]") + 7;
    salvaged(
        &text[..end],
        &format!(
            "file: everything that is needed was read, but after it something is wrong: \
             file: expected `,` or `}}` after a section, found the end of the file at byte {end}"
        ),
    );
}

#[test]
fn a_file_cut_before_its_strings_is_refused_with_how_far_it_was_whole() {
    let text = sound();
    let edges = byte_of(&text, "2,5,12") + 3;
    refused(
        &text[..edges],
        &format!(
            "edges: expected `]`, found the end of the file after 1 edges at byte {edges}; the file is cut short; \
             before that the header, 3 nodes could be read; {AGAIN}"
        ),
    );
    let key = byte_of(&text, "locations\":[") + 3;
    refused(
        &text[..key],
        &format!(
            "file: expected `\"` at the end of a string, found the end of the file at byte {key}; \
             the file is cut short; before that the header, 3 nodes, 3 edges could be read; {AGAIN}"
        ),
    );
    refused(
        &text[..40],
        &format!(
            "snapshot: expected `\"` at the end of a string, found the end of the file at byte 40; \
             the file is cut short; before that nothing could be read; {AGAIN}"
        ),
    );
}

#[test]
fn every_cut_of_a_file_has_an_outcome() {
    let text = sound();
    let strings = byte_of(&text, "\"strings\":[") + 11;
    let end = byte_of(&text, "\"list\"]") + 7;
    for cut in 0..text.len() {
        match read(&text.as_bytes()[..cut]) {
            Ok(read) => {
                assert!(cut >= strings, "a file cut at byte {cut} has no names");
                let is_complete = cut > end;
                assert_eq!(read.warnings.iter().any(|w| w.is_incomplete), !is_complete, "cut at byte {cut}");
            }
            Err(e) => {
                assert!(cut < strings, "cut at byte {cut}: {e}");
                let said = e.to_string();
                let is_told = said.contains("the end of the file") || said.contains("an empty file");
                assert!(is_told, "cut at byte {cut}: {said}");
            }
        }
    }
}

#[test]
fn a_tail_of_zero_bytes_is_called_one() {
    let text = sound();
    let at = byte_of(&text, "2,5,12") + 2;
    let mut bytes = text.clone().into_bytes();
    bytes[at..].fill(0);
    let zeros = bytes.len() - at;
    refused(
        &bytes,
        &format!(
            "edges: expected a number, found nothing but zero bytes to the end of the file ({zeros} of them) \
             at byte {at}; the file ends in zero bytes, as a crash or a full disk leaves it; \
             before that the header, 3 nodes could be read; {AGAIN}"
        ),
    );
    let mut bytes = text.clone().into_bytes();
    let at = byte_of(&text, "lobal\",");
    bytes[at..].fill(0);
    let zeros = bytes.len() - at;
    salvaged(
        &bytes,
        &format!(
            "strings: after 2 strings there is nothing but zero bytes to the end of the file ({zeros} of them) \
             at byte {at}; the names from there on are lost: 4 objects and references are shown as (name lost)"
        ),
    );
}

#[test]
fn a_hole_of_zero_bytes_is_called_one() {
    let hole = "\0".repeat(512);
    let text = with(&sound(), "3,24,1", &format!("3,{hole},1"));
    let at = byte_of(&text, &hole);
    refused(
        &text,
        &format!(
            "nodes: expected a number, found a hole of 512 zero bytes at byte {at}; \
             a part of the file was lost when it was written or copied; before that the header could be read; {AGAIN}"
        ),
    );
    let text = with(&sound(), "List", &hole);
    let at = byte_of(&text, &hole);
    salvaged(
        &text,
        &format!(
            "strings: after 3 strings there is a hole of 512 zero bytes at byte {at}; the names from there on are lost: \
             3 objects and references are shown as (name lost)"
        ),
    );
}

#[test]
fn what_follows_the_snapshot_is_ignored_and_said() {
    let text = sound();
    let end = text.trim_end().len();
    opens(
        format!("{text}\n{text}"),
        &[&format!(
            "file: the snapshot ends at byte {}; another JSON object, perhaps a second snapshot of {} bytes follows \
             and was ignored",
            text.len() + 1,
            text.len()
        )],
    );
    opens(
        format!("{}]]>", text.trim_end()),
        &[&format!("file: the snapshot ends at byte {end}; something else of 3 bytes follows and was ignored")],
    );
}

#[test]
fn numbers_that_are_no_counts_are_refused() {
    let cases = [
        (
            "3,24,1",
            "3,-5,1",
            "-5",
            "nodes: expected a whole number that is not negative, found the negative number `-5`",
        ),
        ("3,24,1", "3,1.5,1", "1.5", "nodes: expected a whole number that is not negative, found the number `1.5`"),
        ("3,24,1", "3,1e3,1", "1e3", "nodes: expected a whole number that is not negative, found the number `1e3`"),
        ("3,24,1", "3,NaN,1", "NaN", "nodes: expected a number, found `NaN,1,0,3,3,5,32,1,0],`"),
        ("3,24,1", "3,null,1", "null", "nodes: expected a number, found `null,1,0,3,3,5,32,1,0],`"),
        ("3,24,1", "3,\"24\",1", "\"24\"", "nodes: expected a number, found `\"24\",1,0,3,3,5,32,1,0],`"),
        ("3,24,1", "3,,1", ",1,0,3,3", "nodes: expected a number, found `,1,0,3,3,5,32,1,0],`"),
        ("3,24,1", "3,24 1,1", "1,1,0,3", "nodes: expected `,` or `]`, found the number `1`"),
        ("3,24,1", "3,24/*size*/,1", "/*", "nodes: expected `,` or `]`, found a comment (JSON has none)"),
        (
            "2,5,12",
            "2,-5,12",
            "-5",
            "edges: expected a whole number that is not negative, found the negative number `-5`",
        ),
        ("2,5,12", "2,5,12.0", "12.0", "edges: expected a whole number that is not negative, found the number `12.0`"),
        ("1,7,6]", "1,7,6,]", "],\n\"trace_f", "edges: expected a number, found `],`"),
    ];
    for (from, to, found, message) in cases {
        let text = with(&sound(), from, to);
        refused(&text, &format!("{message} at byte {}", byte_of(&text, found)));
    }
}

#[test]
fn numbers_of_any_length_are_read_or_refused() {
    let long = "9".repeat(400);
    let shown = &long[..24];
    let text = with(&sound(), "3,24,1", &format!("3,{long},1"));
    let at = byte_of(&text, &long);
    refused(
        &text,
        &format!("nodes: expected a self_size below 2^57, found the number `{shown}…` of 400 characters at byte {at}"),
    );
    let text = with(&sound(), "9,1,1,0,1,0", &format!("9,{long},1,0,1,0"));
    let at = byte_of(&text, &long);
    refused(
        &text,
        &format!("nodes: expected a name below 2^32, found the number `{shown}…` of 400 characters at byte {at}"),
    );

    let graph = opens(with(&sound(), "3,24,1", "3,9007199254740993,1"), &[]);
    assert_eq!(graph.nodes.self_sizes.get(NodeIndex(1)), (1 << 53) + 1);

    let graph = opens(
        with(&sound(), "3,2,3,24", "3,2,4294967303,24"),
        &["nodes: 1 ids are 2^32 or more; they were reduced modulo 2^32, as DevTools does"],
    );
    assert!(graph.nodes.ids.iter().map(|id| id.0).eq([1, 7, 5]));

    let graph = opens(
        with(&sound(), "1,7,6]", "1,4294967303,6]"),
        &["edges: 1 indexes are 2^32 or more; they were reduced modulo 2^32, as DevTools does"],
    );
    assert_eq!(graph.edges.names[2], 7);
}

#[test]
fn sizes_that_no_process_has_are_refused_before_they_are_added_up() {
    for size in ["144115188075855872", "18446744073709551615"] {
        let text = with(&sound(), "3,24,1", &format!("3,{size},1"));
        let at = byte_of(&text, size);
        refused(&text, &format!("nodes: expected a self_size below 2^57, found the number `{size}` at byte {at}"));
    }
    let text = with(&sound(), "3,24,1", "3,100000000000000000,1");
    opens(&text, &[]);
    refused(
        with(&text, "5,32,1", "5,100000000000000000,1"),
        "nodes: the sizes of the objects add up to 200000000000000000 bytes; no process has 2^57 of them",
    );
    let graph = opens(
        with(&sound(), "\"extra_native_bytes\":0", "\"extra_native_bytes\":18446744073709551615"),
        &[
            "snapshot: extra_native_bytes is 18446744073709551615; no process has more than 2^57, which was taken for it",
        ],
    );
    assert_eq!(graph.extra_native_bytes, 1 << 57);
}

#[test]
fn what_an_error_quotes_from_a_file_cannot_act_on_a_line() {
    refused(
        with(&sound(), "\"self_size\"", "\"self\u{7f}\u{202e}\\nsize\""),
        "snapshot: meta.node_fields has no `self_size`, only type, name, id, self\\u{7f}\\u{202e}\\nsize, edge_count, \
         detachedness",
    );
    let text = with(&sound(), "3,24,1", "3,x\u{202e}y,1");
    let at = byte_of(&text, "x\u{202e}");
    refused(&text, &format!("nodes: expected a number, found `x\\u{{202e}}y,1,0,3,3,5,32,1,0],` at byte {at}"));
    let long = format!("[{}\"type\"", "\"field\",".repeat(1000));
    let refusal = read(
        with(&sound(), "\"node_fields\":[\"type\"", &format!("\"node_fields\":{long}"))
            .replace("self_size", "size")
            .as_bytes(),
    );
    assert!(refusal.unwrap_err().to_string().len() < 400);
    refused(
        "{\"\u{1b}[2J\\u202e\":[]}",
        "this is not a heap snapshot but JSON of another kind (its first key is `\\u{1b}[2J\\u{202e}`); \
         choose a .heapsnapshot file",
    );
}

#[test]
fn indexes_that_point_nowhere_are_refused() {
    let cases = [
        ("3,2,3,24", "3,6,3,24", "6,3,24", "nodes: expected the index of one of the 6 strings, found the number `6`"),
        ("2,5,12", "2,99,12", "99,12", "edges: expected the index of one of the 6 strings, found the number `99`"),
        (
            "2,5,12",
            "2,4294967296,12",
            "4294967296",
            "edges: expected the index of a string, found the number `4294967296`",
        ),
        (
            "2,5,12",
            "2,5,13",
            "13,1,7",
            "edges: expected a to_node that is a multiple of 6, the numbers of a node, found the number `13`",
        ),
        ("2,5,12", "2,5,18", "18,1,7", "edges: expected a to_node below 18 (there are 3 nodes), found the number `18`"),
        (
            "2,5,12",
            "2,5,4294967292",
            "4294967292",
            "edges: expected a to_node below 18 (there are 3 nodes), found the number `4294967292`",
        ),
        (
            "2,5,12",
            "2,5,9999999999",
            "9999999999",
            "edges: expected a to_node that is a multiple of 6, the numbers of a node, found the number `9999999999`",
        ),
    ];
    for (from, to, found, message) in cases {
        let text = with(&sound(), from, to);
        refused(&text, &format!("{message} at byte {}", byte_of(&text, found)));
    }
    refused(
        with(&sound(), "\"root_index\":0", "\"root_index\":18"),
        "snapshot: root_index is 18, where none of the 3 nodes of 6 numbers begins",
    );
    refused(
        with(&sound(), "\"root_index\":0", "\"root_index\":3"),
        "snapshot: root_index is 3, where none of the 3 nodes of 6 numbers begins",
    );
}

#[test]
fn the_root_may_stand_anywhere() {
    let graph = opens(with(&sound(), "\"root_index\":0", "\"root_index\":6"), &[]);
    assert_eq!(graph.root, NodeIndex(1));
}

#[test]
fn the_edges_of_all_nodes_must_not_be_more_than_there_are() {
    refused(
        with(&sound(), "24,1,0", "24,2,0"),
        "nodes: the nodes' edge counts add up to 4, but there are only 3 edges",
    );
    refused(
        with(&sound(), "24,1,0", "24,4294967295,0"),
        "nodes: the nodes' edge counts add up to 4294967297, but there are only 3 edges",
    );
    let graph = opens(
        with(&sound(), "24,1,0", "24,0,0"),
        &["nodes: the nodes' edge counts add up to 2, but there are 3 edges; the rest were given to the last node, \
           as DevTools does"],
    );
    assert_eq!(graph.nodes.first_edge, [0, 1, 1, 3]);
}

#[test]
fn counts_in_the_header_are_not_believed() {
    for lie in ["0", "1", "2", "4", "100", "4294967295", "1000000000000000000"] {
        let graph = opens(
            with(&sound(), "\"node_count\":3", &format!("\"node_count\":{lie}")),
            &[&format!("nodes: snapshot.node_count says {lie}, but there are 3 nodes; all were read")],
        );
        assert_eq!(graph.node_count(), 3);
        let graph = opens(
            with(&sound(), "\"edge_count\":3", &format!("\"edge_count\":{lie}")),
            &[&format!("edges: snapshot.edge_count says {lie}, but there are 3 edges; all were read")],
        );
        assert_eq!(graph.edge_count(), 3);
    }
    for lie in ["-1", "null", "\"3\"", "1.5", "1e18", "[3]"] {
        let graph = opens(
            with(&sound(), "\"node_count\":3", &format!("\"node_count\":{lie}")),
            &[&format!("snapshot: node_count is {lie}, not a whole number; it was ignored")],
        );
        assert_eq!(graph.node_count(), 3);
    }
    let without = with(&sound(), "\"edge_count\":3,", "");
    opens(without, &["snapshot: edge_count is missing, not a whole number; it was ignored"]);
    let graph = opens(with(&sound(), "\"trace_function_count\":0", "\"trace_function_count\":7"), &[]);
    assert_eq!(graph.trace_functions.len(), 1);
}

#[test]
fn ragged_arrays_are_refused_where_they_matter() {
    let text = with(&sound(), "5,32,1,0]", "5,32,1]");
    let at = byte_of(&text, "],\n\"edges\"");
    refused(&text, &format!("nodes: expected 6 numbers for each node, found 5 left over after 2 nodes at byte {at}"));
    let text = with(&sound(), "1,7,6]", "1,7,6,1]");
    let at = byte_of(&text, "],\n\"trace_f");
    refused(&text, &format!("edges: expected 3 numbers for each edge, found 1 left over after 3 edges at byte {at}"));

    let graph = opens(
        with(&sound(), "12,3,40,5]", "12,3,40,5,6,3]"),
        &["locations: the last entry has 2 numbers instead of 4; it was left out"],
    );
    assert_eq!(graph.locations.len(), 1);
    opens(
        with(&sound(), "[1000,3,2000,5]", "[1000,3,2000]"),
        &["samples: the last entry has 1 numbers instead of 2; it was left out"],
    );
    opens(
        with(&sound(), "[2,0,1,32,[]]", "[2,0,1]"),
        &["trace_tree: 1 lists end within an entry, which must have 5 values"],
    );
}

#[test]
fn sections_that_are_missing_or_null_matter_only_if_they_are_needed() {
    let text = sound();
    let nothing = "the file has no such section, and nothing can be shown without it";
    refused(with(&text, NODES, "\"n\":0"), &format!("nodes: {nothing}"));
    refused(with(&text, EDGES, "\"e\":0"), &format!("edges: {nothing}"));
    refused(with(&text, "\"strings\"", "\"s\""), &format!("strings: {nothing}"));
    refused(
        with(&text, "\"snapshot\"", "\"s\""),
        "snapshot: the file has no such section, which every heap snapshot begins with",
    );
    let null = with(&text, NODES, "\"nodes\":null");
    let at = byte_of(&null, "null,\n");
    refused(&null, &format!("nodes: expected `[`, found `null,` at byte {at}"));
    refused(with(&text, NODES, "\"nodes\":[]"), "nodes: there is not a single node, so there is nothing to show");

    for section in ["locations", "samples", "trace_tree", "trace_function_infos"] {
        opens(with(&text, &format!("\"{section}\":"), &format!("\"{section}_\":")), &[]);
        let null = with(&text, &format!("\"{section}\":["), &format!("\"{section}\":null,\"x\":["));
        opens(null, &[&format!("{section}: this is no array; the section was left out")]);
    }
    // Without the field lists in meta nobody can tell what the numbers mean.
    let graph = opens(with(&text, "\"sample_fields\"", "\"fields\""), &[]);
    assert!(graph.samples.is_empty() && !graph.is_timeline);
}

#[test]
fn meta_must_say_where_the_needed_fields_are() {
    let text = sound();
    refused(
        with(&text, "\"meta\"", "\"mate\""),
        "snapshot: there is no `meta` object, which says how to read the rest",
    );
    refused(
        with(&text, "\"node_fields\"", "\"fields\""),
        "snapshot: meta has no list `node_fields`, so the numbers cannot be told apart",
    );
    refused(
        with(&text, "\"self_size\"", "\"size\""),
        "snapshot: meta.node_fields has no `self_size`, only type, name, id, size, edge_count, detachedness",
    );
    refused(
        with(&text, "\"to_node\"", "\"to\""),
        "snapshot: meta.edge_fields has no `to_node`, only type, name_or_index, to",
    );
    let graph = opens(
        with(&text, "\"script_id\",\"line\",\"column\"],\"node", "\"line\",\"column\"],\"node"),
        &["snapshot: meta.location_fields has no `script_id`; that section was left out"],
    );
    assert!(graph.locations.is_empty());
}

#[test]
fn types_without_names_are_shown_as_numbers() {
    let text = sound();
    let start = byte_of(&text, "\"node_types\":[[") + 14;
    let end = start + text[start..].find(']').unwrap() + 1;
    let graph = opens(
        format!("{}[]{}", &text[..start], &text[end..]),
        &["snapshot: meta.node_types names no types, so they are shown as numbers"],
    );
    assert_eq!(graph.node_kind_name(graph.kind(NodeIndex(0))), "type 9");

    let graph = opens(with(&text, "3,2,3,24", "4000000000,2,3,24"), &[]);
    assert_eq!(graph.node_kind_name(graph.kind(NodeIndex(1))), "type 4000000000");
    let graph = opens(with(&text, "2,5,12", "77,5,12"), &[]);
    assert_eq!(graph.edge_kind_name(&graph.edges(NodeIndex(1)).next().unwrap()), "type 77");
    // Whether the number of an unknown kind of edge is a name, nobody knows.
    let graph = opens(
        with(&text, "2,5,12", "77,12345,12"),
        &["strings: 1 names are no index of one of the 6 strings; shown as (name lost)"],
    );
    assert_eq!(graph.edge_count(), 3);
}

#[test]
fn what_is_odd_in_an_optional_section_costs_only_that() {
    let text = sound();
    let graph = opens(with(&text, "[12,3,40,5]", "[12,3,40,-5]"), &[]);
    assert_eq!(graph.location(NodeIndex(2)).unwrap().column, -5);
    opens(
        with(&text, "[12,3,40,5]", "[13,3,40,5,0,1,1.5,2]"),
        &["locations: 2 locations are of no node or no place in a script; they were left out"],
    );
    opens(
        with(&text, "[12,3,40,5]", "[18,3,40,5]"),
        &["locations: 1 locations are of nodes past the last; they were left out"],
    );
    opens(
        with(&text, "\"trace_function_infos\":[0,1,1", "\"trace_function_infos\":[0,9,1"),
        &["strings: 1 names are no index of one of the 6 strings; shown as (name lost)"],
    );
    let damaged = with(&text, "[1000,3,2000,5]", "[1000,null,2000,5]");
    let at = byte_of(&damaged, "null,2000");
    let graph = salvaged(
        &damaged,
        &format!(
            "samples: the section was left out, as it is damaged \
             (samples: expected a number, found `null,2000,5],` at byte {at})"
        ),
    );
    assert!(graph.samples.is_empty());
}

#[test]
fn a_section_that_comes_twice_is_read_once() {
    let text = with(&sound(), EDGES, &format!("{EDGES},\n\"edges\":[1,2,3]"));
    let at = byte_of(&text, "[1,2,3]");
    let graph = opens(&text, &[&format!("edges: the section comes again at byte {at}; the first one was used")]);
    assert_eq!(graph.edge_count(), 3);
    // In the header the last one counts, as for every reader that makes objects of JSON.
    opens(with(&sound(), "\"node_count\":3", "\"node_count\":77,\"node_count\":3"), &[]);
}

#[test]
fn brackets_a_million_deep_do_no_harm() {
    let (open, close) = ("[".repeat(1_000_000), "]".repeat(1_000_000));
    opens(with(&sound(), "{\"snapshot\"", &format!("{{\"deep\":{open}{close},\"snapshot\"")), &[]);
    opens(with(&sound(), "\"meta\"", &format!("\"deep\":{open}{close},\"meta\"")), &[]);

    let text = with(&sound(), "\"nodes\":[", &format!("\"nodes\":[{open}"));
    let at = byte_of(&text, &open) + 1;
    refused(&text, &format!("nodes: expected a number, found `{}` at byte {at}", "[".repeat(24)));

    let tree = format!("{}{}", "1,0,0,0,[".repeat(1_000_000), "]".repeat(1_000_000));
    let graph = opens(with(&sound(), "[1,0,0,0,[2,0,1,32,[]]]", &format!("[{tree}]")), &[]);
    assert_eq!(graph.trace_nodes.len(), 1_000_000);
    assert_eq!(graph.trace_nodes[999_999].parent, Some(999_998));
}

#[test]
fn what_is_wrong_within_strings_costs_only_characters() {
    let mut bytes = sound().into_bytes();
    let at = byte_of(&sound(), "é");
    bytes[at] = 0xFF;
    let graph = opens(
        &bytes,
        &["strings: there are 2 sequences of bytes that are not UTF-8; a replacement character stands for each"],
    );
    assert_eq!(graph.raw_name(NodeIndex(2)), "List \"of\" \u{fffd}\u{fffd}");

    let graph = opens(
        with(&sound(), "List", "L\\x\\u12g4\\ud800\\ud83d\\ude00"),
        &["strings: there are 2 escapes that JSON does not know; a replacement character stands for each"],
    );
    let name = graph.raw_name(NodeIndex(2)).as_bytes();
    assert!(name.starts_with("L\u{fffd}x".as_bytes()) || name.starts_with("L\u{fffd}".as_bytes()));

    let graph = opens(
        with(&sound(), "List", "L\n\0t"),
        &["strings: there are 2 control characters that JSON would have escaped; they were kept"],
    );
    assert_eq!(graph.raw_name(NodeIndex(2)), "L\n\0t \"of\" é");
}

#[test]
fn strings_that_are_none_end_the_names() {
    let text = with(&sound(), "\"global\"", "'global'");
    let at = byte_of(&text, "'global'");
    salvaged(
        &text,
        &format!(
            "strings: after 2 strings there is a single quote (JSON has `\"`) at byte {at}; \
             the names from there on are lost: 4 objects and references are shown as (name lost)"
        ),
    );
    let text = with(&sound(), "\"global\"", "null");
    let at = byte_of(&text, "null");
    let shown: String = text[at..].chars().take(24).collect();
    salvaged(
        &text,
        &format!(
            "strings: after 2 strings there is `{shown}` at byte {at}; \
             the names from there on are lost: 4 objects and references are shown as (name lost)"
        ),
    );
}

#[test]
fn what_is_not_json_is_refused() {
    let text = sound();
    refused(
        text.replace('"', "'"),
        "file: expected the name of a section in double quotes, found a single quote (JSON has `\"`) at byte 1",
    );
    refused(
        with(&text, "{\"snapshot\"", "{ /* made by hand */ \"snapshot\""),
        "file: expected the name of a section in double quotes, found a comment (JSON has none) at byte 2",
    );
    refused(
        with(&text, "{\"snapshot\"", "{snapshot"),
        &format!(
            "file: expected the name of a section in double quotes, found `{}` at byte 1",
            &text.replacen("\"snapshot\"", "snapshot", 1)[1..25]
        ),
    );
    refused(
        with(&text, "\"meta\":{", "\"meta\"={"),
        "snapshot: expected a value, found `={\"edge_fields\":[\"type\",` at byte 57",
    );
    refused(
        text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>(),
        "this is not a heap snapshot but text in UTF-16; save it as UTF-8, or take the snapshot again",
    );
    refused("", "this is not a heap snapshot but an empty file; take the snapshot again, and wait until it is written");
    refused(
        "{",
        &format!(
            "file: expected the name of a section in double quotes, found the end of the file at byte 1; \
             the file is cut short; before that nothing could be read; {AGAIN}"
        ),
    );
    refused("7", "this is not a heap snapshot but a text file; choose a .heapsnapshot file");
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_packed_file_may_be_damaged_too() {
    let text = sound();
    let packed = gzip(text.as_bytes());
    opens(&packed, &[]);
    let cut = packed.len() - 6;
    opens(&packed[..cut], &[&format!("file: the gzip data is cut short at its byte {cut}")]);
    let mut wrong = packed.clone();
    wrong[cut] ^= 1;
    opens(&wrong, &["file: the gzip checksum does not match: the file was damaged after it was packed"]);
    opens(
        [&packed[..], b"more"].concat(),
        &[&format!("file: 4 bytes after the gzip data at its byte {} were ignored", packed.len())],
    );
    for cut in 2..packed.len() {
        match read(&packed[..cut]) {
            Ok(read) => assert!(!read.warnings.is_empty()),
            Err(e) => assert!(e.to_string().contains("cut short") || e.to_string().contains("damaged"), "{cut}: {e}"),
        }
    }
    refused(
        gzip(b"<html>"),
        "this is not a heap snapshot but a web page (HTML), packed with gzip; \
         the download may have led to a login or an error page: look at it in a browser",
    );
    let bomb = ReadOptions { unpacked_limit: Some(1000), ..ReadOptions::default() };
    let refused = read_bytes_with(&packed, &bomb, &Progress::new()).unwrap_err().to_string();
    assert_eq!(
        refused,
        format!(
            "{} bytes of gzip unpack to more than 1000 bytes, which no snapshot does; \
             raise the limit if this one is to be trusted",
            packed.len()
        )
    );
}

#[test]
fn a_zstd_file_has_the_same_limits() {
    let text = sound();
    let packed = ruzstd::encoding::compress_to_vec(text.as_bytes(), ruzstd::encoding::CompressionLevel::Fastest);
    opens(&packed, &[]);
    let bomb = ReadOptions { unpacked_limit: Some(1000), ..ReadOptions::default() };
    let refused = read_bytes_with(&packed, &bomb, &Progress::new()).unwrap_err().to_string();
    assert!(refused.contains("of zstd unpack to more than 1000 bytes"), "{refused}");
    for cut in 4..packed.len() {
        match read(&packed[..cut]) {
            Ok(read) => assert!(!read.warnings.is_empty(), "cut at byte {cut}"),
            Err(e) => assert!(e.to_string().contains("cut short") || e.to_string().contains("damaged"), "{cut}: {e}"),
        }
    }
}

#[test]
fn a_string_of_megabytes_is_a_name_like_any_other() {
    let long = "x".repeat(64 << 20);
    let graph = read_bytes_with(with(&sound(), "List", &long).as_bytes(), &ReadOptions::default(), &Progress::new());
    assert_eq!(graph.unwrap().graph.raw_name(NodeIndex(2)).as_bytes().len(), (64 << 20) + " \"of\" é".len());
}

#[test]
fn a_hundred_million_strings_that_are_only_claimed_take_no_room() {
    let text = with(&sound(), "3,2,3,24", "3,99999999,3,24");
    let at = byte_of(&text, "99999999");
    refused(
        &text,
        &format!("nodes: expected the index of one of the 6 strings, found the number `99999999` at byte {at}"),
    );
}

#[test]
fn graphs_that_no_engine_makes_open() {
    // Ids that are zero, and the same for all.
    let graph = opens(with(&sound(), NODES, "\"nodes\":[9,1,0,0,1,0,3,2,0,24,1,0,3,3,0,32,1,0]"), &[]);
    assert!(graph.nodes.ids.iter().all(|id| id.0 == 0));
    for (edges, reached) in [
        // All to themselves, all to one, all weak.
        ("\"edges\":[5,4,0,2,5,6,1,7,12]", 1),
        ("\"edges\":[5,4,12,2,5,12,1,7,12]", 2),
        ("\"edges\":[6,4,6,6,5,12,6,3,6]", 1),
    ] {
        let graph = opens(with(&sound(), EDGES, edges), &[]);
        let heap = heapglass::analysis::Heap::analyze(graph, &Progress::new()).unwrap();
        let sizes: u64 = heap.graph.node_indices().map(|n| heap.shallow_size(n)).sum();
        assert_eq!(sizes, 56);
        let root = heap.graph.root;
        assert!(heap.retained_size(root) <= sizes);
        let distances = heap.graph.node_indices().filter(|&n| heap.dominator(n) == root).count();
        assert!(distances >= reached, "{edges}: {distances}");
    }
}

#[test]
fn memory_can_be_limited() {
    let limited = ReadOptions { memory_limit: Some(100), ..ReadOptions::default() };
    let refused = read_bytes_with(sound().as_bytes(), &limited, &Progress::new()).unwrap_err().to_string();
    assert!(refused.starts_with("opening this file takes about"), "{refused}");
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
