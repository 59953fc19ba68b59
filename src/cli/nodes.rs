//! `nodes`: every object of a snapshot, a row each.

use super::open::OpenArgs;
use super::output::{Answer, Cell, Column};
use super::{CliError, OutputArgs, write_answer};
use crate::graph::NodeIndex;
use clap::Args;
use std::path::PathBuf;

/// List every object in file order
///
/// JSON and CSV: rows of id, type, name, class_key, distance, shallow_size, retained_size, dominator_id and
/// detachedness (0 unknown, 1 attached, 2 detached).
#[derive(Debug, Args)]
pub(super) struct NodesArgs {
    /// The snapshot
    file: PathBuf,
    #[command(flatten)]
    open: OpenArgs,
    #[command(flatten)]
    output: OutputArgs,
}

const COLUMNS: [Column; 9] = [
    Column::numbers("id", "Id"),
    Column::words("type", "Type"),
    Column::words("name", "Name"),
    Column::words("class_key", "Class key"),
    Column::numbers("distance", "Distance"),
    Column::numbers("shallow_size", "Shallow size"),
    Column::numbers("retained_size", "Retained size"),
    Column::numbers("dominator_id", "Dominator"),
    Column::words("detachedness", "Detachedness"),
];

impl NodesArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let snapshot = self.open.open(&self.file)?;
        let heap = &snapshot.heap;
        let graph = &heap.graph;
        let row = |i: usize| {
            #[allow(clippy::cast_possible_truncation, reason = "below the node count")]
            let n = NodeIndex(i as u32);
            vec![
                Cell::Id(heap.id(n)),
                Cell::words(graph.node_kind_name(heap.kind(n))),
                Cell::Text(heap.name(n)),
                Cell::Text(crate::text::TextCow::Owned(heap.class_key(n))),
                Cell::Distance(heap.distance(n)),
                Cell::Kilobytes(heap.shallow_size(n)),
                Cell::Kilobytes(heap.retained_size(n)),
                Cell::Id(heap.id(heap.dominator(n))),
                Cell::Detachedness(heap.detachedness(n)),
            ]
        };
        write_answer(Answer::new("nodes").rows(COLUMNS, graph.node_count(), row), &self.output)
    }
}
