//! The rows of Summary: the objects of each class, added up.

use super::classes::Classes;
use super::distance::Distances;
use super::dominator_tree::DominatorTree;
use crate::graph::{ClassIndex, NodeIndex, SizeColumn};
use crate::progress::{Cancelled, Stage};
use std::ops::Range;

/// The objects of one class that are counted: those that pass the filter, of non-zero shallow
/// size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConstructorGroup {
    pub class: ClassIndex,
    /// How many objects.
    pub count: u32,
    /// The least of their distances, as a number: a single unreached one makes it
    /// [`UNREACHED`](crate::analysis::facts::distance::UNREACHED).
    pub distance: i32,
    /// Their shallow sizes, added up.
    pub shallow_size: u64,
    /// The retained sizes of the objects that no other one of the group dominates, added up.
    pub retained_size: u64,
}

/// Both sizes of all objects. The shallow ones are what most questions whether an object counts
/// begin with.
#[derive(Debug, Clone, Copy)]
pub struct Sizes<'a> {
    /// Their own bytes.
    pub shallow: &'a SizeColumn,
    /// What would be freed with them.
    pub retained: &'a SizeColumn,
}

/// The groups of a snapshot's objects, in the making. Which objects count is a function given to
/// both steps: the same to both, and none of zero shallow size.
#[derive(Debug)]
pub struct Grouping {
    groups: Vec<ConstructorGroup>,
    /// For each class the number of its group plus one; 0 for a class without an object that counts.
    group_of: Vec<u32>,
}

impl Grouping {
    /// Counts the objects; groups stand in order of their first objects.
    pub fn count(
        classes: &Classes,
        shallow_sizes: &SizeColumn,
        distances: &Distances,
        is_counted: impl Fn(NodeIndex) -> bool,
        stage: &Stage,
    ) -> Result<Self, Cancelled> {
        let mut groups: Vec<ConstructorGroup> = Vec::new();
        let mut group_of = vec![0; classes.classes.len()];
        for n in classes.nodes() {
            if n.0.is_multiple_of(1 << 14) {
                stage.reached(u64::from(n.0), classes.nodes().len() as u64)?;
            }
            if !is_counted(n) {
                continue;
            }
            let (class, distance) = (classes.of_node(n), distances.get(n));
            if group_of[class.at()] == 0 {
                groups.push(ConstructorGroup { class, count: 0, distance, shallow_size: 0, retained_size: 0 });
                group_of[class.at()] = groups.len() as u32;
            }
            let group = &mut groups[group_of[class.at()] as usize - 1];
            group.count += 1;
            group.distance = group.distance.min(distance);
            group.shallow_size = group.shallow_size.saturating_add(shallow_sizes.get(n));
        }
        Ok(Self { groups, group_of })
    }

    /// Adds the retained sizes of the topmost objects of each group.
    pub fn with_retained_sizes(
        mut self,
        classes: &Classes,
        sizes: Sizes<'_>,
        tree: &DominatorTree,
        is_counted: impl Fn(NodeIndex) -> bool + Sync,
        stage: &Stage,
    ) -> Result<Vec<ConstructorGroup>, Cancelled> {
        let group_of = |n| is_counted(n).then(|| self.group_of[classes.of_node(n).at()] as usize - 1);
        let half = tree.nodes.len() / 2;
        let topmost = || Topmost { tree, group_of, covered_to: vec![0; self.groups.len()] };
        let (first, second) = rayon::join(
            || topmost().sums(0..half, classes, sizes, stage),
            || {
                let mut topmost = topmost();
                // What dominates the first of this half has been added by the other.
                topmost.cover(tree.above(half));
                topmost.sums(half..tree.nodes.len(), classes, sizes, stage)
            },
        );
        for (group, (first, second)) in self.groups.iter_mut().zip(first?.into_iter().zip(second?)) {
            group.retained_size = first.saturating_add(second);
        }
        Ok(self.groups)
    }
}

/// A walk over the dominator tree that tells which objects of each group no other object of their
/// group dominates.
struct Topmost<'a, G> {
    tree: &'a DominatorTree,
    group_of: G,
    /// For each group where the subtree of its topmost object ends that was met last: up to there
    /// all objects of the group are dominated by it.
    covered_to: Vec<usize>,
}

/// How far ahead of the current node its columns are fetched.
const NODES_AHEAD: usize = 16;

impl<G: Fn(NodeIndex) -> Option<usize>> Topmost<'_, G> {
    /// The group whose topmost node is the one at `at`.
    #[inline(always)]
    fn group_at(&mut self, at: usize) -> Option<usize> {
        let group = (self.group_of)(self.tree.nodes[at])?;
        let is_topmost = at >= self.covered_to[group];
        if is_topmost {
            self.covered_to[group] = self.tree.subtree(at).end;
        }
        is_topmost.then_some(group)
    }

    /// Walks past nodes without adding them.
    fn cover(&mut self, positions: impl Iterator<Item = usize>) {
        positions.for_each(|at| {
            self.group_at(at);
        });
    }

    /// The sizes of the topmost objects of each group among `positions`.
    fn sums(
        mut self,
        positions: Range<usize>,
        classes: &Classes,
        sizes: Sizes<'_>,
        stage: &Stage,
    ) -> Result<Vec<u64>, Cancelled> {
        let mut sums = vec![0u64; self.covered_to.len()];
        let count = self.tree.nodes.len() as u64;
        for at in positions {
            if at.is_multiple_of(1 << 14) {
                stage.reached(at as u64, count)?;
            }
            if let Some(&soon) = self.tree.nodes.get(at + NODES_AHEAD) {
                classes.prefetch(soon);
                sizes.shallow.prefetch(soon);
                sizes.retained.prefetch(soon);
            }
            if let Some(group) = self.group_at(at) {
                sums[group] = sums[group].saturating_add(sizes.retained.get(self.tree.nodes[at]));
            }
        }
        Ok(sums)
    }
}
