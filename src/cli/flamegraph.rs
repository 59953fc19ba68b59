//! `flamegraph`: a profile as a picture for browsers.

use super::CliError;
use super::out_file::OutArgs;
use super::profile_args::SelectionArgs;
use crate::profile::export::{SvgColors, SvgOptions, write_svg};
use crate::session::document_name;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Write a flame graph as one SVG file that any browser opens: zoom, search, tooltips
#[derive(Debug, Args)]
pub(super) struct FlamegraphArgs {
    /// The profile
    file: PathBuf,
    #[command(flatten)]
    out: OutArgs,
    /// Its heading; the file's name unless given
    #[arg(long)]
    title: Option<String>,
    /// What colors say
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = ColorArg::Package)]
    color: ColorArg,
    /// Whether callers stand above (icicle) or below (flame)
    #[arg(long, value_enum, value_name = "WAY", default_value_t = DirectionArg::Icicle)]
    direction: DirectionArg,
    /// The order of what one function called: the largest first, or as in the file
    #[arg(long, value_enum, value_name = "ORDER", default_value_t = OrderArg::Heavy)]
    order: OrderArg,
    #[command(flatten)]
    selection: SelectionArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ColorArg {
    Package,
    Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DirectionArg {
    Icicle,
    Flame,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OrderArg {
    Heavy,
    File,
}

impl FlamegraphArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let document = self.selection.open(&self.file)?;
        let mut profile = self.selection.select(&document)?;
        if self.order == OrderArg::Heavy {
            profile = profile.left_heavy();
        }
        let title = self.title.unwrap_or_else(|| document_name(&self.file));
        let colors = if self.color == ColorArg::Kind { SvgColors::Kind } else { SvgColors::Package };
        let is_upward = self.direction == DirectionArg::Flame;
        let options = SvgOptions { title: &title, colors, is_upward, ..SvgOptions::default() };
        self.out.write(|out| write_svg(&profile, &options, out))
    }
}
