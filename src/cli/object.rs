//! `object`: everything about one object.

use super::args::{ObjectId, edges_below};
use super::open::OpenArgs;
use super::{CliError, OutputArgs, write_answer};
use crate::analysis::order::sort::Sort;
use crate::analysis::tables::tree::Level;
use crate::relation::catalog;
use crate::relation::tables::object::object;
use crate::relation::tables::tree::{Shows, Tree};
use clap::Args;
use std::path::PathBuf;

/// Show everything about an object: its fields, value, location, dominator and flags
///
/// JSON has the facts, the fields as containment lists them, and where it was allocated if that was recorded.
#[derive(Debug, Args)]
#[command(after_long_help = catalog::help("object"))]
pub(super) struct ObjectArgs {
    /// The snapshot
    file: PathBuf,
    /// The object's id
    id: ObjectId,
    #[command(flatten)]
    open: OpenArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl ObjectArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let snapshot = self.open.open(&self.file)?;
        let heap = &snapshot.heap;
        let n = self.id.find(heap)?;
        let below = |n| edges_below(heap, n, Level::UnderObject, Sort::BY_RETAINED);
        let fields = Tree::open(heap, n, 1, self.output.limit, Shows::Targets, below)?;
        write_answer(object(heap, n, fields)?, &self.output)
    }
}
