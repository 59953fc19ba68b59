//! `bench`: figures of fresh processes.

use crate::cli::{json, run};
use serde_json::Value;

fn number(row: &Value, key: &str) -> f64 {
    row[key].as_f64().unwrap_or_else(|| panic!("{key} of {row}"))
}

#[test]
fn bench_tells_of_every_phase_what_it_took_and_of_the_process_its_memory() {
    let answer = json(&["bench", "--runs", "2", "--compare", "snapshots/leaky-queue.1.heapsnapshot.gz"]);
    let row = |phase: &str| {
        let rows = answer["rows"].as_array().unwrap();
        rows.iter().find(|r| r["phase"] == phase).unwrap_or_else(|| panic!("{phase} in {answer}"))
    };
    for phase in ["Reading", "Measuring distances", "Turning edges round", "Finding dominators", "everything"] {
        for key in ["wall_ms", "ns_per_node", "ns_per_edge", "ratio"] {
            assert!(number(row(phase), key) > 0.0, "{key} of {phase}");
        }
        #[cfg(target_os = "linux")]
        assert!(number(row(phase), "cpu_ms") > 0.0, "{phase}");
    }
    assert_eq!(row("Reading nodes")["part_of"], "Reading");
    assert_eq!(row("Finding dominators")["part_of"], Value::Null);
    for phase in ["Reading", "touching every byte", "everything"] {
        assert!(number(row(phase), "bytes_per_second") > 0.0, "{phase}");
    }
    assert!(number(row("Looking at the header"), "wall_ms") > 0.0);
    #[cfg(target_os = "linux")]
    {
        let (peak, held) =
            (number(row("peak memory"), "memory_bytes"), number(row("memory once open"), "memory_bytes"));
        // A whole process, not what it grew by.
        assert!(held > 1e6 && peak >= held, "{peak} {held}");
    }
}

#[test]
fn bench_asks_every_filter_and_every_column_if_told_to() {
    let answer = json(&["bench", "--runs", "1", "--questions", "snapshots/leaky-queue.1.heapsnapshot.gz"]);
    let rows = answer["rows"].as_array().unwrap();
    let asked: Vec<&str> = rows.iter().filter_map(|r| r["phase"].as_str()).collect();
    for question in ["filter duplicated-strings", "filter no-native-context", "sort by name", "sort by retained size"] {
        let row = rows.iter().find(|r| r["phase"] == question).unwrap_or_else(|| panic!("{question} in {asked:?}"));
        assert!(number(row, "wall_ms") > 0.0 && row["part_of"] == Value::Null);
    }
    assert_eq!(asked.iter().filter(|q| q.starts_with("filter") || q.starts_with("sort")).count(), 11);
}

#[test]
fn bench_of_a_file_that_cannot_be_opened_says_why_once() {
    let output = run(&["bench", "--runs", "2", "no-such-file"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("heapglass: no-such-file: cannot open the file: "), "{said}");
    assert_eq!((said.lines().count(), output.stdout.len()), (1, 0), "{said}");
}
