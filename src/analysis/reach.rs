//! What can be reached from where: what a page owns, what its scripts could get at.

use super::{roots, walk};
use crate::graph::{EdgeKind, HeapGraph, NodeIndex, NodeKind, NodeSet};
use crate::progress::{Cancelled, Stage};

/// Everything the page's windows and documents hold, the *page objects*: what weak edges alone
/// do not lead to.
///
/// `found` is what is known of them already, `starts` are those to go on from.
pub fn page_objects(
    graph: &HeapGraph,
    mut found: NodeSet,
    starts: &[NodeIndex],
    stage: &Stage,
) -> Result<NodeSet, Cancelled> {
    let mut new = starts.iter().copied().filter(|&n| !found.contains(n)).peekable();
    if new.peek().is_some() {
        let is_followed = |_, _, kind, target| kind != EdgeKind::Weak && !found.contains(target);
        let more = walk::reached(graph, new, is_followed, stage)?;
        more.iter().for_each(|n| {
            found.insert(n);
        });
    }
    Ok(found)
}

/// Everything a script could reach from the window: DevTools' *can be queried*.
pub fn reachable_from_window(graph: &HeapGraph, stage: &Stage) -> Result<NodeSet, Cancelled> {
    let starts = roots::root_edges(graph).map(|edge| edge.target).filter(|&n| graph.kind(n) != NodeKind::SYNTHETIC);
    let is_followed = |_, _, kind, _| !matches!(kind, EdgeKind::Hidden | EdgeKind::Internal | EdgeKind::Weak);
    walk::reached(graph, starts, is_followed, stage)
}
