//! The rows under an object in Containment and in every expanded table: its edges, sorted.

use super::name_ranks::name_ranks;
use crate::analysis::Heap;
use crate::analysis::naming::edge_names::EdgeNameKey;
use crate::analysis::order::sort::{Column, Direction, Sort, sort_unstable_by};
use crate::graph::{Edge, EdgeIndex, NodeIndex};
use crate::progress::{Cancelled, Stage};
use std::cmp::Reverse;

/// Where the rows stand; it decides how ties of equal distance are broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Level {
    /// Directly under an object of a class.
    UnderObject,
    /// Under a row that was reached through an edge, and everywhere in Containment.
    Deeper,
}

/// The edges of `n` as rows, all kinds of edges, each a row of its own: four bytes a row, so that
/// objects with millions of fields can be scrolled.
pub fn edge_rows(
    heap: &Heap,
    n: NodeIndex,
    level: Level,
    sort: Sort,
    stage: &Stage,
) -> Result<Vec<EdgeIndex>, Cancelled> {
    let rows = heap.graph.edges(n).map(|edge| Row { edge, node: edge.target, distance: heap.distance(edge.target) });
    sort_rows(heap, rows, level, sort, Direction::Ascending, stage)
}

/// A row before sorting: an edge, the node it shows, and that node's distance in this table.
pub(in crate::analysis) struct Row {
    pub(in crate::analysis) edge: Edge,
    pub(in crate::analysis) node: NodeIndex,
    pub(in crate::analysis) distance: i32,
}

/// Sorts the rows of any tree. Rows that are equal in every key stand in file order, or in its
/// reverse.
pub(in crate::analysis) fn sort_rows(
    heap: &Heap,
    rows: impl Iterator<Item = Row>,
    level: Level,
    sort: Sort,
    file_order: Direction,
    stage: &Stage,
) -> Result<Vec<EdgeIndex>, Cancelled> {
    stage.check()?;
    let graph = &heap.graph;
    let by_name = |direction| move |edge: &Edge| EdgeNameKey::new(graph, edge, direction);
    let ascending = Direction::Ascending;
    let position = |e: EdgeIndex| directed(i64::from(e.0), file_order);
    let sorted = match sort.column {
        Column::Name => {
            let key = by_name(sort.direction);
            let mut keyed: Vec<_> = rows.map(|r| (Reverse(heap.retained_size(r.node)), key(&r.edge))).collect();
            stage.check()?;
            sort_unstable_by(&mut keyed, |a, b| {
                let by_name = a.1.compare(b.1, graph, sort.direction);
                by_name.then(a.0.cmp(&b.0)).then_with(|| position(a.1.edge()).cmp(&position(b.1.edge())))
            });
            keyed.into_iter().map(|k| k.1.edge()).collect()
        }
        Column::Distance if level == Level::UnderObject => sort_numbers(rows.map(|r| {
            let distance = directed(i64::from(r.distance), sort.direction);
            (distance, Reverse(heap.retained_size(r.node)), position(r.edge.index), r.edge.index)
        })),
        Column::Distance => {
            let rows: Vec<Row> = rows.collect();
            let nodes: Vec<_> = rows.iter().map(|r| r.node).collect();
            let ranks = name_ranks(heap, &nodes, stage)?;
            sort_numbers(rows.iter().zip(ranks).map(|(r, rank)| {
                let distance = directed(i64::from(r.distance), sort.direction);
                (distance, rank, position(r.edge.index), r.edge.index)
            }))
        }
        Column::ShallowSize | Column::RetainedSize => {
            let size = |n| match sort.column {
                Column::ShallowSize => heap.shallow_size(n),
                _ => heap.retained_size(n),
            };
            let key = by_name(ascending);
            let mut keyed: Vec<_> = rows.map(|r| (size(r.node), key(&r.edge))).collect();
            stage.check()?;
            sort_unstable_by(&mut keyed, |a, b| {
                let by_size = sort.direction.apply(a.0.cmp(&b.0));
                by_size
                    .then_with(|| a.1.compare(b.1, graph, ascending))
                    .then_with(|| position(a.1.edge()).cmp(&position(b.1.edge())))
            });
            keyed.into_iter().map(|k| k.1.edge()).collect()
        }
    };
    Ok(sorted)
}

/// `n`, turned round for descending order.
fn directed(n: i64, direction: Direction) -> i64 {
    match direction {
        Direction::Ascending => n,
        Direction::Descending => -n,
    }
}

/// The edges of tuples that order by themselves.
fn sort_numbers<K: Ord + Send>(keyed: impl Iterator<Item = (i64, K, i64, EdgeIndex)>) -> Vec<EdgeIndex> {
    let mut keyed: Vec<_> = keyed.collect();
    sort_unstable_by(&mut keyed, Ord::cmp);
    keyed.into_iter().map(|k| k.3).collect()
}

/// Whether the row of a node can be opened: it has edges.
pub fn has_edges(heap: &Heap, n: NodeIndex) -> bool {
    !heap.graph.edge_range(n).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Progress;
    use crate::testing::SnapshotBuilder;

    /// root → list → five things; `near` is nearer by an edge of the root.
    fn heap() -> Heap {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        let list = b.node("object", "List", 1);
        b.edge(root, "element", "1", list);
        for (kind, edge, name, size) in [
            ("property", "b", "Z", 30),
            ("property", "__proto__", "P", 10),
            ("element", "10", "A", 20),
            ("element", "9", "A", 20),
            ("property", "b", "near", 40),
        ] {
            let n = b.node("object", name, size);
            b.edge(list, kind, edge, n);
        }
        b.edge(root, "element", "2", 6);
        Heap::analyze(b.graph(), &Progress::new()).unwrap()
    }

    fn sorted(level: Level, column: Column, direction: Direction) -> Vec<usize> {
        let heap = heap();
        let rows = edge_rows(&heap, NodeIndex(1), level, Sort::new(column, direction), &Stage::unwatched()).unwrap();
        rows.into_iter().map(|e| heap.graph.edge(e).target.at()).collect()
    }

    #[test]
    fn names_come_first_and_equal_names_go_by_retained_size() {
        assert_eq!(sorted(Level::Deeper, Column::Name, Direction::Ascending), [6, 2, 4, 5, 3]);
        assert_eq!(sorted(Level::Deeper, Column::Name, Direction::Descending), [5, 4, 6, 2, 3]);
    }

    #[test]
    fn equal_sizes_go_by_edge_name_upwards_in_both_directions() {
        for column in [Column::ShallowSize, Column::RetainedSize] {
            assert_eq!(sorted(Level::UnderObject, column, Direction::Ascending), [3, 4, 5, 2, 6]);
            assert_eq!(sorted(Level::UnderObject, column, Direction::Descending), [6, 2, 4, 5, 3]);
        }
    }

    #[test]
    fn equal_distances_go_by_retained_size_under_objects_and_by_name_deeper() {
        assert_eq!(sorted(Level::UnderObject, Column::Distance, Direction::Ascending), [6, 2, 4, 5, 3]);
        assert_eq!(sorted(Level::UnderObject, Column::Distance, Direction::Descending), [2, 4, 5, 3, 6]);
        assert_eq!(sorted(Level::Deeper, Column::Distance, Direction::Ascending), [6, 4, 5, 3, 2]);
        assert_eq!(sorted(Level::Deeper, Column::Distance, Direction::Descending), [4, 5, 3, 2, 6]);
    }
}
