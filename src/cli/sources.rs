//! `sources` and `code`: whose memory it is, and the code at an object's place.

use super::args::ObjectId;
use super::open::OpenArgs;
use super::source::SourceArgs;
use super::{CliError, OutputArgs, write_answer, write_text};
use crate::analysis::Heap;
use crate::code::Library;
use crate::code::lines::Lines;
use crate::code::memory::{Level, SourceRow, memory_by};
use crate::code::script::{place_of_function, place_of_object};
use crate::progress::Stage;
use crate::relation::{catalog, tables};
use crate::visible::one_line;
use clap::{Args, ValueEnum};
use std::fmt::Write as _;
use std::path::PathBuf;

/// How much memory belongs to each package, file or function of the program
///
/// Every object belongs to one owner: to the script it is a function, scope or module of; else to the nearest such
/// object that dominates it; else to those who refer to it: one script, two that share it, or many. What is left is the
/// engine's. With a second snapshot the difference to it is shown.
#[derive(Debug, Args)]
#[command(after_long_help = catalog::help("sources"))]
pub(super) struct SourcesArgs {
    /// The snapshot
    file: PathBuf,
    /// An earlier snapshot to compare it with
    base: Option<PathBuf>,
    /// What to sum up by
    #[arg(long, value_enum, default_value_t = By::Package, value_name = "LEVEL")]
    by: By,
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    open: OpenArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    /// One row a package and version
    Package,
    /// One row a file
    File,
    /// One row a function, scope or variable
    Function,
}

impl SourcesArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let library = self.source.library();
        let level = match self.by {
            By::Package => Level::Package,
            By::File => Level::File,
            By::Function => Level::Function,
        };
        let rows = |heap: &Heap| -> Result<Vec<SourceRow>, CliError> {
            Ok(memory_by(level, heap, heap.source_owners(&Stage::unwatched())?, &library))
        };
        let base = match &self.base {
            Some(path) => Some(rows(&self.open.open(path)?.heap)?),
            None => None,
        };
        let snapshot = self.open.open(&self.file)?;
        let answer = tables::sources::sources(rows(&snapshot.heap)?, base.as_deref(), snapshot.heap.total_size());
        write_answer(answer, &self.output)
    }
}

/// Show the code at an object's place: where a function begins, or what made an object
#[derive(Debug, Args)]
pub(super) struct CodeArgs {
    /// The snapshot
    file: PathBuf,
    /// A function, a scope, or an object made by a constructor
    id: ObjectId,
    /// How many lines to show before and after
    #[arg(long, value_name = "LINES", default_value_t = 3)]
    context: usize,
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    open: OpenArgs,
}

impl CodeArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let snapshot = self.open.open(&self.file)?;
        let heap = &snapshot.heap;
        let n = self.id.find(heap)?;
        let place = place_of_function(heap, n).or_else(|| place_of_object(heap, n));
        let Some((Some(script), at)) = place else {
            return Err(CliError::Usage(format!("the snapshot does not tell where {} stands", heap.id(n))));
        };
        let library: Library = self.source.library();
        let name = crate::analysis::source::scripts::script_name(heap, script).lossy().into_owned();
        let found = library.find(heap, Some(script), &name);
        let text = found.text.map_err(CliError::Failed)?;
        let original = found.map.as_ref().and_then(|map| map.original(at));
        let written = original.as_ref().zip(found.map.as_ref()).and_then(|(o, map)| map.text(&o.file, &library.places));
        let (file, line, column, text) = match (original, written) {
            (Some(original), Some(text)) => (original.file, original.line, original.column, text),
            _ => (name, at.line + 1, at.column + 1, text),
        };
        let mut out = format!("{}:{line}:{column}\n", one_line(&file));
        if let Some(remark) = text.origin.remark() {
            let _ = writeln!(out, "{}", one_line(&remark));
        }
        let lines = Lines::new(&text.text);
        let line = line as usize - 1;
        let last = (line + self.context).min(lines.count().saturating_sub(1));
        for i in line.saturating_sub(self.context)..=last {
            let mark = if i == line { ">" } else { " " };
            let code = shortened(lines.line(&text.text, i), if i == line { column as usize } else { 1 });
            let _ = writeln!(out, "{mark} {:>6}  {}", i + 1, one_line(&code));
        }
        write_text(&out)
    }
}

/// The part of a long line around a column: minified files are one line.
fn shortened(line: &str, column: usize) -> String {
    const WIDTH: usize = 200;
    if line.chars().count() <= WIDTH {
        return line.to_owned();
    }
    let from = column.saturating_sub(WIDTH / 4);
    let part: String = line.chars().skip(from).take(WIDTH).collect();
    let before = if from > 0 { "…" } else { "" };
    format!("{before}{part}…")
}
