//! Answers that are tables: classes, comparisons, growth, statistics, what filters let through.

pub mod allocations;
pub mod comparison;
pub mod dominated;
pub mod filters;
pub mod growth;
pub mod name_ranks;
pub mod queries;
pub mod search;
pub mod side_by_side;
pub mod stacks;
pub mod statistics;
pub mod summary;
pub mod timeline;
pub mod tree;
