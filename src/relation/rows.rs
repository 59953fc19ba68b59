//! The rows of a table, made while they are read.

use super::column::Column;
use super::value::Value;
use crate::analysis::Heap;
use std::ops::Deref;

/// A table: columns, and values at any row and column.
///
/// Nothing is made before it is asked for, and a cell costs nothing but itself: a million rows can be streamed
/// without holding them, one column read without the others, a row looked up by its position.
pub trait Rows: Send + Sync {
    /// The columns.
    fn columns(&self) -> &[Column];

    /// How many rows there are.
    fn len(&self) -> usize;

    /// The value in a row, for the column at this position of [`Rows::columns`].
    fn value(&self, row: usize, column: usize) -> Value<'_>;

    /// How deep a row of a tree stands; 0 at the top, and in tables that are no trees.
    fn level(&self, _row: usize) -> usize {
        0
    }

    /// Whether there are no rows.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Something that leads to a heap: a reference for those who write at once, a shared handle for those who keep a table.
pub trait HeapRef: Deref<Target = Heap> + Send + Sync {}

impl<T: Deref<Target = Heap> + Send + Sync> HeapRef for T {}
