//! Up and down the dominator tree: what keeps an object, and what it keeps alone.

use super::summary::sort_objects;
use crate::analysis::Heap;
use crate::analysis::order::sort::Sort;
use crate::graph::{NodeIndex, PerNode};
use crate::progress::{Cancelled, Stage};
use std::convert::Infallible;

/// `n`, its dominator, the dominator of that, and so on up to the root.
pub fn dominator_chain(heap: &Heap, n: NodeIndex) -> Vec<NodeIndex> {
    let mut chain = vec![n];
    let mut current = n;
    while heap.dominator(current) != current {
        current = heap.dominator(current);
        chain.push(current);
    }
    chain
}

/// Where each node stands in the dominator tree's order.
#[derive(Debug, Default)]
pub struct Positions(PerNode<u32>);

impl Heap {
    fn dominator_positions(&self) -> &Positions {
        let positions = self.memo.get_or_compute(|| Ok::<_, Infallible>(Positions::of(self)));
        positions.unwrap_or_else(|never| match never {})
    }
}

impl Positions {
    fn of(heap: &Heap) -> Self {
        let mut positions = PerNode(vec![0; heap.graph.node_count()]);
        for (position, &n) in heap.dominator_tree().nodes.iter().enumerate() {
            positions[n] = position as u32;
        }
        Self(positions)
    }
}

/// The objects whose immediate dominator is `n`, in the tree's order. Together with `n` itself
/// they are what `n` retains.
pub fn dominated(heap: &Heap, n: NodeIndex) -> impl Iterator<Item = NodeIndex> + '_ {
    let tree = heap.dominator_tree();
    let mut subtree = tree.subtree(heap.dominator_positions().0[n] as usize);
    subtree.start += 1;
    std::iter::from_fn(move || {
        let at = subtree.start;
        (at < subtree.end).then(|| {
            subtree.start = tree.subtree(at).end;
            tree.nodes[at]
        })
    })
}

/// All that `n` retains, itself first, each object before what it dominates.
pub fn retained(heap: &Heap, n: NodeIndex) -> &[NodeIndex] {
    let tree = heap.dominator_tree();
    &tree.nodes[tree.subtree(heap.dominator_positions().0[n] as usize)]
}

/// Whether anything is dominated by `n`.
pub fn dominates_any(heap: &Heap, n: NodeIndex) -> bool {
    dominated(heap, n).next().is_some()
}

/// The objects whose immediate dominator is `n`, as rows.
pub fn dominated_rows(heap: &Heap, n: NodeIndex, sort: Sort, stage: &Stage) -> Result<Vec<NodeIndex>, Cancelled> {
    sort_objects(heap, dominated(heap, n).collect(), sort, stage)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Progress;
    use crate::testing::SnapshotBuilder;

    #[test]
    fn each_object_stands_under_what_all_ways_to_it_pass() {
        // root → a → b, c; b, c → d; d → e.
        let mut builder = SnapshotBuilder::new();
        let root = builder.node("synthetic", "", 0);
        let [a, b, c, d, e] = [1, 2, 3, 40, 5].map(|size| builder.node("object", "Thing", size));
        for (from, to) in [(root, a), (a, b), (a, c), (b, d), (c, d), (d, e)] {
            builder.edge(from, "property", "to", to);
        }
        let heap = Heap::analyze(builder.graph(), &Progress::new()).unwrap();
        let node = |n: usize| NodeIndex(n as u32);
        let rows = |n| {
            let rows = dominated_rows(&heap, node(n), Sort::BY_RETAINED, &Stage::unwatched()).unwrap();
            rows.into_iter().map(NodeIndex::at).collect::<Vec<_>>()
        };
        assert_eq!(rows(root), [a]);
        assert_eq!(rows(a), [d, c, b]);
        assert_eq!(rows(d), [e]);
        assert!(rows(b).is_empty() && !dominates_any(&heap, node(b)));
        assert_eq!(retained(&heap, node(d)), [node(d), node(e)]);
        assert_eq!(dominator_chain(&heap, node(e)), [e, d, a, root].map(node));
    }
}
