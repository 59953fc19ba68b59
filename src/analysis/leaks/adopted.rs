//! Members of Maps and Sets in files that do not tell them.
//!
//! JavaScriptCore writes the storage of a Map or Set with its size, but without a reference to
//! what is in it: the members stand there with nothing that refers to them. Where one Map or Set
//! has most of all such storage, they are taken for its members; where there are several big ones
//! nothing can be said.

use crate::analysis::Heap;
use crate::graph::{EdgeKind, NodeIndex, NodeKind};

/// Smaller storage is not looked at: every program has some.
const FEWEST_STORAGE_BYTES: u64 = 4096;

/// The share of all storage that the one Map or Set must have.
const SHARE_OF_ONE: f64 = 0.6;

/// What JavaScriptCore calls such storage.
const STORAGE: &str = "Cell Butterfly";

/// The size of `n` with its storage, if it is a Map or Set whose members the file does not tell.
pub fn silent_storage(heap: &Heap, n: NodeIndex) -> Option<u64> {
    let graph = &heap.graph;
    let name = graph.raw_name(n);
    if graph.kind(n) != NodeKind::OBJECT || name != "Map" && name != "Set" {
        return None;
    }
    let storage = graph.edges(n).map(|e| e.target).find(|&m| graph.raw_name(m) == STORAGE)?;
    let is_shape = |m: NodeIndex| graph.kind(m) == NodeKind::OBJECT_SHAPE;
    // What the storage takes is counted for its owner, unless something else refers to it as well.
    graph.edges(storage).all(|e| is_shape(e.target)).then(|| heap.shallow_size(n) + heap.shallow_size(storage))
}

/// The Map or Set, and the objects that are taken for its members.
pub(super) fn adopted(heap: &Heap) -> Option<(NodeIndex, Vec<NodeIndex>)> {
    let graph = &heap.graph;
    let storages = graph.node_indices().filter_map(|n| Some((silent_storage(heap, n)?, n)));
    let mut all = 0;
    let (most, owner) = storages.inspect(|(size, _)| all += size).max()?;
    if most < FEWEST_STORAGE_BYTES || (most as f64) < all as f64 * SHARE_OF_ONE {
        return None;
    }
    let is_member = |&n: &NodeIndex| {
        n != graph.root
            && heap.facts.retainers.count(n) == 0
            && matches!(graph.kind(n), NodeKind::OBJECT | NodeKind::CLOSURE | NodeKind::ARRAY)
            && graph.edges(n).any(|e| e.kind != EdgeKind::Weak)
    };
    let members: Vec<NodeIndex> = graph.node_indices().filter(is_member).collect();
    (!members.is_empty()).then_some((owner, members))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::SnapshotBuilder;

    fn heap(storages: &[u64]) -> (Heap, Vec<usize>) {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        let shape = b.node("object shape", "Structure", 112);
        b.edge(root, "internal", "shape", shape);
        let maps = storages.iter().map(|&size| {
            let map = b.node("object", "Map", 32);
            let storage = b.node("hidden", STORAGE, size);
            b.edge(root, "property", "map", map);
            b.edge(map, "internal", "", storage);
            b.edge(storage, "internal", "", shape);
            map
        });
        let maps: Vec<usize> = maps.collect();
        for _ in 0..3 {
            let member = b.node("object", "Object", 32);
            b.edge(member, "internal", "", shape);
        }
        (b.heap(), maps)
    }

    #[test]
    fn what_nothing_refers_to_belongs_to_the_map_that_has_most_of_all_storage() {
        let (all, maps) = heap(&[200, 90_000, 4000]);
        let (owner, members) = adopted(&all).unwrap();
        assert_eq!((owner.at(), members.len()), (maps[1], 3));
        assert_eq!(silent_storage(&all, owner), Some(90_032));
    }

    #[test]
    fn with_two_big_maps_or_none_nothing_is_said() {
        assert_eq!(adopted(&heap(&[90_000, 80_000]).0), None);
        assert_eq!(adopted(&heap(&[200, 100]).0), None);
        assert_eq!(adopted(&heap(&[]).0), None);
    }
}
