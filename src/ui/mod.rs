//! The desktop application: the only place that knows egui.
//!
//! What a table shows is plain data that knows no egui either ([`tree`], [`rows`] and the
//! `rows.rs` files beside the panels); drawing it is the business of [`widgets`] and of [`panels`].
//! [`app`] holds it all together; [`window`] is the thin shell around it that knows the system.

pub mod app;
pub mod command;
pub mod export;
pub mod frames;
pub mod history;
pub mod panels;
pub mod place;
pub mod rows;
pub mod sample;
pub mod selection;
pub mod settings;
pub mod terms;
pub mod theme;
pub mod tree;
pub mod widgets;
pub mod window;

pub use window::{Options, run};
