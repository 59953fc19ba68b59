//! One path from a root to an object: at each step the retainer nearest to the root.

use super::retainers_view::{Retainer, RetainersView, retainer_text};
use crate::analysis::Heap;
use crate::graph::{EdgeIndex, EdgeKind, NodeIndex};
use rustc_hash::FxHashSet;

/// An object on a path, and the reference of the object before that leads to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathStep {
    /// The object.
    pub node: NodeIndex,
    /// The reference that leads to it; none at the beginning.
    pub edge: Option<EdgeIndex>,
}

/// The nearest path from a root to an object: what `path`, the chain in the window and what is
/// copied from it show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    steps: Vec<PathStep>,
    begins_at_root: bool,
}

impl Path {
    /// Follows the nearest retainer of `n`, and of that one, as far as there is one.
    pub fn find(heap: &Heap, view: &RetainersView, n: NodeIndex) -> Self {
        let mut seen = FxHashSet::from_iter([n]);
        // Backward: each object with the reference that leads to it.
        let mut steps = Vec::new();
        let mut current = n;
        let mut begins_at_root = view.distance(heap, n) <= 1;
        while !begins_at_root
            && let Some(retainer) = view.first(heap, current)
            && retainer.is_reachable()
            && seen.insert(retainer.node)
        {
            steps.push(PathStep { node: current, edge: Some(retainer.edge) });
            current = retainer.node;
            begins_at_root = retainer.distance <= 1;
        }
        // Where only the engine's own roots lead to, the path begins at an object the root refers to.
        begins_at_root |=
            heap.edges_to(current).any(|(source, e)| source == heap.graph.root && e.kind != EdgeKind::Weak);
        steps.push(PathStep { node: current, edge: None });
        steps.reverse();
        Self { steps, begins_at_root }
    }

    /// From the root's side to the object, which is last.
    pub fn steps(&self) -> &[PathStep] {
        &self.steps
    }

    /// Whether a root leads to the first step.
    pub fn begins_at_root(&self) -> bool {
        self.begins_at_root
    }

    /// The same backward, as the tree of retainers shows it: who keeps the object, who keeps that.
    pub fn retainers(&self, heap: &Heap, view: &RetainersView) -> Vec<Retainer> {
        self.steps.iter().rev().filter_map(|step| step.edge).map(|edge| view.retainer(heap, edge)).collect()
    }

    /// One line a step, the object first.
    pub fn text(&self, heap: &Heap) -> String {
        let Some(object) = self.steps.last() else { return String::new() };
        let mut lines = vec![format!("{} {}", heap.cell_text(object.node).as_text().lossy(), heap.id(object.node))];
        let retainers = self.retainers(heap, &RetainersView::default());
        lines.extend(retainers.iter().map(|r| retainer_text(heap, r).as_text().lossy().into_owned()));
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::SnapshotBuilder;

    /// root → First → Link → Link → …, by properties `next`.
    fn line(length: usize) -> (Heap, NodeIndex) {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        let mut last = b.node("object", "First", 8);
        b.edge(root, "shortcut", "global", last);
        for _ in 1..length {
            let next = b.node("object", "Link", 8);
            b.edge(last, "property", "next", next);
            last = next;
        }
        (b.heap(), NodeIndex(last as u32))
    }

    #[test]
    fn a_path_leads_from_the_root_to_the_object_and_reads_backward_as_text() {
        let (heap, last) = line(3);
        let path = Path::find(&heap, &RetainersView::default(), last);
        assert!(path.begins_at_root());
        assert_eq!(path.text(&heap), "Link @7\nnext in Link @5\nnext in First @3");
    }

    #[test]
    fn paths_of_any_length_lead_all_the_way_to_the_root() {
        for length in [1, 2, 21, 40, 100_000] {
            let (heap, last) = line(length);
            let view = RetainersView::default();
            let path = Path::find(&heap, &view, last);
            assert_eq!((path.steps().len(), path.begins_at_root()), (length, true));
            assert_eq!(path.steps()[0], PathStep { node: NodeIndex(1), edge: None });
            assert_eq!(path.retainers(&heap, &view).len(), length - 1);
        }
    }

    #[test]
    fn a_path_ends_where_nothing_that_counts_leads_on() {
        let (heap, last) = line(4);
        let view = RetainersView::ignoring(&heap, [NodeIndex(2)].into(), &crate::progress::Stage::unwatched()).unwrap();
        let path = Path::find(&heap, &view, last);
        assert!(!path.begins_at_root());
        assert_eq!(path.steps(), [PathStep { node: last, edge: None }]);
    }
}
