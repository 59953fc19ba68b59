//! The header: titles that sort, edges that resize, columns that can be dragged elsewhere.

use super::Frame;
use super::columns::{ColumnLayout, PlacedColumn};
use super::paint::triangle;
use crate::ui::theme::Theme;
use crate::ui::tree::{Align, Column, Face, Sort};
use crate::ui::widgets::elided::elided_middle;
use egui::accesskit::{Role, SortDirection};
use egui::{CornerRadius, CursorIcon, Rangef, Rect, Sense, Stroke, Ui, WidgetInfo, pos2};

/// What was done with the header in this frame.
#[derive(Debug, Default)]
pub(super) struct HeaderEvents {
    pub sort: Option<Sort>,
    pub is_layout_changed: bool,
}

/// Draws the header above the rows and lets it be used.
pub(super) fn header_ui(ui: &Ui, frame: &Frame<'_>, sort: Option<Sort>, layout: &mut ColumnLayout) -> HeaderEvents {
    let mut events = HeaderEvents::default();
    let &Frame { theme, table, columns, placed, .. } = frame;
    let rect = frame.header();
    let painter = ui.painter();
    painter.rect_filled(rect, CornerRadius::ZERO, theme.colors.raised);
    let line = Stroke::new(1.0, theme.colors.border);
    painter.hline(rect.x_range(), rect.bottom() - 0.5, line);
    let titles = Rangef::new(rect.bottom() - Theme::HEADER_HEIGHT, rect.bottom());
    if titles.min > rect.top() {
        bands(ui, frame, Rangef::new(rect.top(), titles.min));
    }

    for (shown, place) in placed.iter().enumerate().filter(|(_, p)| p.clip.span() > 0.0) {
        let column = &columns[place.column];
        let cell = Rect::from_x_y_ranges(place.clip, titles);
        let is_first = shown == 0;
        let sense = if is_first { Sense::click() } else { Sense::click_and_drag() };
        let id = table.id.with(("header", column.key()));
        let response = ui.interact(cell, id, if column.is_sortable { sense } else { Sense::CLICK | Sense::DRAG });
        let here = sort.filter(|s| s.column == place.column);
        response.widget_info(|| WidgetInfo::labeled(Role::ColumnHeader, true, column_name(column)));
        ui.ctx().accesskit_node_builder(id, |node| {
            node.set_column_index(place.column);
            if let Some(sort) = here {
                let down = sort.is_descending();
                node.set_sort_direction(if down { SortDirection::Descending } else { SortDirection::Ascending });
            }
        });
        if response.hovered() && column.is_sortable {
            painter.rect_filled(cell.shrink2(egui::vec2(0.0, 1.0)), CornerRadius::ZERO, theme.colors.raised_hover);
        }
        if response.has_focus() {
            let focus = Stroke::new(1.5, theme.colors.accent);
            painter.rect_stroke(cell.shrink(1.0), CornerRadius::same(2), focus, egui::StrokeKind::Inside);
        }
        title(ui, theme, *place, titles, column, here);
        if response.clicked() && column.is_sortable {
            events.sort = Some(sort.map_or(Sort::ascending(place.column), |s| s.clicked(place.column)));
        }
        if !is_first && drag_column(ui, frame, &response, place.column, layout) {
            events.is_layout_changed = true;
        }
        response.context_menu(|ui| {
            if columns_menu_ui(ui, columns, Some(place.column), layout) {
                events.is_layout_changed = true;
            }
        });
        let help = column.help.as_ref();
        if !help.is_empty() && !response.dragged() {
            response.on_hover_text(help);
        }
    }

    for (shown, place) in placed.iter().enumerate().skip(1).filter(|(_, p)| p.clip.min == p.x.min) {
        painter.vline(place.x.min, titles, line);
        let grip = Rect::from_x_y_ranges(place.x.min - 4.0..=place.x.min + 4.0, titles);
        let id = table.id.with(("edge", columns[place.column].key()));
        let response =
            ui.interact(grip, id, Sense::CLICK | Sense::DRAG).on_hover_and_drag_cursor(CursorIcon::ResizeColumn);
        if response.double_clicked() {
            layout.reset_width(&columns[place.column]);
            events.is_layout_changed = true;
        } else if response.dragged() && response.drag_delta().x != 0.0 {
            let left = (shown > 1).then(|| placed[shown - 1].column);
            // At the right end there is room where the first column is as wide as it gets by itself.
            let end = placed.last().map_or(f32::MAX, |last| last.x.max);
            let tree = (end < rect.right() - Theme::SCROLL_BAR - 1.0).then(|| placed[0].x.span());
            layout.move_edge(columns, left, place.column, response.drag_delta().x, tree);
            events.is_layout_changed = true;
        }
    }
    events
}

/// Which columns are shown; says whether that was changed. `at` is the one whose header was clicked.
fn columns_menu_ui(ui: &mut Ui, columns: &[Column], at: Option<usize>, layout: &mut ColumnLayout) -> bool {
    let mut is_changed = false;
    if let Some(column) = at.filter(|&at| at > 0).map(|at| &columns[at])
        && ui.button(format!("Hide {}", column_name(column))).clicked()
    {
        layout.set_hidden(column, true);
        is_changed = true;
        ui.close();
    }
    for column in columns.iter().skip(1) {
        let mut is_shown = !layout.is_hidden(column);
        if ui.checkbox(&mut is_shown, column_name(column)).clicked() {
            layout.set_hidden(column, !is_shown);
            is_changed = true;
        }
    }
    ui.separator();
    if ui.add_enabled(layout.is_changed(), egui::Button::new("Reset columns")).clicked() {
        *layout = ColumnLayout::default();
        is_changed = true;
        ui.close();
    }
    is_changed
}

/// The column's name for screen readers and tests.
pub(super) fn column_name(column: &Column) -> String {
    match &column.band {
        None => column.title.clone().into_owned(),
        Some(band) => format!("{band}: {}", column.title),
    }
}

fn title(ui: &Ui, theme: &Theme, place: PlacedColumn, y: Rangef, column: &Column, sort: Option<Sort>) {
    let clip = Rect::from_x_y_ranges(place.clip, y).intersect(ui.clip_rect());
    let painter = ui.painter().with_clip_rect(clip);
    let arrow = if sort.is_some() { 14.0 } else { 0.0 };
    let room = (place.x.span() - 2.0 * Theme::CELL_PADDING - arrow).max(8.0);
    let galley = elided_middle(&painter, &column.title, &theme.font(Face::Words), theme.colors.text, room);
    let x = match column.align {
        Align::Left => place.x.min + Theme::CELL_PADDING,
        Align::Right => {
            (place.x.max - Theme::CELL_PADDING - arrow - galley.size().x).max(place.x.min + Theme::CELL_PADDING)
        }
    };
    let end = x + galley.size().x;
    let top = y.center() - galley.size().y / 2.0;
    painter.galley(pos2(x, top), galley, theme.colors.text);
    if let Some(sort) = sort {
        let center = pos2((end + 8.0).min(place.x.max - 7.0), y.center());
        let down = triangle(center, true, theme.colors.accent);
        let mut shape = down;
        if !sort.is_descending() {
            shape = match shape {
                egui::Shape::Path(mut path) => {
                    path.points.iter_mut().for_each(|p| p.y = 2.0 * center.y - p.y);
                    egui::Shape::Path(path)
                }
                other => other,
            };
        }
        painter.add(shape);
    }
}

/// Titles above neighbors of the same band, with a rule on either side.
fn bands(ui: &Ui, frame: &Frame<'_>, y: Rangef) {
    let &Frame { theme, columns, placed, .. } = frame;
    let mut start = 0;
    while start < placed.len() {
        let band = &columns[placed[start].column].band;
        let same = placed[start..].iter().take_while(|p| columns[p.column].band == *band).count();
        let end = start + same;
        if let Some(text) = band {
            let x = Rangef::new(placed[start].x.min, placed[end - 1].x.max);
            let clip = Rangef::new(placed[start].clip.min, placed[end - 1].clip.max);
            let painter = ui.painter().with_clip_rect(Rect::from_x_y_ranges(clip, y).intersect(ui.clip_rect()));
            painter.vline(x.min, y, Stroke::new(1.0, theme.colors.border));
            let mut job =
                egui::text::LayoutJob::simple_singleline(text.to_string(), theme.font(Face::Words), theme.colors.text);
            job.wrap = egui::text::TextWrapping::truncate_at_width((x.span() - 12.0).max(0.0));
            let galley = painter.layout_job(job);
            let at = pos2(x.center() - galley.size().x / 2.0, y.center() - galley.size().y / 2.0);
            painter.galley(at, galley, theme.colors.text);
        }
        start = end;
    }
}

/// Dragging a header sideways: shows where the column would go, and puts it there.
fn drag_column(
    ui: &Ui,
    frame: &Frame<'_>,
    response: &egui::Response,
    column: usize,
    layout: &mut ColumnLayout,
) -> bool {
    let &Frame { theme, columns, placed, .. } = frame;
    if !(response.dragged() || response.drag_stopped()) {
        return false;
    }
    let Some(pointer) = response.interact_pointer_pos() else { return false };
    // Edges it can be dropped at: those of its own band.
    let edge = |target: usize| placed.get(target).map_or_else(|| placed[target - 1].x.max, |p| p.x.min);
    let in_band = |p: &PlacedColumn| columns[p.column].band == columns[column].band;
    let first = placed.iter().skip(1).position(in_band).map_or(1, |i| i + 1);
    let last = placed.iter().rposition(in_band).map_or(first, |i| i + 1);
    let target = (first..=last)
        .min_by(|&a, &b| (edge(a) - pointer.x).abs().total_cmp(&(edge(b) - pointer.x).abs()))
        .unwrap_or(first);
    if response.drag_stopped() {
        layout.move_column(columns, column, target);
        return true;
    }
    ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
    ui.painter().vline(edge(target), frame.header().y_range(), Stroke::new(3.0, theme.colors.accent));
    false
}
