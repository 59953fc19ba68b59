//! The functions that stacks consist of: each place in the source once, each text once.

use super::pool::{Pool, Table, TextPool};
use crate::text::Text;

/// Position of a frame in [`Frames`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FrameIndex(pub u32);

/// Position of a function: frames that differ in their URL alone are one function, as in DevTools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FunctionIndex(pub u32);

/// What a profile says of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// As the file has it: empty for functions without a name.
    pub name: Text<'a>,
    /// URL or path of the script; empty for native functions.
    pub url: Text<'a>,
    /// The engine's number of the script; `0` or empty where there is none.
    pub script: Text<'a>,
    /// Counted from 0; −1 for none.
    pub line: i32,
    /// Counted from 0; −1 for none.
    pub column: i32,
}

/// A frame's texts by their positions in the pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Row {
    name: u32,
    url: u32,
    script: u32,
    line: i32,
    column: i32,
}

/// What people read for a function without a name.
pub const ANONYMOUS: &str = "(anonymous)";

impl<'a> Frame<'a> {
    /// The name for people.
    pub fn shown_name(&self) -> Text<'a> {
        if self.name.is_empty() { Text::from(ANONYMOUS) } else { self.name }
    }

    /// The line for people, counted from 1.
    pub fn shown_line(&self) -> Option<u32> {
        from_one(self.line)
    }

    /// The column for people, counted from 1.
    pub fn shown_column(&self) -> Option<u32> {
        from_one(self.column)
    }

    /// The place for people: `file:///app/a.js:12:5`, or nothing.
    pub fn place(&self) -> String {
        match (self.url.is_empty(), self.shown_line(), self.shown_column()) {
            (true, ..) => String::new(),
            (false, None, _) => self.url.to_string(),
            (false, Some(line), None) => format!("{}:{line}", self.url),
            (false, Some(line), Some(column)) => format!("{}:{line}:{column}", self.url),
        }
    }

    /// The last part of the URL and the line, at most 30 characters, as DevTools shows them beside a function.
    pub fn short_place(&self) -> String {
        let file = last_part(self.url).lossy();
        let Some(line) = self.shown_line().filter(|_| !file.is_empty()) else { return file.into_owned() };
        let line = format!(":{line}");
        format!("{}{line}", crate::visible::shortened(&file, 30usize.saturating_sub(line.len())))
    }
}

fn from_one(number: i32) -> Option<u32> {
    u32::try_from(number).ok().map(|n| n + 1)
}

/// The last part of a URL or path.
pub fn last_part(url: Text<'_>) -> Text<'_> {
    let bytes = url.as_bytes();
    let bytes = bytes.split(|&b| matches!(b, b'?' | b'#')).next().unwrap_or_default();
    let from = bytes.iter().rposition(|b| matches!(b, b'/' | b'\\')).map_or(0, |at| at + 1);
    Text(&bytes[from..])
}

/// All frames of a profile.
#[derive(Debug, Default)]
pub struct Frames {
    texts: Pool,
    rows: Vec<Row>,
    /// For each frame.
    functions: Vec<FunctionIndex>,
    /// For each function the frame that was met first.
    first_frames: Vec<FrameIndex>,
}

impl Frames {
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The frame at `at`.
    pub fn get(&self, at: FrameIndex) -> Frame<'_> {
        let row = self.rows[at.0 as usize];
        let text = |i| self.texts.get(i);
        Frame { name: text(row.name), url: text(row.url), script: text(row.script), line: row.line, column: row.column }
    }

    /// The function of a frame.
    pub fn function(&self, at: FrameIndex) -> FunctionIndex {
        self.functions[at.0 as usize]
    }

    /// How many functions there are.
    pub fn function_count(&self) -> usize {
        self.first_frames.len()
    }

    /// The frame that stands for a function: the first one in the file.
    pub fn frame_of_function(&self, function: FunctionIndex) -> FrameIndex {
        self.first_frames[function.0 as usize]
    }

    /// All frames in order.
    pub fn indices(&self) -> impl Iterator<Item = FrameIndex> + use<> {
        #[allow(clippy::cast_possible_truncation, reason = "frames are counted in 32 bits")]
        let len = self.rows.len() as u32;
        (0..len).map(FrameIndex)
    }

    /// Bytes of memory held.
    pub fn bytes(&self) -> usize {
        self.texts.bytes() + self.rows.capacity() * size_of::<Row>() + self.functions.capacity() * 8
    }
}

/// Collects the frames of a profile that is being read.
#[derive(Debug, Default)]
pub struct FramesBuilder {
    texts: TextPool,
    rows: Vec<Row>,
    by_row: Table,
}

/// Position of a text in a [`FramesBuilder`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextIndex(u32);

impl FramesBuilder {
    /// The text, kept once. `None` when there are more than can be counted.
    #[inline]
    pub fn text(&mut self, text: Text<'_>) -> Option<TextIndex> {
        self.texts.intern(text.as_bytes()).map(TextIndex)
    }

    /// The frame of these texts and this place, kept once.
    #[inline]
    pub fn frame(
        &mut self,
        name: TextIndex,
        url: TextIndex,
        script: TextIndex,
        line: i32,
        column: i32,
    ) -> Option<FrameIndex> {
        let row = Row { name: name.0, url: url.0, script: script.0, line, column };
        let hash = self.by_row.hash_words(&[
            u64::from(row.name) << 32 | u64::from(row.url),
            u64::from(row.script) << 32 | u64::from(row.line.cast_unsigned()),
            u64::from(row.column.cast_unsigned()),
        ]);
        let rows = &mut self.rows;
        if let Some(found) = self.by_row.find(hash, |i| rows[i as usize] == row) {
            return Some(FrameIndex(found));
        }
        let index = u32::try_from(rows.len()).ok().filter(|&i| i < u32::MAX)?;
        rows.push(row);
        self.by_row.insert(hash, index);
        Some(FrameIndex(index))
    }

    /// The frame, its texts given as they are.
    pub fn add(&mut self, frame: Frame<'_>) -> Option<FrameIndex> {
        let name = self.text(frame.name)?;
        let url = self.text(frame.url)?;
        let script = self.text(frame.script)?;
        self.frame(name, url, script, frame.line, frame.column)
    }

    /// How many frames there are so far.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none yet.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The frame at `at`.
    pub fn get(&self, at: FrameIndex) -> Frame<'_> {
        let row = self.rows[at.0 as usize];
        let text = |i| self.texts.get(i);
        Frame { name: text(row.name), url: text(row.url), script: text(row.script), line: row.line, column: row.column }
    }

    /// The frames, with those that are one function found out.
    pub fn finish(self) -> Frames {
        let mut by_function = Table::default();
        let mut functions = Vec::with_capacity(self.rows.len());
        let mut first_frames: Vec<FrameIndex> = Vec::new();
        let mut rows = self.rows;
        rows.shrink_to_fit();
        for (row, at) in rows.iter().zip(0u32..) {
            let hash = by_function.hash_words(&[
                u64::from(row.name) << 32 | u64::from(row.script),
                u64::from(row.line.cast_unsigned()) << 32 | u64::from(row.column.cast_unsigned()),
            ]);
            let same = |f: u32| {
                let other = &rows[first_frames[f as usize].0 as usize];
                (other.name, other.script, other.line, other.column) == (row.name, row.script, row.line, row.column)
            };
            let function = by_function.find(hash, same).unwrap_or_else(|| {
                #[allow(clippy::cast_possible_truncation, reason = "no more than frames")]
                let new = first_frames.len() as u32;
                first_frames.push(FrameIndex(at));
                by_function.insert(hash, new);
                new
            });
            functions.push(FunctionIndex(function));
        }
        Frames { texts: self.texts.finish(), rows, functions, first_frames }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame<'a>(name: &'a str, url: &'a str, script: &'a str, line: i32) -> Frame<'a> {
        Frame { name: name.into(), url: url.into(), script: script.into(), line, column: 0 }
    }

    #[test]
    fn frames_are_kept_once_and_functions_do_not_care_for_urls() {
        let mut builder = FramesBuilder::default();
        let a = builder.add(frame("f", "/a.js", "1", 3)).unwrap();
        let b = builder.add(frame("f", "/b.js", "1", 3)).unwrap();
        let c = builder.add(frame("f", "/a.js", "1", 4)).unwrap();
        assert_eq!(builder.add(frame("f", "/a.js", "1", 3)), Some(a));
        let frames = builder.finish();
        assert_eq!(frames.len(), 3);
        assert_eq!(frames.function(a), frames.function(b));
        assert_ne!(frames.function(a), frames.function(c));
        assert_eq!(frames.function_count(), 2);
        assert_eq!(frames.get(b).place(), "/b.js:4:1");
    }

    #[test]
    fn places_are_short_and_for_people() {
        assert_eq!(frame("f", "file:///app/lib/server.js?x=/y", "1", 41).short_place(), "server.js:42");
        let long = frame("f", "/a-very-long-name-of-a-file-that-is-cut.js", "1", 41).short_place();
        assert_eq!(long.chars().count(), 30);
        assert!(long.ends_with("cut.js:42"), "{long}");
        assert_eq!(frame("join", "", "0", -1).place(), "");
    }
}
