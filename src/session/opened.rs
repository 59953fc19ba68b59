//! The list of files in the sidebar: loading, open, refused.

use super::job::{FrontEnd, Job, Panicked, drop_elsewhere};
use super::reservations::Reservations;
use super::{OpenError, Snapshot, open_bytes, open_with, snapshot_name};
use crate::measure::available_bytes;
use crate::progress::{Cancelled, Progress, Stage};
use crate::reader::{self, Peek, ReadError, ReadOptions};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

/// Names an entry of the list while the program runs; numbers are never used again, not even
/// when a file is read anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SnapshotId(pub u32);

/// A snapshot that is open, under the name the user knows it by.
#[derive(Debug, Clone)]
pub struct OpenSnapshot {
    /// Its number in this run.
    pub id: SnapshotId,
    /// The file's name without extension, or what the user called it.
    pub name: String,
    /// What is in it.
    pub snapshot: Arc<Snapshot>,
}

/// Why a file is not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// A sentence for people.
    pub message: String,
    /// More for a report, where it was our mistake.
    pub details: Option<String>,
    /// Whether the file can be opened all the same: a limit that stands for caution alone kept it
    /// out.
    pub can_be_forced: bool,
}

impl From<OpenError> for Refusal {
    fn from(error: OpenError) -> Self {
        let can_be_forced = matches!(
            error,
            OpenError::NeedsMemoryBesideOthers { .. }
                | OpenError::Read(ReadError::NeedsMemory { .. } | ReadError::UnpacksTooLarge { .. })
        );
        Self { message: error.to_string(), details: None, can_be_forced }
    }
}

/// Where a snapshot comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A file.
    File(PathBuf),
    /// Bytes that are part of the program.
    Builtin(&'static [u8]),
}

/// Whether a file is kept out that seems to need more than there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Caution {
    Usual,
    None,
}

/// What is going on with a file.
#[derive(Debug)]
enum State {
    Loading(Job<Result<Arc<Snapshot>, OpenError>>),
    Open(OpenSnapshot),
    Refused(Refusal),
}

/// Up to so many edges it takes a few milliseconds to find out what scripts reach.
const EDGES_MARKED_AT_ONCE: usize = 1 << 20;

/// A file of the list.
#[derive(Debug)]
pub struct Entry {
    id: SnapshotId,
    name: String,
    origin: Origin,
    /// Size and time of change of the file when reading began.
    stamp: Option<Stamp>,
    /// What its first bytes tell, once they were looked at.
    first_look: Arc<OnceLock<Peek>>,
    is_changed: bool,
    state: State,
    /// Finds out what scripts reach: only marks beside names wait for that.
    marking: Option<Job<()>>,
}

type Stamp = (u64, SystemTime);

fn stamp(path: &Path) -> Option<Stamp> {
    let meta = std::fs::metadata(path).ok()?;
    Some((meta.len(), meta.modified().ok()?))
}

impl Entry {
    /// Its number in this run.
    pub fn id(&self) -> SnapshotId {
        self.id
    }

    /// The file's name without extension, or what the user called it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file, unless it is part of the program.
    pub fn path(&self) -> Option<&Path> {
        match &self.origin {
            Origin::File(path) => Some(path),
            Origin::Builtin(_) => None,
        }
    }

    /// Size of the file in bytes, known from the beginning.
    pub fn file_size(&self) -> Option<u64> {
        match &self.origin {
            Origin::File(_) => self.stamp.map(|(len, _)| len),
            Origin::Builtin(bytes) => Some(bytes.len() as u64),
        }
    }

    /// What the beginning of the file tells: its counts, how it is packed, who wrote it. There a
    /// few milliseconds after opening began, whatever the size of the file, and then for good;
    /// the front end is woken then. Never there for what is no snapshot, or comes through a pipe.
    pub fn first_look(&self) -> Option<&Peek> {
        self.first_look.get()
    }

    /// The snapshot, once it is open.
    pub fn opened(&self) -> Option<&OpenSnapshot> {
        match &self.state {
            State::Open(snapshot) => Some(snapshot),
            _ => None,
        }
    }

    /// How far it is, while it is loading.
    pub fn progress(&self) -> Option<&Progress> {
        match &self.state {
            State::Loading(job) => Some(job.progress()),
            _ => None,
        }
    }

    /// Why it is not open.
    pub fn refusal(&self) -> Option<&Refusal> {
        match &self.state {
            State::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// Whether the file on disk is another one now than the one that was read.
    pub fn is_changed_on_disk(&self) -> bool {
        self.is_changed
    }
}

/// What happened to a file since the last look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionEvent {
    /// It is open.
    Opened(SnapshotId),
    /// It could not be opened.
    Refused(SnapshotId),
    /// Its loading was given up, and it is gone from the list.
    Gone(SnapshotId),
}

/// Everything that is open or on its way.
#[derive(Debug)]
pub struct Session {
    entries: Vec<Entry>,
    front_end: FrontEnd,
    /// How much memory is free, if that can be known.
    free_memory: fn() -> Option<u64>,
    reservations: Reservations,
    next: u32,
}

impl Session {
    /// An empty list; `front_end` is woken when a file was looked at, opened or refused.
    pub fn new(front_end: FrontEnd) -> Self {
        Self {
            entries: Vec::new(),
            front_end,
            free_memory: available_bytes,
            reservations: Reservations::default(),
            next: 1,
        }
    }

    /// The same, where `free_memory` tells how much memory files may take.
    #[must_use]
    pub fn with_free_memory(self, free_memory: fn() -> Option<u64>) -> Self {
        Self { free_memory, ..self }
    }

    /// All files, in the user's order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The snapshots that are open, in the user's order.
    pub fn snapshots(&self) -> impl DoubleEndedIterator<Item = &OpenSnapshot> {
        self.entries.iter().filter_map(Entry::opened)
    }

    /// The snapshot numbered `id`, if it is open.
    pub fn get(&self, id: SnapshotId) -> Option<&OpenSnapshot> {
        self.entry(id)?.opened()
    }

    /// The file numbered `id`.
    pub fn entry(&self, id: SnapshotId) -> Option<&Entry> {
        self.entries.iter().find(|e| e.id == id)
    }

    fn position(&self, id: SnapshotId) -> Option<usize> {
        self.entries.iter().position(|e| e.id == id)
    }

    /// Whether any file is being loaded.
    pub fn is_loading(&self) -> bool {
        self.entries.iter().any(|e| e.progress().is_some())
    }

    /// Opens the file at `path` in the background. A file that is in the list is not opened
    /// again: the answer is its number, and whether it changed on disk is looked up.
    pub fn open(&mut self, path: &Path) -> SnapshotId {
        // Two ways of writing one path are one file.
        let path =
            std::fs::canonicalize(path).or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned());
        let known = self.entries.iter_mut().find(|e| e.path() == Some(&path) && e.refusal().is_none());
        if let Some(entry) = known {
            entry.is_changed = entry.stamp != stamp(&path);
            return entry.id;
        }
        // A second attempt takes the place of the first.
        let refused = self.entries.iter().position(|e| e.path() == Some(&path));
        let at = refused.unwrap_or(self.entries.len());
        if refused.is_some() {
            self.entries.remove(at);
        }
        let name = snapshot_name(&path);
        self.start(at, name, Origin::File(path), Caution::Usual)
    }

    /// Opens a snapshot that is part of the program.
    pub fn open_builtin(&mut self, name: &str, bytes: &'static [u8]) -> SnapshotId {
        let origin = Origin::Builtin(bytes);
        match self.entries.iter().find(|e| e.origin == origin && e.name == name) {
            Some(entry) => entry.id,
            None => self.start(self.entries.len(), name.to_owned(), origin, Caution::Usual),
        }
    }

    /// Reads a file again, as it is on disk now. What was open is given up.
    pub fn reload(&mut self, id: SnapshotId) -> Option<SnapshotId> {
        self.start_again(id, Caution::Usual)
    }

    /// Opens a file that was refused for caution's sake all the same.
    pub fn force(&mut self, id: SnapshotId) -> Option<SnapshotId> {
        self.start_again(id, Caution::None)
    }

    fn start_again(&mut self, id: SnapshotId, caution: Caution) -> Option<SnapshotId> {
        let at = self.position(id)?;
        let old = self.entries.remove(at);
        let (name, origin) = (old.name.clone(), old.origin.clone());
        drop_elsewhere(old);
        Some(self.start(at, name, origin, caution))
    }

    fn start(&mut self, at: usize, name: String, origin: Origin, caution: Caution) -> SnapshotId {
        let id = SnapshotId(self.next);
        self.next += 1;
        let file = match &origin {
            Origin::File(path) => path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default(),
            Origin::Builtin(_) => name.clone(),
        };
        let stamp = match &origin {
            Origin::File(path) => stamp(path),
            Origin::Builtin(_) => None,
        };
        let (from, title) = (origin.clone(), name.clone());
        let (free_memory, reservations) = (self.free_memory, self.reservations.clone());
        let first_look = Arc::<OnceLock<Peek>>::default();
        let (tell, front_end) = (first_look.clone(), self.front_end.clone());
        let job = Job::spawn("open", format!("Opening {file}"), &self.front_end, move |progress| {
            // What is wrong with a file is told when it is read.
            let looked = match &from {
                Origin::File(path) => reader::peek(path),
                Origin::Builtin(bytes) => reader::peek_bytes(bytes),
            };
            let estimate = looked.as_ref().map_or(0, |peek| peek.estimated_memory);
            let reservation = reservations.reserve(id.0, estimate, progress);
            if looked.is_ok_and(|peek| tell.set(peek).is_ok()) {
                front_end.wake();
            }
            let options = match caution {
                Caution::Usual => {
                    let limit = free_memory().map(|free| free.saturating_sub(reservation.others));
                    ReadOptions { memory_limit: limit, ..ReadOptions::default() }
                }
                Caution::None => ReadOptions { unpacked_limit: Some(u64::MAX), ..ReadOptions::default() },
            };
            let snapshot = match from {
                Origin::File(path) => open_with(&path, &options, progress),
                Origin::Builtin(bytes) => open_bytes(&title, bytes, progress),
            };
            let snapshot = match snapshot {
                Err(OpenError::Read(ReadError::NeedsMemory { needed, limit })) if reservation.others > 0 => {
                    Err(OpenError::NeedsMemoryBesideOthers { needed, left: limit })
                }
                snapshot => snapshot,
            };
            if let Ok(snapshot) = &snapshot
                && snapshot.heap.graph.edge_count() <= EDGES_MARKED_AT_ONCE
            {
                snapshot.heap.reachable_from_window(&Stage::unwatched())?;
            }
            snapshot.map(Arc::new)
        });
        let state = State::Loading(job);
        self.entries.insert(at, Entry { id, name, origin, stamp, first_look, is_changed: false, state, marking: None });
        id
    }

    /// Takes a file out of the list: closes it, gives up loading it, or dismisses its refusal.
    /// Memory is given back on another thread.
    pub fn remove(&mut self, id: SnapshotId) {
        if let Some(at) = self.position(id) {
            drop_elsewhere(self.entries.remove(at));
        }
    }

    /// Calls a file something else.
    pub fn rename(&mut self, id: SnapshotId, name: &str) {
        if let Some(entry) = self.entries.iter_mut().find(|e| e.id == id)
            && !name.trim().is_empty()
        {
            entry.name = name.trim().to_owned();
            if let State::Open(snapshot) = &mut entry.state {
                snapshot.name.clone_from(&entry.name);
            }
        }
    }

    /// Moves a file before the one that is at `position` now; past the end for last.
    pub fn move_to(&mut self, id: SnapshotId, position: usize) {
        let Some(from) = self.position(id) else { return };
        let entry = self.entries.remove(from);
        let to = if position > from { position - 1 } else { position };
        self.entries.insert(to.min(self.entries.len()), entry);
    }

    /// Looks whether files changed on disk.
    pub fn look_at_disk(&mut self) {
        for entry in &mut self.entries {
            if let Origin::File(path) = &entry.origin
                && entry.stamp.is_some()
            {
                // A file that is gone is no newer version.
                entry.is_changed = stamp(path).is_some_and(|now| entry.stamp != Some(now));
            }
        }
    }

    /// Takes over what the background has finished.
    pub fn poll(&mut self) -> Vec<SessionEvent> {
        let mut events = Vec::new();
        for entry in &mut self.entries {
            let State::Loading(job) = &mut entry.state else { continue };
            let Some(result) = job.poll() else { continue };
            let state = match result {
                Ok(Ok(snapshot)) => {
                    if snapshot.heap.known_reachable_from_window().is_none() {
                        let snapshot = snapshot.clone();
                        let description = format!("Looking what scripts reach in {}", entry.name);
                        entry.marking = Some(Job::spawn("mark", description, &self.front_end, move |progress| {
                            let stage = Stage::cancelled_by(progress.token());
                            let _ = snapshot.heap.reachable_from_window(&stage);
                        }));
                    }
                    State::Open(OpenSnapshot { id: entry.id, name: entry.name.clone(), snapshot })
                }
                Ok(Err(OpenError::Cancelled(Cancelled))) => {
                    events.push(SessionEvent::Gone(entry.id));
                    continue;
                }
                Ok(Err(error)) => State::Refused(error.into()),
                Err(panicked) => State::Refused(Refusal::from(panicked)),
            };
            events.push(match &state {
                State::Refused(refusal) => {
                    log::warn!("{}: {}", entry.name, refusal.message);
                    SessionEvent::Refused(entry.id)
                }
                _ => SessionEvent::Opened(entry.id),
            });
            entry.state = state;
        }
        for event in &events {
            if let SessionEvent::Gone(id) = event {
                self.entries.retain(|e| e.id != *id);
            }
        }
        events
    }
}

impl From<Panicked> for Refusal {
    fn from(panicked: Panicked) -> Self {
        Self { message: panicked.to_string(), details: Some(panicked.details), can_be_forced: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::SnapshotBuilder;
    use std::io::Write as _;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Mutex, mpsc};

    fn file(dir: &Path, name: &str, text: &str) -> PathBuf {
        let path = dir.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

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

    struct Dir(PathBuf);

    impl Dir {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("heapglass-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for Dir {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_file_opens_once_and_says_when_there_is_a_newer_one() {
        let dir = Dir::new("opens-once");
        let path = file(&dir.0, "a.heapsnapshot", &snapshot_text());
        let mut session = Session::new(FrontEnd::nobody());
        let id = session.open(&path);
        assert_eq!(settle(&mut session), [SessionEvent::Opened(id)]);
        assert_eq!(session.get(id).unwrap().name, "a");
        assert_eq!(session.open(&dir.0.join(".").join("a.heapsnapshot")), id);
        assert!(!session.entry(id).unwrap().is_changed_on_disk());
        file(&dir.0, "a.heapsnapshot", &(snapshot_text() + "\n"));
        session.look_at_disk();
        assert!(session.entry(id).unwrap().is_changed_on_disk());
        let new = session.reload(id).unwrap();
        settle(&mut session);
        assert!(session.get(id).is_none() && session.get(new).is_some());
        assert!(!session.entry(new).unwrap().is_changed_on_disk());
    }

    #[test]
    fn size_and_counts_are_there_before_anything_else_is_read() {
        let dir = Dir::new("first-look");
        let text = snapshot_text();
        let path = file(&dir.0, "a.heapsnapshot", &text);
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(text.as_bytes()).unwrap();
        let packed = packed.finish().unwrap();
        let in_gzip = dir.0.join("b.heapsnapshot.gz");
        std::fs::write(&in_gzip, &packed).unwrap();
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
            let entry = session.entry(id).unwrap();
            assert_eq!(entry.file_size(), Some(size as u64));
            woken.recv().unwrap();
            let look = entry.first_look().unwrap();
            assert_eq!((look.file_size, look.node_count, look.edge_count), (size as u64, Some(2), Some(1)));
            assert_eq!(look.compression.is_some(), size == packed.len());
            assert_eq!(entry.progress().unwrap().fraction(), 0.0);
            go_on.send(()).unwrap();
            woken.recv().unwrap();
            go_on.send(()).unwrap();
            assert_eq!(settle(&mut session), [SessionEvent::Opened(id)]);
            assert_eq!(session.entry(id).unwrap().first_look().unwrap().edge_count, Some(1));
        }
    }

    #[test]
    fn a_builtin_snapshot_is_looked_at_too_and_what_is_none_is_not() {
        let dir = Dir::new("no-look");
        let mut session = Session::new(FrontEnd::nobody());
        let sample = session.open_builtin("sample", snapshot_text().leak().as_bytes());
        let other = session.open(&file(&dir.0, "b.heapsnapshot", "this is not JSON"));
        settle(&mut session);
        assert_eq!(session.entry(sample).unwrap().first_look().unwrap().node_count, Some(2));
        assert_eq!(session.entry(other).unwrap().first_look(), None);
    }

    #[test]
    fn a_refused_file_keeps_its_sentence_until_it_is_dismissed_or_tried_again() {
        let dir = Dir::new("refused");
        let path = file(&dir.0, "b.heapsnapshot", "this is not JSON");
        let mut session = Session::new(FrontEnd::nobody());
        let id = session.open(&path);
        assert_eq!(settle(&mut session), [SessionEvent::Refused(id)]);
        assert!(!session.entry(id).unwrap().refusal().unwrap().message.is_empty());
        std::fs::write(&path, snapshot_text()).unwrap();
        let again = session.open(&path);
        assert_eq!(settle(&mut session), [SessionEvent::Opened(again)]);
        assert_eq!(session.entries().len(), 1);
    }

    #[test]
    fn a_file_that_needs_more_memory_than_is_free_opens_only_when_that_is_asked_for() {
        let dir = Dir::new("memory");
        let path = file(&dir.0, "c.heapsnapshot", &snapshot_text());
        let mut session = Session::new(FrontEnd::nobody()).with_free_memory(|| Some(1));
        let id = session.open(&path);
        assert_eq!(settle(&mut session), [SessionEvent::Refused(id)]);
        let refusal = session.entry(id).unwrap().refusal().unwrap();
        assert!(refusal.can_be_forced && refusal.message.contains("of memory"), "{refusal:?}");
        let again = session.open(&path);
        assert_eq!(settle(&mut session), [SessionEvent::Refused(again)]);
        let forced = session.force(again).unwrap();
        assert_eq!(settle(&mut session), [SessionEvent::Opened(forced)]);
        assert_eq!(session.entries().len(), 1);
    }

    #[test]
    fn files_opened_together_are_not_each_promised_all_memory() {
        static FREE: AtomicU64 = AtomicU64::new(0);
        let dir = Dir::new("together");
        let [first, second] = ["a", "b"].map(|name| file(&dir.0, name, &snapshot_text()));
        FREE.store(reader::peek(&first).unwrap().estimated_memory * 3 / 2, Ordering::Relaxed);
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
        while session.entry(refused).unwrap().refusal().is_none() {
            session.poll();
            std::thread::yield_now();
        }
        let refusal = session.entry(refused).unwrap().refusal().unwrap();
        assert!(refusal.can_be_forced && refusal.message.contains("files that are being opened"), "{refusal:?}");
        go_on.send(()).unwrap();
        assert_eq!(settle(&mut session), [SessionEvent::Opened(first)]);
        let again = session.open(&second);
        assert_eq!(settle(&mut session), [SessionEvent::Opened(again)]);
    }

    #[test]
    fn files_are_renamed_moved_and_removed() {
        let dir = Dir::new("moves");
        let mut session = Session::new(FrontEnd::nobody());
        let ids: Vec<_> =
            ["a", "b", "c"].map(|n| session.open(&file(&dir.0, n, &snapshot_text()))).into_iter().collect();
        settle(&mut session);
        let names = |s: &Session| s.snapshots().map(|s| s.name.clone()).collect::<Vec<_>>().join(" ");
        session.move_to(ids[0], 3);
        assert_eq!(names(&session), "b c a");
        session.move_to(ids[0], 0);
        assert_eq!(names(&session), "a b c");
        session.rename(ids[1], " before ");
        session.rename(ids[2], "  ");
        assert_eq!(names(&session), "a before c");
        let weak = Arc::downgrade(&session.get(ids[1]).unwrap().snapshot);
        session.remove(ids[1]);
        assert_eq!(names(&session), "a c");
        while weak.upgrade().is_some() {
            std::thread::yield_now();
        }
    }
}
