//! Progress and cancelling, handed down to everything that takes long. Knows nothing else here.
//!
//! A [`Progress`] is shared between the thread that works and whoever watches. Work is cut into
//! [`Stage`]s with weights; stages may run side by side, so the fraction is a sum of parts done.

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
    /// From beginning to end; stages may have run side by side.
    pub wall: Duration,
}

/// How far a piece of work is; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    shared: Arc<Shared>,
    token: CancelToken,
}

impl Progress {
    /// Progress that nobody has reported to yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The token that cancels the work.
    pub fn token(&self) -> &CancelToken {
        &self.token
    }

    /// Begins a stage that is `weight` of the `total` weight of the whole work. `label` is what
    /// the user reads: "Reading nodes".
    pub fn stage(&self, label: &'static str, weight: u32, total: u32) -> Stage {
        *self.shared.label.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = label;
        Stage {
            timed: Some((label, Instant::now())),
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
    timed: Option<(&'static str, Instant)>,
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
            progress: Some(Progress { shared: Arc::default(), token: token.clone() }),
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

    /// Stops the work here if that was asked for.
    pub fn check(&self) -> Result<(), Cancelled> {
        match &self.progress {
            Some(p) => p.token.check(),
            None => Ok(()),
        }
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
            if let Some((label, began)) = self.timed {
                let time = StageTime { label, wall: began.elapsed() };
                p.shared.finished.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(time);
            }
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
    fn a_cancelled_token_stops_every_stage() {
        let p = Progress::new();
        let stage = p.stage("one", 1, 1);
        p.token().cancel();
        assert_eq!(stage.reached(1, 2), Err(Cancelled));
        assert_eq!(stage.check(), Err(Cancelled));
    }
}
