//! Comparison: what is new and what is gone in the present snapshot, against a base; on request
//! also what changed its size.

mod rows;

use super::objects_table::objects_table_ui;
use super::pair::{PairView, ShownPair};
use super::{Command, DocumentContext, Panel, PanelContext};
use crate::analysis::tables::summary::ClassFilter;
use crate::session::DocumentId;
use crate::ui::place::PanelId;
use crate::ui::tree::{Sort, TreeModel};
use crate::ui::widgets::filter_box::FilterBox;
use crate::ui::widgets::icon::Strokes;
use crate::ui::widgets::icon::menu_button;
use crate::ui::widgets::message::{message, message_with_button};
use crate::ui::widgets::toolbar::totals_ui;
use crate::ui::widgets::tree_table::export_button_ui;
use crate::units;
use egui::Ui;
pub(super) use rows::delta;
use rows::{ALLOCATED_SIZE, ComparisonRows};

/// The panel.
#[derive(Debug, Default)]
pub(super) struct ComparisonPanel {
    view: PairView<ComparisonRows>,
    with_changed: bool,
}

impl Panel for ComparisonPanel {
    fn id(&self) -> PanelId {
        PanelId::COMPARISON
    }

    fn title(&self) -> &'static str {
        "Comparison"
    }

    fn help(&self) -> &'static str {
        "What is new and what is gone since another snapshot, by constructor"
    }

    fn icon(&self) -> Strokes {
        &[&[(-6.0, 0.0), (-1.0, 0.0)], &[(-3.5, -2.5), (-3.5, 2.5)], &[(2.0, 0.0), (6.0, 0.0)]]
    }

    fn is_comparing(&self) -> bool {
        true
    }

    fn shows_objects(&self) -> bool {
        true
    }

    fn ui(&mut self, ui: &mut Ui, context: &mut DocumentContext<'_>) {
        let Some(context) = &mut context.snapshot() else { return };
        if context.base.is_none() {
            if message_with_button(ui, "Open a second snapshot to compare with", Some("Open…")) {
                context.push(Command::OpenDialog);
            }
            return;
        }
        self.view.update(context);
        super::toolbar(ui, |ui| {
            self.view.filter_box.ui(ui, "Filter classes");
            base_menu_ui(ui, context);
            let help = "Also show objects that are in both snapshots but changed their size, such as arrays that grew";
            ui.checkbox(&mut self.with_changed, "Changed sizes").on_hover_text(help);
            if let (_, Some(view)) = self.view.shown(context) {
                context.commands.extend(export_button_ui(ui, "Comparison", &view.rows).map(Command::Export));
                totals_ui(ui, totals_text(view.rows.source()));
            }
        });
        if self.view.shown(context).1.is_none() {
            self.view.waiting_ui(ui, "Comparing…");
        }
        let (filter_box, Some(view)) = self.view.shown(context) else { return };
        filter(view, filter_box, self.with_changed);
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

    fn filter_classes(&mut self, text: &str) -> bool {
        self.view.filter_box.set(text);
        true
    }

    fn focus_filter(&mut self) {
        self.view.filter_box.focus();
    }

    fn replace(&mut self, old: DocumentId, new: DocumentId) {
        self.view.replace(old, new);
    }

    fn forget(&mut self, id: DocumentId) {
        self.view.forget(id);
    }
}

fn filter(view: &mut ShownPair<ComparisonRows>, filter_box: &FilterBox, with_changed: bool) {
    if filter_box.text() == view.class_filter && with_changed == view.rows.source().is_with_changed() {
        return;
    }
    if let Ok(filter) = ClassFilter::parse(filter_box.text()) {
        filter_box.text().clone_into(&mut view.class_filter);
        let has_sort = view.rows.sort().is_some_and(|s| s.column < rows::CHANGED || with_changed);
        let rows = view.rows.source().shown(filter, with_changed);
        view.rows.update(rows);
        if !has_sort {
            view.rows.set_sort(Sort::descending(ALLOCATED_SIZE));
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
    let tooltip = format!("Which snapshot is compared with: {}", base.name);
    let button = menu_button(ui, &format!("Base: {}", base.name), &tooltip);
    egui::Popup::menu(&button).show(|ui| {
        let others: Vec<_> = context.session.snapshots().filter(|s| s.id != context.current.id).collect();
        for other in others {
            if ui.radio(other.id == base.id, &*other.name).clicked() {
                context.push(Command::SetBase(other.id));
                ui.close();
            }
        }
    });
    if ui.button("Swap").on_hover_text("Exchange what is compared with what").clicked() {
        context.push(Command::SwapBase);
    }
}
