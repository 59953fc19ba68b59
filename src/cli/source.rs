//! Arguments of the commands that read the program's source.

use crate::code::{Library, SourcePlaces, SourceRoot};
use clap::Args;
use std::path::PathBuf;

/// Where the program's source is.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct SourceArgs {
    /// Where the program's source is on this disk: /app=~/work/server for scripts that begin with /app, or a directory
    /// to look in for any; may be given several times
    #[arg(long, value_name = "[PREFIX=]DIRECTORY")]
    source_root: Vec<SourceRoot>,
    /// A directory of source maps, named after the scripts: server.js.map
    #[arg(long, value_name = "DIRECTORY")]
    source_maps: Option<PathBuf>,
}

impl SourceArgs {
    /// A library that looks there.
    pub(super) fn library(&self) -> Library {
        Library::new(SourcePlaces { roots: self.source_root.clone(), source_maps: self.source_maps.clone() })
    }
}
