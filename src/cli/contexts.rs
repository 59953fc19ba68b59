//! `contexts`: what belongs to which page or realm, and what closures keep that nobody reads.

use super::open::OpenArgs;
use super::{CliError, OutputArgs, write_answer};
use crate::analysis::realms::dead_context_fields::dead_context_fields;
use crate::analysis::tables::queries::retained_by_contexts;
use crate::progress::Stage;
use crate::relation::{catalog, tables};
use clap::Args;
use std::path::PathBuf;

/// Show native contexts (pages, frames, realms), and unused variables that closures keep
///
/// retained_count and what follows tell what only the contexts of closures keep. dead_fields are the variables that no
/// living function can read any more, for files that say which function uses which variable; scripts_without_scopes are
/// the scripts of which the file does not say it. CSV has the native contexts.
#[derive(Debug, Args)]
#[command(after_long_help = catalog::help("contexts"))]
pub(super) struct ContextsArgs {
    /// The snapshot
    file: PathBuf,
    #[command(flatten)]
    open: OpenArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl ContextsArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let snapshot = self.open.open(&self.file)?;
        let heap = &snapshot.heap;
        let stage = Stage::unwatched();
        let native = heap.native_contexts(&stage)?;
        let kept = retained_by_contexts(heap, &stage)?;
        let dead = dead_context_fields(heap, &stage)?;
        write_answer(tables::contexts::contexts(heap, native, &kept, dead), &self.output)
    }
}
