//! The `strings` section → [`Strings`]: every literal decoded into one block of bytes.
//!
//! A file cut short usually ends here, where names are known by their position alone. So whatever
//! stands before the damage is kept; what is damaged *inside* a string (an impossible escape, a
//! byte that is no UTF-8) costs only the characters concerned.

use super::section::Section;
use crate::graph::Strings;
use crate::reader::error::{ReadError, Warning, describe};
use crate::reader::input::Input;
use crate::reader::json::{Cursor, Mended, decode};

const SECTION: &str = Section::Strings.name();

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

/// Where in the file the text stops making sense, and what stands there.
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
    let mut cursor = Cursor { at: start, ..input.cursor(SECTION) };
    let mut table = Table::new(input.text.len() - start, expected)?;
    let mut mended = Mended::default();
    if !cursor.eat(b']') {
        table.damage = table.read_all(input, &mut cursor, &mut mended)?;
    }
    warn(&mended, warnings);
    table.end = cursor.at;
    Ok(table)
}

impl Damage {
    fn at(cursor: &Cursor<'_>, at: usize) -> Self {
        Self { at: cursor.base + at, found: describe(cursor.text, at) }
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
                return Ok(Some(Damage::at(cursor, cursor.at)));
            }
            match decode(text, cursor.at, input.kernel, &mut self.bytes, mended) {
                Ok(end) => cursor.at = end + 1,
                Err(at) => {
                    self.bytes.truncate(self.starts.last());
                    return Ok(Some(Damage::at(cursor, at)));
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
                _ => return Ok(Some(Damage::at(cursor, cursor.at))),
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

/// Says what was mended.
fn warn(mended: &Mended, warnings: &mut Vec<Warning>) {
    for (count, what) in [
        (mended.escapes, "escapes that JSON does not know; a replacement character stands for each"),
        (mended.controls, "control characters that JSON would have escaped; they were kept"),
        (mended.bytes, "sequences of bytes that are not UTF-8; a replacement character stands for each"),
    ] {
        if count > 0 {
            warnings.push(Warning::new(SECTION, format!("there are {count} {what}")));
        }
    }
}
