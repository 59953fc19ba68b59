//! What would be freed with an object: its own bytes and those of everything it dominates.

use super::dominators::DominatorOrder;
use crate::graph::SizeColumn;
use crate::progress::{Cancelled, Stage};

/// The retained size of each node.
pub fn retained_sizes(order: &DominatorOrder, shallow: &SizeColumn, stage: &Stage) -> Result<SizeColumn, Cancelled> {
    let mut sizes: Vec<u64> = order.nodes.iter().map(|&n| shallow.get(n)).collect();
    stage.check()?;
    for at in (1..sizes.len()).rev() {
        let dominator = order.dominators[at] as usize;
        sizes[dominator] = sizes[dominator].saturating_add(sizes[at]);
    }
    stage.check()?;
    let mut column = SizeColumn::zeros(sizes.len());
    for (&n, size) in order.nodes.iter().zip(sizes) {
        column.set(n, size);
    }
    Ok(column)
}
