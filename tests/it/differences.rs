//! Where we differ from DevTools on purpose, beside what `devtools.rs` lists: a snapshot for each
//! in `fixtures/differences`, whose script tells what DevTools makes of it.

use heapglass::analysis::Heap;
use heapglass::analysis::order::sort::Sort;
use heapglass::analysis::paths::retainers_view::RetainersView;
use heapglass::analysis::tables::allocations::function_name;
use heapglass::analysis::tables::summary::sort_objects;
use heapglass::analysis::tables::tree::{Level, edge_rows};
use heapglass::graph::{NodeId, NodeIndex};
use heapglass::progress::{Progress, Stage};
use heapglass::session;
use heapglass::testing::{SnapshotBuilder, fixture};

fn heap(file: &str) -> Heap {
    let path = fixture("differences").join(file);
    session::open(&path, &Progress::new()).unwrap().heap
}

fn class_names(heap: &Heap) -> Vec<String> {
    heap.facts.constructors.iter().map(|g| heap.class(g.class).name.to_string()).collect()
}

#[test]
fn sizes_past_four_gigabytes_do_not_wrap() {
    let heap = heap("large-sizes.heapsnapshot");
    let owner = heap.find(NodeId(3)).unwrap();
    assert_eq!(heap.shallow_size(owner), 6_000_000_010);
    assert_eq!(heap.retained_size(heap.graph.root), 6_000_000_010);
    assert_eq!(heap.facts.constructors[0].shallow_size, 6_000_000_010);
}

#[test]
fn lists_do_not_stop_at_a_hundred() {
    let heap = heap("long-lists.heapsnapshot");
    let (holder, item) = (heap.find(NodeId(3)).unwrap(), heap.find(NodeId(5)).unwrap());
    let members = heap.members(heap.class_of(item), None);
    assert_eq!(sort_objects(&heap, members, Sort::BY_RETAINED, &Stage::unwatched()).unwrap().len(), 150);
    let fields = edge_rows(&heap, holder, Level::UnderObject, Sort::BY_RETAINED, &Stage::unwatched()).unwrap();
    assert_eq!(fields.len(), 150);
    let view = RetainersView::default();
    assert_eq!(view.rows(&heap, item, Sort::BY_DISTANCE, &Stage::unwatched()).unwrap().len(), 1);
}

#[test]
fn types_outside_the_list_have_names_of_their_own() {
    assert_eq!(class_names(&heap("unlisted-types.heapsnapshot")), ["Holder", "(symbol)", "(type 13)"]);
}

/// Name, count and bytes of each function that allocated something, and how many of its objects
/// are left.
fn allocations(heap: &Heap) -> Vec<(String, u64, u64, u64)> {
    let tops = heap.allocation_profile().tops(&heap.graph);
    let row = |top: heapglass::analysis::tables::allocations::AllocationRow| {
        let name = function_name(&heap.graph, top.function).to_string();
        (name, top.totals.count, top.totals.size, top.totals.live_count)
    };
    tops.into_iter().map(row).collect()
}

#[test]
fn functions_are_counted_rather_than_believed() {
    let heap = heap("wrong-function-count.heaptimeline");
    assert_eq!(allocations(&heap), [("make".to_owned(), 1, 24, 1)]);
    let made = heap.find(NodeId(3)).unwrap();
    assert_eq!(heap.allocation_profile().stack(&heap.graph, made), Some(vec![1, 0]));
}

#[test]
fn a_timeline_that_names_an_unknown_function_opens() {
    let heap = heap("unknown-function.heaptimeline");
    assert_eq!(allocations(&heap), [(String::new(), 2, 48, 0), ("make".to_owned(), 1, 24, 1)]);
    assert_eq!(heap.distance(NodeIndex(1)), 1);
}

#[test]
fn chains_of_callers_open_a_thousand_functions_at_once() {
    let mut b = SnapshotBuilder::new();
    b.node("synthetic", "(root)", 0);
    // Each calls the next one, and only the last one allocates.
    let tree = format!("{}[5000,1,1,8,[]]{}", "[1,1,0,0,".repeat(3_000), "]".repeat(3_000));
    let text = b.to_json().replace("\"trace_tree\":[]", &format!("\"trace_tree\":{tree}"));
    let heap = session::open_bytes(text.as_bytes(), &Progress::new()).unwrap().heap;
    let profile = heap.allocation_profile();
    let mut row = profile.tops(&heap.graph).remove(0);
    for expected in [(1_000, 1), (1_000, 1), (998, 0)] {
        let mut callers = profile.callers(&heap.graph, &row);
        assert_eq!((callers.chain.len(), callers.branches.len()), expected);
        row = callers.branches.pop().unwrap_or(row);
    }
}
