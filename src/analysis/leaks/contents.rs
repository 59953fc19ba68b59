//! What the members of an owner mostly hold: memory outside the heap, long strings of which they
//! use a part, strings in many pieces, copies of one text, variables that nobody uses.

use crate::analysis::Heap;
use crate::analysis::realms::dead_context_fields::DeadContextFields;
use crate::analysis::source::scripts::{is_scope, scope_around};
use crate::analysis::tables::dominated::retained;
use crate::graph::{NodeIndex, NodeKind};
use crate::text::TextBuf;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// How many of the objects that a member retains are looked at.
const NEARBY: usize = 5000;

/// Strings built of this many pieces, and never read since, are ropes worth mentioning: reading one makes it one piece.
const MANY_LINKS: u64 = 16;

/// Of what some members retain, how much is of a sort of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// All that they retain.
    pub all: u64,
    /// What lies outside the heap: the bytes of array buffers.
    pub external: u64,
    /// What slices of strings keep beyond themselves.
    pub sliced: u64,
    /// The slice that keeps most.
    pub slice: Option<NodeIndex>,
    /// What ropes, strings that are still in the pieces they were put together of, take for the links between their
    /// pieces: bytes that hold no text.
    pub linked: u64,
    /// The rope with most links, and how many it has.
    pub rope: Option<(NodeIndex, u64)>,
    /// Strings whose text another one has already.
    pub copied: u64,
    /// A string of the text that is there most often, and how often it is.
    pub copy: Option<(NodeIndex, u64)>,
}

impl Contents {
    /// Looks at what `members` retain, nearby.
    pub fn of(heap: &Heap, members: &[NodeIndex]) -> Self {
        let mut contents = Self::default();
        let mut seen = FxHashSet::default();
        let mut texts: FxHashMap<TextBuf, (NodeIndex, u64)> = FxHashMap::default();
        let mut links_seen = FxHashSet::default();
        let mut most_sliced = 0;
        for &n in members {
            contents.all += heap.retained_size(n);
            for &m in retained(heap, n).iter().take(NEARBY).filter(|&&m| seen.insert(m)) {
                let beyond = heap.retained_size(m) - heap.shallow_size(m);
                if heap.graph.raw_name(m) == "system / JSArrayBufferData" {
                    contents.external += heap.retained_size(m);
                } else if heap.kind(m) == NodeKind::SLICED_STRING {
                    contents.sliced += beyond;
                    if beyond > most_sliced {
                        (most_sliced, contents.slice) = (beyond, Some(m));
                    }
                } else if heap.kind(m) == NodeKind::CONS_STRING && !links_seen.contains(&m) {
                    contents.count_links(heap, m, &mut links_seen);
                } else if heap.kind(m) == NodeKind::STRING {
                    contents.count_text(heap, m, &mut texts);
                }
            }
        }
        contents
    }

    /// Counts the links of the rope `n` that go with it.
    fn count_links(&mut self, heap: &Heap, n: NodeIndex, seen: &mut FxHashSet<NodeIndex>) {
        let links = retained(heap, n).iter().filter(|&&m| heap.kind(m) == NodeKind::CONS_STRING);
        let (mut count, mut bytes) = (0, 0);
        for &link in links.filter(|&&m| seen.insert(m)) {
            count += 1;
            bytes += heap.shallow_size(link);
        }
        if count >= MANY_LINKS {
            self.linked += bytes;
            if self.rope.is_none_or(|(_, most)| count > most) {
                self.rope = Some((n, count));
            }
        }
    }

    fn count_text(&mut self, heap: &Heap, string: NodeIndex, texts: &mut FxHashMap<TextBuf, (NodeIndex, u64)>) {
        let Some(text) = heap.string_value(string) else { return };
        let (first, count) = texts.entry(text.into_owned()).or_insert((string, 0));
        *count += 1;
        if *count > 1 {
            self.copied += heap.shallow_size(string);
            if self.copy.is_none_or(|(_, most)| *count > most) {
                self.copy = Some((*first, *count));
            }
        }
    }

    /// The share of `part` in all.
    pub fn share(&self, part: u64) -> f64 {
        part as f64 / self.all.max(1) as f64
    }
}

/// Variables that members keep though no living function uses them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeadVariables {
    /// Bytes that they keep, altogether.
    pub bytes: u64,
    /// The one that keeps most.
    pub name: String,
}

/// What of `members`, which are functions, is kept by variables that nobody uses.
pub fn dead_variables(heap: &Heap, members: &[NodeIndex], dead: &DeadContextFields) -> DeadVariables {
    let contexts = dead.scopes.iter().flat_map(|scope| &scope.contexts);
    let dead: FxHashMap<NodeIndex, _> = contexts.map(|context| (context.node, context)).collect();
    let mut by_name: BTreeMap<String, u64> = BTreeMap::new();
    let mut seen = FxHashSet::default();
    let mut bytes = 0;
    for &n in members {
        let mut scope = scope_around(heap, n);
        while let Some(s) = scope.filter(|&s| is_scope(heap, s) && seen.insert(s)) {
            if let Some(context) = dead.get(&s) {
                bytes += context.dead_size;
                for field in &context.fields {
                    *by_name.entry(field.name.to_string()).or_default() += heap.retained_size(field.value);
                }
            }
            scope = scope_around(heap, s);
        }
    }
    let name = by_name.into_iter().max_by_key(|(_, bytes)| *bytes).map(|(name, _)| name).unwrap_or_default();
    DeadVariables { bytes, name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::SnapshotBuilder;

    #[test]
    fn copies_of_a_text_count_from_the_second_on() {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        let members: Vec<usize> = (0..4).map(|_| b.node("object", "Record", 20)).collect();
        for (i, &member) in members.iter().enumerate() {
            b.edge(root, "element", &i.to_string(), member);
            let text = b.node("string", if i == 3 { "other" } else { "same" }, 100);
            b.edge(member, "property", "text", text);
        }
        let heap = b.heap();
        let members: Vec<NodeIndex> = members.into_iter().map(|n| NodeIndex(n as u32)).collect();
        let contents = Contents::of(&heap, &members);
        assert_eq!((contents.all, contents.copied, contents.external, contents.sliced), (480, 200, 0, 0));
        assert_eq!(
            contents.copy.map(|(n, count)| (heap.name(n).as_text().lossy().into_owned(), count)),
            Some(("same".to_owned(), 3))
        );
        assert_eq!(Contents::of(&heap, &members[2..]).copied, 0);
    }

    #[test]
    fn ropes_of_many_pieces_take_bytes_that_hold_no_text() {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        let ropes = [40, 3].map(|pieces| {
            let rope = b.node("concatenated string", "text", 32);
            b.edge(root, "property", "rope", rope);
            let mut link = rope;
            for i in 0..pieces {
                let piece = b.node("string", &format!("piece {i}"), 24);
                b.edge(link, "internal", "second", piece);
                let next = b.node("concatenated string", "text", 32);
                b.edge(link, "internal", "first", next);
                link = next;
            }
            NodeIndex(rope as u32)
        });
        let heap = b.heap();
        let contents = Contents::of(&heap, &ropes);
        assert_eq!((contents.linked, contents.rope), (41 * 32, Some((ropes[0], 41))), "three pieces are none");
        assert_eq!(contents.all, 45 * 32 + 43 * 24);
    }

    #[test]
    fn buffers_and_what_slices_keep_are_told_apart() {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        let buffer = b.node("object", "ArrayBuffer", 50);
        let data = b.node("native", "system / JSArrayBufferData", 4000);
        let slice = b.node("sliced string", "part", 20);
        let whole = b.node("string", "the whole", 900);
        for (from, kind, to) in [
            (root, "property", buffer),
            (buffer, "internal", data),
            (root, "property", slice),
            (slice, "internal", whole),
        ] {
            b.edge(from, kind, "to", to);
        }
        let heap = b.heap();
        let contents = Contents::of(&heap, &[buffer, slice].map(|n| NodeIndex(n as u32)));
        let external = heap.retained_size(NodeIndex(buffer as u32)) - 50;
        assert_eq!((contents.external.max(external), contents.sliced), (4000, 900));
        assert_eq!(contents.slice, Some(NodeIndex(slice as u32)));
    }
}
