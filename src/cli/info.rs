//! `info`: what a file is.

use super::open::OpenArgs;
use super::output::{Answer, Cell, Column};
use super::{CliError, OutputArgs, write_answer};
use crate::reader::{self, Compression};
use crate::session::document_name;
use clap::Args;
use std::path::PathBuf;

/// Show what a file is: sizes, counts, engine traits, warnings
///
/// JSON: name, path, kind, written_by, file_size, compression, total_size, extra_native_bytes, node_count, edge_count,
/// string_count, location_count, sample_count, trace_function_count, unknown_node_types, greatest_js_id,
/// estimated_memory, and warnings of section and message. CSV: field,value.
#[derive(Debug, Args)]
pub(super) struct InfoArgs {
    /// The snapshot
    file: PathBuf,
    #[command(flatten)]
    open: OpenArgs,
    #[command(flatten)]
    output: OutputArgs,
}

const WARNING_COLUMNS: [Column; 2] = [Column::words("section", "Section"), Column::words("message", "Warning")];

impl InfoArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let snapshot = self.open.open(&self.file)?;
        // Of what came through a pipe there is nothing left to look at.
        let peek = reader::peek(&snapshot.path).ok();
        let heap = &snapshot.heap;
        let graph = &heap.graph;
        let count = |n: usize| Cell::Count(n as u64);
        let compression = peek.as_ref().and_then(|p| p.compression).map(Compression::name);
        let kind = if graph.is_timeline { "allocation timeline" } else { "heap snapshot" };
        let unknown = Some(graph.other_node_kinds.join(", ")).filter(|names| !names.is_empty());
        let memory = peek.as_ref().map(|p| p.estimated_memory);
        let answer = Answer::new("info")
            .fact("name", "Name", Cell::words(document_name(&snapshot.path)))
            .fact("path", "Path", Cell::words(snapshot.path.to_string_lossy()))
            .fact("kind", "Kind", Cell::word(kind))
            .fact("written_by", "Written by", Cell::option(peek.as_ref().and_then(|p| p.written_by), Cell::word))
            .fact("file_size", "File size", Cell::Bytes(snapshot.file_size))
            .fact("compression", "Compression", Cell::option(compression, Cell::word))
            .fact("total_size", "Total size", Cell::Bytes(heap.total_size()))
            .fact("extra_native_bytes", "Native bytes beside the nodes", Cell::Bytes(graph.extra_native_bytes))
            .fact("node_count", "Nodes", count(graph.node_count()))
            .fact("edge_count", "Edges", count(graph.edge_count()))
            .fact("string_count", "Strings", count(graph.strings.len()))
            .fact("location_count", "Locations", count(graph.locations.len()))
            .fact("sample_count", "Samples", count(graph.samples.len()))
            .fact("trace_function_count", "Functions with allocations", count(graph.trace_functions.len()))
            .fact("unknown_node_types", "Unknown node types", Cell::option(unknown, Cell::words))
            .fact("greatest_js_id", "Greatest id of a JS object", Cell::Number(heap.greatest_js_id().into()))
            .fact("estimated_memory", "Memory to open it, at most", Cell::option(memory, Cell::Bytes))
            .table("warnings", WARNING_COLUMNS, snapshot.warnings.len(), |i| {
                let warning = &snapshot.warnings[i];
                vec![Cell::word(warning.section), Cell::words(&warning.message)]
            });
        write_answer(answer.facts_first(), &self.output)
    }
}
