//! Small pictures, painted as shapes so that no font has to have them, and buttons with them.

use crate::ui::theme::Theme;
use crate::ui::tree::Face;
use egui::accesskit::Role;
use egui::text::{LayoutJob, TextWrapping};
use egui::{Color32, CornerRadius, Painter, Pos2, Response, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2};

/// A picture of 16 by 16 points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// An arrow to the left.
    Back,
    /// An arrow to the right.
    Forward,
    /// ×
    Close,
    /// +
    Plus,
    /// A triangle with an exclamation mark.
    Warning,
    /// A circular arrow.
    Reload,
    /// A magnifying glass.
    Search,
    /// A half-filled circle.
    Theme,
    /// Three dots.
    More,
    /// A triangle that points up.
    Up,
    /// A triangle that points down; on buttons, that something opens below.
    Down,
}

/// A picture of 16 by 16 points around 0, 0 as lines from point to point.
pub type Strokes = &'static [&'static [(f32, f32)]];

/// Paints `strokes` around `center`.
pub fn paint_strokes(strokes: Strokes, painter: &Painter, center: Pos2, color: Color32) {
    for stroke in strokes {
        painter.line(stroke.iter().map(|&(x, y)| center + vec2(x, y)).collect(), Stroke::new(1.5, color));
    }
}

/// Side of a button with an icon.
const BUTTON: f32 = 24.0;

impl Icon {
    /// Paints the icon around `center`.
    pub fn paint(self, painter: &Painter, center: Pos2, color: Color32) {
        let line = Stroke::new(1.5, color);
        let at = |x: f32, y: f32| center + vec2(x, y);
        match self {
            Self::Back | Self::Forward => {
                let way = if self == Self::Back { -1.0 } else { 1.0 };
                painter.line(vec![at(-2.0 * way, -5.0), at(3.0 * way, 0.0), at(-2.0 * way, 5.0)], line);
            }
            Self::Close => {
                painter.line_segment([at(-3.5, -3.5), at(3.5, 3.5)], line);
                painter.line_segment([at(-3.5, 3.5), at(3.5, -3.5)], line);
            }
            Self::Plus => {
                painter.line_segment([at(-4.5, 0.0), at(4.5, 0.0)], line);
                painter.line_segment([at(0.0, -4.5), at(0.0, 4.5)], line);
            }
            Self::Warning => {
                painter.add(Shape::closed_line(vec![at(0.0, -6.0), at(6.5, 5.5), at(-6.5, 5.5)], line));
                painter.line_segment([at(0.0, -2.0), at(0.0, 1.5)], line);
                painter.circle_filled(at(0.0, 3.6), 0.9, color);
            }
            Self::Reload => {
                let points = (0..=10).map(|i| {
                    let turn = (0.12 + 0.8 * i as f32 / 10.0) * std::f32::consts::TAU;
                    center + Vec2::angled(turn) * 4.5
                });
                painter.line(points.collect(), line);
                let tip = [at(5.5, -5.5), at(5.5, -1.0), at(1.0, -1.5)];
                painter.add(Shape::convex_polygon(tip.to_vec(), color, Stroke::NONE));
            }
            Self::Search => {
                painter.circle_stroke(at(-1.0, -1.0), 4.0, line);
                painter.line_segment([at(2.0, 2.0), at(5.5, 5.5)], line);
            }
            Self::Theme => {
                painter.circle_stroke(center, 5.0, line);
                let points =
                    (0..=10).map(|i| center + Vec2::angled((i as f32 / 10.0 - 0.5) * std::f32::consts::PI) * 5.0);
                painter.add(Shape::convex_polygon(points.collect(), color, Stroke::NONE));
            }
            Self::More => {
                for x in [-5.0, 0.0, 5.0] {
                    painter.circle_filled(at(x, 0.0), 1.4, color);
                }
            }
            Self::Up | Self::Down => {
                let way = if self == Self::Up { -1.0 } else { 1.0 };
                let points = vec![at(-4.0, -2.0 * way), at(4.0, -2.0 * way), at(0.0, 3.0 * way)];
                painter.add(Shape::convex_polygon(points, color, Stroke::NONE));
            }
        }
    }
}

/// A button with an icon alone. `name` is what it does, for screen readers and as its tooltip.
pub fn icon_button(ui: &mut Ui, icon: Icon, name: &str, is_enabled: bool) -> Response {
    icon_button_with(ui, icon, name, name, is_enabled)
}

/// As [`icon_button`], with a tooltip that says more than the name.
pub fn icon_button_with(ui: &mut Ui, icon: Icon, name: &str, tooltip: &str, is_enabled: bool) -> Response {
    ui.add_enabled_ui(is_enabled, |ui| {
        let theme = Theme::of(ui.ctx());
        let (rect, response) = ui.allocate_exact_size(vec2(BUTTON, BUTTON), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, is_enabled, name));
        if (response.hovered() || response.has_focus()) && is_enabled {
            ui.painter().rect_filled(rect, CornerRadius::same(4), theme.colors.raised_hover);
        }
        if response.has_focus() {
            let line = Stroke::new(1.0, theme.colors.accent);
            ui.painter().rect_stroke(rect, CornerRadius::same(4), line, egui::StrokeKind::Inside);
        }
        let color = if is_enabled { theme.colors.text } else { theme.colors.border };
        icon.paint(ui.painter(), pos2(rect.center().x.round(), rect.center().y.round()), color);
        response.on_hover_text(tooltip)
    })
    .inner
}

/// A button with words and a small triangle: it opens something below.
pub fn menu_button(ui: &mut Ui, text: &str, tooltip: &str) -> Response {
    let theme = Theme::of(ui.ctx());
    let (font, color) = (theme.font(Face::Words), theme.colors.text);
    let mut job = LayoutJob::simple_singleline(text.to_owned(), font, color);
    job.wrap = TextWrapping::truncate_at_width((ui.available_width() - 40.0).clamp(40.0, 320.0));
    let galley = ui.painter().layout_job(job);
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x + 34.0, BUTTON), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, text));
    let visuals = ui.style().interact(&response);
    ui.painter().rect(rect, visuals.corner_radius, visuals.bg_fill, visuals.bg_stroke, egui::StrokeKind::Inside);
    ui.painter().galley(pos2(rect.left() + 10.0, rect.center().y - galley.size().y / 2.0), galley, color);
    Icon::Down.paint(ui.painter(), pos2(rect.right() - 14.0, rect.center().y), theme.colors.quiet);
    response.on_hover_text(tooltip)
}
