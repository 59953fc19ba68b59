//! The `edges` section → [`EdgeColumns`].

use super::chunks::{Chunk, Columns, RowArray, Scratch};
use super::error::{ReadError, Warning};
use super::input::Input;
use super::mapping::zeros;
use super::meta::{EdgeLayout, Header};
use super::numbers;
use super::scan::Cursor;
use crate::graph::{EdgeColumns, EdgeKind};
use std::collections::BTreeMap;

const SECTION: &str = "edges";

/// The edges, with what can be checked only when nodes and strings are known.
#[derive(Debug, Default)]
pub(super) struct Edges {
    pub(super) columns: EdgeColumns,
    /// The highest target, as a node position.
    pub(super) max_target: u32,
    /// The highest name index of an edge of a known, named kind.
    pub(super) max_name: u32,
    /// Where the section's numbers begin, to look for one that proves wrong later.
    pub(super) start: usize,
}

/// What one chunk of edges had beside its columns.
#[derive(Debug, Default)]
struct Report {
    max_target: u32,
    max_name: u32,
    /// Rows of a type this program does not know, and that type.
    unknown: Vec<(u32, u32)>,
    /// How many indexes were reduced modulo 2^32.
    long_indexes: usize,
}

struct Slices<'c> {
    targets: &'c mut [u32],
    names: &'c mut [u32],
}

impl Columns for Slices<'_> {
    fn rows(&self) -> usize {
        self.targets.len()
    }

    fn split_off(&mut self, rows: usize) -> Self {
        Self {
            targets: self.targets.split_off_mut(..rows).unwrap_or_default(),
            names: self.names.split_off_mut(..rows).unwrap_or_default(),
        }
    }
}

/// Reads the section whose numbers begin at `start`. Returns it with the byte after its `]`.
pub(super) fn read(
    input: &Input<'_>,
    start: usize,
    header: &Header,
    warnings: &mut Vec<Warning>,
) -> Result<(Edges, usize), ReadError> {
    let layout = &header.edges;
    let array = RowArray { input, section: SECTION, row_name: "edge", start, width: layout.width };
    let claimed = header.edge_count.unwrap_or(0);
    let rows = input.plausible_rows(claimed, start, layout.width);
    let mut targets = zeros(rows)?;
    let mut names = zeros(rows)?;
    let table = KindTable::new(layout);
    let read = |targets: &mut [u32], names: &mut [u32]| {
        array.for_each_chunk(Slices { targets, names }, |chunk, part, scratch| {
            let node_width = header.nodes.width as u64;
            Converter { layout, node_width, table: &table, array: &array, chunk }.convert(part, scratch)
        })
    };
    let mut outcome = read(&mut targets, &mut names)?;
    if u32::try_from(outcome.rows).is_err() {
        return Err(ReadError::TooLarge(format!(
            "{} edges are more than the 2^32 this program can hold",
            outcome.rows
        )));
    }
    if outcome.rows > targets.len() {
        targets = zeros(outcome.rows)?;
        names = zeros(outcome.rows)?;
        outcome = read(&mut targets, &mut names)?;
    }
    if outcome.rows < targets.len() {
        targets.truncate(outcome.rows);
        targets.shrink_to_fit();
        names.truncate(outcome.rows);
        names.shrink_to_fit();
    }
    if header.edge_count.is_some_and(|n| n != outcome.rows as u64) {
        let message =
            format!("snapshot.edge_count says {claimed}, but there are {} edges; all were read", outcome.rows);
        warnings.push(Warning::new(SECTION, message));
    }
    let mut edges =
        Edges { columns: EdgeColumns { targets, names, ..EdgeColumns::default() }, start, ..Edges::default() };
    edges.take_reports(&outcome.reports, layout, warnings);
    Ok((edges, outcome.end))
}

impl Edges {
    fn take_reports(&mut self, reports: &[Report], layout: &EdgeLayout, warnings: &mut Vec<Warning>) {
        self.max_target = reports.iter().map(|r| r.max_target).max().unwrap_or(0);
        self.max_name = reports.iter().map(|r| r.max_name).max().unwrap_or(0);
        let long_indexes: usize = reports.iter().map(|r| r.long_indexes).sum();
        if long_indexes > 0 {
            let message =
                format!("{long_indexes} indexes are 2^32 or more; they were reduced modulo 2^32, as DevTools does");
            warnings.push(Warning::new(SECTION, message));
        }
        let mut kinds = BTreeMap::new();
        for &(row, number) in reports.iter().flat_map(|r| &r.unknown) {
            let kind = *kinds
                .entry(number)
                .or_insert_with(|| other_kind(&mut self.columns.other_kinds, layout.name_of(number)));
            self.columns.other.push((row, kind));
        }
    }
}

/// The position of `name` in `kinds`; the 256th and later ones share the last position.
fn other_kind(kinds: &mut Vec<String>, name: String) -> u8 {
    let i = kinds.iter().position(|k| *k == name).unwrap_or_else(|| {
        match kinds.len() {
            0..255 => kinds.push(name),
            255 => kinds.push("other".into()),
            _ => {}
        }
        kinds.len() - 1
    });
    u8::try_from(i).unwrap_or(u8::MAX)
}

/// The [`EdgeKind`] of every type number, as a byte.
struct KindTable([u8; 256]);

impl KindTable {
    fn new(layout: &EdgeLayout) -> Self {
        // The last entry stands for all numbers from 255 on.
        Self(std::array::from_fn(|i| match u32::try_from(i) {
            Ok(number @ 0..255) => layout.kind_of(number) as u8,
            _ => EdgeKind::Other as u8,
        }))
    }

    fn get(&self, number: u32) -> u32 {
        u32::from(self.0[number.min(255) as usize])
    }
}

/// Rows converted at a time.
const BLOCK: usize = 1024;

struct Converter<'a> {
    layout: &'a EdgeLayout,
    node_width: u64,
    table: &'a KindTable,
    array: &'a RowArray<'a>,
    chunk: &'a Chunk<'a>,
}

impl Converter<'_> {
    fn convert(&self, mut part: Slices<'_>, scratch: &mut Scratch) -> Result<Report, ReadError> {
        let mut report = Report::default();
        let width = self.layout.width;
        self.chunk.for_each_stretch(self.array, scratch, |first, starts| {
            for (i, starts) in starts.chunks(BLOCK * width).enumerate() {
                let slices = part.split_off(starts.len() / width);
                self.block(first + i * BLOCK, starts, slices, &mut report)?;
            }
            Ok(())
        })?;
        Ok(report)
    }

    fn block(&self, first: usize, starts: &[u32], out: Slices<'_>, report: &mut Report) -> Result<(), ReadError> {
        let layout = self.layout;
        let rows = out.rows();
        let mut kinds = [0u32; BLOCK];
        let kinds = &mut kinds[..rows];
        if !self.convert_column(starts, layout.kind, kinds) {
            return Err(self.too_large(starts, layout.kind, "a type below 2^32"));
        }
        for (row, kind) in (self.chunk.first_row + first..).zip(kinds.iter_mut()) {
            let number = *kind;
            *kind = self.table.get(number);
            if *kind == EdgeKind::Other as u32 {
                report.unknown.push((row_number(row), number));
            }
        }

        if !self.convert_column(starts, layout.name_or_index, out.names) {
            self.long_indexes(starts, kinds, out.names, report)?;
        }
        for (&kind, &name) in kinds.iter().zip(out.names.iter()) {
            let kind = EdgeKind::from_bits(kind);
            let is_name = !kind.is_numbered() && kind != EdgeKind::Other;
            report.max_name = report.max_name.max(if is_name { name } else { 0 });
        }

        let fits = self.convert_column(starts, layout.to_node, out.targets);
        if !fits {
            return self.long_targets(starts, kinds, out.targets, report);
        }
        let width = u32::try_from(self.node_width).unwrap_or(u32::MAX);
        let mut remainders = 0;
        for (target, &kind) in out.targets.iter_mut().zip(kinds.iter()) {
            let node = *target / width;
            remainders |= *target - node * width;
            report.max_target = report.max_target.max(node);
            *target = node << 3 | kind;
        }
        if remainders != 0 { Err(self.bad_target(starts)) } else { Ok(()) }
    }

    /// Indexes of which some are 2^32 or more.
    fn long_indexes(
        &self,
        starts: &[u32],
        kinds: &[u32],
        out: &mut [u32],
        report: &mut Report,
    ) -> Result<(), ReadError> {
        for ((name, &kind), start) in out.iter_mut().zip(kinds).zip(self.field(starts, self.layout.name_or_index)) {
            let (value, is_long) = numbers::modulo(self.chunk.text(), start);
            *name = value;
            if is_long && !EdgeKind::from_bits(kind).is_numbered() {
                return Err(self.unexpected(start, "the index of a string"));
            }
            report.long_indexes += usize::from(is_long);
        }
        Ok(())
    }

    /// Targets of which some are 2^32 or more, as they are with many fields for each node.
    fn long_targets(
        &self,
        starts: &[u32],
        kinds: &[u32],
        out: &mut [u32],
        report: &mut Report,
    ) -> Result<(), ReadError> {
        for ((target, &kind), start) in out.iter_mut().zip(kinds).zip(self.field(starts, self.layout.to_node)) {
            let node = numbers::value_at(self.chunk.text(), start)
                .filter(|to| to % self.node_width == 0)
                .and_then(|to| u32::try_from(to / self.node_width).ok())
                .filter(|&node| node < 1 << 29)
                .ok_or_else(|| self.bad_target(starts))?;
            report.max_target = report.max_target.max(node);
            *target = node << 3 | kind;
        }
        Ok(())
    }

    /// The error for the first target among `starts` that is not the beginning of a node.
    fn bad_target(&self, starts: &[u32]) -> ReadError {
        let is_bad = |start: &usize| {
            numbers::value_at(self.chunk.text(), *start)
                .is_none_or(|to| to % self.node_width != 0 || to / self.node_width >= 1 << 29)
        };
        let start = self.field(starts, self.layout.to_node).find(is_bad).unwrap_or(0);
        self.unexpected(start, &format!("a to_node that is a multiple of {} (the numbers of a node)", self.node_width))
    }

    fn too_large(&self, starts: &[u32], field: usize, expected: &str) -> ReadError {
        let is_large =
            |start: &usize| numbers::value_at(self.chunk.text(), *start).is_none_or(|v| v > u64::from(u32::MAX));
        let start = self.field(starts, field).find(is_large).unwrap_or(0);
        self.unexpected(start, expected)
    }

    /// Where the numbers of one field begin.
    fn field<'s>(&self, starts: &'s [u32], field: usize) -> impl Iterator<Item = usize> + use<'s> {
        starts[field..].iter().step_by(self.layout.width).map(|&s| s as usize)
    }

    fn convert_column(&self, starts: &[u32], field: usize, out: &mut [u32]) -> bool {
        numbers::convert(self.chunk.text(), starts, field, self.layout.width, out)
    }

    fn unexpected(&self, start: usize, expected: &str) -> ReadError {
        Cursor::new(self.array.input.text, SECTION).unexpected_at(self.chunk.offset + start, expected)
    }
}

/// A row number: the count of rows is checked before any is used.
#[allow(clippy::cast_possible_truncation, reason = "rows past 2^32 end in an error before they are used")]
fn row_number(row: usize) -> u32 {
    row as u32
}
