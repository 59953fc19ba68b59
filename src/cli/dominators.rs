//! `dominators`: what is freed with what.

use super::args::TreeArgs;
use super::{CliError, OutputArgs, write_answer};
use crate::analysis::Heap;
use crate::analysis::tables::dominated::{dominated_rows, dominator_chain};
use crate::graph::NodeIndex;
use crate::progress::Stage;
use crate::relation::{catalog, tables};
use clap::Args;

/// Show the dominator tree: which objects would be freed together
///
/// Without an id, what the root dominates. With one, first the chain from the object up to the root, in which every
/// object keeps all those before it alive alone; then what the object dominates. CSV has the first of the two.
#[derive(Debug, Args)]
#[command(after_long_help = catalog::help("dominators"))]
pub(super) struct DominatorsArgs {
    #[command(flatten)]
    tree: TreeArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl DominatorsArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let snapshot = self.tree.open()?;
        let heap = &snapshot.heap;
        let start = self.tree.start(heap)?;
        let chain = self.tree.id.map(|_| dominator_chain(heap, start));
        let rows = self.dominated(heap, start)?;
        write_answer(tables::objects::dominators(heap, chain, rows), &self.output)
    }

    /// What `start` dominates, opened to this depth: objects and their depths.
    fn dominated(&self, heap: &Heap, start: NodeIndex) -> Result<Vec<(NodeIndex, u32)>, CliError> {
        let sort = self.tree.sort();
        let limit = self.output.limit.unwrap_or(usize::MAX);
        let below = |n| dominated_rows(heap, n, sort, &Stage::unwatched()).map(Vec::into_iter);
        let mut rows = Vec::new();
        let mut open = Vec::new();
        if self.tree.depth > 0 {
            open.push(below(start)?);
        }
        while rows.len() < limit {
            let Some(level) = open.last_mut() else { break };
            let Some(n) = level.next() else {
                open.pop();
                continue;
            };
            #[allow(clippy::cast_possible_truncation, reason = "no deeper than there are objects")]
            rows.push((n, open.len() as u32 - 1));
            if open.len() < self.tree.depth {
                open.push(below(n)?);
            }
        }
        Ok(rows)
    }
}
