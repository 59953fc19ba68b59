//! `generate`: large snapshots for benchmarks, from nothing but a seed.

use super::{CliError, complain};
use crate::generate::{Recipe, Shape, nodes_for_bytes, write_snapshot};
use crate::units;
use clap::{Args, ValueEnum};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

/// Write a large snapshot for benchmarks
#[derive(Debug, Args)]
pub(super) struct GenerateArgs {
    /// Where to write it; must not exist yet
    out: PathBuf,
    /// The kind of graph
    #[arg(long, value_enum, default_value_t = ShapeArg::Mixed)]
    shape: ShapeArg,
    /// About how many megabytes a file of a service has
    #[arg(long, value_name = "N", default_value_t = 100, conflicts_with = "nodes")]
    megabytes: u64,
    /// About how many nodes it has
    #[arg(long, value_name = "N")]
    nodes: Option<u64>,
    /// The same seed makes the same file
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ShapeArg {
    /// A busy service
    Mixed,
    /// A busy service without lists that are long
    WithoutLists,
    /// One linked list
    Chain,
    /// One array holding every object, each pointing back at it
    Hub,
    /// Edges to anywhere
    Random,
}

impl GenerateArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let shape = match self.shape {
            ShapeArg::Mixed => Shape::Mixed,
            ShapeArg::WithoutLists => Shape::WithoutLists,
            ShapeArg::Chain => Shape::Chain,
            ShapeArg::Hub => Shape::Hub,
            ShapeArg::Random => Shape::Random,
        };
        let nodes = self.nodes.unwrap_or_else(|| nodes_for_bytes(self.megabytes.saturating_mul(1_000_000)));
        // Never over a file that is there: it may be somebody's evidence.
        let file = File::create_new(&self.out)
            .map_err(|e| CliError::Usage(format!("cannot write {}: {e}", self.out.display())))?;
        let mut out = BufWriter::with_capacity(1 << 20, file);
        let (nodes, edges) = write_snapshot(Recipe { shape, nodes, seed: self.seed }, &mut out)?;
        out.flush()?;
        complain(&format!("{} nodes, {} edges", units::count(nodes), units::count(edges)));
        Ok(())
    }
}
