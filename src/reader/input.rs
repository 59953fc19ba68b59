//! The text that is being read, and who watches.

use super::error::ReadError;
use super::numbers::PADDING;
use crate::progress::Stage;
use std::borrow::Cow;

/// Bytes of text that are one piece of work: small enough to stay in the second-level cache and
/// to poll for cancelling often, large enough that claiming one costs nothing beside it.
pub(super) const CHUNK_SIZE: usize = 128 << 10;

/// The text of a snapshot.
#[derive(Debug)]
pub(super) struct Input<'i> {
    pub(super) text: &'i [u8],
    pub(super) chunk_size: usize,
    stage: &'i Stage,
}

impl<'i> Input<'i> {
    pub(super) fn new(text: &'i [u8], stage: &'i Stage) -> Self {
        Self { text, chunk_size: CHUNK_SIZE, stage }
    }

    /// Reports that everything before `at` was read, and stops the work if that was asked for.
    pub(super) fn reached(&self, at: usize) -> Result<(), ReadError> {
        Ok(self.stage.reached(at as u64, self.text.len() as u64)?)
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
        let most = (self.text.len() - start) / (2 * width);
        usize::try_from(claimed).ok().filter(|&rows| rows <= most + 1).unwrap_or(0)
    }

    /// The error for a file that ends within `section`, of which `whole` was there.
    pub(super) fn cut(&self, section: &'static str, whole: String) -> ReadError {
        ReadError::Malformed {
            section,
            offset: self.text.len() as u64,
            expected: "`]`".into(),
            found: "the end of the file".into(),
            hint: format!("; the file was cut short after {whole}"),
        }
    }
}
