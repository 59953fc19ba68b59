//! What is said of the servers in `fixtures/servers`: each leak by the name its source gives the
//! owner, with its growth, and nothing about servers that do not leak.

use heapglass::analysis::Heap;
use heapglass::analysis::leaks::one_snapshot::{BIG_SHARE, FEWEST_BIG_BYTES};
use heapglass::analysis::leaks::{Evidence, Finding, Findings, KnownLeaks, find_leaks};
use heapglass::analysis::paths::why::min_cut::CutLimits;
use heapglass::analysis::paths::why::why;
use heapglass::graph::{EdgeIndex, NodeIndex};
use heapglass::progress::{Progress, Stage};
use heapglass::session;
use heapglass::session::known::{KnownFileError, expect_finding, known_beside, known_file, no_longer_expect};
use heapglass::testing::{Folder, fixture};
use serde_json::Value;

/// The snapshots of a server, the oldest first.
fn snapshots(name: &str) -> Vec<Heap> {
    let path = |i: usize| fixture(&format!("snapshots/{name}.{i}.heapsnapshot.gz"));
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
    let text = std::fs::read_to_string(fixture("servers/expected.json")).unwrap();
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

#[test]
fn two_snapshots_name_the_same_owners_without_what_came_with_their_members() {
    for (name, leaks) in servers() {
        let mut heaps = snapshots(&name);
        let last_two = heaps.split_off(heaps.len() - 2);
        let findings = leaks_in(&last_two);
        if leaks.is_empty() {
            // What is made once or fills up looks like growth in two, and the remark says so.
            assert!(findings.findings.len() <= 1, "{name}: {:?}", owners(&findings));
            assert!(findings.findings.is_empty() || findings.remarks.len() == 1, "{name}");
        } else {
            let named = |owner: &String| owners(&findings).iter().any(|f| f.contains(owner.as_str()));
            assert!(leaks.iter().all(|(owner, _)| named(owner)), "{name}: {:?}", owners(&findings));
            assert_eq!(findings.findings.len(), leaks.len(), "{name}: {:?}", owners(&findings));
        }
    }
}

/// The last snapshot of a server.
fn last_of(name: &str) -> [Heap; 1] {
    [snapshots(name).pop().unwrap()]
}

#[test]
fn a_single_snapshot_names_what_is_big_and_says_that_it_is_weaker_evidence() {
    let mut wrong = Vec::new();
    let mut named = 0;
    for (name, _) in &servers() {
        let findings = leaks_in(&last_of(name));
        for f in &findings.findings {
            let is_plain = f.evidence == Evidence::OneSnapshot && f.growth.len() == 1 && f.why[0].contains(" holds ");
            if !is_plain || f.why.iter().any(|sentence| sentence.contains("grew")) {
                wrong.push(format!("{name}: {:?} {:?}", f.evidence, f.why));
            }
        }
        // Those that are big in it: at least as big as the definition says.
        let heaps = snapshots(name);
        let total = heaps.last().unwrap().total_size();
        let floor = FEWEST_BIG_BYTES.max((total as f64 * BIG_SHARE) as u64);
        for leak in leaks_in(&heaps).findings.iter().filter(|f| f.exclusive_bytes >= floor) {
            named += 1;
            if !findings.findings.iter().any(|f| leak.owner.starts_with(&f.owner)) {
                wrong.push(format!("{name}: {} is not among {:?}", leak.owner, owners(&findings)));
            }
        }
        assert_eq!(findings.remarks.len(), 1, "{name}");
    }
    assert!(named > 20, "{named}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_single_snapshot_of_a_small_program_gives_no_suspects() {
    for name in ["cold-start", "plain-load", "headers-fixed", "weakmap-released", "detached-dom-released"] {
        assert_eq!(owners(&leaks_in(&last_of(name))), [""; 0], "{name}");
    }
    let state = leaks_in(&last_of("small-beside-steady"));
    assert_eq!(owners(&state), ["catalog"], "what is meant to be big is said to be held");
    assert_eq!(owners(&leaks_in(&last_of("several-leaks")))[..2], ["auditTrail", "tokensByUser"]);
}

#[test]
fn what_is_big_in_one_snapshot_is_no_finding_where_several_show_that_it_does_not_grow() {
    for name in ["bounded-cache", "replaced", "lazy-init"] {
        assert!(!leaks_in(&last_of(name)).findings.is_empty(), "{name}");
        assert_eq!(owners(&leaks_in(&snapshots(name))), [""; 0], "{name}");
    }
}

#[test]
fn what_is_known_is_kept_in_a_file_beside_the_snapshots() {
    let folder = Folder::new();
    let snapshot = folder.join("audit-log.2.heapsnapshot.gz");
    let file = known_file(&snapshot).unwrap();
    let known = || known_beside([snapshot.as_path()]).unwrap();
    let mut findings = leaks_in(&snapshots("audit-log"));
    assert_eq!(known(), KnownLeaks::default(), "there is no file yet");

    let drafts = findings.findings.iter().find(|f| f.owner == "drafts").unwrap().clone();
    expect_finding(&file, &drafts, "until\nFriday").unwrap();
    known().apply(&mut findings);
    assert_eq!(owners(&findings), ["auditLog", "drafts"]);
    assert_eq!(findings.findings[1].expected_reason.as_deref(), Some("until Friday"));
    assert_eq!(findings.unexpected().count(), 1);

    no_longer_expect(&file, drafts.fingerprint).unwrap();
    known().apply(&mut findings);
    assert_eq!(findings.unexpected().count(), 2);

    std::fs::write(&file, "not one of ours\n").unwrap();
    assert!(matches!(known_beside([snapshot.as_path()]), Err(KnownFileError::Content { .. })));
    assert!(expect_finding(&file, &drafts, "x").is_err());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "not one of ours\n", "it is somebody else's");
}

/// Bytes of all that can be reached, by asking of each object in turn who holds it, without the
/// objects and references that are `cut`.
fn reached_bytes(heap: &Heap, is_object_cut: &dyn Fn(NodeIndex) -> bool, references: &[EdgeIndex]) -> u64 {
    let graph = &heap.graph;
    let mut leads_to: Vec<Vec<NodeIndex>> = vec![Vec::new(); graph.node_count()];
    let mut reached: Vec<NodeIndex> = vec![graph.root];
    for n in graph.node_indices() {
        let holders = heap.facts.retainers.of(n).zip(heap.facts.retainers.edges_to(graph, n));
        let mut essential = holders.filter(|(r, _)| r.is_essential()).map(|(_, held)| held).peekable();
        if essential.peek().is_none() && n != graph.root {
            reached.push(n);
        }
        for (source, _) in essential.filter(|(_, edge)| !references.contains(edge)) {
            leads_to[source.at()].push(n);
        }
    }
    reached.retain(|&n| !is_object_cut(n));
    let mut is_reached = vec![false; graph.node_count()];
    reached.iter().for_each(|n| is_reached[n.at()] = true);
    let mut bytes = 0;
    while let Some(n) = reached.pop() {
        bytes += heap.shallow_size(n);
        for &m in leads_to[n.at()].iter().filter(|&&m| !is_object_cut(m)) {
            if !std::mem::replace(&mut is_reached[m.at()], true) {
                reached.push(m);
            }
        }
    }
    bytes
}

#[test]
fn exclusive_bytes_are_what_the_heap_has_less_without_the_owner() {
    let mut checked = 0;
    for (name, _) in servers() {
        let heaps = snapshots(&name);
        let heap = heaps.last().unwrap();
        // Of many objects only one is named; those the test on random graphs is about.
        // And what a file does not say that it is held does not go with its owner there.
        let is_told = |f: &&Finding| !f.why.iter().any(|s| s.contains("does not tell what a Map or Set holds"));
        for f in leaks_in(&heaps).findings.iter().filter(|f| !f.owner.contains("[ ]")).filter(is_told) {
            let owner = heap.find(f.owner_id).unwrap();
            let all = reached_bytes(heap, &|_| false, &[]);
            let without_owner = reached_bytes(heap, &|n| n == owner, &[]);
            assert_eq!(f.exclusive_bytes, all - without_owner, "{name}: {}", f.owner);
            let held_by: Vec<EdgeIndex> = heap.edges_to(owner).map(|(_, e)| e.index).collect();
            assert_eq!(f.exclusive_bytes, all - reached_bytes(heap, &|_| false, &held_by), "{name}: {}", f.owner);
            checked += 1;
        }
    }
    assert!(checked > 30, "{checked}");
}

#[test]
fn the_smallest_set_of_references_to_an_owner_frees_it() {
    for name in ["headers-array", "deep-owner", "several-leaks", "abort-listeners", "set-of-sessions"] {
        let heaps = snapshots(name);
        let heap = heaps.last().unwrap();
        for f in leaks_in(&heaps).findings {
            let owner = heap.find(f.owner_id).unwrap();
            let page = why(heap, owner, CutLimits::default(), &Stage::unwatched()).unwrap();
            assert!(!page.cuts.is_empty(), "{name}: {}", f.owner);
            for cut in &page.cuts {
                let references: Vec<EdgeIndex> = cut.references.iter().map(|step| EdgeIndex(step.edge)).collect();
                let freed = reached_bytes(heap, &|_| false, &[]) - reached_bytes(heap, &|_| false, &references);
                assert_eq!(cut.freed_bytes, freed, "{name}: {}", f.owner);
                assert!(freed >= f.exclusive_bytes, "{name}: {} goes with it", f.owner);
            }
        }
    }
}
