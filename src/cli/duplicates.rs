//! `duplicates`: strings that are there more than once.

use super::open::OpenArgs;
use super::{CliError, OutputArgs, write_answer};
use crate::analysis::strings::duplicate_strings::duplicate_strings;
use crate::progress::Stage;
use crate::relation::{catalog, tables};
use clap::Args;
use std::path::PathBuf;

/// List strings of equal text, those that retain most together first
#[derive(Debug, Args)]
#[command(after_long_help = catalog::help("duplicates"))]
pub(super) struct DuplicatesArgs {
    /// The snapshot
    file: PathBuf,
    #[command(flatten)]
    open: OpenArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl DuplicatesArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let snapshot = self.open.open(&self.file)?;
        let heap = &snapshot.heap;
        let groups = duplicate_strings(heap, &Stage::unwatched())?;
        write_answer(tables::duplicates::duplicates(heap, groups), &self.output)
    }
}
