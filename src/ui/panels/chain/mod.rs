//! The nearest path from a root to the selected object as one readable line, each step a link.

pub(super) mod steps;

use super::retainers::Ignoring;
use super::{Command, PanelContext};
use crate::analysis::paths::path::Path;
use crate::analysis::paths::retainers_view::RetainersView;
use crate::session::DocumentId;
use crate::ui::rows::cells;
use crate::ui::selection::Selection;
use crate::ui::tree::Span;
use crate::units;
use egui::{Label, Margin, RichText, ScrollArea, Sense, Ui};
use std::sync::Arc;
use steps::{Piece, pieces, property_text};

/// Chains that need more lines than fit here scroll.
const HEIGHT: f32 = 72.0;

/// The line above Retainers.
#[derive(Debug, Default)]
pub(super) struct ChainStrip {
    shown: Option<(Selection, Arc<RetainersView>, Path)>,
    is_unfolded: bool,
}

impl ChainStrip {
    /// Draws the chain of `selection`.
    pub(super) fn ui(
        &mut self,
        ui: &mut Ui,
        selection: Selection,
        ignoring: &mut Ignoring,
        context: &mut PanelContext<'_>,
    ) {
        let Some(open) = context.session.snapshot(selection.snapshot) else { return };
        let view = ignoring.view(&open, context.front_end);
        let heap = &open.snapshot.heap;
        let is_same =
            |shown: &(Selection, Arc<RetainersView>, Path)| shown.0 == selection && Arc::ptr_eq(&shown.1, &view);
        if !self.shown.as_ref().is_some_and(is_same) {
            self.shown = Some((selection, Arc::clone(&view), Path::find(heap, &view, selection.node)));
            self.is_unfolded = false;
        }
        let Some((_, _, path)) = &self.shown else { return };
        let theme = context.theme;
        let mut go_to = None;
        let mut unfold = false;
        let mut copied = None;
        egui::Frame::new().inner_margin(Margin::symmetric(12, 4)).show(ui, |ui| {
            ScrollArea::vertical().max_height(HEIGHT).auto_shrink([false, true]).show(ui, |ui| {
                ui.horizontal_wrapped(|ui| {
                    ui.spacing_mut().item_spacing.x = 4.0;
                    let quiet = |text: &str| RichText::new(text).color(theme.colors.quiet);
                    if path.begins_at_root() {
                        ui.label(quiet("root"));
                    } else {
                        let text = ui.label(quiet("no root"));
                        text.on_hover_text("No path from a root keeps this object in memory");
                    }
                    for piece in pieces(path, self.is_unfolded) {
                        match piece {
                            Piece::Folded(count) => {
                                ui.label(quiet("→").monospace());
                                let text = format!("… {} steps …", units::count(count as u64));
                                unfold |= ui.link(text).on_hover_text("Show all steps").clicked();
                            }
                            Piece::Step(step) => {
                                ui.label(quiet("→").monospace());
                                if let Some(edge) = step.edge {
                                    let edge = heap.graph.edge(edge);
                                    let name = cells::reference_name(heap, &edge);
                                    let name = Span { text: property_text(heap, &step), ..name };
                                    ui.label(span_text(&name, theme)).on_hover_text(crate::ui::terms::edge(edge.kind));
                                }
                                let spans = cells::object(heap, step.node);
                                let text = spans.first().map(|s| span_text(s, theme)).unwrap_or_default();
                                let id = heap.id(step.node);
                                let label = Label::new(text.underline()).sense(Sense::click()).truncate();
                                let link = ui.add(label);
                                let name = format!("{} {id}", spans.first().map_or("", |s| s.text.as_str()));
                                link.widget_info(|| {
                                    egui::WidgetInfo::labeled(egui::accesskit::Role::Link, true, name.clone())
                                });
                                let retained = units::bytes(heap.retained_size(step.node));
                                if link.on_hover_text(format!("{name}, retains {retained}")).clicked() {
                                    go_to = Some(step.node);
                                }
                            }
                        }
                    }
                    ui.add_space(8.0);
                    if ui.small_button("Copy chain").on_hover_text("Copy all steps as text, one on a line").clicked() {
                        copied = Some(path.text(heap));
                    }
                });
            });
        });
        self.is_unfolded |= unfold;
        if let Some(node) = go_to {
            context.push(Command::Select(Some(Selection { snapshot: selection.snapshot, node })));
        }
        if let Some(text) = copied {
            context.push(Command::Copy(text));
        }
    }

    /// Gives back what is kept about a snapshot.
    pub(super) fn forget(&mut self, id: DocumentId) {
        self.shown.take_if(|shown| shown.0.snapshot == id);
    }
}

fn span_text(span: &Span, theme: &crate::ui::theme::Theme) -> RichText {
    RichText::new(&span.text).font(theme.font(span.face)).color(theme.tone(span.tone))
}
