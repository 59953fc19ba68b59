//! Nodes from which a walk that has come past a few others need not go on.
//!
//! Nearly every object points at its hidden class and half of all objects at nothing else: numbers,
//! strings, buffers. Once the hidden class has been reached, none of them leads to anything new.
//! To know that without fetching their edges saves walks about a third of their time.

use crate::graph::{HeapGraph, NodeIndex, NodeSet};
use crate::progress::{Cancelled, Stage};
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// The nodes without edges, and those whose only edge leads to one of the *hubs*: the nodes most
/// often pointed at in this way.
#[derive(Debug, Default)]
pub struct DeadEnds {
    /// For each node 0, or [`NO_EDGES`], or the number of the hub that its only edge leads to.
    codes: Vec<u8>,
    /// The hubs by number; number 0 stands for none.
    hubs: Vec<NodeIndex>,
}

const NO_EDGES: u8 = u8::MAX;

/// About how many nodes are looked at to find the hubs, and how many of those must have an edge to
/// a hub alone: less is not worth a number.
const SAMPLES: usize = 1 << 16;
const LEAST_SAMPLES: u32 = if cfg!(test) { 1 } else { 4 };

/// Nodes whose edges are looked at by one thread at a time.
const CHUNK: usize = 1 << 16;

impl DeadEnds {
    /// Looks through all nodes of `graph`.
    pub fn find(graph: &HeapGraph, stage: &Stage) -> Result<Self, Cancelled> {
        let hubs = Hubs::sample(graph);
        let mut codes = vec![0; graph.node_count()];
        let chunks = codes.par_chunks_mut(CHUNK).enumerate();
        chunks.try_for_each(|(i, codes)| {
            stage.check()?;
            let ends = &graph.nodes.first_edge[i * CHUNK..][..codes.len() + 1];
            for (code, edges) in codes.iter_mut().zip(ends.windows(2)) {
                *code = match edges[1] - edges[0] {
                    0 => NO_EDGES,
                    1 => hubs.code(graph.edges.targets[edges[0] as usize].target().0),
                    _ => 0,
                };
            }
            Ok(())
        })?;
        Ok(Self { codes, hubs: hubs.nodes })
    }
}

/// The hubs, found by a table that is small enough to stay at hand.
struct Hubs {
    nodes: Vec<NodeIndex>,
    slots: Vec<(u32, u8)>,
}

impl Hubs {
    const SLOTS: usize = 1 << 11;

    fn sample(graph: &HeapGraph) -> Self {
        let mut counts: FxHashMap<u32, u32> = FxHashMap::default();
        for n in graph.node_indices().step_by(graph.node_count().div_ceil(SAMPLES).max(1)) {
            if let [word] = graph.edge_words(n) {
                *counts.entry(word.target().0).or_default() += 1;
            }
        }
        let mut found: Vec<(u32, u32)> = counts.into_iter().filter(|(_, count)| *count >= LEAST_SAMPLES).collect();
        found.sort_unstable_by_key(|&(node, count)| (std::cmp::Reverse(count), node));
        let mut hubs = Self { nodes: vec![NodeIndex(u32::MAX)], slots: vec![(u32::MAX, 0); Self::SLOTS] };
        for (node, _) in found {
            let slot = &mut hubs.slots[node as usize % Self::SLOTS];
            // Of two that fall together the greater has it.
            if slot.1 == 0 && hubs.nodes.len() < usize::from(NO_EDGES) {
                *slot = (node, hubs.nodes.len() as u8);
                hubs.nodes.push(NodeIndex(node));
            }
        }
        hubs
    }

    #[inline(always)]
    fn code(&self, node: u32) -> u8 {
        let (hub, code) = self.slots[node as usize % Self::SLOTS];
        if hub == node { code } else { 0 }
    }
}

/// What a walk knows about dead ends: which hubs it has reached.
#[derive(Debug)]
pub(in crate::analysis) struct DeadEndsOnTheWay<'a> {
    all: &'a DeadEnds,
    /// For each code whether nodes that have it lead to nothing new.
    is_settled: [bool; 256],
}

impl<'a> DeadEndsOnTheWay<'a> {
    /// For a walk that begins.
    pub(in crate::analysis) fn new(all: &'a DeadEnds) -> Self {
        let mut is_settled = [false; 256];
        is_settled[usize::from(NO_EDGES)] = true;
        Self { all, is_settled }
    }

    /// Whether all edges of `n` lead to what is in `reached`, to which nodes are only ever added.
    /// May say no where they do.
    #[inline(always)]
    pub(in crate::analysis) fn contain(&mut self, n: NodeIndex, reached: &NodeSet) -> bool {
        let code = self.all.codes[n.at()];
        self.is_settled[usize::from(code)] || (code != 0 && self.settle(code, reached))
    }

    #[inline(never)]
    fn settle(&mut self, code: u8, reached: &NodeSet) -> bool {
        let is_settled = reached.contains(self.all.hubs[usize::from(code)]);
        self.is_settled[usize::from(code)] = is_settled;
        is_settled
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::EdgeKind::Property;
    use crate::testing::bare_graph;

    #[test]
    fn what_points_at_a_hub_alone_is_a_dead_end_once_the_hub_is_reached() {
        // 1 and 2 are hubs; 3 and 4 point at one of them, 5 at both, 6 at nothing.
        let edges = [(0, 1), (0, 2), (3, 1), (4, 2), (5, 1), (5, 2)];
        let graph = bare_graph(7, edges.map(|(from, to)| (from, Property, to)));
        let all = DeadEnds::find(&graph, &Stage::unwatched()).unwrap();
        let mut dead_ends = DeadEndsOnTheWay::new(&all);
        let mut found = |reached: &[u32]| {
            let reached = NodeSet::of(7, reached.iter().map(|&n| NodeIndex(n)));
            graph.node_indices().map(|n| n.0).filter(|&n| dead_ends.contain(NodeIndex(n), &reached)).collect::<Vec<_>>()
        };
        assert_eq!(found(&[0]), [1, 2, 6]);
        assert_eq!(found(&[0, 2]), [1, 2, 4, 6]);
        assert_eq!(found(&[0, 1, 2]), [1, 2, 3, 4, 6]);
    }

    #[test]
    fn more_hubs_than_there_are_numbers_leave_out_the_rarest() {
        // Hub h has h nodes that point at it alone.
        let hubs = 1..400u32;
        let sources = hubs.clone().flat_map(|hub| (0..hub).map(move |_| hub));
        let edges: Vec<_> = (400..).zip(sources).map(|(from, hub)| (from, Property, hub)).collect();
        let graph = bare_graph(400 + edges.len() as u32, edges);
        let all = DeadEnds::find(&graph, &Stage::unwatched()).unwrap();
        assert_eq!(all.hubs.len(), 255);
        let mut dead_ends = DeadEndsOnTheWay::new(&all);
        let everything = NodeSet::from_fn(graph.node_count(), |_| true);
        let one_at = |hub| graph.node_indices().skip(400).find(|&n| graph.edges(n).any(|e| e.target.0 == hub));
        assert!(dead_ends.contain(one_at(399).unwrap(), &everything));
        assert!(!dead_ends.contain(one_at(3).unwrap(), &everything));
    }

    #[test]
    fn looking_stops_when_nobody_wants_to_know() {
        let progress = crate::progress::Progress::new();
        progress.token().cancel();
        let graph = bare_graph(3, []);
        assert_eq!(DeadEnds::find(&graph, &progress.stage("", 1, 1)).err(), Some(Cancelled));
    }
}
