//! `info`: what a file is.

use super::open::open;
use super::output::{Answer, Cell};
use super::{CliError, OutputArgs, write_answer};
use clap::Args;
use std::path::PathBuf;

/// Show what a file is: sizes, counts, engine traits, warnings
#[derive(Debug, Args)]
pub(super) struct InfoArgs {
    /// The snapshot
    file: PathBuf,
    #[command(flatten)]
    output: OutputArgs,
}

impl InfoArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let snapshot = open(&self.file)?;
        let heap = &snapshot.heap;
        let graph = &heap.graph;
        let count = |n: usize| Cell::Count(n as u64);
        let kind = if graph.is_timeline { "allocation timeline" } else { "heap snapshot" };
        let mut answer = Answer::new("info")
            .fact("name", "Name", Cell::words(&snapshot.name))
            .fact("path", "Path", Cell::words(snapshot.path.to_string_lossy()))
            .fact("kind", "Kind", Cell::word(kind))
            .fact("file_size", "File size", Cell::Bytes(snapshot.file_size))
            .fact("total_size", "Total size", Cell::Bytes(heap.total_size()))
            .fact("extra_native_bytes", "Native bytes beside the nodes", Cell::Bytes(graph.extra_native_bytes))
            .fact("node_count", "Nodes", count(graph.node_count()))
            .fact("edge_count", "Edges", count(graph.edge_count()))
            .fact("string_count", "Strings", count(graph.strings.len()))
            .fact("location_count", "Locations", count(graph.locations.len()))
            .fact("sample_count", "Samples", count(graph.samples.len()))
            .fact("trace_function_count", "Functions with allocations", count(graph.trace_functions.len()));
        if !graph.other_node_kinds.is_empty() {
            answer =
                answer.fact("unknown_node_types", "Unknown node types", Cell::words(graph.other_node_kinds.join(", ")));
        }
        write_answer(answer.facts_first(), &self.output)
    }
}
