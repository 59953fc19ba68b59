//! The tables of the program, a file a subject: their columns, and the rows that hold or make the values.

pub mod allocations;
pub mod check;
pub mod classes;
pub mod common;
pub mod comparison;
pub mod contexts;
pub mod duplicates;
pub mod growth;
pub mod info;
pub mod leaks;
pub mod nodes;
pub mod object;
pub mod objects;
pub mod paths;
pub mod profile;
pub mod side_by_side;
pub mod sources;
pub mod statistics;
pub mod targets;
pub mod tree;
pub mod why;
