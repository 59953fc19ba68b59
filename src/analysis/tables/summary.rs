//! Summary: the rows of classes and of the objects of a class, in the order of any column, and
//! the box that picks classes by name.

use super::name_ranks::name_ranks;
use crate::analysis::Heap;
use crate::analysis::facts::constructors::ConstructorGroup;
use crate::analysis::facts::distance::UNREACHED;
use crate::analysis::order::counting_sort::{sorted_by_key, sorted_by_two_keys};
use crate::analysis::order::ids::sort_by_id;
use crate::analysis::order::sort::{Column, Direction, LONG, Sort, sort_unstable_by};
use crate::graph::NodeIndex;
use crate::progress::{Cancelled, Stage};
use crate::text::Text;
use rayon::prelude::*;
use regex::{Regex, RegexBuilder};
use std::cmp::Reverse;

/// Sorts rows of classes. Rows equal in both keys keep their order, so sort afresh from
/// the facts rather than what was sorted before.
pub fn sort_classes(heap: &Heap, groups: &mut [ConstructorGroup], sort: Sort) {
    let name = |g: &ConstructorGroup| heap.class(g.class).name.as_text();
    let direction = sort.direction;
    match sort.column {
        Column::Name => groups.sort_by(|a, b| {
            direction.apply(name(a).cmp_utf16(name(b))).then_with(|| b.retained_size.cmp(&a.retained_size))
        }),
        Column::Distance => {
            groups.sort_by_key(|g| (directed(distance_key(g.distance), direction), Reverse(g.retained_size)))
        }
        Column::ShallowSize => groups.sort_by(|a, b| {
            direction.apply(a.shallow_size.cmp(&b.shallow_size)).then_with(|| name(a).cmp_utf16(name(b)))
        }),
        Column::RetainedSize => groups.sort_by(|a, b| {
            direction.apply(a.retained_size.cmp(&b.retained_size)).then_with(|| name(a).cmp_utf16(name(b)))
        }),
    }
}

/// What the toolbar says of all rows together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// How many objects.
    pub count: u64,
    /// Their shallow sizes, added up.
    pub shallow_size: u64,
}

/// Adds up the rows.
pub fn totals<'a>(groups: impl IntoIterator<Item = &'a ConstructorGroup>) -> Totals {
    groups.into_iter().fold(Totals::default(), |sum, g| Totals {
        count: sum.count + u64::from(g.count),
        shallow_size: sum.shallow_size.saturating_add(g.shallow_size),
    })
}

/// Sorts objects as the expanded row of their class has them.
pub fn sort_objects(
    heap: &Heap,
    nodes: Vec<NodeIndex>,
    sort: Sort,
    stage: &Stage,
) -> Result<Vec<NodeIndex>, Cancelled> {
    if nodes.len() >= LONG {
        return sort_long(heap, nodes, sort, stage);
    }
    let keys: Vec<u64> = match sort.column {
        Column::Name => name_ranks(heap, &nodes, stage)?.into_iter().map(u64::from).collect(),
        Column::Distance => nodes.iter().map(|&n| distance_key(heap.distance(n))).collect(),
        Column::ShallowSize => nodes.iter().map(|&n| heap.shallow_size(n)).collect(),
        Column::RetainedSize => nodes.iter().map(|&n| heap.retained_size(n)).collect(),
    };
    stage.check()?;
    let then = |n| match sort.column {
        Column::Distance => !heap.retained_size(n),
        _ => u64::from(heap.id(n).0),
    };
    let keyed = nodes.iter().zip(keys).map(|(&n, key)| (directed(key, sort.direction), then(n), n));
    let mut keyed: Vec<_> = keyed.collect();
    drop(nodes);
    sort_unstable_by(&mut keyed, Ord::cmp);
    stage.check()?;
    Ok(keyed.into_iter().map(|k| k.2).collect())
}

/// As [`sort_objects`], by numbers that many objects have in common: sorting by those keeps the order
/// there was.
fn sort_long(heap: &Heap, mut nodes: Vec<NodeIndex>, sort: Sort, stage: &Stage) -> Result<Vec<NodeIndex>, Cancelled> {
    // Each part with the first of the next.
    let is_sorted = |start: usize| {
        let part = &nodes[start..nodes.len().min(start + LONG + 1)];
        part.is_sorted_by_key(|&n| (heap.id(n), n))
    };
    if sort.column == Column::Distance {
        if !nodes.is_sorted() {
            sort_unstable_by(&mut nodes, Ord::cmp);
        }
    } else if !(0..nodes.len()).into_par_iter().step_by(LONG).all(is_sorted) {
        stage.check()?;
        sort_by_id(&heap.graph, &mut nodes);
    }
    stage.check()?;
    Ok(match sort.column {
        Column::Name => {
            let ranks = name_ranks(heap, &nodes, stage)?;
            let places =
                sorted_by_key((0..nodes.len() as u32).collect(), sort.direction, |at| u64::from(ranks[at as usize]));
            places.into_iter().map(|at| nodes[at as usize]).collect()
        }
        Column::ShallowSize => sorted_by_key(nodes, sort.direction, |n| heap.shallow_size(n)),
        Column::RetainedSize => sorted_by_key(nodes, sort.direction, |n| heap.retained_size(n)),
        Column::Distance => {
            let distance = |n| distance_key(heap.distance(n));
            sorted_by_two_keys(nodes, sort.direction, distance, |n| heap.retained_size(n))
        }
    })
}

/// A distance as a number without sign that orders as the distance does.
fn distance_key(distance: i32) -> u64 {
    (i64::from(distance) - i64::from(UNREACHED)) as u64
}

/// A key that, ascending, gives `direction`.
fn directed(key: u64, direction: Direction) -> u64 {
    match direction {
        Direction::Ascending => key,
        Direction::Descending => !key,
    }
}

/// What the box above the table picks classes by.
#[derive(Debug, Clone, Default)]
pub enum ClassFilter {
    /// Every class.
    #[default]
    All,
    /// Classes whose names hold this text, capitals or not; it is in lower case.
    Text(String),
    /// Classes whose names this expression finds something in.
    Regex(Regex),
}

impl ClassFilter {
    /// Understands a part of a name, or `/expression/`, or `/expression/i`.
    pub fn parse(text: &str) -> Result<Self, regex::Error> {
        let expression = text.strip_prefix('/').and_then(|rest| match rest.strip_suffix("/i") {
            Some(body) => Some((body, true)),
            None => rest.strip_suffix('/').map(|body| (body, false)),
        });
        Ok(match expression {
            _ if text.is_empty() => Self::All,
            Some((body, ignore_case)) if !body.is_empty() => {
                Self::Regex(RegexBuilder::new(body).case_insensitive(ignore_case).build()?)
            }
            _ => Self::Text(text.to_lowercase()),
        })
    }

    /// Whether a class of this name is shown.
    pub fn accepts(&self, name: Text<'_>) -> bool {
        match self {
            Self::All => true,
            Self::Text(text) => name.lossy().to_lowercase().contains(text),
            Self::Regex(regex) => regex.is_match(&name.lossy()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Progress;
    use crate::testing::{Random, SnapshotBuilder};

    fn heap() -> Heap {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        let owner = b.node("object", "Owner", 5);
        b.edge(root, "element", "1", owner);
        for (name, size) in [("b", 10), ("a", 10), ("b", 30), ("a", 10)] {
            let n = b.node("string", name, size);
            b.edge(owner, "element", "1", n);
        }
        b.edge(root, "element", "2", 4);
        b.edge(root, "element", "3", 5);
        b.node("object", "Lost", 10);
        Heap::analyze(b.graph(), &Progress::new()).unwrap()
    }

    #[test]
    fn objects_go_by_id_where_the_column_does_not_tell() {
        let heap = heap();
        let sorted = |column, direction| {
            let nodes = (1..7).rev().map(NodeIndex).collect();
            let nodes = sort_objects(&heap, nodes, Sort::new(column, direction), &Stage::unwatched()).unwrap();
            nodes.into_iter().map(NodeIndex::at).collect::<Vec<_>>()
        };
        let (up, down) = (Direction::Ascending, Direction::Descending);
        assert_eq!(sorted(Column::Name, up), [6, 1, 3, 5, 2, 4]);
        assert_eq!(sorted(Column::Name, down), [2, 4, 3, 5, 1, 6]);
        assert_eq!(sorted(Column::ShallowSize, up), [1, 2, 3, 5, 6, 4]);
        assert_eq!(sorted(Column::RetainedSize, down), [4, 1, 2, 3, 5, 6]);
        // The one that cannot be reached has the smallest number; then by retained size.
        assert_eq!(sorted(Column::Distance, up), [6, 4, 1, 5, 2, 3]);
        assert_eq!(sorted(Column::Distance, down), [2, 3, 4, 1, 5, 6]);
    }

    #[test]
    fn long_lists_of_objects_are_sorted_like_short_ones() {
        let mut random = Random(4);
        for ids_ascend in [true, false] {
            let mut b = SnapshotBuilder::new();
            let root = b.node("synthetic", "", 0);
            let mut last = root;
            for i in 0..2 * LONG as u64 {
                let n =
                    b.node("object", "Thing", u64::from(random.below(3)) * 8 + if i % 100 == 0 { 100_000 } else { 8 });
                if !ids_ascend {
                    b.set_id(n, 2 * (i * 7919 % (2 * LONG as u64 + 1)) + 1);
                }
                if random.below(50) != 0 {
                    b.edge(if random.below(3) == 0 { last } else { root }, "property", "x", n);
                }
                last = n;
            }
            let heap = b.heap();
            let nodes: Vec<NodeIndex> = heap.graph.node_indices().skip(1).collect();
            for column in [Column::Distance, Column::ShallowSize, Column::RetainedSize] {
                for direction in [Direction::Ascending, Direction::Descending] {
                    let sorted =
                        sort_objects(&heap, nodes.clone(), Sort::new(column, direction), &Stage::unwatched()).unwrap();
                    let mut expected = nodes.clone();
                    expected.sort_by(|&a, &b| {
                        let (key, then) = match column {
                            Column::Distance => {
                                let then = heap.retained_size(b).cmp(&heap.retained_size(a));
                                (heap.distance(a).cmp(&heap.distance(b)), then)
                            }
                            Column::ShallowSize => {
                                (heap.shallow_size(a).cmp(&heap.shallow_size(b)), heap.id(a).cmp(&heap.id(b)))
                            }
                            _ => (heap.retained_size(a).cmp(&heap.retained_size(b)), heap.id(a).cmp(&heap.id(b))),
                        };
                        direction.apply(key).then(then).then(a.cmp(&b))
                    });
                    assert_eq!(sorted, expected, "{column:?} {direction:?}");
                }
            }
        }
    }

    #[test]
    fn classes_go_by_name_or_by_retained_size_where_the_column_does_not_tell() {
        let heap = heap();
        let group = |node: u32, distance, shallow_size, retained_size| ConstructorGroup {
            class: heap.class_of(NodeIndex(node)),
            count: 1,
            distance,
            shallow_size,
            retained_size,
        };
        // Owner, (string), Lost; and another Owner, as constructors elsewhere make.
        let groups = [group(1, 1, 5, 50), group(2, 1, 60, 60), group(6, -5, 10, 60), group(1, 2, 10, 70)];
        assert_eq!(totals(&groups), Totals { count: 4, shallow_size: 85 });
        let sorted = |column, direction| {
            let mut sorted = groups;
            sort_classes(&heap, &mut sorted, Sort::new(column, direction));
            sorted.map(|g| groups.iter().position(|o| *o == g).unwrap())
        };
        let (up, down) = (Direction::Ascending, Direction::Descending);
        assert_eq!(sorted(Column::Name, up), [1, 2, 3, 0]);
        assert_eq!(sorted(Column::Name, down), [3, 0, 2, 1]);
        assert_eq!(sorted(Column::Distance, up), [2, 1, 0, 3]);
        assert_eq!(sorted(Column::Distance, down), [3, 1, 0, 2]);
        assert_eq!(sorted(Column::ShallowSize, up), [0, 2, 3, 1]);
        assert_eq!(sorted(Column::RetainedSize, down), [3, 1, 2, 0]);
    }

    #[test]
    fn classes_are_picked_by_part_of_their_name_or_by_expression() {
        let accepted = |filter: &str| {
            let filter = ClassFilter::parse(filter).unwrap();
            ["Array", "ArrayBuffer", "(array)", "/"].into_iter().filter(|n| filter.accepts(Text::from(*n))).count()
        };
        for (filter, count) in
            [("", 4), ("ARRAY", 3), ("/^Array$/", 1), ("/^array/i", 2), ("/array$/", 0), ("/", 1), ("//", 0)]
        {
            assert_eq!(accepted(filter), count, "{filter}");
        }
        assert!(ClassFilter::parse("/(/").is_err());
    }
}
