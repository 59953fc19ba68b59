//! A set of nodes: one bit each.

use super::NodeIndex;

/// A set of nodes of one graph, one bit for each node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeSet {
    words: Vec<u64>,
    len: usize,
}

impl NodeSet {
    /// The empty set for a graph of `node_count` nodes.
    pub fn empty(node_count: usize) -> Self {
        Self { words: vec![0; node_count.div_ceil(64)], len: node_count }
    }

    /// The nodes of `0..node_count` for which `keep` holds.
    pub fn from_fn(node_count: usize, mut keep: impl FnMut(NodeIndex) -> bool) -> Self {
        let mut set = Self::empty(node_count);
        for i in 0..node_count as u32 {
            if keep(NodeIndex(i)) {
                set.words[i as usize / 64] |= 1 << (i % 64);
            }
        }
        set
    }

    /// The number of nodes the graph has, in the set or not.
    pub fn node_count(&self) -> usize {
        self.len
    }

    /// Whether `n` is in the set.
    #[inline(always)]
    pub fn contains(&self, n: NodeIndex) -> bool {
        self.words[n.at() / 64] >> (n.0 % 64) & 1 != 0
    }

    /// Adds `n`; says whether it was not there before.
    #[inline(always)]
    pub fn insert(&mut self, n: NodeIndex) -> bool {
        let word = &mut self.words[n.at() / 64];
        let bit = 1 << (n.0 % 64);
        let fresh = *word & bit == 0;
        *word |= bit;
        fresh
    }

    /// Takes `n` out.
    pub fn remove(&mut self, n: NodeIndex) {
        self.words[n.at() / 64] &= !(1 << (n.0 % 64));
    }

    /// How many nodes are in the set.
    pub fn count(&self) -> usize {
        self.words.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// Whether no node is in the set.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|&w| w == 0)
    }

    /// The nodes in the set, in node order.
    pub fn iter(&self) -> impl Iterator<Item = NodeIndex> + '_ {
        self.words.iter().enumerate().flat_map(|(i, &word)| {
            std::iter::successors((word != 0).then_some(word), |w| Some(w & (w - 1)).filter(|&w| w != 0))
                .map(move |w| NodeIndex(i as u32 * 64 + w.trailing_zeros()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_gives_its_nodes_back_in_order() {
        let mut set = NodeSet::empty(200);
        for n in [130, 0, 63, 64, 199] {
            assert!(set.insert(NodeIndex(n)));
        }
        assert!(!set.insert(NodeIndex(63)));
        set.remove(NodeIndex(0));
        assert_eq!(set.iter().map(|n| n.0).collect::<Vec<_>>(), [63, 64, 130, 199]);
        assert_eq!(set.count(), 4);
        assert!(set.contains(NodeIndex(130)) && !set.contains(NodeIndex(131)));
        assert_eq!(set, NodeSet::from_fn(200, |n| [63, 64, 130, 199].contains(&n.0)));
        assert!(NodeSet::empty(3).is_empty());
    }
}
