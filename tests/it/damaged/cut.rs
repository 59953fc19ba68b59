//! Files that end too early, have holes, or go on after their end.

use super::*;
use heapglass::graph::NodeIndex;

#[test]
fn a_file_cut_in_its_strings_keeps_the_names_it_has() {
    let text = sound();
    let at = byte_of(&text, "\",\"list\"");
    let graph = salvaged(
        &text[..at],
        &format!(
            "strings: after 4 strings there is the end of the file at byte {at}; the names from there on are lost: \
             2 objects and references are shown as (name lost)"
        ),
    );
    assert_eq!(graph.raw_name(NodeIndex(2)), "List \"of\" é");
    let edge = graph.edges(NodeIndex(1)).next().unwrap();
    assert_eq!(graph.edge_string(&edge).unwrap(), "(name lost)");
}

#[test]
fn a_file_cut_after_its_strings_is_whole() {
    let text = sound();
    let end = byte_of(&text, "\"list\"]") + 7;
    salvaged(
        &text[..end],
        &format!(
            "file: everything that is needed was read, but after it something is wrong: \
             file: expected `,` or `}}` after a section, found the end of the file at byte {end}"
        ),
    );
}

#[test]
fn a_file_cut_before_its_strings_is_refused_with_how_far_it_was_whole() {
    let text = sound();
    let edges = byte_of(&text, "2,5,12") + 3;
    refused(
        &text[..edges],
        &format!(
            "edges: expected `]`, found the end of the file after 1 edges at byte {edges}; the file is cut short; \
             before that the header, 3 nodes could be read; {AGAIN}"
        ),
    );
    let key = byte_of(&text, "locations\":[") + 3;
    refused(
        &text[..key],
        &format!(
            "file: expected `\"` at the end of a string, found the end of the file at byte {key}; \
             the file is cut short; before that the header, 3 nodes, 3 edges could be read; {AGAIN}"
        ),
    );
    refused(
        &text[..40],
        &format!(
            "snapshot: expected `\"` at the end of a string, found the end of the file at byte 40; \
             the file is cut short; before that nothing could be read; {AGAIN}"
        ),
    );
}

#[test]
fn every_cut_of_a_file_has_an_outcome() {
    let text = sound();
    let strings = byte_of(&text, "\"strings\":[") + 11;
    let end = byte_of(&text, "\"list\"]") + 7;
    for cut in 0..text.len() {
        match read(&text.as_bytes()[..cut]) {
            Ok(read) => {
                assert!(cut >= strings, "a file cut at byte {cut} has no names");
                let is_complete = cut > end;
                assert_eq!(read.warnings.iter().any(|w| w.is_incomplete), !is_complete, "cut at byte {cut}");
            }
            Err(e) => {
                assert!(cut < strings, "cut at byte {cut}: {e}");
                let said = e.to_string();
                let is_told = said.contains("the end of the file") || said.contains("an empty file");
                assert!(is_told, "cut at byte {cut}: {said}");
            }
        }
    }
}

#[test]
fn a_tail_of_zero_bytes_is_called_one() {
    let text = sound();
    let at = byte_of(&text, "2,5,12") + 2;
    let mut bytes = text.clone().into_bytes();
    bytes[at..].fill(0);
    let zeros = bytes.len() - at;
    refused(
        &bytes,
        &format!(
            "edges: expected a number, found nothing but zero bytes to the end of the file ({zeros} of them) \
             at byte {at}; the file ends in zero bytes, as a crash or a full disk leaves it; \
             before that the header, 3 nodes could be read; {AGAIN}"
        ),
    );
    let mut bytes = text.clone().into_bytes();
    let at = byte_of(&text, "lobal\",");
    bytes[at..].fill(0);
    let zeros = bytes.len() - at;
    salvaged(
        &bytes,
        &format!(
            "strings: after 2 strings there is nothing but zero bytes to the end of the file ({zeros} of them) \
             at byte {at}; the names from there on are lost: 4 objects and references are shown as (name lost)"
        ),
    );
}

#[test]
fn a_hole_of_zero_bytes_is_called_one() {
    let hole = "\0".repeat(512);
    let text = with(&sound(), "3,24,1", &format!("3,{hole},1"));
    let at = byte_of(&text, &hole);
    refused(
        &text,
        &format!(
            "nodes: expected a number, found a hole of 512 zero bytes at byte {at}; \
             a part of the file was lost when it was written or copied; before that the header could be read; {AGAIN}"
        ),
    );
    let text = with(&sound(), "List", &hole);
    let at = byte_of(&text, &hole);
    salvaged(
        &text,
        &format!(
            "strings: after 3 strings there is a hole of 512 zero bytes at byte {at}; the names from there on are lost: \
             3 objects and references are shown as (name lost)"
        ),
    );
}

#[test]
fn what_follows_the_snapshot_is_ignored_and_said() {
    let text = sound();
    let end = text.trim_end().len();
    opens(
        format!("{text}\n{text}"),
        &[&format!(
            "file: the snapshot ends at byte {}; another JSON object, perhaps a second snapshot of {} bytes follows \
             and was ignored",
            text.len() + 1,
            text.len()
        )],
    );
    opens(
        format!("{}]]>", text.trim_end()),
        &[&format!("file: the snapshot ends at byte {end}; something else of 3 bytes follows and was ignored")],
    );
}
