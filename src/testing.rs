//! What tests share: a builder that writes small snapshots as real file text, a slow, obvious reader to compare the fast
//! one with, and files that are gone at the end. Not part of the API.

#![allow(clippy::unwrap_used, reason = "tests only")]

mod files;

use crate::analysis::Heap;
use crate::graph::{
    EdgeColumns, EdgeKind, EdgeWord, HeapGraph, Location, Locations, NodeColumns, NodeIndex, NodeKind, Places, Sample,
    Scope, Scopes, SizeColumn, StringIndex, Strings, TraceFunction, TraceNode,
};
use crate::progress::Progress;
use crate::text::Text;
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub use files::{Folder, TempFile, fixture, gzip, gzip_at};

/// `heap` as if it had been opened from a file.
pub fn snapshot_of(heap: crate::analysis::Heap) -> std::sync::Arc<crate::session::Snapshot> {
    std::sync::Arc::new(crate::session::Snapshot {
        path: "test.heapsnapshot".into(),
        file_size: 0,
        warnings: Vec::new(),
        heap,
    })
}

/// Builds a small snapshot as the text of a real file.
///
/// ```
/// use heapglass::testing::SnapshotBuilder;
/// let mut b = SnapshotBuilder::new();
/// let root = b.node("synthetic", "", 0);
/// let global = b.node("object", "global", 24);
/// let list = b.node("object", "Array", 32);
/// b.edge(root, "shortcut", "1", global);
/// b.edge(global, "property", "list", list);
/// assert!(b.to_json().starts_with("{\"snapshot\":"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct SnapshotBuilder {
    nodes: Vec<BuiltNode>,
    edges: Vec<Vec<(usize, u64, usize)>>,
    strings: Vec<String>,
    locations: Vec<[u64; 4]>,
    pub extra_native_bytes: u64,
    pub root: usize,
    pub with_detachedness: bool,
}

#[derive(Debug, Clone)]
struct BuiltNode {
    kind: usize,
    name: usize,
    id: u64,
    size: u64,
    detachedness: u8,
}

pub const NODE_FIELDS: usize = 6;

impl SnapshotBuilder {
    pub fn new() -> Self {
        Self { strings: vec!["<dummy>".into()], with_detachedness: true, ..Self::default() }
    }

    fn string(&mut self, s: &str) -> usize {
        match self.strings.iter().position(|x| x == s) {
            Some(i) => i,
            None => {
                self.strings.push(s.to_owned());
                self.strings.len() - 1
            }
        }
    }

    /// Adds a node with the next odd id; returns its position.
    pub fn node(&mut self, kind: &str, name: &str, size: u64) -> usize {
        let name = self.string(name);
        let kind = NodeKind::NAMES.iter().position(|k| *k == kind).unwrap();
        self.nodes.push(BuiltNode { kind, name, id: self.nodes.len() as u64 * 2 + 1, size, detachedness: 0 });
        self.edges.push(Vec::new());
        self.nodes.len() - 1
    }

    pub fn set_id(&mut self, node: usize, id: u64) {
        self.nodes[node].id = id;
    }

    pub fn set_detachedness(&mut self, node: usize, detachedness: u8) {
        self.nodes[node].detachedness = detachedness;
    }

    pub fn set_location(&mut self, node: usize, script: u64, line: u64, column: u64) {
        self.locations.push([node as u64, script, line, column]);
    }

    /// Adds an edge. `name` is a number for element and hidden edges.
    pub fn edge(&mut self, from: usize, kind: &str, name: &str, to: usize) {
        let kind = EdgeKind::NAMES.iter().position(|k| *k == kind).unwrap();
        let numbered = kind == EdgeKind::Element as usize || kind == EdgeKind::Hidden as usize;
        let name = if numbered { name.parse().unwrap() } else { self.string(name) as u64 };
        self.edges[from].push((kind, name, to));
    }

    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// The file as a JSON value.
    pub fn to_value(&self) -> Value {
        let width = NODE_FIELDS - usize::from(!self.with_detachedness);
        let mut nodes = Vec::new();
        let mut edges = Vec::new();
        for (n, out) in self.nodes.iter().zip(&self.edges) {
            nodes.extend([n.kind as u64, n.name as u64, n.id, n.size, out.len() as u64]);
            if self.with_detachedness {
                nodes.push(u64::from(n.detachedness));
            }
            for &(kind, name, to) in out {
                edges.extend([kind as u64, name, (to * width) as u64]);
            }
        }
        let mut fields = vec!["type", "name", "id", "self_size", "edge_count"];
        if self.with_detachedness {
            fields.push("detachedness");
        }
        let locations: Vec<u64> = self.locations.iter().flat_map(|l| [l[0] * width as u64, l[1], l[2], l[3]]).collect();
        json!({
            "snapshot": {
                "meta": {
                    "node_fields": fields,
                    "node_types": [NodeKind::NAMES, "string", "number", "number", "number", "number"],
                    "edge_fields": ["type", "name_or_index", "to_node"],
                    "edge_types": [EdgeKind::NAMES, "string_or_number", "node"],
                    "trace_function_info_fields": ["function_id", "name", "script_name", "script_id", "line", "column"],
                    "trace_node_fields": ["id", "function_info_index", "count", "size", "children"],
                    "sample_fields": ["timestamp_us", "last_assigned_id"],
                    "location_fields": ["object_index", "script_id", "line", "column"],
                },
                "node_count": self.nodes.len(),
                "edge_count": edges.len() / 3,
                "trace_function_count": 0,
                "root_index": self.root * width,
                "extra_native_bytes": self.extra_native_bytes,
            },
            "nodes": nodes,
            "edges": edges,
            "trace_function_infos": [],
            "trace_tree": [],
            "samples": [],
            "locations": locations,
            "strings": self.strings,
        })
    }

    /// The file's text, keys in V8's order.
    pub fn to_json(&self) -> String {
        let v = self.to_value();
        let keys =
            ["snapshot", "nodes", "edges", "trace_function_infos", "trace_tree", "samples", "locations", "strings"];
        let parts: Vec<String> = keys.iter().map(|k| format!("\"{k}\":{}", v[*k])).collect();
        format!("{{{}}}\n", parts.join(",\n"))
    }

    /// The graph, by way of the file's text and the slow reader.
    pub fn graph(&self) -> HeapGraph {
        read_slowly(&self.to_json())
    }

    /// The snapshot, read and analyzed.
    pub fn heap(&self) -> Heap {
        Heap::analyze(self.graph(), &Progress::new()).unwrap()
    }
}

/// A graph without names, made without going through a file: for graphs of millions of nodes.
/// Node 0 is the root, ids are 1, 3, 5…, every size is 1. `edges` stand in order of their sources.
pub fn bare_graph(node_count: u32, edges: impl IntoIterator<Item = (u32, EdgeKind, u32)>) -> HeapGraph {
    let count = node_count as usize;
    let mut first_edge = Vec::with_capacity(count + 1);
    let mut targets = Vec::new();
    for (source, kind, target) in edges {
        assert!(source as usize + 1 >= first_edge.len() && source < node_count && target < node_count);
        first_edge.resize(source as usize + 1, targets.len() as u32);
        targets.push(EdgeWord::new(NodeIndex(target), kind));
    }
    first_edge.resize(count + 1, targets.len() as u32);
    HeapGraph {
        nodes: NodeColumns {
            kinds: vec![NodeKind::OBJECT.0; count],
            names: vec![0; count].into(),
            ids: (0..node_count).map(|n| 2 * n + 1).collect::<Vec<_>>().into(),
            self_sizes: SizeColumn::from_low(vec![1; count]),
            first_edge,
            ..NodeColumns::default()
        },
        edges: EdgeColumns { names: vec![0; targets.len()].into(), targets, ..EdgeColumns::default() },
        strings: Strings::from_narrow(Vec::new(), vec![0, 0]),
        ..HeapGraph::default()
    }
}

/// Small random numbers from a seed (splitmix64): the same on every machine and in every run.
#[derive(Debug, Clone)]
pub struct Random(pub u64);

impl Random {
    /// A number below `limit`.
    pub fn below(&mut self, limit: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ z >> 31) % u64::from(limit)) as u32
    }
}

/// Reads a *valid* snapshot by way of a generic JSON tree: slow, obvious, and the yardstick for
/// the real reader.
///
/// # Panics
/// On anything that is not a whole and valid snapshot.
pub fn read_slowly(text: &str) -> HeapGraph {
    let text = text.trim_start_matches('\u{feff}');
    let v = parse_json(text);
    let meta = &v["snapshot"]["meta"];
    let list = |v: &Value| -> Vec<String> {
        v.as_array().map(|a| a.iter().map(|s| s.as_str().unwrap_or("").to_owned()).collect()).unwrap_or_default()
    };
    let numbers = |v: &Value| -> Vec<i64> {
        v.as_array().map(|a| a.iter().map(|n| n.as_i64().unwrap()).collect()).unwrap_or_default()
    };
    let node_fields = list(&meta["node_fields"]);
    let edge_fields = list(&meta["edge_fields"]);
    let width = node_fields.len();
    let at = |fields: &[String], name: &str| fields.iter().position(|f| f == name);
    let node_types = list(&meta["node_types"][0]);
    let edge_types = list(&meta["edge_types"][0]);

    let mut graph = HeapGraph::default();
    let mut other = Vec::<String>::new();
    // Listed names first, then the numbers past the list, ascending.
    for name in node_types.iter().filter(|n| NodeKind::from_name(n).is_none()) {
        if !other.contains(name) {
            other.push(name.clone());
        }
    }
    let nodes = numbers(&v["nodes"]);
    let types: BTreeSet<usize> = match at(&node_fields, "type") {
        Some(i) => nodes.chunks_exact(width).map(|row| row[i] as usize).collect(),
        None => BTreeSet::new(),
    };
    let name_of = |t: usize| match node_types.get(t) {
        Some(n) => n.clone(),
        None if t == 12 && node_types.len() == 12 => "symbol".into(),
        None => format!("type {t}"),
    };
    for t in types.into_iter().filter(|&t| t >= node_types.len()) {
        let name = name_of(t);
        if NodeKind::from_name(&name).is_none() {
            other.push(name);
        }
    }
    let kind_of = |t: usize| -> u8 {
        let name = name_of(t);
        NodeKind::from_name(&name)
            .map_or_else(|| NodeKind::FIRST_OTHER + other.iter().position(|o| *o == name).unwrap() as u8, |k| k.0)
    };
    let field = |row: &[i64], name: &str| at(&node_fields, name).map(|i| row[i]);
    let mut columns = NodeColumns { first_edge: vec![0], ..NodeColumns::default() };
    let (mut names, mut ids) = (Vec::new(), Vec::new());
    let mut sizes = Vec::new();
    let mut detachedness = Vec::new();
    let mut trace_node_ids = Vec::new();
    for row in nodes.chunks_exact(width) {
        columns.kinds.push(kind_of(field(row, "type").unwrap() as usize));
        names.push(field(row, "name").unwrap() as u32);
        ids.push(field(row, "id").unwrap() as u32);
        sizes.push(field(row, "self_size").unwrap() as u64);
        let first = columns.first_edge.last().unwrap() + field(row, "edge_count").unwrap() as u32;
        columns.first_edge.push(first);
        detachedness.push(field(row, "detachedness").unwrap_or(0) as u8 & 3);
        trace_node_ids.push(field(row, "trace_node_id").unwrap_or(0) as u32);
    }
    columns.names = names.into();
    columns.ids = ids.into();
    columns.self_sizes = SizeColumn::zeros(sizes.len());
    for (i, size) in sizes.into_iter().enumerate() {
        columns.self_sizes.set(NodeIndex(i as u32), size);
    }
    columns.detachedness = at(&node_fields, "detachedness").map(|_| detachedness);
    columns.trace_node_ids = trace_node_ids.iter().any(|&t| t != 0).then_some(trace_node_ids);
    graph.nodes = columns;
    graph.other_node_kinds = other.clone();

    let mut edges = EdgeColumns::default();
    let mut names = Vec::new();
    let edge_at = |name: &str| at(&edge_fields, name).unwrap();
    for (i, row) in numbers(&v["edges"]).chunks_exact(edge_fields.len()).enumerate() {
        let name = &edge_types[row[edge_at("type")] as usize];
        let kind = EdgeKind::from_name(name).unwrap_or(EdgeKind::Other);
        if kind == EdgeKind::Other {
            let k = edges.other_kinds.iter().position(|o| o == name).unwrap_or_else(|| {
                edges.other_kinds.push(name.clone());
                edges.other_kinds.len() - 1
            });
            edges.other.push((i as u32, k as u8));
        }
        let to = row[edge_at("to_node")] as usize;
        assert_eq!(to % width, 0);
        edges.targets.push(EdgeWord::new(NodeIndex((to / width) as u32), kind));
        names.push(row[edge_at("name_or_index")] as u32);
    }
    edges.names = names.into();
    graph.edges = edges;

    let mut bytes = Vec::new();
    let mut starts = vec![0];
    for s in v["strings"].as_array().unwrap() {
        bytes.extend(restore_lone_surrogates(s.as_str().unwrap()));
        starts.push(bytes.len() as u64);
    }
    graph.strings = Strings::from_parts(bytes, starts);
    graph.root = NodeIndex((v["snapshot"]["root_index"].as_u64().unwrap_or(0) / width as u64) as u32);
    graph.extra_native_bytes = v["snapshot"]["extra_native_bytes"].as_u64().unwrap_or(0);

    let location_fields = list(&meta["location_fields"]);
    if !location_fields.is_empty() {
        let get = |row: &[i64], name: &str| row[at(&location_fields, name).unwrap()];
        let mut places = Places::default();
        let mut entries = Vec::new();
        for row in numbers(&v["locations"]).chunks_exact(location_fields.len()) {
            let [script_id, line, column] = ["script_id", "line", "column"].map(|name| get(row, name));
            let node = NodeIndex((get(row, "object_index") as usize / width) as u32);
            entries.push((node, places.number(Location { script_id, line, column })));
        }
        graph.locations = Locations::new(entries, &places);
    }
    if meta["sample_fields"].is_array() {
        graph.samples = numbers(&v["samples"])
            .chunks_exact(2)
            .map(|r| Sample { timestamp_us: r[0] as f64, last_assigned_id: r[1] as f64 })
            .collect();
        graph.is_timeline = !graph.samples.is_empty();
    }
    let infos = list(&meta["trace_function_info_fields"]);
    if !infos.is_empty() {
        for row in numbers(&v["trace_function_infos"]).chunks_exact(infos.len()) {
            let get = |name: &str| row[at(&infos, name).unwrap()] as u32;
            graph.trace_functions.push(TraceFunction {
                function_id: get("function_id"),
                name: StringIndex(get("name")),
                script_name: StringIndex(get("script_name")),
                script_id: get("script_id"),
                line: get("line"),
                column: get("column"),
            });
        }
    }
    let scope_fields = list(&meta["scope_fields"]);
    if !scope_fields.is_empty() && v["scopes"].is_array() {
        let get = |row: &[i64], name: &str| row[at(&scope_fields, name).unwrap()];
        let mut scopes = Scopes::default();
        for row in numbers(&v["scopes"]).chunks_exact(scope_fields.len()) {
            scopes.scopes.push(Scope {
                script: NodeIndex((get(row, "script_node_index") as usize / width) as u32),
                scope_id: get(row, "scope_id"),
                depth: get(row, "depth"),
                context_var_count: get(row, "scope_context_vars_count") as u32,
                use_count: get(row, "scope_uses_count") as u32,
            });
        }
        scopes.context_vars = numbers(&v["scope_context_vars"]).iter().map(|&n| StringIndex(n as u32)).collect();
        scopes.uses = numbers(&v["scope_uses"]).chunks_exact(2).map(|r| (r[0], r[1])).collect();
        graph.scopes = Some(scopes);
    }
    let mut stack: Vec<(&[Value], Option<u32>)> = vec![(v["trace_tree"].as_array().map_or(&[], Vec::as_slice), None)];
    while let Some((rest, parent)) = stack.pop() {
        let [id, function, count, size, children, more @ ..] = rest else { continue };
        graph.trace_nodes.push(TraceNode {
            id: id.as_u64().unwrap() as u32,
            function: function.as_u64().unwrap() as u32,
            count: count.as_u64().unwrap(),
            size: size.as_u64().unwrap(),
            parent,
        });
        let me = graph.trace_nodes.len() as u32 - 1;
        stack.push((more, parent));
        stack.push((children.as_array().unwrap(), Some(me)));
    }
    graph
}

/// Reads JSON that may hold lone surrogates in strings; they come out as [`json_text`] writes them.
///
/// # Panics
/// On anything that is not JSON.
pub fn parse_json(text: &str) -> Value {
    serde_json::from_str(&escape_lone_surrogates(text)).unwrap()
}

/// `text` with private characters for lone surrogates, to be compared with what [`parse_json`]
/// read.
pub fn json_text(text: Text<'_>) -> String {
    text.code_points().map(|c| char::from_u32(c).unwrap_or_else(|| private(c))).collect()
}

/// The private character that stands for a lone surrogate.
fn private(surrogate: u32) -> char {
    char::from_u32(0x10_F800 + (surrogate & 0x7FF)).unwrap()
}

/// serde_json refuses `\ud800`; such escapes become private characters which
/// [`restore_lone_surrogates`] turns back: U+10F800 + the low eleven bits.
fn escape_lone_surrogates(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let bytes = text.as_bytes();
    let unit = |at: usize| -> Option<u32> {
        (bytes.get(at) == Some(&b'\\') && bytes.get(at + 1) == Some(&b'u'))
            .then(|| u32::from_str_radix(text.get(at + 2..at + 6)?, 16).ok())
            .flatten()
    };
    let mut i = 0;
    while i < bytes.len() {
        if bytes[i] != b'\\' {
            let next = text[i..].find('\\').map_or(bytes.len(), |k| i + k);
            out.push_str(&text[i..next]);
            i = next;
            continue;
        }
        match unit(i) {
            Some(0xD800..=0xDBFF) if matches!(unit(i + 6), Some(0xDC00..=0xDFFF)) => {
                out.push_str(&text[i..i + 12]);
                i += 12;
            }
            Some(u @ 0xD800..=0xDFFF) => {
                out.push(private(u));
                i += 6;
            }
            _ => {
                let end = i + 1 + text[i + 1..].chars().next().map_or(0, char::len_utf8);
                out.push_str(&text[i..end]);
                i = end;
            }
        }
    }
    out
}

fn restore_lone_surrogates(s: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(s.len());
    for c in s.chars() {
        let code = c as u32;
        if (0x10_F800..=0x10_FFFF).contains(&code) {
            let u = 0xD800 + (code & 0x7FF);
            out.extend([0xED, 0x80 | (u >> 6 & 0x3F) as u8, 0x80 | (u & 0x3F) as u8]);
        } else {
            out.extend(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
    out
}
