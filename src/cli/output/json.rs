//! JSON: one object, a row a line. Every formatted number stands twice, as `key` and `key_text`.

use super::cell::{Cell, Raw};
use super::{Answer, Format};
use crate::text::Text;
use std::fmt::Write as _;
use std::io::{self, Write};

/// Writes `answer`: its facts, then each table as a list of objects.
pub(super) fn write(answer: &Answer<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut line = String::from("{\n\"command\": ");
    Text::from(answer.command).write_json(&mut line);
    for fact in &answer.facts {
        line.push_str(",\n");
        write_entry(&fact.key, &fact.cell, &mut line);
    }
    out.write_all(line.as_bytes())?;
    for table in &answer.tables {
        write!(out, ",\n\"{}\": [", table.key)?;
        let columns = table.columns_in(Format::Json);
        for i in 0..table.len {
            line.clear();
            line.push_str(if i == 0 { "\n{" } else { ",\n{" });
            let row = (table.row)(i);
            for (at, &c) in columns.iter().enumerate() {
                if at > 0 {
                    line.push_str(", ");
                }
                write_entry(&table.columns[c].key, &row[c], &mut line);
            }
            line.push('}');
            out.write_all(line.as_bytes())?;
        }
        out.write_all(if table.len == 0 { b"]" } else { b"\n]" })?;
    }
    out.write_all(b"\n}\n")
}

/// `"key": raw`, and `"key_text": "formatted"` where that says more.
fn write_entry(key: &str, cell: &Cell<'_>, line: &mut String) {
    let _ = write!(line, "\"{key}\": ");
    let _ = match cell.raw() {
        Raw::Null => write!(line, "null"),
        Raw::Flag(f) => write!(line, "{f}"),
        Raw::Unsigned(n) => write!(line, "{n}"),
        Raw::Signed(n) => write!(line, "{n}"),
        Raw::Float(n) if n.is_finite() => write!(line, "{n}"),
        Raw::Float(_) => write!(line, "null"),
        Raw::Text(t) => {
            t.write_json(line);
            Ok(())
        }
    };
    if cell.is_formatted() {
        let _ = write!(line, ", \"{key}_text\": ");
        Text::from(&*cell.shown()).write_json(line);
    }
}
