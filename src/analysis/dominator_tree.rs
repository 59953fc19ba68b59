//! The dominator tree, laid out so that a subtree is a range.

use super::dominators::DominatorOrder;
use crate::graph::NodeIndex;
use std::ops::Range;

/// All nodes in preorder of the dominator tree: what a node dominates directly follows it.
#[derive(Debug, Clone, Default)]
pub struct DominatorTree {
    /// The nodes; the root first, each before all it dominates.
    pub nodes: Vec<NodeIndex>,
    /// For each position in `nodes` how many nodes the subtree has, itself included.
    pub sizes: Vec<u32>,
}

impl DominatorTree {
    /// Lays out the tree; siblings in the order they have in `order`.
    pub fn new(order: &DominatorOrder) -> Self {
        let count = order.nodes.len();
        let mut sizes_by_order = vec![1u32; count];
        for at in (1..count).rev() {
            sizes_by_order[order.dominators[at] as usize] += sizes_by_order[at];
        }
        // Where the next subtree goes, for each node whose own place is known.
        let mut next_place = vec![0u32; count];
        let mut tree = Self { nodes: vec![NodeIndex(0); count], sizes: vec![0; count] };
        for at in 0..count {
            let above = order.dominators[at] as usize;
            let place = if at == 0 { 0 } else { next_place[above] };
            next_place[above] = place + sizes_by_order[at];
            next_place[at] = place + 1;
            tree.nodes[place as usize] = order.nodes[at];
            tree.sizes[place as usize] = sizes_by_order[at];
        }
        tree
    }

    /// Positions of the subtree that begins at `position`.
    #[inline]
    pub fn subtree(&self, position: usize) -> Range<usize> {
        position..position + self.sizes[position] as usize
    }
}
