//! Names of objects and of edges, as DevTools shows them.

pub mod edge_names;
pub mod names;
