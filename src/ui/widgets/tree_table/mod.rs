//! The one table of the application: virtualised, equally fast on a hundred rows and on tens of
//! millions, used by keyboard, pointer and screen reader.
//!
//! It draws a [`TreeModel`] and keeps only what the user did to the view: scroll position, widths,
//! selection. Rows are painted by hand, since a widget for each cell would cost more than all the
//! rest; scrolling is exact at any height ([`scroll`]). What assistive technology needs is set on
//! the side: the table is a tree grid, rows are tree items in it, cells are in the rows.

mod columns;
mod export_menu;
mod header;
mod memory;
mod paint;
mod scroll;

pub use columns::{ColumnLayout, ColumnLayouts};
pub use export_menu::export_button_ui;
pub use memory::TableMemory;

use crate::ui::export::Export;
use crate::ui::theme::Theme;
use crate::ui::tree::{Column, Expansion, RowKey, RowView, Sort, TreeModel};
use crate::ui::widgets::toast;
use crate::units;
use columns::PlacedColumn;
use egui::accesskit::{self, Role};
use egui::{Event, EventFilter, Id, Key, Modifiers, Rangef, Rect, Response, Sense, Ui, UiBuilder, WidgetInfo};
use paint::ShownRow;
use scroll::{Extent, Scroll};
use std::sync::Arc;

/// One frame of a table: where things are.
struct Frame<'a> {
    theme: &'a Theme,
    table: &'a Response,
    columns: &'a [Column],
    placed: &'a [PlacedColumn],
    /// Where the rows are.
    body: Rect,
    extent: Extent,
    /// How much of the columns is out of view.
    hidden: f32,
}

impl Frame<'_> {
    fn header(&self) -> Rect {
        self.table.rect.with_max_y(self.body.top())
    }

    /// Where the bar for the rows runs.
    fn track(&self) -> Rect {
        Rect::from_x_y_ranges(self.body.right()..=self.table.rect.right(), self.body.y_range())
    }

    /// Where the bar for the columns runs, if there is one.
    fn track_across(&self) -> Rect {
        Rect::from_x_y_ranges(self.body.x_range(), self.body.bottom()..=self.table.rect.bottom())
    }
}

/// What the user did in a table in one frame.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TableEvents {
    /// This row became the selected one.
    pub selected: Option<u64>,
    /// Enter or a double click on this row.
    pub activated: Option<u64>,
    /// The table is to be exported.
    pub export: Option<Arc<Export>>,
}

/// The view on a table.
#[derive(Debug, Default)]
pub struct TreeTable {
    /// The accessible name, and the table's name in the settings.
    name: &'static str,
    layout: Option<ColumnLayout>,
    scroll: Scroll,
    scroll_x: f32,
    selected: Option<RowKey>,
    /// Where the selected row is, and the revision of the model for which that was found out.
    selected_row: Option<(u64, Option<u64>)>,
    /// Show the selected row as soon as it can be found.
    is_revealing: bool,
    wants_focus: bool,
    /// The row whose context menu is open.
    menu: Option<RowKey>,
    /// The frames since it was opened by keyboard, as long as they matter.
    menu_keys: Option<u8>,
}

impl TreeTable {
    /// A table called `name`; the name is unique in the application.
    pub fn new(name: &'static str) -> Self {
        Self { name, ..Self::default() }
    }

    /// The selected row.
    pub fn selected(&self) -> Option<RowKey> {
        self.selected
    }

    /// Selects a row and scrolls to it, at once or when it has been sorted into its place.
    pub fn reveal(&mut self, key: RowKey) {
        self.selected = Some(key);
        self.selected_row = None;
        self.is_revealing = true;
    }

    /// Selects nothing.
    pub fn clear_selection(&mut self) {
        self.selected = None;
        self.selected_row = None;
        self.is_revealing = false;
    }

    /// Takes the keyboard at the next frame.
    pub fn focus(&mut self) {
        self.wants_focus = true;
    }

    /// The id of the table as a widget, which has the keyboard while rows are used by it.
    pub fn id(&self) -> Id {
        Id::unique(("tree table", self.name))
    }

    /// Draws the rows of `model` into all room there is. `menu` begins the context menu of a row.
    pub fn ui<M: TreeModel>(
        &mut self,
        ui: &mut Ui,
        model: &mut M,
        menu: impl FnOnce(&mut Ui, &mut M, u64),
    ) -> TableEvents {
        model.poll();
        let theme = Theme::of(ui.ctx());
        let rect = ui.available_rect_before_wrap();
        let id = self.id();
        ui.advance_cursor_after_rect(rect);
        let table = ui.interact(rect, id, Sense::focusable_noninteractive());
        table.widget_info(|| WidgetInfo::labeled(Role::TreeGrid, true, self.name));
        if std::mem::take(&mut self.wants_focus) {
            table.request_focus();
        }
        let builder = UiBuilder::new().max_rect(rect).accessibility_parent(id).id_salt(id);
        let mut ui = ui.new_child(builder);
        ui.set_clip_rect(rect.intersect(ui.clip_rect()));
        // Rows come and go at the same place.
        ui.ctx().allow_widget_id_changes_in(rect);
        let (mut events, with_menu) = self.contents_ui(&mut ui, &theme, &table, model);
        if let Some((row, response)) = with_menu {
            self.menu = model.key(row);
            let mut popup = egui::Popup::context_menu(&response);
            if self.menu_keys.is_some() {
                popup = popup.at_position(response.rect.left_bottom() + egui::vec2(40.0, 0.0));
            }
            let open = popup.show(|ui| {
                self.menu_focus(ui, id);
                menu(ui, model, row);
                events.export = common_menu_ui(ui, self.name, model, row);
            });
            if open.is_none() {
                self.menu = None;
            }
        } else {
            self.menu = None;
        }
        if self.menu.is_none() && self.menu_keys.take().is_some() {
            // In the next frame: in this one the menu still keeps the keyboard to itself.
            self.wants_focus = true;
            ui.ctx().request_repaint();
        }
        events
    }

    fn contents_ui(
        &mut self,
        ui: &mut Ui,
        theme: &Theme,
        table: &Response,
        model: &mut dyn TreeModel,
    ) -> (TableEvents, Option<(u64, Response)>) {
        let mut events = TableEvents::default();
        let rect = table.rect;
        let columns = model.columns().to_vec();
        let mut layout = self.layout.take().unwrap_or_else(|| ColumnLayouts::of(ui.ctx()).get(self.name));
        let across = Rangef::new(rect.left(), rect.right() - Theme::SCROLL_BAR);
        let hidden = (layout.place(&columns, across, 0.0).1 - across.span()).max(0.0);
        self.scroll_x = self.scroll_x.min(hidden);
        let (placed, _) = layout.place(&columns, across, self.scroll_x);
        let down = Rangef::new(
            rect.top() + columns::header_height(&columns),
            rect.bottom() - if hidden > 0.0 { Theme::SCROLL_BAR } else { 0.0 },
        );
        let body = Rect::from_x_y_ranges(across, down);
        let extent = Extent { rows: model.row_count(), row_height: Theme::ROW_HEIGHT, view: body.height().max(0.0) };
        let mut frame = Frame { theme, table, columns: &columns, placed: &placed, body, extent, hidden };

        let head = header::header_ui(ui, &frame, model.sort(), &mut layout);
        if head.is_layout_changed {
            ColumnLayouts::of(ui.ctx()).set(self.name, layout.clone());
        }
        self.layout = Some(layout);
        if let Some(sort) = head.sort {
            self.set_sort(model, sort);
        }

        if table.has_focus() {
            let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
            ui.memory_mut(|m| m.set_focus_lock_filter(table.id, filter));
            self.keys(ui, model, extent, &mut events);
        }
        frame.extent.rows = model.row_count();
        if self.is_revealing
            && let Some(row) = self.find_selected(model)
        {
            self.scroll.center(row, frame.extent);
            self.is_revealing = false;
        }
        self.scroll.clamp(frame.extent);
        self.wheel(ui, &frame);
        self.bars_ui(ui, &frame);

        ui.set_clip_rect(body.intersect(ui.clip_rect()));
        let selected = self.find_selected(model);
        let with_menu = self.rows_ui(ui, &frame, model, selected, &mut events);
        if table.has_focus() {
            let line = egui::Stroke::new(1.0, theme.colors.accent);
            ui.painter().rect_stroke(body, 0, line, egui::StrokeKind::Inside);
        }

        let is_in_view = selected.is_some_and(|row| self.scroll.visible(frame.extent).contains(&row));
        ui.ctx().accesskit_node_builder(table.id, |node| {
            let rows = model.row_count();
            node.set_row_count(usize::try_from(rows).unwrap_or(usize::MAX));
            node.set_size_of_set(usize::try_from(rows).unwrap_or(usize::MAX));
            node.set_column_count(columns.len());
            let noun =
                |n: u64, one: &str| if n == 1 { format!("1 {one}") } else { format!("{} {one}s", units::count(n)) };
            node.set_description(format!("{}, {}", noun(rows, "row"), noun(placed.len() as u64, "column")));
            if let Some(key) = self.selected.filter(|_| is_in_view) {
                node.set_active_descendant(row_id(table.id, key).accesskit_id());
            }
        });
        (events, with_menu)
    }

    /// Keeps the keyboard inside a menu that was opened by it.
    fn menu_focus(&mut self, ui: &Ui, table: Id) {
        let Some(frames) = self.menu_keys else { return };
        ui.memory_mut(|m| {
            m.set_modal_layer(ui.layer_id());
            match frames {
                0 => m.surrender_focus(table),
                // Nothing else can have the keyboard now: its first entry takes it.
                1 => m.move_focus(egui::FocusDirection::Next),
                _ => {}
            }
        });
        if frames < 2 {
            ui.ctx().request_repaint();
        }
        self.menu_keys = Some(frames.saturating_add(1).min(2));
    }

    fn set_sort(&mut self, model: &mut dyn TreeModel, sort: Sort) {
        model.set_sort(sort);
        // Whoever looks at a selected row goes on looking at it; others look at the new top.
        if self.selected.is_some() {
            self.is_revealing = true;
        } else {
            self.scroll = Scroll::default();
        }
    }

    /// Where the selected row is now; looked up again only when rows may have moved.
    fn find_selected(&mut self, model: &dyn TreeModel) -> Option<u64> {
        let key = self.selected?;
        let revision = model.revision();
        match self.selected_row {
            Some((seen, row)) if seen == revision => row,
            _ => {
                let row = model.find(key);
                self.selected_row = Some((revision, row));
                row
            }
        }
    }

    /// Selects the row at `row`, which must be one with a name.
    fn select(&mut self, model: &dyn TreeModel, row: u64, events: &mut TableEvents) {
        if let Some(key) = model.key(row) {
            if self.selected != Some(key) {
                events.selected = Some(row);
            }
            self.selected = Some(key);
            self.selected_row = Some((model.revision(), Some(row)));
            self.is_revealing = false;
        }
    }

    fn keys(&mut self, ui: &Ui, model: &mut dyn TreeModel, extent: Extent, events: &mut TableEvents) {
        let Some(last) = extent.rows.checked_sub(1) else { return };
        let pressed = ui.input(|i| i.events.clone());
        let mut row = self.find_selected(model);
        for event in pressed {
            match event {
                Event::Key { key, pressed: true, modifiers, .. } => {
                    let to = match (key, row) {
                        (Key::F10, Some(r)) if modifiers.shift_only() => self.open_menu(ui, model, r, extent),
                        (Key::Menu, Some(r)) => self.open_menu(ui, model, r, extent),
                        _ if modifiers.command || modifiers.alt => None,
                        (Key::ArrowDown, Some(r)) => Some((r + 1).min(last)),
                        (Key::ArrowUp, Some(r)) => Some(r.saturating_sub(1)),
                        (Key::PageDown, Some(r)) => Some((r + extent.page()).min(last)),
                        (Key::PageUp, Some(r)) => Some(r.saturating_sub(extent.page())),
                        (Key::ArrowDown | Key::PageDown | Key::Home, None) | (Key::Home, _) => Some(0),
                        (Key::ArrowUp | Key::PageUp | Key::End, None) | (Key::End, _) => Some(last),
                        (Key::ArrowRight | Key::ArrowLeft, Some(r)) => sideways(model, r, key, modifiers),
                        (Key::Enter, Some(r)) => {
                            events.activated = Some(r);
                            None
                        }
                        _ => None,
                    };
                    if let Some(to) = to {
                        self.select(model, to, events);
                        self.scroll.show(to, Extent { rows: model.row_count(), ..extent });
                        row = Some(to);
                    }
                }
                Event::Copy => {
                    if let Some(view) = row.and_then(|r| model.row(r)) {
                        copy_row(ui, &view);
                    }
                }
                _ => {}
            }
        }
    }

    /// Opens the context menu of a row by keyboard.
    fn open_menu(&mut self, ui: &Ui, model: &dyn TreeModel, row: u64, extent: Extent) -> Option<u64> {
        let key = model.key(row)?;
        self.scroll.show(row, extent);
        self.menu = Some(key);
        self.menu_keys = Some(0);
        egui::Popup::open_id(ui.ctx(), row_id(self.id(), key).with("popup"));
        None
    }

    fn wheel(&mut self, ui: &Ui, frame: &Frame<'_>) {
        if !ui.rect_contains_pointer(frame.table.rect) {
            return;
        }
        let mut delta = ui.input(|i| i.smooth_scroll_delta());
        if ui.input(|i| i.modifiers.shift) && delta.x == 0.0 {
            delta = delta.yx();
        }
        if delta.y != 0.0 {
            self.scroll.by(-delta.y, frame.extent);
        }
        self.scroll_x = (self.scroll_x - delta.x).clamp(0.0, frame.hidden);
    }

    fn bars_ui(&mut self, ui: &Ui, frame: &Frame<'_>) {
        let &Frame { theme, extent, hidden, .. } = frame;
        let id = frame.table.id;
        let track = frame.track();
        ui.painter().rect_filled(track, 0, theme.colors.window);
        if extent.is_scrollable() {
            let part = (extent.view / (extent.rows as f32 * extent.row_height)).min(1.0);
            let moved = bar_ui(ui, theme, id.with("bar"), track, part, self.scroll.fraction(extent), true);
            if let Some(fraction) = moved {
                self.scroll.set_fraction(fraction, extent);
            }
        }
        if hidden > 0.0 {
            let track = frame.track_across();
            ui.painter().rect_filled(track, 0, theme.colors.window);
            let part = track.width() / (track.width() + hidden);
            let moved = bar_ui(ui, theme, id.with("bar across"), track, part, self.scroll_x / hidden, false);
            if let Some(fraction) = moved {
                self.scroll_x = fraction * hidden;
            }
        }
    }

    fn rows_ui(
        &mut self,
        ui: &mut Ui,
        frame: &Frame<'_>,
        model: &mut dyn TreeModel,
        selected: Option<u64>,
        events: &mut TableEvents,
    ) -> Option<(u64, Response)> {
        let &Frame { theme, table, placed, body, extent, .. } = frame;
        let mut shown = Vec::new();
        let mut toggled = None;
        let mut clicked = None;
        let mut with_menu = None;
        for row in self.scroll.visible(extent) {
            let Some(view) = model.row(row) else { break };
            let top = body.top() + self.scroll.offset(row, extent);
            let rect = Rect::from_x_y_ranges(body.x_range(), top..=top + extent.row_height);
            let key = model.key(row);
            let id = key.map_or_else(|| table.id.with(("placeholder", row)), |key| row_id(table.id, key));
            let response = ui.interact(rect, id, Sense::CLICK);
            let is_selected = selected == Some(row) && key.is_some();
            let expander = paint::expander_rect(placed[0], rect, view.level);
            row_access(ui, frame, &response, row, &view, is_selected);
            let asked = |action| ui.input(|i| i.has_accesskit_action_request(id, action));
            let on_expander = response.interact_pointer_pos().is_some_and(|p| expander.x_range().contains(p.x));
            if view.expansion != Expansion::Leaf
                && (response.clicked() && on_expander
                    || response.double_clicked()
                    || asked(accesskit::Action::Expand)
                    || asked(accesskit::Action::Collapse))
            {
                toggled = Some((row, view.expansion == Expansion::Collapsed));
            }
            if response.clicked() && !(on_expander && view.expansion != Expansion::Leaf) || response.secondary_clicked()
            {
                clicked = Some(row);
            }
            if response.double_clicked() && view.expansion == Expansion::Leaf {
                events.activated = Some(row);
            }
            if key.is_some() && (response.secondary_clicked() || self.menu == key) {
                with_menu = Some((row, response.clone()));
            }
            if response.hovered()
                && let Some(pointer) = response.hover_pos()
                && let Some(column) = placed.iter().find(|p| p.clip.contains(pointer.x))
                && let Some(text) = model.tooltip(row, column.column)
            {
                response.clone().on_hover_text_at_pointer(text);
            }
            let background = if is_selected {
                Some(if table.has_focus() { theme.colors.selected } else { theme.colors.selected_elsewhere })
            } else {
                response.hovered().then_some(theme.colors.hover)
            };
            shown.push(ShownRow { rect, view, background });
        }
        paint::rows(ui.painter(), theme, placed, &shown);

        if let Some(row) = clicked {
            table.request_focus();
            self.select(model, row, events);
            self.scroll.show(row, extent);
        }
        if let Some((row, expanded)) = toggled {
            table.request_focus();
            model.set_expanded(row, expanded);
        }
        with_menu
    }
}

/// Left and Right: closes or goes out, opens or goes in; with Shift for all rows inside.
fn sideways(model: &mut dyn TreeModel, row: u64, key: Key, modifiers: Modifiers) -> Option<u64> {
    let view = model.row(row)?;
    let right = key == Key::ArrowRight;
    match (right, view.expansion) {
        (_, Expansion::Collapsed | Expansion::Expanded) if modifiers.shift => {
            model.set_expanded_below(row, right);
            None
        }
        (true, Expansion::Collapsed) => {
            model.set_expanded(row, true);
            None
        }
        (true, Expansion::Expanded) => {
            let inside = model.row(row + 1)?.level > view.level;
            inside.then_some(row + 1)
        }
        (false, Expansion::Expanded) => {
            model.set_expanded(row, false);
            None
        }
        (false, _) => model.parent(row),
        (true, Expansion::Leaf) => None,
    }
}

/// Where a row is, and whether it is open, in words.
fn row_description(row: u64, rows: u64, expansion: Expansion) -> String {
    let state = match expansion {
        Expansion::Leaf => "",
        Expansion::Collapsed => ", closed",
        Expansion::Expanded => ", open",
    };
    format!("row {} of {}{state}", units::count(row + 1), units::count(rows))
}

fn row_id(table: Id, key: RowKey) -> Id {
    table.with(key)
}

/// Tells assistive technology about a row and its cells.
fn row_access(ui: &mut Ui, frame: &Frame<'_>, response: &Response, row: u64, view: &RowView, is_selected: bool) {
    let id = response.id;
    response.widget_info(|| WidgetInfo::labeled(Role::TreeItem, true, view.name()));
    let row_index = usize::try_from(row).unwrap_or(usize::MAX);
    let is_on = ui.ctx().accesskit_node_builder(id, |node| {
        node.set_level(view.level as usize + 1);
        node.set_row_index(row_index);
        node.set_position_in_set(row_index);
        node.set_selected(is_selected);
        // Screen readers on Linux are told neither state nor position otherwise.
        node.set_description(row_description(row, frame.extent.rows, view.expansion));
        match view.expansion {
            Expansion::Leaf => {}
            Expansion::Collapsed => {
                node.set_expanded(false);
                node.add_action(accesskit::Action::Expand);
            }
            Expansion::Expanded => {
                node.set_expanded(true);
                node.add_action(accesskit::Action::Collapse);
            }
        }
    });
    if is_on.is_none() {
        return;
    }
    // Out of sight of the pointer: cells are for assistive technology only.
    let mut cells = ui.new_child(UiBuilder::new().max_rect(response.rect).accessibility_parent(id).id_salt(id));
    cells.set_clip_rect(Rect::NOTHING);
    for place in frame.placed {
        let Some(cell) = view.cells.get(place.column) else { continue };
        let cell_id = id.with(("cell", place.column));
        let rect = Rect::from_x_y_ranges(place.x, response.rect.y_range());
        cells.interact(rect, cell_id, Sense::hover());
        ui.ctx().accesskit_node_builder(cell_id, |node| {
            node.set_role(Role::GridCell);
            node.set_column_index(place.column);
            node.set_row_index(row_index);
            // Where values are not passed on, the name is all there is.
            let (column, text) = (header::column_name(&frame.columns[place.column]), cell.text());
            node.set_label(if text.is_empty() { column } else { format!("{column}: {text}") });
            node.set_value(text);
            node.set_bounds(accesskit::Rect {
                x0: rect.min.x.into(),
                y0: rect.min.y.into(),
                x1: rect.max.x.into(),
                y1: rect.max.y.into(),
            });
        });
    }
}

/// What every table's context menu ends with.
fn common_menu_ui(ui: &mut Ui, table: &'static str, model: &mut dyn TreeModel, row: u64) -> Option<Arc<Export>> {
    let view = model.row(row)?;
    if view.expansion != Expansion::Leaf {
        if ui.button("Expand all inside").clicked() {
            model.set_expanded_below(row, true);
            ui.close();
        }
        if ui.button("Collapse all inside").clicked() {
            model.set_expanded_below(row, false);
            ui.close();
        }
        ui.separator();
    }
    if ui.button("Copy row").clicked() {
        copy_row(ui, &view);
        ui.close();
    }
    export_menu::entries_ui(ui, table, model.row_count(), || model.export())
}

/// Puts a row on the clipboard.
fn copy_row(ui: &Ui, view: &RowView) {
    let name = view.name();
    toast::copy(ui.ctx(), view.tabbed_text(), &format!("the row of {}", crate::visible::shortened(&name, 60)));
}

/// A scroll bar; returns the fraction it was moved to.
fn bar_ui(ui: &Ui, theme: &Theme, id: Id, track: Rect, part: f32, fraction: f32, is_upright: bool) -> Option<f32> {
    let response = ui.interact(track, id, Sense::CLICK | Sense::DRAG);
    ui.ctx().accesskit_node_builder(id, |node| {
        node.set_role(Role::ScrollBar);
        node.set_label(if is_upright { "Scroll rows" } else { "Scroll columns" });
        node.set_numeric_value(f64::from(fraction));
    });
    let along = if is_upright { track.y_range() } else { track.x_range() };
    let length = (along.span() * part).max(24.0).min(along.span());
    let start = along.min + (along.span() - length) * fraction;
    let held = Rangef::new(start, start + length);
    let handle = match is_upright {
        true => Rect::from_x_y_ranges(track.x_range(), held).shrink2(egui::vec2(3.0, 1.0)),
        false => Rect::from_x_y_ranges(held, track.y_range()).shrink2(egui::vec2(1.0, 3.0)),
    };
    let lit = response.hovered() || response.dragged();
    let color = if lit { theme.colors.quiet } else { theme.colors.border };
    ui.painter().rect_filled(handle, 3, color);

    let pointer = response.interact_pointer_pos()?;
    let at = if is_upright { pointer.y } else { pointer.x };
    let grip = id.with("grip");
    if response.drag_started() || response.clicked() {
        // Where on the handle it was taken; beside it, the handle jumps to the pointer.
        let origin = ui.input(|i| i.pointer.press_origin()).unwrap_or(pointer);
        let from = if is_upright { origin.y } else { origin.x };
        let inside = if held.contains(from) { from - start } else { length / 2.0 };
        ui.data_mut(|d| d.insert_temp(grip, inside));
    } else if !response.dragged() {
        return None;
    }
    let inside = ui.data(|d| d.get_temp(grip)).unwrap_or(length / 2.0);
    let room = along.span() - length;
    (room > 0.0).then(|| ((at - inside - along.min) / room).clamp(0.0, 1.0))
}
