//! Aligned columns for people; what is not known is left out. Whatever a file says stays on its line and in its column.

use crate::relation::{Answer, Format, Kind, Table};
use crate::units::NBSP;
use crate::visible::{one_line, shortened};
use std::borrow::Cow;
use std::io::{self, Write};

/// The most characters of one cell; what is longer keeps both ends. JSON and CSV have it whole.
const MAX_WIDTH: usize = 100;

/// Between columns.
const GAP: &str = "  ";

/// Writes the facts of `answer`, one a line, then its tables.
pub(super) fn write(answer: &Answer<'_>, out: &mut dyn Write) -> io::Result<()> {
    let shown: Vec<_> = answer.facts.iter().map(|f| (&f.column.title, f.column.kind.text(&f.value))).collect();
    let known = || shown.iter().filter(|(_, text)| !text.is_empty());
    let title_width = known().map(|(title, _)| width(title)).max().unwrap_or(0);
    for (title, text) in known() {
        // A single value has the line to itself, so it is not cut.
        let padding = " ".repeat(title_width - width(title));
        writeln!(out, "{title}:{padding} {}", plain(text))?;
    }
    let mut is_first = answer.facts.is_empty();
    for (i, table) in answer.tables.iter().enumerate() {
        // The first table says by its header what there is none of.
        if table.len == 0 && (i > 0 || answer.facts_are_the_answer) {
            continue;
        }
        if !is_first {
            writeln!(out)?;
        }
        is_first = false;
        write_table(table, out)?;
    }
    Ok(())
}

/// Two passes over the rows: one for the widths, one to write.
fn write_table(table: &Table<'_>, out: &mut dyn Write) -> io::Result<()> {
    let shown = table.columns_in(Format::Table);
    let columns = table.rows.columns();
    let mut widths: Vec<usize> = columns.iter().map(|c| width(&c.title)).collect();
    for i in 0..table.len {
        for &c in &shown {
            widths[c] = widths[c].max(width(&cell_text(table, i, c)));
        }
    }
    let write_line = |out: &mut dyn Write, text: &dyn Fn(usize) -> String| -> io::Result<()> {
        let mut line = String::new();
        for (at, &c) in shown.iter().enumerate() {
            if at > 0 {
                line.push_str(GAP);
            }
            let text = text(c);
            let padding = " ".repeat(widths[c] - width(&text));
            if columns[c].kind.is_number() {
                line.push_str(&padding);
                line.push_str(&text);
            } else {
                line.push_str(&text);
                line.push_str(&padding);
            }
        }
        writeln!(out, "{}", line.trim_end())
    };
    write_line(out, &|c| columns[c].title.to_string())?;
    for i in 0..table.len {
        write_line(out, &|c| cell_text(table, i, c))?;
    }
    Ok(())
}

/// A cell on one line and of sensible length; in trees indented.
fn cell_text(table: &Table<'_>, row: usize, column: usize) -> String {
    let kind = table.rows.columns()[column].kind;
    let value = table.rows.value(row, column);
    let text = plain(&kind.text(&value)).into_owned();
    let text = match kind {
        Kind::Tree => "  ".repeat(table.rows.level(row)) + &text,
        _ => text,
    };
    shortened(&text, MAX_WIDTH).into_owned()
}

/// `text` on one line, with the blanks that `grep` and people type.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    match one_line(text) {
        Cow::Borrowed(t) if !t.contains(NBSP) => Cow::Borrowed(t),
        t => Cow::Owned(t.replace(NBSP, " ")),
    }
}

/// Columns `text` takes on a terminal.
fn width(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relation::{Column, Rows, Size, Value};

    struct Names;

    const ROWS: [(&str, u64); 3] = [("a\u{1b}[2Jb\nc", 1), ("寿司", 100_000), ("plain", 99)];
    static COLUMNS: [Column; 3] = [
        Column::new("name", "Name", Kind::Text, ""),
        Column::for_programs("raw", Kind::Text, "").nullable(),
        Column::new("size", "Size", Kind::Bytes(Size::Kilobytes), ""),
    ];

    impl Rows for Names {
        fn columns(&self) -> &[Column] {
            &COLUMNS
        }
        fn len(&self) -> usize {
            ROWS.len()
        }
        fn value(&self, row: usize, column: usize) -> Value<'_> {
            match column {
                0 => Value::word(ROWS[row].0),
                1 => Value::Null,
                _ => ROWS[row].1.into(),
            }
        }
    }

    fn written(format: Format) -> String {
        let mut out = Vec::new();
        Answer::new("test").rows(Names).write(format, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn columns_align_whatever_the_names_say() {
        let expected = "\
Name              Size
a\\u{1b}[2Jb\\nc  0.0 kB
寿司            100 kB
plain           0.1 kB
";
        assert_eq!(written(Format::Table), expected);
    }

    #[test]
    fn every_format_has_its_columns() {
        assert_eq!(written(Format::Csv).lines().next(), Some("name,raw,size"));
        assert!(written(Format::Json).contains("\"raw\": null, \"size\": 1, \"size_text\": "));
        assert!(written(Format::Markdown).starts_with("| Name | Size |\n| --- | ---: |\n"));
    }
}
