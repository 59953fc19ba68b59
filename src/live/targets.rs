//! What can be attached to: the programs of this machine, and whatever is named by an address.

use super::address::{Address, SocketUrl};
use super::error::LiveError;
use super::limits;
use super::list::{self, Engine, Headers, Kind, Listed, Version};
use super::processes::{self, Process};
use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

/// Something with a heap of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// For people: a package, a script, a page's title. May hold anything.
    pub name: String,
    pub kind: Kind,
    /// Which program runs it.
    pub engine: Engine,
    /// The program and its version, as it says itself; empty where it was not asked.
    pub version: String,
    /// Its process, if that is on this machine and of this user.
    pub process: Option<Process>,
    /// The script or page.
    pub url: String,
    /// Its socket; `None` while its inspector is closed.
    pub socket: Option<SocketUrl>,
    /// Whether its inspector can be opened by a signal.
    pub can_be_asked: bool,
}

impl Target {
    /// The number of its process.
    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(|p| p.pid)
    }

    /// Whether it is on another machine, as far as can be told.
    pub fn is_elsewhere(&self) -> bool {
        self.socket.as_ref().is_some_and(|socket| !socket.address.is_loopback())
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name)?;
        if let Some(pid) = self.pid() {
            write!(f, ", pid {pid}")?;
        }
        match &self.socket {
            Some(socket) => write!(f, ", {}", socket.address),
            None => write!(f, ", no inspector open"),
        }
    }
}

/// All targets of this machine: those that listen first, each in the order of process numbers.
pub fn local() -> Vec<Target> {
    let mut seen = BTreeSet::new();
    let mut found: Vec<Target> =
        processes::all().into_iter().flat_map(|process| of_process(process, &mut seen)).collect();
    found.sort_by_key(|target| target.socket.is_none());
    found
}

/// What a process offers: its targets, or itself as one whose inspector is closed.
fn of_process(process: Process, seen: &mut BTreeSet<u16>) -> Vec<Target> {
    let mut ports: Vec<u16> = process.reachable_ports().collect();
    ports.sort_unstable();
    ports.dedup();
    for port in ports {
        let address = Address::loopback(port);
        let Ok(version) = list::version(&address, &[], limits::HTTP_PROBE) else { continue };
        // A port that several processes hold, as the workers of a cluster do, is asked once.
        if !seen.insert(port) {
            continue;
        }
        let listed = list::targets(&address, &[], limits::HTTP_PROBE).unwrap_or_default();
        if !listed.is_empty() {
            return listed.into_iter().map(|l| from_list(l, &version, Some(&process))).collect();
        }
    }
    if process.engine == Engine::Chromium {
        return Vec::new();
    }
    let can_be_asked = process.takes_sigusr1 && matches!(process.engine, Engine::Node | Engine::Deno);
    vec![Target {
        name: process.name.clone(),
        kind: Kind::Program,
        engine: process.engine,
        version: String::new(),
        url: process.script.as_ref().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default(),
        process: Some(process),
        socket: None,
        can_be_asked,
    }]
}

fn from_list(listed: Listed, version: &Version, process: Option<&Process>) -> Target {
    let own_name = if listed.title.is_empty() { listed.url.clone() } else { listed.title.clone() };
    let name = match (listed.kind, process) {
        (Kind::Program, Some(process)) => process.name.clone(),
        (Kind::Program, None) => own_name.rsplit(['/', '\\']).next().unwrap_or(&own_name).to_owned(),
        _ => own_name,
    };
    Target {
        name,
        kind: listed.kind,
        engine: version.engine,
        version: version.text.clone(),
        // A page is in another process than the one that listens.
        process: process.filter(|_| listed.kind == Kind::Program).cloned(),
        url: listed.url,
        socket: Some(listed.socket),
        can_be_asked: false,
    }
}

/// The targets at an address, of this machine or another.
pub fn at(address: &Address, headers: &Headers, limit: Duration) -> Result<Vec<Target>, LiveError> {
    let version = list::version(address, headers, limit)?;
    let process = process_at(address);
    match list::targets(address, headers, limit) {
        Ok(listed) => Ok(listed.into_iter().map(|l| from_list(l, &version, process.as_ref())).collect()),
        // Bun lists nothing: its socket's path stands in the banner it prints.
        Err(_) if version.engine == Engine::Bun => Err(LiveError::NotFound(format!(
            "Bun listens at {address} and does not tell the path of its socket; give the whole address it printed, \
             ws://{address}/…"
        ))),
        Err(e) => Err(e),
    }
}

/// The target behind a whole address of a socket. Asks what it can, but needs no answer: behind a proxy there may be none.
fn at_socket(socket: SocketUrl, headers: &Headers) -> Target {
    let version = list::version(&socket.address, headers, limits::HTTP);
    let listed = list::targets(&socket.address, headers, limits::HTTP).unwrap_or_default();
    let process = process_at(&socket.address);
    if let (Ok(version), Some(listed)) = (&version, listed.into_iter().find(|l| l.socket.path == socket.path)) {
        return from_list(listed, version, process.as_ref());
    }
    Target {
        name: process.as_ref().map_or_else(|| socket.address.to_string(), |p| p.name.clone()),
        kind: Kind::Program,
        engine: version.as_ref().map_or(Engine::Other, |v| v.engine),
        version: version.map(|v| v.text).unwrap_or_default(),
        process,
        url: String::new(),
        socket: Some(socket),
        can_be_asked: false,
    }
}

/// The process that listens at a loopback port, if it can be seen.
fn process_at(address: &Address) -> Option<Process> {
    if !address.is_loopback() {
        return None;
    }
    processes::all().into_iter().find(|process| process.reachable_ports().any(|port| port == address.port))
}

/// What `text` means: a process' number, `:port`, `host:port`, an address of a socket, or a part of the name of a target
/// of this machine. One that is not open yet is returned as such.
pub fn find(text: &str, headers: &Headers) -> Result<Target, LiveError> {
    if text.starts_with("ws://") || text.starts_with("wss://") {
        return Ok(at_socket(SocketUrl::parse(text)?, headers));
    }
    if let Ok(pid) = text.parse::<u32>() {
        return of_pid(pid);
    }
    if let Ok(address) = Address::parse(text) {
        return only(text, at(&address, headers, limits::HTTP)?);
    }
    let wanted = text.to_lowercase();
    let fits =
        |target: &Target| target.name.to_lowercase().contains(&wanted) || target.url.to_lowercase().contains(&wanted);
    only(text, local().into_iter().filter(fits).collect())
}

/// The target of a process.
pub fn of_pid(pid: u32) -> Result<Target, LiveError> {
    let process = processes::find(pid).ok_or_else(|| {
        LiveError::NotFound(if processes::start_of(pid).is_none() {
            format!("there is no process {pid} here; for a port write :{pid}")
        } else {
            format!("process {pid} runs no JavaScript that can be seen, or belongs to another user")
        })
    })?;
    only(&pid.to_string(), of_process(process, &mut BTreeSet::new()))
}

fn only(text: &str, mut found: Vec<Target>) -> Result<Target, LiveError> {
    match found.len() {
        0 => Err(LiveError::NotFound(format!(
            "no target fits '{text}'; 'heapglass targets' lists those of this machine"
        ))),
        1 => Ok(found.remove(0)),
        _ => Err(LiveError::Ambiguous {
            text: text.to_owned(),
            fits: found
                .iter()
                .map(|t| match &t.socket {
                    Some(socket) => format!("{} ({socket})", t.name),
                    None => t.to_string(),
                })
                .collect(),
        }),
    }
}
