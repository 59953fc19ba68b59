//! `info`: what a file is.

use crate::analysis::Heap;
use crate::relation::{Answer, Column, Groups, Kind, Rows, Size, Value};

const COUNT: Kind = Kind::Count(Groups::Commas);
const BYTES: Kind = Kind::Bytes(Size::Suitable);

/// What is said of a file.
pub static FACTS: [Column; 17] = [
    Column::new("name", "Name", Kind::Text, "The name of the file without extension"),
    Column::new("path", "Path", Kind::Text, "Where it is"),
    Column::new("kind", "Kind", Kind::Text, "heap snapshot or allocation timeline"),
    Column::new("written_by", "Written by", Kind::Text, "The program that wrote it, where that is known").nullable(),
    Column::new("file_size", "File size", BYTES, "The size of the file"),
    Column::new("compression", "Compression", Kind::Text, "How it is packed").nullable(),
    Column::new("total_size", "Total size", BYTES, "The memory that the snapshot is about"),
    Column::new("extra_native_bytes", "Native bytes beside the nodes", BYTES, "Memory that belongs to no object"),
    Column::new("node_count", "Nodes", COUNT, "How many objects there are"),
    Column::new("edge_count", "Edges", COUNT, "How many references there are"),
    Column::new("string_count", "Strings", COUNT, "How many strings the file has"),
    Column::new("location_count", "Locations", COUNT, "How many objects have a place in the source"),
    Column::new("sample_count", "Samples", COUNT, "How many samples of allocations there are"),
    Column::new("trace_function_count", "Functions with allocations", COUNT, "How many functions allocated something"),
    Column::new("unknown_node_types", "Unknown node types", Kind::Text, "Types of objects that are not known")
        .nullable(),
    Column::new("greatest_js_id", "Greatest id of a JS object", Kind::Integer, "Tells which of two snapshots is later"),
    Column::new("estimated_memory", "Memory to open it, at most", BYTES, "What opening it takes, at most").nullable(),
];

/// What is odd about a file.
pub static WARNING_COLUMNS: [Column; 2] = [
    Column::new("section", "Section", Kind::Text, "The part of the file"),
    Column::new("message", "Warning", Kind::Text, "What is odd there"),
];

/// What is known of a file beside its heap.
#[derive(Debug, Clone, Default)]
pub struct FileFacts {
    /// Its name without extension.
    pub name: String,
    /// Where it is.
    pub path: String,
    /// The program that wrote it.
    pub written_by: Option<&'static str>,
    pub size: u64,
    /// How it is packed.
    pub compression: Option<&'static str>,
    /// What opening it takes, at most.
    pub estimated_memory: Option<u64>,
    /// What is odd about it: section and message.
    pub warnings: Vec<(&'static str, String)>,
}

struct Warnings(Vec<(&'static str, String)>);

impl Rows for Warnings {
    fn columns(&self) -> &[Column] {
        &WARNING_COLUMNS
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn value(&self, row: usize, column: usize) -> Value<'_> {
        let (section, message) = &self.0[row];
        Value::word(if column == 0 { section } else { message })
    }
}

/// The answer of `info`.
pub fn info<'a>(heap: &Heap, file: FileFacts) -> Answer<'a> {
    let graph = &heap.graph;
    let kind = if graph.is_timeline { "allocation timeline" } else { "heap snapshot" };
    let unknown = Some(graph.other_node_kinds.join(", ")).filter(|names| !names.is_empty());
    let facts = [
        Value::words(file.name),
        Value::words(file.path),
        Value::word(kind),
        Value::option(file.written_by, Value::word),
        file.size.into(),
        Value::option(file.compression, Value::word),
        heap.total_size().into(),
        graph.extra_native_bytes.into(),
        Value::count(graph.node_count()),
        Value::count(graph.edge_count()),
        Value::count(graph.strings.len()),
        Value::count(graph.locations.len()),
        Value::count(graph.samples.len()),
        Value::count(graph.trace_functions.len()),
        Value::option(unknown, Value::words),
        heap.greatest_js_id().into(),
        Value::option(file.estimated_memory, Value::Unsigned),
    ];
    Answer::new("info").facts(&FACTS, facts).table("warnings", Warnings(file.warnings)).facts_first()
}
