//! A table as text, as it is shown: the rows that are visible, in their order, under their
//! headers. Knows no egui.

use super::tree::{Cell, Column, TreeModel};
use crate::csv;
use crate::progress::CancelToken;
use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The forms a table can be exported in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values (RFC 4180), levels of the tree in a column of their own.
    Csv,
    /// A list with an object for each row, its keys the columns' headers.
    Json,
}

impl Format {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Json => "JSON",
        }
    }

    /// How names of its files end.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }
}

/// A table that is to be exported.
pub struct Export {
    /// The table's name.
    pub table: &'static str,
    /// In which form.
    pub format: Format,
    /// To a file; otherwise to the clipboard.
    pub is_to_file: bool,
    model: Mutex<Box<dyn TreeModel + Send>>,
}

impl Export {
    /// The rows of `model` as they are now.
    pub fn new(table: &'static str, model: &dyn TreeModel, format: Format, is_to_file: bool) -> Self {
        Self { table, format, is_to_file, model: Mutex::new(model.frozen()) }
    }

    /// The rows.
    pub fn model(&self) -> MutexGuard<'_, Box<dyn TreeModel + Send>> {
        self.model.lock().unwrap_or_else(PoisonError::into_inner)
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

/// Writes the rows of `model` and returns how many they are.
pub fn write(model: &dyn TreeModel, format: Format, out: &mut dyn Write, cancel: &CancelToken) -> io::Result<u64> {
    let keys: Vec<String> = model.columns().iter().map(Column::key).collect();
    match format {
        Format::Csv => {
            let head: Vec<_> = keys.iter().map(|key| csv::untrusted_field(key)).collect();
            write!(out, "level,{}\r\n", head.join(","))?;
        }
        Format::Json => write!(out, "[")?,
    }
    let mut rows = 0;
    while let Some(row) = model.row(rows) {
        if cancel.is_cancelled() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        match format {
            Format::Csv => {
                write!(out, "{}", row.level)?;
                for at in 0..keys.len() {
                    let text = row.cells.get(at).map(Cell::text).unwrap_or_default();
                    // Figures are ours; a sign before one makes no formula of it.
                    let field = match row.cells.get(at) {
                        Some(Cell::Text(_)) => csv::untrusted_field(&text),
                        _ => csv::field(&text),
                    };
                    write!(out, ",{field}")?;
                }
                write!(out, "\r\n")?;
            }
            Format::Json => {
                let mut object = serde_json::Map::new();
                object.insert("level".to_owned(), row.level.into());
                for (key, cell) in keys.iter().zip(&row.cells) {
                    object.insert(key.clone(), cell.text().into());
                }
                let comma = if rows == 0 { "" } else { ",\n" };
                write!(out, "{comma}{}", serde_json::Value::Object(object))?;
            }
        }
        rows += 1;
    }
    if format == Format::Json {
        write!(out, "]")?;
    }
    Ok(rows)
}

/// The rows of `model` as one text.
pub fn text(model: &dyn TreeModel, format: Format, cancel: &CancelToken) -> String {
    let mut text = Vec::new();
    match write(model, format, &mut text, cancel) {
        Ok(_) => String::from_utf8(text).unwrap_or_default(),
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Cancelled;
    use crate::session::job::FrontEnd;
    use crate::ui::tree::{Ancestors, LazyTree, RowView, Sort, Span, Tone, TreeSource};

    struct Names;

    impl TreeSource for Names {
        type Item = u32;
        fn columns(&self) -> Vec<Column> {
            vec![Column::tree("Name", ""), Column::figures("Size", "", 50.0).in_band("A")]
        }
        fn child_count(&self, parent: Option<&u32>) -> u32 {
            parent.map_or(2, |&n| n)
        }
        fn child(&self, _: Option<&u32>, position: u32) -> u32 {
            position
        }
        fn order(&self, parent: Option<&u32>, _: Option<Sort>, _: &CancelToken) -> Result<Vec<u32>, Cancelled> {
            Ok((0..self.child_count(parent)).collect())
        }
        fn is_expandable(&self, &n: &u32, _: Ancestors<'_, u32>) -> bool {
            n > 0
        }
        fn row(&self, n: &u32, _: Ancestors<'_, u32>) -> RowView {
            let name = ["=plain()", "a \"b\", c"][*n as usize];
            RowView::new(vec![Cell::Text(vec![Span::words(name, Tone::Normal)]), Cell::figure("1,000")])
        }
    }

    #[test]
    fn what_is_shown_is_exported_with_levels_and_quotes() {
        let mut tree = LazyTree::new(Names, None, &FrontEnd::nobody());
        tree.set_expanded(1, true);
        assert_eq!(
            text(&tree, Format::Csv, &CancelToken::default()),
            "level,Name,A/Size\r\n0,'=plain(),\"1,000\"\r\n0,\"a \"\"b\"\", c\",\"1,000\"\r\n1,'=plain(),\"1,000\"\r\n"
        );
        let rows: serde_json::Value =
            serde_json::from_str(&text(&tree, Format::Json, &CancelToken::default())).unwrap();
        assert_eq!(rows[1], serde_json::json!({ "level": 0, "Name": "a \"b\", c", "A/Size": "1,000" }));
        assert_eq!(rows[2]["level"], 1);
    }
}
