//! Two snapshots next to each other: a row for each class of either, with what it has in both.

use crate::analysis::Heap;
use crate::analysis::facts::classes::Classes;
use crate::analysis::facts::constructors::ConstructorGroup;
use crate::analysis::order::sort::{Direction, sort_unstable_by};
use crate::graph::{ClassIndex, Location, NodeIndex};
use crate::progress::{Cancelled, Stage};
use crate::text::{Text, TextBuf};
use rustc_hash::FxHashMap;

/// A class and its objects in both snapshots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SideBySideRow {
    /// The name of the class.
    pub name: TextBuf,
    /// Where the constructor stands, for classes told apart by it.
    pub location: Option<Location>,
    /// What it has in the base.
    pub base: Option<ConstructorGroup>,
    /// What it has in the target.
    pub target: Option<ConstructorGroup>,
}

/// What there is in two snapshots, by class.
#[derive(Debug, Clone, Default)]
pub struct SideBySide {
    /// Classes of the target in its order, then those only the base has.
    pub rows: Vec<SideBySideRow>,
    /// The classes of the base's objects, by the interfaces of the target.
    base_classes: Classes,
}

/// What is counted of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measure {
    /// Its objects.
    Count,
    /// Their shallow sizes.
    ShallowSize,
    /// Their retained sizes.
    RetainedSize,
}

/// Which side a figure is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Of {
    Base,
    Target,
    /// How much more the target has.
    Difference,
}

/// The columns of Side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SideBySideColumn {
    /// Constructor.
    Name,
    /// A figure of one side or the difference.
    Figure(Of, Measure),
}

/// How Side by side is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SideBySideSort {
    /// What is compared first.
    pub column: SideBySideColumn,
    /// Which way.
    pub direction: Direction,
}

impl Measure {
    /// What a class has on one side; nothing is zero.
    pub fn of(self, group: Option<&ConstructorGroup>) -> u64 {
        group.map_or(0, |g| match self {
            Self::Count => g.count.into(),
            Self::ShallowSize => g.shallow_size,
            Self::RetainedSize => g.retained_size,
        })
    }
}

impl SideBySideRow {
    /// A figure of the class: of one side, or how much more the target has.
    pub fn figure(&self, of: Of, measure: Measure) -> i64 {
        let [a, b] = [&self.base, &self.target].map(|group| measure.of(group.as_ref()) as i64);
        match of {
            Of::Base => a,
            Of::Target => b,
            Of::Difference => b.saturating_sub(a),
        }
    }
}

/// Puts `base` and `target` next to each other. As in Comparison the interfaces found in the
/// target sort the base's objects too, so that rows have the same meaning on both sides.
pub fn side_by_side(base: &Heap, target: &Heap, stage: &Stage) -> Result<SideBySide, Cancelled> {
    let base_classes = base.classified_with(&target.facts.classes.interfaces, stage)?;
    let base_groups = base.constructors_of(&base_classes, |_| true, stage)?;
    let mut rows: Vec<SideBySideRow> = Vec::new();
    let mut positions: FxHashMap<(Text<'_>, Option<Location>), usize> = FxHashMap::default();
    for group in &target.facts.constructors {
        let class = target.class(group.class);
        positions.insert((class.name.as_text(), class.location), rows.len());
        let (name, location) = (class.name.clone(), class.location);
        rows.push(SideBySideRow { name, location, base: None, target: Some(*group) });
    }
    for group in base_groups {
        let class = &base_classes.classes[group.class.at()];
        match positions.get(&(class.name.as_text(), class.location)) {
            Some(&at) => rows[at].base = Some(group),
            None => {
                let (name, location) = (class.name.clone(), class.location);
                rows.push(SideBySideRow { name, location, base: Some(group), target: None });
            }
        }
    }
    drop(positions);
    Ok(SideBySide { rows, base_classes })
}

impl SideBySide {
    /// Positions of the rows in the order of a column; equal ones by name.
    pub fn sorted_rows(&self, sort: SideBySideSort) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.rows.len() as u32).collect();
        sort_unstable_by(&mut order, |&a, &b| {
            let (x, y) = (&self.rows[a as usize], &self.rows[b as usize]);
            let by_name = || x.name.as_text().cmp_utf16(y.name.as_text());
            let first = match sort.column {
                SideBySideColumn::Name => sort.direction.apply(by_name()),
                SideBySideColumn::Figure(of, m) => sort.direction.apply(x.figure(of, m).cmp(&y.figure(of, m))),
            };
            first.then_with(by_name).then(a.cmp(&b))
        });
        order
    }

    /// The base's objects of a class, in file order.
    pub fn base_objects(&self, base: &Heap, class: ClassIndex) -> Vec<NodeIndex> {
        let is_counted = |n: &NodeIndex| self.base_classes.of_node(*n) == class && base.shallow_size(*n) != 0;
        base.graph.node_indices().filter(is_counted).collect()
    }

    /// The target's objects of a class, in file order.
    pub fn target_objects(&self, target: &Heap, class: ClassIndex) -> Vec<NodeIndex> {
        target.members(class, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::SnapshotBuilder;

    fn heap(of: &[(&str, u64)]) -> Heap {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        for &(name, size) in of {
            let n = b.node("object", name, size);
            b.edge(root, "property", "to", n);
        }
        b.heap()
    }

    #[test]
    fn classes_of_both_share_a_row_and_those_of_one_have_one_side() {
        let base = heap(&[("Gone", 10), ("Both", 20)]);
        let target = heap(&[("Both", 20), ("Both", 30), ("Came", 5)]);
        let both = side_by_side(&base, &target, &Stage::unwatched()).unwrap();
        let size = |g: &Option<ConstructorGroup>| g.map(|g| (g.count, g.shallow_size));
        let rows: Vec<_> =
            both.rows.iter().map(|r| (r.name.as_text().lossy().into_owned(), size(&r.base), size(&r.target))).collect();
        assert_eq!(
            rows,
            [
                ("Both".to_owned(), Some((1, 20)), Some((2, 50))),
                ("Came".to_owned(), None, Some((1, 5))),
                ("Gone".to_owned(), Some((1, 10)), None),
            ]
        );
        let (a, b) = (both.rows[0].base.unwrap().class, both.rows[0].target.unwrap().class);
        assert_eq!(both.base_objects(&base, a), [NodeIndex(2)]);
        assert_eq!(both.target_objects(&target, b), [NodeIndex(1), NodeIndex(2)]);
    }
}
