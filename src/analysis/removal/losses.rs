//! What is not reached any more where ways are closed, told from what is reached while they are open.
//!
//! Whatever is reached over an open edge from something nearer to the start that is still reached
//! stays so itself. So only what lies behind closed ways is looked at, nearest first, and not the
//! whole graph; most closed ways cut off little.

use crate::graph::{EdgeKind, HeapGraph, NodeIndex, NodeSet, RetainerEntry, Retainers, prefetch};
use crate::progress::{Cancelled, Stage};
use std::collections::BTreeMap;

/// Which ways are open, and how far things are away while all are.
pub(in crate::analysis) trait Ways {
    /// How far `n` is away: [`START`], a number of steps, or [`FAR`]. Each node that is neither has
    /// an open edge from one that is fewer steps away, or is one of the suspects.
    fn steps(&self, n: NodeIndex) -> u32;

    /// Whether no edge to `n` is open.
    fn is_closed(&self, n: NodeIndex) -> bool;

    /// Whether edges of this kind are open, unless what they lead to is closed. Weak ones never are.
    fn is_open(&self, kind: EdgeKind) -> bool;

    /// Whether the edge behind this entry is surely of such a kind.
    fn is_surely_open(&self, entry: RetainerEntry) -> bool;
}

/// Reached whatever is closed.
pub(in crate::analysis) const START: u32 = 0;

/// Perhaps not reached even where all ways are open.
pub(in crate::analysis) const FAR: u32 = u32::MAX;

/// One edge in this many is looked at before it is given up: that takes a fraction of what walking the
/// whole graph takes.
const ONE_EDGE_IN: usize = 8;

/// Those of the nodes with a number of steps, and of `far`, that are not reached. `suspects` are
/// those that ways are closed to. `None` if telling so would take longer than walking the graph.
pub(in crate::analysis) fn losses(
    graph: &HeapGraph,
    retainers: &Retainers,
    ways: &impl Ways,
    suspects: impl IntoIterator<Item = NodeIndex>,
    far: Vec<NodeIndex>,
    stage: &Stage,
) -> Result<Option<NodeSet>, Cancelled> {
    let patience = (graph.edge_count() / ONE_EDGE_IN).max(1 << 10);
    let mut losses = Losses { graph, retainers, ways, lost: NodeSet::new(graph.node_count()), patience };
    let Some(mut lost) = losses.lose(suspects, stage)? else { return Ok(None) };
    lost.extend(far);
    let is_told = losses.find_again(lost, stage)?;
    Ok(is_told.then_some(losses.lost))
}

struct Losses<'a, W> {
    graph: &'a HeapGraph,
    retainers: &'a Retainers,
    ways: &'a W,
    /// What may not be reached.
    lost: NodeSet,
    /// How many more edges are looked at.
    patience: usize,
}

impl<W: Ways> Losses<'_, W> {
    /// Finds what has no open way from something nearer, in order of steps; `None` without patience.
    fn lose(
        &mut self,
        suspects: impl IntoIterator<Item = NodeIndex>,
        stage: &Stage,
    ) -> Result<Option<Vec<NodeIndex>>, Cancelled> {
        let mut suspected = NodeSet::new(self.graph.node_count());
        let mut by_steps: BTreeMap<u32, Vec<NodeIndex>> = BTreeMap::new();
        let mut lost = Vec::new();
        for n in suspects {
            if (START + 1..FAR).contains(&self.ways.steps(n)) && suspected.insert(n) {
                by_steps.entry(self.ways.steps(n)).or_default().push(n);
            }
        }
        while let Some((steps, suspects)) = by_steps.pop_first() {
            stage.check()?;
            let mut next = by_steps.remove(&(steps + 1)).unwrap_or_default();
            for (at, &n) in suspects.iter().enumerate() {
                self.prefetch_ahead(&suspects, at);
                if self.is_kept(n, steps) {
                    continue;
                }
                self.lost.insert(n);
                lost.push(n);
                for &word in self.graph.edge_words(n) {
                    let (kind, target) = (word.kind(), word.target());
                    let steps_to = self.ways.steps(target);
                    // What is no farther away was not kept by this one.
                    if steps_to <= steps || steps_to == FAR || kind == EdgeKind::Weak || !suspected.insert(target) {
                        continue;
                    }
                    if steps_to == steps + 1 {
                        next.push(target);
                    } else {
                        by_steps.entry(steps_to).or_default().push(target);
                    }
                }
                if !self.spend(self.graph.edge_range(n).len()) {
                    return Ok(None);
                }
            }
            if !next.is_empty() {
                by_steps.insert(steps + 1, next);
            }
        }
        Ok(Some(lost))
    }

    /// Whether something nearer keeps `n`, which is this many steps away.
    fn is_kept(&mut self, n: NodeIndex, steps: u32) -> bool {
        let (ways, lost) = (self.ways, &self.lost);
        if ways.is_closed(n) {
            return false;
        }
        let keeps = |entry: RetainerEntry| {
            let source = entry.source();
            ways.is_surely_open(entry) && ways.steps(source) < steps && !lost.contains(source)
        };
        let at = self.retainers.of(n).position(keeps);
        self.patience = self.patience.saturating_sub(at.unwrap_or(self.retainers.count(n)));
        at.is_some()
    }

    /// Takes out of what is lost, in any order, what is reached all the same.
    fn find_again(&mut self, mut lost: Vec<NodeIndex>, stage: &Stage) -> Result<bool, Cancelled> {
        lost.iter().for_each(|&n| {
            self.lost.insert(n);
        });
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(&n) = lost.get(at) {
            if at.is_multiple_of(1 << 12) {
                stage.check()?;
            }
            self.prefetch_ahead(&lost, at);
            at += 1;
            if self.ways.is_closed(n) {
                continue;
            }
            if !self.spend(self.retainers.count(n)) {
                return Ok(false);
            }
            for entry in self.retainers.of(n).filter(|entry| !entry.is_weak()) {
                let source = entry.source();
                if self.lost.contains(source) {
                    continue;
                }
                // It may be reached by way of what is only now.
                if self.ways.steps(source) == FAR {
                    self.lost.insert(source);
                    lost.push(source);
                } else if self.has_open_edge(entry, n) {
                    found.push(n);
                    break;
                }
            }
        }
        if self.patience == 0 {
            return Ok(false);
        }
        found.iter().for_each(|&n| self.lost.remove(n));
        let mut at = 0;
        while let Some(&n) = found.get(at) {
            self.graph.prefetch_ahead(&found, at);
            at += 1;
            for &word in self.graph.edge_words(n) {
                let (kind, target) = (word.kind(), word.target());
                if self.lost.contains(target) && self.ways.is_open(kind) && !self.ways.is_closed(target) {
                    self.lost.remove(target);
                    found.push(target);
                }
            }
        }
        Ok(true)
    }

    /// Whether the edge behind `entry`, or one beside it, is open.
    fn has_open_edge(&mut self, entry: RetainerEntry, target: NodeIndex) -> bool {
        if self.ways.is_surely_open(entry) {
            return true;
        }
        let edges = self.graph.edge_words(entry.source());
        // Without patience the answer is not asked for any more.
        self.spend(edges.len()) && edges.iter().any(|word| word.target() == target && self.ways.is_open(word.kind()))
    }

    /// Says whether there is patience for this many more edges.
    fn spend(&mut self, edges: usize) -> bool {
        self.patience = self.patience.saturating_sub(edges + 1);
        self.patience > 0
    }

    #[inline(always)]
    fn prefetch_ahead(&self, order: &[NodeIndex], at: usize) {
        self.graph.prefetch_ahead(order, at);
        if let Some(&n) = order.get(at + 16) {
            prefetch(&self.retainers.first, n.at());
        }
        if let Some(&n) = order.get(at + 8) {
            prefetch(&self.retainers.entries, self.retainers.first[n.at()] as usize);
        }
    }
}

#[cfg(test)]
pub(in crate::analysis) mod tests {
    use super::*;
    use crate::analysis::Heap;
    use crate::analysis::facts::distance::UNREACHED;
    use crate::testing::{Random, SnapshotBuilder};

    /// Nodes with edges of all kinds anywhere, some of which distances are not found over.
    pub(in crate::analysis) fn random_heap(random: &mut Random) -> Heap {
        let mut b = SnapshotBuilder::new();
        let count = 2 + random.below(60);
        let has_user_roots = random.below(4) > 0;
        for n in 0..count {
            let (kind, name) = match random.below(8) {
                _ if n == 0 || !has_user_roots => ("synthetic", ""),
                0 => ("array", "(map descriptors)"),
                1 => ("hidden", "system / NativeContext"),
                _ => ("object", "Object"),
            };
            b.node(kind, name, 8);
        }
        for from in 0..count {
            for _ in 0..random.below(if from == 0 { 6 } else { 4 }) {
                let table = random.below(count) * 2 + 1;
                let pair = format!("7 / part of key (k @3) -> value (v @5) pair in WeakMap (table @{table})");
                let (kind, name) = match random.below(9) {
                    0..2 => ("weak", "w"),
                    2 => ("shortcut", "s"),
                    3 => ("internal", "sloppy_function_map"),
                    4 => ("internal", pair.as_str()),
                    5 => ("element", "4"),
                    _ => ("property", "p"),
                };
                // Most lead on, a few back.
                let to = (from + random.below(12)).saturating_sub(3) % count;
                b.edge(from as usize, kind, name, to as usize);
            }
        }
        b.heap()
    }

    /// The ways over all edges that are not weak.
    struct Strong<'a>(&'a Heap);

    impl Ways for Strong<'_> {
        fn steps(&self, n: NodeIndex) -> u32 {
            match self.0.distance(n) {
                0 => START,
                UNREACHED => FAR,
                distance => distance as u32,
            }
        }

        fn is_closed(&self, n: NodeIndex) -> bool {
            n == NodeIndex(1)
        }

        fn is_open(&self, kind: EdgeKind) -> bool {
            kind != EdgeKind::Weak
        }

        fn is_surely_open(&self, entry: RetainerEntry) -> bool {
            !entry.is_weak()
        }
    }

    #[test]
    fn nobody_looks_for_losses_longer_than_a_walk_takes() {
        for (count, is_told) in [(100, true), (20_000, false)] {
            let mut b = SnapshotBuilder::new();
            (0..count).for_each(|_| {
                b.node("synthetic", "", 8);
            });
            (1..count).for_each(|n| b.edge(n - 1, "internal", "next", n));
            let heap = b.heap();
            let (ways, stage) = (Strong(&heap), Stage::unwatched());
            let lost = losses(&heap.graph, &heap.facts.retainers, &ways, [NodeIndex(1)], Vec::new(), &stage).unwrap();
            assert_eq!(lost.map(|lost| lost.len()), is_told.then_some(count - 1));
        }
    }
}
