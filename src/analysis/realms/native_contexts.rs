//! Which native context (roughly: which page, frame or realm) every object belongs to.

use crate::analysis::Heap;
use crate::analysis::facts::distance::SYSTEM_DISTANCE;
use crate::analysis::facts::{roots, walk};
use crate::analysis::removal::losses::{self, Ways, losses};
use crate::graph::{
    Edge, EdgeKind, EdgeWord, HeapGraph, NarrowColumn, NodeIndex, NodeSet, RetainerEntry, StringIndex, StringSet,
};
use crate::progress::{Cancelled, Stage};
use crate::units;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::ops::Range;

/// Where an object belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribution {
    /// No native context reaches it.
    None,
    /// Several native contexts reach it.
    Shared,
    /// One native context owns it.
    Context(NodeIndex),
}

/// A native context and the sum of what is attributed to it alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NativeContext {
    /// The context.
    pub node: NodeIndex,
    /// Shallow sizes of all objects attributed to it.
    pub attributed_size: u64,
}

/// The attribution of every object, and its sums.
#[derive(Debug, Clone, Default)]
pub struct NativeContexts {
    /// [`NONE`], [`SHARED`], or the position of a native context in `contexts` past [`FIRST`].
    owners: NarrowColumn,
    /// All native contexts in node order.
    pub contexts: Vec<NativeContext>,
    /// Shallow sizes of objects that several contexts reach.
    pub shared_size: u64,
    /// Shallow sizes of objects that no context reaches.
    pub unattributed_size: u64,
}

const NONE: u32 = 0;
const SHARED: u32 = 1;
const FIRST: u32 = 2;

impl Heap {
    /// The native context of every object.
    pub fn native_contexts(&self, stage: &Stage) -> Result<&NativeContexts, Cancelled> {
        self.memo.get_or_compute(|| NativeContexts::compute(self, stage))
    }
}

impl NativeContexts {
    /// Where `n` belongs.
    pub fn attribution(&self, n: NodeIndex) -> Attribution {
        match self.owners.get(n) {
            NONE => Attribution::None,
            SHARED => Attribution::Shared,
            context => Attribution::Context(self.contexts[(context - FIRST) as usize].node),
        }
    }

    /// The objects that belong there.
    pub fn attributed(&self, to: Attribution) -> NodeSet {
        let owner = match to {
            Attribution::None => NONE,
            Attribution::Shared => SHARED,
            Attribution::Context(node) => match self.contexts.binary_search_by_key(&node, |c| c.node) {
                Ok(at) => at as u32 + FIRST,
                Err(_) => return NodeSet::new(self.owners.len()),
            },
        };
        NodeSet::from_fn_of_all_threads(self.owners.len(), |n| self.owners.get(n) == owner)
    }

    /// The contexts, the one with most attributed to it first: the order of the filter menu.
    pub fn by_size(&self) -> Vec<NativeContext> {
        let mut contexts = self.contexts.clone();
        contexts.sort_by_key(|c| std::cmp::Reverse(c.attributed_size));
        contexts
    }

    /// Attributes every object of `heap`.
    fn compute(heap: &Heap, stage: &Stage) -> Result<Self, Cancelled> {
        let graph = &heap.graph;
        let contexts = native_contexts(graph, stage)?;
        let fixed = fixed_owners(heap, &contexts, stage)?;
        let owners = spread(heap, &fixed, stage)?;
        let sums = sums(heap, &owners, contexts.len() + FIRST as usize, stage)?;
        let attributed = contexts.into_iter().zip(&sums[FIRST as usize..]);
        let contexts = attributed.map(|(node, &attributed_size)| NativeContext { node, attributed_size }).collect();
        Ok(Self { owners, contexts, shared_size: sums[SHARED as usize], unattributed_size: sums[NONE as usize] })
    }
}

/// The shallow sizes of what each owner has.
fn sums(heap: &Heap, owners: &NarrowColumn, count: usize, stage: &Stage) -> Result<Vec<u64>, Cancelled> {
    let sums_of = |nodes: Range<u32>| {
        let mut sums = vec![0u64; count];
        for n in nodes.map(NodeIndex) {
            let sum = &mut sums[owners.get(n) as usize];
            *sum = sum.saturating_add(heap.shallow_size(n));
        }
        sums
    };
    let mut sums = vec![0u64; count];
    for part in heap.graph.ask_in_chunks(stage, sums_of)? {
        sums.iter_mut().zip(part).for_each(|(sum, part)| *sum = sum.saturating_add(part));
    }
    Ok(sums)
}

/// The label DevTools gives a context in its menu: `Native context https://… @123 (4.5 MB)`.
pub fn context_label(heap: &Heap, context: &NativeContext) -> String {
    let name = heap.name(context.node);
    let name = name.as_text().lossy();
    let name = name.strip_prefix("Detached ").unwrap_or(&name);
    let name = name
        .strip_prefix("system / NativeContext / ")
        .or_else(|| name.strip_prefix("system / NativeContext"))
        .unwrap_or(name);
    let space = if name.is_empty() { "" } else { " " };
    format!("Native context {name}{space}{} ({})", heap.id(context.node), units::bytes(context.attributed_size))
}

/// All native contexts, in node order.
fn native_contexts(graph: &HeapGraph, stage: &Stage) -> Result<Vec<NodeIndex>, Cancelled> {
    let names = StringSet::from_fn_of_all_threads(graph.strings.len(), |i| {
        let name = graph.strings.get(i).as_bytes();
        let name = name.strip_prefix(b"Detached ").unwrap_or(name);
        name.strip_prefix(b"system / NativeContext").is_some_and(|rest| rest.is_empty() || rest.starts_with(b" / "))
    });
    if names.is_empty() {
        return Ok(Vec::new());
    }
    graph.select(|n| names.contains(graph.name_index(n)), stage)
}

/// Owners that follow from the object itself, in node order: native contexts own themselves; of
/// other objects the map of their map knows. DevTools compares the names of the edges that lead
/// there by their first position in the string table.
///
/// Such ways are gone backwards, from the contexts: few maps lead to one, in older files none.
fn fixed_owners(heap: &Heap, contexts: &[NodeIndex], stage: &Stage) -> Result<Vec<(NodeIndex, u32)>, Cancelled> {
    let graph = &heap.graph;
    let owner = |n: NodeIndex| contexts.binary_search(&n).ok().map(|at| at as u32 + FIRST);
    let themselves = || contexts.iter().filter_map(|&n| Some((n, owner(n)?)));
    let (Some(map), Some(native_context)) = (graph.strings.find("map"), graph.strings.find("native_context")) else {
        return Ok(themselves().collect());
    };
    let maps_of_maps = sources(heap, contexts.iter().copied(), |n| {
        owner(internal_target(graph, n, native_context, |target| owner(target).is_some())?)
    });
    let owner_of = |owners: &FxHashMap<NodeIndex, u32>, n| {
        let map = internal_target(graph, n, map, |_| true)?;
        owners.get(&map).copied()
    };
    let maps = sources(heap, maps_of_maps.iter().map(|m| m.0), {
        let owners: FxHashMap<_, _> = maps_of_maps.iter().copied().collect();
        move |n| owner_of(&owners, n)
    });
    let mut candidates = NodeSet::of(graph.node_count(), contexts.iter().copied());
    for &(map, _) in &maps {
        stage.check()?;
        heap.facts.retainers.of(map).for_each(|retainer| {
            candidates.insert(retainer.source());
        });
    }
    let owners: FxHashMap<_, _> = maps.into_iter().collect();
    let fixed = |n| candidates.contains(n).then(|| Some((n, owner(n).or_else(|| owner_of(&owners, n))?))).flatten();
    graph.select_map(fixed, stage)
}

/// The nodes with edges to `targets` for which `owner` has an answer, with it.
fn sources(
    heap: &Heap,
    targets: impl Iterator<Item = NodeIndex>,
    owner: impl Fn(NodeIndex) -> Option<u32>,
) -> Vec<(NodeIndex, u32)> {
    let mut sources: Vec<NodeIndex> =
        targets.flat_map(|n| heap.facts.retainers.of(n)).map(RetainerEntry::source).collect();
    sources.sort_unstable();
    sources.dedup();
    sources.into_iter().filter_map(|n| Some((n, owner(n)?))).collect()
}

/// The target of the first internal edge of `n` with this name and a fitting target.
fn internal_target(
    graph: &HeapGraph,
    n: NodeIndex,
    name: StringIndex,
    fits: impl Fn(NodeIndex) -> bool,
) -> Option<NodeIndex> {
    let is_it = |e: &Edge| e.kind == EdgeKind::Internal && e.name_or_index == name.0 && fits(e.target);
    graph.edges(n).find(is_it).map(|e| e.target)
}

/// Gives every other node the owner of whatever reaches it; two owners make it shared, and a
/// shared node shares what it reaches. Each node changes at most twice, so this ends.
fn spread(heap: &Heap, fixed: &[(NodeIndex, u32)], stage: &Stage) -> Result<NarrowColumn, Cancelled> {
    let graph = &heap.graph;
    let starts = fixed.iter().map(|f| f.0);
    let Some(&(_, first)) = fixed.first() else { return Ok(NarrowColumn::zeros(graph.node_count())) };
    let mut owners = NarrowColumn::zeros(graph.node_count());
    if fixed.iter().all(|f| f.1 == first) {
        if let Some(others) = not_reached(heap, starts.clone(), stage)? {
            owners = NarrowColumn::filled(graph.node_count(), first);
            others.iter().for_each(|n| owners.set(n, NONE));
        } else {
            let reached = walk::reached(graph, starts, |_, _, kind, _| is_followed(kind), stage)?;
            reached.iter().for_each(|n| owners.set(n, first));
        }
        return Ok(owners);
    }
    fixed.iter().for_each(|&(n, owner)| owners.set(n, owner));
    // In the order in which they change, so that it is known early whose edges come next.
    let mut order: Vec<NodeIndex> = starts.collect();
    let fixed = NodeSet::of(graph.node_count(), order.iter().copied());
    let mut at = 0;
    while let Some(&n) = order.get(at) {
        if at.is_multiple_of(1 << 14) {
            stage.check()?;
        }
        graph.prefetch_ahead(&order, at);
        at += 1;
        let owner = owners.get(n);
        for &word in graph.edge_words(n) {
            let target = word.target();
            // The smaller set first.
            if fixed.contains(target) || !is_followed(word.kind()) {
                continue;
            }
            let before = owners.get(target);
            if before == owner || before == SHARED {
                continue;
            }
            owners.set(target, if before == NONE { owner } else { SHARED });
            order.push(target);
        }
    }
    Ok(owners)
}

fn is_followed(kind: EdgeKind) -> bool {
    !matches!(kind, EdgeKind::Shortcut | EdgeKind::Weak)
}

/// How many nodes are visited at most to find the user's roots.
const NEAR: usize = 1 << 12;

/// What is not reached from `starts`, if that is told faster than by going everywhere: where all
/// of the user's roots are near, what is reached from those over edges that are followed is reached.
fn not_reached(
    heap: &Heap,
    starts: impl Iterator<Item = NodeIndex>,
    stage: &Stage,
) -> Result<Option<NodeSet>, Cancelled> {
    let graph = &heap.graph;
    let roots = NodeSet::of(graph.node_count(), roots::user_roots(graph, &heap.facts.known_strings));
    if roots.is_empty() {
        return Ok(None);
    }
    let mut order: Vec<NodeIndex> = starts.collect();
    let mut near = NodeSet::of(graph.node_count(), order.iter().copied());
    let mut ahead = roots.iter().filter(|&n| !near.contains(n)).count();
    for at in 0..NEAR {
        let (1.., Some(&n)) = (ahead, order.get(at)) else { break };
        for edge in graph.edges(n).filter(|e| is_followed(e.kind)) {
            if near.insert(edge.target) {
                order.push(edge.target);
                ahead -= usize::from(roots.contains(edge.target));
            }
        }
    }
    if ahead > 0 {
        return Ok(None);
    }
    let ways = Spreading { heap, near };
    let shortcuts = graph.edges.targets.par_chunks(1 << 16).map(|words| {
        let is_shortcut = |word: &EdgeWord| word.kind() == EdgeKind::Shortcut;
        // There are few: most blocks are passed over without a branch for each of their edges.
        let blocks = words.chunks(64).filter(|block| block.iter().fold(false, |any, word| any | is_shortcut(word)));
        blocks.flatten().copied().filter(is_shortcut).map(|word| word.target()).collect()
    });
    let shortcuts: Vec<Vec<NodeIndex>> = shortcuts.collect();
    // Distances may have come over shortcuts and by way of the root, which is no start here.
    let suspects = shortcuts.into_iter().flatten().chain(roots::root_edges(graph).map(|e| e.target));
    let far = graph.select(|n| ways.steps(n) == losses::FAR, stage)?;
    losses(graph, &heap.facts.retainers, &ways, suspects, far, stage)
}

/// The ways from what is near a native context.
struct Spreading<'a> {
    heap: &'a Heap,
    /// What is reached for sure.
    near: NodeSet,
}

impl Ways for Spreading<'_> {
    #[inline(always)]
    fn steps(&self, n: NodeIndex) -> u32 {
        match self.heap.distance(n) {
            _ if self.near.contains(n) => losses::START,
            distance @ 1..SYSTEM_DISTANCE => distance as u32,
            _ => losses::FAR,
        }
    }

    #[inline(always)]
    fn is_closed(&self, _: NodeIndex) -> bool {
        false
    }

    #[inline(always)]
    fn is_open(&self, kind: EdgeKind) -> bool {
        is_followed(kind)
    }

    #[inline(always)]
    fn is_surely_open(&self, entry: RetainerEntry) -> bool {
        // Only the root's shortcuts are essential.
        !entry.is_weak() && entry.is_essential() && entry.source() != self.heap.graph.root
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::removal::losses::tests::random_heap;
    use crate::progress::Progress;
    use crate::testing::{Random, SnapshotBuilder};

    /// Two contexts, each with an object of its own, one object between them and one of neither;
    /// the map of `mapped` says that it belongs to the second context.
    fn two_contexts() -> Heap {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 1);
        let first = b.node("hidden", "system / NativeContext / https://a.example", 10);
        let second = b.node("native", "Detached system / NativeContext", 20);
        let own = b.node("object", "own", 100);
        let between = b.node("object", "between", 1000);
        let below = b.node("object", "below", 2000);
        let mapped = b.node("object", "mapped", 10_000);
        let map = b.node("hidden", "system / Map", 0);
        let map_of_map = b.node("hidden", "system / Map", 0);
        let neither = b.node("hidden", "system / NativeContextual", 100_000);
        b.edge(root, "element", "1", first);
        b.edge(root, "element", "2", second);
        b.edge(root, "element", "3", neither);
        b.edge(first, "property", "own", own);
        b.edge(first, "property", "mapped", mapped);
        b.edge(first, "weak", "w", neither);
        b.edge(first, "shortcut", "s", neither);
        b.edge(own, "property", "x", between);
        b.edge(second, "property", "x", between);
        b.edge(between, "property", "x", below);
        b.edge(below, "property", "back", between);
        b.edge(mapped, "internal", "map", map);
        b.edge(map, "internal", "map", map_of_map);
        b.edge(map_of_map, "internal", "native_context", between);
        b.edge(map_of_map, "internal", "native_context", second);
        Heap::analyze(b.graph(), &Progress::new()).unwrap()
    }

    #[test]
    fn objects_belong_to_the_one_context_that_reaches_them() {
        let heap = two_contexts();
        let contexts = NativeContexts::compute(&heap, &Stage::unwatched()).unwrap();
        let of = |n| contexts.attribution(NodeIndex(n));
        let context = |n| Attribution::Context(NodeIndex(n));
        assert_eq!(
            [0, 1, 2, 3, 4, 5, 6, 9].map(of),
            [
                Attribution::None,
                context(1),
                context(2),
                context(1),
                Attribution::Shared,
                Attribution::Shared,
                context(2),
                Attribution::None
            ]
        );
        assert_eq!(contexts.shared_size, 3000);
        assert_eq!(contexts.unattributed_size, 100_001);
        let sizes: Vec<_> = contexts.by_size().iter().map(|c| (c.node.0, c.attributed_size)).collect();
        assert_eq!(sizes, [(2, 10_020), (1, 110)]);
    }

    #[test]
    fn one_context_reaches_what_a_walk_from_it_reaches() {
        let mut random = Random(29);
        let mut told = 0;
        for _ in 0..2000 {
            let heap = random_heap(&mut random);
            let graph = &heap.graph;
            let starts: Vec<_> =
                (0..1 + random.below(3)).map(|_| NodeIndex(random.below(graph.node_count() as u32))).collect();
            let stage = Stage::unwatched();
            let Some(others) = not_reached(&heap, starts.iter().copied(), &stage).unwrap() else { continue };
            let reached = walk::reached(graph, starts, |_, _, kind, _| is_followed(kind), &stage).unwrap();
            assert_eq!(others, NodeSet::from_fn(graph.node_count(), |n| !reached.contains(n)));
            told += 1;
        }
        assert!(told > 200, "{told}");
    }

    #[test]
    fn labels_leave_out_what_all_contexts_are_called() {
        let heap = two_contexts();
        let contexts = NativeContexts::compute(&heap, &Stage::unwatched()).unwrap();
        let labels: Vec<_> = contexts.contexts.iter().map(|c| context_label(&heap, c)).collect();
        assert_eq!(labels, ["Native context https://a.example @3 (110\u{a0}B)", "Native context @5 (10.0\u{a0}kB)"]);
    }
}
