//! The estimate of memory, made from the header, against what opening the file really takes.
#![cfg(target_os = "linux")]

use crate::program::heapglass;
use heapglass::generate::{Recipe, Shape, write_snapshot};
use heapglass::reader::peek;
use heapglass::testing::{SnapshotBuilder, TempFile, gzip};
use std::path::Path;

/// Where the estimate may lie, in hundredths of the peak of the process.
const AT_LEAST: u64 = 95;
const AT_MOST: u64 = 170;

/// The most memory that a process has which opens the file.
fn peak(file: &Path) -> u64 {
    let output = heapglass().args(["bench", "--runs", "1", "--format", "json"]).arg(file).output().unwrap();
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let rows = answer["rows"].as_array().unwrap();
    rows.iter().find(|row| row["phase"] == "peak memory").unwrap()["memory_bytes"].as_u64().unwrap()
}

#[track_caller]
fn assert_is_estimated(what: &str, file: &Path) {
    let (estimate, peak) = (peek(file).unwrap().estimated_memory, peak(file));
    println!("{what}: {estimate} bytes estimated, {peak} taken");
    let is_near = (peak / 100 * AT_LEAST..=peak / 100 * AT_MOST).contains(&estimate);
    assert!(is_near, "{what}: {estimate} bytes estimated, {peak} taken");
}

#[test]
fn the_estimate_is_near_the_peak_for_graphs_of_every_shape() {
    for (name, shape) in
        [("mixed", Shape::Mixed), ("chain", Shape::Chain), ("hub", Shape::Hub), ("random", Shape::Random)]
    {
        let mut text = Vec::new();
        write_snapshot(Recipe { shape, nodes: 300_000, seed: 3 }, &mut text).unwrap();
        assert_is_estimated(name, &TempFile::new("plain.heapsnapshot", &text));
        assert_is_estimated(&format!("{name}, packed"), &TempFile::new("packed.heapsnapshot.gz", gzip(&text)));
    }
}

/// Makes the string of a number.
type Making = fn(usize) -> String;

#[test]
fn the_estimate_is_near_the_peak_for_files_that_are_mostly_strings() {
    let mut b = SnapshotBuilder::new();
    let root = b.node("synthetic", "", 0);
    let text = b.node("string", "text", 32);
    b.edge(root, "property", "text", text);
    let small = b.to_json();
    let lists: [(&str, Making, usize); 3] = [
        ("long strings", |i| format!("{i} {}", "y".repeat(3_000)), 10_000),
        ("names", |i| format!("key {i} of the cache"), 1_200_000),
        ("short strings", |i| format!("{i:x}"), 2_500_000),
    ];
    for (name, string, count) in lists {
        let list: String = (0..count).map(|i| format!("\"{}\",", string(i))).collect();
        let text = small.replace("\"strings\":[", &format!("\"strings\":[{list}"));
        assert_is_estimated(name, &TempFile::new("strings.heapsnapshot", text.as_bytes()));
        assert_is_estimated(
            &format!("{name}, packed"),
            &TempFile::new("strings.heapsnapshot.gz", gzip(text.as_bytes())),
        );
    }
}
