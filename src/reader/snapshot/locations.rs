//! The `locations` section. It can be long, and then it is what engines write: nothing but whole
//! numbers. So it is read in parallel like nodes and edges, and again with more patience if that
//! finds anything odd.

use super::chunks::{Chunk, RowArray, Scratch};
use super::header::RowLayout;
use super::section::Section;
use super::small::{node_at, rows, whole};
use crate::graph::{Location, NodeIndex, Places};
use crate::reader::error::{ReadError, Warning};
use crate::reader::input::Input;
use crate::reader::json::Cursor;
use crate::reader::numbers::Rows;

/// Nodes in the file's order, each with the number of its place.
#[derive(Debug, Default)]
pub(super) struct LocationList {
    pub(super) entries: Vec<(NodeIndex, u32)>,
    pub(super) places: Places,
}

/// Reads the section; `cursor` stands after `[`, and after `]` at the end.
pub(super) fn read(
    input: &Input<'_>,
    cursor: &mut Cursor<'_>,
    layout: &RowLayout<4>,
    node_width: usize,
    warnings: &mut Vec<Warning>,
) -> Result<LocationList, ReadError> {
    match read_plain(input, cursor, layout, node_width) {
        Err(ReadError::Cancelled(cancelled)) => Err(cancelled.into()),
        Err(_) => read_odd(input, cursor, layout, node_width, warnings),
        Ok(list) => Ok(list),
    }
}

/// Reads a section of whole numbers below 2^32, and refuses everything else.
fn read_plain(
    input: &Input<'_>,
    cursor: &mut Cursor<'_>,
    layout: &RowLayout<4>,
    node_width: usize,
) -> Result<LocationList, ReadError> {
    let array =
        RowArray { input, section: Section::Locations, row_name: "location", start: cursor.at, width: layout.width };
    let width = u32::try_from(node_width).unwrap_or(u32::MAX);
    let outcome = array.for_each_chunk((), |chunk, (), scratch| read_chunk(&array, chunk, scratch, layout, width))?;
    cursor.at = outcome.end;
    let mut all = LocationList::default();
    all.entries.reserve_exact(outcome.rows);
    for LocationList { entries, places } in outcome.reports {
        let numbers: Vec<u32> = places.table().iter().map(|&place| all.places.number(place)).collect();
        all.entries.extend(entries.into_iter().map(|(node, place)| (node, numbers[place as usize])));
    }
    Ok(all)
}

fn read_chunk(
    array: &RowArray<'_>,
    chunk: &Chunk<'_>,
    scratch: &mut Scratch,
    layout: &RowLayout<4>,
    node_width: u32,
) -> Result<LocationList, ReadError> {
    const BLOCK: usize = 256;
    let mut list = LocationList::default();
    let odd = || ReadError::inconsistent(array.section.name(), "not only plain locations");
    let mut block = |rows: Rows<'_>| {
        let mut columns = [[0; BLOCK]; 4];
        for (column, field) in columns.iter_mut().zip(layout.at) {
            if !chunk.convert(array.input.kernel, rows, field, &mut column[..rows.len()]) {
                return Err(odd());
            }
        }
        let [offsets, scripts, lines, positions] = &columns;
        for i in 0..rows.len() {
            if !offsets[i].is_multiple_of(node_width) {
                return Err(odd());
            }
            let [script_id, line, column] = [scripts[i], lines[i], positions[i]].map(i64::from);
            let place = list.places.number(Location { script_id, line, column });
            list.entries.push((NodeIndex(offsets[i] / node_width), place));
        }
        Ok(())
    };
    chunk.for_each_stretch(array, scratch, |_, rows| rows.chunks(BLOCK).try_for_each(&mut block))?;
    Ok(list)
}

/// Reads a section with negative or very large numbers in it, or with locations of no node.
fn read_odd(
    input: &Input<'_>,
    cursor: &mut Cursor<'_>,
    layout: &RowLayout<4>,
    node_width: usize,
    warnings: &mut Vec<Warning>,
) -> Result<LocationList, ReadError> {
    let mut list = LocationList::default();
    let mut bad = 0;
    rows(input, cursor, layout, warnings, |[object_index, script_id, line, column]| {
        let location = || Some(Location { script_id: whole(script_id)?, line: whole(line)?, column: whole(column)? });
        match (node_at(object_index, node_width), location()) {
            (Some(node), Some(location)) => list.entries.push((node, list.places.number(location))),
            _ => bad += 1,
        }
    })?;
    if bad > 0 {
        let message = format!("{bad} locations are of no node or no place in a script; they were left out");
        warnings.push(Warning::new(cursor.section, message));
    }
    Ok(list)
}
