//! The window that lists all keys, made from the table that binds them.

use crate::session::DocumentKind;
use crate::ui::command::{BOUND, Bound, Command, TABLE_KEYS, key_text};
use crate::ui::panels::{Panel, Panels};
use crate::ui::theme::Theme;
use egui::{Grid, RichText, ScrollArea, Ui, Window};

/// Whether the window is there.
#[derive(Debug, Default)]
pub(super) struct HelpWindow {
    is_open: bool,
}

impl HelpWindow {
    /// Opens or closes it.
    pub(super) fn toggle(&mut self) {
        self.is_open = !self.is_open;
    }

    /// Draws it, if it is open, for documents of `kind`.
    pub(super) fn ui(&mut self, ui: &Ui, panels: &Panels, kind: DocumentKind) {
        if !self.is_open {
            return;
        }
        let mut is_open = true;
        let theme = Theme::of(ui.ctx());
        let room = ui.ctx().content_rect();
        let window = Window::new("Keyboard shortcuts")
            .open(&mut is_open)
            .collapsible(false)
            .resizable(false)
            .max_height((room.height() - 120.0).max(120.0))
            .pivot(egui::Align2::CENTER_CENTER)
            .fixed_pos(room.center());
        window.show(ui.ctx(), |ui| {
            ScrollArea::vertical().show(ui, |ui| {
                let lines = BOUND.iter().filter_map(|b| {
                    let keys: Vec<String> = b.keys.iter().map(|k| key_text(ui.ctx(), k)).collect();
                    Some((keys.join(" or "), words_of(b, panels, kind)?))
                });
                let lines: Vec<(String, &str)> = lines.collect();
                grid(ui, &theme, "Everywhere", lines);
                ui.add_space(12.0);
                grid(ui, &theme, "In tables", TABLE_KEYS.iter().map(|(k, t)| ((*k).to_owned(), *t)).collect());
            });
        });
        self.is_open = is_open && !ui.input(|i| i.key_pressed(egui::Key::Escape));
    }
}

/// What a key does now; `None` where it does nothing.
fn words_of(bound: &Bound, panels: &Panels, kind: DocumentKind) -> Option<&'static str> {
    match bound.command {
        Command::ShowNumbered(number) => panels.get(panels.numbered(number, kind)?).map(Panel::title),
        _ => Some(bound.text),
    }
}

fn grid(ui: &mut Ui, theme: &Theme, title: &str, lines: Vec<(String, &str)>) {
    ui.label(RichText::new(title).color(theme.colors.quiet));
    ui.add_space(4.0);
    Grid::new(title).num_columns(2).spacing([24.0, 4.0]).show(ui, |ui| {
        for (keys, text) in lines {
            ui.label(RichText::new(keys).monospace());
            ui.label(text);
            ui.end_row();
        }
    });
}
