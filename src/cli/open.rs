//! Opening the files a command names: a progress bar for people, warnings on standard error.

use super::{CliError, complain};
use crate::progress::Progress;
use crate::session::{self, OpenError, OpenPolicy, ProfileDocument, Snapshot};
use crate::visible::one_line;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

/// How often the bar is drawn anew.
const REDRAW_EVERY: Duration = Duration::from_millis(50);

/// How files are opened.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct OpenArgs {
    /// Open files even if they seem to need more memory than there is, or unpack to more than snapshots do
    #[arg(long)]
    force: bool,
}

impl OpenArgs {
    /// As given by a command's own `--force`.
    pub(super) fn forced(force: bool) -> Self {
        Self { force }
    }

    /// Opens the snapshot that `name` stands for and says on standard error what is odd about it.
    pub(super) fn open(self, name: &Path) -> Result<Snapshot, CliError> {
        let file = session::one_file_named(name).map_err(|error| refused(name, error))?;
        self.open_file(&file)
    }

    /// Opens the snapshots that `files` stand for, in turn.
    pub(super) fn open_all(self, files: &[PathBuf]) -> Result<Vec<Snapshot>, CliError> {
        files.iter().map(|path| self.open_file(path)).collect()
    }

    /// Opens the profile of allocations that `name` stands for.
    pub(super) fn open_profile(self, name: &Path) -> Result<ProfileDocument, CliError> {
        let path = session::one_file_named(name).map_err(|error| refused(name, error))?;
        let policy = OpenPolicy { is_forced: self.force, ..OpenPolicy::default() };
        let progress = Progress::new();
        let opened = watched(&path, &progress, || session::open_profile(&path, &policy, &progress));
        let document = opened.map_err(|error| refused(&path, error))?;
        for warning in &document.warnings {
            complain(&format!("{}: warning: {warning}", path.display()));
        }
        Ok(document)
    }

    fn open_file(self, path: &Path) -> Result<Snapshot, CliError> {
        let policy = OpenPolicy { is_forced: self.force, ..OpenPolicy::default() };
        let progress = Progress::new();
        let opened = watched(path, &progress, || session::open_snapshot(path, &policy, &progress));
        let snapshot = opened.map_err(|error| refused(path, error))?;
        for warning in &snapshot.warnings {
            complain(&format!("{}: warning: {warning}", path.display()));
        }
        Ok(snapshot)
    }
}

/// The files that `names` stand for: what is in folders, and what matches patterns, oldest first.
pub(super) fn files_named(names: &[PathBuf]) -> Result<Vec<PathBuf>, CliError> {
    let mut files = Vec::new();
    for name in names {
        files.extend(session::files_named(name).map_err(|error| refused(name, error))?);
    }
    Ok(files)
}

fn refused(path: &Path, error: impl Into<OpenError>) -> CliError {
    CliError::File { path: path.to_owned(), error: error.into() }
}

/// Runs `work` while a bar shows its progress, if standard error is a terminal.
fn watched<T: Send>(path: &Path, progress: &Progress, work: impl FnOnce() -> T + Send) -> T {
    if !std::io::stderr().is_terminal() {
        return work();
    }
    let (done, is_done) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        // Held by the worker; the bar ends when it is dropped, also by a panic.
        scope.spawn(move || draw_bar(path, progress, &is_done));
        let _done = done;
        work()
    })
}

/// Draws the bar until the other end of `is_done` is dropped, then takes it away.
fn draw_bar(path: &Path, progress: &Progress, is_done: &mpsc::Receiver<()>) {
    let bar = ProgressBar::new(1000);
    if let Ok(style) = ProgressStyle::with_template("{prefix} {bar:30} {percent:>3} %  {msg}") {
        bar.set_style(style);
    }
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    bar.set_prefix(one_line(&name).into_owned());
    while is_done.recv_timeout(REDRAW_EVERY) == Err(mpsc::RecvTimeoutError::Timeout) {
        bar.set_message(progress.label());
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a fraction of 1000")]
        bar.set_position((progress.fraction() * 1000.0) as u64);
    }
    bar.finish_and_clear();
}
