//! Which DOM nodes hang in a document and which were removed from it but are still held.

use crate::analysis::naming::names::DETACHED_PREFIX;
use crate::graph::{Detachedness, EdgeKind, HeapGraph, NodeFlags, NodeIndex, NodeKind, NodeSet, PerNode};
use crate::progress::{Cancelled, Stage};

/// The detachedness of every node, spread from the nodes for which the file has it, and which
/// nodes are thereby renamed. All other flags are clear.
///
/// `column` is what the file says, where it has that field.
pub fn detachedness(
    graph: &HeapGraph,
    column: Option<Vec<u8>>,
    stage: &Stage,
) -> Result<PerNode<NodeFlags>, Cancelled> {
    match column {
        Some(column) => spread(graph, column, stage),
        None => Ok(from_names(graph)),
    }
}

/// Files without the field say it by name.
fn from_names(graph: &HeapGraph) -> PerNode<NodeFlags> {
    let is_detached = |n| graph.kind(n) == NodeKind::NATIVE && graph.raw_name(n).starts_with(DETACHED_PREFIX);
    let flags = |n| {
        let known = if is_detached(n) { Detachedness::Detached } else { Detachedness::Unknown };
        NodeFlags::default().with_detachedness(known)
    };
    PerNode(graph.node_indices().map(flags).collect())
}

fn spread(graph: &HeapGraph, column: Vec<u8>, stage: &Stage) -> Result<PerNode<NodeFlags>, Cancelled> {
    let flags = PerNode(column.into_iter().map(|d| NodeFlags(d & 3)).collect::<Vec<_>>());
    let mut spread = Spread { graph, flags, visited: NodeSet::default(), attached: Vec::new(), detached: Vec::new() };
    // Most heaps have no documents at all.
    if spread.flags.0.iter().all(|&flags| flags == NodeFlags::default()) {
        return Ok(spread.flags);
    }
    spread.visited = NodeSet::new(graph.node_count());
    for n in graph.node_indices() {
        let known = spread.flags[n].detachedness();
        if known != Detachedness::Unknown {
            spread.reach(n, known);
        }
    }
    let mut steps = 0;
    // What hangs on something attached is attached; only the rest may be detached.
    while let Some(n) = spread.attached.pop() {
        spread.reach_children(n, Detachedness::Attached);
        check_now_and_then(&mut steps, stage)?;
    }
    while let Some(n) = spread.detached.pop() {
        if spread.flags[n].detachedness() != Detachedness::Attached {
            spread.reach_children(n, Detachedness::Detached);
        }
        check_now_and_then(&mut steps, stage)?;
    }
    Ok(spread.flags)
}

fn check_now_and_then(steps: &mut u32, stage: &Stage) -> Result<(), Cancelled> {
    *steps = steps.wrapping_add(1);
    if steps.is_multiple_of(1 << 12) { stage.check() } else { Ok(()) }
}

struct Spread<'a> {
    graph: &'a HeapGraph,
    flags: PerNode<NodeFlags>,
    visited: NodeSet,
    attached: Vec<NodeIndex>,
    detached: Vec<NodeIndex>,
}

impl Spread<'_> {
    /// Gives `n` the state of what it was reached from, unless it was reached before. Only the
    /// embedder's nodes have and pass on a state; JavaScript in between stops it.
    fn reach(&mut self, n: NodeIndex, state: Detachedness) {
        if !self.visited.insert(n) || self.graph.kind(n) != NodeKind::NATIVE {
            return;
        }
        self.flags[n] = self.flags[n].with_detachedness(state);
        match state {
            Detachedness::Attached => self.attached.push(n),
            Detachedness::Detached => {
                self.flags[n].set(NodeFlags::RENAMED);
                self.detached.push(n);
            }
            Detachedness::Unknown | Detachedness::Invalid => {}
        }
    }

    fn reach_children(&mut self, n: NodeIndex, state: Detachedness) {
        let graph = self.graph;
        for edge in graph.edges(n) {
            if !matches!(edge.kind, EdgeKind::Hidden | EdgeKind::Weak) {
                self.reach(edge.target, state);
            }
        }
    }
}
