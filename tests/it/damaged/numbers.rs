//! Numbers that are none, are too large, or point nowhere.

use super::*;
use heapglass::graph::NodeIndex;

#[test]
fn numbers_that_are_no_counts_are_refused() {
    let cases = [
        (
            "3,24,1",
            "3,-5,1",
            "-5",
            "nodes: expected a whole number that is not negative, found the negative number `-5`",
        ),
        ("3,24,1", "3,1.5,1", "1.5", "nodes: expected a whole number that is not negative, found the number `1.5`"),
        ("3,24,1", "3,1e3,1", "1e3", "nodes: expected a whole number that is not negative, found the number `1e3`"),
        ("3,24,1", "3,NaN,1", "NaN", "nodes: expected a number, found `NaN,1,0,3,3,5,32,1,0],`"),
        ("3,24,1", "3,null,1", "null", "nodes: expected a number, found `null,1,0,3,3,5,32,1,0],`"),
        ("3,24,1", "3,\"24\",1", "\"24\"", "nodes: expected a number, found `\"24\",1,0,3,3,5,32,1,0],`"),
        ("3,24,1", "3,,1", ",1,0,3,3", "nodes: expected a number, found `,1,0,3,3,5,32,1,0],`"),
        ("3,24,1", "3,24 1,1", "1,1,0,3", "nodes: expected `,` or `]`, found the number `1`"),
        ("3,24,1", "3,24/*size*/,1", "/*", "nodes: expected `,` or `]`, found a comment (JSON has none)"),
        (
            "2,5,12",
            "2,-5,12",
            "-5",
            "edges: expected a whole number that is not negative, found the negative number `-5`",
        ),
        ("2,5,12", "2,5,12.0", "12.0", "edges: expected a whole number that is not negative, found the number `12.0`"),
        ("1,7,6]", "1,7,6,]", "],\n\"trace_f", "edges: expected a number, found `],`"),
    ];
    for (from, to, found, message) in cases {
        let text = with(&sound(), from, to);
        refused(&text, &format!("{message} at byte {}", byte_of(&text, found)));
    }
}

#[test]
fn numbers_of_any_length_are_read_or_refused() {
    let long = "9".repeat(400);
    let shown = &long[..24];
    let text = with(&sound(), "3,24,1", &format!("3,{long},1"));
    let at = byte_of(&text, &long);
    refused(
        &text,
        &format!("nodes: expected a self_size below 2^57, found the number `{shown}…` of 400 characters at byte {at}"),
    );
    let text = with(&sound(), "9,1,1,0,1,0", &format!("9,{long},1,0,1,0"));
    let at = byte_of(&text, &long);
    refused(
        &text,
        &format!("nodes: expected a name below 2^32, found the number `{shown}…` of 400 characters at byte {at}"),
    );

    let graph = opens(with(&sound(), "3,24,1", "3,9007199254740993,1"), &[]);
    assert_eq!(graph.nodes.self_sizes.get(NodeIndex(1)), (1 << 53) + 1);

    let graph = opens(
        with(&sound(), "3,2,3,24", "3,2,4294967303,24"),
        &["nodes: 1 ids are 2^32 or more; they were reduced modulo 2^32, as DevTools does"],
    );
    assert!(graph.nodes.ids.iter().map(|id| id.0).eq([1, 7, 5]));

    let graph = opens(
        with(&sound(), "1,7,6]", "1,4294967303,6]"),
        &["edges: 1 indexes are 2^32 or more; they were reduced modulo 2^32, as DevTools does"],
    );
    assert_eq!(graph.edges.names.get(2), 7);

    for index in [(1 << 24) - 2, (1 << 24) - 1, 1 << 24, u32::MAX] {
        let graph = opens(with(&sound(), "1,7,6]", &format!("1,{index},6]")), &[]);
        assert_eq!(graph.edges.names.get(2), index);
    }
}

#[test]
fn sizes_that_no_process_has_are_refused_before_they_are_added_up() {
    for size in ["144115188075855872", "18446744073709551615"] {
        let text = with(&sound(), "3,24,1", &format!("3,{size},1"));
        let at = byte_of(&text, size);
        refused(&text, &format!("nodes: expected a self_size below 2^57, found the number `{size}` at byte {at}"));
    }
    let text = with(&sound(), "3,24,1", "3,100000000000000000,1");
    opens(&text, &[]);
    refused(
        with(&text, "5,32,1", "5,100000000000000000,1"),
        "nodes: the sizes of the objects add up to 200000000000000000 bytes; no process has 2^57 of them",
    );
    let graph = opens(
        with(&sound(), "\"extra_native_bytes\":0", "\"extra_native_bytes\":18446744073709551615"),
        &[
            "snapshot: extra_native_bytes is 18446744073709551615; no process has more than 2^57, which was taken for it",
        ],
    );
    assert_eq!(graph.extra_native_bytes, 1 << 57);
}

#[test]
fn indexes_that_point_nowhere_are_refused() {
    let cases = [
        ("3,2,3,24", "3,6,3,24", "6,3,24", "nodes: expected the index of one of the 6 strings, found the number `6`"),
        ("2,5,12", "2,99,12", "99,12", "edges: expected the index of one of the 6 strings, found the number `99`"),
        (
            "2,5,12",
            "2,4294967296,12",
            "4294967296",
            "edges: expected the index of a string, found the number `4294967296`",
        ),
        (
            "2,5,12",
            "2,5,13",
            "13,1,7",
            "edges: expected a to_node that is a multiple of 6, the numbers of a node, found the number `13`",
        ),
        ("2,5,12", "2,5,18", "18,1,7", "edges: expected a to_node below 18 (there are 3 nodes), found the number `18`"),
        (
            "2,5,12",
            "2,5,4294967292",
            "4294967292",
            "edges: expected a to_node below 18 (there are 3 nodes), found the number `4294967292`",
        ),
        (
            "2,5,12",
            "2,5,9999999999",
            "9999999999",
            "edges: expected a to_node that is a multiple of 6, the numbers of a node, found the number `9999999999`",
        ),
    ];
    for (from, to, found, message) in cases {
        let text = with(&sound(), from, to);
        refused(&text, &format!("{message} at byte {}", byte_of(&text, found)));
    }
    refused(
        with(&sound(), "\"root_index\":0", "\"root_index\":18"),
        "snapshot: root_index is 18, where none of the 3 nodes of 6 numbers begins",
    );
    refused(
        with(&sound(), "\"root_index\":0", "\"root_index\":3"),
        "snapshot: root_index is 3, where none of the 3 nodes of 6 numbers begins",
    );
}

/// 400 digits, and how an error shows them.
fn long() -> (String, String) {
    let long = "9".repeat(400);
    let shown = format!("the number `{}…` of 400 characters", &long[..24]);
    (long, shown)
}

#[test]
fn what_is_no_number_is_refused_anywhere_in_nodes_and_edges() {
    let text = with_scopes();
    for section in ["nodes", "edges"] {
        for (other, expected) in [
            ("NaN", "a number, found `NaN"),
            ("null", "a number, found `null"),
            ("\"1\"", "a number, found `\"1\""),
            ("[]", "a number, found `[]"),
            ("", "a number, found "),
            ("-", "a whole number that is not negative, found `-"),
            ("-5", "a whole number that is not negative, found the negative number `-5`"),
            ("1.5", "a whole number that is not negative, found the number `1.5`"),
            ("1e3", "a whole number that is not negative, found the number `1e3`"),
            ("1e400", "a whole number that is not negative, found the number `1e400`"),
        ] {
            for (i, (at, text)) in with_numbers(&text, section, other).enumerate() {
                let said = read(text.as_bytes()).unwrap_err().to_string();
                let is_target = section == "edges" && i % 3 == 2 && other.starts_with('1');
                let expected = if is_target { "a to_node that is a multiple of 6" } else { expected };
                assert!(said.starts_with(&format!("{section}: expected {expected}")), "{other}: {said}");
                assert!(said.ends_with(&format!(" at byte {at}")), "{other} at byte {at}: {said}");
            }
        }
        for (at, text) in with_numbers(&text, section, "0x1F") {
            let said = read(text.as_bytes()).unwrap_err().to_string();
            assert!(said.starts_with(&format!("{section}: expected `,` or `]`, found `x1F")), "{said}");
            assert!(said.ends_with(&format!(" at byte {}", at + 1)), "{said}");
        }
    }
}

#[test]
fn four_hundred_digits_are_told_in_every_field_of_nodes_and_edges() {
    let (text, (long, shown)) = (with_scopes(), long());
    let nodes = ["type", "name", "id", "self_size", "edge_count", "detachedness"];
    for ((at, text), field) in with_numbers(&text, "nodes", &long).zip(nodes.into_iter().cycle()) {
        match field {
            "id" => {
                opens(text, &["nodes: 1 ids are 2^32 or more; they were reduced modulo 2^32, as DevTools does"]);
            }
            "self_size" => {
                refused(text, &format!("nodes: expected a self_size below 2^57, found {shown} at byte {at}"))
            }
            _ => refused(text, &format!("nodes: expected a {field} below 2^32, found {shown} at byte {at}")),
        }
    }
    let target = "a to_node that is a multiple of 6, the numbers of a node";
    let edges = ["a type below 2^32", "the index of a string", target];
    for (i, (at, text)) in with_numbers(&text, "edges", &long).enumerate() {
        // The last edge is an element: its number is an index, no name.
        if i == 7 {
            opens(text, &["edges: 1 indexes are 2^32 or more; they were reduced modulo 2^32, as DevTools does"]);
        } else {
            refused(text, &format!("edges: expected {}, found {shown} at byte {at}", edges[i % 3]));
        }
    }
}

#[test]
fn what_is_no_number_costs_an_optional_section_and_nothing_else() {
    let (text, (long, shown)) = (with_scopes(), long());
    for (section, _) in OPTIONAL {
        for (other, shown) in [
            ("NaN", "`NaN"),
            ("null", "`null"),
            ("\"1\"", "`\"1\""),
            ("{}", "`{}"),
            ("-", "`-"),
            ("1e400", "the number `1e400`"),
            (&long, &shown),
        ] {
            for (at, text) in with_numbers(&text, section, other) {
                let read = read(text.as_bytes()).unwrap();
                let [warning] = &read.warnings[..] else { panic!("{section} at byte {at}: {:?}", read.warnings) };
                let said = warning.to_string();
                let begin = format!(
                    "{section}: the section was left out, as it is damaged ({section}: expected a number, found {shown}"
                );
                assert!(said.starts_with(&begin) && said.ends_with(&format!(" at byte {at})")), "{said}");
                assert!(warning.is_incomplete);
                assert_eq!((read.graph.node_count(), read.graph.edge_count()), (3, 3));
            }
        }
        for other in ["-5", "1.5", "1e3", "18446744073709551616"] {
            for (at, text) in with_numbers(&text, section, other) {
                // Of which each may be meant; what cannot be is told, and never more than that.
                let read = read(text.as_bytes()).unwrap();
                assert_is_sound(&read.graph);
                for warning in &read.warnings {
                    assert!([section, "strings"].contains(&warning.section), "{other} at byte {at}: {warning}");
                }
            }
        }
    }
}

#[test]
fn indexes_of_nodes_that_point_into_the_middle_of_one_are_told_in_every_section() {
    let text = with_scopes();
    for target in ["1", "7", "17"] {
        for (at, text) in with_numbers(&text, "edges", target).skip(2).step_by(3) {
            let told = "edges: expected a to_node that is a multiple of 6, the numbers of a node";
            refused(text, &format!("{told}, found the number `{target}` at byte {at}"));
        }
        let (_, other) = with_numbers(&text, "locations", target).next().unwrap();
        let graph =
            opens(other, &["locations: 1 locations are of no node or no place in a script; they were left out"]);
        assert!(graph.locations.is_empty());
        let (_, other) = with_numbers(&text, "scopes", target).next().unwrap();
        let graph = opens(other, &["scopes: an entry is not a scope of a script; all scopes were left out"]);
        assert!(graph.scopes.is_none());
        refused(
            with(&text, "\"root_index\":0", &format!("\"root_index\":{target}")),
            &format!("snapshot: root_index is {target}, where none of the 3 nodes of 6 numbers begins"),
        );
    }
    // Past the last node.
    let (_, other) = with_numbers(&text, "scopes", "18").next().unwrap();
    let graph = opens(other, &["scopes: a scope is of a script past the last node; all scopes were left out"]);
    assert!(graph.scopes.is_none());
    assert_eq!(opens(text, &[]).scopes.unwrap().scopes.len(), 2);
}
