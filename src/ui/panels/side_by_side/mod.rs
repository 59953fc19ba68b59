//! Side by side: two snapshots in one table, constructors on common rows.

mod rows;

use super::comparison::base_menu_ui;
use super::objects_table::objects_table_ui;
use super::{Command, PanelContext};
use crate::analysis::side_by_side::{SideBySide, side_by_side};
use crate::analysis::summary::ClassFilter;
use crate::progress::Cancelled;
use crate::session::SnapshotId;
use crate::session::job::Job;
use crate::ui::tree::{LazyTree, Sort, TreeModel};
use crate::ui::widgets::filter_box::FilterBox;
use crate::ui::widgets::message::{message, message_with_button};
use crate::ui::widgets::tree_table::TreeTable;
use egui::Ui;
use rows::{RETAINED_DELTA, SideBySideRows};
use std::sync::Arc;

/// Which two snapshots: A and B.
type Pair = (SnapshotId, SnapshotId);

/// The panel.
#[derive(Debug, Default)]
pub(super) struct SideBySidePanel {
    filter_box: FilterBox,
    job: Option<(Pair, Job<Result<SideBySide, Cancelled>>)>,
    view: Option<View>,
}

#[derive(Debug)]
struct View {
    pair: Pair,
    table: TreeTable,
    rows: LazyTree<SideBySideRows>,
    class_filter: String,
}

impl SideBySidePanel {
    /// Draws the panel.
    pub(super) fn ui(&mut self, ui: &mut Ui, context: &mut PanelContext<'_>) {
        let Some(base) = context.base else {
            if message_with_button(ui, "Open a second snapshot to put next to this one", Some("Open…")) {
                context.push(Command::OpenDialog);
            }
            return;
        };
        let pair = (base.id, context.current.id);
        self.update(pair, context);
        super::toolbar(ui, |ui| {
            self.filter_box.ui(ui, "Filter classes");
            base_menu_ui(ui, context);
        });
        let Some(view) = self.view.as_mut().filter(|v| v.pair == pair) else {
            message(ui, "Putting both next to each other…");
            return;
        };
        if self.filter_box.text() != view.class_filter
            && let Ok(filter) = ClassFilter::parse(self.filter_box.text())
        {
            self.filter_box.text().clone_into(&mut view.class_filter);
            let rows = view.rows.source().filtered(filter);
            view.rows.update(rows);
        }
        if view.rows.row_count() == 0 {
            message(ui, "No class has a name like that");
            return;
        }
        objects_table_ui(ui, &mut view.table, &mut view.rows, context);
    }

    fn update(&mut self, pair: Pair, context: &PanelContext<'_>) {
        let (Some(base), target) = (context.base, context.current) else { return };
        if let Some(result) = self.job.as_mut().filter(|job| job.0 == pair).and_then(|job| job.1.poll()) {
            self.job = None;
            match result {
                Ok(Ok(both)) => {
                    let (base, target) = (Arc::clone(&base.snapshot), Arc::clone(&target.snapshot));
                    let sort = self.view.as_ref().and_then(|v| v.rows.sort());
                    let sort = sort.unwrap_or(Sort::descending(RETAINED_DELTA));
                    let rows = SideBySideRows::new(base, target, Arc::new(both));
                    let rows = LazyTree::new(rows, Some(sort), context.wake);
                    self.view =
                        Some(View { pair, table: TreeTable::new("Side by side"), rows, class_filter: String::new() });
                }
                Ok(Err(Cancelled)) => {}
                Err(panicked) => log::error!("{panicked}: {}", panicked.details),
            }
        }
        let is_there = self.view.as_ref().is_some_and(|v| v.pair == pair);
        if !is_there && self.job.as_ref().is_none_or(|job| job.0 != pair) {
            let description = format!("Putting {} next to {}", target.name, base.name);
            let (base, target) = (Arc::clone(&base.snapshot), Arc::clone(&target.snapshot));
            let job = Job::spawn("side by side", description, context.wake, move |progress| {
                side_by_side(&base.heap, &target.heap, &progress.stage("Putting side by side", 1, 1))
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
