//! `statistics`: what kinds of things the bytes are.

use crate::analysis::tables::statistics::{Slice, Statistics};
use crate::relation::{Answer, Column, Kind, Size, Value};

const BYTES: Kind = Kind::Bytes(Size::WholeKilobytes);

/// A fact a slice, in the order of [`Slice::ALL`].
pub static FACTS: [Column; 8] = [
    Column::new("code", "", BYTES, "Machine code and bytecode of functions"),
    Column::new("strings", "", BYTES, "Text"),
    Column::new("js_arrays", "", BYTES, "Arrays of the program, with their elements"),
    Column::new("typed_arrays", "", BYTES, "The bytes of ArrayBuffers"),
    Column::new("system_objects", "", BYTES, "Objects the engine needs for itself"),
    Column::new("other_js_objects", "", BYTES, "Everything else in the JavaScript heap"),
    Column::new("other_non_js_objects", "", BYTES, "Everything else outside the JavaScript heap"),
    Column::new("total", "", BYTES, "Everything"),
];

/// The answer of `statistics`.
pub fn statistics<'a>(statistics: &Statistics) -> Answer<'a> {
    let facts = FACTS.iter().cloned().zip(Slice::ALL);
    facts.fold(Answer::new("statistics"), |answer, (column, slice)| {
        answer.fact(column.titled(slice.title()), Value::Signed(statistics.bytes(slice)))
    })
}
