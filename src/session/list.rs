//! The list of documents: opened, renamed, moved, closed. What the window shows at its side.

use super::document::{Document, DocumentId, OpenSnapshot, Origin, Outcome, Refusal, State, stamp};
use super::files::{files_named, stands_for_several};
use super::job::{FrontEnd, Job, drop_elsewhere};
use super::kinds::{OpenDocument, document_name};
use super::open::{FirstLook, open_document};
use super::policy::{OpenError, OpenPolicy};
use super::reservations::Reservations;
use super::snapshot::open_blocks;
use crate::measure::available_bytes;
use crate::progress::{Cancelled, Progress};
use crate::reader::BlockSource;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// What happened to a document since the last look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionEvent {
    Opened(DocumentId),
    /// It could not be opened.
    Refused(DocumentId),
    /// It is gone from the list: loading it was given up, or it stood for files that were found.
    Gone(DocumentId),
    /// A folder or a pattern stands for these files, the oldest first. They are not being opened yet.
    Found(Vec<PathBuf>),
}

/// Everything that is open or on its way.
#[derive(Debug)]
pub struct Session {
    documents: Vec<Document>,
    front_end: FrontEnd,
    /// How much memory is free, if that can be known.
    free_memory: fn() -> Option<u64>,
    reservations: Reservations,
    /// What was added open, and nobody was told of yet.
    added: Vec<DocumentId>,
    next: u32,
}

impl Session {
    /// An empty list; `front_end` is woken when a document was looked at, opened or refused.
    pub fn new(front_end: FrontEnd) -> Self {
        Self {
            documents: Vec::new(),
            front_end,
            free_memory: available_bytes,
            reservations: Reservations::default(),
            added: Vec::new(),
            next: 1,
        }
    }

    /// The same, where `free_memory` tells how much memory documents may take.
    #[must_use]
    pub fn with_free_memory(self, free_memory: fn() -> Option<u64>) -> Self {
        Self { free_memory, ..self }
    }

    /// All documents, in the user's order.
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// The snapshots that are open, in the user's order.
    pub fn snapshots(&self) -> impl DoubleEndedIterator<Item = OpenSnapshot> {
        self.documents.iter().filter_map(Document::snapshot)
    }

    /// The snapshot numbered `id`, if it is one and open.
    pub fn snapshot(&self, id: DocumentId) -> Option<OpenSnapshot> {
        self.document(id)?.snapshot()
    }

    /// The document numbered `id`.
    pub fn document(&self, id: DocumentId) -> Option<&Document> {
        self.documents.iter().find(|d| d.id == id)
    }

    fn position(&self, id: DocumentId) -> Option<usize> {
        self.documents.iter().position(|d| d.id == id)
    }

    /// Whether anything is being loaded.
    pub fn is_loading(&self) -> bool {
        self.documents.iter().any(|d| d.progress().is_some())
    }

    /// Opens the file at `path` in the background. A file that is in the list is not opened
    /// again: the answer is its number, and whether it changed on disk is looked up. Of a folder or a
    /// pattern it is found out which files it stands for ([`SessionEvent::Found`]).
    pub fn open(&mut self, path: &Path) -> DocumentId {
        // Two ways of writing one path are one file.
        let path =
            std::fs::canonicalize(path).or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned());
        let known = self.documents.iter_mut().find(|d| d.path() == Some(&path) && d.refusal().is_none());
        if let Some(document) = known {
            document.is_changed = document.stamp != stamp(&path);
            return document.id;
        }
        // A second attempt takes the place of the first.
        let refused = self.documents.iter().position(|d| d.path() == Some(&path));
        let at = refused.unwrap_or(self.documents.len());
        if refused.is_some() {
            self.documents.remove(at);
        }
        let name = if path.is_dir() { file_name(&path) } else { document_name(&path) };
        self.start(at, name.into(), Origin::File(path), false)
    }

    /// Opens a document that is part of the program.
    pub fn open_builtin(&mut self, name: &str, bytes: &'static [u8]) -> DocumentId {
        let origin = Origin::Builtin(bytes);
        match self.documents.iter().find(|d| d.origin == origin && d.name() == name) {
            Some(document) => document.id,
            None => self.start(self.documents.len(), name.into(), origin, false),
        }
    }

    /// Opens a document by `work` in the background: for what comes from elsewhere than a file.
    /// `description` is for people: "Taking a snapshot of server.js".
    pub fn open_by(
        &mut self,
        name: &str,
        origin: Origin,
        description: impl Into<String>,
        work: impl FnOnce(&Progress) -> Result<OpenDocument, OpenError> + Send + 'static,
    ) -> DocumentId {
        let job = Job::spawn("open", description, &self.front_end, |progress| work(progress).map(Outcome::Document));
        self.insert(self.documents.len(), name.into(), origin, Arc::default(), State::Loading(job))
    }

    /// Opens a snapshot in the background whose text comes from `source`, while it comes.
    pub fn open_stream(
        &mut self,
        name: &str,
        origin: Origin,
        description: impl Into<String>,
        source: impl BlockSource + 'static,
    ) -> DocumentId {
        let policy = OpenPolicy { is_forced: false, free_memory: self.free_memory, promised: 0 };
        self.open_by(name, origin, description, move |progress| {
            Ok(OpenDocument::Snapshot(Arc::new(open_blocks(source, &policy, progress)?)))
        })
    }

    /// Takes a document into the list that is open already; the next [`poll`](Self::poll) tells so.
    pub fn add(&mut self, name: &str, origin: Origin, document: OpenDocument) -> DocumentId {
        let state = State::Open(document);
        let id = self.insert(self.documents.len(), name.into(), origin, Arc::default(), state);
        self.added.push(id);
        self.front_end.wake();
        id
    }

    /// Reads a document again, as it is on disk now. What was open is given up.
    pub fn reload(&mut self, id: DocumentId) -> Option<DocumentId> {
        self.start_again(id, false)
    }

    /// Opens a document that was refused for caution's sake all the same.
    pub fn force(&mut self, id: DocumentId) -> Option<DocumentId> {
        self.start_again(id, true)
    }

    fn start_again(&mut self, id: DocumentId, is_forced: bool) -> Option<DocumentId> {
        let at = self.position(id)?;
        self.documents[at].origin.source()?;
        let old = self.documents.remove(at);
        let (name, origin) = (old.name.clone(), old.origin.clone());
        drop_elsewhere(old);
        Some(self.start(at, name, origin, is_forced))
    }

    fn start(&mut self, at: usize, name: Arc<str>, origin: Origin, is_forced: bool) -> DocumentId {
        let file = match &origin {
            Origin::File(path) => file_name(path),
            Origin::Builtin(_) | Origin::Process(_) => name.to_string(),
        };
        let first_look = Arc::<OnceLock<FirstLook>>::default();
        let opening = Opening {
            origin: origin.clone(),
            policy: OpenPolicy { is_forced, free_memory: self.free_memory, promised: 0 },
            number: self.next,
            reservations: self.reservations.clone(),
            first_look: first_look.clone(),
            front_end: self.front_end.clone(),
        };
        let job = Job::spawn("open", format!("Opening {file}"), &self.front_end, |progress| opening.run(progress));
        self.insert(at, name, origin, first_look, State::Loading(job))
    }

    fn insert(
        &mut self,
        at: usize,
        name: Arc<str>,
        origin: Origin,
        first_look: Arc<OnceLock<FirstLook>>,
        state: State,
    ) -> DocumentId {
        let id = DocumentId(self.next);
        self.next += 1;
        let stamp = match &origin {
            Origin::File(path) => stamp(path),
            Origin::Builtin(_) | Origin::Process(_) => None,
        };
        let document = Document { id, name, origin, stamp, first_look, is_changed: false, state, later: None };
        self.documents.insert(at, document);
        id
    }

    /// Takes a document out of the list: closes it, gives up loading it, or dismisses its refusal.
    /// Memory is given back on another thread.
    pub fn remove(&mut self, id: DocumentId) {
        if let Some(at) = self.position(id) {
            drop_elsewhere(self.documents.remove(at));
        }
    }

    /// Calls a document something else.
    pub fn rename(&mut self, id: DocumentId, name: &str) {
        if let Some(document) = self.documents.iter_mut().find(|d| d.id == id)
            && !name.trim().is_empty()
        {
            document.name = name.trim().into();
        }
    }

    /// Moves a document before the one that is at `position` now; past the end for last.
    pub fn move_to(&mut self, id: DocumentId, position: usize) {
        let Some(from) = self.position(id) else { return };
        let document = self.documents.remove(from);
        let to = if position > from { position - 1 } else { position };
        self.documents.insert(to.min(self.documents.len()), document);
    }

    /// Looks whether files changed on disk.
    pub fn look_at_disk(&mut self) {
        for document in &mut self.documents {
            if let Origin::File(path) = &document.origin
                && document.stamp.is_some()
            {
                // A file that is gone is no newer version.
                document.is_changed = stamp(path).is_some_and(|now| document.stamp != Some(now));
            }
        }
    }

    /// Takes over what the background has finished.
    pub fn poll(&mut self) -> Vec<SessionEvent> {
        let mut events: Vec<SessionEvent> =
            std::mem::take(&mut self.added).into_iter().map(SessionEvent::Opened).collect();
        let mut gone = Vec::new();
        for document in &mut self.documents {
            let State::Loading(job) = &mut document.state else { continue };
            let Some(result) = job.poll() else { continue };
            let refusal = match result {
                Ok(Ok(Outcome::Document(opened))) => {
                    document.set_open(opened, &self.front_end);
                    events.push(SessionEvent::Opened(document.id));
                    continue;
                }
                Ok(Ok(Outcome::Files(files))) => {
                    gone.push(document.id);
                    events.extend([SessionEvent::Gone(document.id), SessionEvent::Found(files)]);
                    continue;
                }
                Ok(Err(OpenError::Cancelled(Cancelled))) => {
                    gone.push(document.id);
                    events.push(SessionEvent::Gone(document.id));
                    continue;
                }
                Ok(Err(error)) => Refusal::from(error),
                Err(panicked) => Refusal::from(panicked),
            };
            log::warn!("{}: {}", document.name, refusal.message);
            events.push(SessionEvent::Refused(document.id));
            document.state = State::Refused(refusal);
        }
        self.documents.retain(|d| !gone.contains(&d.id));
        events
    }
}

/// What a thread needs to open a document.
struct Opening {
    origin: Origin,
    policy: OpenPolicy,
    /// A number no other document has.
    number: u32,
    reservations: Reservations,
    first_look: Arc<OnceLock<FirstLook>>,
    front_end: FrontEnd,
}

impl Opening {
    fn run(mut self, progress: &Progress) -> Result<Outcome, OpenError> {
        if let Origin::File(path) = &self.origin
            && stands_for_several(path)
        {
            return Ok(Outcome::Files(files_named(path)?));
        }
        let Some(source) = self.origin.source() else { return Err(Cancelled.into()) };
        // What is wrong with a file is told when it is read.
        let look = FirstLook::at(&source);
        let estimate = look.as_ref().map_or(0, |look| look.estimated_memory);
        let is_known = look.clone().is_some_and(|look| self.first_look.set(look).is_ok());
        let reservation = self.reservations.reserve(self.number, estimate, progress)?;
        if is_known {
            self.front_end.wake();
        }
        self.policy.promised = reservation.others;
        open_document(&source, look.as_ref(), &self.policy, progress).map(Outcome::Document)
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::kinds::DocumentKind;
    use super::super::snapshot::open_bytes;
    use super::*;
    use crate::reader::block_channel;
    use crate::testing::{Folder, SnapshotBuilder, gzip};
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Mutex, mpsc};

    fn snapshot_text() -> String {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        let n = b.node("object", "Thing", 24);
        b.edge(root, "element", "1", n);
        b.to_json()
    }

    fn settle(session: &mut Session) -> Vec<SessionEvent> {
        let mut events = Vec::new();
        loop {
            events.extend(session.poll());
            if !session.is_loading() {
                return events;
            }
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_file_opens_once_and_says_when_there_is_a_newer_one() {
        let folder = Folder::new();
        let path = folder.file("a.heapsnapshot", snapshot_text());
        let mut session = Session::new(FrontEnd::nobody());
        let id = session.open(&path);
        assert_eq!(settle(&mut session), [SessionEvent::Opened(id)]);
        assert_eq!(&*session.snapshot(id).unwrap().name, "a");
        assert_eq!(session.open(&folder.join(".").join("a.heapsnapshot")), id);
        assert!(!session.document(id).unwrap().is_changed_on_disk());
        folder.file("a.heapsnapshot", &(snapshot_text() + "\n"));
        session.look_at_disk();
        assert!(session.document(id).unwrap().is_changed_on_disk());
        let new = session.reload(id).unwrap();
        settle(&mut session);
        assert!(session.snapshot(id).is_none() && session.snapshot(new).is_some());
        assert!(!session.document(new).unwrap().is_changed_on_disk());
    }

    #[test]
    fn size_and_counts_are_there_before_anything_else_is_read() {
        let folder = Folder::new();
        let text = snapshot_text();
        let path = folder.file("a.heapsnapshot", &text);
        let packed = gzip(text.as_bytes());
        let in_gzip = folder.file("b.heapsnapshot.gz", &packed);
        for (path, size) in [(path, text.len()), (in_gzip, packed.len())] {
            // The thread that loads stands still in each wake-up call until it may go on.
            let (tell, woken) = mpsc::channel();
            let (go_on, may_go_on) = mpsc::channel();
            let may_go_on = Mutex::new(may_go_on);
            let mut session = Session::new(FrontEnd::new(move || {
                tell.send(()).unwrap();
                may_go_on.lock().unwrap().recv().unwrap();
            }));
            let id = session.open(&path);
            let document = session.document(id).unwrap();
            assert_eq!(document.file_size(), Some(size as u64));
            woken.recv().unwrap();
            let look = document.peek().unwrap();
            assert_eq!((look.file_size, look.node_count, look.edge_count), (size as u64, Some(2), Some(1)));
            assert_eq!(look.compression.is_some(), size == packed.len());
            assert_eq!(document.progress().unwrap().fraction(), 0.0);
            go_on.send(()).unwrap();
            woken.recv().unwrap();
            go_on.send(()).unwrap();
            assert_eq!(settle(&mut session), [SessionEvent::Opened(id)]);
            assert_eq!(session.document(id).unwrap().peek().unwrap().edge_count, Some(1));
        }
    }

    #[test]
    fn a_builtin_snapshot_is_looked_at_too_and_what_is_none_is_not() {
        let folder = Folder::new();
        let mut session = Session::new(FrontEnd::nobody());
        let sample = session.open_builtin("sample", snapshot_text().leak().as_bytes());
        let other = session.open(&folder.file("b.heapsnapshot", "this is not JSON"));
        settle(&mut session);
        assert_eq!(session.document(sample).unwrap().peek().unwrap().node_count, Some(2));
        assert_eq!(session.document(other).unwrap().first_look(), None);
    }

    #[test]
    fn a_folder_is_found_to_stand_for_the_files_in_it() {
        let folder = Folder::new();
        let file = folder.file("a.heapsnapshot", snapshot_text()).canonicalize().unwrap();
        for name in [folder.to_owned(), folder.join("*.heapsnapshot")] {
            let mut session = Session::new(FrontEnd::nobody());
            let id = session.open(&name);
            assert_eq!(settle(&mut session), [SessionEvent::Gone(id), SessionEvent::Found(vec![file.clone()])]);
            assert!(session.documents().is_empty());
        }
        let mut session = Session::new(FrontEnd::nobody());
        std::fs::remove_file(file).unwrap();
        let id = session.open(&folder);
        assert_eq!(settle(&mut session), [SessionEvent::Refused(id)]);
        let message = &session.document(id).unwrap().refusal().unwrap().message;
        assert!(message.contains(".heapsnapshot"), "{message}");
    }

    #[test]
    fn what_comes_from_elsewhere_than_a_file_is_a_document_too() {
        let mut session = Session::new(FrontEnd::nobody());
        let origin = Origin::Process("node 4711".to_owned());
        let text = snapshot_text();
        let id = session.open_by("4711", origin.clone(), "Taking a snapshot", move |progress| {
            Ok(OpenDocument::Snapshot(Arc::new(open_bytes(text.as_bytes(), progress)?)))
        });
        assert_eq!(settle(&mut session), [SessionEvent::Opened(id)]);
        let document = session.document(id).unwrap();
        assert_eq!((document.kind(), document.path()), (Some(DocumentKind::Snapshot), None));
        assert!(document.memory().unwrap() > 0);
        let same = session.add("again", origin, document.opened().unwrap().clone());
        assert_eq!(session.poll(), [SessionEvent::Opened(same)]);
        // There is nothing to read again.
        assert_eq!(session.reload(id), None);
        assert_eq!(session.snapshots().count(), 2);
    }

    #[test]
    fn a_snapshot_opens_while_it_is_sent_and_says_when_it_breaks_off() {
        let mut session = Session::new(FrontEnd::nobody());
        let origin = || Origin::Process("node 4711".to_owned());
        let (sender, channel) = block_channel();
        let id = session.open_stream("1", origin(), "Taking a snapshot", channel);
        snapshot_text().as_bytes().chunks(10).for_each(|part| assert!(sender.send(part)));
        assert!(session.document(id).unwrap().progress().is_some());
        sender.finish();
        assert_eq!(settle(&mut session), [SessionEvent::Opened(id)]);
        let (sender, channel) = block_channel();
        let id = session.open_stream("2", origin(), "Taking a snapshot", channel);
        sender.fail("the process ended");
        assert_eq!(settle(&mut session), [SessionEvent::Refused(id)]);
        let message = &session.document(id).unwrap().refusal().unwrap().message;
        assert!(message.contains("the process ended"), "{message}");
        // What is given up is gone, whether or not anything more comes.
        let (sender, channel) = block_channel();
        let id = session.open_stream("3", origin(), "Taking a snapshot", channel);
        session.remove(id);
        while sender.send("{") {
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_refused_file_keeps_its_sentence_until_it_is_dismissed_or_tried_again() {
        let folder = Folder::new();
        let path = folder.file("b.heapsnapshot", "this is not JSON");
        let mut session = Session::new(FrontEnd::nobody());
        let id = session.open(&path);
        assert_eq!(settle(&mut session), [SessionEvent::Refused(id)]);
        assert!(!session.document(id).unwrap().refusal().unwrap().message.is_empty());
        std::fs::write(&path, snapshot_text()).unwrap();
        let again = session.open(&path);
        assert_eq!(settle(&mut session), [SessionEvent::Opened(again)]);
        assert_eq!(session.documents().len(), 1);
    }

    #[test]
    fn a_file_that_needs_more_memory_than_is_free_opens_only_when_that_is_asked_for() {
        let folder = Folder::new();
        let path = folder.file("c.heapsnapshot", snapshot_text());
        let mut session = Session::new(FrontEnd::nobody()).with_free_memory(|| Some(1));
        let id = session.open(&path);
        assert_eq!(settle(&mut session), [SessionEvent::Refused(id)]);
        let refusal = session.document(id).unwrap().refusal().unwrap();
        assert!(refusal.can_be_forced && refusal.message.contains("of memory"), "{refusal:?}");
        let again = session.open(&path);
        assert_eq!(settle(&mut session), [SessionEvent::Refused(again)]);
        let forced = session.force(again).unwrap();
        assert_eq!(settle(&mut session), [SessionEvent::Opened(forced)]);
        assert_eq!(session.documents().len(), 1);
    }

    #[test]
    fn files_opened_together_are_not_each_promised_all_memory() {
        static FREE: AtomicU64 = AtomicU64::new(0);
        let folder = Folder::new();
        let [first, second] = ["a", "b"].map(|name| folder.file(name, snapshot_text()));
        FREE.store(crate::reader::peek(&first).unwrap().estimated_memory * 3 / 2, Ordering::Relaxed);
        // The first thread stands still in its first wake-up call until it may go on.
        let (tell, woken) = mpsc::channel();
        let (go_on, may_go_on) = mpsc::channel();
        let stop = Mutex::new(Some((tell, may_go_on)));
        let front_end = FrontEnd::new(move || {
            let stop = stop.lock().unwrap().take();
            if let Some((tell, may_go_on)) = stop {
                tell.send(()).unwrap();
                may_go_on.recv().unwrap();
            }
        });
        let mut session = Session::new(front_end).with_free_memory(|| Some(FREE.load(Ordering::Relaxed)));
        let first = session.open(&first);
        woken.recv().unwrap();
        let refused = session.open(&second);
        while session.document(refused).unwrap().refusal().is_none() {
            session.poll();
            std::thread::yield_now();
        }
        let refusal = session.document(refused).unwrap().refusal().unwrap();
        assert!(refusal.can_be_forced && refusal.message.contains("files that are being opened"), "{refusal:?}");
        go_on.send(()).unwrap();
        assert_eq!(settle(&mut session), [SessionEvent::Opened(first)]);
        let again = session.open(&second);
        assert_eq!(settle(&mut session), [SessionEvent::Opened(again)]);
    }

    #[test]
    fn files_are_renamed_moved_and_removed() {
        let folder = Folder::new();
        let mut session = Session::new(FrontEnd::nobody());
        let ids: Vec<_> = ["a", "b", "c"].map(|n| session.open(&folder.file(n, snapshot_text()))).into_iter().collect();
        settle(&mut session);
        let names = |s: &Session| s.snapshots().map(|s| s.name.to_string()).collect::<Vec<_>>().join(" ");
        session.move_to(ids[0], 3);
        assert_eq!(names(&session), "b c a");
        session.move_to(ids[0], 0);
        assert_eq!(names(&session), "a b c");
        session.rename(ids[1], " before ");
        session.rename(ids[2], "  ");
        assert_eq!(names(&session), "a before c");
        let weak = Arc::downgrade(&session.snapshot(ids[1]).unwrap().snapshot);
        session.remove(ids[1]);
        assert_eq!(names(&session), "a c");
        while weak.upgrade().is_some() {
            std::thread::yield_now();
        }
    }
}
