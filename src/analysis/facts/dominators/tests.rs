//! Dominators against their definition, and graphs that break careless algorithms.

use super::*;
use crate::analysis::facts::dead_ends::DeadEnds;
use crate::analysis::facts::known_strings::KnownStrings;
use crate::analysis::facts::retainers;
use crate::graph::{EdgeKind, HeapGraph, NodeSet, PerNode};
use crate::testing::{Random, bare_graph};

use EdgeKind::{Property, Shortcut, Weak};

/// All that dominators are computed from.
struct Walked<'a> {
    graph: &'a HeapGraph,
    numbering: Numbering,
    page_objects: NodeSet,
    dead_ends: DeadEnds,
    retainers: Retainers,
}

impl<'a> Walked<'a> {
    fn new(graph: &'a HeapGraph) -> Self {
        let (known, stage) = (KnownStrings::default(), Stage::unwatched());
        let without_page = EssentialEdges::without_page(graph, &known);
        let ends = retainers::ends(graph, &stage).unwrap();
        let mut retainers = retainers::retainers(ends, &without_page, &stage).unwrap();
        let dead_ends = DeadEnds::find(graph, &stage).unwrap();
        let (numbering, page_objects) = Numbering::from_root(&without_page, &known, &dead_ends, &stage).unwrap();
        retainers::respect_page(&mut retainers, graph, &page_objects, &stage).unwrap();
        Self { graph, numbering, page_objects, dead_ends, retainers }
    }

    fn dominators(self, stage: &Stage) -> Result<DominatorOrder, Cancelled> {
        let known = KnownStrings::default();
        let essential = EssentialEdges::new(self.graph, &known, &self.page_objects);
        dominators(self.numbering, &essential, &self.dead_ends, &self.retainers, &Spare::default(), stage)
    }
}

fn immediate(graph: &HeapGraph) -> PerNode<NodeIndex> {
    let order = Walked::new(graph).dominators(&Stage::unwatched()).unwrap();
    check_order(&order, graph);
    order.immediate(&Spare::default())
}

/// What both algorithms find, by number.
fn by_both(graph: &HeapGraph) -> (Option<Vec<u32>>, Vec<u32>) {
    let Walked { mut numbering, page_objects, dead_ends, retainers, .. } = Walked::new(graph);
    let (known, stage) = (KnownStrings::default(), Stage::unwatched());
    let essential = EssentialEdges::new(graph, &known, &page_objects);
    numbering.add_orphans(&essential, &dead_ends, &retainers, &stage).unwrap();
    let lengauer_tarjan = lengauer_tarjan::immediate_dominators(&numbering, &retainers, &stage).unwrap();
    let parents = numbering.parent.clone();
    let is_found = semi_nca::immediate_dominators(&mut numbering, &retainers, &stage).unwrap();
    assert!(is_found || numbering.parent == parents, "what is given up leaves no trace");
    (is_found.then_some(numbering.parent), lengauer_tarjan)
}

fn check_order(order: &DominatorOrder, graph: &HeapGraph) {
    assert_eq!(
        NodeSet::from_fn(graph.node_count(), |_| true),
        order.nodes.iter().fold(NodeSet::new(graph.node_count()), |mut seen, &n| {
            assert!(seen.insert(n), "{n:?} stands in the order twice");
            seen
        })
    );
    for (at, &dominator) in order.dominators.iter().enumerate() {
        assert!((dominator as usize) < at || at == 0);
    }
}

/// A random graph: cycles, self edges, multiple edges, weak ones, parts nobody reaches, orphans.
fn random_graph(seed: u64) -> HeapGraph {
    let mut random = Random(seed);
    let nodes = 1 + random.below(14);
    let per_node = 1 + random.below(3);
    let mut edges: Vec<(u32, EdgeKind, u32)> = (0..random.below(nodes * per_node + 1))
        .map(|_| {
            let kind = [Property, Property, Property, Weak, Shortcut][random.below(5) as usize];
            (random.below(nodes), kind, random.below(nodes))
        })
        .collect();
    edges.sort_by_key(|e| e.0);
    bare_graph(nodes, edges)
}

/// The page's objects by definition: what the root's shortcuts lead to, weak edges aside.
fn naive_page_objects(graph: &HeapGraph) -> NodeSet {
    let mut owned = NodeSet::new(graph.node_count());
    let shortcuts = graph.edges(graph.root).filter(|e| e.kind == Shortcut);
    let mut stack: Vec<NodeIndex> = shortcuts.map(|e| e.target).collect();
    while let Some(n) = stack.pop() {
        if owned.insert(n) {
            stack.extend(graph.edges(n).filter(|e| e.kind != Weak).map(|e| e.target));
        }
    }
    owned
}

/// Immediate dominators by definition: `d` dominates `n` if `n` cannot be reached without it.
fn naive(graph: &HeapGraph) -> PerNode<NodeIndex> {
    let root = graph.root;
    let page_objects = naive_page_objects(graph);
    let is_owned = |n| page_objects.contains(n);
    let essential = |n: NodeIndex| {
        let is_essential = move |e: &crate::graph::Edge| match e.kind {
            Weak => false,
            Shortcut => n == root,
            _ => e.target != n && (n == root || is_owned(n) || !is_owned(e.target)),
        };
        graph.edges(n).filter(move |e| is_essential(e))
    };
    let reached_without = |orphans: &[NodeIndex], missing: Option<NodeIndex>| {
        let mut reached = NodeSet::new(graph.node_count());
        let mut stack = vec![root];
        stack.extend(orphans);
        stack.retain(|&n| Some(n) != missing && reached.insert(n));
        if missing == Some(root) {
            return NodeSet::new(graph.node_count());
        }
        while let Some(n) = stack.pop() {
            for e in essential(n) {
                if Some(e.target) != missing && reached.insert(e.target) {
                    stack.push(e.target);
                }
            }
        }
        reached
    };
    let from_root = reached_without(&[], None);
    let pointed_at: Vec<NodeIndex> = graph.node_indices().flat_map(essential).map(|e| e.target).collect();
    let orphans: Vec<NodeIndex> =
        graph.node_indices().filter(|n| !from_root.contains(*n) && !pointed_at.contains(n)).collect();
    let all = reached_without(&orphans, None);
    let reached_without: Vec<NodeSet> = graph.node_indices().map(|n| reached_without(&orphans, Some(n))).collect();
    let dominators = |n: NodeIndex| {
        let reached_without = &reached_without;
        graph.node_indices().filter(move |&d| d != n && !reached_without[d.at()].contains(n))
    };
    let immediate = |n: NodeIndex| {
        if n == root || !all.contains(n) {
            return root;
        }
        // The nearest is the one that all others dominate too.
        dominators(n).max_by_key(|&d| dominators(d).count()).unwrap()
    };
    PerNode(graph.node_indices().map(immediate).collect())
}

#[test]
fn dominators_are_those_of_the_definition_on_random_graphs() {
    for seed in 0..6000 {
        let graph = random_graph(seed);
        assert_eq!(immediate(&graph), naive(&graph), "seed {seed}");
    }
}

#[test]
fn both_algorithms_agree_on_larger_random_graphs() {
    for seed in 0..300 {
        let mut random = Random(seed);
        let nodes = 2 + random.below(600);
        // Near neighbors make long ways up, far ones make many joins.
        let reach = 1 + random.below(nodes);
        let mut edges = Vec::new();
        for n in 0..nodes {
            for _ in 0..random.below(4) {
                edges.push((n, Property, (n + 1 + random.below(reach)) % nodes));
            }
        }
        let (semi_nca, lengauer_tarjan) = by_both(&bare_graph(nodes, edges));
        assert_eq!(semi_nca.as_ref(), Some(&lengauer_tarjan), "seed {seed}");
    }
}

#[test]
fn an_order_is_found_again_from_the_dominators_alone() {
    for seed in 0..500 {
        let graph = random_graph(seed);
        let dominators = immediate(&graph);
        let order = DominatorOrder::new(&dominators, graph.root);
        check_order(&order, &graph);
        assert_eq!(order.immediate(&Spare::default()), dominators, "seed {seed}");
    }
    assert!(DominatorOrder::new(&PerNode(Vec::new()), NodeIndex(0)).nodes.is_empty());
}

//   0 → 1 ⇄ 2, 0 → 3; nobody reaches 4 → 3 and 4 → 5; 6 ⇄ 7 and 7 → 3 reach out of nowhere.
#[test]
fn an_orphans_edges_count_and_those_of_a_cycle_out_of_reach_do_not() {
    let edges = [(0, 1), (0, 3), (1, 2), (2, 1), (4, 3), (4, 5), (6, 7), (7, 6), (7, 5)];
    let graph = bare_graph(8, edges.map(|(a, b)| (a, Property, b)));
    let dominators: Vec<u32> = immediate(&graph).0.iter().map(|n| n.0).collect();
    assert_eq!(dominators, [0, 0, 1, 0, 0, 4, 0, 0]);
}

#[test]
fn five_million_objects_in_a_chain_dominate_one_another() {
    const COUNT: u32 = 5_000_000;
    let graph = bare_graph(COUNT, (0..COUNT - 1).map(|n| (n, Property, n + 1)));
    let dominators = immediate(&graph);
    assert!((1..COUNT).all(|n| dominators[NodeIndex(n)] == NodeIndex(n - 1)));
    let order = DominatorOrder::new(&dominators, graph.root);
    assert_eq!(order.nodes[COUNT as usize - 1], NodeIndex(COUNT - 1));
}

#[test]
fn a_hub_with_three_million_edges_dominates_its_spokes() {
    const COUNT: u32 = 3_000_000;
    // 0 → 1 → all others, which all point back at 1.
    let spokes = (2..COUNT).map(|n| (1, Property, n));
    let back = (2..COUNT).map(|n| (n, Property, 1));
    let graph = bare_graph(COUNT, std::iter::once((0, Property, 1)).chain(spokes).chain(back));
    let dominators = immediate(&graph);
    assert!((2..COUNT).all(|n| dominators[NodeIndex(n)] == NodeIndex(1)));
}

/// A list whose last object and the root point at the same objects: from each of them Semi-NCA
/// walks up the whole list.
#[test]
fn a_graph_on_which_semi_nca_would_be_quadratic_is_left_to_the_other_algorithm() {
    const LIST: u32 = 20_000;
    let shared = LIST + 1..2 * LIST;
    let list = (0..LIST).map(|n| (n, Property, n + 1));
    let mut edges: Vec<_> = list.chain(shared.clone().map(|n| (LIST, Property, n))).collect();
    edges.extend(shared.clone().map(|n| (0, Property, n)));
    // What has edges of its own is met at the end of the list first.
    edges.extend(shared.clone().map(|n| (n, Property, n)));
    edges.sort_by_key(|e| e.0);
    let graph = bare_graph(2 * LIST, edges);
    assert_eq!(by_both(&graph).0, None);
    let dominators = immediate(&graph);
    assert!((1..=LIST).all(|n| dominators[NodeIndex(n)] == NodeIndex(n - 1)));
    assert!(shared.into_iter().all(|n| dominators[NodeIndex(n)] == NodeIndex(0)));
}

/// A random tree whose nodes also point at a few hubs, some only at one of those, and now and then
/// at anything: hubs with thousands of retainers, at all depths.
fn graph_with_hubs(seed: u64) -> HeapGraph {
    let mut random = Random(seed);
    let nodes = 3000 + random.below(3000);
    let hubs: Vec<u32> = (0..1 + random.below(5)).map(|_| 1 + random.below(nodes - 1)).collect();
    let any_hub = |random: &mut Random| hubs[random.below(hubs.len() as u32) as usize];
    let depth = 1 + random.below(60);
    let mut edges = Vec::new();
    for n in 1..nodes {
        let parent = if random.below(3) == 0 { n - 1 } else { n / depth };
        edges.push((parent, if parent == 0 { Shortcut } else { Property }, n));
        edges.push((n, Property, any_hub(&mut random)));
        if random.below(40) == 0 {
            edges.push((random.below(nodes), Property, random.below(nodes)));
        }
    }
    edges.sort_by_key(|e| e.0);
    bare_graph(nodes, edges)
}

#[test]
fn hubs_are_dominated_by_what_the_other_algorithm_finds() {
    let mut below_root = 0;
    for seed in 0..60 {
        let graph = graph_with_hubs(seed);
        let (semi_nca, lengauer_tarjan) = by_both(&graph);
        assert_eq!(semi_nca.as_ref(), Some(&lengauer_tarjan), "seed {seed}");
        below_root += lengauer_tarjan.iter().filter(|&&d| d > 0).count();
        if seed < 3 {
            assert_eq!(immediate(&graph), naive(&graph), "seed {seed}");
        }
    }
    assert!(below_root > 10_000);
}

#[test]
fn a_cancelled_computation_stops() {
    let graph = bare_graph(200_000, (0..199_999).map(|n| (n, Property, n + 1)));
    let dead_ends = DeadEnds::find(&graph, &Stage::unwatched()).unwrap();
    let progress = crate::progress::Progress::new();
    progress.token().cancel();
    let (known, stage) = (KnownStrings::default(), progress.stage("", 1, 1));
    let essential = EssentialEdges::without_page(&graph, &known);
    assert_eq!(Numbering::from_root(&essential, &known, &dead_ends, &stage).err(), Some(Cancelled));
    assert_eq!(Walked::new(&graph).dominators(&stage).err(), Some(Cancelled));
}

#[test]
fn the_walk_finds_what_the_page_owns() {
    let mut owned_by_none = 0;
    for seed in 0..6000 {
        let graph = random_graph(seed);
        let found = Walked::new(&graph).page_objects;
        assert_eq!(found, naive_page_objects(&graph), "seed {seed}");
        owned_by_none += u32::from(found.is_empty());
    }
    assert!(owned_by_none < 5000);
}
