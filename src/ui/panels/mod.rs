//! What fills the window: a panel for each question, and below it a pane about the selected
//! object.
//!
//! A panel changes only itself. Whatever goes further (selecting, showing something elsewhere,
//! copying) it pushes as a [`Command`], which the application runs after all panels were drawn.
//! What a panel shows is plain data in its `rows.rs`, which knows no egui.

mod about_all;
mod allocation;
mod answer;
mod chain;
mod comparison;
mod containment;
mod dominators;
mod growth;
mod leaks;
mod lower;
mod map;
mod menu;
mod object;
mod objects_table;
mod pair;
mod paths;
mod profile;
mod registry;
mod retainers;
mod search;
mod side_by_side;
mod source;
mod sources;
mod statistics;
mod summary;
mod why;

pub use lower::LowerPane;
pub use profile::ProfileViews;
pub use registry::Panels;
pub use search::SearchBar;

use super::command::{Command, Commands};
use super::place::PanelId;
use super::selection::Selection;
use super::theme::Theme;
use super::widgets::icon::Strokes;
use super::widgets::toolbar::toolbar;
use crate::analysis::tables::filters::NodeFilter;
use crate::graph::NodeSet;
use crate::session::job::FrontEnd;
use crate::session::{DocumentId, DocumentKind, OpenDocument, OpenSnapshot, Session};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A panel: one question about a document, and its answer. What it keeps of the user's doing is its
/// own; what goes further it pushes as a [`Command`].
///
/// A new panel is a folder beside the others and a line in [`registry`]. All but the name, the
/// title, the sentence and the drawing have defaults.
pub trait Panel: std::fmt::Debug {
    /// Its lasting name, unique among panels.
    fn id(&self) -> PanelId;

    /// Its title in the bar.
    fn title(&self) -> &'static str;

    /// What it shows, in a sentence.
    fn help(&self) -> &'static str;

    /// Draws it. Panels of snapshots begin with [`DocumentContext::snapshot`].
    fn ui(&mut self, ui: &mut egui::Ui, context: &mut DocumentContext<'_>);

    /// Its picture.
    fn icon(&self) -> Strokes {
        &[&[(-5.0, -5.0), (5.0, -5.0), (5.0, 5.0), (-5.0, 5.0), (-5.0, -5.0)]]
    }

    /// The kinds of documents it serves.
    fn kinds(&self) -> &'static [DocumentKind] {
        &[DocumentKind::Snapshot]
    }

    /// Whether the bar offers it for a document of a kind it serves. It keeps its number in any case.
    fn has_something(&self, _document: &OpenDocument) -> bool {
        true
    }

    /// Whether it shows two documents: the present one against a base.
    fn is_comparing(&self) -> bool {
        false
    }

    /// Whether objects are selected in it before anything else is done, so that the pane about the
    /// selected object has its place below even while nothing is selected.
    fn shows_objects(&self) -> bool {
        false
    }

    /// Shows an object: opens what it is in and scrolls to it. Panels in which objects have no one
    /// place leave it at the selection.
    fn reveal(&mut self, _selection: Selection) {}

    /// Shows the classes whose names hold `text`; says whether it shows classes at all.
    fn filter_classes(&mut self, _text: &str) -> bool {
        false
    }

    /// Puts the keyboard into its filter box, if it has one.
    fn focus_filter(&mut self) {}

    /// Counts only the objects of a snapshot that `filter` lets through, if it counts objects.
    fn count_objects(&mut self, _id: DocumentId, _filter: &NodeFilter) {}

    /// The objects of a snapshot that it counts; `None` for all, or if it counts none.
    fn counted_nodes(&self, _id: DocumentId) -> Option<Arc<NodeSet>> {
        None
    }

    /// The file of `old` is read again, as `new`: what the user did here is kept for that, by names
    /// that outlast it.
    fn replace(&mut self, old: DocumentId, _new: DocumentId) {
        self.forget(old);
    }

    /// Gives back everything kept about a document that is closed.
    fn forget(&mut self, id: DocumentId);
}

/// What panels are given to draw with.
#[derive(Debug)]
pub struct DocumentContext<'a> {
    /// Everything that is open.
    pub session: &'a Session,
    /// The number of the document that is shown.
    pub id: DocumentId,
    pub name: &'a str,
    pub document: &'a OpenDocument,
    /// The same, if it is a snapshot.
    pub current: Option<&'a OpenSnapshot>,
    /// The snapshot it is compared with, if it is a snapshot and there is another one.
    pub base: Option<&'a OpenSnapshot>,
    /// The selected object.
    pub selection: Option<Selection>,
    /// Colors and sizes.
    pub theme: &'a Theme,
    /// Wakes the window when background work is done, and shows what failed.
    pub front_end: &'a FrontEnd,
    /// What is to be done once all is drawn.
    pub commands: &'a mut Commands,
    /// What is kept of profiles.
    pub profiles: &'a mut ProfileViews,
}

impl DocumentContext<'_> {
    /// What panels of snapshots draw with, if a snapshot is shown.
    pub fn snapshot(&mut self) -> Option<PanelContext<'_>> {
        Some(PanelContext {
            session: self.session,
            current: self.current?,
            base: self.base,
            selection: self.selection,
            theme: self.theme,
            front_end: self.front_end,
            commands: self.commands,
        })
    }

    /// Asks for something to be done once all is drawn.
    pub fn push(&mut self, command: Command) {
        self.commands.push(command);
    }
}

/// What panels of snapshots are given to draw with.
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
    /// Wakes the window when background work is done, and shows what failed.
    pub front_end: &'a FrontEnd,
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
pub struct PerSnapshot<T>(BTreeMap<DocumentId, T>);

impl<T> Default for PerSnapshot<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T> PerSnapshot<T> {
    /// What is kept for `id`; made by `make` the first time.
    pub fn get_or_insert_with(&mut self, id: DocumentId, make: impl FnOnce() -> T) -> &mut T {
        self.0.entry(id).or_insert_with(make)
    }

    /// What is kept for `id`, if anything, to be changed.
    pub fn get_mut(&mut self, id: DocumentId) -> Option<&mut T> {
        self.0.get_mut(&id)
    }

    /// What is kept for `id`, if anything.
    pub fn get(&self, id: DocumentId) -> Option<&T> {
        self.0.get(&id)
    }

    /// Keeps `value` for `id`.
    pub fn insert(&mut self, id: DocumentId, value: T) {
        self.0.insert(id, value);
    }

    /// What is kept for `id`, which is then no longer kept.
    pub fn take(&mut self, id: DocumentId) -> Option<T> {
        self.0.remove(&id)
    }

    /// Gives back what is kept for a snapshot that is closed.
    pub fn forget(&mut self, id: DocumentId) {
        self.0.remove(&id);
    }
}
