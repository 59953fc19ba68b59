//! `summary` and `what-if`: classes with the number and sizes of their objects.

use super::common::{CLASS_KEY, CLASS_KEY_IN_JSON, CONSTRUCTOR, COUNT, DISTANCE, RETAINED_SIZE, SHALLOW_SIZE, help};
use crate::analysis::facts::constructors::ConstructorGroup;
use crate::analysis::tables::summary::totals;
use crate::relation::{Answer, Column, Groups, HeapRef, Kind, Rows, Size, Value};

/// The columns of `summary`.
pub static SUMMARY_COLUMNS: [Column; 8] = [
    CONSTRUCTOR,
    CLASS_KEY_IN_JSON,
    COUNT,
    DISTANCE,
    SHALLOW_SIZE,
    Column::on_screen("%", Kind::Percent, help::SHARE),
    RETAINED_SIZE,
    Column::on_screen("%", Kind::Percent, help::SHARE),
];

/// What `summary` says beside its rows.
pub static SUMMARY_FACTS: [Column; 3] = [
    Column::new("filter", "Filter", Kind::Text, "Which objects are counted"),
    Column::new("object_count", "Objects", Kind::Count(Groups::Commas), "The objects of all rows together"),
    Column::new("object_size", "Size", Kind::Bytes(Size::Suitable), "The shallow sizes of all rows together"),
];

/// The classes of a snapshot, in the order they are given.
struct Summary<H> {
    heap: H,
    groups: Vec<ConstructorGroup>,
}

impl<H: HeapRef> Rows for Summary<H> {
    fn columns(&self) -> &[Column] {
        &SUMMARY_COLUMNS
    }

    fn len(&self) -> usize {
        self.groups.len()
    }

    fn value(&self, row: usize, column: usize) -> Value<'_> {
        let group = &self.groups[row];
        let total = self.heap.total_size();
        match column {
            0 => Value::text(self.heap.class(group.class).name.as_text()),
            1 => Value::owned(self.heap.class(group.class).key()),
            2 => group.count.into(),
            3 => group.distance.into(),
            4 => group.shallow_size.into(),
            5 => Value::share(group.shallow_size, total),
            6 => group.retained_size.into(),
            _ => Value::share(group.retained_size, total),
        }
    }
}

/// The answer of `summary`: `groups`, which are those that `filter` leaves.
pub fn summary<'a>(heap: impl HeapRef + 'a, groups: Vec<ConstructorGroup>, filter: &str) -> Answer<'a> {
    let totals = totals(&groups);
    let facts = [Value::words(filter), totals.count.into(), totals.shallow_size.into()];
    Answer::new("summary").facts(&SUMMARY_FACTS, facts).rows(Summary { heap, groups })
}

/// The columns of `what-if`.
pub static WHAT_IF_COLUMNS: [Column; 4] = [CONSTRUCTOR, CLASS_KEY, COUNT, SHALLOW_SIZE];

/// What `what-if` says beside its rows.
pub static WHAT_IF_FACTS: [Column; 2] = [
    Column::new("freed_count", "Objects freed", Kind::Count(Groups::Commas), "How many objects would be freed"),
    Column::new("freed_bytes", "Bytes freed", Kind::Bytes(Size::Suitable), "How many bytes would be freed"),
];

struct WhatIf<H> {
    heap: H,
    groups: Vec<ConstructorGroup>,
}

impl<H: HeapRef> Rows for WhatIf<H> {
    fn columns(&self) -> &[Column] {
        &WHAT_IF_COLUMNS
    }

    fn len(&self) -> usize {
        self.groups.len()
    }

    fn value(&self, row: usize, column: usize) -> Value<'_> {
        let group = &self.groups[row];
        match column {
            0 => Value::text(self.heap.class(group.class).name.as_text()),
            1 => Value::owned(self.heap.class(group.class).key()),
            2 => group.count.into(),
            _ => group.shallow_size.into(),
        }
    }
}

/// The answer of `what-if`: what would be freed, and the classes of it.
pub fn what_if<'a>(heap: impl HeapRef + 'a, count: u64, bytes: u64, groups: Vec<ConstructorGroup>) -> Answer<'a> {
    Answer::new("what-if").facts(&WHAT_IF_FACTS, [count.into(), bytes.into()]).rows(WhatIf { heap, groups })
}
