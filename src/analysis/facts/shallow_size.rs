//! Gives the sizes of parts to what they are part of.
//!
//! An array's elements, a map's table, a string's external data are objects of their own in the
//! heap, but nobody asks for them: what has only one owner counts as its owner's.

use super::Spare;
use super::known_strings::KnownStrings;
use super::roots;
use crate::graph::{EdgeKind, EdgeWord, HeapGraph, NodeFlags, NodeIndex, NodeKind, NodeSet, PerNode, SizeColumn};
use crate::progress::{Cancelled, Stage};

/// No owner found yet.
const NONE: NodeIndex = NodeIndex(u32::MAX);
/// More than one owner.
const SHARED: NodeIndex = NodeIndex(u32::MAX - 1);

/// The shallow sizes, from those of the file: the size of every part with one owner moves to that
/// owner, except to the root and to synthetic nodes. Snapshots with the engine's internals exposed
/// have no user roots and stay as they are.
pub fn shallow_sizes(
    graph: &HeapGraph,
    known: &KnownStrings,
    flags: &PerNode<NodeFlags>,
    mut sizes: SizeColumn,
    spare: &Spare,
    stage: &Stage,
) -> Result<SizeColumn, Cancelled> {
    if roots::user_roots(graph, known).next().is_none() {
        return Ok(sizes.narrowed());
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
    Ok(sizes.narrowed())
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
    let mut owners = Owners { graph, open: parts.clone(), of: spare.per_node(graph.node_count(), NONE) };
    // First what owners point at themselves, then what those parts point at. Both go through the
    // edges in order of the file, which the processor foresees; hardly anything lies deeper.
    owners.spread_from_all_but(parts, stage)?;
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
    /// The parts that are not shared: what may change.
    open: NodeSet,
    of: PerNode<NodeIndex>,
}

impl Owners<'_> {
    /// Lets all nodes but `parts` own what they point at. Few edges matter, so it is the edges that
    /// are gone through, and whose they are is looked up for those few.
    fn spread_from_all_but(&mut self, parts: &NodeSet, stage: &Stage) -> Result<(), Cancelled> {
        let HeapGraph { nodes, edges, .. } = self.graph;
        let mut source = 0;
        for (edge, &word) in edges.targets.iter().enumerate() {
            if edge.is_multiple_of(1 << 16) {
                stage.reached(edge as u64, edges.targets.len() as u64)?;
            }
            if !self.is_open(word) {
                continue;
            }
            while nodes.first_edge[source + 1] as usize <= edge {
                source += 1;
            }
            let owner = NodeIndex(source as u32);
            if !parts.contains(owner) {
                self.give(word.target(), owner);
            }
        }
        Ok(())
    }

    /// Lets `owner` own what `source`, which it owns, points at; tells which parts it changes.
    #[inline(always)]
    fn spread(&mut self, source: NodeIndex, owner: NodeIndex, mut changed: impl FnMut(NodeIndex)) {
        for &word in self.graph.edge_words(source) {
            let target = word.target();
            if self.is_open(word) && self.give(target, owner) {
                changed(target);
            }
        }
    }

    /// Whether what the edge of this word leads to can get an owner over it.
    #[inline(always)]
    fn is_open(&self, word: EdgeWord) -> bool {
        self.open.contains(word.target()) && word.kind() != EdgeKind::Weak
    }

    /// Gives `part`, which is open, one more owner; whether that changes anything.
    #[inline(always)]
    fn give(&mut self, part: NodeIndex, owner: NodeIndex) -> bool {
        let before = self.of[part];
        if before == owner {
            return false;
        }
        self.of[part] = if before == NONE { owner } else { SHARED };
        if self.of[part] == SHARED {
            self.open.remove(part);
        }
        true
    }
}
