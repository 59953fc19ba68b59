//! `comparison`: what is new and what is gone between two snapshots.

use super::args::ClassArgs;
use super::object_rows;
use super::open::OpenArgs;
use super::output::{Answer, Cell, Column};
use super::{CliError, OutputArgs, write_answer};
use crate::analysis::Heap;
use crate::analysis::order::sort::Direction;
use crate::analysis::tables::comparison::{
    ChangedObject, Comparison, ComparisonColumn, ComparisonRow, ComparisonSort, compare,
};
use crate::graph::NodeIndex;
use crate::progress::Stage;
use crate::text::TextCow;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Compare two snapshots: new and deleted objects by constructor
///
/// JSON: rows of constructor, class_key, new, deleted, delta, alloc_size, freed_size and size_delta, and of changed and
/// size_change, which are about objects in both. CSV: constructor,new,deleted,delta,alloc_size,freed_size,size_delta.
/// With --objects: rows of difference (new, deleted, changed), id, type, name, distance, shallow_size, retained_size
/// and size_delta.
#[derive(Debug, Args)]
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

const COLUMNS: [Column; 10] = [
    Column::words("constructor", "Constructor"),
    Column::json("class_key"),
    Column::numbers("new", "# New"),
    Column::numbers("deleted", "# Deleted"),
    Column::numbers("delta", "# Delta"),
    Column::numbers("alloc_size", "Alloc. size"),
    Column::numbers("freed_size", "Freed size"),
    Column::numbers("size_delta", "Size delta"),
    Column::json("changed"),
    Column::json("size_change"),
];

const CHANGED_COLUMNS: [Column; 4] = [
    Column::words("constructor", "Constructor"),
    Column::json("class_key"),
    Column::numbers("changed", "# Changed"),
    Column::numbers("size_change", "Size change"),
];

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

    /// A row for each class with a difference of the kind asked for.
    fn rows<'a>(&self, comparison: &'a Comparison) -> Answer<'a> {
        let is_shown = |row: &ComparisonRow| {
            let differs = if self.changed { row.changed_count != 0 } else { row.has_new_or_deleted() };
            differs && self.class.filter().accepts(row.name.as_text())
        };
        let order = comparison.sorted_rows(self.sort());
        let rows: Vec<&ComparisonRow> =
            order.into_iter().map(|i| &comparison.rows[i as usize]).filter(|row| is_shown(row)).collect();
        let answer = Answer::new("comparison");
        if self.changed {
            return answer.rows(CHANGED_COLUMNS, rows.len(), move |i| {
                let row = rows[i];
                vec![
                    Cell::text(row.name.as_text()),
                    Cell::Text(TextCow::Owned(row.class_key())),
                    Cell::SpacedCount(row.changed_count),
                    Cell::BytesDelta(row.size_change),
                ]
            });
        }
        answer.rows(COLUMNS, rows.len(), move |i| {
            let row = rows[i];
            vec![
                Cell::text(row.name.as_text()),
                Cell::Text(TextCow::Owned(row.class_key())),
                Cell::SpacedCount(row.new_count),
                Cell::SpacedCount(row.deleted_count),
                Cell::CountDelta(row.count_delta()),
                Cell::Bytes(row.allocated_size),
                Cell::Bytes(row.freed_size),
                Cell::BytesDelta(row.size_delta()),
                Cell::SpacedCount(row.changed_count),
                Cell::BytesDelta(row.size_change),
            ]
        })
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
        let objects: Vec<Object<'a>> = if self.changed {
            let changed = comparison.changed_objects(row, base, target, sort, &stage)?;
            let object = |o: ChangedObject| Object::new("changed", target, o.target, o.size_change(base, target));
            changed.into_iter().map(object).collect()
        } else {
            let signed = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
            let new = comparison.new_objects(row, target, sort, &stage)?;
            let deleted = comparison.deleted_objects(row, base, sort, &stage)?;
            let new = new.into_iter().map(|n| Object::new("new", target, n, signed(target.shallow_size(n))));
            let deleted = deleted.into_iter().map(|n| Object::new("deleted", base, n, -signed(base.shallow_size(n))));
            new.chain(deleted).collect()
        };
        let mut columns = vec![Column::words("difference", "Difference")];
        columns.extend(object_rows::COLUMNS);
        columns.push(Column::numbers("size_delta", "Size delta"));
        let answer = Answer::new("comparison").fact("constructor", "Constructor", Cell::words(row.name.to_string()));
        Ok(answer.rows(columns, objects.len(), move |i| {
            let Object { difference, heap, node, size_delta } = objects[i];
            let mut cells = vec![Cell::word(difference)];
            cells.extend(object_rows::cells(heap, node, 0));
            cells.push(Cell::BytesDelta(size_delta));
            cells
        }))
    }
}

/// An object that is not the same in both snapshots.
#[derive(Debug, Clone, Copy)]
struct Object<'a> {
    difference: &'static str,
    /// The snapshot that has the object.
    heap: &'a Heap,
    node: NodeIndex,
    size_delta: i64,
}

impl<'a> Object<'a> {
    fn new(difference: &'static str, heap: &'a Heap, node: NodeIndex, size_delta: i64) -> Self {
        Self { difference, heap, node, size_delta }
    }
}
