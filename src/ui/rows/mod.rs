//! Rows that several tables share: objects, the references under them, and the four columns that
//! Summary, Containment, Dominators and Retainers have in common. Knows no egui.

pub mod cells;
pub mod fields;

use crate::analysis::order::sort;
use crate::ui::terms;
use crate::ui::tree::{Column, Sort};

/// The columns after the first one in tables of objects.
pub const DISTANCE: usize = 1;
/// See [`DISTANCE`].
pub const SHALLOW_SIZE: usize = 2;
/// See [`DISTANCE`].
pub const RETAINED_SIZE: usize = 3;

/// The columns of a table of objects, below `first`.
pub fn object_columns(first: Column) -> Vec<Column> {
    vec![
        first,
        Column::figures("Distance", terms::column::DISTANCE, 76.0),
        Column::figures("Shallow size", terms::column::SHALLOW_SIZE, 132.0),
        Column::figures("Retained size", terms::column::RETAINED_SIZE, 132.0),
    ]
}

/// What the engine sorts by when a table of [`object_columns`] is sorted so.
pub fn object_sort(sort: Sort) -> sort::Sort {
    let column = match sort.column {
        DISTANCE => sort::Column::Distance,
        SHALLOW_SIZE => sort::Column::ShallowSize,
        RETAINED_SIZE => sort::Column::RetainedSize,
        _ => sort::Column::Name,
    };
    sort::Sort::new(column, sort.direction)
}
