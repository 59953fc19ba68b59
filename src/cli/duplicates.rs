//! `duplicates`: strings that are there more than once.

use super::open::OpenArgs;
use super::output::{Answer, Cell, Column};
use super::{CliError, OutputArgs, write_answer};
use crate::analysis::strings::duplicate_strings::duplicate_strings;
use crate::progress::Stage;
use clap::Args;
use std::path::PathBuf;

/// List strings of equal text, those that retain most together first
///
/// JSON: rows of value, count, shallow_size, retained_size, first_id, and full_length where the engine cut the text.
/// CSV: the same columns.
#[derive(Debug, Args)]
pub(super) struct DuplicatesArgs {
    /// The snapshot
    file: PathBuf,
    #[command(flatten)]
    open: OpenArgs,
    #[command(flatten)]
    output: OutputArgs,
}

const COLUMNS: [Column; 6] = [
    Column::words("value", "Text"),
    Column::numbers("count", "Count"),
    Column::numbers("shallow_size", "Shallow size"),
    Column::numbers("retained_size", "Retained size"),
    Column::programs("first_id"),
    Column::programs("full_length"),
];

impl DuplicatesArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let snapshot = self.open.open(&self.file)?;
        let heap = &snapshot.heap;
        let groups = duplicate_strings(heap, &Stage::unwatched())?;
        let answer = Answer::new("duplicates").rows(COLUMNS, groups.len(), |i| {
            let group = &groups[i];
            // Every group has at least two.
            let first = group.nodes[0];
            vec![
                Cell::Text(heap.name(first)),
                Cell::Count(group.nodes.len() as u64),
                Cell::Kilobytes(group.shallow_size),
                Cell::Kilobytes(group.retained_size),
                Cell::Id(heap.id(first)),
                Cell::option(group.truncated.and_then(|t| t.length), Cell::Number),
            ]
        });
        write_answer(answer, &self.output)
    }
}
