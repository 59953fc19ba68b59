//! Comparison: what is new and what is gone in the present snapshot, against a base; on request
//! also what changed its size.

mod rows;

use super::objects_table::objects_table_ui;
use super::{Command, PanelContext};
use crate::analysis::comparison::{Comparison, compare};
use crate::analysis::summary::ClassFilter;
use crate::progress::Cancelled;
use crate::session::SnapshotId;
use crate::session::job::Job;
use crate::ui::tree::{LazyTree, Sort, TreeModel};
use crate::ui::widgets::filter_box::FilterBox;
use crate::ui::widgets::message::{message, message_with_button};
use crate::ui::widgets::tree_table::TreeTable;
use crate::units;
use egui::{Align, Layout, RichText, Ui};
pub(super) use rows::delta;
use rows::{ALLOCATED_SIZE, ComparisonRows};
use std::sync::Arc;

/// Which two snapshots: base and target.
type Pair = (SnapshotId, SnapshotId);

/// The panel.
#[derive(Debug, Default)]
pub(super) struct ComparisonPanel {
    filter_box: FilterBox,
    with_changed: bool,
    /// What is being compared.
    job: Option<(Pair, Job<Result<Comparison, Cancelled>>)>,
    view: Option<View>,
}

/// A comparison that is done.
#[derive(Debug)]
struct View {
    pair: Pair,
    table: TreeTable,
    rows: LazyTree<ComparisonRows>,
    class_filter: String,
}

impl ComparisonPanel {
    /// Draws the panel.
    pub(super) fn ui(&mut self, ui: &mut Ui, context: &mut PanelContext<'_>) {
        let Some(base) = context.base else {
            if message_with_button(ui, "Open a second snapshot to compare with", Some("Open…")) {
                context.push(Command::OpenDialog);
            }
            return;
        };
        let pair = (base.id, context.current.id);
        self.update(pair, context);
        super::toolbar(ui, |ui| {
            self.filter_box.ui(ui, "Filter classes");
            base_menu_ui(ui, context);
            let help = "Also show objects that are in both snapshots but changed their size, such as arrays that grew";
            ui.checkbox(&mut self.with_changed, "Changed sizes").on_hover_text(help);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if let Some(view) = self.view.as_ref().filter(|v| v.pair == pair) {
                    ui.label(RichText::new(totals_text(view.rows.source())).color(context.theme.colors.quiet));
                }
            });
        });
        let Some(view) = self.view.as_mut().filter(|v| v.pair == pair) else {
            message(ui, "Comparing…");
            return;
        };
        view.filter(&self.filter_box, self.with_changed);
        if view.rows.row_count() == 0 {
            let sentence = match view.class_filter.is_empty() {
                true => "Nothing is new and nothing is gone",
                false => "No class with a difference has a name like that",
            };
            message(ui, sentence);
            return;
        }
        objects_table_ui(ui, &mut view.table, &mut view.rows, context);
    }

    /// Compares `pair` in the background unless that was done.
    fn update(&mut self, pair: Pair, context: &PanelContext<'_>) {
        let (Some(base), target) = (context.base, context.current) else { return };
        if let Some(result) = self.job.as_mut().filter(|job| job.0 == pair).and_then(|job| job.1.poll()) {
            self.job = None;
            match result {
                Ok(Ok(comparison)) => {
                    let (base, target) = (Arc::clone(&base.snapshot), Arc::clone(&target.snapshot));
                    let rows = ComparisonRows::new(base, target, Arc::new(comparison));
                    let sort = self.view.as_ref().and_then(|v| v.rows.sort());
                    let sort = sort.unwrap_or(Sort::descending(ALLOCATED_SIZE));
                    let rows = LazyTree::new(rows, Some(sort), context.wake);
                    self.view =
                        Some(View { pair, table: TreeTable::new("Comparison"), rows, class_filter: String::new() });
                }
                Ok(Err(Cancelled)) => {}
                Err(panicked) => log::error!("{panicked}: {}", panicked.details),
            }
        }
        let is_there = self.view.as_ref().is_some_and(|v| v.pair == pair);
        if !is_there && self.job.as_ref().is_none_or(|job| job.0 != pair) {
            let description = format!("Comparing {} with {}", target.name, base.name);
            let (base, target) = (Arc::clone(&base.snapshot), Arc::clone(&target.snapshot));
            let job = Job::spawn("compare", description, context.wake, move |progress| {
                compare(&base.heap, &target.heap, &progress.stage("Comparing", 1, 1))
            });
            self.job = Some((pair, job));
        }
    }

    /// Shows the classes whose names hold `text`.
    pub(super) fn filter_classes(&mut self, text: &str) {
        self.filter_box.set(text);
    }

    /// Puts the keyboard into the filter box.
    pub(super) fn focus_filter(&mut self) {
        self.filter_box.focus();
    }

    /// Gives back what is kept about a snapshot.
    pub(super) fn forget(&mut self, id: SnapshotId) {
        let is_about = |pair: Pair| pair.0 == id || pair.1 == id;
        self.view.take_if(|view| is_about(view.pair));
        self.job.take_if(|job| is_about(job.0));
    }
}

impl View {
    fn filter(&mut self, filter_box: &FilterBox, with_changed: bool) {
        if filter_box.text() == self.class_filter && with_changed == self.rows.source().is_with_changed() {
            return;
        }
        if let Ok(filter) = ClassFilter::parse(filter_box.text()) {
            filter_box.text().clone_into(&mut self.class_filter);
            let has_sort = self.rows.sort().is_some_and(|s| s.column < rows::CHANGED || with_changed);
            let rows = self.rows.source().shown(filter, with_changed);
            self.rows.update(rows);
            if !has_sort {
                self.rows.set_sort(Sort::descending(ALLOCATED_SIZE));
            }
        }
    }
}

/// What all rows together say.
fn totals_text(rows: &ComparisonRows) -> String {
    let (count, size) = rows.totals();
    format!("{} objects, {}", units::signed(count, units::count), units::signed(size, units::bytes))
}

/// The menu that chooses the base.
pub(super) fn base_menu_ui(ui: &mut Ui, context: &mut PanelContext<'_>) {
    let Some(base) = context.base else { return };
    let button = ui.button(format!("Base: {}", base.name)).on_hover_text("Which snapshot is compared with");
    egui::Popup::menu(&button).show(|ui| {
        let others: Vec<_> = context.session.snapshots().filter(|s| s.id != context.current.id).collect();
        for other in others {
            if ui.radio(other.id == base.id, &other.name).clicked() {
                context.push(Command::SetBase(other.id));
                ui.close();
            }
        }
    });
    if ui.button("Swap").on_hover_text("Exchange what is compared with what").clicked() {
        context.push(Command::SwapBase);
    }
}
