//! Strings whose text is in the heap more than once.

use super::cut::{Truncated, truncated};
use super::flat::is_flat;
use super::repeated_strings::duplicated;
use crate::analysis::Heap;
use crate::graph::{NodeIndex, NodeKind, StringIndex};
use crate::progress::{Cancelled, Stage};
use crate::text::{TextBuf, TextCow};
use rustc_hash::FxHashMap;
use std::cmp::Reverse;

/// All strings with one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplicateGroup {
    /// The strings in node order; the text is the displayed name of any of them.
    pub nodes: Vec<NodeIndex>,
    /// Sum of their shallow sizes.
    pub shallow_size: u64,
    /// Sum of their retained sizes.
    pub retained_size: u64,
    /// Set when only the beginning of the text is in the file.
    pub truncated: Option<Truncated>,
}

/// Groups of at least two strings with equal text, those that retain most first.
pub fn duplicate_strings(heap: &Heap, stage: &Stage) -> Result<Vec<DuplicateGroup>, Cancelled> {
    let mut groups = groups(heap, stage)?;
    groups.sort_by_key(|g| Reverse(g.retained_size));
    Ok(groups)
}

/// The strings that have duplicates, and with them all that were cut off: where the groups of a
/// truncated text stand depends on the first string that begins with it, be it alone in its group.
fn candidates(heap: &Heap, stage: &Stage) -> Result<Vec<NodeIndex>, Cancelled> {
    let repeated = duplicated(heap, stage)?;
    if heap.facts.known_strings.truncated.is_empty() {
        return Ok(repeated.iter().collect());
    }
    let is_cut_off = |n| {
        let takes_part = match heap.kind(n) {
            NodeKind::STRING => true,
            NodeKind::CONS_STRING => !is_flat(heap, n),
            _ => false,
        };
        takes_part && heap.shallow_size(n) != 0 && truncated(heap, n).is_some()
    };
    heap.graph.select(|n| repeated.contains(n) || is_cut_off(n), stage)
}

/// The groups by first appearance, truncated texts behind whole ones.
fn groups(heap: &Heap, stage: &Stage) -> Result<Vec<DuplicateGroup>, Cancelled> {
    let mut positions: FxHashMap<(TextBuf, Option<Truncated>), usize> = FxHashMap::default();
    // Those of whole texts by names, so that texts are compared once for each name.
    let mut position_of_name: FxHashMap<StringIndex, usize> = FxHashMap::default();
    // For each truncated text the position of its first group: groups of one text stay together.
    let mut first_of_text: FxHashMap<TextBuf, usize> = FxHashMap::default();
    let mut groups: Vec<(usize, DuplicateGroup)> = Vec::new();
    for (i, n) in candidates(heap, stage)?.into_iter().enumerate() {
        if i.is_multiple_of(1 << 14) {
            stage.check()?;
        }
        let truncated = truncated(heap, n);
        let name = (heap.kind(n) == NodeKind::STRING && truncated.is_none()).then(|| heap.graph.name_index(n));
        let known = name.and_then(|name| position_of_name.get(&name).copied());
        let position = known.unwrap_or_else(|| {
            let text = text(heap, n).into_owned();
            *positions.entry((text, truncated)).or_insert_with_key(|(text, truncated)| {
                let order = match truncated {
                    None => 0,
                    Some(_) => *first_of_text.entry(text.clone()).or_insert(groups.len() + 1),
                };
                let truncated = *truncated;
                groups
                    .push((order, DuplicateGroup { nodes: Vec::new(), shallow_size: 0, retained_size: 0, truncated }));
                groups.len() - 1
            })
        });
        if let (None, Some(name)) = (known, name) {
            position_of_name.insert(name, position);
        }
        let group = &mut groups[position].1;
        group.nodes.push(n);
        group.shallow_size = group.shallow_size.saturating_add(heap.shallow_size(n));
        group.retained_size = group.retained_size.saturating_add(heap.retained_size(n));
    }
    groups.retain(|g| g.1.nodes.len() > 1);
    groups.sort_by_key(|g| g.0);
    Ok(groups.into_iter().map(|g| g.1).collect())
}

/// The text of a string, as far as it is shown.
fn text(heap: &Heap, n: NodeIndex) -> TextCow<'_> {
    match heap.kind(n) {
        NodeKind::CONS_STRING => heap.name(n),
        _ => TextCow::Borrowed(heap.graph.raw_name(n)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::strings::repeated_strings::tests::random_strings;
    use crate::analysis::strings::ropes::tests::random_ropes;
    use crate::progress::Progress;
    use crate::testing::{Random, SnapshotBuilder};

    struct Builder(SnapshotBuilder);

    impl Builder {
        fn number(&mut self, name: &str, value: &str) -> usize {
            let number = self.0.node("number", name, 0);
            let text = self.0.node("string", value, 0);
            self.0.edge(number, "internal", "value", text);
            number
        }

        fn truncated(&mut self, text: &str, hash: &str) -> usize {
            let s = self.0.node("string", text, 10);
            let (mark, hash) = (self.number("bool", "true"), self.number("int", hash));
            self.0.edge(s, "internal", "truncated", mark);
            self.0.edge(s, "internal", "hash", hash);
            s
        }

        fn cons(&mut self, first: usize, second: usize) -> usize {
            let s = self.0.node("concatenated string", "", 20);
            self.0.edge(s, "internal", "first", first);
            self.0.edge(s, "internal", "second", second);
            s
        }
    }

    #[test]
    fn equal_texts_form_groups_and_truncated_texts_need_equal_hashes_too() {
        let mut b = Builder(SnapshotBuilder::new());
        b.0.node("synthetic", "", 0);
        let cut_1 = b.truncated("long", "1");
        let cut_2 = b.truncated("long", "2");
        let ab = b.0.node("string", "ab", 16);
        let empty = b.0.node("string", "", 16);
        let (x, y) = (b.0.node("string", "a", 16), b.0.node("string", "b", 16));
        let cons = b.cons(x, y);
        b.cons(ab, empty);
        b.0.node("sliced string", "ab", 16);
        b.0.node("string", "a", 0);
        let cut_3 = b.truncated("long", "2");
        let cut_4 = b.truncated("long", "1");
        b.0.node("string", "long", 16);
        let heap = Heap::analyze(b.0.graph(), &Progress::new()).unwrap();
        let groups = groups(&heap, &Stage::unwatched()).unwrap();
        let nodes: Vec<Vec<usize>> = groups.iter().map(|g| g.nodes.iter().map(|n| n.at()).collect()).collect();
        assert_eq!(nodes, [vec![ab, cons], vec![cut_1, cut_4], vec![cut_2, cut_3]]);
        assert_eq!(groups[0].shallow_size, 36);
        assert_eq!(groups[1].truncated, Some(Truncated { length: None, hash: Some(1) }));
    }

    #[test]
    fn groups_are_those_of_all_strings_that_have_two_members() {
        let mut random = Random(31);
        for round in 0..600 {
            let heap = if round % 2 == 0 { random_strings(&mut random) } else { random_ropes(&mut random) };
            let takes_part = |n: &NodeIndex| match heap.kind(*n) {
                NodeKind::STRING => heap.shallow_size(*n) != 0,
                NodeKind::CONS_STRING => heap.shallow_size(*n) != 0 && !is_flat(&heap, *n),
                _ => false,
            };
            // Texts in the order of their first strings; whole ones each for itself, before the others.
            let mut groups: Vec<(TextBuf, Option<Truncated>, Vec<NodeIndex>)> = Vec::new();
            for n in heap.graph.node_indices().filter(takes_part) {
                let (name, more) = (heap.name(n).into_owned(), truncated(&heap, n));
                match groups.iter_mut().find(|g| g.0 == name && g.1 == more) {
                    Some(group) => group.2.push(n),
                    None => groups.push((name, more, vec![n])),
                }
            }
            let first_of = |name: &TextBuf| groups.iter().position(|g| g.0 == *name && g.1.is_some());
            let mut order: Vec<usize> = (0..groups.len()).collect();
            order.sort_by_key(|&i| groups[i].1.and_then(|_| first_of(&groups[i].0)).map(|first| first + 1));
            let expected: Vec<_> = order.iter().map(|&i| &groups[i].2).filter(|nodes| nodes.len() > 1).collect();
            let found = super::groups(&heap, &Stage::unwatched()).unwrap();
            assert_eq!(found.iter().map(|g| &g.nodes).collect::<Vec<_>>(), expected);
        }
    }
}
