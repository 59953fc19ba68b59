//! The sidebar: what is open, what is on its way, what was refused.

use super::shown::Shown;
use crate::session::{Document, DocumentId, OpenDocument, Session};
use crate::ui::command::{Command, Commands};
use crate::ui::theme::Theme;
use crate::ui::tree::Face;
use crate::ui::widgets::elided::elided_middle;
use crate::ui::widgets::field::field;
use crate::ui::widgets::icon::{Icon, icon_button, icon_button_with};
use crate::units;
use egui::accesskit::Role;
use egui::{
    Align, Button, CornerRadius, Key, Layout, Margin, Rect, Response, RichText, ScrollArea, Sense, Stroke, Ui,
    UiBuilder, WidgetInfo, pos2, vec2,
};

/// Height of the row of an open snapshot.
const ROW: f32 = 42.0;
/// Height of the row of a file that is being opened.
const LOADING_ROW: f32 = 58.0;

/// What the user is doing in the sidebar.
#[derive(Debug, Default)]
pub(super) struct Sidebar {
    renaming: Option<Renaming>,
    dragged: Option<DocumentId>,
}

/// A snapshot whose name is being edited.
#[derive(Debug)]
struct Renaming {
    id: DocumentId,
    text: String,
    /// The field was not shown yet.
    is_new: bool,
}

/// What the sidebar shows.
pub(super) struct SidebarContext<'a> {
    pub(super) session: &'a Session,
    pub(super) shown: &'a Shown,
    /// Whether the panel shows two snapshots.
    pub(super) is_comparing: bool,
    pub(super) commands: &'a mut Commands,
}

impl SidebarContext<'_> {
    fn push(&mut self, command: Command) {
        self.commands.push(command);
    }

    fn position(&self, id: DocumentId) -> usize {
        self.session.documents().iter().position(|e| e.id() == id).unwrap_or(0)
    }
}

impl Sidebar {
    /// Draws it.
    pub(super) fn ui(&mut self, ui: &mut Ui, context: &mut SidebarContext<'_>) {
        let theme = Theme::of(ui.ctx());
        ui.horizontal(|ui| {
            ui.set_height(Theme::BAR_HEIGHT);
            ui.add_space(8.0);
            ui.label(RichText::new("Snapshots").color(theme.colors.quiet));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add_space(4.0);
                let tooltip = Command::OpenDialog.tooltip(ui.ctx());
                if icon_button_with(ui, Icon::Plus, "Open files…", &tooltip, true).clicked() {
                    context.push(Command::OpenDialog);
                }
            });
        });
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let mut previous_size = None;
            let mut edges = Vec::new();
            let ids: Vec<DocumentId> = context.session.documents().iter().map(Document::id).collect();
            for &id in &ids {
                let Some(entry) = context.session.document(id) else { continue };
                edges.push(ui.cursor().top());
                if let Some(opened) = entry.opened() {
                    let size = opened.as_snapshot().map(|snapshot| snapshot.heap.total_size());
                    self.open_ui(ui, context, &theme, id, previous_size);
                    previous_size = size.or(previous_size);
                } else if entry.progress().is_some() {
                    self.loading_ui(ui, context, &theme, id);
                } else {
                    self.refused_ui(ui, context, &theme, id);
                }
            }
            edges.push(ui.cursor().top());
            self.drag_ui(ui, context, &theme, &ids, &edges);
            ui.add_space(12.0);
            if context.session.documents().len() < 3 {
                ui.vertical_centered(|ui| ui.label(RichText::new("Drop files anywhere").color(theme.colors.quiet)));
            }
        });
    }

    /// An open document: its name and size; of snapshots their objects, and growth against the one above.
    fn open_ui(
        &mut self,
        ui: &mut Ui,
        context: &mut SidebarContext<'_>,
        theme: &Theme,
        id: DocumentId,
        previous_size: Option<u64>,
    ) {
        let Some(entry) = context.session.document(id) else { return };
        let Some(opened) = entry.opened() else { return };
        let name = entry.name();
        let is_changed = entry.is_changed_on_disk();
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click_and_drag());
        let heap = opened.as_snapshot().map(|snapshot| &snapshot.heap);
        let is_current = context.shown.current == Some(id);
        let about = match heap {
            Some(heap) => {
                let objects = units::count(heap.graph.node_count() as u64);
                [units::bytes(heap.total_size()), format!("{objects} objects")]
            }
            None => [opened.kind().about().name.to_owned(), units::bytes(opened.memory())],
        };
        response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, is_current, name));
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_selected(is_current);
            node.set_description(about.join(", "));
        });

        if is_current {
            ui.painter().rect_filled(rect, CornerRadius::ZERO, theme.colors.selected);
            let bar = Rect::from_min_size(rect.min, vec2(3.0, ROW));
            ui.painter().rect_filled(bar, CornerRadius::ZERO, theme.colors.accent);
        } else if response.hovered() {
            ui.painter().rect_filled(rect, CornerRadius::ZERO, theme.colors.raised_hover);
        }
        if response.has_focus() {
            let line = Stroke::new(1.0, theme.colors.accent);
            ui.painter().rect_stroke(rect, CornerRadius::ZERO, line, egui::StrokeKind::Inside);
        }

        let mut inner = ui.new_child(UiBuilder::new().max_rect(rect.shrink2(vec2(12.0, 4.0))));
        let mut right = rect.right() - 8.0;
        if !opened.warnings().is_empty() {
            right -= 24.0;
            self.warnings_ui(&mut inner, context, theme, id, pos2(right, rect.top() + 2.0));
        }
        if is_changed {
            right -= 24.0;
            let at = Rect::from_min_size(pos2(right, rect.top() + 2.0), vec2(24.0, 24.0));
            let mut corner = inner.new_child(UiBuilder::new().max_rect(at));
            let what = format!("Reload {name}: the file has changed on disk");
            if icon_button(&mut corner, Icon::Reload, &what, true).clicked() {
                context.push(Command::Reload(id));
            }
        }
        if context.is_comparing && heap.is_some() {
            right = self.marks_ui(&mut inner, context, theme, id, rect, right);
        }

        let name_room = Rect::from_x_y_ranges(rect.left() + 12.0..=right, rect.top() + 4.0..=rect.top() + 22.0);
        if let Some(renaming) = self.renaming.as_mut().filter(|r| r.id == id) {
            let mut room = inner.new_child(UiBuilder::new().max_rect(name_room));
            let edit = egui::TextEdit::singleline(&mut renaming.text).desired_width(name_room.width());
            let edited = field(&mut room, edit, "Name of the snapshot");
            if std::mem::take(&mut renaming.is_new) {
                edited.request_focus();
            }
            if edited.lost_focus() {
                if !ui.input(|i| i.key_pressed(Key::Escape)) {
                    context.push(Command::Rename(id, renaming.text.clone()));
                }
                self.renaming = None;
            }
        } else {
            elided(&inner, name, theme.font(Face::Words), theme.colors.text, name_room);
        }

        let below =
            Rect::from_x_y_ranges(rect.left() + 12.0..=rect.right() - 8.0, rect.top() + 22.0..=rect.bottom() - 3.0);
        let growth = previous_size.zip(heap).map(|(before, heap)| {
            let delta = heap.total_size() as i64 - before as i64;
            let color = match delta {
                0 => theme.colors.quiet,
                1.. => theme.colors.growth,
                _ => theme.colors.shrinkage,
            };
            (units::signed(delta, units::bytes), color)
        });
        let mut line_end = below.right();
        if let Some((text, color)) = growth {
            let galley = ui.painter().layout_no_wrap(text, theme.small_font(), color);
            line_end -= galley.size().x;
            ui.painter().galley(pos2(line_end, below.center().y - galley.size().y / 2.0), galley, color);
        }
        let room = below.with_max_x(line_end - 6.0);
        elided(&inner, &about.join(" · "), theme.small_font(), theme.colors.quiet, room);

        self.open_events(ui, context, &response, id);
        let path = entry.path().map(|path| path.display().to_string());
        let size = entry.file_size().map(|size| format!("{} on disk", units::bytes(size)));
        let file: Vec<String> = std::iter::once(name.to_owned()).chain(path).chain(size).collect();
        if self.dragged.is_none() {
            response.on_hover_text(file.join("\n"));
        }
    }

    fn open_events(&mut self, ui: &Ui, context: &mut SidebarContext<'_>, response: &Response, id: DocumentId) {
        if response.drag_started() {
            self.dragged = Some(id);
        }
        if response.clicked() {
            context.push(Command::ShowSnapshot(id));
        }
        if response.double_clicked() {
            self.begin_rename(id, context.session);
        }
        if response.has_focus() {
            let (delete, up, down) = ui.input(|i| {
                let alone = i.modifiers.is_none();
                let alt = i.modifiers.alt && !i.modifiers.command;
                let key = |key| i.key_pressed(key);
                (alone && key(Key::Delete), alt && key(Key::ArrowUp), alt && key(Key::ArrowDown))
            });
            let at = context.position(id);
            context.commands.extend(delete.then_some(Command::Remove(id)));
            context.commands.extend((up && at > 0).then(|| Command::Move(id, at - 1)));
            context.commands.extend(down.then_some(Command::Move(id, at + 2)));
        }
        response.context_menu(|ui| self.menu_ui(ui, context, id));
    }

    fn menu_ui(&mut self, ui: &mut Ui, context: &mut SidebarContext<'_>, id: DocumentId) {
        let at = context.position(id);
        let last = context.session.documents().len().saturating_sub(1);
        let path = context.session.document(id).and_then(Document::path).map(|p| p.display().to_string());
        let can_compare = context.shown.current != Some(id);
        let mut chosen = None;
        let mut item = |ui: &mut Ui, text: &str, is_enabled: bool, command: Command| {
            if ui.add_enabled(is_enabled, Button::new(text)).clicked() {
                chosen = Some(command);
                ui.close();
            }
        };
        item(ui, "Compare the present one with this", can_compare, Command::SetBase(id));
        ui.separator();
        item(ui, "Move up", at > 0, Command::Move(id, at.saturating_sub(1)));
        item(ui, "Move down", at < last, Command::Move(id, at + 2));
        ui.separator();
        item(ui, "Read the file again", path.is_some(), Command::Reload(id));
        item(ui, "Copy path", path.is_some(), Command::Copy(path.clone().unwrap_or_default()));
        item(ui, "Close", true, Command::Remove(id));
        if ui.button("Rename").clicked() {
            self.begin_rename(id, context.session);
            ui.close();
        }
        context.commands.extend(chosen);
    }

    /// The letters of the two sides of a comparison, and a way to choose A.
    fn marks_ui(
        &mut self,
        ui: &mut Ui,
        context: &mut SidebarContext<'_>,
        theme: &Theme,
        id: DocumentId,
        row: Rect,
        right: f32,
    ) -> f32 {
        let is_target = context.shown.current == Some(id);
        let is_base = context.shown.base(context.session) == Some(id);
        let at = Rect::from_min_size(pos2(right - 22.0, row.top() + 4.0), vec2(18.0, 18.0));
        let name = context.session.document(id).map(|e| e.name().to_owned()).unwrap_or_default();
        let (letter, what) = match (is_target, is_base) {
            (true, _) => ("B", format!("{name} is the snapshot that is looked at")),
            (_, true) => ("A", format!("{name} is the one it is compared with")),
            _ => ("A", format!("Compare with {name}")),
        };
        let sense = if is_target { Sense::hover() } else { Sense::click() };
        let response = ui.interact(at, ui.scope_id().with(("mark", id)), sense);
        if is_target || is_base || response.hovered() || response.has_focus() {
            let (fill, color) = match is_target || is_base {
                true => (theme.colors.accent, theme.colors.on_accent),
                false => (theme.colors.raised_hover, theme.colors.text),
            };
            ui.painter().rect_filled(at, CornerRadius::same(4), fill);
            let galley = ui.painter().layout_no_wrap(letter.to_owned(), theme.small_font(), color);
            ui.painter().galley(at.center() - galley.size() / 2.0, galley, color);
        }
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_base, &what));
        if response.clicked() {
            context.push(Command::SetBase(id));
        }
        response.on_hover_text(what);
        at.left()
    }

    fn warnings_ui(
        &mut self,
        ui: &mut Ui,
        context: &mut SidebarContext<'_>,
        theme: &Theme,
        id: DocumentId,
        at: egui::Pos2,
    ) {
        let Some(document) = context.session.document(id) else { return };
        let warnings = document.opened().map_or(&[][..], OpenDocument::warnings);
        let all: Vec<String> = warnings.iter().map(ToString::to_string).collect();
        let what = match all.len() {
            1 => "1 warning".to_owned(),
            n => format!("{} warnings", units::count(n as u64)),
        };
        let rect = Rect::from_min_size(at, vec2(24.0, 24.0));
        let response = ui.interact(rect, ui.scope_id().with(("warnings", id)), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{what} about {}", document.name())));
        Icon::Warning.paint(ui.painter(), rect.center(), theme.colors.warning);
        let text = all.join("\n");
        egui::Popup::menu(&response).show(|ui| {
            ui.set_max_width(420.0);
            for warning in &all {
                ui.label(warning);
            }
            ui.separator();
            if ui.button("Copy").clicked() {
                context.push(Command::Copy(text.clone()));
            }
        });
        if response.contains_pointer() {
            response.on_hover_text(text);
        }
    }

    /// A file on its way: its name, what is being done, how far that is, and a way to stop it.
    fn loading_ui(&mut self, ui: &mut Ui, context: &mut SidebarContext<'_>, theme: &Theme, id: DocumentId) {
        let Some(entry) = context.session.document(id) else { return };
        let Some(progress) = entry.progress() else { return };
        let name = entry.name().to_owned();
        let fraction = progress.fraction();
        let stage = progress.label();
        let known = known_text(entry);
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), LOADING_ROW), Sense::hover());
        let percent = units::percent((fraction * 1000.0) as u64, 1000);
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_role(Role::ProgressIndicator);
            node.set_label(format!("Opening {name}"));
            node.set_value(format!("{stage} {percent}"));
            node.set_description(known.clone());
            node.set_numeric_value(f64::from(fraction) * 100.0);
        });
        let mut inner = ui.new_child(UiBuilder::new().max_rect(rect));
        let cross = Rect::from_min_size(pos2(rect.right() - 32.0, rect.top() + 2.0), vec2(24.0, 24.0));
        let mut corner = inner.new_child(UiBuilder::new().max_rect(cross));
        if icon_button(&mut corner, Icon::Close, &format!("Cancel opening {name}"), true).clicked() {
            context.push(Command::Remove(id));
        }
        let room = Rect::from_x_y_ranges(rect.left() + 12.0..=cross.left() - 4.0, rect.top() + 4.0..=rect.top() + 22.0);
        elided(&inner, &name, theme.font(Face::Words), theme.colors.quiet, room);
        let line = |top: f32| {
            Rect::from_x_y_ranges(rect.left() + 12.0..=rect.right() - 12.0, rect.top() + top..=rect.top() + top + 14.0)
        };
        elided(&inner, &known, theme.small_font(), theme.colors.text, line(21.0));
        let below = line(36.0);
        elided(&inner, &format!("{stage} {percent}"), theme.small_font(), theme.colors.quiet, below);
        let track =
            Rect::from_min_max(pos2(below.left(), rect.bottom() - 6.0), pos2(below.right(), rect.bottom() - 3.0));
        inner.painter().rect_filled(track, CornerRadius::same(1), theme.colors.raised_hover);
        let done = track.with_max_x(track.left() + track.width() * fraction);
        inner.painter().rect_filled(done, CornerRadius::same(1), theme.colors.accent);
        inner.advance_cursor_after_rect(rect);
        response.on_hover_text(known);
    }

    /// A file that was refused, with the sentence that says why.
    fn refused_ui(&mut self, ui: &mut Ui, context: &mut SidebarContext<'_>, theme: &Theme, id: DocumentId) {
        let Some(entry) = context.session.document(id) else { return };
        let Some(refusal) = entry.refusal().cloned() else { return };
        let name = entry.name().to_owned();
        egui::Frame::new().inner_margin(Margin { left: 12, right: 8, top: 2, bottom: 6 }).show(ui, |ui| {
            ui.horizontal(|ui| {
                Icon::Warning.paint(ui.painter(), ui.cursor().min + vec2(7.0, 12.0), theme.colors.error);
                ui.add_space(16.0);
                let room = Rect::from_min_size(ui.cursor().min, vec2((ui.available_width() - 28.0).max(10.0), 24.0));
                elided(ui, &name, theme.font(Face::Words), theme.colors.text, room);
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    if icon_button(ui, Icon::Close, &format!("Dismiss {name}"), true).clicked() {
                        context.push(Command::Remove(id));
                    }
                });
            });
            ui.add(egui::Label::new(RichText::new(&refusal.message).color(theme.colors.error)).selectable(true).wrap());
            if let Some(details) = refusal.details
                && ui.button("Copy details").clicked()
            {
                context.push(Command::Copy(details));
            }
            if refusal.can_be_forced
                && ui.button("Open anyway").on_hover_text("The system may become slow or stop programs").clicked()
            {
                context.push(Command::Force(id));
            }
        });
    }

    /// Moving a snapshot with the pointer: a line shows where it would go.
    fn drag_ui(&mut self, ui: &Ui, context: &mut SidebarContext<'_>, theme: &Theme, ids: &[DocumentId], edges: &[f32]) {
        let Some(dragged) = self.dragged.filter(|d| ids.contains(d)) else {
            self.dragged = None;
            return;
        };
        let Some(pointer) = ui.input(|i| i.pointer.interact_pos()) else { return };
        let distance = |edge: f32| (edge - pointer.y).abs();
        let nearest = (0..edges.len()).min_by(|&a, &b| distance(edges[a]).total_cmp(&distance(edges[b]))).unwrap_or(0);
        if ui.input(|i| i.pointer.any_released()) {
            context.push(Command::Move(dragged, nearest));
            self.dragged = None;
        } else {
            ui.painter().hline(ui.max_rect().x_range(), edges[nearest], Stroke::new(2.0, theme.colors.accent));
        }
    }

    /// Lets the user call a snapshot something else.
    pub(super) fn begin_rename(&mut self, id: DocumentId, session: &Session) {
        if let Some(document) = session.document(id) {
            self.renaming = Some(Renaming { id, text: document.name().to_owned(), is_new: true });
        }
    }
}

/// What is known of a file before it is open: counts and size, and how much memory it will take.
pub(super) fn known_text(document: &Document) -> String {
    let size = document.file_size().map(units::bytes);
    let look = document.first_look();
    let counts = document.peek().and_then(|peek| {
        Some(format!("{} nodes, {} edges", units::count(peek.node_count?), units::count(peek.edge_count?)))
    });
    let memory = look.map(|look| format!("needs up to {}", units::bytes(look.estimated_memory)));
    [size, counts, memory].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Text on one line, cut in the middle where `room` is too narrow.
fn elided(ui: &Ui, text: &str, font: egui::FontId, color: egui::Color32, room: Rect) {
    let galley = elided_middle(ui.painter(), text, &font, color, room.width().max(1.0));
    ui.painter().galley(pos2(room.left(), room.center().y - galley.size().y / 2.0), galley, color);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Session;
    use crate::session::job::FrontEnd;
    use crate::testing::{SnapshotBuilder, TempFile};

    #[test]
    fn before_a_file_is_open_its_size_counts_and_need_of_memory_are_told() {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        let n = b.node("object", "Thing", 24);
        b.edge(root, "element", "1", n);
        let text = b.to_json();
        let file = TempFile::new("known.heapsnapshot", &text);
        let mut session = Session::new(FrontEnd::nobody());
        let id = session.open(&file);
        let size = units::bytes(text.len() as u64);
        assert!(known_text(session.document(id).unwrap()).starts_with(&size));
        while session.document(id).is_some_and(|e| e.first_look().is_none()) {
            session.poll();
            std::thread::yield_now();
        }
        let known = known_text(session.document(id).unwrap());
        assert!(known.starts_with(&format!("{size} · 2 nodes, 1 edges · needs up to ")), "{known}");
    }
}
