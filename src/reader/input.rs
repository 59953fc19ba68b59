//! The text that is being read, and who watches.

use super::arriving::Arriving;
use super::compressed::Trouble;
use super::error::ReadError;
use super::estimate::Known;
use super::mapping::Mapping;
use super::meta::Header;
use super::numbers::{Kernel, PADDING};
use super::recognize::Compression;
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

/// The text of a snapshot.
#[derive(Debug)]
pub(super) struct Input<'i> {
    pub(super) text: &'i [u8],
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
    /// Where an array comes from that is not part of `text`, as it is just being unpacked; and how
    /// long all of the text may be.
    pub(super) arriving: Option<(&'i Arriving, u64)>,
    pub(super) finished: Mutex<Finished>,
}

impl<'i> Input<'i> {
    /// An input without text that is read as this one is.
    pub(super) fn like(&self) -> Self {
        Self {
            text: &[],
            compression: self.compression,
            chunk_size: self.chunk_size,
            kernel: self.kernel,
            trouble: None,
            memory_limit: self.memory_limit,
            stage: self.stage,
            mapping: None,
            arriving: None,
            finished: Mutex::default(),
        }
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
        let len = self.arriving.map_or((self.text.len() - start) as u64, |(_, limit)| limit);
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

    /// Whether what the header announces fits the memory that may be used.
    pub(super) fn check_memory(&self, header: &Header) -> Result<(), ReadError> {
        let Some(limit) = self.memory_limit else { return Ok(()) };
        let (text, counts) = (self.text.len() as u64, header.node_count.zip(header.edge_count));
        let known =
            if self.compression.is_some() { Known::unpacked(text, counts) } else { Known::mapped(text, counts) };
        let needed = known.memory();
        if needed > limit { Err(ReadError::NeedsMemory { needed, limit }) } else { Ok(()) }
    }
}
