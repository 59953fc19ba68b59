//! What is said of the servers in `fixtures/servers`: each leak by the name its source gives the
//! owner, with its growth, and nothing about servers that do not leak.

use heapglass::analysis::Heap;
use heapglass::analysis::leaks::{Evidence, Findings, find_leaks};
use heapglass::progress::{Progress, Stage};
use heapglass::session;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// The snapshots of a server, the oldest first.
fn snapshots(name: &str) -> Vec<Heap> {
    let path = |i: usize| fixtures().join(format!("snapshots/{name}.{i}.heapsnapshot.gz"));
    let files = (0..).map(path).take_while(|path| path.exists());
    files.map(|path| session::open(&path, &Progress::new()).unwrap().heap).collect()
}

fn leaks_in(heaps: &[Heap]) -> Findings {
    find_leaks(&heaps.iter().collect::<Vec<_>>(), &Stage::unwatched()).unwrap()
}

fn owners(findings: &Findings) -> Vec<&str> {
    findings.findings.iter().map(|f| f.owner.as_str()).collect()
}

/// A leak's owner, and how many members a load adds, where that is a number of objects.
type Planted = (String, Option<i64>);

/// What `expected.json` says of each server.
fn servers() -> Vec<(String, Vec<Planted>)> {
    let text = std::fs::read_to_string(fixtures().join("servers/expected.json")).unwrap();
    let expected: Value = serde_json::from_str(&text).unwrap();
    let leak = |leak: &Value| {
        // A text that grows is made of more strings than were added to it.
        let is_text = leak["owner"] == "report";
        (leak["owner"].as_str().unwrap().to_owned(), leak["per_load"].as_i64().filter(|_| !is_text))
    };
    let server =
        |(name, what): (&String, &Value)| (name.clone(), what["leaks"].as_array().unwrap().iter().map(leak).collect());
    expected.as_object().unwrap().iter().map(server).collect()
}

#[test]
fn every_planted_leak_is_named_first_and_servers_without_one_give_no_finding() {
    let mut wrong = Vec::new();
    for (name, leaks) in servers() {
        let heaps = snapshots(&name);
        assert!(heaps.len() >= 3, "{name}");
        let findings = leaks_in(&heaps);
        let named = |owner: &String| findings.findings.iter().find(|f| f.owner.contains(owner.as_str()));
        for (owner, per_load) in &leaks {
            match named(owner) {
                None => wrong.push(format!("{name}: {owner} is not named")),
                Some(f) if f.evidence != Evidence::GrewEveryStep => wrong.push(format!("{name}: {:?}", f.evidence)),
                Some(f) => {
                    let added = f.growth.last().unwrap().added_count;
                    if per_load.is_some_and(|n| n != added) {
                        wrong.push(format!("{name}: {owner} grew by {added}, not by {per_load:?}"));
                    }
                }
            }
        }
        if findings.findings.len() != leaks.len() {
            wrong.push(format!("{name}: {} findings: {:?}", findings.findings.len(), owners(&findings)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
