//! Opening a document: what is it, may it be opened, open it. Window and command line come here.

use super::files::files_named;
use super::kind::Kind as _;
use super::kinds::{DocumentKind, OpenDocument};
use super::policy::{FilesError, OpenError, OpenPolicy, Source};
use super::profile::ProfileDocument;
use super::snapshot::{Snapshot, open_with};
use crate::analysis::tables::stacks::stacks_of;
use crate::progress::Progress;
use crate::reader::{Peek, ReadError, ReadProfile, Start};
use std::path::{Path, PathBuf};

/// What the beginning of a file tells before all of it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstLook {
    pub kind: DocumentKind,
    /// About how many bytes of memory opening it takes.
    pub estimated_memory: u64,
    /// More of a snapshot.
    pub snapshot: Option<Peek>,
}

impl FirstLook {
    /// Looks at the beginning of `source`; takes milliseconds. `None` for what nobody knows, for what
    /// cannot be read, and for what comes through a pipe.
    pub fn at(source: &Source) -> Option<Self> {
        let start = match source {
            Source::File(path) => Start::of_file(path).ok()?,
            Source::Bytes(bytes) => Start::of_bytes(bytes),
        };
        let kind = DocumentKind::of(&start)?;
        let snapshot = if kind == DocumentKind::Snapshot { Peek::of(&start).ok() } else { None };
        Some(Self { kind, estimated_memory: kind.estimate(&start), snapshot })
    }
}

/// Opens `source`, whose kind `look` tells. What nobody knows is left to the reader of
/// snapshots: it says what else it is.
pub fn open_document(
    source: &Source,
    look: Option<&FirstLook>,
    policy: &OpenPolicy,
    progress: &Progress,
) -> Result<OpenDocument, OpenError> {
    let kind = look.map_or(DocumentKind::Snapshot, |look| look.kind);
    match kind.open(source, policy, progress) {
        Err(OpenError::Read(ReadError::NeedsMemory { needed, limit })) if policy.promised > 0 => {
            Err(OpenError::NeedsMemoryBesideOthers { needed, left: limit })
        }
        opened => opened,
    }
}

/// Opens the file at `path`, which has to be a snapshot.
pub fn open_snapshot(path: &Path, policy: &OpenPolicy, progress: &Progress) -> Result<Snapshot, OpenError> {
    let needed = DocumentKind::Snapshot;
    match FirstLook::at(&Source::File(path.to_owned())) {
        Some(look) if look.kind != needed => {
            Err(OpenError::OtherKind { found: look.kind.about().name, expected: needed.about().name })
        }
        _ => open_with(path, &policy.read_options(), progress),
    }
}

/// Opens the file at `path`, which has to be a profile of allocations, or a timeline with stacks.
pub fn open_profile(path: &Path, policy: &OpenPolicy, progress: &Progress) -> Result<ProfileDocument, OpenError> {
    let source = Source::File(path.to_owned());
    match FirstLook::at(&source).map(|look| look.kind) {
        Some(DocumentKind::Snapshot) => {
            let snapshot = open_with(path, &policy.read_options(), progress)?;
            let Some(stacks) = stacks_of(&snapshot.heap) else {
                let found = "heap snapshot without stacks of allocations";
                return Err(OpenError::OtherKind { found, expected: ProfileDocument::ABOUT.name });
            };
            let read = ReadProfile { stacks, warnings: snapshot.warnings, file_size: snapshot.file_size };
            ProfileDocument::new(read, path.to_owned(), progress)
        }
        // What nobody knows is left to the reader: it says what it is.
        _ => ProfileDocument::open(&source, policy, progress),
    }
}

/// The one file that `name` stands for.
pub fn one_file_named(name: &Path) -> Result<PathBuf, FilesError> {
    let mut files = files_named(name)?;
    match files.len() {
        1 => Ok(files.remove(0)),
        found => Err(FilesError::Several { found }),
    }
}
