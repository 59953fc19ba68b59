//! `paths`: the paths from the roots to many objects, as one tree.

use crate::analysis::paths::merged_paths::{MergedPaths, MergedStep};
use crate::relation::{Answer, Column, Groups, HeapRef, Kind, Rows, Size, Value};
use std::ops::Deref;

/// What the columns mean; the window shows the same sentences over its columns.
pub mod help {
    /// The step.
    pub const PATH: &str = "The reference and the class it leads to; each object counts once, by its most natural path, and indices are folded to [ ]";
    /// Objects of a step.
    pub const COUNT: &str = "How many of the objects hang below this step or are here";
    /// Objects at a step.
    pub const ENDING: &str = "How many of the objects are here";
    /// Shallow size.
    pub const SHALLOW_SIZE: &str = "The shallow sizes of the objects counted";
    /// Retained size.
    pub const RETAINED_SIZE: &str =
        "What the objects counted retain together, each byte once, even where objects elsewhere keep them";
}

const COUNT: Kind = Kind::Count(Groups::Commas);
const BYTES: Kind = Kind::Bytes(Size::Kilobytes);

/// The columns.
pub static COLUMNS: [Column; 10] = [
    Column::on_screen("Reference and class", Kind::Tree, help::PATH),
    super::common::DEPTH,
    Column::for_programs("reference", Kind::Text, "The reference: .cache, [ ]; or where the paths begin"),
    Column::for_programs("class", Kind::Text, "The class of what it leads to"),
    Column::new("count", "Count", COUNT, help::COUNT),
    Column::new("ending", "Here", COUNT, help::ENDING),
    Column::new("shallow_size", "Shallow size", BYTES, help::SHALLOW_SIZE),
    Column::new("retained_size", "Retained size", BYTES, help::RETAINED_SIZE),
    Column::for_programs("example_id", Kind::Id, "The id of one of the objects it leads to"),
    Column::on_screen("Example", Kind::Text, "One of the objects it leads to"),
];

/// What is said beside the rows.
pub static FACTS: [Column; 2] = [
    Column::new("object_count", "Objects", COUNT, "How many objects were asked for"),
    Column::new("without_path", "Without a path", COUNT, "How many of them have no path from the roots"),
];

struct Steps<H, M> {
    heap: H,
    merged: M,
    rows: Vec<u32>,
}

impl<H: HeapRef, M: Deref<Target = MergedPaths> + Send + Sync> Steps<H, M> {
    fn step(&self, row: usize) -> &MergedStep {
        &self.merged.steps[self.rows[row] as usize]
    }
}

impl<H: HeapRef, M: Deref<Target = MergedPaths> + Send + Sync> Rows for Steps<H, M> {
    fn columns(&self) -> &[Column] {
        &COLUMNS
    }

    fn len(&self) -> usize {
        self.rows.len()
    }

    fn value(&self, row: usize, column: usize) -> Value<'_> {
        let step = self.step(row);
        match column {
            // What no reference leads to goes by its own name.
            0 if step.class == step.reference => Value::word(&step.class),
            0 => Value::words(format!("{} {}", step.reference, step.class)),
            1 => Value::count(step.depth),
            2 => Value::word(&step.reference),
            3 => Value::word(&step.class),
            4 => step.count.into(),
            5 => step.ending.into(),
            6 => step.shallow_size.into(),
            7 => step.retained_size.into(),
            8 => Value::id(self.heap.id(step.example)),
            _ => Value::words(self.heap.id(step.example).to_string()),
        }
    }

    fn level(&self, row: usize) -> usize {
        self.step(row).depth
    }
}

/// The answer of `paths`: the steps of `merged` at `rows`.
pub fn paths<'a>(
    heap: impl HeapRef + 'a,
    merged: impl Deref<Target = MergedPaths> + Send + Sync + 'a,
    rows: Vec<u32>,
) -> Answer<'a> {
    let facts = [(merged.count + merged.without_path).into(), merged.without_path.into()];
    Answer::new("paths").facts(&FACTS, facts).rows(Steps { heap, merged, rows })
}
