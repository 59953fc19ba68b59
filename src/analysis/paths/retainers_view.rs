//! Retainers: who keeps the selected object in memory, and what if some of them did not count.

use crate::analysis::Heap;
use crate::analysis::Spare;
use crate::analysis::facts::dead_ends::DeadEnds;
use crate::analysis::facts::distance::UNREACHED;
use crate::analysis::facts::distance::{Distances, distances};
use crate::analysis::naming::edge_names::edge_cell_text;
use crate::analysis::order::sort::{Direction, Sort};
use crate::analysis::tables::tree::{Level, Row, sort_rows};
use crate::graph::{Edge, EdgeIndex, EdgeKind, NodeIndex, StringIndex};
use crate::progress::{Cancelled, Stage};
use crate::text::TextBuf;
use std::collections::BTreeSet;

/// Added to the distance of a retainer that cannot be reached, so that it sorts last.
pub const UNREACHABLE_DISTANCE: i32 = 200_000_000;

/// One row: who keeps the object of the row above, and through which edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retainer {
    /// The edge, from the retainer to what it keeps.
    pub edge: EdgeIndex,
    /// The retainer.
    pub node: NodeIndex,
    /// Its distance in this view.
    pub distance: i32,
    /// Whether the user said that it does not count.
    pub is_ignored: bool,
}

impl Retainer {
    /// Whether this retainer alone could keep the object; others are dimmed.
    pub fn is_reachable(&self) -> bool {
        self.distance < UNREACHABLE_DISTANCE
    }
}

/// The Retainers view of a snapshot: the retainers the user ignores, and what follows from that.
/// It belongs to the snapshot, not to the selected object.
#[derive(Debug, Default, Clone)]
pub struct RetainersView {
    ignored: BTreeSet<NodeIndex>,
    /// Distances without the ignored ones; `None` while nothing is ignored.
    distances: Option<Distances>,
    /// Edges that are of no use since their other half cannot be reached; ascending.
    useless: Vec<EdgeIndex>,
}

impl RetainersView {
    /// The view in which `ignored` do not count.
    pub fn ignoring(heap: &Heap, ignored: BTreeSet<NodeIndex>, stage: &Stage) -> Result<Self, Cancelled> {
        if ignored.is_empty() {
            return Ok(Self::default());
        }
        let distances = distances(
            &heap.graph,
            &heap.facts.known_strings,
            &DeadEnds::find(&heap.graph, stage)?,
            |n| ignored.contains(&n),
            &Spare::default(),
            stage,
        )?;
        let useless = useless_edges(heap, &distances, stage)?;
        Ok(Self { ignored, distances: Some(distances), useless })
    }

    /// The retainers that do not count.
    pub fn ignored(&self) -> &BTreeSet<NodeIndex> {
        &self.ignored
    }

    /// The distance of `n` in this view; from [`UNREACHABLE_DISTANCE`] on it cannot be reached.
    pub fn distance(&self, heap: &Heap, n: NodeIndex) -> i32 {
        match self.distance_or_unreached(heap, n) {
            UNREACHED => heap.distance(n).max(0) + UNREACHABLE_DISTANCE,
            distance => distance,
        }
    }

    /// The distance of `n` without the ignored ones; [`UNREACHED`] if they were its only way.
    pub fn distance_or_unreached(&self, heap: &Heap, n: NodeIndex) -> i32 {
        self.distances.as_ref().map_or_else(|| heap.distance(n), |d| d.get(n))
    }

    /// The distance of the row of an edge from `source`.
    fn row_distance(&self, heap: &Heap, edge: EdgeIndex, source: NodeIndex) -> i32 {
        if self.is_useless(edge) { UNREACHABLE_DISTANCE } else { self.distance(heap, source) }
    }

    /// Whether the edge at `edge` counts for nothing here: it ends in a value of a `WeakMap` whose
    /// key or table cannot be reached.
    pub fn is_useless(&self, edge: EdgeIndex) -> bool {
        self.useless.binary_search(&edge).is_ok()
    }

    /// The row of an edge.
    pub fn retainer(&self, heap: &Heap, edge: EdgeIndex) -> Retainer {
        let node = heap.graph.edge_source(edge);
        Retainer { edge, node, distance: self.row_distance(heap, edge, node), is_ignored: self.ignored.contains(&node) }
    }

    /// The rows under `n`, sorted: four bytes a row.
    pub fn rows(&self, heap: &Heap, n: NodeIndex, sort: Sort, stage: &Stage) -> Result<Vec<EdgeIndex>, Cancelled> {
        let rows =
            edges(heap, n).map(|(node, edge)| Row { distance: self.row_distance(heap, edge.index, node), edge, node });
        // Where all keys are equal the later edge comes first.
        sort_rows(heap, rows, Level::Deeper, sort, Direction::Descending, stage)
    }

    /// The first row under `n` when sorted as usual, by distance: found without sorting.
    pub fn first(&self, heap: &Heap, n: NodeIndex) -> Option<Retainer> {
        let mut best: Option<(i32, NodeIndex, EdgeIndex)> = None;
        for (node, edge) in edges(heap, n) {
            let distance = self.row_distance(heap, edge.index, node);
            let is_better = best.is_none_or(|(least, other, _)| {
                distance < least
                    || distance == least
                        && node != other
                        && heap.name(node).as_text().cmp_utf16(heap.name(other).as_text()).is_lt()
            });
            if is_better {
                best = Some((distance, node, edge.index));
            }
        }
        best.map(|(_, _, edge)| self.retainer(heap, edge))
    }
}

/// The words of a row: `headersArray in system / Context @70007`.
pub fn retainer_text(heap: &Heap, retainer: &Retainer) -> TextBuf {
    let mut text = edge_cell_text(&heap.graph, &heap.graph.edge(retainer.edge)).into_owned();
    text.push_str(" in ");
    text.push(heap.cell_text(retainer.node).as_text());
    text.push_str(&format!(" {}", heap.id(retainer.node)));
    text
}

/// The edges that have rows under `n`, later edges first: neither weak ones nor the root's.
fn edges(heap: &Heap, n: NodeIndex) -> impl Iterator<Item = (NodeIndex, Edge)> + '_ {
    heap.edges_to(n).filter(|(source, edge)| edge.kind != EdgeKind::Weak && *source != heap.graph.root)
}

/// A value in a `WeakMap` needs its key and the table: where one of the two is out of reach, the
/// edge from the other is of no use either.
fn useless_edges(heap: &Heap, distances: &Distances, stage: &Stage) -> Result<Vec<EdgeIndex>, Cancelled> {
    let graph = &heap.graph;
    let names = &heap.facts.known_strings.weak_maps;
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let pair = |e: &Edge| match e.kind {
        EdgeKind::Internal => names.get(StringIndex(e.name_or_index)).map(|name| name.pair),
        _ => None,
    };
    let mut lost: Vec<(NodeIndex, u32)> = Vec::new();
    for n in graph.node_indices() {
        if n.0.is_multiple_of(1 << 14) {
            stage.check()?;
        }
        if distances.get(n) == UNREACHED {
            lost.extend(graph.edges(n).filter_map(|e| Some((e.target, pair(&e)?))));
        }
    }
    lost.sort_unstable();
    lost.dedup();
    let mut useless = Vec::new();
    for values in lost.chunk_by(|a, b| a.0 == b.0) {
        stage.check()?;
        let is_lost =
            |(_, e): &(NodeIndex, Edge)| pair(e).is_some_and(|p| values.binary_search(&(e.target, p)).is_ok());
        useless.extend(heap.edges_to(values[0].0).filter(is_lost).map(|(_, e)| e.index));
    }
    useless.sort_unstable();
    Ok(useless)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Progress;
    use crate::testing::SnapshotBuilder;

    fn heap(b: &SnapshotBuilder) -> Heap {
        Heap::analyze(b.graph(), &Progress::new()).unwrap()
    }

    fn ignoring(heap: &Heap, nodes: &[usize]) -> RetainersView {
        let nodes = nodes.iter().map(|&n| NodeIndex(n as u32)).collect();
        RetainersView::ignoring(heap, nodes, &Stage::unwatched()).unwrap()
    }

    fn rows(heap: &Heap, view: &RetainersView, n: usize) -> Vec<(usize, i32)> {
        let n = NodeIndex(n as u32);
        let edges = view.rows(heap, n, Sort::BY_DISTANCE, &Stage::unwatched()).unwrap();
        let rows: Vec<_> = edges.iter().map(|&e| view.retainer(heap, e)).collect();
        assert_eq!(view.first(heap, n), rows.first().copied());
        rows.iter().map(|r| (r.node.at(), r.distance)).collect()
    }

    /// window → a, b, far; a, b (twice), far → thing; besides a weak edge and one of the root.
    fn builder() -> (SnapshotBuilder, [usize; 5]) {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        let window = b.node("object", "Window", 8);
        b.edge(root, "shortcut", "window", window);
        let [other, same, far, thing] = ["Z", "A", "B", "Thing"].map(|name| b.node("object", name, 8));
        b.edge(window, "property", "other", other);
        b.edge(window, "property", "same", same);
        b.edge(other, "property", "far", far);
        for (from, kind, name) in [
            (root, "internal", "thing"),
            (window, "weak", "thing"),
            (other, "property", "thing"),
            (same, "property", "one"),
            (same, "property", "two"),
            (far, "property", "thing"),
        ] {
            b.edge(from, kind, name, thing);
        }
        (b, [window, other, same, far, thing])
    }

    #[test]
    fn rows_go_by_distance_then_name_then_later_edges_first_without_weak_ones_and_the_roots() {
        let (b, [_, other, same, far, thing]) = builder();
        let heap = heap(&b);
        let view = RetainersView::default();
        assert_eq!(rows(&heap, &view, thing), [(same, 2), (same, 2), (other, 2), (far, 3)]);
        let first = view.first(&heap, NodeIndex(thing as u32)).unwrap();
        assert_eq!(retainer_text(&heap, &first).to_string(), format!("two in A @{}", heap.id(first.node).0));
    }

    #[test]
    fn ignored_retainers_and_what_only_they_reach_sort_last() {
        let (b, [_, other, same, far, thing]) = builder();
        let heap = heap(&b);
        let view = ignoring(&heap, &[other, same]);
        let far_away = |distance| distance + UNREACHABLE_DISTANCE;
        assert_eq!(
            rows(&heap, &view, thing),
            [(same, far_away(2)), (same, far_away(2)), (other, far_away(2)), (far, far_away(3))]
        );
        let first = view.first(&heap, NodeIndex(thing as u32)).unwrap();
        assert!(first.is_ignored && !first.is_reachable());
        let view = ignoring(&heap, &[same]);
        assert_eq!(rows(&heap, &view, thing)[0], (other, 2));
        assert_eq!(view.ignored().len(), 1);
    }

    #[test]
    fn the_other_edge_to_a_value_of_a_weak_map_is_of_no_use_without_the_key() {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        let window = b.node("object", "Window", 8);
        b.edge(root, "shortcut", "window", window);
        let [holder, key, table, value] = ["Holder", "Key", "Table", "Value"].map(|name| b.node("object", name, 8));
        b.edge(window, "property", "holder", holder);
        b.edge(window, "property", "table", table);
        b.edge(holder, "property", "key", key);
        let pair = "part of key (Key @7) -> value (Value @11) pair in WeakMap (table @9)";
        b.edge(key, "internal", &format!("1 / {pair}"), value);
        b.edge(table, "internal", &format!("2 / {pair}"), value);
        let heap = heap(&b);
        let reachable = rows(&heap, &RetainersView::default(), value);
        assert_eq!(reachable, [(table, 2), (key, 3)]);
        let view = ignoring(&heap, &[holder]);
        let lost = [(key, UNREACHABLE_DISTANCE), (table, UNREACHABLE_DISTANCE)];
        assert_eq!(rows(&heap, &view, value), lost);
    }
}
