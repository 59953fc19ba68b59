//! `side-by-side`: classes with what each of two snapshots has of them, and the difference.

use super::common::{CLASS_KEY, CONSTRUCTOR, help};
use crate::analysis::facts::classes::Class;
use crate::analysis::facts::constructors::ConstructorGroup;
use crate::analysis::tables::side_by_side::{SideBySide, SideBySideRow};
use crate::relation::{Answer, Column, Groups, Kind, Rows, Size, Value};
use std::ops::Deref;

const COUNT: Kind = Kind::Count(Groups::Commas);
const BYTES: Kind = Kind::Bytes(Size::Kilobytes);
const BYTES_CHANGE: Kind = Kind::BytesChange(Size::Kilobytes);

/// The columns: those of the base, A, are missing where only the target, B, has the class, and the other way round.
pub static COLUMNS: [Column; 11] = [
    CONSTRUCTOR,
    CLASS_KEY,
    Column::new("base_count", "# A", COUNT, help::COUNT).nullable(),
    Column::new("base_shallow_size", "Shallow A", BYTES, help::SHALLOW_SIZE).nullable(),
    Column::new("base_retained_size", "Retained A", BYTES, help::RETAINED_SIZE).nullable(),
    Column::new("target_count", "# B", COUNT, help::COUNT).nullable(),
    Column::new("target_shallow_size", "Shallow B", BYTES, help::SHALLOW_SIZE).nullable(),
    Column::new("target_retained_size", "Retained B", BYTES, help::RETAINED_SIZE).nullable(),
    Column::new("count_delta", "# B \u{2212} A", Kind::CountChange(Groups::Commas), "Objects of B less those of A"),
    Column::new("size_delta", "Shallow B \u{2212} A", BYTES_CHANGE, "Shallow size in B less that in A"),
    Column::new("retained_delta", "Retained B \u{2212} A", BYTES_CHANGE, "Retained size in B less that in A"),
];

/// The names of the snapshots.
pub static FACTS: [Column; 2] = [
    Column::new("base", "A", Kind::Text, "The name of the base, A"),
    Column::new("target", "B", Kind::Text, "The name of the other snapshot, B"),
];

struct Classes<S> {
    both: S,
    rows: Vec<u32>,
}

fn of(group: Option<&ConstructorGroup>, measure: usize) -> Option<u64> {
    group.map(|g| match measure {
        0 => g.count.into(),
        1 => g.shallow_size,
        _ => g.retained_size,
    })
}

impl<S: Deref<Target = SideBySide> + Send + Sync> Rows for Classes<S> {
    fn columns(&self) -> &[Column] {
        &COLUMNS
    }

    fn len(&self) -> usize {
        self.rows.len()
    }

    fn value(&self, row: usize, column: usize) -> Value<'_> {
        let row: &SideBySideRow = &self.both.rows[self.rows[row] as usize];
        let measure = column.wrapping_sub(2) % 3;
        let [base, target] = [&row.base, &row.target].map(|group| of(group.as_ref(), measure));
        match column {
            0 => Value::text(row.name.as_text()),
            1 => Value::owned(Class { name: row.name.clone(), location: row.location }.key()),
            2..=4 => Value::option(base, Value::Unsigned),
            5..=7 => Value::option(target, Value::Unsigned),
            _ => (target.unwrap_or(0) as i64).saturating_sub(base.unwrap_or(0) as i64).into(),
        }
    }
}

/// The answer of `side-by-side`: the rows of `both` at `rows`, and the names of the snapshots.
pub fn side_by_side<'a>(
    both: impl Deref<Target = SideBySide> + Send + Sync + 'a,
    names: [&str; 2],
    rows: Vec<u32>,
) -> Answer<'a> {
    Answer::new("side-by-side").facts(&FACTS, names.map(Value::words)).rows(Classes { both, rows })
}
