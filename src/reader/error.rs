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

impl ReadError {
    /// An [`ReadError::Inconsistent`].
    pub(super) fn inconsistent(section: &'static str, problem: impl Into<String>) -> Self {
        Self::Inconsistent { section, problem: problem.into() }
    }

    /// Where in the text the error stands: of several, the first one is told.
    pub(super) fn offset(&self) -> u64 {
        match self {
            Self::Malformed { offset, .. } => *offset,
            _ => 0,
        }
    }
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

impl Warning {
    /// A warning about an oddity that costs nothing.
    pub(super) fn new(section: &'static str, message: impl Into<String>) -> Self {
        Self { section, message: message.into(), is_incomplete: false }
    }

    /// A warning that a part of the snapshot is missing.
    pub(super) fn incomplete(section: &'static str, message: impl Into<String>) -> Self {
        Self { section, message: message.into(), is_incomplete: true }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.section, self.message)
    }
}

/// How many characters of the file an error shows.
const SHOWN: usize = 24;

/// What stands at `at`, in words: for the "found …" of an error.
pub(super) fn describe(text: &[u8], at: usize) -> String {
    let rest = text.get(at..).unwrap_or_default();
    match rest {
        [] => "the end of the file".into(),
        [0, ..] => match rest.iter().position(|&b| b != 0) {
            None => format!("nothing but zero bytes to the end of the file ({} of them)", rest.len()),
            Some(1) => "a zero byte".into(),
            Some(n) => format!("a hole of {n} zero bytes"),
        },
        [b'/', b'/' | b'*', ..] => "a comment, which JSON does not have,".into(),
        [b'-', b'0'..=b'9', ..] => format!("the negative number {}", quote_token(rest)),
        [b'0'..=b'9', ..] => format!("the number {}", quote_token(rest)),
        [b'\'', ..] => "a single quote, where JSON has `\"`,".into(),
        [b @ (0x01..=0x1F | 0x7F..), ..] if std::str::from_utf8(&rest[..rest.len().min(4)]).is_err() || *b < 0x80 => {
            format!("the byte 0x{b:02X}")
        }
        _ => {
            let end = rest.iter().take(SHOWN).position(|&b| b < 0x20).unwrap_or(rest.len().min(SHOWN));
            format!("`{}`", String::from_utf8_lossy(&rest[..end.max(1)]).trim_end_matches('\u{fffd}'))
        }
    }
}

/// The number at the beginning of `rest`, cut if it is very long.
fn quote_token(rest: &[u8]) -> String {
    let is_part = |b: &u8| matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
    let len = rest.iter().position(|b| !is_part(b)).unwrap_or(rest.len());
    let shown = String::from_utf8_lossy(&rest[..len.min(SHOWN)]);
    if len > SHOWN { format!("`{shown}…` of {len} characters") } else { format!("`{shown}`") }
}
