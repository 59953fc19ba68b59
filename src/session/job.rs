//! Work on a thread of its own, watched from a front end that draws frames. Knows no egui: the
//! front end hands in a [`FrontEnd`], by which it is woken and learns of failures.

use crate::progress::Progress;
use poll_promise::Promise;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, Once, PoisonError};

/// The front end as background work knows it: woken when something is done, told what failed.
#[derive(Clone)]
pub struct FrontEnd {
    wake: Arc<dyn Fn() + Send + Sync>,
    failures: Arc<Mutex<Vec<Panicked>>>,
}

impl FrontEnd {
    /// A front end that is woken by `wake`, which is called from other threads.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self { wake: Arc::new(wake), failures: Arc::default() }
    }

    /// For front ends that look by themselves, such as tests.
    pub fn nobody() -> Self {
        Self::new(|| {})
    }

    /// Makes the front end look again.
    pub fn wake(&self) {
        (self.wake)();
    }

    /// Keeps a failure until it is shown, wherever it came from.
    pub fn report(&self, panicked: Panicked) {
        log::error!("{panicked}: {}", panicked.details);
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).push(panicked);
        self.wake();
    }

    /// The failures since the last time this was asked.
    pub fn take_failures(&self) -> Vec<Panicked> {
        std::mem::take(&mut *self.failures.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl std::fmt::Debug for FrontEnd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FrontEnd")
    }
}

/// The work panicked: a mistake of ours, caught before it could take the window along.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{description} failed because of a mistake in Heapglass")]
pub struct Panicked {
    /// What the job was, in the user's words.
    pub description: String,
    /// Message, place and backtrace, for a report.
    pub details: String,
}

/// A running piece of work and, once it is done, its result. Dropping the job cancels the work.
#[must_use = "a dropped job is cancelled"]
pub struct Job<T: Send + 'static> {
    description: String,
    progress: Progress,
    /// `None` once the result was taken.
    promise: Option<Promise<Result<T, Panicked>>>,
}

impl<T: Send + 'static> std::fmt::Debug for Job<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Job").field("description", &self.description).finish_non_exhaustive()
    }
}

impl<T: Send + 'static> Job<T> {
    /// Starts `work` on a thread named `thread`; `front_end` is woken once when it is done.
    /// `description` is for people: "Opening a.heapsnapshot".
    pub fn spawn(
        thread: &str,
        description: impl Into<String>,
        front_end: &FrontEnd,
        work: impl FnOnce(&Progress) -> T + Send + 'static,
    ) -> Self {
        let description = description.into();
        let progress = Progress::new();
        let (sender, promise) = Promise::new();
        let in_thread = {
            let (progress, front_end, description) = (progress.clone(), front_end.clone(), description.clone());
            move || {
                let started = std::time::Instant::now();
                log::debug!("{description}: started");
                let result = catch(&description, || work(&progress));
                let how = if progress.token().is_cancelled() { "given up" } else { "done" };
                log::debug!("{description}: {how} after {:.3} s", started.elapsed().as_secs_f64());
                sender.send(result);
                front_end.wake();
            }
        };
        // A thread that cannot be started drops the sender, which would make polling panic.
        let promise = match std::thread::Builder::new().name(thread.to_owned()).spawn(in_thread) {
            Ok(_) => promise,
            Err(e) => Promise::from_ready(Err(Panicked {
                description: description.clone(),
                details: format!("cannot start a thread: {e}"),
            })),
        };
        Self { description, progress, promise: Some(promise) }
    }

    /// What this is, in the user's words.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// How far it is.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// The result, once, as soon as there is one.
    pub fn poll(&mut self) -> Option<Result<T, Panicked>> {
        match self.promise.take()?.try_take() {
            Ok(result) => Some(result),
            Err(not_yet) => {
                self.promise = Some(not_yet);
                None
            }
        }
    }
}

impl<T: Send + 'static> Drop for Job<T> {
    fn drop(&mut self) {
        self.progress.token().cancel();
    }
}

/// What the panic hook saw last. Panics of worker threads arrive elsewhere, without their place.
static LAST_PANIC: Mutex<Option<String>> = Mutex::new(None);

/// Runs `work` and turns a panic into an error.
fn catch<T>(description: &str, work: impl FnOnce() -> T) -> Result<T, Panicked> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let backtrace = std::backtrace::Backtrace::force_capture();
            *LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner) = Some(format!("{info}\n{backtrace}"));
            before(info);
        }));
    });
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        let seen = LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner).take();
        let message = payload
            .downcast_ref::<&str>()
            .map(|s| (*s).to_owned())
            .or_else(|| payload.downcast_ref::<String>().cloned());
        let details = seen.or(message).unwrap_or_else(|| "no message".to_owned());
        Panicked { description: description.to_owned(), details }
    })
}

/// Drops `value` on a thread of its own: giving back gigabytes takes longer than a frame.
pub fn drop_elsewhere<T: Send + 'static>(value: T) {
    let give_back = move || {
        drop(value);
        crate::memory::give_back_free_memory();
    };
    // Should no thread start, the closure and with it the value are dropped right here.
    let _ = std::thread::Builder::new().name("drop".to_owned()).spawn(give_back);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    fn wait<T: Send>(job: &mut Job<T>) -> Result<T, Panicked> {
        loop {
            if let Some(result) = job.poll() {
                return result;
            }
            std::thread::yield_now();
        }
    }

    #[test]
    fn the_result_comes_once_and_wakes_the_front_end() {
        let (tx, rx) = mpsc::channel();
        let front_end = FrontEnd::new(move || tx.send(()).unwrap());
        let mut job = Job::spawn("test", "Counting", &front_end, |_| 42);
        rx.recv().unwrap();
        assert_eq!(wait(&mut job), Ok(42));
        assert_eq!(job.poll(), None);
    }

    #[test]
    fn a_panic_becomes_an_error_with_its_message_and_place() {
        let mut job = Job::spawn("test", "Counting", &FrontEnd::nobody(), |_| -> u32 { panic!("lost count") });
        let error = wait(&mut job).unwrap_err();
        assert_eq!(error.to_string(), "Counting failed because of a mistake in Heapglass");
        assert!(error.details.contains("lost count") && error.details.contains("job.rs"), "{}", error.details);
    }

    #[test]
    fn what_is_reported_is_kept_until_it_is_taken() {
        let front_end = FrontEnd::nobody();
        let failure = Panicked { description: "Counting".to_owned(), details: "lost count".to_owned() };
        front_end.clone().report(failure.clone());
        assert_eq!(front_end.take_failures(), [failure]);
        assert_eq!(front_end.take_failures(), []);
    }

    #[test]
    fn dropping_a_job_cancels_its_work() {
        let (tx, rx) = mpsc::channel();
        let job = Job::spawn("test", "Waiting", &FrontEnd::nobody(), move |progress| {
            while !progress.token().is_cancelled() {
                std::thread::yield_now();
            }
            tx.send(()).unwrap();
        });
        drop(job);
        rx.recv().unwrap();
    }
}
