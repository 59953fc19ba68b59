//! Arguments of commands about profiles: which values, which samples, which functions.

use super::CliError;
use super::open::OpenArgs;
use crate::profile::{By, FrameIndex, Frames, Profile, SampleRange, ValueKind};
use crate::progress::Stage;
use crate::session::ProfileDocument;
use clap::{Args, ValueEnum};
use std::path::Path;

/// Which part of a profile is meant.
#[derive(Debug, Clone, Args)]
pub(super) struct SelectionArgs {
    /// What sizes are, if the file has several kinds: the first of these that it has unless given
    #[arg(long, value_enum, value_name = "KIND", ignore_case = true)]
    value: Option<ValueArg>,
    /// Only what was allocated by this function and what it called: its name, or a part of names and URLs
    #[arg(long, value_name = "FUNCTION")]
    focus: Vec<String>,
    /// Leave this function out; what it allocated goes to its callers
    #[arg(long, value_name = "FUNCTION")]
    exclude: Vec<String>,
    /// Make one of all functions of a file or package that call each other
    #[arg(long, value_enum, value_name = "WHAT")]
    merge: Option<MergeArg>,
    /// Only samples from this one on, by their ordinal; sizes are then those of samples
    #[arg(long, value_name = "ORDINAL")]
    min_ordinal: Option<u64>,
    /// Only samples up to this one
    #[arg(long, value_name = "ORDINAL")]
    max_ordinal: Option<u64>,
    #[command(flatten)]
    open: OpenArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum ValueArg {
    /// Bytes that are still alive
    #[value(alias = "inuse-space")]
    InuseSpace,
    /// Objects that are still alive
    #[value(alias = "inuse-objects")]
    InuseObjects,
    /// Bytes allocated
    #[value(alias = "alloc-space")]
    AllocSpace,
    /// Objects allocated
    #[value(alias = "alloc-objects")]
    AllocObjects,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum MergeArg {
    File,
    Package,
}

impl From<ValueArg> for ValueKind {
    fn from(value: ValueArg) -> Self {
        match value {
            ValueArg::InuseSpace => Self::LiveBytes,
            ValueArg::InuseObjects => Self::LiveObjects,
            ValueArg::AllocSpace => Self::AllocatedBytes,
            ValueArg::AllocObjects => Self::AllocatedObjects,
        }
    }
}

impl SelectionArgs {
    /// Opens the profile that `name` stands for.
    pub(super) fn open(&self, name: &Path) -> Result<ProfileDocument, CliError> {
        self.open.open_profile(name)
    }

    /// Whether a part of the file is meant rather than all of it.
    pub(super) fn is_choosing(&self) -> bool {
        self.value.is_some()
            || self.merge.is_some()
            || self.min_ordinal.is_some()
            || self.max_ordinal.is_some()
            || !self.focus.is_empty()
            || !self.exclude.is_empty()
    }

    /// The tree that is meant.
    pub(super) fn select(&self, document: &ProfileDocument) -> Result<Profile, CliError> {
        let stage = Stage::unwatched();
        let mut profile = if self.min_ordinal.is_some() || self.max_ordinal.is_some() {
            if document.stacks.samples.is_empty() {
                return Err(CliError::Usage(
                    "this profile has no samples, so none can be chosen by their ordinals".into(),
                ));
            }
            let ordinal = |n: Option<u64>| n.map(|n| n as f64);
            let range = SampleRange { min: ordinal(self.min_ordinal), max: ordinal(self.max_ordinal) };
            Profile::of_samples(&document.stacks, range, &stage)?
        } else {
            let kind = self.value.map_or(document.profile.kind, ValueKind::from);
            Profile::of(&document.stacks, kind, &stage)?.ok_or_else(|| no_such_values(document, kind))?
        };
        // Functions are chosen before they are merged.
        profile = self.focus_and_exclude(profile)?;
        Ok(match self.merge {
            Some(MergeArg::File) => profile.merged_by(By::File),
            Some(MergeArg::Package) => profile.merged_by(By::Package),
            None => profile,
        })
    }

    fn focus_and_exclude(&self, mut profile: Profile) -> Result<Profile, CliError> {
        for text in &self.exclude {
            let unwanted = frames_called(&profile.frames, text)?;
            profile = profile.excluded(|f| unwanted[f.0 as usize]);
        }
        for text in &self.focus {
            let wanted = frames_called(&profile.frames, text)?;
            profile = profile.focused(|f| wanted[f.0 as usize]);
        }
        Ok(profile)
    }
}

fn no_such_values(document: &ProfileDocument, kind: ValueKind) -> CliError {
    let there: Vec<&str> = document.stacks.values.iter().map(|v| v.kind.key()).collect();
    CliError::Usage(format!("this profile has no {}; it has {}", kind.key(), there.join(", ")))
}

/// For each frame whether `text` means it: functions of this name, or else those whose name or URL holds it.
fn frames_called(frames: &Frames, text: &str) -> Result<Vec<bool>, CliError> {
    let which = |is_meant: &dyn Fn(FrameIndex) -> bool| frames.indices().map(is_meant).collect::<Vec<bool>>();
    let exact = which(&|f| frames.get(f).shown_name() == text);
    if exact.contains(&true) {
        return Ok(exact);
    }
    let lower = text.to_lowercase();
    let holds = |part: crate::text::Text<'_>| part.lossy().to_lowercase().contains(&lower);
    let partly = which(&|f| holds(frames.get(f).shown_name()) || holds(frames.get(f).url));
    if lower.is_empty() || !partly.contains(&true) {
        return Err(CliError::Usage(format!("no function's name or URL holds '{text}'")));
    }
    Ok(partly)
}
