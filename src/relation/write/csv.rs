//! CSV after RFC 4180: a header, raw numbers, text quoted where it must be.

use crate::csv;
use crate::relation::{Answer, Format, Value};
use std::io::{self, Write};

/// Writes the first table of `answer`, or its facts as `field,value`.
pub(super) fn write(answer: &Answer<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut line = Vec::new();
    match answer.tables.first() {
        Some(table) if !answer.facts_are_the_answer => {
            let columns = table.columns_in(Format::Csv);
            let names: Vec<_> = columns.iter().map(|&c| &*table.rows.columns()[c].name).collect();
            writeln!(out, "{}", names.join(","))?;
            for i in 0..table.len {
                line.clear();
                for &c in &columns {
                    push_value(&table.rows.value(i, c), &mut line);
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
                line.clear();
                line.extend_from_slice(fact.column.name.as_bytes());
                line.push(b',');
                push_value(&fact.value, &mut line);
                line.push(b'\n');
                out.write_all(&line)?;
            }
        }
    }
    Ok(())
}

fn push_value(value: &Value<'_>, line: &mut Vec<u8>) {
    match value {
        Value::Null => {}
        Value::Bool(b) => line.extend_from_slice(if *b { b"true" } else { b"false" }),
        Value::Unsigned(n) => push_digits(*n, line),
        Value::Signed(n) => {
            if *n < 0 {
                line.push(b'-');
            }
            push_digits(n.unsigned_abs(), line);
        }
        Value::Float(x) => line.extend_from_slice(x.to_string().as_bytes()),
        Value::Text(t) => line.extend_from_slice(csv::untrusted_field(&t.as_text().lossy()).as_bytes()),
    }
}

/// Most of what large tables consist of, so without the machinery of formatting.
fn push_digits(mut n: u64, line: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut first = digits.len();
    loop {
        first -= 1;
        #[allow(clippy::cast_possible_truncation, reason = "a digit")]
        let digit = (n % 10) as u8;
        digits[first] = b'0' + digit;
        n /= 10;
        if n == 0 {
            break;
        }
    }
    line.extend_from_slice(&digits[first..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: &Value<'_>) -> String {
        let mut line = Vec::new();
        push_value(value, &mut line);
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn numbers_are_raw_and_only_text_is_guarded_against_formulas() {
        assert_eq!(written(&Value::Signed(-7)), "-7");
        assert_eq!(written(&Value::words("-7")), "'-7");
        assert_eq!(written(&Value::Unsigned(0)), "0");
        assert_eq!(written(&Value::Unsigned(u64::MAX)), u64::MAX.to_string());
        assert_eq!(written(&Value::Signed(i64::MIN)), i64::MIN.to_string());
        assert_eq!(written(&Value::Float(0.5)), "0.5");
        assert_eq!(written(&Value::Null), "");
    }
}
