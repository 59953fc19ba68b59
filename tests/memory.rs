//! What a snapshot takes in memory, counted at the allocator: nothing of it may grow unnoticed.
//! A binary of its own, as the allocator counts whatever happens in the process.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop there")]
#![allow(unsafe_code, reason = "to be the allocator is unsafe; all this one does itself is to count")]

use heapglass::generate::{Recipe, Shape, write_snapshot};
use heapglass::graph::{ClassIndex, Edge, EdgeIndex, NodeFlags, NodeIndex, NodeKind, RetainerEntry, StringIndex};
use heapglass::progress::Progress;
use heapglass::session;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The system's allocator, counted.
struct Counting;

/// Bytes that are allocated now, the most there were at a time, and all there ever were.
static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);
static TOTAL: AtomicUsize = AtomicUsize::new(0);

fn grow(bytes: usize) {
    TOTAL.fetch_add(bytes, Relaxed);
    PEAK.fetch_max(LIVE.fetch_add(bytes, Relaxed) + bytes, Relaxed);
}

// SAFETY: every call is handed to the system's allocator as it came, and its answer handed back.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grow(layout.size());
        // SAFETY: as promised by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        grow(layout.size());
        // SAFETY: as promised by the caller.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as promised by the caller.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        match size.checked_sub(layout.size()) {
            Some(more) => grow(more),
            None => drop(LIVE.fetch_sub(layout.size() - size, Relaxed)),
        }
        // SAFETY: as promised by the caller.
        unsafe { System.realloc(block, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Kind and flags one byte each; name three; first edge, first retainer and dominator four; shallow
/// size, retained size, distance and class two; and the id an eighth of a byte where ids count up.
const NODE_BITS: usize = 8 * (2 + 3 + 3 * 4 + 4 * 2) + 1;

/// Target with kind, and the same edge seen from the other end, four each; name three.
const EDGE_BYTES: usize = 11;

/// Whatever does not grow with the file: classes, sizes that are too large for two bytes, and so on.
const REST: usize = 32 << 10;

/// At the peak, which comes when dominators are found, beside distances or classes.
const NODE_BYTES_AT_PEAK: usize = 51;

const _: () = {
    assert!(size_of::<NodeIndex>() == 4 && size_of::<EdgeIndex>() == 4 && size_of::<StringIndex>() == 4);
    assert!(size_of::<ClassIndex>() == 4 && size_of::<RetainerEntry>() == 4);
    assert!(size_of::<NodeKind>() == 1 && size_of::<NodeFlags>() == 1 && size_of::<Edge>() == 16);
};

#[test]
fn a_snapshot_takes_no_more_memory_than_it_did() {
    let mut text = Vec::new();
    write_snapshot(Recipe { shape: Shape::Mixed, nodes: 200_000, seed: 1 }, &mut text).unwrap();
    // The threads of the pool are there already, as they are for a second file.
    drop(session::open_bytes(&text, &Progress::new()).unwrap());

    let (before, total) = (LIVE.load(Relaxed), TOTAL.load(Relaxed));
    PEAK.store(before, Relaxed);
    let snapshot = session::open_bytes(&text, &Progress::new()).unwrap();
    let held = LIVE.load(Relaxed) - before;
    let (peak, total) = (PEAK.load(Relaxed) - before, TOTAL.load(Relaxed) - total);

    let graph = &snapshot.heap.graph;
    let (nodes, edges) = (graph.node_count(), graph.edge_count());
    let beside = graph.strings.heap_bytes() + graph.locations.heap_bytes();
    println!(
        "{nodes} nodes, {edges} edges, {beside} bytes of text and places: {held} held, {peak} at the peak, {total} in all"
    );
    let columns = nodes * NODE_BITS / 8 + edges * EDGE_BYTES + beside;
    assert!((columns..columns + REST).contains(&held), "{held} bytes are held, {columns} of them by columns");
    let most = nodes * NODE_BYTES_AT_PEAK + edges * EDGE_BYTES + beside + REST;
    assert!(peak <= most, "{peak} bytes at the peak are more than {most}");
    assert!(peak >= held, "{peak} bytes at the peak, but {held} held");
    // What is made and thrown away again costs time: memory that was never touched is slow.
    assert!(total <= held * 5 / 2, "{total} bytes were allocated for {held} that are held");
}
