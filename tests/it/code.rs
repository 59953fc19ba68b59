//! What the source says of the servers in `fixtures/servers`: the lines that add are the planted ones, which
//! `expected.json` lists beside each leak.

use heapglass::analysis::Heap;
use heapglass::analysis::leaks::find_leaks;
use heapglass::code::finding::{code_of, question_about};
use heapglass::code::lines::Lines;
use heapglass::code::{Library, SourcePlaces, changes};
use heapglass::progress::{Progress, Stage};
use heapglass::session;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn snapshots(name: &str) -> Vec<Heap> {
    let path = |i: usize| fixtures().join(format!("snapshots/{name}.{i}.heapsnapshot.gz"));
    let files = (0..).map(path).take_while(|path| path.exists());
    files.map(|path| session::open(&path, &Progress::new()).unwrap().heap).collect()
}

#[test]
fn the_lines_that_add_are_the_planted_ones() {
    let text = std::fs::read_to_string(fixtures().join("servers/expected.json")).unwrap();
    let servers: Value = serde_json::from_str(&text).unwrap();
    let mut wrong = Vec::new();
    let mut asked = 0;
    for (name, server) in servers.as_object().unwrap() {
        let planted: Vec<&Value> =
            server["leaks"].as_array().unwrap().iter().filter(|l| l.get("adds").is_some()).collect();
        if planted.is_empty() {
            continue;
        }
        let heaps = snapshots(name);
        let findings = find_leaks(&heaps.iter().collect::<Vec<_>>(), &Stage::unwatched()).unwrap();
        let text = std::fs::read_to_string(fixtures().join(format!("servers/{name}.js"))).unwrap();
        let lines = Lines::new(&text);
        for leak in planted {
            asked += 1;
            let owner = leak["owner"].as_str().unwrap();
            let finding = findings.findings.iter().find(|f| f.owner.contains(owner)).unwrap();
            let question = question_about(finding, heaps.last().unwrap()).unwrap();
            let changes = changes::changes(&format!("/app/{name}.js"), &text, &question).unwrap();
            let found: Vec<u64> =
                changes.adds.iter().map(|p| u64::from(lines.position(&text, p.offset).line) + 1).collect();
            let expected: Vec<u64> = leak["adds"].as_array().unwrap().iter().filter_map(Value::as_u64).collect();
            if found != expected {
                wrong.push(format!("{name}: {}: {found:?} add, not {expected:?}", finding.owner));
            }
            // `process` is the runtime's.
            if changes.declared.is_none() && owner != "process" {
                wrong.push(format!("{name}: {} is declared nowhere", finding.owner));
            }
        }
    }
    assert!(asked > 40, "{asked}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_text_counts_only_if_the_snapshot_knows_how_it_begins() {
    let heaps = snapshots("headers-array");
    let heaps: Vec<&Heap> = heaps.iter().collect();
    let findings = find_leaks(&heaps, &Stage::unwatched()).unwrap();
    let finding = &findings.findings[0];
    let script = finding.script.as_deref().unwrap();
    let directory = script.strip_suffix("/headers-array.js").unwrap();
    let servers = fixtures().join("servers");
    let places = SourcePlaces {
        roots: vec![format!("{directory}={}", servers.display()).parse().unwrap()],
        ..Default::default()
    };

    let code = code_of(finding, heaps[2], &Library::new(places)).unwrap();
    assert_eq!((code.adds.len(), code.adds[0].line, code.adds[0].column), (1, 11, 3));
    assert_eq!(code.adds[0].text, "headersArray.push({ userAgentUsed: request.headers['user-agent'] })");
    assert_eq!((code.removes.len(), code.declared.as_ref().unwrap().line), (0, 8));
    assert_eq!(
        code.sentences()[..2],
        [
            "headers-array.js:11 headersArray.push({ userAgentUsed: request.headers['user-agent'] }) adds.",
            "Nothing in this file removes."
        ]
    );

    // Another version under the same name.
    let other = std::env::temp_dir().join(format!("heapglass-other-version-{}", std::process::id()));
    std::fs::create_dir_all(&other).unwrap();
    let text = std::fs::read_to_string(servers.join("headers-array.js")).unwrap();
    std::fs::write(other.join("headers-array.js"), text.replace("'use strict'", "'use  strict'")).unwrap();
    let places =
        SourcePlaces { roots: vec![format!("{directory}={}", other.display()).parse().unwrap()], ..Default::default() };
    let code = code_of(finding, heaps[2], &Library::new(places));
    std::fs::remove_dir_all(&other).unwrap();
    // The script is short enough to be whole in the snapshot, which is better than another version.
    assert_eq!(code.unwrap().adds[0].line, 11);
}

#[test]
fn the_memory_of_all_owners_is_the_heaps_total() {
    use heapglass::code::memory::{Level, memory_by};
    for name in ["headers-array", "lazy-modules", "detached-dom", "bun-headers-array", "shared-object-express"] {
        let path = fixtures().join(format!("snapshots/{name}.1.heapsnapshot.gz"));
        let heap = session::open(&path, &Progress::new()).unwrap().heap;
        let owners = heap.source_owners(&Stage::unwatched()).unwrap();
        let library = Library::default();
        for level in [Level::Package, Level::File, Level::Function] {
            let rows = memory_by(level, &heap, owners, &library);
            assert_eq!(rows.iter().map(|r| r.size).sum::<u64>(), heap.total_size(), "{name} {level:?}");
            assert!(rows.is_sorted_by_key(|r| std::cmp::Reverse(r.size)), "{name} {level:?}");
        }
    }
}

#[test]
fn packages_have_the_memory_that_was_planted() {
    use heapglass::code::memory::{Level, memory_by};
    let path = fixtures().join("packages/packages.heapsnapshot.gz");
    let heap = session::open(&path, &Progress::new()).unwrap().heap;
    let owners = heap.source_owners(&Stage::unwatched()).unwrap();
    let rows = memory_by(Level::Package, &heap, owners, &Library::default());
    let planted = [
        ("plain", None, 250),
        ("@scope/maps", None, 500),
        ("nested", None, 300),
        ("statics", Some("1.2.3"), 200),
        ("zipped", Some("4.5.6"), 400),
    ];
    for (name, version, arrays) in planted {
        let row = rows.iter().find(|r| r.package == name).unwrap();
        assert_eq!(row.version.as_deref(), version, "{name}");
        let expected = arrays as f64 * 8032.0;
        assert!((row.size as f64 / expected - 1.0).abs() < 0.02, "{name} has {}, not {expected}", row.size);
    }
    let files = memory_by(Level::File, &heap, owners, &Library::default());
    let shared = files.iter().find(|r| r.file.as_deref().is_some_and(|f| f.contains("other.js and"))).unwrap();
    assert_eq!(shared.package, "(shared)");
    assert!((shared.size as f64 / (1000.0 * 1048.0) - 1.0).abs() < 0.02, "{}", shared.size);
    assert_eq!(rows.iter().map(|r| r.size).sum::<u64>(), heap.total_size());
}

#[test]
fn lines_and_names_of_bundles_are_those_that_were_written() {
    use heapglass::code::changes::{Holder, Question, Variable, declarations};
    use heapglass::code::owner::OwnerName;
    use heapglass::code::source_map::find_map;
    // What the owners are called in the bundle, and in the source.
    let minified =
        [("d", "auditTrail", 19), ("$", "tokensByUser", 20), ("g", "openTickets", 21), ("v", "statusBus", 24)];
    let plain = minified.map(|(_, name, line)| (name, name, line));
    let bundles =
        [("several-leaks.js", plain), ("several-leaks.min.js", minified), ("several-leaks.inline.js", minified)];
    for (file, owners) in bundles {
        let path = fixtures().join("bundled").join(file);
        let name = path.display().to_string();
        let source = SourcePlaces::default().find(&name, None).unwrap();
        let map = find_map(&name, &source, &SourcePlaces::default()).unwrap().unwrap();
        let lines = Lines::new(&source.text);
        for (owner, written, line) in owners {
            let holder = if written == "statusBus" { Holder::Listeners } else { Holder::Collection };
            let owner = OwnerName::parse(owner).unwrap();
            let variable = Variable { name: owner.variable.clone(), seen_from: None };
            let question = Question { owner, rest_of_name: String::new(), holder, seen_from: Vec::new() };
            let changes = changes::changes(&name, &source.text, &question).unwrap();
            assert_eq!(changes.adds.len(), 1, "{file} {written}");
            let original = map.original(lines.position(&source.text, changes.adds[0].offset)).unwrap();
            assert_eq!((original.file.as_str(), original.line), ("servers/several-leaks.js", line), "{file} {written}");
            let declared = declarations(&name, &source.text, &[variable]).unwrap()[0].unwrap();
            let declared = map.original(lines.position(&source.text, declared)).unwrap();
            assert_eq!(declared.name.as_deref().unwrap_or(written), written, "{file}");
        }
    }
}
