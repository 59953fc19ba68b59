//! `containment`: what an object points at, as far down as asked.

use super::args::{ObjectId, SortArgs};
use super::open::OpenArgs;
use super::output::Answer;
use super::tree_rows::{Shows, TreeRows, edges_below};
use super::{CliError, OutputArgs, write_answer};
use crate::analysis::order::Sort;
use crate::analysis::tree::Level;
use clap::Args;
use std::path::PathBuf;

/// Show what an object refers to, from the root or from any object
///
/// JSON: rows of depth, text, edge, edge_type, id, type, name, distance, shallow_size, retained_size and is_cycle, in
/// the order of an opened tree; id and what follows are about the object referred to. CSV: the same columns.
#[derive(Debug, Args)]
pub(super) struct ContainmentArgs {
    /// The snapshot
    file: PathBuf,
    /// Where to begin: the root unless given
    id: Option<ObjectId>,
    /// How many levels to open
    #[arg(long, value_name = "LEVELS", default_value_t = 1)]
    depth: usize,
    #[command(flatten)]
    sort: SortArgs,
    #[command(flatten)]
    open: OpenArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl ContainmentArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let snapshot = self.open.open(&self.file)?;
        let heap = &snapshot.heap;
        let start = self.id.map_or(Ok(heap.graph.root), |id| id.find(heap))?;
        let sort = self.sort.or(Sort::BY_RETAINED);
        let below = |n| edges_below(heap, n, Level::Deeper, sort);
        let rows = TreeRows::open(heap, start, self.depth, self.output.limit, Shows::Targets, below)?;
        write_answer(rows.add_to(Answer::new("containment"), "rows", heap), &self.output)
    }
}
