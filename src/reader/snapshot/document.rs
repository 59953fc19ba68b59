//! A whole snapshot file: its header, then its sections, then all of it put together.

use super::assemble;
use super::damage;
use super::estimate::Known;
use super::header::{self, Header};
use super::keys::{Key, begin, next_key, next_section, start_of_next};
use super::parts::Parts;
use super::section::Section;
use crate::graph::HeapGraph;
use crate::reader::error::{ReadError, Warning};
use crate::reader::input::Input;
use crate::reader::json::Cursor;
use crate::reader::recognize;

/// Reads a whole snapshot.
pub(in crate::reader) fn read(input: &Input<'_>) -> Result<(HeapGraph, Vec<Warning>), ReadError> {
    let mut warnings = Vec::new();
    if !input.text.is_empty() || input.trouble.is_none() {
        recognize::refuse_start(input.text, input.compression)?;
    }
    let begun = begin(input.text, Some(input.stage));
    let mut cursor = begun.map_err(|e| damage::explain(e, input, "nothing"))?;
    let header = match find_header(cursor.clone(), &mut warnings) {
        Ok(header) => header,
        Err(e) => {
            recognize::refuse_object(input.text, input.compression)?;
            return Err(damage::explain(e, input, "nothing"));
        }
    };
    check_memory(input, &header)?;
    let mut sections = Parts::default();
    match sections.read_all(input, &header, &mut cursor, Vec::new(), &mut warnings) {
        Ok(()) => check_trailing(&mut cursor, &mut warnings),
        Err(e @ ReadError::Malformed { .. }) if sections.has_essentials() => {
            let message = format!("everything that is needed was read, but after it something is wrong: {e}");
            warnings.push(Warning::incomplete("file", message));
        }
        Err(e) => return Err(damage::explain(e, input, &sections.whole())),
    }
    let _part = input.stage.part("Checking");
    let graph = assemble::assemble(input, &header, sections, &mut warnings)?;
    Ok((graph, warnings))
}

/// Whether what the header announces fits the memory that may be used.
fn check_memory(input: &Input<'_>, header: &Header) -> Result<(), ReadError> {
    let Some(limit) = input.memory_limit else { return Ok(()) };
    let (text, counts) = (input.text.len() as u64, header.node_count.zip(header.edge_count));
    let known = if input.compression.is_some() { Known::unpacked(text, counts) } else { Known::mapped(text, counts) };
    let needed = known.memory();
    if needed > limit { Err(ReadError::NeedsMemory { needed, limit }) } else { Ok(()) }
}

/// Reads the `snapshot` section, wherever it stands: everything else depends on it.
fn find_header(mut cursor: Cursor<'_>, warnings: &mut Vec<Warning>) -> Result<Header, ReadError> {
    loop {
        let key = next_key(&mut cursor)?;
        cursor.skip_white_space();
        let start = cursor.at;
        match key {
            Key::End => break,
            Key::Section(section) => cursor.section = section.name(),
            Key::Unknown => {}
        }
        cursor.skip_value()?;
        if key == Key::Section(Section::Snapshot) {
            return header::read_header(&cursor.text[start..cursor.at], start, warnings);
        }
        next_section(&mut cursor)?;
    }
    let problem = "the file has no such section, which every heap snapshot begins with";
    Err(ReadError::inconsistent(Section::Snapshot.name(), problem))
}

/// The header, if all of it stands in the beginning of a file.
pub(super) fn header_of_start(start: &[u8]) -> Option<Header> {
    find_header(begin(start, None).ok()?, &mut Vec::new()).ok()
}

/// The header, what is odd about it, and where the first node stands, if that is what a file begins with.
pub(super) fn header_before_nodes(start: &[u8]) -> Option<(Header, Vec<Warning>, usize)> {
    let mut cursor = begin(start, None).ok()?;
    let mut warnings = Vec::new();
    let header = find_header(cursor.clone(), &mut warnings).ok()?;
    if next_key(&mut cursor).ok()? != Key::Section(Section::Snapshot) {
        return None;
    }
    cursor.skip_value().ok()?;
    Some((header, warnings, cursor.at + start_of_next(&start[cursor.at..], Section::Nodes)?))
}

/// Reads what follows the nodes and the edges, and puts all of it together.
pub(super) fn read_rest(
    input: &Input<'_>,
    header: &Header,
    mut sections: Parts,
    warnings: &mut Vec<Warning>,
) -> Result<HeapGraph, ReadError> {
    let mut cursor = Cursor { watch: Some(input.stage), ..input.cursor("file") };
    next_section(&mut cursor)?;
    sections.read_all(input, header, &mut cursor, vec![Section::Snapshot, Section::Nodes, Section::Edges], warnings)?;
    check_trailing(&mut cursor, warnings);
    let _part = input.stage.part("Checking");
    assemble::assemble(input, header, sections, warnings)
}

/// What follows the snapshot is ignored, but not in silence.
fn check_trailing(cursor: &mut Cursor<'_>, warnings: &mut Vec<Warning>) {
    let Some(next) = cursor.peek() else { return };
    let rest = cursor.text.len() - cursor.at;
    let what = if next == b'{' { "another JSON object, perhaps a second snapshot" } else { "something else" };
    let at = cursor.base + cursor.at;
    let message = format!("the snapshot ends at byte {at}; {what} of {rest} bytes follows and was ignored");
    warnings.push(Warning::new("file", message));
}
