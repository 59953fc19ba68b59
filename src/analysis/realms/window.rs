//! What a script could reach from the window: DevTools' *can be queried*.

use crate::analysis::Heap;
use crate::analysis::facts::{roots, walk};
use crate::graph::{EdgeKind, NodeKind, NodeSet};
use crate::progress::{Cancelled, Stage};

/// Its nodes.
struct ReachableFromWindow(NodeSet);

impl Heap {
    /// What a script could reach from the window.
    pub fn reachable_from_window(&self, stage: &Stage) -> Result<&NodeSet, Cancelled> {
        let kept = self.memo.get_or_compute(|| reachable_from_window(self, stage).map(ReachableFromWindow))?;
        Ok(&kept.0)
    }

    /// The same for those who cannot wait: `None` as long as nobody has asked for it.
    pub fn known_reachable_from_window(&self) -> Option<&NodeSet> {
        self.memo.get().map(|ReachableFromWindow(nodes)| nodes)
    }
}

fn reachable_from_window(heap: &Heap, stage: &Stage) -> Result<NodeSet, Cancelled> {
    let graph = &heap.graph;
    let starts = roots::root_edges(graph).map(|edge| edge.target).filter(|&n| graph.kind(n) != NodeKind::SYNTHETIC);
    let is_followed = |_, _, kind, _| !matches!(kind, EdgeKind::Hidden | EdgeKind::Internal | EdgeKind::Weak);
    walk::reached(graph, starts, is_followed, stage)
}
