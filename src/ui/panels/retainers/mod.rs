//! Retainers of the selected object: who refers to it, opened along the nearest path to a root.
//! Retainers can be ignored, to see what would keep the object then.

mod rows;

use super::menu::object_menu_ui;
use super::{Command, PanelContext, PerSnapshot};
use crate::analysis::paths::retainers_view::RetainersView;
use crate::graph::NodeIndex;
use crate::progress::Cancelled;
use crate::session::job::{FrontEnd, Job};
use crate::session::{DocumentId, OpenSnapshot};
use crate::ui::rows::DISTANCE;
use crate::ui::selection::Selection;
use crate::ui::terms;
use crate::ui::tree::{LazyTree, Sort, TreeModel};
use crate::ui::widgets::message::message;
use crate::ui::widgets::tree_table::TreeTable;
use crate::units;
use egui::Ui;
use rows::RetainerRows;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The retainers that are ignored, for each snapshot: they belong to it, not to an object.
#[derive(Debug, Default)]
pub(super) struct Ignoring {
    views: PerSnapshot<IgnoringIn>,
}

/// The ignored retainers of a snapshot.
#[derive(Debug, Default)]
struct IgnoringIn {
    view: Arc<RetainersView>,
    wanted: BTreeSet<NodeIndex>,
    job: Option<Job<Result<RetainersView, Cancelled>>>,
}

impl Ignoring {
    /// What is ignored in `open` now, after taking over what the background has finished.
    pub(super) fn view(&mut self, open: &OpenSnapshot, front_end: &FrontEnd) -> Arc<RetainersView> {
        let there = self.views.get_or_insert_with(open.id, IgnoringIn::default);
        match there.job.as_mut().and_then(Job::poll) {
            Some(Ok(Ok(view))) => {
                there.view = Arc::new(view);
                there.job = None;
            }
            Some(Ok(Err(Cancelled))) => there.job = None,
            Some(Err(panicked)) => {
                front_end.report(panicked);
                there.job = None;
            }
            None => {}
        }
        Arc::clone(&there.view)
    }

    /// Whether distances are being counted anew.
    fn is_busy(&self, id: DocumentId) -> bool {
        self.views.get(id).is_some_and(|there| there.job.is_some())
    }

    fn set(&mut self, open: &OpenSnapshot, context: &PanelContext<'_>, change: impl FnOnce(&mut BTreeSet<NodeIndex>)) {
        let there = self.views.get_or_insert_with(open.id, IgnoringIn::default);
        change(&mut there.wanted);
        let (snapshot, wanted) = (Arc::clone(&open.snapshot), there.wanted.clone());
        there.job = Some(Job::spawn("ignore", "Counting distances", context.front_end, move |progress| {
            RetainersView::ignoring(&snapshot.heap, wanted, &progress.stage("Counting distances", 1, 1))
        }));
    }

    /// Gives back what is kept about a snapshot.
    pub(super) fn forget(&mut self, id: DocumentId) {
        self.views.forget(id);
    }
}

/// What the table shows.
#[derive(Debug)]
struct Shown {
    selection: Selection,
    view: Arc<RetainersView>,
    rows: LazyTree<RetainerRows>,
}

/// The pane.
#[derive(Debug)]
pub(super) struct RetainersPane {
    table: TreeTable,
    shown: Option<Shown>,
}

impl Default for RetainersPane {
    fn default() -> Self {
        Self { table: TreeTable::new("Retainers"), shown: None }
    }
}

impl RetainersPane {
    /// Draws the retainers of `selection`.
    pub(super) fn ui(
        &mut self,
        ui: &mut Ui,
        selection: Selection,
        ignoring: &mut Ignoring,
        context: &mut PanelContext<'_>,
    ) {
        let Some(open) = context.session.snapshot(selection.snapshot) else { return };
        let view = ignoring.view(&open, context.front_end);
        self.update(&open, selection, &view, context);
        if !view.ignored().is_empty() || ignoring.is_busy(open.id) {
            self.ignored_ui(ui, &open, &view, ignoring, context);
        }
        let Some(shown) = &mut self.shown else { return };
        if shown.rows.row_count() == 0 {
            message(ui, "Nothing but roots and weak references leads to this object");
            return;
        }
        let mut toggled = None;
        let can_compare = context.base.is_some();
        let commands = &mut *context.commands;
        let events = self.table.ui(ui, &mut shown.rows, |ui, rows, row| {
            let Some(item) = rows.item(row) else { return };
            let node = rows.source().retainer(&item).node;
            let is_ignored = rows.source().is_ignored(node);
            let text = if is_ignored { "Stop ignoring this retainer" } else { "Ignore this retainer" };
            if ui.button(text).on_hover_text(terms::IGNORED_RETAINER).clicked() {
                toggled = Some(node);
                ui.close();
            }
            ui.separator();
            object_menu_ui(ui, &open, Selection { snapshot: open.id, node }, can_compare, commands);
            ui.separator();
        });
        context.commands.extend(events.export.map(Command::Export));
        let activated = events.activated.and_then(|row| shown.rows.item(row));
        if let Some(item) = activated {
            let node = shown.rows.source().retainer(&item).node;
            context.commands.push(Command::Select(Some(Selection { snapshot: open.id, node })));
        }
        if let Some(node) = toggled {
            ignoring.set(&open, context, |ignored| {
                if !ignored.remove(&node) {
                    ignored.insert(node);
                }
            });
        }
    }

    /// The line that says that retainers are ignored, and takes it back.
    fn ignored_ui(
        &self,
        ui: &mut Ui,
        open: &OpenSnapshot,
        view: &RetainersView,
        ignoring: &mut Ignoring,
        context: &PanelContext<'_>,
    ) {
        super::toolbar(ui, |ui| {
            if ignoring.is_busy(open.id) {
                ui.label("Counting distances…");
                return;
            }
            let count = view.ignored().len() as u64;
            let retainers = if count == 1 { "retainer is" } else { "retainers are" };
            ui.label(format!("{} {retainers} ignored", units::count(count))).on_hover_text(terms::IGNORED_RETAINER);
            if ui.button("Restore ignored retainers").clicked() {
                ignoring.set(open, context, BTreeSet::clear);
            }
        });
    }

    /// Makes the rows anew when another object is selected or other retainers are ignored.
    fn update(
        &mut self,
        open: &OpenSnapshot,
        selection: Selection,
        view: &Arc<RetainersView>,
        context: &PanelContext<'_>,
    ) {
        let is_same = |shown: &Shown| shown.selection == selection && Arc::ptr_eq(&shown.view, view);
        if self.shown.as_ref().is_some_and(is_same) {
            return;
        }
        let sort = self.shown.as_ref().and_then(|s| s.rows.sort()).unwrap_or(Sort::ascending(DISTANCE));
        let rows = RetainerRows::new(Arc::clone(&open.snapshot), Arc::clone(view), selection.node);
        let mut rows = LazyTree::new(rows, Some(sort), context.front_end);
        rows.follow_from_top();
        self.table.clear_selection();
        self.shown = Some(Shown { selection, view: Arc::clone(view), rows });
    }

    /// Gives back what is kept about a snapshot.
    pub(super) fn forget(&mut self, id: DocumentId) {
        self.shown.take_if(|shown| shown.selection.snapshot == id);
    }
}
