//! Progress and cancelling, handed down to everything that takes long.
//!
//! A [`Progress`] is shared between the thread that works and whoever watches. Work is cut into
//! [`Stage`]s with weights; stages may run side by side, so the fraction is a sum of parts done.

use crate::measure;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The work was given up on request. Never shown as an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cancelled")]
pub struct Cancelled;

/// A flag that asks work to stop; clones share it.
#[derive(Debug, Clone, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// A token that is cancelled by a flag that somebody else sets, such as a handler of signals.
    pub fn of_flag(flag: Arc<AtomicBool>) -> Self {
        Self(flag)
    }

    /// Asks everything that holds a clone to stop soon.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether stopping was asked for.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// `Err(Cancelled)` once stopping was asked for.
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.is_cancelled() { Err(Cancelled) } else { Ok(()) }
    }
}

/// How finely the whole is divided.
const WHOLE: u64 = 1 << 20;

#[derive(Debug, Default)]
struct Shared {
    /// Parts of `WHOLE` done.
    done: AtomicU64,
    /// Whether `done` means anything: false until the first weighted stage.
    label: Mutex<&'static str>,
    finished: Mutex<Vec<StageTime>>,
}

/// How long a finished stage took.
#[derive(Debug, Clone, Copy)]
pub struct StageTime {
    /// What the user read.
    pub label: &'static str,
    /// When it began.
    pub began: Instant,
    /// From beginning to end; stages may have run side by side.
    pub wall: Duration,
    /// Processor time of all threads that worked for it; only of [`Progress::measured`] work.
    pub cpu: Option<Duration>,
    /// Whether it is part of another stage: see [`Stage::part`].
    pub is_part: bool,
}

/// Whose processor time a stage takes.
#[derive(Debug, Clone, Copy)]
enum Workers {
    /// That of the thread that begins and ends it; others may work beside it.
    OneThread,
    /// That of all threads; nothing else happens meanwhile.
    AllThreads,
}

/// The clocks of a stage that runs.
#[derive(Debug)]
struct Timing {
    label: &'static str,
    began: Instant,
    workers: Workers,
    cpu: Option<Duration>,
    is_part: bool,
}

impl Workers {
    fn cpu_time(self) -> Option<Duration> {
        match self {
            Self::OneThread => measure::thread_cpu_time(),
            Self::AllThreads => measure::cpu_time(),
        }
    }
}

impl Timing {
    fn begin(label: &'static str, workers: Workers, is_measured: bool, is_part: bool) -> Self {
        let cpu = is_measured.then(|| workers.cpu_time()).flatten();
        Self { label, began: Instant::now(), workers, cpu, is_part }
    }

    fn end(&self) -> StageTime {
        let wall = self.began.elapsed();
        let cpu = self.cpu.and_then(|before| Some(self.workers.cpu_time()?.saturating_sub(before)));
        StageTime { label: self.label, began: self.began, wall, cpu, is_part: self.is_part }
    }
}

/// How far a piece of work is; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    shared: Arc<Shared>,
    token: CancelToken,
    /// Whether stages look at their processor time: some microseconds each.
    is_measured: bool,
}

impl Progress {
    /// Progress that nobody has reported to yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Progress of work whose processor time is wanted too.
    pub fn measured() -> Self {
        Self { is_measured: true, ..Self::default() }
    }

    /// The token that cancels the work.
    pub fn token(&self) -> &CancelToken {
        &self.token
    }

    /// Begins a stage that is `weight` of the `total` weight of the whole work. `label` is what
    /// the user reads: "Reading nodes". One thread works on it, and ends it.
    pub fn stage(&self, label: &'static str, weight: u32, total: u32) -> Stage {
        self.stage_of(Workers::OneThread, label, weight, total)
    }

    /// Begins a stage, as [`Progress::stage`] does, that all threads work on.
    pub fn stage_of_all_threads(&self, label: &'static str, weight: u32, total: u32) -> Stage {
        self.stage_of(Workers::AllThreads, label, weight, total)
    }

    fn stage_of(&self, workers: Workers, label: &'static str, weight: u32, total: u32) -> Stage {
        *self.shared.label.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = label;
        Stage {
            timed: Some(Timing::begin(label, workers, self.is_measured, false)),
            progress: Some(self.clone()),
            span: WHOLE * u64::from(weight) / u64::from(total.max(1)),
            reported: AtomicU64::new(0),
        }
    }

    /// Part done, from 0 to 1.
    pub fn fraction(&self) -> f32 {
        (self.shared.done.load(Ordering::Relaxed).min(WHOLE) as f32) / WHOLE as f32
    }

    /// The stages finished so far, in the order they ended.
    pub fn stage_times(&self) -> Vec<StageTime> {
        self.shared.finished.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    fn finished(&self, timing: &Timing) {
        let time = timing.end();
        self.shared.finished.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(time);
    }

    /// The stage that began last.
    pub fn label(&self) -> &'static str {
        *self.shared.label.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// A stage of the work; finished when dropped. Long loops call [`Stage::reached`] (or at least
/// [`Stage::check`]) every few thousand steps.
#[derive(Debug, Default)]
pub struct Stage {
    progress: Option<Progress>,
    timed: Option<Timing>,
    span: u64,
    reported: AtomicU64,
}

impl Stage {
    /// A stage nobody watches and nobody cancels.
    pub fn unwatched() -> Self {
        Self::default()
    }

    /// A stage whose progress nobody watches, but which `token` cancels.
    pub fn cancelled_by(token: &CancelToken) -> Self {
        Self {
            progress: Some(Progress { token: token.clone(), ..Progress::default() }),
            timed: None,
            span: 0,
            reported: AtomicU64::new(0),
        }
    }

    /// A stage that is cancelled with this one and does not report: for parts of its work.
    #[must_use]
    pub fn quiet(&self) -> Self {
        self.progress.as_ref().map_or_else(Self::unwatched, |p| Self::cancelled_by(p.token()))
    }

    /// Times a part of this stage, until the answer is dropped. All threads may work on it.
    #[must_use]
    pub fn part(&self, label: &'static str) -> Part<'_> {
        let progress = self.progress.as_ref().filter(|_| self.timed.is_some());
        Part(progress.map(|p| (p, Timing::begin(label, Workers::AllThreads, p.is_measured, true))))
    }

    /// Stops the work here if that was asked for.
    pub fn check(&self) -> Result<(), Cancelled> {
        match &self.progress {
            Some(p) => p.token.check(),
            None => Ok(()),
        }
    }

    /// [`Stage::check`] at every few thousandth `step`, for loops that do little in each.
    pub fn check_at(&self, step: usize) -> Result<(), Cancelled> {
        if step.is_multiple_of(1 << 12) { self.check() } else { Ok(()) }
    }

    /// Says that `done` of `total` steps of this stage are behind us; callable from several
    /// threads, where the highest figure counts.
    pub fn reached(&self, done: u64, total: u64) -> Result<(), Cancelled> {
        let Some(p) = &self.progress else { return Ok(()) };
        p.token.check()?;
        let part = (u128::from(self.span) * u128::from(done.min(total)) / u128::from(total.max(1))) as u64;
        let before = self.reported.fetch_max(part, Ordering::Relaxed);
        if part > before {
            p.shared.done.fetch_add(part - before, Ordering::Relaxed);
        }
        Ok(())
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Some(p) = &self.progress {
            let before = self.reported.swap(self.span, Ordering::Relaxed);
            p.shared.done.fetch_add(self.span.saturating_sub(before), Ordering::Relaxed);
            if let Some(timing) = &self.timed {
                p.finished(timing);
            }
        }
    }
}

/// A part of a stage, timed until it is dropped.
#[derive(Debug)]
pub struct Part<'s>(Option<(&'s Progress, Timing)>);

impl Drop for Part<'_> {
    fn drop(&mut self) {
        if let Some((progress, timing)) = &self.0 {
            progress.finished(timing);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_side_by_side_add_up_to_the_whole() {
        let p = Progress::new();
        let a = p.stage("one", 1, 4);
        let b = p.stage("two", 3, 4);
        assert_eq!(p.label(), "two");
        a.reached(1, 2).unwrap();
        assert_eq!(p.fraction(), 0.125);
        a.reached(1, 4).unwrap();
        assert_eq!(p.fraction(), 0.125, "progress never goes back");
        drop(b);
        drop(a);
        assert_eq!(p.fraction(), 1.0);
        assert_eq!(p.stage_times().iter().map(|t| t.label).collect::<Vec<_>>(), ["two", "one"]);
    }

    #[test]
    fn parts_stand_before_their_stage_and_count_for_nothing() {
        let p = Progress::new();
        let stage = p.stage_of_all_threads("all", 1, 1);
        drop(stage.part("half"));
        assert_eq!(p.fraction(), 0.0);
        drop(stage);
        let times = p.stage_times();
        assert_eq!(times.iter().map(|t| (t.label, t.is_part)).collect::<Vec<_>>(), [("half", true), ("all", false)]);
        assert!(times[1].began <= times[0].began && times.iter().all(|t| t.cpu.is_none()));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_measured_stage_tells_the_processor_time_of_whoever_worked_on_it() {
        let p = Progress::measured();
        let spin = || {
            let began = measure::thread_cpu_time().unwrap();
            while measure::thread_cpu_time().unwrap() - began < Duration::from_millis(5) {}
        };
        let one = p.stage("one thread", 1, 2);
        spin();
        drop(one);
        let all = p.stage_of_all_threads("all threads", 1, 2);
        std::thread::scope(|s| {
            let (tell, wait) = std::sync::mpsc::channel();
            let (go, may_end) = std::sync::mpsc::channel::<()>();
            s.spawn(move || {
                spin();
                tell.send(()).unwrap();
                // Alive until its time was looked at.
                let _ = may_end.recv();
            });
            spin();
            wait.recv().unwrap();
            drop(all);
            drop(go);
        });
        let cpu: Vec<_> = p.stage_times().iter().map(|t| t.cpu.unwrap()).collect();
        assert!(cpu[0] >= Duration::from_millis(5), "{cpu:?}");
        assert!(cpu[1] >= Duration::from_millis(10), "{cpu:?}");
    }

    #[test]
    fn a_cancelled_token_stops_every_stage() {
        let p = Progress::new();
        let stage = p.stage("one", 1, 1);
        p.token().cancel();
        assert_eq!(stage.reached(1, 2), Err(Cancelled));
        assert_eq!(stage.check(), Err(Cancelled));
    }
}
