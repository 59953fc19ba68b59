//! Profiles in the formats of other tools.
//!
//! All begin from each stack with a value of its own, from the outermost function to the innermost, without the root.
//! Values are written as whole numbers.

mod collapsed;
mod heapprofile;
mod pprof;
mod speedscope;
mod svg;

pub use collapsed::write_collapsed;
pub use heapprofile::write_heapprofile;
pub use pprof::write_pprof;
pub use speedscope::write_speedscope;
pub use svg::{SvgColors, SvgOptions, write_svg};

use super::tree::{Profile, StackIndex};

/// A value as it is written.
fn whole(size: f64) -> i64 {
    #[allow(clippy::cast_possible_truncation, reason = "past 2^63 it saturates")]
    let whole = size.round() as i64;
    whole
}

/// The stacks that have a value of their own, and it.
fn stacks(profile: &Profile) -> impl Iterator<Item = (StackIndex, i64)> + '_ {
    profile.nodes().map(|n| (n, whole(profile.self_size(n)))).filter(|(_, size)| *size != 0)
}

/// The functions of a stack, the outermost first.
fn outermost_first(profile: &Profile, n: StackIndex, stack: &mut Vec<StackIndex>) {
    stack.clear();
    stack.extend(profile.stack(n));
    stack.reverse();
}
