//! The rows of Comparison: classes, their new, deleted and changed objects, the references of
//! those, each from its own snapshot. Knows no egui.

use crate::analysis::Heap;
use crate::analysis::facts::classes::Class;
use crate::analysis::order::sort::places;
use crate::analysis::tables::comparison::{
    ChangedObject, Comparison, ComparisonColumn, ComparisonRow, ComparisonSort, compare,
};
use crate::analysis::tables::summary::ClassFilter;
use crate::analysis::tables::tree::{Level, has_edges};
use crate::graph::{EdgeIndex, NodeIndex, NodeSet};
use crate::progress::{CancelToken, Cancelled, Progress, Stage};
use crate::relation::Answer;
use crate::relation::tables::comparison::{self as table, Shown};
use crate::session::Snapshot;
use crate::session::row_name::RowName;
use crate::ui::panels::objects_table::{Group, ObjectRows, Side};
use crate::ui::panels::pair::PairRows;
use crate::ui::rows::{self, cells, fields};
use crate::ui::terms;
use crate::ui::tree::{Ancestors, Cell, Column, LazyTree, RowView, Sort, Tone, TreeSource};
use crate::units;
use std::borrow::Cow;
use std::sync::Arc;

/// The column the table is sorted by at first.
pub(super) const ALLOCATED_SIZE: usize = 4;
/// From here on columns are shown on request only.
pub(super) const CHANGED: usize = 7;

/// The columns as the engine knows them, by position.
const COLUMNS: [ComparisonColumn; 9] = [
    ComparisonColumn::Name,
    ComparisonColumn::NewCount,
    ComparisonColumn::DeletedCount,
    ComparisonColumn::CountDelta,
    ComparisonColumn::AllocatedSize,
    ComparisonColumn::FreedSize,
    ComparisonColumn::SizeDelta,
    ComparisonColumn::ChangedCount,
    ComparisonColumn::SizeChange,
];

/// What a row stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    /// The class at this position of the comparison.
    Class(u32),
    /// An object that is only in the target.
    New(NodeIndex),
    /// An object that is only in the base.
    Deleted(NodeIndex),
    /// An object of both with different sizes.
    Changed(ChangedObject),
    /// Something an object refers to.
    Reference(Side, EdgeIndex),
}

/// The rows of Comparison.
#[derive(Debug, Clone)]
pub(super) struct ComparisonRows {
    base: Arc<Snapshot>,
    target: Arc<Snapshot>,
    comparison: Arc<Comparison>,
    class_filter: ClassFilter,
    with_changed: bool,
}

fn engine_sort(sort: Option<Sort>) -> ComparisonSort {
    sort.map_or(ComparisonSort::default(), |sort| ComparisonSort {
        column: COLUMNS.get(sort.column).copied().unwrap_or(ComparisonColumn::Name),
        direction: sort.direction,
    })
}

/// More or fewer, in the color of growth or of shrinkage.
pub(in crate::ui::panels) fn delta(delta: i64, format: impl Fn(u64) -> String) -> Cell {
    let tone = match delta {
        0 => Tone::Quiet,
        1.. => Tone::Growth,
        _ => Tone::Shrinkage,
    };
    Cell::Figure { text: units::signed(delta, format), percent: String::new(), bar: 0.0, tone }
}

impl ComparisonRows {
    /// All rows with something new or deleted.
    pub(super) fn new(base: Arc<Snapshot>, target: Arc<Snapshot>, comparison: Arc<Comparison>) -> Self {
        Self { base, target, comparison, class_filter: ClassFilter::All, with_changed: false }
    }

    /// The same rows, others of them shown.
    pub(super) fn shown(&self, class_filter: ClassFilter, with_changed: bool) -> Self {
        Self { class_filter, with_changed, ..self.clone() }
    }

    /// Whether objects that changed their size are shown.
    pub(super) fn is_with_changed(&self) -> bool {
        self.with_changed
    }

    fn is_shown(&self, row: &ComparisonRow) -> bool {
        (row.has_new_or_deleted() || self.with_changed) && self.class_filter.accepts(row.name.as_text())
    }

    /// By how many objects and bytes the shown rows differ.
    pub(super) fn totals(&self) -> (i64, i64) {
        let shown = self.comparison.rows.iter().filter(|row| self.is_shown(row));
        shown.fold((0, 0), |(count, size): (i64, i64), row| {
            let change = if self.with_changed { row.size_change } else { 0 };
            (count + row.count_delta(), size.saturating_add(row.size_delta()).saturating_add(change))
        })
    }

    fn heap(&self, side: Side) -> &Heap {
        match side {
            Side::Base => &self.base.heap,
            Side::Current => &self.target.heap,
        }
    }

    fn object_of(&self, item: Item) -> Option<(Side, NodeIndex)> {
        Some(match item {
            Item::Class(_) => return None,
            Item::New(n) => (Side::Current, n),
            Item::Deleted(n) => (Side::Base, n),
            Item::Changed(object) => (Side::Current, object.target),
            Item::Reference(side, e) => (side, self.heap(side).graph.edge(e).target),
        })
    }

    fn is_cycle(&self, item: Item, ancestors: Ancestors<'_, Item>) -> bool {
        let Item::Reference(side, e) = item else { return false };
        let target = |e| self.heap(side).graph.edge(e).target;
        fields::is_cycle(
            target(e),
            ancestors.filter_map(|above| match above {
                Item::Reference(_, e) => Some(target(*e)),
                _ => None,
            }),
        )
    }

    /// The cells of a class.
    fn class_cells(&self, row: &ComparisonRow) -> Vec<Cell> {
        let count = |n| Cell::figure(units::spaced_count(n));
        let size = |n| Cell::figure(units::bytes(n));
        let mut cells = vec![
            Cell::Text(cells::class(row.name.as_text(), 1)),
            count(row.new_count),
            count(row.deleted_count),
            delta(row.count_delta(), units::spaced_count),
            size(row.allocated_size),
            size(row.freed_size),
            delta(row.size_delta(), units::bytes),
        ];
        if self.with_changed {
            cells.push(count(row.changed_count));
            cells.push(delta(row.size_change, units::bytes));
        }
        cells
    }

    /// A row of the object `n` whose figures stand in two columns.
    fn object_row(&self, side: Side, n: NodeIndex, count_column: usize, size_column: usize, size: Cell) -> RowView {
        let heap = self.heap(side);
        let mut cells = vec![Cell::Empty; if self.with_changed { COLUMNS.len() } else { CHANGED }];
        cells[0] = Cell::Text(cells::object(heap, n));
        cells[count_column] = Cell::figure("•");
        cells[size_column] = size;
        RowView { marks: cells::marks(heap, n), ..RowView::new(cells) }
    }
}

/// The class that a row compares.
fn class_of(row: &ComparisonRow) -> Class {
    Class { name: row.class_name.clone(), location: row.location }
}

impl TreeSource for ComparisonRows {
    type Item = Item;

    fn columns(&self) -> Vec<Column> {
        use terms::column as help;
        let mut columns = vec![
            Column::tree("Constructor", help::CONSTRUCTOR),
            Column::figures("# New", help::NEW, 76.0),
            Column::figures("# Deleted", help::DELETED, 84.0),
            Column::figures("# Delta", help::DELTA, 84.0),
            Column::figures("Alloc. size", help::ALLOCATED_SIZE, 92.0),
            Column::figures("Freed size", help::FREED_SIZE, 92.0),
            Column::figures("Size delta", help::SIZE_DELTA, 92.0),
        ];
        if self.with_changed {
            columns.push(Column::figures("# Changed", help::CHANGED, 88.0));
            columns.push(Column::figures("Size change", help::SIZE_CHANGE, 100.0));
        }
        columns
    }

    fn child_count(&self, parent: Option<&Item>) -> u32 {
        match parent {
            None => self.comparison.rows.len() as u32,
            Some(Item::Class(class)) => {
                let row = &self.comparison.rows[*class as usize];
                (row.new_count + row.deleted_count + row.changed_count) as u32
            }
            Some(&item) => self.object_of(item).map_or(0, |(side, n)| fields::count(self.heap(side), n)),
        }
    }

    fn child(&self, parent: Option<&Item>, position: u32) -> Item {
        match parent {
            None => Item::Class(position),
            Some(Item::Class(class)) => {
                let row = &self.comparison.rows[*class as usize];
                let (new, deleted) = (self.comparison.new_of(row), self.comparison.deleted_of(row));
                let at = position as usize;
                match (new.get(at), at.checked_sub(new.len()).and_then(|at| deleted.get(at))) {
                    (Some(&n), _) => Item::New(n),
                    (None, Some(&n)) => Item::Deleted(n),
                    (None, None) => Item::Changed(self.comparison.changed_of(row)[at - new.len() - deleted.len()]),
                }
            }
            Some(&item) => {
                let (side, n) = self.object_of(item).unwrap_or((Side::Current, NodeIndex(0)));
                Item::Reference(side, fields::reference(self.heap(side), n, position).index)
            }
        }
    }

    fn order(&self, parent: Option<&Item>, sort: Option<Sort>, cancel: &CancelToken) -> Result<Vec<u32>, Cancelled> {
        let sort = engine_sort(sort);
        let all = &self.comparison;
        let Some(&parent) = parent else {
            let mut order = all.sorted_rows(sort);
            order.retain(|&row| self.is_shown(&all.rows[row as usize]));
            return Ok(order);
        };
        if let Item::Class(class) = parent {
            let row = &all.rows[class as usize];
            let stage = Stage::cancelled_by(cancel);
            let (base, target) = (&self.base.heap, &self.target.heap);
            let new = all.new_objects(row, target, sort, &stage)?;
            let deleted = all.deleted_objects(row, base, sort, &stage)?;
            let after_new = row.new_count as u32;
            let after_deleted = after_new + row.deleted_count as u32;
            let mut order = places(&new, all.new_of(row));
            order.extend(places(&deleted, all.deleted_of(row)).iter().map(|at| after_new + at));
            if self.with_changed {
                let nodes = |objects: &[ChangedObject]| objects.iter().map(|o| o.target).collect::<Vec<_>>();
                let changed = nodes(&all.changed_objects(row, base, target, sort, &stage)?);
                order.extend(places(&changed, &nodes(all.changed_of(row))).iter().map(|at| after_deleted + at));
            }
            return Ok(order);
        }
        let level = if matches!(parent, Item::Reference(..)) { Level::Deeper } else { Level::UnderObject };
        match self.object_of(parent) {
            Some((side, n)) => fields::order(self.heap(side), n, level, sort.of_edges(level), cancel),
            None => Ok(Vec::new()),
        }
    }

    fn exported(&self, tree: &LazyTree<Self>) -> Answer<'static> {
        let row = |item| match item {
            Item::Class(row) => Some(row),
            _ => None,
        };
        let rows = tree.top_level().into_iter().filter_map(row).collect();
        let shown = if self.with_changed { Shown::WithChanged } else { Shown::NewAndDeleted };
        table::comparison(Arc::clone(&self.comparison), rows, shown)
    }

    fn is_expandable(&self, &item: &Item, ancestors: Ancestors<'_, Item>) -> bool {
        match self.object_of(item) {
            None => true,
            Some((side, n)) => has_edges(self.heap(side), n) && !self.is_cycle(item, ancestors),
        }
    }

    fn row(&self, &item: &Item, ancestors: Ancestors<'_, Item>) -> RowView {
        let kilobytes = |side, n| Cell::figure(units::kilobytes(self.heap(side).shallow_size(n)));
        match item {
            Item::Class(class) => RowView::new(self.class_cells(&self.comparison.rows[class as usize])),
            Item::New(n) => self.object_row(Side::Current, n, 1, 4, kilobytes(Side::Current, n)),
            Item::Deleted(n) => self.object_row(Side::Base, n, 2, 5, kilobytes(Side::Base, n)),
            Item::Changed(object) => {
                let change = delta(object.size_change(&self.base.heap, &self.target.heap), units::bytes);
                self.object_row(Side::Current, object.target, 7, 8, change)
            }
            Item::Reference(side, e) => {
                let heap = self.heap(side);
                let edge = heap.graph.edge(e);
                RowView {
                    marks: cells::marks(heap, edge.target),
                    is_dimmed: self.is_cycle(item, ancestors),
                    ..RowView::new(vec![Cell::Text(cells::reference(heap, &edge))])
                }
            }
        }
    }

    fn name(&self, &item: &Item) -> Option<RowName> {
        Some(match item {
            Item::Class(class) => rows::class_row_name(&class_of(&self.comparison.rows[class as usize])),
            Item::New(n) | Item::Changed(ChangedObject { target: n, .. }) => RowName::Object(self.target.heap.id(n).0),
            Item::Deleted(n) => RowName::BaseObject(self.base.heap.id(n).0),
            Item::Reference(side, e) => {
                let heap = self.heap(side);
                let edge = heap.graph.edge(e);
                fields::row_name(heap, &edge, edge.target, side == Side::Base)
            }
        })
    }

    fn find(&self, parent: Option<&Item>, name: &RowName) -> Option<u32> {
        match parent {
            None => rows::find_class(self.comparison.rows.iter().map(|r| Cow::Owned(class_of(r))), name),
            Some(Item::Class(_)) => {
                (0..self.child_count(parent)).find(|&at| self.name(&self.child(parent, at)).as_ref() == Some(name))
            }
            Some(&item) => {
                let (side, n) = self.object_of(item)?;
                fields::find(self.heap(side), n, name)
            }
        }
    }

    fn tooltip(&self, &item: &Item, _: Ancestors<'_, Item>, column: usize) -> Option<String> {
        if let Some((side, n)) = self.object_of(item) {
            return match column {
                0 => cells::object_tooltip(self.heap(side), n, 0),
                _ => None,
            };
        }
        let Item::Class(class) = item else { return None };
        let row = &self.comparison.rows[class as usize];
        match COLUMNS.get(column)? {
            ComparisonColumn::Name => terms::class(&row.name.as_text().lossy()).map(ToOwned::to_owned),
            ComparisonColumn::AllocatedSize => Some(cells::exact_size(row.allocated_size)),
            ComparisonColumn::FreedSize => Some(cells::exact_size(row.freed_size)),
            ComparisonColumn::SizeDelta => Some(units::signed(row.size_delta(), cells::exact_size)),
            ComparisonColumn::SizeChange => Some(units::signed(row.size_change, cells::exact_size)),
            _ => None,
        }
    }
}

impl PairRows for ComparisonRows {
    type Answer = Comparison;
    const TABLE: &'static str = "Comparison";
    const SORT: Sort = Sort::descending(ALLOCATED_SIZE);
    const WORK: &'static str = "Comparing";

    fn answer(base: &Heap, target: &Heap, progress: &Progress) -> Result<Comparison, Cancelled> {
        compare(base, target, &progress.stage("Comparing", 1, 1))
    }

    fn about(base: Arc<Snapshot>, target: Arc<Snapshot>, answer: Comparison) -> Self {
        Self::new(base, target, Arc::new(answer))
    }
}

impl ObjectRows for ComparisonRows {
    fn object(&self, &item: &Item) -> Option<(Side, NodeIndex)> {
        self.object_of(item)
    }

    fn group(&self, item: &Item) -> Option<Group> {
        let &Item::Class(class) = item else { return None };
        let row = &self.comparison.rows[class as usize];
        let name = row.name.as_text().lossy();
        // What is gone has no way left in the snapshot that is shown.
        let (side, title, nodes) = match self.comparison.new_of(row) {
            [] => (Side::Base, format!("deleted: {name}"), self.comparison.deleted_of(row)),
            new => (Side::Current, format!("new: {name}"), new),
        };
        let objects = NodeSet::of(self.heap(side).graph.node_count(), nodes.iter().copied());
        Some(Group { side, title, objects })
    }

    fn class_name(&self, &item: &Item) -> Option<String> {
        match item {
            Item::Class(class) => Some(self.comparison.rows[class as usize].name.as_text().lossy().into_owned()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::tables::comparison::compare;
    use crate::session::job::FrontEnd;
    use crate::testing::{SnapshotBuilder, snapshot_of};
    use crate::ui::tree::{LazyTree, TreeModel};

    /// A root with things of these ids and sizes.
    fn things(of: &[(u64, u64)]) -> Arc<Snapshot> {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        for &(id, size) in of {
            let n = b.node("object", "Thing", size);
            b.set_id(n, id);
            b.edge(root, "property", "to", n);
            b.edge(n, "property", "self", n);
        }
        snapshot_of(b.heap())
    }

    fn rows(tree: &LazyTree<ComparisonRows>) -> Vec<String> {
        let rows = (0..tree.row_count()).filter_map(|r| Some(tree.row(r)?.tabbed_text()));
        rows.map(|row| row.replace('\u{a0}', " ").replace('\t', "|")).collect()
    }

    #[test]
    fn classes_open_to_new_deleted_and_on_request_changed_objects() {
        let (base, target) = (things(&[(11, 100), (13, 200), (15, 7)]), things(&[(11, 100), (13, 250), (17, 3000)]));
        let comparison = Arc::new(compare(&base.heap, &target.heap, &Stage::unwatched()).unwrap());
        let source = ComparisonRows::new(base, target, comparison);
        let with_changed = source.shown(ClassFilter::All, true);
        let mut tree = LazyTree::new(source, Some(Sort::descending(ALLOCATED_SIZE)), &FrontEnd::nobody());
        tree.set_expanded(0, true);
        assert_eq!(rows(&tree), ["Thing|1|1|0|3.0 kB|7 B|+3.0 kB", "Thing @17|•|||3.0 kB||", "Thing @15||•|||0.0 kB|"]);
        assert_eq!(tree.source().totals(), (0, 2993));
        tree.update(with_changed);
        assert_eq!(
            rows(&tree),
            [
                "Thing|1|1|0|3.0 kB|7 B|+3.0 kB|1|+50 B",
                "Thing @17|•|||3.0 kB||||",
                "Thing @15||•|||0.0 kB|||",
                "Thing @13|||||||•|+50 B"
            ]
        );
        // A deleted object opens in the snapshot it was in.
        tree.set_expanded(2, true);
        assert_eq!(tree.row(3).unwrap().name(), "self :: Thing @15");
        assert_eq!(tree.source().object(&tree.item(3).unwrap()).map(|o| o.0), Some(Side::Base));
        assert_eq!(tree.source().totals(), (0, 3043));
    }
}
