//! The command palette: everything there is to do, by its name.

use crate::session::{DocumentKind, Session};
use crate::ui::command::{BOUND, Command, Commands, key_text};
use crate::ui::panels::Panels;
use crate::ui::theme::Theme;
use crate::ui::tree::Face;
use crate::ui::widgets::elided::elided_middle;
use crate::ui::widgets::field::field;
use crate::ui::widgets::icon::{Strokes, paint_strokes};
use egui::accesskit::Role;
use egui::{
    Align2, Context, Key, Modifiers, RichText, ScrollArea, Sense, TextEdit, Ui, WidgetInfo, Window, pos2, vec2,
};

/// How wide the palette is.
const WIDTH: f32 = 460.0;
/// How tall the list below the field is at most.
const HEIGHT: f32 = 320.0;

/// The palette, and what was typed into it.
#[derive(Debug, Default)]
pub(super) struct Palette {
    is_open: bool,
    wants_focus: bool,
    text: String,
    /// Which of the entries that fit is chosen.
    at: usize,
}

/// Something to do.
struct Entry {
    words: String,
    keys: String,
    icon: Option<Strokes>,
    command: Command,
}

impl Palette {
    /// Opens it, or closes it.
    pub(super) fn toggle(&mut self) {
        *self = Self { is_open: !self.is_open, wants_focus: true, ..Self::default() };
    }

    /// Draws it, if it is open, and pushes what is chosen.
    pub(super) fn ui(
        &mut self,
        ctx: &Context,
        panels: &Panels,
        kind: DocumentKind,
        session: &Session,
        commands: &mut Commands,
    ) {
        if !self.is_open {
            return;
        }
        let entries: Vec<Entry> =
            entries(ctx, panels, kind, session).into_iter().filter(|entry| fits(&entry.words, &self.text)).collect();
        let step = |key| ctx.input_mut(|i| i.consume_key(Modifiers::NONE, key));
        let (down, up, enter) = (step(Key::ArrowDown), step(Key::ArrowUp), step(Key::Enter));
        if down || up {
            let by = if down { 1 } else { entries.len().saturating_sub(1) };
            self.at = (self.at + by) % entries.len().max(1);
        }
        self.at = self.at.min(entries.len().saturating_sub(1));
        let mut chosen = enter.then_some(self.at);
        let room = ctx.content_rect();
        let window = Window::new("Commands")
            .title_bar(false)
            .resizable(false)
            .fixed_size(vec2(WIDTH.min(room.width() - 40.0), 0.0))
            .anchor(Align2::CENTER_TOP, vec2(0.0, (room.height() * 0.12).min(90.0)));
        let shown = window.show(ctx, |ui| {
            let edit = TextEdit::singleline(&mut self.text).desired_width(f32::INFINITY).hint_text("What to do");
            let response = field(ui, edit, "Command");
            if response.changed() {
                self.at = 0;
            }
            if std::mem::take(&mut self.wants_focus) || (down || up) && !response.has_focus() {
                response.request_focus();
            }
            ui.add_space(4.0);
            ScrollArea::vertical().max_height(HEIGHT.min(room.height() * 0.6)).show(ui, |ui| {
                for (at, entry) in entries.iter().enumerate() {
                    if entry_ui(ui, entry, at == self.at, down || up) {
                        chosen = Some(at);
                    }
                }
                if entries.is_empty() {
                    ui.label(RichText::new("No command is called so").color(Theme::of(ctx).colors.quiet));
                }
            });
        });
        let is_elsewhere = ctx.input(|i| i.pointer.any_pressed())
            && shown.is_some_and(|shown| {
                ctx.input(|i| i.pointer.interact_pos()).is_some_and(|at| !shown.response.rect.contains(at))
            });
        if let Some(entry) = chosen.and_then(|at| entries.into_iter().nth(at)) {
            commands.push(entry.command);
            self.is_open = false;
        }
        if is_elsewhere || ctx.input(|i| i.key_pressed(Key::Escape)) {
            self.is_open = false;
        }
    }
}

/// Everything there is to do with documents of `kind` at hand.
fn entries(ctx: &Context, panels: &Panels, kind: DocumentKind, session: &Session) -> Vec<Entry> {
    let keys_of = |command: &Command| command.bound().map(|b| key_text(ctx, &b.keys[0])).unwrap_or_default();
    let shown = panels.serving(kind).enumerate().map(|(at, panel)| Entry {
        words: format!("Show {}", panel.title()),
        keys: keys_of(&Command::ShowNumbered(at + 1)),
        icon: Some(panel.icon()),
        command: Command::Show(panel.id()),
    });
    let bound = BOUND.iter().filter(|b| !matches!(b.command, Command::ShowNumbered(_) | Command::TogglePalette));
    let bound = bound.map(|b| Entry {
        words: b.text.to_owned(),
        keys: keys_of(&b.command),
        icon: None,
        command: b.command.clone(),
    });
    let documents = session.documents().iter().filter(|document| document.opened().is_some()).map(|document| Entry {
        words: format!("Show {}", document.name()),
        keys: String::new(),
        icon: None,
        command: Command::ShowSnapshot(document.id()),
    });
    shown.chain(bound).chain(documents).collect()
}

/// Whether every word that was typed is somewhere in `words`.
fn fits(words: &str, typed: &str) -> bool {
    let words = words.to_lowercase();
    typed.to_lowercase().split_whitespace().all(|word| words.contains(word))
}

/// A line of the list; returns whether it was clicked.
fn entry_ui(ui: &mut Ui, entry: &Entry, is_chosen: bool, was_moved: bool) -> bool {
    let theme = Theme::of(ui.ctx());
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), Theme::ROW_HEIGHT + 4.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::MenuItem, true, is_chosen, &entry.words));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_selected(is_chosen));
    if is_chosen || response.hovered() {
        let color = if is_chosen { theme.colors.selected } else { theme.colors.raised_hover };
        ui.painter().rect_filled(rect, 3, color);
    }
    if is_chosen && was_moved {
        response.scroll_to_me(None);
    }
    if let Some(icon) = entry.icon {
        paint_strokes(icon, ui.painter(), pos2(rect.left() + 14.0, rect.center().y), theme.colors.quiet);
    }
    let painter = ui.painter();
    let keys = painter.layout_no_wrap(entry.keys.clone(), theme.small_font(), theme.colors.quiet);
    let right = rect.right() - 8.0 - keys.size().x;
    let room = right - 8.0 - (rect.left() + 30.0);
    let font = theme.font(Face::Words);
    let words = elided_middle(painter, &entry.words, &font, theme.colors.text, room.max(1.0));
    let top = |height: f32| rect.center().y - height / 2.0;
    painter.galley(pos2(rect.left() + 30.0, top(words.size().y)), words, theme.colors.text);
    painter.galley(pos2(right, top(keys.size().y)), keys, theme.colors.quiet);
    response.clicked()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_fit_in_any_order_and_case() {
        assert!(fits("Show Retainers of the object", "object RET"));
        assert!(fits("Show Leaks", ""));
        assert!(!fits("Show Leaks", "leaks growth"));
    }
}
