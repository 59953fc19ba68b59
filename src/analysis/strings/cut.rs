//! Strings whose beginning alone is in the file.

use crate::analysis::Heap;
use crate::analysis::facts::internal_values::{bool_value, int_value, internal_target};
use crate::graph::{Edge, EdgeKind, NodeIndex, StringIndex};

/// Length and hash of a string that the file holds only the beginning of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
pub struct Truncated {
    /// Its real length, if the file says.
    pub length: Option<i64>,
    /// The engine's hash of the whole text, if the file says.
    pub hash: Option<i64>,
}

/// What is known of the text of `n`, if it was cut off.
pub(in crate::analysis) fn truncated(heap: &Heap, n: NodeIndex) -> Option<Truncated> {
    let (graph, marks) = (&heap.graph, &heap.facts.known_strings.truncated);
    // Most files have no such marks, and most of their strings no edges.
    if marks.is_empty() || graph.edge_range(n).is_empty() {
        return None;
    }
    let is_mark = |e: &Edge| e.kind == EdgeKind::Internal && marks.contain(StringIndex(e.name_or_index));
    let mark = graph.edges(n).find(is_mark)?.target;
    let int = |name| internal_target(&heap.graph, n, name).and_then(|t| int_value(&heap.graph, t));
    bool_value(&heap.graph, mark)?.then(|| Truncated { length: int("length"), hash: int("hash") })
}
