//! What is selected: one object for the whole application.

use crate::graph::NodeIndex;
use crate::session::SnapshotId;

/// An object of one of the open snapshots. Selecting one anywhere shows it everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Selection {
    /// The snapshot it is in.
    pub snapshot: SnapshotId,
    /// Which of its objects.
    pub node: NodeIndex,
}
