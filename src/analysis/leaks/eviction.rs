//! Whether a collection that grew dropped its oldest members: what has a bound does, once it is
//! reached; what leaks does not.

use super::subject::{Subject, table};
use crate::analysis::Heap;
use crate::graph::{EdgeKind, NodeId, NodeIndex};
use rustc_hash::FxHashSet;

/// The fewest members dropped that say something.
const FEWEST_DROPPED: usize = 8;

/// Of the members dropped, the share that must be among the oldest.
const OLDEST_SHARE: f64 = 0.9;

/// A last step of at least this share of the first is steady, whatever was dropped: a queue that
/// is worked off too slowly drops its oldest members too.
const STEADY_SHARE: f64 = 0.95;

/// How many members `subject`, whose growth slowed down, dropped from its old end between the last
/// two snapshots. `None` where it did not, and where ids do not say, as between processes.
pub fn dropped_oldest(subject: &Subject, heaps: &[&Heap]) -> Option<usize> {
    let step = |i: usize| subject.counts[i].saturating_sub(subject.counts[i - 1]) as f64;
    let last = subject.counts.len() - 1;
    if last < 2 || step(last) >= step(1) * STEADY_SHARE {
        return None;
    }
    let Turnover { earlier, gone } = turnover(subject, heaps)?;
    // Where hardly any is left, it is another process or everything was replaced.
    if gone.len() < FEWEST_DROPPED || gone.len() * 10 > earlier * 9 {
        return None;
    }
    let oldest = gone.iter().filter(|&&i| i < gone.len()).count();
    (oldest as f64 >= gone.len() as f64 * OLDEST_SHARE).then_some(gone.len())
}

/// What became of the members that a collection had in the last snapshot but one.
pub struct Turnover {
    /// How many it had.
    pub earlier: usize,
    /// Which of them, in their order, it has no more.
    pub gone: Vec<usize>,
}

/// What became of the earlier members of `subject`, where it is one object with the same id in the
/// last two snapshots.
pub fn turnover(subject: &Subject, heaps: &[&Heap]) -> Option<Turnover> {
    let [.., before, after] = heaps else { return None };
    let [.., old, new] = subject.objects.as_slice() else { return None };
    let ([old], [new]) = (old.as_slice(), new.as_slice()) else { return None };
    if before.id(*old) != after.id(*new) {
        return None;
    }
    let earlier = members(before, *old);
    let present: FxHashSet<NodeId> = members(after, *new).into_iter().collect();
    let gone = (0..earlier.len()).filter(|&i| !present.contains(&earlier[i])).collect();
    Some(Turnover { earlier: earlier.len(), gone })
}

/// The objects that `n` holds as elements or entries, or as properties if it has neither, one for
/// each, in its order: that of insertion.
fn members(heap: &Heap, n: NodeIndex) -> Vec<NodeId> {
    let graph = &heap.graph;
    let mut slots: Vec<(u64, NodeIndex)> = match table(heap, n) {
        Some(table) => graph
            .edges(table)
            .filter(|e| e.kind == EdgeKind::Internal)
            .filter_map(|e| Some((graph.edge_string(&e)?.lossy().parse().ok()?, e.target)))
            .collect(),
        None => {
            let of_kind = |kind| graph.edges(n).filter(move |e| e.kind == kind);
            let elements: Vec<_> = of_kind(EdgeKind::Element).map(|e| (u64::from(e.name_or_index), e.target)).collect();
            if elements.is_empty() {
                (0..).zip(of_kind(EdgeKind::Property).map(|e| e.target)).collect()
            } else {
                elements
            }
        }
    };
    slots.sort_unstable();
    let mut seen = FxHashSet::default();
    slots.iter().filter(|(_, target)| seen.insert(*target)).map(|&(_, target)| heap.id(target)).collect()
}
