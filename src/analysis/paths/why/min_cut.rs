//! The smallest set of references whose removal frees an object: a minimum cut between the roots
//! and the object, over the references that dominators follow.
//!
//! *Smallest* means: fewest references of the roots, of such sets those with fewest of the engine's,
//! of those the fewest references of the program. Exactly that comes out of a maximum flow in which
//! a reference of the program can carry 1, one of the engine's more than all of the program's
//! together, and one of the roots' more than all of those. The flow grows along shortest paths
//! (Edmonds and Karp), searched from the object backwards, so that no more of the heap is looked at
//! than it takes.

use super::incoming::{Incoming, Owner, Reference};
use crate::analysis::Heap;
use crate::analysis::facts::essential::EssentialEdges;
use crate::analysis::removal::what_if::page_objects;
use crate::graph::{EdgeIndex, NodeIndex, NodeSet};
use crate::progress::{Cancelled, Stage};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// How far the search goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CutLimits {
    /// Paths along which the flow grows: more references than this are never found.
    pub paths: u32,
    /// References looked at, each as often as it is met.
    pub references: u64,
}

impl Default for CutLimits {
    fn default() -> Self {
        Self { paths: 2_000, references: 50_000_000 }
    }
}

/// What one reference can carry more than all of a lower sort: more than [`CutLimits::paths`].
const MORE_THAN_ALL: u64 = 1 << 24;

/// The smallest sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MinCut {
    /// Two of the smallest sets, which may be the same.
    Found {
        /// The one nearest to the object: it takes least else along.
        nearest: Vec<EdgeIndex>,
        /// The one nearest to the roots: it takes most along.
        farthest: Vec<EdgeIndex>,
    },
    /// No reference keeps the object: there is no path to it from the roots, or it is where paths begin.
    NothingToCut,
    /// The search was ended by its limits.
    TooMuch,
}

/// Finds the smallest sets of references that keep `object`.
pub fn min_cut(
    heap: &Heap,
    incoming: &mut Incoming<'_>,
    object: NodeIndex,
    limits: CutLimits,
    stage: &Stage,
) -> Result<MinCut, Cancelled> {
    if incoming.is_start(object) {
        return Ok(MinCut::NothingToCut);
    }
    let mut flow = Flow { heap, of: FxHashMap::default(), out: FxHashMap::default(), into: FxHashMap::default() };
    let mut looked_at = 0;
    for paths in 0..=limits.paths {
        stage.reached(paths.into(), u64::from(limits.paths) + 1)?;
        let search = flow.search(incoming, object, &mut looked_at, limits.references, stage)?;
        match search {
            Search::GivenUp => return Ok(MinCut::TooMuch),
            Search::Path(path, amount) => flow.push(&path, amount),
            Search::NoMore(_) if paths == 0 => return Ok(MinCut::NothingToCut),
            Search::NoMore(side) => {
                let mut members: Vec<NodeIndex> = side.keys().copied().collect();
                members.sort_unstable();
                let mut nearest = Vec::new();
                for n in members {
                    nearest.extend(incoming.of(n).iter().filter(|r| !side.contains_key(&r.source)).map(|r| r.edge));
                }
                nearest.sort_unstable();
                let farthest = flow.nearest_to_roots(incoming, stage)?;
                return Ok(MinCut::Found { nearest, farthest });
            }
        }
    }
    Ok(MinCut::TooMuch)
}

fn capacity(owner: Owner) -> u64 {
    match owner {
        Owner::Program => 1,
        Owner::Engine => MORE_THAN_ALL,
        Owner::Roots => MORE_THAN_ALL * MORE_THAN_ALL,
    }
}

/// A reference on a path, and whether the path goes along it or takes flow back.
#[derive(Clone, Copy)]
enum Step {
    Along(Reference),
    Back(EdgeIndex),
}

enum Search {
    /// A path on which the flow can grow by some amount.
    Path(Vec<Step>, u64),
    /// There is none: these are the nodes from which the object can still be reached.
    NoMore(FxHashMap<NodeIndex, Option<(Step, NodeIndex)>>),
    GivenUp,
}

struct Flow<'a> {
    heap: &'a Heap,
    of: FxHashMap<EdgeIndex, u64>,
    /// References that carry something, by source; some of them may no more.
    out: FxHashMap<NodeIndex, Vec<EdgeIndex>>,
    /// The same by target.
    into: FxHashMap<NodeIndex, Vec<EdgeIndex>>,
}

impl Flow<'_> {
    fn on(&self, edge: EdgeIndex) -> u64 {
        self.of.get(&edge).copied().unwrap_or(0)
    }

    /// Looks for the shortest path from a root to `object` on which more can flow, from the object backwards.
    fn search(
        &self,
        incoming: &mut Incoming<'_>,
        object: NodeIndex,
        looked_at: &mut u64,
        limit: u64,
        stage: &Stage,
    ) -> Result<Search, Cancelled> {
        // For each node met the step from it towards the object, and where that leads.
        let mut next: FxHashMap<NodeIndex, Option<(Step, NodeIndex)>> = FxHashMap::default();
        next.insert(object, None);
        let mut queue = VecDeque::from([object]);
        let mut since_check = 0;
        while let Some(n) = queue.pop_front() {
            if incoming.is_start(n) {
                return Ok(self.path(&next, n));
            }
            let references = incoming.of(n);
            since_check += references.len();
            *looked_at += references.len() as u64 + 1;
            if *looked_at > limit {
                return Ok(Search::GivenUp);
            }
            if since_check > 1 << 14 {
                since_check = 0;
                stage.check()?;
            }
            for r in references {
                if !next.contains_key(&r.source) && self.on(r.edge) < capacity(r.owner) {
                    next.insert(r.source, Some((Step::Along(r), n)));
                    queue.push_back(r.source);
                }
            }
            for &edge in self.out.get(&n).into_iter().flatten() {
                let target = self.heap.graph.edge(edge).target;
                if !next.contains_key(&target) && self.on(edge) > 0 {
                    next.insert(target, Some((Step::Back(edge), n)));
                    queue.push_back(target);
                }
            }
        }
        Ok(Search::NoMore(next))
    }

    fn path(&self, next: &FxHashMap<NodeIndex, Option<(Step, NodeIndex)>>, start: NodeIndex) -> Search {
        let mut steps = Vec::new();
        let mut amount = u64::MAX;
        let mut n = start;
        while let Some((step, to)) = next[&n] {
            amount = amount.min(match step {
                Step::Along(r) => capacity(r.owner) - self.on(r.edge),
                Step::Back(edge) => self.on(edge),
            });
            steps.push(step);
            n = to;
        }
        Search::Path(steps, amount)
    }

    fn push(&mut self, path: &[Step], amount: u64) {
        for step in path {
            match *step {
                Step::Along(r) => {
                    let before = self.of.insert(r.edge, self.on(r.edge) + amount);
                    if before.is_none() {
                        self.out.entry(r.source).or_default().push(r.edge);
                        self.into.entry(self.heap.graph.edge(r.edge).target).or_default().push(r.edge);
                    }
                }
                Step::Back(edge) => {
                    self.of.insert(edge, self.on(edge) - amount);
                }
            }
        }
    }

    /// The full references that lead out of what the roots can still send something to.
    fn nearest_to_roots(&self, incoming: &Incoming<'_>, stage: &Stage) -> Result<Vec<EdgeIndex>, Cancelled> {
        let heap = self.heap;
        let graph = &heap.graph;
        let page_objects = page_objects(heap);
        let essential = EssentialEdges::new(graph, &heap.facts.known_strings, &page_objects);
        let mut side = NodeSet::new(graph.node_count());
        let mut queue: Vec<NodeIndex> = graph.node_indices().filter(|&n| incoming.is_start(n)).collect();
        queue.iter().for_each(|&n| {
            side.insert(n);
        });
        let mut next = 0;
        while let Some(&n) = queue.get(next) {
            if next.is_multiple_of(1 << 14) {
                stage.check()?;
            }
            next += 1;
            let rule = essential.of(n);
            let carries = self.out.contains_key(&n);
            for (edge, &word) in graph.edge_range(n).zip(graph.edge_words(n)) {
                let (edge_index, target) = (EdgeIndex(edge as u32), word.target());
                let is_full = || carries && self.on(edge_index) >= capacity(Reference::new(heap, n, edge_index).owner);
                if !side.contains(target) && rule.contain(edge, word) && !is_full() {
                    side.insert(target);
                    queue.push(target);
                }
            }
            for &edge in self.into.get(&n).into_iter().flatten().filter(|&&e| self.on(e) > 0) {
                let source = graph.edge_source(edge);
                if side.insert(source) {
                    queue.push(source);
                }
            }
        }
        // Every reference across is full, so it carries something.
        let mut cut: Vec<EdgeIndex> = self
            .of
            .iter()
            .filter(|(_, flow)| **flow > 0)
            .map(|(&edge, _)| edge)
            .filter(|&e| side.contains(graph.edge_source(e)) && !side.contains(graph.edge(e).target))
            .collect();
        cut.sort_unstable();
        Ok(cut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::removal::what_if::{Cut, what_if};
    use crate::testing::{Random, SnapshotBuilder};

    fn cut(heap: &Heap, object: usize) -> MinCut {
        let n = NodeIndex(object as u32);
        min_cut(heap, &mut Incoming::new(heap), n, CutLimits::default(), &Stage::unwatched()).unwrap()
    }

    fn names(heap: &Heap, edges: &[EdgeIndex]) -> Vec<String> {
        edges.iter().map(|&e| heap.graph.edge_string(&heap.graph.edge(e)).unwrap().lossy().into_owned()).collect()
    }

    /// root → (handles) → a and b, both → middle → leaf.
    fn diamond(extra: bool) -> (Heap, usize) {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        let handles = b.node("synthetic", "(Global handles)", 0);
        let [a, c, middle, leaf] = ["A", "B", "Middle", "Leaf"].map(|name| b.node("object", name, 8));
        b.edge(root, "element", "1", handles);
        b.edge(handles, "element", "0", a);
        b.edge(handles, "element", "1", c);
        b.edge(a, "property", "fromA", middle);
        b.edge(c, "property", "fromB", middle);
        b.edge(middle, "property", "leaf", leaf);
        if extra {
            b.edge(middle, "property", "again", leaf);
            b.edge(middle, "property", "third", leaf);
        }
        (b.heap(), leaf)
    }

    #[test]
    fn the_one_reference_all_ways_go_through_is_the_smallest_set() {
        let (heap, leaf) = diamond(false);
        let MinCut::Found { nearest, farthest } = cut(&heap, leaf) else { panic!() };
        assert_eq!((names(&heap, &nearest), names(&heap, &farthest)), (vec!["leaf".into()], vec!["leaf".into()]));
        let (heap, leaf) = diamond(true);
        let MinCut::Found { nearest, farthest } = cut(&heap, leaf) else { panic!() };
        assert_eq!(nearest, farthest);
        assert_eq!(names(&heap, &nearest), ["fromA", "fromB"], "two are fewer than three, and roots are not cut");
    }

    #[test]
    fn of_equally_small_sets_both_ends_are_found() {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        let nodes = ["global", "A", "B", "C"].map(|name| b.node("object", name, 8));
        b.edge(root, "shortcut", "1", nodes[0]);
        for (pair, name) in nodes.windows(2).zip(["one", "two", "three"]) {
            b.edge(pair[0], "property", name, pair[1]);
        }
        let heap = b.heap();
        let MinCut::Found { nearest, farthest } = cut(&heap, nodes[3]) else { panic!() };
        assert_eq!((names(&heap, &nearest), names(&heap, &farthest)), (vec!["three".into()], vec!["one".into()]));
        assert_eq!(cut(&heap, root), MinCut::NothingToCut);
        let limits = CutLimits { references: 1, ..CutLimits::default() };
        let n = NodeIndex(nodes[3] as u32);
        let limited = min_cut(&heap, &mut Incoming::new(&heap), n, limits, &Stage::unwatched());
        assert_eq!(limited, Ok(MinCut::TooMuch));
    }

    /// Roots, engine's and program's references in a set, as they are compared.
    fn weight(heap: &Heap, edges: &[EdgeIndex]) -> [usize; 3] {
        let count =
            |o| edges.iter().filter(|&&e| Reference::new(heap, heap.graph.edge_source(e), e).owner == o).count();
        [count(Owner::Roots), count(Owner::Engine), count(Owner::Program)]
    }

    #[test]
    fn no_set_is_smaller_and_each_frees_its_object_on_random_graphs() {
        let mut random = Random(3);
        let mut found = 0;
        for _ in 0..200 {
            let mut b = SnapshotBuilder::new();
            let root = b.node("synthetic", "", 0);
            let count = 3 + random.below(4) as usize;
            for _ in 1..count {
                let kind = ["object", "object", "code", "synthetic"][random.below(4) as usize];
                b.node(kind, "N", 8);
            }
            let edges = 3 + random.below(7);
            for i in 0..edges {
                let kind = ["property", "element", "internal", "weak"][random.below(4) as usize];
                let from = if i == 0 { root } else { random.below(count as u32) as usize };
                b.edge(from, kind, &i.to_string(), 1 + random.below(count as u32 - 1) as usize);
            }
            let heap = b.heap();
            let frees = |edges: &[EdgeIndex], n: NodeIndex| {
                let cut = Cut { objects: Vec::new(), references: edges.to_vec() };
                what_if(&heap, &cut, &Stage::unwatched()).unwrap().objects.contains(&n)
            };
            for n in heap.graph.node_indices().skip(1) {
                match cut(&heap, n.at()) {
                    MinCut::NothingToCut => {
                        assert!(Incoming::new(&heap).is_start(n) || !is_reached(&heap, n), "{n:?}");
                    }
                    MinCut::TooMuch => panic!("{n:?}"),
                    MinCut::Found { nearest, farthest } => {
                        found += 1;
                        assert!(frees(&nearest, n) && frees(&farthest, n));
                        let ours = weight(&heap, &nearest);
                        assert_eq!(weight(&heap, &farthest), ours);
                        for set in 0..1u32 << edges {
                            let set: Vec<EdgeIndex> = (0..edges).filter(|e| set >> e & 1 == 1).map(EdgeIndex).collect();
                            assert!(weight(&heap, &set) >= ours || !frees(&set, n), "{set:?} is smaller");
                        }
                    }
                }
            }
        }
        assert!(found > 200, "{found}");
    }

    /// Whether a path leads from where paths begin to `n`.
    fn is_reached(heap: &Heap, n: NodeIndex) -> bool {
        let incoming = Incoming::new(heap);
        let mut all: Vec<NodeIndex> = heap.graph.node_indices().filter(|&n| incoming.is_start(n)).collect();
        let mut at = 0;
        let mut incoming = Incoming::new(heap);
        while at < all.len() {
            for m in heap.graph.node_indices() {
                if !all.contains(&m) && incoming.of(m).iter().any(|r| r.source == all[at]) {
                    all.push(m);
                }
            }
            at += 1;
        }
        all.contains(&n)
    }
}
