//! `allocations`: functions by what they allocated, the samples of a timeline, and the stack of an object.

use super::common::COUNTED_DEPTH;
use crate::analysis::tables::allocations::{AllocationTotals, function_name, trace_function};
use crate::analysis::tables::timeline::Timeline;
use crate::graph::HeapGraph;
use crate::relation::{Answer, Column, Groups, HeapRef, Kind, Rows, Size, Value};

/// What the columns mean; the window shows the same sentences over its columns.
pub mod help {
    /// Live count.
    pub const LIVE_COUNT: &str = "Objects allocated here that are still alive";
    /// Count.
    pub const COUNT: &str = "Objects allocated here while the timeline was recorded";
    /// Live size.
    pub const LIVE_SIZE: &str = "The memory of the objects allocated here that are still alive";
    /// Size.
    pub const SIZE: &str = "The memory of all objects allocated here while the timeline was recorded";
    /// Function.
    pub const FUNCTION: &str = "The function that allocated; inside it, the functions that called it";
}

const COUNT: Kind = Kind::Count(Groups::Spaces);
const BYTES: Kind = Kind::Bytes(Size::Suitable);

const FUNCTION: Column = Column::new("function", "Function", Kind::Tree, help::FUNCTION);
const SCRIPT: Column = Column::new("script", "Script", Kind::Text, "The script of the function").nullable();
const LINE: Column = Column::new("line", "Line", Kind::Integer, "Where the function is, from 1").nullable();
const COLUMN: Column = Column::new("column", "Column", Kind::Integer, "Where in the line it is, from 1").nullable();

/// The columns of functions.
pub static COLUMNS: [Column; 9] = [
    COUNTED_DEPTH,
    Column::new("live_count", "Live count", COUNT, help::LIVE_COUNT),
    Column::new("count", "Count", COUNT, help::COUNT),
    Column::new("live_size", "Live size", BYTES, help::LIVE_SIZE),
    Column::new("size", "Size", BYTES, help::SIZE),
    FUNCTION,
    SCRIPT,
    LINE,
    COLUMN,
];

/// The columns of the calls in which an object was allocated.
pub static STACK_COLUMNS: [Column; 4] = [FUNCTION, SCRIPT, LINE, COLUMN];

/// The columns of samples.
pub static SAMPLE_COLUMNS: [Column; 3] = [
    Column::new("time_ms", "Time", Kind::Milliseconds, "When the sample was taken, from the beginning"),
    Column::new("last_id", "Last id", Kind::Count(Groups::Commas), "The last id given until then"),
    Column::new("size", "Size", BYTES, "How much of what was allocated since the sample before is left"),
];

/// A function that allocated, or one that called it.
#[derive(Debug, Clone, Copy)]
pub struct FunctionRow {
    pub function: u32,
    /// What it allocated.
    pub totals: AllocationTotals,
    /// How deep it stands.
    pub depth: u32,
}

struct Functions<H> {
    heap: H,
    rows: Vec<FunctionRow>,
}

impl<H: HeapRef> Rows for Functions<H> {
    fn columns(&self) -> &[Column] {
        &COLUMNS
    }

    fn len(&self) -> usize {
        self.rows.len()
    }

    fn value(&self, row: usize, column: usize) -> Value<'_> {
        let FunctionRow { function, totals, depth } = self.rows[row];
        match column {
            0 => depth.into(),
            1 => totals.live_count.into(),
            2 => totals.count.into(),
            3 => totals.live_size.into(),
            4 => totals.size.into(),
            _ => function_value(&self.heap.graph, function, column - 5),
        }
    }

    fn level(&self, row: usize) -> usize {
        self.rows[row].depth as usize
    }
}

/// The value of a function for a column of [`STACK_COLUMNS`].
fn function_value(graph: &HeapGraph, function: u32, column: usize) -> Value<'_> {
    let at = trace_function(graph, function);
    match column {
        0 => Value::text(function_name(graph, function)),
        1 => Value::option(at, |f| Value::text(graph.strings.get(f.script_name))),
        2 => Value::option(at, |f| f.line.into()),
        _ => Value::option(at, |f| f.column.into()),
    }
}

/// The answer of `allocations`: functions, and below each those that called it.
pub fn allocations<'a>(heap: impl HeapRef + 'a, rows: Vec<FunctionRow>) -> Answer<'a> {
    Answer::new("allocations").rows(Functions { heap, rows })
}

/// The functions of a stack, the innermost first.
pub(super) struct Stack<H> {
    pub(super) heap: H,
    pub(super) functions: Vec<u32>,
}

impl<H: HeapRef> Rows for Stack<H> {
    fn columns(&self) -> &[Column] {
        &STACK_COLUMNS
    }

    fn len(&self) -> usize {
        self.functions.len()
    }

    fn value(&self, row: usize, column: usize) -> Value<'_> {
        function_value(&self.heap.graph, self.functions[row], column)
    }
}

struct Samples(Timeline);

impl Rows for Samples {
    fn columns(&self) -> &[Column] {
        &SAMPLE_COLUMNS
    }

    fn len(&self) -> usize {
        self.0.samples.len()
    }

    fn value(&self, row: usize, column: usize) -> Value<'_> {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an id, if the file is sound")]
        match column {
            0 => Value::Float(self.0.timestamp_ms(row)),
            1 => (self.0.samples[row].last_assigned_id as u64).into(),
            _ => self.0.sizes[row].into(),
        }
    }
}

/// The answer of `allocations --samples`.
pub fn samples<'a>(timeline: Timeline) -> Answer<'a> {
    Answer::new("allocations").rows(Samples(timeline))
}
