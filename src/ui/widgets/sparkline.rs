//! Values over time as a small line, from nothing at the bottom to the greatest at the top.

use crate::ui::theme::Theme;
use egui::{Painter, Rect, Stroke, pos2};

/// Paints `values` into `room`, with a dot on the last.
pub fn sparkline(painter: &Painter, theme: &Theme, room: Rect, values: &[u64]) {
    let greatest = values.iter().copied().max().unwrap_or(0).max(1) as f32;
    let last = values.len().saturating_sub(1).max(1) as f32;
    let place = |(i, &value): (usize, &u64)| {
        pos2(room.left() + room.width() * i as f32 / last, room.bottom() - room.height() * value as f32 / greatest)
    };
    let points: Vec<_> = values.iter().enumerate().map(place).collect();
    let is_growing = values.first() < values.last();
    let color = if is_growing { theme.colors.growth } else { theme.colors.quiet };
    if let Some(&end) = points.last() {
        painter.circle_filled(end, 2.0, color);
    }
    painter.line(points, Stroke::new(1.5, color));
}
