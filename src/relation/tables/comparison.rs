//! `comparison`: classes with what is new and what is gone, and the objects of one.

use super::common::{
    CLASS_KEY_IN_JSON, CONSTRUCTOR, DISTANCE, ID, NAME, OBJECT, OBJECT_COLUMNS, RETAINED_SIZE, SHALLOW_SIZE, TYPE,
    object_value,
};
use crate::analysis::tables::comparison::{Comparison, ComparisonRow};
use crate::graph::NodeIndex;
use crate::relation::{Answer, Column, Groups, HeapRef, Kind, Rows, Size, Value};
use std::ops::Deref;

/// What the columns mean; the window shows the same sentences over its columns.
pub mod help {
    /// New.
    pub const NEW: &str = "Objects that are in this snapshot but not in the base";
    /// Deleted.
    pub const DELETED: &str = "Objects that were in the base but are gone from this snapshot";
    /// Delta.
    pub const DELTA: &str = "New objects less deleted ones";
    /// Allocated size.
    pub const ALLOCATED_SIZE: &str = "The shallow sizes of the new objects together";
    /// Freed size.
    pub const FREED_SIZE: &str = "The shallow sizes of the deleted objects together";
    /// Size delta.
    pub const SIZE_DELTA: &str = "Allocated size less freed size";
    /// Changed.
    pub const CHANGED: &str =
        "Objects that are in both snapshots with different shallow sizes, such as arrays that grew in place";
    /// Size change.
    pub const SIZE_CHANGE: &str = "How much the changed objects grew or shrank together";
}

const COUNT: Kind = Kind::Count(Groups::Spaces);
const BYTES: Kind = Kind::Bytes(Size::Suitable);
const BYTES_CHANGE: Kind = Kind::BytesChange(Size::Suitable);

const NEW: Column = Column::new("new", "# New", COUNT, help::NEW);
const DELETED: Column = Column::new("deleted", "# Deleted", COUNT, help::DELETED);
const DELTA: Column = Column::new("delta", "# Delta", Kind::CountChange(Groups::Spaces), help::DELTA);
const ALLOCATED: Column = Column::new("alloc_size", "Alloc. size", BYTES, help::ALLOCATED_SIZE);
const FREED: Column = Column::new("freed_size", "Freed size", BYTES, help::FREED_SIZE);
const SIZE_DELTA: Column = Column::new("size_delta", "Size delta", BYTES_CHANGE, help::SIZE_DELTA);
const CHANGED: Column = Column::new("changed", "# Changed", COUNT, help::CHANGED);
const SIZE_CHANGE: Column = Column::new("size_change", "Size change", BYTES_CHANGE, help::SIZE_CHANGE);

/// The columns of `comparison`.
pub static COLUMNS: [Column; 10] = [
    CONSTRUCTOR,
    CLASS_KEY_IN_JSON,
    NEW,
    DELETED,
    DELTA,
    ALLOCATED,
    FREED,
    SIZE_DELTA,
    Column::in_json("changed", COUNT, help::CHANGED),
    Column::in_json("size_change", BYTES_CHANGE, help::SIZE_CHANGE),
];

/// The columns of `comparison --with-changed`.
pub static WITH_CHANGED_COLUMNS: [Column; 10] =
    [CONSTRUCTOR, CLASS_KEY_IN_JSON, NEW, DELETED, DELTA, ALLOCATED, FREED, SIZE_DELTA, CHANGED, SIZE_CHANGE];

/// The columns of `comparison --changed`.
pub static CHANGED_COLUMNS: [Column; 4] = [CONSTRUCTOR, CLASS_KEY_IN_JSON, CHANGED, SIZE_CHANGE];

/// Which objects are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Those that are in one snapshot only.
    NewAndDeleted,
    /// Those, and those in both whose size changed.
    WithChanged,
    /// Those in both whose size changed.
    Changed,
}

/// The columns of `comparison --objects`.
pub static OBJECTS_COLUMNS: [Column; 9] = [
    Column::new("difference", "Difference", Kind::Text, "new, deleted or changed"),
    OBJECT,
    ID,
    TYPE,
    NAME,
    DISTANCE,
    SHALLOW_SIZE,
    RETAINED_SIZE,
    Column::new("size_delta", "Size delta", BYTES_CHANGE, "By how much the object makes the second snapshot larger"),
];

/// What `comparison --objects` says beside its rows.
pub static OBJECTS_FACTS: [Column; 1] = [CONSTRUCTOR];

/// The classes of a comparison, in the order of `rows`.
struct Classes<C> {
    comparison: C,
    rows: Vec<u32>,
    shown: Shown,
}

impl<C: Deref<Target = Comparison> + Send + Sync> Rows for Classes<C> {
    fn columns(&self) -> &[Column] {
        match self.shown {
            Shown::NewAndDeleted => &COLUMNS,
            Shown::WithChanged => &WITH_CHANGED_COLUMNS,
            Shown::Changed => &CHANGED_COLUMNS,
        }
    }

    fn len(&self) -> usize {
        self.rows.len()
    }

    fn value(&self, row: usize, column: usize) -> Value<'_> {
        let row: &ComparisonRow = &self.comparison.rows[self.rows[row] as usize];
        // Those with changes alone have the last columns of the others after the class.
        let column = if self.shown == Shown::Changed && column > 1 { column + 6 } else { column };
        match column {
            0 => Value::text(row.name.as_text()),
            1 => Value::owned(row.class_key()),
            2 => row.new_count.into(),
            3 => row.deleted_count.into(),
            4 => row.count_delta().into(),
            5 => row.allocated_size.into(),
            6 => row.freed_size.into(),
            7 => row.size_delta().into(),
            8 => row.changed_count.into(),
            _ => row.size_change.into(),
        }
    }
}

/// The answer of `comparison`: the rows of `comparison` at `rows`, with what is `shown` of them.
pub fn comparison<'a>(
    comparison: impl Deref<Target = Comparison> + Send + Sync + 'a,
    rows: Vec<u32>,
    shown: Shown,
) -> Answer<'a> {
    Answer::new("comparison").rows(Classes { comparison, rows, shown })
}

/// An object that is not the same in both snapshots.
#[derive(Debug, Clone, Copy)]
pub struct DifferentObject {
    /// `new`, `deleted` or `changed`.
    pub difference: &'static str,
    /// Whether it is an object of the base.
    pub is_in_base: bool,
    /// The object.
    pub node: NodeIndex,
    /// By how much it makes the second snapshot larger.
    pub size_delta: i64,
}

struct Objects<H> {
    base: H,
    target: H,
    objects: Vec<DifferentObject>,
}

impl<H: HeapRef> Rows for Objects<H> {
    fn columns(&self) -> &[Column] {
        &OBJECTS_COLUMNS
    }

    fn len(&self) -> usize {
        self.objects.len()
    }

    fn value(&self, row: usize, column: usize) -> Value<'_> {
        let object = &self.objects[row];
        let heap = if object.is_in_base { &self.base } else { &self.target };
        match column {
            0 => Value::word(object.difference),
            8 => object.size_delta.into(),
            _ => object_value(heap, object.node, column - 1),
        }
    }
}

/// The answer of `comparison --objects`.
pub fn objects<'a, H: HeapRef + 'a>(class: &str, base: H, target: H, objects: Vec<DifferentObject>) -> Answer<'a> {
    Answer::new("comparison").facts(&OBJECTS_FACTS, [Value::words(class)]).rows(Objects { base, target, objects })
}

const _: () = assert!(OBJECT_COLUMNS.len() + 2 == OBJECTS_COLUMNS.len());
