//! All that a finding is explained from.

use super::contents::DeadVariables;
use super::finding::Kind;
use super::subject::{Measure, Subject};
use crate::analysis::Heap;
use crate::analysis::removal::shares::Share;
use crate::analysis::source::owner_name::PathStep;
use crate::analysis::source::scripts::Scripts;
use crate::analysis::source::walk::Placement;
use crate::graph::NodeIndex;
use crate::units;

/// All that a finding is explained from.
pub(super) struct Context<'a> {
    pub heaps: &'a [&'a Heap],
    pub scripts: &'a Scripts,
    /// Where everything is in the last snapshot.
    pub placement: &'a Placement,
    pub subject: &'a Subject,
    pub path: &'a [PathStep],
    pub kind: Kind,
    pub name: &'a str,
    pub script: Option<&'a str>,
    pub share: Share,
    pub example: NodeIndex,
    /// Variables that nobody uses, where they are what is kept.
    pub dead: Option<DeadVariables>,
}

impl Context<'_> {
    pub(super) fn heap(&self) -> &Heap {
        self.heaps[self.heaps.len() - 1]
    }

    /// Whether there is one snapshot only, which tells nothing about growth.
    pub(super) fn is_alone(&self) -> bool {
        self.heaps.len() == 1
    }

    pub(super) fn counted(&self, n: u64) -> String {
        let (one, many) = match self.subject.measure {
            Measure::Objects if !matches!(self.kind, Kind::Timers | Kind::Chain | Kind::Listeners) => {
                ("object", "objects")
            }
            _ => self.kind.members(),
        };
        format!("{} {}", units::count(n), if n == 1 { one } else { many })
    }
}

/// Bytes in words, for sentences.
pub(super) fn plain_bytes(n: u64) -> String {
    units::bytes(n).replace(units::NBSP, " ")
}
