//! Whole files of graphs that no engine makes.

use super::*;
use heapglass::graph::NodeIndex;

#[test]
fn the_root_may_stand_anywhere() {
    let graph = opens(with(&sound(), "\"root_index\":0", "\"root_index\":6"), &[]);
    assert_eq!(graph.root, NodeIndex(1));
}

#[test]
fn the_edges_of_all_nodes_must_not_be_more_than_there_are() {
    refused(
        with(&sound(), "24,1,0", "24,2,0"),
        "nodes: the nodes' edge counts add up to 4, but there are only 3 edges",
    );
    refused(
        with(&sound(), "24,1,0", "24,4294967295,0"),
        "nodes: the nodes' edge counts add up to 4294967297, but there are only 3 edges",
    );
    let graph = opens(
        with(&sound(), "24,1,0", "24,0,0"),
        &["nodes: the nodes' edge counts add up to 2, but there are 3 edges; the rest were given to the last node, \
           as DevTools does"],
    );
    assert_eq!(graph.nodes.first_edge, [0, 1, 1, 3]);
}

#[test]
fn graphs_that_no_engine_makes_open() {
    // Ids that are zero, and the same for all.
    let graph = opens(with(&sound(), NODES, "\"nodes\":[9,1,0,0,1,0,3,2,0,24,1,0,3,3,0,32,1,0]"), &[]);
    assert!(graph.nodes.ids.iter().all(|id| id.0 == 0));
    for (edges, reached) in [
        // All to themselves, all to one, all weak.
        ("\"edges\":[5,4,0,2,5,6,1,7,12]", 1),
        ("\"edges\":[5,4,12,2,5,12,1,7,12]", 2),
        ("\"edges\":[6,4,6,6,5,12,6,3,6]", 1),
    ] {
        let graph = opens(with(&sound(), EDGES, edges), &[]);
        let heap = heapglass::analysis::Heap::analyze(graph, &Progress::new()).unwrap();
        let sizes: u64 = heap.graph.node_indices().map(|n| heap.shallow_size(n)).sum();
        assert_eq!(sizes, 56);
        let root = heap.graph.root;
        assert!(heap.retained_size(root) <= sizes);
        let distances = heap.graph.node_indices().filter(|&n| heap.dominator(n) == root).count();
        assert!(distances >= reached, "{edges}: {distances}");
    }
}
