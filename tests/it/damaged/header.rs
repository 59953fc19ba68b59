//! What the `snapshot` section says, and what it fails to say.

use super::*;
use heapglass::graph::NodeIndex;

#[test]
fn counts_in_the_header_are_not_believed() {
    for lie in ["0", "1", "2", "4", "100", "4294967295", "1000000000000000000"] {
        let graph = opens(
            with(&sound(), "\"node_count\":3", &format!("\"node_count\":{lie}")),
            &[&format!("nodes: snapshot.node_count says {lie}, but there are 3 nodes; all were read")],
        );
        assert_eq!(graph.node_count(), 3);
        let graph = opens(
            with(&sound(), "\"edge_count\":3", &format!("\"edge_count\":{lie}")),
            &[&format!("edges: snapshot.edge_count says {lie}, but there are 3 edges; all were read")],
        );
        assert_eq!(graph.edge_count(), 3);
    }
    for lie in ["-1", "null", "\"3\"", "1.5", "1e18", "[3]"] {
        let graph = opens(
            with(&sound(), "\"node_count\":3", &format!("\"node_count\":{lie}")),
            &[&format!("snapshot: node_count is {lie}, not a whole number; it was ignored")],
        );
        assert_eq!(graph.node_count(), 3);
    }
    let without = with(&sound(), "\"edge_count\":3,", "");
    opens(without, &["snapshot: edge_count is missing, not a whole number; it was ignored"]);
    let graph = opens(with(&sound(), "\"trace_function_count\":0", "\"trace_function_count\":7"), &[]);
    assert_eq!(graph.trace_functions.len(), 1);
}

#[test]
fn meta_must_say_where_the_needed_fields_are() {
    let text = sound();
    refused(
        with(&text, "\"meta\"", "\"mate\""),
        "snapshot: there is no `meta` object, which says how to read the rest",
    );
    refused(
        with(&text, "\"node_fields\"", "\"fields\""),
        "snapshot: meta has no list `node_fields`, so the numbers cannot be told apart",
    );
    refused(
        with(&text, "\"self_size\"", "\"size\""),
        "snapshot: meta.node_fields has no `self_size`, only type, name, id, size, edge_count, detachedness",
    );
    refused(
        with(&text, "\"to_node\"", "\"to\""),
        "snapshot: meta.edge_fields has no `to_node`, only type, name_or_index, to",
    );
    let graph = opens(
        with(&text, "\"script_id\",\"line\",\"column\"],\"node", "\"line\",\"column\"],\"node"),
        &["snapshot: meta.location_fields has no `script_id`; that section was left out"],
    );
    assert!(graph.locations.is_empty());
}

#[test]
fn types_without_names_are_shown_as_numbers() {
    let text = sound();
    let start = byte_of(&text, "\"node_types\":[[") + 14;
    let end = start + text[start..].find(']').unwrap() + 1;
    let graph = opens(
        format!("{}[]{}", &text[..start], &text[end..]),
        &["snapshot: meta.node_types names no types, so they are shown as numbers"],
    );
    assert_eq!(graph.node_kind_name(graph.kind(NodeIndex(0))), "type 9");

    let graph = opens(with(&text, "3,2,3,24", "4000000000,2,3,24"), &[]);
    assert_eq!(graph.node_kind_name(graph.kind(NodeIndex(1))), "type 4000000000");
    let graph = opens(with(&text, "2,5,12", "77,5,12"), &[]);
    assert_eq!(graph.edge_kind_name(&graph.edges(NodeIndex(1)).next().unwrap()), "type 77");
    // Whether the number of an unknown kind of edge is a name, nobody knows.
    let graph = opens(
        with(&text, "2,5,12", "77,12345,12"),
        &["strings: 1 names point past the 6 strings; shown as (name lost)"],
    );
    assert_eq!(graph.edge_count(), 3);
}

#[test]
fn memory_can_be_limited() {
    let limited = ReadOptions { memory_limit: Some(100), ..ReadOptions::default() };
    let refused = read_bytes_with(sound().as_bytes(), &limited, &Progress::new()).unwrap_err().to_string();
    assert!(refused.starts_with("opening this file needs about"), "{refused}");
}

#[test]
fn what_the_header_claims_is_not_asked_of_the_machine() {
    let limited = ReadOptions { memory_limit: Some(16 << 20), ..ReadOptions::default() };
    for lie in ["4294967295", "1000000000000000000", "18446744073709551615"] {
        let text = sound()
            .replace("\"node_count\":3", &format!("\"node_count\":{lie}"))
            .replace("\"edge_count\":3", &format!("\"edge_count\":{lie}"));
        let read = read_bytes_with(text.as_bytes(), &limited, &Progress::new()).unwrap();
        assert_eq!((read.graph.node_count(), read.warnings.len()), (3, 2));
    }
}

#[test]
fn without_a_root_the_first_node_is_it() {
    let graph = opens(with(&sound(), "\"root_index\":0,", ""), &[]);
    assert_eq!(graph.root, NodeIndex(0));
    for (root, found) in [("null", "null"), ("-6", "-6"), ("\"0\"", "\"0\"")] {
        let text = with(&sound(), "\"root_index\":0", &format!("\"root_index\":{root}"));
        let graph = opens(text, &[&format!("snapshot: root_index is {found}, not a whole number; it was ignored")]);
        assert_eq!(graph.root, NodeIndex(0));
    }
}
