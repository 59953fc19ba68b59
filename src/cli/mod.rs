//! The command line: answers on standard output, progress and warnings on standard error.
//!
//! A file here is a group of commands: its arguments as clap reads them, and `run`, which asks
//! [`crate::analysis`]. What answers are made of and how they are written is the business of [`crate::relation`].
//! Knows no window system, and needs no display.

mod allocations;
mod args;
mod bench;
mod check;
mod comparison;
mod containment;
mod contexts;
mod dominators;
mod duplicates;
mod export;
mod flamegraph;
mod generate;
mod growth;
mod info;
mod leaks;
mod live;
mod map;
mod nodes;
mod object;
mod open;
mod out_file;
mod paths;
mod profile;
mod profile_args;
mod retainers;
mod search;
mod shell;
mod side_by_side;
mod source;
mod sources;
mod statistics;
mod summary;
mod why;

use crate::live::LiveError;
use crate::progress::Cancelled;
use crate::relation::{Answer, Format, catalog};
use crate::session::OpenError;
use crate::visible::one_line;
use clap::{Args, CommandFactory, Parser, Subcommand};
use std::ffi::OsString;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Opens V8 heap snapshots and shows what is in them, what grew, and what keeps it alive.
#[derive(Debug, Parser)]
#[command(
    name = "heapglass",
    version = env!("HEAPGLASS_VERSION"),
    args_conflicts_with_subcommands = true,
    subcommand_precedence_over_arg = true,
    after_help = after_help(),
    max_term_width = 100,
)]
struct Cli {
    #[command(flatten)]
    app: AppArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What is handed to the application.
#[derive(Debug, Args)]
pub struct AppArgs {
    /// Snapshots to open in the application; of a folder, all that are in it
    pub files: Vec<PathBuf>,
    /// Open the window on Wayland itself instead of through XWayland; files cannot be dropped on it then
    #[arg(long)]
    pub wayland: bool,
    /// Instead of opening a window, measure what frames cost on these files, in milliseconds
    ///
    /// The last file is shown, and compared with the one before it, which is read again in the end while the table is
    /// scrolled.
    #[arg(long, requires = "files")]
    pub measure_frames: bool,
    /// Write what frames cost as JSON: command, nodes, rows of what, frames, wall_ms and cpu_ms with p50, p99, max
    #[arg(long, requires = "measure_frames")]
    pub json: bool,
}

/// The commands whose columns the first page of help shows.
const SHOWN_IN_HELP: [&str; 3] = ["summary", "comparison", "nodes"];

fn after_help() -> String {
    let header = |command: &str| {
        let definition = catalog::of_command(command).into_iter().next();
        format!("  {command:10}  {}\n", definition.map(|d| d.csv_header()).unwrap_or_default())
    };
    format!(
        "Without a command the application opens, with the files given.\n\n\
         Commands write a table, JSON, CSV or Markdown (--format). JSON is one object: command, single facts, rows; a \
         number X has beside it the text the screen shows, as X_text. CSV is a header line and raw numbers:\n\
         {}'heapglass help COMMAND' documents those of each command.\n\n\
         Exit status: 0; 1 for a file that cannot be read or a running program that is lost; 2 for wrong usage; 3 \
         where 'check' finds a budget broken.",
        SHOWN_IN_HELP.map(header).concat()
    )
}

#[derive(Debug, Subcommand)]
enum Command {
    Info(info::InfoArgs),
    Summary(summary::SummaryArgs),
    Instances(summary::InstancesArgs),
    Statistics(statistics::StatisticsArgs),
    Comparison(comparison::ComparisonArgs),
    Growth(growth::GrowthArgs),
    SideBySide(side_by_side::SideBySideArgs),
    Containment(containment::ContainmentArgs),
    Object(object::ObjectArgs),
    Retainers(retainers::RetainersArgs),
    Path(retainers::PathArgs),
    Dominators(dominators::DominatorsArgs),
    Search(search::SearchArgs),
    Duplicates(duplicates::DuplicatesArgs),
    Contexts(contexts::ContextsArgs),
    Leaks(leaks::LeaksArgs),
    Paths(paths::PathsArgs),
    Check(check::CheckArgs),
    Why(why::WhyArgs),
    WhatIf(why::WhatIfArgs),
    Allocations(allocations::AllocationsArgs),
    Targets(live::TargetsArgs),
    Capture(live::CaptureArgs),
    Watch(live::WatchArgs),
    Sources(sources::SourcesArgs),
    Code(sources::CodeArgs),
    Map(map::MapArgs),
    Nodes(nodes::NodesArgs),
    Profile(profile::ProfileArgs),
    Flamegraph(flamegraph::FlamegraphArgs),
    Export(export::ExportArgs),
    Bench(bench::BenchArgs),
    Generate(generate::GenerateArgs),
    Completions(shell::CompletionsArgs),
    Man(shell::ManArgs),
}

/// How every command can be told to answer.
#[derive(Debug, Clone, Args)]
struct OutputArgs {
    /// How to write the answer
    #[arg(long, value_enum, default_value_t = Format::Table, value_name = "FORMAT")]
    format: Format,
    /// Write at most this many rows
    #[arg(long, value_name = "ROWS")]
    limit: Option<usize>,
}

/// Why a command did not answer.
#[derive(Debug, thiserror::Error)]
enum CliError {
    /// A file cannot be read.
    #[error("{}: {error}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: OpenError,
    },
    /// Something about a running program.
    #[error(transparent)]
    Live(#[from] LiveError),
    /// Another process that was asked did not answer, for a reason that is told already.
    #[error("{0}")]
    Failed(String),
    /// The command asks for what cannot be.
    #[error("{0}")]
    Usage(String),
    /// The answer says that budgets are broken.
    #[error("{}", if *.0 == 1 { "a budget is broken".to_owned() } else { format!("{} budgets are broken", .0) })]
    BrokenBudgets(usize),
    /// The work was given up.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The answer cannot be written.
    #[error("cannot write the answer: {0}")]
    Write(#[from] io::Error),
}

/// Does what the arguments say. Files without a command are handed to `open_app`.
pub fn run(arguments: impl IntoIterator<Item = OsString>, open_app: impl FnOnce(AppArgs) -> ExitCode) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(e) => {
            let _ = e.print();
            return ExitCode::from(if e.use_stderr() { 2 } else { 0 });
        }
    };
    let done = match cli.command {
        None => match mistyped_command(&cli.app.files) {
            None => return open_app(cli.app),
            Some(message) => Err(CliError::Usage(message)),
        },
        Some(Command::Info(args)) => args.run(),
        Some(Command::Summary(args)) => args.run(),
        Some(Command::Instances(args)) => args.run(),
        Some(Command::Statistics(args)) => args.run(),
        Some(Command::Comparison(args)) => args.run(),
        Some(Command::Growth(args)) => args.run(),
        Some(Command::SideBySide(args)) => args.run(),
        Some(Command::Containment(args)) => args.run(),
        Some(Command::Object(args)) => args.run(),
        Some(Command::Retainers(args)) => args.run(),
        Some(Command::Path(args)) => args.run(),
        Some(Command::Dominators(args)) => args.run(),
        Some(Command::Search(args)) => args.run(),
        Some(Command::Duplicates(args)) => args.run(),
        Some(Command::Contexts(args)) => args.run(),
        Some(Command::Leaks(args)) => args.run(),
        Some(Command::Paths(args)) => args.run(),
        Some(Command::Check(args)) => args.run(),
        Some(Command::Why(args)) => args.run(),
        Some(Command::WhatIf(args)) => args.run(),
        Some(Command::Allocations(args)) => args.run(),
        Some(Command::Targets(args)) => args.run(),
        Some(Command::Capture(args)) => args.run(),
        Some(Command::Watch(args)) => args.run(),
        Some(Command::Sources(args)) => args.run(),
        Some(Command::Code(args)) => args.run(),
        Some(Command::Map(args)) => args.run(),
        Some(Command::Nodes(args)) => args.run(),
        Some(Command::Profile(args)) => args.run(),
        Some(Command::Flamegraph(args)) => args.run(),
        Some(Command::Export(args)) => args.run(),
        Some(Command::Bench(args)) => args.run(),
        Some(Command::Generate(args)) => args.run(),
        Some(Command::Completions(args)) => args.run(&mut Cli::command()),
        Some(Command::Man(args)) => args.run(Cli::command()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read our answer has read enough.
        Err(CliError::Write(e)) if e.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(e) => {
            complain(&e.to_string());
            if matches!(&e, CliError::File { error, .. } if error.can_be_forced()) {
                complain("--force opens it all the same");
            }
            ExitCode::from(match e {
                CliError::Usage(_) | CliError::Live(LiveError::Address { .. } | LiveError::Ambiguous { .. }) => 2,
                CliError::BrokenBudgets(_) => 3,
                _ => 1,
            })
        }
    }
}

/// What to say when the first "file" is rather a command misspelled: a bare word that is not a file.
fn mistyped_command(files: &[PathBuf]) -> Option<String> {
    let word = files.first()?.to_str()?;
    let is_bare = !word.contains(['.', '/', '\\']) && !files[0].exists();
    is_bare.then(|| format!("'{word}' is neither a command nor a file; try 'heapglass --help'"))
}

/// Says something on standard error, on one line; if nobody can hear it, nothing more can be done.
fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "heapglass: {}", one_line(text));
}

/// Writes `answer` to standard output.
fn write_answer(answer: Answer<'_>, how: &OutputArgs) -> Result<(), CliError> {
    write(answer.limited(how.limit), how.format)
}

fn write(answer: Answer<'_>, format: Format) -> Result<(), CliError> {
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    answer.write(format, &mut out)?;
    out.flush()?;
    Ok(())
}

/// Writes `text` to standard output.
fn write_text(text: &str) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_of_all_commands_hold_together() {
        Cli::command().debug_assert();
    }
}
