//! Which places own what grew: the ones whose growth is not just that of what holds them.

use super::population::Population;
use crate::analysis::Heap;
use crate::analysis::source::places::{Place, PlaceTree};
use crate::analysis::source::references::{Tier, is_realm, is_store};
use crate::analysis::source::walk::Placement;
use crate::graph::{NodeIndex, NodeKind};
use crate::progress::{Cancelled, Stage};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// A place that holds more than it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// Where it is.
    pub place: Place,
    /// The places of what it holds more of; empty where it grew in place.
    pub grown: Vec<Place>,
    /// Whether its members hang on one another rather than on itself.
    pub is_chain: bool,
}

/// What the search for owners goes by.
#[derive(Debug)]
pub struct Growth<'a> {
    tree: &'a PlaceTree,
    /// By snapshot, then by place.
    populations: &'a [Vec<Population>],
    /// What kind of thing is at each place.
    sorts: Vec<Sort>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// Nothing is there in any snapshot.
    Empty,
    /// An object by itself.
    Object,
    /// Another object's members.
    Store,
    /// A root, or something else no source code speaks of.
    Root,
}

/// A member's growth beyond its holder's, relative to it, that is not the holder's own growth.
const BEYOND_HOLDER: f64 = 1.5;

impl<'a> Growth<'a> {
    /// Looks at what is where.
    pub fn new(
        tree: &'a PlaceTree,
        populations: &'a [Vec<Population>],
        heaps: &[&Heap],
        placements: &[Placement],
        stage: &Stage,
    ) -> Result<Self, Cancelled> {
        let each = heaps.par_iter().zip(placements).map(|(heap, placement)| {
            let mut sorts = vec![Sort::Empty; tree.count()];
            for n in heap.graph.node_indices() {
                stage.check_at(n.at())?;
                let place = placement.place[n];
                if place != Place::NOWHERE && sorts[place.at()] == Sort::Empty {
                    sorts[place.at()] = sort(heap, n);
                }
            }
            Ok(sorts)
        });
        let each = each.collect::<Result<Vec<Vec<Sort>>, Cancelled>>()?;
        let first = |p: usize| each.iter().map(|sorts| sorts[p]).find(|&s| s != Sort::Empty);
        let sorts = (0..tree.count()).map(|p| first(p).unwrap_or(Sort::Empty)).collect();
        Ok(Self { tree, populations, sorts })
    }

    /// How many places there are.
    pub(super) fn places(&self) -> usize {
        self.sorts.len()
    }

    /// All owners, by place.
    pub fn owners(&self) -> Vec<Owner> {
        let mut owners: BTreeMap<Place, Owner> = BTreeMap::new();
        for p in self.tree.places().skip(1).filter(|&p| self.tree.tier(p) < Tier::Engine) {
            if self.net(p, |q| u64::from(q.count)) > 0 && !self.grows_with_holder(p) {
                let (place, is_chain) = self.holder_of_members(p);
                let owner = owners.entry(place).or_insert_with(|| Owner { place, grown: Vec::new(), is_chain });
                owner.grown.push(p);
                owner.is_chain |= is_chain;
            }
            let in_place = self.grows_in_place(p, |q| q.members) || self.grows_in_place(p, |q| q.bytes);
            if in_place {
                let place = self.object_at_or_above(p);
                owners.entry(place).or_insert_with(|| Owner { place, grown: Vec::new(), is_chain: false });
            }
        }
        self.join_ends_of_chains(&mut owners);
        owners.into_values().filter(|o| o.place != Place::ROOT).collect()
    }

    /// The objects that became more below `owner`, of the class that grew most: where they are
    /// and how many there were in each snapshot. Of a chain all links count, however they hang on
    /// one another.
    pub fn objects_below(&self, owner: &Owner) -> (Vec<Place>, Vec<u64>) {
        let mut by_class: BTreeMap<u64, Vec<Place>> = BTreeMap::new();
        for &p in owner.grown.iter().filter(|p| self.sorts[p.at()] != Sort::Store) {
            by_class.entry(self.tree.step(p).class).or_default().push(p);
        }
        let gained = |places: &[Place]| places.iter().map(|&p| self.net(p, |q| u64::from(q.count))).sum::<i64>();
        let Some((class, mut places)) = by_class.into_iter().max_by_key(|(_, places)| gained(places)) else {
            return (Vec::new(), vec![0; self.populations.len()]);
        };
        if owner.is_chain {
            let mut is_below = vec![false; self.tree.count()];
            for p in self.tree.places().skip(owner.place.at()) {
                is_below[p.at()] = p == owner.place || is_below[self.tree.parent(p).at()];
            }
            let below: Vec<Place> = self.tree.places().filter(|p| is_below[p.at()]).collect();
            let links: BTreeSet<u64> = below.iter().flat_map(|&p| self.tree.repeated_labels(p)).collect();
            let is_link = |p: Place| p == owner.place || links.contains(&self.tree.step(p).label);
            places = below.into_iter().filter(|&p| self.tree.step(p).class == class && is_link(p)).collect();
        }
        let count = |all: &Vec<Population>| places.iter().map(|p| u64::from(all[p.at()].count)).sum();
        let counts = self.populations.iter().map(count).collect();
        (places, counts)
    }

    /// In each snapshot the bytes of the objects at `p` and of what stores their members.
    pub fn own_bytes(&self, p: Place) -> Vec<u64> {
        let mut sums = self.series(p, |q| q.bytes);
        let stores = self.tree.places().skip(p.at() + 1).filter(|&q| self.sorts[q.at()] == Sort::Store);
        for store in stores.filter(|&q| self.tree.parent(q) == p) {
            for (sum, bytes) in sums.iter_mut().zip(self.series(store, |q| q.bytes)) {
                *sum += bytes;
            }
        }
        sums
    }

    /// One number of the population of `p` in each snapshot.
    pub fn series(&self, p: Place, number: impl Fn(&Population) -> u64) -> Vec<u64> {
        self.populations.iter().map(|all| number(&all[p.at()])).collect()
    }

    fn net(&self, p: Place, number: impl Fn(&Population) -> u64) -> i64 {
        let at = |i: usize| number(&self.populations[i][p.at()]) as i64;
        at(self.populations.len() - 1) - at(0)
    }

    /// Whether there are more objects at `p` only because there are more of what holds them.
    fn grows_with_holder(&self, p: Place) -> bool {
        let holder = self.object_above(p);
        holder != Place::ROOT && self.is_proportional(p, |q| u64::from(q.count), holder)
    }

    /// Whether `number` at `p` rose as the objects at `holder` became more.
    fn is_proportional(&self, p: Place, number: impl Fn(&Population) -> u64, holder: Place) -> bool {
        let holders = self.series(holder, |q| u64::from(q.count));
        let last = holders.len() - 1;
        if holders[last] < 2 || holders[last] <= holders[0] {
            return false;
        }
        let values = self.series(p, number);
        let Some(first) = (0..last).find(|&i| holders[i] > 0) else { return true };
        let ratio = |i: usize| values[i] as f64 / holders[i] as f64;
        ratio(last) <= ratio(first) * BEYOND_HOLDER
    }

    /// Whether `number` at `p` rose by more than there are more objects.
    fn grows_in_place(&self, p: Place, number: impl Fn(&Population) -> u64) -> bool {
        self.net(p, &number) > 0 && !self.is_proportional(p, number, p)
    }

    /// Who holds the objects at `p`, and whether they form a chain.
    pub(super) fn holder_of_members(&self, p: Place) -> (Place, bool) {
        let repeated = self.tree.repeated_classes(p);
        if repeated.is_empty() {
            return (self.object_above(p), false);
        }
        // The chain's owner is its first link: nothing else is called by a name in the source.
        let mut first = p;
        loop {
            let above = self.object_above(first);
            let is_link = repeated.contains(&self.tree.step(above).class);
            if above == Place::ROOT || self.tree.parent(above) == Place::ROOT || !is_link {
                return (first, true);
            }
            first = above;
        }
    }

    /// The nearest place above `p` that does not just store another's members.
    pub(super) fn object_above(&self, p: Place) -> Place {
        self.object_at_or_above(self.tree.parent(p))
    }

    fn object_at_or_above(&self, mut p: Place) -> Place {
        while p != Place::ROOT && self.sorts[p.at()] == Sort::Store {
            p = self.tree.parent(p);
        }
        p
    }

    /// A chain that one object holds by several ends has that object for its owner.
    fn join_ends_of_chains(&self, owners: &mut BTreeMap<Place, Owner>) {
        let mut ends: BTreeMap<(Place, u64), Vec<Place>> = BTreeMap::new();
        for o in owners.values().filter(|o| o.is_chain) {
            let holder = self.object_above(o.place);
            if self.tree.parent(holder) != Place::ROOT {
                ends.entry((holder, self.tree.step(o.place).class)).or_default().push(o.place);
            }
        }
        for ((holder, _), places) in ends.into_iter().filter(|(_, places)| places.len() > 1) {
            let mut grown = Vec::new();
            for p in places {
                grown.extend(owners.remove(&p).into_iter().flat_map(|o| o.grown));
            }
            let owner =
                owners.entry(holder).or_insert_with(|| Owner { place: holder, grown: Vec::new(), is_chain: true });
            owner.grown.extend(grown);
            owner.is_chain = true;
        }
    }

    /// Whether `p` hangs below another of `places` by growing places alone.
    pub fn is_part_of_one(&self, p: Place, places: &std::collections::BTreeSet<Place>) -> bool {
        let mut q = p;
        while q != Place::ROOT && self.became_more(q) {
            q = self.object_above(q);
            if places.contains(&q) {
                return true;
            }
        }
        false
    }

    fn last_count(&self, p: Place) -> u32 {
        self.populations.last().map_or(0, |all| all[p.at()].count)
    }

    /// Whether there are several objects at `p`, and more than there were.
    pub(super) fn became_more(&self, p: Place) -> bool {
        self.net(p, |population| u64::from(population.count)) > 0 && self.last_count(p) >= 2
    }

    /// Whether what is at `p` stores another object's members.
    pub(super) fn is_store(&self, p: Place) -> bool {
        self.sorts[p.at()] == Sort::Store
    }

    /// Whether what is at `p` is not an object of the program's.
    pub fn is_root(&self, p: Place) -> bool {
        self.sorts[p.at()] == Sort::Root
    }
}

fn sort(heap: &Heap, n: NodeIndex) -> Sort {
    if is_store(&heap.graph, n) {
        Sort::Store
    } else if heap.kind(n) == NodeKind::SYNTHETIC || n == heap.graph.root || is_realm(&heap.graph, n) {
        Sort::Root
    } else {
        Sort::Object
    }
}
