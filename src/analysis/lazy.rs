//! What is asked for less often: computed on first use and kept with the heap.

use super::Heap;
use super::allocations::AllocationProfile;
use super::dominated::Positions;
use super::native_contexts::NativeContexts;
use super::reach;
use crate::graph::NodeSet;
use crate::progress::{Cancelled, Stage};
use std::sync::OnceLock;

/// The answers a heap keeps once somebody has asked for them.
#[derive(Debug, Default)]
pub struct Lazy {
    greatest_js_id: OnceLock<u32>,
    native_contexts: OnceLock<NativeContexts>,
    allocation_profile: OnceLock<AllocationProfile>,
    dominator_positions: OnceLock<Positions>,
    reachable_from_window: OnceLock<NodeSet>,
}

/// What `cell` holds, computed now if it is empty. Two who ask at once may both compute; one of
/// the two equal answers is kept.
fn get<T>(cell: &OnceLock<T>, compute: impl FnOnce() -> Result<T, Cancelled>) -> Result<&T, Cancelled> {
    if let Some(value) = cell.get() {
        return Ok(value);
    }
    let value = compute()?;
    Ok(cell.get_or_init(|| value))
}

impl Heap {
    /// The greatest odd id, 0 where there is none. Objects of the JavaScript heap have odd ids,
    /// given out in ascending order: whatever has a greater one was made after this snapshot.
    pub fn greatest_js_id(&self) -> u32 {
        *self
            .lazy
            .greatest_js_id
            .get_or_init(|| self.graph.nodes.ids.iter().map(|id| id.0).filter(|id| id % 2 == 1).max().unwrap_or(0))
    }

    /// Which native context every object belongs to.
    pub fn native_contexts(&self, stage: &Stage) -> Result<&NativeContexts, Cancelled> {
        get(&self.lazy.native_contexts, || NativeContexts::compute(self, stage))
    }

    /// The allocation tree with live objects counted.
    pub fn allocation_profile(&self) -> &AllocationProfile {
        self.lazy.allocation_profile.get_or_init(|| AllocationProfile::compute(self))
    }

    /// What a script could reach from the window.
    pub fn reachable_from_window(&self, stage: &Stage) -> Result<&NodeSet, Cancelled> {
        get(&self.lazy.reachable_from_window, || reach::reachable_from_window(&self.graph, stage))
    }

    /// The same for those who cannot wait: `None` as long as nobody has asked for it.
    pub fn known_reachable_from_window(&self) -> Option<&NodeSet> {
        self.lazy.reachable_from_window.get()
    }

    /// Where each node stands in the dominator tree.
    pub(super) fn dominator_positions(&self) -> &Positions {
        self.lazy.dominator_positions.get_or_init(|| Positions::of(self))
    }
}
