//! What is big in a single snapshot: weaker evidence than growth, since what is meant to be big
//! looks the same.
//!
//! Definition. Every object that the dominator tree has *big*, which is from a share of the heap
//! on ([`BIG_SHARE`], at least [`FEWEST_BIG_BYTES`]), is followed downward. What it retains beyond
//! the big objects right below it is accumulated there: that is the first big drop. Accumulated
//! bytes belong to the nearest object on the path that is alone at its place, so that members of
//! a collection, however big, count for the collection. Members that something else holds too
//! hang higher in the tree; they are added up by the same rule, as a group. An owner that so
//! comes to a big sum is a suspect. So is a collection of at least [`MANY_MEMBERS`] members and
//! [`FEWEST_LARGE_BYTES`] if it has [`TIMES_MEDIAN`] times as many as the median of its kind.

use super::owners::{Growth, Owner};
use super::subject::{Measure, Subject, member_count, table};
use super::trend::Trend;
use crate::analysis::Heap;
use crate::analysis::source::places::{Place, PlaceTree};
use crate::analysis::source::references::{Tier, is_store};
use crate::analysis::source::walk::{Placement, is_used_as_map};
use crate::analysis::tables::dominated::dominated;
use crate::graph::{EdgeKind, NodeIndex, NodeKind};
use crate::progress::{Cancelled, Stage};
use std::collections::{BTreeMap, BTreeSet};

/// From this share of the heap on something is big.
pub const BIG_SHARE: f64 = 0.05;

/// What is smaller than this is not big in however small a heap.
pub const FEWEST_BIG_BYTES: u64 = 256 * 1024;

/// From this many members a collection can be unusually large.
pub const MANY_MEMBERS: u64 = 1000;

/// How many times the median of its kind it must have.
pub const TIMES_MEDIAN: u64 = 100;

/// However many members it has: with less than this it is not worth a word.
pub const FEWEST_LARGE_BYTES: u64 = 64 * 1024;

/// Fewer objects below an owner are not worth counting: what is told of it are bytes.
const FEW_OBJECTS: u64 = 4;

/// What is big in `heap`, as subjects that did not grow.
pub(super) fn big_subjects(
    heap: &Heap,
    placement: &Placement,
    tree: &PlaceTree,
    growth: &Growth<'_>,
    stage: &Stage,
) -> Result<Vec<Subject>, Cancelled> {
    let search = Search::new(heap, placement, tree, growth);
    let accumulated = search.accumulated(stage)?;
    let mut owners: BTreeMap<NodeIndex, u64> =
        accumulated.into_iter().filter(|&(_, bytes)| bytes >= search.floor).collect();
    let large = search.large_collections(&owners);
    owners.extend(large.into_iter().map(|n| (n, heap.retained_size(n))));
    let below = search.places_below(&owners);
    let mut subjects: Vec<Subject> =
        owners.into_iter().map(|(n, bytes)| search.subject(n, bytes, below.get(&n))).collect();
    subjects.sort_by_key(|s| std::cmp::Reverse(s.bytes.clone()));
    Ok(subjects)
}

struct Search<'a> {
    heap: &'a Heap,
    placement: &'a Placement,
    tree: &'a PlaceTree,
    growth: &'a Growth<'a>,
    /// The object of each place that has one only, unless it stores another's members.
    alone: Vec<Option<NodeIndex>>,
    /// The places that paths come back to, and those between.
    is_in_loop: Vec<bool>,
    floor: u64,
}

impl<'a> Search<'a> {
    fn new(heap: &'a Heap, placement: &'a Placement, tree: &'a PlaceTree, growth: &'a Growth<'a>) -> Self {
        let is_in_loop = tree.in_loops();
        let mut alone = vec![None; tree.count()];
        let mut counts = vec![0u32; tree.count()];
        for n in heap.graph.node_indices() {
            let place = placement.place[n];
            if place != Place::NOWHERE {
                counts[place.at()] += 1;
                let is_only = counts[place.at()] == 1 && !is_store(&heap.graph, n) && !is_in_loop[place.at()];
                alone[place.at()] = is_only.then_some(n);
            }
        }
        let floor = FEWEST_BIG_BYTES.max((heap.total_size() as f64 * BIG_SHARE) as u64);
        Self { heap, placement, tree, growth, alone, is_in_loop, floor }
    }

    /// The place of the nearest object at or above `p` that is alone at its place.
    fn owner_place(&self, mut p: Place) -> Place {
        while p != Place::ROOT && self.alone[p.at()].is_none() {
            p = self.tree.parent(p);
        }
        p
    }

    /// The object that what is at `p` belongs to: of a chain its first link.
    fn owner_at(&self, p: Place) -> Option<NodeIndex> {
        let first = if self.is_in_loop[p.at()] { self.growth.holder_of_members(p).0 } else { p };
        self.alone[self.owner_place(first).at()]
    }

    fn owner_of(&self, n: NodeIndex) -> Option<NodeIndex> {
        let place = self.placement.place[n];
        if place == Place::NOWHERE { None } else { self.owner_at(place) }
    }

    /// The bytes that belong to each owner of something big.
    fn accumulated(&self, stage: &Stage) -> Result<BTreeMap<NodeIndex, u64>, Cancelled> {
        let heap = self.heap;
        let mut accumulated: BTreeMap<NodeIndex, u64> = BTreeMap::new();
        let mut stack = vec![heap.graph.root];
        while let Some(n) = stack.pop() {
            stage.check()?;
            let owner = self.owner_of(n);
            let mut rest = heap.retained_size(n);
            let mut groups: BTreeMap<NodeIndex, u64> = BTreeMap::new();
            for below in dominated(heap, n) {
                let size = heap.retained_size(below);
                if size >= self.floor {
                    rest = rest.saturating_sub(size);
                    stack.push(below);
                } else if let Some(other) = self.owner_of(below).filter(|&o| o != below && Some(o) != owner)
                    && !self.is_above(other, n)
                {
                    *groups.entry(other).or_default() += size;
                }
            }
            for (other, bytes) in groups.into_iter().filter(|&(_, bytes)| bytes >= self.floor) {
                rest = rest.saturating_sub(bytes);
                *accumulated.entry(other).or_default() += bytes;
            }
            if let Some(owner) = owner {
                *accumulated.entry(owner).or_default() += rest;
            }
        }
        accumulated.retain(|&n, _| self.is_object_of_program(n));
        Ok(accumulated)
    }

    /// Whether `n` hangs below `upper`.
    fn is_above(&self, upper: NodeIndex, n: NodeIndex) -> bool {
        let (upper, lower) = (self.placement.place[upper], self.placement.place[n]);
        lower != Place::NOWHERE && upper <= lower && self.tree.are_related(upper, lower)
    }

    /// Whether something may be said of `n`: not of scopes and global objects, which hold whatever
    /// there is.
    fn is_object_of_program(&self, n: NodeIndex) -> bool {
        let place = self.placement.place[n];
        self.tree.parent(place) != Place::ROOT
            && self.tree.tier(place) < Tier::Engine
            && !self.growth.is_root(place)
            && !crate::analysis::source::scripts::is_scope(self.heap, n)
    }

    /// Collections with unusually many members, which are neither among `owners` nor below one.
    fn large_collections(&self, owners: &BTreeMap<NodeIndex, u64>) -> Vec<NodeIndex> {
        let heap = self.heap;
        let mut by_kind: BTreeMap<&str, Vec<(u64, NodeIndex)>> = BTreeMap::new();
        for n in heap.graph.node_indices().filter(|&n| heap.kind(n) == NodeKind::OBJECT) {
            let place = self.placement.place[n];
            if place == Place::NOWHERE || self.tree.tier(place) > Tier::Source {
                continue;
            }
            if let Some(kind) = collection_kind(heap, n) {
                let members = member_count(heap, n);
                if members > 0 {
                    by_kind.entry(kind).or_default().push((members, n));
                }
            }
        }
        let mut large = Vec::new();
        for mut collections in by_kind.into_values() {
            collections.sort_unstable();
            let median = collections[collections.len() / 2].0;
            let is_large = |members: u64| members >= MANY_MEMBERS && members >= median * TIMES_MEDIAN;
            large.extend(collections.into_iter().filter(|&(members, _)| is_large(members)).map(|(_, n)| n));
        }
        large.retain(|&n| {
            let is_below = |&owner: &NodeIndex| self.is_above(owner, n);
            heap.retained_size(n) >= FEWEST_LARGE_BYTES
                && self.owner_of(n) == Some(n)
                && self.is_object_of_program(n)
                && !owners.keys().any(is_below)
        });
        large
    }

    /// For each of `owners` the places of the objects that hang on it directly or, in a chain, on
    /// one another.
    fn places_below(&self, owners: &BTreeMap<NodeIndex, u64>) -> BTreeMap<NodeIndex, Vec<Place>> {
        let of_place: BTreeMap<Place, NodeIndex> = owners.keys().map(|&n| (self.placement.place[n], n)).collect();
        let mut below: BTreeMap<NodeIndex, Vec<Place>> = BTreeMap::new();
        for p in self.tree.places().skip(1).filter(|&p| !self.growth.is_store(p)) {
            let holder = match self.is_in_loop[p.at()] {
                true => self.owner_at(p).filter(|o| owners.contains_key(o)),
                false => of_place.get(&self.growth.object_above(p)).copied(),
            };
            if let Some(owner) = holder.filter(|&o| self.placement.place[o] != p) {
                below.entry(owner).or_default().push(p);
            }
        }
        below
    }

    fn subject(&self, n: NodeIndex, bytes: u64, below: Option<&Vec<Place>>) -> Subject {
        let heap = self.heap;
        let count_at = |p: Place| self.growth.series(p, |q| u64::from(q.count))[0];
        let mut by_class: BTreeMap<u64, Vec<Place>> = BTreeMap::new();
        for &p in below.into_iter().flatten() {
            by_class.entry(self.tree.step(p).class).or_default().push(p);
        }
        let sum = |places: &[Place]| places.iter().map(|&p| count_at(p)).sum::<u64>();
        let grown = by_class.into_values().max_by_key(|places| sum(places)).unwrap_or_default();
        let hanging = sum(&grown);
        let is_chain = grown.iter().any(|p| self.is_in_loop[p.at()]);
        let is_collection = collection_kind(heap, n).is_some();
        let members = member_count(heap, n);
        let (measure, count) = match is_collection && members * 4 > hanging {
            true => (Measure::Members, members),
            false if hanging >= FEW_OBJECTS => (Measure::Objects, hanging),
            false => (Measure::Bytes, members),
        };
        let places: BTreeSet<Place> = grown.iter().copied().collect();
        let mut objects: Vec<NodeIndex> = Vec::new();
        if measure != Measure::Bytes {
            objects.extend(heap.graph.node_indices().filter(|&m| places.contains(&self.placement.place[m])));
            objects.sort_by_key(|&m| heap.id(m));
        }
        Subject {
            owner: Owner { place: self.placement.place[n], grown, is_chain },
            objects: vec![vec![n]],
            grown: objects,
            measure,
            counts: vec![count],
            bytes: vec![bytes.max(heap.retained_size(n))],
            own_bytes: vec![bytes],
            trend: Trend::Flat,
        }
    }
}

/// What sort of collection `n` is, if it is one.
fn collection_kind(heap: &Heap, n: NodeIndex) -> Option<&'static str> {
    if table(heap, n).is_some() {
        return Some(if heap.graph.raw_name(n) == "Set" { "Set" } else { "Map" });
    }
    let is_array = heap.graph.raw_name(n) == "Array" || heap.edges(n).any(|e| e.kind == EdgeKind::Element);
    match is_array {
        true => Some("Array"),
        false => is_used_as_map(heap, n).then_some("Object"),
    }
}

#[cfg(test)]
mod tests {
    use crate::analysis::Heap;
    use crate::analysis::leaks::test_program::Program;
    use crate::analysis::leaks::{Evidence, Findings, Kind, find_leaks};
    use crate::progress::Stage;

    fn findings(p: &Program) -> (Heap, Findings) {
        let heap = p.b.heap();
        let findings = find_leaks(&[&heap], &Stage::unwatched()).unwrap();
        (heap, findings)
    }

    fn owners(findings: &Findings) -> Vec<&str> {
        findings.findings.iter().map(|f| f.owner.as_str()).collect()
    }

    #[test]
    fn members_count_for_the_collection_that_has_them_however_big_they_are() {
        let mut p = Program::new();
        let list = p.variable("uploads", "Array");
        p.fill(list, 3, 600_000);
        let small = p.variable("settings", "Array");
        p.fill(small, 3, 1000);
        let (heap, findings) = findings(&p);
        assert_eq!(owners(&findings), ["uploads"]);
        let found = &findings.findings[0];
        assert_eq!((found.evidence, found.kind), (Evidence::OneSnapshot, Kind::Array));
        assert_eq!((found.growth.len(), found.growth[0].count), (1, 3));
        assert_eq!(found.exclusive_bytes, 1_800_048);
        assert_eq!(heap.find(found.owner_id).unwrap().at(), list);
    }

    #[test]
    fn members_that_something_else_holds_too_are_added_up_as_a_group() {
        let mut p = Program::new();
        let [by_time, by_name] = [("byTime", "Array"), ("byName", "Object")].map(|(name, c)| p.variable(name, c));
        let all = p.fill(by_time, 100, 10_000);
        for n in all {
            p.b.edge(by_name, "property", &format!("user{n}"), n);
        }
        let (_, findings) = findings(&p);
        assert_eq!(findings.findings.len(), 1, "one of the two has them: {:?}", owners(&findings));
        let found = &findings.findings[0];
        assert_eq!(found.growth[0].bytes, 1_000_000);
        assert!(found.exclusive_bytes < 1000, "{found:?}");
    }

    #[test]
    fn a_chain_counts_for_its_first_link() {
        let mut p = Program::new();
        let history = p.variable("history", "History");
        let mut last = history;
        for i in 0..50 {
            let link = p.b.node("object", "Entry", 20_000);
            p.b.edge(last, "property", if i == 0 { "first" } else { "next" }, link);
            last = link;
        }
        let (_, findings) = findings(&p);
        assert_eq!(owners(&findings), ["history.first"]);
        assert_eq!(findings.findings[0].kind, Kind::Chain);
        assert!(findings.findings[0].growth[0].count >= 47, "{:?}", findings.findings[0].growth);
    }

    #[test]
    fn a_collection_with_far_more_members_than_others_is_named_though_it_is_not_big() {
        let mut p = Program::new();
        for i in 0..20 {
            let list = p.variable(&format!("list{i}"), "Array");
            p.fill(list, 5, 16);
        }
        let large = p.variable("names", "Array");
        p.fill(large, 4000, 24);
        let (_, findings) = findings(&p);
        assert_eq!(owners(&findings), ["names"]);
        assert_eq!(findings.findings[0].growth[0].count, 4000);
    }

    #[test]
    fn what_is_the_runtimes_and_what_is_small_gives_nothing() {
        let mut p = Program::new();
        let list = p.variable("recent", "Array");
        p.fill(list, 500, 100);
        let (_, findings) = findings(&p);
        assert_eq!(owners(&findings), [""; 0]);
        assert_eq!(findings.remarks.len(), 1);
    }
}
