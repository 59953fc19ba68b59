//! `watch`: the memory of a running program, a line a reading.

use super::super::{CliError, complain, write_text};
use super::attach::TargetArgs;
use super::{duration, interrupt};
use crate::live::series::{Reading, Subject};
use crate::live::{LiveError, Meter, columns_of, csv_header, csv_row, json_line};
use crate::units;
use clap::{Args, ValueEnum};
use std::fs::{File, OpenOptions};
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Show the memory of a running program, a line a reading
///
/// CSV and JSON lines: time_ms (since 1970), rss, heap_total, heap_used, external, array_buffers, then what else the
/// engine tells: heap spaces, contexts, documents. What has to be evaluated in the program is read every ten seconds,
/// and empty in between.
#[derive(Debug, Args)]
pub(in crate::cli) struct WatchArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// Between two readings
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = duration)]
    every: Duration,
    /// Stop after this time; until then Ctrl+C does
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    duration: Option<Duration>,
    /// Write the readings to this file as well: .jsonl for JSON lines, CSV else
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// How to write them to standard output
    #[arg(long, value_enum, default_value_t = WatchFormat::Table, value_name = "FORMAT")]
    format: WatchFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum WatchFormat {
    /// Aligned columns for people
    Table,
    /// A header line and raw numbers
    Csv,
    /// One object a line
    Jsonl,
}

impl WatchArgs {
    pub(in crate::cli) fn run(self) -> Result<(), CliError> {
        let token = interrupt::token();
        let session = self.target.attach(&token)?;
        let mut meter = Meter::new(session.isolate.clone(), session.target.pid(), session.evaluates);
        let mut file = self.out.as_deref().map(Sink::file).transpose()?;
        let mut screen = Sink { to: To::Screen, format: self.format, columns: None, table: Lines::default() };
        let until = self.duration.map(|duration| Instant::now() + duration);
        let mut next = Instant::now();
        let mut was_busy = false;
        let ended = loop {
            match meter.read(&token) {
                Ok(reading) => {
                    was_busy = false;
                    if let Some(file) = &mut file {
                        file.write(&reading)?;
                    }
                    screen.write(&reading)?;
                }
                Err(LiveError::NoAnswer { .. }) => {
                    if !was_busy {
                        complain("the target is busy and does not answer; waiting");
                    }
                    was_busy = true;
                }
                Err(e) => break Err(e),
            }
            next = (next + self.every).max(Instant::now());
            if until.is_some_and(|until| next >= until) {
                break Ok(());
            }
            if let Err(e) = session.isolate.pause(next.saturating_duration_since(Instant::now()), &token) {
                break Err(e);
            }
        };
        match ended {
            Ok(()) | Err(LiveError::Cancelled(_)) => Ok(()),
            Err(e) => Err(CliError::Failed(match &self.out {
                Some(out) => format!("{e}; the readings until then are in {}", out.display()),
                None => e.to_string(),
            })),
        }
    }
}

/// Where readings go.
struct Sink {
    to: To,
    format: WatchFormat,
    /// Chosen with the first reading.
    columns: Option<Vec<Subject>>,
    table: Lines,
}

enum To {
    Screen,
    File(PathBuf, File),
}

impl Sink {
    fn file(path: &Path) -> Result<Self, CliError> {
        let is_json = path.extension().is_some_and(|e| e == "jsonl" || e == "ndjson" || e == "json");
        let format = if is_json { WatchFormat::Jsonl } else { WatchFormat::Csv };
        let created = OpenOptions::new().write(true).create_new(true).open(path);
        let file = created.map_err(|e| CliError::Failed(format!("cannot create {}: {e}", path.display())))?;
        Ok(Self { to: To::File(path.to_owned(), file), format, columns: None, table: Lines::default() })
    }

    fn write(&mut self, reading: &Reading) -> Result<(), CliError> {
        let text = match self.format {
            WatchFormat::Table => self.table.line(reading),
            WatchFormat::Jsonl => json_line(reading),
            WatchFormat::Csv => {
                let is_first = self.columns.is_none();
                let columns = self.columns.get_or_insert_with(|| columns_of(reading));
                let header = if is_first { csv_header(columns) } else { String::new() };
                header + &csv_row(reading, columns)
            }
        };
        match &mut self.to {
            To::Screen => write_text(&text),
            To::File(path, file) => {
                let written = file.write_all(text.as_bytes());
                written.map_err(|e| CliError::Failed(format!("cannot write {}: {e}", path.display())))
            }
        }
    }
}

/// Readings as aligned lines.
#[derive(Default)]
struct Lines {
    began_ms: Option<u64>,
    used: Vec<f64>,
}

/// How many readings a sparkline shows.
const SPARKS: usize = 24;
const HEADER: &str = "    time        used       total    external     buffers         rss\n";

impl Lines {
    fn line(&mut self, reading: &Reading) -> String {
        let header = if self.began_ms.is_none() { HEADER } else { "" };
        let seconds = reading.time_ms.saturating_sub(*self.began_ms.get_or_insert(reading.time_ms)) / 1000;
        let mut line = format!("{header}{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
        for subject in [Subject::HeapUsed, Subject::HeapTotal, Subject::External, Subject::ArrayBuffers, Subject::Rss] {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bytes, not negative")]
            let text = reading.get(&subject).map(|bytes| units::bytes(bytes.max(0.0) as u64)).unwrap_or_default();
            line += &format!(" {:>width$}", text, width = 11);
        }
        self.used.extend(reading.get(&Subject::HeapUsed));
        if std::io::stdout().is_terminal() {
            let from = self.used.len().saturating_sub(SPARKS);
            line += "  ";
            line += &sparkline(&self.used[from..]);
        }
        line.push('\n');
        line
    }
}

/// Figures as a row of bars, the greatest as a full one.
fn sparkline(values: &[f64]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = values.iter().copied().fold(1.0, f64::max);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a position among eight")]
    let bar = |value: &f64| BARS[((value / most * 7.0).round() as usize).min(7)];
    values.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_the_width_of_their_header() {
        let reading = Reading { time_ms: 61_000, values: vec![(Subject::HeapUsed, 4_500_000.0), (Subject::Rss, 5e7)] };
        let mut lines = Lines::default();
        let text = lines.line(&reading);
        let widths: Vec<usize> = text.lines().map(|line| line.trim_end().chars().count()).collect();
        assert_eq!(widths, [68, 68], "{text}");
        assert!(lines.line(&Reading { time_ms: 62_500, ..reading }).starts_with("00:00:01"));
        assert_eq!(sparkline(&[0.0, 50.0, 100.0]), "▁▅█");
    }
}
