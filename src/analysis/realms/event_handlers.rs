//! Functions that handle events, as far as the objects of the engine's listeners tell.

use crate::analysis::Heap;
use crate::analysis::naming::edge_names::EdgeName;
use crate::graph::{NodeIndex, NodeSet};

const LISTENER: &str = "V8EventListener";

/// The handler behind each `V8EventListener`: the function it calls, or the first function in the
/// object it calls (frameworks wrap theirs), or that object.
pub fn event_handlers(heap: &Heap) -> NodeSet {
    let graph = &heap.graph;
    let mut handlers = NodeSet::new(graph.node_count());
    if graph.strings.find(LISTENER).is_none() {
        return handlers;
    }
    for n in graph.node_indices().filter(|&n| heap.raw_name(n).as_text() == LISTENER) {
        if let Some(callback) = target(heap, n, "1") {
            handlers.insert(function_in(heap, callback));
        }
    }
    handlers
}

/// `callback` if it is a function, else its first child that is one, else `callback` all the same.
fn function_in(heap: &Heap, callback: NodeIndex) -> NodeIndex {
    let is_function = |n: NodeIndex| target(heap, n, "code").is_some();
    if is_function(callback) {
        return callback;
    }
    heap.graph.edges(callback).map(|e| e.target).find(|&child| is_function(child)).unwrap_or(callback)
}

/// The target of the first edge, of any type, that is shown under this name.
fn target(heap: &Heap, n: NodeIndex, name: &str) -> Option<NodeIndex> {
    let edge = heap.graph.edges(n).find(|e| EdgeName::of(&heap.graph, e).text().as_text() == name);
    edge.map(|e| e.target)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Progress;
    use crate::testing::SnapshotBuilder;

    #[test]
    fn a_handler_is_the_function_called_or_the_first_one_in_the_object_called() {
        let mut b = SnapshotBuilder::new();
        b.node("synthetic", "", 0);
        let code = b.node("code", "code", 8);
        let mut listener = |calls: Option<usize>, kind: &str| {
            let n = b.node("native", "V8EventListener", 8);
            if let Some(calls) = calls {
                b.edge(n, kind, "1", calls);
            }
            b.node("closure", "f", 8)
        };
        let function = listener(None, "element");
        let in_object = listener(Some(function), "element");
        let object = listener(Some(in_object + 1), "internal");
        b.edge(function, "internal", "code", code);
        b.edge(in_object, "property", "code", code);
        // The object holds something else first, then a function.
        let wrapper = in_object + 1;
        b.edge(wrapper, "property", "options", object);
        b.edge(wrapper, "property", "call", in_object);
        let empty = b.node("native", "V8EventListener", 8);
        b.edge(empty, "hidden", "1", object);
        let heap = Heap::analyze(b.graph(), &Progress::new()).unwrap();
        let handlers: Vec<usize> = event_handlers(&heap).iter().map(NodeIndex::at).collect();
        assert_eq!(handlers, [function, in_object, object]);
    }
}
