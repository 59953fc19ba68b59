//! Which object has a given id.

use crate::graph::{HeapGraph, NodeId, NodeIndex};
use rayon::slice::ParallelSliceMut;

/// All nodes ordered by id, and nodes of one id in file order: four bytes a node.
#[derive(Debug, Clone, Default)]
pub struct NodesById(Vec<NodeIndex>);

impl NodesById {
    /// Orders the nodes of `graph`.
    #[allow(clippy::cast_possible_truncation, reason = "the low half of the key is the position")]
    pub fn new(graph: &HeapGraph) -> Self {
        let mut keys: Vec<u64> =
            graph.node_indices().map(|n| u64::from(graph.id(n).0) << 32 | u64::from(n.0)).collect();
        keys.par_sort_unstable();
        Self(keys.into_iter().map(|key| NodeIndex(key as u32)).collect())
    }

    /// The first node in the file that has `id`.
    pub fn find(&self, graph: &HeapGraph, id: NodeId) -> Option<NodeIndex> {
        let at = self.0.partition_point(|&n| graph.id(n) < id);
        self.0.get(at).copied().filter(|&n| graph.id(n) == id)
    }
}
