//! The program's source: the texts of its scripts, what they say about a leak, and what was written before a bundler.
//!
//! [`text`] finds the text of a script and [`roots`] where it may lie. [`changes`] reads it and lists the places that add
//! to what leaks and the places that remove from it. [`source_map`] says what was written before a bundler, and [`library`]
//! keeps texts and maps. [`finding`] puts all that beside a finding; [`memory`] sums up whose memory it is, by package
//! (see [`workspaces`]), file and function.
//!
//! Knows findings and files, and no front end; findings know nothing of it.

pub mod changes;
pub mod finding;
pub mod library;
pub mod lines;
pub mod memory;
pub mod nesting;
pub mod owner;
pub mod roots;
pub mod script;
pub mod source_map;
pub mod text;
pub mod workspaces;

pub use finding::FindingCode;
pub use library::Library;
pub use roots::SourceRoot;
pub use text::SourcePlaces;
