//! Facts and answers: one a file, a function of the graph and of earlier facts, returning plain
//! data. Does no I/O, knows no front end.
//!
//! [`Heap::analyze`] computes, in this order, everything that tables need at once; what is asked
//! for less often is computed on first use and kept ([`Heap`]'s lazy parts).

pub mod classes;
pub mod contexts;
pub mod duplicate_strings;
pub mod edge_names;
pub mod event_handlers;
pub mod filters;
pub mod heap;
pub mod ids;
pub mod internal_values;
pub mod lazy;
pub mod name_ranks;
pub mod names;
pub mod native_contexts;
pub mod order;
pub mod statistics;
pub mod tree;

pub use heap::{Facts, Heap};
