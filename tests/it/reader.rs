//! The reader against the slow, obvious one: the same snapshot, written in every layout an engine
//! or an editor might give it, cut into chunks anywhere, is the same graph.

use heapglass::progress::Progress;
use heapglass::reader::{ReadOptions, read_bytes_with};
use heapglass::testing::{SnapshotBuilder, read_slowly};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

/// How a file is written.
#[derive(Debug, Clone)]
struct Style {
    /// What stands between two tokens, taken in turn.
    spaces: Vec<&'static str>,
    /// Where each top-level key goes.
    key_order: Vec<Index>,
    /// Where each field of a node and of an edge goes.
    node_order: Vec<Index>,
    edge_order: Vec<Index>,
    /// Fields nobody knows, at the end of each node.
    extra_node_fields: usize,
    /// Sections nobody knows.
    unknown: bool,
    byte_order_mark: bool,
    escaped_keys: bool,
}

const SPACES: [&str; 6] =
    ["", "", " ", "\n", "\r\n\t", "                                                                     "];

fn style() -> impl Strategy<Value = Style> {
    let order = |n| prop::collection::vec(any::<Index>(), n);
    (
        prop::collection::vec(prop::sample::select(&SPACES[..]), 1..12),
        (order(12), order(8), order(3)),
        0..3usize,
        (any::<bool>(), any::<bool>(), any::<bool>()),
    )
        .prop_map(|(spaces, (key_order, node_order, edge_order), extra_node_fields, (unknown, bom, escaped))| {
            Style {
                spaces,
                key_order,
                node_order,
                edge_order,
                extra_node_fields,
                unknown,
                byte_order_mark: bom,
                escaped_keys: escaped,
            }
        })
}

/// Puts the items into the order that `places` tell.
fn reordered<T>(items: Vec<T>, places: &[Index]) -> Vec<T> {
    let mut out = Vec::new();
    for (item, place) in items.into_iter().zip(places) {
        out.insert(place.index(out.len() + 1), item);
    }
    out
}

/// The rows of a flat array with their fields in another order, `to` in place of `from` of them.
fn with_fields(v: &mut Value, section: &str, key: &str, order: &[Index], extra: usize) {
    let fields = v["snapshot"]["meta"][key].as_array().unwrap().clone();
    let positions = reordered((0..fields.len()).collect(), order);
    let mut names: Vec<Value> = positions.iter().map(|&i| fields[i].clone()).collect();
    names.extend((0..extra).map(|i| json!(format!("extra_{i}"))));
    let mut rows = Vec::new();
    for (n, row) in v[section].as_array().unwrap().chunks_exact(fields.len()).enumerate() {
        rows.extend(positions.iter().map(|&i| row[i].clone()));
        rows.extend((0..extra).map(|i| json!(n * 10 + i)));
    }
    v["snapshot"]["meta"][key] = Value::Array(names);
    v[section] = Value::Array(rows);
}

/// Multiplies every `width`th number, from `at` on.
fn rescale(list: &mut Value, at: usize, width: usize, from: usize, to: usize) {
    for n in list.as_array_mut().unwrap().iter_mut().skip(at).step_by(width) {
        *n = json!(n.as_u64().unwrap() as usize / from * to);
    }
}

/// The file's text in this style.
fn written(builder: &SnapshotBuilder, style: &Style) -> String {
    let mut v = builder.to_value();
    let width = v["snapshot"]["meta"]["node_fields"].as_array().unwrap().len();
    let new_width = width + style.extra_node_fields;
    rescale(&mut v["edges"], 2, 3, width, new_width);
    rescale(&mut v["locations"], 0, 4, width, new_width);
    let root = v["snapshot"]["root_index"].as_u64().unwrap() as usize;
    v["snapshot"]["root_index"] = json!(root / width * new_width);
    with_fields(&mut v, "nodes", "node_fields", &style.node_order, style.extra_node_fields);
    with_fields(&mut v, "edges", "edge_fields", &style.edge_order, 0);

    let keys = ["snapshot", "nodes", "edges", "trace_function_infos", "trace_tree", "samples", "locations", "strings"];
    let mut sections: Vec<(String, Value)> = keys.iter().map(|k| ((*k).to_owned(), v[*k].clone())).collect();
    if style.unknown {
        sections.push(("new".into(), json!({"]": [1, {"a": "\"}"}], "nodes": [[-1.5e3, null, true]]})));
        sections.push(("newer".into(), json!(["[", "\\"])));
    }
    let mut out = String::new();
    if style.byte_order_mark {
        out.push('\u{feff}');
    }
    let mut spaces = style.spaces.iter().cycle();
    out.push('{');
    for (i, (key, value)) in reordered(sections, &style.key_order).into_iter().enumerate() {
        let space = spaces.next().unwrap();
        out.push_str(if i > 0 { "," } else { "" });
        let key = if style.escaped_keys { key.replace('n', "\\u006e") } else { key };
        out.push_str(&format!("{space}\"{key}\"{space}:"));
        write_value(&value, &mut spaces, &mut out);
    }
    out.push('}');
    out
}

/// Writes a value with white space wherever it may stand.
fn write_value<'s>(value: &Value, spaces: &mut impl Iterator<Item = &'s &'static str>, out: &mut String) {
    let mut list = |open: char, parts: Vec<(Option<&String>, &Value)>, close: char| {
        out.push(open);
        for (i, (key, value)) in parts.into_iter().enumerate() {
            out.push_str(if i > 0 { "," } else { "" });
            out.push_str(spaces.next().unwrap());
            if let Some(key) = key {
                out.push_str(&format!("{}:", json!(key)));
            }
            let mut text = String::new();
            match value {
                Value::Array(_) | Value::Object(_) => write_value(value, &mut std::iter::repeat(&""), &mut text),
                _ => text = value.to_string(),
            }
            out.push_str(&text);
            out.push_str(spaces.next().unwrap());
        }
        out.push(close);
    };
    match value {
        Value::Array(items) => list('[', items.iter().map(|v| (None, v)).collect(), ']'),
        Value::Object(members) => list('{', members.iter().map(|(k, v)| (Some(k), v)).collect(), '}'),
        other => out.push_str(&other.to_string()),
    }
}

/// A small graph, numbers of one digit and of many in it.
fn snapshot() -> impl Strategy<Value = SnapshotBuilder> {
    let name = prop_oneof![
        Just(String::new()),
        "[a-z ]{1,12}",
        Just("\"quoted\\\" ]}".to_owned()),
        Just("é ü 漢字 😀 \u{2028} \n\t\u{1}".to_owned()),
    ];
    let number = prop_oneof![0..10u64, 0..1_000_000_000u64, any::<u32>().prop_map(u64::from), 0..(1u64 << 53)];
    let kind = prop::sample::select(vec!["hidden", "object", "string", "closure", "symbol", "object shape"]);
    let node = (kind, name.clone(), number.clone(), any::<u32>(), 0..3u8);
    let edge_kind = prop::sample::select(vec!["context", "element", "property", "internal", "hidden", "weak"]);
    let edge = (any::<Index>(), edge_kind, any::<u32>(), name, any::<Index>());
    (prop::collection::vec(node, 1..30), prop::collection::vec(edge, 0..60), any::<bool>(), any::<Index>()).prop_map(
        |(nodes, edges, with_detachedness, located)| {
            let mut b = SnapshotBuilder::new();
            b.with_detachedness = with_detachedness;
            for (kind, name, size, id, detachedness) in &nodes {
                let n = b.node(kind, name, *size);
                b.set_id(n, u64::from(*id));
                b.set_detachedness(n, *detachedness);
            }
            for (from, kind, number, name, to) in edges {
                let is_numbered = kind == "element" || kind == "hidden";
                let name = if is_numbered { number.to_string() } else { name };
                b.edge(from.index(nodes.len()), kind, &name, to.index(nodes.len()));
            }
            b.set_location(located.index(nodes.len()), 3, 40_000, 4_294_967_294);
            b.set_location(0, 1, 2, 3);
            b
        },
    )
}

#[track_caller]
fn assert_reads_alike(text: &str, chunk_size: usize) {
    let options = ReadOptions { chunk_size, ..ReadOptions::default() };
    let read = read_bytes_with(text.as_bytes(), &options, &Progress::new()).unwrap();
    assert!(read.warnings.is_empty(), "{:?}", read.warnings);
    let expected = read_slowly(text);
    assert_eq!(read.graph.nodes, expected.nodes, "chunk size {chunk_size}");
    assert_eq!(read.graph.edges, expected.edges, "chunk size {chunk_size}");
    assert!(read.graph == expected, "chunk size {chunk_size}");
}

proptest! {
    #[test]
    fn any_layout_in_chunks_of_any_size_gives_the_same_graph(
        builder in snapshot(),
        style in style(),
        chunk_size in prop_oneof![1..300usize, Just(128 << 10)],
    ) {
        assert_reads_alike(&written(&builder, &style), chunk_size);
    }
}

/// A snapshot with something of everything.
fn small() -> SnapshotBuilder {
    let mut b = SnapshotBuilder::new();
    let root = b.node("synthetic", "", 0);
    let global = b.node("object", "global / https://example.com", 24);
    let list = b.node("array", "(object elements)", 4_294_967_296);
    b.edge(root, "shortcut", "1", global);
    for i in [0, 9, 10, 99_999_999, 100_000_000, 4_294_967_294u32] {
        b.edge(list, "element", &i.to_string(), global);
    }
    b.edge(global, "property", "a \"list\" \\ é", list);
    b.set_location(list, 7, 443, 19);
    b
}

#[test]
fn every_chunk_boundary_of_a_small_file_gives_the_same_graph() {
    let text = small().to_json();
    let lines = text.replace(',', "\n,");
    for chunk_size in 1..=text.len() + 1 {
        assert_reads_alike(&text, chunk_size);
        assert_reads_alike(&lines, chunk_size);
    }
}
