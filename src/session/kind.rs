//! What a kind of document must be able to do. The kinds there are stand in [`super::kinds`].

use super::policy::{OpenError, OpenPolicy, Source};
use crate::progress::{Cancelled, Progress, Stage};
use crate::reader::{Start, Warning};
use std::sync::Arc;

/// How a kind is spoken of, and which files hold it.
#[derive(Debug)]
pub struct About {
    /// What one is called within a sentence: "heap snapshot".
    pub name: &'static str,
    /// What several are called within a sentence: "heap snapshots".
    pub plural: &'static str,
    /// Endings of files that hold nothing else, without the dot. Such a file may be packed as well.
    pub extensions: &'static [&'static str],
}

/// What is open of a document of some kind.
pub trait Kind: Send + Sync + Sized {
    /// How the kind is spoken of.
    const ABOUT: About;

    /// Whether a file that begins like this is one.
    fn recognizes(start: &Start) -> bool;

    /// About how many bytes of memory opening a file that begins like this takes.
    fn estimate(start: &Start) -> u64;

    /// Reads one, and computes what is needed before it is shown.
    fn open(source: &Source, policy: &OpenPolicy, progress: &Progress) -> Result<Self, OpenError>;

    /// About how many bytes of memory it holds.
    fn memory(&self) -> u64;

    /// What was odd about the file.
    fn warnings(&self) -> &[Warning] {
        &[]
    }

    /// Work that can wait until the document is shown.
    fn finish_later(self: &Arc<Self>) -> Option<Later> {
        None
    }
}

/// Work for another thread.
pub type Later = Box<dyn FnOnce(&Stage) -> Result<(), Cancelled> + Send>;
