//! What is selected: one object for the whole application, or many that are looked at together.

use crate::graph::{NodeIndex, NodeSet};
use crate::session::DocumentId;
use std::sync::Arc;

/// An object of one of the open snapshots. Selecting one anywhere shows it everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Selection {
    pub snapshot: DocumentId,
    /// Which of its objects.
    pub node: NodeIndex,
}

/// Objects of one snapshot that are looked at together.
#[derive(Debug, Clone)]
pub struct ObjectGroup {
    /// The snapshot they are in.
    pub snapshot: DocumentId,
    /// What they are, for people: a class, what a filter leaves, what is new of a class.
    pub title: String,
    /// Which objects.
    pub objects: Arc<NodeSet>,
}

impl PartialEq for ObjectGroup {
    fn eq(&self, other: &Self) -> bool {
        self.snapshot == other.snapshot && self.title == other.title && Arc::ptr_eq(&self.objects, &other.objects)
    }
}
