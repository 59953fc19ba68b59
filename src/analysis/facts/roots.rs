//! Which targets of the root's edges are the user's, the starting points of distances, and which
//! are the page's.

use super::known_strings::KnownStrings;
use crate::graph::{Edge, EdgeKind, HeapGraph, NodeIndex, NodeKind};

/// The edges of the root, if there is one.
pub fn root_edges(graph: &HeapGraph) -> impl Iterator<Item = Edge> + '_ {
    (graph.node_count() > 0).then(|| graph.edges(graph.root)).into_iter().flatten()
}

/// Whether `n` is synthetic and called `(Document DOM trees)`.
pub fn is_document_dom_trees(graph: &HeapGraph, known: &KnownStrings, n: NodeIndex) -> bool {
    graph.kind(n) == NodeKind::SYNTHETIC && known.document_dom_trees.contain(graph.name_index(n))
}

/// The user's roots, one for each edge of the root that leads to one. Snapshots taken with the
/// engine's internals exposed have none.
pub fn user_roots<'a>(graph: &'a HeapGraph, known: &'a KnownStrings) -> impl Iterator<Item = NodeIndex> + 'a {
    root_edges(graph)
        .map(|edge| edge.target)
        .filter(|&n| graph.kind(n) != NodeKind::SYNTHETIC || is_document_dom_trees(graph, known, n))
}

/// The edges of the root that lead to the page's windows and documents.
pub fn page_edges<'a>(graph: &'a HeapGraph, known: &'a KnownStrings) -> impl Iterator<Item = Edge> + 'a {
    root_edges(graph).filter(|edge| match edge.kind {
        EdgeKind::Shortcut => true,
        EdgeKind::Element => is_document_dom_trees(graph, known, edge.target),
        _ => false,
    })
}
