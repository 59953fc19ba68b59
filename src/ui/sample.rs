//! The snapshots behind **Open the sample**: part of the program, so that a first start shows a
//! real comparison in one click.

/// Name and bytes of each, in the order they were taken: a server before and after 1,500
/// requests, each leaving something behind.
pub const SNAPSHOTS: [(&str, &[u8]); 2] = [
    ("1-before", include_bytes!("../../assets/sample/1-before.heapsnapshot.gz")),
    ("2-after", include_bytes!("../../assets/sample/2-after.heapsnapshot.gz")),
];
