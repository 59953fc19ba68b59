//! `info`: what a file is.

use super::open::OpenArgs;
use super::{CliError, OutputArgs, write_answer};
use crate::reader::{self, Compression};
use crate::relation::catalog;
use crate::relation::tables::info::{FileFacts, info};
use crate::session::document_name;
use clap::Args;
use std::path::PathBuf;

/// Show what a file is: sizes, counts, engine traits, warnings
#[derive(Debug, Args)]
#[command(after_long_help = catalog::help("info"))]
pub(super) struct InfoArgs {
    /// The snapshot
    file: PathBuf,
    #[command(flatten)]
    open: OpenArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl InfoArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let snapshot = self.open.open(&self.file)?;
        // Of what came through a pipe there is nothing left to look at.
        let peek = reader::peek(&snapshot.path).ok();
        let file = FileFacts {
            name: document_name(&snapshot.path),
            path: snapshot.path.to_string_lossy().into_owned(),
            written_by: peek.as_ref().and_then(|p| p.written_by),
            size: snapshot.file_size,
            compression: peek.as_ref().and_then(|p| p.compression).map(Compression::name),
            estimated_memory: peek.as_ref().map(|p| p.estimated_memory),
            warnings: snapshot.warnings.iter().map(|w| (w.section, w.message.clone())).collect(),
        };
        write_answer(info(&snapshot.heap, file), &self.output)
    }
}
