//! `why`: the paths to an object, a row a step. JSON has more: what it takes to free the object.

use super::common::help;
use crate::analysis::paths::why::{Step, Why};
use crate::graph::NodeId;
use crate::relation::{Answer, Column, Kind, Rows, Size, Value};

const BYTES: Kind = Kind::Bytes(Size::Suitable);

/// The columns.
pub static COLUMNS: [Column; 8] = [
    Column::new("path", "Path", Kind::Integer, "Which path, from 1: the most natural one first"),
    Column::new("id", "Id", Kind::Id, "The id of the object that refers"),
    Column::new("text", "Object", Kind::Text, "What it is"),
    Column::new("shallow_size", "Shallow size", BYTES, help::SHALLOW_SIZE),
    Column::new("retained_size", "Retained size", BYTES, help::RETAINED_SIZE),
    Column::new("reference", "Reference", Kind::Text, "How it refers to the next one"),
    Column::new("reference_of", "Of", Kind::Text, "Whose the reference is: program, engine or roots"),
    Column::new("weak_map_table", "WeakMap", Kind::Id, "The id of the WeakMap's table that the step needs too")
        .nullable(),
];

struct Steps(Vec<(u32, Step)>);

impl Rows for Steps {
    fn columns(&self) -> &[Column] {
        &COLUMNS
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn value(&self, row: usize, column: usize) -> Value<'_> {
        let (path, step) = &self.0[row];
        match column {
            0 => (*path).into(),
            1 => Value::id(step.object.id),
            2 => Value::word(&step.object.text),
            3 => step.object.shallow_size.into(),
            4 => step.object.retained_size.into(),
            5 => Value::word(&step.reference),
            6 => Value::word(step.reference_of),
            _ => Value::option(step.weak_map_table, |id: NodeId| Value::id(id)),
        }
    }
}

/// The steps of all paths of `why`, from the roots to the object.
pub fn why<'a>(why: &Why) -> Answer<'a> {
    let paths = std::iter::once(&why.path).chain(&why.other_paths);
    let steps = (1..).zip(paths).flat_map(|(i, path)| path.iter().map(move |step| (i, step.clone())));
    Answer::new("why").rows(Steps(steps.collect()))
}
