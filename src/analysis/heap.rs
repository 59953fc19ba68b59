//! A snapshot with everything known about it: what every panel and command asks.

use super::classes::Classes;
use crate::graph::{HeapGraph, NodeFlags, NodeIndex, PerNode, Retainers, SizeColumn};
use crate::progress::{Cancelled, Progress};

/// Distance of nodes that cannot be reached.
pub const UNREACHED: i32 = -5;

/// From here on a distance means "only by way of the engine" and is shown as −.
pub const SYSTEM_DISTANCE: i32 = 100_000_000;

/// What is computed for every snapshot at once.
#[derive(Debug, Default)]
pub struct Facts {
    /// Detachedness (after propagation), renaming, reachability from the window, page objects.
    pub flags: PerNode<NodeFlags>,
    /// Shallow sizes after owned parts gave theirs to their owners.
    pub shallow_sizes: SizeColumn,
    /// Incoming edges, with their essential bits.
    pub retainers: Retainers,
    /// Immediate dominators; the root's is itself.
    pub dominators: PerNode<NodeIndex>,
    /// Retained sizes.
    pub retained_sizes: SizeColumn,
    /// Distances; [`UNREACHED`] and [`SYSTEM_DISTANCE`] have meanings of their own.
    pub distances: PerNode<i32>,
    /// Class of every node.
    pub classes: Classes,
}

/// A graph and its facts; immutable once made, shared by `Arc`.
#[derive(Debug, Default)]
pub struct Heap {
    /// The graph.
    pub graph: HeapGraph,
    /// What was computed from it.
    pub facts: Facts,
}

impl Heap {
    /// Computes all facts about `graph`.
    pub fn analyze(graph: HeapGraph, progress: &Progress) -> Result<Self, Cancelled> {
        let stage = progress.stage("Analyzing", 60, 100);
        stage.check()?;
        Ok(Self { graph, facts: Facts::default() })
    }

    /// The size every percentage refers to: all nodes and what belongs to none.
    pub fn total_size(&self) -> u64 {
        if self.graph.node_count() == 0 {
            return self.graph.extra_native_bytes;
        }
        self.facts.retained_sizes.get(self.graph.root).saturating_add(self.graph.extra_native_bytes)
    }
}
