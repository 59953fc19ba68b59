//! What a panel finds out about all open snapshots together: asked for when others are open than
//! before, and not while files are on their way.

use super::PanelContext;
use super::answer::Answer;
use crate::progress::{Cancelled, Progress};
use crate::session::{DocumentId, OpenSnapshot, Snapshot};
use crate::ui::widgets::message::message;
use egui::Ui;
use std::sync::Arc;

/// An answer about all open snapshots.
#[derive(Debug)]
pub(super) struct AboutAll<T: Send + 'static> {
    /// Which snapshots, oldest first, were asked about.
    of: Vec<DocumentId>,
    answer: Option<Answer<T>>,
}

impl<T: Send + 'static> Default for AboutAll<T> {
    fn default() -> Self {
        Self { of: Vec::new(), answer: None }
    }
}

impl<T: Send + 'static> AboutAll<T> {
    /// Takes over what the background has finished, and asks anew where other snapshots are open
    /// than before; says whether it did. `description` is for people.
    pub(super) fn update(
        &mut self,
        open: &[OpenSnapshot],
        description: &'static str,
        context: &PanelContext<'_>,
        work: impl FnOnce(&[Arc<Snapshot>], &Progress) -> Result<T, Cancelled> + Send + 'static,
    ) -> bool {
        if let Some(answer) = &mut self.answer {
            answer.poll(context.front_end);
        }
        let now: Vec<DocumentId> = open.iter().map(|s| s.id).collect();
        // While files are on their way the answer would not be one for long.
        if now == self.of || context.session.is_loading() {
            return false;
        }
        self.of = now;
        let snapshots: Vec<Arc<Snapshot>> = open.iter().map(|s| Arc::clone(&s.snapshot)).collect();
        let work = move |progress: &Progress| work(&snapshots, progress);
        self.answer = Some(Answer::ask("all", description, context.front_end, work));
        true
    }

    /// The answer, if it is there.
    pub(super) fn known(&self) -> Option<&T> {
        self.answer.as_ref()?.known()
    }

    /// The answer, if it is there, to be changed.
    pub(super) fn known_mut(&mut self) -> Option<&mut T> {
        self.answer.as_mut()?.known_mut()
    }

    /// The answer, once, as soon as it is there.
    pub(super) fn take_known(&mut self) -> Option<T> {
        self.answer.take_if(|answer| answer.known().is_some())?.into_known()
    }

    /// Draws what is shown instead of the answer until it is known. Whoever is to try again does so
    /// at the next [`Self::update`].
    pub(super) fn waiting_ui(&mut self, ui: &mut Ui, doing: &str) {
        match &mut self.answer {
            None => message(ui, "Waiting for files that are being opened…"),
            Some(answer) => {
                if answer.waiting_ui(ui, doing) {
                    *self = Self::default();
                }
            }
        }
    }

    /// Gives back what is kept about a snapshot; says whether there was anything.
    pub(super) fn forget(&mut self, id: DocumentId) -> bool {
        let is_about = self.of.contains(&id);
        if is_about {
            *self = Self::default();
        }
        is_about
    }
}
