//! Sorting nodes by displayed name without making each name again for every comparison.

use super::Heap;
use super::order::{sort_unstable_by, text_prefix};
use crate::graph::NodeIndex;
use crate::progress::{Cancelled, Stage};
use crate::text::{Text, TextBuf, TextCow};
use std::cmp::Ordering;

/// A name before ranking: how it begins, and where the rest is.
struct Entry {
    prefix: u128,
    /// Position in the list of nodes.
    at: u32,
    /// Position among the names that were put together; [`IN_FILE`] for the others.
    composed: u32,
}

/// The name stands in the file as it is.
const IN_FILE: u32 = u32::MAX;

/// Ranks by displayed name: a node with a smaller name has a smaller rank, nodes with equal names
/// have equal ranks. Comparing ranks is comparing names.
pub fn name_ranks(heap: &Heap, nodes: &[NodeIndex], stage: &Stage) -> Result<Vec<u32>, Cancelled> {
    let mut composed: Vec<TextBuf> = Vec::new();
    let mut entries = Vec::with_capacity(nodes.len());
    for (at, &n) in nodes.iter().enumerate() {
        if at % 4096 == 0 {
            stage.check()?;
        }
        let name = heap.name(n);
        let prefix = text_prefix(name.as_text());
        let composed = match name {
            TextCow::Borrowed(_) => IN_FILE,
            TextCow::Owned(name) => {
                composed.push(name);
                composed.len() as u32 - 1
            }
        };
        entries.push(Entry { prefix, at: at as u32, composed });
    }
    let name = |e: &Entry| -> Text<'_> {
        match composed.get(e.composed as usize) {
            Some(name) => name.as_text(),
            None => heap.graph.raw_name(nodes[e.at as usize]),
        }
    };
    let compare =
        |a: &Entry, b: &Entry| -> Ordering { a.prefix.cmp(&b.prefix).then_with(|| name(a).cmp_utf16(name(b))) };
    sort_unstable_by(&mut entries, |a, b| compare(a, b).then(a.at.cmp(&b.at)));
    stage.check()?;
    let mut ranks = vec![0; nodes.len()];
    let mut rank = 0;
    for pair in entries.windows(2) {
        rank += u32::from(compare(&pair[0], &pair[1]) != Ordering::Equal);
        ranks[pair[1].at as usize] = rank;
    }
    Ok(ranks)
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
}
