//! Parts that panels are made of. They know egui and [`super::tree`], and nothing of heaps.

pub mod tree_table;
