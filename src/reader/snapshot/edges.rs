//! The `edges` section → [`EdgeColumns`].

use super::chunks::{Chunk, Columns, RowArray, Scratch};
use super::header::{EdgeLayout, Header};
use super::index_room::IndexRoom;
use super::section::Section;
use super::zeros::zeros;
use crate::graph::{EdgeColumns, EdgeKind, EdgeWord, IndexColumn, MAX_NODES};
use crate::reader::error::{ReadError, Warning};
use crate::reader::input::Input;
use crate::reader::numbers::{self, Rows};
use std::collections::BTreeMap;

const SECTION: &str = Section::Edges.name();

/// The edges, with what can be checked only when nodes and strings are known.
#[derive(Debug, Default)]
pub(super) struct Edges {
    pub(super) columns: EdgeColumns,
    /// The highest target, as a node position.
    pub(super) max_target: u32,
    /// The highest name index of an edge of a known, named kind.
    pub(super) max_name: u32,
    /// Where the section's numbers begin in the text, to look for one that proves wrong later; `None`
    /// once that text is gone.
    pub(super) start: Option<usize>,
}

/// What one chunk of edges had beside its columns.
#[derive(Debug, Default)]
struct Report {
    max_target: u32,
    max_name: u32,
    /// Rows of a type this program does not know, and that type.
    unknown: Vec<(u32, u32)>,
    /// Rows with an index too large for its column.
    large_names: Vec<(u32, u32)>,
    /// How many indexes were reduced modulo 2^32.
    long_indexes: usize,
}

struct Slices<'c> {
    targets: &'c mut [u32],
    names: IndexRoom<'c>,
}

impl Columns for Slices<'_> {
    fn rows(&self) -> usize {
        self.targets.len()
    }

    fn split_off(&mut self, rows: usize) -> Self {
        Self { targets: self.targets.split_off_mut(..rows).unwrap_or_default(), names: self.names.split_off(rows) }
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
    let array = RowArray { input, section: Section::Edges, row_name: "edge", start, width: layout.width };
    let claimed = header.edge_count.unwrap_or(0);
    let rows = input.plausible_rows(claimed, start, layout.width);
    let mut targets = zeros(rows)?;
    let mut names = zeros(IndexColumn::bytes_for(rows))?;
    let table = KindTable::new(layout);
    let read = |targets: &mut [u32], names: &mut [u8]| {
        let names = IndexRoom(names);
        array.for_each_chunk(Slices { targets, names }, |chunk, part, scratch| {
            Converter { layout, node_width: NodeWidth::new(header.nodes.width), table: &table, array: &array, chunk }
                .convert(part, scratch)
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
        names = zeros(IndexColumn::bytes_for(outcome.rows))?;
        outcome = read(&mut targets, &mut names)?;
    }
    if outcome.rows < targets.len() {
        targets.truncate(outcome.rows);
        targets.shrink_to_fit();
        names.truncate(IndexColumn::bytes_for(outcome.rows));
        names.shrink_to_fit();
    }
    if header.edge_count.is_some_and(|n| n != outcome.rows as u64) {
        let message =
            format!("snapshot.edge_count says {claimed}, but there are {} edges; all were read", outcome.rows);
        warnings.push(Warning::new(SECTION, message));
    }
    let large_names = outcome.reports.iter().flat_map(|r| &r.large_names).copied().collect();
    let names = IndexColumn::new(names, large_names);
    let mut edges = Edges {
        columns: EdgeColumns { targets: words(targets), names, ..EdgeColumns::default() },
        start: Some(start),
        ..Edges::default()
    };
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
struct KindTable {
    kinds: [u8; 256],
    /// The numbers below this one are the kinds they stand for: all there are, in V8's files.
    same: u32,
}

impl KindTable {
    fn new(layout: &EdgeLayout) -> Self {
        // The last entry stands for all numbers from 255 on.
        let kind = |number| if number < 255 { layout.kind_of(number) } else { EdgeKind::Other };
        let mut kinds = [0; 256];
        kinds.iter_mut().zip(0..).for_each(|(to, number)| *to = kind(number) as u8);
        let is_other = |(number, kind): &(u8, u8)| number != kind || *kind == EdgeKind::Other as u8;
        let same = (0..).zip(kinds).position(|pair| is_other(&pair)).unwrap_or(0);
        Self { kinds, same: row_number(same) }
    }

    fn get(&self, number: u32) -> u32 {
        u32::from(self.kinds[number.min(255) as usize])
    }
}

/// Rows converted at a time.
const BLOCK: usize = 1024;

struct Converter<'a> {
    layout: &'a EdgeLayout,
    node_width: NodeWidth,
    table: &'a KindTable,
    array: &'a RowArray<'a>,
    chunk: &'a Chunk<'a>,
}

/// The numbers of a node, to divide targets by.
///
/// Multiplying by the inverse of an odd number modulo 2^32 divides every multiple of it exactly;
/// the factors of two are shifted out before.
#[derive(Debug, Clone, Copy)]
struct NodeWidth {
    width: u64,
    inverse: u32,
    twos: u32,
    /// The highest quotient.
    most: u32,
}

impl NodeWidth {
    fn new(width: usize) -> Self {
        let twos = width.trailing_zeros();
        let odd = u32::try_from(width >> twos).unwrap_or(1);
        // Newton's step doubles the bits that are right; an odd number is its own inverse modulo 8.
        let inverse = (0..4).fold(odd, |x, _| x.wrapping_mul(2u32.wrapping_sub(odd.wrapping_mul(x))));
        Self {
            width: width as u64,
            inverse,
            twos,
            most: u32::try_from(u64::from(u32::MAX) / width as u64).unwrap_or(0),
        }
    }
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
        let kernel = self.array.input.kernel;
        let mut kinds = [0u32; BLOCK];
        let kinds = &mut kinds[..rows.len()];
        if !self.values(rows, layout.kind, kinds) {
            return Err(self.first_that(rows, layout.kind, |v| v.is_none_or(is_long), "a type below 2^32"));
        }
        self.known_kinds(row, kinds, report);

        let mut names = [0u32; BLOCK];
        let names = &mut names[..rows.len()];
        if !self.values(rows, layout.name_or_index, names) {
            self.long_indexes(rows, kinds, names, report)?;
        }
        report.max_name = report.max_name.max(kernel.run(|| highest_name(kinds, names)));
        out.names.write(kernel, row_number(row), names, &mut report.large_names);

        if !self.values(rows, layout.to_node, out.targets) {
            return self.long_targets(rows, kinds, out.targets, report);
        }
        let (highest, are_nodes) = kernel.run(|| targets(out.targets, kinds, self.node_width));
        report.max_target = report.max_target.max(highest);
        if are_nodes { Ok(()) } else { Err(self.bad_target(rows)) }
    }

    /// Turns type numbers into [`EdgeKind`]s.
    fn known_kinds(&self, row: usize, kinds: &mut [u32], report: &mut Report) {
        if kinds.iter().copied().fold(0, u32::max) < self.table.same {
            return;
        }
        for (row, kind) in (row..).zip(kinds) {
            let number = *kind;
            *kind = self.table.get(number);
            if *kind == EdgeKind::Other as u32 {
                report.unknown.push((row_number(row), number));
            }
        }
    }

    /// Indexes, some of them 2^32 or more.
    fn long_indexes(
        &self,
        rows: Rows<'_>,
        kinds: &[u32],
        out: &mut [u32],
        report: &mut Report,
    ) -> Result<(), ReadError> {
        for ((name, &kind), start) in out.iter_mut().zip(kinds).zip(rows.field(self.layout.name_or_index)) {
            let (value, is_long) = numbers::modulo(self.chunk.text(), start);
            *name = value;
            if is_long && !EdgeWord::from_bits(kind).kind().is_numbered() {
                return Err(self.unexpected(start, "the index of a string"));
            }
            report.long_indexes += usize::from(is_long);
        }
        Ok(())
    }

    /// Targets, some of them 2^32 or more, as happens with many fields for each node.
    fn long_targets(
        &self,
        rows: Rows<'_>,
        kinds: &[u32],
        out: &mut [u32],
        report: &mut Report,
    ) -> Result<(), ReadError> {
        for ((target, &kind), start) in out.iter_mut().zip(kinds).zip(rows.field(self.layout.to_node)) {
            let to = numbers::value_at(self.chunk.text(), start).filter(|to| self.is_node(*to));
            let node = to.and_then(|to| u32::try_from(to / self.node_width.width).ok());
            let node = node.ok_or_else(|| self.bad_target(rows))?;
            report.max_target = report.max_target.max(node);
            *target = EdgeWord::from_numbers(node, kind).bits();
        }
        Ok(())
    }

    /// Whether a node could begin at `to`.
    fn is_node(&self, to: u64) -> bool {
        to.is_multiple_of(self.node_width.width) && to / self.node_width.width < MAX_NODES as u64
    }

    /// The error for the first target that is not the beginning of a node.
    fn bad_target(&self, rows: Rows<'_>) -> ReadError {
        let width = self.node_width.width;
        let expected = format!("a to_node that is a multiple of {width}, the numbers of a node");
        self.first_that(rows, self.layout.to_node, |v| v.is_none_or(|to| !self.is_node(to)), &expected)
    }

    /// The error for the first value of a field that `is_bad`.
    fn first_that(
        &self,
        rows: Rows<'_>,
        field: usize,
        is_bad: impl Fn(Option<u64>) -> bool,
        expected: &str,
    ) -> ReadError {
        let start = rows.field(field).find(|&start| is_bad(numbers::value_at(self.chunk.text(), start)));
        self.unexpected(start.unwrap_or(0), expected)
    }

    fn values(&self, rows: Rows<'_>, field: usize, out: &mut [u32]) -> bool {
        self.chunk.convert(self.array.input.kernel, rows, field, out)
    }

    fn unexpected(&self, start: usize, expected: &str) -> ReadError {
        self.chunk.unexpected(self.array, start, expected)
    }
}

fn is_long(value: u64) -> bool {
    value > u64::from(u32::MAX)
}

/// The highest index of a name: of the edges that have one, and whose kind is known.
#[inline(always)]
fn highest_name(kinds: &[u32], names: &[u32]) -> u32 {
    const NAMED: u32 = !(1 << EdgeKind::Element as u32 | 1 << EdgeKind::Hidden as u32 | 1 << EdgeKind::Other as u32);
    let pairs = kinds.iter().zip(names);
    pairs.fold(0, |highest, (&kind, &name)| highest.max(name & (NAMED >> (kind & 31) & 1).wrapping_neg()))
}

/// The words that the loops made in place: the same memory under its proper type.
fn words(bits: Vec<u32>) -> Vec<EdgeWord> {
    bits.into_iter().map(EdgeWord::from_bits).collect()
}

/// Turns offsets of nodes into words of target and kind. Returns the highest node, and whether
/// all offsets were multiples of the width.
#[inline(always)]
fn targets(targets: &mut [u32], kinds: &[u32], width: NodeWidth) -> (u32, bool) {
    let low_bits = (1u32 << width.twos).wrapping_sub(1);
    let mut highest = 0;
    let mut rest = 0;
    for (target, &kind) in targets.iter_mut().zip(kinds) {
        let multiple = target.wrapping_mul(width.inverse);
        let node = multiple >> width.twos;
        rest |= (multiple & low_bits) | u32::from(node > width.most);
        highest = highest.max(node);
        *target = EdgeWord::from_numbers(node, kind).bits();
    }
    (highest, rest == 0)
}

/// A row number: the count of rows is checked before any is used.
#[allow(clippy::cast_possible_truncation, reason = "rows past 2^32 end in an error before they are used")]
fn row_number(row: usize) -> u32 {
    row as u32
}
