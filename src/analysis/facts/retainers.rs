//! Turns the edges round.

use super::essential::EssentialEdges;
use crate::graph::{EdgeKind, EdgeWord, HeapGraph, NodeIndex, NodeSet, RetainerEntry, Retainers, prefetch};
use crate::progress::{Cancelled, Stage};

/// How far ahead of the current edge the place of its entry is fetched; where that is, twice as far.
const EDGES_AHEAD: usize = 64;

/// How many edges point at each node, summed up: the first half of [`retainers`], which needs no
/// other facts. Entry `n` is where the retainers of node `n` end.
pub fn ends(graph: &HeapGraph, stage: &Stage) -> Result<Vec<u32>, Cancelled> {
    let mut ends = vec![0u32; graph.node_count() + 1];
    let targets = &graph.edges.targets;
    for (i, chunk) in targets.chunks(1 << 16).enumerate() {
        stage.reached((i << 16) as u64, targets.len() as u64)?;
        for word in chunk {
            ends[word.target().at()] += 1;
        }
    }
    let mut sum = 0;
    for end in &mut ends {
        sum += *end;
        *end = sum;
    }
    Ok(ends)
}

/// The incoming edges of every node, in reverse file order, by a counting sort: edges are handed
/// out in file order and each node's share is filled from its end.
///
/// `essential` may be the rule without its part about the page, if [`respect_page`] follows.
pub fn retainers(ends: Vec<u32>, essential: &EssentialEdges<'_>, stage: &Stage) -> Result<Retainers, Cancelled> {
    let graph = essential.graph();
    let mut first = ends;
    let mut entries = vec![0u32; graph.edge_count()];
    for source in graph.node_indices() {
        if source.0.is_multiple_of(1 << 14) {
            stage.reached(u64::from(source.0), graph.node_count() as u64)?;
        }
        let rule = essential.of(source);
        for edge in graph.edge_range(source) {
            let word = graph.edges.targets[edge];
            if let Some(soon) = graph.edges.targets.get(edge + 2 * EDGES_AHEAD) {
                prefetch(&first, soon.target().at());
            }
            if let Some(soon) = graph.edges.targets.get(edge + EDGES_AHEAD) {
                prefetch(&entries, first[soon.target().at()] as usize);
            }
            let slot = &mut first[word.target().at()];
            *slot -= 1;
            entries[*slot as usize] = entry(source, word, rule.contain(edge, word));
        }
    }
    Ok(Retainers { first, entries })
}

/// Adds to entries made without it what the rule of essential edges says about the page: edges
/// from what the page does not own, other than the root, to its objects are not essential.
pub fn respect_page(
    retainers: &mut Retainers,
    graph: &HeapGraph,
    page_objects: &NodeSet,
    stage: &Stage,
) -> Result<(), Cancelled> {
    let mut owned = Vec::new();
    let sources = page_objects.iter_missing(graph.node_count()).filter(|&n: &NodeIndex| n != graph.root);
    for (i, source) in sources.enumerate() {
        if i.is_multiple_of(1 << 12) {
            stage.check()?;
        }
        let targets = graph.edge_words(source).iter().map(|word| word.target());
        owned.extend(targets.filter(|&n| page_objects.contains(n)));
        // Each once: all edges to a target are marked together.
        owned.sort_unstable();
        owned.dedup();
        owned.drain(..).for_each(|target| retainers.mark_not_essential(source, target));
    }
    Ok(())
}

#[inline(always)]
fn entry(source: NodeIndex, word: EdgeWord, is_essential: bool) -> u32 {
    let mut entry = source.0;
    if !is_essential {
        entry |= RetainerEntry::NOT_ESSENTIAL;
    }
    if word.kind() == EdgeKind::Weak {
        entry |= RetainerEntry::WEAK;
    }
    entry
}
