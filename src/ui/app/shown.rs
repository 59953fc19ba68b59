//! What is being looked at: the panel, the document, what it is compared with, the selected object.

use crate::graph::NodeId;
use crate::session::{Document, DocumentId, Session};
use crate::ui::panels::PerSnapshot;
use crate::ui::place::{PanelId, Place};
use crate::ui::selection::Selection;

/// What is being looked at.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) panel: PanelId,
    pub(super) current: Option<DocumentId>,
    pub(super) selection: Option<Selection>,
    chosen_base: Option<DocumentId>,
    /// The selection each snapshot was left with.
    left: PerSnapshot<Selection>,
    /// Shown as soon as it is open.
    awaited: Option<DocumentId>,
    /// The object that was selected in a file which is being read again as this document.
    reselecting: Option<(DocumentId, NodeId)>,
}

impl Shown {
    pub(super) fn new(panel: PanelId) -> Self {
        Self {
            panel,
            current: None,
            selection: None,
            chosen_base: None,
            left: PerSnapshot::default(),
            awaited: None,
            reselecting: None,
        }
    }

    pub(super) fn place(&self) -> Place {
        Place { panel: self.panel, snapshot: self.current, selection: self.selection }
    }

    /// Shows a document, if it is open.
    pub(super) fn show(&mut self, id: DocumentId, session: &Session) {
        if !is_open(id, session) || self.current == Some(id) {
            return;
        }
        if let (Some(current), Some(selection)) = (self.current, self.selection) {
            *self.left.get_or_insert_with(current, || selection) = selection;
        }
        // While a chosen pair is still opening, the base may be shown alone.
        if self.chosen_base == Some(id) && self.awaited.is_none() {
            self.chosen_base = None;
        }
        self.current = Some(id);
        self.selection = self.left.get(id).copied().or_else(|| self.selected_again(id, session));
    }

    /// The object that was selected in the file before it was read again as `id`.
    fn selected_again(&mut self, id: DocumentId, session: &Session) -> Option<Selection> {
        let (_, node) = self.reselecting.take_if(|of| of.0 == id)?;
        Some(Selection { snapshot: id, node: session.snapshot(id)?.snapshot.heap.find(node)? })
    }

    /// Shows a document now or as soon as it is open.
    pub(super) fn show_when_open(&mut self, id: DocumentId, session: &Session) {
        if is_open(id, session) {
            self.show(id, session);
        } else {
            self.awaited = Some(id);
        }
    }

    /// Shows a document that has just been opened, if it was waited for or nothing else is shown.
    pub(super) fn opened(&mut self, id: DocumentId, session: &Session) {
        if self.awaited == Some(id) || self.current.is_none() {
            self.show(id, session);
            self.awaited = self.awaited.filter(|&a| a != id);
        }
    }

    /// Shows the document `by` places below the present one.
    pub(super) fn step(&mut self, by: isize, session: &Session) {
        let ids = open_ids(session);
        let at = ids.iter().position(|id| self.current == Some(*id));
        if let Some(&id) = at.and_then(|at| ids.get(at.checked_add_signed(by)?)) {
            self.show(id, session);
        }
    }

    /// What the present snapshot is compared with: the one that was chosen, else the one above
    /// it, else the one below.
    pub(super) fn base(&self, session: &Session) -> Option<DocumentId> {
        let current = self.current.filter(|&id| session.snapshot(id).is_some())?;
        let chosen = self.chosen_base.filter(|&id| id != current && session.snapshot(id).is_some());
        chosen.or_else(|| {
            let ids: Vec<DocumentId> = session.snapshots().map(|s| s.id).collect();
            let at = ids.iter().position(|id| *id == current)?;
            at.checked_sub(1).or(Some(at + 1)).and_then(|i| ids.get(i)).copied()
        })
    }

    /// Compares with this snapshot.
    pub(super) fn set_base(&mut self, id: DocumentId) {
        self.chosen_base = Some(id);
    }

    /// Exchanges what is compared with what.
    pub(super) fn swap(&mut self, session: &Session) {
        if let (Some(current), Some(base)) = (self.current, self.base(session)) {
            self.chosen_base = Some(current);
            self.show(base, session);
        }
    }

    /// Puts the snapshot that a file is being read into in the place of the one it was read into
    /// before; `was` says what that one was.
    pub(super) fn replace(&mut self, was: Part, new: DocumentId) {
        if was.is_current {
            self.awaited = Some(new);
        }
        if was.is_base {
            self.chosen_base = Some(new);
        }
        self.reselecting = was.selected.map(|node| (new, node));
    }

    /// What part a document has in what is looked at.
    pub(super) fn part_of(&self, id: DocumentId, session: &Session) -> Part {
        let selection = if self.current == Some(id) { self.selection } else { self.left.get(id).copied() };
        let id_of = |s: Selection| Some(session.snapshot(s.snapshot)?.snapshot.heap.id(s.node));
        Part {
            is_current: self.current == Some(id),
            is_base: self.chosen_base == Some(id),
            selected: selection.filter(|s| s.snapshot == id).and_then(id_of),
        }
    }

    /// Looks at something else than a snapshot that will be closed.
    pub(super) fn forget(&mut self, id: DocumentId, session: &Session) {
        self.left.forget(id);
        self.selection = self.selection.filter(|s| s.snapshot != id);
        self.awaited = self.awaited.filter(|&a| a != id);
        self.chosen_base = self.chosen_base.filter(|&b| b != id);
        if self.current == Some(id) {
            let ids = open_ids(session);
            // What is being read again is no longer in the list; nothing takes its place meanwhile.
            let at = ids.iter().position(|i| *i == id);
            let next = at.and_then(|at| ids.get(at + 1).or_else(|| ids.get(at.checked_sub(1)?)).copied());
            self.selection = None;
            self.current = None;
            if let Some(next) = next {
                self.show(next, session);
            }
        }
    }
}

/// What part a document has in what is looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    is_current: bool,
    is_base: bool,
    selected: Option<NodeId>,
}

fn is_open(id: DocumentId, session: &Session) -> bool {
    session.document(id).is_some_and(|document| document.opened().is_some())
}

/// The documents that are open, in the user's order.
fn open_ids(session: &Session) -> Vec<DocumentId> {
    session.documents().iter().filter(|d| d.opened().is_some()).map(Document::id).collect()
}
