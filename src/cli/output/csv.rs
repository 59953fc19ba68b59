//! CSV after RFC 4180: a header, raw numbers, text quoted where it must be.

use super::cell::{Cell, Raw};
use super::{Answer, Format};
use std::io::{self, Write};

/// Writes the first table of `answer`, or its facts as `field,value`.
pub(super) fn write(answer: &Answer<'_>, out: &mut dyn Write) -> io::Result<()> {
    match answer.tables.first() {
        Some(table) if !answer.facts_are_the_answer => {
            let columns = table.columns_in(Format::Csv);
            let keys: Vec<_> = columns.iter().map(|&c| &*table.columns[c].key).collect();
            writeln!(out, "{}", keys.join(","))?;
            let mut line = Vec::new();
            for i in 0..table.len {
                line.clear();
                let row = (table.row)(i);
                for &c in &columns {
                    write_cell(&row[c], &mut line)?;
                    line.push(b',');
                }
                line.pop();
                line.push(b'\n');
                out.write_all(&line)?;
            }
        }
        _ => {
            writeln!(out, "field,value")?;
            for fact in &answer.facts {
                let mut line = format!("{},", fact.key).into_bytes();
                write_cell(&fact.cell, &mut line)?;
                line.push(b'\n');
                out.write_all(&line)?;
            }
        }
    }
    Ok(())
}

fn write_cell(cell: &Cell<'_>, line: &mut Vec<u8>) -> io::Result<()> {
    match cell.raw() {
        Raw::Null => Ok(()),
        Raw::Flag(f) => write!(line, "{f}"),
        Raw::Unsigned(n) => write!(line, "{n}"),
        Raw::Signed(n) => write!(line, "{n}"),
        Raw::Float(n) => write!(line, "{n}"),
        Raw::Text(t) => {
            write_text(&t.lossy(), line);
            Ok(())
        }
    }
}

/// Text, quoted where the format asks for it. Text that a spreadsheet would take for a formula
/// begins with `'`, which makes it text there: a name in a file must not run anything.
fn write_text(text: &str, line: &mut Vec<u8>) {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let is_quoted =
        text.contains(['"', ',', '\n', '\r']) || text.starts_with([' ', '\t']) || text.ends_with([' ', '\t']);
    if is_quoted {
        line.push(b'"');
    }
    if is_formula {
        line.push(b'\'');
    }
    if is_quoted {
        line.extend_from_slice(text.replace('"', "\"\"").as_bytes());
        line.push(b'"');
    } else {
        line.extend_from_slice(text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        let mut line = Vec::new();
        write_text(text, &mut line);
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn text_is_quoted_where_it_must_be() {
        assert_eq!(written("Object"), "Object");
        assert_eq!(written("{a, b}"), "\"{a, b}\"");
        assert_eq!(written("say \"hi\"\n"), "\"say \"\"hi\"\"\n\"");
        assert_eq!(written(""), "");
    }

    #[test]
    fn text_that_looks_like_a_formula_becomes_text() {
        assert_eq!(written("=1+1"), "'=1+1");
        assert_eq!(written("@SUM(A1,A2)"), "\"'@SUM(A1,A2)\"");
        assert_eq!(written("-x"), "'-x");
        assert_eq!(written("\tx"), "\"'\tx\"");
        let mut line = Vec::new();
        write_cell(&Cell::CountDelta(-7), &mut line).unwrap();
        assert_eq!(line, b"-7", "numbers are numbers");
    }
}
