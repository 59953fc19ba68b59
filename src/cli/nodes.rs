//! `nodes`: every object of a snapshot, a row each.

use super::open::OpenArgs;
use super::{CliError, OutputArgs, write_answer};
use crate::relation::{catalog, tables};
use clap::Args;
use std::path::PathBuf;

/// List every object in file order
#[derive(Debug, Args)]
#[command(after_long_help = catalog::help("nodes"))]
pub(super) struct NodesArgs {
    /// The snapshot
    file: PathBuf,
    #[command(flatten)]
    open: OpenArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl NodesArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let snapshot = self.open.open(&self.file)?;
        write_answer(tables::nodes::nodes(&snapshot.heap), &self.output)
    }
}
