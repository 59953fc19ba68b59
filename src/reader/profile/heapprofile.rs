//! V8's `.heapprofile`: `{"head": NODE, "samples": [SAMPLE, …]}`, where a node has its children in it.
//!
//! Engines write the keys of a node in one order and without white space, and that way is quick; any other order and
//! spacing is read key by key.

use super::too_many;
use crate::profile::{
    Format, Frame, FrameIndex, FramesBuilder, Interval, Sample, Stacks, TextIndex, ValueKind, Values,
};
use crate::reader::error::{ReadError, Warning, describe};
use crate::reader::input::Input;
use crate::reader::json::{Cursor, HOLE, decode_key};
use crate::reader::source::Trouble;
use crate::text::Text;
use std::borrow::Cow;
use std::sync::Arc;

const HEAD: &str = "head";
const SAMPLES: &str = "samples";

/// Stands for a node's function until it was read.
const NO_FRAME: FrameIndex = FrameIndex(u32::MAX);

/// Stands for the number of a node that has none, or none that samples could have.
const NO_ID: u32 = u32::MAX;

/// How much is read between two looks at the cancel token.
const POLLED_AFTER: usize = 256 << 10;

pub(super) fn read(input: &Input<'_>, warnings: &mut Vec<Warning>) -> Result<Stacks, ReadError> {
    let mut reader = Reader {
        input,
        cursor: Cursor { watch: Some(input.stage), ..Cursor::new(input.text, "file") },
        polled: 0,
        frames: FramesBuilder::default(),
        parents: Vec::new(),
        frame_of: Vec::new(),
        own: Vec::new(),
        ids: Vec::new(),
        old: Vec::new(),
        samples: Vec::new(),
    };
    let read = reader.document(warnings);
    let nodes = reader.parents.len();
    read.map_err(|error| explain(error, input, nodes))?;
    Ok(reader.finish())
}

/// Adds to an error that stands where the text ends what that means and what to do.
fn explain(error: ReadError, input: &Input<'_>, nodes: usize) -> ReadError {
    let ReadError::Malformed { section, offset, expected, found, .. } = error else { return error };
    let rest = usize::try_from(offset).ok().and_then(|at| input.text.get(at..)).unwrap_or_default();
    let zeros = rest.iter().position(|&b| b != 0).unwrap_or(rest.len());
    let why = match &input.trouble {
        Some(Trouble::BreaksOff(why)) if zeros == rest.len() => why.as_str(),
        _ if rest.is_empty() => "the file is cut short",
        _ if zeros == rest.len() || zeros >= HOLE => "a part of the file was lost when it was written or copied",
        _ => return ReadError::Malformed { section, offset, expected, found, hint: String::new() },
    };
    let hint = format!(
        "; {why}; before that {nodes} nodes could be read; copy the file again, or record the profile again and wait \
         until it is written"
    );
    ReadError::Malformed { section, offset, expected, found, hint }
}

struct Reader<'i, 't> {
    input: &'i Input<'t>,
    cursor: Cursor<'t>,
    /// Where the cancel token was looked at last.
    polled: usize,
    frames: FramesBuilder,
    parents: Vec<u32>,
    frame_of: Vec<FrameIndex>,
    /// NaN until it was read.
    own: Vec<f64>,
    ids: Vec<u32>,
    /// Functions of open nodes that have no `callFrame` but the fields of one, with the node; the innermost last.
    old: Vec<(u32, CallFrame<'t>)>,
    samples: Vec<Sample>,
}

/// What is in `callFrame`, or in the node itself in the oldest files.
#[derive(Debug, Clone, Default)]
struct CallFrame<'t> {
    name: Option<Cow<'t, [u8]>>,
    script: Option<Cow<'t, [u8]>>,
    url: Option<Cow<'t, [u8]>>,
    line: Option<f64>,
    column: Option<f64>,
}

impl<'t> Reader<'_, 't> {
    /// The object around everything.
    fn document(&mut self, warnings: &mut Vec<Warning>) -> Result<(), ReadError> {
        self.cursor.skip_byte_order_mark();
        self.cursor.expect(b'{')?;
        let mut has_head = false;
        if !self.cursor.eat(b'}') {
            loop {
                self.cursor.section = "file";
                let key = self.key()?;
                match &*key {
                    b"head" if has_head => {
                        return Err(ReadError::inconsistent(HEAD, "the file has this key twice"));
                    }
                    b"head" => {
                        has_head = true;
                        self.cursor.section = HEAD;
                        self.tree()?;
                    }
                    b"samples" => {
                        self.cursor.section = SAMPLES;
                        if let Err(error) = self.samples(warnings) {
                            if !has_head || matches!(error, ReadError::Cancelled(_)) {
                                return Err(error);
                            }
                            // The tree is whole, and sizes stand there.
                            self.samples.clear();
                            warnings.push(Warning::incomplete(SAMPLES, format!("they were left out: {error}")));
                            return Ok(());
                        }
                    }
                    _ => self.cursor.skip_value()?,
                }
                if self.cursor.eat(b'}') {
                    break;
                }
                self.cursor.section = "file";
                self.cursor.expect(b',')?;
            }
        }
        if !has_head {
            return Err(ReadError::inconsistent(
                "file",
                "a profile has its tree under the key `head`, and this has none",
            ));
        }
        self.cursor.skip_white_space();
        let rest = self.cursor.text.len() - self.cursor.at;
        if rest > 0 {
            warnings.push(Warning::new("file", format!("{rest} bytes after its end were ignored")));
        }
        Ok(())
    }

    /// A key and its colon.
    fn key(&mut self) -> Result<Cow<'t, [u8]>, ReadError> {
        let literal = self.cursor.literal("a key")?;
        self.cursor.expect(b':')?;
        Ok(self.decoded(literal.start, literal.end)?.0)
    }

    /// All nodes. Their nesting is followed by their parents' numbers, not by recursion.
    fn tree(&mut self) -> Result<(), ReadError> {
        self.cursor.expect(b'{')?;
        let mut node = self.open(0)?;
        loop {
            // Within a node, before a key or its end.
            let is_in_children = self.quick_fields(node)? || self.fields(node)?;
            if is_in_children && !self.cursor.eat(b']') {
                self.cursor.expect(b'{')?;
                node = self.open(node)?;
                continue;
            }
            let mut is_closed = !is_in_children;
            // After a node or after its children.
            loop {
                if !is_closed {
                    if self.cursor.eat(b',') {
                        // More fields after the children.
                        break;
                    }
                    self.cursor.expect(b'}')?;
                }
                self.close(node)?;
                if node == 0 {
                    return Ok(());
                }
                node = self.parents[node as usize];
                if self.cursor.eat(b',') {
                    self.cursor.expect(b'{')?;
                    node = self.open(node)?;
                    break;
                }
                self.cursor.expect(b']')?;
                is_closed = false;
            }
        }
    }

    fn open(&mut self, parent: u32) -> Result<u32, ReadError> {
        let at = self.cursor.at;
        if at - self.polled >= POLLED_AFTER {
            self.input.reached(at)?;
            self.input.finished(self.polled, at);
            self.polled = at;
        }
        let node = u32::try_from(self.parents.len()).ok().filter(|&n| n < u32::MAX).ok_or_else(|| too_many("nodes"))?;
        self.parents.push(parent);
        self.frame_of.push(NO_FRAME);
        self.own.push(f64::NAN);
        self.ids.push(NO_ID);
        Ok(node)
    }

    /// A node has ended: it must have had a size and a function.
    fn close(&mut self, node: u32) -> Result<(), ReadError> {
        let n = node as usize;
        let old = self.old.pop_if(|(of, _)| *of == node);
        if self.frame_of[n] == NO_FRAME {
            let Some((_, old)) = old else { return Err(self.missing("callFrame")) };
            self.frame_of[n] = self.frame(&old, 1)?;
        }
        if self.own[n].is_nan() {
            return Err(self.missing("selfSize"));
        }
        Ok(())
    }

    fn missing(&self, key: &str) -> ReadError {
        let end = self.cursor.at;
        ReadError::inconsistent(HEAD, format!("the node that ends at byte {end} has no `{key}`"))
    }

    /// The fields of a node as engines write them. Whether its children come next; nothing was read if not.
    #[inline]
    fn quick_fields(&mut self, node: u32) -> Result<bool, ReadError> {
        let start = self.cursor.at;
        let text = self.cursor.text;
        let frames = self.frames.len();
        let Some(frame) = self.quick_frame()? else {
            self.cursor.at = start;
            return Ok(false);
        };
        let mut quick = Quick { text, at: self.cursor.at };
        let fields = (|| {
            quick.eat(b",\"selfSize\":")?;
            let own = quick.number()?;
            let id = if quick.eat(b",\"id\":").is_some() { Some(quick.number()?) } else { None };
            quick.eat(b",\"children\":[")?;
            Some((own, id))
        })();
        let Some((own, id)) = fields else {
            debug_assert!(self.frames.len() >= frames);
            self.cursor.at = start;
            return Ok(false);
        };
        self.cursor.at = quick.at;
        let n = node as usize;
        self.frame_of[n] = frame;
        #[allow(clippy::cast_precision_loss, reason = "at most 15 digits")]
        let own = own as f64;
        self.own[n] = own;
        self.ids[n] = id.and_then(|id| u32::try_from(id).ok()).unwrap_or(NO_ID);
        Ok(true)
    }

    #[inline]
    fn quick_frame(&mut self) -> Result<Option<FrameIndex>, ReadError> {
        let kernel = self.input.kernel;
        let mut quick = Quick { text: self.cursor.text, at: self.cursor.at };
        let parts = (|| {
            quick.eat(b"\"callFrame\":{\"functionName\":\"")?;
            let name = quick.plain(kernel)?;
            quick.eat(b",\"scriptId\":\"")?;
            let script = quick.plain(kernel)?;
            quick.eat(b",\"url\":\"")?;
            let url = quick.plain(kernel)?;
            quick.eat(b",\"lineNumber\":")?;
            let line = quick.signed()?;
            quick.eat(b",\"columnNumber\":")?;
            let column = quick.signed()?;
            quick.eat(b"}")?;
            Some((name, script, url, line, column))
        })();
        let Some((name, script, url, line, column)) = parts else { return Ok(None) };
        self.cursor.at = quick.at;
        let (name, script, url) = (self.text(name)?, self.text(script)?, self.text(url)?);
        self.add_frame(name, url, script, line, column).map(Some)
    }

    /// The fields of a node one by one, up to its end or up to the beginning of its children. Whether it was the latter.
    fn fields(&mut self, node: u32) -> Result<bool, ReadError> {
        let n = node as usize;
        if self.cursor.eat(b'}') {
            return Ok(false);
        }
        loop {
            let key = self.key()?;
            match &*key {
                b"callFrame" => {
                    let frame = self.call_frame()?;
                    self.frame_of[n] = self.frame(&frame, 0)?;
                }
                b"selfSize" => {
                    let at = self.cursor.at;
                    let own = self.cursor.number()?;
                    if own < 0.0 {
                        return Err(self.cursor.unexpected_at(at, "a size, which is not negative"));
                    }
                    self.own[n] = own;
                }
                b"id" => self.ids[n] = as_id(self.cursor.number()?),
                b"children" => {
                    if self.cursor.eat(b'[') {
                        return Ok(true);
                    }
                    self.no_value("an array of nodes")?;
                }
                b"functionName" | b"scriptId" | b"url" | b"lineNumber" | b"columnNumber" => {
                    if self.old.last().is_none_or(|(of, _)| *of != node) {
                        self.old.push((node, CallFrame::default()));
                    }
                    let mut old = self.old.pop().map(|(_, old)| old).unwrap_or_default();
                    self.frame_field(&key, &mut old)?;
                    self.old.push((node, old));
                }
                _ => self.cursor.skip_value()?,
            }
            if self.cursor.eat(b'}') {
                return Ok(false);
            }
            self.cursor.expect(b',')?;
        }
    }

    fn call_frame(&mut self) -> Result<CallFrame<'t>, ReadError> {
        let mut frame = CallFrame::default();
        self.cursor.expect(b'{')?;
        if self.cursor.eat(b'}') {
            return Ok(frame);
        }
        loop {
            let key = self.key()?;
            self.frame_field(&key, &mut frame)?;
            if self.cursor.eat(b'}') {
                return Ok(frame);
            }
            self.cursor.expect(b',')?;
        }
    }

    fn frame_field(&mut self, key: &[u8], frame: &mut CallFrame<'t>) -> Result<(), ReadError> {
        match key {
            b"functionName" => frame.name = self.string()?,
            b"scriptId" => frame.script = self.string()?,
            b"url" => frame.url = self.string()?,
            b"lineNumber" => frame.line = self.optional_number()?,
            b"columnNumber" => frame.column = self.optional_number()?,
            _ => self.cursor.skip_value()?,
        }
        Ok(())
    }

    /// A text; a number's digits, as scripts had numbers for a while; nothing for `null`.
    fn string(&mut self) -> Result<Option<Cow<'t, [u8]>>, ReadError> {
        match self.cursor.peek() {
            Some(b'"') => {
                let literal = self.cursor.literal("a text")?;
                Ok(Some(self.decoded(literal.start, literal.end)?.0))
            }
            Some(b'n') => self.no_value("a text").map(|()| None),
            _ => {
                let start = self.cursor.at;
                self.cursor.number()?;
                Ok(Some(Cow::Borrowed(&self.cursor.text[start..self.cursor.at])))
            }
        }
    }

    fn optional_number(&mut self) -> Result<Option<f64>, ReadError> {
        match self.cursor.peek() {
            Some(b'n') => self.no_value("a number").map(|()| None),
            _ => self.cursor.number().map(Some),
        }
    }

    /// Passes `null`.
    fn no_value(&mut self, expected: &str) -> Result<(), ReadError> {
        self.cursor.skip_white_space();
        if self.cursor.text[self.cursor.at..].starts_with(b"null") {
            self.cursor.at += 4;
            return Ok(());
        }
        Err(self.cursor.unexpected(expected))
    }

    /// What a literal says, and whether it had to be decoded.
    fn decoded(&self, start: usize, end: usize) -> Result<(Cow<'t, [u8]>, bool), ReadError> {
        let text = self.cursor.text;
        let raw = &text[start..end];
        if raw.iter().all(|b| matches!(b, 0x20..=0x7E) && *b != b'\\') {
            return Ok((Cow::Borrowed(raw), false));
        }
        if let Some(hole) = raw.windows(HOLE).position(|w| w.iter().all(|&b| b == 0)) {
            return Err(ReadError::Malformed {
                section: self.cursor.section,
                offset: (start + hole) as u64,
                expected: "a text".into(),
                found: describe(text, start + hole),
                hint: String::new(),
            });
        }
        Ok((Cow::Owned(decode_key(raw)), true))
    }

    /// The function that was read; lines and columns are counted from `first`.
    fn frame(&mut self, frame: &CallFrame<'_>, first: i32) -> Result<FrameIndex, ReadError> {
        let place = |number: Option<f64>| {
            #[allow(clippy::cast_possible_truncation, reason = "clamped by the conversion")]
            number.map_or(-1, |n| (n as i32).saturating_sub(first).max(-1))
        };
        let text = |part: &Option<Cow<'_, [u8]>>| part.as_deref().unwrap_or_default().to_vec();
        let (name, url, script) = (text(&frame.name), text(&frame.url), text(&frame.script));
        let frame = Frame {
            name: Text(&name),
            url: Text(&url),
            script: Text(&script),
            line: place(frame.line),
            column: place(frame.column),
        };
        self.frames.add(frame).ok_or_else(|| too_many("functions"))
    }

    #[inline]
    fn text(&mut self, text: &[u8]) -> Result<TextIndex, ReadError> {
        self.frames.text(Text(text)).ok_or_else(|| too_many("texts"))
    }

    #[inline]
    fn add_frame(
        &mut self,
        name: TextIndex,
        url: TextIndex,
        script: TextIndex,
        line: i32,
        column: i32,
    ) -> Result<FrameIndex, ReadError> {
        self.frames.frame(name, url, script, line.max(-1), column.max(-1)).ok_or_else(|| too_many("functions"))
    }

    fn samples(&mut self, warnings: &mut Vec<Warning>) -> Result<(), ReadError> {
        if !self.cursor.eat(b'[') {
            return self.no_value("an array of samples");
        }
        let mut odd = 0u64;
        if self.cursor.eat(b']') {
            return Ok(());
        }
        loop {
            let at = self.cursor.at;
            if at - self.polled >= POLLED_AFTER {
                self.input.reached(at)?;
                self.input.finished(self.polled, at);
                self.polled = at;
            }
            match self.sample()? {
                Some(sample) => self.samples.push(sample),
                None => odd += 1,
            }
            if self.cursor.eat(b']') {
                break;
            }
            self.cursor.expect(b',')?;
        }
        if odd > 0 {
            warnings.push(Warning::new(SAMPLES, format!("{odd} of them without size, node or ordinal were left out")));
        }
        Ok(())
    }

    fn sample(&mut self) -> Result<Option<Sample>, ReadError> {
        let (mut size, mut node, mut ordinal) = (None, None, None);
        self.cursor.expect(b'{')?;
        if self.cursor.eat(b'}') {
            return Ok(None);
        }
        loop {
            let key = self.key()?;
            match &*key {
                b"size" => size = self.optional_number()?,
                b"nodeId" => node = self.optional_number()?,
                b"ordinal" => ordinal = self.optional_number()?,
                _ => self.cursor.skip_value()?,
            }
            if self.cursor.eat(b'}') {
                break;
            }
            self.cursor.expect(b',')?;
        }
        Ok(match (size, node, ordinal) {
            (Some(size), Some(node), Some(ordinal)) => Some(Sample { node_id: as_id(node), size, ordinal }),
            _ => None,
        })
    }

    fn finish(mut self) -> Stacks {
        if self.samples.is_empty() {
            self.ids = Vec::new();
        }
        // Numbers that no node has belong to no node.
        self.samples.retain(|s| s.node_id != NO_ID);
        self.parents.shrink_to_fit();
        self.frame_of.shrink_to_fit();
        self.own.shrink_to_fit();
        self.ids.shrink_to_fit();
        self.samples.shrink_to_fit();
        let smallest = self.samples.iter().map(|s| s.size).filter(|s| *s > 0.0).min_by(f64::total_cmp);
        Stacks {
            format: Format::HeapProfile,
            frames: Arc::new(self.frames.finish()),
            parents: self.parents,
            frame_of: self.frame_of,
            values: vec![Values { kind: ValueKind::LiveBytes, by_node: self.own }],
            ids: self.ids,
            samples: self.samples,
            interval: smallest.map(|bytes| Interval { bytes, is_guess: true }),
        }
    }
}

/// The number of a node, if it is one that can be.
fn as_id(number: f64) -> u32 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked")]
    if number.fract() == 0.0 && (0.0..f64::from(NO_ID)).contains(&number) { number as u32 } else { NO_ID }
}

/// A place in text that is as engines write it; everything says `None` where it is not.
struct Quick<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Quick<'t> {
    #[inline(always)]
    fn eat(&mut self, expected: &[u8]) -> Option<()> {
        let is_next = self.text.get(self.at..self.at + expected.len())? == expected;
        self.at += if is_next { expected.len() } else { 0 };
        is_next.then_some(())
    }

    /// The rest of a literal without anything special in it, and its quote.
    #[inline(always)]
    fn plain(&mut self, kernel: crate::reader::numbers::Kernel) -> Option<&'t [u8]> {
        let start = self.at;
        let end = start + kernel.plain_text(self.text, start);
        self.at = end + 1;
        (*self.text.get(end)? == b'"').then(|| &self.text[start..end])
    }

    /// A whole number of at most 15 digits.
    #[inline(always)]
    fn number(&mut self) -> Option<u64> {
        let (mut value, start) = (0u64, self.at);
        while let Some(&digit @ b'0'..=b'9') = self.text.get(self.at) {
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            self.at += 1;
        }
        let has_ended = matches!(self.text.get(self.at)?, b',' | b'}');
        ((1..=15).contains(&(self.at - start)) && has_ended).then_some(value)
    }

    /// A whole number that fits, with its sign.
    #[inline(always)]
    fn signed(&mut self) -> Option<i32> {
        let is_negative = *self.text.get(self.at)? == b'-';
        self.at += usize::from(is_negative);
        let value = i32::try_from(self.number()?).ok()?;
        Some(if is_negative { -value } else { value })
    }
}
