//! What an object is called: in tables, in search, in trees.
//!
//! Most names stand in the string table. Concatenated strings and plain objects get theirs from
//! their edges, each time anew: a snapshot has too many of them to keep.

use crate::graph::{EdgeIndex, EdgeKind, HeapGraph, NodeFlags, NodeIndex, NodeKind, PerNode};
use crate::text::{Text, TextBuf, TextCow};
use rustc_hash::FxHashMap;
use unicode_segmentation::UnicodeSegmentation;

/// The prefix of the name of a detached DOM node.
pub const DETACHED_PREFIX: &str = "Detached ";

/// The name of plain objects, made by `{}` or `new Object`.
pub const PLAIN_OBJECT: &str = "Object";

/// A concatenated string's name ends with the piece that reaches this many UTF-16 units.
pub(in crate::analysis) const ENOUGH_UNITS: usize = 1024;

/// Whole values end near this many UTF-16 units: no engine allows longer ones.
const MOST_UNITS: usize = 1 << 26;

/// A preview takes further property names while it stays within this many UTF-16 units.
const MAX_PREVIEW_UNITS: usize = 100;

/// A window's URL is cut to this many graphemes.
const MAX_URL_GRAPHEMES: usize = 40;

/// Whether `n` is of type object and named exactly `Object`.
#[inline]
pub fn is_plain_object(graph: &HeapGraph, n: NodeIndex) -> bool {
    graph.kind(n) == NodeKind::OBJECT && graph.raw_name(n) == PLAIN_OBJECT
}

/// The name in the file, with `Detached ` before it where propagation found a detached DOM node.
pub fn raw_name<'a>(graph: &'a HeapGraph, flags: &PerNode<NodeFlags>, n: NodeIndex) -> TextCow<'a> {
    let name = graph.raw_name(n);
    if flags[n].has(NodeFlags::RENAMED) {
        let mut renamed = TextBuf::from(DETACHED_PREFIX);
        renamed.push(name);
        TextCow::Owned(renamed)
    } else {
        TextCow::Borrowed(name)
    }
}

/// The name that tables show, search looks through and sorting goes by.
pub fn displayed_name<'a>(graph: &'a HeapGraph, flags: &PerNode<NodeFlags>, n: NodeIndex) -> TextCow<'a> {
    match graph.kind(n) {
        NodeKind::CONS_STRING => TextCow::Owned(concatenated(graph, flags, n, ENOUGH_UNITS)),
        NodeKind::OBJECT if graph.raw_name(n) == PLAIN_OBJECT => TextCow::Owned(preview(graph, n)),
        _ => raw_name(graph, flags, n),
    }
}

/// The text of a string, all of it that the file has; `None` for what is not a string.
pub fn string_value<'a>(graph: &'a HeapGraph, flags: &PerNode<NodeFlags>, n: NodeIndex) -> Option<TextCow<'a>> {
    match graph.kind(n) {
        NodeKind::CONS_STRING => {
            let enough_units = if runs_into_itself(graph, n) { ENOUGH_UNITS } else { MOST_UNITS };
            Some(TextCow::Owned(concatenated(graph, flags, n, enough_units)))
        }
        kind if kind.is_any_string() => Some(TextCow::Borrowed(graph.raw_name(n))),
        _ => None,
    }
}

/// The name as a cell of a tree writes it: strings quoted, functions with parentheses.
pub fn cell_text<'a>(graph: &'a HeapGraph, flags: &PerNode<NodeFlags>, n: NodeIndex) -> TextCow<'a> {
    let name = displayed_name(graph, flags, n);
    let text = name.as_text();
    let between = |before: &str, after: &str| {
        let mut cell = TextBuf::from(before);
        cell.push(text);
        cell.push_str(after);
        TextCow::Owned(cell)
    };
    match graph.kind(n) {
        NodeKind::STRING | NodeKind::CONS_STRING => between("\"", "\""),
        NodeKind::REGEXP => between("/", "/"),
        NodeKind::CLOSURE => between("", "()"),
        NodeKind::ARRAY if text.is_empty() => TextCow::Owned("(internal array)[]".into()),
        NodeKind::ARRAY => between("", "[]"),
        NodeKind::OBJECT if text.starts_with("Window") => shorten_window_url(text).map_or(name, TextCow::Owned),
        _ => name,
    }
}

/// A property name as previews and interfaces write it: as a JSON literal if it holds a
/// character that would be mistaken for the text around it.
pub fn property_text(name: Text<'_>) -> TextCow<'_> {
    if !name.as_bytes().iter().any(|b| b",'\"{}".contains(b)) {
        return TextCow::Borrowed(name);
    }
    let mut json = String::new();
    name.write_json(&mut json);
    TextCow::Owned(TextBuf(json.into_bytes()))
}

/// The name of the edge at `edge`, if previews show it.
fn shown_property(graph: &HeapGraph, edge: usize) -> Option<Text<'_>> {
    let edge = graph.edge(EdgeIndex(edge as u32));
    if edge.kind != EdgeKind::Property {
        return None;
    }
    graph.edge_string(&edge).filter(|name| *name != "__proto__")
}

/// `{a, b, …, y, z}`: names taken in turn from the first and from the last properties.
fn preview(graph: &HeapGraph, n: NodeIndex) -> TextBuf {
    let (mut front, mut back) = (Side::default(), Side::default());
    let mut rest = graph.edge_range(n);
    let mut from_back = false;
    while !rest.is_empty() {
        let edge = if from_back { rest.end - 1 } else { rest.start };
        if let Some(name) = shown_property(graph, edge).map(property_text) {
            let units = name.as_text().utf16_len();
            // Two for the braces.
            if front.units > 0 && 2 + front.units + back.units + units > MAX_PREVIEW_UNITS {
                break;
            }
            let side = if from_back { &mut back } else { &mut front };
            side.push(name, units);
            from_back = !from_back;
        }
        rest = if edge == rest.start { edge + 1..rest.end } else { rest.start..edge };
    }
    let mut text = TextBuf::from("{");
    front.pieces.iter().for_each(|piece| text.push(piece.as_text()));
    if !rest.is_empty() {
        text.push_str(", …");
    }
    if back.units > 0 {
        text.push_str(", ");
    }
    back.pieces.iter().rev().for_each(|piece| text.push(piece.as_text()));
    text.push_str("}");
    text
}

/// One end of a preview: names and the separators between them, outermost first.
#[derive(Default)]
struct Side<'a> {
    pieces: Vec<TextCow<'a>>,
    units: usize,
}

impl<'a> Side<'a> {
    fn push(&mut self, name: TextCow<'a>, units: usize) {
        // By length, not by number of names: nothing separates an empty first name from the next.
        if self.units > 0 {
            self.pieces.push(TextCow::Borrowed(Text(b", ")));
            self.units += 2;
        }
        self.pieces.push(name);
        self.units += units;
    }
}

/// The text of a concatenated string: its leaves from left to right, until they have
/// `enough_units`.
fn concatenated(graph: &HeapGraph, flags: &PerNode<NodeFlags>, n: NodeIndex, enough_units: usize) -> TextBuf {
    let mut text = TextBuf::default();
    walk_rope(
        graph,
        n,
        enough_units,
        |part| halves(graph, part),
        |leaf| {
            let piece = raw_name(graph, flags, leaf);
            text.push(piece.as_text());
            piece.as_text().utf16_len()
        },
    );
    text
}

/// Goes through the leaves of a concatenated string from left to right, until they have
/// `enough_units`: `units_of` takes each and says how many it has.
pub(in crate::analysis) fn walk_rope(
    graph: &HeapGraph,
    n: NodeIndex,
    enough_units: usize,
    halves: impl Fn(NodeIndex) -> (NodeIndex, NodeIndex),
    mut units_of: impl FnMut(NodeIndex) -> usize,
) {
    let mut units = 0;
    let mut stack = Vec::with_capacity(8);
    stack.push(n);
    // Between two texts of a sound rope each of its nodes stands once at most, and all of it is nodes
    // and texts; one that runs into itself might never come to a text.
    let patience = most_parts(graph.node_count());
    let mut budget = patience;
    let mut whole_budget = 2 * (graph.node_count() + enough_units);
    while let Some(part) = stack.pop() {
        budget -= 1;
        whole_budget -= 1;
        if graph.kind(part) == NodeKind::CONS_STRING {
            let (first, second) = halves(part);
            stack.push(second);
            stack.push(first);
        } else {
            let units_of_leaf = units_of(part);
            if units_of_leaf > 0 {
                units += units_of_leaf;
                budget = patience;
            }
        }
        if units >= enough_units || budget == 0 || whole_budget == 0 {
            break;
        }
    }
}

/// A walk goes through this many parts of a concatenated string without finding any text.
pub(in crate::analysis) fn most_parts(node_count: usize) -> usize {
    2 * node_count + 2
}

/// Whether a concatenated string is a part of one of its parts, as none is that an engine made.
fn runs_into_itself(graph: &HeapGraph, n: NodeIndex) -> bool {
    // For those already met: whether they are still on the path to the one being looked at.
    let mut is_on_way: FxHashMap<NodeIndex, bool> = FxHashMap::default();
    let mut stack = vec![(n, false)];
    while let Some((part, is_done)) = stack.pop() {
        if is_done {
            is_on_way.insert(part, false);
            continue;
        }
        match is_on_way.get(&part) {
            Some(true) => return true,
            Some(false) => continue,
            None => {}
        }
        is_on_way.insert(part, true);
        stack.push((part, true));
        let (first, second) = halves(graph, part);
        stack.extend(
            [first, second].into_iter().filter(|&h| graph.kind(h) == NodeKind::CONS_STRING).map(|h| (h, false)),
        );
    }
    false
}

/// The targets of the internal edges `first` and `second`; node 0 for a missing one. While one
/// of them is missing, a second edge of the other's name replaces it: so does DevTools.
pub(in crate::analysis) fn halves(graph: &HeapGraph, n: NodeIndex) -> (NodeIndex, NodeIndex) {
    let (mut first, mut second) = (NodeIndex(0), NodeIndex(0));
    for edge in graph.edges(n).filter(|e| e.kind == EdgeKind::Internal) {
        match graph.edge_string(&edge) {
            Some(name) if name == "first" => first = edge.target,
            Some(name) if name == "second" => second = edge.target,
            _ => continue,
        }
        if first.0 != 0 && second.0 != 0 {
            break;
        }
    }
    (first, second)
}

/// `Window / https://host/…` with the URL cut in the middle; `None` where there is no slash.
fn shorten_window_url(name: Text<'_>) -> Option<TextBuf> {
    let name = name.lossy();
    let slash = name.find('/')?;
    let url = name[slash + 1..].trim_start();
    let url = ["https://", "http://", "file://"]
        .iter()
        .find(|scheme| url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
        .map_or(url, |scheme| &url[scheme.len()..]);
    // What follows the slash stays, be it the space it always is.
    let after = name[slash + 1..].chars().next().map_or(0, char::len_utf8);
    Some(format!("{}{}", &name[..slash + 1 + after], cut_in_the_middle(url, MAX_URL_GRAPHEMES)).as_str().into())
}

/// `text` with `…` in its middle if it has more than `max` graphemes.
fn cut_in_the_middle(text: &str, max: usize) -> String {
    let starts: Vec<usize> = text.grapheme_indices(true).map(|(at, _)| at).collect();
    if starts.len() <= max {
        return text.to_owned();
    }
    let kept = max - 1;
    let (left, right) = (kept.div_ceil(2), kept / 2);
    format!("{}…{}", &text[..starts[left]], &text[starts[starts.len() - right]..])
}

#[cfg(test)]
mod tests {
    use crate::graph::NodeIndex;
    use crate::testing::SnapshotBuilder;

    #[test]
    fn a_string_that_runs_into_itself_has_a_name_and_an_end() {
        for text in ["", "ab"] {
            let mut b = SnapshotBuilder::new();
            let root = b.node("synthetic", "", 0);
            let [rope, other] = [(); 2].map(|()| b.node("concatenated string", "", 16));
            let leaf = b.node("string", text, 16);
            b.edge(root, "property", "rope", rope);
            b.edge(rope, "internal", "first", leaf);
            b.edge(rope, "internal", "second", other);
            b.edge(other, "internal", "first", other);
            b.edge(other, "internal", "second", rope);
            let heap = b.heap();
            assert!(heap.name(NodeIndex(1)).as_text().as_bytes().len() < 5_000);
            assert!(heap.string_value(NodeIndex(1)).unwrap().as_text().as_bytes().len() < 5_000);
        }
    }

    #[test]
    fn a_string_doubled_again_and_again_is_whole() {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        let mut rope = b.node("string", "ab", 16);
        for _ in 0..16 {
            let double = b.node("concatenated string", "", 16);
            b.edge(double, "internal", "first", rope);
            b.edge(double, "internal", "second", rope);
            rope = double;
        }
        b.edge(root, "property", "rope", rope);
        let heap = b.heap();
        let last = NodeIndex(u32::try_from(rope).unwrap());
        assert_eq!(heap.string_value(last).unwrap().as_text().as_bytes().len(), 2 << 16);
    }
}
