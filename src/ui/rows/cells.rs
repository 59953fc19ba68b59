//! The cells of objects, references and classes: written and colored in the same way in every
//! table.

use crate::analysis::Heap;
use crate::analysis::naming::edge_names::edge_cell_text;
use crate::graph::{Detachedness, Edge, EdgeKind, NodeIndex, NodeKind};
use crate::text::Text;
use crate::ui::terms;
use crate::ui::tree::{Cell, Mark, RowView, Span, Tone};
use crate::{units, visible};
use std::borrow::Cow;

/// Longest text of a cell in bytes: more than fits on any line, less than is slow to copy for
/// every frame.
const LONGEST: usize = 1000;

/// `text` on one line: what acts on a line rather than standing on it is written as an escape
/// ([`visible::one_line`]), and what is longer than any line ends in `…`.
pub fn one_line(text: Text<'_>) -> String {
    let bytes = text.as_bytes();
    let cut =
        (0..=LONGEST.min(bytes.len())).rev().find(|&i| bytes.get(i).is_none_or(|b| b & 0xC0 != 0x80)).unwrap_or(0);
    let mut line = visible::one_line(&Text(&bytes[..cut]).lossy()).into_owned();
    if cut < bytes.len() {
        line.push('…');
    }
    line
}

/// The kind of value an object is.
pub fn value_tone(heap: &Heap, n: NodeIndex) -> Tone {
    match heap.kind(n) {
        NodeKind::STRING | NodeKind::CONS_STRING | NodeKind::SLICED_STRING | NodeKind::REGEXP => Tone::String,
        NodeKind::NUMBER | NodeKind::BIGINT | NodeKind::SYMBOL => Tone::Number,
        NodeKind::CLOSURE => Tone::Function,
        NodeKind::HIDDEN | NodeKind::ARRAY | NodeKind::CODE | NodeKind::OBJECT_SHAPE | NodeKind::SYNTHETIC => {
            Tone::System
        }
        _ if heap.graph.raw_name(n).starts_with("system / ") => Tone::System,
        NodeKind::NATIVE => Tone::Native,
        _ => Tone::Normal,
    }
}

/// The value of `n` as a tree writes it, short enough for a line.
fn value_text(heap: &Heap, n: NodeIndex) -> String {
    let name = heap.graph.raw_name(n);
    // Not to copy megabytes for what is going to be cut.
    if heap.kind(n) == NodeKind::STRING && name.as_bytes().len() > LONGEST {
        return format!("\"{}", one_line(name));
    }
    one_line(heap.cell_text(n).as_text())
}

/// An object: its value and its id.
pub fn object(heap: &Heap, n: NodeIndex) -> Vec<Span> {
    vec![Span::code(value_text(heap, n), value_tone(heap, n)), Span::code(format!(" {}", heap.id(n)), Tone::Id)]
}

/// The kind of a reference's name.
pub fn reference_tone(edge: &Edge) -> Tone {
    match edge.kind {
        EdgeKind::Internal | EdgeKind::Hidden | EdgeKind::Weak => Tone::System,
        EdgeKind::Element | EdgeKind::Context => Tone::Index,
        EdgeKind::Property | EdgeKind::Shortcut | EdgeKind::Other => Tone::Property,
    }
}

/// The name of a reference.
pub fn reference_name(heap: &Heap, edge: &Edge) -> Span {
    Span::code(one_line(edge_cell_text(&heap.graph, edge).as_text()), reference_tone(edge))
}

/// A reference and what it leads to: `name :: value @id`.
pub fn reference(heap: &Heap, edge: &Edge) -> Vec<Span> {
    let mut spans = vec![reference_name(heap, edge), Span::code(" :: ", Tone::Quiet)];
    spans.extend(object(heap, edge.target));
    spans
}

/// A reference and where it comes from: `name in value @id`.
pub fn retainer(heap: &Heap, edge: &Edge, source: NodeIndex) -> Vec<Span> {
    let mut spans = vec![reference_name(heap, edge), Span::words(" in ", Tone::Quiet)];
    spans.extend(object(heap, source));
    spans
}

/// A class and how many objects it has: `name ×N`.
pub fn class(name: Text<'_>, count: u64) -> Vec<Span> {
    let tone = match name.as_bytes() {
        [b'(', ..] => Tone::System,
        _ if name.starts_with("system / ") => Tone::System,
        _ => Tone::Normal,
    };
    let mut spans = vec![Span::code(one_line(name), tone)];
    if count > 1 {
        spans.push(Span::code(format!("  ×{}", units::count(count)), Tone::Quiet));
    }
    spans
}

/// A distance.
pub fn distance(distance: i32) -> Cell {
    Cell::figure(units::distance(distance))
}

/// A size with its share of the heap.
pub fn size(heap: &Heap, bytes: u64) -> Cell {
    Cell::share(units::kilobytes(bytes), bytes, heap.total_size())
}

/// The cells after the first one in tables of objects: distance, shallow and retained size.
pub fn figures(heap: &Heap, n: NodeIndex) -> [Cell; 3] {
    [distance(heap.distance(n)), size(heap, heap.shallow_size(n)), size(heap, heap.retained_size(n))]
}

/// The row of a table of objects that begins with `name` and is about `n`.
pub fn object_row(heap: &Heap, name: Vec<Span>, n: NodeIndex) -> RowView {
    let [distance, shallow_size, retained_size] = figures(heap, n);
    RowView { marks: marks(heap, n), ..RowView::new(vec![Cell::Text(name), distance, shallow_size, retained_size]) }
}

/// What precedes an object.
pub fn marks(heap: &Heap, n: NodeIndex) -> Vec<Mark> {
    let mut marks = Vec::new();
    let kind = heap.kind(n);
    let is_window = || kind == NodeKind::OBJECT && heap.graph.raw_name(n).starts_with("Window");
    let is_reachable = || heap.known_reachable_from_window().is_some_and(|reachable| reachable.contains(n));
    if kind == NodeKind::STRING || is_reachable() || is_window() {
        marks.push(Mark::WindowReachable);
    }
    if kind == NodeKind::NATIVE && heap.detachedness(n) == Detachedness::Detached {
        marks.push(Mark::Detached);
    }
    marks
}

/// What hovering over a size says: all its digits.
pub fn exact_size(bytes: u64) -> String {
    match units::bytes(bytes) {
        short if bytes < 1000 => short,
        short => format!("{short} ({}{}B)", units::count(bytes), units::NBSP),
    }
}

/// What hovering over the cell `column` of the row of an object says.
pub fn object_tooltip(heap: &Heap, n: NodeIndex, column: usize) -> Option<String> {
    match column {
        0 => explanation(heap, n).map(Cow::into_owned),
        super::SHALLOW_SIZE => Some(exact_size(heap.shallow_size(n))),
        super::RETAINED_SIZE => Some(exact_size(heap.retained_size(n))),
        _ => None,
    }
}

/// What kind of thing `n` is, where its name does not say so.
fn explanation(heap: &Heap, n: NodeIndex) -> Option<Cow<'static, str>> {
    let name = heap.raw_name(n).as_text().lossy().into_owned();
    let class = heap.class_name(n).lossy().into_owned();
    let by_kind = match heap.kind(n) {
        NodeKind::ARRAY if name.is_empty() => terms::class("(internal array)"),
        _ => None,
    };
    let text = by_kind
        .or_else(|| terms::class(&name).filter(|_| !heap.kind(n).is_any_string()))
        .or_else(|| terms::class(&class));
    let marks = marks(heap, n).into_iter().filter(|m| *m == Mark::Detached).map(Mark::meaning);
    let all: Vec<&str> = text.into_iter().chain(marks).collect();
    (!all.is_empty()).then(|| Cow::Owned(all.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Progress;
    use crate::testing::SnapshotBuilder;

    fn text(spans: &[Span]) -> String {
        spans.iter().map(|s| s.text.as_str()).collect()
    }

    #[test]
    fn long_and_broken_texts_stay_on_one_line() {
        assert_eq!(one_line(Text::from("a\nb\tc\u{1}d")), "a\\nb\\tc\\u{1}d");
        assert_eq!(one_line(Text::from("invoice\u{202e}gpj.exe")), "invoice\\u{202e}gpj.exe");
        let long = "é".repeat(LONGEST);
        let line = one_line(Text::from(&*long));
        assert_eq!(line.chars().count(), LONGEST / 2 + 1);
        assert!(line.ends_with("é…"));
    }

    #[test]
    fn objects_and_references_read_as_in_devtools() {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        let list = b.node("array", "", 16);
        let agent = b.node("string", "loadtest", 24);
        b.edge(root, "property", "list", list);
        b.edge(list, "element", "7", agent);
        let heap = Heap::analyze(b.graph(), &Progress::new()).unwrap();
        let (list, agent) = (NodeIndex(1), NodeIndex(2));
        let edge = heap.edges(list).next().unwrap();
        assert_eq!(text(&reference(&heap, &edge)), format!("[7] :: \"loadtest\" {}", heap.id(agent)));
        assert_eq!(text(&retainer(&heap, &edge, list)), format!("[7] in (internal array)[] {}", heap.id(list)));
        assert_eq!(reference(&heap, &edge)[2].tone, Tone::String);
        assert_eq!(text(&class(Text::from("Object"), 7893)), "Object  ×7,893");
        assert_eq!(text(&class(Text::from("Object"), 1)), "Object");
    }
}
