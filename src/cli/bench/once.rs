//! One opening in a process of its own: measured there, and told to the process that asked.

use super::phase::Phase;
use super::questions;
use crate::cli::CliError;
use crate::measure;
use crate::progress::Progress;
use crate::session::{self, Snapshot};
use serde::{Deserialize, Serialize};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What one opening took.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Run {
    /// In the order they began.
    pub(super) phases: Vec<Phase>,
    /// From the start of the process until its answer was here.
    #[serde(skip)]
    pub(super) wall: Duration,
    /// Of all threads, since the start of the process.
    pub(super) cpu: Option<Duration>,
    /// The most memory that was resident, all of it.
    pub(super) peak: Option<u64>,
    /// Memory resident once the snapshot was open.
    pub(super) held: Option<u64>,
    pub(super) nodes: usize,
    pub(super) edges: usize,
    pub(super) file_size: u64,
    /// What was asked once the file was open, and what the answers took.
    pub(super) questions: Vec<Phase>,
}

/// Opens the file, and writes what it took as a line of JSON; after it another one with the answers
/// to questions, if they are to be asked.
pub(super) fn measure_here(path: &Path, has_questions: bool) -> Result<(), CliError> {
    let progress = Progress::measured();
    let snapshot = session::open(path, &progress).map_err(|error| CliError::File { path: path.to_owned(), error })?;
    let line = serde_json::to_string(&Run::of(&snapshot, &progress)).map_err(std::io::Error::from)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()?;
    if has_questions {
        let line = serde_json::to_string(&questions::ask(&snapshot.heap)?).map_err(std::io::Error::from)?;
        writeln!(out, "{line}")?;
        out.flush()?;
    }
    Ok(())
}

impl Run {
    fn of(snapshot: &Snapshot, progress: &Progress) -> Self {
        let mut stages = progress.stage_times();
        stages.sort_by_key(|s| s.began);
        let phase = |s: &crate::progress::StageTime| Phase {
            label: s.label.to_owned(),
            wall: s.wall,
            cpu: s.cpu,
            is_part: s.is_part,
        };
        Self {
            phases: stages.iter().map(phase).collect(),
            wall: Duration::ZERO,
            cpu: measure::cpu_time(),
            // What is held first: asking for one may take a page more, which the peak takes in.
            held: measure::resident_bytes(),
            peak: measure::peak_resident_bytes(),
            nodes: snapshot.heap.graph.node_count(),
            edges: snapshot.heap.graph.edge_count(),
            file_size: snapshot.file_size,
            questions: Vec::new(),
        }
    }
}

/// Opens the file in a fresh process: what an earlier opening left behind (memory that is not
/// given back, threads, caches) neither helps nor counts.
pub(super) fn measure_in_fresh_process(path: &Path, has_questions: bool) -> Result<Run, CliError> {
    let failed = |what: &str, e: &dyn std::fmt::Display| CliError::Failed(format!("{}: {what}: {e}", path.display()));
    let not_started = |e| failed("cannot start the process that opens the file", &e);
    let program = std::env::current_exe().map_err(not_started)?;
    let began = Instant::now();
    let child = Command::new(program)
        .args(["bench", "--once"])
        .args(has_questions.then_some("--questions"))
        .arg("--")
        .arg(path)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.map_err(not_started)?;
    let (mut line, mut answers) = (String::new(), String::new());
    let mut errors = String::new();
    let not_heard = |e| failed("the process that opens the file is not heard any more", &e);
    let mut out = child.stdout.take().map(BufReader::new);
    if let Some(out) = &mut out {
        out.read_line(&mut line).map_err(not_heard)?;
    }
    let wall = began.elapsed();
    if let Some(out) = &mut out {
        out.read_to_string(&mut answers).map_err(not_heard)?;
    }
    // A few lines at most, so the child never waits for someone to read them.
    if let Some(mut stderr) = child.stderr.take() {
        stderr.read_to_string(&mut errors).map_err(not_heard)?;
    }
    let status = child.wait().map_err(not_heard)?;
    if !status.success() {
        // It said why, as this process would have.
        let said = errors.trim().trim_start_matches("heapglass: ");
        let unsaid = || format!("{}: the process that opened the file ended with {status}", path.display());
        return Err(CliError::Failed(if said.is_empty() { unsaid() } else { said.to_owned() }));
    }
    let unreadable = |e| failed("the measurement cannot be read", &e);
    let run: Run = serde_json::from_str(&line).map_err(unreadable)?;
    let questions = if has_questions { serde_json::from_str(&answers).map_err(unreadable)? } else { Vec::new() };
    Ok(Run { wall, questions, ..run })
}
