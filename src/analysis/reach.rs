//! What can be reached from where: what a page owns, what its scripts could get at.

use super::known_strings::KnownStrings;
use super::roots;
use crate::graph::{EdgeKind, HeapGraph, NodeIndex, NodeKind, NodeSet};
use crate::progress::{Cancelled, Stage};

/// Everything the page's windows and documents hold: the *page objects*.
pub fn page_objects(graph: &HeapGraph, known: &KnownStrings, stage: &Stage) -> Result<NodeSet, Cancelled> {
    let starts = roots::root_edges(graph).filter(|edge| match edge.kind {
        EdgeKind::Shortcut => true,
        EdgeKind::Element => roots::is_document_dom_trees(graph, known, edge.target),
        _ => false,
    });
    reached(graph, starts.map(|edge| edge.target), |kind| kind != EdgeKind::Weak, stage)
}

/// Everything a script could reach from the window.
pub fn queryable(graph: &HeapGraph, stage: &Stage) -> Result<NodeSet, Cancelled> {
    let starts = roots::root_edges(graph).map(|edge| edge.target).filter(|&n| graph.kind(n) != NodeKind::SYNTHETIC);
    let is_followed = |kind| !matches!(kind, EdgeKind::Hidden | EdgeKind::Internal | EdgeKind::Weak);
    reached(graph, starts, is_followed, stage)
}

/// `starts` and everything that edges of followed kinds lead to from there.
fn reached(
    graph: &HeapGraph,
    starts: impl Iterator<Item = NodeIndex>,
    is_followed: impl Fn(EdgeKind) -> bool,
    stage: &Stage,
) -> Result<NodeSet, Cancelled> {
    let mut reached = NodeSet::new(graph.node_count());
    let mut stack: Vec<NodeIndex> = starts.filter(|&n| reached.insert(n)).collect();
    let mut visited = 0u64;
    while let Some(n) = stack.pop() {
        visited += 1;
        if visited.is_multiple_of(1 << 14) {
            stage.reached(visited, graph.node_count() as u64)?;
        }
        for &word in graph.edge_words(n) {
            let target = NodeIndex(word >> 3);
            if is_followed(EdgeKind::from_bits(word)) && reached.insert(target) {
                stack.push(target);
            }
        }
    }
    Ok(reached)
}
