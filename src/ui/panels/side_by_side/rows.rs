//! The rows of Side by side: classes with what they have in A and in B and the difference, opening
//! to the objects of both, each in its own band. Knows no egui.

use crate::analysis::Heap;
use crate::analysis::facts::classes::Class;
use crate::analysis::order::sort;
use crate::analysis::tables::side_by_side::{
    Measure, Of, SideBySide, SideBySideColumn, SideBySideRow, SideBySideSort, side_by_side,
};
use crate::analysis::tables::summary::{ClassFilter, sort_objects};
use crate::analysis::tables::tree::{Level, has_edges};
use crate::graph::{EdgeIndex, NodeId, NodeIndex, NodeSet};
use crate::progress::{CancelToken, Cancelled, Progress, Stage};
use crate::relation::{Answer, tables};
use crate::session::row_name::RowName;
use crate::session::{Snapshot, document_name};
use crate::ui::panels::comparison::delta;
use crate::ui::panels::objects_table::{Group, ObjectRows, Side};
use crate::ui::panels::pair::PairRows;
use crate::ui::rows::{self, cells, fields};
use crate::ui::terms;
use crate::ui::tree::{Ancestors, Cell, Column, LazyTree, RowView, Sort, Span, Tone, TreeSource};
use crate::units;
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

/// The column the table is sorted by at first: how much more B retains.
pub(super) const RETAINED_DELTA: usize = 9;

/// What a column after the first shows.
fn column_of(column: usize) -> Option<(Of, Measure)> {
    let measure = [Measure::Count, Measure::ShallowSize, Measure::RetainedSize][column.checked_sub(1)? % 3];
    Some((
        match (column - 1) / 3 {
            0 => Of::Base,
            1 => Of::Target,
            _ => Of::Difference,
        },
        measure,
    ))
}

fn engine_sort(sort: Sort) -> SideBySideSort {
    let column = column_of(sort.column).map_or(SideBySideColumn::Name, |(of, m)| SideBySideColumn::Figure(of, m));
    SideBySideSort { column, direction: sort.direction }
}

/// What a row stands for.
#[derive(Debug, Clone)]
pub(super) enum Item {
    /// The class of this row, and its objects once they were asked for: A's, then B's.
    Class(u32, Arc<OnceLock<Vec<(Side, NodeIndex)>>>),
    /// An object of one side.
    Object(Side, NodeIndex),
    /// Something an object refers to.
    Reference(Side, EdgeIndex),
}

/// The rows of Side by side.
#[derive(Debug, Clone)]
pub(super) struct SideBySideRows {
    base: Arc<Snapshot>,
    target: Arc<Snapshot>,
    both: Arc<SideBySide>,
    class_filter: ClassFilter,
}

impl SideBySideRows {
    /// All classes of both.
    pub(super) fn new(base: Arc<Snapshot>, target: Arc<Snapshot>, both: Arc<SideBySide>) -> Self {
        Self { base, target, both, class_filter: ClassFilter::All }
    }

    /// The same rows less the classes that `class_filter` refuses.
    pub(super) fn filtered(&self, class_filter: ClassFilter) -> Self {
        Self { class_filter, ..self.clone() }
    }

    fn heap(&self, side: Side) -> &Heap {
        match side {
            Side::Base => &self.base.heap,
            Side::Current => &self.target.heap,
        }
    }

    /// One scale for both sides, so that lengths can be compared.
    fn scale(&self) -> u64 {
        self.base.heap.total_size().max(self.target.heap.total_size())
    }

    fn size(&self, bytes: u64) -> Cell {
        match Cell::share(units::kilobytes(bytes), bytes, self.scale()) {
            Cell::Figure { text, bar, tone, .. } => Cell::Figure { text, bar, tone, percent: String::new() },
            other => other,
        }
    }

    fn objects<'a>(
        &self,
        row: &SideBySideRow,
        objects: &'a OnceLock<Vec<(Side, NodeIndex)>>,
    ) -> &'a [(Side, NodeIndex)] {
        objects.get_or_init(|| {
            let of_base = row.base.map(|g| self.both.base_objects(&self.base.heap, g.class));
            let of_target = row.target.map(|g| self.both.target_objects(&self.target.heap, g.class));
            let base = of_base.into_iter().flatten().map(|n| (Side::Base, n));
            base.chain(of_target.into_iter().flatten().map(|n| (Side::Current, n))).collect()
        })
    }

    fn object_of(&self, item: &Item) -> Option<(Side, NodeIndex)> {
        match *item {
            Item::Class(..) => None,
            Item::Object(side, n) => Some((side, n)),
            Item::Reference(side, e) => Some((side, self.heap(side).graph.edge(e).target)),
        }
    }

    fn is_cycle(&self, item: &Item, ancestors: Ancestors<'_, Item>) -> bool {
        let Item::Reference(side, e) = *item else { return false };
        let target = |e| self.heap(side).graph.edge(e).target;
        let above = ancestors.filter_map(|item| match item {
            Item::Reference(_, e) => Some(target(*e)),
            _ => None,
        });
        fields::is_cycle(target(e), above)
    }

    /// The row of an object: its figures stand in the band of its side.
    fn object_row(&self, side: Side, n: NodeIndex, name: Vec<Span>, is_dimmed: bool) -> RowView {
        let heap = self.heap(side);
        let mut cells = vec![Cell::Empty; 10];
        cells[0] = Cell::Text(name);
        let first = if side == Side::Base { 1 } else { 4 };
        cells[first + 1] = self.size(heap.shallow_size(n));
        cells[first + 2] = self.size(heap.retained_size(n));
        RowView { marks: cells::marks(heap, n), is_dimmed, ..RowView::new(cells) }
    }
}

/// The class that a row is about.
fn class_of(row: &SideBySideRow) -> Class {
    Class { name: row.name.clone(), location: row.location }
}

impl TreeSource for SideBySideRows {
    type Item = Item;

    fn columns(&self) -> Vec<Column> {
        use terms::column as help;
        let mut columns = vec![Column::tree("Constructor", help::CONSTRUCTOR)];
        for band in ["A", "B", "B \u{2212} A"] {
            columns.push(Column::figures("Count", help::COUNT, 72.0).in_band(band));
            columns.push(Column::figures("Shallow", help::SHALLOW_SIZE, 88.0).in_band(band));
            columns.push(Column::figures("Retained", help::RETAINED_SIZE, 88.0).in_band(band));
        }
        columns
    }

    fn child_count(&self, parent: Option<&Item>) -> u32 {
        match parent {
            None => self.both.rows.len() as u32,
            Some(Item::Class(row, _)) => {
                let row = &self.both.rows[*row as usize];
                (Measure::Count.of(row.base.as_ref()) + Measure::Count.of(row.target.as_ref())) as u32
            }
            Some(item) => self.object_of(item).map_or(0, |(side, n)| fields::count(self.heap(side), n)),
        }
    }

    fn child(&self, parent: Option<&Item>, position: u32) -> Item {
        match parent {
            None => Item::Class(position, Arc::default()),
            Some(Item::Class(row, objects)) => {
                let (side, n) = self.objects(&self.both.rows[*row as usize], objects)[position as usize];
                Item::Object(side, n)
            }
            Some(item) => {
                let (side, n) = self.object_of(item).unwrap_or((Side::Current, NodeIndex(0)));
                Item::Reference(side, fields::reference(self.heap(side), n, position).index)
            }
        }
    }

    fn order(&self, parent: Option<&Item>, sort: Option<Sort>, cancel: &CancelToken) -> Result<Vec<u32>, Cancelled> {
        let sort = sort.unwrap_or(Sort::descending(RETAINED_DELTA));
        let direction = sort.direction;
        let column = column_of(sort.column);
        let by = match column {
            None => sort::Column::Name,
            Some((_, Measure::Count)) => sort::Column::Name,
            Some((_, Measure::ShallowSize)) => sort::Column::ShallowSize,
            Some((_, Measure::RetainedSize)) => sort::Column::RetainedSize,
        };
        match parent {
            None => {
                let mut shown = self.both.sorted_rows(engine_sort(sort));
                shown.retain(|&row| self.class_filter.accepts(self.both.rows[row as usize].name.as_text()));
                Ok(shown)
            }
            Some(Item::Class(row, objects)) => {
                let row = &self.both.rows[*row as usize];
                let all = self.objects(row, objects);
                let split = all.partition_point(|(side, _)| *side == Side::Base);
                let stage = Stage::cancelled_by(cancel);
                let by = if by == sort::Column::Name && column.is_some() {
                    sort::Sort::new(by, sort::Direction::Ascending)
                } else {
                    sort::Sort::new(by, direction)
                };
                let sorted = |side, objects: &[(Side, NodeIndex)], first: usize| -> Result<Vec<u32>, Cancelled> {
                    let nodes: Vec<NodeIndex> = objects.iter().map(|o| o.1).collect();
                    let sorted = sort_objects(self.heap(side), nodes.clone(), by, &stage)?;
                    Ok(sort::places(&sorted, &nodes).iter().map(|at| first as u32 + at).collect())
                };
                let base = sorted(Side::Base, &all[..split], 0)?;
                let target = sorted(Side::Current, &all[split..], split)?;
                // The side whose column was chosen stands first.
                Ok(match column {
                    None | Some((Of::Base, _)) => [base, target].concat(),
                    Some(_) => [target, base].concat(),
                })
            }
            Some(item) => {
                let level = if matches!(item, Item::Reference(..)) { Level::Deeper } else { Level::UnderObject };
                match self.object_of(item) {
                    Some((side, n)) => fields::order(self.heap(side), n, level, sort::Sort::new(by, direction), cancel),
                    None => Ok(Vec::new()),
                }
            }
        }
    }

    fn exported(&self, tree: &LazyTree<Self>) -> Answer<'static> {
        let row = |item| match item {
            Item::Class(row, _) => Some(row),
            Item::Object(..) | Item::Reference(..) => None,
        };
        let rows = tree.top_level().into_iter().filter_map(row).collect();
        let [base, target] = [&self.base, &self.target].map(|snapshot| document_name(&snapshot.path));
        tables::side_by_side::side_by_side(Arc::clone(&self.both), [&base, &target], rows)
    }

    fn is_expandable(&self, item: &Item, ancestors: Ancestors<'_, Item>) -> bool {
        match self.object_of(item) {
            None => true,
            Some((side, n)) => has_edges(self.heap(side), n) && !self.is_cycle(item, ancestors),
        }
    }

    fn row(&self, item: &Item, ancestors: Ancestors<'_, Item>) -> RowView {
        match *item {
            Item::Class(row, _) => {
                let row = &self.both.rows[row as usize];
                let mut cells = vec![Cell::Text(cells::class(row.name.as_text(), 1))];
                for group in [&row.base, &row.target] {
                    let Some(group) = group else {
                        cells.extend([Cell::Empty, Cell::Empty, Cell::Empty]);
                        continue;
                    };
                    cells.push(Cell::figure(units::count(group.count.into())));
                    cells.push(self.size(group.shallow_size));
                    cells.push(self.size(group.retained_size));
                }
                cells.push(delta(row.figure(Of::Difference, Measure::Count), units::count));
                cells.push(delta(row.figure(Of::Difference, Measure::ShallowSize), units::kilobytes));
                cells.push(delta(row.figure(Of::Difference, Measure::RetainedSize), units::kilobytes));
                RowView::new(cells)
            }
            Item::Object(side, n) => {
                let letter = if side == Side::Base { "A  " } else { "B  " };
                let mut name = vec![Span::words(letter, Tone::Quiet)];
                name.extend(cells::object(self.heap(side), n));
                self.object_row(side, n, name, false)
            }
            Item::Reference(side, e) => {
                let edge = self.heap(side).graph.edge(e);
                let name = cells::reference(self.heap(side), &edge);
                self.object_row(side, edge.target, name, self.is_cycle(item, ancestors))
            }
        }
    }

    fn name(&self, item: &Item) -> Option<RowName> {
        Some(match *item {
            Item::Class(row, _) => rows::class_row_name(&class_of(&self.both.rows[row as usize])),
            Item::Object(Side::Current, n) => RowName::Object(self.target.heap.id(n).0),
            Item::Object(Side::Base, n) => RowName::BaseObject(self.base.heap.id(n).0),
            Item::Reference(side, e) => {
                let heap = self.heap(side);
                let edge = heap.graph.edge(e);
                fields::row_name(heap, &edge, edge.target, side == Side::Base)
            }
        })
    }

    fn find(&self, parent: Option<&Item>, name: &RowName) -> Option<u32> {
        match parent {
            None => rows::find_class(self.both.rows.iter().map(|row| Cow::Owned(class_of(row))), name),
            Some(Item::Class(row, objects)) => {
                let (side, id) = match *name {
                    RowName::Object(id) => (Side::Current, id),
                    RowName::BaseObject(id) => (Side::Base, id),
                    _ => return None,
                };
                let n = self.heap(side).find(NodeId(id))?;
                let objects = self.objects(&self.both.rows[*row as usize], objects);
                objects.iter().position(|object| *object == (side, n)).map(|at| at as u32)
            }
            Some(item) => {
                let (side, n) = self.object_of(item)?;
                fields::find(self.heap(side), n, name)
            }
        }
    }

    fn tooltip(&self, item: &Item, _: Ancestors<'_, Item>, column: usize) -> Option<String> {
        match (item, column_of(column)) {
            (Item::Class(row, _), None) => {
                terms::class(&self.both.rows[*row as usize].name.as_text().lossy()).map(ToOwned::to_owned)
            }
            (_, Some((_, Measure::Count))) => None,
            (Item::Class(row, _), Some((of, measure))) => {
                let value = self.both.rows[*row as usize].figure(of, measure);
                match of {
                    Of::Difference => Some(units::signed(value, cells::exact_size)),
                    Of::Base | Of::Target => Some(cells::exact_size(value.unsigned_abs())),
                }
            }
            (item, None) => self.object_of(item).and_then(|(side, n)| cells::object_tooltip(self.heap(side), n, 0)),
            (item, Some((of, measure))) => {
                let (side, n) = self.object_of(item)?;
                let heap = self.heap(side);
                let shown = match of {
                    Of::Base => Some(Side::Base),
                    Of::Target => Some(Side::Current),
                    Of::Difference => None,
                };
                let size = if measure == Measure::ShallowSize { heap.shallow_size(n) } else { heap.retained_size(n) };
                (shown == Some(side)).then(|| cells::exact_size(size))
            }
        }
    }
}

impl PairRows for SideBySideRows {
    type Answer = SideBySide;
    const TABLE: &'static str = "Side by side";
    const SORT: Sort = Sort::descending(RETAINED_DELTA);
    const WORK: &'static str = "Putting side by side";

    fn answer(base: &Heap, target: &Heap, progress: &Progress) -> Result<SideBySide, Cancelled> {
        side_by_side(base, target, &progress.stage("Putting side by side", 1, 1))
    }

    fn about(base: Arc<Snapshot>, target: Arc<Snapshot>, answer: SideBySide) -> Self {
        Self::new(base, target, Arc::new(answer))
    }
}

impl ObjectRows for SideBySideRows {
    fn object(&self, item: &Item) -> Option<(Side, NodeIndex)> {
        self.object_of(item)
    }

    fn group(&self, item: &Item) -> Option<Group> {
        let Item::Class(row, objects) = item else { return None };
        let row = &self.both.rows[*row as usize];
        let side = if row.target.is_some() { Side::Current } else { Side::Base };
        let of_side = self.objects(row, objects).iter().filter(|o| o.0 == side).map(|o| o.1);
        let objects = NodeSet::of(self.heap(side).graph.node_count(), of_side);
        Some(Group { side, title: self.class_name(item)?, objects })
    }

    fn class_name(&self, item: &Item) -> Option<String> {
        match item {
            Item::Class(row, _) => Some(self.both.rows[*row as usize].name.as_text().lossy().into_owned()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::tables::side_by_side::side_by_side;
    use crate::session::job::FrontEnd;
    use crate::testing::{SnapshotBuilder, snapshot_of};
    use crate::ui::tree::{LazyTree, TreeModel};

    fn things(of: &[(&str, u64)]) -> Arc<Snapshot> {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        for &(name, size) in of {
            let n = b.node("object", name, size);
            b.edge(root, "property", "to", n);
        }
        snapshot_of(b.heap())
    }

    #[test]
    fn a_class_shows_both_sides_and_the_difference_and_opens_to_the_objects_of_each() {
        let (a, b) = (things(&[("Gone", 1_000), ("Grew", 2_000)]), things(&[("Grew", 2_000), ("Grew", 4_000)]));
        let both = Arc::new(side_by_side(&a.heap, &b.heap, &Stage::unwatched()).unwrap());
        let rows = SideBySideRows::new(a, b, both);
        let mut tree = LazyTree::new(rows, Some(Sort::descending(RETAINED_DELTA)), &FrontEnd::nobody());
        let rows = |tree: &LazyTree<SideBySideRows>| -> Vec<String> {
            let rows = (0..tree.row_count()).filter_map(|r| Some(tree.row(r)?.tabbed_text()));
            rows.map(|r| r.replace('\u{a0}', " ").replace('\u{2212}', "-").replace('\t', "|")).collect()
        };
        tree.set_expanded(0, true);
        assert_eq!(
            rows(&tree),
            [
                "Grew|1|2.0 kB|2.0 kB|2|6.0 kB|6.0 kB|+1|+4.0 kB|+4.0 kB",
                "B  Grew @5|||||4.0 kB|4.0 kB|||",
                "B  Grew @3|||||2.0 kB|2.0 kB|||",
                "A  Grew @5||2.0 kB|2.0 kB||||||",
                "Gone|1|1.0 kB|1.0 kB||||-1|-1.0 kB|-1.0 kB",
            ]
        );
        tree.set_sort(Sort::ascending(1));
        assert_eq!(
            rows(&tree)[0..2].concat(),
            "Gone|1|1.0 kB|1.0 kB||||-1|-1.0 kB|-1.0 kBGrew|1|2.0 kB|2.0 kB|2|6.0 kB|6.0 kB|+1|+4.0 kB|+4.0 kB"
        );
        assert_eq!(tree.source().object(&tree.item(2).unwrap()).map(|o| o.0), Some(Side::Base));
    }
}
