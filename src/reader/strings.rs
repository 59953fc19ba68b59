//! The `strings` section → [`Strings`]: every literal decoded into one block of bytes.
//!
//! A file cut short usually ends here, where names are known by their position alone. So whatever
//! stands before the damage is kept; what is damaged *inside* a string (an impossible escape, a
//! byte that is no UTF-8) costs only the characters concerned.

use super::damage::HOLE;
use super::error::{ReadError, Warning, describe};
use super::input::Input;
use super::numbers::Kernel;
use super::scan::Cursor;
use crate::graph::Strings;

const SECTION: &str = "strings";

/// The string table and where the section ended.
#[derive(Debug)]
pub(super) struct Table {
    bytes: Vec<u8>,
    starts: Starts,
    /// The byte after `]`.
    pub(super) end: usize,
    /// What ended the section before its `]`.
    pub(super) damage: Option<Damage>,
}

/// Where each string begins, and where the last one ends: in four bytes each, if the section is
/// too small for more.
#[derive(Debug)]
enum Starts {
    Narrow(Vec<u32>),
    Wide(Vec<u64>),
}

/// Where the text stops making sense, and what stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Damage {
    pub(super) at: usize,
    pub(super) found: String,
}

/// Reads the section whose first string stands after byte `start`. About `expected` strings are
/// referred to.
pub(super) fn read(
    input: &Input<'_>,
    start: usize,
    expected: usize,
    warnings: &mut Vec<Warning>,
) -> Result<Table, ReadError> {
    let mut cursor = Cursor { at: start, ..Cursor::new(input.text, SECTION) };
    let mut table = Table::new(input.text.len() - start, expected)?;
    let mut mended = Mended::default();
    if !cursor.eat(b']') {
        table.damage = table.read_all(input, &mut cursor, &mut mended)?;
    }
    mended.warn(warnings);
    table.end = cursor.at;
    Ok(table)
}

impl Damage {
    fn at(text: &[u8], at: usize) -> Self {
        Self { at, found: describe(text, at) }
    }
}

impl Starts {
    fn push(&mut self, start: usize) {
        match self {
            // Whether they fit was decided in `Table::new`.
            Self::Narrow(starts) => starts.push(u32::try_from(start).unwrap_or(u32::MAX)),
            Self::Wide(starts) => starts.push(start as u64),
        }
    }

    /// Makes room for one more.
    fn reserve(&mut self) -> Result<(), ReadError> {
        let reserved = match self {
            Self::Narrow(starts) => starts.try_reserve(1),
            Self::Wide(starts) => starts.try_reserve(1),
        };
        let len = self.len();
        reserved.map_err(|_refused| ReadError::TooLarge(format!("not enough memory for more than {len} strings")))
    }

    fn last(&self) -> usize {
        let last = match self {
            Self::Narrow(starts) => starts.last().map(|&s| s as usize),
            Self::Wide(starts) => starts.last().and_then(|&s| usize::try_from(s).ok()),
        };
        last.unwrap_or(0)
    }

    fn len(&self) -> usize {
        match self {
            Self::Narrow(starts) => starts.len(),
            Self::Wide(starts) => starts.len(),
        }
    }
}

impl Table {
    /// Room for the strings in `text_len` bytes of text.
    fn new(text_len: usize, expected: usize) -> Result<Self, ReadError> {
        let refused = |_| ReadError::TooLarge(format!("not enough memory for {text_len} bytes of strings"));
        // The system backs only what is written; what is left over goes back at the end.
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(text_len).map_err(refused)?;
        // A replacement character is three times as long as the byte it stands for.
        let is_narrow = text_len < u32::MAX as usize / 3;
        // A string takes two quotes and a comma at least.
        let count = expected.min(text_len / 3) + 2;
        let starts = if is_narrow {
            let mut starts = Vec::new();
            starts.try_reserve_exact(count).map_err(refused)?;
            starts.push(0);
            Starts::Narrow(starts)
        } else {
            Starts::Wide(vec![0])
        };
        Ok(Self { bytes, starts, end: 0, damage: None })
    }

    /// Reads strings until `]` was passed, or up to the damage that is returned.
    fn read_all(
        &mut self,
        input: &Input<'_>,
        cursor: &mut Cursor<'_>,
        mended: &mut Mended,
    ) -> Result<Option<Damage>, ReadError> {
        let text = cursor.text;
        let mut polled = cursor.at;
        loop {
            input.poll(&mut polled, cursor.at)?;
            if !cursor.eat(b'"') {
                return Ok(Some(Damage::at(text, cursor.at)));
            }
            match decode(text, cursor.at, input.kernel, &mut self.bytes, mended) {
                Ok(end) => cursor.at = end + 1,
                Err(at) => {
                    self.bytes.truncate(self.starts.last());
                    return Ok(Some(Damage::at(text, at)));
                }
            }
            self.starts.reserve()?;
            self.starts.push(self.bytes.len());
            match cursor.peek() {
                Some(b',') => cursor.at += 1,
                Some(b']') => {
                    cursor.at += 1;
                    return Ok(None);
                }
                _ => return Ok(Some(Damage::at(text, cursor.at))),
            }
        }
    }

    /// The number of strings.
    pub(super) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The strings, and `extra` after them.
    pub(super) fn finish(mut self, extra: Option<&str>) -> Strings {
        if let Some(extra) = extra {
            self.bytes.extend_from_slice(extra.as_bytes());
            self.starts.push(self.bytes.len());
        }
        self.bytes.shrink_to_fit();
        match self.starts {
            Starts::Narrow(mut starts) => {
                starts.shrink_to_fit();
                Strings::from_narrow(self.bytes, starts)
            }
            Starts::Wide(starts) => Strings::from_parts(self.bytes, starts),
        }
    }
}

/// What was mended inside strings.
#[derive(Debug, Default)]
struct Mended {
    escapes: usize,
    controls: usize,
    bytes: usize,
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

/// Appends what the literal says that begins at `start`, after its quote, in WTF-8. Returns where
/// its closing quote stands, or else where the text stops making sense.
fn decode(text: &[u8], start: usize, kernel: Kernel, out: &mut Vec<u8>, mended: &mut Mended) -> Result<usize, usize> {
    let mut at = start;
    loop {
        let plain = at + kernel.plain_text(text, at);
        out.extend_from_slice(&text[at..plain]);
        at = plain;
        let rest = &text[at..];
        match rest {
            [b'"', ..] => return Ok(at),
            [b'\\', ..] => {
                let (code, len) = escape(rest);
                match code {
                    Some(code) => push_code_point(code, out),
                    None => {
                        mended.escapes += 1;
                        out.extend_from_slice("\u{fffd}".as_bytes());
                    }
                }
                at += len;
            }
            [0x80..=0xFF, ..] => {
                let len = rest.iter().position(u8::is_ascii).unwrap_or(rest.len());
                push_lossy(&rest[..len], out, mended);
                at += len;
            }
            [0, ..] if rest.iter().take(HOLE).take_while(|&&b| b == 0).count() == HOLE.min(rest.len()) => {
                return Err(at);
            }
            [control, ..] => {
                mended.controls += 1;
                out.push(*control);
                at += 1;
            }
            [] => return Err(at),
        }
    }
}

/// Appends bytes that should be UTF-8, with a replacement character for what is not, as browsers do.
fn push_lossy(text: &[u8], out: &mut Vec<u8>, mended: &mut Mended) {
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

/// The text of a key, which may be written with escapes, between its quotes.
pub(super) fn decode_key(text: &[u8]) -> Vec<u8> {
    let mut key = Vec::new();
    // The end of the text is the end of the key.
    let _ = decode(text, 0, Kernel::Portable, &mut key, &mut Mended::default());
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &[u8]) -> Vec<u8> {
        let literal = [text, b"\""].concat();
        let results = [Kernel::Portable, Kernel::fastest()].map(|kernel| {
            let mut out = Vec::new();
            let end = decode(&literal, 0, kernel, &mut out, &mut Mended::default());
            assert_eq!(end, Ok(text.len()));
            out
        });
        assert_eq!(results[0], results[1]);
        results[0].clone()
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

    #[test]
    fn plain_text_of_any_length_is_taken_over() {
        let text: Vec<u8> = (0..300).map(|i| b' ' + u8::try_from(i % 2).unwrap()).collect();
        for len in 0..text.len() {
            for special in [&b""[..], b"\n", b"\\n", "é".as_bytes(), b"\x7F"] {
                let literal = [&text[..len], special, &text[..len]].concat();
                let expected = [&text[..len], if special == b"\\n" { b"\n" } else { special }, &text[..len]].concat();
                assert_eq!(decoded(&literal), expected, "{len} {special:?}");
            }
        }
    }

    #[test]
    fn a_literal_without_end_says_where_the_text_stops() {
        for (text, at) in [
            (&b"abc"[..], 3),
            (b"ab\\", 3),
            (b"ab\\u12", 6),
            (b"a\0\0", 1),
            (&[&b"ab"[..], &[0; 99], b"\""].concat(), 2),
        ] {
            let decoded = decode(text, 0, Kernel::fastest(), &mut Vec::new(), &mut Mended::default());
            assert_eq!(decoded, Err(at), "{text:?}");
        }
    }
}
