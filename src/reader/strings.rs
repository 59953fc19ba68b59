//! The `strings` section → [`Strings`]: every literal decoded into one block of bytes.
//!
//! A file cut short usually ends here, where names are known by their position alone. So whatever
//! stands before the damage is kept; what is damaged *inside* a string (an impossible escape, a
//! byte that is no UTF-8) costs only the characters concerned.

use super::error::{ReadError, Warning, describe};
use super::input::Input;
use super::scan::{self, Cursor};
use crate::graph::Strings;

const SECTION: &str = "strings";

/// This many zero bytes in a row are no text but a hole in the file.
const HOLE: usize = 16;

/// The string table and where the section ended.
#[derive(Debug)]
pub(super) struct Table {
    bytes: Vec<u8>,
    /// Where each string begins, and where the last one ends.
    starts: Vec<u64>,
    /// The byte after `]`.
    pub(super) end: usize,
    /// What ended the section before its `]`, with the byte where it stands.
    pub(super) damage: Option<(usize, String)>,
}

/// What was mended inside strings.
#[derive(Debug, Default)]
struct Mended {
    escapes: usize,
    controls: usize,
    bytes: usize,
}

/// Reads the section whose first string stands after byte `start`.
pub(super) fn read(input: &Input<'_>, start: usize, warnings: &mut Vec<Warning>) -> Result<Table, ReadError> {
    let mut cursor = Cursor { text: input.text, at: start, section: SECTION };
    let mut bytes = Vec::new();
    let mut starts = vec![0u64];
    let mut mended = Mended::default();
    let mut damage = None;
    let mut polled = start;
    while !(starts.len() == 1 && cursor.eat(b']')) {
        input.poll(&mut polled, cursor.at)?;
        let literal = match literal(&mut cursor) {
            Ok(literal) => literal,
            Err(found) => {
                damage = Some(found);
                break;
            }
        };
        decode(&cursor.text[literal.start..literal.end], &mut bytes, &mut mended);
        starts.push(bytes.len() as u64);
        match cursor.peek() {
            Some(b',') => cursor.at += 1,
            Some(b']') => {
                cursor.at += 1;
                break;
            }
            _ => {
                damage = Some((cursor.at, describe(cursor.text, cursor.at)));
                break;
            }
        }
    }
    mended.warn(warnings);
    Ok(Table { bytes, starts, end: cursor.at, damage })
}

impl Table {
    /// The number of strings.
    pub(super) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The strings, and `extra` after them.
    pub(super) fn finish(mut self, extra: Option<&str>) -> Strings {
        if let Some(extra) = extra {
            self.bytes.extend_from_slice(extra.as_bytes());
            self.starts.push(self.bytes.len() as u64);
        }
        self.bytes.shrink_to_fit();
        Strings::from_parts(self.bytes, self.starts)
    }
}

/// Passes a string literal, or says where the text stops making sense and what stands there.
fn literal(cursor: &mut Cursor<'_>) -> Result<scan::Literal, (usize, String)> {
    let found = |at| (at, describe(cursor.text, at));
    if cursor.clone().peek() != Some(b'"') {
        cursor.skip_white_space();
        return Err((cursor.at, describe(cursor.text, cursor.at)));
    }
    let mut ahead = cursor.clone();
    let literal = ahead.literal("a string").map_err(|_unclosed| found(cursor.text.len()))?;
    let text = &cursor.text[literal.start..literal.end];
    let mut zeros = 0;
    for (i, &b) in text.iter().enumerate() {
        zeros = if b == 0 { zeros + 1 } else { 0 };
        if zeros == HOLE {
            return Err(found(literal.start + i + 1 - HOLE));
        }
    }
    *cursor = ahead;
    Ok(literal)
}

impl Mended {
    fn warn(&self, warnings: &mut Vec<Warning>) {
        for (count, what) in [
            (self.escapes, "escapes that JSON does not know; a replacement character stands for each"),
            (self.controls, "control characters that JSON would have escaped; they were kept"),
            (self.bytes, "sequences of bytes that are not UTF-8; a replacement character stands for each"),
        ] {
            if count > 0 {
                warnings.push(Warning::new(SECTION, format!("there are {count} {what}")));
            }
        }
    }
}

/// Appends what the literal `text` says, in WTF-8.
fn decode(text: &[u8], out: &mut Vec<u8>, mended: &mut Mended) {
    let mut rest = text;
    while let Some(backslash) = rest.iter().position(|&b| b == b'\\') {
        plain(&rest[..backslash], out, mended);
        let (code, len) = escape(&rest[backslash..]);
        match code {
            Some(code) => push_code_point(code, out),
            None => {
                mended.escapes += 1;
                out.extend_from_slice("\u{fffd}".as_bytes());
            }
        }
        rest = &rest[backslash + len..];
    }
    plain(rest, out, mended);
}

/// Appends text without escapes.
fn plain(text: &[u8], out: &mut Vec<u8>, mended: &mut Mended) {
    mended.controls += text.iter().filter(|&&b| b < 0x20).count();
    if text.is_ascii() {
        out.extend_from_slice(text);
        return;
    }
    for part in text.utf8_chunks() {
        out.extend_from_slice(part.valid().as_bytes());
        if !part.invalid().is_empty() {
            mended.bytes += 1;
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
}

/// The code point an escape stands for (a surrogate if it stands alone), and the escape's length.
fn escape(text: &[u8]) -> (Option<u32>, usize) {
    let simple = |c: char| (Some(c as u32), 2);
    match text.get(1) {
        Some(b'"') => simple('"'),
        Some(b'\\') => simple('\\'),
        Some(b'/') => simple('/'),
        Some(b'b') => simple('\u{8}'),
        Some(b'f') => simple('\u{c}'),
        Some(b'n') => simple('\n'),
        Some(b'r') => simple('\r'),
        Some(b't') => simple('\t'),
        Some(b'u') => match (code_unit(text), text.get(6..).and_then(code_unit)) {
            (Some(high @ 0xD800..=0xDBFF), Some(low @ 0xDC00..=0xDFFF)) => {
                (Some(0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00)), 12)
            }
            (Some(unit), _) => (Some(unit), 6),
            (None, _) => (None, 2),
        },
        Some(_) => (None, 2),
        None => (None, 1),
    }
}

/// The value of `\uXXXX` at the beginning of `text`.
fn code_unit(text: &[u8]) -> Option<u32> {
    let [b'\\', b'u', hex @ ..] = text else { return None };
    hex.get(..4)?.iter().try_fold(0, |sum, &b| Some(sum << 4 | (b as char).to_digit(16)?))
}

/// Appends a code point in WTF-8, where a surrogate has three bytes like its neighbors.
fn push_code_point(code: u32, out: &mut Vec<u8>) {
    match char::from_u32(code) {
        Some(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        None => {
            out.extend([0xE0 | low_byte(code >> 12), 0x80 | low_byte(code >> 6) & 0x3F, 0x80 | low_byte(code) & 0x3F])
        }
    }
}

#[allow(clippy::cast_possible_truncation, reason = "the lowest byte is what is wanted")]
fn low_byte(code: u32) -> u8 {
    code as u8
}

/// The text of a key, which may be written with escapes.
pub(super) fn decode_key(text: &[u8]) -> Vec<u8> {
    let mut key = Vec::new();
    decode(text, &mut key, &mut Mended::default());
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &[u8]) -> Vec<u8> {
        decode_key(text)
    }

    #[test]
    fn escapes_become_characters_and_lone_surrogates_stay() {
        assert_eq!(decoded(br#"a\"\\\/\b\f\n\r\t\u0041"#), b"a\"\\/\x08\x0C\n\r\tA");
        assert_eq!(decoded(br"\ud83d\ude00"), "😀".as_bytes());
        assert_eq!(decoded(br"\ud83d"), b"\xED\xA0\xBD");
        assert_eq!(decoded(br"\ude00\ud83d"), b"\xED\xB8\x80\xED\xA0\xBD");
        assert_eq!(decoded("é\u{2028}".as_bytes()), "é\u{2028}".as_bytes());
    }

    #[test]
    fn what_cannot_be_read_becomes_a_replacement_character() {
        assert_eq!(decoded(br"a\x41"), "a\u{fffd}41".as_bytes());
        assert_eq!(decoded(br"\u12"), "\u{fffd}12".as_bytes());
        // As a WHATWG decoder does: one for each maximal part of a sequence.
        assert_eq!(decoded(b"a\xF0\x9F\x98b\xFF\xED\xA0\x80"), "a\u{fffd}b\u{fffd}\u{fffd}\u{fffd}\u{fffd}".as_bytes());
    }
}
