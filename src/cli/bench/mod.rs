//! `bench`: how long opening takes here, phase by phase, and against the least it could take.

mod once;
mod phase;
mod questions;

use super::{CliError, OutputArgs, write_answer};
use crate::reader::{peek, touch_every_byte};
use crate::relation::{Answer, Column, Groups, Kind, Rows, Size, Value};
use clap::Args;
use once::Run;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Measure how long opening snapshots takes, and how much memory
///
/// Opens each file several times, each time in a fresh process, and prints medians: a look at the header, each phase,
/// everything together from the start of the process to its answer, the most memory that process had and what it has
/// once the file is open. Processor time is that of all threads. Figures of a busy machine compare with nothing but
/// figures of the same run; --compare takes turns with a plain pass over every byte of the mapped file by two threads,
/// the least that any reader must do.
///
/// JSON and CSV: file, phase, part_of, wall_ms, cpu_ms, memory_bytes, ratio, ratio_to, bytes_per_second, ns_per_node,
/// ns_per_edge. Phases may run side by side; a part has the name of its phase in part_of.
#[derive(Debug, Args)]
pub(super) struct BenchArgs {
    /// Snapshots to open
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// How often to open each file
    #[arg(long, default_value_t = 5, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    runs: u32,
    /// Take turns with touching every byte of the file, and print the ratio
    #[arg(long)]
    compare: bool,
    /// Ask questions too once the file is open: each filter that has a name, and the objects of the largest class
    /// sorted by each column
    #[arg(long)]
    questions: bool,
    /// Open the first file in this process and write what that took: what the fresh processes do
    #[arg(long, hide = true)]
    once: bool,
    #[command(flatten)]
    output: OutputArgs,
}

/// A figure of the answer.
#[derive(Default)]
struct Line {
    file: String,
    phase: String,
    part_of: Option<String>,
    wall: Option<Duration>,
    cpu: Option<Duration>,
    memory: Option<u64>,
    /// What it was measured against, and how many times that.
    ratio: Option<(f64, &'static str)>,
    bytes_per_second: Option<f64>,
    per_node: Option<f64>,
    per_edge: Option<f64>,
}

const READING: &str = "Reading";

const RUNS: Column = Column::new("runs", "Runs", Kind::Count(Groups::Commas), "How often each file was opened");

static COLUMNS: [Column; 11] = [
    Column::new("file", "File", Kind::Text, "The file"),
    Column::new("phase", "Phase", Kind::Tree, "What was measured"),
    Column::for_programs("part_of", Kind::Text, "The phase it is a part of").nullable(),
    Column::new("wall_ms", "Wall", Kind::Milliseconds, "How long it took").nullable(),
    Column::new("cpu_ms", "CPU", Kind::Milliseconds, "Processor time of all threads").nullable(),
    Column::new("memory_bytes", "Memory", Kind::Bytes(Size::Suitable), "How much memory").nullable(),
    Column::new("ratio", "Ratio", Kind::Ratio, "How many times that of ratio_to").nullable(),
    Column::new("ratio_to", "to", Kind::Text, "What it is compared with").nullable(),
    Column::new("bytes_per_second", "a second", Kind::Bytes(Size::Suitable), "Bytes of the file a second").nullable(),
    Column::new("ns_per_node", "ns/node", Kind::Ratio, "Nanoseconds an object").nullable(),
    Column::new("ns_per_edge", "ns/edge", Kind::Ratio, "Nanoseconds a reference").nullable(),
];

struct Lines(Vec<Line>);

impl Rows for Lines {
    fn columns(&self) -> &[Column] {
        &COLUMNS
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn value(&self, row: usize, column: usize) -> Value<'_> {
        let line = &self.0[row];
        let ms = |d: Duration| Value::Float(d.as_secs_f64() * 1e3);
        match column {
            0 => Value::word(&line.file),
            1 => Value::word(&line.phase),
            2 => Value::option(line.part_of.as_deref(), Value::word),
            3 => Value::option(line.wall, ms),
            4 => Value::option(line.cpu, ms),
            5 => Value::option(line.memory, Value::Unsigned),
            6 => Value::option(line.ratio, |r| Value::Float(r.0)),
            7 => Value::option(line.ratio, |r| Value::word(r.1)),
            8 => Value::option(line.bytes_per_second, |b| Value::Unsigned(b as u64)),
            9 => Value::option(line.per_node, Value::Float),
            _ => Value::option(line.per_edge, Value::Float),
        }
    }

    fn level(&self, row: usize) -> usize {
        self.0[row].part_of.is_some().into()
    }
}

impl BenchArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        if let (true, Some(file)) = (self.once, self.files.first()) {
            return once::measure_here(file, self.questions);
        }
        let mut lines = Vec::new();
        for file in &self.files {
            self.measure(file, &mut lines)?;
        }
        let answer = Answer::new("bench").fact(RUNS, self.runs).rows(Lines(lines));
        write_answer(answer, &self.output)
    }

    fn measure(&self, path: &Path, lines: &mut Vec<Line>) -> Result<(), CliError> {
        let failed = |error: crate::reader::ReadError| CliError::File { path: path.to_owned(), error: error.into() };
        let (mut runs, mut touches, mut looks) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..self.runs {
            if self.compare {
                touches.push(timed(|| touch_every_byte(path)).map_err(failed)?);
            }
            looks.push(timed(|| peek(path)).map_err(failed)?);
            runs.push(once::measure_in_fresh_process(path, self.questions)?);
        }
        let file = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let touch = median(touches);
        let ratio = |wall: Duration, least: Duration| (seconds(wall) / seconds(least), "touching every byte");
        let line = |phase: &str, wall: Option<Duration>| Line {
            file: file.clone(),
            phase: phase.to_owned(),
            wall,
            ratio: wall.zip(touch).map(|(w, t)| ratio(w, t)),
            ..Line::default()
        };
        let Some(Run { nodes, edges, file_size, .. }) = runs.first() else { return Ok(()) };
        let per = |wall: Duration, items: usize| (items > 0).then(|| wall.as_secs_f64() * 1e9 / items as f64);
        let for_each = |line: Line| Line {
            per_node: line.wall.and_then(|w| per(w, *nodes)),
            per_edge: line.wall.and_then(|w| per(w, *edges)),
            ..line
        };
        let for_bytes =
            |line: Line| Line { bytes_per_second: line.wall.map(|w| *file_size as f64 / seconds(w)), ..line };

        lines.push(line("Looking at the header", median(looks)));
        for (label, part_of) in phases(&runs[0]) {
            let times = runs.iter().map(|r| r.total(&label));
            let (walls, cpus): (Vec<_>, Vec<_>) = times.unzip();
            let timed = Line { cpu: median(cpus.into_iter().flatten()), part_of, ..line(&label, median(walls)) };
            let timed = for_each(timed);
            lines.push(if label == READING { for_bytes(timed) } else { timed });
        }
        if touch.is_some() {
            lines.push(for_bytes(line("touching every byte", touch)));
        }
        let cpu = median(runs.iter().filter_map(|r| r.cpu));
        let everything = line("everything", median(runs.iter().map(|r| r.wall)));
        lines.push(for_bytes(for_each(Line { cpu, ..everything })));
        let memory = |phase: &str, bytes: Option<u64>| Line {
            memory: bytes,
            ratio: bytes.filter(|_| *file_size > 0).map(|b| (b as f64 / *file_size as f64, "file size")),
            ..line(phase, None)
        };
        lines.push(memory("peak memory", median(runs.iter().filter_map(|r| r.peak))));
        lines.push(memory("memory once open", median(runs.iter().filter_map(|r| r.held))));
        for (i, question) in runs[0].questions.iter().enumerate() {
            let asked = || runs.iter().filter_map(|r| r.questions.get(i));
            let cpu = median(asked().filter_map(|p| p.cpu));
            lines.push(Line { cpu, ratio: None, ..line(&question.label, median(asked().map(|p| p.wall))) });
        }
        Ok(())
    }
}

impl Run {
    /// What a phase took. Stages that carry the same words are one phase.
    fn total(&self, label: &str) -> (Duration, Option<Duration>) {
        let stages = || self.phases.iter().filter(|p| p.label == label);
        (stages().map(|p| p.wall).sum(), stages().map(|p| p.cpu).sum())
    }
}

/// The phases of a run, and the phase each is a part of.
fn phases(run: &Run) -> Vec<(String, Option<String>)> {
    let mut phases: Vec<(String, Option<String>)> = Vec::new();
    let mut whole = None;
    for phase in &run.phases {
        if !phase.is_part {
            whole = Some(phase.label.clone());
        }
        if phases.iter().all(|(label, _)| *label != phase.label) {
            phases.push((phase.label.clone(), whole.clone().filter(|_| phase.is_part)));
        }
    }
    phases
}

fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64().max(1e-9)
}

/// How long `work` takes, which is done for nothing else.
fn timed<T, E>(work: impl FnOnce() -> Result<T, E>) -> Result<Duration, E> {
    let began = Instant::now();
    work()?;
    Ok(began.elapsed())
}

/// The middle value; of an even number of them the lower middle one.
fn median<T: Ord>(values: impl IntoIterator<Item = T>) -> Option<T> {
    let mut values: Vec<T> = values.into_iter().collect();
    values.sort_unstable();
    let middle = values.len().checked_sub(1)? / 2;
    Some(values.swap_remove(middle))
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_of_an_even_number_of_runs_is_one_that_was_measured() {
        assert_eq!(median([3, 1, 2]), Some(2));
        assert_eq!(median([4, 1, 3, 2]), Some(2));
        assert_eq!(median(std::iter::empty::<u8>()), None);
    }
}
