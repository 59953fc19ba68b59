//! The references of an object as rows, the same in every table that can be opened down to them.

use super::cells;
use crate::analysis::Heap;
use crate::analysis::order::sort;
use crate::analysis::tables::tree::{Level, edge_rows};
use crate::graph::{Edge, EdgeIndex, NodeId, NodeIndex};
use crate::progress::{CancelToken, Cancelled, Stage};
use crate::session::row_name::RowName;
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

/// What the row of a reference is called. `other` is the object at its other end: where it leads,
/// or where it comes from in tables of retainers.
pub fn row_name(heap: &Heap, edge: &Edge, other: NodeIndex, in_base: bool) -> RowName {
    RowName::Reference { name: cells::reference_name(heap, edge).text, id: heap.id(other).0, in_base }
}

/// The position of the reference of `n` whose row is called `name`.
pub fn find(heap: &Heap, n: NodeIndex, name: &RowName) -> Option<u32> {
    let RowName::Reference { name, id, .. } = name else { return None };
    let target = heap.find(NodeId(*id))?;
    let is_called_so = |edge: &Edge| edge.target == target && cells::reference_name(heap, edge).text == *name;
    heap.edges(n).position(|edge| is_called_so(&edge)).map(|at| at as u32)
}
