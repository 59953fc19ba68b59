//! Sizes as areas: a tree laid out as a treemap or an icicle, without pixels or colors of any front end.
//!
//! A [`Tree`] gives nodes their sizes and children; [`layout()`] gives rectangles to those that are large enough to be
//! seen, so that a heap of millions of objects costs no more than what fits on a screen and the children of what is
//! opened. [`svg`] writes a layout as a file.

pub mod heap_tree;
pub mod layout;
pub mod svg;

pub use heap_tree::{DominatorTreeMap, NamedTree};
pub use layout::{Cell, Form, Rect, Tree, layout};
