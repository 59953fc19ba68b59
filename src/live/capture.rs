//! Taking snapshots of a heap that is attached: any number, all on its one connection, so that ids keep their meaning.

use super::connection::Asked;
use super::cost::{self, Cost};
use super::error::{Ended, LiveError};
use super::files::Destination;
use super::isolate::Isolate;
use super::limits;
use super::list::Engine;
use super::message::Event;
use super::to_disk::ToDisk;
use crate::progress::CancelToken;
use serde_json::json;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How a snapshot is wanted.
#[derive(Debug, Clone)]
pub struct CaptureOptions {
    /// Where the file goes.
    pub to: Destination,
    /// Also with the values of numbers. Deno and Chromium always give them.
    pub numeric_values: bool,
    /// Pack the file while it is written.
    pub zstd: bool,
    /// Take it although there seems to be no room for it.
    pub force: bool,
}

/// A snapshot that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Captured {
    /// Its file.
    pub path: PathBuf,
    /// Bytes of the snapshot, before packing.
    pub bytes: u64,
    /// From asking to the last byte on the disk.
    pub took: Duration,
    /// Its number in its run, from 1. Snapshots of one run can be compared by id.
    pub number: usize,
    /// Whether the engine had forgotten the ids of the snapshots before, so that this one begins a new run.
    pub begins_new_run: bool,
}

/// How far a snapshot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaptureStep {
    /// The target was asked and has not begun: it waits until no script is running.
    Asked,
    /// The engine walks its heap.
    Walking {
        /// Objects done.
        done: u64,
        /// Objects there are, an estimate.
        total: u64,
    },
    /// The file arrives.
    Arriving {
        /// Bytes so far.
        bytes: u64,
        /// Bytes to expect, an estimate.
        expected: u64,
    },
    /// All is here; the rest of it goes to the disk.
    Finishing,
}

/// Watches a capture from another thread; clones share it.
#[derive(Debug, Clone)]
pub struct CaptureWatch(Arc<Mutex<(CaptureStep, Instant)>>);

impl Default for CaptureWatch {
    fn default() -> Self {
        Self(Arc::new(Mutex::new((CaptureStep::Asked, Instant::now()))))
    }
}

/// Objects are done after so much of the whole time.
const WALKING_SHARE: f64 = 0.72;
/// Bytes of a file for each object the engine counts, by files of Node 20 and 24.
const BYTES_PER_OBJECT: u64 = 73;

impl CaptureWatch {
    /// Where it stands.
    pub fn step(&self) -> CaptureStep {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    /// How long nothing has happened.
    pub fn quiet_for(&self) -> Duration {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1.elapsed()
    }

    fn set(&self, step: CaptureStep) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (step, Instant::now());
    }

    /// How much of the whole is done, from 0 to 1.
    #[allow(clippy::cast_precision_loss, reason = "a share for a bar")]
    pub fn fraction(&self) -> f64 {
        let share = |done: u64, total: u64| (done as f64 / total.max(1) as f64).min(1.0);
        match self.step() {
            CaptureStep::Asked => 0.0,
            CaptureStep::Walking { done, total } => WALKING_SHARE * share(done, total),
            CaptureStep::Arriving { bytes, expected } => {
                WALKING_SHARE + (0.99 - WALKING_SHARE) * share(bytes, expected)
            }
            CaptureStep::Finishing => 0.99,
        }
    }

    /// Where it stands, in words.
    pub fn words(&self) -> String {
        match self.step() {
            CaptureStep::Asked if self.quiet_for() >= limits::BUSY_AFTER => "the program is busy; waiting".to_owned(),
            CaptureStep::Asked => "collecting garbage".to_owned(),
            CaptureStep::Walking { .. } => "walking the heap".to_owned(),
            CaptureStep::Arriving { bytes, .. } => format!("receiving, {}", crate::units::bytes(bytes)),
            CaptureStep::Finishing => "writing".to_owned(),
        }
    }
}

/// The snapshots of one heap.
pub struct Captures {
    isolate: Isolate,
    app: String,
    version: String,
    pid: Option<u32>,
    evaluates: bool,
    /// Taken since ids were renewed.
    in_run: usize,
    /// What the heap used when the last one was taken.
    heap_used: Option<u64>,
    /// A snapshot that was given up while the engine was at it: it still comes, for nobody.
    owed: Option<Asked>,
}

impl std::fmt::Debug for Captures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Captures").field("app", &self.app).field("in_run", &self.in_run).finish_non_exhaustive()
    }
}

impl Captures {
    /// Captures of `isolate`. `app` and `pid` are for names of files; `version` is what the engine says of itself.
    pub fn new(isolate: Isolate, app: &str, version: &str, pid: Option<u32>, evaluates: bool) -> Self {
        let (app, version) = (app.to_owned(), version.to_owned());
        Self { isolate, app, version, pid, evaluates, in_run: 0, heap_used: None, owed: None }
    }

    /// What the next one will cost.
    pub fn cost(&self, token: &CancelToken) -> Result<Cost, LiveError> {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bytes of memory, not negative")]
        let heap_used = self.isolate.heap_usage(token)?.used_size.max(0.0) as u64;
        Ok(Cost::estimate(heap_used, &self.version, self.heap_used))
    }

    /// Takes one.
    pub fn take(
        &mut self,
        options: &CaptureOptions,
        watch: &CaptureWatch,
        token: &CancelToken,
    ) -> Result<Captured, LiveError> {
        if self.isolate.engine == Engine::Bun {
            return Err(LiveError::Unsupported(
                "Bun hands out a snapshot only as one string; ask for it with --bun".to_owned(),
            ));
        }
        self.settle_debt(token)?;
        let cost = self.cost(token)?;
        if !options.force {
            cost.check(cost::room(&self.isolate, self.pid, self.evaluates, token)?)?;
        }
        let begins_new_run = self.in_run > 0 && self.isolate.has_forgotten_ids(token)?;
        let began = Instant::now();
        let to_disk = ToDisk::begin(&options.to, &self.app, self.pid, "heapsnapshot", options.zstd)?;
        let params = json!({ "reportProgress": true, "captureNumericValue": options.numeric_values });
        let (path, bytes) = self.receive("HeapProfiler.takeHeapSnapshot", params, to_disk, watch, token)?;
        if begins_new_run {
            self.in_run = 0;
        }
        self.in_run += 1;
        self.heap_used = Some(cost.heap_used);
        Ok(Captured { path, bytes, took: began.elapsed(), number: self.in_run, begins_new_run })
    }

    /// Sends a request whose answer comes after a file in chunks, and sees that to the disk.
    pub(super) fn receive(
        &mut self,
        method: &str,
        params: serde_json::Value,
        to_disk: ToDisk,
        watch: &CaptureWatch,
        token: &CancelToken,
    ) -> Result<(PathBuf, u64), LiveError> {
        watch.set(CaptureStep::Asked);
        let entrance = to_disk.entrance.clone();
        let told = watch.clone();
        let counted = Mutex::new((0u64, 0u64));
        let listening = self.isolate.connection.listen(&self.isolate.route, move |event| match event {
            Event::Progress { done, total } => {
                counted.lock().unwrap_or_else(PoisonError::into_inner).1 = *total;
                told.set(CaptureStep::Walking { done: *done, total: *total });
            }
            Event::Chunk(chunk) => {
                let mut counted = counted.lock().unwrap_or_else(PoisonError::into_inner);
                counted.0 += chunk.len() as u64;
                told.set(CaptureStep::Arriving {
                    bytes: counted.0,
                    expected: counted.1.saturating_mul(BYTES_PER_OBJECT),
                });
                if counted.0 <= limits::SNAPSHOT_BYTES {
                    entrance.put(Arc::clone(chunk));
                }
            }
            _ => {}
        });
        let asked = self.isolate.connection.ask(&self.isolate.route, method, &params)?;
        let result = wait(&asked, &to_disk, token);
        drop(listening);
        match result {
            Ok(()) => {
                watch.set(CaptureStep::Finishing);
                let bytes = to_disk.received();
                if bytes > limits::SNAPSHOT_BYTES {
                    return Err(LiveError::Unsupported("the snapshot is larger than any can be".to_owned()));
                }
                to_disk.finish()
            }
            Err(LiveError::Lost(ended)) => Err(cut_short(to_disk, ended)),
            Err(e @ LiveError::Refused { .. }) => Err(e),
            Err(e) => {
                // It goes on to the end for nobody; a later one must not take its chunks for its own.
                self.owed = Some(asked);
                Err(e)
            }
        }
    }

    /// Waits for the end of a snapshot that was given up.
    fn settle_debt(&mut self, token: &CancelToken) -> Result<(), LiveError> {
        let Some(asked) = &self.owed else { return Ok(()) };
        match asked.wait(limits::SNAPSHOT, token) {
            Err(e @ (LiveError::Cancelled(_) | LiveError::Lost(_) | LiveError::NoAnswer { .. })) => Err(e),
            Ok(_) | Err(_) => {
                self.owed = None;
                Ok(())
            }
        }
    }
}

/// Waits for the answer, and gives up early when the file cannot be written.
fn wait(asked: &Asked, to_disk: &ToDisk, token: &CancelToken) -> Result<(), LiveError> {
    let until = Instant::now() + limits::SNAPSHOT;
    loop {
        match asked.wait(Duration::from_millis(200), token) {
            Ok(_) => return Ok(()),
            Err(LiveError::NoAnswer { .. }) if to_disk.has_failed() => return Ok(()),
            Err(LiveError::NoAnswer { .. }) if Instant::now() < until => {}
            Err(e) => return Err(e),
        }
    }
}

/// What came of a file whose target is gone is kept.
fn cut_short(to_disk: ToDisk, ended: Ended) -> LiveError {
    match to_disk.keep() {
        Err(e) => e,
        Ok((_, 0)) => LiveError::Lost(ended),
        Ok((part, bytes)) => LiveError::CutShort { why: LiveError::Lost(ended).to_string(), bytes, part },
    }
}
