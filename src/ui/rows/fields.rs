//! The references of an object as rows, the same in every table that can be opened down to them.

use super::cells;
use crate::analysis::Heap;
use crate::analysis::order::sort;
use crate::analysis::tables::tree::{Level, edge_rows};
use crate::graph::{Edge, EdgeIndex, NodeIndex};
use crate::progress::{CancelToken, Cancelled, Stage};
use crate::ui::tree::RowView;

/// How many references `n` has.
pub fn count(heap: &Heap, n: NodeIndex) -> u32 {
    heap.graph.edge_range(n).len() as u32
}

/// The reference of `n` at `position`, in file order.
pub fn reference(heap: &Heap, n: NodeIndex, position: u32) -> Edge {
    heap.graph.edge(EdgeIndex(heap.graph.edge_range(n).start as u32 + position))
}

/// Positions of the references of `n`, sorted.
pub fn order(
    heap: &Heap,
    n: NodeIndex,
    level: Level,
    sort: sort::Sort,
    cancel: &CancelToken,
) -> Result<Vec<u32>, Cancelled> {
    let first = heap.graph.edge_range(n).start as u32;
    let mut rows = edge_rows(heap, n, level, sort, &Stage::cancelled_by(cancel))?;
    rows.iter_mut().for_each(|edge| edge.0 -= first);
    Ok(rows.into_iter().map(|edge| edge.0).collect())
}

/// Whether the row of `n` stands inside a row of the same object: opening it would never end.
/// `rows_above` are the objects of the rows it stands in that were reached through references.
pub fn is_cycle(n: NodeIndex, rows_above: impl IntoIterator<Item = NodeIndex>) -> bool {
    rows_above.into_iter().any(|above| above == n)
}

/// The row of a reference in a table of objects.
pub fn row(heap: &Heap, edge: &Edge, is_cycle: bool) -> RowView {
    RowView { is_dimmed: is_cycle, ..cells::object_row(heap, cells::reference(heap, edge), edge.target) }
}
