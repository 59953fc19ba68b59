//! The steps of a path as the chain shows them. Knows no egui.

use crate::analysis::Heap;
use crate::analysis::naming::edge_names::edge_cell_text;
use crate::analysis::paths::path::{Path, PathStep};
use crate::analysis::paths::retainers_view::RetainersView;
use crate::graph::{EdgeKind, NodeIndex};
use crate::ui::rows::cells;

/// So many steps are shown without folding any.
const UNFOLDED: usize = 9;
/// How many steps of a longer chain stay at the beginning …
const FIRST: usize = 3;
/// … and how many at the end, where the user's own objects are.
const LAST: usize = 5;

/// The nearest path from a root to `n` as text on one line.
pub(in crate::ui::panels) fn path_text(heap: &Heap, n: NodeIndex) -> String {
    line(heap, &Path::find(heap, &RetainersView::default(), n))
}

/// A step, or a placeholder for steps that are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// A step.
    Step(PathStep),
    /// So many steps in the middle.
    Folded(usize),
}

/// A reference as code would write it: `.name`, `[3]`.
pub(super) fn property_text(heap: &Heap, step: &PathStep) -> String {
    let Some(edge) = step.edge.map(|e| heap.graph.edge(e)) else { return String::new() };
    let name = cells::one_line(edge_cell_text(&heap.graph, &edge).as_text());
    match edge.kind {
        EdgeKind::Element => name,
        _ => format!(".{name}"),
    }
}

/// All steps, or those at both ends where there are many.
pub(super) fn pieces(path: &Path, is_unfolded: bool) -> Vec<Piece> {
    let steps = path.steps();
    let all = |steps: &[PathStep]| steps.iter().copied().map(Piece::Step).collect::<Vec<_>>();
    if is_unfolded || steps.len() <= UNFOLDED {
        return all(steps);
    }
    let (first, rest) = steps.split_at(FIRST);
    let (folded, last) = rest.split_at(rest.len() - LAST);
    [all(first), vec![Piece::Folded(folded.len())], all(last)].concat()
}

/// All steps from the root to the object on one line.
pub(super) fn line(heap: &Heap, path: &Path) -> String {
    let mut parts = vec![if path.begins_at_root() { "root" } else { "no root" }.to_owned()];
    parts.extend(path.steps().iter().map(|step| {
        let object: String = cells::object(heap, step.node).into_iter().map(|s| s.text).collect();
        format!("{} {object}", property_text(heap, step)).trim_start().to_owned()
    }));
    parts.join(" → ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::SnapshotBuilder;

    /// root → n0 → n1 → …, by properties `next`.
    fn chain(length: usize) -> (Heap, NodeIndex) {
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
    fn the_line_reads_from_the_root_to_the_object() {
        let (heap, last) = chain(3);
        let path = Path::find(&heap, &RetainersView::default(), last);
        assert_eq!(line(&heap, &path), "root → First @3 → .next Link @5 → .next Link @7");
        let names: Vec<String> = path.steps().iter().map(|step| property_text(&heap, step)).collect();
        assert_eq!(names, ["", ".next", ".next"]);
    }

    #[test]
    fn long_chains_are_folded_in_the_middle() {
        let (heap, last) = chain(5000);
        let path = Path::find(&heap, &RetainersView::default(), last);
        let pieces = pieces(&path, false);
        assert_eq!(pieces.len(), FIRST + 1 + LAST);
        assert_eq!(pieces[FIRST], Piece::Folded(5000 - FIRST - LAST));
        assert_eq!(super::pieces(&path, true).len(), 5000);
    }
}
