//! Lists of objects: `instances`, `search`, and `dominators`, whose lists open.

use super::common::{
    COUNTED_DEPTH, DISTANCE, ID, NAME, OBJECT, OBJECT_COLUMNS, RETAINED_SIZE, SHALLOW_SIZE, TYPE, object_value,
};
use crate::graph::NodeIndex;
use crate::relation::{Answer, Column, Groups, HeapRef, Kind, Rows, Value};

struct Objects<H> {
    heap: H,
    nodes: Vec<NodeIndex>,
}

impl<H: HeapRef> Rows for Objects<H> {
    fn columns(&self) -> &[Column] {
        &OBJECT_COLUMNS
    }

    fn len(&self) -> usize {
        self.nodes.len()
    }

    fn value(&self, row: usize, column: usize) -> Value<'_> {
        object_value(&self.heap, self.nodes[row], column)
    }
}

/// What `instances` says beside its rows.
pub static INSTANCES_FACTS: [Column; 2] = [
    Column::new("class", "Class", Kind::Text, "The class"),
    Column::new("object_count", "Objects", Kind::Count(Groups::Commas), "How many objects of it there are"),
];

/// The answer of `instances`: the objects of a class, in the order they are given.
pub fn instances<'a>(heap: impl HeapRef + 'a, class: &str, nodes: Vec<NodeIndex>) -> Answer<'a> {
    let facts = [Value::words(class), Value::count(nodes.len())];
    Answer::new("instances").facts(&INSTANCES_FACTS, facts).rows(Objects { heap, nodes })
}

/// The answer of `search`: what was found, in file order.
pub fn search<'a>(heap: impl HeapRef + 'a, nodes: Vec<NodeIndex>) -> Answer<'a> {
    Answer::new("search").rows(Objects { heap, nodes })
}

/// The columns of the tree of `dominators`.
pub static DOMINATED_COLUMNS: [Column; 8] =
    [COUNTED_DEPTH, OBJECT, ID, TYPE, NAME, DISTANCE, SHALLOW_SIZE, RETAINED_SIZE];

struct Dominated<H> {
    heap: H,
    rows: Vec<(NodeIndex, u32)>,
}

impl<H: HeapRef> Rows for Dominated<H> {
    fn columns(&self) -> &[Column] {
        &DOMINATED_COLUMNS
    }

    fn len(&self) -> usize {
        self.rows.len()
    }

    fn value(&self, row: usize, column: usize) -> Value<'_> {
        let (n, depth) = self.rows[row];
        match column.checked_sub(1) {
            None => depth.into(),
            Some(column) => object_value(&self.heap, n, column),
        }
    }

    fn level(&self, row: usize) -> usize {
        self.rows[row].1 as usize
    }
}

/// The answer of `dominators`: with an object the chain from it up to the root, and what is dominated, each object with
/// its level.
pub fn dominators<'a>(
    heap: impl HeapRef + Clone + 'a,
    chain: Option<Vec<NodeIndex>>,
    rows: Vec<(NodeIndex, u32)>,
) -> Answer<'a> {
    let mut answer = Answer::new("dominators");
    if let Some(nodes) = chain {
        answer = answer.table("chain", Objects { heap: heap.clone(), nodes });
    }
    answer.rows(Dominated { heap, rows })
}
