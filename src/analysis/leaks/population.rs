//! How many objects each place has, and how big they are.

use crate::analysis::Heap;
use crate::analysis::source::places::{Place, PlaceTree};
use crate::analysis::source::references::is_store;
use crate::analysis::source::walk::Placement;
use crate::graph::{EdgeKind, EdgeWord, NodeIndex, NodeKind};
use crate::progress::{Cancelled, Stage};

/// What is at one place of one snapshot.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Population {
    /// Objects.
    pub count: u32,
    /// Bytes of the objects themselves and of what they own.
    pub bytes: u64,
    /// References of theirs to members: elements, entries, properties.
    pub members: u64,
}

/// Counts what is at each place of `tree`.
pub fn populations(
    heap: &Heap,
    placement: &Placement,
    tree: &PlaceTree,
    stage: &Stage,
) -> Result<Vec<Population>, Cancelled> {
    let mut all = vec![Population::default(); tree.count()];
    for n in heap.graph.node_indices() {
        stage.check_at(n.at())?;
        let place = placement.place[n];
        if place != Place::NOWHERE {
            let p = &mut all[place.at()];
            p.count += 1;
            p.bytes += heap.shallow_size(n);
            p.members += members(heap, n);
        }
    }
    Ok(all)
}

/// How many references to members `n` has. What holds another object's members says how many
/// slots lead somewhere, which is proportional to the entries it holds.
fn members(heap: &Heap, n: NodeIndex) -> u64 {
    let graph = &heap.graph;
    if is_store(graph, n) {
        return graph.edge_range(n).len() as u64;
    }
    if !matches!(graph.kind(n), NodeKind::OBJECT | NodeKind::NATIVE | NodeKind::CLOSURE) {
        return 0;
    }
    let is_member = |word: &&EdgeWord| matches!(word.kind(), EdgeKind::Element | EdgeKind::Property);
    graph.edge_words(n).iter().filter(is_member).count() as u64
}
