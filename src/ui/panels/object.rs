//! What is known of the selected object itself.

use super::PanelContext;
use crate::ui::selection::Selection;
use crate::units;
use egui::{Grid, Margin, RichText, ScrollArea, Ui};

/// The pane has nothing to remember.
#[derive(Debug, Default)]
pub(super) struct ObjectPane;

impl ObjectPane {
    /// Draws what is known.
    pub(super) fn ui(&mut self, ui: &mut Ui, selection: Selection, context: &mut PanelContext<'_>) {
        let Some(open) = context.session.get(selection.snapshot) else { return };
        let heap = &open.snapshot.heap;
        let n = selection.node;
        let facts = [
            ("Name", heap.cell_text(n).as_text().lossy().into_owned()),
            ("Id", heap.id(n).to_string()),
            ("Type", heap.graph.node_kind_name(heap.kind(n)).to_owned()),
            ("Constructor", heap.class_name(n).lossy().into_owned()),
            ("Distance", units::distance(heap.distance(n))),
            ("Shallow size", units::bytes(heap.shallow_size(n))),
            ("Retained size", units::bytes(heap.retained_size(n))),
            ("Snapshot", open.name.clone()),
        ];
        let quiet = context.theme.colors.quiet;
        egui::Frame::new().inner_margin(Margin::symmetric(12, 8)).show(ui, |ui| {
            ScrollArea::both().auto_shrink(false).show(ui, |ui| {
                Grid::new("facts").num_columns(2).spacing([16.0, 4.0]).show(ui, |ui| {
                    for (name, value) in facts {
                        ui.label(RichText::new(name).color(quiet));
                        ui.add(egui::Label::new(RichText::new(value).monospace()).selectable(true));
                        ui.end_row();
                    }
                });
            });
        });
    }
}
