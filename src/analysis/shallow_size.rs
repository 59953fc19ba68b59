//! Gives the sizes of parts to what they are part of.
//!
//! An array's elements, a map's table, a string's external data are objects of their own in the
//! heap, but nobody asks for them: what has only one owner counts as its owner's.

use super::Spare;
use super::known_strings::KnownStrings;
use super::roots;
use crate::graph::{EdgeKind, HeapGraph, NodeFlags, NodeIndex, NodeKind, NodeSet, PerNode, SizeColumn};
use crate::progress::{Cancelled, Stage};

/// No owner found yet.
const NONE: NodeIndex = NodeIndex(u32::MAX);
/// More than one owner.
const SHARED: NodeIndex = NodeIndex(u32::MAX - 1);

/// Moves the size of every part with one owner to that owner, except to the root and to synthetic
/// nodes. Snapshots with the engine's internals exposed have no user roots and stay as they are.
pub fn transfer_to_owners(
    graph: &HeapGraph,
    known: &KnownStrings,
    flags: &PerNode<NodeFlags>,
    sizes: &mut SizeColumn,
    spare: &Spare,
    stage: &Stage,
) -> Result<(), Cancelled> {
    if roots::user_roots(graph, known).next().is_none() {
        return Ok(());
    }
    let parts = parts(graph, known, flags);
    let owners = owners(graph, &parts, spare, stage)?;
    for part in parts.iter() {
        let owner = owners[part];
        if owner != NONE && owner != SHARED && owner != graph.root && graph.kind(owner) != NodeKind::SYNTHETIC {
            sizes.add(owner, sizes.get(part));
            sizes.set(part, 0);
        }
    }
    spare.keep_nodes(owners.0);
    Ok(())
}

/// The nodes that may be parts of others; all others own themselves.
fn parts(graph: &HeapGraph, known: &KnownStrings, flags: &PerNode<NodeFlags>) -> NodeSet {
    let mut parts = NodeSet::new(graph.node_count());
    for n in graph.node_indices() {
        let is_part = match graph.kind(n) {
            NodeKind::HIDDEN | NodeKind::ARRAY => true,
            NodeKind::NATIVE => {
                known.external_string_data.contain(graph.name_index(n)) && !flags[n].has(NodeFlags::RENAMED)
            }
            _ => false,
        };
        if is_part {
            parts.insert(n);
        }
    }
    parts
}

/// The owner of each part: the one node from which it is reached over parts only. Owners spread
/// until nothing changes; each part changes at most twice, from none to one to shared.
fn owners(graph: &HeapGraph, parts: &NodeSet, spare: &Spare, stage: &Stage) -> Result<PerNode<NodeIndex>, Cancelled> {
    let mut owners = Owners { graph, parts, of: spare.per_node(graph.node_count(), NONE) };
    // First what owners point at themselves, then what those parts point at. Both go through the
    // edges in order of the file, which the processor foresees; hardly anything lies deeper.
    for n in graph.node_indices() {
        if n.0.is_multiple_of(1 << 14) {
            stage.reached(u64::from(n.0), graph.node_count() as u64)?;
        }
        if !parts.contains(n) {
            owners.spread(n, n, |_| ());
        }
    }
    let mut changed = Vec::new();
    for n in parts.iter() {
        if n.0.is_multiple_of(1 << 14) {
            stage.check()?;
        }
        if owners.of[n] != NONE {
            owners.spread(n, owners.of[n], |part| changed.push(part));
        }
    }
    let mut steps = 0u32;
    while let Some(part) = changed.pop() {
        steps = steps.wrapping_add(1);
        if steps.is_multiple_of(1 << 14) {
            stage.check()?;
        }
        owners.spread(part, owners.of[part], |part| changed.push(part));
    }
    Ok(owners.of)
}

struct Owners<'a> {
    graph: &'a HeapGraph,
    parts: &'a NodeSet,
    of: PerNode<NodeIndex>,
}

impl Owners<'_> {
    /// Lets `owner` own what `source`, which it owns, points at; tells which parts it changes.
    #[inline(always)]
    fn spread(&mut self, source: NodeIndex, owner: NodeIndex, mut changed: impl FnMut(NodeIndex)) {
        for &word in self.graph.edge_words(source) {
            let target = NodeIndex(word >> 3);
            if !self.parts.contains(target) || EdgeKind::from_bits(word) == EdgeKind::Weak {
                continue;
            }
            let before = self.of[target];
            if before == owner || before == SHARED {
                continue;
            }
            self.of[target] = if before == NONE { owner } else { SHARED };
            changed(target);
        }
    }
}
