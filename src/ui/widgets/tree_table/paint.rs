//! Rows painted by hand: no widget for a cell, one clip rectangle for a column.

use super::columns::PlacedColumn;
use crate::ui::theme::Theme;
use crate::ui::tree::{Cell, Expansion, Face, Mark, RowView, Span};
use crate::ui::widgets::sparkline::sparkline;
use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Color32, CornerRadius, Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};
use unicode_segmentation::UnicodeSegmentation as _;

/// Most characters that are laid out; nobody reads further in one line.
const LONGEST: usize = 400;
/// Room for the share beside a figure.
const PERCENT_WIDTH: f32 = 42.0;
/// Width of an expander and of a mark.
const ICON: f32 = 14.0;

/// A row in view.
pub(super) struct ShownRow {
    pub rect: Rect,
    pub view: RowView,
    pub background: Option<Color32>,
}

/// Where the expander of a row at `level` is.
pub(super) fn expander_rect(tree: PlacedColumn, row: Rect, level: u32) -> Rect {
    // Deep rows stop moving right: the text must stay in view.
    let deepest = (tree.x.span() * 0.5).max(0.0);
    let left = tree.x.min + 4.0 + (level as f32 * Theme::INDENT).min(deepest);
    Rect::from_x_y_ranges(left..=left + ICON, row.y_range())
}

/// A triangle that points right or down.
pub(super) fn triangle(center: Pos2, is_open: bool, color: Color32) -> Shape {
    let points = if is_open {
        vec![center + vec2(-4.0, -2.0), center + vec2(4.0, -2.0), center + vec2(0.0, 3.0)]
    } else {
        vec![center + vec2(-2.0, -4.0), center + vec2(3.0, 0.0), center + vec2(-2.0, 4.0)]
    };
    Shape::convex_polygon(points, color, Stroke::NONE)
}

/// Paints all cells, column by column.
pub(super) fn rows(painter: &Painter, theme: &Theme, placed: &[PlacedColumn], rows: &[ShownRow]) {
    for row in rows {
        if let Some(color) = row.background {
            painter.rect_filled(row.rect, CornerRadius::ZERO, color);
        }
        painter.hline(row.rect.x_range(), row.rect.bottom() - 0.5, Stroke::new(1.0, theme.colors.hairline));
    }
    for (shown, place) in placed.iter().enumerate() {
        if place.clip.span() <= 0.0 {
            continue;
        }
        let mut clip = painter.clip_rect();
        clip.min.x = clip.min.x.max(place.clip.min);
        clip.max.x = clip.max.x.min(place.clip.max);
        let painter = painter.with_clip_rect(clip);
        // Bars first: text of one mesh lies on them.
        for row in rows {
            if let Some(Cell::Figure { bar, .. }) = row.view.cells.get(place.column)
                && *bar > 0.0
            {
                let room = Rect::from_x_y_ranges(place.x, row.rect.y_range()).shrink2(vec2(2.0, 3.0));
                let width = (room.width() * bar).max(1.0);
                let bar = room.with_max_x(room.left() + width);
                painter.rect_filled(bar, CornerRadius::same(2), theme.colors.bar);
            }
        }
        for row in rows {
            let cell = row.view.cells.get(place.column).unwrap_or(&Cell::Empty);
            let room = Rect::from_x_y_ranges(place.x, row.rect.y_range());
            if shown == 0 {
                tree_cell(&painter, theme, *place, row, cell);
            } else if let Cell::Text(spans) = cell {
                let left = room.left() + Theme::CELL_PADDING;
                text(&painter, theme, spans, row.view.is_dimmed, left, room.right() - Theme::CELL_PADDING, room);
            } else if let Cell::Figure { text, percent, tone, .. } = cell {
                let color = if row.view.is_dimmed { theme.colors.quiet } else { theme.tone(*tone) };
                figure(&painter, theme, room, text, percent, color);
            } else if let Cell::Trend(values) = cell {
                sparkline(&painter, theme, room.shrink2(vec2(Theme::CELL_PADDING, 5.0)), values);
            }
        }
    }
}

fn tree_cell(painter: &Painter, theme: &Theme, place: PlacedColumn, row: &ShownRow, cell: &Cell) {
    let view = &row.view;
    let expander = expander_rect(place, row.rect, view.level);
    if view.expansion != Expansion::Leaf {
        painter.add(triangle(expander.center(), view.expansion == Expansion::Expanded, theme.colors.quiet));
    }
    let mut x = expander.right() + 2.0;
    for &mark in &view.marks {
        paint_mark(painter, theme, pos2(x + ICON / 2.0, row.rect.center().y), mark);
        x += ICON + 2.0;
    }
    let room = Rect::from_x_y_ranges(place.x, row.rect.y_range());
    if let Cell::Text(spans) = cell {
        text(painter, theme, spans, view.is_dimmed, x, room.right() - Theme::CELL_PADDING, room);
    }
}

/// Text in pieces on one line, cut off with … where there is no room.
fn text(painter: &Painter, theme: &Theme, spans: &[Span], is_dimmed: bool, left: f32, right: f32, room: Rect) {
    if right <= left {
        return;
    }
    let mut job = LayoutJob {
        wrap: TextWrapping { max_width: right - left, max_rows: 1, break_anywhere: true, ..Default::default() },
        break_on_newline: false,
        ..Default::default()
    };
    for (span, text) in shortened(spans, LONGEST) {
        let color = if is_dimmed { theme.colors.quiet } else { theme.tone(span.tone) };
        job.append(text, 0.0, TextFormat::simple(theme.font(span.face), color));
    }
    let galley = painter.layout_job(job);
    painter.galley(pos2(left, room.center().y - galley.size().y / 2.0), galley, theme.colors.text);
}

/// The first `longest` characters of `spans`, counted as people count them, with … after them where
/// more follows.
fn shortened(spans: &[Span], longest: usize) -> Vec<(&Span, &str)> {
    let mut shown = Vec::with_capacity(spans.len());
    let mut left = longest;
    for span in spans {
        // Every character takes a byte or more, so short texts need no counting.
        let mut starts = span.text.grapheme_indices(true).map(|(at, _)| at);
        let end = if span.text.len() <= left { None } else { starts.nth(left) };
        if let Some(end) = end {
            shown.push((span, &span.text[..end]));
            shown.push((span, "…"));
            break;
        }
        left -= if span.text.is_ascii() { span.text.len() } else { span.text.graphemes(true).count() };
        shown.push((span, span.text.as_str()));
    }
    shown
}

/// A figure at the right end of `room`, its share after it.
fn figure(painter: &Painter, theme: &Theme, room: Rect, text: &str, percent: &str, color: Color32) {
    let mut right = room.right() - Theme::CELL_PADDING;
    let at = |galley: &egui::Galley, right: f32| pos2(right - galley.size().x, room.center().y - galley.size().y / 2.0);
    let font = theme.font(Face::Code);
    if !percent.is_empty() {
        let galley = painter.layout_no_wrap(percent.to_owned(), font.clone(), theme.colors.quiet);
        // In narrow columns the figure needs the room more.
        if room.width() >= 100.0 {
            // Shares with decimals are wider than those without.
            let width = PERCENT_WIDTH.max(galley.size().x + Theme::CELL_PADDING * 2.0);
            painter.galley(at(&galley, right), galley, theme.colors.quiet);
            right -= width;
        }
    }
    let mut job = LayoutJob::simple_singleline(text.to_owned(), font, color);
    job.wrap = TextWrapping { break_anywhere: true, ..TextWrapping::truncate_at_width(right - room.left() - 2.0) };
    let galley = painter.layout_job(job);
    painter.galley(at(&galley, right), galley, color);
}

/// A small picture centered at `center`.
fn paint_mark(painter: &Painter, theme: &Theme, center: Pos2, mark: Mark) {
    match mark {
        // A ring that was cut.
        Mark::Detached => {
            let stroke = Stroke::new(1.5, theme.colors.error);
            painter.circle_stroke(center, 4.0, stroke);
            painter.line_segment([center + vec2(-5.0, 5.0), center + vec2(5.0, -5.0)], stroke);
        }
        // A window with its title bar.
        Mark::WindowReachable => {
            let stroke = Stroke::new(1.0, theme.colors.accent);
            let frame = Rect::from_center_size(center, vec2(10.0, 9.0));
            painter.rect_stroke(frame, CornerRadius::same(1), stroke, egui::StrokeKind::Inside);
            painter.hline(frame.x_range(), frame.top() + 3.0, stroke);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::tree::Tone;

    fn shown(texts: &[&str], longest: usize) -> String {
        let spans: Vec<Span> = texts.iter().map(|text| Span::code(*text, Tone::Normal)).collect();
        shortened(&spans, longest).into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn texts_are_cut_after_as_many_characters_whatever_bytes_they_take() {
        assert_eq!(shown(&["abc", "def"], 4), "abcd…");
        assert_eq!(shown(&["äöü", "ßéñ"], 4), "äöüß…");
        assert_eq!(shown(&["日本語", "テキスト"], 4), "日本語テ…");
        assert_eq!(shown(&["👩‍👩‍👧👩‍👩‍👧", "e\u{301}e\u{301}e"], 3), "👩‍👩‍👧👩‍👩‍👧e\u{301}…", "no character is torn");
    }

    #[test]
    fn texts_that_fit_are_shown_whole() {
        for texts in [["äöü", "ß"], ["日本", "語テ"], ["abcd", ""], ["", "abc"]] {
            assert_eq!(shown(&texts, 4), texts.concat());
        }
        assert_eq!(shown(&["abcd", "e"], 4), "abcd…");
    }
}
