//! The rows of a list of objects: what `instances`, `search`, `dominators` and an opened row of
//! `comparison` have in common.

use super::output::{Cell, Column};
use crate::analysis::Heap;
use crate::graph::NodeIndex;
use crate::text::{TextBuf, TextCow};

/// What every list says of an object.
pub(super) const COLUMNS: [Column; 7] = [
    Column::screen_words("Object"),
    Column::programs("id"),
    Column::programs("type"),
    Column::programs("name"),
    Column::numbers("distance", "Distance"),
    Column::numbers("shallow_size", "Shallow size"),
    Column::numbers("retained_size", "Retained size"),
];

/// The cells of [`COLUMNS`] for `n`, indented so many levels.
pub(super) fn cells(heap: &Heap, n: NodeIndex, depth: usize) -> Vec<Cell<'_>> {
    vec![
        Cell::Indented(depth, TextCow::Owned(object_text(heap, n))),
        Cell::Id(heap.id(n)),
        Cell::words(heap.graph.node_kind_name(heap.kind(n))),
        Cell::Text(heap.name(n)),
        Cell::Distance(heap.distance(n)),
        Cell::Kilobytes(heap.shallow_size(n)),
        Cell::Kilobytes(heap.retained_size(n)),
    ]
}

/// `"loadtest/5.2.0" @123`.
pub(super) fn object_text(heap: &Heap, n: NodeIndex) -> TextBuf {
    let mut text = heap.cell_text(n).into_owned();
    text.push_str(&format!(" {}", heap.id(n)));
    text
}
