//! Heap snapshots as documents.

use super::kind::{About, Kind, Later};
use super::policy::{OpenError, OpenPolicy, Source};
use crate::analysis::Heap;
use crate::memory;
use crate::progress::{Progress, Stage};
use crate::reader::{self, BlockSource, Peek, ReadOptions, Start, Warning};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A heap snapshot that is open: immutable, shared by `Arc`, independent of the file it came from.
#[derive(Debug)]
pub struct Snapshot {
    /// Where it came from; empty for one that is part of the program.
    pub path: PathBuf,
    /// Size of the file in bytes, as it lies on disk.
    pub file_size: u64,
    /// What was odd about the file.
    pub warnings: Vec<Warning>,
    /// Graph, facts, answers.
    pub heap: Heap,
}

/// The heap of a snapshot, through a handle that keeps it: for tables that outlive whoever asked for them.
#[derive(Debug, Clone)]
pub struct SharedHeap(pub Arc<Snapshot>);

impl Deref for SharedHeap {
    type Target = Heap;

    fn deref(&self) -> &Heap {
        &self.0.heap
    }
}

/// Up to this many edges it takes a few milliseconds to find out what scripts reach.
const EDGES_MARKED_AT_ONCE: usize = 1 << 20;

/// Bytes that dominator, flags, distance and class of a node take.
const FACTS_OF_A_NODE: usize = 4 + 1 + 1 + 4;

impl Kind for Snapshot {
    const ABOUT: About =
        About { name: "heap snapshot", plural: "heap snapshots", extensions: &["heapsnapshot", "heaptimeline"] };

    fn recognizes(start: &Start) -> bool {
        Peek::of(start).is_ok()
    }

    fn estimate(start: &Start) -> u64 {
        Peek::of(start).map_or(0, |peek| peek.estimated_memory)
    }

    fn open(source: &Source, policy: &OpenPolicy, progress: &Progress) -> Result<Self, OpenError> {
        mark_if_small(match source {
            Source::File(path) => open_with(path, &policy.read_options(), progress)?,
            Source::Bytes(bytes) => open_bytes(bytes, progress)?,
        })
    }

    fn memory(&self) -> u64 {
        let Heap { graph, facts, .. } = &self.heap;
        let sizes = facts.shallow_sizes.heap_bytes() + facts.retained_sizes.heap_bytes();
        let retainers = size_of::<u32>() * (facts.retainers.first.capacity() + facts.retainers.entries.capacity());
        let columns = graph.heap_bytes() + sizes + retainers;
        (columns + FACTS_OF_A_NODE * graph.node_count()) as u64
    }

    fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Finds out what scripts reach: only marks beside names wait for that.
    fn finish_later(self: &Arc<Self>) -> Option<Later> {
        let snapshot = Arc::clone(self);
        let is_known = snapshot.heap.known_reachable_from_window().is_some();
        let find = move |stage: &Stage| snapshot.heap.reachable_from_window(stage).map(|_| ());
        (!is_known).then(|| -> Later { Box::new(find) })
    }
}

/// Opens the snapshot at `path` and computes every fact about it.
pub fn open(path: &Path, progress: &Progress) -> Result<Snapshot, OpenError> {
    open_with(path, &ReadOptions::default(), progress)
}

/// Opens the snapshot at `path`, as far as `options` allow, and computes every fact about it.
pub fn open_with(path: &Path, options: &ReadOptions, progress: &Progress) -> Result<Snapshot, OpenError> {
    analyzed(reader::read_file_with(path, options, progress)?, path.to_owned(), progress)
}

/// Opens a snapshot that is in memory.
pub fn open_bytes(bytes: &[u8], progress: &Progress) -> Result<Snapshot, OpenError> {
    analyzed(reader::read_bytes(bytes, progress)?, PathBuf::new(), progress)
}

/// Opens a snapshot while its text comes from elsewhere, such as a running process, block by block.
pub fn open_blocks(source: impl BlockSource, policy: &OpenPolicy, progress: &Progress) -> Result<Snapshot, OpenError> {
    let read = reader::read_blocks(source, &policy.read_options(), progress)?;
    mark_if_small(analyzed(read, PathBuf::new(), progress)?)
}

/// Finds out what scripts reach, if that takes no time.
fn mark_if_small(snapshot: Snapshot) -> Result<Snapshot, OpenError> {
    if snapshot.heap.graph.edge_count() <= EDGES_MARKED_AT_ONCE {
        snapshot.heap.reachable_from_window(&Stage::unwatched())?;
    }
    Ok(snapshot)
}

fn analyzed(read: reader::Read, path: PathBuf, progress: &Progress) -> Result<Snapshot, OpenError> {
    let reader::Read { graph, warnings, file_size } = read;
    let heap = Heap::analyze(graph, progress)?;
    memory::give_back_free_memory();
    Ok(Snapshot { path, file_size, warnings, heap })
}
