//! The rows of Paths: the paths from the roots to many objects, as one tree. Knows no egui.

use crate::analysis::paths::merged_paths::{MergedPaths, MergedStep};
use crate::graph::NodeIndex;
use crate::progress::{CancelToken, Cancelled};
use crate::relation::{Answer, tables};
use crate::session::row_name::RowName;
use crate::session::{SharedHeap, Snapshot};
use crate::ui::rows::cells;
use crate::ui::terms;
use crate::ui::tree::{Ancestors, Cell, Column, LazyTree, RowView, Sort, Span, Tone, TreeSource};
use crate::units;
use crate::visible;
use std::sync::Arc;

/// How many rows open by themselves at most, following the path that most objects go.
const STEPS_BY_THEMSELVES: u32 = 24;

/// The columns after the first.
const COUNT: usize = 1;
const ENDING: usize = 2;
pub(super) const SHALLOW_SIZE: usize = 3;
const RETAINED_SIZE: usize = 4;

/// A tree of paths.
#[derive(Debug)]
pub(super) struct PathRows {
    snapshot: Arc<Snapshot>,
    merged: Arc<MergedPaths>,
    /// For each step those right below it, the biggest first; the last entry is the top level.
    below: Vec<Vec<u32>>,
}

impl PathRows {
    /// The rows of `merged`, which is about `snapshot`.
    pub(super) fn new(snapshot: Arc<Snapshot>, merged: MergedPaths) -> Self {
        let top = merged.steps.len();
        let mut below = vec![Vec::new(); top + 1];
        let mut open: Vec<usize> = Vec::new();
        for (i, step) in merged.steps.iter().enumerate() {
            open.truncate(step.depth);
            below[open.last().copied().unwrap_or(top)].push(i as u32);
            open.push(i);
        }
        Self { snapshot, merged: Arc::new(merged), below }
    }

    /// How many objects have a path, and how many have none.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.merged.count, self.merged.without_path)
    }

    /// An object at a step.
    pub(super) fn example(&self, item: u32) -> NodeIndex {
        self.step(item).example
    }

    fn step(&self, item: u32) -> &MergedStep {
        &self.merged.steps[item as usize]
    }

    fn below(&self, parent: Option<&u32>) -> &[u32] {
        &self.below[parent.map_or(self.merged.steps.len(), |&item| item as usize)]
    }
}

impl TreeSource for PathRows {
    type Item = u32;

    fn columns(&self) -> Vec<Column> {
        use terms::column as help;
        vec![
            Column::tree("Path from the roots", help::PATH),
            Column::figures("Objects", help::PATH_COUNT, 132.0),
            Column::figures("Here", help::PATH_ENDING, 88.0),
            Column::figures("Shallow size", help::PATH_SHALLOW_SIZE, 112.0),
            Column::figures("Retained size", help::PATH_RETAINED_SIZE, 112.0),
        ]
    }

    fn child_count(&self, parent: Option<&u32>) -> u32 {
        self.below(parent).len() as u32
    }

    fn child(&self, parent: Option<&u32>, position: u32) -> u32 {
        self.below(parent)[position as usize]
    }

    fn order(&self, parent: Option<&u32>, sort: Option<Sort>, _: &CancelToken) -> Result<Vec<u32>, Cancelled> {
        let below = self.below(parent);
        let mut order: Vec<u32> = (0..below.len() as u32).collect();
        if let Some(sort) = sort {
            let step = |at: u32| self.step(below[at as usize]);
            order.sort_by(|&a, &b| {
                let (a, b) = (step(a), step(b));
                sort.direction.apply(match sort.column {
                    COUNT => a.count.cmp(&b.count),
                    ENDING => a.ending.cmp(&b.ending),
                    SHALLOW_SIZE => a.shallow_size.cmp(&b.shallow_size),
                    RETAINED_SIZE => a.retained_size.cmp(&b.retained_size),
                    _ => (&a.reference, &a.class).cmp(&(&b.reference, &b.class)),
                })
            });
        }
        Ok(order)
    }

    fn exported(&self, tree: &LazyTree<Self>) -> Answer<'static> {
        let rows = tree.visible().map(|(item, _)| item).collect();
        tables::paths::paths(SharedHeap(Arc::clone(&self.snapshot)), Arc::clone(&self.merged), rows)
    }

    fn is_expandable(&self, item: &u32, _: Ancestors<'_, u32>) -> bool {
        !self.below(Some(item)).is_empty()
    }

    fn row(&self, &item: &u32, _: Ancestors<'_, u32>) -> RowView {
        let step = self.step(item);
        let text = vec![
            Span::code(visible::one_line(&step.reference), Tone::Property),
            Span::words("  ", Tone::Quiet),
            Span::code(visible::one_line(&step.class), Tone::Normal),
        ];
        let ending = if step.ending == 0 { Cell::Empty } else { Cell::figure(units::count(step.ending)) };
        RowView::new(vec![
            Cell::Text(text),
            Cell::share(units::count(step.count), step.count, self.merged.count),
            ending,
            Cell::figure(units::kilobytes(step.shallow_size)),
            Cell::figure(units::kilobytes(step.retained_size)),
        ])
    }

    fn name(&self, &item: &u32) -> Option<RowName> {
        let step = self.step(item);
        Some(RowName::Part(format!("{} {}", step.reference, step.class)))
    }

    fn tooltip(&self, &item: &u32, _: Ancestors<'_, u32>, column: usize) -> Option<String> {
        let step = self.step(item);
        match column {
            SHALLOW_SIZE => Some(cells::exact_size(step.shallow_size)),
            RETAINED_SIZE => Some(cells::exact_size(step.retained_size)),
            _ => None,
        }
    }

    fn opens_by_itself(&self, &child: &u32, steps: u32) -> bool {
        // Down to where the objects are, as long as one path is that of most.
        let step = self.step(child);
        steps < STEPS_BY_THEMSELVES && step.count * 2 > self.merged.count && step.ending * 2 < step.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::job::FrontEnd;
    use crate::ui::tree::{LazyTree, TreeModel};

    fn step(depth: usize, reference: &str, count: u64, ending: u64) -> MergedStep {
        MergedStep {
            depth,
            reference: reference.to_owned(),
            class: "Thing".to_owned(),
            count,
            ending,
            shallow_size: count * 1000,
            retained_size: count * 2000,
            example: NodeIndex(count as u32),
        }
    }

    fn tree() -> LazyTree<PathRows> {
        let steps = vec![
            step(0, "globalThis", 9, 0),
            step(1, ".cache", 8, 0),
            step(2, "[ ]", 8, 8),
            step(1, ".other", 1, 1),
            step(0, "scope of a.js", 2, 2),
        ];
        let merged = MergedPaths { steps, count: 11, without_path: 3 };
        let snapshot = crate::testing::snapshot_of(crate::analysis::Heap::default());
        LazyTree::new(PathRows::new(snapshot, merged), None, &FrontEnd::nobody())
    }

    fn names(tree: &LazyTree<PathRows>) -> Vec<String> {
        let name = |r| Some(format!("{}{}", " ".repeat(tree.row(r)?.level as usize), tree.row(r)?.cells[0].text()));
        (0..tree.row_count()).filter_map(name).collect()
    }

    #[test]
    fn the_way_that_most_objects_go_opens_by_itself_to_where_they_are() {
        let mut tree = tree();
        tree.follow_from_top();
        let shown = names(&tree);
        assert_eq!(
            shown,
            ["globalThis  Thing", " .cache  Thing", "  [ ]  Thing", " .other  Thing", "scope of a.js  Thing"]
        );
        assert_eq!(tree.row(0).map(|row| row.cells[1].text()).as_deref(), Some("9"));
    }

    #[test]
    fn steps_below_one_are_sorted_by_any_column() {
        let mut tree = tree();
        tree.set_sort(Sort::ascending(COUNT));
        assert_eq!(names(&tree), ["scope of a.js  Thing", "globalThis  Thing"]);
        tree.set_sort(Sort::ascending(0));
        assert_eq!(names(&tree), ["globalThis  Thing", "scope of a.js  Thing"]);
    }
}
