//! JSON: one object, a row a line. Every formatted number stands twice, as `name` and `name_text`.

use crate::relation::{Answer, Column, Format, Value};
use crate::text::Text;
use std::fmt::Write as _;
use std::io::{self, Write};

/// Writes `answer`: its facts, then each table as a list of objects.
pub(super) fn write(answer: &Answer<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut line = String::from("{\n\"command\": ");
    Text::from(answer.command).write_json(&mut line);
    for fact in &answer.facts {
        line.push_str(",\n");
        push_entry(&fact.column, &fact.value, &mut line);
    }
    out.write_all(line.as_bytes())?;
    for table in &answer.tables {
        write!(out, ",\n\"{}\": [", table.key)?;
        let columns = table.columns_in(Format::Json);
        for i in 0..table.len {
            line.clear();
            line.push_str(if i == 0 { "\n{" } else { ",\n{" });
            for (at, &c) in columns.iter().enumerate() {
                if at > 0 {
                    line.push_str(", ");
                }
                push_entry(&table.rows.columns()[c], &table.rows.value(i, c), &mut line);
            }
            line.push('}');
            out.write_all(line.as_bytes())?;
        }
        out.write_all(if table.len == 0 { b"]" } else { b"\n]" })?;
    }
    out.write_all(b"\n}\n")
}

/// `"name": raw`, and `"name_text": "formatted"` where that says more.
fn push_entry(column: &Column, value: &Value<'_>, line: &mut String) {
    let name = &column.name;
    let _ = write!(line, "\"{name}\": ");
    let _ = match value {
        Value::Null => write!(line, "null"),
        Value::Bool(b) => write!(line, "{b}"),
        Value::Unsigned(n) => write!(line, "{n}"),
        Value::Signed(n) => write!(line, "{n}"),
        Value::Float(n) if n.is_finite() => write!(line, "{n}"),
        Value::Float(_) => write!(line, "null"),
        Value::Text(t) => {
            t.as_text().write_json(line);
            Ok(())
        }
    };
    if column.kind.is_formatted() && !value.is_null() {
        let _ = write!(line, ", \"{name}_text\": ");
        Text::from(&*column.kind.text(value)).write_json(line);
    }
}
