//! Hours of work in one process: memory stays where it was after the first round.
//!
//! ```sh
//! HEAPGLASS_SOAK_SECONDS=600 \
//!     cargo test --profile fuzz --no-default-features --test it endurance::soak -- --ignored --nocapture
//! ```

use super::{assert_no_more_memory, service};
use heapglass::analysis::Heap;
use heapglass::analysis::leaks::find_leaks;
use heapglass::analysis::order::sort::{Direction, Sort};
use heapglass::analysis::paths::retainers_view::RetainersView;
use heapglass::analysis::paths::retaining_paths::{PathLimits, retaining_paths};
use heapglass::analysis::paths::why::min_cut::CutLimits;
use heapglass::analysis::paths::why::why;
use heapglass::analysis::tables::comparison::{ComparisonColumn, ComparisonSort, compare};
use heapglass::analysis::tables::filters::{MenuEntry, menu};
use heapglass::analysis::tables::growth::growth;
use heapglass::analysis::tables::search::{Query, QueryOptions, search};
use heapglass::analysis::tables::statistics::statistics;
use heapglass::analysis::tables::summary::{sort_classes, sort_objects};
use heapglass::graph::NodeIndex;
use heapglass::measure::{peak_resident_bytes, resident_bytes};
use heapglass::memory::{give_back_free_memory, share_memory_between_threads};
use heapglass::progress::{Progress, Stage};
use heapglass::session::{Snapshot, open};
use heapglass::testing::{Folder, fixture};
use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Bytes by which memory may differ, beside a tenth: what the allocator keeps depends on which
/// thread happened to free what.
const SLACK: u64 = 8 << 20;

/// Of so many rounds at the end the lowest figure counts: sometimes the allocator keeps some
/// megabytes for a while. What leaks is in all of them.
const LAST_ROUNDS: usize = 5;

#[test]
#[ignore = "as long as HEAPGLASS_SOAK_SECONDS says"]
fn memory_is_where_it_was_after_the_first_round() {
    // As the program itself does it.
    share_memory_between_threads();
    let seconds = std::env::var("HEAPGLASS_SOAK_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(60);
    let folder = Folder::new();
    let series = all_series(&folder);
    let files = series.iter().map(Vec::len).sum::<usize>();
    let (began, mut rounds) = (Instant::now(), 0);
    let [at_start, first] = [resident_bytes(), round(&series)].map(Option::unwrap);
    println!("{files} files; resident: {at_start} bytes at the start, {first} after the first round");
    let mut last = VecDeque::new();
    while began.elapsed() < Duration::from_secs(seconds) {
        last.push_back(round(&series).unwrap());
        if last.len() > LAST_ROUNDS {
            last.pop_front();
        }
        rounds += 1;
        if rounds % 10 == 0 {
            println!("{last:?} bytes up to round {rounds}, {:?}", began.elapsed());
        }
    }
    println!("{last:?} bytes up to round {rounds}; at most {} at any time", peak_resident_bytes().unwrap());
    let lowest = last.into_iter().min().expect("there was time for a second round");
    assert_no_more_memory(lowest, first, SLACK);
}

/// Snapshots of programs: the committed ones, and three that are large enough to matter.
fn all_series(folder: &Folder) -> Vec<Vec<PathBuf>> {
    let fixtures = fixture("snapshots");
    let of = |name: &str| (0..3).map(|i| fixtures.join(format!("{name}.{i}.heapsnapshot.gz"))).collect();
    let large = |i: u64| folder.file(&format!("large.{i}.heapsnapshot"), service(300_000 + i * 20_000, 1));
    vec![
        of("headers-array"),
        of("several-leaks"),
        of("listeners"),
        of("weakmap-held"),
        (0..3).map(large).collect(),
        of("bounded-cache"),
    ]
}

/// Opens series after series, asks everything, and lets go of each while the next one is open
/// already. Returns what is resident once nothing is open.
fn round(series: &[Vec<PathBuf>]) -> Option<u64> {
    let mut before = Vec::new();
    for files in series {
        let opened: Vec<_> = files.iter().map(|f| Arc::new(open(f, &Progress::new()).unwrap())).collect();
        about_series(&opened);
        for snapshot in &opened {
            about_one(&snapshot.heap);
        }
        // Not in the order in which they were opened, and elsewhere, as the window does it.
        let away: Vec<_> = std::mem::replace(&mut before, opened).into_iter().rev().collect();
        let thread = std::thread::Builder::new().name("drop".to_owned()).spawn(move || {
            drop(away);
            give_back_free_memory();
        });
        thread.unwrap().join().unwrap();
    }
    drop(before);
    give_back_free_memory();
    resident_bytes()
}

fn about_series(snapshots: &[Arc<Snapshot>]) {
    let stage = Stage::unwatched();
    let heaps: Vec<&Heap> = snapshots.iter().map(|s| &s.heap).collect();
    let (base, target) = (heaps[0], heaps[heaps.len() - 1]);
    let comparison = compare(base, target, &stage).unwrap();
    let sort = ComparisonSort { column: ComparisonColumn::SizeDelta, direction: Direction::Descending };
    for i in comparison.sorted_rows(sort) {
        let _ = comparison.new_objects(&comparison.rows[i as usize], target, sort, &stage).unwrap();
    }
    let _ = growth(&heaps, &stage).unwrap();
    let _ = find_leaks(&heaps, &stage).unwrap().to_markdown();
}

fn about_one(heap: &Heap) {
    let stage = Stage::unwatched();
    let mut groups = heap.constructors(|_| true, &stage).unwrap();
    sort_classes(heap, &mut groups, Sort::BY_RETAINED);
    for group in groups.iter().take(20) {
        let _ = sort_objects(heap, heap.members(group.class, None), Sort::BY_RETAINED, &stage).unwrap();
    }
    for entry in menu(heap, &[], &stage).unwrap() {
        if let MenuEntry::Filter(filter, _) = entry {
            let _ = filter.nodes(heap, &stage).unwrap();
        }
    }
    let _ = statistics(heap, &stage).unwrap();
    let query = Query::parse("e", QueryOptions::default()).unwrap();
    let _ = search(heap, &query, None, &stage).unwrap();
    let view = RetainersView::ignoring(heap, BTreeSet::new(), &stage).unwrap();
    let nodes: Vec<NodeIndex> = heap.graph.node_indices().collect();
    for &n in nodes.iter().step_by(nodes.len() / 10 + 1) {
        let _ = view.rows(heap, n, Sort::BY_RETAINED, &stage).unwrap();
        let _ = retaining_paths(heap, &view, n, PathLimits::default(), &stage).unwrap();
        let _ = why(heap, n, CutLimits::default(), &stage).unwrap().to_text();
    }
}
