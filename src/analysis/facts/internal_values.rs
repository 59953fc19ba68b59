//! Values that V8 writes as objects: booleans and integers behind internal edges.

use crate::graph::{EdgeKind, HeapGraph, NodeIndex, NodeKind};
use crate::text::Text;

/// The target of the first internal edge of `n` with this name.
pub fn internal_target(graph: &HeapGraph, n: NodeIndex, name: &str) -> Option<NodeIndex> {
    let edge = graph.edges(n).find(|e| e.kind == EdgeKind::Internal && graph.edge_string(e).is_some_and(|t| t == name));
    edge.map(|e| e.target)
}

/// The boolean that a node of type number stands for.
pub fn bool_value(graph: &HeapGraph, n: NodeIndex) -> Option<bool> {
    match number_value(graph, n, "bool")?.as_bytes() {
        b"true" => Some(true),
        b"false" => Some(false),
        _ => None,
    }
}

/// The integer that a node of type number stands for.
pub fn int_value(graph: &HeapGraph, n: NodeIndex) -> Option<i64> {
    number_value(graph, n, "int")?.parse_int().map(|v| v as i64)
}

/// The text behind a number node called `name`.
fn number_value<'a>(graph: &'a HeapGraph, n: NodeIndex, name: &str) -> Option<Text<'a>> {
    let is_number = graph.kind(n) == NodeKind::NUMBER && graph.raw_name(n) == name;
    let value = is_number.then(|| internal_target(graph, n, "value"))??;
    Some(graph.raw_name(value))
}

#[cfg(test)]
mod tests {
    use super::*;
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
        let graph = b.graph();
        let values: Vec<_> =
            [1, 3, 5, 7, 9].map(NodeIndex).map(|n| (int_value(&graph, n), bool_value(&graph, n))).into();
        assert_eq!(values, [(Some(-12), None), (None, None), (None, Some(true)), (None, None), (None, None)]);
        assert_eq!(internal_target(&graph, NodeIndex(1), "value"), Some(NodeIndex(2)));
    }
}
