//! Growth: the constructors of all open snapshots beside each other.

mod rows;

use super::about_all::AboutAll;
use super::menu::class_menu_ui;
use super::{Command, DocumentContext, Panel, PanelContext, toolbar};
use crate::analysis::Heap;
use crate::analysis::tables::growth::{Growth, growth};
use crate::analysis::tables::summary::ClassFilter;
use crate::session::{DocumentId, OpenSnapshot};
use crate::ui::place::PanelId;
use crate::ui::selection::ObjectGroup;
use crate::ui::tree::{LazyTree, TreeModel};
use crate::ui::widgets::filter_box::FilterBox;
use crate::ui::widgets::icon::Strokes;
use crate::ui::widgets::message::{message, message_with_button};
use crate::ui::widgets::toolbar::totals_ui;
use crate::ui::widgets::tree_table::{TableMemory, TreeTable, export_button_ui};
use crate::units;
use egui::Ui;
use rows::{GrowthRows, Measure, Shown};
use std::sync::Arc;

/// The panel.
#[derive(Debug, Default)]
pub(super) struct GrowthPanel {
    filter_box: FilterBox,
    measure: Measure,
    every_step: bool,
    /// What was counted, until `view` has it.
    counted: AboutAll<Growth>,
    view: Option<View>,
    /// What was done with the table before it was made anew.
    kept: Option<TableMemory>,
}

#[derive(Debug)]
struct View {
    table: TreeTable,
    rows: LazyTree<GrowthRows>,
    /// The text of the filter box and the choices that `rows` were made for.
    class_filter: String,
    shown: Shown,
}

impl Panel for GrowthPanel {
    fn id(&self) -> PanelId {
        PanelId("Growth")
    }

    fn title(&self) -> &'static str {
        "Growth"
    }

    fn help(&self) -> &'static str {
        "The constructors of all open snapshots beside each other, and which grew in every step"
    }

    fn icon(&self) -> Strokes {
        &[&[(-5.5, 5.0), (-2.0, 0.0), (1.0, 2.0), (5.5, -5.0)], &[(1.5, -5.0), (5.5, -5.0), (5.5, -1.0)]]
    }

    fn ui(&mut self, ui: &mut Ui, context: &mut DocumentContext<'_>) {
        let Some(context) = &mut context.snapshot() else { return };
        let open: Vec<OpenSnapshot> = context.session.snapshots().collect();
        if open.len() < 2 {
            let sentence = "Open two or more snapshots to see how each constructor grew";
            if message_with_button(ui, sentence, Some("Open…")) {
                context.push(Command::OpenDialog);
            }
            return;
        }
        self.update(&open, context);
        toolbar(ui, |ui| {
            self.filter_box.ui(ui, "Filter classes");
            for measure in Measure::ALL {
                ui.radio_value(&mut self.measure, measure, measure.title()).on_hover_text(measure.help());
            }
            let help = "Only classes with more objects in every snapshot than in the one before, or with more bytes";
            ui.checkbox(&mut self.every_step, "Grew in every step").on_hover_text(help);
            if let Some(view) = &self.view {
                context.commands.extend(export_button_ui(ui, "Growth", &view.rows).map(Command::Export));
                let (all, growing) = view.rows.source().counts();
                let [growing, all] = [growing, all].map(|n| units::count(n as u64));
                totals_ui(ui, format!("{growing} of {all} grew in every step"));
            }
        });
        let shown = Shown {
            measure: self.measure,
            every_step: self.every_step,
            names: open.iter().map(|s| s.name.to_string()).collect(),
        };
        self.show(shown, context);
        let Some(view) = &mut self.view else {
            self.counted.waiting_ui(ui, "Putting the snapshots beside each other…");
            return;
        };
        if view.rows.row_count() == 0 {
            let sentence = match (view.class_filter.is_empty(), view.shown.every_step) {
                (true, true) => "No class grew in every step",
                _ => "No class has a name like that",
            };
            message(ui, sentence);
            return;
        }
        let commands = &mut *context.commands;
        let events = view.table.ui(ui, &mut view.rows, |ui, rows, row| {
            if let Some(item) = rows.item(row) {
                let name = rows.source().name(item);
                let objects = || {
                    let last = open.last()?;
                    let objects = Arc::new(rows.source().objects(item, &last.snapshot.heap)?);
                    Some(ObjectGroup { snapshot: last.id, title: name.clone(), objects })
                };
                class_menu_ui(ui, &name, true, objects, commands);
                ui.separator();
            }
        });
        context.commands.extend(events.export.map(Command::Export));
        if let Some(item) = events.activated.and_then(|row| view.rows.item(row)) {
            context.commands.push(Command::Show(PanelId::SUMMARY));
            context.commands.push(Command::FilterClasses(view.rows.source().name(item)));
        }
    }

    fn filter_classes(&mut self, text: &str) -> bool {
        self.filter_box.set(text);
        true
    }

    fn focus_filter(&mut self) {
        self.filter_box.focus();
    }

    fn replace(&mut self, old: DocumentId, _new: DocumentId) {
        self.kept = self.view.as_ref().map(|view| TableMemory::of(&view.table, &view.rows)).or(self.kept.take());
        self.forget(old);
    }

    fn forget(&mut self, id: DocumentId) {
        if self.counted.forget(id) {
            self.view = None;
        }
    }
}

impl GrowthPanel {
    /// Counts in the background when other snapshots are open than before.
    fn update(&mut self, open: &[OpenSnapshot], context: &PanelContext<'_>) {
        let is_asked = self.counted.update(open, "Counting growth", context, |snapshots, progress| {
            let heaps: Vec<&Heap> = snapshots.iter().map(|s| &s.heap).collect();
            growth(&heaps, &progress.stage("Counting constructors", 1, 1))
        });
        if is_asked {
            self.view = None;
        }
    }

    /// Makes the rows, or makes them anew where something else is to be shown.
    fn show(&mut self, shown: Shown, context: &PanelContext<'_>) {
        let text = self.filter_box.text();
        if let Some(counted) = self.counted.take_known() {
            let filter = ClassFilter::parse(text).unwrap_or_default();
            let rows = GrowthRows::new(Arc::new(counted), filter, shown.clone());
            let sort = rows.first_sort();
            let mut table = TreeTable::new("Growth");
            let mut rows = LazyTree::new(rows, Some(sort), context.front_end);
            if let Some(memory) = self.kept.take() {
                memory.restore(&mut table, &mut rows);
            }
            self.view = Some(View { table, rows, class_filter: text.to_owned(), shown });
        } else if let Some(view) = &mut self.view
            && (view.class_filter != text || view.shown != shown)
            && let Ok(filter) = ClassFilter::parse(text)
        {
            let rows = view.rows.source().filtered(filter, shown.clone());
            text.clone_into(&mut view.class_filter);
            view.shown = shown;
            view.rows.update(rows);
        }
    }
}
