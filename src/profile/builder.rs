//! Building a tree of stacks that come in any order.

use super::frames::FrameIndex;
use super::pool::Table;

/// Nodes of a tree, each after its parent.
#[derive(Debug)]
pub struct TreeBuilder {
    parents: Vec<u32>,
    keys: Vec<u32>,
    frames: Vec<FrameIndex>,
    values: Vec<Vec<f64>>,
    by_parent_and_key: Table,
}

/// The nodes in the order of a tree: each before its children, they before its next sibling.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    pub(crate) parents: Vec<u32>,
    pub(crate) frame_of: Vec<FrameIndex>,
    pub(crate) values: Vec<Vec<f64>>,
}

impl TreeBuilder {
    /// A tree of nothing but its root, with this many values for each node.
    pub fn new(root: FrameIndex, values: usize) -> Self {
        Self {
            parents: vec![0],
            keys: vec![u32::MAX],
            frames: vec![root],
            values: vec![vec![0.0]; values],
            by_parent_and_key: Table::default(),
        }
    }

    /// The child of `parent` that is known by `key`; made with `frame` if there is none yet. `None` when there are more
    /// than can be counted.
    pub fn child(&mut self, parent: u32, key: u32, frame: FrameIndex) -> Option<u32> {
        let hash = self.by_parent_and_key.hash_words(&[u64::from(parent) << 32 | u64::from(key)]);
        let (parents, keys) = (&self.parents, &self.keys);
        let is_same = |i: u32| parents[i as usize] == parent && keys[i as usize] == key;
        if let Some(found) = self.by_parent_and_key.find(hash, is_same) {
            return Some(found);
        }
        let new = self.separate_child(parent, frame)?;
        self.keys[new as usize] = key;
        self.by_parent_and_key.insert(hash, new);
        Some(new)
    }

    /// A child of `parent` that is never found by a key.
    pub fn separate_child(&mut self, parent: u32, frame: FrameIndex) -> Option<u32> {
        let new = u32::try_from(self.parents.len()).ok().filter(|&n| n < u32::MAX)?;
        self.parents.push(parent);
        self.keys.push(u32::MAX);
        self.frames.push(frame);
        for values in &mut self.values {
            values.push(0.0);
        }
        Some(new)
    }

    /// How many nodes there are.
    pub fn node_count(&self) -> usize {
        self.parents.len()
    }

    /// Adds to one of a node's values.
    pub fn add(&mut self, node: u32, column: usize, value: f64) {
        self.values[column][node as usize] += value;
    }

    /// The nodes in the order of the tree, children in the order in which they were made or, if it is given, by `rank`:
    /// greatest first.
    pub(crate) fn finish(self, rank: Option<&[f64]>) -> Columns {
        let len = self.parents.len();
        let mut starts = vec![0u32; len + 1];
        for &parent in &self.parents[1..] {
            starts[parent as usize + 1] += 1;
        }
        for n in 0..len {
            starts[n + 1] += starts[n];
        }
        let mut next = starts.clone();
        let mut children = vec![0u32; len.saturating_sub(1)];
        for (n, &parent) in (0u32..).zip(&self.parents).skip(1) {
            let at = &mut next[parent as usize];
            children[*at as usize] = n;
            *at += 1;
        }
        drop(next);
        let of = |n: u32| starts[n as usize] as usize..starts[n as usize + 1] as usize;
        if let Some(rank) = rank {
            for n in 0u32.. {
                if n as usize >= len {
                    break;
                }
                children[of(n)].sort_by(|&a, &b| rank[b as usize].total_cmp(&rank[a as usize]));
            }
        }
        let mut out = Columns {
            parents: Vec::with_capacity(len),
            frame_of: Vec::with_capacity(len),
            values: self.values.iter().map(|_| Vec::with_capacity(len)).collect(),
        };
        // A node, and the new position of its parent.
        let mut pending = vec![(0u32, 0u32)];
        while let Some((n, parent)) = pending.pop() {
            #[allow(clippy::cast_possible_truncation, reason = "nodes are counted in 32 bits")]
            let here = out.parents.len() as u32;
            out.parents.push(parent);
            out.frame_of.push(self.frames[n as usize]);
            for (values, all) in out.values.iter_mut().zip(&self.values) {
                values.push(all[n as usize]);
            }
            pending.extend(children[of(n)].iter().rev().map(|&child| (child, here)));
        }
        out
    }

    /// For each node the sum of a value over everything below it and itself.
    pub(crate) fn totals(&self, column: usize) -> Vec<f64> {
        let mut totals = self.values[column].clone();
        for n in (1..totals.len()).rev() {
            totals[self.parents[n] as usize] += totals[n];
        }
        totals
    }
}
