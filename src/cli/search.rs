//! `search`: objects by name or id.

use super::args::FilterArgs;
use super::open::OpenArgs;
use super::{CliError, OutputArgs, write_answer};
use crate::analysis::tables::search::{Query, QueryOptions, search};
use crate::progress::Stage;
use crate::relation::{catalog, tables};
use clap::Args;
use std::path::PathBuf;

/// Find objects by name or by @id
///
/// Rows are in file order.
#[derive(Debug, Args)]
#[command(after_long_help = catalog::help("search"))]
pub(super) struct SearchArgs {
    /// The snapshot
    file: PathBuf,
    /// Part of a name, or @ID
    query: String,
    /// Match upper and lower case
    #[arg(long)]
    case_sensitive: bool,
    /// The query is a regular expression
    #[arg(long)]
    regex: bool,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    open: OpenArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl SearchArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let options = QueryOptions { case_sensitive: self.case_sensitive, regex: self.regex };
        let query = Query::parse(&self.query, options).map_err(|e| CliError::Usage(e.to_string()))?;
        let snapshot = self.open.open(&self.file)?;
        let heap = &snapshot.heap;
        let nodes = self.filter.nodes(heap, self.open)?;
        let found = search(heap, &query, nodes.as_ref(), &Stage::unwatched())?;
        write_answer(tables::objects::search(heap, found), &self.output)
    }
}
