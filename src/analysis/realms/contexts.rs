//! Context objects: where closures keep their variables.

use crate::analysis::Heap;
use crate::graph::{NodeIndex, NodeSet, StringSet};
use crate::text::Text;

/// Whether `n` is a context of a closure.
pub fn is_context(heap: &Heap, n: NodeIndex) -> bool {
    is_name_of_context(heap.raw_name(n).as_text())
}

/// All contexts. Looks at each distinct name once.
pub fn contexts(heap: &Heap) -> NodeSet {
    let graph = &heap.graph;
    let is_name = |i| is_name_of_context(graph.strings.get(i));
    let names = StringSet::from_fn_of_all_threads(graph.strings.len(), is_name);
    NodeSet::from_fn_of_all_threads(graph.node_count(), |n| names.contains(graph.name_index(n)) && is_context(heap, n))
}

fn is_name_of_context(name: Text<'_>) -> bool {
    name == "system / Context" || name.starts_with("system / Context / ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Progress;
    use crate::testing::SnapshotBuilder;

    #[test]
    fn contexts_are_known_by_their_names() {
        let mut b = SnapshotBuilder::new();
        b.node("synthetic", "", 0);
        for name in ["system / Context", "system / Context / scope", "system / ContextFoo", "Context"] {
            b.node("object", name, 8);
        }
        let heap = Heap::analyze(b.graph(), &Progress::new()).unwrap();
        assert_eq!(contexts(&heap).iter().map(|n| n.0).collect::<Vec<_>>(), [1, 2]);
    }
}
