//! Parts that panels are made of. They know egui and [`super::tree`], and nothing of heaps.

pub mod elided;
pub mod field;
pub mod filter_box;
pub mod icon;
pub mod message;
pub mod prose;
pub mod sparkline;
pub mod tabs;
pub mod toast;
pub mod toolbar;
pub mod tree_table;
