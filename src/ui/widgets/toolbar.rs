//! The line above a table. It becomes several where there is no room for all that stands in it.

use crate::ui::theme::Theme;
use egui::{Align, Frame, Label, Layout, Margin, RichText, TextStyle, TextWrapMode, Ui, WidgetText, vec2};

/// Draws `contents` from left to right.
pub fn toolbar(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    Frame::new().inner_margin(Margin::symmetric(8, 3)).show(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(8.0, 4.0);
            ui.set_row_height(Theme::BAR_HEIGHT - 8.0);
            contents(ui);
        });
    });
}

/// A quiet sentence at the right end of a toolbar; on a line of its own where there is no room.
pub fn totals_ui(ui: &mut Ui, text: String) {
    let text = RichText::new(text).color(Theme::of(ui.ctx()).colors.quiet);
    let galley =
        WidgetText::from(text.clone()).into_galley(ui, Some(TextWrapMode::Extend), f32::INFINITY, TextStyle::Body);
    if ui.available_size_before_wrap().x >= galley.size().x + 8.0 {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.label(text));
    } else {
        ui.end_row();
        ui.add(Label::new(text).truncate());
    }
}
