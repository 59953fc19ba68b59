//! `statistics`: what kinds of things the bytes are.

use super::open::OpenArgs;
use super::output::{Answer, Cell};
use super::{CliError, OutputArgs, write_answer};
use crate::analysis::tables::statistics::{Slice, statistics};
use crate::progress::Stage;
use clap::Args;
use std::path::PathBuf;

/// Show what kinds of things the memory is used for
///
/// JSON: code, strings, js_arrays, typed_arrays, system_objects, other_js_objects, other_non_js_objects and total, in
/// bytes. CSV: field,value.
#[derive(Debug, Args)]
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
        let answer = Slice::ALL.into_iter().fold(Answer::new("statistics"), |answer, slice| {
            answer.fact(key(slice), slice.title(), Cell::WholeKilobytes(statistics.bytes(slice)))
        });
        write_answer(answer, &self.output)
    }
}

/// The name of a slice for programs.
fn key(slice: Slice) -> &'static str {
    match slice {
        Slice::Code => "code",
        Slice::Strings => "strings",
        Slice::JsArrays => "js_arrays",
        Slice::TypedArrays => "typed_arrays",
        Slice::SystemObjects => "system_objects",
        Slice::OtherJsObjects => "other_js_objects",
        Slice::OtherNonJsObjects => "other_non_js_objects",
        Slice::Total => "total",
    }
}
