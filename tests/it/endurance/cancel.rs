//! Work given up at any moment, thousands of times, leaves nothing behind.

use super::{assert_no_more_memory, in_its_own_process, is_own_process, service, threads, wait_for_threads};
use heapglass::analysis::leaks::find_leaks;
use heapglass::analysis::paths::merged_paths::merged_paths;
use heapglass::analysis::paths::why::min_cut::CutLimits;
use heapglass::analysis::paths::why::why;
use heapglass::analysis::realms::dead_context_fields::dead_context_fields;
use heapglass::analysis::strings::duplicate_strings::duplicate_strings;
use heapglass::analysis::tables::comparison::compare;
use heapglass::analysis::tables::filters::NodeFilter;
use heapglass::analysis::tables::growth::growth;
use heapglass::analysis::tables::queries::retained_by_contexts;
use heapglass::analysis::tables::search::{Query, QueryOptions, search};
use heapglass::analysis::tables::side_by_side::side_by_side;
use heapglass::analysis::tables::statistics::statistics;
use heapglass::graph::{NodeIndex, NodeSet};
use heapglass::measure::resident_bytes;
use heapglass::progress::{Cancelled, Progress, Stage};
use heapglass::reader::ReadOptions;
use heapglass::session::{OpenError, Snapshot, open, open_with};
use heapglass::testing::{Folder, Random, gzip};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Jobs given up before anything is counted: until then pools and arenas of the allocator grow.
const WARM_UP: usize = 500;
/// Jobs given up while it is counted.
const COUNTED: usize = 3_000;
/// Bytes by which memory may differ for reasons that are not ours. Each job handles a good part of
/// a megabyte, so that a hundredth of them left behind is more.
const SLACK: u64 = 12 << 20;

#[test]
fn thousands_of_jobs_given_up_leave_neither_threads_nor_memory() {
    in_its_own_process("endurance::cancel::jobs_given_up");
}

type Work = Arc<dyn Fn(&Progress) -> Result<(), Cancelled> + Send + Sync>;

#[test]
#[ignore = "started by the other"]
fn jobs_given_up() {
    if !is_own_process() {
        return;
    }
    let folder = Folder::new();
    let paths = files(&folder);
    let snapshots: Vec<_> = paths[..2].iter().map(|path| Arc::new(open(path, &Progress::new()).unwrap())).collect();
    let mut works: Vec<Work> = paths.into_iter().map(loading).collect();
    works.extend(analyses(&snapshots[0], &snapshots[1]));
    let typical: Vec<Duration> = works.iter().map(duration).collect();
    let mut random = Random(5);
    let mut given_up = |count: usize| {
        let before = threads();
        let ends = Ends::default();
        for i in 0..count {
            let kind = i % works.len();
            start_and_give_up(&works[kind], typical[kind], &ends, &mut random);
        }
        wait_for_threads(before);
        let [done, cancelled] = [&ends.done, &ends.cancelled].map(|n| n.load(Ordering::Relaxed));
        assert_eq!(done + cancelled, count);
        cancelled
    };
    given_up(WARM_UP);
    let before = resident_bytes().unwrap();
    let cancelled = given_up(COUNTED);
    println!("{cancelled} of {COUNTED} jobs ended early, {before} bytes then, {} now", resident_bytes().unwrap());
    assert!(cancelled > COUNTED / 10, "only {cancelled} jobs were still at work when they were given up");
    assert_no_more_memory(resident_bytes().unwrap(), before, SLACK);
}

#[test]
fn what_was_given_up_has_no_answer() {
    let folder = Folder::new();
    let file = folder.file("a.heapsnapshot", service(3_000, 1));
    let snapshot = Arc::new(open(&file, &Progress::new()).unwrap());
    let progress = Progress::new();
    progress.token().cancel();
    let opened = open(&file, &progress).map(drop);
    assert!(matches!(opened, Err(OpenError::Cancelled(_))), "{opened:?}");
    for (i, analysis) in analyses(&snapshot, &snapshot).iter().enumerate() {
        assert!(analysis(&progress).is_err(), "number {i} of the analyses answers all the same");
    }
}

/// Snapshots to load: two that can be compared, and packed and damaged ones.
fn files(folder: &Folder) -> Vec<PathBuf> {
    let text = service(3_000, 1);
    vec![
        folder.file("a.heapsnapshot", &text),
        folder.file("b.heapsnapshot", service(4_000, 1)),
        folder.file("packed.heapsnapshot.gz", gzip(&text)),
        folder.file("cut.heapsnapshot", &text[..text.len() - 20]),
        folder.file("refused.heapsnapshot", &text[..text.len() / 2]),
    ]
}

/// Opens a file, in many chunks so that there are many moments to stop at.
fn loading(path: PathBuf) -> Work {
    Arc::new(move |progress| {
        let options = ReadOptions { chunk_size: 4 << 10, ..ReadOptions::default() };
        match open_with(&path, &options, progress) {
            Err(OpenError::Cancelled(cancelled)) => Err(cancelled),
            Ok(_) | Err(OpenError::Read(_) | OpenError::NeedsMemoryBesideOthers { .. }) => Ok(()),
            Err(e) => panic!("{e}"),
        }
    })
}

/// What panels and commands ask in the background.
fn analyses(a: &Arc<Snapshot>, b: &Arc<Snapshot>) -> Vec<Work> {
    type Analysis = fn(&Snapshot, &Snapshot, &Stage) -> Result<(), Cancelled>;
    let all: [Analysis; 13] = [
        |a, b, stage| compare(&a.heap, &b.heap, stage).map(drop),
        |a, b, stage| side_by_side(&a.heap, &b.heap, stage).map(drop),
        |a, b, stage| growth(&[&a.heap, &b.heap], stage).map(drop),
        |a, b, stage| find_leaks(&[&a.heap, &b.heap], stage).map(drop),
        |a, _, stage| statistics(&a.heap, stage).map(drop),
        |a, _, stage| duplicate_strings(&a.heap, stage).map(drop),
        |a, _, stage| dead_context_fields(&a.heap, stage).map(drop),
        |a, _, stage| retained_by_contexts(&a.heap, stage).map(drop),
        |a, _, stage| NodeFilter::DuplicatedStrings.nodes(&a.heap, stage).map(drop),
        |a, _, stage| a.heap.constructors(|n| n.at() % 2 == 0, stage).map(drop),
        |a, _, stage| {
            let query = Query::parse("e", QueryOptions::default()).unwrap();
            search(&a.heap, &query, None, stage).map(drop)
        },
        |_, b, stage| why(&b.heap, last(b), CutLimits::default(), stage).map(drop),
        |_, b, stage| {
            let mut objects = NodeSet::new(b.heap.graph.node_count());
            objects.insert(last(b));
            merged_paths(&b.heap, &objects, stage).map(drop)
        },
    ];
    let work = |analysis: Analysis| -> Work {
        let (a, b) = (a.clone(), b.clone());
        Arc::new(move |progress| analysis(&a, &b, &Stage::cancelled_by(progress.token())))
    };
    all.into_iter().map(work).collect()
}

fn last(snapshot: &Snapshot) -> NodeIndex {
    snapshot.heap.graph.node_indices().next_back().unwrap()
}

/// How long some work takes about when nobody stops it.
fn duration(work: &Work) -> Duration {
    let began = Instant::now();
    work(&Progress::new()).unwrap();
    began.elapsed()
}

/// What became of the jobs.
#[derive(Debug, Default, Clone)]
struct Ends {
    running: Arc<AtomicUsize>,
    done: Arc<AtomicUsize>,
    cancelled: Arc<AtomicUsize>,
}

/// Starts work on a thread of its own and cancels it at a random moment: after a part of the usual
/// time, or of the work itself where that says how far it is. Nobody waits for the thread.
fn start_and_give_up(work: &Work, typical: Duration, ends: &Ends, random: &mut Random) {
    // A few at a time, as somebody makes them who opens and closes files in a hurry.
    while ends.running.fetch_add(1, Ordering::SeqCst) >= 4 {
        ends.running.fetch_sub(1, Ordering::SeqCst);
        std::thread::yield_now();
    }
    let progress = Progress::new();
    let thread = {
        let (work, ends, progress) = (work.clone(), ends.clone(), progress.clone());
        std::thread::Builder::new().name("given up".to_owned()).spawn(move || {
            let ended = if work(&progress).is_ok() { &ends.done } else { &ends.cancelled };
            ended.fetch_add(1, Ordering::SeqCst);
            ends.running.fetch_sub(1, Ordering::SeqCst);
        })
    };
    let thread = thread.unwrap();
    let part = f64::from(random.below(1000)) / 1000.0;
    let by_progress = random.below(2) == 0;
    let began = Instant::now();
    let is_due = || match by_progress {
        true => f64::from(progress.fraction()) >= part || began.elapsed() > 4 * typical,
        false => began.elapsed() >= typical.mul_f64(part),
    };
    while !is_due() && !thread.is_finished() {
        std::thread::yield_now();
    }
    progress.token().cancel();
}

/// The same by way of what the window uses.
#[cfg(feature = "app")]
mod in_a_session {
    use super::*;
    use heapglass::session::job::{FrontEnd, Job};
    use heapglass::session::{DocumentId, Session};
    use std::path::Path;

    #[test]
    fn thousands_of_files_removed_while_they_load_leave_neither_threads_nor_memory() {
        in_its_own_process("endurance::cancel::in_a_session::files_removed");
    }

    #[test]
    #[ignore = "started by the other"]
    fn files_removed() {
        if !is_own_process() {
            return;
        }
        let folder = Folder::new();
        let paths = files(&folder);
        let mut session = Session::new(FrontEnd::nobody());
        let stays = session.open(&paths[1]);
        while session.is_loading() {
            session.poll();
        }
        let snapshot = session.snapshot(stays).unwrap().snapshot.clone();
        let works = analyses(&snapshot, &snapshot);
        let mut random = Random(6);
        let mut removed = |count: usize| {
            let before = threads();
            for i in 0..count {
                open_and_remove(&mut session, &paths[i % paths.len()], stays, &mut random);
                let work = works[i % works.len()].clone();
                let job = Job::spawn("asked", "Asking", &FrontEnd::nobody(), move |progress| work(progress));
                pause(&mut random);
                drop(job);
                // Somebody is slower than this; the machine need not be.
                while threads() > before + 8 {
                    std::thread::yield_now();
                }
            }
            wait_for_threads(before);
        };
        removed(WARM_UP / 2);
        let before = resident_bytes().unwrap();
        removed(COUNTED / 2);
        assert_no_more_memory(resident_bytes().unwrap(), before, SLACK);
        assert_eq!(session.documents().len(), 1, "what was open before is all that is open");
    }

    /// Opens a file and takes it out of the list, mostly before it is open.
    fn open_and_remove(session: &mut Session, path: &Path, stays: DocumentId, random: &mut Random) {
        let id = session.open(path);
        if id == stays {
            return;
        }
        pause(random);
        if random.below(4) == 0 {
            session.poll();
        }
        session.remove(id);
    }

    /// Some time below that which loading takes.
    fn pause(random: &mut Random) {
        let until = Instant::now() + Duration::from_micros(u64::from(random.below(1_000)));
        while Instant::now() < until {
            std::thread::yield_now();
        }
    }
}
