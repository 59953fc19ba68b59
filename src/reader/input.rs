//! The text that is being read, and who watches.

use super::error::ReadError;
use super::json::Cursor;
use super::numbers::{Kernel, PADDING};
use super::source::{Arriving, Compression, Mapping, Trouble};
use crate::progress::Stage;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// How much text is kept at least before it is let go, as that takes a moment.
const RELEASED_AT_ONCE: usize = 4 << 20;

/// What nobody needs any more.
#[derive(Debug, Default)]
pub(super) struct Finished {
    /// Everything before this byte.
    upto: usize,
    /// Stretches after it, beginning and end.
    ahead: BTreeMap<usize, usize>,
    /// Everything before this byte was let go.
    released: usize,
}

/// The text of a file.
#[derive(Debug)]
pub(super) struct Input<'i> {
    pub(super) text: &'i [u8],
    /// Where in the file the text begins.
    pub(super) base: usize,
    /// How the file was packed.
    pub(super) compression: Option<Compression>,
    pub(super) chunk_size: usize,
    pub(super) kernel: Kernel,
    /// What went wrong with getting the text.
    pub(super) trouble: Option<Trouble>,
    /// The most memory that opening the file may take.
    pub(super) memory_limit: Option<u64>,
    pub(super) stage: &'i Stage,
    /// Where the text is mapped, if it is.
    pub(super) mapping: Option<&'i Mapping>,
    /// Where an array comes from that is not part of `text`, as it is just arriving.
    pub(super) arriving: Option<Arrival<'i>>,
    pub(super) finished: Mutex<Finished>,
}

/// Text that is just arriving.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival<'i> {
    pub(super) arriving: &'i Arriving,
    /// How long all of the text may be.
    pub(super) limit: u64,
    /// About how long it will be; `None` if its source tells how far it is.
    pub(super) expected: Option<u64>,
}

impl Arrival<'_> {
    /// Reports that `bytes` of the text are there, and stops the work if that was asked for.
    pub(super) fn reached(&self, bytes: usize, stage: &Stage) -> Result<(), ReadError> {
        Ok(self.expected.map_or_else(|| stage.check(), |expected| stage.reached(bytes as u64, expected))?)
    }
}

impl<'i> Input<'i> {
    /// `text`, which is not packed, to be read in pieces of `chunk_size` bytes.
    pub(super) fn new(text: &'i [u8], chunk_size: usize, kernel: Kernel, stage: &'i Stage) -> Self {
        Self {
            text,
            base: 0,
            compression: None,
            chunk_size: chunk_size.max(1),
            kernel,
            trouble: None,
            memory_limit: None,
            stage,
            mapping: None,
            arriving: None,
            finished: Mutex::default(),
        }
    }

    /// Another text that is read as this one is. Its beginning stands at byte `base` of the file.
    pub(super) fn with_text(&self, text: &'i [u8], base: usize) -> Self {
        let Self { chunk_size, kernel, memory_limit, stage, .. } = *self;
        Self { base, memory_limit, ..Self::new(text, chunk_size, kernel, stage) }
    }

    /// A cursor at the beginning of the text.
    pub(super) fn cursor(&self, section: &'static str) -> Cursor<'i> {
        Cursor { base: self.base, ..Cursor::new(self.text, section) }
    }

    /// Reports that everything before `at` was read, and stops the work if that was asked for.
    pub(super) fn reached(&self, at: usize) -> Result<(), ReadError> {
        Ok(self.stage.reached(at as u64, self.text.len() as u64)?)
    }

    /// For loops over text that was cut into no chunks: once a chunk's worth was read since `last`,
    /// reports that and lets go of it.
    pub(super) fn poll(&self, last: &mut usize, at: usize) -> Result<(), ReadError> {
        if at - *last >= self.chunk_size {
            self.reached(at)?;
            self.finished(*last, at);
            *last = at;
        }
        Ok(())
    }

    /// `text[from..to]`, with at least [`PADDING`] more bytes behind it.
    pub(super) fn padded(&self, from: usize, to: usize) -> Cow<'i, [u8]> {
        match self.text.get(from..to + PADDING) {
            Some(text) => Cow::Borrowed(text),
            None => {
                let mut copy = self.text[from..].to_vec();
                copy.resize(to - from + PADDING, 0);
                Cow::Owned(copy)
            }
        }
    }

    /// How many rows to make room for if `claimed` are claimed to begin at `start`: none if the
    /// text is too short for them, as each number takes a digit and a comma at least.
    pub(super) fn plausible_rows(&self, claimed: u64, start: usize, width: usize) -> usize {
        let len = self.arriving.map_or_else(|| (self.text.len() - start) as u64, |arrival| arrival.limit);
        let most = len / (2 * width as u64) + 1;
        usize::try_from(claimed).ok().filter(|&rows| rows as u64 <= most).unwrap_or(0)
    }

    /// Says that nothing needs `text[from..to]` any more. Once everything before some point was
    /// finished its memory is let go, some megabytes at a time.
    pub(super) fn finished(&self, from: usize, to: usize) {
        let Some(mapping) = self.mapping else { return };
        let mut guard = self.finished.lock().unwrap_or_else(PoisonError::into_inner);
        let finished = &mut *guard;
        finished.ahead.insert(from, to);
        while let Some(next) = finished.ahead.first_entry()
            && *next.key() <= finished.upto
        {
            finished.upto = finished.upto.max(next.remove());
        }
        if finished.upto - finished.released >= RELEASED_AT_ONCE {
            mapping.release(finished.released..finished.upto);
            finished.released = finished.upto;
        }
    }
}
