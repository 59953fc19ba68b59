//! Facts and answers: one a file, a function of the graph and of earlier facts, returning plain
//! data. Does no I/O, knows no front end.
//!
//! [`Heap::analyze`] computes [`Facts`], everything that tables need at once; what is asked for
//! less often is computed on first use and kept ([`Heap`]'s lazy parts).

pub mod allocations;
pub mod classes;
pub mod comparison;
pub mod constructors;
pub mod contexts;
mod counting_sort;
pub mod dead_context_fields;
mod dead_ends;
pub mod detachedness;
pub mod distance;
pub mod dominated;
pub mod dominator_forest;
pub mod dominator_tree;
pub mod dominators;
pub mod duplicate_strings;
pub mod edge_names;
pub mod essential;
pub mod event_handlers;
pub mod facts;
pub mod filters;
pub mod growth;
pub mod heap;
pub mod ids;
mod interfaces;
pub mod internal_values;
mod interner;
pub mod known_strings;
pub mod lazy;
pub mod leaks;
mod losses;
pub mod merged_paths;
pub mod name_ranks;
pub mod names;
pub mod native_contexts;
pub mod order;
pub mod queries;
pub mod reach;
pub mod repeated_strings;
pub mod retained_size;
pub mod retainers;
pub mod retainers_view;
pub mod retaining_paths;
pub mod roots;
mod rope_hashes;
mod ropes;
pub mod search;
pub mod shallow_size;
mod shapes;
pub mod side_by_side;
mod spare;
pub mod statistics;
pub mod summary;
pub mod timeline;
pub mod tree;
mod walk;
pub mod weak_maps;
pub mod why;

pub use facts::Facts;
pub use heap::Heap;
pub use spare::Spare;
