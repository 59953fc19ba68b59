//! `side-by-side`: the constructors of two snapshots in one table.

use super::args::ClassArgs;
use super::open::OpenArgs;
use super::{CliError, OutputArgs, write_answer};
use crate::analysis::order::sort::Direction;
use crate::analysis::tables::side_by_side::{SideBySideColumn, SideBySideSort, side_by_side};
use crate::progress::Stage;
use crate::relation::{catalog, tables};
use crate::session::document_name;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Show two snapshots in one table, constructor by constructor, with the difference
///
/// The columns of the base, A, are empty where only the other snapshot, B, has the constructor, and the other way round.
#[derive(Debug, Args)]
#[command(after_long_help = catalog::help("side-by-side"))]
pub(super) struct SideBySideArgs {
    /// The base, A
    base: PathBuf,
    /// The snapshot to put beside it, B
    target: PathBuf,
    #[command(flatten)]
    class: ClassArgs,
    /// Sort by this column: numbers greatest first, names A first
    #[arg(long, value_enum, value_name = "COLUMN", ignore_case = true, default_value_t = SortColumn::RetainedDelta)]
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
    BaseCount,
    BaseShallowSize,
    BaseRetainedSize,
    TargetCount,
    TargetShallowSize,
    TargetRetainedSize,
    CountDelta,
    SizeDelta,
    RetainedDelta,
}

impl SideBySideArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let (base, target) = (self.open.open(&self.base)?, self.open.open(&self.target)?);
        let both = side_by_side(&base.heap, &target.heap, &Stage::unwatched())?;
        let mut rows = both.sorted_rows(self.sort());
        rows.retain(|&row| self.class.filter().accepts(both.rows[row as usize].name.as_text()));
        let names = [&base, &target].map(|s| document_name(&s.path));
        write_answer(tables::side_by_side::side_by_side(&both, [&names[0], &names[1]], rows), &self.output)
    }

    fn sort(&self) -> SideBySideSort {
        use crate::analysis::tables::side_by_side::{Measure, Of};
        let figure = SideBySideColumn::Figure;
        let column = match self.sort {
            SortColumn::Constructor => SideBySideColumn::Name,
            SortColumn::BaseCount => figure(Of::Base, Measure::Count),
            SortColumn::BaseShallowSize => figure(Of::Base, Measure::ShallowSize),
            SortColumn::BaseRetainedSize => figure(Of::Base, Measure::RetainedSize),
            SortColumn::TargetCount => figure(Of::Target, Measure::Count),
            SortColumn::TargetShallowSize => figure(Of::Target, Measure::ShallowSize),
            SortColumn::TargetRetainedSize => figure(Of::Target, Measure::RetainedSize),
            SortColumn::CountDelta => figure(Of::Difference, Measure::Count),
            SortColumn::SizeDelta => figure(Of::Difference, Measure::ShallowSize),
            SortColumn::RetainedDelta => figure(Of::Difference, Measure::RetainedSize),
        };
        let is_ascending = (column == SideBySideColumn::Name) != self.reverse;
        SideBySideSort { column, direction: if is_ascending { Direction::Ascending } else { Direction::Descending } }
    }
}
