//! `capture`: snapshots of a running program.

use super::super::leaks::print_leaks;
use super::super::{CliError, complain, write_text};
use super::attach::{Session, TargetArgs};
use super::{duration, interrupt};
use crate::live::{CaptureOptions, CaptureWatch, Captured, Captures, Destination, LiveError, Warm, wait_warm};
use crate::progress::CancelToken;
use crate::units;
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;

/// Take snapshots of a running program, all on one connection, so that they can be compared
///
/// The path of each whole file is printed on a line of its own. The program stands still while a snapshot is taken, and
/// needs memory for it: how much is said first, and if there is no room for it, nothing is done. Ctrl+C leaves the
/// program running and no half-written file.
#[derive(Debug, Args)]
pub(in crate::cli) struct CaptureArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// The folder, or the file, to write to; nothing is ever overwritten. Ending in .zst the file is packed
    #[arg(long, value_name = "DIR|FILE", default_value = ".")]
    out: PathBuf,
    /// How many snapshots; without --every each further one waits for Enter
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    count: u32,
    /// Between two snapshots, from the end of one to the beginning of the next
    #[arg(long, value_name = "TIME", value_parser = duration)]
    every: Option<Duration>,
    /// First wait until the program is warm: garbage is collected in it every 5 s until what is left is level
    #[arg(long)]
    wait_warm: bool,
    /// Also capture the values of numbers (always there in Deno and Chromium)
    #[arg(long)]
    numeric_values: bool,
    /// Pack the files while they are written
    #[arg(long)]
    zstd: bool,
    /// Take the snapshot even if the program or the machine seems to have no room for it
    #[arg(long)]
    force: bool,
    /// What to do with the snapshots
    #[arg(long, value_enum, value_name = "WHAT")]
    then: Option<Then>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Then {
    /// Print what 'leaks' says of them
    Leaks,
}

impl CaptureArgs {
    pub(in crate::cli) fn run(self) -> Result<(), CliError> {
        let token = interrupt::token();
        let session = self.target.attach(&token)?;
        let captured = self.capture_all(&session, &token)?;
        drop(session);
        match self.then {
            None => {}
            Some(Then::Leaks) => print_leaks(&captured, self.force)?,
        }
        if captured.len() == 1 && self.then.is_none() {
            complain(
                "objects have other ids in snapshots of another run of this command: to compare, take all with --count",
            );
        }
        Ok(())
    }

    /// Takes them, and prints the path of each. Those that can be compared with the last one are returned.
    fn capture_all(&self, session: &Session, token: &CancelToken) -> Result<Vec<PathBuf>, CliError> {
        let target = &session.target;
        let isolate = session.isolate.clone();
        if self.wait_warm {
            let told = |floor: f64| {
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bytes, not negative")]
                let floor = units::bytes(floor.max(0.0) as u64);
                complain(&format!("warming up: {floor} are used after a collection"));
            };
            if wait_warm(&isolate, token, told)? == Warm::StillRising {
                complain("the used memory still rises after ten minutes; going on");
            }
        }
        let mut captures = Captures::new(isolate, &target.name, &target.version, target.pid(), session.evaluates);
        let is_packed = self.zstd || self.out.extension().is_some_and(|e| e == "zst");
        let options = CaptureOptions {
            to: Destination::of(&self.out),
            numeric_values: self.numeric_values,
            zstd: is_packed,
            force: self.force,
        };
        complain(&captures.cost(token)?.to_string());
        let mut files = Vec::new();
        for n in 1..=self.count {
            if n > 1 {
                self.wait_for_next(session, n, token)?;
            }
            let captured = take(&mut captures, &options, token)?;
            if captured.begins_new_run {
                complain(
                    "the engine has renewed the ids of all objects (another client of its inspector has left): this \
                     snapshot begins a new run, and is not compared with those before",
                );
                files.clear();
            }
            write_text(&format!("{}\n", captured.path.display()))?;
            complain(&format!("{} in {:.1} s", units::bytes(captured.bytes), captured.took.as_secs_f64()));
            files.push(captured.path);
        }
        Ok(files)
    }

    fn wait_for_next(&self, session: &Session, n: u32, token: &CancelToken) -> Result<(), CliError> {
        if let Some(every) = self.every {
            return Ok(session.isolate.pause(every, token)?);
        }
        let _ = writeln!(io::stderr(), "heapglass: press Enter for snapshot {n} of {}", self.count);
        let (tell, pressed) = mpsc::channel();
        let reader = std::thread::Builder::new().name("enter".to_owned());
        let reading = reader.spawn(move || {
            let read = io::stdin().lock().read_line(&mut String::new());
            // Nobody listens any more: the wait was given up.
            let _ = tell.send(read.is_ok_and(|n| n > 0));
        });
        reading.map_err(LiveError::Thread)?;
        loop {
            match pressed.try_recv() {
                Ok(true) => return Ok(()),
                Ok(false) | Err(mpsc::TryRecvError::Disconnected) => {
                    return Err(CliError::Usage(format!(
                        "standard input has ended before snapshot {n} of {}; give --every TIME",
                        self.count
                    )));
                }
                Err(mpsc::TryRecvError::Empty) => session.isolate.pause(Duration::from_millis(50), token)?,
            }
        }
    }
}

/// Takes one while a bar shows how far it is, if standard error is a terminal.
fn take(captures: &mut Captures, options: &CaptureOptions, token: &CancelToken) -> Result<Captured, LiveError> {
    let watch = CaptureWatch::default();
    if !io::stderr().is_terminal() {
        return captures.take(options, &watch, token);
    }
    let (done, is_done) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let watch = &watch;
        scope.spawn(move || {
            let bar = ProgressBar::new(1000);
            if let Ok(style) = ProgressStyle::with_template("{bar:30} {percent:>3} %  {msg}") {
                bar.set_style(style);
            }
            while is_done.recv_timeout(Duration::from_millis(50)) == Err(mpsc::RecvTimeoutError::Timeout) {
                bar.set_message(watch.words());
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a fraction of 1000")]
                bar.set_position((watch.fraction() * 1000.0) as u64);
            }
            bar.finish_and_clear();
        });
        let _done = done;
        captures.take(options, watch, token)
    })
}
