//! Attaching to a target, and leaving it as it was.

use super::address::Address;
use super::connection::Connection;
use super::error::LiveError;
use super::isolate::Isolate;
use super::limits;
use super::list::{self, Engine, Headers, Kind};
use super::processes::{self, Process};
use super::targets::{self, Target};
use crate::progress::CancelToken;
use serde_json::json;
use std::time::{Duration, Instant};

/// A target that is attached. Its connection is closed when the last clone of its heap is gone.
#[derive(Debug)]
pub struct Attached {
    pub target: Target,
    /// Its heap.
    pub isolate: Isolate,
    /// Whether its inspector was opened by us, and is to be closed again.
    pub was_opened: bool,
}

impl Attached {
    /// Attaches to a target that listens.
    pub fn open(target: Target, headers: &Headers, token: &CancelToken) -> Result<Self, LiveError> {
        let Some(socket) = &target.socket else {
            let pid = target.pid().unwrap_or_default();
            let advice = "it has to be opened first".to_owned();
            return Err(LiveError::NotListening { pid, name: target.name.clone(), advice });
        };
        let connection = Connection::open(socket, headers)?;
        let isolate = Isolate::main(connection, target.engine);
        if matches!(target.engine, Engine::Node | Engine::Deno | Engine::Other) {
            // Without this an attached client keeps the program from ending.
            let params = json!({ "enabled": true });
            match isolate.call("NodeRuntime.notifyWhenWaitingForDisconnect", params, limits::ANSWER, token) {
                Ok(_) | Err(LiveError::Refused { .. }) => {}
                Err(e) => return Err(e),
            }
        }
        // A port may have gone over to another process since it was listed. A forwarded one is another machine's.
        if target.kind == Kind::Program
            && let Some(process) = &target.process
            && let Ok(pid) = isolate.pid(token)
            && pid != process.pid
            && is_in_our_process_space(process.pid)
        {
            return Err(LiveError::NotFound(format!(
                "what answers at {} is process {pid}, not {} ({})",
                socket.address, process.pid, process.name
            )));
        }
        Ok(Self { target, isolate, was_opened: false })
    }

    /// Leaves the target: closes its inspector if we opened it, and else the connection alone.
    pub fn leave(self, leave_open: bool) {
        if self.was_opened && !leave_open {
            self.isolate.close_inspector();
        } else {
            self.isolate.connection.close();
        }
    }
}

/// Whether a process counts processes as we do; one in a container calls itself by another number.
fn is_in_our_process_space(pid: u32) -> bool {
    let space = |of: &str| std::fs::read_link(format!("/proc/{of}/ns/pid")).ok();
    space("self").is_some() && space("self") == space(&pid.to_string())
}

/// Whether the inspector of a process can be opened by a signal, or why not, with what to do instead.
pub fn can_open_inspector(process: &Process) -> Result<(), LiveError> {
    let refuse = |advice: &str| {
        let (pid, name) = (process.pid, process.name.clone());
        Err(LiveError::NotListening { pid, name, advice: advice.to_owned() })
    };
    match process.engine {
        Engine::Bun => refuse("start it with bun --inspect (a signal would end it)"),
        Engine::Node | Engine::Deno if !process.takes_sigusr1 => {
            refuse("it does not take SIGUSR1; start it with --inspect")
        }
        Engine::Node | Engine::Deno => Ok(()),
        Engine::Chromium | Engine::Other => refuse("start it with --remote-debugging-port=9222"),
    }
}

/// Opens the inspector of a process by SIGUSR1, and waits for its port. The caller has asked whether that is wanted.
pub fn open_inspector(process: &Process, token: &CancelToken) -> Result<Target, LiveError> {
    can_open_inspector(process)?;
    // The number may have gone to another process since, which the signal might end.
    let now = processes::find(process.pid).filter(|now| now.start == process.start);
    let now = now.ok_or_else(|| LiveError::NotFound(format!("process {} has ended", process.pid)))?;
    can_open_inspector(&now)?;
    signal(process.pid)?;
    let until = Instant::now() + limits::PORT_OPENS;
    loop {
        token.check()?;
        let now = processes::find(process.pid)
            .ok_or_else(|| LiveError::NotFound(format!("process {} has ended", process.pid)))?;
        let new = now.reachable_ports().filter(|port| !process.reachable_ports().any(|old| old == *port));
        for port in new {
            if list::version(&Address::loopback(port), &[], limits::HTTP_PROBE).is_ok() {
                return targets::of_pid(process.pid);
            }
        }
        if Instant::now() >= until {
            let advice =
                "it was asked to open one and did not: it may handle SIGUSR1 itself, or the port may be taken \
                          by another process"
                    .to_owned();
            return Err(LiveError::NotListening { pid: process.pid, name: process.name.clone(), advice });
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(unix)]
fn signal(pid: u32) -> Result<(), LiveError> {
    use rustix::process::{Pid, Signal, kill_process};
    let refuse = |reason: String| LiveError::Unsupported(format!("cannot signal process {pid}: {reason}"));
    let number = i32::try_from(pid).ok().and_then(Pid::from_raw).ok_or_else(|| refuse("no such number".to_owned()))?;
    kill_process(number, Signal::USR1).map_err(|e| refuse(e.to_string()))
}

#[cfg(not(unix))]
fn signal(_: u32) -> Result<(), LiveError> {
    Err(LiveError::Unsupported("this system has no signal for it; start the program with --inspect".to_owned()))
}
