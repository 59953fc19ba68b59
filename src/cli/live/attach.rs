//! The target of a command: named, found, opened where that is wanted, attached.

use super::super::{CliError, complain};
use crate::live::{Attached, Isolate, LiveError, Target, can_open_inspector, find, open_inspector};
use crate::progress::CancelToken;
use crate::visible::one_line;
use clap::Args;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

/// Which program, and how to reach it.
#[derive(Debug, Clone, Args)]
pub(super) struct TargetArgs {
    /// A process' number, :PORT, HOST:PORT, ws[s]://…, or a part of the name of a target of this machine
    #[arg(value_name = "TARGET")]
    pub(super) target: String,
    /// A line for the head of requests, for a proxy in front of the target; can be given several times
    #[arg(long, value_name = "NAME: VALUE", value_parser = header)]
    header: Vec<(String, String)>,
    /// Open the inspector of a process that has none open (by SIGUSR1), without asking
    #[arg(long)]
    open_inspector: bool,
    /// Leave an inspector open that was opened for this
    #[arg(long)]
    leave_open: bool,
    /// One of the target's worker threads: its number, or a part of its title
    #[arg(long, value_name = "WORKER")]
    worker: Option<String>,
    /// Evaluate nothing in the target: figures that no request tells are missing then
    #[arg(long)]
    no_evaluate: bool,
}

/// A target that a command works with; left when dropped.
pub(super) struct Session {
    attached: Option<Attached>,
    leave_open: bool,
    /// The heap that was asked for.
    pub(super) isolate: Isolate,
    /// The target, as it was found.
    pub(super) target: Target,
    /// Whether constant expressions may be evaluated.
    pub(super) evaluates: bool,
}

impl TargetArgs {
    /// Whether expressions may be evaluated.
    pub(super) fn evaluates(&self) -> bool {
        !self.no_evaluate
    }

    /// Finds the target and attaches to it.
    pub(super) fn attach(&self, token: &CancelToken) -> Result<Session, CliError> {
        self.attach_to(find(&self.target, &self.header)?, token)
    }

    /// Attaches to a target that was found.
    fn attach_to(&self, target: Target, token: &CancelToken) -> Result<Session, CliError> {
        let (target, was_opened) = self.opened(target, token)?;
        if target.is_elsewhere() {
            complain(&format!("{} is on another machine", target.name));
        }
        let mut attached = Attached::open(target, &self.header, token)?;
        attached.was_opened = was_opened;
        let target = attached.target.clone();
        // From here on the session sees to it that the target is left as it was.
        let isolate = attached.isolate.clone();
        let evaluates = self.evaluates();
        let mut session = Session { attached: Some(attached), leave_open: self.leave_open, isolate, target, evaluates };
        if let Some(worker) = &self.worker {
            session.isolate = worker_of(&session.isolate, worker, token)?;
        }
        Ok(session)
    }

    /// The target with its inspector open, and whether we opened it.
    fn opened(&self, target: Target, token: &CancelToken) -> Result<(Target, bool), CliError> {
        let Some(process) = target.process.clone().filter(|_| target.socket.is_none()) else {
            return Ok((target, false));
        };
        can_open_inspector(&process)?;
        let name = one_line(&process.name).into_owned();
        if !self.open_inspector {
            let question = format!(
                "Process {} ({name}) has no inspector open. Open one with SIGUSR1? While it is open, every program of \
                 this machine's users can run code in that process. [y/N] ",
                process.pid
            );
            if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
                let advice =
                    "give --open-inspector to have it opened by SIGUSR1, or start it with --inspect".to_owned();
                return Err(LiveError::NotListening { pid: process.pid, name, advice }.into());
            }
            if !confirm(&question)? {
                return Err(CliError::Failed(format!("process {} was left alone", process.pid)));
            }
        }
        let opened = open_inspector(&process, token)?;
        complain(&format!(
            "the inspector of process {} is open now{}",
            process.pid,
            if self.leave_open { ", and stays so" } else { ", and is closed at the end" }
        ));
        Ok((opened, true))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(attached) = self.attached.take() {
            attached.leave(self.leave_open);
        }
    }
}

fn confirm(question: &str) -> Result<bool, CliError> {
    let _ = write!(io::stderr(), "{question}");
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(CliError::Write)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// The worker thread that `text` means.
fn worker_of(isolate: &Isolate, text: &str, token: &CancelToken) -> Result<Isolate, CliError> {
    let workers = isolate.workers(token)?;
    let by_number = workers.iter().find(|worker| worker.session == text);
    let mut by_title = workers.iter().filter(|worker| worker.title.contains(text) || worker.url.contains(text));
    let found = match by_number {
        Some(worker) => Some(worker),
        None => by_title.next().filter(|_| by_title.next().is_none()),
    };
    match found {
        Some(worker) => Ok(isolate.of_worker(worker.session.clone())),
        None => {
            let there: Vec<String> = workers
                .iter()
                .map(|w| format!("{} ({} {})", w.session, one_line(&w.title), one_line(&w.url)))
                .collect();
            Err(CliError::Usage(match there.len() {
                0 => "the target has no worker threads".to_owned(),
                _ => format!("'{text}' is not one of the target's worker threads: {}", there.join(", ")),
            }))
        }
    }
}

/// Reads a `Name: value`.
fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("expected 'Name: value'")?;
    let (name, value) = (name.trim(), value.trim());
    let is_token = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if !is_token || value.chars().any(char::is_control) {
        return Err("expected 'Name: value' on one line".to_owned());
    }
    if ["host", "origin", "connection", "upgrade"].contains(&name.to_lowercase().as_str())
        || name.to_lowercase().starts_with("sec-websocket")
    {
        return Err(format!("{name} is part of the protocol and cannot be given"));
    }
    Ok((name.to_owned(), value.to_owned()))
}
