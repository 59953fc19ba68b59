//! Which native context (roughly: which page, frame or realm) every object belongs to.

use super::Heap;
use crate::graph::{EdgeKind, HeapGraph, NodeIndex, NodeSet, PerNode, StringIndex, StringSet};
use crate::progress::{Cancelled, Stage};
use crate::units;

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
    /// [`NONE`], [`SHARED`] or the position of a native context.
    owners: PerNode<u32>,
    /// All native contexts in node order.
    pub contexts: Vec<NativeContext>,
    /// Shallow sizes of objects that several contexts reach.
    pub shared_size: u64,
    /// Shallow sizes of objects that no context reaches.
    pub unattributed_size: u64,
}

const NONE: u32 = u32::MAX;
const SHARED: u32 = u32::MAX - 1;

impl NativeContexts {
    /// Where `n` belongs.
    pub fn attribution(&self, n: NodeIndex) -> Attribution {
        match self.owners[n] {
            NONE => Attribution::None,
            SHARED => Attribution::Shared,
            context => Attribution::Context(NodeIndex(context)),
        }
    }

    /// The contexts, the one with most attributed to it first: the order of the filter menu.
    pub fn by_size(&self) -> Vec<NativeContext> {
        let mut contexts = self.contexts.clone();
        contexts.sort_by_key(|c| std::cmp::Reverse(c.attributed_size));
        contexts
    }

    /// Attributes every object of `heap`.
    pub(super) fn compute(heap: &Heap, stage: &Stage) -> Result<Self, Cancelled> {
        let graph = &heap.graph;
        let (mut owners, fixed) = fixed_owners(graph, stage)?;
        spread(graph, &mut owners, &fixed, stage)?;
        let contexts = fixed.iter().filter(|&n| owners[n] == n.0);
        let contexts = contexts.map(|node| NativeContext { node, attributed_size: 0 }).collect();
        let mut all = Self { owners, contexts, shared_size: 0, unattributed_size: 0 };
        for n in graph.node_indices() {
            let sum = match all.owners[n] {
                NONE => &mut all.unattributed_size,
                SHARED => &mut all.shared_size,
                context => match all.contexts.binary_search_by_key(&context, |c| c.node.0) {
                    Ok(i) => &mut all.contexts[i].attributed_size,
                    Err(_) => continue,
                },
            };
            *sum = sum.saturating_add(heap.shallow_size(n));
        }
        Ok(all)
    }
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

/// Owners that follow from the object itself, and the nodes that have one: native contexts own
/// themselves; of other objects the map of their map knows.
fn fixed_owners(graph: &HeapGraph, stage: &Stage) -> Result<(PerNode<u32>, NodeSet), Cancelled> {
    let names = StringSet::from_fn(graph.strings.len(), |i| {
        let name = graph.strings.get(i);
        let name = name.as_bytes();
        let name = name.strip_prefix(b"Detached ").unwrap_or(name);
        name.strip_prefix(b"system / NativeContext").is_some_and(|rest| rest.is_empty() || rest.starts_with(b" / "))
    });
    let is_context = |n: NodeIndex| names.contains(graph.name_index(n));
    let mut owners = PerNode(vec![NONE; graph.node_count()]);
    let mut fixed = NodeSet::new(graph.node_count());
    let targets = MapEdges::find(graph);
    for n in graph.node_indices() {
        if n.0.is_multiple_of(1 << 14) {
            stage.check()?;
        }
        let owner = if is_context(n) { Some(n) } else { targets.owner(graph, n, is_context) };
        if let Some(owner) = owner {
            owners[n] = owner.0;
            fixed.insert(n);
        }
    }
    Ok((owners, fixed))
}

/// Names of the edges that lead to an object's native context. DevTools compares them by their
/// first position in the string table.
struct MapEdges {
    map: Option<StringIndex>,
    native_context: Option<StringIndex>,
}

impl MapEdges {
    fn find(graph: &HeapGraph) -> Self {
        Self { map: graph.strings.find("map"), native_context: graph.strings.find("native_context") }
    }

    /// The first internal edge of `n` with this name and a fitting target.
    fn target(
        graph: &HeapGraph,
        n: NodeIndex,
        name: Option<StringIndex>,
        fits: impl Fn(NodeIndex) -> bool,
    ) -> Option<NodeIndex> {
        let name = name?;
        graph
            .edges(n)
            .find(|e| e.kind == EdgeKind::Internal && e.name_or_index == name.0 && fits(e.target))
            .map(|e| e.target)
    }

    /// Object → its map → the map of that → the native context.
    fn owner(&self, graph: &HeapGraph, n: NodeIndex, is_context: impl Fn(NodeIndex) -> bool) -> Option<NodeIndex> {
        let map = Self::target(graph, n, self.map, |_| true)?;
        let map_of_map = Self::target(graph, map, self.map, |_| true)?;
        Self::target(graph, map_of_map, self.native_context, is_context)
    }
}

/// Gives every other node the owner of whatever reaches it; two owners make it shared, and a
/// shared node shares what it reaches. Each node changes at most twice, so this ends.
fn spread(graph: &HeapGraph, owners: &mut PerNode<u32>, fixed: &NodeSet, stage: &Stage) -> Result<(), Cancelled> {
    // In the order in which they change, so that it is known early whose edges come next.
    let mut order: Vec<NodeIndex> = fixed.iter().collect();
    let mut at = 0;
    while let Some(&n) = order.get(at) {
        if at.is_multiple_of(1 << 14) {
            stage.check()?;
        }
        graph.prefetch_ahead(&order, at);
        at += 1;
        let owner = owners[n];
        for &word in graph.edge_words(n) {
            let target = NodeIndex(word >> 3);
            if matches!(EdgeKind::from_bits(word), EdgeKind::Shortcut | EdgeKind::Weak) {
                continue;
            }
            let before = owners[target];
            if before == owner || before == SHARED || fixed.contains(target) {
                continue;
            }
            owners[target] = if before == NONE { owner } else { SHARED };
            order.push(target);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Progress;
    use crate::testing::SnapshotBuilder;

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
    fn labels_leave_out_what_all_contexts_are_called() {
        let heap = two_contexts();
        let contexts = NativeContexts::compute(&heap, &Stage::unwatched()).unwrap();
        let labels: Vec<_> = contexts.contexts.iter().map(|c| context_label(&heap, c)).collect();
        assert_eq!(labels, ["Native context https://a.example @3 (110\u{a0}B)", "Native context @5 (10.0\u{a0}kB)"]);
    }
}
