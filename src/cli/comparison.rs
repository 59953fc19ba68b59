//! `comparison`: what is new and what is gone between two snapshots.

use super::args::ClassArgs;
use super::open::OpenArgs;
use super::{CliError, OutputArgs, write_answer};
use crate::analysis::Heap;
use crate::analysis::order::sort::Direction;
use crate::analysis::tables::comparison::{
    ChangedObject, Comparison, ComparisonColumn, ComparisonRow, ComparisonSort, compare,
};
use crate::progress::Stage;
use crate::relation::tables::comparison::{self as table, DifferentObject, Shown};
use crate::relation::{Answer, catalog};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Compare two snapshots: new and deleted objects by constructor
#[derive(Debug, Args)]
#[command(after_long_help = catalog::help("comparison"))]
pub(super) struct ComparisonArgs {
    /// The earlier snapshot
    base: PathBuf,
    /// The later snapshot of the same process
    target: PathBuf,
    /// List the new and deleted objects of this class, by name or class key
    #[arg(long, value_name = "CLASS")]
    objects: Option<String>,
    /// Show objects in both snapshots whose size changed instead
    #[arg(long)]
    changed: bool,
    /// Also show objects in both snapshots whose size changed
    #[arg(long, conflicts_with_all = ["changed", "objects"])]
    with_changed: bool,
    #[command(flatten)]
    class: ClassArgs,
    /// Sort by this column: numbers greatest first, names A first
    #[arg(long, value_enum, value_name = "COLUMN", ignore_case = true)]
    sort: Option<SortColumn>,
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
    New,
    Deleted,
    Delta,
    #[value(alias = "alloc-size")]
    AllocSize,
    #[value(alias = "freed-size")]
    FreedSize,
    #[value(alias = "size-delta")]
    SizeDelta,
    Changed,
    #[value(alias = "size-change")]
    SizeChange,
}

impl ComparisonArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let base = self.open.open(&self.base)?;
        let target = self.open.open(&self.target)?;
        let comparison = compare(&base.heap, &target.heap, &Stage::unwatched())?;
        let answer = match &self.objects {
            Some(class) => self.objects_of(class, &comparison, &base.heap, &target.heap)?,
            None => self.rows(&comparison),
        };
        write_answer(answer, &self.output)
    }

    fn sort(&self) -> ComparisonSort {
        let column = match self.sort {
            None if self.changed => ComparisonColumn::SizeChange,
            None | Some(SortColumn::AllocSize) => ComparisonColumn::AllocatedSize,
            Some(SortColumn::Constructor) => ComparisonColumn::Name,
            Some(SortColumn::New) => ComparisonColumn::NewCount,
            Some(SortColumn::Deleted) => ComparisonColumn::DeletedCount,
            Some(SortColumn::Delta) => ComparisonColumn::CountDelta,
            Some(SortColumn::FreedSize) => ComparisonColumn::FreedSize,
            Some(SortColumn::SizeDelta) => ComparisonColumn::SizeDelta,
            Some(SortColumn::Changed) => ComparisonColumn::ChangedCount,
            Some(SortColumn::SizeChange) => ComparisonColumn::SizeChange,
        };
        let is_ascending = (column == ComparisonColumn::Name) != self.reverse;
        let direction = if is_ascending { Direction::Ascending } else { Direction::Descending };
        ComparisonSort { column, direction }
    }

    fn shown(&self) -> Shown {
        match (self.changed, self.with_changed) {
            (true, _) => Shown::Changed,
            (false, true) => Shown::WithChanged,
            (false, false) => Shown::NewAndDeleted,
        }
    }

    /// A row for each class with a difference of the kind asked for.
    fn rows<'a>(&self, comparison: &'a Comparison) -> Answer<'a> {
        let is_shown = |row: &ComparisonRow| {
            let differs = match self.shown() {
                Shown::NewAndDeleted => row.has_new_or_deleted(),
                Shown::WithChanged => row.has_new_or_deleted() || row.changed_count != 0,
                Shown::Changed => row.changed_count != 0,
            };
            differs && self.class.filter().accepts(row.name.as_text())
        };
        let mut rows = comparison.sorted_rows(self.sort());
        rows.retain(|&row| is_shown(&comparison.rows[row as usize]));
        table::comparison(comparison, rows, self.shown())
    }

    /// The objects of one class: new ones, then deleted ones; or those that changed.
    fn objects_of<'a>(
        &self,
        class: &str,
        comparison: &Comparison,
        base: &'a Heap,
        target: &'a Heap,
    ) -> Result<Answer<'a>, CliError> {
        let row = comparison
            .rows
            .iter()
            .find(|row| row.class_key().as_text() == class)
            .or_else(|| comparison.rows.iter().find(|row| row.name.as_text() == class))
            .ok_or_else(|| CliError::Usage(format!("nothing differs in a class '{class}'")))?;
        let (sort, stage) = (self.sort(), Stage::unwatched());
        let object =
            |difference, is_in_base, node, size_delta| DifferentObject { difference, is_in_base, node, size_delta };
        let objects = if self.changed {
            let changed = comparison.changed_objects(row, base, target, sort, &stage)?;
            let object = |o: ChangedObject| object("changed", false, o.target, o.size_change(base, target));
            changed.into_iter().map(object).collect()
        } else {
            let signed = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
            let new = comparison.new_objects(row, target, sort, &stage)?;
            let deleted = comparison.deleted_objects(row, base, sort, &stage)?;
            let new = new.into_iter().map(|n| object("new", false, n, signed(target.shallow_size(n))));
            new.chain(deleted.into_iter().map(|n| object("deleted", true, n, -signed(base.shallow_size(n))))).collect()
        };
        Ok(table::objects(&row.name.to_string(), base, target, objects))
    }
}
