//! A large array of numbers, cut into chunks of whole rows that several threads turn into columns
//! at the same time.
//!
//! Who needs the next chunk takes the lock, counts the numbers in the next stretch of text (so the
//! rows of the chunk, and their place in the columns, are known), cuts those rows off the columns
//! and lets go. The real work happens outside the lock, while the text is still in the cache. The
//! lock sleeps: a spinning one was up to a hundred times slower on a busy machine.

use super::section::Section;
use crate::reader::error::ReadError;
use crate::reader::input::{Arrival, Input};
use crate::reader::json::{Cursor, is_white_space};
use crate::reader::numbers::{self, Count, Kernel, Rows, Starts};
use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};

/// Columns not yet filled, from which rows can be cut off at the front.
pub(super) trait Columns: Send {
    /// How many rows are left.
    fn rows(&self) -> usize;
    /// Cuts the first `rows` rows off.
    fn split_off(&mut self, rows: usize) -> Self;
}

/// No columns: for looking at rows without keeping them.
impl Columns for () {
    fn rows(&self) -> usize {
        usize::MAX
    }

    fn split_off(&mut self, _: usize) {}
}

/// Some whole rows of an array.
#[derive(Debug)]
pub(super) struct Chunk<'t> {
    /// The text, which begins at `from`, followed by at least [`numbers::PADDING`] bytes.
    bytes: Cow<'t, [u8]>,
    from: usize,
    /// How much of the text is the chunk's own.
    len: usize,
    /// Where it stands in the file.
    pub(super) offset: usize,
    pub(super) first_row: usize,
    rows: usize,
    /// What ends the array here, if it ends here.
    end: Option<u8>,
}

/// What became of an array.
#[derive(Debug)]
pub(super) struct Outcome<R> {
    /// What the work returned, chunk by chunk in file order.
    pub(super) reports: Vec<R>,
    /// How many rows the array has; more than there was room for means that nothing was filled
    /// past that room.
    pub(super) rows: usize,
    /// The byte after `]`.
    pub(super) end: usize,
}

/// An array of rows, `width` numbers each, whose `[` stands before byte `start`.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowArray<'i> {
    pub(super) input: &'i Input<'i>,
    pub(super) section: Section,
    /// "node", for errors.
    pub(super) row_name: &'static str,
    pub(super) start: usize,
    pub(super) width: usize,
}

/// Room that one worker uses again and again.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    starts: Starts,
}

struct Claims<C> {
    at: usize,
    rows: usize,
    columns: C,
    /// The byte that ended the array, and how many numbers made no row.
    end: Option<usize>,
    left_over: usize,
}

struct Results<R> {
    reports: Vec<(usize, R)>,
    error: Option<ReadError>,
}

/// Bytes of text scanned before what was found is converted: it stays in the first-level cache.
const STRETCH: usize = 8 << 10;

impl<'i> RowArray<'i> {
    /// Calls `work` with each chunk and its part of `columns`, on as many threads as pay.
    pub(super) fn for_each_chunk<C: Columns, R: Send>(
        &self,
        columns: C,
        work: impl Fn(&Chunk<'_>, C, &mut Scratch) -> Result<R, ReadError> + Sync,
    ) -> Result<Outcome<R>, ReadError> {
        let claims = Mutex::new(Claims { at: self.start, rows: 0, columns, end: None, left_over: 0 });
        let results = Mutex::new(Results { reports: Vec::new(), error: None });
        let run = || {
            let mut scratch = Scratch::default();
            while let Some(claimed) = self.claim(&claims).transpose() {
                let result = claimed.and_then(|(chunk, part)| {
                    let report = work(&chunk, part, &mut scratch)?;
                    self.input.finished(chunk.offset, chunk.offset + chunk.len);
                    Ok((chunk.first_row, report))
                });
                let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
                match result {
                    Ok(report) => results.reports.push(report),
                    Err(e) => {
                        results.keep_first(e);
                        claims.lock().unwrap_or_else(PoisonError::into_inner).end.get_or_insert(0);
                    }
                }
            }
        };
        let chunks = match &self.input.arriving {
            Some(_) => usize::MAX,
            None => self.input.text.len().saturating_sub(self.start) / self.input.chunk_size + 1,
        };
        match rayon::current_num_threads().min(chunks) {
            1 => run(),
            workers => rayon::scope(|scope| (0..workers).for_each(|_| scope.spawn(|_| run()))),
        }
        let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = results.error {
            return Err(error);
        }
        let claims = claims.into_inner().unwrap_or_else(PoisonError::into_inner);
        let end = claims.end.unwrap_or(self.start);
        // What ends an array that is just arriving was looked at when it was there.
        if self.input.arriving.is_none() {
            let Input { text, base, .. } = *self.input;
            self.check_end(text, base, end, claims.rows, claims.left_over)?;
        }
        let mut reports = results.reports;
        reports.sort_by_key(|r| r.0);
        Ok(Outcome { reports: reports.into_iter().map(|r| r.1).collect(), rows: claims.rows, end: end + 1 })
    }

    /// The next chunk and its columns; `None` at the end. What does not fit the columns any more
    /// is only counted.
    fn claim<C: Columns>(&self, claims: &Mutex<Claims<C>>) -> Result<Option<(Chunk<'i>, C)>, ReadError> {
        let mut claims = claims.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(arrival) = &self.input.arriving {
            return self.claim_arriving(arrival, &mut claims);
        }
        let mut size = self.input.chunk_size;
        while claims.end.is_none() {
            let offset = claims.at;
            self.input.reached(offset)?;
            let to = offset.saturating_add(size).min(self.input.text.len());
            let text = self.input.padded(offset, to);
            let found = self.input.kernel.count(&text, to - offset);
            let end = found.foreign.map(|f| offset + f).or((to == self.input.text.len()).then_some(to));
            let rows = rows_in(&found, end, self.width);
            if rows == 0 && end.is_none() {
                size *= 2;
                continue;
            }
            let rest = found.numbers - rows * self.width;
            let len = match end {
                Some(end) => end - offset,
                None => numbers::start_of_last(&text, to - offset, rest),
            };
            let first_row = claims.rows;
            claims.at = offset + len;
            claims.rows += rows;
            claims.end = end;
            claims.left_over = rest;
            if claims.columns.rows() >= rows {
                let part = claims.columns.split_off(rows);
                // Zero stands for the end of the file.
                let end = end.map(|end| self.input.text.get(end).copied().unwrap_or(0));
                return Ok(Some((Chunk { bytes: text, from: 0, len, offset, first_row, rows, end }, part)));
            }
        }
        Ok(None)
    }

    /// The next chunk of text that is just arriving. It can be read only once, so there must be room
    /// for all of it.
    fn claim_arriving<C: Columns>(
        &self,
        arrival: &Arrival<'_>,
        claims: &mut Claims<C>,
    ) -> Result<Option<(Chunk<'i>, C)>, ReadError> {
        let mut wanted = self.input.chunk_size + numbers::PADDING;
        let mut arrived = arrival.arriving.lock();
        while claims.end.is_none() {
            arrival.reached(claims.at, self.input.stage)?;
            arrived.wait_for(wanted);
            let (text, to) = arrived.text();
            let found = self.input.kernel.count(text, to);
            let end = found.foreign.or(arrived.is_all().then_some(to));
            let rows = rows_in(&found, end, self.width);
            if rows == 0 && end.is_none() {
                wanted *= 2;
                continue;
            }
            let rest = found.numbers - rows * self.width;
            let len = end.unwrap_or_else(|| numbers::start_of_last(text, to, rest));
            let (offset, first_row) = (claims.at, claims.rows);
            claims.at += len;
            claims.rows += rows;
            claims.end = end.map(|_| claims.at);
            claims.left_over = rest;
            if let Some(end) = end {
                let text = if arrived.is_all() { &text[..to] } else { text };
                self.check_end(text, offset, end, claims.rows, rest)?;
            }
            if claims.columns.rows() < rows {
                let Self { section, row_name, .. } = *self;
                let problem = format!(
                    "there are more {row_name}s than snapshot.{row_name}_count says, and room was made for those"
                );
                return Err(ReadError::inconsistent(section.name(), problem));
            }
            let end = end.map(|end| text[end]);
            let (bytes, from) = arrived.take(len);
            // The bracket is passed too.
            if end.is_some() {
                arrived.pass(1);
            }
            let part = claims.columns.split_off(rows);
            let chunk = Chunk { bytes: Cow::Owned(bytes), from, len, offset, first_row, rows, end };
            return Ok(Some((chunk, part)));
        }
        Ok(None)
    }

    /// Where the first number stands that `is_bad` finds in a row, and what it says of it. For
    /// finding what is already known to be there, so not in a hurry.
    pub(super) fn first_row<T: Send>(
        &self,
        is_bad: impl Fn(&[u64]) -> Option<(usize, T)> + Sync,
    ) -> Result<Option<(usize, T)>, ReadError> {
        let outcome = self.for_each_chunk((), |chunk, (), scratch| {
            let mut found = None;
            let mut row = vec![0; self.width];
            chunk.for_each_stretch(self, scratch, |_, rows| {
                for starts in rows.starts.chunks_exact(self.width) {
                    if found.is_some() {
                        break;
                    }
                    for (value, &start) in row.iter_mut().zip(starts) {
                        *value = numbers::value_at(chunk.text(), start as usize).unwrap_or(u64::MAX);
                    }
                    found = is_bad(&row).map(|(field, what)| (chunk.offset + starts[field] as usize, what));
                }
                Ok(())
            })?;
            Ok(found)
        })?;
        Ok(outcome.reports.into_iter().flatten().next())
    }

    /// The array must end with `]` after a whole row. `text` begins at byte `base` of the file, and the
    /// array ends at byte `end` of it.
    fn check_end(&self, text: &[u8], base: usize, end: usize, rows: usize, left_over: usize) -> Result<(), ReadError> {
        let Self { section, row_name, width, .. } = *self;
        let cursor = Cursor { base, ..Cursor::new(text, section.name()) };
        let malformed = |expected: String, found: String| {
            let (section, offset) = (section.name(), (base + end) as u64);
            Err(ReadError::Malformed { section, offset, expected, found, hint: String::new() })
        };
        let before = text.get(..end).unwrap_or_default().iter().rev().find(|&&b| !is_white_space(b));
        match (text.get(end), before) {
            (Some(b']'), _) if left_over == 0 => Ok(()),
            (Some(b']'), _) => malformed(
                format!("{width} numbers for each {row_name}"),
                format!("{left_over} left over after {rows} {row_name}s"),
            ),
            (None, _) => malformed("`]`".into(), format!("the end of the file after {rows} {row_name}s")),
            (Some(b'.' | b'e' | b'E'), Some(b'0'..=b'9')) => {
                Err(cursor.unexpected_at(numbers::start_of_last(text, end, 1), WHOLE_NUMBER))
            }
            (Some(b'-'), _) => Err(cursor.unexpected_at(end, WHOLE_NUMBER)),
            (Some(_), Some(b'0'..=b'9')) => Err(cursor.unexpected_at(end, "`,` or `]`")),
            (Some(_), _) => Err(cursor.unexpected_at(end, "a number")),
        }
    }
}

const WHOLE_NUMBER: &str = "a whole number that is not negative";

/// How many whole rows there are in a stretch of text: unless the array ends in it the last number
/// may go on, and its row may too.
fn rows_in(found: &Count, end: Option<usize>, width: usize) -> usize {
    match end {
        Some(_) => found.numbers / width,
        None => found.numbers.saturating_sub(1) / width,
    }
}

impl<R> Results<R> {
    /// Of several errors, the first in the file is told, so that it does not depend on threads.
    fn keep_first(&mut self, error: ReadError) {
        if self.error.as_ref().is_none_or(|e| error.offset() < e.offset()) {
            self.error = Some(error);
        }
    }
}

impl Chunk<'_> {
    /// The text, for converting.
    pub(super) fn text(&self) -> &[u8] {
        &self.bytes[self.from..]
    }

    /// Calls `convert` with some rows at a time, and with the position of the first of them in the
    /// array. Checks the commas on the way.
    pub(super) fn for_each_stretch(
        &self,
        array: &RowArray<'_>,
        scratch: &mut Scratch,
        mut convert: impl FnMut(usize, Rows<'_>) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        let starts = &mut scratch.starts;
        starts.clear();
        let mut from = 0;
        let mut row = 0;
        while from < self.len {
            let to = (from + STRETCH).min(self.len);
            let in_turn = array.input.kernel.find(self.text(), from, to, starts);
            in_turn.map_err(|numbers::OutOfTurn| self.out_of_turn(array))?;
            let rows = starts.rows(array.width, self.rows - row);
            convert(self.first_row + row, rows)?;
            row += rows.len();
            let used = rows.len() * array.width;
            starts.use_up(used);
            from = to;
        }
        let may_end = match self.end {
            // In an empty array there is nothing to take turns.
            Some(b']') => starts.is_after_number() || self.rows == 0 && starts.len() == 0,
            // Whatever else ends the array is found by `check_end`.
            Some(_) => true,
            None => !starts.is_after_number(),
        };
        if may_end { Ok(()) } else { Err(self.out_of_turn(array)) }
    }

    /// The values of one field of `rows`, or false if one of them is 2^32 or more.
    pub(super) fn convert(&self, kernel: Kernel, rows: Rows<'_>, field: usize, out: &mut [u32]) -> bool {
        kernel.convert(self.text(), rows, field, out)
    }

    fn out_of_turn(&self, array: &RowArray<'_>) -> ReadError {
        let at = numbers::out_of_turn(self.text(), self.len).unwrap_or(self.len);
        let is_digit = self.text().get(at).is_some_and(u8::is_ascii_digit);
        self.unexpected(array, at, if is_digit { "`,` or `]`" } else { "a number" })
    }

    /// The error "expected …, found what stands at byte `at` of the chunk".
    pub(super) fn unexpected(&self, array: &RowArray<'_>, at: usize, expected: impl Into<String>) -> ReadError {
        match array.input.arriving {
            // Of text that is just arriving no more than the chunk is there.
            Some(_) => {
                let cursor = Cursor { base: self.offset, ..Cursor::new(self.text(), array.section.name()) };
                cursor.unexpected_at(at, expected)
            }
            None => array.input.cursor(array.section.name()).unexpected_at(self.offset + at, expected),
        }
    }
}
