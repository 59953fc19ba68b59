//! Aligned columns for people; what is not known is left out. Whatever a file says stays on its line and in its column.

use super::cell::Cell;
use super::{Answer, Format, Table};
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
    let known = || answer.facts.iter().filter(|f| !f.cell.shown().is_empty());
    let title_width = known().map(|f| width(&f.title)).max().unwrap_or(0);
    for fact in known() {
        // A single value has the line to itself, so it is not cut.
        let shown = fact.cell.shown();
        let padding = " ".repeat(title_width - width(&fact.title));
        writeln!(out, "{}:{padding} {}", fact.title, plain(&shown))?;
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
    let mut widths: Vec<usize> = table.columns.iter().map(|c| width(&c.title)).collect();
    for i in 0..table.len {
        let row = (table.row)(i);
        for &c in &shown {
            widths[c] = widths[c].max(width(&text_of(&row[c])));
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
            if table.columns[c].is_number {
                line.push_str(&padding);
                line.push_str(&text);
            } else {
                line.push_str(&text);
                line.push_str(&padding);
            }
        }
        writeln!(out, "{}", line.trim_end())
    };
    write_line(out, &|c| table.columns[c].title.to_string())?;
    for i in 0..table.len {
        let row = (table.row)(i);
        write_line(out, &|c| text_of(&row[c]))?;
    }
    Ok(())
}

fn text_of(cell: &Cell<'_>) -> String {
    let shown = cell.shown();
    shortened(&plain(&shown), MAX_WIDTH).into_owned()
}

/// `text` on one line, with the blanks that `grep` and people type.
fn plain(text: &str) -> Cow<'_, str> {
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
    use super::super::Column;
    use super::*;

    #[test]
    fn columns_align_whatever_the_names_say() {
        let rows = [("a\u{1b}[2Jb\nc", 1_u64), ("寿司", 100_000), ("plain", 99)];
        let answer = Answer::new("test").rows(
            [Column::words("name", "Name"), Column::programs("raw"), Column::numbers("size", "Size")],
            rows.len(),
            |i| vec![Cell::words(rows[i].0), Cell::Empty, Cell::Kilobytes(rows[i].1)],
        );
        let mut out = Vec::new();
        write(&answer, &mut out).unwrap();
        let expected = "\
Name              Size
a\\u{1b}[2Jb\\nc  0.0 kB
寿司            100 kB
plain           0.1 kB
";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
