//! The rows of Allocation: functions that allocated, and below each those that called it. Knows
//! no egui.

use crate::analysis::tables::allocations::{
    AllocationColumn, AllocationRow, Callers, function_name, sort_rows, trace_function,
};
use crate::analysis::tables::filters::NodeFilter;
use crate::progress::{CancelToken, Cancelled};
use crate::relation::tables::allocations::FunctionRow;
use crate::relation::{Answer, tables};
use crate::session::row_name::RowName;
use crate::session::{SharedHeap, Snapshot};
use crate::ui::rows::cells;
use crate::ui::terms;
use crate::ui::tree::{Ancestors, Cell, Column, LazyTree, RowView, Sort, Span, Tone, TreeSource};
use crate::units;
use std::sync::{Arc, OnceLock};

/// The column of sizes, which the table is sorted by at first.
pub(super) const SIZE: usize = 4;

const COLUMNS: [AllocationColumn; 5] = [
    AllocationColumn::Name,
    AllocationColumn::LiveCount,
    AllocationColumn::Count,
    AllocationColumn::LiveSize,
    AllocationColumn::Size,
];

/// A function, and its callers once they are asked for.
#[derive(Debug, Clone)]
pub(super) struct Item {
    row: Arc<AllocationRow>,
    below: Arc<OnceLock<Vec<Item>>>,
}

/// The functions of a snapshot that allocated something.
#[derive(Debug)]
pub(super) struct AllocationRows {
    snapshot: Arc<Snapshot>,
    top: Vec<Item>,
}

impl Item {
    fn new(row: AllocationRow) -> Self {
        Self { row: Arc::new(row), below: Arc::default() }
    }
}

impl AllocationRows {
    /// All functions of `snapshot`.
    pub(super) fn new(snapshot: Arc<Snapshot>) -> Self {
        let heap = &snapshot.heap;
        let top = heap.allocation_profile().tops(&heap.graph).into_iter().map(Item::new).collect();
        Self { snapshot, top }
    }

    /// The objects that a row counts as live.
    pub(super) fn filter(&self, item: &Item) -> NodeFilter {
        item.row.filter(&self.snapshot.heap.graph)
    }

    /// The name of a row's function, for sentences.
    pub(super) fn name(&self, item: &Item) -> String {
        cells::one_line(function_name(&self.snapshot.heap.graph, item.row.function))
    }

    fn below<'a>(&'a self, parent: Option<&'a Item>) -> &'a [Item] {
        let Some(item) = parent else { return &self.top };
        item.below.get_or_init(|| {
            if !item.row.has_callers {
                return Vec::new();
            }
            let heap = &self.snapshot.heap;
            let Callers { chain, branches } = heap.allocation_profile().callers(&heap.graph, &item.row);
            let mut rows: Vec<Item> = branches.into_iter().map(Item::new).collect();
            // A chain of single callers: each stands below the one before.
            for caller in chain.into_iter().rev() {
                let caller = Item::new(caller);
                let _ = caller.below.set(rows);
                rows = vec![caller];
            }
            rows
        })
    }
}

impl TreeSource for AllocationRows {
    type Item = Item;

    fn columns(&self) -> Vec<Column> {
        vec![
            Column::tree("Function", terms::column::FUNCTION),
            Column::figures("Live count", terms::column::LIVE_COUNT, 92.0),
            Column::figures("Count", terms::column::ALLOCATION_COUNT, 92.0),
            Column::figures("Live size", terms::column::LIVE_SIZE, 92.0),
            Column::figures("Size", terms::column::ALLOCATION_SIZE, 92.0),
        ]
    }

    fn child_count(&self, parent: Option<&Item>) -> u32 {
        self.below(parent).len() as u32
    }

    fn child(&self, parent: Option<&Item>, position: u32) -> Item {
        self.below(parent)[position as usize].clone()
    }

    fn order(&self, parent: Option<&Item>, sort: Option<Sort>, _: &CancelToken) -> Result<Vec<u32>, Cancelled> {
        let rows = self.below(parent);
        let sort = sort.unwrap_or(Sort::descending(SIZE));
        let column = COLUMNS.get(sort.column).copied().unwrap_or(AllocationColumn::Size);
        let mut sorted: Vec<AllocationRow> = rows.iter().map(|item| (*item.row).clone()).collect();
        sort_rows(&self.snapshot.heap.graph, &mut sorted, column, sort.direction);
        // Rows of one level are about different functions.
        let at = |row: &AllocationRow| rows.iter().position(|item| item.row.function == row.function);
        Ok(sorted.iter().filter_map(at).map(|at| at as u32).collect())
    }

    fn exported(&self, tree: &LazyTree<Self>) -> Answer<'static> {
        let row = |(item, ancestors): (Item, Ancestors<'_, Item>)| FunctionRow {
            function: item.row.function,
            totals: item.row.totals,
            depth: ancestors.level(),
        };
        tables::allocations::allocations(SharedHeap(Arc::clone(&self.snapshot)), tree.visible().map(row).collect())
    }

    fn is_expandable(&self, item: &Item, _: Ancestors<'_, Item>) -> bool {
        match item.below.get() {
            Some(below) => !below.is_empty(),
            None => item.row.has_callers,
        }
    }

    fn row(&self, item: &Item, _: Ancestors<'_, Item>) -> RowView {
        let graph = &self.snapshot.heap.graph;
        let totals = item.row.totals;
        let mut name = vec![Span::code(self.name(item), Tone::Function)];
        if let Some(f) = trace_function(graph, item.row.function).filter(|f| f.line > 0) {
            let script = cells::one_line(graph.strings.get(f.script_name));
            name.push(Span::code(format!("  {script}:{}:{}", f.line, f.column), Tone::Quiet));
        }
        RowView::new(vec![
            Cell::Text(name),
            Cell::figure(units::spaced_count(totals.live_count)),
            Cell::figure(units::spaced_count(totals.count)),
            Cell::figure(units::bytes(totals.live_size)),
            Cell::figure(units::bytes(totals.size)),
        ])
    }

    fn name(&self, item: &Item) -> Option<RowName> {
        let graph = &self.snapshot.heap.graph;
        let place = trace_function(graph, item.row.function).map(|f| {
            let script = cells::one_line(graph.strings.get(f.script_name));
            format!(" {script}:{}:{}", f.line, f.column)
        });
        Some(RowName::Part(self.name(item) + &place.unwrap_or_default()))
    }

    fn opens_by_itself(&self, child: &Item, _: u32) -> bool {
        // Chains of single callers open together, as far as there is one caller only.
        child.below.get().is_some_and(|below| !below.is_empty())
    }
}
