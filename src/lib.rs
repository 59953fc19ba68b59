//! Heapglass opens V8 heap snapshots and shows what is in them, what grew, and what keeps it
//! alive.
//!
//! # The map
//!
//! Bytes become a graph, the graph yields facts, facts answer questions, answers become text or
//! pixels. Each step is a module, and imports point one way only:
//!
//! [`reader`] → [`graph`] → [`analysis`] → [`treemap`] → [`code`] → [`relation`] → [`session`] → [`cli`] and `ui`
//!
//! (read: the right may use the left). [`live`] is about running programs: it takes their snapshots as files, which are
//! then opened as all files are. Below them all lie [`text`], [`csv`], [`markdown`], [`units`], [`visible`],
//! [`measure`], [`memory`] and [`progress`].
//! [`profile`] is beside [`graph`]: stacks of functions and what was allocated there, which [`reader`] reads as well.
//! Nothing below `ui` knows egui; `cli` and `ui` do not know each other.

#[cfg(panic = "abort")]
compile_error!("a panic is an error of one job, and the rest lives on: build with panic = \"unwind\"");

pub mod analysis;
pub mod cli;
pub mod code;
pub mod csv;
pub mod generate;
pub mod graph;
pub mod live;
pub mod markdown;
pub mod measure;
pub mod memory;
pub mod profile;
pub mod progress;
pub mod reader;
pub mod relation;
pub mod session;
#[doc(hidden)]
pub mod testing;
pub mod text;
pub mod treemap;
#[cfg(feature = "app")]
pub mod ui;
pub mod units;
pub mod visible;
