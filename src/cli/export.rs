//! `export`: a document in the format of another tool.

use super::CliError;
use super::out_file::OutArgs;
use super::profile_args::SelectionArgs;
use crate::profile::Profile;
use crate::profile::export::{write_collapsed, write_heapprofile, write_pprof, write_speedscope};
use crate::progress::Stage;
use crate::session::{DocumentKind, FirstLook, ProfileDocument, Source, document_name};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Write a document in the format of another tool
///
/// A profile of allocations, or a timeline with stacks, is written as a profile of pprof, as collapsed stacks, for
/// speedscope, or as V8's .heapprofile.
#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    /// The document
    file: PathBuf,
    /// The format
    #[arg(long, value_enum, value_name = "FORMAT")]
    to: Target,
    #[command(flatten)]
    out: OutArgs,
    #[command(flatten)]
    selection: SelectionArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Target {
    /// pprof's protocol buffer, packed with gzip; all kinds of values the file has
    Pprof,
    /// A line for each stack, for flamegraph.pl and others
    Collapsed,
    /// speedscope's JSON
    Speedscope,
    /// V8's sampling profile, for DevTools
    Heapprofile,
}

impl ExportArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let document = match self.selection.open(&self.file) {
            Err(CliError::File { error, .. }) if self.is_snapshot_without_stacks(&error) => {
                return Err(CliError::Usage(format!(
                    "{}: {error}; what a heap snapshot holds is written by 'heapglass nodes --format csv' and the other \
                     commands",
                    self.file.display()
                )));
            }
            opened => opened?,
        };
        let profile = self.selection.select(&document)?;
        let name = document_name(&self.file);
        self.out.write(|out| match self.to {
            Target::Pprof => write_pprof(&self.all_values(&document, &profile), Some(&document.stacks), out),
            Target::Collapsed => write_collapsed(&profile, out),
            Target::Speedscope => write_speedscope(&profile, &name, out),
            Target::Heapprofile => write_heapprofile(&profile, out),
        })
    }

    fn is_snapshot_without_stacks(&self, error: &crate::session::OpenError) -> bool {
        matches!(error, crate::session::OpenError::OtherKind { .. })
            && FirstLook::at(&Source::File(self.file.clone())).is_some_and(|l| l.kind == DocumentKind::Snapshot)
    }

    /// The tree of each kind of values the file has; only the chosen one if something was chosen.
    fn all_values(&self, document: &ProfileDocument, chosen: &Profile) -> Vec<Profile> {
        if self.selection.is_choosing() || document.stacks.values.len() == 1 {
            return vec![chosen.clone()];
        }
        let kinds = document.stacks.values.iter().map(|v| v.kind);
        kinds.filter_map(|kind| Profile::of(&document.stacks, kind, &Stage::unwatched()).ok().flatten()).collect()
    }
}
