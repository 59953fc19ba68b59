//! Sorting nodes by displayed name without making each name again for every comparison.

use crate::analysis::Heap;
use crate::analysis::order::sort::{LONG, sort_unstable_by, text_prefix};
use crate::graph::{NodeIndex, RankedSet, StringIndex, StringSet};
use crate::progress::{Cancelled, Stage};
use crate::text::{Text, TextBuf, TextCow};
use rayon::prelude::*;
use std::cmp::Ordering;

/// A name before ranking: how it begins, and where the rest is.
struct Entry {
    prefix: u128,
    source: Source,
}

/// Where a name stands.
#[derive(Clone, Copy)]
enum Source {
    /// In the file as it is.
    File(StringIndex),
    /// Among those that were put together.
    Composed(u32),
}

/// The placeholder for the name of a node in the list until it has a rank.
const COMPOSED: StringIndex = StringIndex(u32::MAX);

/// Nodes whose names one thread looks up at a time.
const CHUNK: usize = 1 << 12;

/// Ranks by displayed name: a node with a smaller name has a smaller rank, nodes with equal names
/// have equal ranks. Comparing ranks is comparing names.
///
/// Names that stand in the file are ranked once for all nodes that have them.
pub fn name_ranks(heap: &Heap, nodes: &[NodeIndex], stage: &Stage) -> Result<Vec<u32>, Cancelled> {
    let (in_file, composed) = names_of(heap, nodes, stage)?;
    let distinct = Distinct::of(&in_file, heap.graph.strings.len());
    let text = |source: Source| -> Text<'_> {
        match source {
            Source::File(i) => heap.graph.strings.get(i),
            Source::Composed(i) => composed[i as usize].as_text(),
        }
    };
    let sources = distinct.names.iter().map(|&i| Source::File(i));
    let sources = sources.chain((0..composed.len() as u32).map(Source::Composed));
    let mut entries: Vec<Entry> = sources.map(|source| Entry { prefix: text_prefix(text(source)), source }).collect();
    stage.check()?;
    let compare = |a: &Entry, b: &Entry| -> Ordering {
        a.prefix.cmp(&b.prefix).then_with(|| text(a.source).cmp_utf16(text(b.source)))
    };
    // Equal ones get equal ranks: their order does not matter.
    sort_unstable_by(&mut entries, compare);
    stage.check()?;

    let mut ranks_in_file = vec![0; distinct.names.len()];
    let mut ranks_composed = vec![0; composed.len()];
    let mut rank = 0;
    for (at, entry) in entries.iter().enumerate() {
        rank += u32::from(at > 0 && compare(&entries[at - 1], entry) != Ordering::Equal);
        match entry.source {
            Source::File(i) => ranks_in_file[distinct.place(i)] = rank,
            Source::Composed(i) => ranks_composed[i as usize] = rank,
        }
    }
    let mut ranks_composed = ranks_composed.into_iter();
    let ranks = in_file.into_iter().map(|name| match name {
        COMPOSED => ranks_composed.next().unwrap_or_default(),
        name => ranks_in_file[distinct.place(name)],
    });
    Ok(ranks.collect())
}

/// For each node where its name stands, or [`COMPOSED`]; and the names of those, in the same order.
fn names_of(heap: &Heap, nodes: &[NodeIndex], stage: &Stage) -> Result<(Vec<StringIndex>, Vec<TextBuf>), Cancelled> {
    let chunks = nodes.par_chunks(CHUNK).map(|nodes| {
        stage.check()?;
        let mut composed = Vec::new();
        let in_file = nodes.iter().map(|&n| match heap.name(n) {
            TextCow::Borrowed(_) => heap.graph.name_index(n),
            TextCow::Owned(name) => {
                composed.push(name);
                COMPOSED
            }
        });
        let in_file: Vec<StringIndex> = in_file.collect();
        Ok((in_file, composed))
    });
    let chunks: Vec<(Vec<StringIndex>, Vec<TextBuf>)> = chunks.collect::<Result<_, _>>()?;
    let mut in_file = Vec::with_capacity(nodes.len());
    let mut composed = Vec::new();
    for chunk in chunks {
        in_file.extend(chunk.0);
        composed.extend(chunk.1);
    }
    Ok((in_file, composed))
}

/// Positions in the string table, each once, and the place of each among them.
struct Distinct {
    names: Vec<StringIndex>,
    /// For many: looking for one among them would take longer.
    places: Option<RankedSet<StringIndex>>,
}

impl Distinct {
    fn of(names: &[StringIndex], string_count: usize) -> Self {
        let in_file = names.iter().copied().filter(|&name| name != COMPOSED);
        if names.len() < LONG {
            let mut names: Vec<StringIndex> = in_file.collect();
            names.sort_unstable();
            names.dedup();
            return Self { names, places: None };
        }
        let set = StringSet::of(string_count, in_file);
        Self { names: set.iter().collect(), places: Some(RankedSet::new(set)) }
    }

    fn place(&self, name: StringIndex) -> usize {
        match &self.places {
            Some(places) => places.rank(name).unwrap_or_default(),
            None => self.names.binary_search(&name).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Progress;
    use crate::testing::SnapshotBuilder;

    #[test]
    fn ranks_compare_as_displayed_names_do() {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        let names = ["b", "a long name that ends in 2", "a long name that ends in 1", "a", "b"];
        for name in names {
            let n = b.node("string", name, 1);
            b.edge(root, "element", "1", n);
        }
        let plain = b.node("object", "Object", 1);
        b.edge(plain, "property", "a", root);
        let heap = Heap::analyze(b.graph(), &Progress::new()).unwrap();
        let nodes: Vec<_> = (1..7).map(NodeIndex).collect();
        let ranks = name_ranks(&heap, &nodes, &Stage::unwatched()).unwrap();
        assert_eq!(ranks, [3, 2, 1, 0, 3, 4], "the plain object is called {{a}}");
        assert_eq!(name_ranks(&heap, &[], &Stage::unwatched()).unwrap(), [0; 0]);
    }

    #[test]
    fn long_lists_are_ranked_like_short_ones() {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        for n in 0..2 * LONG {
            let text = format!("{}", n * 7919 % 5003);
            let node = match n % 3 {
                0 => b.node("string", &text, 1),
                1 => b.node("object", "Object", 1),
                _ => b.node("closure", &text[..1], 1),
            };
            b.edge(root, "element", "1", node);
            if n % 3 == 1 {
                b.edge(node, "property", &text, root);
            }
        }
        let heap = Heap::analyze(b.graph(), &Progress::new()).unwrap();
        let nodes: Vec<_> = heap.graph.node_indices().collect();
        let ranks = name_ranks(&heap, &nodes, &Stage::unwatched()).unwrap();
        let mut names: Vec<_> = nodes.iter().map(|&n| heap.name(n)).collect();
        names.sort_by(|a, b| a.as_text().cmp_utf16(b.as_text()));
        names.dedup_by(|a, b| a.as_text() == b.as_text());
        for (&n, rank) in nodes.iter().zip(ranks) {
            assert_eq!(names[rank as usize].as_text(), heap.name(n).as_text());
        }
    }
}
