//! The dominator tree as an order of nodes.

use super::super::Spare;
use crate::graph::{NodeIndex, PerNode};

/// All nodes in an order in which each comes after its immediate dominator, so that passes up and
/// down the tree are loops over arrays.
#[derive(Debug, Clone, Default)]
pub struct DominatorOrder {
    /// The nodes; the root first.
    pub nodes: Vec<NodeIndex>,
    /// For each position in `nodes` the position of the immediate dominator; 0 for the root.
    pub dominators: Vec<u32>,
}

impl DominatorOrder {
    /// An order for known dominators; only the root's is itself.
    pub fn new(immediate: &PerNode<NodeIndex>, root: NodeIndex) -> Self {
        let mut order = Self::default();
        if immediate.0.is_empty() {
            return order;
        }
        let mut children_left = vec![0u32; immediate.0.len()];
        for dominator in &immediate.0 {
            children_left[dominator.at()] += 1;
        }
        // Nobody waits for the root: it counts itself as a child, which never is taken.
        for (i, &dominator) in immediate.0.iter().enumerate() {
            let mut n = NodeIndex(i as u32);
            let mut above = dominator;
            // From a leaf upwards, as far as all other children are taken already.
            while children_left[n.at()] == 0 {
                order.nodes.push(n);
                children_left[n.at()] = u32::MAX;
                children_left[above.at()] -= 1;
                n = above;
                above = immediate[n];
            }
        }
        order.nodes.push(root);
        order.nodes.reverse();
        let mut position = children_left;
        for (at, n) in order.nodes.iter().enumerate() {
            position[n.at()] = at as u32;
        }
        order.dominators = order.nodes.iter().map(|&n| position[immediate[n].at()]).collect();
        order
    }

    /// The immediate dominator of each node.
    pub fn immediate(&self, spare: &Spare) -> PerNode<NodeIndex> {
        let mut immediate = spare.per_node(self.nodes.len(), NodeIndex(0));
        for (&n, &dominator) in self.nodes.iter().zip(&self.dominators) {
            immediate[n] = self.nodes[dominator as usize];
        }
        immediate
    }
}
