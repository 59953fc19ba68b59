//! The snapshots behind **Open the sample**: part of the program, so that a first start shows a
//! real comparison in one click.

/// Name and bytes of each, in the order they were taken.
pub const SNAPSHOTS: &[(&str, &[u8])] = &[];
