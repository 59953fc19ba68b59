//! Names from files, made safe to show on one line: what a snapshot says cannot forge rows, move
//! a cursor or turn the reading direction round.

use std::borrow::Cow;
use std::fmt::Write as _;

/// `text` with everything that does not stand on the line as itself written as an escape: control
/// characters as `\n` or `\u{1b}`, and so the characters that end lines or that change the
/// direction of what follows.
pub fn one_line(text: &str) -> Cow<'_, str> {
    if !text.chars().any(needs_escape) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if needs_escape(c) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Whether `c` acts on a line rather than standing on it.
fn needs_escape(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// `text` shortened to at most `max` characters, keeping both ends.
pub fn shortened(text: &str, max: usize) -> Cow<'_, str> {
    let count = text.chars().count();
    if count <= max {
        return Cow::Borrowed(text);
    }
    let kept = max.saturating_sub(1);
    let (head, tail) = (kept.div_ceil(2), kept / 2);
    let front: String = text.chars().take(head).collect();
    let back: String = text.chars().skip(count - tail).collect();
    Cow::Owned(format!("{front}…{back}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_written_out() {
        assert_eq!(one_line("a\nb\tc\r"), "a\\nb\\tc\\r");
        assert_eq!(one_line("\u{1b}[31mred"), "\\u{1b}[31mred");
        assert_eq!(one_line("evil\u{202e}txt.exe"), "evil\\u{202e}txt.exe");
        assert_eq!(one_line("\u{9b}2J\u{2028}"), "\\u{9b}2J\\u{2028}");
        assert!(matches!(one_line("naïve 😀 שלום"), Cow::Borrowed("naïve 😀 שלום")));
    }

    #[test]
    fn long_text_keeps_both_ends() {
        assert_eq!(shortened("abcdefghij", 5), "ab…ij");
        assert_eq!(shortened("abcdefghij", 10), "abcdefghij");
        assert_eq!(shortened("äöüß", 3), "ä…ß");
    }
}
