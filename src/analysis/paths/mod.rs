//! How objects hang on the roots: retainers, one path, all paths merged, why an object is alive.

pub mod merged_paths;
pub mod path;
pub mod retainers_view;
pub mod retaining_paths;
pub mod why;
