//! The most natural path from a root to an object, and others that have no object in common.

use super::incoming::{Incoming, Owner, Reference};
use crate::analysis::Heap;
use crate::analysis::source::references::Tier;
use crate::graph::{NodeIndex, NodeKind};
use crate::progress::{Cancelled, Stage};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// How bad a path is: first by references of the engine's, then by those of the runtime's and
/// of the roots, then by length. A path that begins at what nothing refers to, rather than at the root, is worst.
type Cost = u64;

const STEP: Cost = 1;
const OF_RUNTIME: Cost = 1 << 20;
const OF_ENGINE: Cost = 1 << 40;
const NO_ROOT: Cost = 1 << 60;

/// A path: its references from the first, which begins at a root, to the last, which leads to the object.
pub type Path = Vec<Reference>;

/// Paths to an object that have no object between their ends in common.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paths {
    /// The most natural first. Empty where none was found: nothing keeps the object.
    pub paths: Vec<Path>,
    /// Whether the search ended because it had found as many as asked for.
    pub reached_limit: bool,
}

/// Finds up to `limit` paths to `object`, one after the other: each is the most natural one that
/// avoids the objects of those before. The roots' own lists are no objects in this sense. That no
/// more are found does not mean that there are no more: another choice might leave room for one.
pub fn independent_paths(
    heap: &Heap,
    incoming: &mut Incoming<'_>,
    object: NodeIndex,
    limit: usize,
    stage: &Stage,
) -> Result<Paths, Cancelled> {
    let mut found = Paths::default();
    let mut blocked = Blocked::default();
    while found.paths.len() < limit {
        stage.reached(found.paths.len() as u64, limit as u64)?;
        let Some(path) = best_path(heap, incoming, object, &blocked, stage)? else { return Ok(found) };
        blocked.add(heap, &path);
        found.paths.push(path);
    }
    found.reached_limit = best_path(heap, incoming, object, &blocked, stage)?.is_some();
    Ok(found)
}

/// What paths found before have used up.
#[derive(Default)]
struct Blocked {
    objects: FxHashSet<NodeIndex>,
    /// Where a path has no object of its own, it is its last reference that is used up.
    references: FxHashSet<crate::graph::EdgeIndex>,
}

impl Blocked {
    fn add(&mut self, heap: &Heap, path: &[Reference]) {
        let between = path.iter().skip(1).map(|r| r.source).filter(|&n| !is_list_of_roots(heap, n));
        self.objects.extend(between);
        // A first object that nothing refers to is an object too.
        self.objects.extend(path.first().map(|r| r.source).filter(|&n| !is_list_of_roots(heap, n)));
        self.references.extend(path.last().map(|r| r.edge));
    }
}

fn is_list_of_roots(heap: &Heap, n: NodeIndex) -> bool {
    n == heap.graph.root || heap.kind(n) == NodeKind::SYNTHETIC
}

/// The path of least cost, by Dijkstra's algorithm from the object backwards. Of equal ones the
/// one whose references stand first in the file.
fn best_path(
    heap: &Heap,
    incoming: &mut Incoming<'_>,
    object: NodeIndex,
    blocked: &Blocked,
    stage: &Stage,
) -> Result<Option<Path>, Cancelled> {
    if object == heap.graph.root {
        return Ok(None);
    }
    let mut next: FxHashMap<NodeIndex, (Cost, Reference)> = FxHashMap::default();
    let mut queue = BinaryHeap::from([Reverse((0, object, false))]);
    let mut done: FxHashSet<NodeIndex> = FxHashSet::default();
    while let Some(Reverse((cost, n, is_end))) = queue.pop() {
        if is_end {
            let mut path = Vec::new();
            let mut n = n;
            while n != object {
                let reference = next[&n].1;
                path.push(reference);
                n = heap.graph.edge(reference.edge).target;
            }
            return Ok(Some(path));
        }
        if !done.insert(n) {
            continue;
        }
        if done.len().is_multiple_of(1 << 12) {
            stage.check()?;
        }
        if n != object && incoming.is_start(n) {
            let cost = if n == heap.graph.root { cost } else { cost + NO_ROOT };
            queue.push(Reverse((cost, n, true)));
            if n == heap.graph.root {
                continue;
            }
        }
        for reference in incoming.of(n) {
            let source = reference.source;
            if done.contains(&source)
                || blocked.objects.contains(&source)
                || blocked.references.contains(&reference.edge)
            {
                continue;
            }
            let step = match (reference.tier, reference.owner) {
                (Tier::Engine | Tier::Debugger, _) => STEP + OF_ENGINE,
                (Tier::Runtime, _) | (_, Owner::Roots) => STEP + OF_RUNTIME,
                (Tier::Source, _) => STEP,
            };
            let cost = cost + step;
            let is_better = next.get(&source).is_none_or(|known| (cost, reference.edge) < (known.0, known.1.edge));
            if is_better {
                next.insert(source, (cost, reference));
                queue.push(Reverse((cost, source, false)));
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Random, SnapshotBuilder};

    fn paths(heap: &Heap, object: usize, limit: usize) -> (Vec<Vec<usize>>, bool) {
        let object = NodeIndex(object as u32);
        let found = independent_paths(heap, &mut Incoming::new(heap), object, limit, &Stage::unwatched()).unwrap();
        let nodes = |path: &Path| path.iter().map(|r| r.source.at()).collect();
        (found.paths.iter().map(nodes).collect(), found.reached_limit)
    }

    #[test]
    fn a_way_of_the_programs_own_is_taken_before_a_shorter_one_of_the_engines() {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        let [global, app, cache] = ["global", "App", "Map"].map(|name| b.node("object", name, 8));
        let code = b.node("code", "(code)", 8);
        let leaf = b.node("object", "Leaf", 8);
        b.edge(root, "shortcut", "2", code);
        b.edge(code, "internal", "constant", leaf);
        b.edge(root, "shortcut", "1", global);
        b.edge(global, "property", "app", app);
        b.edge(app, "property", "cache", cache);
        b.edge(cache, "element", "0", leaf);
        let heap = b.heap();
        assert_eq!(paths(&heap, leaf, 5), (vec![vec![root, global, app, cache], vec![root, code]], false));
        assert_eq!(paths(&heap, leaf, 1), (vec![vec![root, global, app, cache]], true));
        assert_eq!(paths(&heap, root, 5), (vec![], false));
    }

    #[test]
    fn an_object_in_two_lists_of_roots_has_two_ways_and_one_that_nothing_holds_has_none() {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        let lists = ["(Global handles)", "(Stack roots)"].map(|name| b.node("synthetic", name, 0));
        let leaf = b.node("object", "Leaf", 8);
        let lost = b.node("object", "Lost", 8);
        for list in lists {
            b.edge(root, "element", "1", list);
            b.edge(list, "element", "0", leaf);
        }
        b.edge(lists[0], "weak", "1", lost);
        let heap = b.heap();
        assert_eq!(paths(&heap, leaf, 5).0, [[root, lists[0]], [root, lists[1]]]);
        assert_eq!(paths(&heap, lost, 5).0, Vec::<Vec<usize>>::new());
    }

    #[test]
    fn ways_are_ways_and_have_no_object_between_their_ends_in_common() {
        let mut random = Random(11);
        for _ in 0..200 {
            let mut b = SnapshotBuilder::new();
            let root = b.node("synthetic", "", 0);
            let count = 3 + random.below(15) as usize;
            let nodes: Vec<usize> = std::iter::once(root).chain((1..count).map(|_| b.node("object", "O", 8))).collect();
            for i in 0..count * 2 {
                let kind = ["property", "element", "internal", "weak"][random.below(4) as usize];
                let (from, to) = (random.below(count as u32) as usize, 1 + random.below(count as u32 - 1) as usize);
                b.edge(nodes[from], kind, &i.to_string(), nodes[to]);
            }
            let heap = b.heap();
            for object in 1..count {
                let n = NodeIndex(object as u32);
                let mut incoming = Incoming::new(&heap);
                let found = independent_paths(&heap, &mut incoming, n, 20, &Stage::unwatched()).unwrap();
                let mut met = FxHashSet::default();
                for path in &found.paths {
                    assert!(incoming.is_start(path[0].source));
                    for (at, r) in path.iter().enumerate() {
                        let target = heap.graph.edge(r.edge).target;
                        assert_eq!(heap.graph.edge_source(r.edge), r.source);
                        assert_eq!(target, path.get(at + 1).map_or(n, |next| next.source));
                        assert!(r.source == heap.graph.root || met.insert(r.source), "{:?} twice", r.source);
                    }
                }
            }
        }
    }
}
