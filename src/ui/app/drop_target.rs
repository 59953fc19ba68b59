//! The target that appears while files are dragged over the window.

use crate::ui::theme::Theme;
use egui::accesskit::Role;
use egui::{Align2, CornerRadius, FontId, Id, LayerId, Order, Sense, Shape, Stroke, Ui, vec2};
use std::path::Path;

/// Says what dropping the files would do, while there are any.
pub(super) fn drop_target_ui(ui: &Ui) {
    let files = ui.input(|i| i.raw.hovered_files.clone());
    if files.is_empty() {
        return;
    }
    let theme = Theme::of(ui.ctx());
    let text = match files.as_slice() {
        [one] => match &one.path {
            Some(path) => format!("Drop to open {}", file_name(path)),
            None => "Drop to open the file".to_owned(),
        },
        many => format!("Drop to open {} files", many.len()),
    };
    let room = ui.ctx().content_rect();
    let painter = ui.ctx().layer_painter(LayerId::new(Order::Foreground, Id::unique("drop target")));
    painter.rect_filled(room, CornerRadius::ZERO, theme.colors.veil);
    let frame = room.shrink2(vec2(24.0, 24.0));
    let corners = [frame.left_top(), frame.right_top(), frame.right_bottom(), frame.left_bottom(), frame.left_top()];
    painter.extend(Shape::dashed_line(&corners, Stroke::new(2.0, theme.colors.accent), 10.0, 6.0));
    painter.text(frame.center(), Align2::CENTER_CENTER, &text, FontId::proportional(22.0), theme.colors.text);
    let response = ui.interact(frame, Id::unique("drop target"), Sense::hover());
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_role(Role::Alert);
        node.set_label(text);
    });
}

/// The file's name for people.
fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned())
}
