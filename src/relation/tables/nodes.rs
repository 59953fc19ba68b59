//! `nodes`: every object of a snapshot.

use super::common::{DISTANCE, RETAINED_SIZE, SHALLOW_SIZE, help};
use crate::analysis::Heap;
use crate::graph::NodeIndex;
use crate::relation::{Answer, Column, HeapRef, Kind, Rows, Value};

/// The columns.
pub static COLUMNS: [Column; 9] = [
    Column::new("id", "Id", Kind::Id, help::ID),
    Column::new("type", "Type", Kind::Text, "What the engine takes the object for"),
    Column::new("name", "Name", Kind::Text, "The object's name; of a string its text"),
    Column::new("class_key", "Class key", Kind::Text, help::CLASS_KEY),
    DISTANCE,
    SHALLOW_SIZE,
    RETAINED_SIZE,
    Column::new("dominator_id", "Dominator", Kind::Id, "The id of the nearest object that all paths pass through"),
    Column::new("detachedness", "Detachedness", Kind::Detachedness, "0 unknown, 1 attached, 2 detached"),
];

struct Nodes<H> {
    heap: H,
}

impl<H: HeapRef> Rows for Nodes<H> {
    fn columns(&self) -> &[Column] {
        &COLUMNS
    }

    fn len(&self) -> usize {
        self.heap.graph.node_count()
    }

    fn value(&self, row: usize, column: usize) -> Value<'_> {
        let heap: &Heap = &self.heap;
        #[allow(clippy::cast_possible_truncation, reason = "below the node count")]
        let n = NodeIndex(row as u32);
        match column {
            0 => Value::id(heap.id(n)),
            1 => Value::word(heap.graph.node_kind_name(heap.kind(n))),
            2 => Value::Text(heap.name(n)),
            3 => Value::owned(heap.class_key(n)),
            4 => heap.distance(n).into(),
            5 => heap.shallow_size(n).into(),
            6 => heap.retained_size(n).into(),
            7 => Value::id(heap.id(heap.dominator(n))),
            _ => Value::detachedness(heap.detachedness(n)),
        }
    }
}

/// The answer of `nodes`: every object in file order, at the row of its index.
pub fn nodes<'a>(heap: impl HeapRef + 'a) -> Answer<'a> {
    Answer::new("nodes").rows(Nodes { heap })
}
