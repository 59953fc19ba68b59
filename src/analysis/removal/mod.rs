//! What would go if something went: losses, cuts, what several owners free together.

pub(super) mod losses;
pub mod shares;
pub mod what_if;
