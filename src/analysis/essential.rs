//! Which edges keep their targets alive, as far as dominators are concerned.

use super::known_strings::KnownStrings;
use super::weak_maps::WeakMapNames;
use crate::graph::{EdgeKind, HeapGraph, NodeIndex, NodeSet, StringIndex};
use rustc_hash::FxHashSet;

/// The rule which edges are essential. Not essential are
///
/// * weak edges;
/// * edges from a `WeakMap`'s table to a value: the edge from the key says more;
/// * edges of a node to itself;
/// * except at the root: shortcuts, and edges from what the page does not own to what it owns,
///   so that a debugger's references do not dominate the page's objects.
#[derive(Debug)]
pub struct EssentialEdges<'a> {
    graph: &'a HeapGraph,
    page_objects: &'a NodeSet,
    weak_maps: &'a WeakMapNames,
    /// Nodes that names of edges give as the table of a `WeakMap`: the names of all other nodes'
    /// edges need not be read.
    weak_tables: NodeSet,
}

/// The rule for the edges of one node: what depends on the source alone is settled.
#[derive(Debug, Clone, Copy)]
pub struct EssentialEdgesOf<'a> {
    all: &'a EssentialEdges<'a>,
    source: NodeIndex,
    is_root: bool,
    is_page_object: bool,
    is_weak_table: bool,
}

impl<'a> EssentialEdges<'a> {
    /// The rule for `graph`.
    pub fn new(graph: &'a HeapGraph, known: &'a KnownStrings, page_objects: &'a NodeSet) -> Self {
        let weak_maps = &known.weak_maps;
        let tables: FxHashSet<u32> = weak_maps.iter().filter_map(|name| Some(name.table?.0)).collect();
        let mut weak_tables = NodeSet::new(graph.node_count());
        if !tables.is_empty() {
            for n in graph.node_indices().filter(|&n| tables.contains(&graph.id(n).0)) {
                weak_tables.insert(n);
            }
        }
        Self { graph, page_objects, weak_maps, weak_tables }
    }

    /// The graph the rule is for.
    pub fn graph(&self) -> &'a HeapGraph {
        self.graph
    }

    /// The rule for the edges of `source`.
    #[inline(always)]
    pub fn of(&'a self, source: NodeIndex) -> EssentialEdgesOf<'a> {
        EssentialEdgesOf {
            all: self,
            source,
            is_root: source == self.graph.root,
            is_page_object: self.page_objects.contains(source),
            is_weak_table: self.weak_tables.contains(source),
        }
    }
}

impl EssentialEdgesOf<'_> {
    /// Whether the edge at position `edge`, whose word is `word`, is essential.
    #[inline(always)]
    pub fn contain(&self, edge: usize, word: u32) -> bool {
        let target = NodeIndex(word >> 3);
        match EdgeKind::from_bits(word) {
            EdgeKind::Weak => return false,
            EdgeKind::Internal if self.is_weak_table && self.is_named_after_source(edge) => return false,
            _ if target == self.source => return false,
            _ if self.is_root => return true,
            EdgeKind::Shortcut => return false,
            _ => {}
        }
        self.is_page_object || !self.all.page_objects.contains(target)
    }

    fn is_named_after_source(&self, edge: usize) -> bool {
        let graph = self.all.graph;
        let name = StringIndex(graph.edges.names[edge]);
        self.all.weak_maps.get(name).is_some_and(|name| name.table == Some(graph.id(self.source)))
    }
}
