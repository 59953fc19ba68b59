//! `leaks`: what grew, who holds it, and why we say so.

use super::open::{OpenArgs, files_named};
use super::source::SourceArgs;
use super::{CliError, write, write_text};
use crate::analysis::Heap;
use crate::analysis::leaks::{Finding, Findings, KnownLeaks, find_leaks};
use crate::code::FindingCode;
use crate::code::finding::code_of;
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
///
/// Where the program's source is at hand, each finding has code: declared, adds and removes, places with file, line,
/// column, text, original (where it was written, by a source map), and whether it is certain that they are about this
/// owner; with a source map original_owner and original_fingerprint, too.
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
    source: SourceArgs,
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
        let library = self.source.library();
        let last = heaps.last().copied();
        let code = |finding: &Finding| code_of(finding, last?, &library);
        for finding in findings.findings.iter_mut().filter(|f| !f.expected) {
            if let Some(fingerprint) = code(finding).and_then(|code| code.original_fingerprint) {
                known.apply_as(finding, fingerprint);
            }
        }
        findings.findings.sort_by_key(|f| f.expected);
        let text = match self.format {
            Format::Table => text(&findings, heaps.len(), code),
            Format::Markdown => findings.to_markdown_with(|f| code(f).map(|c| c.to_markdown()).unwrap_or_default()),
            Format::Json => json(&findings, code)?,
            Format::Csv => return write(tables::leaks::leaks(&findings), Format::Csv),
        };
        write_text(&text)
    }
}

/// Prints what `files` tell of leaks, for people.
pub(super) fn print_leaks(files: &[PathBuf], force: bool) -> Result<(), CliError> {
    let open = OpenArgs::forced(force);
    LeaksArgs { files: files.to_vec(), known: None, format: Format::Table, source: SourceArgs::default(), open }.run()
}

/// What is meant to be: by the file that was given, else by those beside the snapshots.
pub(super) fn known_leaks(given: Option<&Path>, files: &[PathBuf]) -> Result<KnownLeaks, CliError> {
    let known = match given {
        Some(path) => read_known(path),
        None => known_beside(files.iter().map(PathBuf::as_path)),
    };
    known.map_err(|e| CliError::Usage(e.to_string()))
}

fn json(findings: &Findings, code: impl Fn(&Finding) -> Option<FindingCode>) -> Result<String, CliError> {
    #[derive(serde::Serialize)]
    struct Document<'a> {
        command: &'static str,
        findings: Vec<WithCode<'a>>,
        noise: &'a [Finding],
        remarks: &'a [String],
    }
    #[derive(serde::Serialize)]
    struct WithCode<'a> {
        #[serde(flatten)]
        finding: &'a Finding,
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<FindingCode>,
    }
    let with_code = |finding| WithCode { finding, code: code(finding) };
    let document = Document {
        command: "leaks",
        findings: findings.findings.iter().map(with_code).collect(),
        noise: &findings.noise,
        remarks: &findings.remarks,
    };
    let text = serde_json::to_string_pretty(&document).map_err(|e| CliError::Write(e.into()))?;
    Ok(text + "\n")
}

/// The findings as people read them in a terminal.
fn text(findings: &Findings, snapshots: usize, code: impl Fn(&Finding) -> Option<FindingCode>) -> String {
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
        for sentence in code(finding).iter().flat_map(FindingCode::sentences) {
            let _ = writeln!(out, "   {}", one_line(&sentence));
        }
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
        let _ = writeln!(out, "Grew, but not a leak: {}: {}", one_line(&finding.owner), one_line(reason));
    }
    for remark in &findings.remarks {
        let _ = writeln!(out, "{remark}");
    }
    out
}

fn told_by(snapshots: usize) -> String {
    if snapshots == 1 { "one snapshot tells".to_owned() } else { format!("{snapshots} snapshots tell") }
}
