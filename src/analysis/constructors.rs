//! The rows of Summary: the objects of each class, added up.

use super::classes::Classes;
use super::distance::Distances;
use super::dominator_tree::DominatorTree;
use crate::graph::{ClassIndex, NodeIndex, SizeColumn};
use crate::progress::{Cancelled, Stage};

/// The objects of one class that are counted: those that pass the filter, of non-zero shallow
/// size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConstructorGroup {
    /// The class.
    pub class: ClassIndex,
    /// How many objects.
    pub count: u32,
    /// The least of their distances, as a number: a single unreached one makes it
    /// [`UNREACHED`](super::heap::UNREACHED).
    pub distance: i32,
    /// Their shallow sizes, added up.
    pub shallow_size: u64,
    /// The retained sizes of those that no other object of the group dominates, added up.
    pub retained_size: u64,
}

/// The groups of a snapshot's objects, in the making. Which objects count is a function given to
/// both steps: the same to both, and none of zero shallow size.
#[derive(Debug)]
pub struct Grouping {
    groups: Vec<ConstructorGroup>,
    /// For each class the number of its group plus one; 0 for a class no object of which counts.
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
        retained_sizes: &SizeColumn,
        tree: &DominatorTree,
        is_counted: impl Fn(NodeIndex) -> bool,
        stage: &Stage,
    ) -> Result<Vec<ConstructorGroup>, Cancelled> {
        // For each group where the subtree of the object ends that was added last: up to there
        // all objects of the group are dominated by it.
        let mut added_to = vec![0; self.groups.len()];
        for (at, &n) in tree.nodes.iter().enumerate() {
            if at.is_multiple_of(1 << 14) {
                stage.reached(at as u64, tree.nodes.len() as u64)?;
            }
            if !is_counted(n) {
                continue;
            }
            let number = self.group_of[classes.of_node(n).at()] as usize - 1;
            if at >= added_to[number] {
                added_to[number] = tree.subtree(at).end;
                let sum = &mut self.groups[number].retained_size;
                *sum = sum.saturating_add(retained_sizes.get(n));
            }
        }
        Ok(self.groups)
    }
}
