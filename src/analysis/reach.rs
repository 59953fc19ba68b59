//! What can be reached from where: what a page owns, what its scripts could get at.

use super::roots;
use crate::graph::{EdgeKind, HeapGraph, NodeIndex, NodeKind, NodeSet};
use crate::progress::{Cancelled, Stage};

/// Everything the page's windows and documents hold, the *page objects*: what weak edges alone
/// do not lead to.
///
/// `found` is what is known of them already, `starts` are those to go on from.
pub fn page_objects(
    graph: &HeapGraph,
    found: NodeSet,
    starts: &[NodeIndex],
    stage: &Stage,
) -> Result<NodeSet, Cancelled> {
    reached(graph, found, starts, |kind| kind != EdgeKind::Weak, stage)
}

/// Everything a script could reach from the window: DevTools' *can be queried*.
pub fn reachable_from_window(graph: &HeapGraph, stage: &Stage) -> Result<NodeSet, Cancelled> {
    let starts = roots::root_edges(graph).map(|edge| edge.target).filter(|&n| graph.kind(n) != NodeKind::SYNTHETIC);
    let is_followed = |kind| !matches!(kind, EdgeKind::Hidden | EdgeKind::Internal | EdgeKind::Weak);
    reached(graph, NodeSet::new(graph.node_count()), &starts.collect::<Vec<_>>(), is_followed, stage)
}

/// `reached` with `starts` and with everything that edges of followed kinds lead to from those of
/// them that are new.
fn reached(
    graph: &HeapGraph,
    mut reached: NodeSet,
    starts: &[NodeIndex],
    is_followed: impl Fn(EdgeKind) -> bool,
    stage: &Stage,
) -> Result<NodeSet, Cancelled> {
    // First come, first served: nodes that are met one after the other stand near one another.
    let mut queue: Vec<NodeIndex> = starts.iter().copied().filter(|&n| reached.insert(n)).collect();
    let mut at = 0;
    while let Some(&n) = queue.get(at) {
        if at.is_multiple_of(1 << 14) {
            stage.reached(at as u64, graph.node_count() as u64)?;
        }
        graph.prefetch_ahead(&queue, at);
        at += 1;
        for &word in graph.edge_words(n) {
            let target = NodeIndex(word >> 3);
            if is_followed(EdgeKind::from_bits(word)) && reached.insert(target) {
                queue.push(target);
            }
        }
    }
    Ok(reached)
}
