//! Immediate dominators by Semi-NCA (L. Georgiadis, *Linear-Time Algorithms for Dominators and
//! Related Problems*, 2005): semidominators as Lengauer and Tarjan find them, then for each node
//! the nearest ancestor in the tree so far that is not below its semidominator.

use super::depth_first::Numbering;
use crate::graph::{RetainerEntry, Retainers, prefetch};
use crate::progress::{Cancelled, Stage};

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
    let Numbering { number, vertex, parent } = numbering;
    let mut joins = Vec::new();
    let mut forest = Forest::new(parent);
    for w in (1..vertex.len()).rev() {
        if w.is_multiple_of(1 << 14) {
            stage.reached((vertex.len() - w) as u64, vertex.len() as u64)?;
        }
        fetch_ahead(w, numbering, retainers, &forest);
        let sources = retainers.words(vertex[w]);
        let mut semidominator = parent[w];
        // With one way in it is the one the search took.
        if sources.len() > 1 {
            semidominator = least_from(sources, number, &mut forest, w as u32, semidominator);
            if semidominator != parent[w] {
                joins.push(Join { at: w as u32, semidominator });
            }
        }
        forest.set_label(w as u32, semidominator);
    }
    Ok(joins)
}

/// Starts to fetch what those numbered a little below `w` will be asked for, in four steps, each
/// of which finds at hand what the one before has fetched.
#[inline(always)]
fn fetch_ahead(w: usize, numbering: &Numbering, retainers: &Retainers, forest: &Forest) {
    let Numbering { number, vertex, .. } = numbering;
    // Below that are too few to be worth it.
    if w <= FIRST_AHEAD {
        return;
    }
    prefetch(&retainers.first, vertex[w - FIRST_AHEAD].at());
    let words = retainers.words(vertex[w - ENTRIES_AHEAD]);
    if words.len() > 1 {
        prefetch(words, 0);
    }
    let words = retainers.words(vertex[w - NUMBERS_AHEAD]);
    if words.len() > 1 {
        words.iter().take(SOURCES_AHEAD).for_each(|&r| prefetch(number, RetainerEntry(r).source().at()));
    }
    let words = retainers.words(vertex[w - LINKS_AHEAD]);
    if words.len() > 1 {
        for &r in words.iter().take(SOURCES_AHEAD) {
            let v = number[RetainerEntry(r).source().at()];
            prefetch(&forest.links, v.saturating_sub(1) as usize);
        }
    }
}

/// How far ahead of the current number the place of its retainers is fetched, the retainers, their
/// numbers, and their places in the forest.
const FIRST_AHEAD: usize = 32;
const ENTRIES_AHEAD: usize = 24;
const NUMBERS_AHEAD: usize = 16;
const LINKS_AHEAD: usize = 8;

/// How far ahead of the current retainer its place in the forest is fetched, and its number twice
/// as far: some nodes have millions of retainers.
const SOURCES_AHEAD: usize = 8;

/// The least label that any of `sources` finds, or `least`.
#[inline(always)]
fn least_from(sources: &[u32], number: &[u32], forest: &mut Forest, w: u32, mut least: u32) -> u32 {
    for (i, &source) in sources.iter().enumerate() {
        if let Some(&later) = sources.get(i + 2 * SOURCES_AHEAD) {
            prefetch(number, RetainerEntry(later).source().at());
        }
        if let Some(&soon) = sources.get(i + SOURCES_AHEAD) {
            let v = number[RetainerEntry(soon).source().at()];
            prefetch(&forest.links, v.saturating_sub(1) as usize);
        }
        let source = RetainerEntry(source);
        let v = number[source.source().at()];
        // A source that was not reached, of number 0, is no way in.
        if source.is_essential() && v != 0 {
            least = least.min(forest.least_label(v - 1, w));
            if least == 0 {
                break;
            }
        }
    }
    least
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
        let links = parent.iter().map(|&ancestor| Link { ancestor, label: 0 }).collect();
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
