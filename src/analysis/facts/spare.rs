//! Columns that one step is done with and the next can have.
//!
//! The first touch of fresh memory costs as much as many a pass over it, and columns of large
//! snapshots are given back to the system as soon as they are dropped. So the steps that compute
//! [`Facts`](super::Facts) hand theirs on.

use crate::graph::{NodeIndex, PerNode};
use std::sync::{Mutex, PoisonError};

/// Columns of one snapshot that nobody needs at the moment; threads share them.
#[derive(Debug, Default)]
pub struct Spare {
    columns: Mutex<Vec<Vec<u32>>>,
}

impl Spare {
    /// An empty column with room for `capacity` values.
    pub fn column(&self, capacity: usize) -> Vec<u32> {
        let kept = self.columns.lock().unwrap_or_else(PoisonError::into_inner).pop();
        // One that is too small would have to grow, which costs more than a fresh one.
        let kept = kept.filter(|column| column.capacity() >= capacity);
        let mut column = kept.unwrap_or_else(|| Vec::with_capacity(capacity));
        column.clear();
        column
    }

    /// A column of `len` times `value`.
    pub fn filled(&self, len: usize, value: u32) -> Vec<u32> {
        let mut column = self.column(len);
        column.resize(len, value);
        column
    }

    /// As [`Spare::column`], of nodes.
    pub fn nodes(&self, capacity: usize) -> Vec<NodeIndex> {
        // Nothing is left to be turned into nodes: the memory goes over as it is.
        self.column(capacity).into_iter().map(NodeIndex).collect()
    }

    /// As [`Spare::filled`], with a node for each node.
    pub fn per_node(&self, len: usize, value: NodeIndex) -> PerNode<NodeIndex> {
        let mut nodes = self.nodes(len);
        nodes.resize(len, value);
        PerNode(nodes)
    }

    /// Keeps a column for others.
    pub fn keep(&self, column: Vec<u32>) {
        if column.capacity() == 0 {
            return;
        }
        self.columns.lock().unwrap_or_else(PoisonError::into_inner).push(column);
    }

    /// Keeps a column of nodes for others.
    pub fn keep_nodes(&self, mut nodes: Vec<NodeIndex>) {
        nodes.clear();
        self.keep(nodes.into_iter().map(|n| n.0).collect());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_that_was_kept_is_given_out_again_and_shows_nothing_of_its_past() {
        let spare = Spare::default();
        let column = vec![7; 1000];
        let place = column.as_ptr();
        spare.keep(column);
        let zeros = spare.filled(900, 0);
        assert_eq!((zeros.as_ptr(), zeros.len()), (place, 900));
        assert!(zeros.iter().all(|&v| v == 0));
        spare.keep(zeros);
        let nodes = spare.per_node(1000, NodeIndex(3));
        assert_eq!(nodes.0.as_ptr().cast(), place);
        assert!(nodes.0.iter().all(|&n| n == NodeIndex(3)));
        spare.keep_nodes(nodes.0);
        let column = spare.column(1000);
        assert_eq!(column.as_ptr(), place);
        assert_eq!(spare.column(10).capacity(), 10, "nothing is left");
    }

    #[test]
    fn a_column_that_is_too_small_is_not_given_out() {
        let spare = Spare::default();
        spare.keep(vec![1; 10]);
        assert!(spare.column(20).capacity() >= 20);
    }
}
