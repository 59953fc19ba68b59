//! Text as it stands in snapshots: UTF-8 that may hold lone surrogates (WTF-8).
//!
//! JavaScript strings are sequences of UTF-16 code units, and DevTools orders, cuts and measures
//! them as such. [`Text`] keeps the bytes and answers in those terms, so that nothing is lost on
//! the way from the file to a comparison or to JSON.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

/// Borrowed text in WTF-8.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Text<'a>(pub &'a [u8]);

/// Owned text in WTF-8.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct TextBuf(pub Vec<u8>);

/// Text in WTF-8 that is either in the string table or was made for the occasion.
#[derive(Clone, Debug)]
pub enum TextCow<'a> {
    /// As it stands somewhere else.
    Borrowed(Text<'a>),
    /// Put together.
    Owned(TextBuf),
}

impl<'a> Text<'a> {
    /// The bytes, WTF-8.
    #[inline(always)]
    pub fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// Whether there is no text at all.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// Whether this begins with `prefix`.
    pub fn starts_with(self, prefix: &str) -> bool {
        self.0.starts_with(prefix.as_bytes())
    }

    /// The text for people: each lone surrogate becomes U+FFFD.
    pub fn lossy(self) -> Cow<'a, str> {
        match std::str::from_utf8(self.0) {
            Ok(s) => Cow::Borrowed(s),
            Err(_) => Cow::Owned(self.code_points().map(|c| char::from_u32(c).unwrap_or('\u{fffd}')).collect()),
        }
    }

    /// Length in UTF-16 code units, JavaScript's `length`.
    pub fn utf16_len(self) -> usize {
        // A unit for each byte that begins a character, two for the four-byte ones.
        self.0.iter().map(|&b| usize::from(b & 0xC0 != 0x80) + usize::from(b >= 0xF0)).sum()
    }

    /// JavaScript's `<`: by UTF-16 code units.
    pub fn cmp_utf16(self, other: Text<'_>) -> Ordering {
        let (a, b) = (self.0, other.0);
        let common = a.len().min(b.len());
        match (0..common).find(|&i| a[i] != b[i]) {
            None => a.len().cmp(&b.len()),
            // Byte order is code point order; it differs from code unit order only where
            // U+E000..U+FFFF (lead bytes EE, EF) meets a surrogate pair (lead bytes from F0).
            Some(i) => match (a[i], b[i]) {
                (0xEE | 0xEF, 0xF0..) => Ordering::Greater,
                (0xF0.., 0xEE | 0xEF) => Ordering::Less,
                (x, y) => x.cmp(&y),
            },
        }
    }

    /// The code points, lone surrogates among them.
    pub fn code_points(self) -> impl Iterator<Item = u32> + 'a {
        let bytes = self.0;
        let mut i = 0;
        std::iter::from_fn(move || {
            let b = u32::from(*bytes.get(i)?);
            let rest = |k: usize| bytes.get(i + k).map_or(0, |b| u32::from(b & 0x3F));
            let (len, c) = match b {
                0..=0x7F => (1, b),
                0x80..=0xDF => (2, (b & 0x1F) << 6 | rest(1)),
                0xE0..=0xEF => (3, (b & 0x0F) << 12 | rest(1) << 6 | rest(2)),
                _ => (4, (b & 0x07) << 18 | rest(1) << 12 | rest(2) << 6 | rest(3)),
            };
            i += len;
            Some(c)
        })
    }

    /// Appends this as a JSON string literal, as `JSON.stringify` writes it: lone surrogates
    /// become `\ud800`-style escapes, everything above U+001F but `"` and `\` stands raw.
    pub fn write_json(self, out: &mut String) {
        use fmt::Write as _;
        out.push('"');
        for c in self.code_points() {
            match c {
                0x22 => out.push_str("\\\""),
                0x5C => out.push_str("\\\\"),
                0x08 => out.push_str("\\b"),
                0x0C => out.push_str("\\f"),
                0x0A => out.push_str("\\n"),
                0x0D => out.push_str("\\r"),
                0x09 => out.push_str("\\t"),
                _ => match char::from_u32(c) {
                    Some(ch) if c >= 0x20 => out.push(ch),
                    _ => {
                        let _ = write!(out, "\\u{c:04x}");
                    }
                },
            }
        }
        out.push('"');
    }

    /// A copy that owns its bytes.
    pub fn to_owned(self) -> TextBuf {
        TextBuf(self.0.to_vec())
    }

    /// JavaScript's `parseInt(text, 10)`: optional white space and sign, then digits; the rest
    /// is ignored. `None` for NaN.
    pub fn parse_int(self) -> Option<f64> {
        let s = self.lossy();
        let s = s.trim_start_matches(|c: char| c.is_whitespace() && c != '\u{85}' || c == '\u{feff}');
        let (negative, s) = match s.as_bytes().first() {
            Some(b'-') => (true, &s[1..]),
            Some(b'+') => (false, &s[1..]),
            _ => (false, s),
        };
        let digits = s.bytes().take_while(u8::is_ascii_digit).count();
        let value: f64 = s[..digits].parse().ok()?;
        Some(if negative { -value } else { value })
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(s: &'a str) -> Self {
        Self(s.as_bytes())
    }
}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl PartialEq<&str> for Text<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lossy())
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.lossy())
    }
}

impl serde::Serialize for Text<'_> {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(self.0) {
            Ok(text) => s.serialize_str(text),
            Err(_) => {
                let mut json = String::new();
                self.write_json(&mut json);
                let raw = serde_json::value::RawValue::from_string(json).map_err(serde::ser::Error::custom)?;
                raw.serialize(s)
            }
        }
    }
}

impl TextBuf {
    /// The text, borrowed.
    #[inline(always)]
    pub fn as_text(&self) -> Text<'_> {
        Text(&self.0)
    }

    /// Appends `text`. Two halves of a surrogate pair that meet become one character.
    pub fn push(&mut self, text: Text<'_>) {
        let n = self.0.len();
        if let ([.., 0xED, 0xA0..=0xAF, _], [0xED, 0xB0..=0xBF, _, ..]) = (&self.0[..], text.0) {
            let unit = |b: &[u8]| (u32::from(b[1]) & 0x3F) << 6 | u32::from(b[2]) & 0x3F;
            // 0xED 0xA0 0x80 is U+D800; its low twelve bits are 0x800.
            let high = unit(&self.0[n - 3..]) - 0x800;
            let low = unit(text.0) - 0xC00;
            if let Some(c) = char::from_u32(0x1_0000 + (high << 10) + low) {
                self.0.truncate(n - 3);
                self.0.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                self.0.extend_from_slice(&text.0[3..]);
                return;
            }
        }
        self.0.extend_from_slice(text.0);
    }

    /// Appends a `str`.
    pub fn push_str(&mut self, s: &str) {
        self.push(Text::from(s));
    }
}

impl TextCow<'_> {
    /// The text, borrowed.
    #[inline(always)]
    pub fn as_text(&self) -> Text<'_> {
        match self {
            Self::Borrowed(t) => *t,
            Self::Owned(t) => t.as_text(),
        }
    }

    /// The text, copied only if it is not ours yet.
    pub fn into_owned(self) -> TextBuf {
        match self {
            Self::Borrowed(t) => t.to_owned(),
            Self::Owned(t) => t,
        }
    }
}

impl fmt::Display for TextCow<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_text().fmt(f)
    }
}

impl serde::Serialize for TextCow<'_> {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        self.as_text().serialize(s)
    }
}

impl From<&str> for TextBuf {
    fn from(s: &str) -> Self {
        Self(s.as_bytes().to_vec())
    }
}

impl fmt::Display for TextBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_text().fmt(f)
    }
}

impl fmt::Debug for TextBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.as_text(), f)
    }
}

impl serde::Serialize for TextBuf {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        self.as_text().serialize(s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HIGH: &[u8] = b"\xED\xA0\xBD"; // U+D83D
    const LOW: &[u8] = b"\xED\xB8\x80"; // U+DE00

    #[test]
    fn order_and_length_are_those_of_utf16() {
        let emoji = Text::from("😀");
        assert_eq!(emoji.utf16_len(), 2);
        assert_eq!(emoji.cmp_utf16(Text::from("\u{f600}")), Ordering::Less);
        assert_eq!(Text::from("\u{f600}").cmp_utf16(emoji), Ordering::Greater);
        assert_eq!(emoji.cmp_utf16(Text::from("\u{d7ff}")), Ordering::Greater);
        assert_eq!(Text(HIGH).utf16_len(), 1);
        assert_eq!(Text::from("ab").cmp_utf16(Text::from("a")), Ordering::Greater);
    }

    #[test]
    fn lone_surrogates_survive_into_json_and_halves_join() {
        let mut json = String::new();
        Text(HIGH).write_json(&mut json);
        assert_eq!(json, "\"\\ud83d\"");
        assert_eq!(serde_json::to_string(&Text(HIGH)).unwrap(), json);
        assert_eq!(Text(HIGH).lossy(), "\u{fffd}");
        let mut t = TextBuf(HIGH.to_vec());
        t.push(Text(LOW));
        assert_eq!(t.as_text(), "😀");
    }

    #[test]
    fn parse_int_reads_what_javascript_reads() {
        assert_eq!(Text::from(" -12abc").parse_int(), Some(-12.0));
        assert_eq!(Text::from("12").parse_int(), Some(12.0));
        assert_eq!(Text::from("\u{feff}\u{2028}+3").parse_int(), Some(3.0));
        assert_eq!(Text::from("\u{85}3").parse_int(), None, "no white space to JavaScript");
        assert_eq!(Text::from("abc").parse_int(), None);
        assert_eq!(Text::from("").parse_int(), None);
    }
}
