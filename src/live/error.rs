//! What can go wrong between us and a running program, as sentences.

use crate::progress::Cancelled;
use crate::units;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why something about a running program did not work.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// Given up on request.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The text names no target.
    #[error("'{text}' is not a target: {reason}")]
    Address {
        /// What was given.
        text: String,
        /// What is wrong with it, and what is expected.
        reason: String,
    },
    /// Nobody there.
    #[error("cannot connect to {address}: {reason}")]
    Connect {
        /// Where.
        address: String,
        /// Why.
        reason: String,
    },
    /// Somebody there who does not speak as an inspector does.
    #[error("{address} is not an inspector: {found}")]
    NoInspector {
        /// Where.
        address: String,
        /// What it did instead.
        found: String,
    },
    /// A process that has no inspector open.
    #[error("process {pid} ({name}) has no inspector open; {advice}")]
    NotListening {
        /// Which process.
        pid: u32,
        /// What it runs.
        name: String,
        /// What to do.
        advice: String,
    },
    /// No such target.
    #[error("{0}")]
    NotFound(String),
    /// More targets than one.
    #[error("'{text}' fits {} targets: {}", .fits.len(), .fits.join(", "))]
    Ambiguous {
        /// What was given.
        text: String,
        /// The targets, a line each.
        fits: Vec<String>,
    },
    /// The connection ended.
    #[error("the connection ended: {0}")]
    Lost(Ended),
    /// The target answers that it does not do this.
    #[error("the target refuses {method}: {message}")]
    Refused {
        /// The request.
        method: String,
        /// The engine's words.
        message: String,
        /// The engine's number for them.
        code: i64,
    },
    /// No answer in time.
    #[error("the target did not answer {method} within {} s: it may be busy", .after.as_secs())]
    NoAnswer {
        /// The request.
        method: String,
        /// How long was waited.
        after: Duration,
    },
    /// An answer that says something else.
    #[error("the target answered {method} with something other than {expected}")]
    Unexpected {
        /// The request.
        method: String,
        /// What it should have been.
        expected: &'static str,
    },
    /// The engine cannot do it.
    #[error("{0}")]
    Unsupported(String),
    /// The target or the machine has no room.
    #[error(
        "a snapshot may take up to {} more memory in the target, and {} has {} left: the system might end the target",
        units::bytes(*.needed), .where_, units::bytes(*.left)
    )]
    NoRoom {
        /// How much it may take.
        needed: u64,
        /// Who has not enough: the machine, the container.
        where_: &'static str,
        /// How much there is.
        left: u64,
    },
    /// A file of ours.
    #[error("cannot {action} {}: {error}", .path.display())]
    File {
        /// "write", "create", "name".
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// The system's reason.
        error: io::Error,
    },
    /// A target that died while it sent a file: what came is kept.
    #[error("{}; {} arrived, and are in {}", .why, units::bytes(*.bytes), .part.display())]
    CutShort {
        /// How it ended.
        why: String,
        /// What came.
        bytes: u64,
        /// Where it is.
        part: PathBuf,
    },
    /// A thread that the system does not give.
    #[error("cannot start a thread: {0}")]
    Thread(io::Error),
}

/// How a connection ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Ended {
    /// We closed it.
    #[error("it was closed here")]
    ByUs,
    /// The program came to its end and waited only for us.
    #[error("the program has ended")]
    ProgramEnded,
    /// The other end closed in order.
    #[error("the target closed it (its inspector was closed, or the program ended)")]
    Closed,
    /// It broke.
    #[error("it broke off (the program was ended from outside, or the network is gone)")]
    Broken,
    /// A page or worker went away.
    #[error("the target went away ({0})")]
    Detached(String),
    /// What was sent is not what an inspector sends.
    #[error("what the target sent makes no sense: {0}")]
    Hostile(String),
}

impl LiveError {
    /// A file of ours that the system refuses.
    pub(crate) fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |error| Self::File { action, path, error }
    }

    /// Whether the target itself is gone, rather than one request having failed.
    pub fn is_lost(&self) -> bool {
        matches!(self, Self::Lost(_) | Self::CutShort { .. })
    }
}
