//! Facts and answers: one a file, a function of the graph and of earlier facts, returning plain
//! data. Does no I/O, knows no front end.
//!
//! [`Heap::analyze`] computes [`Facts`], everything that tables need at once; what is asked for
//! less often is computed on first use and kept ([`Heap`]'s lazy parts).

pub mod facts;
pub mod heap;
pub mod leaks;
pub mod memo;
pub mod naming;
pub mod order;
pub mod paths;
pub mod realms;
pub mod removal;
pub mod source;
pub mod strings;
pub mod tables;

pub use facts::{Facts, Spare};
pub use heap::Heap;
