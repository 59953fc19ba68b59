//! `targets`: what can be attached to.

use super::super::{CliError, OutputArgs, write_answer};
use crate::live::{Address, Target, limits, local};
use crate::relation::catalog;
use crate::relation::tables::targets::{TargetRow, targets};
use clap::Args;

/// List the running programs that can be attached to
///
/// Node, Deno, Bun and browsers of this machine and this user, by /proc and by what their inspector's port says of
/// itself; nothing is attached to. Programs without an open inspector are listed too: commands open one where that is
/// asked for. With an address the targets there are listed.
#[derive(Debug, Args)]
#[command(after_long_help = catalog::help("targets"))]
pub(in crate::cli) struct TargetsArgs {
    /// HOST:PORT or :PORT of another inspector
    #[arg(value_name = "ADDRESS")]
    address: Option<String>,
    #[command(flatten)]
    output: OutputArgs,
}

impl TargetsArgs {
    pub(in crate::cli) fn run(self) -> Result<(), CliError> {
        let found = match &self.address {
            None => local(),
            Some(address) => crate::live::at(&Address::parse(address)?, &[], limits::HTTP)?,
        };
        write_answer(targets(found.iter().map(row).collect()), &self.output)
    }
}

fn row(target: &Target) -> TargetRow {
    TargetRow {
        name: target.name.clone(),
        pid: target.pid(),
        kind: target.kind.to_string(),
        engine: if target.version.is_empty() { target.engine.to_string() } else { target.version.clone() },
        address: target.socket.as_ref().map(ToString::to_string),
        up_seconds: target.process.as_ref().and_then(|p| p.up).map(|up| up.as_secs()),
        url: target.url.clone(),
        can_be_opened: target.can_be_asked,
    }
}
