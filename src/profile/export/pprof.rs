//! pprof's `Profile` message, packed with gzip as its tools expect it: <https://github.com/google/pprof>.

use super::super::stacks::{Stacks, ValueKind};
use super::super::tree::{Profile, StackIndex};
use super::whole;
use flate2::Compression;
use flate2::write::GzEncoder;
use rustc_hash::FxHashMap;
use std::io::{self, Write};

/// Writes some kinds of values of the same stacks, the last one first shown. All trees are of one file and unchanged, or
/// there is only one.
pub fn write_pprof(profiles: &[Profile], stacks: Option<&Stacks>, out: &mut dyn Write) -> io::Result<()> {
    let mut out = GzEncoder::new(out, Compression::default());
    let mut strings = Strings::default();
    strings.number("");
    let mut kinds: Vec<&Profile> = profiles.iter().collect();
    // As Go writes them: allocated before live, objects before bytes.
    kinds.sort_by_key(|p| match p.kind {
        ValueKind::AllocatedObjects => 0,
        ValueKind::AllocatedBytes => 1,
        ValueKind::LiveObjects => 2,
        ValueKind::LiveBytes => 3,
    });
    for profile in &kinds {
        let unit = if profile.kind.is_bytes() { "bytes" } else { "count" };
        let value_type =
            Message::default().number(1, strings.number(profile.kind.key())).number(2, strings.number(unit));
        value_type.write_as(1, &mut out)?;
    }
    write_samples(&kinds, &mut out)?;
    if let Some(first) = kinds.first() {
        for at in first.frames.indices() {
            let (frame, id) = (first.frames.get(at), u64::from(at.0) + 1);
            let line = u64::from(frame.shown_line().unwrap_or(0));
            let column = u64::from(frame.shown_column().unwrap_or(0));
            let place = Message::default().number(1, id).number(2, line).number(3, column);
            Message::default().number(1, id).bytes(4, &place.0).write_as(4, &mut out)?;
            let (name, url) = (strings.number(&frame.shown_name().lossy()), strings.number(&frame.url.lossy()));
            let function = Message::default().number(1, id).number(2, name).number(3, name).number(4, url);
            function.number(5, line).write_as(5, &mut out)?;
        }
    }
    let interval = stacks.and_then(|s| s.interval).map(|i| whole(i.bytes)).filter(|&bytes| bytes > 0);
    let space = Message::default().number(1, strings.number("space")).number(2, strings.number("bytes"));
    let shown_first = kinds.last().map(|p| strings.number(p.kind.key()));
    for text in &strings.texts {
        let mut field = Message::default();
        field.length_and(6, text.as_bytes());
        out.write_all(&field.0)?;
    }
    if let Some(interval) = interval {
        space.write_as(11, &mut out)?;
        out.write_all(&Message::default().number(12, interval.unsigned_abs()).0)?;
    }
    if let Some(kind) = shown_first {
        out.write_all(&Message::default().number(14, kind).0)?;
    }
    out.finish()?;
    Ok(())
}

/// A sample for each stack that has any value.
fn write_samples(kinds: &[&Profile], out: &mut dyn Write) -> io::Result<()> {
    let Some(first) = kinds.first() else { return Ok(()) };
    // Trees of different values have different nodes: those without a value are missing. Stacks are found by their
    // functions.
    let mut by_stack: FxHashMap<Vec<u32>, Vec<i64>> = FxHashMap::default();
    let write = |locations: &[u32], values: &[i64], out: &mut dyn Write| {
        let mut ids = Message::default();
        for location in locations {
            ids.varint(u64::from(*location) + 1);
        }
        let mut numbers = Message::default();
        for value in values {
            numbers.varint(value.cast_unsigned());
        }
        Message::default().bytes(1, &ids.0).bytes(2, &numbers.0).write_as(2, out)
    };
    let locations = |profile: &Profile, n: StackIndex| -> Vec<u32> {
        profile.stack(n).map(|at| profile.frame_index(at).0).collect()
    };
    if kinds.len() == 1 {
        for (n, value) in super::stacks(first) {
            write(&locations(first, n), &[value], out)?;
        }
        return Ok(());
    }
    let mut order: Vec<Vec<u32>> = Vec::new();
    for (column, profile) in kinds.iter().enumerate() {
        for (n, value) in super::stacks(profile) {
            let stack = locations(profile, n);
            let values = by_stack.entry(stack).or_insert_with_key(|stack| {
                order.push(stack.clone());
                vec![0; kinds.len()]
            });
            values[column] = values[column].saturating_add(value);
        }
    }
    for stack in order {
        write(&stack, &by_stack[&stack], out)?;
    }
    Ok(())
}

/// The string table.
#[derive(Debug, Default)]
struct Strings {
    texts: Vec<String>,
    numbers: FxHashMap<String, u64>,
}

impl Strings {
    fn number(&mut self, text: &str) -> u64 {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let number = self.texts.len() as u64;
        self.texts.push(text.to_owned());
        self.numbers.insert(text.to_owned(), number);
        number
    }
}

/// The bytes of a message.
#[derive(Debug, Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            #[allow(clippy::cast_possible_truncation, reason = "seven bits")]
            self.0.push(value as u8 & 0x7F | 0x80);
            value >>= 7;
        }
        #[allow(clippy::cast_possible_truncation, reason = "seven bits")]
        self.0.push(value as u8);
    }

    /// A field with a number; one that is 0 is left out.
    fn number(mut self, field: u64, value: u64) -> Self {
        if value != 0 {
            self.varint(field << 3);
            self.varint(value);
        }
        self
    }

    fn length_and(&mut self, field: u64, bytes: &[u8]) {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn bytes(mut self, field: u64, bytes: &[u8]) -> Self {
        self.length_and(field, bytes);
        self
    }

    /// Writes this as a field of the message around it.
    fn write_as(self, field: u64, out: &mut dyn Write) -> io::Result<()> {
        let mut around = Self::default();
        around.length_and(field, &self.0);
        out.write_all(&around.0)
    }
}
