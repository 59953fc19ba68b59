//! What is shown where there is nothing to show: a sentence, and a button for what to do next.

use crate::ui::theme::Theme;
use egui::{RichText, Ui};

/// A sentence in the middle of the room there is.
pub fn message(ui: &mut Ui, sentence: &str) {
    message_with_button(ui, sentence, None);
}

/// A sentence, and below it a button; returns whether it was pressed.
pub fn message_with_button(ui: &mut Ui, sentence: &str, button: Option<&str>) -> bool {
    let quiet = Theme::of(ui.ctx()).colors.quiet;
    let mut pressed = false;
    ui.vertical_centered(|ui| {
        ui.add_space((ui.available_height() * 0.4 - 20.0).max(8.0));
        ui.label(RichText::new(sentence).color(quiet));
        if let Some(text) = button {
            ui.add_space(8.0);
            pressed = ui.button(text).clicked();
        }
    });
    pressed
}
