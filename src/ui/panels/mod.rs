//! What fills the window: a panel for each question, and below it a pane about the selected
//! object.
//!
//! A panel changes only itself. Whatever goes further (selecting, showing something elsewhere,
//! copying) it pushes as a [`Command`], which the application runs after all panels were drawn.
//! What a panel shows is plain data in its `rows.rs`, which knows no egui.

mod lower;
mod menu;
mod object;
mod summary;

pub use lower::{LowerPane, LowerTab};

use super::command::{Command, Commands};
use super::selection::Selection;
use super::theme::Theme;
use crate::session::job::Wake;
use crate::session::{OpenSnapshot, Session, SnapshotId};
use std::collections::BTreeMap;
use summary::SummaryPanel;

/// The panels of the perspective bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, serde::Serialize, serde::Deserialize)]
pub enum Panel {
    /// Constructors, their objects, what those refer to.
    #[default]
    Summary,
}

impl Panel {
    /// All, in the order of the bar.
    pub const ALL: [Self; 1] = [Self::Summary];

    /// Its name in the bar.
    pub fn title(self) -> &'static str {
        match self {
            Self::Summary => "Summary",
        }
    }

    /// What it shows, in a sentence.
    pub fn help(self) -> &'static str {
        match self {
            Self::Summary => "Objects by constructor, with what they take and what they keep alive",
        }
    }

    /// Whether it shows two snapshots: the present one against a base.
    pub fn is_comparing(self) -> bool {
        match self {
            Self::Summary => false,
        }
    }
}

/// What panels are given to draw with.
#[derive(Debug)]
pub struct PanelContext<'a> {
    /// Everything that is open.
    pub session: &'a Session,
    /// The snapshot that is shown: B in panels that compare.
    pub current: &'a OpenSnapshot,
    /// The snapshot it is compared with, if there is another one: A.
    pub base: Option<&'a OpenSnapshot>,
    /// The selected object.
    pub selection: Option<Selection>,
    /// Colors and sizes.
    pub theme: &'a Theme,
    /// Wakes the window when background work is done.
    pub wake: &'a Wake,
    /// What is to be done once all is drawn.
    pub commands: &'a mut Commands,
}

impl PanelContext<'_> {
    /// Asks for something to be done once all is drawn.
    pub fn push(&mut self, command: Command) {
        self.commands.push(command);
    }
}

/// What a panel keeps for each snapshot, so that coming back finds it as it was left.
#[derive(Debug)]
pub struct PerSnapshot<T>(BTreeMap<SnapshotId, T>);

impl<T> Default for PerSnapshot<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T> PerSnapshot<T> {
    /// What is kept for `id`; made by `make` the first time.
    pub fn get_or_insert_with(&mut self, id: SnapshotId, make: impl FnOnce() -> T) -> &mut T {
        self.0.entry(id).or_insert_with(make)
    }

    /// What is kept for `id`, if anything.
    pub fn get_mut(&mut self, id: SnapshotId) -> Option<&mut T> {
        self.0.get_mut(&id)
    }

    /// Gives back what is kept for a snapshot that is closed.
    pub fn forget(&mut self, id: SnapshotId) {
        self.0.remove(&id);
    }
}

/// All panels.
#[derive(Debug, Default)]
pub struct Panels {
    summary: SummaryPanel,
}

impl Panels {
    /// Draws `panel`.
    pub fn ui(&mut self, panel: Panel, ui: &mut egui::Ui, context: &mut PanelContext<'_>) {
        match panel {
            Panel::Summary => self.summary.ui(ui, context),
        }
    }

    /// Shows an object in `panel`: opens what it is in and scrolls to it.
    pub fn reveal(&mut self, panel: Panel, selection: Selection) {
        match panel {
            Panel::Summary => self.summary.reveal(selection),
        }
    }

    /// Shows the classes whose names hold `text` in `panel`.
    pub fn filter_classes(&mut self, panel: Panel, text: &str) {
        match panel {
            Panel::Summary => self.summary.filter_classes(text),
        }
    }

    /// Puts the keyboard into the filter box of `panel`.
    pub fn focus_filter(&mut self, panel: Panel) {
        match panel {
            Panel::Summary => self.summary.focus_filter(),
        }
    }

    /// Gives back everything kept about a snapshot that is closed.
    pub fn forget(&mut self, id: SnapshotId) {
        self.summary.forget(id);
    }
}
