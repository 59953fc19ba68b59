//! What is not JSON, and what is odd within strings.

use super::*;
use heapglass::graph::NodeIndex;

#[test]
fn what_an_error_quotes_from_a_file_cannot_act_on_a_line() {
    refused(
        with(&sound(), "\"self_size\"", "\"self\u{7f}\u{202e}\\nsize\""),
        "snapshot: meta.node_fields has no `self_size`, only type, name, id, self\\u{7f}\\u{202e}\\nsize, edge_count, \
         detachedness",
    );
    let text = with(&sound(), "3,24,1", "3,x\u{202e}y,1");
    let at = byte_of(&text, "x\u{202e}");
    refused(&text, &format!("nodes: expected a number, found `x\\u{{202e}}y,1,0,3,3,5,32,1,0],` at byte {at}"));
    let long = format!("[{}\"type\"", "\"field\",".repeat(1000));
    let refusal = read(
        with(&sound(), "\"node_fields\":[\"type\"", &format!("\"node_fields\":{long}"))
            .replace("self_size", "size")
            .as_bytes(),
    );
    assert!(refusal.unwrap_err().to_string().len() < 400);
    refused(
        "{\"\u{1b}[2J\\u202e\":[]}",
        "this is not a heap snapshot but JSON of another kind (its first key is `\\u{1b}[2J\\u{202e}`); \
         choose a .heapsnapshot file",
    );
}

#[test]
fn brackets_a_million_deep_do_no_harm() {
    let (open, close) = ("[".repeat(1_000_000), "]".repeat(1_000_000));
    opens(with(&sound(), "{\"snapshot\"", &format!("{{\"deep\":{open}{close},\"snapshot\"")), &[]);
    opens(with(&sound(), "\"meta\"", &format!("\"deep\":{open}{close},\"meta\"")), &[]);

    let text = with(&sound(), "\"nodes\":[", &format!("\"nodes\":[{open}"));
    let at = byte_of(&text, &open) + 1;
    refused(&text, &format!("nodes: expected a number, found `{}` at byte {at}", "[".repeat(24)));

    let tree = format!("{}{}", "1,0,0,0,[".repeat(1_000_000), "]".repeat(1_000_000));
    let graph = opens(with(&sound(), "[1,0,0,0,[2,0,1,32,[]]]", &format!("[{tree}]")), &[]);
    assert_eq!(graph.trace_nodes.len(), 1_000_000);
    assert_eq!(graph.trace_nodes[999_999].parent, Some(999_998));
}

#[test]
fn what_is_wrong_within_strings_costs_only_characters() {
    let mut bytes = sound().into_bytes();
    let at = byte_of(&sound(), "é");
    bytes[at] = 0xFF;
    let graph = opens(
        &bytes,
        &["strings: there are 2 sequences of bytes that are not UTF-8; a replacement character stands for each"],
    );
    assert_eq!(graph.raw_name(NodeIndex(2)), "List \"of\" \u{fffd}\u{fffd}");

    let graph = opens(
        with(&sound(), "List", "L\\x\\u12g4\\ud800\\ud83d\\ude00"),
        &["strings: there are 2 escapes that JSON does not know; a replacement character stands for each"],
    );
    let name = graph.raw_name(NodeIndex(2)).as_bytes();
    assert!(name.starts_with("L\u{fffd}x".as_bytes()) || name.starts_with("L\u{fffd}".as_bytes()));

    let graph = opens(
        with(&sound(), "List", "L\n\0t"),
        &["strings: there are 2 control characters that JSON would have escaped; they were kept"],
    );
    assert_eq!(graph.raw_name(NodeIndex(2)), "L\n\0t \"of\" é");
}

#[test]
fn strings_that_are_none_end_the_names() {
    let text = with(&sound(), "\"global\"", "'global'");
    let at = byte_of(&text, "'global'");
    salvaged(
        &text,
        &format!(
            "strings: after 2 strings there is a single quote (JSON has `\"`) at byte {at}; \
             the names from there on are lost: 4 objects and references are shown as (name lost)"
        ),
    );
    let text = with(&sound(), "\"global\"", "null");
    let at = byte_of(&text, "null");
    let shown: String = text[at..].chars().take(24).collect();
    salvaged(
        &text,
        &format!(
            "strings: after 2 strings there is `{shown}` at byte {at}; \
             the names from there on are lost: 4 objects and references are shown as (name lost)"
        ),
    );
}

#[test]
fn what_is_not_json_is_refused() {
    let text = sound();
    refused(
        text.replace('"', "'"),
        "file: expected the name of a section in double quotes, found a single quote (JSON has `\"`) at byte 1",
    );
    refused(
        with(&text, "{\"snapshot\"", "{ /* made by hand */ \"snapshot\""),
        "file: expected the name of a section in double quotes, found a comment (JSON has none) at byte 2",
    );
    refused(
        with(&text, "{\"snapshot\"", "{snapshot"),
        &format!(
            "file: expected the name of a section in double quotes, found `{}` at byte 1",
            &text.replacen("\"snapshot\"", "snapshot", 1)[1..25]
        ),
    );
    refused(
        with(&text, "\"meta\":{", "\"meta\"={"),
        "snapshot: expected a value, found `={\"edge_fields\":[\"type\",` at byte 57",
    );
    refused(
        text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>(),
        "this is not a heap snapshot but text in UTF-16; save it as UTF-8, or take the snapshot again",
    );
    refused("", "this is not a heap snapshot but an empty file; take the snapshot again, and wait until it is written");
    refused(
        "{",
        &format!(
            "file: expected the name of a section in double quotes, found the end of the file at byte 1; \
             the file is cut short; before that nothing could be read; {AGAIN}"
        ),
    );
    refused("7", "this is not a heap snapshot but a text file; choose a .heapsnapshot file");
}

#[test]
fn a_string_of_megabytes_is_a_name_like_any_other() {
    let long = "x".repeat(64 << 20);
    let graph = read_bytes_with(with(&sound(), "List", &long).as_bytes(), &ReadOptions::default(), &Progress::new());
    assert_eq!(graph.unwrap().graph.raw_name(NodeIndex(2)).as_bytes().len(), (64 << 20) + " \"of\" é".len());
}

#[test]
fn a_hundred_million_strings_that_are_only_claimed_take_no_room() {
    let text = with(&sound(), "3,2,3,24", "3,99999999,3,24");
    let at = byte_of(&text, "99999999");
    refused(
        &text,
        &format!("nodes: expected the index of one of the 6 strings, found the number `99999999` at byte {at}"),
    );
}

/// [`sound`] with a letter of each key written as an escape.
fn with_escaped_keys() -> String {
    let mut text = sound();
    for key in ["snapshot", "nodes", "edges", "locations", "samples", "strings", "node_count", "node_fields", "meta"] {
        let (begin, end) = key.split_at(1);
        let (first, end) = (end.as_bytes()[0], &end[1..]);
        text = text.replace(&format!("\"{key}\":"), &format!("\"{begin}\\u{first:04x}{end}\":"));
    }
    text
}

#[test]
fn keys_written_with_escapes_are_keys_in_damaged_files_too() {
    let text = with_escaped_keys();
    assert!(text.contains("\"n\\u006fdes\":[9,") && opens(&text, &[]) == opens(sound(), &[]));
    let cut = byte_of(&text, "2,5,12") + 3;
    refused(
        &text[..cut],
        &format!(
            "edges: expected `]`, found the end of the file after 1 edges at byte {cut}; the file is cut short; \
             before that the header, 3 nodes could be read; {AGAIN}"
        ),
    );
    // In the middle of the escape.
    let cut = byte_of(&text, "0064ges\":[") + 2;
    refused(
        &text[..cut],
        &format!(
            "file: expected `\"` at the end of a string, found the end of the file at byte {cut}; \
             the file is cut short; before that the header, 3 nodes could be read; {AGAIN}"
        ),
    );
    let doubled = with(&text, EDGES_OF_ESCAPED, &format!("{EDGES_OF_ESCAPED},\"edges\":[1,2,3]"));
    let at = byte_of(&doubled, "[1,2,3]");
    opens(&doubled, &[&format!("edges: the section comes again at byte {at}; the first one was used")]);
    let lying = with(&text, "de_count\":3", "de_count\":7");
    opens(lying, &["nodes: snapshot.node_count says 7, but there are 3 nodes; all were read"]);
    // An escape that is none makes another key of it.
    refused(
        with(&text, "\"n\\u006fdes\"", "\"n\\u00xxdes\""),
        "nodes: the file has no such section, and nothing can be shown without it",
    );
}

const EDGES_OF_ESCAPED: &str = "\"e\\u0064ges\":[5,4,6,2,5,12,1,7,6]";

#[test]
fn every_cut_of_a_file_with_escaped_keys_has_an_outcome() {
    let text = with_escaped_keys();
    let strings = byte_of(&text, "rings\":[") + 8;
    for cut in 0..text.len() {
        match read(&text.as_bytes()[..cut]) {
            Ok(_) => assert!(cut >= strings, "a file cut at byte {cut} has no names"),
            Err(e) => assert!(cut < strings && !e.to_string().is_empty(), "cut at byte {cut}: {e}"),
        }
    }
}

#[test]
fn text_in_utf_16_is_called_so_whatever_its_order_and_mark() {
    let units: Vec<u16> = sound().encode_utf16().collect();
    let told = "this is not a heap snapshot but text in UTF-16; save it as UTF-8, or take the snapshot again";
    for with_mark in [false, true] {
        let units = [if with_mark { &[0xFEFF][..] } else { &[] }, &units].concat();
        for to_bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            let bytes: Vec<u8> = units.iter().copied().flat_map(to_bytes).collect();
            refused(&bytes, told);
            // Half a character is missing.
            refused(&bytes[..bytes.len() - 1], told);
            refused(&bytes[..3], told);
        }
    }
}

#[test]
fn nobody_s_recursion_ends_at_a_tree_of_calls_a_million_deep() {
    let tree = format!("{}{}", "1,0,1,8,[".repeat(1_000_000), "]".repeat(1_000_000));
    let text = with(&sound(), "[1,0,0,0,[2,0,1,32,[]]]", &format!("[{tree}]"));
    let heap = heapglass::analysis::Heap::analyze(opens(&text, &[]), &Progress::new()).unwrap();
    let profile = heap.allocation_profile();
    let [row] = &profile.tops(&heap.graph)[..] else { panic!("there is one function") };
    assert_eq!(row.totals.count, 1_000_000);
    let callers = profile.callers(&heap.graph, row);
    assert!(callers.chain.len() < 1_000 && callers.branches.len() == 1, "what would take terabytes comes in parts");
    // Cut in its deepest place, and with another bracket too many.
    let cut = byte_of(&text, "[]]]") + 1;
    let said = read(&text.as_bytes()[..cut]).unwrap_err().to_string();
    assert!(said.starts_with("trace_tree: expected a number, found the end of the file") && said.ends_with(AGAIN));
    let said = read(with(&text, "[]]]", "[]]]]]").as_bytes()).map(|r| r.graph.node_count()).map_err(|e| e.to_string());
    assert!(said.is_err_and(|e| e.contains(" at byte ")));
}

#[test]
fn a_million_empty_strings_are_a_million_names() {
    let list = "\"\",".repeat(1_000_000);
    let text = with(&sound(), "\"list\"]", &format!("\"list\",{list}\"\"]"));
    let graph = opens(&text, &[]);
    assert_eq!(graph.strings.len(), 6 + 1_000_001);
}
