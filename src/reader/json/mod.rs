//! JSON as text: tokens and string literals. Knows no section of a snapshot.

mod literal;
mod scan;

pub(in crate::reader) use literal::{HOLE, Mended, decode, decode_key};
pub(in crate::reader) use scan::{Cursor, is_white_space};
