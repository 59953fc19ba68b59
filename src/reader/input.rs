//! The text that is being read, and who watches.

use super::compressed::Trouble;
use super::error::ReadError;
use super::meta::Header;
use super::numbers::PADDING;
use super::peek::estimated_memory;
use super::recognize::Compression;
use crate::progress::Stage;
use std::borrow::Cow;

/// The text of a snapshot.
#[derive(Debug)]
pub(super) struct Input<'i> {
    pub(super) text: &'i [u8],
    /// How the file was packed.
    pub(super) compression: Option<Compression>,
    pub(super) chunk_size: usize,
    /// What went wrong with getting the text.
    pub(super) trouble: Option<Trouble>,
    /// The most memory that opening the file may take.
    pub(super) memory_limit: Option<u64>,
    pub(super) stage: &'i Stage,
}

impl<'i> Input<'i> {
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
        let most = (self.text.len() - start) / (2 * width) + 1;
        usize::try_from(claimed).ok().filter(|&rows| rows <= most).unwrap_or(0)
    }

    /// Whether what the header announces fits the memory that may be used.
    pub(super) fn check_memory(&self, header: &Header) -> Result<(), ReadError> {
        let Some(limit) = self.memory_limit else { return Ok(()) };
        let needed = estimated_memory(self.text.len() as u64, None, header.node_count.zip(header.edge_count));
        if needed > limit { Err(ReadError::NeedsMemory { needed, limit }) } else { Ok(()) }
    }

    /// The error for a file that ends within `section`, of which `whole` was there.
    pub(super) fn cut(&self, section: &'static str, whole: String) -> ReadError {
        let why = match &self.trouble {
            Some(Trouble::BreaksOff(why)) => why.clone(),
            _ => "the file was cut short".into(),
        };
        ReadError::Malformed {
            section,
            offset: self.text.len() as u64,
            expected: "`]`".into(),
            found: "the end of the file".into(),
            hint: format!("; {why} after {whole}; take the snapshot again"),
        }
    }
}
