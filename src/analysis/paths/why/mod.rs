//! Why an object is alive: the paths that lead to it, what it takes to free it, and what would go
//! with it.
//!
//! Knows no front end; [`report`] writes the page as text and Markdown for all of them.

pub mod incoming;
pub mod min_cut;
pub mod paths;
mod report;

use crate::analysis::Heap;
use crate::analysis::removal::what_if::{Cut, what_if};
use crate::analysis::source::object_text::object_text;
use crate::analysis::source::references::is_store;
use crate::graph::{EdgeIndex, EdgeKind, NodeId, NodeIndex, StringIndex};
use crate::progress::{Cancelled, Stage};
use crate::text::Text;
use incoming::{Incoming, Owner, Reference};
use min_cut::{CutLimits, MinCut, min_cut};
use paths::{Path, independent_paths};
use serde::Serialize;

/// How many paths are shown, the first included.
pub const MOST_PATHS: usize = 8;

/// The page about an object.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Why {
    pub object: Object,
    /// The most natural path from a root, the root first; empty where nothing keeps the object.
    pub path: Vec<Step>,
    /// Other paths, which have no object between their ends in common with it or with each other.
    pub other_paths: Vec<Vec<Step>>,
    /// Whether more such paths were found than are shown. That no more were found does not mean
    /// that there are no more.
    pub has_more_paths: bool,
    /// The pairs of `WeakMap`s in which the object is the value.
    pub weak_map_pairs: Vec<WeakMapPair>,
    /// The smallest sets of references that keep it: the one nearest to it, and the one nearest to
    /// the roots if that is another. Empty where there is nothing to cut.
    pub cuts: Vec<CutSet>,
    /// Whether the search for the smallest set was given up: too many references lead to the object.
    pub cut_given_up: bool,
}

/// An object as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Object {
    pub id: NodeId,
    pub text: String,
    /// Bytes of itself.
    pub shallow_size: u64,
    /// Bytes that would be freed with it.
    pub retained_size: u64,
}

/// A step of a path: an object, and how it refers to the next one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The object that refers.
    #[serde(flatten)]
    pub object: Object,
    /// The reference in words: "variable headersArray".
    pub reference: String,
    /// Whose the reference is.
    pub reference_of: &'static str,
    /// Where the reference is a pair of a `WeakMap`, the id of its table: this step needs both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weak_map_table: Option<NodeId>,
    /// The position of the reference in the file.
    pub edge: u32,
}

/// A pair of a `WeakMap`: its value lives while key and map do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WeakMapPair {
    pub key: Object,
    /// The map's table, if the file has it.
    pub table: Option<Object>,
}

/// References whose removal frees the object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CutSet {
    /// The references, each as the step it is.
    pub references: Vec<Step>,
    /// How many objects would be freed without them.
    pub freed_count: u64,
    /// Their bytes.
    pub freed_bytes: u64,
}

/// Finds out why `object` is alive.
pub fn why(heap: &Heap, object: NodeIndex, limits: CutLimits, stage: &Stage) -> Result<Why, Cancelled> {
    stage.reached(0, 10)?;
    let quiet = stage.quiet();
    let mut incoming = Incoming::new(heap);
    let independent = independent_paths(heap, &mut incoming, object, MOST_PATHS, &quiet)?;
    stage.reached(3, 10)?;
    let min_cut = min_cut(heap, &mut incoming, object, limits, &quiet)?;
    stage.reached(6, 10)?;
    let mut cuts = Vec::new();
    if let MinCut::Found { nearest, farthest } = &min_cut {
        cuts.push(cut_set(heap, nearest, &quiet)?);
        stage.reached(8, 10)?;
        if farthest != nearest {
            cuts.push(cut_set(heap, farthest, &quiet)?);
        }
    }
    let mut paths = independent.paths.iter().map(|path| steps(heap, path));
    Ok(Why {
        object: describe(heap, object),
        path: paths.next().unwrap_or_default(),
        other_paths: paths.collect(),
        has_more_paths: independent.reached_limit,
        weak_map_pairs: weak_map_pairs(heap, object),
        cuts,
        cut_given_up: min_cut == MinCut::TooMuch,
    })
}

fn describe(heap: &Heap, n: NodeIndex) -> Object {
    let text = if n == heap.graph.root { "root".to_owned() } else { object_text(heap, n) };
    Object { id: heap.id(n), text, shallow_size: heap.shallow_size(n), retained_size: heap.retained_size(n) }
}

fn steps(heap: &Heap, path: &Path) -> Vec<Step> {
    path.iter().map(|r| step(heap, r)).collect()
}

fn step(heap: &Heap, r: &Reference) -> Step {
    let reference_of = match r.owner {
        Owner::Program => "program",
        Owner::Engine => "engine",
        Owner::Roots => "roots",
    };
    Step {
        object: describe(heap, r.source),
        reference: reference_words(heap, r.source, r.edge),
        reference_of,
        weak_map_table: pair_of(heap, r.edge).flatten(),
        edge: r.edge.0,
    }
}

/// A reference in words, without who refers.
pub fn reference_words(heap: &Heap, source: NodeIndex, edge: EdgeIndex) -> String {
    let e = heap.graph.edge(edge);
    let name = heap.graph.edge_string(&e).map(Text::lossy).unwrap_or_default();
    let is_number = !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit());
    match e.kind {
        EdgeKind::Context => format!("variable {name}"),
        EdgeKind::Property => format!("property {name}"),
        EdgeKind::Element => format!("element [{}]", e.name_or_index),
        _ if source == heap.graph.root => "one of the roots".to_owned(),
        _ if pair_of(heap, edge).is_some() => "value in a WeakMap".to_owned(),
        EdgeKind::Hidden => format!("slot {}", e.name_or_index),
        _ if is_number && is_store(&heap.graph, source) => format!("slot {name}"),
        EdgeKind::Weak => format!("weak {name}"),
        _ => format!("internal {name}"),
    }
}

/// Whether `edge` is the value of a pair, and the table of the pair.
fn pair_of(heap: &Heap, edge: EdgeIndex) -> Option<Option<NodeId>> {
    let e = heap.graph.edge(edge);
    if e.kind != EdgeKind::Internal {
        return None;
    }
    heap.facts.known_strings.weak_maps.get(StringIndex(e.name_or_index)).map(|name| name.table)
}

/// The pairs whose value is `object`, in file order of their keys.
fn weak_map_pairs(heap: &Heap, object: NodeIndex) -> Vec<WeakMapPair> {
    let mut pairs = Vec::new();
    for (key, edge) in heap.edges_to(object) {
        if let Some(table) = pair_of(heap, edge.index).filter(|t| *t != Some(heap.id(key))) {
            pairs.push((key, edge.index, table));
        }
    }
    pairs.sort_unstable();
    let object_with = |id: NodeId| heap.find(id).map(|n| describe(heap, n));
    pairs
        .into_iter()
        .map(|(key, _, t)| WeakMapPair { key: describe(heap, key), table: t.and_then(object_with) })
        .collect()
}

fn cut_set(heap: &Heap, edges: &[EdgeIndex], stage: &Stage) -> Result<CutSet, Cancelled> {
    let freed = what_if(heap, &Cut { objects: Vec::new(), references: edges.to_vec() }, stage)?;
    let references = edges.iter().map(|&edge| {
        let source = heap.graph.edge_source(edge);
        step(heap, &Reference::new(heap, source, edge))
    });
    Ok(CutSet { references: references.collect(), freed_count: freed.objects.len() as u64, freed_bytes: freed.bytes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::SnapshotBuilder;

    /// root → global → cache → [ 0 ] → leaf; a `WeakMap` has leaf as its value too, under a key of the global object.
    fn heap(with_table: bool) -> (Heap, NodeIndex) {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        let [global, cache, leaf, key] = ["global", "Cache", "Leaf", "Key"].map(|name| b.node("object", name, 8));
        let table = b.node("array", "(object elements)", 16);
        b.edge(root, "shortcut", "1", global);
        b.edge(global, "property", "cache", cache);
        b.edge(cache, "element", "0", leaf);
        b.edge(global, "property", "key", key);
        let name = |n| format!("{n} / part of key (Key @{}) -> value (Leaf @{}) pair in WeakMap (table @11)", 7, 5);
        b.set_id(key, 7);
        b.set_id(leaf, 5);
        b.set_id(table, 11);
        b.set_id(cache, 3);
        b.edge(key, "internal", &name(1), leaf);
        if with_table {
            b.edge(global, "property", "weakMap", table);
            b.edge(table, "internal", &name(2), leaf);
        }
        (b.heap(), NodeIndex(leaf as u32))
    }

    fn page(heap: &Heap, n: NodeIndex) -> Why {
        why(heap, n, CutLimits::default(), &Stage::unwatched()).unwrap()
    }

    #[test]
    fn ways_are_told_in_words_with_what_each_step_retains() {
        let (heap, leaf) = heap(true);
        let page = page(&heap, leaf);
        let words: Vec<_> = page.path.iter().map(|s| (s.object.text.as_str(), s.reference.as_str())).collect();
        assert_eq!(words, [("root", "one of the roots"), ("global", "property cache"), ("Cache", "element [0]")]);
        assert_eq!(page.path[1].object.retained_size, heap.retained_size(NodeIndex(1)));
        assert_eq!(page.other_paths, Vec::<Vec<Step>>::new(), "all others go through the global object too");
    }

    #[test]
    fn a_weak_maps_value_needs_its_key_and_its_map() {
        let (heap, leaf) = heap(true);
        let page = page(&heap, leaf);
        assert_eq!(page.weak_map_pairs.len(), 1);
        assert_eq!(page.weak_map_pairs[0].key.text, "Key");
        assert_eq!(page.weak_map_pairs[0].table.as_ref().unwrap().id, NodeId(11));
    }

    #[test]
    fn the_smallest_sets_come_with_exactly_what_they_free() {
        let (heap, leaf) = heap(true);
        let page = page(&heap, leaf);
        let cuts: Vec<_> = page.cuts.iter().map(|c| (c.references.len(), c.freed_count, c.freed_bytes)).collect();
        assert_eq!(cuts, [(2, 1, 8), (2, 3, 24)], "the leaf alone, or key and cache with it");
        let text = page.to_text();
        assert!(text.contains("WeakMap") && text.contains("Cache @3"), "{text}");
        assert!(page.to_markdown().contains("`Cache`"), "{}", page.to_markdown());
    }
}
