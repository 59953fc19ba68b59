//! `growth`: the constructors of any number of snapshots beside each other.

use super::args::ClassArgs;
use super::open::{OpenArgs, files_named};
use super::output::{Answer, Cell, Column};
use super::{CliError, OutputArgs, write_answer};
use crate::analysis::order::sort::Direction;
use crate::analysis::tables::growth::{ClassAt, Growth, GrowthColumn, GrowthRow, GrowthSort, growth};
use crate::progress::Stage;
use crate::session::document_name;
use crate::text::TextCow;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Show how constructors develop over two or more snapshots
///
/// The table has the objects of the first and of the last snapshot and what each step between adds, then the same for
/// shallow sizes. JSON: snapshot_1, snapshot_2 and so on, their names; rows of constructor, class_key and
/// grew_every_step, and for each snapshot, by its number, count_1, shallow_size_1, retained_size_1, count_2,
/// shallow_size_2, retained_size_2 and so on, from the second on also count_change_2, shallow_size_change_2,
/// retained_size_change_2 and so on, which are to the snapshot before; then count_delta, size_delta and
/// retained_delta, from the first to the last. CSV: the same columns.
#[derive(Debug, Args)]
pub(super) struct GrowthArgs {
    /// Snapshots of one program, the oldest first, or a folder of them
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Only constructors whose objects became more in every step, or bigger in every step
    #[arg(long)]
    every_step: bool,
    #[command(flatten)]
    class: ClassArgs,
    /// Sort by this column: numbers greatest first, names A first; those without "delta" are of the last snapshot
    #[arg(long, value_enum, value_name = "COLUMN", ignore_case = true, default_value_t = SortColumn::SizeDelta)]
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
    #[value(alias = "name", alias = "object")]
    Constructor,
    Count,
    #[value(alias = "shallow-size", alias = "shallow")]
    ShallowSize,
    #[value(alias = "retained-size", alias = "retained")]
    RetainedSize,
    #[value(alias = "count-delta", alias = "delta")]
    CountDelta,
    #[value(alias = "size-delta")]
    SizeDelta,
    #[value(alias = "retained-delta")]
    RetainedDelta,
}

impl GrowthArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let files = files_named(&self.files)?;
        if files.len() < 2 {
            return Err(CliError::Usage("growth takes two snapshots or more to tell".to_owned()));
        }
        let snapshots = self.open.open_all(&files)?;
        let heaps: Vec<_> = snapshots.iter().map(|s| &s.heap).collect();
        let growth = growth(&heaps, &Stage::unwatched())?;
        let mut answer = Answer::new("growth");
        for (i, snapshot) in snapshots.iter().enumerate() {
            let number = i + 1;
            answer = answer.fact(
                format!("snapshot_{number}"),
                format!("Snapshot {number}"),
                Cell::words(document_name(&snapshot.path)),
            );
        }
        write_answer(self.rows(answer, &growth), &self.output)
    }

    fn sort(&self, snapshots: usize) -> GrowthSort {
        let last = snapshots - 1;
        let column = match self.sort {
            SortColumn::Constructor => GrowthColumn::Name,
            SortColumn::Count => GrowthColumn::Count(last),
            SortColumn::ShallowSize => GrowthColumn::ShallowSize(last),
            SortColumn::RetainedSize => GrowthColumn::RetainedSize(last),
            SortColumn::CountDelta => GrowthColumn::CountDelta,
            SortColumn::SizeDelta => GrowthColumn::SizeDelta,
            SortColumn::RetainedDelta => GrowthColumn::RetainedDelta,
        };
        let is_ascending = (column == GrowthColumn::Name) != self.reverse;
        GrowthSort { column, direction: if is_ascending { Direction::Ascending } else { Direction::Descending } }
    }

    fn rows<'a>(&self, answer: Answer<'a>, growth: &'a Growth) -> Answer<'a> {
        let is_shown = |row: &GrowthRow| {
            (!self.every_step || row.grew_in_every_step()) && self.class.filter().accepts(row.name.as_text())
        };
        let order = growth.sorted_rows(self.sort(growth.snapshots));
        let rows: Vec<&GrowthRow> =
            order.into_iter().map(|i| &growth.rows[i as usize]).filter(|row| is_shown(row)).collect();
        answer.rows(columns(growth.snapshots), rows.len(), move |i| cells(rows[i]))
    }
}

/// What is counted, with its key, its title, and how values and differences are written.
type Measure = (&'static str, &'static str, fn(&ClassAt) -> u64, fn(u64) -> Cell<'static>, fn(i64) -> Cell<'static>);

const MEASURES: [Measure; 3] = [
    ("count", "#", |c| c.count, Cell::Count, Cell::CountDelta),
    ("shallow_size", "Size", |c| c.shallow_size, Cell::Bytes, Cell::BytesDelta),
    ("retained_size", "Retained", |c| c.retained_size, Cell::Bytes, Cell::BytesDelta),
];

fn columns(snapshots: usize) -> Vec<Column> {
    let mut columns = vec![Column::words("constructor", "Constructor"), Column::programs("class_key")];
    columns.push(Column::programs("grew_every_step"));
    for (key, title, ..) in MEASURES {
        // The table has no room for the snapshots between, which the steps say.
        for i in 1..=snapshots {
            if i > 1 && key != "retained_size" {
                columns.push(Column::numbered(format!("{key}_change_{i}"), format!("{}\u{2192}{i}", i - 1)));
            } else if i > 1 {
                columns.push(Column::numbered_for_programs(format!("{key}_change_{i}")));
            }
            let is_shown = i == snapshots || i == 1 && key != "retained_size";
            let name = format!("{key}_{i}");
            columns.push(if is_shown {
                Column::numbered(name, format!("{title} {i}"))
            } else {
                Column::numbered_for_programs(name)
            });
        }
    }
    for key in ["count_delta", "size_delta", "retained_delta"] {
        columns.push(Column::programs(key));
    }
    columns
}

/// A cell for each of [`columns`].
fn cells(row: &GrowthRow) -> Vec<Cell<'_>> {
    let mut cells = vec![Cell::text(row.name.as_text()), Cell::Text(TextCow::Owned(row.class_key()))];
    cells.push(Cell::Flag(row.grew_in_every_step()));
    for (_, _, of, value, change) in MEASURES {
        let mut steps = row.steps(of);
        for (i, at) in row.at.iter().enumerate() {
            if i > 0 {
                cells.push(steps.next().map_or(Cell::Empty, change));
            }
            cells.push(value(of(at)));
        }
    }
    cells.extend(MEASURES.map(|(_, _, of, _, change)| change(row.delta(of))));
    cells
}
