//! A profile as its file has it: every stack that was seen, as a tree of columns, and what was allocated there.

use super::frames::FrameIndex;
use super::frames::Frames;
use std::sync::Arc;

/// What the values of a column count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueKind {
    /// Bytes of objects that are still alive: what a sampling profile holds.
    LiveBytes,
    /// Objects that are still alive.
    LiveObjects,
    /// Bytes allocated, also of objects that are gone.
    AllocatedBytes,
    /// Objects allocated, also those that are gone.
    AllocatedObjects,
}

impl ValueKind {
    /// All kinds, the one first that is shown first.
    pub const ALL: [Self; 4] = [Self::LiveBytes, Self::LiveObjects, Self::AllocatedBytes, Self::AllocatedObjects];

    /// The name that pprof has for it.
    pub fn key(self) -> &'static str {
        match self {
            Self::LiveBytes => "inuse_space",
            Self::LiveObjects => "inuse_objects",
            Self::AllocatedBytes => "alloc_space",
            Self::AllocatedObjects => "alloc_objects",
        }
    }

    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Self::LiveBytes => "Live bytes",
            Self::LiveObjects => "Live objects",
            Self::AllocatedBytes => "Allocated bytes",
            Self::AllocatedObjects => "Allocated objects",
        }
    }

    /// Whether it is bytes rather than objects.
    pub fn is_bytes(self) -> bool {
        matches!(self, Self::LiveBytes | Self::AllocatedBytes)
    }
}

/// A number for every node: what was allocated by its function when it was called this way, without what the functions
/// did that it called.
#[derive(Debug, Clone, PartialEq)]
pub struct Values {
    /// What is counted.
    pub kind: ValueKind,
    /// For each node. Doubles, since files have them and DevTools adds them as such.
    pub by_node: Vec<f64>,
}

/// An allocation that was sampled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// The node by the file's number, see [`Stacks::ids`]; there may be none of it.
    pub node_id: u32,
    /// Bytes it stands for.
    pub size: f64,
    /// Counted from 1 as samples were taken: a clock of allocations.
    pub ordinal: f64,
}

/// Every how many bytes an allocation was looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// On average.
    pub bytes: f64,
    /// The file does not say it; the smallest sample does, about.
    pub is_guess: bool,
}

/// Formats of profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// V8's `.heapprofile`.
    HeapProfile,
    /// pprof's protocol buffer.
    Pprof,
    /// A line for each stack, and a number at its end.
    Collapsed,
    /// The stacks of an allocation timeline.
    Timeline,
}

impl Format {
    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Self::HeapProfile => "sampling heap profile (.heapprofile)",
            Self::Pprof => "heap profile of pprof",
            Self::Collapsed => "collapsed stacks",
            Self::Timeline => "allocation timeline",
        }
    }
}

/// All stacks of a file. Node 0 is the root, which is not a function. A node comes before its children, and they before
/// its next sibling, so `parents[i] < i` but for the root.
#[derive(Debug, Clone)]
pub struct Stacks {
    /// Where it comes from.
    pub format: Format,
    /// The functions.
    pub frames: Arc<Frames>,
    /// For each node; 0 for the root.
    pub parents: Vec<u32>,
    /// For each node.
    pub frame_of: Vec<FrameIndex>,
    /// At least one, each of the same length; the first is shown first.
    pub values: Vec<Values>,
    /// For each node the file's number, to which samples refer; empty where there are no samples.
    pub ids: Vec<u32>,
    /// In no order.
    pub samples: Vec<Sample>,
    /// How samples were taken.
    pub interval: Option<Interval>,
}

impl Stacks {
    /// How many nodes there are, the root among them.
    pub fn node_count(&self) -> usize {
        self.parents.len()
    }

    /// The values of one kind.
    pub fn values_of(&self, kind: ValueKind) -> Option<&Values> {
        self.values.iter().find(|v| v.kind == kind)
    }

    /// Bytes of memory held.
    pub fn bytes(&self) -> usize {
        self.frames.bytes()
            + (self.parents.capacity() + self.frame_of.capacity() + self.ids.capacity()) * 4
            + self.values.iter().map(|v| v.by_node.capacity() * 8).sum::<usize>()
            + self.samples.capacity() * size_of::<Sample>()
    }
}
