//! Questions about many objects at once.

use super::filters::{Holder, NodeFilter};
use super::tree::{Level, edge_rows};
use crate::analysis::Heap;
use crate::analysis::naming::edge_names::EdgeName;
use crate::analysis::order::sort::{Sort, sort_unstable_by};
use crate::analysis::realms::contexts::contexts;
use crate::graph::{Detachedness, EdgeIndex, NodeIndex, NodeKind};
use crate::progress::{Cancelled, Stage};
use crate::text::Text;
use regex::bytes::Regex;
use std::cmp::Reverse;
use std::ops::RangeInclusive;

/// What [`objects`] are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ObjectOrder {
    /// The greatest retained size first.
    #[default]
    RetainedSize,
    /// The greatest shallow size first.
    ShallowSize,
    /// The smallest id first.
    Id,
}

/// Which objects to look for; what is not set does not matter.
#[derive(Debug, Clone, Default)]
pub struct ObjectQuery {
    /// Found in the displayed name.
    pub name: Option<Regex>,
    /// Found in the name of some edge.
    pub property: Option<Regex>,
    /// The type, as the engine calls it, in any case.
    pub kind: Option<String>,
    /// Bounds of the shallow size.
    pub shallow_size: Option<RangeInclusive<u64>>,
    /// Bounds of the retained size.
    pub retained_size: Option<RangeInclusive<u64>>,
    pub is_detached: Option<bool>,
    /// The order of the answer; equal ones are in node order.
    pub order: ObjectOrder,
}

/// The objects that `query` describes, of any size, zero too.
pub fn objects(heap: &Heap, query: &ObjectQuery, stage: &Stage) -> Result<Vec<NodeIndex>, Cancelled> {
    let graph = &heap.graph;
    let kind = query.kind.as_ref().map(|k| k.to_lowercase());
    let is_within = |bounds: &Option<RangeInclusive<u64>>, size| bounds.as_ref().is_none_or(|b| b.contains(&size));
    let fits = |n: NodeIndex| {
        let is_detached = || heap.detachedness(n) == Detachedness::Detached;
        let has_property =
            |regex: &Regex| graph.edges(n).any(|e| regex.is_match(EdgeName::of(graph, &e).text().as_text().as_bytes()));
        is_within(&query.shallow_size, heap.shallow_size(n))
            && is_within(&query.retained_size, heap.retained_size(n))
            && query.is_detached.is_none_or(|wanted| wanted == is_detached())
            && kind.as_ref().is_none_or(|k| graph.node_kind_name(heap.kind(n)).to_lowercase() == *k)
            && query.name.as_ref().is_none_or(|regex| regex.is_match(heap.name(n).as_text().as_bytes()))
            && query.property.as_ref().is_none_or(has_property)
    };
    let mut found = Vec::new();
    for n in graph.node_indices() {
        if n.0.is_multiple_of(1 << 12) {
            stage.reached(n.0.into(), graph.node_count() as u64)?;
        }
        if fits(n) {
            found.push(n);
        }
    }
    match query.order {
        ObjectOrder::RetainedSize => sort_by_key(&mut found, |n| (Reverse(heap.retained_size(n)), n)),
        ObjectOrder::ShallowSize => sort_by_key(&mut found, |n| (Reverse(heap.shallow_size(n)), n)),
        ObjectOrder::Id => sort_by_key(&mut found, |n| (heap.id(n), n)),
    }
    Ok(found)
}

fn sort_by_key<K: Ord>(nodes: &mut [NodeIndex], key: impl Fn(NodeIndex) -> K + Sync) {
    sort_unstable_by(nodes, |&a, &b| key(a).cmp(&key(b)));
}

/// Which edges of an object to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EdgeQuery {
    /// Only to objects that retain at least this much.
    pub min_retained_size: u64,
    /// Not to numbers, `undefined`, `null`, `true` and `false`.
    pub without_primitives: bool,
}

/// The edges of `n` that `query` describes, sorted as under an object.
pub fn edges(
    heap: &Heap,
    n: NodeIndex,
    query: EdgeQuery,
    sort: Sort,
    stage: &Stage,
) -> Result<Vec<EdgeIndex>, Cancelled> {
    let mut edges = edge_rows(heap, n, Level::UnderObject, sort, stage)?;
    edges.retain(|&e| {
        let target = heap.graph.edge(e).target;
        heap.retained_size(target) >= query.min_retained_size
            && !(query.without_primitives && is_primitive(heap, target))
    });
    Ok(edges)
}

fn is_primitive(heap: &Heap, n: NodeIndex) -> bool {
    match heap.kind(n) {
        NodeKind::NUMBER => true,
        NodeKind::NATIVE => {
            matches!(heap.raw_name(n).as_text(), Text(b"undefined" | b"null" | b"true" | b"false"))
        }
        _ => false,
    }
}

/// How much only closures keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct RetainedByContexts {
    /// Contexts of non-zero shallow size.
    pub context_count: u64,
    /// Objects that only contexts keep.
    pub retained_count: u64,
    /// Their shallow sizes.
    pub retained_size: u64,
    /// All other objects of non-zero shallow size.
    pub other_count: u64,
    /// Their shallow sizes.
    pub other_size: u64,
}

/// Adds up what the filter "Objects retained by contexts" lets through, and what it does not.
pub fn retained_by_contexts(heap: &Heap, stage: &Stage) -> Result<RetainedByContexts, Cancelled> {
    let retained = NodeFilter::RetainedBy(Holder::Contexts).nodes(heap, stage)?;
    let contexts = contexts(heap);
    let mut sums = RetainedByContexts::default();
    for n in heap.graph.node_indices() {
        let size = heap.shallow_size(n);
        if size == 0 {
            continue;
        }
        let (count, sum) = if retained.as_ref().is_some_and(|r| r.contains(n)) {
            (&mut sums.retained_count, &mut sums.retained_size)
        } else {
            (&mut sums.other_count, &mut sums.other_size)
        };
        *count += 1;
        *sum = sum.saturating_add(size);
        sums.context_count += u64::from(contexts.contains(n));
    }
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Progress;
    use crate::testing::SnapshotBuilder;

    /// A list with a thing, a detached thing, a number and `null`.
    fn heap() -> Heap {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        let list = b.node("object", "List", 16);
        b.edge(root, "element", "1", list);
        for (i, (kind, name, size)) in
            [("object", "Thing", 10), ("native", "thing", 30), ("number", "int", 40), ("native", "null", 0)]
                .into_iter()
                .enumerate()
        {
            let n = b.node(kind, name, size);
            b.edge(list, "property", &format!("field{i}"), n);
        }
        b.set_detachedness(3, 2);
        Heap::analyze(b.graph(), &Progress::new()).unwrap()
    }

    #[test]
    fn objects_are_found_by_every_part_of_a_query() {
        let heap = heap();
        let find = |query: ObjectQuery| {
            let found = objects(&heap, &query, &Stage::unwatched()).unwrap();
            found.into_iter().map(NodeIndex::at).collect::<Vec<_>>()
        };
        let any = ObjectQuery::default;
        assert_eq!(find(any()), [0, 1, 4, 3, 2, 5]);
        assert_eq!(find(ObjectQuery { order: ObjectOrder::ShallowSize, ..any() }), [4, 3, 1, 2, 0, 5]);
        assert_eq!(find(ObjectQuery { order: ObjectOrder::Id, ..any() }), [0, 1, 2, 3, 4, 5]);
        let regex = |text: &str| Some(Regex::new(text).unwrap());
        assert_eq!(find(ObjectQuery { name: regex("(?i)^detached thing$"), ..any() }), [3]);
        assert_eq!(find(ObjectQuery { property: regex("field3"), ..any() }), [1]);
        assert_eq!(find(ObjectQuery { kind: Some("Native".into()), ..any() }), [3, 5]);
        assert_eq!(find(ObjectQuery { shallow_size: Some(1..=20), ..any() }), [1, 2]);
        assert_eq!(find(ObjectQuery { retained_size: Some(11..=u64::MAX), is_detached: Some(true), ..any() }), [3]);
    }

    #[test]
    fn edges_can_leave_out_the_small_and_the_primitive() {
        let heap = heap();
        let targets = |query| {
            let edges = edges(&heap, NodeIndex(1), query, Sort::BY_RETAINED, &Stage::unwatched()).unwrap();
            edges.into_iter().map(|e| heap.graph.edge(e).target.at()).collect::<Vec<_>>()
        };
        assert_eq!(targets(EdgeQuery::default()), [4, 3, 2, 5]);
        assert_eq!(targets(EdgeQuery { min_retained_size: 30, without_primitives: false }), [4, 3]);
        assert_eq!(targets(EdgeQuery { min_retained_size: 0, without_primitives: true }), [3, 2]);
    }

    #[test]
    fn contexts_and_what_only_they_keep_are_added_up() {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        let context = b.node("object", "system / Context", 16);
        let kept = b.node("string", "kept", 100);
        let shared = b.node("string", "shared", 1000);
        b.edge(root, "element", "1", context);
        b.edge(root, "element", "2", shared);
        b.edge(context, "context", "kept", kept);
        b.edge(context, "context", "shared", shared);
        let heap = Heap::analyze(b.graph(), &Progress::new()).unwrap();
        let sums = retained_by_contexts(&heap, &Stage::unwatched()).unwrap();
        let expected = RetainedByContexts {
            context_count: 1,
            retained_count: 2,
            retained_size: 116,
            other_count: 1,
            other_size: 1000,
        };
        assert_eq!(sums, expected);
    }
}
