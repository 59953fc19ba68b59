//! Exporting a table: what the command that has the same table answers, written until it is cancelled. Knows no egui.

use super::tree::MakeAnswer;
use crate::progress::{CancelToken, Cancelled};
use crate::relation::{Answer, Format};
use crate::units;
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

/// The formats that tables are exported in.
pub const FORMATS: [Format; 3] = [Format::Csv, Format::Json, Format::Markdown];

/// The most bytes of text that the clipboard takes. What X servers let a program hand over at once is a little more;
/// what exceeds it never arrives, and nobody is told.
pub const CLIPBOARD_BYTES: usize = if cfg!(any(windows, target_os = "macos")) { 1 << 30 } else { 16_000_000 };

/// A table that is to be exported.
pub struct Export {
    /// The table's name.
    pub table: &'static str,
    /// In which form.
    pub format: Format,
    /// To a file; otherwise to the clipboard.
    pub is_to_file: bool,
    make: Mutex<Option<MakeAnswer>>,
}

impl Export {
    /// The table that `make` makes.
    pub fn new(table: &'static str, make: MakeAnswer, format: Format, is_to_file: bool) -> Self {
        Self { table, format, is_to_file, make: Mutex::new(Some(make)) }
    }

    /// Makes what is written, once.
    pub fn answer(&self, cancel: &CancelToken) -> Result<Answer<'static>, Cancelled> {
        let make = self.make.lock().unwrap_or_else(PoisonError::into_inner).take();
        make.map_or(Err(Cancelled), |make| make(cancel))
    }
}

impl std::fmt::Debug for Export {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Export").field("table", &self.table).field("format", &self.format).finish_non_exhaustive()
    }
}

/// No two exports are the same.
impl PartialEq for Export {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

/// Why a table was not exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// It was given up.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// It cannot be written.
    #[error(transparent)]
    Write(#[from] io::Error),
}

/// Writes the table of `export` and returns how many rows it has.
pub fn write(export: &Export, out: &mut dyn Write, cancel: &CancelToken) -> Result<u64, ExportError> {
    let answer = export.answer(cancel)?;
    answer.write(export.format, &mut Cancellable { out, cancel })?;
    Ok(row_count(&answer))
}

/// The table of `export` as one text, and how many rows it has.
pub fn text(export: &Export, cancel: &CancelToken) -> Result<(String, u64), ExportError> {
    let mut text = Vec::new();
    let rows = write(export, &mut text, cancel)?;
    let text = String::from_utf8(text).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))?;
    Ok((text, rows))
}

/// What was copied, for the sentence that says so.
pub fn copied_rows(rows: u64, format: Format) -> String {
    let noun = if rows == 1 { "row" } else { "rows" };
    format!("{} {noun} as {}", units::count(rows), format.name())
}

/// Rows, or facts where there is no table.
fn row_count(answer: &Answer<'_>) -> u64 {
    let rows = if answer.tables.is_empty() { answer.facts.len() } else { answer.row_count() };
    rows as u64
}

/// Stops writing once that was given up.
struct Cancellable<'a> {
    out: &'a mut dyn Write,
    cancel: &'a CancelToken,
}

impl Write for Cancellable<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.cancel.is_cancelled() {
            // Not `Interrupted`, after which writing is tried again.
            return Err(io::Error::other("the export was given up"));
        }
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relation::{Column, Kind, Rows, Value};

    struct Names;

    static COLUMNS: [Column; 2] =
        [Column::new("name", "Name", Kind::Text, "Its name"), Column::new("size", "Size", Kind::Integer, "Its size")];

    impl Rows for Names {
        fn columns(&self) -> &[Column] {
            &COLUMNS
        }
        fn len(&self) -> usize {
            2
        }
        fn value(&self, row: usize, column: usize) -> Value<'_> {
            match column {
                0 => Value::word(["=plain()", "a \"b\", c"][row]),
                _ => Value::Signed(-1_000),
            }
        }
    }

    fn export(format: Format) -> Export {
        Export::new("Names", Box::new(|_| Ok(Answer::new("names").rows(Names))), format, false)
    }

    #[test]
    fn tables_are_exported_with_raw_numbers_quotes_and_guards() {
        let (text, rows) = text(&export(Format::Csv), &CancelToken::default()).unwrap();
        assert_eq!((text.as_str(), rows), ("name,size\n'=plain(),-1000\n\"a \"\"b\"\", c\",-1000\n", 2));
    }

    #[test]
    fn an_export_that_is_given_up_stops() {
        let cancel = CancelToken::default();
        cancel.cancel();
        assert!(matches!(text(&export(Format::Json), &cancel), Err(ExportError::Write(_))));
    }
}
