//! One connection to a target: requests and their answers, events and who listens to them.
//!
//! A thread owns the socket. It reads without pause, since what is not read fills the target's memory, and writes what is
//! handed to it. Everything else waits for it, with a limit. Nobody closes and opens connections in between: closing one
//! makes V8 forget the ids of all objects.

use super::address::SocketUrl;
use super::error::{Ended, LiveError};
use super::limits;
use super::list::Headers;
use super::message::{self, Event, Incoming, Refusal, Worker};
use super::stream::Stream;
use super::wait::{self, Knocker, Sleeper};
use crate::progress::CancelToken;
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use tungstenite::error::{CapacityError, ProtocolError};
use tungstenite::http::Request;
use tungstenite::protocol::WebSocketConfig;
use tungstenite::{Error, Message, WebSocket};

/// Whom a message is for, or from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Route {
    /// The target itself.
    Main,
    /// One of its worker threads, by its session.
    Worker(String),
}

/// A connection; clones share it, and the last one closes it.
#[derive(Debug, Clone)]
pub struct Connection(Arc<Handle>);

#[derive(Debug)]
struct Handle {
    inner: Arc<Inner>,
    /// Ends with the thread.
    is_over: Mutex<Receiver<()>>,
}

struct Inner {
    next_id: AtomicU64,
    to_send: mpsc::Sender<String>,
    knocker: Knocker,
    pending: Mutex<BTreeMap<u64, Pending>>,
    listeners: Mutex<Vec<(u64, Route, Arc<Listener>)>>,
    /// The worker threads that are attached, in the order of their coming.
    workers: Mutex<Vec<Worker>>,
    /// Whether we want to close.
    is_closing: AtomicBool,
    ended: OnceLock<Ended>,
}

type Listener = dyn Fn(&Event) + Send + Sync;
type Answer = Result<Box<RawValue>, Refusal>;

struct Pending {
    route: Route,
    to: To,
}

enum To {
    /// Whoever asked.
    Caller(SyncSender<Answer>),
    /// An envelope to a worker: if it is refused, so is the request in it.
    Request(u64),
}

/// A request that was sent; dropped, its answer goes to nobody.
pub(super) struct Asked {
    inner: Arc<Inner>,
    id: u64,
    method: String,
    answer: Receiver<Answer>,
}

/// Listens until it is dropped.
#[must_use = "dropped, it no longer listens"]
pub(super) struct Listening {
    inner: Arc<Inner>,
    id: u64,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner").field("ended", &self.ended).finish_non_exhaustive()
    }
}

impl Connection {
    /// Connects to a socket.
    pub fn open(socket: &SocketUrl, headers: &Headers) -> Result<Self, LiveError> {
        let websocket = shake_hands(socket, headers)?;
        let (to_send, outgoing) = mpsc::channel();
        let (knocker, sleeper) = wait::pair().map_err(LiveError::Thread)?;
        let (alive, is_over) = mpsc::sync_channel(0);
        let inner = Arc::new(Inner {
            next_id: AtomicU64::new(1),
            to_send,
            knocker,
            pending: Mutex::default(),
            listeners: Mutex::default(),
            workers: Mutex::default(),
            is_closing: AtomicBool::new(false),
            ended: OnceLock::new(),
        });
        let in_thread = Arc::clone(&inner);
        let thread = std::thread::Builder::new().name("inspector".to_owned()).spawn(move || {
            let ended = serve(&in_thread, websocket, &outgoing, &sleeper);
            in_thread.end(ended);
            drop::<SyncSender<()>>(alive);
        });
        thread.map_err(LiveError::Thread)?;
        Ok(Self(Arc::new(Handle { inner, is_over: Mutex::new(is_over) })))
    }

    /// Asks, and waits for the answer: not longer than `limit`, and not when `token` is cancelled.
    pub(super) fn call(
        &self,
        route: &Route,
        method: &str,
        params: &impl Serialize,
        limit: Duration,
        token: &CancelToken,
    ) -> Result<Box<RawValue>, LiveError> {
        self.ask(route, method, params)?.wait(limit, token)
    }

    /// Asks, without waiting.
    pub(super) fn ask(&self, route: &Route, method: &str, params: &impl Serialize) -> Result<Asked, LiveError> {
        let (id, answer) = self.0.inner.send(route, method, params)?;
        Ok(Asked { inner: Arc::clone(&self.0.inner), id, method: method.to_owned(), answer })
    }

    /// Calls `listener` with every event from `route`, on the thread that reads: it has to be quick.
    pub(super) fn listen(&self, route: &Route, listener: impl Fn(&Event) + Send + Sync + 'static) -> Listening {
        let inner = Arc::clone(&self.0.inner);
        let id = inner.next_id.fetch_add(1, Ordering::Relaxed);
        lock(&inner.listeners).push((id, route.clone(), Arc::new(listener)));
        Listening { inner, id }
    }

    /// The worker threads that are attached.
    pub(super) fn workers(&self) -> Vec<Worker> {
        lock(&self.0.inner.workers).clone()
    }

    /// How it ended; `None` while it stands.
    pub fn ended(&self) -> Option<&Ended> {
        self.0.inner.ended.get()
    }

    /// Closes, and waits for a moment until that is done.
    pub fn close(&self) {
        self.0.inner.start_closing();
        // Nothing is ever sent: it ends with the thread, or is given up.
        let _ = lock(&self.0.is_over).recv_timeout(limits::CLOSE * 2);
    }
}

impl Asked {
    /// Waits for the answer: not longer than `limit`, and not when `token` is cancelled.
    pub(super) fn wait(&self, limit: Duration, token: &CancelToken) -> Result<Box<RawValue>, LiveError> {
        let until = Instant::now() + limit;
        loop {
            token.check()?;
            match self.answer.recv_timeout(Duration::from_millis(20)) {
                Ok(Ok(result)) => return Ok(result),
                Ok(Err(Refusal { code, message })) => {
                    let message = limits::name(&message);
                    return Err(LiveError::Refused { method: self.method.clone(), message, code });
                }
                Err(RecvTimeoutError::Disconnected) => return Err(LiveError::Lost(self.inner.why_it_ended())),
                Err(RecvTimeoutError::Timeout) if Instant::now() >= until => {
                    return Err(LiveError::NoAnswer { method: self.method.clone(), after: limit });
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.inner.pending().remove(&self.id);
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.inner.start_closing();
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        lock(&self.inner.listeners).retain(|(id, ..)| *id != self.id);
    }
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Inner {
    fn pending(&self) -> MutexGuard<'_, BTreeMap<u64, Pending>> {
        lock(&self.pending)
    }

    fn send(&self, route: &Route, method: &str, params: &impl Serialize) -> Result<(u64, Receiver<Answer>), LiveError> {
        let (caller, answer) = mpsc::sync_channel(1);
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let mut text = request(id, method, params);
        {
            let mut pending = self.pending();
            // Looked at under the lock that the end takes too, so that no request waits for an answer behind it.
            if let Some(ended) = self.ended.get() {
                return Err(LiveError::Lost(ended.clone()));
            }
            if pending.len() >= limits::PENDING {
                return Err(LiveError::Unsupported(format!(
                    "{} requests to the target are not answered yet",
                    limits::PENDING
                )));
            }
            pending.insert(id, Pending { route: route.clone(), to: To::Caller(caller) });
            if let Route::Worker(session) = route {
                let envelope = self.next_id.fetch_add(1, Ordering::Relaxed);
                let params = serde_json::json!({ "sessionId": session, "message": text });
                text = request(envelope, "NodeWorker.sendMessageToWorker", &params);
                pending.insert(envelope, Pending { route: Route::Main, to: To::Request(id) });
            }
        }
        // The other end is dropped with the thread, which has told everybody by then.
        let _ = self.to_send.send(text);
        self.knocker.knock();
        Ok((id, answer))
    }

    fn why_it_ended(&self) -> Ended {
        // A worker that went away drops its requests although the connection stands.
        let by_worker = || Ended::Detached("the worker thread has ended".to_owned());
        self.ended.get().cloned().unwrap_or_else(by_worker)
    }

    fn start_closing(&self) {
        self.is_closing.store(true, Ordering::Release);
        self.knocker.knock();
    }

    /// Tells everybody who waits.
    fn end(&self, ended: Ended) {
        let mut pending = self.pending();
        let _ = self.ended.set(ended);
        pending.clear();
    }

    /// Takes in a message. Says how the connection has to end, if it has to.
    fn receive(&self, route: &Route, text: &str) -> Result<(), Ended> {
        match message::parse(text).map_err(Ended::Hostile)? {
            Incoming::Answer { id, result } => self.answer(route, id, result),
            Incoming::Event(Event::ProgramEnded) => return Err(Ended::ProgramEnded),
            Incoming::Event(Event::Detached(why)) if *route == Route::Main => return Err(Ended::Detached(why)),
            Incoming::Event(event) => {
                self.follow_workers(&event)?;
                self.tell(route, &event);
            }
            Incoming::FromWorker { session, message } => {
                if *route != Route::Main {
                    return Err(Ended::Hostile("a worker passes on messages of workers".to_owned()));
                }
                self.receive(&Route::Worker(session), &message)?;
            }
            Incoming::Other => {}
        }
        Ok(())
    }

    fn follow_workers(&self, event: &Event) -> Result<(), Ended> {
        let mut workers = lock(&self.workers);
        match event {
            Event::WorkerAttached(_) if workers.len() >= limits::WORKERS => {
                return Err(Ended::Hostile(format!("it has more than {} worker threads", limits::WORKERS)));
            }
            Event::WorkerAttached(worker) => workers.push(worker.clone()),
            Event::WorkerDetached(session) => {
                workers.retain(|worker| worker.session != *session);
                let gone = Route::Worker(session.clone());
                self.pending().retain(|_, pending| pending.route != gone);
            }
            _ => {}
        }
        Ok(())
    }

    fn answer(&self, route: &Route, id: u64, result: Answer) {
        let mut pending = self.pending();
        // An answer to nobody, or to somebody else: as if it had not come.
        if pending.get(&id).is_none_or(|p| p.route != *route) {
            return;
        }
        let Some(Pending { to, .. }) = pending.remove(&id) else { return };
        match (to, result) {
            // Whoever gave up waiting has dropped the other end.
            (To::Caller(caller), result) => drop(caller.try_send(result)),
            (To::Request(inner), Err(refusal)) => {
                if let Some(Pending { to: To::Caller(caller), .. }) = pending.remove(&inner) {
                    let _ = caller.try_send(Err(refusal));
                }
            }
            (To::Request(_), Ok(_)) => {}
        }
    }

    fn tell(&self, route: &Route, event: &Event) {
        let listeners: Vec<Arc<Listener>> =
            lock(&self.listeners).iter().filter(|(_, r, _)| r == route).map(|(.., l)| Arc::clone(l)).collect();
        for listener in listeners {
            listener(event);
        }
    }
}

fn request(id: u64, method: &str, params: &impl Serialize) -> String {
    serde_json::json!({ "id": id, "method": method, "params": params }).to_string()
}

/// Dials, and makes a WebSocket of it: no compression, no `Origin`, an address as `Host`.
fn shake_hands(socket: &SocketUrl, headers: &Headers) -> Result<WebSocket<Stream>, LiveError> {
    let address = &socket.address;
    let found = |found: String| LiveError::NoInspector { address: address.to_string(), found };
    let stream = Stream::connect(address, limits::HANDSHAKE)?;
    let mut request = Request::builder()
        .uri(socket.to_string())
        .header("Host", address.host_header(stream.peer))
        .header("Connection", "Upgrade")
        .header("Upgrade", "websocket")
        .header("Sec-WebSocket-Version", "13")
        .header("Sec-WebSocket-Key", tungstenite::handshake::client::generate_key());
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let request = request.body(()).map_err(|e| found(format!("the request cannot be written ({e})")))?;
    let config = WebSocketConfig::default()
        .max_message_size(Some(limits::MESSAGE))
        .max_frame_size(Some(limits::MESSAGE))
        .write_buffer_size(0);
    let (mut websocket, _) = tungstenite::client::client_with_config(request, stream, Some(config)).map_err(|e| {
        found(match e {
            tungstenite::HandshakeError::Failure(Error::Http(answer)) => {
                format!("it answered {} with the status {}", socket.path, answer.status().as_u16())
            }
            tungstenite::HandshakeError::Failure(Error::Io(e)) if e.kind() == ErrorKind::TimedOut => {
                "it did not answer in time".to_owned()
            }
            e => e.to_string(),
        })
    })?;
    websocket.get_mut().without_blocking().map_err(|e| found(e.to_string()))?;
    Ok(websocket)
}

/// How many messages are taken in before those that are to be sent are looked at.
const IN_A_ROW: usize = 64;

/// What the thread does until the connection ends; returns how it did.
fn serve(inner: &Inner, mut websocket: WebSocket<Stream>, outgoing: &Receiver<String>, sleeper: &Sleeper) -> Ended {
    let ended = loop {
        if inner.is_closing.load(Ordering::Acquire) {
            break Ended::ByUs;
        }
        let wants_to_write = match write(&mut websocket, outgoing) {
            Ok(wants_to_write) => wants_to_write,
            Err(ended) => break ended,
        };
        match read(inner, &mut websocket) {
            Ok(More::Maybe) => {}
            Ok(More::No) => {
                let limit = Duration::from_secs(60);
                if let Err(e) = sleeper.sleep(websocket.get_ref().tcp(), wants_to_write, limit) {
                    break Ended::Hostile(format!("the system cannot wait for it ({e})"));
                }
            }
            Err(ended) => break ended,
        }
    };
    say_goodbye(&mut websocket, sleeper);
    ended
}

/// Hands what is to be sent to the socket. Whether some of it still waits there.
fn write(websocket: &mut WebSocket<Stream>, outgoing: &Receiver<String>) -> Result<bool, Ended> {
    while let Ok(text) = outgoing.try_recv() {
        match websocket.write(Message::text(text)) {
            Ok(()) => {}
            Err(e) if would_block(&e) => return Ok(true),
            Err(e) => return Err(how_it_ended(&e)),
        }
    }
    match websocket.flush() {
        Ok(()) => Ok(false),
        Err(e) if would_block(&e) => Ok(true),
        Err(e) => Err(how_it_ended(&e)),
    }
}

/// Whether more has come than was read.
enum More {
    Maybe,
    No,
}

fn read(inner: &Inner, websocket: &mut WebSocket<Stream>) -> Result<More, Ended> {
    for _ in 0..IN_A_ROW {
        match websocket.read() {
            Ok(Message::Text(text)) => inner.receive(&Route::Main, &text)?,
            Ok(Message::Binary(_)) => return Err(Ended::Hostile("a message is not text".to_owned())),
            Ok(_) => {}
            Err(e) if would_block(&e) => return Ok(More::No),
            Err(e) => return Err(how_it_ended(&e)),
        }
    }
    Ok(More::Maybe)
}

fn would_block(error: &Error) -> bool {
    matches!(error, Error::Io(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted))
}

fn how_it_ended(error: &Error) -> Ended {
    match error {
        Error::ConnectionClosed | Error::AlreadyClosed => Ended::Closed,
        Error::Io(_) | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Ended::Broken,
        Error::Capacity(CapacityError::MessageTooLong { size, .. }) => {
            Ended::Hostile(format!("a message has {size} bytes, and {} are read at most", limits::MESSAGE))
        }
        e => Ended::Hostile(e.to_string()),
    }
}

/// Sends the frame that closes, and waits for a moment for that of the other side.
fn say_goodbye(websocket: &mut WebSocket<Stream>, sleeper: &Sleeper) {
    let until = Instant::now() + limits::CLOSE;
    let mut result = websocket.close(None).map(|()| Message::Close(None));
    while Instant::now() < until {
        match result {
            Err(e) if !would_block(&e) => break,
            Err(_) if sleeper.sleep(websocket.get_ref().tcp(), false, Duration::from_millis(50)).is_err() => break,
            _ => {}
        }
        result = websocket.read();
    }
    let _: io::Result<()> = websocket.get_ref().tcp().shutdown(std::net::Shutdown::Both);
}
