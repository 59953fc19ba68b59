use super::*;
use crate::analysis::Heap;
use crate::graph::{HeapGraph, NodeIndex};
use crate::progress::{Progress, Stage};
use crate::reader::read_bytes;

fn file(shape: Shape, nodes: u64) -> Vec<u8> {
    let mut file = Vec::new();
    write_snapshot(Recipe { shape, nodes, seed: 1 }, &mut file).unwrap();
    file
}

fn graph(shape: Shape, nodes: u64) -> HeapGraph {
    crate::testing::read_slowly(std::str::from_utf8(&file(shape, nodes)).unwrap())
}

/// What was counted in snapshots of a busy service (1,554,989 nodes, and 296,520 where the length
/// of numbers counts, as it grows with the file), which the generated heap must meet closely enough
/// to stand in for it: in what reading costs, what walking it costs, and what it takes to keep.
#[test]
fn a_mixed_heap_has_the_proportions_of_a_real_one() {
    let mut file = Vec::new();
    let (nodes, edges) = write_snapshot(Recipe { shape: Shape::Mixed, nodes: 297_000, seed: 1 }, &mut file).unwrap();
    let graph = read_bytes(&file, &Progress::new()).unwrap().graph;
    assert_eq!((graph.node_count() as u64, graph.edge_count() as u64), (nodes, edges));
    let near = |what: &str, got: f64, real: f64, slack: f64| {
        assert!((got - real).abs() <= slack, "{what}: {got:.3}, really {real:.3}");
    };
    let n = nodes as f64;
    // Counted 67.7, at 3.187 edges a node of 13.2 bytes each.
    near("bytes a node", file.len() as f64 / n, 67.7 - (3.187 - 3.022) * 13.2, 2.5);
    near("edges a node", edges as f64 / n, 3.022, 0.1);
    near("strings a node", graph.strings.len() as f64 / n, 0.145, 0.015);
    near("located", graph.locations.len() as f64 / n, 0.119, 0.02);
    let share = |kind: NodeKind| graph.node_indices().filter(|&i| graph.kind(i) == kind).count() as f64 / n;
    near("objects", share(NodeKind::OBJECT), 0.392, 0.03);
    near("numbers", share(NodeKind::NUMBER), 0.242, 0.03);
    near("strings", share(NodeKind::STRING), 0.157, 0.02);
    near("arrays", share(NodeKind::ARRAY), 0.106, 0.02);
    near("concatenated strings", share(NodeKind::CONS_STRING), 0.083, 0.02);

    let mut in_degrees = vec![0u32; graph.node_count()];
    let mut by_kind = [0usize; EdgeKind::NAMES.len() + 1];
    let (mut name_digits, mut target_digits) = (0, 0);
    let digits = |number: u32| number.checked_ilog10().unwrap_or(0) + 1;
    for e in graph.node_indices().flat_map(|n| graph.edges(n)) {
        in_degrees[e.target.at()] += 1;
        by_kind[e.kind as usize] += 1;
        name_digits += digits(e.name_or_index);
        target_digits += digits(e.target.0 * WIDTH as u32);
    }
    let of_edges = |count: usize| count as f64 / edges as f64;
    near("internal edges", of_edges(by_kind[EdgeKind::Internal as usize]), 0.539, 0.04);
    near("properties", of_edges(by_kind[EdgeKind::Property as usize]), 0.291, 0.06);
    near("elements", of_edges(by_kind[EdgeKind::Element as usize]), 0.083, 0.04);
    near("hidden edges", of_edges(by_kind[EdgeKind::Hidden as usize]), 0.083, 0.02);
    near("digits of a name or index", of_edges(name_digits as usize), 3.63, 0.2);
    near("digits of a target", of_edges(target_digits as usize), 5.52, 0.3);
    let with =
        |degrees: std::ops::RangeInclusive<u32>| in_degrees.iter().filter(|d| degrees.contains(d)).count() as f64 / n;
    near("nodes without a retainer", with(0..=0), 0.0, 0.001);
    near("nodes with one retainer", with(1..=1), 0.728, 0.03);
    near("nodes with two retainers", with(2..=2), 0.208, 0.03);
    near("nodes with three to five retainers", with(3..=5), 0.042, 0.02);
    near("nodes with six to nine retainers", with(6..=9), 0.010, 0.005);
    near("nodes with ten to ninety-nine retainers", with(10..=99), 0.0125, 0.005);
    in_degrees.sort_unstable_by_key(|&d| std::cmp::Reverse(d));
    let at_most_wanted = |count: usize| of_edges(in_degrees[..count].iter().sum::<u32>() as usize);
    near("edges to the sixteen most wanted", at_most_wanted(16), 0.376, 0.04);
    near("edges to the hundred most wanted", at_most_wanted(100), 0.479, 0.05);
}

/// Engines tell by the shapes of objects which native context those belong to, and DevTools works
/// on that for as long as on many another step. Counted: nearly all bytes belong to the only one.
#[test]
fn what_is_made_belongs_to_the_native_context() {
    let graph = read_bytes(&file(Shape::Mixed, 30_000), &Progress::new()).unwrap().graph;
    let heap = Heap::analyze(graph, &Progress::new()).unwrap();
    let found = heap.native_contexts(&Stage::unwatched()).unwrap();
    let [context] = found.contexts[..] else { panic!("one native context") };
    assert_eq!(context.node, NodeIndex(NODE_NATIVE_CONTEXT as u32));
    let total = context.attributed_size + found.unattributed_size + found.shared_size;
    assert!(context.attributed_size as f64 > 0.95 * total as f64 && found.unattributed_size > 0);
}

#[test]
fn the_size_asked_for_is_about_the_size_of_the_file() {
    for megabytes in [5, 20] {
        let len = file(Shape::Mixed, nodes_for_bytes(megabytes * 1_000_000)).len() as f64;
        assert!((len / (megabytes as f64 * 1e6) - 1.0).abs() < 0.06, "{len} bytes for {megabytes} MB");
    }
}

#[test]
fn the_same_seed_makes_the_same_file() {
    let make = |seed| {
        let mut file = Vec::new();
        write_snapshot(Recipe { shape: Shape::Random, nodes: 1000, seed }, &mut file).unwrap();
        file
    };
    assert_eq!(make(5), make(5));
    assert_ne!(make(5), make(6));
}

#[test]
fn odd_shapes_are_what_they_say() {
    let chain = graph(Shape::Chain, 1000);
    assert_eq!(chain.edges(NodeIndex(500)).count(), 1);
    let most_edges = |shape| {
        let graph = read_bytes(&file(shape, 30_000), &Progress::new()).unwrap().graph;
        graph.node_indices().filter(|&n| graph.raw_name(n) == "LruNode").map(|n| graph.edges(n).len()).max()
    };
    // A link to either side.
    assert_eq!(most_edges(Shape::Mixed), most_edges(Shape::WithoutLists).map(|edges| edges + 2));
    let hub = graph(Shape::Hub, 1000);
    assert!(hub.edges(NodeIndex(NODE_STORE as u32)).len() > 800);
    let random = graph(Shape::Random, 1000);
    assert_eq!(random.edges(NodeIndex(500)).len(), 3);
}
