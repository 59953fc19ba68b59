//! The `nodes` section → [`NodeColumns`].

use super::chunks::{Chunk, Columns, RowArray, Scratch};
use super::header::{Header, NodeLayout, NodeTypes, TOO_MANY_BYTES};
use super::index_room::IndexRoom;
use super::section::Section;
use super::zeros::zeros;
use crate::graph::{IndexColumn, MAX_NODES, NodeColumns, NodeIndex, NodeKind, SizeColumn};
use crate::reader::error::{ReadError, Warning};
use crate::reader::input::Input;
use crate::reader::numbers::{self, Rows};
use std::collections::BTreeSet;

const SECTION: &str = Section::Nodes.name();

/// The nodes, with what can be checked only when edges and strings are known.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    pub(super) columns: NodeColumns,
    /// Names of node kinds from [`NodeKind::FIRST_OTHER`] on.
    pub(super) other_kinds: Vec<String>,
    /// The highest name index; 0 without nodes.
    pub(super) max_name: u32,
    /// Where the section's numbers begin in the text, to look for one that proves wrong later; `None`
    /// once that text is gone.
    pub(super) start: Option<usize>,
}

/// What one chunk of nodes had beside its columns.
#[derive(Debug, Default)]
struct Report {
    max_name: u32,
    /// Rows with a type the file does not list, and that type.
    unlisted: Vec<(u32, u32)>,
    /// Rows with a size of 2^32 bytes or more.
    large: Vec<(u32, u64)>,
    /// Rows with a name too large for its column.
    large_names: Vec<(u32, u32)>,
    /// How many ids were reduced modulo 2^32.
    long_ids: usize,
    /// Whether the file says of any node where it was allocated.
    has_traces: bool,
}

/// The part of the columns that belongs to some rows.
struct Slices<'c> {
    kinds: &'c mut [u8],
    names: IndexRoom<'c>,
    ids: &'c mut [u32],
    sizes: &'c mut [u32],
    edge_counts: &'c mut [u32],
    /// Empty where the file has no such field.
    detachedness: &'c mut [u8],
    trace_node_ids: &'c mut [u32],
}

impl Columns for Slices<'_> {
    fn rows(&self) -> usize {
        self.kinds.len()
    }

    fn split_off(&mut self, rows: usize) -> Self {
        fn cut<'c, T>(column: &mut &'c mut [T], rows: usize) -> &'c mut [T] {
            let rows = rows.min(column.len());
            column.split_off_mut(..rows).unwrap_or_default()
        }
        Self {
            kinds: cut(&mut self.kinds, rows),
            names: self.names.split_off(rows),
            ids: cut(&mut self.ids, rows),
            sizes: cut(&mut self.sizes, rows),
            edge_counts: cut(&mut self.edge_counts, rows),
            detachedness: cut(&mut self.detachedness, rows),
            trace_node_ids: cut(&mut self.trace_node_ids, rows),
        }
    }
}

/// Columns of zeros for `rows` nodes, before anything is read into them.
struct Room {
    kinds: Vec<u8>,
    names: Vec<u8>,
    ids: Vec<u32>,
    sizes: Vec<u32>,
    first_edge: Vec<u32>,
    detachedness: Vec<u8>,
    trace_node_ids: Vec<u32>,
}

impl Room {
    fn new(layout: &NodeLayout, rows: usize) -> Result<Self, ReadError> {
        Ok(Self {
            kinds: zeros(rows)?,
            names: zeros(IndexColumn::bytes_for(rows))?,
            ids: zeros(rows)?,
            sizes: zeros(rows)?,
            first_edge: zeros(rows + 1)?,
            detachedness: zeros(if layout.detachedness.is_some() { rows } else { 0 })?,
            trace_node_ids: zeros(if layout.trace_node_id.is_some() { rows } else { 0 })?,
        })
    }

    fn slices(&mut self) -> Slices<'_> {
        Slices {
            kinds: &mut self.kinds,
            names: IndexRoom(&mut self.names),
            ids: &mut self.ids,
            sizes: &mut self.sizes,
            edge_counts: &mut self.first_edge[1..],
            detachedness: &mut self.detachedness,
            trace_node_ids: &mut self.trace_node_ids,
        }
    }

    fn truncate(&mut self, rows: usize) {
        fn cut<T>(column: &mut Vec<T>, len: usize) {
            if column.len() > len {
                column.truncate(len);
                column.shrink_to_fit();
            }
        }
        cut(&mut self.kinds, rows);
        cut(&mut self.names, IndexColumn::bytes_for(rows));
        cut(&mut self.ids, rows);
        cut(&mut self.sizes, rows);
        cut(&mut self.first_edge, rows + 1);
        cut(&mut self.detachedness, rows);
        cut(&mut self.trace_node_ids, rows);
    }
}

/// Reads the section whose numbers begin at `start`. Returns it with the byte after its `]`.
pub(super) fn read(
    input: &Input<'_>,
    start: usize,
    header: &Header,
    warnings: &mut Vec<Warning>,
) -> Result<(Nodes, usize), ReadError> {
    let layout = &header.nodes;
    let array = RowArray { input, section: Section::Nodes, row_name: "node", start, width: layout.width };
    let claimed = header.node_count.unwrap_or(0);
    let mut room = Room::new(layout, input.plausible_rows(claimed, start, layout.width))?;
    let table = KindTable::new(&layout.types);
    let read = |room: &mut Room| {
        array.for_each_chunk(room.slices(), |chunk, part, scratch| {
            Converter { layout, table: &table, array: &array, chunk }.convert(part, scratch)
        })
    };
    let mut outcome = read(&mut room)?;
    if outcome.rows > MAX_NODES {
        return Err(ReadError::TooLarge(format!(
            "{} nodes are more than the {MAX_NODES} this program can hold",
            outcome.rows
        )));
    }
    if outcome.rows > room.kinds.len() {
        room = Room::new(layout, outcome.rows)?;
        outcome = read(&mut room)?;
    }
    room.truncate(outcome.rows);
    let large = outcome.reports.iter().flat_map(|r| &r.large).fold(0_u64, |sum, l| sum.saturating_add(l.1));
    if large >= TOO_MANY_BYTES {
        let problem = format!("the sizes of the objects add up to {large} bytes; no process has 2^57 of them");
        return Err(ReadError::inconsistent(SECTION, problem));
    }
    if outcome.rows == 0 {
        return Err(ReadError::inconsistent(SECTION, "there is not a single node, so there is nothing to show"));
    }
    if header.node_count.is_some_and(|n| n != outcome.rows as u64) {
        let message =
            format!("snapshot.node_count says {claimed}, but there are {} nodes; all were read", outcome.rows);
        warnings.push(Warning::new(SECTION, message));
    }
    Ok((assemble(room, outcome.reports, header, start, warnings), outcome.end))
}

/// Puts columns and reports together.
fn assemble(mut room: Room, reports: Vec<Report>, header: &Header, start: usize, warnings: &mut Vec<Warning>) -> Nodes {
    let max_name = reports.iter().map(|r| r.max_name).max().unwrap_or(0);
    let long_ids: usize = reports.iter().map(|r| r.long_ids).sum();
    if long_ids > 0 {
        let message = format!("{long_ids} ids are 2^32 or more; they were reduced modulo 2^32, as DevTools does");
        warnings.push(Warning::new(SECTION, message));
    }
    let mut types = header.nodes.types.clone();
    let numbers: BTreeSet<u32> = reports.iter().flat_map(|r| &r.unlisted).map(|u| u.1).collect();
    let kinds: Vec<(u32, u8)> = numbers.iter().map(|&n| (n, types.of_unlisted(n).0)).collect();
    for &(row, number) in reports.iter().flat_map(|r| &r.unlisted) {
        if let Ok(i) = kinds.binary_search_by_key(&number, |k| k.0) {
            room.kinds[row as usize] = kinds[i].1;
        }
    }
    let mut self_sizes = SizeColumn::from_low(room.sizes);
    for &(row, size) in reports.iter().flat_map(|r| &r.large) {
        self_sizes.set(NodeIndex(row), size);
    }
    let large_names = reports.iter().flat_map(|r| &r.large_names).copied().collect();
    let has_traces = reports.iter().any(|r| r.has_traces);
    let columns = NodeColumns {
        kinds: room.kinds,
        names: IndexColumn::new(room.names, large_names),
        ids: room.ids.into(),
        self_sizes,
        first_edge: room.first_edge,
        detachedness: header.nodes.detachedness.map(|_| room.detachedness),
        trace_node_ids: has_traces.then_some(room.trace_node_ids),
    };
    Nodes { columns, other_kinds: types.others, max_name, start: Some(start) }
}

/// [`NodeTypes`] as a table that any type number can be looked up in.
struct KindTable([u8; 256]);

impl KindTable {
    fn new(types: &NodeTypes) -> Self {
        let mut table = [NodeKind::UNNAMED.0; 256];
        // The last entry stands for all numbers from 255 on.
        table[..255].iter_mut().zip(&types.kinds).for_each(|(to, kind)| *to = *kind);
        Self(table)
    }

    fn get(&self, number: u32) -> u8 {
        self.0[number.min(255) as usize]
    }
}

/// Rows converted at a time.
const BLOCK: usize = 512;

struct Converter<'a> {
    layout: &'a NodeLayout,
    table: &'a KindTable,
    array: &'a RowArray<'a>,
    chunk: &'a Chunk<'a>,
}

impl Converter<'_> {
    fn convert(&self, mut part: Slices<'_>, scratch: &mut Scratch) -> Result<Report, ReadError> {
        let mut report = Report::default();
        self.chunk.for_each_stretch(self.array, scratch, |mut row, rows| {
            for rows in rows.chunks(BLOCK) {
                self.block(row, rows, part.split_off(rows.len()), &mut report)?;
                row += rows.len();
            }
            Ok(())
        })?;
        Ok(report)
    }

    /// Converts some rows, starting at `row`.
    fn block(&self, row: usize, rows: Rows<'_>, out: Slices<'_>, report: &mut Report) -> Result<(), ReadError> {
        let layout = self.layout;
        let row = u32_of(row);
        let mut buffer = [0u32; BLOCK];
        let scratch = &mut buffer[..rows.len()];

        self.column(rows, layout.kind, "type", scratch)?;
        let mut highest = 0;
        for (kind, &number) in out.kinds.iter_mut().zip(scratch.iter()) {
            *kind = self.table.get(number);
            highest = highest.max(*kind);
        }
        if highest == NodeKind::UNNAMED.0 {
            let numbers = (row..).zip(scratch.iter().copied());
            report.unlisted.extend(numbers.filter(|n| self.table.get(n.1) == NodeKind::UNNAMED.0));
        }

        self.column(rows, layout.name, "name", scratch)?;
        let highest = out.names.write(self.array.input.kernel, row, scratch, &mut report.large_names);
        report.max_name = report.max_name.max(highest);
        self.column(rows, layout.edge_count, "edge_count", out.edge_counts)?;
        if !self.values(rows, layout.id, out.ids) {
            for (id, start) in out.ids.iter_mut().zip(rows.field(layout.id)) {
                let (value, is_long) = numbers::modulo(self.chunk.text(), start);
                *id = value;
                report.long_ids += usize::from(is_long);
            }
        }
        if !self.values(rows, layout.self_size, out.sizes) {
            self.large_sizes(row, rows, out.sizes, report)?;
        }
        if let Some(field) = layout.detachedness {
            self.column(rows, field, "detachedness", scratch)?;
            for (to, &value) in out.detachedness.iter_mut().zip(scratch.iter()) {
                *to = (value & 3) as u8;
            }
        }
        if let Some(field) = layout.trace_node_id {
            self.column(rows, field, "trace_node_id", scratch)?;
            // Most files have only zeros here: not writing them leaves the memory untouched.
            if scratch.iter().any(|&t| t != 0) {
                out.trace_node_ids.copy_from_slice(scratch);
                report.has_traces = true;
            }
        }
        Ok(())
    }

    /// Sizes, some of them 2^32 or more.
    fn large_sizes(&self, row: u32, rows: Rows<'_>, out: &mut [u32], report: &mut Report) -> Result<(), ReadError> {
        for ((row, size), start) in (row..).zip(out).zip(rows.field(self.layout.self_size)) {
            let value = numbers::value_at(self.chunk.text(), start)
                .filter(|&size| size < TOO_MANY_BYTES)
                .ok_or_else(|| self.unexpected(start, "a self_size below 2^57".into()))?;
            *size = low_half(value);
            if value > u64::from(u32::MAX) {
                report.large.push((row, value));
            }
        }
        Ok(())
    }

    fn values(&self, rows: Rows<'_>, field: usize, out: &mut [u32]) -> bool {
        self.chunk.convert(self.array.input.kernel, rows, field, out)
    }

    /// Converts a field whose values must be below 2^32.
    fn column(&self, rows: Rows<'_>, field: usize, name: &str, out: &mut [u32]) -> Result<(), ReadError> {
        if self.values(rows, field, out) {
            return Ok(());
        }
        let is_large = |start: &usize| !numbers::store_long(self.chunk.text(), *start, &mut 0);
        let start = rows.field(field).find(is_large).unwrap_or(0);
        Err(self.unexpected(start, format!("a {name} below 2^32")))
    }

    fn unexpected(&self, start: usize, expected: String) -> ReadError {
        self.chunk.unexpected(self.array, start, expected)
    }
}

#[allow(clippy::cast_possible_truncation, reason = "the high half is kept elsewhere")]
fn low_half(value: u64) -> u32 {
    value as u32
}

/// A row number: the count of rows was checked against [`MAX_NODES`].
#[allow(clippy::cast_possible_truncation, reason = "rows past 2^32 end in an error before they are used")]
fn u32_of(row: usize) -> u32 {
    row as u32
}
