//! Strings that were concatenated and then put together: wrappers of their own text.

use crate::analysis::Heap;
use crate::graph::{EdgeKind, NodeIndex, NodeKind};

/// A concatenated string with an empty part is what the engine leaves of a string that it has put
/// together: a wrapper, no duplicate.
pub(in crate::analysis) fn is_flat(heap: &Heap, n: NodeIndex) -> bool {
    let graph = &heap.graph;
    graph.edges(n).any(|e| {
        e.kind == EdgeKind::Internal
            && graph.edge_string(&e).is_some_and(|name| name == "first" || name == "second")
            && is_empty(heap, e.target)
    })
}

/// Whether the name of `n` is empty, told without putting it together where that is possible.
fn is_empty(heap: &Heap, n: NodeIndex) -> bool {
    match heap.kind(n) {
        NodeKind::STRING => heap.graph.raw_name(n).is_empty(),
        _ => heap.name(n).as_text().is_empty(),
    }
}
