//! What a string literal says: escapes, and what is wrong with them.

use crate::reader::numbers::Kernel;

/// This many zero bytes in a row are no text but a hole in the file.
pub(in crate::reader) const HOLE: usize = 16;

/// What was mended inside strings.
#[derive(Debug, Default)]
pub(in crate::reader) struct Mended {
    /// Escapes that JSON does not know.
    pub(in crate::reader) escapes: usize,
    /// Control characters that JSON would have escaped.
    pub(in crate::reader) controls: usize,
    /// Sequences of bytes that are not UTF-8.
    pub(in crate::reader) bytes: usize,
}

/// Appends what the literal says that begins at `start`, after its quote, in WTF-8. Returns where
/// its closing quote stands, or else where the text stops making sense.
pub(in crate::reader) fn decode(
    text: &[u8],
    start: usize,
    kernel: Kernel,
    out: &mut Vec<u8>,
    mended: &mut Mended,
) -> Result<usize, usize> {
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
pub(in crate::reader) fn decode_key(text: &[u8]) -> Vec<u8> {
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
