//! `sources`: how much memory belongs to each package, file or function of the program.

use super::common::help as common_help;
use crate::code::memory::{Level, SourceRow};
use crate::relation::{Answer, Column, Groups, Kind, Rows, Size, Value};

/// What the columns mean; the window shows the same sentences over its columns.
pub mod help {
    /// Objects.
    pub const OBJECTS: &str = "How many objects belong to it";
    /// Own size.
    pub const OWN_SIZE: &str = "The shallow sizes of its functions, scopes and modules themselves";
    /// Memory.
    pub const ATTRIBUTED_SIZE: &str =
        "The shallow sizes of everything that belongs to it; each byte of the heap counts once";
}

const COUNT: Kind = Kind::Count(Groups::Commas);
const BYTES: Kind = Kind::Bytes(Size::Kilobytes);

const PACKAGE: Column =
    Column::new("package", "Package", Kind::Text, "The package, or in parentheses what belongs to none");
const VERSION: Column =
    Column::new("version", "Version", Kind::Text, "The package's version, where the path or package.json has it")
        .nullable();
const FILE: Column = Column::new(
    "file",
    "File",
    Kind::Text,
    "The file within its package; of what is shared, who shares it; by package it is missing",
)
.nullable();
const FUNCTION: Column = Column::new(
    "function",
    "Function",
    Kind::Text,
    "The function, scope or variable with its line and column; missing unless asked for by function",
)
.nullable();
const OBJECTS: Column = Column::new("objects", "Objects", COUNT, help::OBJECTS);
const OWN_SIZE: Column = Column::new("shallow_size", "Own size", BYTES, help::OWN_SIZE);
const MEMORY: Column = Column::new("attributed_size", "Memory", BYTES, help::ATTRIBUTED_SIZE);
const SHARE: Column = Column::on_screen("%", Kind::Percent, common_help::SHARE);

/// The columns of one snapshot.
pub static COLUMNS: [Column; 8] = [PACKAGE, VERSION, FILE, FUNCTION, OBJECTS, OWN_SIZE, MEMORY, SHARE];

/// The columns of two.
pub static COMPARED_COLUMNS: [Column; 10] = [
    PACKAGE,
    VERSION,
    FILE,
    FUNCTION,
    OBJECTS,
    OWN_SIZE,
    MEMORY,
    SHARE,
    Column::new("objects_delta", "Objects \u{394}", Kind::CountChange(Groups::Commas), "Objects more than in the base"),
    Column::new("size_delta", "Memory \u{394}", Kind::BytesChange(Size::Kilobytes), "Memory more than in the base"),
];

/// What stands beside the rows.
pub static FACTS: [Column; 1] = [Column::new(
    "total_size",
    "Total size",
    Kind::Bytes(Size::Suitable),
    "The heap's total, which the attributed sizes add up to",
)];

/// A row with what it had in the base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparedRow {
    /// What it has.
    pub row: SourceRow,
    /// Objects more than in the base.
    pub objects_delta: i64,
    /// Bytes more than in the base.
    pub size_delta: i64,
}

struct Sources {
    rows: Vec<ComparedRow>,
    total: u64,
    is_compared: bool,
}

impl Rows for Sources {
    fn columns(&self) -> &[Column] {
        if self.is_compared { &COMPARED_COLUMNS } else { &COLUMNS }
    }

    fn len(&self) -> usize {
        self.rows.len()
    }

    fn value(&self, row: usize, column: usize) -> Value<'_> {
        let ComparedRow { row, objects_delta, size_delta } = &self.rows[row];
        let text = |text: &Option<String>| text.as_ref().map_or(Value::Null, Value::words);
        match column {
            0 => Value::words(&row.package),
            1 => text(&row.version),
            2 => text(&row.file),
            3 => text(&row.function),
            4 => row.objects.into(),
            5 => row.own_size.into(),
            6 => row.size.into(),
            7 => Value::share(row.size, self.total),
            8 => (*objects_delta).into(),
            _ => (*size_delta).into(),
        }
    }
}

/// The rows of `now` with the difference to `base`; what is in the base alone stands at the end, with nothing.
pub fn compared(now: Vec<SourceRow>, base: &[SourceRow]) -> Vec<ComparedRow> {
    type Key = (String, Option<String>, Option<String>, Option<String>);
    fn key(row: &SourceRow) -> Key {
        (row.package.clone(), row.version.clone(), row.file.clone(), row.function.clone())
    }
    let mut before: std::collections::BTreeMap<Key, (i64, i64)> = std::collections::BTreeMap::new();
    for row in base {
        let sum = before.entry(key(row)).or_default();
        sum.0 += row.objects as i64;
        sum.1 += row.size as i64;
    }
    let mut rows: Vec<ComparedRow> = Vec::new();
    for row in now {
        let (objects, size) = before.remove(&key(&row)).unwrap_or_default();
        rows.push(ComparedRow { objects_delta: row.objects as i64 - objects, size_delta: row.size as i64 - size, row });
    }
    for ((package, version, file, function), (objects, size)) in before {
        let row = SourceRow { package, version, file, function, ..SourceRow::default() };
        rows.push(ComparedRow { row, objects_delta: -objects, size_delta: -size });
    }
    rows
}

/// The answer of `sources` about one snapshot, or about what it has more than `base`.
pub fn sources<'a>(rows: Vec<SourceRow>, base: Option<&[SourceRow]>, total: u64) -> Answer<'a> {
    let is_compared = base.is_some();
    let rows = compared(rows, base.unwrap_or(&[]));
    Answer::new("sources").facts(&FACTS, [total.into()]).rows(Sources { rows, total, is_compared })
}

/// The levels by their names.
pub const LEVELS: [(&str, Level); 3] =
    [("package", Level::Package), ("file", Level::File), ("function", Level::Function)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_either_snapshot_have_their_difference() {
        let row = |package: &str, objects, size| SourceRow {
            package: package.to_owned(),
            objects,
            size,
            ..SourceRow::default()
        };
        let rows = compared(vec![row("a", 3, 30), row("new", 1, 5)], &[row("a", 1, 40), row("gone", 2, 7)]);
        let seen: Vec<_> =
            rows.iter().map(|r| (r.row.package.as_str(), r.row.size, r.objects_delta, r.size_delta)).collect();
        assert_eq!(seen, [("a", 30, 2, -10), ("new", 5, 1, 5), ("gone", 0, -2, -7)]);
    }
}
