//! pprof's `Profile` message; live and allocated bytes and objects are taken from it.
//!
//! Fields come in any order, so texts, functions and locations are collected first and stacks built after that.

use super::collapsed::root;
use super::too_many;
use super::wire::{Broken, Fields, Value, numbers};
use crate::profile::{Format, Frame, FrameIndex, FramesBuilder, Interval, Stacks, TreeBuilder, ValueKind, Values};
use crate::reader::error::{ReadError, Warning};
use crate::reader::input::Input;
use crate::text::Text;
use crate::visible::one_line;
use std::collections::HashMap;
use std::sync::Arc;

const SECTION: &str = "pprof";

/// Everything but the stacks.
#[derive(Debug, Default)]
struct Collected<'b> {
    strings: Vec<&'b [u8]>,
    /// Type and unit.
    sample_types: Vec<(u64, u64)>,
    samples: Vec<&'b [u8]>,
    functions: HashMap<u64, Function>,
    locations: HashMap<u64, Location>,
    period_type: (u64, u64),
    period: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Function {
    id: u64,
    name: u64,
    system_name: u64,
    file: u64,
    start_line: u64,
    /// The lowest line of its locations.
    first_line: u64,
}

#[derive(Debug, Clone, Default)]
struct Location {
    id: u64,
    address: u64,
    /// The innermost first, where functions were inlined.
    lines: Vec<Line>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Line {
    function: u64,
    line: u64,
    column: u64,
}

pub(super) fn read(input: &Input<'_>, warnings: &mut Vec<Warning>) -> Result<Stacks, ReadError> {
    let mut collected = collect(input)?;
    #[allow(clippy::iter_over_hash_type, reason = "the lowest line is the same in any order")]
    for location in collected.locations.values() {
        for line in &location.lines {
            if let Some(function) = collected.functions.get_mut(&line.function) {
                let lowest = if function.first_line == 0 { u64::MAX } else { function.first_line };
                function.first_line = lowest.min(line.line);
            }
        }
    }
    let columns = collected.columns()?;
    let mut frames = FramesBuilder::default();
    let root = frames.add(root()).ok_or_else(|| too_many("functions"))?;
    let mut tree = TreeBuilder::new(root, columns.len());
    let mut frames_of_location: HashMap<u64, Vec<FrameIndex>> = HashMap::new();
    let (mut stack, mut values) = (Vec::new(), Vec::new());
    let mut unknown = 0u64;
    for (i, sample) in collected.samples.iter().enumerate() {
        if i % 1024 == 0 {
            input.stage.check()?;
        }
        stack.clear();
        values.clear();
        let broken = |broken| broken_at(input.text, sample, broken);
        let mut fields = Fields::new(sample);
        while let Some((number, value)) = fields.next().map_err(broken)? {
            match number {
                1 => numbers(value, |id| stack.push(id)).map_err(broken)?,
                2 => numbers(value, |n| values.push(n.cast_signed())).map_err(broken)?,
                _ => {}
            }
        }
        if columns.iter().all(|c| values.get(c.at).is_none_or(|&v| v == 0)) {
            continue;
        }
        let mut node = 0;
        for id in stack.iter().rev() {
            if !frames_of_location.contains_key(id) {
                unknown += u64::from(!collected.locations.contains_key(id));
                let of_location = collected.frames_of(*id, &mut frames)?;
                frames_of_location.insert(*id, of_location);
            }
            for &frame in frames_of_location[id].iter().rev() {
                node = tree.child(node, frame.0, frame).ok_or_else(|| too_many("nodes"))?;
            }
        }
        for (column, c) in columns.iter().enumerate() {
            if let Some(&value) = values.get(c.at) {
                if value < 0 {
                    let problem =
                        format!("a sample has {value} {}, and there is less than nothing of no thing", c.kind.key());
                    return Err(ReadError::inconsistent(SECTION, problem));
                }
                #[allow(clippy::cast_precision_loss, reason = "sizes are doubles here")]
                tree.add(node, column, value as f64 * c.scale);
            }
        }
    }
    if unknown > 0 {
        let what = "places in stacks that the file does not describe; they are shown by their number";
        warnings.push(Warning::new(SECTION, format!("there are {unknown} {what}")));
    }
    let nodes = tree.finish(None);
    let values = columns.iter().zip(nodes.values).map(|(c, by_node)| Values { kind: c.kind, by_node }).collect();
    let is_space =
        collected.text(collected.period_type.0) == "space" && collected.text(collected.period_type.1) == "bytes";
    #[allow(clippy::cast_precision_loss, reason = "an average")]
    let interval =
        (is_space && collected.period > 0).then_some(Interval { bytes: collected.period as f64, is_guess: false });
    Ok(Stacks {
        format: Format::Pprof,
        frames: Arc::new(frames.finish()),
        parents: nodes.parents,
        frame_of: nodes.frame_of,
        values,
        ids: Vec::new(),
        samples: Vec::new(),
        interval,
    })
}

/// A kind of values: the position in each sample, and what to multiply by.
#[derive(Debug, Clone, Copy)]
struct Column {
    kind: ValueKind,
    at: usize,
    scale: f64,
}

fn collect<'b>(input: &Input<'b>) -> Result<Collected<'b>, ReadError> {
    let text = input.text;
    let mut collected = Collected::default();
    let mut fields = Fields::new(text);
    let broken = |broken| broken_at(text, text, broken);
    let mut count = 0u64;
    while let Some((number, value)) = fields.next().map_err(broken)? {
        count += 1;
        if count.is_multiple_of(4096) {
            input.reached(fields.at)?;
        }
        match (number, value) {
            (1, Value::Bytes(bytes)) => collected.sample_types.push(value_type(text, bytes)?),
            (2, Value::Bytes(bytes)) => collected.samples.push(bytes),
            (4, Value::Bytes(bytes)) => {
                let location = location(text, bytes)?;
                collected.locations.insert(location.id, location);
            }
            (5, Value::Bytes(bytes)) => {
                let function = function(text, bytes)?;
                collected.functions.insert(function.id, function);
            }
            (6, Value::Bytes(bytes)) => collected.strings.push(bytes),
            (11, Value::Bytes(bytes)) => collected.period_type = value_type(text, bytes)?,
            (12, Value::Number(period)) => collected.period = period,
            _ => {}
        }
    }
    Ok(collected)
}

/// An error within `part` of the text.
fn broken_at(text: &[u8], part: &[u8], broken: Broken) -> ReadError {
    let at = part.as_ptr() as usize - text.as_ptr() as usize + broken.at;
    ReadError::Malformed {
        section: SECTION,
        offset: at as u64,
        expected: broken.expected.into(),
        found: text.get(at).map_or("the end of the file".into(), |byte| format!("the byte 0x{byte:02X}")),
        hint: "; copy the file again".into(),
    }
}

fn value_type(text: &[u8], bytes: &[u8]) -> Result<(u64, u64), ReadError> {
    let (mut kind, mut unit) = (0, 0);
    let mut fields = Fields::new(bytes);
    while let Some((number, value)) = fields.next().map_err(|b| broken_at(text, bytes, b))? {
        match (number, value) {
            (1, Value::Number(n)) => kind = n,
            (2, Value::Number(n)) => unit = n,
            _ => {}
        }
    }
    Ok((kind, unit))
}

fn function(text: &[u8], bytes: &[u8]) -> Result<Function, ReadError> {
    let mut function = Function::default();
    let mut fields = Fields::new(bytes);
    while let Some((number, value)) = fields.next().map_err(|b| broken_at(text, bytes, b))? {
        let Value::Number(n) = value else { continue };
        match number {
            1 => function.id = n,
            2 => function.name = n,
            3 => function.system_name = n,
            4 => function.file = n,
            5 => function.start_line = n,
            _ => {}
        }
    }
    Ok(function)
}

fn location(text: &[u8], bytes: &[u8]) -> Result<Location, ReadError> {
    let mut location = Location::default();
    let mut fields = Fields::new(bytes);
    while let Some((number, value)) = fields.next().map_err(|b| broken_at(text, bytes, b))? {
        match (number, value) {
            (1, Value::Number(n)) => location.id = n,
            (3, Value::Number(n)) => location.address = n,
            (4, Value::Bytes(part)) => {
                let mut line = Line::default();
                let mut fields = Fields::new(part);
                while let Some((number, value)) = fields.next().map_err(|b| broken_at(text, part, b))? {
                    let Value::Number(n) = value else { continue };
                    match number {
                        1 => line.function = n,
                        2 => line.line = n,
                        3 => line.column = n,
                        _ => {}
                    }
                }
                location.lines.push(line);
            }
            _ => {}
        }
    }
    Ok(location)
}

impl<'b> Collected<'b> {
    fn text(&self, at: u64) -> Text<'b> {
        Text(usize::try_from(at).ok().and_then(|at| self.strings.get(at)).copied().unwrap_or_default())
    }

    /// The kinds of values that are about memory.
    fn columns(&self) -> Result<Vec<Column>, ReadError> {
        let mut columns: Vec<Column> = Vec::new();
        for (at, &(kind, unit)) in self.sample_types.iter().enumerate() {
            let kind = match &*self.text(kind).lossy() {
                "inuse_space" | "space" => ValueKind::LiveBytes,
                "inuse_objects" | "objects" => ValueKind::LiveObjects,
                "alloc_space" => ValueKind::AllocatedBytes,
                "alloc_objects" => ValueKind::AllocatedObjects,
                _ => continue,
            };
            let scale = match &*self.text(unit).lossy() {
                "bytes" | "byte" | "B" | "count" => 1.0,
                "kilobytes" | "kilobyte" | "kB" | "KB" => 1024.0,
                "megabytes" | "megabyte" | "MB" => 1024.0 * 1024.0,
                _ => continue,
            };
            if columns.iter().all(|c| c.kind != kind) {
                columns.push(Column { kind, at, scale });
            }
        }
        // What is shown first stands first.
        columns.sort_by_key(|c| ValueKind::ALL.iter().position(|k| *k == c.kind));
        if !columns.is_empty() {
            return Ok(columns);
        }
        let types: Vec<String> = self.sample_types.iter().map(|(kind, _)| self.text(*kind).to_string()).collect();
        let is_cpu = types.iter().any(|t| matches!(t.as_str(), "cpu" | "samples" | "wall"));
        let (looks_like, advice) = if is_cpu {
            ("a CPU profile (pprof)".to_owned(), "open it with `go tool pprof` or speedscope")
        } else {
            let types = types.iter().map(|t| format!("`{}`", one_line(t))).collect::<Vec<_>>().join(", ");
            let of = if types.is_empty() { "nothing".to_owned() } else { types };
            (format!("a profile of {of} (pprof)"), "choose one of inuse_space or alloc_space")
        };
        Err(ReadError::NotAProfile { looks_like, advice: advice.to_owned() })
    }

    /// The functions at a location, the innermost first.
    fn frames_of(&self, id: u64, frames: &mut FramesBuilder) -> Result<Vec<FrameIndex>, ReadError> {
        let location = self.locations.get(&id);
        let lines = location.map(|l| &l.lines[..]).unwrap_or_default();
        if lines.is_empty() {
            let name = match location {
                Some(Location { address: 1.., .. }) => format!("0x{:x}", location.map_or(0, |l| l.address)),
                _ => format!("(location {id})"),
            };
            let frame = Frame { name: Text::from(&*name), url: "".into(), script: "".into(), line: -1, column: -1 };
            return Ok(vec![frames.add(frame).ok_or_else(|| too_many("functions"))?]);
        }
        let frame = |line: &Line| {
            let function = self.functions.get(&line.function).copied().unwrap_or_default();
            let name = Some(self.text(function.name)).filter(|n| !n.is_empty());
            let name = repaired(name.unwrap_or_else(|| self.text(function.system_name)));
            let url = repaired(self.text(function.file));
            // JavaScript's profilers say where a function begins. Others say which of its lines was executed: they are
            // one function all the same.
            let (line, column) = match (function.start_line, line.column) {
                (0, 0) => (function.first_line, 0),
                (0, column) => (line.line, column),
                (start, column) if start == line.line => (start, column),
                (start, _) => (start, 0),
            };
            let from_zero = |n: u64| i32::try_from(n).map_or(-1, |n| n - 1);
            let name = if name == crate::profile::ANONYMOUS { String::new() } else { name };
            // Functions have no script's number, so the file tells them apart.
            let (name, url) = (Text::from(&*name), Text::from(&*url));
            let frame = Frame { name, url, script: url, line: from_zero(line), column: from_zero(column) };
            frames.add(frame).ok_or_else(|| too_many("functions"))
        };
        lines.iter().map(frame).collect()
    }
}

/// Text that is UTF-8, with replacement characters for what is not.
fn repaired(text: Text<'_>) -> String {
    String::from_utf8_lossy(text.as_bytes()).into_owned()
}
