//! `dominators`: what is freed with what.

use super::args::TreeArgs;
use super::object_rows::{COLUMNS, cells};
use super::output::{Answer, Cell, Column};
use super::{CliError, OutputArgs, write_answer};
use crate::analysis::Heap;
use crate::analysis::tables::dominated::{dominated_rows, dominator_chain};
use crate::graph::NodeIndex;
use crate::progress::Stage;
use clap::Args;

/// Show the dominator tree: which objects would be freed together
///
/// Without an id, what the root dominates. With one, first the chain from the object up to the root, in which every
/// object keeps all those before it alive alone; then what the object dominates. JSON: chain (with an id) and rows, of
/// id, type, name, distance, shallow_size and retained_size, rows with depth. CSV: the first of the two.
#[derive(Debug, Args)]
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
        let mut answer = Answer::new("dominators");
        if self.tree.id.is_some() {
            let chain = dominator_chain(heap, start);
            answer = answer.table("chain", COLUMNS, chain.len(), move |i| cells(heap, chain[i], 0));
        }
        let rows = self.dominated(heap, start)?;
        let mut columns = vec![Column::programs("depth")];
        columns.extend(COLUMNS);
        let answer = answer.rows(columns, rows.len(), move |i| {
            let (n, depth) = rows[i];
            let mut row = vec![Cell::Count(depth as u64)];
            row.extend(cells(heap, n, depth));
            row
        });
        write_answer(answer, &self.output)
    }

    /// What `start` dominates, opened so many levels deep: objects and their depths.
    fn dominated(&self, heap: &Heap, start: NodeIndex) -> Result<Vec<(NodeIndex, usize)>, CliError> {
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
            rows.push((n, open.len() - 1));
            if open.len() < self.tree.depth {
                open.push(below(n)?);
            }
        }
        Ok(rows)
    }
}
