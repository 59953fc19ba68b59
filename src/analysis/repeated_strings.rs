//! Which strings have texts that others have too: the filter "Duplicated strings".

use super::Heap;
use super::duplicate_strings::{Truncated, Truncation, is_flat};
use super::names;
use super::rope_hashes::{self, RopeHash};
use crate::graph::{BitSet, NodeIndex, NodeKind, NodeSet, Position, StringSet};
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
    let truncation = Truncation::of(heap);
    let (strings, hashes) =
        rayon::join(|| Candidates::find(heap, &truncation, stage), || rope_hashes::hash_all(&graph.strings, stage));
    let (strings, hashes) = (strings?, hashes?);
    let apart = strings.apart.par_chunks(1 << 12).map(|chunk| {
        stage.check()?;
        let takes_part = |&&n: &&NodeIndex| heap.kind(n) != NodeKind::CONS_STRING || !is_flat(heap, n);
        Ok(chunk.iter().filter(takes_part).map(|&n| (hash(heap, n, &truncation, &hashes), n)).collect())
    });
    let apart: Vec<Vec<Hashed>> = apart.collect::<Result<_, Cancelled>>()?;
    let named = strings.first_of_name.iter().zip(&hashes).filter(|(first, _)| **first != NONE);
    let named = named.map(|(&first, hash)| (hash.finish(), NodeIndex(first)));
    let mut meeting = meeting(named.chain(apart.iter().flatten().copied()), strings.count());
    drop((apart, hashes));
    stage.check()?;
    meeting.par_sort_unstable();
    stage.check()?;
    let equal = equal_strings(heap, &meeting, &truncation, stage)?;
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

/// The strings that may be duplicates of others.
struct Candidates {
    /// Those whose names are their texts.
    whole: Vec<NodeIndex>,
    /// The first of them for each name, or [`NONE`].
    first_of_name: Vec<u32>,
    /// Names that several of them have.
    repeated: StringSet,
    /// All others: concatenated ones, flat ones too, and those that were cut off.
    apart: Vec<NodeIndex>,
}

impl Candidates {
    fn find(heap: &Heap, truncation: &Truncation, stage: &Stage) -> Result<Self, Cancelled> {
        const CHUNK: usize = 1 << 16;
        let kinds = &heap.graph.nodes.kinds;
        let chunks = kinds.par_chunks(CHUNK).enumerate().map(|(i, kinds)| {
            stage.check()?;
            let (mut whole, mut apart) = (Vec::new(), Vec::new());
            for (n, &kind) in ((i * CHUNK) as u32..).map(NodeIndex).zip(kinds) {
                match NodeKind(kind) {
                    NodeKind::STRING if heap.shallow_size(n) != 0 => match truncation.of_node(heap, n) {
                        None => whole.push(n),
                        Some(_) => apart.push(n),
                    },
                    NodeKind::CONS_STRING if heap.shallow_size(n) != 0 => apart.push(n),
                    _ => {}
                }
            }
            Ok((whole, apart))
        });
        let chunks: Vec<(Vec<NodeIndex>, Vec<NodeIndex>)> = chunks.collect::<Result<_, Cancelled>>()?;
        let (whole, apart): (Vec<_>, Vec<_>) = chunks.into_iter().unzip();
        let (whole, apart) = (whole.concat(), apart.concat());
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
        Ok(Self { whole, first_of_name, repeated, apart })
    }

    /// No fewer than there are different ones.
    fn count(&self) -> usize {
        self.whole.len().min(self.first_of_name.len()) + self.apart.len()
    }
}

/// The hash of a string that is not just its name.
fn hash(heap: &Heap, n: NodeIndex, truncation: &Truncation, of_name: &[RopeHash]) -> u32 {
    let hash = match heap.kind(n) {
        NodeKind::CONS_STRING => names::hash_of_concatenated(&heap.graph, &heap.facts.flags, n, of_name),
        _ => of_name[heap.graph.name_index(n).at()],
    };
    let hash = match truncation.of_node(heap, n) {
        None => hash,
        Some(Truncated { length, hash: of_whole }) => {
            let mark = |part: Option<i64>| part.map_or(1, |part| part as u64);
            hash.marked(mark(length)).marked(mark(of_whole))
        }
    };
    hash.finish()
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

/// Those that may have the hash of another, and with them a few that have not: a table has a bit
/// for the first bits of each hash, and one more for hashes that came twice.
fn meeting(strings: impl Iterator<Item = Hashed> + Clone, count: usize) -> Vec<Hashed> {
    // So many slots that few are taken by chance.
    let bits = (count * 8).max(64).next_power_of_two().ilog2().min(32);
    let slot = |hash: u32| Slot((u64::from(hash) >> (32 - bits)) as u32);
    let (mut met, mut met_twice) = (BitSet::new(1 << bits), BitSet::new(1 << bits));
    for (hash, _) in strings.clone() {
        if !met.insert(slot(hash)) {
            met_twice.insert(slot(hash));
        }
    }
    strings.filter(|&(hash, _)| met_twice.contains(slot(hash))).collect()
}

/// Those of `strings`, which are sorted, whose texts others of them have too.
fn equal_strings(
    heap: &Heap,
    strings: &[Hashed],
    truncation: &Truncation,
    stage: &Stage,
) -> Result<Vec<NodeIndex>, Cancelled> {
    let runs = || strings.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1);
    // In order of the file, in which what belongs together stands together.
    let mut members: Vec<Member> = Vec::with_capacity(strings.len());
    for (run, strings) in (0..).zip(runs()) {
        members.extend(strings.iter().map(|&(_, node)| Member { node, run }));
    }
    members.par_sort_unstable();
    let firsts: Vec<NodeIndex> = runs().map(|run| run[0].1).collect();
    let share = members.len().div_ceil(rayon::current_num_threads()).max(1);
    let mixed = members.par_chunks(share).map(|members| mixed_runs(heap, members, &firsts, truncation, stage));
    let mut mixed = mixed.collect::<Result<Vec<Vec<u32>>, Cancelled>>()?.concat();
    mixed.sort_unstable();
    let mut equal = Vec::with_capacity(members.len());
    for (run, strings) in (0..).zip(runs()) {
        if mixed.binary_search(&run).is_ok() {
            equal_texts(heap, strings, truncation, &mut equal);
        } else {
            equal.extend(strings.iter().map(|s| s.1));
        }
    }
    Ok(equal)
}

/// A string, and which of the runs of equal hashes it belongs to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Member {
    node: NodeIndex,
    run: u32,
}

/// Texts up to this length are kept to be compared with.
const SHORT: usize = 256;

/// The runs, of which these are the first strings, that a member's text does not fit.
fn mixed_runs(
    heap: &Heap,
    members: &[Member],
    firsts: &[NodeIndex],
    truncation: &Truncation,
    stage: &Stage,
) -> Result<Vec<u32>, Cancelled> {
    // The short texts of the runs that have been met, one after the other.
    let mut texts = Vec::new();
    let mut text_of_run: Vec<Option<(u32, u32)>> = vec![None; firsts.len()];
    let mut mixed = Vec::new();
    for (at, &Member { node, run }) in members.iter().enumerate() {
        if at.is_multiple_of(1 << 12) {
            stage.check()?;
        }
        let first = firsts[run as usize];
        let (start, len) = *text_of_run[run as usize].get_or_insert_with(|| {
            let text = text(heap, first);
            let text = text.as_text().as_bytes();
            let start = texts.len() as u32;
            let is_kept = text.len() <= SHORT && texts.len() < (u32::MAX as usize) - SHORT;
            if is_kept {
                texts.extend_from_slice(text);
            }
            (start, if is_kept { text.len() as u32 } else { NONE })
        });
        if node == first {
            continue;
        }
        let is_equal = if len == NONE {
            text(heap, node).as_text() == text(heap, first).as_text()
        } else {
            let expected = Text(&texts[start as usize..(start + len) as usize]);
            match heap.kind(node) {
                NodeKind::CONS_STRING => names::is_concatenated(&heap.graph, &heap.facts.flags, node, expected),
                _ => heap.graph.raw_name(node) == expected,
            }
        };
        if !is_equal || truncation.of_node(heap, node) != truncation.of_node(heap, first) {
            mixed.push(run);
        }
    }
    Ok(mixed)
}

/// The text of a string, as far as it is shown.
fn text(heap: &Heap, n: NodeIndex) -> TextCow<'_> {
    match heap.kind(n) {
        NodeKind::CONS_STRING => heap.name(n),
        _ => TextCow::Borrowed(heap.graph.raw_name(n)),
    }
}

/// Adds those of `strings`, of which two may have different texts, whose texts others of them have too.
fn equal_texts(heap: &Heap, strings: &[Hashed], truncation: &Truncation, equal: &mut Vec<NodeIndex>) {
    let mut first_of_text: FxHashMap<(TextBuf, Option<Truncated>), NodeIndex> = FxHashMap::default();
    for &(_, n) in strings {
        let key = (text(heap, n).into_owned(), truncation.of_node(heap, n));
        let first = *first_of_text.entry(key).or_insert(n);
        if first != n {
            equal.extend([first, n]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::duplicate_strings::duplicate_strings;
    use crate::testing::{Random, SnapshotBuilder};

    #[test]
    fn the_same_strings_are_found_as_by_grouping_texts() {
        let mut random = Random(5);
        for _ in 0..200 {
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
            let heap = b.heap();
            let groups = duplicate_strings(&heap, &Stage::unwatched()).unwrap();
            let grouped = NodeSet::of(heap.graph.node_count(), groups.iter().flat_map(|g| g.nodes.iter().copied()));
            assert_eq!(duplicated(&heap, &Stage::unwatched()).unwrap(), grouped);
        }
    }

    #[test]
    fn texts_are_told_apart_where_their_hashes_are_equal() {
        let mut b = SnapshotBuilder::new();
        b.node("synthetic", "", 0);
        let nodes = ["a", "b", "a", "c", "d", "d"].map(|text| NodeIndex(b.node("string", text, 16) as u32));
        let heap = b.heap();
        for hashes in [[7; 6], [1, 7, 1, 7, 9, 9]] {
            let mut strings: Vec<Hashed> = hashes.into_iter().zip(nodes).collect();
            strings.sort_unstable();
            let equal = equal_strings(&heap, &strings, &Truncation::of(&heap), &Stage::unwatched()).unwrap();
            assert_eq!(NodeSet::of(7, equal), NodeSet::of(7, [0, 2, 4, 5].map(|i| nodes[i])));
        }
    }
}
