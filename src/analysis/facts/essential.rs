//! Which edges keep their targets alive, as far as dominators are concerned.

use super::known_strings::KnownStrings;
use super::weak_maps::WeakMapNames;
use crate::graph::{EdgeKind, EdgeWord, HeapGraph, NodeIndex, NodeSet, StringIndex};

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
    /// `None` for the rule without its part about the page.
    page_objects: Option<&'a NodeSet>,
    weak_maps: &'a WeakMapNames,
    /// Nodes that names of edges give as the table of a `WeakMap`: the names of all other nodes'
    /// edges need not be read. `None` where there are none.
    weak_tables: Option<NodeSet>,
}

/// The rule for the edges of one node: what depends on the source alone is settled.
#[derive(Debug, Clone, Copy)]
pub struct EssentialEdgesOf<'a> {
    all: &'a EssentialEdges<'a>,
    source: NodeIndex,
    is_root: bool,
    /// The page's objects, if the edges to them are not essential.
    not_to: Option<&'a NodeSet>,
}

impl<'a> EssentialEdges<'a> {
    /// The rule for `graph`.
    pub fn new(graph: &'a HeapGraph, known: &'a KnownStrings, page_objects: &'a NodeSet) -> Self {
        Self { page_objects: Some(page_objects), ..Self::without_page(graph, known) }
    }

    /// The rule but for its part about the page: that for edges of what the page owns.
    pub fn without_page(graph: &'a HeapGraph, known: &'a KnownStrings) -> Self {
        let weak_maps = &known.weak_maps;
        let mut tables: Vec<u32> = weak_maps.iter().filter_map(|name| Some(name.table?.0)).collect();
        tables.sort_unstable();
        tables.dedup();
        let weak_tables = (!tables.is_empty()).then(|| {
            let mut weak_tables = NodeSet::new(graph.node_count());
            graph.nodes.ids.find_all(&tables, |n| {
                weak_tables.insert(n);
            });
            weak_tables
        });
        Self { graph, page_objects: None, weak_maps, weak_tables }
    }

    /// The whole rule, now that the page's objects are known.
    pub fn with_page<'b>(&self, page_objects: &'b NodeSet) -> EssentialEdges<'b>
    where
        'a: 'b,
    {
        let Self { graph, weak_maps, .. } = *self;
        EssentialEdges { graph, page_objects: Some(page_objects), weak_maps, weak_tables: self.weak_tables.clone() }
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
            not_to: self.page_objects.filter(|page| !page.contains(source)),
        }
    }
}

impl EssentialEdgesOf<'_> {
    /// Whether the edge at position `edge`, whose word is `word`, is essential.
    #[inline(always)]
    pub fn contain(&self, edge: usize, word: EdgeWord) -> bool {
        let target = word.target();
        match word.kind() {
            EdgeKind::Weak => return false,
            EdgeKind::Internal if self.is_of_weak_table(edge) => return false,
            _ if target == self.source => return false,
            _ if self.is_root => return true,
            EdgeKind::Shortcut => return false,
            _ => {}
        }
        self.not_to.is_none_or(|page| !page.contains(target))
    }

    /// Whether the edge is one from the table of a `WeakMap` to a value.
    #[inline(always)]
    fn is_of_weak_table(&self, edge: usize) -> bool {
        let is_weak_table = self.all.weak_tables.as_ref().is_some_and(|tables| tables.contains(self.source));
        is_weak_table && self.is_named_after_source(edge)
    }

    #[cold]
    #[inline(never)]
    fn is_named_after_source(&self, edge: usize) -> bool {
        let graph = self.all.graph;
        let name = StringIndex(graph.edges.names.get(edge));
        self.all.weak_maps.get(name).is_some_and(|name| name.table == Some(graph.id(self.source)))
    }
}
