//! A cursor over JSON text: white space, punctuation, strings, single numbers, and skipping a
//! value of any size and depth without recursion. Knows no section of a snapshot.

use crate::progress::Stage;
use crate::reader::error::{ReadError, describe};

/// Whether JSON allows `byte` between two tokens.
pub(in crate::reader) fn is_white_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

/// How many bytes are skipped between two looks at the cancel token.
const POLLED_AFTER: usize = 1 << 20;

/// A place in the text, and the section whose name errors bear.
#[derive(Debug, Clone)]
pub(in crate::reader) struct Cursor<'a> {
    pub(in crate::reader) text: &'a [u8],
    pub(in crate::reader) at: usize,
    pub(in crate::reader) section: &'static str,
    /// Where in the file the text begins.
    pub(in crate::reader) base: usize,
    /// What can stop the skipping of values, which may be very long.
    pub(in crate::reader) watch: Option<&'a Stage>,
}

/// A string literal: where its contents stand, between the quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::reader) struct Literal {
    pub(in crate::reader) start: usize,
    pub(in crate::reader) end: usize,
}

impl<'a> Cursor<'a> {
    pub(in crate::reader) fn new(text: &'a [u8], section: &'static str) -> Self {
        Self { text, at: 0, section, base: 0, watch: None }
    }

    /// The error "expected …, found what is here".
    pub(in crate::reader) fn unexpected(&self, expected: impl Into<String>) -> ReadError {
        self.unexpected_at(self.at, expected)
    }

    /// The error "expected …, found what is at `at`".
    pub(in crate::reader) fn unexpected_at(&self, at: usize, expected: impl Into<String>) -> ReadError {
        ReadError::Malformed {
            section: self.section,
            offset: (self.base + at) as u64,
            expected: expected.into(),
            found: describe(self.text, at),
            hint: String::new(),
        }
    }

    /// Passes the mark some editors put before UTF-8.
    pub(in crate::reader) fn skip_byte_order_mark(&mut self) {
        if self.text[self.at..].starts_with(b"\xEF\xBB\xBF") {
            self.at += 3;
        }
    }

    pub(in crate::reader) fn skip_white_space(&mut self) {
        while self.text.get(self.at).is_some_and(|&b| is_white_space(b)) {
            self.at += 1;
        }
    }

    /// The next byte that is not white space; stays before it.
    pub(in crate::reader) fn peek(&mut self) -> Option<u8> {
        self.skip_white_space();
        self.text.get(self.at).copied()
    }

    /// Passes `byte` if it comes next.
    pub(in crate::reader) fn eat(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// Passes `byte`, which must come next.
    pub(in crate::reader) fn expect(&mut self, byte: u8) -> Result<(), ReadError> {
        if self.eat(byte) { Ok(()) } else { Err(self.unexpected(format!("`{}`", byte as char))) }
    }

    /// Passes a string literal; `what` says in an error what it should have been.
    pub(in crate::reader) fn literal(&mut self, what: &str) -> Result<Literal, ReadError> {
        if !self.eat(b'"') {
            return Err(self.unexpected(what));
        }
        let start = self.at;
        match closing_quote(self.text, start) {
            Some(end) => {
                self.at = end + 1;
                Ok(Literal { start, end })
            }
            None => {
                self.at = self.text.len();
                Err(self.unexpected("`\"` at the end of a string"))
            }
        }
    }

    /// Passes a number, sign, fraction and exponent allowed.
    pub(in crate::reader) fn number(&mut self) -> Result<f64, ReadError> {
        self.skip_white_space();
        let rest = &self.text[self.at..];
        let len = rest.iter().position(|b| !matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'));
        let token = &rest[..len.unwrap_or(rest.len())];
        let value = match token {
            // Nearly all: few enough digits for the sum to be exact.
            [b'0'..=b'9', ..] if token.len() <= 15 && token.iter().all(u8::is_ascii_digit) => {
                token.iter().fold(0u64, |sum, b| sum * 10 + u64::from(b - b'0')) as f64
            }
            [b'0'..=b'9' | b'-', ..] => std::str::from_utf8(token)
                .ok()
                .and_then(|t| t.parse::<f64>().ok())
                .filter(|v| v.is_finite())
                .ok_or_else(|| self.unexpected("a number"))?,
            _ => return Err(self.unexpected("a number")),
        };
        self.at += token.len();
        Ok(value)
    }

    /// Passes any value. Brackets are counted, not matched: what is skipped need not be valid, it
    /// only has to end.
    pub(in crate::reader) fn skip_value(&mut self) -> Result<(), ReadError> {
        let mut depth = 0u64;
        let mut polled = self.at;
        loop {
            if self.at - polled > POLLED_AFTER {
                polled = self.at;
                self.watch.map_or(Ok(()), Stage::check)?;
            }
            match self.peek() {
                Some(b'"') => {
                    self.literal("a string")?;
                }
                Some(b'[' | b'{') => {
                    depth += 1;
                    self.at += 1;
                }
                Some(b']' | b'}') if depth > 0 => {
                    depth -= 1;
                    self.at += 1;
                }
                Some(b',' | b':') if depth > 0 => self.at += 1,
                Some(b) if is_of_word(b) => self.skip_word(),
                _ => return Err(self.unexpected("a value")),
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }

    /// Passes a number, `true`, `false`, `null`, or what is none of these, such as `NaN`.
    fn skip_word(&mut self) {
        let rest = &self.text[self.at..];
        let len = rest.iter().position(|&b| !is_of_word(b));
        self.at += len.unwrap_or(rest.len());
    }
}

/// Whether `byte` may be part of a value without quotes and brackets.
fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')
}

/// Where the string that began at `start` ends: its closing quote.
pub(in crate::reader) fn closing_quote(text: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        match text.get(at)? {
            b'"' => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skipped(text: &str) -> Result<usize, String> {
        let mut cursor = Cursor::new(text.as_bytes(), "file");
        cursor.skip_value().map(|()| cursor.at).map_err(|e| e.to_string())
    }

    #[test]
    fn a_value_of_any_shape_is_skipped_to_its_end() {
        for value in [r#""a\"]""#, "12.5e-3", "null", "[]", r#"[1,{"a":[2,"]"]}, "\\"]"#, "{}", "[NaN,+1]"] {
            assert_eq!(skipped(&format!("{value},1")), Ok(value.len()), "{value}");
        }
    }

    #[test]
    fn a_million_brackets_are_skipped_without_recursion() {
        let deep = "[".repeat(1_000_000) + &"]".repeat(1_000_000);
        assert_eq!(skipped(&deep), Ok(2_000_000));
        assert_eq!(
            skipped(&deep[..1_500_000]),
            Err("file: expected a value, found the end of the file at byte 1500000".into())
        );
    }

    #[test]
    fn numbers_keep_sign_and_fraction() {
        let number = |text: &str| Cursor::new(text.as_bytes(), "file").number().map_err(|e| e.to_string());
        assert_eq!(number(" -2,"), Ok(-2.0));
        assert_eq!(number("1.5e3]"), Ok(1500.0));
        assert_eq!(number("123456789012345678"), Ok(123_456_789_012_345_680.0));
        assert!(number("NaN").is_err());
        assert!(number(&"9".repeat(400)).is_err());
    }
}
