//! The dominator tree of a few objects: the others are left out.

use super::Spare;
use super::dominator_tree::DominatorTree;
use super::dominators::DominatorOrder;
use crate::graph::{NodeIndex, PerNode};
use crate::progress::{Cancelled, Stage};

/// Nobody has been that way yet.
const UNKNOWN: u32 = 0;

/// None of the objects is on the way to the root.
const NONE: u32 = 1;

/// `objects`, in file order, laid out as the whole tree is: each before those that it dominates,
/// where none of the objects may dominate all.
///
/// From each of them the way up ends at the next one. Where another has been before it is known
/// how it goes on, so each dominator is passed once; what dominates none of them, never.
pub fn dominator_forest(
    dominators: &PerNode<NodeIndex>,
    objects: &[NodeIndex],
    stage: &Stage,
) -> Result<DominatorTree, Cancelled> {
    // For each node the nearest of the objects, itself or above it: its position plus two.
    let mut nearest = PerNode(vec![UNKNOWN; dominators.0.len()]);
    for (at, &n) in objects.iter().enumerate() {
        nearest[n] = at as u32 + 2;
    }
    // The objects by position plus one, below something that stands for the root.
    let mut above = PerNode(vec![NodeIndex(0); objects.len() + 1]);
    let mut way = Vec::new();
    for (at, &n) in objects.iter().enumerate() {
        if at.is_multiple_of(1 << 14) {
            stage.check()?;
        }
        let mut passed = n;
        let found = loop {
            let next = dominators[passed];
            if next == passed {
                break NONE;
            }
            if nearest[next] != UNKNOWN {
                break nearest[next];
            }
            way.push(next);
            passed = next;
        };
        way.drain(..).for_each(|n| nearest[n] = found);
        above.0[at + 1] = NodeIndex(found - 1);
    }
    drop(nearest);
    let DominatorTree { mut nodes, mut sizes } =
        DominatorTree::new(&DominatorOrder::new(&above, NodeIndex(0)), &Spare::default());
    nodes.remove(0);
    sizes.remove(0);
    nodes.iter_mut().for_each(|n| *n = objects[n.at() - 1]);
    Ok(DominatorTree { nodes, sizes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Random;
    use std::collections::BTreeSet;

    /// Pairs of objects, the first dominating the second.
    fn pairs(tree: &DominatorTree, objects: &BTreeSet<NodeIndex>) -> BTreeSet<(NodeIndex, NodeIndex)> {
        let below = |at: usize| tree.subtree(at).skip(1).map(move |below| (tree.nodes[at], tree.nodes[below]));
        let pairs = (0..tree.nodes.len()).flat_map(below);
        pairs.filter(|(a, b)| objects.contains(a) && objects.contains(b)).collect()
    }

    #[test]
    fn objects_dominate_each_other_as_in_the_whole_tree() {
        let mut random = Random(3);
        for round in 0..300 {
            let count = 1 + random.below(60);
            // Numbered at random; each is dominated by one that stands before it in this order.
            let mut order: Vec<u32> = (0..count).collect();
            (1..count).rev().for_each(|i| order.swap(i as usize, random.below(i + 1) as usize));
            let mut dominators = PerNode(vec![NodeIndex(order[0]); count as usize]);
            for i in 1..count {
                let near = random.below(i.min(1 + round % 9)) + 1;
                dominators[NodeIndex(order[i as usize])] = NodeIndex(order[(i - near) as usize]);
            }
            let whole = DominatorTree::new(&DominatorOrder::new(&dominators, NodeIndex(order[0])), &Spare::default());
            let some: BTreeSet<_> = (0..count).map(NodeIndex).filter(|_| random.below(3) == 0).collect();
            let objects: Vec<_> = some.iter().copied().collect();
            let forest = dominator_forest(&dominators, &objects, &Stage::unwatched()).unwrap();
            assert_eq!(forest.nodes.iter().copied().collect::<BTreeSet<_>>(), some);
            assert_eq!(forest.nodes.len(), some.len());
            assert_eq!(pairs(&forest, &some), pairs(&whole, &some));
        }
    }
}
