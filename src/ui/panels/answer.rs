//! What a panel finds out in the background: asked for, known, or not to be had. What is shown in
//! its place meanwhile is the same in all panels: how far it is, and a way to stop it or to ask
//! again.

use crate::progress::{Cancelled, Progress};
use crate::session::job::{FrontEnd, Job};
use crate::ui::theme::Theme;
use egui::{ProgressBar, RichText, Ui};
use std::time::{Duration, Instant};

/// How often progress is drawn.
const PROGRESS_EVERY: Duration = Duration::from_millis(50);

/// Whatever takes no longer shows no progress: that would only flash up.
const UNSEEN: Duration = Duration::from_millis(120);

/// Something that is found out in the background.
#[derive(Debug)]
pub(super) enum Answer<T: Send + 'static> {
    /// It is being found out, since then.
    Asked(Job<Result<T, Cancelled>>, Instant),
    Known(T),
    /// The user gave it up.
    GivenUp,
    /// A mistake of ours, which was reported.
    Failed,
}

impl<T: Send + 'static> Answer<T> {
    /// Asks, on a thread named `thread`; `description` is for people.
    pub(super) fn ask(
        thread: &str,
        description: impl Into<String>,
        front_end: &FrontEnd,
        work: impl FnOnce(&Progress) -> Result<T, Cancelled> + Send + 'static,
    ) -> Self {
        Self::Asked(Job::spawn(thread, description, front_end, work), Instant::now())
    }

    /// Takes over what the background has finished.
    pub(super) fn poll(&mut self, front_end: &FrontEnd) {
        let Self::Asked(job, _) = self else { return };
        match job.poll() {
            None => {}
            Some(Ok(Ok(value))) => *self = Self::Known(value),
            Some(Ok(Err(Cancelled))) => *self = Self::GivenUp,
            Some(Err(panicked)) => {
                front_end.report(panicked);
                *self = Self::Failed;
            }
        }
    }

    /// The answer, if it is there.
    pub(super) fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            _ => None,
        }
    }

    /// The answer, if it is there, to be changed.
    pub(super) fn known_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Known(value) => Some(value),
            _ => None,
        }
    }

    /// The answer, given away.
    pub(super) fn into_known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            _ => None,
        }
    }

    /// Draws what is shown instead of the answer until it is known: what is being done, and a
    /// button to stop it or to try again. Returns whether it is to be asked again.
    pub(super) fn waiting_ui(&mut self, ui: &mut Ui, doing: &str) -> bool {
        let theme = Theme::of(ui.ctx());
        let mut is_stopped = false;
        let mut asks_again = false;
        ui.vertical_centered(|ui| {
            ui.add_space((ui.available_height() * 0.3 - 32.0).clamp(8.0, 160.0));
            let sentence = match self {
                Self::Known(_) => return,
                Self::Asked(_, since) if since.elapsed() < UNSEEN => {
                    ui.ctx().request_repaint_after(UNSEEN.saturating_sub(since.elapsed()));
                    return;
                }
                Self::Asked(job, _) => {
                    let progress = job.progress();
                    ui.label(doing);
                    ui.add(ProgressBar::new(progress.fraction()).desired_width(240.0).text(progress.label()));
                    ui.ctx().request_repaint_after(PROGRESS_EVERY);
                    is_stopped = ui.button("Cancel").clicked();
                    return;
                }
                Self::GivenUp => "This was given up",
                Self::Failed => "This failed because of a mistake in Heapglass; what is open is not affected",
            };
            ui.label(RichText::new(sentence).color(theme.colors.quiet));
            ui.add_space(4.0);
            asks_again = ui.button("Try again").clicked();
        });
        if is_stopped {
            // The job that goes is cancelled by that.
            *self = Self::GivenUp;
        }
        asks_again
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled<T: Send>(mut answer: Answer<T>, front_end: &FrontEnd) -> Answer<T> {
        while matches!(answer, Answer::Asked(..)) {
            answer.poll(front_end);
            std::thread::yield_now();
        }
        answer
    }

    #[test]
    fn a_failure_is_reported_with_its_details_and_asked_again_only_on_request() {
        let front_end = FrontEnd::nobody();
        let work = |_: &Progress| -> Result<u32, Cancelled> { panic!("lost count") };
        let answer = settled(Answer::ask("test", "Counting", &front_end, work), &front_end);
        assert!(matches!(answer, Answer::Failed), "{answer:?}");
        let failures = front_end.take_failures();
        assert_eq!(failures.len(), 1);
        assert!(failures[0].details.contains("lost count"), "{failures:?}");
        assert_eq!(answer.known(), None);
    }

    #[test]
    fn an_answer_is_known_and_one_that_was_cancelled_is_given_up() {
        let front_end = FrontEnd::nobody();
        let answer = settled(Answer::ask("test", "Counting", &front_end, |_| Ok(42)), &front_end);
        assert_eq!(answer.known(), Some(&42));
        assert_eq!(answer.into_known(), Some(42));
        let given_up = settled(Answer::<u32>::ask("test", "Counting", &front_end, |_| Err(Cancelled)), &front_end);
        assert!(matches!(given_up, Answer::GivenUp));
        assert_eq!(front_end.take_failures(), []);
    }
}
