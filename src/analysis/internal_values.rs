//! Values that V8 writes as objects: booleans and integers behind internal edges.

use super::Heap;
use crate::graph::{EdgeKind, NodeIndex, NodeKind};
use crate::text::Text;

/// The target of the first internal edge of `n` with this name.
pub fn internal_target(heap: &Heap, n: NodeIndex, name: &str) -> Option<NodeIndex> {
    let graph = &heap.graph;
    let edge = graph.edges(n).find(|e| e.kind == EdgeKind::Internal && graph.edge_string(e).is_some_and(|t| t == name));
    edge.map(|e| e.target)
}

/// The boolean that a node of type number stands for.
pub fn bool_value(heap: &Heap, n: NodeIndex) -> Option<bool> {
    match number_value(heap, n, "bool")?.as_bytes() {
        b"true" => Some(true),
        b"false" => Some(false),
        _ => None,
    }
}

/// The integer that a node of type number stands for.
pub fn int_value(heap: &Heap, n: NodeIndex) -> Option<i64> {
    number_value(heap, n, "int")?.parse_int().map(|v| v as i64)
}

/// The text behind a number node called `name`.
fn number_value<'a>(heap: &'a Heap, n: NodeIndex, name: &str) -> Option<Text<'a>> {
    let is_number = heap.kind(n) == NodeKind::NUMBER && heap.graph.raw_name(n) == name;
    let value = is_number.then(|| internal_target(heap, n, "value"))??;
    Some(heap.graph.raw_name(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Progress;
    use crate::testing::SnapshotBuilder;

    #[test]
    fn numbers_stand_behind_their_value_edges() {
        let mut b = SnapshotBuilder::new();
        b.node("synthetic", "", 0);
        for (kind, name, value) in [
            ("number", "int", "-12"),
            ("number", "int", "x"),
            ("number", "bool", "true"),
            ("number", "bool", "maybe"),
            ("object", "int", "5"),
        ] {
            let n = b.node(kind, name, 0);
            let text = b.node("string", value, 0);
            b.edge(n, "property", "value", n);
            b.edge(n, "internal", "value", text);
        }
        let heap = Heap::analyze(b.graph(), &Progress::new()).unwrap();
        let values: Vec<_> = [1, 3, 5, 7, 9].map(NodeIndex).map(|n| (int_value(&heap, n), bool_value(&heap, n))).into();
        assert_eq!(values, [(Some(-12), None), (None, None), (None, Some(true)), (None, None), (None, None)]);
        assert_eq!(internal_target(&heap, NodeIndex(1), "value"), Some(NodeIndex(2)));
    }
}
