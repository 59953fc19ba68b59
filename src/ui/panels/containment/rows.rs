//! The rows of Containment: references, and the references of what they lead to. Knows no egui.

use crate::analysis::order::sort;
use crate::analysis::tables::tree::{Level, has_edges};
use crate::graph::{EdgeIndex, NodeIndex};
use crate::progress::{CancelToken, Cancelled};
use crate::relation::Answer;
use crate::relation::tables::tree::{Branch, Shows, Tree, TreeRow, containment};
use crate::session::row_name::RowName;
use crate::session::{SharedHeap, Snapshot};
use crate::ui::panels::objects_table::{ObjectRows, Side};
use crate::ui::rows::{cells, fields, object_columns, object_sort};
use crate::ui::terms;
use crate::ui::tree::{Ancestors, Column, LazyTree, RowView, Sort, TreeSource};
use std::sync::Arc;

/// References from an object of a snapshot downward.
#[derive(Debug, Clone)]
pub(in crate::ui::panels) struct ContainmentRows {
    snapshot: Arc<Snapshot>,
    /// The object whose references are at the top level; none in an empty snapshot.
    top: Option<NodeIndex>,
}

impl ContainmentRows {
    /// The references of the root.
    pub(in crate::ui::panels) fn new(snapshot: Arc<Snapshot>) -> Self {
        let graph = &snapshot.heap.graph;
        let top = (graph.node_count() > 0).then_some(graph.root);
        Self { snapshot, top }
    }

    /// The references of `top`.
    pub(in crate::ui::panels) fn below(snapshot: Arc<Snapshot>, top: NodeIndex) -> Self {
        Self { snapshot, top: Some(top) }
    }

    fn target(&self, edge: EdgeIndex) -> NodeIndex {
        self.snapshot.heap.graph.edge(edge).target
    }

    fn parent_node(&self, parent: Option<&EdgeIndex>) -> Option<NodeIndex> {
        parent.map_or(self.top, |&edge| Some(self.target(edge)))
    }

    fn is_cycle(&self, edge: EdgeIndex, ancestors: Ancestors<'_, EdgeIndex>) -> bool {
        fields::is_cycle(self.target(edge), ancestors.map(|&above| self.target(above)))
    }
}

impl TreeSource for ContainmentRows {
    type Item = EdgeIndex;

    fn columns(&self) -> Vec<Column> {
        object_columns(Column::tree("Object", terms::column::OBJECT))
    }

    fn child_count(&self, parent: Option<&EdgeIndex>) -> u32 {
        self.parent_node(parent).map_or(0, |n| fields::count(&self.snapshot.heap, n))
    }

    fn child(&self, parent: Option<&EdgeIndex>, position: u32) -> EdgeIndex {
        let n = self.parent_node(parent).unwrap_or_default();
        fields::reference(&self.snapshot.heap, n, position).index
    }

    fn order(
        &self,
        parent: Option<&EdgeIndex>,
        sort: Option<Sort>,
        cancel: &CancelToken,
    ) -> Result<Vec<u32>, Cancelled> {
        let Some(n) = self.parent_node(parent) else { return Ok(Vec::new()) };
        let sort = sort.map_or(sort::Sort::BY_RETAINED, object_sort);
        fields::order(&self.snapshot.heap, n, Level::Deeper, sort, cancel)
    }

    fn exported(&self, tree: &LazyTree<Self>) -> Answer<'static> {
        let heap = &self.snapshot.heap;
        let row = |(edge, ancestors): (EdgeIndex, Ancestors<'_, EdgeIndex>)| {
            let node = self.target(edge);
            let branch = Branch { edge, node, distance: heap.distance(node) };
            TreeRow { branch, depth: ancestors.level(), is_cycle: self.is_cycle(edge, ancestors) }
        };
        let rows = tree.visible().map(row).collect();
        containment(SharedHeap(Arc::clone(&self.snapshot)), Tree::opened(rows, Shows::Targets))
    }

    fn is_expandable(&self, &edge: &EdgeIndex, ancestors: Ancestors<'_, EdgeIndex>) -> bool {
        has_edges(&self.snapshot.heap, self.target(edge)) && !self.is_cycle(edge, ancestors)
    }

    fn row(&self, &edge: &EdgeIndex, ancestors: Ancestors<'_, EdgeIndex>) -> RowView {
        let heap = &self.snapshot.heap;
        fields::row(heap, &heap.graph.edge(edge), self.is_cycle(edge, ancestors))
    }

    fn name(&self, &edge: &EdgeIndex) -> Option<RowName> {
        let heap = &self.snapshot.heap;
        Some(fields::row_name(heap, &heap.graph.edge(edge), self.target(edge), false))
    }

    fn find(&self, parent: Option<&EdgeIndex>, name: &RowName) -> Option<u32> {
        fields::find(&self.snapshot.heap, self.parent_node(parent)?, name)
    }

    fn tooltip(&self, &edge: &EdgeIndex, ancestors: Ancestors<'_, EdgeIndex>, column: usize) -> Option<String> {
        let heap = &self.snapshot.heap;
        let about = cells::object_tooltip(heap, self.target(edge), column);
        if column != 0 {
            return about;
        }
        let reference = terms::edge(heap.graph.edge(edge).kind);
        let cycle = self.is_cycle(edge, ancestors).then(|| terms::CYCLE.to_owned());
        let lines: Vec<String> = [Some(reference.to_owned()), about, cycle].into_iter().flatten().collect();
        Some(lines.join("\n"))
    }
}

impl ObjectRows for ContainmentRows {
    fn object(&self, &edge: &EdgeIndex) -> Option<(Side, NodeIndex)> {
        Some((Side::Current, self.target(edge)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Heap;
    use crate::progress::Progress;
    use crate::session::job::FrontEnd;
    use crate::testing::{SnapshotBuilder, snapshot_of};
    use crate::ui::rows::RETAINED_SIZE;
    use crate::ui::tree::{Expansion, LazyTree, TreeModel};

    #[test]
    fn references_open_down_to_the_row_that_stands_above_already() {
        // root → a ⇄ b
        let mut builder = SnapshotBuilder::new();
        let root = builder.node("synthetic", "", 0);
        let [a, b] = [10, 20].map(|size| builder.node("object", "Thing", size));
        for (from, name, to) in [(root, "a", a), (a, "b", b), (b, "back", a)] {
            builder.edge(from, "property", name, to);
        }
        let heap = Heap::analyze(builder.graph(), &Progress::new()).unwrap();
        let rows = ContainmentRows::new(snapshot_of(heap));
        let mut tree = LazyTree::new(rows, Some(Sort::descending(RETAINED_SIZE)), &FrontEnd::nobody());
        tree.set_expanded(0, true);
        tree.set_expanded(1, true);
        assert_eq!(tree.row_count(), 3);
        let last = tree.row(2).unwrap();
        assert_eq!((last.name().as_str(), last.is_dimmed, last.expansion), ("back :: Thing @3", true, Expansion::Leaf));
        assert_eq!(tree.row(0).unwrap().tabbed_text(), "a :: Thing @3\t1\t0.0\u{a0}kB\t0.0\u{a0}kB");
        assert!(tree.tooltip(2, 0).unwrap().contains(terms::CYCLE));
    }
}
