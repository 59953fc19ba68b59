//! How many steps an object is away from the roots.

use super::heap::{SYSTEM_DISTANCE, UNREACHED};
use super::known_strings::KnownStrings;
use super::roots;
use crate::graph::{Edge, EdgeIndex, EdgeKind, HeapGraph, NodeIndex, NodeKind, PerNode, StringIndex};
use crate::progress::{Cancelled, Stage};
use rustc_hash::FxHashSet;

/// The distance of every node: first from the user's roots, then, from [`SYSTEM_DISTANCE`] on,
/// that of what only the engine's root reaches. Edges into nodes that `is_ignored` accepts are
/// not followed; a user's root is at distance 1 even so.
pub fn distances(
    graph: &HeapGraph,
    known: &KnownStrings,
    is_ignored: impl Fn(NodeIndex) -> bool,
    stage: &Stage,
) -> Result<PerNode<i32>, Cancelled> {
    let mut search = Search {
        graph,
        known,
        is_ignored,
        distances: PerNode(vec![UNREACHED; graph.node_count()]),
        half_reached: FxHashSet::default(),
        visited: 0,
    };
    if graph.node_count() == 0 {
        return Ok(search.distances);
    }
    // A node that two of the root's edges lead to stands here twice and is visited twice. That
    // shows where it is the key of a WeakMap: the second visit passes for one of the table.
    let user_roots: Vec<NodeIndex> = roots::user_roots(graph, known).collect();
    for &n in &user_roots {
        search.distances[n] = 1;
    }
    let root_distance = if user_roots.is_empty() { 0 } else { SYSTEM_DISTANCE };
    search.run(user_roots, stage)?;
    search.distances[graph.root] = root_distance;
    search.run(vec![graph.root], stage)?;
    Ok(search.distances)
}

struct Search<'a, F> {
    graph: &'a HeapGraph,
    known: &'a KnownStrings,
    is_ignored: F,
    distances: PerNode<i32>,
    /// Pairs of `WeakMap`s of which one edge was met: the key's or the table's.
    half_reached: FxHashSet<u32>,
    visited: u64,
}

/// What is special about the edges of a node.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    Ordinary,
    /// A native context, whose `sloppy_function_map` would bring everything near.
    NativeContext,
    /// An array of map descriptors, which maps share: what belongs to which map is not known.
    MapDescriptors,
}

impl<F: Fn(NodeIndex) -> bool> Search<'_, F> {
    /// Breadth first from `queue`, whose nodes have their distances.
    fn run(&mut self, mut queue: Vec<NodeIndex>, stage: &Stage) -> Result<(), Cancelled> {
        let graph = self.graph;
        let mut at = 0;
        while let Some(&n) = queue.get(at) {
            at += 1;
            self.visited += 1;
            if self.visited.is_multiple_of(1 << 14) {
                stage.reached(self.visited, graph.node_count() as u64)?;
            }
            let source = self.source(n);
            let distance = self.distances[n] + 1;
            for edge in graph.edge_range(n) {
                let word = graph.edges.targets[edge];
                let target = NodeIndex(word >> 3);
                if self.distances[target] == UNREACHED
                    && EdgeKind::from_bits(word) != EdgeKind::Weak
                    && self.is_followed(source, EdgeIndex(edge as u32))
                {
                    self.distances[target] = distance;
                    queue.push(target);
                }
            }
        }
        Ok(())
    }

    #[inline]
    fn source(&self, n: NodeIndex) -> Source {
        match self.graph.kind(n) {
            NodeKind::HIDDEN if self.known.native_context.contain(self.graph.name_index(n)) => Source::NativeContext,
            NodeKind::ARRAY if self.known.map_descriptors.contain(self.graph.name_index(n)) => Source::MapDescriptors,
            _ => Source::Ordinary,
        }
    }

    /// Whether an edge to a node not reached so far is followed. Being asked is remembered: ask
    /// once for each such edge, in order.
    #[inline]
    fn is_followed(&mut self, source: Source, edge: EdgeIndex) -> bool {
        let edge = self.graph.edge(edge);
        if (self.is_ignored)(edge.target) {
            return false;
        }
        let name = StringIndex(edge.name_or_index);
        match source {
            Source::MapDescriptors => return is_descriptor_followed(self.graph, &edge),
            Source::NativeContext if !edge.kind.is_numbered() && self.known.sloppy_function_map.contain(name) => {
                return false;
            }
            Source::NativeContext | Source::Ordinary => {}
        }
        if edge.kind != EdgeKind::Internal {
            return true;
        }
        let Some(weak_map) = self.known.weak_maps.get(name) else { return true };
        // A value needs its key and its table: the later edge, which comes from the farther of
        // the two, is the one that counts.
        let is_second = self.half_reached.remove(&weak_map.pair);
        if !is_second {
            self.half_reached.insert(weak_map.pair);
        }
        is_second
    }
}

/// From slot 2 on every third slot, beginning with the third, holds a value that some map has
/// and others may not.
fn is_descriptor_followed(graph: &HeapGraph, edge: &Edge) -> bool {
    let slot = match graph.edge_string(edge) {
        Some(name) => name.parse_int(),
        None => Some(f64::from(edge.name_or_index)),
    };
    // A name that is no number is no slot.
    slot.is_none_or(|slot| slot < 2.0 || slot % 3.0 != 1.0)
}
