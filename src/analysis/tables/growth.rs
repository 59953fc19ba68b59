//! Growth: the constructors of any number of snapshots beside each other.

use crate::analysis::Heap;
use crate::analysis::facts::classes::Classes;
use crate::analysis::facts::constructors::ConstructorGroup;
use crate::analysis::order::sort::Direction;
use crate::graph::Location;
use crate::progress::{Cancelled, Stage};
use crate::text::{Text, TextBuf};
use rustc_hash::FxHashMap;

/// What a snapshot has of a class: the objects that Summary counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClassAt {
    /// How many objects.
    pub count: u64,
    /// Their shallow sizes, added up.
    pub shallow_size: u64,
    /// The retained sizes of the objects that no other one of the class dominates, added up.
    pub retained_size: u64,
}

/// A class that any of the snapshots has objects of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrowthRow {
    /// The name of the class.
    pub name: TextBuf,
    /// Where the constructor stands, for classes told apart by it.
    pub location: Option<Location>,
    /// What each snapshot has of it, the oldest first.
    pub at: Vec<ClassAt>,
}

/// The constructors of several snapshots.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Growth {
    /// A row a class: those of the first snapshot in its order, then those the next one adds.
    pub rows: Vec<GrowthRow>,
    pub snapshots: usize,
}

/// The columns of Growth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GrowthColumn {
    /// Constructor.
    Name,
    /// How many objects a snapshot has; its position.
    Count(usize),
    /// The shallow size in a snapshot.
    ShallowSize(usize),
    /// The retained size in a snapshot.
    RetainedSize(usize),
    /// How many more objects the last snapshot has than the first.
    CountDelta,
    /// How much more shallow size.
    SizeDelta,
    /// How much more retained size.
    RetainedDelta,
}

/// How Growth is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct GrowthSort {
    /// What is compared first.
    pub column: GrowthColumn,
    /// Which way.
    pub direction: Direction,
}

impl Default for GrowthSort {
    fn default() -> Self {
        Self { column: GrowthColumn::SizeDelta, direction: Direction::Descending }
    }
}

/// Puts the constructors of `heaps`, the oldest first, beside each other. Classes are the same
/// where name and location are. As in Comparison, the interfaces found in the last snapshot sort
/// the plain objects of all of them.
pub fn growth(heaps: &[&Heap], stage: &Stage) -> Result<Growth, Cancelled> {
    let mut growth = Growth { rows: Vec::new(), snapshots: heaps.len() };
    let Some((last, earlier)) = heaps.split_last() else { return Ok(growth) };
    let mut row_of: FxHashMap<(TextBuf, Option<Location>), usize> = FxHashMap::default();
    for (i, heap) in earlier.iter().enumerate() {
        stage.reached(i as u64, heaps.len() as u64)?;
        // Neither step reports how far it is: their parts are not those of the whole.
        let quiet = stage.quiet();
        let classes = heap.classified_with(&last.facts.classes.interfaces, &quiet)?;
        let groups = heap.constructors_of(&classes, |_| true, &quiet)?;
        growth.add(i, &classes, &groups, &mut row_of);
    }
    growth.add(earlier.len(), &last.facts.classes, &last.facts.constructors, &mut row_of);
    Ok(growth)
}

impl Growth {
    fn add(
        &mut self,
        snapshot: usize,
        classes: &Classes,
        groups: &[ConstructorGroup],
        row_of: &mut FxHashMap<(TextBuf, Option<Location>), usize>,
    ) {
        for group in groups {
            let class = &classes.classes[group.class.at()];
            let row = *row_of.entry((class.name.clone(), class.location)).or_insert(self.rows.len());
            if row == self.rows.len() {
                let at = vec![ClassAt::default(); self.snapshots];
                self.rows.push(GrowthRow { name: class.name.clone(), location: class.location, at });
            }
            self.rows[row].at[snapshot] = ClassAt {
                count: group.count.into(),
                shallow_size: group.shallow_size,
                retained_size: group.retained_size,
            };
        }
    }

    /// Positions of the rows in the order of a column; equal ones by name.
    pub fn sorted_rows(&self, sort: GrowthSort) -> Vec<u32> {
        let by_name = |a: &GrowthRow, b: &GrowthRow| {
            a.name.as_text().cmp_utf16(b.name.as_text()).then_with(|| a.location.cmp(&b.location))
        };
        let mut order: Vec<u32> = (0..self.rows.len() as u32).collect();
        order.sort_by(|&a, &b| {
            let (a, b) = (&self.rows[a as usize], &self.rows[b as usize]);
            match sort.column {
                GrowthColumn::Name => sort.direction.apply(by_name(a, b)),
                column => sort.direction.apply(a.value(column).cmp(&b.value(column))).then_with(|| by_name(a, b)),
            }
        });
        order
    }
}

impl GrowthRow {
    /// The number in a column; 0 for the name.
    pub fn value(&self, column: GrowthColumn) -> i128 {
        let at = |i: usize| self.at.get(i).copied().unwrap_or_default();
        match column {
            GrowthColumn::Name => 0,
            GrowthColumn::Count(i) => at(i).count.into(),
            GrowthColumn::ShallowSize(i) => at(i).shallow_size.into(),
            GrowthColumn::RetainedSize(i) => at(i).retained_size.into(),
            GrowthColumn::CountDelta => self.delta(|c| c.count).into(),
            GrowthColumn::SizeDelta => self.delta(|c| c.shallow_size).into(),
            GrowthColumn::RetainedDelta => self.delta(|c| c.retained_size).into(),
        }
    }

    /// How much more of something the last snapshot has than the first.
    pub fn delta(&self, of: impl Fn(&ClassAt) -> u64) -> i64 {
        match (self.at.first(), self.at.last()) {
            (Some(first), Some(last)) => of(last) as i64 - of(first) as i64,
            _ => 0,
        }
    }

    /// How much more of something each snapshot has than the one before: one fewer than there are
    /// snapshots.
    pub fn steps(&self, of: impl Fn(&ClassAt) -> u64) -> impl Iterator<Item = i64> {
        self.at.windows(2).map(move |pair| of(&pair[1]) as i64 - of(&pair[0]) as i64)
    }

    /// Whether the number of objects rose in every step, or their shallow size did, as where
    /// arrays grow in place.
    pub fn grew_in_every_step(&self) -> bool {
        self.at.len() > 1 && (self.steps(|c| c.count).all(|d| d > 0) || self.steps(|c| c.shallow_size).all(|d| d > 0))
    }

    /// DevTools' key of the class.
    pub fn class_key(&self) -> TextBuf {
        crate::analysis::facts::classes::Class { name: self.name.clone(), location: self.location }.key()
    }

    /// Whether `name` is that of the class, or its key.
    pub fn is_called(&self, name: &str) -> bool {
        self.name.as_text() == *name || self.class_key().as_text() == Text::from(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::tables::comparison::compare;
    use crate::testing::SnapshotBuilder;

    /// A root that holds one list, of some size, and some objects with `properties`.
    fn heap(list_size: u64, things: usize, pairs: usize) -> Heap {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        let list = b.node("array", "(object elements)", list_size);
        b.edge(root, "element", "0", list);
        for i in 0..things {
            let thing = b.node("object", "Thing", 10);
            b.edge(list, "element", &i.to_string(), thing);
        }
        for i in 0..pairs {
            let pair = b.node("object", "Object", 20);
            b.edge(list, "element", &(things + i).to_string(), pair);
            for key in ["key", "value"] {
                b.edge(pair, "property", key, root);
            }
        }
        b.heap()
    }

    fn row<'a>(growth: &'a Growth, name: &str) -> &'a GrowthRow {
        growth.rows.iter().find(|r| r.is_called(name)).unwrap()
    }

    #[test]
    fn each_class_has_what_each_snapshot_has_of_it() {
        let heaps = [heap(100, 0, 3), heap(100, 5, 1), heap(200, 6, 4)];
        let growth = growth(&heaps.iter().collect::<Vec<_>>(), &Stage::unwatched()).unwrap();
        let counts = |name| row(&growth, name).at.iter().map(|a| a.count).collect::<Vec<_>>();
        assert_eq!(counts("Thing"), [0, 5, 6]);
        assert_eq!(counts("{key, value}"), [3, 1, 4]);
        let lists = row(&growth, "(array)");
        assert_eq!(lists.at.iter().map(|a| a.shallow_size).collect::<Vec<_>>(), [100, 100, 200]);
        assert_eq!(lists.at[1].retained_size, 100 + 50 + 20);
        assert_eq!(lists.steps(|a| a.shallow_size).collect::<Vec<_>>(), [0, 100]);
        assert_eq!(lists.delta(|a| a.retained_size), (200 + 60 + 80) - (100 + 60));
    }

    #[test]
    fn plain_objects_are_sorted_by_the_interfaces_of_the_last_snapshot() {
        // A single pair suggests no interface by itself.
        let heaps = [heap(8, 0, 1), heap(8, 0, 2)];
        let growth = growth(&[&heaps[0], &heaps[1]], &Stage::unwatched()).unwrap();
        assert_eq!(row(&growth, "{key, value}").at.iter().map(|a| a.count).collect::<Vec<_>>(), [1, 2]);
        assert!(!growth.rows.iter().any(|r| r.is_called("Object")));
    }

    #[test]
    fn growing_in_every_step_is_about_objects_or_about_their_bytes() {
        let heaps = [heap(8, 1, 1), heap(16, 2, 3), heap(32, 3, 2)];
        let growth = growth(&heaps.iter().collect::<Vec<_>>(), &Stage::unwatched()).unwrap();
        assert!(row(&growth, "Thing").grew_in_every_step());
        assert!(row(&growth, "(array)").grew_in_every_step(), "it grows in place");
        assert!(!row(&growth, "{key, value}").grew_in_every_step());
        let one = super::growth(&[&heaps[0]], &Stage::unwatched()).unwrap();
        assert!(one.rows.iter().all(|r| !r.grew_in_every_step()));
    }

    #[test]
    fn rows_are_sorted_by_any_column() {
        let heaps = [heap(8, 9, 1), heap(16, 2, 30)];
        let growth = growth(&heaps.iter().collect::<Vec<_>>(), &Stage::unwatched()).unwrap();
        let order = |column, direction| {
            let rows = growth.sorted_rows(GrowthSort { column, direction });
            rows.into_iter().map(|i| growth.rows[i as usize].name.to_string()).collect::<Vec<_>>()
        };
        use Direction::{Ascending, Descending};
        assert_eq!(order(GrowthColumn::CountDelta, Ascending), ["Thing", "(array)", "{key, value}"]);
        assert_eq!(order(GrowthColumn::Count(0), Descending), ["Thing", "(array)", "{key, value}"]);
        assert_eq!(order(GrowthColumn::Name, Ascending), ["(array)", "Thing", "{key, value}"]);
        assert_eq!(order(GrowthColumn::ShallowSize(1), Descending)[0], "{key, value}");
        assert_eq!(order(GrowthColumn::RetainedSize(1), Descending)[0], "(array)");
    }

    #[test]
    fn two_snapshots_differ_by_what_comparison_says() {
        let [a, b] = [heap(8, 3, 2), heap(24, 7, 9)];
        let growth = growth(&[&a, &b], &Stage::unwatched()).unwrap();
        let comparison = compare(&a, &b, &Stage::unwatched()).unwrap();
        for r in &comparison.rows {
            let ours = row(&growth, &r.name.to_string());
            assert_eq!(ours.delta(|c| c.count), r.count_delta(), "{}", r.name);
            assert_eq!(ours.delta(|c| c.shallow_size), r.size_delta() + r.size_change, "{}", r.name);
        }
    }
}
