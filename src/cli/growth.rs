//! `growth`: the constructors of any number of snapshots beside each other.

use super::args::ClassArgs;
use super::open::{OpenArgs, files_named};
use super::{CliError, OutputArgs, write_answer};
use crate::analysis::order::sort::Direction;
use crate::analysis::tables::growth::{GrowthColumn, GrowthRow, GrowthSort, growth};
use crate::progress::Stage;
use crate::relation::{catalog, tables};
use crate::session::document_name;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Show how constructors develop over two or more snapshots
///
/// The table has the objects of the first and of the last snapshot and what each step between adds, then the same for
/// shallow sizes. JSON and CSV have the columns of each snapshot by its number.
#[derive(Debug, Args)]
#[command(after_long_help = catalog::help("growth"))]
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
        let is_shown = |row: &GrowthRow| {
            (!self.every_step || row.grew_in_every_step()) && self.class.filter().accepts(row.name.as_text())
        };
        let mut rows = growth.sorted_rows(self.sort(growth.snapshots));
        rows.retain(|&row| is_shown(&growth.rows[row as usize]));
        let names: Vec<_> = snapshots.iter().map(|s| document_name(&s.path)).collect();
        write_answer(tables::growth::growth(&growth, &names, rows), &self.output)
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
}
