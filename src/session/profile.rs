//! Profiles of allocations as documents.

use super::kind::{About, Kind};
use super::policy::{OpenError, OpenPolicy, Source};
use crate::profile::{Profile, Stacks, ValueKind};
use crate::progress::{Progress, Stage};
use crate::reader::{self, ReadProfile, Start, Warning, profile_format, read_profile_bytes, read_profile_file};
use std::path::PathBuf;
use std::sync::Arc;

/// A profile of allocations that is open.
#[derive(Debug)]
pub struct ProfileDocument {
    /// Where it came from; empty for one that is part of the program.
    pub path: PathBuf,
    /// Size of the file in bytes, as it lies on disk.
    pub file_size: u64,
    /// What was odd about the file.
    pub warnings: Vec<Warning>,
    /// The stacks as the file has them.
    pub stacks: Stacks,
    /// The tree of the kind of values that is shown first.
    pub profile: Arc<Profile>,
}

impl ProfileDocument {
    /// Adds up what was read.
    pub(super) fn new(read: ReadProfile, path: PathBuf, progress: &Progress) -> Result<Self, OpenError> {
        let ReadProfile { stacks, warnings, file_size } = read;
        let stage = progress.stage("Adding up stacks", reader::WEIGHT_ALL - reader::WEIGHT_READ, reader::WEIGHT_ALL);
        let kind = stacks.values.first().map_or(ValueKind::LiveBytes, |v| v.kind);
        let profile = Profile::of(&stacks, kind, &stage)?;
        let profile =
            profile.map(Arc::new).ok_or_else(|| OpenError::Panicked("a profile without values".to_owned()))?;
        crate::memory::give_back_free_memory();
        Ok(Self { path, file_size, warnings, stacks, profile })
    }

    /// The tree of one kind of values; `None` if the file has none of it.
    pub fn profile_of(&self, kind: ValueKind, stage: &Stage) -> Result<Option<Arc<Profile>>, OpenError> {
        if kind == self.profile.kind {
            return Ok(Some(self.profile.clone()));
        }
        Ok(Profile::of(&self.stacks, kind, stage)?.map(Arc::new))
    }
}

impl Kind for ProfileDocument {
    const ABOUT: About = About {
        name: "profile of allocations",
        plural: "profiles of allocations",
        extensions: &["heapprofile", "pprof", "pb", "folded", "collapsed"],
    };

    fn recognizes(start: &Start) -> bool {
        profile_format(&start.text).is_some()
    }

    fn estimate(start: &Start) -> u64 {
        // Texts of profiles unpack to about twenty times their size.
        if start.compression.is_some() { start.file_size.saturating_mul(20) } else { start.file_size }
    }

    fn open(source: &Source, policy: &OpenPolicy, progress: &Progress) -> Result<Self, OpenError> {
        let options = policy.read_options();
        match source {
            Source::File(path) => Self::new(read_profile_file(path, &options, progress)?, path.clone(), progress),
            Source::Bytes(bytes) => Self::new(read_profile_bytes(bytes, &options, progress)?, PathBuf::new(), progress),
        }
    }

    fn memory(&self) -> u64 {
        (self.stacks.bytes() + self.profile.bytes()) as u64
    }

    fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
}
