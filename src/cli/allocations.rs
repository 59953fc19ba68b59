//! `allocations`: what a timeline recorded.

use super::open::OpenArgs;
use super::output::{Answer, Cell, Column};
use super::{CliError, OutputArgs, write_answer};
use crate::analysis::order::sort::Direction;
use crate::analysis::tables::allocations::{
    AllocationColumn, AllocationProfile, AllocationRow, AllocationTotals, function_name, sort_rows, trace_function,
};
use crate::analysis::tables::timeline::timeline;
use crate::graph::HeapGraph;
use crate::progress::Stage;
use crate::text::TextCow;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// List functions by what they allocated, or the samples of a timeline
///
/// For allocation timelines. Sizes and counts are those allocated while recording; live ones are still there at its
/// end. JSON: rows of depth, live_count, count, live_size, size, function, script, line and column (from 1), or, with
/// --samples, of time_ms, last_id and size. CSV: the same columns.
#[derive(Debug, Args)]
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

/// What is said of a function.
pub(super) const FUNCTION_COLUMNS: [Column; 4] = [
    Column::words("function", "Function"),
    Column::words("script", "Script"),
    Column::numbers("line", "Line"),
    Column::numbers("column", "Column"),
];

/// The cells of [`FUNCTION_COLUMNS`] for the function at `function`, indented so many levels.
pub(super) fn function_cells(graph: &HeapGraph, function: u32, depth: usize) -> Vec<Cell<'_>> {
    let at = trace_function(graph, function);
    let number = |n: u32| Cell::Number(n.into());
    vec![
        Cell::Indented(depth, TextCow::Borrowed(function_name(graph, function))),
        Cell::option(at, |f| Cell::text(graph.strings.get(f.script_name))),
        Cell::option(at, |f| number(f.line)),
        Cell::option(at, |f| number(f.column)),
    ]
}

const NUMBER_COLUMNS: [Column; 5] = [
    Column::programs("depth"),
    Column::numbers("live_count", "Live count"),
    Column::numbers("count", "Count"),
    Column::numbers("live_size", "Live size"),
    Column::numbers("size", "Size"),
];

const SAMPLE_COLUMNS: [Column; 3] =
    [Column::numbers("time_ms", "Time"), Column::numbers("last_id", "Last id"), Column::numbers("size", "Size")];

impl AllocationsArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let snapshot = self.open.open(&self.file)?;
        let graph = &snapshot.heap.graph;
        if self.samples {
            let timeline = timeline(&snapshot.heap, &Stage::unwatched())?.unwrap_or_default();
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an id, if the file is sound")]
            let answer = Answer::new("allocations").rows(SAMPLE_COLUMNS, timeline.samples.len(), |i| {
                let last_id = timeline.samples[i].last_assigned_id as u64;
                vec![Cell::Milliseconds(timeline.timestamp_ms(i)), Cell::Count(last_id), Cell::Bytes(timeline.sizes[i])]
            });
            return write_answer(answer, &self.output);
        }
        let rows = self.rows(graph, snapshot.heap.allocation_profile());
        let columns: Vec<_> = NUMBER_COLUMNS.into_iter().chain(FUNCTION_COLUMNS).collect();
        let answer = Answer::new("allocations").rows(columns, rows.len(), |i| {
            let (function, totals, depth) = rows[i];
            let mut cells = vec![
                Cell::Count(depth as u64),
                Cell::SpacedCount(totals.live_count),
                Cell::SpacedCount(totals.count),
                Cell::Bytes(totals.live_size),
                Cell::Bytes(totals.size),
            ];
            cells.extend(function_cells(graph, function, depth));
            cells
        });
        write_answer(answer, &self.output)
    }

    /// Functions and, below each, as many levels of its callers as asked for: what is written of them, and their level.
    fn rows(&self, graph: &HeapGraph, profile: &AllocationProfile) -> Vec<(u32, AllocationTotals, usize)> {
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
            rows.push((row.function, row.totals, depth));
        }
        rows
    }
}
