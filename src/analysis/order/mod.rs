//! Sorting: what tables are sorted by, and how a million rows are sorted at once.

pub(super) mod counting_sort;
pub mod ids;
pub mod sort;
