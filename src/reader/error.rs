//! What can be wrong with a file, as sentences a person can act on.

use crate::progress::Cancelled;
use crate::units;
use crate::visible::one_line;
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
    /// A profile of allocations was wanted, and the file is something else.
    #[error("this is not a profile of allocations but {looks_like}; {advice}")]
    NotAProfile {
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
    /// A packed file that grows beyond what a snapshot could.
    #[error(
        "{packed} bytes of {compression} unpack to more than {limit} bytes, which no snapshot does; \
         raise the limit if this one is to be trusted"
    )]
    UnpacksTooLarge {
        /// "gzip" or "zstd".
        compression: &'static str,
        /// Size of the file.
        packed: u64,
        /// Where unpacking stopped.
        limit: u64,
    },
    /// More memory than there is, or than was allowed, by the estimate made from the header.
    #[error("opening this file needs about {} of memory, but only {} are free", units::bytes(*.needed), units::bytes(*.limit))]
    NeedsMemory {
        /// Estimated bytes.
        needed: u64,
        /// Bytes there are.
        limit: u64,
    },
    /// Text that came piece by piece, and not to its end.
    #[error("the snapshot broke off after {received} bytes: {reason}")]
    BrokeOff {
        /// How many bytes had come.
        received: u64,
        /// Why there are no more, in a few words.
        reason: String,
    },
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

/// What is at `at`, in words: for the "found …" of an error.
pub(super) fn describe(text: &[u8], at: usize) -> String {
    let rest = text.get(at..).unwrap_or_default();
    match rest {
        [] => "the end of the file".into(),
        [0, ..] => match rest.iter().position(|&b| b != 0) {
            None => format!("nothing but zero bytes to the end of the file ({} of them)", rest.len()),
            Some(1) => "a zero byte".into(),
            Some(n) => format!("a hole of {n} zero bytes"),
        },
        [b'/', b'/' | b'*', ..] => "a comment (JSON has none)".into(),
        [b'\'', ..] => "a single quote (JSON has `\"`)".into(),
        [b'-', b'0'..=b'9', ..] => format!("the negative number {}", quote_number(rest)),
        [b'0'..=b'9', ..] => format!("the number {}", quote_number(rest)),
        _ => quote(rest),
    }
}

/// The number at the beginning of `rest`, cut if it is very long.
fn quote_number(rest: &[u8]) -> String {
    let is_part = |b: &u8| matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
    let len = rest.iter().position(|b| !is_part(b)).unwrap_or(rest.len());
    let shown = String::from_utf8_lossy(&rest[..len.min(SHOWN)]);
    if len > SHOWN { format!("`{shown}…` of {len} characters") } else { format!("`{shown}`") }
}

/// The first characters of `rest`, up to the end of the line.
fn quote(rest: &[u8]) -> String {
    // A few bytes more than are shown, so that a character is not cut before its time.
    let valid = rest[..rest.len().min(4 * SHOWN)].utf8_chunks().next().map_or("", |part| part.valid());
    let shown: String = valid.chars().take(SHOWN).take_while(|c| !c.is_control()).collect();
    match (shown.is_empty(), valid.chars().next(), rest.first()) {
        (false, ..) => format!("`{}`", one_line(&shown)),
        (true, Some(c), _) => format!("the control character U+{:04X}", c as u32),
        (true, None, first) => format!("the byte 0x{:02X} (not UTF-8)", first.copied().unwrap_or(0)),
    }
}
