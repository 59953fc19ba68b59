//! Facts: functions of the graph alone, each a file, and the order in which they are computed.

pub mod classes;
pub(super) mod compute;
pub mod constructors;
pub(super) mod dead_ends;
pub mod detachedness;
pub mod distance;
pub mod dominator_forest;
pub mod dominator_tree;
pub mod dominators;
pub mod essential;
pub mod interfaces;
pub mod internal_values;
pub(super) mod interner;
pub mod known_strings;
pub mod reach;
pub mod retained_size;
pub mod retainers;
pub mod roots;
pub mod shallow_size;
pub(super) mod shapes;
pub(super) mod spare;
pub(super) mod walk;
pub mod weak_maps;

pub use compute::Facts;
pub use spare::Spare;
