//! Tabs: words in a row, the chosen one underlined.

use crate::ui::theme::Theme;
use crate::ui::tree::Face;
use egui::accesskit::Role;
use egui::{CornerRadius, Rect, Response, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

/// How wide the tab called `text` is.
pub fn tab_width(ui: &Ui, text: &str) -> f32 {
    let theme = Theme::of(ui.ctx());
    ui.painter().layout_no_wrap(text.to_owned(), theme.font(Face::Words), theme.colors.text).size().x + 20.0
}

/// One tab. `tooltip` says what it shows and which key chooses it.
pub fn tab(ui: &mut Ui, is_chosen: bool, text: &str, tooltip: &str) -> Response {
    let theme = Theme::of(ui.ctx());
    let color = if is_chosen { theme.colors.text } else { theme.colors.quiet };
    let galley = ui.painter().layout_no_wrap(text.to_owned(), theme.font(Face::Words), color);
    let size = vec2(galley.size().x + 20.0, ui.available_height().max(galley.size().y + 8.0));
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Tab, true, is_chosen, text));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_selected(is_chosen));
    let painter = ui.painter();
    if response.hovered() && !is_chosen {
        painter.rect_filled(rect.shrink2(vec2(2.0, 4.0)), CornerRadius::same(4), theme.colors.raised_hover);
    }
    if response.has_focus() {
        let line = Stroke::new(1.0, theme.colors.accent);
        painter.rect_stroke(rect.shrink(2.0), CornerRadius::same(4), line, egui::StrokeKind::Inside);
    }
    painter.galley(pos2(rect.left() + 10.0, rect.center().y - galley.size().y / 2.0), galley, color);
    if is_chosen {
        let line = Rect::from_x_y_ranges(rect.x_range().shrink(6.0), rect.bottom() - 2.0..=rect.bottom());
        painter.rect_filled(line, CornerRadius::ZERO, theme.colors.accent);
    }
    if tooltip.is_empty() { response } else { response.on_hover_text(tooltip) }
}
