//! Side by side: two snapshots in one table, constructors on common rows.

mod rows;

use super::comparison::base_menu_ui;
use super::objects_table::objects_table_ui;
use super::pair::PairView;
use super::{Command, DocumentContext, Panel};
use crate::analysis::tables::summary::ClassFilter;
use crate::session::DocumentId;
use crate::ui::place::PanelId;
use crate::ui::tree::TreeModel;
use crate::ui::widgets::icon::Strokes;
use crate::ui::widgets::message::{message, message_with_button};
use crate::ui::widgets::tree_table::export_button_ui;
use egui::Ui;
use rows::SideBySideRows;

/// The panel.
#[derive(Debug, Default)]
pub(super) struct SideBySidePanel {
    view: PairView<SideBySideRows>,
}

impl Panel for SideBySidePanel {
    fn id(&self) -> PanelId {
        PanelId("SideBySide")
    }

    fn title(&self) -> &'static str {
        "Side by side"
    }

    fn help(&self) -> &'static str {
        "Two snapshots in one table, constructor by constructor, with the difference"
    }

    fn icon(&self) -> Strokes {
        &[
            &[(-5.0, -5.0), (-1.5, -5.0), (-1.5, 5.0), (-5.0, 5.0), (-5.0, -5.0)],
            &[(1.5, -5.0), (5.0, -5.0), (5.0, 5.0), (1.5, 5.0), (1.5, -5.0)],
        ]
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
            if message_with_button(ui, "Open a second snapshot to put next to this one", Some("Open…")) {
                context.push(Command::OpenDialog);
            }
            return;
        }
        self.view.update(context);
        super::toolbar(ui, |ui| {
            self.view.filter_box.ui(ui, "Filter classes");
            base_menu_ui(ui, context);
            if let (_, Some(view)) = self.view.shown(context) {
                context.commands.extend(export_button_ui(ui, "Side by side", &view.rows).map(Command::Export));
            }
        });
        if self.view.shown(context).1.is_none() {
            self.view.waiting_ui(ui, "Putting both next to each other…");
        }
        let (filter_box, Some(view)) = self.view.shown(context) else { return };
        if filter_box.text() != view.class_filter
            && let Ok(filter) = ClassFilter::parse(filter_box.text())
        {
            filter_box.text().clone_into(&mut view.class_filter);
            let rows = view.rows.source().filtered(filter);
            view.rows.update(rows);
        }
        if view.rows.row_count() == 0 {
            message(ui, "No class has a name like that");
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
