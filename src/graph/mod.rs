//! The compact heap graph: columns, and passes over all nodes only where it is built.
//! Knows neither JSON nor what any number means to a user.
//!
//! Encoding. Nodes are dense positions in file order. Edges of node `n` are
//! `first_edge[n]..first_edge[n + 1]`; an edge is an [`EdgeWord`] and a word that is
//! its number (element, hidden) or its name's [`StringIndex`]. Targets are `< node_count`, names
//! `< strings.len()`: the reader checked both, so indexing needs no further proof. There are at most
//! [`MAX_NODES`] nodes.

mod bit_set;
mod edge_word;
mod index;
pub(crate) mod index_column;
mod kind;
mod locations;
mod narrow;
mod node_ids;
mod prefetch;
mod retainers;
mod sizes;
mod strings;

pub use bit_set::{BitSet, NodeSet, RankedSet, SharedBitSet, StringSet};
pub use edge_word::{EdgeWord, MAX_NODES};
pub use index::{ClassIndex, EdgeIndex, NodeId, NodeIndex, PerNode, Position, StringIndex, joined};
pub use index_column::IndexColumn;
pub use kind::{Detachedness, EdgeKind, NodeFlags, NodeKind};
pub use locations::{Locations, Places};
pub use narrow::NarrowColumn;
pub use node_ids::NodeIds;
pub(crate) use prefetch::prefetch;
pub use retainers::{RetainerEntry, Retainers};
pub use sizes::SizeColumn;
pub use strings::Strings;

use crate::progress::{Cancelled, Stage};
use crate::text::Text;
use rayon::prelude::*;

/// An edge, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// Where it stands.
    pub index: EdgeIndex,
    /// Its type.
    pub kind: EdgeKind,
    /// Its number (element, hidden) or the index of its name.
    pub name_or_index: u32,
    /// What it points at.
    pub target: NodeIndex,
}

/// Where the function that made an object stands in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Location {
    /// The engine's number of the script.
    pub script_id: i64,
    /// Line, counted from 0 as in the file (where 4294967294 was seen for an unknown one).
    pub line: i64,
    /// Column, counted from 0 as in the file.
    pub column: i64,
}

/// A sample of a timeline: ids up to `last_assigned_id` had been given out at `timestamp_us`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// Microseconds.
    pub timestamp_us: f64,
    /// The id given out last.
    pub last_assigned_id: f64,
}

/// A function of the allocation profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceFunction {
    /// The engine's number of the function.
    pub function_id: u32,
    pub name: StringIndex,
    pub script_name: StringIndex,
    /// The engine's number of the script.
    pub script_id: u32,
    /// Line, counted from 1; 0 where unknown.
    pub line: u32,
    /// Column, counted from 1; 0 where unknown.
    pub column: u32,
}

/// A node of the allocation tree. Parents stand before their children.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceNode {
    /// What nodes name in `trace_node_id`.
    pub id: u32,
    /// Position in [`HeapGraph::trace_functions`]; may be past its end in odd files.
    pub function: u32,
    /// Objects allocated here.
    pub count: u64,
    /// Bytes allocated here.
    pub size: u64,
    /// Position of the parent in the list; `None` for the root.
    pub parent: Option<u32>,
}

/// A scope of a script (Chromium 156 on): which variables it keeps and which it uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// The node of the script.
    pub script: NodeIndex,
    /// -2 for the script's own scope, else its start position.
    pub scope_id: i64,
    /// Nesting depth; parents stand before their children.
    pub depth: i64,
    /// How many entries of [`Scopes::context_vars`] are its own.
    pub context_var_count: u32,
    /// How many entries of [`Scopes::uses`] are its own.
    pub use_count: u32,
}

/// The scope sections.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scopes {
    /// All scopes, parents before children, script by script.
    pub scopes: Vec<Scope>,
    /// Names of the variables kept in contexts, scope by scope.
    pub context_vars: Vec<StringIndex>,
    /// `(declaring scope id, slot index)`, scope by scope.
    pub uses: Vec<(i64, i64)>,
}

/// Node columns as the reader fills them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeColumns {
    /// [`NodeKind`] of each node.
    pub kinds: Vec<u8>,
    /// Index of each node's name.
    pub names: IndexColumn,
    /// [`NodeId`] of each node.
    pub ids: NodeIds,
    /// Shallow sizes as the file has them (`self_size`).
    pub self_sizes: SizeColumn,
    /// `node_count + 1` offsets into the edges.
    pub first_edge: Vec<u32>,
    /// The file's detachedness (low two bits), where it has that field.
    pub detachedness: Option<Vec<u8>>,
    /// Where each node was allocated (0: not known), where the file says so for any node.
    pub trace_node_ids: Option<Vec<u32>>,
}

/// Edge columns as the reader fills them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EdgeColumns {
    /// Target and kind.
    pub targets: Vec<EdgeWord>,
    /// Number or name index.
    pub names: IndexColumn,
    /// Names of the edge types this program does not know, for the edges of [`EdgeKind::Other`]:
    /// `(edge, position in other_kinds)`, ascending.
    pub other: Vec<(u32, u8)>,
    /// The unknown types' names.
    pub other_kinds: Vec<String>,
}

/// Everything in a snapshot file, in columns, checked: what the reader hands over.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HeapGraph {
    /// Nodes by column.
    pub nodes: NodeColumns,
    /// Edges by column.
    pub edges: EdgeColumns,
    /// The string table.
    pub strings: Strings,
    /// Names of node kinds from [`NodeKind::FIRST_OTHER`] on.
    pub other_node_kinds: Vec<String>,
    /// The root node.
    pub root: NodeIndex,
    /// Bytes outside the heap that belong to no node.
    pub extra_native_bytes: u64,
    /// Where constructors stand.
    pub locations: Locations,
    /// Samples of a timeline, in file order.
    pub samples: Vec<Sample>,
    /// Functions of the allocation profile.
    pub trace_functions: Vec<TraceFunction>,
    /// The allocation tree, parents first, children in file order (pre-order).
    pub trace_nodes: Vec<TraceNode>,
    /// Scope sections, where the file has them.
    pub scopes: Option<Scopes>,
    /// Whether `meta` lists `sample_fields` and the file has samples: it is a timeline.
    pub is_timeline: bool,
}

impl HeapGraph {
    /// Whether the file tells when or by which functions its objects were allocated.
    pub fn tells_allocations(&self) -> bool {
        self.is_timeline || !self.trace_nodes.is_empty()
    }

    /// The number of nodes.
    #[inline(always)]
    pub fn node_count(&self) -> usize {
        self.nodes.kinds.len()
    }

    /// The number of edges.
    #[inline(always)]
    pub fn edge_count(&self) -> usize {
        self.edges.targets.len()
    }

    /// All nodes in file order.
    pub fn node_indices(&self) -> impl DoubleEndedIterator<Item = NodeIndex> + ExactSizeIterator + use<> {
        (0..self.node_count() as u32).map(NodeIndex)
    }

    /// The nodes that `keep` accepts, in file order; all threads look for them.
    pub fn select(&self, keep: impl Fn(NodeIndex) -> bool + Sync, stage: &Stage) -> Result<Vec<NodeIndex>, Cancelled> {
        let chunks = self.ask_in_chunks(stage, |nodes| {
            // Whether a node is kept is hard to foresee, so nothing branches on it.
            let mut kept = vec![NodeIndex(0); nodes.len()];
            let mut count = 0;
            for n in nodes.map(NodeIndex) {
                kept[count] = n;
                count += usize::from(keep(n));
            }
            kept.truncate(count);
            kept
        });
        Ok(joined(&chunks?))
    }

    /// What `pick` gives for nodes, in file order; all threads ask it.
    pub fn select_map<T: Clone + Send>(
        &self,
        pick: impl Fn(NodeIndex) -> Option<T> + Sync,
        stage: &Stage,
    ) -> Result<Vec<T>, Cancelled> {
        Ok(self.ask_in_chunks(stage, |nodes| nodes.map(NodeIndex).filter_map(&pick).collect::<Vec<T>>())?.concat())
    }

    /// What `ask` answers for one range of nodes after the other.
    pub fn ask_in_chunks<T: Send>(
        &self,
        stage: &Stage,
        ask: impl Fn(std::ops::Range<u32>) -> T + Sync,
    ) -> Result<Vec<T>, Cancelled> {
        const CHUNK: u32 = 1 << 16;
        let count = self.node_count() as u32;
        let chunks = (0..count.div_ceil(CHUNK)).into_par_iter();
        chunks.map(|i| stage.check().map(|()| ask(i * CHUNK..count.min((i + 1) * CHUNK)))).collect()
    }

    /// The kind of `n`.
    #[inline(always)]
    pub fn kind(&self, n: NodeIndex) -> NodeKind {
        NodeKind(self.nodes.kinds[n.at()])
    }

    /// The name the engine gives a kind of nodes; `(type N)` text where the file's list ends
    /// before the number.
    pub fn node_kind_name(&self, kind: NodeKind) -> &str {
        match NodeKind::NAMES.get(kind.0 as usize) {
            Some(name) => name,
            None => {
                let other = kind.0 - NodeKind::FIRST_OTHER;
                self.other_node_kinds.get(other as usize).map_or("other", String::as_str)
            }
        }
    }

    /// The id of `n`.
    #[inline(always)]
    pub fn id(&self, n: NodeIndex) -> NodeId {
        self.nodes.ids.get(n)
    }

    /// The index of `n`'s name.
    #[inline(always)]
    pub fn name_index(&self, n: NodeIndex) -> StringIndex {
        StringIndex(self.nodes.names.get(n.at()))
    }

    /// The name of `n` as it stands in the file.
    #[inline]
    pub fn raw_name(&self, n: NodeIndex) -> Text<'_> {
        self.strings.get(self.name_index(n))
    }

    /// Positions of the edges of `n`.
    #[inline(always)]
    pub fn edge_range(&self, n: NodeIndex) -> std::ops::Range<usize> {
        self.nodes.first_edge[n.at()] as usize..self.nodes.first_edge[n.at() + 1] as usize
    }

    /// Targets and kinds of the edges of `n`: the fast way for whole passes.
    #[inline(always)]
    pub fn edge_words(&self, n: NodeIndex) -> &[EdgeWord] {
        &self.edges.targets[self.edge_range(n)]
    }

    /// Starts to fetch the edges of those that come a little after position `at` of `order`,
    /// for passes that take nodes in an order that is not theirs.
    #[inline(always)]
    pub fn prefetch_ahead(&self, order: &[NodeIndex], at: usize) {
        if let Some(&n) = order.get(at + 16) {
            prefetch(&self.nodes.first_edge, n.at());
        }
        if let Some(&n) = order.get(at + 8) {
            prefetch(&self.edges.targets, self.nodes.first_edge[n.at()] as usize);
        }
    }

    /// The edges of `n` in file order.
    #[inline]
    pub fn edges(&self, n: NodeIndex) -> impl DoubleEndedIterator<Item = Edge> + ExactSizeIterator + '_ {
        self.edge_range(n).map(|e| self.edge(EdgeIndex(e as u32)))
    }

    /// The edge at `e`.
    #[inline(always)]
    pub fn edge(&self, e: EdgeIndex) -> Edge {
        let word = self.edges.targets[e.at()];
        Edge { index: e, kind: word.kind(), name_or_index: self.edges.names.get(e.at()), target: word.target() }
    }

    /// The node that edge `e` comes from.
    pub fn edge_source(&self, e: EdgeIndex) -> NodeIndex {
        // The first offset past `e` belongs to the node after the source.
        let after = self.nodes.first_edge.partition_point(|&first| first <= e.0);
        NodeIndex(after as u32 - 1)
    }

    /// The name of a named edge; `None` for element and hidden edges.
    #[inline]
    pub fn edge_string(&self, e: &Edge) -> Option<Text<'_>> {
        (!e.kind.is_numbered()).then(|| self.strings.get(StringIndex(e.name_or_index)))
    }

    /// What the engine calls the type of `e`.
    pub fn edge_kind_name(&self, e: &Edge) -> &str {
        match EdgeKind::NAMES.get(e.kind as usize) {
            Some(name) => name,
            None => match self.edges.other.binary_search_by_key(&e.index.0, |o| o.0) {
                Ok(i) => &self.edges.other_kinds[self.edges.other[i].1 as usize],
                Err(_) => "other",
            },
        }
    }

    /// Where the constructor of `n` stands, if the file says so.
    pub fn location(&self, n: NodeIndex) -> Option<Location> {
        self.locations.get(n)
    }

    /// Heap bytes held by the columns.
    pub fn heap_bytes(&self) -> usize {
        let n = &self.nodes;
        n.kinds.capacity()
            + n.names.heap_bytes()
            + 4 * n.first_edge.capacity()
            + n.ids.heap_bytes()
            + n.self_sizes.heap_bytes()
            + n.detachedness.as_ref().map_or(0, Vec::capacity)
            + 4 * n.trace_node_ids.as_ref().map_or(0, Vec::capacity)
            + 4 * self.edges.targets.capacity()
            + self.edges.names.heap_bytes()
            + 8 * self.edges.other.capacity()
            + self.strings.heap_bytes()
            + self.locations.heap_bytes()
            + self.trace_nodes.capacity() * size_of::<TraceNode>()
    }
}
