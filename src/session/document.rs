//! A document in the list: what it is called, where it comes from, and how far it is.

use super::job::{FrontEnd, Job, Panicked};
use super::kinds::{DocumentKind, OpenDocument};
use super::open::FirstLook;
use super::policy::{OpenError, Source};
use super::snapshot::Snapshot;
use crate::progress::{Progress, Stage};
use crate::reader::Peek;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

/// Names a document while the program runs; numbers are never used again, not even when a file is
/// read anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DocumentId(pub u32);

/// A snapshot that is open, under the name the user knows it by.
#[derive(Debug, Clone)]
pub struct OpenSnapshot {
    /// Its document.
    pub id: DocumentId,
    /// The name of its document.
    pub name: Arc<str>,
    pub snapshot: Arc<Snapshot>,
}

/// Why a document is not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// A sentence for people.
    pub message: String,
    /// More for a report, where it was our mistake.
    pub details: Option<String>,
    /// Whether only caution kept it out, so that it can be opened all the same.
    pub can_be_forced: bool,
}

impl From<OpenError> for Refusal {
    fn from(error: OpenError) -> Self {
        Self { message: error.to_string(), details: None, can_be_forced: error.can_be_forced() }
    }
}

impl From<Panicked> for Refusal {
    fn from(panicked: Panicked) -> Self {
        Self { message: panicked.to_string(), details: Some(panicked.details), can_be_forced: false }
    }
}

/// Where a document comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A file; or a folder or pattern, until it is known which files that means.
    File(PathBuf),
    /// Bytes that are part of the program.
    Builtin(&'static [u8]),
    /// A running process, in words: there is nothing to read again.
    Process(String),
}

impl Origin {
    /// What can be opened, now or again.
    pub(super) fn source(&self) -> Option<Source> {
        match self {
            Self::File(path) => Some(Source::File(path.clone())),
            Self::Builtin(bytes) => Some(Source::Bytes(bytes)),
            Self::Process(_) => None,
        }
    }
}

/// What came of opening something.
#[derive(Debug)]
pub(super) enum Outcome {
    Document(OpenDocument),
    /// It stands for these files.
    Files(Vec<PathBuf>),
}

#[derive(Debug)]
pub(super) enum State {
    Loading(Job<Result<Outcome, OpenError>>),
    Open(OpenDocument),
    Refused(Refusal),
}

/// Size and time of change of a file.
pub(super) type Stamp = (u64, SystemTime);

pub(super) fn stamp(path: &Path) -> Option<Stamp> {
    let meta = std::fs::metadata(path).ok()?;
    Some((meta.len(), meta.modified().ok()?))
}

/// A document of the list: loading, open or refused.
#[derive(Debug)]
pub struct Document {
    pub(super) id: DocumentId,
    pub(super) name: Arc<str>,
    pub(super) origin: Origin,
    /// The file as it was when reading began.
    pub(super) stamp: Option<Stamp>,
    /// What its first bytes tell, once they were looked at.
    pub(super) first_look: Arc<OnceLock<FirstLook>>,
    pub(super) is_changed: bool,
    pub(super) state: State,
    /// What could wait until the document was open.
    pub(super) later: Option<Job<()>>,
}

impl Document {
    /// Its number while the program runs.
    pub fn id(&self) -> DocumentId {
        self.id
    }

    /// The file's name without extension, or what the user called it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it comes from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The file, if it is one.
    pub fn path(&self) -> Option<&Path> {
        match &self.origin {
            Origin::File(path) => Some(path),
            Origin::Builtin(_) | Origin::Process(_) => None,
        }
    }

    /// Size of the file in bytes, known from the beginning.
    pub fn file_size(&self) -> Option<u64> {
        match &self.origin {
            Origin::File(_) => self.stamp.map(|(len, _)| len),
            Origin::Builtin(bytes) => Some(bytes.len() as u64),
            Origin::Process(_) => None,
        }
    }

    /// What it is; `None` until its beginning was looked at, and for what nobody knows.
    pub fn kind(&self) -> Option<DocumentKind> {
        self.opened().map(OpenDocument::kind).or_else(|| self.first_look().map(|look| look.kind))
    }

    /// What the beginning of the file tells. There a few milliseconds after opening began, whatever
    /// the size of the file, and then for good; the front end is woken then. Never there for what
    /// nobody knows, or comes through a pipe.
    pub fn first_look(&self) -> Option<&FirstLook> {
        self.first_look.get()
    }

    /// What the beginning of a snapshot tells.
    pub fn peek(&self) -> Option<&Peek> {
        self.first_look()?.snapshot.as_ref()
    }

    /// What is in it, once it is open.
    pub fn opened(&self) -> Option<&OpenDocument> {
        match &self.state {
            State::Open(document) => Some(document),
            _ => None,
        }
    }

    /// About how many bytes of memory it holds, once it is open.
    pub fn memory(&self) -> Option<u64> {
        self.opened().map(OpenDocument::memory)
    }

    /// The snapshot, once it is open, if it is one.
    pub fn snapshot(&self) -> Option<OpenSnapshot> {
        let snapshot = self.opened()?.as_snapshot()?.clone();
        Some(OpenSnapshot { id: self.id, name: self.name.clone(), snapshot })
    }

    /// How far it is, while it is loading.
    pub fn progress(&self) -> Option<&Progress> {
        match &self.state {
            State::Loading(job) => Some(job.progress()),
            _ => None,
        }
    }

    /// Why it is not open.
    pub fn refusal(&self) -> Option<&Refusal> {
        match &self.state {
            State::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// Whether the file on disk is another one now than the one that was read.
    pub fn is_changed_on_disk(&self) -> bool {
        self.is_changed
    }

    /// Shows what was opened, and starts what could wait.
    pub(super) fn set_open(&mut self, document: OpenDocument, front_end: &FrontEnd) {
        if let Some(work) = document.finish_later() {
            let description = format!("Looking further into {}", self.name);
            self.later = Some(Job::spawn("later", description, front_end, move |progress| {
                let _ = work(&Stage::cancelled_by(progress.token()));
            }));
        }
        self.state = State::Open(document);
    }
}
