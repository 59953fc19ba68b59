//! `statistics`: what kinds of things the bytes are.

use super::open::OpenArgs;
use super::{CliError, OutputArgs, write_answer};
use crate::analysis::tables::statistics::statistics;
use crate::progress::Stage;
use crate::relation::{catalog, tables};
use clap::Args;
use std::path::PathBuf;

/// Show what kinds of things the memory is used for
#[derive(Debug, Args)]
#[command(after_long_help = catalog::help("statistics"))]
pub(super) struct StatisticsArgs {
    /// The snapshot
    file: PathBuf,
    #[command(flatten)]
    open: OpenArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl StatisticsArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let snapshot = self.open.open(&self.file)?;
        let statistics = statistics(&snapshot.heap, &Stage::unwatched())?;
        write_answer(tables::statistics::statistics(&statistics), &self.output)
    }
}
