//! The rows of Retainers: who refers to the object above, and by which name. Knows no egui.

use crate::analysis::order::sort;
use crate::analysis::paths::retainers_view::{Retainer, RetainersView};
use crate::graph::{EdgeIndex, EdgeKind, NodeIndex};
use crate::progress::{CancelToken, Cancelled, Stage};
use crate::relation::Answer;
use crate::relation::tables::tree::{Branch, Shows, Tree, TreeRow, about};
use crate::session::row_name::RowName;
use crate::session::{SharedHeap, Snapshot};
use crate::ui::rows::{DISTANCE, cells, fields, object_columns, object_sort};
use crate::ui::terms;
use crate::ui::tree::{Ancestors, Cell, Column, LazyTree, RowView, Sort, TreeSource};
use std::sync::{Arc, OnceLock};

/// So many rows open by themselves, one inside the other.
const OPENED: u32 = 19;

/// A retainer and, once its row is opened, its own retainers in file order.
#[derive(Debug, Clone)]
pub(super) struct Item {
    edge: EdgeIndex,
    retainers: Arc<OnceLock<Vec<EdgeIndex>>>,
}

/// The retainers of an object.
#[derive(Debug)]
pub(super) struct RetainerRows {
    snapshot: Arc<Snapshot>,
    view: Arc<RetainersView>,
    selected: NodeIndex,
    top: Vec<EdgeIndex>,
}

impl RetainerRows {
    /// The retainers of `selected`, seen through `view`.
    pub(super) fn new(snapshot: Arc<Snapshot>, view: Arc<RetainersView>, selected: NodeIndex) -> Self {
        let mut rows = Self { snapshot, view, selected, top: Vec::new() };
        rows.top = rows.retainers_of(selected);
        rows
    }

    /// Who refers to what, as the engine sees it.
    pub(super) fn retainer(&self, item: &Item) -> Retainer {
        self.view.retainer(&self.snapshot.heap, item.edge)
    }

    /// Whether the user said that `n` does not count.
    pub(super) fn is_ignored(&self, n: NodeIndex) -> bool {
        self.view.ignored().contains(&n)
    }

    fn retainers_of(&self, n: NodeIndex) -> Vec<EdgeIndex> {
        let heap = &self.snapshot.heap;
        let counts = |(source, edge): &(NodeIndex, crate::graph::Edge)| {
            edge.kind != EdgeKind::Weak && *source != heap.graph.root
        };
        let mut edges: Vec<EdgeIndex> = heap.edges_to(n).filter(counts).map(|(_, edge)| edge.index).collect();
        edges.sort_unstable();
        edges
    }

    fn source_of(&self, item: &Item) -> NodeIndex {
        self.snapshot.heap.graph.edge_source(item.edge)
    }

    fn list(&self, parent: Option<&Item>) -> Vec<EdgeIndex> {
        self.with_list(parent, <[EdgeIndex]>::to_vec)
    }

    fn with_list<T>(&self, parent: Option<&Item>, read: impl FnOnce(&[EdgeIndex]) -> T) -> T {
        match parent {
            None => read(&self.top),
            Some(item) => read(item.retainers.get_or_init(|| self.retainers_of(self.source_of(item)))),
        }
    }

    fn is_cycle(&self, item: &Item, ancestors: Ancestors<'_, Item>) -> bool {
        let n = self.source_of(item);
        n == self.selected || fields::is_cycle(n, ancestors.map(|above| self.source_of(above)))
    }
}

impl TreeSource for RetainerRows {
    type Item = Item;

    fn columns(&self) -> Vec<Column> {
        object_columns(Column::tree("Object", terms::column::RETAINER))
    }

    fn child_count(&self, parent: Option<&Item>) -> u32 {
        self.with_list(parent, |edges| edges.len() as u32)
    }

    fn child(&self, parent: Option<&Item>, position: u32) -> Item {
        let edge = self.with_list(parent, |edges| edges[position as usize]);
        Item { edge, retainers: Arc::default() }
    }

    fn order(&self, parent: Option<&Item>, sort: Option<Sort>, cancel: &CancelToken) -> Result<Vec<u32>, Cancelled> {
        let n = parent.map_or(self.selected, |item| self.source_of(item));
        let sort = sort.map_or(sort::Sort::BY_DISTANCE, object_sort);
        let sorted = self.view.rows(&self.snapshot.heap, n, sort, &Stage::cancelled_by(cancel))?;
        Ok(sort::places(&sorted, &self.list(parent)))
    }

    fn exported(&self, tree: &LazyTree<Self>) -> Answer<'static> {
        let row = |(item, ancestors): (Item, Ancestors<'_, Item>)| {
            let Retainer { edge, node, distance, .. } = self.retainer(&item);
            let branch = Branch { edge, node, distance };
            TreeRow { branch, depth: ancestors.level(), is_cycle: self.is_cycle(&item, ancestors) }
        };
        let rows = tree.visible().map(row).collect();
        let answer = about("retainers", &self.snapshot.heap, self.selected);
        Tree::opened(rows, Shows::Sources).add_to(answer, "rows", SharedHeap(Arc::clone(&self.snapshot)))
    }

    fn is_expandable(&self, item: &Item, ancestors: Ancestors<'_, Item>) -> bool {
        let heap = &self.snapshot.heap;
        let is_retained =
            |(source, edge): (NodeIndex, crate::graph::Edge)| edge.kind != EdgeKind::Weak && source != heap.graph.root;
        !self.is_cycle(item, ancestors) && heap.edges_to(self.source_of(item)).any(is_retained)
    }

    fn row(&self, item: &Item, ancestors: Ancestors<'_, Item>) -> RowView {
        let heap = &self.snapshot.heap;
        let retainer = self.retainer(item);
        let name = cells::retainer(heap, &heap.graph.edge(item.edge), retainer.node);
        let mut row = cells::object_row(heap, name, retainer.node);
        row.cells[DISTANCE] = match retainer.is_ignored {
            true => Cell::figure("ignored"),
            false => cells::distance(retainer.distance),
        };
        row.is_dimmed = retainer.is_ignored || !retainer.is_reachable() || self.is_cycle(item, ancestors);
        row
    }

    fn name(&self, item: &Item) -> Option<RowName> {
        let heap = &self.snapshot.heap;
        Some(fields::row_name(heap, &heap.graph.edge(item.edge), self.source_of(item), false))
    }

    fn tooltip(&self, item: &Item, ancestors: Ancestors<'_, Item>, column: usize) -> Option<String> {
        let heap = &self.snapshot.heap;
        let retainer = self.retainer(item);
        if column != 0 {
            return cells::object_tooltip(heap, retainer.node, column);
        }
        let edge = heap.graph.edge(item.edge);
        let is_pair = heap.graph.edge_string(&edge).is_some_and(|name| name.lossy().contains("pair in WeakMap"));
        let lines = [
            Some(if is_pair { terms::WEAK_MAP_PAIR } else { terms::edge(edge.kind) }.to_owned()),
            cells::object_tooltip(heap, retainer.node, column),
            self.is_cycle(item, ancestors).then(|| terms::CYCLE.to_owned()),
            retainer.is_ignored.then(|| terms::IGNORED_RETAINER.to_owned()),
        ];
        Some(lines.into_iter().flatten().collect::<Vec<_>>().join("\n"))
    }

    fn opens_by_itself(&self, child: &Item, steps: u32) -> bool {
        let retainer = self.retainer(child);
        steps < OPENED && retainer.distance > 1 && retainer.is_reachable()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::job::FrontEnd;
    use crate::testing::{SnapshotBuilder, snapshot_of};
    use crate::ui::tree::{LazyTree, TreeModel};
    use std::collections::BTreeSet;

    fn rows(tree: &LazyTree<RetainerRows>) -> Vec<String> {
        let rows = (0..tree.row_count()).filter_map(|r| tree.row(r));
        rows.map(|r| format!("{}{} {}", " ".repeat(r.level as usize), r.cells[0].text(), r.cells[1].text())).collect()
    }

    #[test]
    fn the_nearest_way_to_a_root_is_open_and_ignoring_it_opens_the_next() {
        // root → global → list → item; global → far → farther → item
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        let [global, list, far, farther, item] =
            ["global", "List", "Far", "Farther", "Item"].map(|name| b.node("object", name, 8));
        for (from, kind, name, to) in [
            (root, "shortcut", "1", global),
            (global, "property", "list", list),
            (list, "element", "0", item),
            (global, "property", "far", far),
            (far, "property", "next", farther),
            (farther, "property", "item", item),
            (item, "property", "owner", list),
        ] {
            b.edge(from, kind, name, to);
        }
        let snapshot = snapshot_of(b.heap());
        let tree = |view: RetainersView| {
            let rows = RetainerRows::new(Arc::clone(&snapshot), Arc::new(view), NodeIndex(item as u32));
            let mut tree = LazyTree::new(rows, Some(Sort::ascending(DISTANCE)), &FrontEnd::nobody());
            tree.follow_from_top();
            tree
        };
        let mut usual = tree(RetainersView::default());
        assert_eq!(
            rows(&usual),
            ["[0] in List @5 2", " list in global @3 1", " owner in Item @11 3", "item in Farther @9 3"]
        );
        assert!(usual.row(2).unwrap().is_dimmed, "the selected object stands above already");
        usual.set_expanded(3, true);
        assert_eq!(rows(&usual)[4..], [" next in Far @7 2", "  far in global @3 1"]);
        let ignored = BTreeSet::from([NodeIndex(list as u32)]);
        let view = RetainersView::ignoring(&snapshot.heap, ignored, &Stage::unwatched()).unwrap();
        let ignoring = rows(&tree(view));
        assert_eq!(
            ignoring,
            ["item in Farther @9 3", " next in Far @7 2", "  far in global @3 1", "[0] in List @5 ignored"]
        );
    }
}
