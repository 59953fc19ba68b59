//! The rows of Growth: classes with what each snapshot has of them. Knows no egui.

use crate::analysis::Heap;
use crate::analysis::facts::classes::Class;
use crate::analysis::tables::growth::{ClassAt, Growth, GrowthColumn, GrowthRow, GrowthSort};
use crate::analysis::tables::summary::ClassFilter;
use crate::graph::{ClassIndex, NodeSet};
use crate::progress::{CancelToken, Cancelled};
use crate::relation::{Answer, tables};
use crate::session::row_name::RowName;
use crate::ui::panels::comparison::delta;
use crate::ui::rows::{self, cells};
use crate::ui::terms;
use crate::ui::tree::{Ancestors, Cell, Column, LazyTree, RowView, Sort, TreeSource};
use crate::units;
use std::borrow::Cow;
use std::sync::Arc;

/// The column of the first snapshot; before it stand the class and its trend.
const FIRST: usize = 2;

/// What is counted of each class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Measure {
    /// How many objects there are.
    Count,
    /// Their shallow sizes.
    #[default]
    ShallowSize,
    /// Their retained sizes.
    RetainedSize,
}

impl Measure {
    /// All, in the order they are offered.
    pub(super) const ALL: [Self; 3] = [Self::Count, Self::ShallowSize, Self::RetainedSize];

    /// Its name.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::ShallowSize => "Shallow size",
            Self::RetainedSize => "Retained size",
        }
    }

    /// What it means.
    pub(super) fn help(self) -> &'static str {
        match self {
            Self::Count => terms::column::COUNT,
            Self::ShallowSize => terms::column::SHALLOW_SIZE,
            Self::RetainedSize => terms::column::RETAINED_SIZE,
        }
    }

    fn of(self, at: &ClassAt) -> u64 {
        match self {
            Self::Count => at.count,
            Self::ShallowSize => at.shallow_size,
            Self::RetainedSize => at.retained_size,
        }
    }

    fn text(self, value: u64) -> String {
        if self == Self::Count { units::count(value) } else { units::kilobytes(value) }
    }

    fn column(self, snapshot: usize) -> GrowthColumn {
        match self {
            Self::Count => GrowthColumn::Count(snapshot),
            Self::ShallowSize => GrowthColumn::ShallowSize(snapshot),
            Self::RetainedSize => GrowthColumn::RetainedSize(snapshot),
        }
    }

    fn change(self) -> GrowthColumn {
        match self {
            Self::Count => GrowthColumn::CountDelta,
            Self::ShallowSize => GrowthColumn::SizeDelta,
            Self::RetainedSize => GrowthColumn::RetainedDelta,
        }
    }
}

/// Which rows are shown, and what of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Shown {
    /// What is counted.
    pub(super) measure: Measure,
    /// Whether classes that did not grow in every step are left out.
    pub(super) every_step: bool,
    /// The names of the snapshots.
    pub(super) names: Vec<String>,
}

/// The classes of several snapshots.
#[derive(Debug, Clone)]
pub(super) struct GrowthRows {
    growth: Arc<Growth>,
    class_filter: ClassFilter,
    shown: Shown,
}

impl GrowthRows {
    /// The rows of `growth` that `class_filter` and `shown` leave.
    pub(super) fn new(growth: Arc<Growth>, class_filter: ClassFilter, shown: Shown) -> Self {
        Self { growth, class_filter, shown }
    }

    /// The same classes, others of them shown, or something else of them.
    pub(super) fn filtered(&self, class_filter: ClassFilter, shown: Shown) -> Self {
        Self::new(Arc::clone(&self.growth), class_filter, shown)
    }

    /// The order at first: what grew most.
    pub(super) fn first_sort(&self) -> Sort {
        Sort::descending(FIRST + self.growth.snapshots)
    }

    /// The name of the class of a row.
    pub(super) fn name(&self, item: u32) -> String {
        self.growth.rows[item as usize].name.as_text().lossy().into_owned()
    }

    /// The objects of the class of a row in `last`, the last of the snapshots, if it has any.
    pub(super) fn objects(&self, item: u32, last: &Heap) -> Option<NodeSet> {
        let row = &self.growth.rows[item as usize];
        let is_same = |class: &Class| class.name == row.name && class.location == row.location;
        let class = ClassIndex(last.facts.classes.classes.iter().position(is_same)? as u32);
        Some(NodeSet::of(last.graph.node_count(), last.members(class, None)))
    }

    /// How many classes there are, and how many of them grew in every step.
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.growth.rows.len(), self.growth.rows.iter().filter(|row| row.grew_in_every_step()).count())
    }

    fn is_shown(&self, row: &GrowthRow) -> bool {
        (!self.shown.every_step || row.grew_in_every_step()) && self.class_filter.accepts(row.name.as_text())
    }

    fn engine_sort(&self, sort: Sort) -> GrowthSort {
        let column = match sort.column.checked_sub(FIRST) {
            None => GrowthColumn::Name,
            Some(snapshot) if snapshot < self.growth.snapshots => self.shown.measure.column(snapshot),
            Some(_) => self.shown.measure.change(),
        };
        GrowthSort { column, direction: sort.direction }
    }
}

/// The class that a row counts.
fn class_of(row: &GrowthRow) -> Class {
    Class { name: row.name.clone(), location: row.location }
}

impl TreeSource for GrowthRows {
    type Item = u32;

    fn columns(&self) -> Vec<Column> {
        let measure = self.shown.measure;
        let mut columns = vec![
            Column::tree("Constructor", terms::column::CONSTRUCTOR),
            Column::figures("Trend", terms::column::TREND, 84.0).unsortable(),
        ];
        for (i, name) in self.shown.names.iter().enumerate() {
            let column = Column::figures(name.clone(), format!("{name}\n{}", measure.help()), 104.0);
            columns.push(column.in_band(measure.title()).remembered_as(format!("Snapshot {}", i + 1)));
        }
        columns.push(Column::figures("Change", terms::column::CHANGE, 112.0));
        columns
    }

    fn child_count(&self, parent: Option<&u32>) -> u32 {
        if parent.is_some() { 0 } else { self.growth.rows.len() as u32 }
    }

    fn child(&self, _: Option<&u32>, position: u32) -> u32 {
        position
    }

    fn order(&self, parent: Option<&u32>, sort: Option<Sort>, _: &CancelToken) -> Result<Vec<u32>, Cancelled> {
        if parent.is_some() {
            return Ok(Vec::new());
        }
        let sort = self.engine_sort(sort.unwrap_or(self.first_sort()));
        let mut rows = self.growth.sorted_rows(sort);
        rows.retain(|&row| self.is_shown(&self.growth.rows[row as usize]));
        Ok(rows)
    }

    fn exported(&self, tree: &LazyTree<Self>) -> Answer<'static> {
        tables::growth::growth(Arc::clone(&self.growth), &self.shown.names, tree.top_level())
    }

    fn is_expandable(&self, _: &u32, _: Ancestors<'_, u32>) -> bool {
        false
    }

    fn row(&self, &item: &u32, _: Ancestors<'_, u32>) -> RowView {
        let measure = self.shown.measure;
        let row = &self.growth.rows[item as usize];
        let values: Vec<u64> = row.at.iter().map(|at| measure.of(at)).collect();
        let mut cells = vec![Cell::Text(cells::class(row.name.as_text(), 1)), Cell::Trend(values.clone())];
        cells.extend(values.iter().map(|&value| Cell::figure(measure.text(value))));
        cells.push(delta(row.delta(|at| measure.of(at)), |value| measure.text(value)));
        RowView::new(cells)
    }

    fn name(&self, &item: &u32) -> Option<RowName> {
        Some(rows::class_row_name(&class_of(&self.growth.rows[item as usize])))
    }

    fn find(&self, parent: Option<&u32>, name: &RowName) -> Option<u32> {
        parent
            .map_or_else(|| rows::find_class(self.growth.rows.iter().map(|r| Cow::Owned(class_of(r))), name), |_| None)
    }

    fn tooltip(&self, &item: &u32, _: Ancestors<'_, u32>, column: usize) -> Option<String> {
        match column {
            0 => terms::class(&self.name(item)).map(str::to_owned),
            1 if self.growth.rows[item as usize].grew_in_every_step() => Some("Grew in every step".to_owned()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::tables::growth::growth;
    use crate::progress::Stage;
    use crate::session::job::FrontEnd;
    use crate::testing::SnapshotBuilder;
    use crate::ui::tree::{LazyTree, TreeModel};

    fn rows(things: &[[usize; 2]], shown: Shown) -> LazyTree<GrowthRows> {
        let heaps: Vec<_> = things
            .iter()
            .map(|counts| {
                let mut b = SnapshotBuilder::new();
                let root = b.node("synthetic", "", 0);
                for (name, count) in [("Thing", counts[0]), ("Other", counts[1])] {
                    for i in 0..count {
                        let n = b.node("object", name, 1000);
                        b.edge(root, "element", &i.to_string(), n);
                    }
                }
                b.heap()
            })
            .collect();
        let found = growth(&heaps.iter().collect::<Vec<_>>(), &Stage::unwatched()).unwrap();
        let rows = GrowthRows::new(Arc::new(found), ClassFilter::All, shown);
        let sort = rows.first_sort();
        LazyTree::new(rows, Some(sort), &FrontEnd::nobody())
    }

    fn lines(tree: &LazyTree<GrowthRows>) -> Vec<String> {
        let lines = (0..tree.row_count()).filter_map(|r| Some(tree.row(r)?.tabbed_text()));
        lines.map(|line| line.replace('\u{a0}', " ")).collect()
    }

    fn shown(measure: Measure, every_step: bool) -> Shown {
        Shown { measure, every_step, names: ["a", "b", "c"].map(str::to_owned).to_vec() }
    }

    #[test]
    fn each_snapshot_has_a_column_and_the_greatest_change_stands_first() {
        let tree = rows(&[[1, 3], [2, 1], [4, 2]], shown(Measure::Count, false));
        assert_eq!(
            lines(&tree),
            ["Thing\t1 \u{2192} 2 \u{2192} 4\t1\t2\t4\t+3", "Other\t3 \u{2192} 1 \u{2192} 2\t3\t1\t2\t\u{2212}1"]
        );
        let titles: Vec<_> = tree.columns().iter().map(|c| c.title.to_string()).collect();
        assert_eq!(titles, ["Constructor", "Trend", "a", "b", "c", "Change"]);
    }

    #[test]
    fn any_column_sorts_and_what_did_not_grow_in_every_step_can_be_left_out() {
        let mut tree = rows(&[[1, 3], [2, 1], [4, 2]], shown(Measure::Count, false));
        tree.set_sort(Sort::descending(FIRST));
        assert!(lines(&tree)[0].starts_with("Other"));
        tree.update(tree.source().filtered(ClassFilter::All, shown(Measure::ShallowSize, true)));
        assert_eq!(lines(&tree), ["Thing\t1000 \u{2192} 2000 \u{2192} 4000\t1.0 kB\t2.0 kB\t4.0 kB\t+3.0 kB"]);
    }
}
