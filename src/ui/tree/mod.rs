//! Tables with rows inside rows, as data: columns, rows, order and what is open. Knows no egui.
//!
//! A panel describes what it shows as a [`TreeSource`]; [`LazyTree`] makes of it a [`TreeModel`],
//! which is what the table widget draws. Only rows that are on screen are ever made.

mod lazy;
mod model;
mod visible;

pub use lazy::{Ancestors, LazyTree, TreeSource};
pub use model::{
    Align, Cell, Column, Direction, Expansion, Face, MakeAnswer, Mark, RowKey, RowView, Sort, Span, Tone, TreeModel,
};
pub use visible::{Order, VisibleTree};
