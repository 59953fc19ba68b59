//! A layout as an SVG file.

use super::layout::{Cell, ROW, Rect};
use std::fmt::Write as _;

/// About how wide a character is.
const CHARACTER: f32 = 6.6;

/// Writes `cells` as an SVG image of the size of `room`. `label` names a node, `title` says more about it, and `hue`
/// gives it a color, in degrees.
pub fn svg(
    cells: &[Cell],
    room: Rect,
    label: impl Fn(u32) -> String,
    title: impl Fn(u32) -> String,
    hue: impl Fn(u32) -> u16,
) -> String {
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" \
         font-family=\"sans-serif\" font-size=\"11\">\n",
        room.width, room.height
    );
    for cell in cells {
        let Rect { x, y, width, height } = cell.rect;
        let light = 62 + (cell.depth * 4).min(28);
        let _ = write!(
            out,
            "<g><title>{}</title><rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" \
             fill=\"hsl({},45%,{light}%)\" stroke=\"#fff\" stroke-width=\"0.5\"/>",
            escaped(&title(cell.node)),
            hue(cell.node),
        );
        if let Some(text) = fitting(&label(cell.node), width, height) {
            let _ = write!(out, "<text x=\"{:.1}\" y=\"{:.1}\">{}</text>", x + 3.0, y + 12.0, escaped(&text));
        }
        out.push_str("</g>\n");
    }
    out.push_str("</svg>\n");
    out
}

/// The part of `text` that fits into a rectangle; nothing where hardly any would.
pub fn fitting(text: &str, width: f32, height: f32) -> Option<String> {
    let room = ((width - 6.0) / CHARACTER) as usize;
    if height < ROW - 4.0 || room < 3 {
        return None;
    }
    if text.chars().count() <= room {
        return Some(text.to_owned());
    }
    Some(text.chars().take(room - 1).chain(['…']).collect())
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_a_heap_cannot_leave_their_place() {
        let rect = Rect { x: 0.0, y: 0.0, width: 100.0, height: 40.0 };
        let cells = [Cell { node: 0, depth: 0, rect, parent: None }];
        let text = svg(&cells, rect, |_| "<script>".to_owned(), |_| "a & \"b\"\u{0}".to_owned(), |_| 200);
        assert!(text.contains("<title>a &amp; &quot;b&quot; </title>") && text.contains("&lt;script&gt;"), "{text}");
        assert!(text.starts_with("<svg xmlns") && text.ends_with("</svg>\n"));
    }

    #[test]
    fn labels_stand_where_they_fit() {
        assert_eq!(fitting("headers", 100.0, 20.0).as_deref(), Some("headers"));
        assert_eq!(fitting("headersArray", 60.0, 20.0).as_deref(), Some("headers…"));
        assert_eq!(fitting("headers", 10.0, 20.0), None);
        assert_eq!(fitting("headers", 100.0, 5.0), None);
    }
}
