//! The references that keep an object alive, walked backwards.

use crate::analysis::Heap;
use crate::analysis::source::references::{Tier, is_engine_kind, tier};
use crate::graph::{EdgeIndex, NodeIndex, NodeKind};
use rustc_hash::FxHashMap;

/// Sources with more references than this have them sorted by target when first asked.
const MANY_EDGES: usize = 64;

/// Whose a reference is: what decides which ones are rather cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// The program's: variables, properties, elements, entries.
    Program,
    /// The engine's or the runtime's: prototypes, shapes, code.
    Engine,
    /// The roots' own.
    Roots,
}

/// A reference that dominators follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference {
    /// Who refers.
    pub source: NodeIndex,
    /// The reference.
    pub edge: EdgeIndex,
    /// Whose it is.
    pub owner: Owner,
    /// How natural it is to walk along.
    pub tier: Tier,
}

/// Finds the references to objects, which a graph has by source.
pub struct Incoming<'a> {
    heap: &'a Heap,
    /// The references of sources that have many, by target; of one target in file order.
    sorted: FxHashMap<NodeIndex, Vec<(NodeIndex, EdgeIndex)>>,
}

impl<'a> Incoming<'a> {
    /// Nothing is looked at before it is asked for.
    pub fn new(heap: &'a Heap) -> Self {
        Self { heap, sorted: FxHashMap::default() }
    }

    /// Whether paths begin at `n`: it is the root, or nothing that counts refers to it.
    pub fn is_start(&self, n: NodeIndex) -> bool {
        n == self.heap.graph.root || !self.heap.facts.retainers.of(n).any(|r| r.is_essential())
    }

    /// The references to `n`, in file order.
    pub fn of(&mut self, n: NodeIndex) -> Vec<Reference> {
        let heap = self.heap;
        let graph = &heap.graph;
        let mut references = Vec::new();
        // A source's entries stand together, one for each of its edges, the last edge first.
        let entries: Vec<_> = heap.facts.retainers.of(n).rev().collect();
        for group in entries.chunk_by(|a, b| a.source() == b.source()) {
            if !group.iter().any(|r| r.is_essential()) {
                continue;
            }
            let source = group[0].source();
            let words = graph.edge_words(source);
            if words.len() > MANY_EDGES {
                let sorted = self.sorted.entry(source).or_insert_with(|| {
                    let mut edges: Vec<_> = graph.edges(source).map(|e| (e.target, e.index)).collect();
                    edges.sort_unstable();
                    edges
                });
                let from = sorted.partition_point(|e| e.0 < n);
                let edges = sorted[from..].iter().zip(group).filter(|(_, r)| r.is_essential());
                references.extend(edges.map(|(e, _)| Reference::new(heap, source, e.1)));
            } else {
                let edges = graph.edge_range(source).zip(words).filter(|(_, w)| w.target() == n);
                let edges = edges.zip(group).filter(|(_, r)| r.is_essential());
                references.extend(edges.map(|((e, _), _)| Reference::new(heap, source, EdgeIndex(e as u32))));
            }
        }
        references
    }
}

impl Reference {
    /// The reference `edge` of `source`.
    pub fn new(heap: &Heap, source: NodeIndex, edge: EdgeIndex) -> Self {
        let graph = &heap.graph;
        let tier = tier(graph, source, &graph.edge(edge));
        let owner = if source == graph.root || graph.kind(source) == NodeKind::SYNTHETIC {
            Owner::Roots
        } else if tier == Tier::Source && !is_engine_kind(graph, source) {
            Owner::Program
        } else {
            Owner::Engine
        };
        Self { source, edge, owner, tier }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Random, SnapshotBuilder};

    #[test]
    fn references_to_an_object_are_those_its_retainers_tell_of() {
        let mut random = Random(5);
        for _ in 0..20 {
            let mut b = SnapshotBuilder::new();
            let nodes: Vec<usize> = (0..20).map(|_| b.node("object", "O", 8)).collect();
            for &from in &nodes {
                // Some have more references than are scanned one by one.
                for _ in 0..random.below(100) {
                    let kind = ["property", "element", "weak"][random.below(3) as usize];
                    let to = nodes[random.below(20) as usize];
                    b.edge(from, kind, &random.below(50).to_string(), to);
                }
            }
            let heap = b.heap();
            let mut incoming = Incoming::new(&heap);
            for n in heap.graph.node_indices() {
                let edges: Vec<EdgeIndex> = incoming.of(n).iter().map(|r| r.edge).collect();
                let counts = |source: NodeIndex, e: &crate::graph::Edge| {
                    e.target == n && source != n && e.kind != crate::graph::EdgeKind::Weak
                };
                let slow: Vec<EdgeIndex> = heap
                    .graph
                    .node_indices()
                    .flat_map(|s| heap.edges(s).filter(move |e| counts(s, e)).map(|e| e.index).collect::<Vec<_>>())
                    .collect();
                assert_eq!(edges, slow);
            }
        }
    }
}
