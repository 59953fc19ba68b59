//! `leaks`: what grew, who holds it, and why we say so.

use super::open::{OpenArgs, files_named};
use super::{CliError, write, write_text};
use crate::analysis::Heap;
use crate::analysis::leaks::{Findings, KnownLeaks, find_leaks};
use crate::progress::Stage;
use crate::relation::{Format, catalog, tables};
use crate::session::known::{known_beside, read_known};
use crate::units;
use crate::visible::one_line;
use clap::Args;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Name the leak: what grew from snapshot to snapshot, who holds it, and why we say so
///
/// JSON: findings, strongest first, each with owner, kind, evidence, path, growth per snapshot, exclusive_bytes,
/// shared_bytes, fingerprint, example_id, noise, expected and why; an empty list when nothing leaks. What grew and is
/// no leak stands in noise, with the reason. Of a single snapshot the findings are what is suspiciously big in it, with
/// evidence one-snapshot: that is no proof of a leak. CSV: all findings, those in noise last.
#[derive(Debug, Args)]
#[command(after_long_help = catalog::help("leaks"))]
pub(super) struct LeaksArgs {
    /// Snapshots of one program, the oldest first, or a folder of them; best three: at the start, after load, after the same load again
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Findings that are meant to be: a file of fingerprints and reasons, by default heapglass-known.txt beside the
    /// snapshots
    #[arg(long, value_name = "FILE")]
    known: Option<PathBuf>,
    /// How to write the answer
    #[arg(long, value_enum, default_value_t = Format::Table, value_name = "FORMAT")]
    format: Format,
    #[command(flatten)]
    open: OpenArgs,
}

impl LeaksArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let files = files_named(&self.files)?;
        let known = known_leaks(self.known.as_deref(), &files)?;
        let snapshots = self.open.open_all(&files)?;
        let heaps: Vec<&Heap> = snapshots.iter().map(|s| &s.heap).collect();
        let mut findings = find_leaks(&heaps, &Stage::unwatched())?;
        known.apply(&mut findings);
        let text = match self.format {
            Format::Table => text(&findings, heaps.len()),
            Format::Markdown => findings.to_markdown(),
            Format::Json => json(&findings)?,
            Format::Csv => return write(tables::leaks::leaks(&findings), Format::Csv),
        };
        write_text(&text)
    }
}

/// Prints what `files` tell of leaks, for people.
pub(super) fn print_leaks(files: &[PathBuf], force: bool) -> Result<(), CliError> {
    let open = OpenArgs::forced(force);
    LeaksArgs { files: files.to_vec(), known: None, format: Format::Table, open }.run()
}

/// What is meant to be: by the file that was given, else by those beside the snapshots.
pub(super) fn known_leaks(given: Option<&Path>, files: &[PathBuf]) -> Result<KnownLeaks, CliError> {
    let known = match given {
        Some(path) => read_known(path),
        None => known_beside(files.iter().map(PathBuf::as_path)),
    };
    known.map_err(|e| CliError::Usage(e.to_string()))
}

fn json(findings: &Findings) -> Result<String, CliError> {
    #[derive(serde::Serialize)]
    struct Document<'a> {
        command: &'static str,
        #[serde(flatten)]
        findings: &'a Findings,
    }
    let document = Document { command: "leaks", findings };
    let text = serde_json::to_string_pretty(&document).map_err(|e| CliError::Write(e.into()))?;
    Ok(text + "\n")
}

/// The findings as people read them in a terminal.
fn text(findings: &Findings, snapshots: usize) -> String {
    let mut out = String::new();
    if findings.unexpected().next().is_none() {
        let _ = writeln!(out, "Nothing leaks, as far as {}.", told_by(snapshots));
    }
    for (i, finding) in findings.unexpected().enumerate() {
        let _ = writeln!(out, "{}. {} ({})", i + 1, one_line(&finding.owner), finding.evidence.words());
        for sentence in &finding.why {
            let _ = writeln!(out, "   {}", one_line(sentence));
        }
        let _ = writeln!(out, "   {}", one_line(&finding.path_text()));
        for user in &finding.used_by {
            let _ = writeln!(out, "   used by {}", one_line(user));
        }
        let _ = writeln!(
            out,
            "   exclusive {}, shared {}, example @{}, fingerprint {}",
            units::bytes(finding.exclusive_bytes),
            units::bytes(finding.shared_bytes),
            finding.example_id.0,
            finding.fingerprint
        );
        let _ = writeln!(out, "   {}\n", finding.advice);
    }
    for finding in findings.expected() {
        let reason = finding.expected_reason.as_deref().unwrap_or("no reason given");
        let _ = writeln!(out, "Expected: {} ({}): {}", one_line(&finding.owner), finding.fingerprint, one_line(reason));
    }
    for finding in &findings.noise {
        let reason = finding.noise_reason.as_deref().unwrap_or_default();
        let _ = writeln!(out, "Grew, but no leak: {}: {}", one_line(&finding.owner), one_line(reason));
    }
    for remark in &findings.remarks {
        let _ = writeln!(out, "{remark}");
    }
    out
}

fn told_by(snapshots: usize) -> String {
    if snapshots == 1 { "one snapshot tells".to_owned() } else { format!("{snapshots} snapshots tell") }
}
