//! What would be freed if references or objects went: exactly, by looking at what stays.
//!
//! The rules are those of retained sizes: essential edges, from the root and from objects that
//! nothing essential points at.

use crate::analysis::Heap;
use crate::analysis::essential::EssentialEdges;
use crate::graph::{EdgeIndex, NodeFlags, NodeIndex, NodeSet};
use crate::progress::{Cancelled, Stage};
use std::collections::VecDeque;

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
    /// The objects, in the order they are come upon from the cut.
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

/// What groups of objects keep, alone and together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// Bytes that would be freed if this group alone went.
    pub exclusive: u64,
    /// Further bytes it keeps that would be freed only if others of the groups went too.
    pub shared: u64,
}

/// The share of each of `groups` in what they keep alive.
///
/// A node is *kept* if it cannot be reached once all groups are gone. For those, two sets of
/// groups are propagated until nothing changes: the groups on *every* path to the node (any one
/// of them going frees it) and the groups on *some* path. A set is a word of bits, so 64 groups
/// at a time.
pub fn shares(heap: &Heap, groups: &[Vec<NodeIndex>], stage: &Stage) -> Result<Vec<Share>, Cancelled> {
    let page_objects = page_objects(heap);
    let essential = EssentialEdges::new(&heap.graph, &heap.facts.known_strings, &page_objects);
    let walk = StrongWalk { heap, essential: &essential, stage };
    let mut all = Vec::new();
    for groups in groups.chunks(64) {
        all.extend(shares_of_64(&walk, groups)?);
    }
    Ok(all)
}

fn shares_of_64(walk: &StrongWalk<'_>, groups: &[Vec<NodeIndex>]) -> Result<Vec<Share>, Cancelled> {
    let heap = walk.heap;
    let members: Vec<NodeIndex> = groups.iter().flatten().copied().collect();
    let mut removed = NodeSet::new(heap.graph.node_count());
    for &n in &members {
        removed.insert(n);
    }
    let mut staying = walk.reachable(&removed, &[])?;
    let kept = walk.beyond(&members, &mut staying)?;
    let mut position = vec![u32::MAX; heap.graph.node_count()];
    for (i, n) in kept.iter().enumerate() {
        position[n.at()] = i as u32;
    }
    let mut own = vec![0u64; kept.len()];
    for (g, group) in groups.iter().enumerate() {
        for n in group.iter().filter(|n| position[n.at()] != u32::MAX) {
            own[position[n.at()] as usize] |= 1 << g;
        }
    }
    let sets = |join: fn(u64, u64) -> u64, start: u64, outside: u64| {
        let mut sets = vec![start; kept.len()];
        let mut queue: VecDeque<u32> = (0..kept.len() as u32).collect();
        let mut queued = vec![true; kept.len()];
        let mut steps = 0u64;
        while let Some(i) = queue.pop_front() {
            steps += 1;
            if steps.is_multiple_of(1 << 14) {
                walk.stage.check()?;
            }
            queued[i as usize] = false;
            let n = kept[i as usize];
            let mut met = None;
            for r in heap.facts.retainers.of(n).filter(|r| r.is_essential()) {
                let from = match position[r.source().at()] {
                    u32::MAX if staying.contains(r.source()) => outside,
                    u32::MAX => continue,
                    p => sets[p as usize] | own[p as usize],
                };
                met = Some(met.map_or(from, |m| join(m, from)));
            }
            let set = met.unwrap_or(outside);
            if set == sets[i as usize] {
                continue;
            }
            sets[i as usize] = set;
            for e in heap.graph.edge_words(n) {
                let p = position[(e >> 3) as usize];
                if p != u32::MAX && !queued[p as usize] {
                    queued[p as usize] = true;
                    queue.push_back(p);
                }
            }
        }
        Ok::<_, Cancelled>(sets)
    };
    let every = sets(|a, b| a & b, u64::MAX, 0)?;
    let some = sets(|a, b| a | b, 0, 0)?;
    let mut shares = vec![Share::default(); groups.len()];
    for (i, &n) in kept.iter().enumerate() {
        let (every, some) = (every[i] | own[i], some[i] | own[i]);
        let size = heap.shallow_size(n);
        for (g, share) in shares.iter_mut().enumerate() {
            if every >> g & 1 == 1 {
                share.exclusive += size;
            } else if some >> g & 1 == 1 {
                share.shared += size;
            }
        }
    }
    Ok(shares)
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
                let target = NodeIndex(word >> 3);
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
mod tests {
    use super::*;
    use crate::testing::{Random, SnapshotBuilder};

    /// What is freed, by asking of each node alone whether it was reached and no longer is.
    fn slowly(heap: &Heap, cut: &Cut) -> Vec<NodeIndex> {
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
    fn random_heap(random: &mut Random) -> Heap {
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
    fn shares_are_what_goes_with_a_group_alone_and_what_goes_with_all_of_them_on_random_graphs() {
        let mut random = Random(22);
        let mut shared = 0;
        for _ in 0..400 {
            let heap = random_heap(&mut random);
            let count = heap.graph.node_count() as u32;
            let mut member = || NodeIndex(1 + random.below(count - 1));
            let groups: Vec<Vec<NodeIndex>> = vec![vec![member()], vec![member(), member()], vec![member()]];
            let cut = |objects: Vec<NodeIndex>| slowly(&heap, &Cut { objects, references: Vec::new() });
            let with_all = cut(groups.concat());
            for (group, share) in groups.iter().zip(shares(&heap, &groups, &Stage::unwatched()).unwrap()) {
                let alone = cut(group.clone());
                let bytes = |nodes: &[NodeIndex]| nodes.iter().map(|&n| heap.shallow_size(n)).sum::<u64>();
                assert_eq!(share.exclusive, bytes(&alone), "{groups:?}");
                // What the group leads to among what goes with all, but not with it alone.
                let mut below = group.clone();
                let is_next = |n: &NodeIndex, below: &[NodeIndex]| with_all.contains(n) && !below.contains(n);
                let next = |below: &[NodeIndex]| {
                    below.iter().flat_map(|&n| essential_from(&heap, n)).find(|n| is_next(n, below))
                };
                while let Some(n) = next(&below) {
                    below.push(n);
                }
                below.retain(|n| !alone.contains(n));
                assert_eq!(share.shared, bytes(&below), "{groups:?}");
                shared += u32::from(share.shared > 0);
            }
        }
        assert!(shared > 50, "graphs in which nothing is shared test little: {shared}");
    }

    /// What the essential references of `n` lead to, asked of their targets.
    fn essential_from(heap: &Heap, n: NodeIndex) -> Vec<NodeIndex> {
        let is_held = |m: &NodeIndex| heap.facts.retainers.of(*m).any(|r| r.is_essential() && r.source() == n);
        heap.graph.node_indices().filter(is_held).collect()
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
