//! The rows of Dominators: objects, each under its immediate dominator. Knows no egui.

use crate::analysis::order::sort;
use crate::analysis::tables::dominated::{dominated, dominates_any, dominator_chain};
use crate::analysis::tables::summary::sort_objects;
use crate::graph::{NodeId, NodeIndex};
use crate::progress::{CancelToken, Cancelled, Stage};
use crate::relation::{Answer, tables};
use crate::session::row_name::RowName;
use crate::session::{SharedHeap, Snapshot};
use crate::ui::panels::objects_table::{ObjectRows, Side};
use crate::ui::rows::{cells, object_columns, object_sort};
use crate::ui::terms;
use crate::ui::tree::{Ancestors, Cell, Column, LazyTree, RowView, Sort, TreeSource};
use crate::units;
use std::sync::{Arc, OnceLock};

/// An object and what it dominates, in file order; looked for when the row is opened.
#[derive(Debug, Clone)]
pub(super) struct Item {
    node: NodeIndex,
    dominated: Arc<OnceLock<Vec<NodeIndex>>>,
}

impl Item {
    fn new(node: NodeIndex) -> Self {
        Self { node, dominated: Arc::default() }
    }
}

/// The dominator tree of a snapshot.
#[derive(Debug)]
pub(super) struct DominatorRows {
    snapshot: Arc<Snapshot>,
    root: Item,
}

impl DominatorRows {
    /// The objects that only the root dominates.
    pub(super) fn new(snapshot: Arc<Snapshot>) -> Self {
        let root = Item::new(snapshot.heap.graph.root);
        Self { snapshot, root }
    }

    fn dominated<'a>(&'a self, parent: Option<&'a Item>) -> &'a [NodeIndex] {
        let heap = &self.snapshot.heap;
        let parent = parent.unwrap_or(&self.root);
        parent.dominated.get_or_init(|| {
            if heap.graph.node_count() == 0 {
                return Vec::new();
            }
            let mut nodes: Vec<NodeIndex> = dominated(heap, parent.node).collect();
            nodes.sort_unstable();
            nodes
        })
    }

    /// Where `n` stands, from the top level on.
    pub(super) fn path_to(&self, n: NodeIndex) -> Vec<u32> {
        let heap = &self.snapshot.heap;
        let mut chain = dominator_chain(heap, n);
        chain.reverse();
        let position = |pair: &[NodeIndex]| {
            let siblings = self.siblings(pair[0]);
            siblings.binary_search(&pair[1]).ok().map(|at| at as u32)
        };
        chain.windows(2).map_while(position).collect()
    }

    fn siblings(&self, parent: NodeIndex) -> Vec<NodeIndex> {
        let mut nodes: Vec<NodeIndex> = dominated(&self.snapshot.heap, parent).collect();
        nodes.sort_unstable();
        nodes
    }
}

impl TreeSource for DominatorRows {
    type Item = Item;

    fn columns(&self) -> Vec<Column> {
        let mut columns = object_columns(Column::tree("Object", terms::DOMINATOR));
        columns.push(Column::figures("Share of parent", terms::column::SHARE_OF_PARENT, 116.0).unsortable());
        columns
    }

    fn child_count(&self, parent: Option<&Item>) -> u32 {
        self.dominated(parent).len() as u32
    }

    fn child(&self, parent: Option<&Item>, position: u32) -> Item {
        Item::new(self.dominated(parent)[position as usize])
    }

    fn order(&self, parent: Option<&Item>, sort: Option<Sort>, cancel: &CancelToken) -> Result<Vec<u32>, Cancelled> {
        let nodes = self.dominated(parent);
        let sort = sort.map_or(sort::Sort::BY_RETAINED, object_sort);
        let sorted = sort_objects(&self.snapshot.heap, nodes.to_vec(), sort, &Stage::cancelled_by(cancel))?;
        Ok(sort::places(&sorted, nodes))
    }

    fn exported(&self, tree: &LazyTree<Self>) -> Answer<'static> {
        let rows = tree.visible().map(|(item, ancestors)| (item.node, ancestors.level())).collect();
        tables::objects::dominators(SharedHeap(Arc::clone(&self.snapshot)), None, rows)
    }

    fn is_expandable(&self, item: &Item, _: Ancestors<'_, Item>) -> bool {
        dominates_any(&self.snapshot.heap, item.node)
    }

    fn row(&self, item: &Item, mut ancestors: Ancestors<'_, Item>) -> RowView {
        let heap = &self.snapshot.heap;
        let parent = ancestors.next().map_or(self.root.node, |above| above.node);
        let (part, whole) = (heap.retained_size(item.node), heap.retained_size(parent));
        let mut row = cells::object_row(heap, cells::object(heap, item.node), item.node);
        let share = Cell::share(units::percent(part, whole), part, whole);
        if let Cell::Figure { text, bar, tone, .. } = share {
            row.cells.push(Cell::Figure { text, bar, tone, percent: String::new() });
        }
        row
    }

    fn name(&self, item: &Item) -> Option<RowName> {
        Some(RowName::Object(self.snapshot.heap.id(item.node).0))
    }

    fn find(&self, parent: Option<&Item>, name: &RowName) -> Option<u32> {
        let RowName::Object(id) = name else { return None };
        let n = self.snapshot.heap.find(NodeId(*id))?;
        self.dominated(parent).binary_search(&n).ok().map(|at| at as u32)
    }

    fn tooltip(&self, item: &Item, _: Ancestors<'_, Item>, column: usize) -> Option<String> {
        cells::object_tooltip(&self.snapshot.heap, item.node, column)
    }
}

impl ObjectRows for DominatorRows {
    fn object(&self, item: &Item) -> Option<(Side, NodeIndex)> {
        Some((Side::Current, item.node))
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
    use crate::ui::tree::{LazyTree, TreeModel};

    #[test]
    fn objects_stand_under_their_dominators_with_their_share() {
        // root → a → b, c; b, c → d: only a dominates d.
        let mut builder = SnapshotBuilder::new();
        let root = builder.node("synthetic", "", 0);
        let [a, b, c, d] = [100, 200, 300, 400].map(|size| builder.node("object", "Thing", size));
        for (from, to) in [(root, a), (a, b), (a, c), (b, d), (c, d)] {
            builder.edge(from, "property", "to", to);
        }
        let heap = Heap::analyze(builder.graph(), &Progress::new()).unwrap();
        let node = |n: usize| NodeIndex(n as u32);
        let mut tree = LazyTree::new(
            DominatorRows::new(snapshot_of(heap)),
            Some(Sort::descending(RETAINED_SIZE)),
            &FrontEnd::nobody(),
        );
        let key = tree.reveal(&tree.source().path_to(node(d))).unwrap();
        assert_eq!(tree.item_of(key).map(|item| item.node), Some(node(d)));
        let rows: Vec<String> = (0..tree.row_count()).filter_map(|r| Some(tree.row(r)?.tabbed_text())).collect();
        let expected = [
            "Thing @3\t1\t0.1 kB\t1.0 kB\t100 %",
            "Thing @9\t3\t0.4 kB\t0.4 kB\t40 %",
            "Thing @7\t2\t0.3 kB\t0.3 kB\t30 %",
            "Thing @5\t2\t0.2 kB\t0.2 kB\t20 %",
        ];
        assert_eq!(rows, expected.map(|row| row.replace(" kB", "\u{a0}kB").replace(" %", "\u{a0}%")));
    }
}
