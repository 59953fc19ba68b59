//! All concatenated strings with their halves: for questions that are about every one of them.
//!
//! Going through the edges of a string for its halves, and then through those of its halves, takes
//! most of the time that such questions take. Here the halves are found once, and what is asked of
//! the text of a string follows from what is known of theirs.

use super::flat::is_flat;
use super::rope_hashes::{RopeHash, StringHashes};
use crate::analysis::Heap;
use crate::analysis::naming::names::{self, DETACHED_PREFIX, ENOUGH_UNITS};
use crate::graph::{EdgeKind, NodeFlags, NodeIndex, NodeKind, NodeSet, RankedSet, StringIndex};
use crate::progress::{Cancelled, Stage};
use crate::text::{Text, TextBuf};
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// The concatenated strings of a heap.
pub(in crate::analysis) struct Ropes<'a> {
    heap: &'a Heap,
    /// All of them in node order.
    pub(in crate::analysis) nodes: Vec<NodeIndex>,
    ranks: RankedSet<NodeIndex>,
    /// The halves of each; node 0 for a missing one.
    halves: Vec<(NodeIndex, NodeIndex)>,
    /// Those that have not just one edge to each half, in node order.
    odd: Vec<NodeIndex>,
}

impl<'a> Ropes<'a> {
    pub(in crate::analysis) fn find(heap: &'a Heap, stage: &Stage) -> Result<Self, Cancelled> {
        let graph = &heap.graph;
        let nodes = graph.select(|n| graph.kind(n) == NodeKind::CONS_STRING, stage)?;
        let ranks = RankedSet::new(NodeSet::of(graph.node_count(), nodes.iter().copied()));
        let chunks = nodes.par_chunks(1 << 12).map(|nodes| {
            stage.check()?;
            let (mut halves, mut odd) = (Vec::with_capacity(nodes.len()), Vec::new());
            for (at, &n) in nodes.iter().enumerate() {
                graph.prefetch_ahead(nodes, at);
                if let Some(&n) = nodes.get(at + 8) {
                    graph.edges.names.prefetch(graph.nodes.first_edge[n.at()] as usize);
                }
                let (of_it, is_odd) = halves_of(heap, n);
                halves.push(of_it);
                odd.extend(is_odd.then_some(n));
            }
            Ok((halves, odd))
        });
        let chunks: Vec<(Vec<_>, Vec<_>)> = chunks.collect::<Result<_, Cancelled>>()?;
        let (halves, odd): (Vec<_>, Vec<_>) = chunks.into_iter().unzip();
        Ok(Self { heap, nodes, ranks, halves: halves.concat(), odd: odd.concat() })
    }

    /// The text of `n`, one of these strings, as far as it is shown.
    pub(in crate::analysis) fn text(&self, n: NodeIndex) -> TextBuf {
        let mut text = TextBuf::default();
        self.walk(n, |piece| {
            text.push(piece);
            piece.utf16_len()
        });
        text
    }

    /// Adds the bytes of what `n` is put together of to `bytes`: those of [`Ropes::text`], but that
    /// halves of a surrogate pair stay apart, and that there may be fewer from [`ENOUGH_UNITS`] on.
    pub(in crate::analysis) fn add_bytes(&self, n: NodeIndex, bytes: &mut Vec<u8>) {
        self.walk(n, |piece| {
            bytes.extend_from_slice(piece.as_bytes());
            piece.as_bytes().len()
        });
    }

    /// Whether [`Ropes::text`] of `n` is `text`, of fewer bytes than [`ENOUGH_UNITS`]; told without
    /// putting it together.
    pub(in crate::analysis) fn has_text(&self, n: NodeIndex, text: Text<'_>) -> bool {
        debug_assert!(text.as_bytes().len() < ENOUGH_UNITS);
        let mut rest = Some(text.as_bytes());
        self.walk(n, |piece| {
            let piece = piece.as_bytes();
            rest = rest.and_then(|rest| rest.strip_prefix(piece));
            if rest.is_some() { piece.len() } else { ENOUGH_UNITS }
        });
        rest == Some(&[])
    }

    /// Goes through the texts that `n` is put together of, until they have enough units.
    fn walk(&self, n: NodeIndex, mut units_of: impl FnMut(Text<'_>) -> usize) {
        let graph = &self.heap.graph;
        let halves = |part| self.ranks.rank(part).map_or_else(Default::default, |rank| self.halves[rank]);
        names::walk_rope(graph, n, ENOUGH_UNITS, halves, |leaf| match graph.kind(leaf) {
            // Only others are renamed.
            NodeKind::STRING => units_of(graph.raw_name(leaf)),
            _ => units_of(self.heap.raw_name(leaf).as_text()),
        });
    }

    /// Measures all of them by the hashes of all strings in the table.
    pub(in crate::analysis) fn measure(
        &self,
        of_string: &StringHashes,
        stage: &Stage,
    ) -> Result<Vec<Measure>, Cancelled> {
        let mut measures = vec![Measure::default(); self.nodes.len()];
        // Few shares: parts that are in others are measured again.
        let share = measures.len().div_ceil(rayon::current_num_threads()).max(1);
        measures.par_chunks_mut(share).enumerate().try_for_each(|(i, measures)| {
            let first = i * share;
            let (of_others, stack) = Default::default();
            let mut measuring = Measuring { ropes: self, of_string, first, measures, of_others, stack };
            for rank in first..first + measuring.measures.len() {
                if rank.is_multiple_of(1 << 12) {
                    stage.check()?;
                }
                measuring.measure(rank);
            }
            Ok(())
        })?;
        Ok(measures)
    }
}

/// The halves of `n`, and whether it is odd.
fn halves_of(heap: &Heap, n: NodeIndex) -> ((NodeIndex, NodeIndex), bool) {
    let (graph, known) = (&heap.graph, &heap.facts.known_strings);
    let (mut first, mut second) = (NodeIndex(0), NodeIndex(0));
    let mut count = 0;
    for edge in graph.edge_range(n) {
        let word = graph.edges.targets[edge];
        if word.kind() != EdgeKind::Internal {
            continue;
        }
        let name = StringIndex(graph.edges.names.get(edge));
        let half = if known.first.contain(name) {
            &mut first
        } else if known.second.contain(name) {
            &mut second
        } else {
            continue;
        };
        count += 1;
        *half = word.target();
    }
    let is_odd = count != 2 || first.0 == 0 || second.0 == 0;
    (if is_odd { names::halves(graph, n) } else { (first, second) }, is_odd)
}

/// What is known of the text of a string.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::analysis) struct Measure {
    /// The hash of the text, as far as it is shown.
    pub(in crate::analysis) hash: RopeHash,
    /// How many strings it is put together of, itself counted, those that stand in it twice twice.
    parts: u32,
    /// Its bytes, or [`ENOUGH_UNITS`] if they are not fewer.
    bytes: u16,
    state: State,
    /// Whether a part of it is one of [`StringHashes::cut`].
    has_cut: bool,
    /// Whether it is a wrapper only, see [`is_flat`].
    pub(in crate::analysis) is_flat: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Unknown,
    /// Its halves are being measured.
    Begun,
    /// It runs into itself, or has too many parts to visit all of them: where its text
    /// ends only a walk can tell.
    Endless,
    Known,
}

/// A share of the strings, being measured.
struct Measuring<'a> {
    ropes: &'a Ropes<'a>,
    of_string: &'a StringHashes,
    /// The rank of the first of them.
    first: usize,
    measures: &'a mut [Measure],
    /// What is known of the nodes outside the share.
    of_others: FxHashMap<usize, Measure>,
    stack: Vec<usize>,
}

impl Measuring<'_> {
    fn known(&self, rank: usize) -> Measure {
        let known = self.measures.get(rank.wrapping_sub(self.first)).or_else(|| self.of_others.get(&rank));
        known.copied().unwrap_or_default()
    }

    fn set(&mut self, rank: usize, measure: Measure) {
        match self.measures.get_mut(rank.wrapping_sub(self.first)) {
            Some(known) => *known = measure,
            None => {
                self.of_others.insert(rank, measure);
            }
        }
    }

    /// Measures a string, and before it those of its parts that were not measured so far.
    fn measure(&mut self, rank: usize) {
        self.stack.push(rank);
        while let Some(&rank) = self.stack.last() {
            let (first, second) = self.ropes.halves[rank];
            match self.known(rank).state {
                State::Unknown => {
                    let unknown = [first, second].map(|half| self.unknown(half));
                    if unknown != [None; 2] {
                        self.set(rank, Measure { state: State::Begun, ..Measure::default() });
                        self.stack.extend(unknown.into_iter().flatten());
                        continue;
                    }
                }
                // A half that was begun and not ended now is one that this one is a part of.
                State::Begun => {}
                State::Endless | State::Known => {
                    self.stack.pop();
                    continue;
                }
            }
            let measure = self.put_together(rank, self.of_half(first), self.of_half(second));
            self.set(rank, measure);
            self.stack.pop();
        }
    }

    /// The rank of `half` if it is concatenated, too, and nothing is known of it yet.
    fn unknown(&self, half: NodeIndex) -> Option<usize> {
        let rank = (self.ropes.heap.kind(half) == NodeKind::CONS_STRING).then(|| self.ropes.ranks.rank(half))??;
        (self.known(rank).state == State::Unknown).then_some(rank)
    }

    fn of_half(&self, half: NodeIndex) -> Measure {
        let heap = self.ropes.heap;
        let kind = heap.kind(half);
        if kind == NodeKind::CONS_STRING {
            return self.ropes.ranks.rank(half).map_or_else(Measure::default, |rank| self.known(rank));
        }
        let name = heap.graph.name_index(half);
        let mut hash = self.of_string.all[name.at()];
        let has_cut = !self.of_string.cut.is_empty() && self.of_string.cut.binary_search(&name).is_ok();
        let mut bytes = heap.graph.strings.get(name).as_bytes().len();
        // Only others are renamed.
        if kind != NodeKind::STRING && heap.flags(half).has(NodeFlags::RENAMED) {
            hash = RopeHash::of(Text::from(DETACHED_PREFIX)).followed_by(hash, bytes);
            bytes += DETACHED_PREFIX.len();
        }
        let bytes = bytes.min(ENOUGH_UNITS) as u16;
        Measure { hash, parts: 1, bytes, state: State::Known, has_cut, is_flat: false }
    }

    fn put_together(&self, rank: usize, first: Measure, second: Measure) -> Measure {
        let (heap, n) = (self.ropes.heap, self.ropes.nodes[rank]);
        let parts = first.parts.saturating_add(second.parts).saturating_add(1);
        let bytes = (first.bytes + second.bytes).min(ENOUGH_UNITS as u16);
        let are_known = [first, second].iter().all(|half| half.state == State::Known);
        let is_known = are_known && parts as usize <= names::most_parts(heap.graph.node_count());
        let has_cut = first.has_cut || second.has_cut;
        // A text has no more units than bytes: where these do not suffice, those do not.
        let hash = if is_known && !has_cut && usize::from(bytes) < ENOUGH_UNITS {
            first.hash.followed_by(second.hash, second.bytes.into())
        } else {
            RopeHash::of(self.ropes.text(n).as_text())
        };
        let is_flat = if is_known && self.ropes.odd.binary_search(&n).is_err() {
            first.bytes == 0 || second.bytes == 0
        } else {
            is_flat(heap, n)
        };
        let state = if is_known { State::Known } else { State::Endless };
        Measure { hash, parts, bytes, state, has_cut, is_flat }
    }
}

#[cfg(test)]
pub(in crate::analysis) mod tests {
    use super::*;
    use crate::graph::{HeapGraph, Strings};
    use crate::progress::Progress;
    use crate::testing::{Random, SnapshotBuilder};

    /// Puts every string into the table once more and lets half of the edges take their names from there.
    /// Texts `h` and `l` become the halves of a surrogate pair.
    fn with_names_twice(mut graph: HeapGraph, random: &mut Random) -> HeapGraph {
        let text_of = |text: Text<'_>| match text.as_bytes() {
            b"h" => TextBuf(vec![0xED, 0xA0, 0xBD]),
            b"l" => TextBuf(vec![0xED, 0xB8, 0x80]),
            _ => text.to_owned(),
        };
        let texts: Vec<_> = graph.strings.iter().map(|(_, text)| text_of(text)).collect();
        let (mut bytes, mut starts) = (Vec::new(), vec![0]);
        for text in texts.iter().chain(&texts) {
            bytes.extend_from_slice(text.as_text().as_bytes());
            starts.push(bytes.len() as u64);
        }
        graph.strings = Strings::from_parts(bytes, starts);
        for (edge, word) in graph.edges.targets.iter().enumerate() {
            if !word.kind().is_numbered() && random.below(2) == 0 {
                graph.edges.names.change(edge, |name| *name += texts.len() as u32);
            }
        }
        graph
    }

    /// Strings put together at random: of any, of themselves, of what is not a string, with halves
    /// missing, in the other order or there twice.
    pub(in crate::analysis) fn random_ropes(random: &mut Random) -> Heap {
        let mut b = SnapshotBuilder::new();
        b.node("synthetic", ["", "root"][random.below(2) as usize], 0);
        let count = 3 + random.below(40);
        for _ in 1..count {
            let text = ["", "a", "b", "ab", "Ä", "😀", "h", "l"][random.below(8) as usize];
            let times = if random.below(9) == 0 { 600 } else { 1 };
            match random.below(9) {
                0..4 => b.node("string", &text.repeat(times), 16),
                4 => {
                    let renamed = b.node("native", text, 16);
                    b.set_detachedness(renamed, 2);
                    renamed
                }
                _ => b.node("concatenated string", "", 16),
            };
        }
        let may_run_into_itself = random.below(2) == 0;
        let ropes: Vec<u32> = (1..count).collect();
        for n in ropes {
            let mut halves = vec!["first", "second"];
            match random.below(12) {
                0..4 => halves.reverse(),
                4 => drop(halves.pop()),
                5 => halves.push(["first", "second"][random.below(2) as usize]),
                _ => {}
            }
            for half in halves {
                let of = random.below(if may_run_into_itself { count } else { n });
                b.edge(n as usize, ["property", "internal"][usize::from(random.below(20) > 0)], half, of as usize);
                b.edge(n as usize, "element", "1", 0);
            }
        }
        Heap::analyze(with_names_twice(b.graph(), random), &Progress::new()).unwrap()
    }

    #[test]
    fn what_is_known_of_strings_is_what_their_edges_say() {
        let mut random = Random(17);
        for _ in 0..400 {
            let heap = random_ropes(&mut random);
            let stage = Stage::unwatched();
            let ropes = Ropes::find(&heap, &stage).unwrap();
            let hashes = super::super::rope_hashes::hash_all(&heap.graph.strings, &stage).unwrap();
            for (&n, measure) in ropes.nodes.iter().zip(ropes.measure(&hashes, &stage).unwrap()) {
                let name = heap.name(n);
                let name = name.as_text();
                assert_eq!(ropes.text(n).as_text(), name);
                assert_eq!(measure.hash, RopeHash::of(name), "{name:?}");
                assert_eq!(measure.is_flat, is_flat(&heap, n), "{name:?}");
                assert!(measure.has_cut || name.as_bytes().len() >= ENOUGH_UNITS || ropes.has_text(n, name));
                assert!(!ropes.has_text(n, Text::from("no such text")));
            }
        }
    }

    #[test]
    fn a_long_chain_is_measured_in_time() {
        let mut b = SnapshotBuilder::new();
        b.node("synthetic", "", 0);
        let [mut rope, empty] = ["ab", ""].map(|text| b.node("string", text, 16));
        for _ in 0..50_000 {
            let longer = b.node("concatenated string", "", 16);
            b.edge(longer, "internal", "first", rope);
            b.edge(longer, "internal", "second", empty);
            rope = longer;
        }
        let heap = b.heap();
        let stage = Stage::unwatched();
        let hashes = super::super::rope_hashes::hash_all(&heap.graph.strings, &stage).unwrap();
        let measures = Ropes::find(&heap, &stage).unwrap().measure(&hashes, &stage).unwrap();
        assert!(measures.iter().all(|m| m.hash == RopeHash::of(Text::from("ab")) && m.is_flat));
    }
}
