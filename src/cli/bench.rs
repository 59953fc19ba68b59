//! `bench`: how long opening takes here, phase by phase, and against the least it could take.

use super::output::{Answer, Cell, Column};
use super::{CliError, OutputArgs, write_answer};
use crate::measure;
use crate::progress::{Progress, StageTime};
use crate::reader::touch_every_byte;
use crate::session;
use clap::Args;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Measure how long opening snapshots takes, and how much memory
///
/// Opens each file several times in this process and prints medians: each phase, everything
/// together, the peak of resident memory and what stays resident once open. Figures of a busy
/// machine compare with nothing but figures of the same run; --compare takes turns with a plain
/// pass over every byte of the mapped file by two threads, the least that any reader must do.
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
    #[command(flatten)]
    output: OutputArgs,
}

/// What one opening took.
struct Run {
    stages: Vec<StageTime>,
    wall: Duration,
    cpu: Option<Duration>,
    peak: Option<u64>,
    held: Option<u64>,
    touch: Option<Duration>,
}

/// A figure of the answer.
struct Line {
    file: String,
    phase: String,
    wall: Option<Duration>,
    cpu: Option<Duration>,
    bytes: Option<u64>,
    /// What it was measured against, and how many times that.
    ratio: Option<(f64, &'static str)>,
    per_node: Option<f64>,
    per_edge: Option<f64>,
}

impl BenchArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let mut lines = Vec::new();
        for file in &self.files {
            self.measure(file, &mut lines)?;
        }
        let columns = [
            Column::words("file", "File"),
            Column::words("phase", "Phase"),
            Column::numbers("wall_ms", "Wall"),
            Column::numbers("cpu_ms", "CPU"),
            Column::numbers("bytes", "Memory"),
            Column::numbers("ratio", "Ratio"),
            Column::words("ratio_to", "to"),
            Column::numbers("ns_per_node", "ns/node"),
            Column::numbers("ns_per_edge", "ns/edge"),
        ];
        let answer =
            Answer::new("bench").fact("runs", "Runs", Cell::Count(self.runs.into())).rows(columns, lines.len(), |i| {
                let line = &lines[i];
                let ms = |d: Duration| Cell::Milliseconds(d.as_secs_f64() * 1e3);
                vec![
                    Cell::words(&line.file),
                    Cell::words(&line.phase),
                    Cell::option(line.wall, ms),
                    Cell::option(line.cpu, ms),
                    Cell::option(line.bytes, Cell::Bytes),
                    Cell::option(line.ratio, |r| Cell::Ratio(r.0)),
                    Cell::option(line.ratio, |r| Cell::word(r.1)),
                    Cell::option(line.per_node, Cell::Ratio),
                    Cell::option(line.per_edge, Cell::Ratio),
                ]
            });
        write_answer(answer, &self.output)
    }

    fn measure(&self, path: &Path, lines: &mut Vec<Line>) -> Result<(), CliError> {
        let failed = |error| CliError::File { path: path.to_owned(), error };
        let mut runs = Vec::new();
        let (mut nodes, mut edges, mut file_size) = (0, 0, 0);
        for _ in 0..self.runs {
            let touch = if self.compare {
                let began = Instant::now();
                touch_every_byte(path).map_err(|e| failed(e.into()))?;
                Some(began.elapsed())
            } else {
                None
            };
            let progress = Progress::new();
            let before = measure::resident_bytes();
            let counts_peak = measure::reset_peak();
            let (cpu, began) = (measure::cpu_time(), Instant::now());
            let snapshot = session::open(path, &progress).map_err(failed)?;
            let wall = began.elapsed();
            let cpu = measure::cpu_time().zip(cpu).map(|(after, before)| after.saturating_sub(before));
            let growth = |now: Option<u64>| now.zip(before).map(|(now, before)| now.saturating_sub(before));
            let peak = growth(measure::peak_resident_bytes()).filter(|_| counts_peak);
            let held = growth(measure::resident_bytes());
            (nodes, edges) = (snapshot.heap.graph.node_count(), snapshot.heap.graph.edge_count());
            file_size = snapshot.file_size;
            runs.push(Run { stages: progress.stage_times(), wall, cpu, peak, held, touch });
        }
        let file = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let touch = median(runs.iter().filter_map(|r| r.touch));
        let line = |phase: &str, wall: Option<Duration>| Line {
            file: file.clone(),
            phase: phase.to_owned(),
            wall,
            cpu: None,
            bytes: None,
            ratio: wall.zip(touch).map(|(w, t)| (w.as_secs_f64() / t.as_secs_f64().max(1e-9), "touching every byte")),
            per_node: None,
            per_edge: None,
        };
        let per = |wall: Duration, items: usize| (items > 0).then(|| wall.as_secs_f64() * 1e9 / items as f64);
        // Stages that carry the same words are one phase.
        let mut labels: Vec<&str> = Vec::new();
        for stage in &runs[0].stages {
            if !labels.contains(&stage.label) {
                labels.push(stage.label);
            }
        }
        for label in labels {
            let of_run = |r: &Run| r.stages.iter().filter(|s| s.label == label).map(|s| s.wall).sum::<Duration>();
            let wall = median(runs.iter().map(of_run));
            lines.push(Line {
                per_node: wall.and_then(|w| per(w, nodes)),
                per_edge: wall.and_then(|w| per(w, edges)),
                ..line(label, wall)
            });
        }
        if touch.is_some() {
            lines.push(line("touching every byte", touch));
        }
        let wall = median(runs.iter().map(|r| r.wall));
        lines.push(Line {
            cpu: median(runs.iter().filter_map(|r| r.cpu)),
            per_node: wall.and_then(|w| per(w, nodes)),
            per_edge: wall.and_then(|w| per(w, edges)),
            ..line("everything", wall)
        });
        let memory = |phase: &str, bytes: Option<u64>| Line {
            bytes,
            ratio: bytes.filter(|_| file_size > 0).map(|b| (b as f64 / file_size as f64, "file size")),
            ..line(phase, None)
        };
        lines.push(memory("peak memory", median(runs.iter().filter_map(|r| r.peak))));
        lines.push(memory("memory once open", median(runs.iter().filter_map(|r| r.held))));
        Ok(())
    }
}

/// The middle value; of an even number of them the lower middle one.
fn median<T: Ord>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    let middle = values.len().checked_sub(1)? / 2;
    Some(values.swap_remove(middle))
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_of_an_even_number_of_runs_is_one_that_was_measured() {
        assert_eq!(median([3, 1, 2].into_iter()), Some(2));
        assert_eq!(median([4, 1, 3, 2].into_iter()), Some(2));
        assert_eq!(median(std::iter::empty::<u8>()), None);
    }
}
