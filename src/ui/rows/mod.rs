//! Rows that several tables share: objects, the references under them, and the four columns that
//! Summary, Containment, Dominators and Retainers have in common. Knows no egui.

pub mod cells;
pub mod fields;

use crate::analysis::facts::classes::Class;
use crate::analysis::order::sort;
use crate::session::row_name::RowName;
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

/// What the row of a class is called.
pub fn class_row_name(class: &Class) -> RowName {
    RowName::Class(class.key().as_text().lossy().into_owned())
}

/// Which of `classes` a row is called after: the one with the same key, else one with the same
/// name, as places move when a program is edited.
pub fn find_class<'a>(classes: impl Iterator<Item = std::borrow::Cow<'a, Class>>, name: &RowName) -> Option<u32> {
    let RowName::Class(wanted) = name else { return None };
    let mut alike = None;
    for (at, class) in classes.enumerate() {
        let key = class.key();
        if key.as_text() == **wanted {
            return Some(at as u32);
        }
        let rest = wanted.strip_suffix(&*class.name.as_text().lossy()).and_then(|rest| rest.strip_suffix(','));
        let is_place = |rest: &str| rest.chars().all(|c| c.is_ascii_digit() || c == ',');
        if alike.is_none() && rest.is_some_and(is_place) {
            alike = Some(at as u32);
        }
    }
    alike
}
