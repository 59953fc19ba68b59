//! Sections that are missing, doubled, ragged, or odd where that costs only a part.

use super::*;
use heapglass::graph::NodeIndex;

#[test]
fn ragged_arrays_are_refused_where_they_matter() {
    let text = with(&sound(), "5,32,1,0]", "5,32,1]");
    let at = byte_of(&text, "],\n\"edges\"");
    refused(&text, &format!("nodes: expected 6 numbers for each node, found 5 left over after 2 nodes at byte {at}"));
    let text = with(&sound(), "1,7,6]", "1,7,6,1]");
    let at = byte_of(&text, "],\n\"trace_f");
    refused(&text, &format!("edges: expected 3 numbers for each edge, found 1 left over after 3 edges at byte {at}"));

    let graph = opens(
        with(&sound(), "12,3,40,5]", "12,3,40,5,6,3]"),
        &["locations: the last entry has 2 numbers instead of 4; it was left out"],
    );
    assert_eq!(graph.locations.len(), 1);
    opens(
        with(&sound(), "[1000,3,2000,5]", "[1000,3,2000]"),
        &["samples: the last entry has 1 numbers instead of 2; it was left out"],
    );
    opens(
        with(&sound(), "[2,0,1,32,[]]", "[2,0,1]"),
        &["trace_tree: 1 lists end within an entry, which must have 5 values"],
    );
}

#[test]
fn sections_that_are_missing_or_null_matter_only_if_they_are_needed() {
    let text = sound();
    let nothing = "the file has no such section, and nothing can be shown without it";
    refused(with(&text, NODES, "\"n\":0"), &format!("nodes: {nothing}"));
    refused(with(&text, EDGES, "\"e\":0"), &format!("edges: {nothing}"));
    refused(with(&text, "\"strings\"", "\"s\""), &format!("strings: {nothing}"));
    refused(
        with(&text, "\"snapshot\"", "\"s\""),
        "snapshot: the file has no such section, which every heap snapshot begins with",
    );
    let null = with(&text, NODES, "\"nodes\":null");
    let at = byte_of(&null, "null,\n");
    refused(&null, &format!("nodes: expected `[`, found `null,` at byte {at}"));
    refused(with(&text, NODES, "\"nodes\":[]"), "nodes: there is not a single node, so there is nothing to show");

    for section in ["locations", "samples", "trace_tree", "trace_function_infos"] {
        opens(with(&text, &format!("\"{section}\":"), &format!("\"{section}_\":")), &[]);
        let null = with(&text, &format!("\"{section}\":["), &format!("\"{section}\":null,\"x\":["));
        opens(null, &[&format!("{section}: this is not an array; the section was left out")]);
    }
    // Without the field lists in meta nobody can tell what the numbers mean.
    let graph = opens(with(&text, "\"sample_fields\"", "\"fields\""), &[]);
    assert!(graph.samples.is_empty() && !graph.is_timeline);
}

#[test]
fn what_is_odd_in_an_optional_section_costs_only_that() {
    let text = sound();
    let graph = opens(with(&text, "[12,3,40,5]", "[12,3,40,-5]"), &[]);
    assert_eq!(graph.location(NodeIndex(2)).unwrap().column, -5);
    opens(
        with(&text, "[12,3,40,5]", "[13,3,40,5,0,1,1.5,2]"),
        &["locations: 2 locations are of no node or no place in a script; they were left out"],
    );
    opens(
        with(&text, "[12,3,40,5]", "[18,3,40,5]"),
        &["locations: 1 locations are of nodes past the last; they were left out"],
    );
    opens(
        with(&text, "\"trace_function_infos\":[0,1,1", "\"trace_function_infos\":[0,9,1"),
        &["strings: 1 names point past the 6 strings; shown as (name lost)"],
    );
    let damaged = with(&text, "[1000,3,2000,5]", "[1000,null,2000,5]");
    let at = byte_of(&damaged, "null,2000");
    let graph = salvaged(
        &damaged,
        &format!(
            "samples: the section was left out, as it is damaged \
             (samples: expected a number, found `null,2000,5],` at byte {at})"
        ),
    );
    assert!(graph.samples.is_empty());
}

#[test]
fn a_section_that_comes_twice_is_read_once() {
    let text = with(&sound(), EDGES, &format!("{EDGES},\n\"edges\":[1,2,3]"));
    let at = byte_of(&text, "[1,2,3]");
    let graph = opens(&text, &[&format!("edges: the section comes again at byte {at}; the first one was used")]);
    assert_eq!(graph.edge_count(), 3);
    // In the header the last one counts, as for every reader that makes objects of JSON.
    opens(with(&sound(), "\"node_count\":3", "\"node_count\":77,\"node_count\":3"), &[]);
}

#[test]
fn a_ragged_end_costs_an_optional_section_its_last_entry() {
    let text = with_scopes();
    opens(&text, &[]);
    for (section, inner) in OPTIONAL {
        let width = match section {
            "locations" => 4,
            "samples" | "scope_uses" => 2,
            "trace_function_infos" => 6,
            "trace_tree" | "scopes" => 5,
            _ => 1,
        };
        // One number after another more, up to a whole entry.
        for more in 1..width {
            let longer = format!("\"{section}\":[{inner}{}]", ",0".repeat(more));
            let told = match section {
                "trace_tree" => format!("{section}: 1 lists end within an entry, which must have {width} values"),
                _ => format!("{section}: the last entry has {more} numbers instead of {width}; it was left out"),
            };
            let graph = opens(with(&text, &format!("\"{section}\":[{inner}]"), &longer), &[&told]);
            assert_eq!(graph.node_count(), 3);
        }
    }
}

#[test]
fn optional_sections_are_cut_like_all_others() {
    let text = with_scopes();
    for (section, inner) in OPTIONAL {
        let cut = byte_of(&text, &format!("\"{section}\":[{inner}]")) + section.len() + 4 + inner.len();
        let said = read(&text.as_bytes()[..cut]).unwrap_err().to_string();
        assert!(said.starts_with(&format!("{section}: expected ")), "{said}");
        let whole = format!("at byte {cut}; the file is cut short; before that the header, 3 nodes, 3 edges");
        assert!(said.contains(&whole) && said.ends_with(AGAIN), "{said}");
    }
}
