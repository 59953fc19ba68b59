//! The box above a table that picks rows by name: part of a name, or `/expression/`.

use crate::analysis::tables::summary::ClassFilter;
use crate::ui::theme::Theme;
use crate::ui::widgets::field::field;
use crate::ui::widgets::icon::{Icon, icon_button};
use egui::{Key, Stroke, TextEdit, Ui};

/// The box and what is written in it.
#[derive(Debug, Default)]
pub struct FilterBox {
    text: String,
    wants_focus: bool,
}

impl FilterBox {
    /// What is written in it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Writes something else into it.
    pub fn set(&mut self, text: &str) {
        text.clone_into(&mut self.text);
    }

    /// Takes the keyboard at the next frame.
    pub fn focus(&mut self) {
        self.wants_focus = true;
    }

    /// Draws the box, called `name`. Escape empties it; an expression that is none is marked.
    pub fn ui(&mut self, ui: &mut Ui, name: &str) {
        let theme = Theme::of(ui.ctx());
        let hint = format!("{name}, or /regex/");
        let edit = TextEdit::singleline(&mut self.text).desired_width(200.0).hint_text(hint);
        let response = field(ui, edit, name);
        if std::mem::take(&mut self.wants_focus) {
            response.request_focus();
        }
        if response.lost_focus() && ui.input(|i| i.key_pressed(Key::Escape)) {
            self.text.clear();
        }
        if let Err(error) = ClassFilter::parse(&self.text) {
            let line = Stroke::new(1.5, theme.colors.error);
            ui.painter().rect_stroke(response.rect, 3, line, egui::StrokeKind::Outside);
            response.on_hover_text(error.to_string());
        }
        if !self.text.is_empty() && icon_button(ui, Icon::Close, "Show all classes", true).clicked() {
            self.text.clear();
        }
    }
}
