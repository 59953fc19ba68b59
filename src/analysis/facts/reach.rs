//! What the windows and documents of a page hold.

use super::walk;
use crate::graph::{EdgeKind, HeapGraph, NodeIndex, NodeSet};
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
