//! What is open: documents of several kinds. Knows files and threads, knows no front end.
//!
//! [`kinds`] is the table of kinds, [`kind`] what a kind must be able to do; [`policy`] says how far
//! opening may go, [`files`] which files a folder or a pattern stands for, [`open_document`] opens.
//! The window keeps its documents in a [`Session`], the command line opens them one by one.

#[cfg(feature = "app")]
mod document;
mod files;
#[cfg(feature = "app")]
pub mod job;
mod kind;
mod kinds;
pub mod known;
#[cfg(feature = "app")]
mod list;
mod open;
mod policy;
mod profile;
#[cfg(feature = "app")]
mod reservations;
pub mod row_name;
mod snapshot;

#[cfg(feature = "app")]
pub use document::{Document, DocumentId, OpenSnapshot, Origin, Refusal};
pub use files::{files_named, natural_order};
pub use kind::{About, Kind, Later};
pub use kinds::{DocumentKind, OpenDocument, document_name, offered_extensions};
#[cfg(feature = "app")]
pub use list::{Session, SessionEvent};
pub use open::{FirstLook, one_file_named, open_document, open_profile, open_snapshot};
pub use policy::{FilesError, OpenError, OpenPolicy, Source};
pub use profile::ProfileDocument;
pub use snapshot::{SharedHeap, Snapshot, open, open_blocks, open_bytes, open_with};
