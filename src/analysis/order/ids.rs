//! Which object has a given id, and the order of ids.

use super::sort::{LONG, sort_unstable_by};
use crate::graph::{HeapGraph, NodeId, NodeIndex};
use rayon::prelude::*;

/// Sorts `nodes` by id, and those of one id in file order. Ids are looked up once, and single numbers
/// are compared faster than pairs.
#[allow(clippy::cast_possible_truncation, reason = "the low half of the key is the position")]
pub(in crate::analysis) fn sort_by_id(graph: &HeapGraph, nodes: &mut [NodeIndex]) {
    let key = |n: &NodeIndex| u64::from(graph.id(*n).0) << 32 | u64::from(n.0);
    let mut keys: Vec<u64> = nodes.par_iter().with_min_len(LONG).map(key).collect();
    sort_unstable_by(&mut keys, u64::cmp);
    nodes.par_iter_mut().with_min_len(LONG).zip(keys).for_each(|(n, key)| *n = NodeIndex(key as u32));
}

/// All nodes ordered by id, and nodes of one id in file order: four bytes a node.
#[derive(Debug, Clone, Default)]
pub struct NodesById(Vec<NodeIndex>);

impl NodesById {
    /// Orders the nodes of `graph`.
    pub fn new(graph: &HeapGraph) -> Self {
        let mut nodes: Vec<NodeIndex> = graph.node_indices().collect();
        sort_by_id(graph, &mut nodes);
        Self(nodes)
    }

    /// The first node in the file that has `id`.
    pub fn find(&self, graph: &HeapGraph, id: NodeId) -> Option<NodeIndex> {
        let at = self.0.partition_point(|&n| graph.id(n) < id);
        self.0.get(at).copied().filter(|&n| graph.id(n) == id)
    }
}
