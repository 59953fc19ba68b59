//! `allocations`: what a timeline recorded.

use super::open::OpenArgs;
use super::{CliError, OutputArgs, write_answer};
use crate::analysis::order::sort::Direction;
use crate::analysis::tables::allocations::{AllocationColumn, AllocationProfile, AllocationRow, sort_rows};
use crate::analysis::tables::timeline::timeline;
use crate::graph::HeapGraph;
use crate::progress::Stage;
use crate::relation::tables::allocations::FunctionRow;
use crate::relation::{catalog, tables};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// List functions by what they allocated, or the samples of a timeline
///
/// For allocation timelines. Sizes and counts are those allocated while recording; live ones are still there at its
/// end.
#[derive(Debug, Args)]
#[command(after_long_help = catalog::help("allocations"))]
pub(super) struct AllocationsArgs {
    /// The timeline
    file: PathBuf,
    /// List the samples: when, and how much of what was allocated until then is left
    #[arg(long, conflicts_with_all = ["depth", "sort", "reverse"])]
    samples: bool,
    /// How many levels of callers to open below each function
    #[arg(long, value_name = "LEVELS", default_value_t = 0)]
    depth: usize,
    /// Sort by this column: numbers greatest first, names A first
    #[arg(long, value_enum, value_name = "COLUMN", ignore_case = true, default_value_t = SortColumn::Size)]
    sort: SortColumn,
    /// Sort the other way round
    #[arg(long)]
    reverse: bool,
    #[command(flatten)]
    open: OpenArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum SortColumn {
    #[value(alias = "live-count")]
    LiveCount,
    Count,
    #[value(alias = "live-size")]
    LiveSize,
    Size,
    Function,
}

impl AllocationsArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let snapshot = self.open.open(&self.file)?;
        let graph = &snapshot.heap.graph;
        if self.samples {
            let timeline = timeline(&snapshot.heap, &Stage::unwatched())?.unwrap_or_default();
            return write_answer(tables::allocations::samples(timeline), &self.output);
        }
        let rows = self.rows(graph, snapshot.heap.allocation_profile());
        write_answer(tables::allocations::allocations(&snapshot.heap, rows), &self.output)
    }

    /// Functions and, below each, as many levels of its callers as asked for: what is written of them, and their level.
    fn rows(&self, graph: &HeapGraph, profile: &AllocationProfile) -> Vec<FunctionRow> {
        let column = match self.sort {
            SortColumn::LiveCount => AllocationColumn::LiveCount,
            SortColumn::Count => AllocationColumn::Count,
            SortColumn::LiveSize => AllocationColumn::LiveSize,
            SortColumn::Size => AllocationColumn::Size,
            SortColumn::Function => AllocationColumn::Name,
        };
        let is_ascending = (column == AllocationColumn::Name) != self.reverse;
        let direction = if is_ascending { Direction::Ascending } else { Direction::Descending };
        let mut tops = profile.tops(graph);
        sort_rows(graph, &mut tops, column, direction);
        let limit = self.output.limit.unwrap_or(usize::MAX);
        let mut rows = Vec::new();
        // Rows still to come, the next one last.
        let mut pending: Vec<(AllocationRow, usize)> = tops.into_iter().rev().map(|row| (row, 0)).collect();
        while let Some((row, depth)) = pending.pop()
            && rows.len() < limit
        {
            if depth < self.depth && row.has_callers {
                let callers = profile.callers(graph, &row);
                let mut branches = callers.branches;
                sort_rows(graph, &mut branches, column, direction);
                // A chain of single callers opens at once, each a level below the one before.
                let chain_end = depth + callers.chain.len() + 1;
                pending.extend(branches.into_iter().rev().map(|row| (row, chain_end)));
                for (i, mut caller) in callers.chain.into_iter().enumerate().rev() {
                    caller.has_callers = false;
                    pending.push((caller, depth + 1 + i));
                }
            }
            #[allow(clippy::cast_possible_truncation, reason = "no deeper than stacks are")]
            rows.push(FunctionRow { function: row.function, totals: row.totals, depth: depth as u32 });
        }
        rows
    }
}
