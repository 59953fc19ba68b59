//! What would be freed if references or objects went: exactly, by looking at what stays.
//!
//! The rules are those of retained sizes: essential edges, from the root and from objects that
//! nothing essential points at.

use crate::analysis::Heap;
use crate::analysis::facts::essential::EssentialEdges;
use crate::graph::{EdgeIndex, NodeFlags, NodeIndex, NodeSet};
use crate::progress::{Cancelled, Stage};

/// What is thought away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cut {
    /// Objects, with every reference to them.
    pub objects: Vec<NodeIndex>,
    /// Single references.
    pub references: Vec<EdgeIndex>,
}

/// What a [`Cut`] frees.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Freed {
    /// The objects, in the order they are found from the cut.
    pub objects: Vec<NodeIndex>,
    /// Their bytes.
    pub bytes: u64,
}

/// The page objects of `heap`, which the rule of essential edges asks for.
pub fn page_objects(heap: &Heap) -> NodeSet {
    NodeSet::from_fn(heap.graph.node_count(), |n| heap.flags(n).has(NodeFlags::PAGE_OBJECT))
}

/// What would be freed by `cut`.
pub fn what_if(heap: &Heap, cut: &Cut, stage: &Stage) -> Result<Freed, Cancelled> {
    let page_objects = page_objects(heap);
    let essential = EssentialEdges::new(&heap.graph, &heap.facts.known_strings, &page_objects);
    let walk = StrongWalk { heap, essential: &essential, stage };
    let mut references = cut.references.clone();
    references.sort_unstable();
    let mut removed = NodeSet::new(heap.graph.node_count());
    for &n in &cut.objects {
        removed.insert(n);
    }
    let mut staying = walk.reachable(&removed, &references)?;
    let targets = references.iter().map(|&e| heap.graph.edge(e).target);
    let starts: Vec<NodeIndex> = cut.objects.iter().copied().chain(targets).filter(|&n| !staying.contains(n)).collect();
    let objects = walk.beyond(&starts, &mut staying)?;
    let bytes = objects.iter().map(|&n| heap.shallow_size(n)).sum();
    Ok(Freed { objects, bytes })
}

/// Walks along essential edges.
struct StrongWalk<'a> {
    heap: &'a Heap,
    essential: &'a EssentialEdges<'a>,
    stage: &'a Stage,
}

impl StrongWalk<'_> {
    /// Everything that can still be reached without `removed` objects and the sorted `cut` edges.
    fn reachable(&self, removed: &NodeSet, cut: &[EdgeIndex]) -> Result<NodeSet, Cancelled> {
        let graph = &self.heap.graph;
        let is_start = |&n: &NodeIndex| n == graph.root || !self.heap.facts.retainers.of(n).any(|r| r.is_essential());
        let starts: Vec<NodeIndex> = graph.node_indices().filter(is_start).filter(|&n| !removed.contains(n)).collect();
        let mut reached = removed.clone();
        self.walk(&starts, &mut reached, cut)?;
        for n in removed.iter() {
            reached.remove(n);
        }
        Ok(reached)
    }

    /// What can be reached from `starts` without entering `staying`, which is left as it was.
    fn beyond(&self, starts: &[NodeIndex], staying: &mut NodeSet) -> Result<Vec<NodeIndex>, Cancelled> {
        let found = self.walk(starts, staying, &[])?;
        for &n in &found {
            staying.remove(n);
        }
        Ok(found)
    }

    /// Enters everything reachable from `starts` into `reached`; what was in it is not entered again.
    fn walk(
        &self,
        starts: &[NodeIndex],
        reached: &mut NodeSet,
        cut: &[EdgeIndex],
    ) -> Result<Vec<NodeIndex>, Cancelled> {
        let mut found: Vec<NodeIndex> = starts.iter().copied().filter(|&n| reached.insert(n)).collect();
        let mut next = 0;
        while let Some(&n) = found.get(next) {
            if next.is_multiple_of(1 << 14) {
                self.stage.check()?;
            }
            next += 1;
            let rule = self.essential.of(n);
            let range = self.heap.graph.edge_range(n);
            for (edge, &word) in range.clone().zip(self.heap.graph.edge_words(n)) {
                let target = word.target();
                let is_cut = || !cut.is_empty() && cut.binary_search(&EdgeIndex(edge as u32)).is_ok();
                if !reached.contains(target) && rule.contain(edge, word) && !is_cut() {
                    reached.insert(target);
                    found.push(target);
                }
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
pub(in crate::analysis) mod tests {
    use super::*;
    use crate::testing::{Random, SnapshotBuilder};

    /// What is freed, by asking of each node alone whether it was reached and no longer is.
    pub(in crate::analysis) fn slowly(heap: &Heap, cut: &Cut) -> Vec<NodeIndex> {
        let essential_to = |n: NodeIndex| {
            let entries = heap.facts.retainers.of(n);
            let edges = heap.facts.retainers.edges_to(&heap.graph, n);
            entries.zip(edges).filter(|(r, _)| r.is_essential()).map(|(_, e)| e).collect::<Vec<_>>()
        };
        let reached = |cut: &Cut| {
            let mut reached: Vec<NodeIndex> = Vec::new();
            loop {
                let is_new = |n: &NodeIndex| {
                    let references = essential_to(*n);
                    !reached.contains(n)
                        && !cut.objects.contains(n)
                        && (*n == heap.graph.root
                            || references.is_empty()
                            || references.iter().any(|(s, e)| reached.contains(s) && !cut.references.contains(e)))
                };
                let Some(n) = heap.graph.node_indices().find(is_new) else { return reached };
                reached.push(n);
            }
        };
        let (before, after) = (reached(&Cut::default()), reached(cut));
        let mut freed: Vec<NodeIndex> = before.into_iter().filter(|n| !after.contains(n)).collect();
        freed.sort_unstable();
        freed
    }

    /// A random heap in which all hangs together, so that nothing is out of reach before.
    pub(in crate::analysis) fn random_heap(random: &mut Random) -> Heap {
        let mut b = SnapshotBuilder::new();
        b.node("synthetic", "", 0);
        let count = 3 + random.below(10);
        for _ in 1..count {
            b.node("object", "N", 8 + u64::from(random.below(100)));
        }
        for i in 1..count {
            b.edge(random.below(i) as usize, "property", "p", i as usize);
        }
        for i in 0..random.below(20) {
            let kind = ["property", "element", "weak"][random.below(3) as usize];
            b.edge(random.below(count) as usize, kind, &i.to_string(), 1 + random.below(count - 1) as usize);
        }
        b.heap()
    }

    #[test]
    fn what_is_freed_is_what_is_no_longer_reached_on_random_graphs() {
        let mut random = Random(21);
        for _ in 0..300 {
            let heap = random_heap(&mut random);
            let count = heap.graph.node_count() as u32;
            let edges = heap.graph.edge_count() as u32;
            let cut = Cut {
                objects: (0..random.below(3)).map(|_| NodeIndex(1 + random.below(count - 1))).collect(),
                references: (0..random.below(4)).map(|_| EdgeIndex(random.below(edges))).collect(),
            };
            let mut freed = what_if(&heap, &cut, &Stage::unwatched()).unwrap();
            freed.objects.sort_unstable();
            assert_eq!(freed.objects, slowly(&heap, &cut), "{cut:?}");
            assert_eq!(freed.bytes, freed.objects.iter().map(|&n| heap.shallow_size(n)).sum::<u64>());
        }
    }
}
