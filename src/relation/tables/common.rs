//! Columns that several tables have, and the values of objects.

use crate::analysis::Heap;
use crate::graph::NodeIndex;
use crate::relation::{Column, Groups, Kind, Size, Value};
use crate::text::TextBuf;

/// What the columns mean; the window shows the same sentences over its columns.
pub mod help {
    /// The class of a row.
    pub const CONSTRUCTOR: &str =
        "The function that made the objects, or in parentheses the kind of thing the engine keeps for itself";
    /// How many objects of a class there are.
    pub const COUNT: &str = "How many objects there are";
    /// Distance.
    pub const DISTANCE: &str = "How many references lead from the nearest root to the object; − when only the engine's own lead there, or none";
    /// Shallow size.
    pub const SHALLOW_SIZE: &str = "The memory of the object itself, without what it refers to";
    /// Retained size.
    pub const RETAINED_SIZE: &str =
        "The memory that would be freed with the object: itself and everything that only it keeps alive";
    /// A share of the whole heap.
    pub const SHARE: &str = "The share of the whole heap";
    /// What tells classes of one name apart.
    pub const CLASS_KEY: &str = "What tells classes of one name apart: the place of the constructor, and the name";
    /// An id.
    pub const ID: &str = "The object's id, the same in all snapshots of one process";
    /// The level of a row.
    pub const DEPTH: &str = "How deep the row stands in the tree, from 0";
}

/// The class of a row.
pub const CONSTRUCTOR: Column = Column::new("constructor", "Constructor", Kind::Text, help::CONSTRUCTOR);
/// The key of the class, in JSON alone.
pub const CLASS_KEY_IN_JSON: Column = Column::in_json("class_key", Kind::Text, help::CLASS_KEY);
/// The key of the class.
pub const CLASS_KEY: Column = Column::for_programs("class_key", Kind::Text, help::CLASS_KEY);
/// How many objects.
pub const COUNT: Column = Column::new("count", "Count", Kind::Count(Groups::Commas), help::COUNT);
/// An object as a line of its own.
pub const OBJECT: Column = Column::on_screen("Object", Kind::Tree, "The object and its id");
/// The id of the object.
pub const ID: Column = Column::for_programs("id", Kind::Id, help::ID);
/// The engine's type of the object.
pub const TYPE: Column = Column::for_programs("type", Kind::Text, "What the engine takes the object for");
/// The name of the object.
pub const NAME: Column = Column::for_programs("name", Kind::Text, "The object's name; of a string its text");
/// Distance.
pub const DISTANCE: Column = Column::new("distance", "Distance", Kind::Distance, help::DISTANCE);
/// Shallow size.
pub const SHALLOW_SIZE: Column =
    Column::new("shallow_size", "Shallow size", Kind::Bytes(Size::Kilobytes), help::SHALLOW_SIZE);
/// Retained size.
pub const RETAINED_SIZE: Column =
    Column::new("retained_size", "Retained size", Kind::Bytes(Size::Kilobytes), help::RETAINED_SIZE);
/// The level of a row in a tree.
pub const DEPTH: Column = Column::for_programs("depth", Kind::Integer, help::DEPTH);
/// The level of a row in a tree, which JSON also has as text.
pub const COUNTED_DEPTH: Column = Column::for_programs("depth", Kind::Count(Groups::Commas), help::DEPTH);

/// What every list says of an object; [`object_value`] has the values.
pub static OBJECT_COLUMNS: [Column; 7] = [OBJECT, ID, TYPE, NAME, DISTANCE, SHALLOW_SIZE, RETAINED_SIZE];

/// The value of `n` for a column of [`OBJECT_COLUMNS`].
pub(super) fn object_value(heap: &Heap, n: NodeIndex, column: usize) -> Value<'_> {
    match column {
        0 => Value::owned(object_text(heap, n)),
        1 => Value::id(heap.id(n)),
        2 => Value::word(heap.graph.node_kind_name(heap.kind(n))),
        3 => Value::Text(heap.name(n)),
        4 => heap.distance(n).into(),
        5 => heap.shallow_size(n).into(),
        _ => heap.retained_size(n).into(),
    }
}

/// `"loadtest/5.2.0" @123`.
pub fn object_text(heap: &Heap, n: NodeIndex) -> TextBuf {
    let mut text = heap.cell_text(n).into_owned();
    text.push_str(&format!(" {}", heap.id(n)));
    text
}
