//! A line of text to write in.

use crate::ui::theme::Theme;
use egui::{CornerRadius, Response, Stroke, StrokeKind, TextEdit, Ui};

/// Adds `edit` with an outline, so that it shows on surfaces of its own color. `name` is for
/// screen readers and tests.
pub fn field(ui: &mut Ui, edit: TextEdit<'_>, name: &str) -> Response {
    let theme = Theme::of(ui.ctx());
    let response = ui.add(edit).accessible_name(name);
    let color = if response.has_focus() { theme.colors.accent } else { theme.colors.border };
    ui.painter().rect_stroke(response.rect, CornerRadius::same(4), Stroke::new(1.0, color), StrokeKind::Inside);
    response
}
