//! The keys at the top level of a snapshot file.

use super::section::Section;
use crate::progress::Stage;
use crate::reader::error::ReadError;
use crate::reader::json::{Cursor, decode_key};

/// What comes next at the top level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// A section this program reads.
    Section(Section),
    /// A key this program does not know, which errors call "file".
    Unknown,
    /// The closing brace.
    End,
}

/// A cursor after the opening brace.
pub(super) fn begin<'t>(text: &'t [u8], watch: Option<&'t Stage>) -> Result<Cursor<'t>, ReadError> {
    let mut cursor = Cursor { watch, ..Cursor::new(text, "file") };
    cursor.skip_byte_order_mark();
    cursor.expect(b'{')?;
    Ok(cursor)
}

/// The next top-level key, with the cursor before its value, or after the closing brace.
pub(super) fn next_key(cursor: &mut Cursor<'_>) -> Result<Key, ReadError> {
    if cursor.eat(b'}') {
        return Ok(Key::End);
    }
    let literal = cursor.literal("the name of a section in double quotes")?;
    let key = decode_key(&cursor.text[literal.start..literal.end]);
    cursor.expect(b':')?;
    Ok(Section::of_key(&key).map_or(Key::Unknown, Key::Section))
}

/// Passes the comma after a section, or stays before the closing brace.
pub(super) fn next_section(cursor: &mut Cursor<'_>) -> Result<(), ReadError> {
    cursor.section = "file";
    if cursor.eat(b',') || cursor.peek() == Some(b'}') {
        return Ok(());
    }
    Err(cursor.unexpected("`,` or `}` after a section"))
}

/// Where the first element of the array `section` stands, if that is what comes after a section.
pub(super) fn start_of_next(text: &[u8], section: Section) -> Option<usize> {
    let mut cursor = Cursor::new(text, "file");
    next_section(&mut cursor).ok()?;
    (next_key(&mut cursor).ok()? == Key::Section(section) && cursor.eat(b'[')).then_some(cursor.at)
}
