//! What groups of objects keep alive, alone and together.
//!
//! Few objects are asked about, and most others share their fate: what an object dominates goes and
//! stays with it, as long as none of those asked about is below it. So the dominator tree is cut into
//! [`Parts`], and the rest is done on parts, and there are far fewer parts than objects.

use crate::analysis::Heap;
use crate::graph::{NodeIndex, NodeSet, PerNode};
use crate::progress::{Cancelled, Stage};
use std::collections::VecDeque;

/// What groups of objects keep, alone and together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// Bytes that would be freed if this group alone went.
    pub exclusive: u64,
    /// Further bytes it keeps that would be freed only if others of the groups went too.
    pub shared: u64,
}

/// A set of at most 64 groups.
type Groups = u64;

/// The share of each of `groups` in what they keep alive.
///
/// An object is *kept* if it cannot be reached once all groups are gone. For each it is asked which
/// groups lead to them, and which they can be reached without: what a group leads to and what cannot
/// be reached without it is exclusive, what it leads to otherwise is shared. A set is a word of bits,
/// so 64 groups at a time.
pub fn shares(heap: &Heap, groups: &[Vec<NodeIndex>], stage: &Stage) -> Result<Vec<Share>, Cancelled> {
    let mut all = Vec::new();
    for groups in groups.chunks(64) {
        all.extend(shares_of_64(heap, groups, stage)?);
    }
    Ok(all)
}

fn shares_of_64(heap: &Heap, groups: &[Vec<NodeIndex>], stage: &Stage) -> Result<Vec<Share>, Cancelled> {
    let parts = Parts::new(heap, groups.iter().flatten().copied(), stage)?;
    let mut own: Vec<Groups> = vec![0; parts.count()];
    for (g, group) in groups.iter().enumerate() {
        for &n in group {
            own[parts.of[n] as usize] |= 1 << g;
        }
    }
    let everything = Groups::MAX >> (64 - groups.len());
    let is_member = |p: &u32| own[*p as usize] != 0;
    let (mut met, free): (Vec<u32>, Vec<u32>) = parts.starts.iter().partition(|p| is_member(p));

    // What stays though all groups are gone, and the members it meets.
    let mut stays = vec![false; parts.count()];
    for &p in &free {
        stays[p as usize] = true;
    }
    let mut found = free;
    let mut next = 0;
    while let Some(&p) = found.get(next) {
        if next.is_multiple_of(1 << 14) {
            stage.check()?;
        }
        next += 1;
        for &q in parts.below(p) {
            if is_member(&q) {
                met.push(q);
            } else if !std::mem::replace(&mut stays[q as usize], true) {
                found.push(q);
            }
        }
    }
    let mut without: Vec<Groups> = vec![0; parts.count()];
    for &p in &met {
        without[p as usize] = everything & !own[p as usize];
    }
    parts.spread(met, &mut without, &stays, |groups, to| groups & !own[to as usize], stage)?;
    let mut leading = own.clone();
    let members = (0..parts.count() as u32).filter(is_member).collect();
    parts.spread(members, &mut leading, &stays, |groups, _| groups, stage)?;

    let mut shares = vec![Share::default(); groups.len()];
    for ((&bytes, &leading), &without) in parts.bytes.iter().zip(&leading).zip(&without) {
        if leading == 0 {
            continue;
        }
        for (g, share) in shares.iter_mut().enumerate().filter(|(g, _)| leading >> g & 1 == 1) {
            if without >> g & 1 == 1 {
                share.shared += bytes;
            } else {
                share.exclusive += bytes;
            }
        }
    }
    Ok(shares)
}

/// A heap in parts whose objects stay or go together, whichever of some objects go.
struct Parts {
    /// The part of each object.
    of: PerNode<u32>,
    /// What the objects of each part take.
    bytes: Vec<u64>,
    /// The parts that need nothing else to stay.
    starts: Vec<u32>,
    /// Where the parts begin in `targets` to which references of each part lead.
    first: Vec<u32>,
    targets: Vec<u32>,
}

impl Parts {
    /// Cuts up `heap` so that each of `objects` begins a part. All essential references into a part
    /// lead to the object it begins with, because that dominates the others.
    fn new(heap: &Heap, objects: impl Iterator<Item = NodeIndex>, stage: &Stage) -> Result<Self, Cancelled> {
        let count = heap.graph.node_count();
        let mut has_some_below = NodeSet::new(count);
        for mut n in objects {
            while heap.dominator(n) != n {
                n = heap.dominator(n);
                if !has_some_below.insert(n) {
                    break;
                }
            }
        }
        let tree = heap.dominator_tree();
        let mut of = PerNode(vec![0u32; count]);
        let mut begins = Vec::new();
        let mut bytes = Vec::new();
        let mut position = 0;
        while let Some(&n) = tree.nodes.get(position) {
            let is_alone = has_some_below.contains(n);
            let nodes = if is_alone { position..position + 1 } else { tree.subtree(position) };
            position = nodes.end;
            for &m in &tree.nodes[nodes] {
                of[m] = begins.len() as u32;
            }
            bytes.push(if is_alone { heap.shallow_size(n) } else { heap.retained_size(n) });
            begins.push(n);
        }
        stage.check()?;

        let retainers = &heap.facts.retainers;
        let mut starts = Vec::new();
        let mut references: Vec<(u32, u32)> = Vec::new();
        for (part, &n) in (0..).zip(&begins) {
            let mut is_held = false;
            for r in retainers.of(n).filter(|r| r.is_essential()) {
                is_held = true;
                let from = of[r.source()];
                if from != part {
                    references.push((from, part));
                }
            }
            if !is_held || n == heap.graph.root {
                starts.push(part);
            }
        }
        stage.check()?;
        let mut first = vec![0u32; begins.len() + 1];
        for &(from, _) in &references {
            first[from as usize] += 1;
        }
        let mut sum = 0;
        for first in &mut first {
            sum += *first;
            *first = sum;
        }
        let mut targets = vec![0; references.len()];
        for &(from, to) in references.iter().rev() {
            first[from as usize] -= 1;
            targets[first[from as usize] as usize] = to;
        }
        Ok(Self { of, bytes, starts, first, targets })
    }

    fn count(&self) -> usize {
        self.bytes.len()
    }

    /// The parts to which references of `part` lead.
    fn below(&self, part: u32) -> &[u32] {
        &self.targets[self.first[part as usize] as usize..self.first[part as usize + 1] as usize]
    }

    /// Hands on what `sets` has at each of `from`, as `pass` lets it into the next part, until nothing
    /// more comes of it; not into what `stays`.
    fn spread(
        &self,
        from: Vec<u32>,
        sets: &mut [Groups],
        stays: &[bool],
        pass: impl Fn(Groups, u32) -> Groups,
        stage: &Stage,
    ) -> Result<(), Cancelled> {
        let mut is_queued = vec![false; self.count()];
        let mut queue = VecDeque::from(from);
        for &p in &queue {
            is_queued[p as usize] = true;
        }
        let mut steps = 0u64;
        while let Some(p) = queue.pop_front() {
            steps += 1;
            if steps.is_multiple_of(1 << 14) {
                stage.check()?;
            }
            is_queued[p as usize] = false;
            let groups = sets[p as usize];
            for &q in self.below(p).iter().filter(|&&q| !stays[q as usize]) {
                let set = &mut sets[q as usize];
                let joined = *set | pass(groups, q);
                if joined != *set {
                    *set = joined;
                    if !std::mem::replace(&mut is_queued[q as usize], true) {
                        queue.push_back(q);
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::removal::what_if::Cut;
    use crate::analysis::removal::what_if::tests::{random_heap, slowly};
    use crate::testing::Random;

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
}
