//! `containment`: what an object points at, as far down as asked.

use super::args::{TreeArgs, edges_below};
use super::{CliError, OutputArgs, write_answer};
use crate::analysis::tables::tree::Level;
use crate::relation::catalog;
use crate::relation::tables::tree::{Shows, Tree, containment};
use clap::Args;

/// Show what an object refers to, from the root or from any object
///
/// Rows are in the order of an opened tree; id and what follows are about the object referred to.
#[derive(Debug, Args)]
#[command(after_long_help = catalog::help("containment"))]
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
        let tree = Tree::open(heap, start, self.tree.depth, self.output.limit, Shows::Targets, below)?;
        write_answer(containment(heap, tree), &self.output)
    }
}
