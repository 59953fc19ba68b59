//! What a source of text must be able to do.

use crate::progress::Stage;
use crate::reader::error::ReadError;

/// Text that comes block by block, in order, and each block only once.
pub trait BlockSource: Send {
    /// Appends the next bytes of the text to `block`: one at least and about `len`. Nothing is appended
    /// once all of the text has come. Whoever has to wait looks at `stage` now and then.
    fn read_block(&mut self, block: &mut Vec<u8>, len: usize, stage: &Stage) -> Result<(), ReadError>;

    /// How much has come, and how much that is of, in whatever unit; `None` where nobody knows.
    fn progress(&self) -> Option<(u64, u64)> {
        None
    }
}
