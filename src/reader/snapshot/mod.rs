//! The format of heap snapshots and allocation timelines.
//!
//! # The format
//!
//! One JSON object. `snapshot` says how wide the rows of every other section are and where each
//! field stands in them; `nodes` and `edges` are flat arrays of numbers, the edges of a node
//! following those of the node before it; `strings` holds every name. The rest (`locations`,
//! `samples`, `trace_*`, `scope*`) is optional. Engines differ in the order of the keys, in white
//! space and in the fields they write, so nothing of that is taken for granted.
//!
//! # How it is read
//!
//! [`document`] reads the header and then section after section ([`parts`]): `nodes` and `edges` are
//! turned into columns by several threads ([`chunks`], [`nodes`], [`edges`], with
//! [`numbers`](crate::reader::numbers)), strings are decoded into one block ([`strings`]), the rest is
//! small ([`locations`], [`small`]). Then every index is checked against what it points into
//! ([`assemble`]), so that nothing after the reader has to.
//!
//! Packed files, and snapshots that a running process sends, are read while their text arrives
//! ([`streamed`]). What is damaged is read as far as that makes sense, and otherwise refused by saying
//! where and why ([`damage`]).

mod assemble;
mod chunks;
mod damage;
mod document;
mod edges;
mod estimate;
mod header;
mod index_room;
mod keys;
mod locations;
mod nodes;
mod parts;
mod peek;
mod section;
mod small;
mod streamed;
mod strings;
mod zeros;

pub(super) use document::read;
pub use peek::{Peek, peek, peek_bytes};
pub(super) use streamed::{read as read_arriving, read_packed};
