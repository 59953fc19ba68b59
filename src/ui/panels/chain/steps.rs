//! The steps of a chain, from the root to the object. Knows no egui.

use crate::analysis::Heap;
use crate::analysis::naming::edge_names::edge_cell_text;
use crate::analysis::paths::retainers_view::{RetainersView, retainer_text};
use crate::graph::{EdgeIndex, EdgeKind, NodeIndex};
use crate::ui::rows::cells;
use rustc_hash::FxHashSet;

/// So many steps are shown without folding any.
const UNFOLDED: usize = 9;
/// Of longer chains so many steps stay at the beginning …
const FIRST: usize = 3;
/// … and so many at the end, where the user's own objects are.
const LAST: usize = 5;

/// The nearest way from a root to `n` as text on one line.
pub(in crate::ui::panels) fn path_text(heap: &Heap, n: NodeIndex) -> String {
    Chain::new(heap, &RetainersView::default(), n).path(heap)
}

/// A step: an object, and by which reference of the step before it is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    /// The object.
    pub(super) node: NodeIndex,
    /// The reference that leads to it; none at the beginning.
    pub(super) edge: Option<EdgeIndex>,
}

impl Step {
    /// The reference as code would write it: `.name`, `[3]`.
    pub(super) fn property_text(&self, heap: &Heap) -> String {
        let Some(edge) = self.edge.map(|e| heap.graph.edge(e)) else { return String::new() };
        let name = cells::one_line(edge_cell_text(&heap.graph, &edge).as_text());
        match edge.kind {
            EdgeKind::Element => name,
            _ => format!(".{name}"),
        }
    }
}

/// A step, or what stands for steps that are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// A step.
    Step(Step),
    /// So many steps in the middle.
    Folded(usize),
}

/// The nearest way from a root to an object.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Chain {
    steps: Vec<Step>,
    ends_at_root: bool,
}

impl Chain {
    /// Follows the nearest retainer of `n` as far as there is one.
    pub(super) fn new(heap: &Heap, view: &RetainersView, n: NodeIndex) -> Self {
        let mut seen = FxHashSet::from_iter([n]);
        // Backward: each object with the reference that leads to it.
        let mut steps = Vec::new();
        let mut current = n;
        let mut ends_at_root = view.distance(heap, n) <= 1;
        while !ends_at_root
            && let Some(retainer) = view.first(heap, current)
            && retainer.is_reachable()
            && seen.insert(retainer.node)
        {
            steps.push(Step { node: current, edge: Some(retainer.edge) });
            current = retainer.node;
            ends_at_root = retainer.distance <= 1;
        }
        // Where only the engine's own roots lead to, the way ends at an object the root refers to.
        ends_at_root |= heap.edges_to(current).any(|(source, e)| source == heap.graph.root && e.kind != EdgeKind::Weak);
        steps.push(Step { node: current, edge: None });
        steps.reverse();
        Self { steps, ends_at_root }
    }

    /// Whether the way begins at a root.
    pub(super) fn ends_at_root(&self) -> bool {
        self.ends_at_root
    }

    /// All steps, or those at both ends where there are many.
    pub(super) fn pieces(&self, is_unfolded: bool) -> Vec<Piece> {
        let all = |steps: &[Step]| steps.iter().copied().map(Piece::Step).collect::<Vec<_>>();
        if is_unfolded || self.steps.len() <= UNFOLDED {
            return all(&self.steps);
        }
        let (first, rest) = self.steps.split_at(FIRST);
        let (folded, last) = rest.split_at(rest.len() - LAST);
        [all(first), vec![Piece::Folded(folded.len())], all(last)].concat()
    }

    /// All steps from the root to the object on one line.
    pub(super) fn path(&self, heap: &Heap) -> String {
        let mut parts = vec![if self.ends_at_root { "root" } else { "no root" }.to_owned()];
        parts.extend(self.steps.iter().map(|step| {
            let object: String = cells::object(heap, step.node).into_iter().map(|s| s.text).collect();
            format!("{} {object}", step.property_text(heap)).trim_start().to_owned()
        }));
        parts.join(" → ")
    }

    /// One line a step from the object to the root, as Retainers words them.
    pub(super) fn text(&self, heap: &Heap) -> String {
        let view = RetainersView::default();
        let Some(object) = self.steps.last() else { return String::new() };
        let mut lines = vec![format!("{} {}", heap.cell_text(object.node).as_text().lossy(), heap.id(object.node))];
        let edges = self.steps.iter().rev().filter_map(|step| step.edge);
        lines.extend(edges.map(|e| retainer_text(heap, &view.retainer(heap, e)).as_text().lossy().into_owned()));
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::SnapshotBuilder;

    /// root → n0 → n1 → …, by properties `next`.
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
    fn a_chain_leads_from_the_root_to_the_object_and_reads_backward_as_text() {
        let (heap, last) = line(3);
        let chain = Chain::new(&heap, &RetainersView::default(), last);
        assert!(chain.ends_at_root());
        let names: Vec<String> = chain.steps.iter().map(|s| s.property_text(&heap)).collect();
        assert_eq!(names, ["", ".next", ".next"]);
        assert_eq!(chain.text(&heap), "Link @7\nnext in Link @5\nnext in First @3");
        assert_eq!(chain.path(&heap), "root → First @3 → .next Link @5 → .next Link @7");
    }

    #[test]
    fn long_chains_are_folded_in_the_middle() {
        let (heap, last) = line(5000);
        let chain = Chain::new(&heap, &RetainersView::default(), last);
        let pieces = chain.pieces(false);
        assert_eq!(pieces.len(), FIRST + 1 + LAST);
        assert_eq!(pieces[FIRST], Piece::Folded(5000 - FIRST - LAST));
        assert_eq!(chain.pieces(true).len(), 5000);
    }
}
