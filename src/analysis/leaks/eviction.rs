//! Whether a collection that grew dropped its oldest members: what has a bound does, once it is
//! reached; what leaks does not.

use super::subject::{Subject, table};
use crate::analysis::Heap;
use crate::analysis::source::references::is_oddball;
use crate::graph::{EdgeKind, NodeId, NodeIndex};
use crate::text::TextBuf;
use rustc_hash::FxHashSet;
use std::hash::Hash;

/// The fewest members dropped that say something.
const FEWEST_DROPPED: usize = 8;

/// Of the members dropped, the share that must be among the oldest.
const OLDEST_SHARE: f64 = 0.9;

/// A last step of at least this share of the first is steady, whatever was dropped: a queue that
/// is worked off too slowly drops its oldest members too.
const STEADY_SHARE: f64 = 0.95;

/// How many members `subject`, whose growth slowed down, dropped from its old end between the last
/// two snapshots. `None` where it did not, and where ids do not say, as between processes.
pub fn dropped_oldest(subject: &Subject, heaps: &[&Heap]) -> Option<usize> {
    let step = |i: usize| subject.counts[i].saturating_sub(subject.counts[i - 1]) as f64;
    let last = subject.counts.len() - 1;
    if last < 2 || step(last) >= step(1) * STEADY_SHARE {
        return None;
    }
    turnover(subject, heaps)?.oldest_gone()
}

/// What became of the members that a collection had in the last snapshot but one.
pub struct Turnover {
    /// How many it had.
    pub earlier: usize,
    /// Which of them, in their order, it has no more.
    pub gone: Vec<usize>,
    /// Whether their keys were looked at, because ids say nothing.
    pub by_keys: bool,
}

impl Turnover {
    /// How many members went, if they are the oldest.
    pub fn oldest_gone(&self) -> Option<usize> {
        let Self { earlier, gone, .. } = self;
        // Where hardly any is left, it is another process or everything was replaced.
        if gone.len() < FEWEST_DROPPED || gone.len() * 10 > earlier * 9 {
            return None;
        }
        let oldest = gone.iter().filter(|&&i| i < gone.len()).count();
        (oldest as f64 >= gone.len() as f64 * OLDEST_SHARE).then_some(gone.len())
    }
}

/// What became of the earlier members of `subject`, where it is one object in each of the last two
/// snapshots: by their ids, or between processes, in which ids mean nothing, by their keys.
pub fn turnover(subject: &Subject, heaps: &[&Heap]) -> Option<Turnover> {
    let [.., before, after] = heaps else { return None };
    let [.., old, new] = subject.objects.as_slice() else { return None };
    let ([old], [new]) = (old.as_slice(), new.as_slice()) else { return None };
    let are_ids_alike = before.id(*old) == after.id(*new);
    let by_ids = are_ids_alike.then(|| missing(&members(before, *old), members(after, *new)));
    if by_ids.as_ref().is_some_and(|t| t.gone.len() < t.earlier) {
        return by_ids;
    }
    // No key is left either where another load has other keys.
    let by_keys = Turnover { by_keys: true, ..missing(&keys(before, *old), keys(after, *new)) };
    if by_keys.gone.len() < by_keys.earlier { Some(by_keys) } else { by_ids }
}

/// Which of `earlier` are not among `later`.
fn missing<T: Eq + Hash>(earlier: &[T], later: Vec<T>) -> Turnover {
    let present: FxHashSet<T> = later.into_iter().collect();
    let gone = (0..earlier.len()).filter(|&i| !present.contains(&earlier[i])).collect();
    Turnover { earlier: earlier.len(), gone, by_keys: false }
}

/// The objects that `n` holds as elements or entries, or as properties if it has neither, one for
/// each, in its order: that of insertion.
fn members(heap: &Heap, n: NodeIndex) -> Vec<NodeId> {
    let graph = &heap.graph;
    let slots: Vec<NodeIndex> = match table(heap, n) {
        Some(table) => {
            let slots = slots(heap, table);
            // An entry is known by what comes first in it: its key, or its value if the key is a number.
            let begins = |&i: &usize| i == 0 || slots[i].0 != slots[i - 1].0 + 1;
            (0..slots.len()).filter(begins).map(|i| slots[i].1).collect()
        }
        None => {
            let of_kind = |kind| graph.edges(n).filter(move |e| e.kind == kind);
            let mut elements: Vec<_> = of_kind(EdgeKind::Element).map(|e| (e.name_or_index, e.target)).collect();
            elements.sort_unstable();
            if elements.is_empty() {
                of_kind(EdgeKind::Property).map(|e| e.target).collect()
            } else {
                elements.into_iter().map(|(_, target)| target).collect()
            }
        }
    };
    let mut seen = FxHashSet::default();
    slots.into_iter().filter(|&target| seen.insert(target)).map(|target| heap.id(target)).collect()
}

/// The slots of a table that have something, in their order, and what.
fn slots(heap: &Heap, table: NodeIndex) -> Vec<(u64, NodeIndex)> {
    let graph = &heap.graph;
    let mut slots: Vec<(u64, NodeIndex)> = graph
        .edges(table)
        .filter(|e| e.kind == EdgeKind::Internal && !is_oddball(graph, e.target))
        .filter_map(|e| Some((graph.edge_string(&e)?.lossy().parse().ok()?, e.target)))
        .collect();
    slots.sort_unstable();
    slots
}

/// The texts by which `n` holds its members, in its order: strings among the entries of a Map or Set,
/// else names of properties.
fn keys(heap: &Heap, n: NodeIndex) -> Vec<TextBuf> {
    let graph = &heap.graph;
    let texts: Vec<TextBuf> = match table(heap, n) {
        Some(table) => slots(heap, table)
            .into_iter()
            .map(|(_, m)| m)
            .filter(|&m| graph.kind(m).is_any_string())
            .filter_map(|m| Some(heap.string_value(m)?.into_owned()))
            .collect(),
        None if graph.edges(n).any(|e| e.kind == EdgeKind::Element) => Vec::new(),
        None => {
            let properties = graph.edges(n).filter(|e| e.kind == EdgeKind::Property);
            properties.filter_map(|e| Some(graph.edge_string(&e)?.to_owned())).collect()
        }
    };
    let mut seen = FxHashSet::default();
    texts.into_iter().filter(|text| text.as_text() != "__proto__" && seen.insert(text.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::super::find_leaks;
    use super::super::test_program::Program;
    use super::*;
    use crate::progress::Stage;

    /// A Map `cache` with these entries, whose keys are numbered, in a process that made others before.
    fn process(before: usize, entries: std::ops::Range<usize>) -> Heap {
        let mut p = Program::new();
        for _ in 0..before {
            p.b.node("hidden", "system / Oddball", 0);
        }
        let map = p.variable("cache", "Map");
        let table = p.b.node("array", "(internal array)[]", 16);
        p.b.edge(map, "internal", "table", table);
        for (slot, i) in entries.enumerate() {
            let key = p.b.node("string", &format!("page {i}"), 24);
            let value = p.b.node("object", "Page", 500);
            p.b.edge(table, "internal", &(slot * 3 + 5).to_string(), key);
            p.b.edge(table, "internal", &(slot * 3 + 6).to_string(), value);
        }
        p.b.heap()
    }

    fn owners_and_noise(heaps: &[Heap]) -> (Vec<String>, Vec<String>) {
        let findings = find_leaks(&heaps.iter().collect::<Vec<_>>(), &Stage::unwatched()).unwrap();
        let owners = findings.findings.iter().map(|f| f.owner.clone()).collect();
        (owners, findings.noise.into_iter().filter_map(|f| f.noise_reason).collect())
    }

    #[test]
    fn between_processes_keys_tell_a_leak_that_slows_down_from_a_cache_that_reached_its_bound() {
        let leaking = [process(0, 0..3), process(10, 0..903), process(20, 0..1307)];
        assert_eq!(owners_and_noise(&leaking).0, ["cache"]);
        let bounded = [process(0, 0..3), process(10, 0..903), process(20, 600..1907)];
        let (owners, noise) = owners_and_noise(&bounded);
        assert!(owners.is_empty(), "{owners:?}");
        assert!(noise.iter().any(|reason| reason.contains("grew less and less")), "{noise:?}");
        // Another load, about which nothing can be said.
        let other = [process(0, 0..3), process(10, 0..903), process(20, 5000..6307)];
        assert!(owners_and_noise(&other).0.is_empty());
    }

    #[test]
    fn of_two_snapshots_it_is_said_that_those_that_went_are_the_oldest() {
        let says_so = |later: std::ops::Range<usize>| {
            let heaps = [process(0, 0..900), process(10, later)];
            let findings = find_leaks(&heaps.iter().collect::<Vec<_>>(), &Stage::unwatched()).unwrap();
            assert_eq!(findings.findings.len(), 1);
            findings.findings[0].why.iter().any(|sentence| sentence.contains("Those that are gone were its oldest"))
        };
        assert!(says_so(400..1500));
        assert!(!says_so(0..1500));
    }
}
