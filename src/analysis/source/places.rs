//! The tree of normalized paths, one for all snapshots.

use super::references::{StableHash, Tier};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Position of a place in [`PlaceTree`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place(pub u32);

impl Place {
    /// Where all paths begin.
    pub const ROOT: Self = Self(0);
    /// The place of what cannot be reached.
    pub const NOWHERE: Self = Self(u32::MAX);

    /// The position as a slice index.
    #[inline(always)]
    pub fn at(self) -> usize {
        self.0 as usize
    }
}

/// One step of a normalized path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Step {
    /// Hash of the reference's name.
    pub label: u64,
    /// Hash of what it leads to.
    pub class: u64,
}

/// How far back a step is compared with earlier ones to find a repetition.
const LONGEST_LOOP: usize = 12;

/// Longer paths end in the place at this depth.
const MAX_DEPTH: u16 = 200;

/// Places, each a path: equal paths of whatever snapshot are one place, and a path that begins to
/// repeat itself (linked lists, trees, chains of scopes) stays at the place it repeats.
///
/// Parents stand before their children.
#[derive(Debug)]
pub struct PlaceTree {
    parents: Vec<Place>,
    steps: Vec<Step>,
    hashes: Vec<u64>,
    depths: Vec<u16>,
    /// The tier of the last step of each path.
    step_tiers: Vec<Tier>,
    /// The least natural tier on each path.
    tiers: Vec<Tier>,
    /// For places that paths come back to: the place from which they do.
    repeats_from: BTreeMap<Place, Place>,
    children: FxHashMap<(Place, Step), Place>,
    /// What was asked for last: elements of one list come one after the other.
    last_child: (Place, Step, Place),
}

impl Default for PlaceTree {
    /// A tree that has only [`Place::ROOT`].
    fn default() -> Self {
        Self {
            parents: vec![Place::ROOT],
            steps: vec![Step { label: 0, class: 0 }],
            hashes: vec![StableHash::NEW.0],
            depths: vec![0],
            step_tiers: vec![Tier::Source],
            tiers: vec![Tier::Source],
            repeats_from: BTreeMap::new(),
            children: FxHashMap::default(),
            last_child: (Place::NOWHERE, Step { label: 0, class: 0 }, Place::NOWHERE),
        }
    }
}

impl PlaceTree {
    /// The number of places.
    pub fn count(&self) -> usize {
        self.parents.len()
    }

    /// All places, parents before children.
    pub fn places(&self) -> impl DoubleEndedIterator<Item = Place> + use<> {
        (0..self.count() as u32).map(Place)
    }

    /// The place one step before; [`Place::ROOT`] for itself.
    #[inline]
    pub fn parent(&self, p: Place) -> Place {
        self.parents[p.at()]
    }

    /// The last step of the path.
    pub fn step(&self, p: Place) -> Step {
        self.steps[p.at()]
    }

    /// Hash of the whole path: the same in every run.
    #[inline]
    pub fn hash(&self, p: Place) -> u64 {
        self.hashes[p.at()]
    }

    /// The least natural tier on the path.
    pub fn tier(&self, p: Place) -> Tier {
        self.tiers[p.at()]
    }

    /// Whether one of the two is on the other's path, or they are the same.
    pub fn are_related(&self, a: Place, b: Place) -> bool {
        let (upper, mut lower) = if a <= b { (a, b) } else { (b, a) };
        while lower > upper {
            lower = self.parent(lower);
        }
        lower == upper
    }

    /// The classes of the steps that repeat from `p` on; empty where nothing does.
    pub fn repeated_classes(&self, p: Place) -> Vec<u64> {
        self.repeated_steps(p).into_iter().map(|step| step.class).collect()
    }

    /// For each place whether paths come back to it, or pass it on their way back.
    pub fn in_loops(&self) -> Vec<bool> {
        let mut in_loops = vec![false; self.count()];
        for (&to, &from) in &self.repeats_from {
            let mut p = from;
            in_loops[p.at()] = true;
            while p != to && p != Place::ROOT {
                p = self.parent(p);
                in_loops[p.at()] = true;
            }
        }
        in_loops
    }

    /// The names of the references that repeat from `p` on; empty where nothing does.
    pub fn repeated_labels(&self, p: Place) -> Vec<u64> {
        self.repeated_steps(p).into_iter().map(|step| step.label).collect()
    }

    fn repeated_steps(&self, p: Place) -> Vec<Step> {
        let mut steps = Vec::new();
        if let Some(&from) = self.repeats_from.get(&p) {
            let mut q = from;
            loop {
                steps.push(self.step(q));
                if q == p || q == Place::ROOT {
                    break;
                }
                q = self.parent(q);
            }
        }
        steps
    }

    /// The place one step further.
    pub(in crate::analysis) fn child(&mut self, parent: Place, step: Step, tier: Tier) -> Place {
        if (self.last_child.0, self.last_child.1) == (parent, step) {
            return self.last_child.2;
        }
        let place = match self.children.get(&(parent, step)) {
            Some(&known) => known,
            None => self.new_child(parent, step, tier),
        };
        self.last_child = (parent, step, place);
        place
    }

    fn new_child(&mut self, parent: Place, step: Step, tier: Tier) -> Place {
        let place = match self.repetition(parent, step) {
            Some(earlier) => {
                self.repeats_from.entry(earlier).or_insert(parent);
                earlier
            }
            None if self.depths[parent.at()] >= MAX_DEPTH => parent,
            None => {
                self.parents.push(parent);
                self.steps.push(step);
                self.hashes.push(StableHash(self.hash(parent)).number(step.label).number(step.class).0);
                self.depths.push(self.depths[parent.at()] + 1);
                self.step_tiers.push(tier);
                self.tiers.push(tier.max(self.tier(parent)));
                Place(self.parents.len() as u32 - 1)
            }
        };
        self.children.insert((parent, step), place);
        place
    }

    /// Adds the places of `other`. The answer says for each of them which place it is here: the one
    /// it would be if the paths of `other` had been walked here from the start.
    pub(in crate::analysis) fn join(&mut self, other: &Self) -> Vec<Place> {
        let mut here = vec![Place::ROOT; other.count()];
        for p in other.places().skip(1) {
            here[p.at()] = self.child(here[other.parent(p).at()], other.step(p), other.step_tiers[p.at()]);
        }
        for (to, from) in &other.repeats_from {
            self.repeats_from.entry(here[to.at()]).or_insert(here[from.at()]);
        }
        here
    }

    /// The place above, if any, that ends in the same two steps.
    fn repetition(&self, parent: Place, step: Step) -> Option<Place> {
        let last = self.step(parent);
        let mut p = parent;
        for _ in 0..LONGEST_LOOP {
            let above = self.parent(p);
            if p == Place::ROOT || above == Place::ROOT {
                return None;
            }
            if self.step(p) == step && self.step(above) == last {
                return Some(p);
            }
            p = above;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(tree: &mut PlaceTree, labels: &[u64]) -> Vec<Place> {
        let mut p = Place::ROOT;
        let mut path = Vec::new();
        for &label in labels {
            p = tree.child(p, Step { label, class: label % 10 }, Tier::Source);
            path.push(p);
        }
        path
    }

    #[test]
    fn a_chain_stays_where_it_begins_to_repeat() {
        let mut tree = PlaceTree::default();
        let list = walk(&mut tree, &[1, 22, 22, 22, 22, 22]);
        assert_eq!(list[2], list[5]);
        assert_eq!(tree.count(), 4);
        assert_eq!(tree.repeated_classes(list[2]), [2]);
        let nested = walk(&mut tree, &[1, 33, 44, 33, 44, 33, 44]);
        assert_eq!(nested[2], nested[4], "the second pair repeats the first");
        assert_eq!(tree.repeated_classes(nested[2]), [3, 4]);
    }

    #[test]
    fn trees_joined_are_the_tree_of_all_their_paths() {
        let paths: [&[u64]; 4] = [&[1, 22, 22, 22], &[1, 33, 44], &[1, 33, 44, 33, 44, 33, 44], &[5, 22, 6]];
        let mut all = PlaceTree::default();
        let mut first = PlaceTree::default();
        let mut second = PlaceTree::default();
        for (i, labels) in paths.into_iter().enumerate() {
            walk(&mut all, labels);
            walk(if i < 2 { &mut first } else { &mut second }, labels);
        }
        let here = first.join(&second);
        assert_eq!(first.count(), all.count());
        for p in all.places() {
            assert_eq!((first.parent(p), first.step(p), first.hash(p)), (all.parent(p), all.step(p), all.hash(p)));
        }
        assert_eq!(first.repeats_from, all.repeats_from);
        let ends = walk(&mut second, paths[3]);
        assert_eq!(here[ends[2].at()], walk(&mut all, paths[3])[2]);
    }

    #[test]
    fn like_steps_after_unlike_ones_are_no_repetition() {
        let mut tree = PlaceTree::default();
        let path = walk(&mut tree, &[1, 22, 33, 22, 55]);
        assert_ne!(path[1], path[3]);
        assert_eq!(path.len() + 1, tree.count());
    }
}
