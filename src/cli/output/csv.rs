//! CSV after RFC 4180: a header, raw numbers, text quoted where it must be.

use super::cell::{Cell, Raw};
use super::{Answer, Format};
use crate::csv;
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
            line.extend_from_slice(csv::untrusted_field(&t.lossy()).as_bytes());
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_no_formulas() {
        let mut line = Vec::new();
        write_cell(&Cell::CountDelta(-7), &mut line).unwrap();
        write_cell(&Cell::words("-7"), &mut line).unwrap();
        assert_eq!(line, b"-7'-7");
    }
}
