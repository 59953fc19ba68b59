//! The kinds of documents, in one table: what they are called, which files hold them, how a file is
//! recognized by its content, and how it is opened.
//!
//! A new kind is a file with a type that holds what is open of it and is a [`Kind`], and a line in
//! the table below. What the file dialog offers, what a folder opens, what a document is called after
//! its file, and who reads what all follow from that.

use super::kind::{About, Kind, Later};
use super::policy::{OpenError, OpenPolicy, Source};
use super::profile::ProfileDocument;
use super::snapshot::Snapshot;
use crate::progress::Progress;
use crate::reader::{Start, Warning};
use std::path::Path;
use std::sync::Arc;

/// Endings of files of any kind, which are told apart by their content.
const SHARED_EXTENSIONS: [&str; 3] = ["json", "gz", "zst"];

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident($opened:ty);)*) => {
        /// What a document can be.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum DocumentKind {
            $($(#[$doc])* $kind,)*
        }

        /// An open document of any kind.
        #[derive(Debug, Clone)]
        pub enum OpenDocument {
            $($(#[$doc])* $kind(Arc<$opened>),)*
        }

        impl DocumentKind {
            /// All kinds, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// How it is spoken of.
            pub fn about(self) -> &'static About {
                match self {
                    $(Self::$kind => &<$opened as Kind>::ABOUT,)*
                }
            }

            /// Whether a file that begins like this is one.
            fn recognizes(self, start: &Start) -> bool {
                match self {
                    $(Self::$kind => <$opened as Kind>::recognizes(start),)*
                }
            }

            /// About how many bytes of memory opening a file that begins like this takes.
            pub fn estimate(self, start: &Start) -> u64 {
                match self {
                    $(Self::$kind => <$opened as Kind>::estimate(start),)*
                }
            }

            /// Opens a document of this kind.
            pub fn open(
                self,
                source: &Source,
                policy: &OpenPolicy,
                progress: &Progress,
            ) -> Result<OpenDocument, OpenError> {
                match self {
                    $(Self::$kind => Ok(OpenDocument::$kind(Arc::new(Kind::open(source, policy, progress)?))),)*
                }
            }
        }

        impl OpenDocument {
            pub fn kind(&self) -> DocumentKind {
                match self {
                    $(Self::$kind(_) => DocumentKind::$kind,)*
                }
            }

            /// About how many bytes of memory it holds.
            pub fn memory(&self) -> u64 {
                match self {
                    $(Self::$kind(opened) => opened.memory(),)*
                }
            }

            /// What was odd about the file.
            pub fn warnings(&self) -> &[Warning] {
                match self {
                    $(Self::$kind(opened) => opened.warnings(),)*
                }
            }

            /// Work that can wait until the document is shown.
            pub fn finish_later(&self) -> Option<Later> {
                match self {
                    $(Self::$kind(opened) => opened.finish_later(),)*
                }
            }
        }
    };
}

kinds! {
    /// Objects and references of one moment.
    Snapshot(Snapshot);
    /// Stacks and what was allocated there.
    Profile(ProfileDocument);
}

impl OpenDocument {
    /// The snapshot, if it is one.
    pub fn as_snapshot(&self) -> Option<&Arc<Snapshot>> {
        match self {
            Self::Snapshot(snapshot) => Some(snapshot),
            _ => None,
        }
    }

    /// The profile, if it is one.
    pub fn as_profile(&self) -> Option<&Arc<ProfileDocument>> {
        match self {
            Self::Profile(profile) => Some(profile),
            _ => None,
        }
    }
}

impl DocumentKind {
    /// The kind of a file that begins with `start`; `None` for what nobody knows.
    pub fn of(start: &Start) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.recognizes(start))
    }

    /// The kind that files called like `path` hold, whatever is in them; `None` where the name does
    /// not tell.
    pub fn by_name(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let bare = unpacked_name(&name);
        Self::ALL.iter().copied().find(|kind| ending_of(bare, kind.about().extensions).is_some())
    }
}

/// All endings of files that may be documents, for file dialogs: those of each kind, and the shared ones.
pub fn offered_extensions() -> Vec<&'static str> {
    let of_kinds = DocumentKind::ALL.iter().flat_map(|kind| kind.about().extensions);
    of_kinds.copied().chain(SHARED_EXTENSIONS).collect()
}

/// Whether a file called like `path` may be a document of any kind: its content tells.
pub(super) fn has_shared_extension(path: &Path) -> bool {
    let extension = path.extension().and_then(|e| e.to_str());
    extension.is_some_and(|e| SHARED_EXTENSIONS.iter().any(|shared| shared.eq_ignore_ascii_case(e)))
}

/// What a document is called after its file: the file's name without the endings that say what
/// kind of file it is, `a` for `a.heapsnapshot.gz`.
pub fn document_name(path: &Path) -> String {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let unpacked = unpacked_name(&name);
    let extensions = DocumentKind::ALL.iter().flat_map(|kind| kind.about().extensions);
    match ending_of(unpacked, extensions) {
        Some(bare) => bare.to_owned(),
        // Of other files the last ending goes, as DevTools does it.
        None => Path::new(unpacked).file_stem().map_or(unpacked.to_owned(), |s| s.to_string_lossy().into_owned()),
    }
}

/// `name` without the ending of a packed file.
fn unpacked_name(name: &str) -> &str {
    ending_of(name, &["gz", "zst"]).unwrap_or(name)
}

/// What precedes the first of `extensions` that `name` ends with, if that is anything.
fn ending_of(name: &str, extensions: impl IntoIterator<Item = &'static &'static str>) -> Option<&str> {
    let without = |extension: &&str| name.strip_suffix(extension)?.strip_suffix('.');
    extensions.into_iter().find_map(without).filter(|rest| !rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_called_after_their_files() {
        for (file, name) in [
            ("/tmp/a.heapsnapshot", "a"),
            ("b.node24.0-start.heapsnapshot.gz", "b.node24.0-start"),
            ("c.heaptimeline.zst", "c"),
            ("d.json", "d"),
            ("e.json.gz", "e"),
            ("no ending", "no ending"),
            (".heapsnapshot", ".heapsnapshot"),
        ] {
            assert_eq!(document_name(Path::new(file)), name);
        }
    }

    #[test]
    fn names_tell_the_kind_where_they_can() {
        let kind = |name: &str| DocumentKind::by_name(Path::new(name));
        assert_eq!(kind("a.HeapSnapshot"), Some(DocumentKind::Snapshot));
        assert_eq!(kind("b.heaptimeline.zst"), Some(DocumentKind::Snapshot));
        assert_eq!(kind("c.json"), None);
        assert!(has_shared_extension(Path::new("c.JSON")) && !has_shared_extension(Path::new("c.txt")));
    }

    #[test]
    fn what_the_dialog_offers_can_be_opened() {
        for extension in offered_extensions() {
            let path = Path::new("a").with_extension(extension);
            assert!(DocumentKind::by_name(&path).is_some() || has_shared_extension(&path), "{extension}");
        }
    }
}
