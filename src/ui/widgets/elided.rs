//! Names on one line, cut in the middle where there is no room: the ends of names of files are what
//! tells them apart.

use egui::{Color32, FontId, Galley, Painter};
use std::sync::Arc;

/// `text` on one line, no wider than `width`.
pub fn elided_middle(painter: &Painter, text: &str, font: &FontId, color: Color32, width: f32) -> Arc<Galley> {
    let whole = painter.layout_no_wrap(text.to_owned(), font.clone(), color);
    if whole.size().x <= width {
        return whole;
    }
    let characters: Vec<char> = text.chars().collect();
    let lay_out = |kept: usize| painter.layout_no_wrap(without_middle(&characters, kept), font.clone(), color);
    let (mut fits, mut too_many) = (0, characters.len());
    while fits + 1 < too_many {
        let kept = usize::midpoint(fits, too_many);
        if lay_out(kept).size().x <= width {
            fits = kept;
        } else {
            too_many = kept;
        }
    }
    lay_out(fits)
}

/// The first and the last characters, `kept` of them, around a `…`.
fn without_middle(characters: &[char], kept: usize) -> String {
    let first = kept / 2;
    let last = kept - first;
    let (begin, end) = (&characters[..first], &characters[characters.len() - last..]);
    begin.iter().copied().chain(['…']).chain(end.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_name_stays_in_sight() {
        let name: Vec<char> = "heap-before".chars().collect();
        assert_eq!(without_middle(&name, 6), "hea…ore");
        assert_eq!(without_middle(&name, 5), "he…ore");
        assert_eq!(without_middle(&name, 0), "…");
        assert_eq!(without_middle(&"äöüß".chars().collect::<Vec<_>>(), 2), "ä…ß");
    }
}
