//! Statistics: what kinds of things the bytes are, as a ring with its legend; with a base, both
//! and what changed.

mod slices;

use super::answer::Answer;
use super::{Command, DocumentContext, Panel, PanelContext, PerSnapshot};
use crate::analysis::tables::statistics::{Slice, statistics};
use crate::session::{DocumentId, OpenSnapshot};
use crate::ui::place::PanelId;
use crate::ui::terms;
use crate::ui::theme::Theme;
use crate::ui::tree::Face;
use crate::ui::widgets::icon::Strokes;
use crate::units;
use egui::accesskit::Role;
use egui::{
    Align, Color32, Label, Layout, Margin, Mesh, Rect, RichText, ScrollArea, Sense, Shape, Ui, WidgetInfo, pos2, vec2,
};
use egui_extras::{Column, TableBuilder};
use slices::{SliceView, class_filter, slice_at, slices};
use std::f32::consts::TAU;
use std::sync::Arc;

/// What is narrower is scrolled sideways.
const NARROW: f32 = 380.0;
/// Outer diameter of a ring where there is room.
const RING: f32 = 220.0;
/// The hole, as a part of the diameter.
const HOLE: f32 = 0.62;

/// The panel.
#[derive(Debug, Default)]
pub(super) struct StatisticsPanel {
    counted: PerSnapshot<Answer<Vec<SliceView>>>,
    /// The slice under the pointer or chosen by keyboard, in all rings.
    hovered: Option<Slice>,
}

impl Panel for StatisticsPanel {
    fn id(&self) -> PanelId {
        PanelId("Statistics")
    }

    fn title(&self) -> &'static str {
        "Statistics"
    }

    fn help(&self) -> &'static str {
        "What kinds of things the bytes are"
    }

    fn icon(&self) -> Strokes {
        &[
            &[(0.0, -5.5), (4.8, -2.8), (4.8, 2.8), (0.0, 5.5), (-4.8, 2.8), (-4.8, -2.8), (0.0, -5.5)],
            &[(0.0, -5.5), (0.0, 0.0), (4.8, 2.8)],
        ]
    }

    fn is_comparing(&self) -> bool {
        true
    }

    fn ui(&mut self, ui: &mut Ui, context: &mut DocumentContext<'_>) {
        let Some(context) = &mut context.snapshot() else { return };
        let current = self.slices_of(context.current, context);
        let base = context.base.and_then(|base| self.slices_of(base, context));
        let Some(current) = current else {
            if let Some(answer) = self.counted.get_mut(context.current.id)
                && answer.waiting_ui(ui, "Adding up…")
            {
                self.counted.forget(context.current.id);
            }
            return;
        };
        let mut hovered = None;
        let mut clicked = None;
        egui::Frame::new().inner_margin(Margin::same(16)).show(ui, |ui| {
            // Below this width there is more than fits, and all of it is reached by scrolling.
            let is_narrow = ui.available_width() < NARROW;
            ScrollArea::new([is_narrow, true]).auto_shrink(false).show(ui, |ui| {
                let rings = if base.is_some() { 2.0 } else { 1.0 };
                let ring = ((ui.available_width() - 48.0) / rings).clamp(120.0, RING);
                ui.horizontal_top(|ui| {
                    ui.spacing_mut().item_spacing.x = 32.0;
                    if let (Some(base), Some(open)) = (&base, context.base) {
                        ring_ui(
                            ui,
                            context.theme,
                            ring,
                            &format!("A  {}", open.name),
                            base,
                            self.hovered,
                            &mut hovered,
                        );
                    }
                    let name = if base.is_some() {
                        format!("B  {}", context.current.name)
                    } else {
                        context.current.name.to_string()
                    };
                    ring_ui(ui, context.theme, ring, &name, &current, self.hovered, &mut hovered);
                });
                ui.add_space(16.0);
                clicked = self.legend_ui(ui, context.theme, base.as_deref(), &current, &mut hovered);
            });
        });
        if hovered != self.hovered {
            self.hovered = hovered;
            ui.ctx().request_repaint();
        }
        if let Some(filter) = clicked.and_then(class_filter) {
            context.push(Command::FilterClasses(filter.to_owned()));
        }
    }

    fn forget(&mut self, id: DocumentId) {
        self.counted.forget(id);
    }
}

impl StatisticsPanel {
    /// The slices of `open`, once they are added up.
    fn slices_of(&mut self, open: &OpenSnapshot, context: &PanelContext<'_>) -> Option<Vec<SliceView>> {
        let counted = self.counted.get_or_insert_with(open.id, || {
            let snapshot = Arc::clone(&open.snapshot);
            Answer::ask("statistics", "Adding up", context.front_end, move |progress| {
                statistics(&snapshot.heap, &progress.stage("Adding up", 1, 1)).map(|found| slices(&found))
            })
        });
        counted.poll(context.front_end);
        counted.known().cloned()
    }

    /// The lines of the legend; returns the one that was clicked.
    fn legend_ui(
        &self,
        ui: &mut Ui,
        theme: &Theme,
        base: Option<&[SliceView]>,
        current: &[SliceView],
        hovered: &mut Option<Slice>,
    ) -> Option<Slice> {
        let mut clicked = None;
        let right = Layout::right_to_left(Align::Center);
        let figures = if base.is_some() { 3 } else { 1 };
        let table = TableBuilder::new(ui)
            .id_salt("legend")
            .vscroll(false)
            .sense(Sense::click())
            .cell_layout(Layout::left_to_right(Align::Center))
            .column(Column::exact(16.0))
            .column(Column::remainder().at_least(64.0).at_most(272.0).clip(true))
            .columns(Column::exact(88.0), figures);
        let rows = |body: egui_extras::TableBody<'_>| {
            body.rows(Theme::ROW_HEIGHT, current.len(), |mut row| {
                let i = row.index();
                let view = &current[i];
                row.set_hovered(self.hovered == Some(view.slice));
                row.col(|ui| swatch_ui(ui, theme, view.slice, i));
                row.col(|ui| {
                    if title_ui(ui, view, self.hovered == Some(view.slice)).clicked() {
                        clicked = Some(view.slice);
                    }
                });
                let before = base.and_then(|base| base.get(i));
                for text in figure_texts(theme, before, view) {
                    row.col(|ui| {
                        ui.with_layout(right, |ui| ui.label(text));
                    });
                }
                let response = row.response();
                if response.hovered() {
                    *hovered = Some(view.slice);
                }
                if response.clicked() {
                    clicked = Some(view.slice);
                }
            });
        };
        if base.is_none() {
            table.body(rows);
        } else {
            let header = |mut header: egui_extras::TableRow<'_, '_>| {
                for title in ["", "", "A", "B", "B \u{2212} A"] {
                    header.col(|ui| {
                        ui.with_layout(right, |ui| ui.label(RichText::new(title).color(theme.colors.quiet)));
                    });
                }
            };
            table.header(Theme::ROW_HEIGHT, header).body(rows);
        }
        clicked
    }
}

/// The color of a slice.
fn swatch_ui(ui: &mut Ui, theme: &Theme, slice: Slice, at: usize) {
    let (swatch, _) = ui.allocate_exact_size(vec2(12.0, 12.0), Sense::hover());
    if slice != Slice::Total {
        ui.painter().rect_filled(swatch, 2, theme.colors.slices[at]);
    }
}

/// The name of a slice, a link where it leads to classes.
fn title_ui(ui: &mut Ui, view: &SliceView, is_lit: bool) -> egui::Response {
    let mut title = RichText::new(view.slice.title());
    if is_lit || view.slice == Slice::Total {
        title = title.strong();
    }
    let can_go = class_filter(view.slice).is_some();
    let response = ui.add(Label::new(title).truncate().sense(if can_go { Sense::click() } else { Sense::hover() }));
    if can_go {
        response.widget_info(|| WidgetInfo::labeled(Role::Link, true, view.slice.title()));
    }
    let exact = crate::ui::rows::cells::exact_size(view.bytes.unsigned_abs());
    match terms::slice(view.slice.title()) {
        Some(help) => response.on_hover_text(format!("{help}\n{exact}")),
        None => response,
    }
}

/// The figures of a slice: its size, or the sizes of both snapshots and the difference.
fn figure_texts(theme: &Theme, before: Option<&SliceView>, view: &SliceView) -> Vec<RichText> {
    let figure = |text: &str| RichText::new(text).font(theme.font(Face::Code));
    let Some(before) = before else { return vec![figure(&view.size)] };
    let delta = view.bytes.saturating_sub(before.bytes);
    let color = match delta {
        0 => theme.colors.quiet,
        1.. => theme.colors.growth,
        _ => theme.colors.shrinkage,
    };
    vec![figure(&before.size), figure(&view.size), figure(&units::signed(delta, units::bytes)).color(color)]
}

/// A ring under its title; notes the slice under the pointer.
fn ring_ui(
    ui: &mut Ui,
    theme: &Theme,
    ring: f32,
    title: &str,
    slices: &[SliceView],
    lit: Option<Slice>,
    hovered: &mut Option<Slice>,
) {
    ui.vertical(|ui| {
        ui.set_max_width(ring);
        ui.add(Label::new(RichText::new(title).strong()).truncate());
        let (rect, response) = ui.allocate_exact_size(vec2(ring, ring), Sense::hover());
        let total = slices.last().map_or("", |s| s.size.as_str());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("{title}: {total}")));
        let center = rect.center();
        for (i, view) in slices.iter().enumerate().filter(|(_, v)| !v.angles.is_empty()) {
            let is_faded = lit.is_some_and(|lit| lit != view.slice && lit != Slice::Total);
            let color = theme.colors.slices[i];
            let color = if is_faded { color.gamma_multiply(0.35) } else { color };
            ui.painter().add(sector(rect, view.angles.clone(), color));
        }
        let at = lit.and_then(|lit| slices.iter().find(|s| s.slice == lit)).or(slices.last());
        if let Some(view) = at {
            let text = |y: f32, text: &str, font, color| {
                ui.painter().text(center + vec2(0.0, y), egui::Align2::CENTER_CENTER, text, font, color);
            };
            let name = view.slice.title().split(" (").next().unwrap_or_default();
            text(-9.0, &view.size, theme.font(Face::Code), theme.colors.text);
            text(9.0, name, theme.small_font(), theme.colors.quiet);
        }
        if let Some(pointer) = response.hover_pos() {
            let from = pointer - center;
            let angle = from.x.atan2(-from.y).rem_euclid(TAU);
            let distance = from.length() / (ring / 2.0);
            if (HOLE..=1.0).contains(&distance)
                && let Some(i) = slice_at(slices, angle)
            {
                *hovered = Some(slices[i].slice);
                let text = format!("{}: {}", slices[i].slice.title(), slices[i].size);
                response.on_hover_text_at_pointer(text);
            }
        }
    });
}

/// A part of a ring, with a thin gap to the next.
fn sector(rect: Rect, angles: std::ops::Range<f32>, color: Color32) -> Shape {
    let (outer, inner) = (rect.width() / 2.0, rect.width() / 2.0 * HOLE);
    let gap = (1.0 / outer).min((angles.end - angles.start) / 4.0);
    let (start, end) = (angles.start + gap, angles.end - gap);
    // Fine enough that no edge shows.
    let steps = (((end - start) / TAU * 180.0).ceil() as u32).max(1);
    let mut mesh = Mesh::default();
    for step in 0..=steps {
        let angle = start + (end - start) * step as f32 / steps as f32;
        let direction = vec2(angle.sin(), -angle.cos());
        let center = pos2(rect.center().x, rect.center().y);
        mesh.colored_vertex(center + direction * inner, color);
        mesh.colored_vertex(center + direction * outer, color);
        if step > 0 {
            let at = 2 * step;
            mesh.add_triangle(at - 2, at - 1, at);
            mesh.add_triangle(at - 1, at, at + 1);
        }
    }
    Shape::mesh(mesh)
}
