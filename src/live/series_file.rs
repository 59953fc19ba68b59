//! Series as text: CSV with a header line, and JSON lines.

use super::series::{Reading, Series, Subject};
use std::fmt::Write as _;

/// A file of readings that is written as they come, so its columns are chosen with the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SeriesFormat {
    /// `time_ms,rss,heap_total,…`.
    Csv,
    /// One object a line.
    JsonLines,
}

/// The columns of a file whose first reading is `reading`: those that every file has, then its own.
pub fn columns_of(reading: &Reading) -> Vec<Subject> {
    let own = reading.values.iter().map(|(subject, _)| subject).filter(|s| !Subject::FIRST.contains(s));
    Subject::FIRST.iter().chain(own).cloned().collect()
}

/// The line that names `columns`.
pub fn csv_header(columns: &[Subject]) -> String {
    let mut line = "time_ms".to_owned();
    for column in columns {
        line.push(',');
        line += &crate::csv::untrusted_field(&column.key());
    }
    line.push('\n');
    line
}

/// A line of `columns`, empty where nothing is known.
pub fn csv_row(reading: &Reading, columns: &[Subject]) -> String {
    let mut line = reading.time_ms.to_string();
    for column in columns {
        line.push(',');
        if let Some(value) = reading.get(column) {
            let _ = write!(line, "{value}");
        }
    }
    line.push('\n');
    line
}

/// A reading as an object on a line.
pub fn json_line(reading: &Reading) -> String {
    let mut object = serde_json::Map::new();
    object.insert("time_ms".to_owned(), reading.time_ms.into());
    for (subject, value) in &reading.values {
        #[allow(clippy::cast_possible_truncation, reason = "whole numbers below 2^53")]
        let number = if value.fract() == 0.0 && value.abs() < 9e15 { (*value as i64).into() } else { (*value).into() };
        object.insert(subject.key(), number);
    }
    serde_json::Value::Object(object).to_string() + "\n"
}

impl Series {
    /// Reading `i`, with what it has.
    pub fn reading(&self, i: usize) -> Reading {
        let values = self.subjects().filter_map(|subject| {
            let value = *self.values(subject)?.get(i)?;
            (!value.is_nan()).then(|| (subject.clone(), value))
        });
        Reading { time_ms: self.times_ms()[i], values: values.collect() }
    }

    /// All of it as CSV.
    pub fn to_csv(&self) -> String {
        let own = self.subjects().filter(|s| !Subject::FIRST.contains(s));
        let columns: Vec<Subject> = Subject::FIRST.iter().chain(own).cloned().collect();
        let mut text = csv_header(&columns);
        for i in 0..self.len() {
            text += &csv_row(&self.reading(i), &columns);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_are_lines() {
        let reading = Reading {
            time_ms: 7,
            values: vec![(Subject::HeapUsed, 5.0), (Subject::Space("old".into()), 3.5), (Subject::Rss, 9.0)],
        };
        let columns = columns_of(&reading);
        assert_eq!(csv_header(&columns), "time_ms,rss,heap_total,heap_used,external,array_buffers,space_old\n");
        assert_eq!(csv_row(&reading, &columns), "7,9,,5,,,3.5\n");
        assert_eq!(json_line(&reading), "{\"heap_used\":5,\"rss\":9,\"space_old\":3.5,\"time_ms\":7}\n");
        let mut series = Series::new("x");
        series.push(&reading);
        assert_eq!(series.to_csv(), csv_header(&columns) + &csv_row(&reading, &columns));
    }
}
