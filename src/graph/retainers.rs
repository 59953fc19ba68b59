//! Who points at each node: the edges turned round.

use super::{EdgeIndex, HeapGraph, NodeIndex};

/// One incoming edge, as a word: the source's position and three bits that make most passes
/// independent of the edge itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RetainerEntry(pub u32);

impl RetainerEntry {
    /// The edge is not essential: dominators ignore it.
    pub const NOT_ESSENTIAL: u32 = 1 << 31;
    /// The edge is weak.
    pub const WEAK: u32 = 1 << 30;

    /// Where the edge comes from.
    #[inline(always)]
    pub fn source(self) -> NodeIndex {
        NodeIndex(self.0 & (Self::WEAK - 1))
    }

    /// Whether dominators follow the edge.
    #[inline(always)]
    pub fn is_essential(self) -> bool {
        self.0 & Self::NOT_ESSENTIAL == 0
    }

    /// Whether the edge is weak.
    #[inline(always)]
    pub fn is_weak(self) -> bool {
        self.0 & Self::WEAK != 0
    }
}

/// Incoming edges of all nodes: those of `n` are `entries[first[n]..first[n + 1]]`, **in reverse
/// file order**, which is the order DevTools falls back on wherever sort keys tie.
#[derive(Debug, Clone, Default)]
pub struct Retainers {
    /// `node_count + 1` offsets.
    pub first: Vec<u32>,
    /// [`RetainerEntry`] words.
    pub entries: Vec<u32>,
}

impl Retainers {
    /// The entries of `n` as words: the fast way for whole passes.
    #[inline(always)]
    pub fn words(&self, n: NodeIndex) -> &[u32] {
        &self.entries[self.first[n.at()] as usize..self.first[n.at() + 1] as usize]
    }

    /// The entries of `n`, all kinds of edges, last edge of the file first.
    #[inline(always)]
    pub fn of(&self, n: NodeIndex) -> impl DoubleEndedIterator<Item = RetainerEntry> + ExactSizeIterator + '_ {
        self.words(n).iter().map(|&w| RetainerEntry(w))
    }

    /// How many edges point at `n`.
    #[inline(always)]
    pub fn count(&self, n: NodeIndex) -> usize {
        (self.first[n.at() + 1] - self.first[n.at()]) as usize
    }

    /// Makes all entries of `target` that come from `source` not essential.
    pub fn mark_not_essential(&mut self, source: NodeIndex, target: NodeIndex) {
        let range = self.first[target.at()] as usize..self.first[target.at() + 1] as usize;
        let entries = &mut self.entries[range];
        // Later sources stand first.
        let from = entries.partition_point(|&w| RetainerEntry(w).source() > source);
        for word in entries[from..].iter_mut().take_while(|w| RetainerEntry(**w).source() == source) {
            *word |= RetainerEntry::NOT_ESSENTIAL;
        }
    }

    /// The edges that point at `n`, last edge of the file first. Walks all edges of each distinct
    /// source once, so it costs the sources' out-degrees: for what is on screen, not for passes.
    pub fn edges_to<'a>(
        &'a self,
        graph: &'a HeapGraph,
        n: NodeIndex,
    ) -> impl Iterator<Item = (NodeIndex, EdgeIndex)> + 'a {
        let mut last = None;
        self.of(n)
            .filter_map(move |r| {
                let source = r.source();
                let fresh = last != Some(source);
                last = Some(source);
                fresh.then_some(source)
            })
            .flat_map(move |source| {
                graph.edges(source).rev().filter(move |e| e.target == n).map(move |e| (source, e.index))
            })
    }
}
