//! Which strings have texts that others have too: the filter "Duplicated strings".

use super::cut::{Truncated, truncated};
use super::rope_hashes::{self, RopeHash};
use super::ropes::{Measure, Ropes};
use crate::analysis::Heap;
use crate::graph::{BitSet, NodeIndex, NodeKind, NodeSet, Position, RankedSet, StringSet};
use crate::progress::{Cancelled, Stage};
use crate::text::{Text, TextBuf, TextCow};
use rayon::prelude::*;
use rustc_hash::FxHashMap;

/// The strings that have duplicates.
///
/// Strings of one name in the file are equal at once. Of all others, the concatenated ones among
/// them, only those are looked at whose hashes meet, and no text is put together for its hash.
/// Takes some eight bytes for each string in the file and for each concatenated one.
pub fn duplicated(heap: &Heap, stage: &Stage) -> Result<NodeSet, Cancelled> {
    let graph = &heap.graph;
    let ((strings, hashes), ropes) = rayon::join(
        || (Candidates::find(heap, stage), rope_hashes::hash_all(&graph.strings, stage)),
        || Ropes::find(heap, stage),
    );
    let (strings, hashes, ropes) = (strings?, hashes?, ropes?);
    let measures = ropes.measure(&hashes, stage)?;
    let hashed = |n, hash| (marked(hash, truncated(heap, n)).finish(), n);
    let takes_part = |&(&n, measure): &(&NodeIndex, &Measure)| !measure.is_flat && heap.shallow_size(n) != 0;
    let put_together = ropes.nodes.par_iter().zip(&measures).filter(takes_part);
    let mut apart: Vec<Hashed> = put_together.map(|(&n, measure)| hashed(n, measure.hash)).collect();
    apart.extend(strings.cut_off.iter().map(|&n| hashed(n, hashes.all[graph.name_index(n).at()])));
    drop(measures);
    let named = strings.first_of_name.iter().zip(&hashes.all).filter(|(first, _)| **first != NONE);
    let named = named.map(|(&first, hash)| (hash.finish(), NodeIndex(first)));
    let meeting = meeting(named.chain(apart.iter().copied()), strings.name_count() + apart.len());
    drop((apart, hashes));
    stage.check()?;
    let equal = equal_strings(heap, &ropes, &meeting, stage)?;
    drop(meeting);

    let mut set = NodeSet::of(graph.node_count(), equal.iter().copied());
    let mut repeated = strings.repeated;
    for &n in &equal {
        let name = graph.name_index(n);
        if strings.first_of_name[name.at()] == n.0 {
            repeated.insert(name);
        }
    }
    for &n in strings.whole.iter().filter(|&&n| repeated.contains(graph.name_index(n))) {
        set.insert(n);
    }
    Ok(set)
}

/// A string and the hash of its text.
type Hashed = (u32, NodeIndex);

/// No node, no text.
const NONE: u32 = u32::MAX;

/// The strings that may be duplicates of others, but for concatenated ones.
struct Candidates {
    /// Those whose names are their texts.
    whole: Vec<NodeIndex>,
    /// The first of them for each name, or [`NONE`].
    first_of_name: Vec<u32>,
    /// Names that several of them have.
    repeated: StringSet,
    /// Those that were cut off.
    cut_off: Vec<NodeIndex>,
}

impl Candidates {
    fn find(heap: &Heap, stage: &Stage) -> Result<Self, Cancelled> {
        const CHUNK: usize = 1 << 16;
        let kinds = &heap.graph.nodes.kinds;
        let chunks = kinds.par_chunks(CHUNK).enumerate().map(|(i, kinds)| {
            stage.check()?;
            let (mut whole, mut cut_off) = (Vec::new(), Vec::new());
            for (n, &kind) in ((i * CHUNK) as u32..).map(NodeIndex).zip(kinds) {
                match NodeKind(kind) {
                    NodeKind::STRING if heap.shallow_size(n) != 0 => match truncated(heap, n) {
                        None => whole.push(n),
                        Some(_) => cut_off.push(n),
                    },
                    _ => {}
                }
            }
            Ok((whole, cut_off))
        });
        let chunks: Vec<(Vec<NodeIndex>, Vec<NodeIndex>)> = chunks.collect::<Result<_, Cancelled>>()?;
        let (whole, cut_off): (Vec<_>, Vec<_>) = chunks.into_iter().unzip();
        let (whole, cut_off) = (whole.concat(), cut_off.concat());
        let mut first_of_name = vec![NONE; heap.graph.strings.len()];
        let mut repeated = StringSet::new(heap.graph.strings.len());
        for &n in &whole {
            let name = heap.graph.name_index(n);
            match &mut first_of_name[name.at()] {
                first if *first == NONE => *first = n.0,
                _ => {
                    repeated.insert(name);
                }
            }
        }
        Ok(Self { whole, first_of_name, repeated, cut_off })
    }

    /// No fewer than there are names of whole ones.
    fn name_count(&self) -> usize {
        self.whole.len().min(self.first_of_name.len())
    }
}

/// The hash of a text, different from that of one that was cut off earlier.
fn marked(hash: RopeHash, truncated: Option<Truncated>) -> RopeHash {
    match truncated {
        None => hash,
        Some(Truncated { length, hash: of_whole }) => {
            let mark = |part: Option<i64>| part.map_or(1, |part| part as u64);
            hash.marked(mark(length)).marked(mark(of_whole))
        }
    }
}

/// A position in a table as long as a few bits of a hash are many.
#[derive(Clone, Copy)]
struct Slot(u32);

impl Position for Slot {
    fn from_position(position: u32) -> Self {
        Self(position)
    }
    fn position(self) -> usize {
        self.0 as usize
    }
}

/// Those that may have the hash of another, and with them a few that have not, sorted: a table has
/// a bit for the first bits of each hash, and one more for hashes that came twice.
fn meeting(strings: impl Iterator<Item = Hashed> + Clone + Sync, count: usize) -> Vec<Hashed> {
    // Each thread takes the hashes that begin with other bits.
    let share_bits = rayon::current_num_threads().next_power_of_two().ilog2().min(8);
    // So many slots that few are taken by chance.
    let bits = ((count * 8) >> share_bits).max(64).next_power_of_two().ilog2().min(32 - share_bits);
    let slot = |hash: u32| Slot((u64::from(hash) << (32 + share_bits) >> (64 - bits)) as u32);
    let shares = (0..1u64 << share_bits).into_par_iter().map(|share| {
        let (mut met, mut met_twice) = (BitSet::new(1 << bits), BitSet::new(1 << bits));
        let strings = strings.clone().filter(|s| u64::from(s.0) << share_bits >> 32 == share);
        let mut strings: Vec<Hashed> = strings
            .inspect(|s| {
                if !met.insert(slot(s.0)) {
                    met_twice.insert(slot(s.0));
                }
            })
            .collect();
        strings.retain(|s| met_twice.contains(slot(s.0)));
        strings.sort_unstable_by_key(|&(hash, n)| u64::from(hash) << 32 | u64::from(n.0));
        strings
    });
    shares.collect::<Vec<_>>().concat()
}

/// Those of `strings`, which are sorted, whose texts others of them have too.
fn equal_strings(
    heap: &Heap,
    ropes: &Ropes<'_>,
    strings: &[Hashed],
    stage: &Stage,
) -> Result<Vec<NodeIndex>, Cancelled> {
    let runs = || strings.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1);
    // In order of the file, in which what belongs together stands together.
    let count = heap.graph.node_count();
    let members = NodeSet::of(count, runs().flatten().map(|s| s.1));
    let (nodes, ranks) = (members.iter().collect::<Vec<_>>(), RankedSet::new(members));
    let mut run_of = vec![0; nodes.len()];
    for (run, strings) in (0..).zip(runs()) {
        strings.iter().filter_map(|s| ranks.rank(s.1)).for_each(|rank| run_of[rank] = run);
    }
    let firsts: Vec<NodeIndex> = runs().map(|run| run[0].1).collect();
    let share = nodes.len().div_ceil(rayon::current_num_threads()).max(1);
    let members = nodes.par_chunks(share).zip(run_of.par_chunks(share));
    let mixed = members.map(|(nodes, run_of)| mixed_runs(heap, ropes, nodes, run_of, &firsts, stage));
    let mixed = mixed.collect::<Result<Vec<Vec<u32>>, Cancelled>>()?;
    let mut is_mixed = vec![false; firsts.len()];
    mixed.iter().flatten().for_each(|&run| is_mixed[run as usize] = true);
    let mut equal = Vec::with_capacity(nodes.len());
    for (is_mixed, strings) in is_mixed.into_iter().zip(runs()) {
        if is_mixed {
            equal_texts(heap, ropes, strings, &mut equal);
        } else {
            equal.extend(strings.iter().map(|s| s.1));
        }
    }
    Ok(equal)
}

/// Texts up to this length are kept to be compared with.
const SHORT: usize = 256;

/// The runs, of which these are the first strings, that the text of one of `nodes` does not fit.
fn mixed_runs(
    heap: &Heap,
    ropes: &Ropes<'_>,
    nodes: &[NodeIndex],
    run_of: &[u32],
    firsts: &[NodeIndex],
    stage: &Stage,
) -> Result<Vec<u32>, Cancelled> {
    // The short texts of the runs that have been met, one after the other.
    let mut texts = Vec::new();
    let mut text_of_run: Vec<Option<(u32, u32)>> = vec![None; firsts.len()];
    let mut mixed = Vec::new();
    for (at, (&node, &run)) in nodes.iter().zip(run_of).enumerate() {
        if at.is_multiple_of(1 << 12) {
            stage.check()?;
        }
        let first = firsts[run as usize];
        let (start, len) = *text_of_run[run as usize].get_or_insert_with(|| {
            let start = texts.len();
            match heap.kind(first) {
                NodeKind::CONS_STRING => ropes.add_bytes(first, &mut texts),
                _ => texts.extend_from_slice(heap.graph.raw_name(first).as_bytes()),
            }
            let is_kept = texts.len() - start <= SHORT && texts.len() < u32::MAX as usize;
            if !is_kept {
                texts.truncate(start);
            }
            (start as u32, if is_kept { (texts.len() - start) as u32 } else { NONE })
        });
        if node == first {
            continue;
        }
        let is_equal = if len == NONE {
            text(heap, ropes, node).as_text() == text(heap, ropes, first).as_text()
        } else {
            let expected = Text(&texts[start as usize..(start + len) as usize]);
            match heap.kind(node) {
                NodeKind::CONS_STRING => ropes.has_text(node, expected),
                _ => heap.graph.raw_name(node) == expected,
            }
        };
        if !is_equal || truncated(heap, node) != truncated(heap, first) {
            mixed.push(run);
        }
    }
    Ok(mixed)
}

/// The text of a string, as far as it is shown.
fn text<'a>(heap: &'a Heap, ropes: &Ropes<'_>, n: NodeIndex) -> TextCow<'a> {
    match heap.kind(n) {
        NodeKind::CONS_STRING => TextCow::Owned(ropes.text(n)),
        _ => TextCow::Borrowed(heap.graph.raw_name(n)),
    }
}

/// Adds those of `strings`, of which two may have different texts, whose texts others of them have too.
fn equal_texts(heap: &Heap, ropes: &Ropes<'_>, strings: &[Hashed], equal: &mut Vec<NodeIndex>) {
    let mut first_of_text: FxHashMap<(TextBuf, Option<Truncated>), NodeIndex> = FxHashMap::default();
    for &(_, n) in strings {
        let key = (text(heap, ropes, n).into_owned(), truncated(heap, n));
        let first = *first_of_text.entry(key).or_insert(n);
        if first != n {
            equal.extend([first, n]);
        }
    }
}

#[cfg(test)]
pub(in crate::analysis) mod tests {
    use super::*;
    use crate::analysis::strings::flat::is_flat;
    use crate::analysis::strings::ropes::tests::random_ropes;
    use crate::testing::{Random, SnapshotBuilder};
    use std::collections::BTreeMap;

    /// Strings put together of others at random, some of them cut off.
    pub(in crate::analysis) fn random_strings(random: &mut Random) -> Heap {
        let mut b = SnapshotBuilder::new();
        b.node("synthetic", "", 0);
        let number = |b: &mut SnapshotBuilder, kind: &str, value: &str| {
            let number = b.node("number", kind, 0);
            let text = b.node("string", value, 0);
            b.edge(number, "internal", "value", text);
            number
        };
        let has_truncated = random.below(2) == 0;
        let mut strings = Vec::new();
        for _ in 0..random.below(40) {
            let size = u64::from(random.below(5));
            let n = if strings.len() > 1 && random.below(2) == 0 {
                let n = b.node("concatenated string", "", size);
                for half in ["first", "second"] {
                    b.edge(n, "internal", half, strings[random.below(strings.len() as u32) as usize]);
                }
                n
            } else {
                let text = ["", "a", "b", "ab", "aa", "aab", "Ä", "😀"][random.below(8) as usize];
                let times = if random.below(9) == 0 { 600 } else { 1 };
                b.node("string", &text.repeat(times), size)
            };
            strings.push(n);
            if has_truncated && random.below(4) == 0 {
                let truncated = number(&mut b, "bool", ["true", "false"][random.below(2) as usize]);
                b.edge(n, "internal", "truncated", truncated);
                let hash = number(&mut b, "int", ["1", "2"][random.below(2) as usize]);
                b.edge(n, "internal", ["hash", "length"][random.below(2) as usize], hash);
            }
        }
        b.heap()
    }

    #[test]
    fn the_same_strings_are_found_as_by_comparing_texts() {
        let mut random = Random(5);
        for round in 0..600 {
            let heap = if round % 2 == 0 { random_strings(&mut random) } else { random_ropes(&mut random) };
            let mut by_text: BTreeMap<_, Vec<NodeIndex>> = BTreeMap::new();
            for n in heap.graph.node_indices().filter(|&n| heap.shallow_size(n) != 0) {
                let kind = heap.kind(n);
                if kind == NodeKind::STRING || kind == NodeKind::CONS_STRING && !is_flat(&heap, n) {
                    let more = truncated(&heap, n).map(|t| (t.length, t.hash));
                    by_text.entry((heap.name(n).into_owned().0, more)).or_default().push(n);
                }
            }
            let equal = by_text.into_values().filter(|nodes| nodes.len() > 1).flatten();
            let expected = NodeSet::of(heap.graph.node_count(), equal);
            assert_eq!(duplicated(&heap, &Stage::unwatched()).unwrap(), expected);
        }
    }

    #[test]
    fn texts_are_told_apart_where_their_hashes_are_equal() {
        let mut b = SnapshotBuilder::new();
        b.node("synthetic", "", 0);
        let nodes = ["a", "b", "a", "c", "d", "d"].map(|text| NodeIndex(b.node("string", text, 16) as u32));
        let heap = b.heap();
        let ropes = Ropes::find(&heap, &Stage::unwatched()).unwrap();
        for hashes in [[7; 6], [1, 7, 1, 7, 9, 9]] {
            let mut strings: Vec<Hashed> = hashes.into_iter().zip(nodes).collect();
            strings.sort_unstable();
            let equal = equal_strings(&heap, &ropes, &strings, &Stage::unwatched()).unwrap();
            assert_eq!(NodeSet::of(7, equal), NodeSet::of(7, [0, 2, 4, 5].map(|i| nodes[i])));
        }
    }
}
