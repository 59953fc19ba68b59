//! `duplicates`: strings of equal text.

use super::common::{COUNT, help};
use crate::analysis::strings::duplicate_strings::DuplicateGroup;
use crate::relation::{Answer, Column, HeapRef, Kind, Rows, Size, Value};

const BYTES: Kind = Kind::Bytes(Size::Kilobytes);

/// The columns.
pub static COLUMNS: [Column; 6] = [
    Column::new("value", "Text", Kind::Text, "The text"),
    COUNT,
    Column::new("shallow_size", "Shallow size", BYTES, "The shallow sizes of the strings together"),
    Column::new("retained_size", "Retained size", BYTES, "The retained sizes of the strings together"),
    Column::for_programs("first_id", Kind::Id, help::ID),
    Column::for_programs("full_length", Kind::Integer, "How long the text is where the engine cut it").nullable(),
];

struct Groups<H> {
    heap: H,
    groups: Vec<DuplicateGroup>,
}

impl<H: HeapRef> Rows for Groups<H> {
    fn columns(&self) -> &[Column] {
        &COLUMNS
    }

    fn len(&self) -> usize {
        self.groups.len()
    }

    fn value(&self, row: usize, column: usize) -> Value<'_> {
        let group = &self.groups[row];
        // Every group has at least two.
        let first = group.nodes[0];
        match column {
            0 => Value::Text(self.heap.name(first)),
            1 => Value::count(group.nodes.len()),
            2 => group.shallow_size.into(),
            3 => group.retained_size.into(),
            4 => Value::id(self.heap.id(first)),
            _ => Value::option(group.truncated.and_then(|t| t.length), Value::Signed),
        }
    }
}

/// The answer of `duplicates`.
pub fn duplicates<'a>(heap: impl HeapRef + 'a, groups: Vec<DuplicateGroup>) -> Answer<'a> {
    Answer::new("duplicates").rows(Groups { heap, groups })
}
