//! Immediate dominators by Semi-NCA (L. Georgiadis, *Linear-Time Algorithms for Dominators and
//! Related Problems*, 2005): semidominators as Lengauer and Tarjan find them, then for each node
//! the nearest ancestor in the tree so far that is not below its semidominator.

use super::depth_first::Numbering;
use crate::graph::{NodeSet, RetainerEntry, Retainers, prefetch};
use crate::progress::{Cancelled, Stage};
use std::ops::Range;

/// The second half may take this many steps a node before it is given up. Real heaps take
/// less than one.
const MAX_STEPS_PER_NODE: u64 = 16;

/// Puts the immediate dominator of each number in place of its parent; `false` if finding them
/// takes too long this way, and everything is as it was.
pub(super) fn immediate_dominators(
    numbering: &mut Numbering,
    retainers: &Retainers,
    stage: &Stage,
) -> Result<bool, Cancelled> {
    let mut joins = joins(numbering, retainers, stage)?;
    let dominators = &mut numbering.parent;
    let mut steps_left = MAX_STEPS_PER_NODE * dominators.len() as u64;
    for done in (0..joins.len()).rev() {
        let Join { at, semidominator } = joins[done];
        let parent = dominators[at as usize];
        let mut dominator = parent;
        while dominator > semidominator {
            dominator = dominators[dominator as usize];
            steps_left -= 1;
            if steps_left == 0 {
                for Join { at, semidominator: parent } in &joins[done + 1..] {
                    dominators[*at as usize] = *parent;
                }
                return Ok(false);
            }
        }
        dominators[at as usize] = dominator;
        // Not needed any more; the parent may be.
        joins[done].semidominator = parent;
    }
    Ok(true)
}

/// A number to which more than one way leads.
#[derive(Clone, Copy)]
struct Join {
    at: u32,
    /// The least number with a path to it that, but for its ends, uses greater numbers only.
    semidominator: u32,
}

/// All numbers, descending, whose semidominator is not simply the parent: a quarter at most in
/// real heaps.
fn joins(numbering: &Numbering, retainers: &Retainers, stage: &Stage) -> Result<Vec<Join>, Cancelled> {
    let Numbering { vertex, parent, .. } = numbering;
    let mut joins = with_several_ways(numbering, retainers, stage)?;
    let mut search = Search {
        numbering,
        forest: Forest::new(parent),
        least_parents: parent.chunks(BLOCK).map(|block| block.iter().copied().min().unwrap_or(u32::MAX)).collect(),
        least_of_joins: Vec::new(),
    };
    for done in 0..joins.len() {
        let w = joins[done].at;
        if done.is_multiple_of(1 << 12) {
            stage.reached(vertex.len() as u64 - u64::from(w), vertex.len() as u64)?;
        }
        fetch_ahead(&joins, done, numbering, retainers, &search.forest);
        let sources = retainers.words(vertex[w as usize]);
        let semidominator = match sources.len() {
            ..FEW_SOURCES => search.least_from_few(sources, joins[done]),
            _ => search.least_from_many(sources, &joins, done),
        };
        joins[done].semidominator = semidominator;
        if done % BLOCK == BLOCK - 1 {
            search.least_of_joins.extend(joins[done + 1 - BLOCK..=done].iter().map(|join| join.semidominator).min());
        }
        search.forest.set_label(w, semidominator);
    }
    joins.retain(|join| join.semidominator != parent[join.at as usize]);
    Ok(joins)
}

/// All numbers, descending, that more than one edge leads to, with their parents. With one way in
/// it is the one the search took, and the parent is the semidominator.
fn with_several_ways(numbering: &Numbering, retainers: &Retainers, stage: &Stage) -> Result<Vec<Join>, Cancelled> {
    let Numbering { vertex, parent, .. } = numbering;
    let several = NodeSet::from_fn(retainers.first.len() - 1, |n| retainers.count(n) > 1);
    let mut joins = Vec::with_capacity(several.len());
    for w in (1..vertex.len()).rev() {
        if w.is_multiple_of(1 << 16) {
            stage.check()?;
        }
        if several.contains(vertex[w]) {
            joins.push(Join { at: w as u32, semidominator: parent[w] });
        }
    }
    Ok(joins)
}

/// Starts to fetch what the joins a little after that at position `done` will be asked for, in
/// four steps, each finding at hand what the one before has fetched.
#[inline(always)]
fn fetch_ahead(joins: &[Join], done: usize, numbering: &Numbering, retainers: &Retainers, forest: &Forest) {
    let Numbering { number, vertex, .. } = numbering;
    // After that are too few to be worth it.
    if done + FIRST_AHEAD >= joins.len() {
        return;
    }
    let node_of = |ahead: usize| vertex[joins[done + ahead].at as usize];
    prefetch(&retainers.first, node_of(FIRST_AHEAD).at());
    prefetch(retainers.words(node_of(ENTRIES_AHEAD)), 0);
    for &r in retainers.words(node_of(NUMBERS_AHEAD)).iter().take(SOURCES_AHEAD) {
        prefetch(number, RetainerEntry(r).source().at());
    }
    for &r in retainers.words(node_of(LINKS_AHEAD)).iter().take(SOURCES_AHEAD) {
        let v = number[RetainerEntry(r).source().at()];
        prefetch(&forest.links, v.saturating_sub(1) as usize);
    }
}

/// How far ahead of the current join the place of its retainers is fetched, the retainers, their
/// numbers, and their places in the forest.
const FIRST_AHEAD: usize = 32;
const ENTRIES_AHEAD: usize = 24;
const NUMBERS_AHEAD: usize = 16;
const LINKS_AHEAD: usize = 8;

/// How far ahead of the current retainer its place in the forest is fetched, and its number twice
/// as far.
const SOURCES_AHEAD: usize = 8;

/// From how many retainers on it is worth finding out which of them need not be asked.
const FEW_SOURCES: usize = if cfg!(test) { 4 } else { 1 << 10 };

struct Search<'a> {
    numbering: &'a Numbering,
    forest: Forest,
    /// The least parent of each block of numbers.
    least_parents: Vec<u32>,
    /// The least semidominator of each block of joins done.
    least_of_joins: Vec<u32>,
}

/// The least of this many values is kept, so that looking for a small one takes little.
const BLOCK: usize = if cfg!(test) { 4 } else { 1 << 10 };

impl Search<'_> {
    /// The semidominator of a join that `sources` lead to.
    #[inline(always)]
    fn least_from_few(&mut self, sources: &[u32], join: Join) -> u32 {
        let mut least = join.semidominator;
        for (i, &source) in sources.iter().enumerate() {
            self.fetch_source(sources, i);
            if let Some(v) = self.way_from(source) {
                least = least.min(self.forest.least_label(v, join.at));
                if least == 0 {
                    break;
                }
            }
        }
        least
    }

    /// The same where there are many: half of all edges lead to some hundred nodes, the hidden
    /// classes. The first few retainers mostly find what all the others would, and that these
    /// cannot find less often follows from where they stand.
    #[inline(never)]
    fn least_from_many(&mut self, sources: &[u32], joins: &[Join], done: usize) -> u32 {
        let Join { at: w, semidominator: mut least } = joins[done];
        let Numbering { page, page_end, .. } = self.numbering;
        let mut closed = 0..0;
        let mut next_look = FEW_SOURCES / 2;
        for (i, &source) in sources.iter().enumerate() {
            if i == next_look {
                // Looking takes a while: seldom enough to be nothing beside the asking.
                next_look *= 2;
                if closed.is_empty() {
                    closed = self.closed_below(least, joins, done);
                }
            }
            if closed.is_empty() {
                self.fetch_source(sources, i);
            } else if closed.end >= *page_end && closed.start <= 1 && page.contains(RetainerEntry(source).source()) {
                // The set is at hand, the number is not.
                continue;
            }
            let Some(v) = self.way_from(source).filter(|v| !closed.contains(v)) else { continue };
            let label = self.forest.least_label(v, w);
            if label < least {
                (least, closed) = (label, 0..0);
                if least == 0 {
                    break;
                }
            }
        }
        least
    }

    /// The numbers of the search tree below `top`, which is above the join at `done`, if none of
    /// them can lead the join to less than `top`: those less than the join are greater than `top`
    /// themselves, and the semidominators of the greater ones are known.
    fn closed_below(&self, top: u32, joins: &[Join], done: usize) -> Range<u32> {
        let end = self.next_parent_above(top, joins[done].at as usize + 1) as u32;
        // What is no join has its parent, which is at `top` or below.
        let from = joins[..done].partition_point(|join| join.at >= end);
        let is_above = |join: &Join| join.semidominator < top;
        let blocks = from.div_ceil(BLOCK)..done / BLOCK;
        let is_open = if blocks.is_empty() {
            joins[from..done].iter().any(is_above)
        } else {
            joins[from..blocks.start * BLOCK].iter().any(is_above)
                || self.least_of_joins[blocks.clone()].iter().any(|&least| least < top)
                || joins[blocks.end * BLOCK..done].iter().any(is_above)
        };
        if is_open { 0..0 } else { top..end }
    }

    /// The first number from `from` on whose parent is less than `top`.
    fn next_parent_above(&self, top: u32, from: usize) -> usize {
        let find = |numbers: Range<usize>| {
            let found = self.numbering.parent[numbers.clone()].iter().position(|&parent| parent < top);
            found.map(|i| numbers.start + i)
        };
        let count = self.numbering.parent.len();
        let block = from.div_ceil(BLOCK);
        find(from..count.min(block * BLOCK)).unwrap_or_else(|| {
            let block = self.least_parents.iter().skip(block).position(|&least| least < top).map(|i| block + i);
            block.and_then(|block| find(block * BLOCK..count)).unwrap_or(count)
        })
    }

    /// The number of `source`, if it is a way in: one that was not reached, of number 0, is none.
    #[inline(always)]
    fn way_from(&self, source: u32) -> Option<u32> {
        let source = RetainerEntry(source);
        let v = self.numbering.number[source.source().at()];
        (source.is_essential() && v != 0).then(|| v - 1)
    }

    #[inline(always)]
    fn fetch_source(&self, sources: &[u32], i: usize) {
        if let Some(&later) = sources.get(i + 2 * SOURCES_AHEAD) {
            prefetch(&self.numbering.number, RetainerEntry(later).source().at());
        }
        if let Some(&soon) = sources.get(i + SOURCES_AHEAD) {
            let v = self.numbering.number[RetainerEntry(soon).source().at()];
            prefetch(&self.forest.links, v.saturating_sub(1) as usize);
        }
    }
}

/// The search tree's edges linked so far, from the greatest number down, with paths shortened
/// as they are walked.
struct Forest {
    links: Vec<Link>,
    path: Vec<u32>,
}

/// Both halves of a step up the forest stand together: one line of the cache a step.
#[derive(Clone, Copy)]
struct Link {
    /// Somewhere above; all in between have been looked at.
    ancestor: u32,
    /// The least semidominator from here to below `ancestor`.
    label: u32,
}

impl Forest {
    fn new(parent: &[u32]) -> Self {
        let links = parent.iter().map(|&parent| Link { ancestor: parent, label: parent }).collect();
        Self { links, path: Vec::new() }
    }

    /// Links `w` to its parent.
    #[inline(always)]
    fn set_label(&mut self, w: u32, label: u32) {
        self.links[w as usize].label = label;
    }

    /// The least semidominator among `v` and those above it that are greater than `w`, which are
    /// those linked; `v` itself if it is less.
    #[inline(always)]
    fn least_label(&mut self, v: u32, w: u32) -> u32 {
        if v <= w {
            return v;
        }
        let link = self.links[v as usize];
        if link.ancestor <= w { link.label } else { self.shorten(v, w) }
    }

    fn shorten(&mut self, v: u32, w: u32) -> u32 {
        let mut v = v;
        let mut link = self.links[v as usize];
        while link.ancestor > w {
            self.path.push(v);
            v = link.ancestor;
            link = self.links[v as usize];
        }
        while let Some(v) = self.path.pop() {
            link.label = link.label.min(self.links[v as usize].label);
            self.links[v as usize] = link;
        }
        link.label
    }
}
