//! Collapsed stacks: `outer;inner BYTES`, as flame graph tools read them.

use super::super::frames::Frame;
use super::super::tree::Profile;
use super::{outermost_first, stacks};
use rustc_hash::FxHashMap;
use std::io::{self, Write};

/// Writes a line for each stack, in the order of the file; equal ones are one line. What the root has itself, which is no
/// stack, is left out.
pub fn write_collapsed(profile: &Profile, out: &mut dyn Write) -> io::Result<()> {
    let texts: Vec<String> = profile.frames.indices().map(|f| text(&profile.frames.get(f))).collect();
    // Functions of equal text are one to whoever reads it.
    let mut numbers: FxHashMap<&str, u32> = FxHashMap::default();
    let number_of: Vec<u32> = texts
        .iter()
        .map(|text| {
            #[allow(clippy::cast_possible_truncation, reason = "no more than frames")]
            let next = numbers.len() as u32;
            *numbers.entry(text).or_insert(next)
        })
        .collect();
    let merged = profile.merged_by_number(&number_of);
    let mut stack = Vec::new();
    for (n, size) in stacks(&merged) {
        outermost_first(&merged, n, &mut stack);
        if stack.is_empty() {
            continue;
        }
        for (i, &at) in stack.iter().enumerate() {
            let separator = if i == 0 { "" } else { ";" };
            write!(out, "{separator}{}", texts[merged.frame_index(at).0 as usize])?;
        }
        writeln!(out, " {size}")?;
    }
    Ok(())
}

/// A function's text: its name and place.
fn text(frame: &Frame<'_>) -> String {
    let name = frame.shown_name().lossy();
    let place = match frame.place() {
        place if place.is_empty() => String::new(),
        place => format!(" ({place})"),
    };
    let clean = |c: char| match c {
        ';' => ':',
        '\n' | '\r' => ' ',
        c => c,
    };
    name.chars().chain(place.chars()).map(clean).collect()
}
