//! The desktop application: the only place that knows egui.
//!
//! What a table shows is plain data that knows no egui either ([`tree`] and the `rows.rs` files
//! beside the panels); drawing it is the business of [`widgets`] and of the panels.

pub mod rows;
pub mod terms;
pub mod theme;
pub mod tree;
pub mod widgets;
