//! Markdown for issues and notes: facts as a list, tables with formatted numbers, text from the file as code.

use super::table::plain;
use crate::markdown::{code, code_in_table};
use crate::relation::{Answer, Format, Kind, Table, Value};
use crate::visible::shortened;
use std::io::{self, Write};

/// The most characters of one cell; what is longer keeps both ends.
const MAX_WIDTH: usize = 200;

/// A step inward in a tree: ordinary blanks would be dropped.
const INDENT: &str = "&emsp;";

/// Writes the facts of `answer`, then its tables.
pub(super) fn write(answer: &Answer<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut is_first = true;
    for fact in &answer.facts {
        let text = cell_text(fact.column.kind, &fact.value, usize::MAX, code);
        if !text.is_empty() {
            writeln!(out, "- {}: {text}", fact.column.title)?;
            is_first = false;
        }
    }
    for (i, table) in answer.tables.iter().enumerate() {
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

fn write_table(table: &Table<'_>, out: &mut dyn Write) -> io::Result<()> {
    let shown = table.columns_in(Format::Markdown);
    let columns = table.rows.columns();
    let mut line = String::from("|");
    for &c in &shown {
        line.push_str(&format!(" {} |", columns[c].title));
    }
    line.push_str("\n|");
    for &c in &shown {
        line.push_str(if columns[c].kind.is_number() { " ---: |" } else { " --- |" });
    }
    writeln!(out, "{line}")?;
    for i in 0..table.len {
        line.clear();
        line.push('|');
        for &c in &shown {
            let kind = columns[c].kind;
            let indent = if kind == Kind::Tree { INDENT.repeat(table.rows.level(i)) } else { String::new() };
            let text = cell_text(kind, &table.rows.value(i, c), MAX_WIDTH, code_in_table);
            line.push_str(&format!(" {indent}{text} |"));
        }
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn cell_text(kind: Kind, value: &Value<'_>, max: usize, code: fn(&str) -> String) -> String {
    let text = kind.text(value);
    let text = plain(&text);
    let text = shortened(&text, max);
    match value {
        Value::Text(_) if !text.is_empty() => code(&text),
        _ => text.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_code_in_their_cell_and_numbers_are_as_people_read_them() {
        let text = |kind, value| cell_text(kind, &value, MAX_WIDTH, code_in_table);
        assert_eq!(text(Kind::Text, Value::word("a|b\n<img>")), "`a\\|b\\n<img>`");
        assert_eq!(text(Kind::Text, Value::word("")), "");
        assert_eq!(text(Kind::Id, Value::Unsigned(7)), "@7");
        assert_eq!(text(Kind::Distance, Value::Signed(3)), "3");
    }
}
