//! How many steps an object is away from the roots.

use super::Spare;
use super::dead_ends::{DeadEnds, DeadEndsOnTheWay};
use super::known_strings::KnownStrings;
use super::roots;
use crate::graph::{
    Edge, EdgeIndex, EdgeKind, HeapGraph, NarrowColumn, NodeIndex, NodeKind, NodeSet, StringIndex, prefetch,
};
use crate::progress::{Cancelled, Stage};
use rustc_hash::FxHashSet;

/// Distance of nodes that cannot be reached.
pub const UNREACHED: i32 = -5;

/// From here on a distance means "only by way of the engine" and is shown as −.
pub const SYSTEM_DISTANCE: i32 = 100_000_000;

/// The distance of every node.
///
/// Two bytes a node where no distance passes 32,000: the number 0 stands for [`UNREACHED`], odd ones
/// for distances from the user's roots, even ones for those from [`SYSTEM_DISTANCE`] on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Distances(NarrowColumn);

impl Distances {
    fn unreached(node_count: usize) -> Self {
        Self(NarrowColumn::zeros(node_count))
    }

    /// How far `n` is away.
    #[inline(always)]
    pub fn get(&self, n: NodeIndex) -> i32 {
        match self.0.get(n) {
            0 => UNREACHED,
            code if code % 2 == 1 => (code / 2) as i32,
            code => (code / 2 - 1) as i32 + SYSTEM_DISTANCE,
        }
    }

    #[inline(always)]
    fn set(&mut self, n: NodeIndex, distance: i32) {
        let code = match distance {
            SYSTEM_DISTANCE.. => (distance - SYSTEM_DISTANCE) as u32 * 2 + 2,
            _ => distance as u32 * 2 + 1,
        };
        self.0.set(n, code);
    }
}

/// The distance of every node: first from the user's roots, then, from [`SYSTEM_DISTANCE`] on,
/// that of what only the engine's root reaches. Edges into nodes that `is_ignored` accepts are
/// not followed; a user's root is at distance 1 even so.
pub fn distances(
    graph: &HeapGraph,
    known: &KnownStrings,
    dead_ends: &DeadEnds,
    is_ignored: impl Fn(NodeIndex) -> bool,
    spare: &Spare,
    stage: &Stage,
) -> Result<Distances, Cancelled> {
    // A node that two of the root's edges lead to stands here twice and is visited twice.
    // That shows where it is the key of a WeakMap: the second visit passes for the table's.
    let user_roots: Vec<NodeIndex> = roots::user_roots(graph, known).collect();
    let mut search = Search {
        graph,
        known,
        is_ignored,
        distances: Distances::unreached(graph.node_count()),
        reached: NodeSet::new(graph.node_count()),
        dead_ends: DeadEndsOnTheWay::new(dead_ends),
        half_reached: FxHashSet::default(),
        spare,
    };
    search.run(&user_roots, 1, stage)?;
    if graph.node_count() > 0 {
        search.run(&[graph.root], if user_roots.is_empty() { 0 } else { SYSTEM_DISTANCE }, stage)?;
    }
    Ok(search.distances)
}

struct Search<'a, F> {
    graph: &'a HeapGraph,
    known: &'a KnownStrings,
    is_ignored: F,
    distances: Distances,
    reached: NodeSet,
    dead_ends: DeadEndsOnTheWay<'a>,
    /// Pairs of `WeakMap`s with one edge met so far: the key's or the table's.
    half_reached: FxHashSet<u32>,
    spare: &'a Spare,
}

impl<F: Fn(NodeIndex) -> bool> Search<'_, F> {
    /// Breadth first from `starts`, which are at `distance`.
    fn run(&mut self, starts: &[NodeIndex], distance: i32, stage: &Stage) -> Result<(), Cancelled> {
        let graph = self.graph;
        // As far as it is needed: memory never written to costs nothing.
        let mut queue = self.spare.nodes(graph.node_count());
        for &n in starts {
            self.reached.insert(n);
            self.distances.set(n, distance);
            queue.push(n);
        }
        let mut level = 0..queue.len();
        let mut distance = distance;
        while !level.is_empty() {
            distance += 1;
            for at in level.clone() {
                if at.is_multiple_of(1 << 14) {
                    stage.reached(at as u64, graph.node_count() as u64)?;
                }
                graph.prefetch_ahead(&queue, at);
                if let Some(&n) = queue.get(at + 8) {
                    prefetch(&graph.nodes.kinds, n.at());
                    graph.edges.names.prefetch(graph.nodes.first_edge[n.at()] as usize);
                }
                if let Some(&n) = queue.get(at + 4)
                    && may_be_named(graph.kind(n))
                {
                    graph.nodes.names.prefetch(n.at());
                }
                let source = queue[at];
                let names = self.names_that_matter(source);
                for edge in graph.edge_range(source) {
                    let word = graph.edges.targets[edge];
                    let target = word.target();
                    let kind = word.kind();
                    if self.reached.contains(target) || kind == EdgeKind::Weak || (self.is_ignored)(target) {
                        continue;
                    }
                    if self.is_followed(names, kind, edge) {
                        self.reached.insert(target);
                        self.distances.set(target, distance);
                        // Nothing would be found from there.
                        if !self.dead_ends.contain(target, &self.reached) {
                            queue.push(target);
                        }
                    }
                }
            }
            level = level.end..queue.len();
        }
        self.spare.keep_nodes(queue);
        Ok(())
    }

    /// What the names of the edges of `source` have to be read for.
    #[inline(always)]
    fn names_that_matter(&self, source: NodeIndex) -> Names {
        let names = if may_be_named(self.graph.kind(source)) { self.names_by_name(source) } else { Names::None };
        match names {
            Names::None if !self.known.weak_maps.is_empty() => Names::OfWeakMaps,
            names => names,
        }
    }

    #[inline(never)]
    fn names_by_name(&self, source: NodeIndex) -> Names {
        let name = self.graph.name_index(source);
        match self.graph.kind(source) {
            NodeKind::ARRAY if self.known.map_descriptors.contain(name) => Names::OfSlots,
            NodeKind::HIDDEN if self.known.native_context.contain(name) => Names::OfSloppyFunctions,
            _ => Names::None,
        }
    }

    /// Whether an edge to a node not reached so far is followed. Being asked is remembered: ask
    /// once for each such edge, in order.
    #[inline(always)]
    fn is_followed(&mut self, names: Names, kind: EdgeKind, edge: usize) -> bool {
        match (names, kind) {
            (Names::None, _) => true,
            (Names::OfWeakMaps, kind) if kind != EdgeKind::Internal => true,
            _ => self.is_followed_by_name(names, kind, EdgeIndex(edge as u32)),
        }
    }

    #[inline(never)]
    fn is_followed_by_name(&mut self, names: Names, kind: EdgeKind, edge: EdgeIndex) -> bool {
        let edge = self.graph.edge(edge);
        let name = StringIndex(edge.name_or_index);
        match names {
            // All descriptors of maps: maps share such arrays, which belongs to which is not known.
            Names::OfSlots => return is_descriptor_followed(self.graph, &edge),
            // Would bring all functions near.
            Names::OfSloppyFunctions if !kind.is_numbered() && self.known.sloppy_function_map.contain(name) => {
                return false;
            }
            _ => {}
        }
        if kind != EdgeKind::Internal {
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

/// Whether the name of a node of this kind tells what the names of its edges matter for.
#[inline(always)]
fn may_be_named(kind: NodeKind) -> bool {
    matches!(kind, NodeKind::ARRAY | NodeKind::HIDDEN)
}

/// For which of its rules the search has to read the names of a node's edges.
#[derive(Debug, Clone, Copy)]
enum Names {
    None,
    /// Internal ones may speak of a `WeakMap`.
    OfWeakMaps,
    /// All, and those of a `WeakMap`.
    OfSloppyFunctions,
    /// Only slots of descriptors.
    OfSlots,
}

/// From slot 2 on every third slot, beginning with the third, holds a value that some map has
/// and others may not.
fn is_descriptor_followed(graph: &HeapGraph, edge: &Edge) -> bool {
    let slot = match graph.edge_string(edge) {
        Some(name) => name.parse_int(),
        None => Some(f64::from(edge.name_or_index)),
    };
    // A name that is not a number is no slot.
    slot.is_none_or(|slot| slot < 2.0 || slot % 3.0 != 1.0)
}
