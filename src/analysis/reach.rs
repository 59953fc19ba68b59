//! What can be reached from where: what a page owns, what its scripts could get at.

use super::distance::FromUserRoots;
use super::known_strings::KnownStrings;
use super::roots;
use crate::graph::{EdgeKind, HeapGraph, NodeIndex, NodeKind, NodeSet};
use crate::progress::{Cancelled, Stage};

/// Everything the page's windows and documents hold: the *page objects*.
///
/// That is what the search for distances reaches from the user's roots and what it refuses to
/// follow, as long as those roots are the page's, which they are in all snapshots of real engines:
/// then only the few refused edges are left to look at.
pub fn page_objects<F: Fn(NodeIndex) -> bool>(
    graph: &HeapGraph,
    known: &KnownStrings,
    search: &FromUserRoots<'_, F>,
    stage: &Stage,
) -> Result<NodeSet, Cancelled> {
    let pages_roots = roots::root_edges(graph).filter(|edge| match edge.kind {
        EdgeKind::Shortcut => true,
        EdgeKind::Element => roots::is_document_dom_trees(graph, known, edge.target),
        _ => false,
    });
    let pages_roots: Vec<NodeIndex> = pages_roots.map(|edge| edge.target).collect();
    let is_followed = |kind| kind != EdgeKind::Weak;
    if is_same_set(&pages_roots, roots::user_roots(graph, known)) {
        reached(graph, search.reached().clone(), search.refused(), is_followed, stage)
    } else {
        reached(graph, NodeSet::new(graph.node_count()), &pages_roots, is_followed, stage)
    }
}

fn is_same_set(some: &[NodeIndex], others: impl Iterator<Item = NodeIndex>) -> bool {
    let mut some = some.to_vec();
    let mut others: Vec<NodeIndex> = others.collect();
    for list in [&mut some, &mut others] {
        list.sort_unstable();
        list.dedup();
    }
    some == others
}

/// Everything a script could reach from the window.
pub fn queryable(graph: &HeapGraph, stage: &Stage) -> Result<NodeSet, Cancelled> {
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
