//! What the edges of a tree are called, and how their names order.

use crate::analysis::order::sort::{Direction, text_prefix};
use crate::graph::{Edge, EdgeIndex, EdgeKind, HeapGraph};
use crate::text::{Text, TextBuf, TextCow};
use std::cmp::Ordering;

/// The name of an edge as tables show it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum EdgeName<'a> {
    /// A number: of elements, hidden edges, and shortcuts whose name begins with one.
    Number(f64),
    /// A name.
    Text(Text<'a>),
}

impl<'a> EdgeName<'a> {
    /// The name of `edge`.
    pub fn of(graph: &'a HeapGraph, edge: &Edge) -> Self {
        match graph.edge_string(edge) {
            None => Self::Number(f64::from(edge.name_or_index)),
            Some(text) if edge.kind == EdgeKind::Shortcut => text.parse_int().map_or(Self::Text(text), Self::Number),
            Some(text) => Self::Text(text),
        }
    }

    /// The name as text.
    pub fn text(self) -> TextCow<'a> {
        match self {
            Self::Number(n) => TextCow::Owned(TextBuf::from(&*number_text(n))),
            Self::Text(text) => TextCow::Borrowed(text),
        }
    }

    /// A number that orders most names: which kind of name it is, then how its text begins.
    fn prefix(self) -> u128 {
        match self {
            Self::Text(text) if text == "__proto__" => PROTO,
            Self::Text(text) => TEXT << 120 | text_prefix(text),
            Self::Number(n) => NUMBER << 120 | text_prefix(Text::from(&*number_text(n))),
        }
    }
}

const TEXT: u128 = 1;
const NUMBER: u128 = 2;
const PROTO: u128 = u128::MAX;

/// A number as JavaScript writes it.
fn number_text(n: f64) -> String {
    if n == 0.0 {
        // No sign: parseInt makes −0 of "-0".
        "0".into()
    } else if n.abs() < 1e21 {
        n.to_string()
    } else if n.is_infinite() {
        if n > 0.0 { "Infinity".into() } else { "-Infinity".into() }
    } else {
        format!("{n:e}").replace('e', "e+")
    }
}

/// The name of `edge` as a cell of a tree writes it: `[3]`, `(empty)`, `name`.
pub fn edge_cell_text<'a>(graph: &'a HeapGraph, edge: &Edge) -> TextCow<'a> {
    match EdgeName::of(graph, edge) {
        EdgeName::Number(n) if edge.kind == EdgeKind::Element => {
            TextCow::Owned(TextBuf::from(&*format!("[{}]", number_text(n))))
        }
        EdgeName::Text(text) if text.is_empty() => TextCow::Borrowed(Text::from("(empty)")),
        name => name.text(),
    }
}

/// Where the name of an edge belongs in a list sorted in one direction: names before numbers,
/// `__proto__` last in both directions, and everything, numbers too, compared as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EdgeNameKey {
    prefix: u128,
    edge: EdgeIndex,
}

impl EdgeNameKey {
    /// The key of `edge` in a list sorted in `direction`.
    pub fn new(graph: &HeapGraph, edge: &Edge, direction: Direction) -> Self {
        let prefix = EdgeName::of(graph, edge).prefix();
        let prefix = if direction == Direction::Descending && prefix != PROTO { !prefix } else { prefix };
        Self { prefix, edge: edge.index }
    }

    /// The edge.
    pub fn edge(self) -> EdgeIndex {
        self.edge
    }

    /// Compares two keys made for `direction`.
    pub fn compare(self, other: Self, graph: &HeapGraph, direction: Direction) -> Ordering {
        self.prefix.cmp(&other.prefix).then_with(|| {
            if self.prefix == PROTO {
                return Ordering::Equal;
            }
            let name = |key: Self| EdgeName::of(graph, &graph.edge(key.edge));
            match (name(self), name(other)) {
                (EdgeName::Number(a), EdgeName::Number(b)) if a == b => Ordering::Equal,
                (a, b) => direction.apply(a.text().as_text().cmp_utf16(b.text().as_text())),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::SnapshotBuilder;

    /// Edge names of a graph with one node, in the order of `direction`.
    fn sorted(edges: &[(&str, &str)], direction: Direction) -> Vec<String> {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        for (kind, name) in edges {
            b.edge(root, kind, name, root);
        }
        let graph = b.graph();
        let mut keys: Vec<_> = graph.edges(graph.root).map(|e| EdgeNameKey::new(&graph, &e, direction)).collect();
        keys.sort_by(|a, b| a.compare(*b, &graph, direction));
        keys.iter().map(|k| EdgeName::of(&graph, &graph.edge(k.edge())).text().to_string()).collect()
    }

    #[test]
    fn names_stand_before_numbers_and_proto_stands_last_in_both_directions() {
        let edges = [
            ("property", "__proto__"),
            ("element", "10"),
            ("element", "9"),
            ("property", "b"),
            ("property", "a_name_longer_than_fifteen_2"),
            ("property", "a_name_longer_than_fifteen_1"),
            ("hidden", "100"),
            ("property", ""),
        ];
        let mut expected = ["", "a_name_longer_than_fifteen_1", "a_name_longer_than_fifteen_2", "b", "10", "100", "9"];
        let with_proto = |e: &[&str]| [e, &["__proto__"]].concat().iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(sorted(&edges, Direction::Ascending), with_proto(&expected));
        expected.reverse();
        assert_eq!(sorted(&edges, Direction::Descending), with_proto(&expected));
    }

    #[test]
    fn shortcuts_that_begin_with_a_number_are_numbers() {
        let edges = [("shortcut", "12abc"), ("shortcut", "-0"), ("shortcut", "x1"), ("element", "5")];
        assert_eq!(sorted(&edges, Direction::Ascending), ["x1", "0", "12", "5"]);
    }

    #[test]
    fn numbers_are_written_as_javascript_writes_them() {
        for (n, text) in [
            (1e21, "1e+21"),
            (-15.0, "-15"),
            (1.5e300, "1.5e+300"),
            (123_456_789_012_345_680_000.0, "123456789012345680000"),
        ] {
            assert_eq!(number_text(n), text);
        }
        assert_eq!(number_text(f64::INFINITY), "Infinity");
    }

    #[test]
    fn cells_bracket_elements_and_say_when_a_name_is_empty() {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        for (kind, name) in [("element", "3"), ("hidden", "4"), ("property", ""), ("context", "x")] {
            b.edge(root, kind, name, root);
        }
        let graph = b.graph();
        let cells: Vec<_> = graph.edges(graph.root).map(|e| edge_cell_text(&graph, &e).to_string()).collect();
        assert_eq!(cells, ["[3]", "4", "(empty)", "x"]);
    }
}
