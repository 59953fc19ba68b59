//! Comparison: what is new, what is gone and, beyond DevTools, what changed its size between two
//! snapshots of one process.

use super::name_ranks::name_ranks;
use super::summary::sort_objects;
use super::tree::Level;
use crate::analysis::Heap;
use crate::analysis::facts::classes::{Class, Classes};
use crate::analysis::order::ids::sort_by_id;
use crate::analysis::order::sort::{Column, Direction, Sort, sort_unstable_by};
use crate::graph::{ClassIndex, Location, NodeIndex};
use crate::progress::{Cancelled, Stage};
use crate::text::{Text, TextBuf};
use rustc_hash::FxHashMap;
use std::cmp::Ordering;
use std::ops::Range;

/// A class in which something is new, gone or of another size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparisonRow {
    /// The name the row is shown under.
    pub name: TextBuf,
    /// Where the constructor stands, for classes told apart by it.
    pub location: Option<Location>,
    /// The class as the key names it; only its label can differ.
    pub class_name: TextBuf,
    /// How many objects are only in the target.
    pub new_count: u64,
    /// How many objects are only in the base.
    pub deleted_count: u64,
    /// Shallow sizes of the new ones.
    pub allocated_size: u64,
    /// Shallow sizes of the deleted ones.
    pub freed_size: u64,
    /// How many objects are in both with different shallow sizes. DevTools does not show these.
    pub changed_count: u64,
    /// What those have grown by, all together.
    pub size_change: i64,
    new: Range<usize>,
    deleted: Range<usize>,
    changed: Range<usize>,
}

impl ComparisonRow {
    /// More objects or fewer.
    pub fn count_delta(&self) -> i64 {
        self.new_count as i64 - self.deleted_count as i64
    }

    /// More bytes or fewer, by new and deleted objects.
    pub fn size_delta(&self) -> i64 {
        self.allocated_size as i64 - self.freed_size as i64
    }

    /// DevTools' key of the class.
    pub fn class_key(&self) -> TextBuf {
        Class { name: self.class_name.clone(), location: self.location }.key()
    }

    /// Whether DevTools lists the row: something is new or gone.
    pub fn has_new_or_deleted(&self) -> bool {
        self.new_count != 0 || self.deleted_count != 0
    }
}

/// An object that is in both snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangedObject {
    /// Where it is in the base.
    pub base: NodeIndex,
    /// Where it is in the target.
    pub target: NodeIndex,
}

/// All differences between two snapshots.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    /// A row a class: those of the base in its order, then those only the target has.
    pub rows: Vec<ComparisonRow>,
    new: Vec<NodeIndex>,
    deleted: Vec<NodeIndex>,
    changed: Vec<ChangedObject>,
}

/// Compares `target` with `base`. Objects are the same where class and id are the same, so an
/// object that changed its class is gone in one row and new in another.
pub fn compare(base: &Heap, target: &Heap, stage: &Stage) -> Result<Comparison, Cancelled> {
    // The interfaces found in the target sort the base's objects too; else one object more or less
    // could move thousands to another class.
    let interfaces = &target.facts.classes.interfaces;
    let classify_base = || -> Result<_, Cancelled> {
        // Where both have the same ones the base is sorted so already.
        let is_other = *interfaces != base.facts.classes.interfaces;
        let classes = is_other.then(|| base.classified_with(interfaces, stage)).transpose()?;
        let old = Members::collect(base, classes.as_ref().unwrap_or(&base.facts.classes), stage)?;
        Ok((classes, old))
    };
    let (base_side, new) = rayon::join(classify_base, || Members::collect(target, &target.facts.classes, stage));
    let ((classes, old), new) = (base_side?, new?);
    let classes = classes.as_ref().unwrap_or(&base.facts.classes);
    let mut target_classes: FxHashMap<(Text<'_>, Option<Location>), ClassIndex> = FxHashMap::default();
    for &class in &new.order {
        let c = target.class(class);
        target_classes.insert((c.name.as_text(), c.location), class);
    }
    let mut merge = Merge { base, target, stage, comparison: Comparison::default() };
    let mut is_met = vec![false; target.facts.classes.classes.len()];
    for &class in &old.order {
        let c = &classes.classes[class.at()];
        let deleted = old.of(class);
        let (label, added) = match target_classes.get(&(c.name.as_text(), c.location)) {
            Some(&class) => {
                is_met[class.at()] = true;
                (target.class(class).name.clone(), new.of(class))
            }
            // As the base itself names its last object, whatever the row is about.
            None => (deleted.last().map_or_else(TextBuf::default, |&n| base.class_name(n).to_owned()), &[][..]),
        };
        merge.row(label, c, deleted, added)?;
    }
    for &class in new.order.iter().filter(|c| !is_met[c.at()]) {
        let c = target.class(class);
        merge.row(c.name.clone(), c, &[], new.of(class))?;
    }
    Ok(merge.comparison)
}

/// The objects of non-zero shallow size of every class, by id.
struct Members {
    /// Classes that have such objects, by first appearance in node order.
    order: Vec<ClassIndex>,
    /// Offsets into `nodes`, one more than there are classes.
    first: Vec<u32>,
    nodes: Vec<NodeIndex>,
}

impl Members {
    fn collect(heap: &Heap, classes: &Classes, stage: &Stage) -> Result<Self, Cancelled> {
        stage.check()?;
        let counted = || heap.graph.node_indices().filter(|&n| heap.shallow_size(n) != 0);
        let mut order = Vec::new();
        let mut first = vec![0; classes.classes.len() + 1];
        for n in counted() {
            let class = classes.of_node(n);
            if first[class.at() + 1] == 0 {
                order.push(class);
            }
            first[class.at() + 1] += 1;
        }
        for i in 1..first.len() {
            first[i] += first[i - 1];
        }
        stage.check()?;
        let mut next = first.clone();
        let mut nodes = vec![NodeIndex(0); first.last().map_or(0, |&total| total as usize)];
        for n in counted() {
            let place = &mut next[classes.of_node(n).at()];
            nodes[*place as usize] = n;
            *place += 1;
        }
        for range in first.windows(2) {
            let members = &mut nodes[range[0] as usize..range[1] as usize];
            if !members.is_sorted_by_key(|&n| heap.id(n)) {
                stage.check()?;
                sort_by_id(&heap.graph, members);
            }
        }
        Ok(Self { order, first, nodes })
    }

    fn of(&self, class: ClassIndex) -> &[NodeIndex] {
        &self.nodes[self.first[class.at()] as usize..self.first[class.at() + 1] as usize]
    }
}

/// A comparison in the making.
struct Merge<'a> {
    base: &'a Heap,
    target: &'a Heap,
    stage: &'a Stage,
    comparison: Comparison,
}

impl Merge<'_> {
    /// Adds the row of a class, if there is any difference, from its objects in both snapshots.
    fn row(&mut self, name: TextBuf, class: &Class, old: &[NodeIndex], new: &[NodeIndex]) -> Result<(), Cancelled> {
        self.stage.check()?;
        let all = &mut self.comparison;
        let (first_new, first_deleted, first_changed) = (all.new.len(), all.deleted.len(), all.changed.len());
        let mut row = ComparisonRow {
            name,
            class_name: class.name.clone(),
            location: class.location,
            new_count: 0,
            deleted_count: 0,
            allocated_size: 0,
            freed_size: 0,
            changed_count: 0,
            size_change: 0,
            new: 0..0,
            deleted: 0..0,
            changed: 0..0,
        };
        let (mut i, mut j) = (0, 0);
        loop {
            let order = match (old.get(i), new.get(j)) {
                (None, None) => break,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(&a), Some(&b)) => self.base.id(a).cmp(&self.target.id(b)),
            };
            match order {
                Ordering::Less => {
                    all.deleted.push(old[i]);
                    row.freed_size = row.freed_size.saturating_add(self.base.shallow_size(old[i]));
                }
                Ordering::Greater => {
                    all.new.push(new[j]);
                    row.allocated_size = row.allocated_size.saturating_add(self.target.shallow_size(new[j]));
                }
                Ordering::Equal => {
                    let object = ChangedObject { base: old[i], target: new[j] };
                    let change = object.size_change(self.base, self.target);
                    if change != 0 {
                        all.changed.push(object);
                        row.size_change = row.size_change.saturating_add(change);
                    }
                }
            }
            i += usize::from(order != Ordering::Greater);
            j += usize::from(order != Ordering::Less);
        }
        row.new = first_new..all.new.len();
        row.deleted = first_deleted..all.deleted.len();
        row.changed = first_changed..all.changed.len();
        row.new_count = row.new.len() as u64;
        row.deleted_count = row.deleted.len() as u64;
        row.changed_count = row.changed.len() as u64;
        if row.has_new_or_deleted() || row.changed_count != 0 {
            all.rows.push(row);
        }
        Ok(())
    }
}

impl ChangedObject {
    /// What the object has grown by; negative if it shrank.
    pub fn size_change(&self, base: &Heap, target: &Heap) -> i64 {
        target.shallow_size(self.target) as i64 - base.shallow_size(self.base) as i64
    }
}

/// The columns of Comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ComparisonColumn {
    /// Constructor.
    Name,
    NewCount,
    DeletedCount,
    CountDelta,
    /// Alloc. size.
    AllocatedSize,
    FreedSize,
    SizeDelta,
    /// # Changed, which DevTools does not have.
    ChangedCount,
    /// Size change, which DevTools does not have.
    SizeChange,
}

/// How Comparison is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ComparisonSort {
    /// What is compared first.
    pub column: ComparisonColumn,
    /// Which way.
    pub direction: Direction,
}

impl Default for ComparisonSort {
    fn default() -> Self {
        Self { column: ComparisonColumn::AllocatedSize, direction: Direction::Descending }
    }
}

impl ComparisonSort {
    /// How the edges under an object of Comparison are sorted while the table is sorted so.
    pub fn of_edges(self, level: Level) -> Sort {
        match (self.column, level) {
            (ComparisonColumn::Name, _) => Sort::new(Column::Name, self.direction),
            (ComparisonColumn::AllocatedSize | ComparisonColumn::FreedSize, Level::UnderObject) => {
                Sort::new(Column::ShallowSize, self.direction)
            }
            _ => Sort::new(Column::Name, Direction::Ascending),
        }
    }

    /// How the objects under a row are sorted: new ones, deleted ones, each by themselves.
    fn of_objects(self) -> Sort {
        match self.column {
            ComparisonColumn::Name => Sort::new(Column::Name, self.direction),
            ComparisonColumn::NewCount
            | ComparisonColumn::DeletedCount
            | ComparisonColumn::CountDelta
            | ComparisonColumn::ChangedCount => Sort::new(Column::Name, Direction::Ascending),
            ComparisonColumn::AllocatedSize
            | ComparisonColumn::FreedSize
            | ComparisonColumn::SizeDelta
            | ComparisonColumn::SizeChange => Sort::new(Column::ShallowSize, self.direction),
        }
    }
}

impl Comparison {
    /// Positions of the rows in the order of a column; equal ones keep their order.
    pub fn sorted_rows(&self, sort: ComparisonSort) -> Vec<u32> {
        let value = |row: &ComparisonRow| -> i128 {
            match sort.column {
                ComparisonColumn::Name => 0,
                ComparisonColumn::NewCount => row.new_count.into(),
                ComparisonColumn::DeletedCount => row.deleted_count.into(),
                ComparisonColumn::CountDelta => row.count_delta().into(),
                ComparisonColumn::AllocatedSize => row.allocated_size.into(),
                ComparisonColumn::FreedSize => row.freed_size.into(),
                ComparisonColumn::SizeDelta => row.size_delta().into(),
                ComparisonColumn::ChangedCount => row.changed_count.into(),
                ComparisonColumn::SizeChange => row.size_change.into(),
            }
        };
        let by_name = |a: &ComparisonRow, b: &ComparisonRow| a.name.as_text().cmp_utf16(b.name.as_text());
        let mut order: Vec<u32> = (0..self.rows.len() as u32).collect();
        order.sort_by(|&a, &b| {
            let (a, b) = (&self.rows[a as usize], &self.rows[b as usize]);
            match sort.column {
                ComparisonColumn::Name => sort.direction.apply(by_name(a, b)),
                _ => sort.direction.apply(value(a).cmp(&value(b))).then_with(|| by_name(a, b)),
            }
        });
        order
    }

    /// The new objects of a row by id, positions in the target.
    pub fn new_of(&self, row: &ComparisonRow) -> &[NodeIndex] {
        &self.new[row.new.clone()]
    }

    /// The deleted objects of a row by id, positions in the base.
    pub fn deleted_of(&self, row: &ComparisonRow) -> &[NodeIndex] {
        &self.deleted[row.deleted.clone()]
    }

    /// The objects of a row that changed their size, by id.
    pub fn changed_of(&self, row: &ComparisonRow) -> &[ChangedObject] {
        &self.changed[row.changed.clone()]
    }

    /// The new objects of a row, positions in the target.
    pub fn new_objects(
        &self,
        row: &ComparisonRow,
        target: &Heap,
        sort: ComparisonSort,
        stage: &Stage,
    ) -> Result<Vec<NodeIndex>, Cancelled> {
        sort_objects(target, self.new_of(row).to_vec(), sort.of_objects(), stage)
    }

    /// The deleted objects of a row, positions in the base.
    pub fn deleted_objects(
        &self,
        row: &ComparisonRow,
        base: &Heap,
        sort: ComparisonSort,
        stage: &Stage,
    ) -> Result<Vec<NodeIndex>, Cancelled> {
        sort_objects(base, self.deleted_of(row).to_vec(), sort.of_objects(), stage)
    }

    /// The objects of a row that changed their size: for columns of sizes by the change, for
    /// others by name; then by id.
    pub fn changed_objects(
        &self,
        row: &ComparisonRow,
        base: &Heap,
        target: &Heap,
        sort: ComparisonSort,
        stage: &Stage,
    ) -> Result<Vec<ChangedObject>, Cancelled> {
        let objects = self.changed_of(row);
        let by = sort.of_objects();
        let keys: Vec<i64> = match by.column {
            Column::Name => {
                let nodes: Vec<_> = objects.iter().map(|o| o.target).collect();
                name_ranks(target, &nodes, stage)?.into_iter().map(i64::from).collect()
            }
            _ => objects.iter().map(|o| o.size_change(base, target)).collect(),
        };
        let mut keyed: Vec<_> = keys.into_iter().zip(objects.iter().copied()).collect();
        sort_unstable_by(&mut keyed, |a, b| {
            let position = |o: ChangedObject| (target.id(o.target), o.target);
            by.direction.apply(a.0.cmp(&b.0)).then_with(|| position(a.1).cmp(&position(b.1)))
        });
        Ok(keyed.into_iter().map(|k| k.1).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Progress;
    use crate::testing::SnapshotBuilder;

    /// A snapshot whose root holds these: type, name, id, size.
    fn heap(objects: &[(&str, &str, u64, u64)]) -> Heap {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        for &(kind, name, id, size) in objects {
            let n = b.node(kind, name, size);
            b.set_id(n, id);
            b.edge(root, "element", "1", n);
        }
        Heap::analyze(b.graph(), &Progress::new()).unwrap()
    }

    fn ids(heap: &Heap, nodes: &[NodeIndex]) -> Vec<u32> {
        nodes.iter().map(|&n| heap.id(n).0).collect()
    }

    /// Name, new, deleted, allocated, freed, changed, change.
    fn values(row: &ComparisonRow) -> (String, u64, u64, u64, u64, u64, i64) {
        let r = row;
        let name = r.name.to_string();
        (name, r.new_count, r.deleted_count, r.allocated_size, r.freed_size, r.changed_count, r.size_change)
    }

    #[test]
    fn objects_are_new_gone_or_changed_by_class_and_id() {
        let base = heap(&[
            ("object", "Gone", 9, 90),
            ("object", "Thing", 15, 1),
            ("object", "Thing", 3, 10),
            ("object", "Thing", 5, 20),
            ("object", "Same", 7, 5),
            ("object", "Empty", 11, 0),
        ]);
        let target = heap(&[
            ("object", "New", 21, 7),
            ("object", "Same", 7, 5),
            ("object", "Thing", 17, 4),
            ("object", "Thing", 5, 25),
            ("object", "Thing", 3, 8),
            ("object", "Thing", 19, 4),
            ("object", "Empty", 11, 3),
        ]);
        let stage = Stage::unwatched();
        let c = compare(&base, &target, &stage).unwrap();
        let expected = [
            ("Gone".to_owned(), 0, 1, 0, 90, 0, 0),
            ("Thing".to_owned(), 2, 1, 8, 1, 2, 3),
            ("New".to_owned(), 1, 0, 7, 0, 0, 0),
            ("Empty".to_owned(), 1, 0, 3, 0, 0, 0),
        ];
        assert_eq!(c.rows.iter().map(values).collect::<Vec<_>>(), expected);
        let thing = &c.rows[1];
        assert_eq!((thing.count_delta(), thing.size_delta()), (1, 7));
        let by = |column, direction| ComparisonSort { column, direction };
        let down = by(ComparisonColumn::AllocatedSize, Direction::Descending);
        assert_eq!(ids(&target, &c.new_objects(thing, &target, down, &stage).unwrap()), [17, 19]);
        assert_eq!(ids(&base, &c.deleted_objects(thing, &base, down, &stage).unwrap()), [15]);
        let changed = |sort| {
            let objects = c.changed_objects(thing, &base, &target, sort, &stage).unwrap();
            objects.iter().map(|o| (base.id(o.base).0, o.size_change(&base, &target))).collect::<Vec<_>>()
        };
        assert_eq!(changed(down), [(5, 5), (3, -2)]);
        assert_eq!(changed(by(ComparisonColumn::Name, Direction::Descending)), [(3, -2), (5, 5)]);
        assert!(compare(&base, &base, &stage).unwrap().rows.is_empty());
    }

    #[test]
    fn rows_are_sorted_by_a_column_then_by_name() {
        let base = heap(&[("object", "b", 3, 10), ("object", "a", 5, 10), ("object", "c", 7, 10)]);
        let target = heap(&[("object", "c", 9, 30), ("object", "d", 11, 20), ("object", "e", 13, 20)]);
        let c = compare(&base, &target, &Stage::unwatched()).unwrap();
        let sorted = |column, direction| {
            let order = c.sorted_rows(ComparisonSort { column, direction });
            order.into_iter().map(|i| c.rows[i as usize].name.to_string()).collect::<String>()
        };
        let (up, down) = (Direction::Ascending, Direction::Descending);
        assert_eq!(sorted(ComparisonColumn::AllocatedSize, down), "cdeab");
        assert_eq!(sorted(ComparisonColumn::FreedSize, up), "deabc");
        assert_eq!(sorted(ComparisonColumn::SizeDelta, down), "cdeab");
        assert_eq!(sorted(ComparisonColumn::CountDelta, up), "abcde");
        assert_eq!(sorted(ComparisonColumn::Name, down), "edcba");
        assert_eq!(
            ComparisonSort::default(),
            ComparisonSort { column: ComparisonColumn::AllocatedSize, direction: down }
        );
    }

    /// A snapshot with plain objects of the given properties, ids from 3.
    fn plain(objects: &[&[&str]]) -> Heap {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        for properties in objects {
            let n = b.node("object", "Object", 8);
            b.edge(root, "element", "1", n);
            for p in *properties {
                b.edge(n, "property", p, root);
            }
        }
        Heap::analyze(b.graph(), &Progress::new()).unwrap()
    }

    #[test]
    fn the_targets_interfaces_classify_both_sides_and_the_base_only_lends_names() {
        // The base knows {x, y}, the target only {x}.
        let base = plain(&[&["x", "y"], &["x", "y"], &["z"], &["z"]]);
        let target = plain(&[&["x", "y"], &["x"], &["x"]]);
        let c = compare(&base, &target, &Stage::unwatched()).unwrap();
        let rows: Vec<_> =
            c.rows.iter().map(|r| (r.name.to_string(), r.class_name.to_string(), r.deleted_count)).collect();
        let expected = [("{x}", "{x}", 0), ("{z}", "Object", 2)].map(|(l, c, n)| (l.to_owned(), c.to_owned(), n));
        assert_eq!(rows, expected);
    }

    #[test]
    fn edges_below_are_sorted_by_what_the_columns_have_in_common_with_them() {
        let sort = |column| ComparisonSort { column, direction: Direction::Descending };
        let by = |column, level| sort(column).of_edges(level);
        let name_up = Sort::new(Column::Name, Direction::Ascending);
        let shallow_down = Sort::new(Column::ShallowSize, Direction::Descending);
        assert_eq!(by(ComparisonColumn::FreedSize, Level::UnderObject), shallow_down);
        assert_eq!(by(ComparisonColumn::FreedSize, Level::Deeper), name_up);
        assert_eq!(by(ComparisonColumn::SizeDelta, Level::UnderObject), name_up);
        assert_eq!(by(ComparisonColumn::Name, Level::Deeper), Sort::new(Column::Name, Direction::Descending));
    }
}
