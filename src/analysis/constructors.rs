//! The rows of Summary: the objects of each class, added up.

use super::classes::Classes;
use super::dominator_tree::DominatorTree;
use crate::graph::{ClassIndex, NodeIndex, PerNode, SizeColumn};
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

/// The facts that groups are made from.
#[derive(Debug, Clone, Copy)]
pub struct GroupedFacts<'a> {
    /// The class of each node.
    pub classes: &'a Classes,
    /// Shallow sizes.
    pub shallow_sizes: &'a SizeColumn,
    /// Retained sizes.
    pub retained_sizes: &'a SizeColumn,
    /// Distances.
    pub distances: &'a PerNode<i32>,
    /// The dominator tree.
    pub dominator_tree: &'a DominatorTree,
}

/// The groups of all objects that `filter` accepts, in order of their first objects.
pub fn constructor_groups(
    facts: GroupedFacts<'_>,
    filter: impl Fn(NodeIndex) -> bool,
    stage: &Stage,
) -> Result<Vec<ConstructorGroup>, Cancelled> {
    let is_counted = |n: NodeIndex| facts.shallow_sizes.get(n) != 0 && filter(n);
    let mut groups: Vec<ConstructorGroup> = Vec::new();
    // For each class the number of its group plus one.
    let mut group_of = vec![0u32; facts.classes.classes.len()];
    let node_count = facts.distances.0.len() as u64;
    for (i, (&class, &distance)) in facts.classes.of_node.0.iter().zip(&facts.distances.0).enumerate() {
        let n = NodeIndex(i as u32);
        if i.is_multiple_of(1 << 14) {
            stage.reached(i as u64, 2 * node_count)?;
        }
        if !is_counted(n) {
            continue;
        }
        if group_of[class.at()] == 0 {
            groups.push(ConstructorGroup { class, count: 0, distance, shallow_size: 0, retained_size: 0 });
            group_of[class.at()] = groups.len() as u32;
        }
        let group = &mut groups[group_of[class.at()] as usize - 1];
        group.count += 1;
        group.distance = group.distance.min(distance);
        group.shallow_size = group.shallow_size.saturating_add(facts.shallow_sizes.get(n));
    }
    // For each group where the subtree of the object ends that was counted last: up to there
    // all objects of the group are dominated by it.
    let mut counted_to = vec![0; groups.len()];
    for (at, &n) in facts.dominator_tree.nodes.iter().enumerate() {
        if at.is_multiple_of(1 << 14) {
            stage.reached(node_count + at as u64, 2 * node_count)?;
        }
        if !is_counted(n) {
            continue;
        }
        let group = group_of[facts.classes.of_node[n].at()] as usize - 1;
        if at >= counted_to[group] {
            counted_to[group] = facts.dominator_tree.subtree(at).end;
            groups[group].retained_size = groups[group].retained_size.saturating_add(facts.retained_sizes.get(n));
        }
    }
    Ok(groups)
}
