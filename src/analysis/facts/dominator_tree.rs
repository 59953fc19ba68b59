//! The dominator tree, laid out so that a subtree is a range.

use super::Spare;
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
    ///
    /// The steps are apart so that no more than three columns are there at a time.
    pub fn new(order: &DominatorOrder, spare: &Spare) -> Self {
        let count = order.nodes.len();
        let mut sizes_by_order = spare.filled(count, 1);
        for at in (1..count).rev() {
            sizes_by_order[order.dominators[at] as usize] += sizes_by_order[at];
        }
        // Where the next subtree below goes. Once all are placed that is where one's own ends.
        let mut place = spare.filled(count, 1);
        for at in 1..count {
            let above = order.dominators[at] as usize;
            place[at] = place[above] + 1;
            place[above] += sizes_by_order[at];
        }
        for (end, size) in place.iter_mut().zip(&sizes_by_order) {
            *end -= size;
        }
        let mut sizes = spare.filled(count, 0);
        for (&place, &size) in place.iter().zip(&sizes_by_order) {
            sizes[place as usize] = size;
        }
        spare.keep(sizes_by_order);
        let mut nodes = spare.per_node(count, NodeIndex(0)).0;
        for (&place, &n) in place.iter().zip(&order.nodes) {
            nodes[place as usize] = n;
        }
        spare.keep(place);
        Self { nodes, sizes }
    }

    /// The positions of all that dominates the node at `position`, the root's first.
    pub fn above(&self, position: usize) -> impl Iterator<Item = usize> + '_ {
        let mut next = 0;
        std::iter::from_fn(move || {
            // Past the siblings before the one whose subtree has the position.
            while next < position && self.subtree(next).end <= position {
                next = self.subtree(next).end;
            }
            (next < position).then(|| {
                next += 1;
                next - 1
            })
        })
    }

    /// Positions of the subtree that begins at `position`.
    #[inline]
    pub fn subtree(&self, position: usize) -> Range<usize> {
        position..position + self.sizes[position] as usize
    }
}
