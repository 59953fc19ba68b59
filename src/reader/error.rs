//! What can be wrong with a file, as sentences a person can act on.

use crate::progress::Cancelled;
use std::fmt;

/// Why a file could not be read. Each case is one sentence: what was expected, what was found,
/// where; and what to do, where that is known.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Reading was given up on request.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The system refused.
    #[error("cannot {action}: {source}")]
    Io {
        /// "open the file", "map the file into memory", …
        action: &'static str,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file is something else.
    #[error("this is not a heap snapshot but {looks_like}; {advice}")]
    NotASnapshot {
        /// "a CPU profile (.cpuprofile)".
        looks_like: String,
        /// What to do instead.
        advice: String,
    },
    /// The text of the file is not what it must be.
    #[error("{section}: expected {expected}, found {found} at byte {offset}{hint}")]
    Malformed {
        /// The top-level key, or `file`.
        section: &'static str,
        /// Where in the (uncompressed) file.
        offset: u64,
        /// In words.
        expected: String,
        /// In words, with the offending text shortened.
        found: String,
        /// Empty, or `; ` and what to do about it.
        hint: String,
    },
    /// The parts do not fit together.
    #[error("{section}: {problem}")]
    Inconsistent {
        /// The top-level key.
        section: &'static str,
        /// One sentence with the numbers.
        problem: String,
    },
    /// More than this program or this machine can hold.
    #[error("{0}")]
    TooLarge(String),
    /// The file changed or vanished while it was being read.
    #[error("the file changed while it was being read: {0}")]
    Changed(String),
}

/// Harmless damage or an oddity, kept with the snapshot and shown by every front end.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Warning {
    /// The top-level key it is about, or `file`.
    pub section: &'static str,
    /// One sentence.
    pub message: String,
    /// Part of the snapshot is missing: front ends say so at the top of every panel.
    pub is_incomplete: bool,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.section, self.message)
    }
}
