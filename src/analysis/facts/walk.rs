//! Walks over the graph that all threads take part in.

use crate::graph::{EdgeIndex, EdgeKind, HeapGraph, NodeIndex, NodeSet, SharedBitSet};
use crate::progress::{Cancelled, Stage};
use rayon::prelude::*;

/// From this many nodes met at once it is worth waking the other threads.
const WIDE: usize = 1 << 12;

/// How many nodes a thread takes at a time.
const CHUNK: usize = 1 << 10;

/// What is reached from `starts`, which are reached themselves, over edges that `is_followed`
/// accepts, by source, edge, kind and target. It is asked only for targets not reached so far.
pub(in crate::analysis) fn reached(
    graph: &HeapGraph,
    starts: impl IntoIterator<Item = NodeIndex>,
    is_followed: impl Fn(NodeIndex, EdgeIndex, EdgeKind, NodeIndex) -> bool + Sync,
    stage: &Stage,
) -> Result<NodeSet, Cancelled> {
    let count = graph.node_count() as u64;
    let mut reached = SharedBitSet::new(graph.node_count());
    // In the order in which they are met, so that it is known early whose edges come next.
    let mut order: Vec<NodeIndex> = starts.into_iter().filter(|&n| reached.insert_alone(n)).collect();
    let (mut at, mut reported, mut behind) = (0, 0, 0);
    while at < order.len() {
        if at + behind >= reported {
            stage.reached((at + behind) as u64, count)?;
            reported = at + behind + (1 << 14);
        }
        if order.len() - at < WIDE {
            graph.prefetch_ahead(&order, at);
            let source = order[at];
            at += 1;
            for edge in graph.edge_range(source) {
                let word = graph.edges.targets[edge];
                let (kind, target) = (word.kind(), word.target());
                if !reached.contains(target) && is_followed(source, EdgeIndex(edge as u32), kind, target) {
                    reached.insert_alone(target);
                    order.push(target);
                }
            }
            continue;
        }
        let met = order[at..].par_chunks(CHUNK).map(|sources| {
            let mut met = Vec::with_capacity(CHUNK);
            for (i, &source) in sources.iter().enumerate() {
                graph.prefetch_ahead(sources, i);
                for edge in graph.edge_range(source) {
                    let word = graph.edges.targets[edge];
                    let (kind, target) = (word.kind(), word.target());
                    if !reached.contains(target)
                        && is_followed(source, EdgeIndex(edge as u32), kind, target)
                        && reached.insert(target)
                    {
                        met.push(target);
                    }
                }
            }
            met
        });
        let met: Vec<Vec<NodeIndex>> = met.collect();
        behind += order.len();
        order.clear();
        order.extend(met.iter().flatten());
        at = 0;
    }
    Ok(reached.into_set())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Random, SnapshotBuilder};

    #[test]
    fn wide_walks_reach_what_narrow_ones_reach() {
        let mut random = Random(11);
        let mut b = SnapshotBuilder::new();
        let count = 30_000;
        (0..count).for_each(|_| {
            b.node("object", "Object", 8);
        });
        for n in 0..count {
            for _ in 0..random.below(7) {
                let kind = ["property", "weak", "shortcut"][random.below(3) as usize];
                b.edge(n as usize, kind, "x", random.below(count) as usize);
            }
        }
        let graph = b.graph();
        let mut expected = NodeSet::of(count as usize, [NodeIndex(3), NodeIndex(5)]);
        let mut stack = vec![NodeIndex(3), NodeIndex(5)];
        while let Some(n) = stack.pop() {
            let edges = graph.edges(n).filter(|e| e.kind != EdgeKind::Weak);
            stack.extend(edges.map(|e| e.target).filter(|&t| expected.insert(t)));
        }
        assert!(expected.len() > 2 * WIDE);
        let is_followed = |_, _, kind, _| kind != EdgeKind::Weak;
        let starts = [NodeIndex(3), NodeIndex(5), NodeIndex(3)];
        assert_eq!(reached(&graph, starts, is_followed, &Stage::unwatched()).unwrap(), expected);
    }
}
