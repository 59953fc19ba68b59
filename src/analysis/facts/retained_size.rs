//! What would be freed with an object: its own bytes and those of everything it dominates.

use super::Spare;
use super::dominators::DominatorOrder;
use crate::graph::SizeColumn;
use crate::progress::{Cancelled, Stage};

/// How far ahead of the current node its size is fetched.
const NODES_AHEAD: usize = 24;

/// The retained size of each node.
pub fn retained_sizes(
    order: &DominatorOrder,
    shallow: &SizeColumn,
    spare: &Spare,
    stage: &Stage,
) -> Result<SizeColumn, Cancelled> {
    let mut sizes = shallow.opened(spare.column(shallow.len()));
    // Whatever a node dominates comes after it, so its size is whole when it is its turn.
    for at in (1..order.nodes.len()).rev() {
        if at.is_multiple_of(1 << 15) {
            stage.reached((order.nodes.len() - at) as u64, order.nodes.len() as u64)?;
        }
        if let Some(&soon) = order.nodes.get(at.wrapping_sub(NODES_AHEAD)) {
            sizes.prefetch(soon);
        }
        let dominator = order.nodes[order.dominators[at] as usize];
        sizes.add(dominator, sizes.get(order.nodes[at]));
    }
    Ok(sizes)
}
