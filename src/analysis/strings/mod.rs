//! Strings put together of pieces, cut ones, equal ones.

pub mod cut;
pub mod duplicate_strings;
pub(super) mod flat;
pub mod repeated_strings;
pub(super) mod rope_hashes;
pub(super) mod ropes;
