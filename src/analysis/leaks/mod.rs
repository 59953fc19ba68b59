//! What grew, who holds it, and why we say so.
//!
//! Snapshots are compared by where things hang, not by ids, which other processes number anew:
//!
//! 1. [`modules`](crate::analysis::source::modules) finds where the source's own names begin, [`walk`](crate::analysis::source::walk) gives every object one
//!    [`Place`](crate::analysis::source::places::Place) by the most natural path from there. [`references`](crate::analysis::source::references) says what is natural.
//!    [`adopted`](crate::analysis::source::adopted) finds members of Maps and Sets in files that do not tell them.
//! 2. [`population`] counts what is at each place of each snapshot, [`owners`] finds the places
//!    whose growth is not just that of what holds them, [`subject`] measures them, [`trend`] tells
//!    leaks from caches that fill and from what is made once.
//!    [`eviction`] looks at which members went, `noise` says what is not a leak and why.
//!    A single snapshot has no growth; [`one_snapshot`] finds what is big in it.
//! 3. [`owner_name`](crate::analysis::source::owner_name) names them as the source does, [`kind`] says what sort of leak it is, [`contents`] what it holds,
//!    [`shares`](crate::analysis::removal::shares) what would be freed, and [`find`] puts it all together into [`Findings`].
//!
//! Knows no front end; [`report`] writes findings as text for all of them.

pub mod contents;
mod context;
mod details;
pub mod eviction;
mod explain;
pub mod find;
pub mod finding;
pub mod kind;
#[cfg(test)]
mod kind_tests;
pub mod known;
mod noise;
pub mod one_snapshot;
pub mod owners;
pub mod population;
pub mod report;
pub mod subject;
#[cfg(test)]
mod test_program;
pub mod trend;

pub use find::find_leaks;
pub use finding::{Evidence, Finding, Findings, Fingerprint, GrowthAt, Kind, Step};
pub use known::KnownLeaks;
