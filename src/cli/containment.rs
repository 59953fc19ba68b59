//! `containment`: what an object points at, as far down as asked.

use super::args::TreeArgs;
use super::output::Answer;
use super::tree_rows::{Shows, TreeRows, edges_below};
use super::{CliError, OutputArgs, write_answer};
use crate::analysis::tables::tree::Level;
use clap::Args;

/// Show what an object refers to, from the root or from any object
///
/// JSON: rows of depth, text, edge, edge_type, id, type, name, distance, shallow_size, retained_size and is_cycle, in
/// the order of an opened tree; id and what follows are about the object referred to. CSV: the same columns.
#[derive(Debug, Args)]
pub(super) struct ContainmentArgs {
    #[command(flatten)]
    tree: TreeArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl ContainmentArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let snapshot = self.tree.open()?;
        let heap = &snapshot.heap;
        let below = |n| edges_below(heap, n, Level::Deeper, self.tree.sort());
        let start = self.tree.start(heap)?;
        let rows = TreeRows::open(heap, start, self.tree.depth, self.output.limit, Shows::Targets, below)?;
        write_answer(rows.add_to(Answer::new("containment"), "rows", heap), &self.output)
    }
}
