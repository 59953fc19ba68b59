//! Whole commands, run as a user runs them: what they print, to which stream, with which status.
//!
//! What is expected stands in `tests/it/expected`; `UPDATE_EXPECT=1 cargo test --test it cli`
//! writes it anew, to be read before it is committed.

use crate::program;
use heapglass::graph::NodeIndex;
use heapglass::testing::{SnapshotBuilder, TempFile, fixture};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A command at the fixtures: absolute paths stay out of what is printed.
fn heapglass(args: &[&str]) -> Command {
    let mut command = program::heapglass();
    command.args(args).current_dir(fixture(""));
    command
}

#[track_caller]
pub(crate) fn run(args: &[&str]) -> Output {
    heapglass(args).output().unwrap()
}

/// What a command that must succeed prints.
#[track_caller]
pub(crate) fn stdout(args: &[&str]) -> String {
    let output = run(args);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{args:?}: {errors}");
    assert_eq!(errors, "", "{args:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
pub(crate) fn json(args: &[&str]) -> Value {
    let text = stdout(&[args, &["--format", "json"]].concat());
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{args:?}: {e}:\n{text}"))
}

/// What a command prints is what stands in `expected/NAME.txt`.
#[track_caller]
fn check(name: &str, args: &[&str]) {
    let path = root().join("tests/it/expected").join(format!("{name}.txt"));
    let ours = stdout(args);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &ours).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(ours, expected, "heapglass {}", args.join(" "));
}

/// The same command in all three formats.
#[track_caller]
fn check_formats(name: &str, args: &[&str]) {
    for format in ["table", "json", "csv"] {
        check(&format!("{name}.{format}"), &[args, &["--format", format]].concat());
    }
}

pub(crate) const FILTERS: &str = "devtools/filters.heapsnapshot";
pub(crate) const BASE: &str = "devtools/diff_base.heapsnapshot";
pub(crate) const TARGET: &str = "devtools/diff_target.heapsnapshot";
pub(crate) const TIMELINE: &str = "devtools/timeline.heaptimeline";

fn headers(n: u32) -> String {
    format!("snapshots/headers-array.{n}.heapsnapshot.gz")
}

#[test]
fn commands_about_the_whole_snapshot_print_what_is_expected() {
    check_formats("summary", &["summary", FILTERS]);
    check_formats("statistics", &["statistics", FILTERS]);
    check_formats("nodes", &["nodes", FILTERS]);
    check_formats("duplicates", &["duplicates", "devtools/duplicates.heapsnapshot"]);
    check_formats("contexts", &["contexts", "devtools/context_analysis.heapsnapshot"]);
    check("contexts-native", &["contexts", "devtools/native_contexts.heapsnapshot"]);
    check_formats("allocations", &["allocations", TIMELINE, "--depth", "2"]);
    check("allocations-samples", &["allocations", TIMELINE, "--samples"]);
}

#[test]
fn commands_about_a_profile_print_what_is_expected() {
    let profile = "profiles/recursion.heapprofile";
    check_formats("profile", &["profile", profile]);
    check_formats("profile-tree", &["profile", profile, "--by", "tree", "--exclude", "even"]);
    check_formats("profile-bottom-up", &["profile", profile, "--by", "bottom-up", "--depth", "2"]);
    check_formats("profile-base", &["profile", "profiles/same-names.heapprofile", "--base", profile]);
    check_formats("profile-file", &["profile", "profiles/node22.heapprofile.gz", "--by", "file"]);
    check_formats("profile-package", &["profile", "profiles/node22.heapprofile.gz", "--by", "package"]);
    check("profile-focus", &["profile", profile, "--by", "tree", "--focus", "odd"]);
    check("profile-merged", &["profile", "profiles/node22.heapprofile.gz", "--by", "tree", "--merge", "package"]);
    check("profile-objects", &["profile", "profiles/heap.pb.gz", "--value", "alloc_objects", "--limit", "5"]);
    check("profile-timeline", &["profile", TIMELINE, "--value", "alloc_space"]);
    check("export-collapsed", &["export", profile, "--to", "collapsed", "--out", "-"]);
    check("export-heapprofile", &["export", profile, "--to", "heapprofile", "--out", "-"]);
    check("export-speedscope", &["export", profile, "--to", "speedscope", "--out", "-"]);
}

#[test]
fn what_is_no_profile_and_files_that_are_there_are_refused() {
    let refused = |args: &[&str], status: i32, message: &str| {
        let output = run(args);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(status), "{args:?}: {errors}");
        assert!(errors.contains(message), "{args:?}: {errors}");
    };
    refused(&["profile", FILTERS], 1, "this is a heap snapshot without stacks of allocations");
    refused(&["export", FILTERS, "--to", "pprof", "--out", "-"], 2, "heapglass nodes --format csv");
    refused(
        &["summary", "profiles/one.heapprofile"],
        1,
        "this is a profile of allocations, but a heap snapshot is needed",
    );
    refused(
        &["profile", "profiles/one.heapprofile", "--focus", "nobody"],
        2,
        "no function's name or URL holds 'nobody'",
    );
    refused(&["profile", "profiles/one.heapprofile", "--value", "alloc_space"], 2, "it has inuse_space");
    let folder = std::env::temp_dir().join(format!("heapglass-export-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let out = folder.join("a.svg");
    let args = ["flamegraph", "profiles/one.heapprofile", "--out", out.to_str().unwrap()];
    assert_eq!(run(&args).status.code(), Some(0));
    let first = std::fs::read(&out).unwrap();
    refused(&args, 2, "is there already; --overwrite replaces it");
    assert_eq!(run(&[&args[..], &["--overwrite"]].concat()).status.code(), Some(0));
    assert_eq!(std::fs::read(&out).unwrap(), first);
    let cpu = folder.join("a.cpuprofile");
    std::fs::write(
        &cpu,
        r#"{"nodes":[{"id":1,"callFrame":{}}],"startTime":1,"endTime":2,"samples":[],"timeDeltas":[]}"#,
    )
    .unwrap();
    refused(&["profile", cpu.to_str().unwrap()], 1, "this is not a profile of allocations but a CPU profile");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 2, "nothing is left behind");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn commands_about_an_object_print_what_is_expected() {
    check_formats("object", &["object", FILTERS, "@13"]);
    check_formats("retainers", &["retainers", FILTERS, "@17", "--depth", "3"]);
    check_formats("path", &["path", FILTERS, "@17"]);
    check("path-all", &["path", FILTERS, "@45", "--all"]);
    check_formats("containment", &["containment", FILTERS, "--depth", "2"]);
    check_formats("dominators", &["dominators", FILTERS, "@17"]);
    check("dominators-root", &["dominators", FILTERS, "--depth", "2"]);
    check_formats("search", &["search", FILTERS, "kept"]);
    check_formats("instances", &["instances", FILTERS, "V8EventListener"]);
    check("object-string", &["object", "devtools/strings.heapsnapshot", "@9"]);
    check("object-allocated", &["object", TIMELINE, "@11"]);
}

#[test]
fn comparisons_print_what_is_expected() {
    check_formats("comparison", &["comparison", BASE, TARGET]);
    check_formats("comparison-objects", &["comparison", BASE, TARGET, "--objects", "{k}"]);
    check("comparison-changed", &["comparison", BASE, TARGET, "--changed", "--format", "json"]);
    check("comparison-sorted", &["comparison", BASE, TARGET, "--sort", "delta", "--reverse"]);
}

#[test]
fn growth_shows_each_snapshot_and_each_step_and_what_grew_in_every_step() {
    check_formats("growth", &["growth", BASE, TARGET]);
    let files = [headers(0), headers(1), headers(2)];
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let answer = json(&[&["growth"], &*files, &["--every-step", "--sort", "count_delta", "--limit", "2"]].concat());
    assert_eq!(answer["snapshot_3"], "headers-array.2");
    let rows = answer["rows"].as_array().unwrap();
    let names: Vec<_> = rows.iter().map(|row| row["constructor"].as_str().unwrap()).collect();
    assert_eq!(names, ["(string)", "{userAgentUsed}"]);
    for row in rows {
        assert_eq!(row["grew_every_step"], true);
        for key in ["count", "shallow_size", "retained_size"] {
            let number = |key: String| row[key].as_i64().unwrap();
            for i in [2, 3] {
                let (now, before) = (number(format!("{key}_{i}")), number(format!("{key}_{}", i - 1)));
                assert_eq!(number(format!("{key}_change_{i}")), now - before);
            }
        }
        assert_eq!(
            row["count_delta"].as_i64(),
            Some(row["count_3"].as_i64().unwrap() - row["count_1"].as_i64().unwrap())
        );
    }
    assert_eq!(run(&["growth", BASE]).status.code(), Some(2));
}

#[test]
fn why_and_what_if_say_the_same_of_the_reference_that_keeps_an_object() {
    check("why.table", &["why", FILTERS, "@17"]);
    check("why.json", &["why", FILTERS, "@17", "--format", "json"]);
    check("why.markdown", &["why", FILTERS, "@17", "--format", "markdown"]);
    check_formats("what-if", &["what-if", FILTERS, "--cut", "@17"]);
    let file = headers(2);
    let search = json(&["search", &file, "loadtest/5.2.0", "--limit", "1"]);
    let id = search["rows"][0]["id"].as_u64().unwrap().to_string();
    let why = json(&["why", &file, &id]);
    for cut in why["cuts"].as_array().unwrap() {
        let mut args = vec!["what-if".to_owned(), file.clone()];
        for reference in cut["references"].as_array().unwrap() {
            let name = reference["reference"].as_str().unwrap();
            let (_, name) = name.split_once(' ').unwrap();
            let dot = if name.starts_with('[') { "" } else { "." };
            args.extend(["--cut-reference".to_owned(), format!("@{}{dot}{name}", reference["id"])]);
        }
        let freed = json(&args.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(freed["freed_bytes"], cut["freed_bytes"], "{args:?}");
        assert_eq!(freed["freed_count"], cut["freed_count"], "{args:?}");
    }
    assert_eq!(run(&["what-if", FILTERS, "--cut-reference", "@17.nothing"]).status.code(), Some(2));
    assert_eq!(run(&["what-if", FILTERS]).status.code(), Some(2));
}

#[test]
fn budgets_are_kept_or_broken_with_status_three() {
    let files = [headers(0), headers(1), headers(2)];
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let check = |args: &[&str]| {
        let output = run(&[&["check"], &*files, args, &["--format", "json"]].concat());
        let text = String::from_utf8(output.stdout).unwrap();
        (output.status.code(), serde_json::from_str::<Value>(&text).unwrap_or_default())
    };
    let grown = json(&[&["growth"], &*files, &["--class", "{userAgentUsed}"]].concat());
    let delta = grown["rows"][0]["count_delta"].as_i64().unwrap();
    let (kept, broken) = (format!("{{userAgentUsed}}={delta}"), format!("{{userAgentUsed}}={}", delta - 1));
    let (status, answer) = check(&["--max-growth", &kept, "--max-retained", "1GB", "--max-growth", "Server=0"]);
    assert_eq!((status, &answer["passed"]), (Some(0), &Value::Bool(true)), "{answer}");
    assert_eq!(answer["budgets"].as_array().unwrap().len(), 3);
    let (status, answer) = check(&["--max-growth", &broken, "--max-growth", &kept]);
    assert_eq!((status, &answer["passed"]), (Some(3), &Value::Bool(false)));
    assert_eq!((&answer["budgets"][0]["broken"], &answer["budgets"][0]["found"]), (&Value::Bool(true), &delta.into()));
    assert_eq!(answer["budgets"][1]["broken"], false);
    assert_eq!(check(&["--max-retained", "1kB"]).0, Some(3));
    assert_eq!(check(&["--max-retained", "{userAgentUsed}=1kB"]).0, Some(3));

    let (status, answer) = check(&["--fail-on-leak"]);
    assert_eq!(status, Some(3));
    assert_eq!(answer["findings"][0]["owner"], "headersArray");
    let fingerprint = answer["findings"][0]["fingerprint"].as_str().unwrap();
    let known = TempFile::new("known.txt", format!("{fingerprint}  by design\n"));
    let (status, answer) = check(&["--fail-on-leak", "--known", known.to_str().unwrap()]);
    assert_eq!((status, &answer["findings"]), (Some(0), &Value::Array(Vec::new())));

    let output = run(&[&["check"], &*files, &["--fail-on-leak"]].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("broken: fail-on-leak") && text.contains("`headersArray`"), "{text}");
    for wrong in [&["check", BASE][..], &["check", BASE, "--fail-on-leak"], &["check", BASE, "--max-growth", "Foo"]] {
        assert_eq!(run(wrong).status.code(), Some(2), "{wrong:?}");
    }
    for budget in [["--max-growth", "NoSuch=0"], ["--max-retained", "NoSuch=1MB"]] {
        let output = run(&[&["check"], &*files, &budget].concat());
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(said.contains("none of the snapshots has a class 'NoSuch'"), "{said}");
    }
}

#[test]
fn ten_snapshots_of_a_slow_leak_name_its_owner_and_how_it_grew_in_each_step() {
    let files: Vec<String> = (0..10).map(|i| format!("snapshots/slow-leak.{i}.heapsnapshot.gz")).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let answer = json(&[&["leaks"], &*files].concat());
    let findings = answer["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1);
    assert_eq!((&findings[0]["owner"], &findings[0]["evidence"]), (&"subscribers".into(), &"grew-every-step".into()));
    let growth = findings[0]["growth"].as_array().unwrap();
    assert_eq!(growth.len(), 10);
    assert!(growth[1..].iter().all(|at| at["added_count"] == 50), "{growth:?}");
    assert_eq!(run(&[&["check"], &*files, &["--fail-on-leak"]].concat()).status.code(), Some(3));
    let grown = json(&[&["growth"], &*files, &["--every-step"]].concat());
    assert!(!grown["rows"].as_array().unwrap().is_empty());
}

#[test]
fn what_the_file_beside_the_snapshots_says_is_expected() {
    let files = [0, 1, 2].map(|i| format!("snapshots/audit-log.{i}.heapsnapshot.gz"));
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let found = |args: &[&str]| {
        let answer = json(&[args, &*files].concat());
        let findings = answer["findings"].as_array().unwrap().clone();
        findings.iter().map(|f| (f["owner"].as_str().unwrap().to_owned(), f["expected"] == true)).collect::<Vec<_>>()
    };
    assert_eq!(found(&["leaks"]), [("drafts".to_owned(), false), ("auditLog".to_owned(), true)]);
    let output = run(&[&["check"], &*files, &["--fail-on-leak"]].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(text.contains("there is a leak") && text.contains("`drafts`") && !text.contains("`auditLog`"), "{text}");

    let nothing = TempFile::new("known.txt", "# nothing is known\n");
    let all = found(&["leaks", "--known", nothing.to_str().unwrap()]);
    assert_eq!(all, [("auditLog".to_owned(), false), ("drafts".to_owned(), false)]);
}

#[test]
fn paths_of_many_objects_are_one_tree_with_one_line_for_all_members_of_an_array() {
    check_formats("paths", &["paths", FILTERS, "--filter", "retained-by-contexts"]);
    let (before, after) = (headers(1), headers(2));
    let answer = json(&["paths", &after, "--new-since", &before, "--class", "{userAgentUsed}"]);
    let count = answer["object_count"].as_u64().unwrap();
    let rows = answer["rows"].as_array().unwrap();
    let owner = rows.iter().find(|row| row["reference"] == ".headersArray").unwrap();
    assert_eq!((&owner["count"], &owner["class"]), (&count.into(), &"Array".into()));
    let ends: Vec<_> = rows.iter().filter(|row| row["ending"] != 0).collect();
    assert_eq!((ends.len(), &ends[0]["ending"], &ends[0]["reference"]), (1, &count.into(), &"[ ]".into()));
    assert_eq!(run(&["paths", FILTERS]).status.code(), Some(2));
    assert_eq!(run(&["paths", FILTERS, "--class", "NoSuch"]).status.code(), Some(2));
}

#[test]
fn rows_can_be_picked_sorted_and_cut() {
    let names = |args: &[&str]| -> Vec<String> {
        let answer = json(&[&["summary", FILTERS], args].concat());
        let rows = answer["rows"].as_array().unwrap();
        rows.iter().map(|row| row["constructor"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(
        names(&["--class", "KEPTBY", "--sort", "constructor", "--limit", "2"]),
        ["KeptByDetached", "KeptByHandler"]
    );
    assert_eq!(names(&["--class", "/^Kept.*Inner$/"]), ["KeptByInner"]);
    assert_eq!(names(&["--filter", "retained-by-console"]), ["LoggedObject", "ChildOfLogged"]);
    let sizes = |args: &[&str]| -> Vec<u64> {
        let answer = json(&[&["summary", FILTERS, "--sort", "shallow_size"], args].concat());
        answer["rows"].as_array().unwrap().iter().map(|row| row["shallow_size"].as_u64().unwrap()).collect()
    };
    assert!(sizes(&[]).is_sorted_by(|a, b| a >= b));
    assert!(sizes(&["--reverse"]).is_sorted());
}

#[test]
fn objects_allocated_between_two_snapshots_are_those_with_ids_between_theirs() {
    let between = json(&["summary", TARGET, "--between", BASE, TARGET]);
    let by_ids = json(&["summary", TARGET, "--filter", "ids:301..305"]);
    assert_eq!(between["rows"], by_ids["rows"]);
    assert_ne!(between["rows"], Value::Array(Vec::new()));
    let before = json(&["summary", TARGET, "--between", "-", BASE]);
    assert_eq!(before["rows"], json(&["summary", TARGET, "--filter", "ids:0..301"])["rows"]);
}

#[test]
fn csv_headers_are_the_promised_ones() {
    let header = |args: &[&str]| stdout(&[args, &["--format", "csv"]].concat()).lines().next().unwrap().to_owned();
    assert_eq!(header(&["summary", FILTERS]), "constructor,count,distance,shallow_size,retained_size");
    assert_eq!(header(&["comparison", BASE, TARGET]), "constructor,new,deleted,delta,alloc_size,freed_size,size_delta");
    assert_eq!(
        header(&["nodes", FILTERS]),
        "id,type,name,class_key,distance,shallow_size,retained_size,dominator_id,detachedness"
    );
}

/// The keys of an answer and of its rows; the text of a number goes without saying.
fn keys(answer: &Value) -> Vec<String> {
    let mut keys = Vec::new();
    for (key, value) in answer.as_object().unwrap() {
        let rows = value.as_array().into_iter().flatten().next().and_then(Value::as_object);
        keys.push(key.clone());
        keys.extend(rows.into_iter().flat_map(|row| row.keys().cloned()));
    }
    keys.retain(|key| !key.ends_with("_text") && key != "command" && key != "rows");
    keys
}

#[test]
fn help_documents_every_key_of_json() {
    // Trees refer to the rows of this one.
    let of_trees = stdout(&["help", "containment"]);
    for args in [
        &["info", FILTERS][..],
        &["summary", FILTERS],
        &["instances", FILTERS, "Function"],
        &["statistics", FILTERS],
        &["comparison", BASE, TARGET],
        &["comparison", BASE, TARGET, "--changed"],
        &["comparison", BASE, TARGET, "--objects", "{k}"],
        &["growth", BASE, TARGET],
        &["containment", FILTERS],
        &["object", TIMELINE, "@11"],
        &["retainers", FILTERS, "@17"],
        &["path", FILTERS, "@17"],
        &["path", FILTERS, "@45", "--all"],
        &["dominators", FILTERS, "@17"],
        &["search", FILTERS, "kept"],
        &["duplicates", "devtools/duplicates.heapsnapshot"],
        &["contexts", "devtools/context_analysis.heapsnapshot"],
        &["contexts", "devtools/native_contexts.heapsnapshot"],
        &["allocations", TIMELINE],
        &["allocations", TIMELINE, "--samples"],
        &["nodes", FILTERS],
        &["paths", FILTERS, "--filter", "retained-by-contexts"],
        &["why", FILTERS, "@17"],
        &["what-if", FILTERS, "--cut", "@17"],
    ] {
        let help = stdout(&["help", args[0]]);
        let words: Vec<&str> = help.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        for key in keys(&json(args)) {
            let is_documented = words.contains(&&*key) || of_trees.contains(&key);
            assert!(is_documented, "`heapglass help {}` does not mention {key}", args[0]);
        }
    }
}

#[test]
fn the_leak_of_the_headers_server_leads_the_comparison_and_names_its_owner() {
    let answer = json(&["comparison", &headers(1), &headers(2), "--limit", "2"]);
    let rows = answer["rows"].as_array().unwrap();
    let found: Vec<_> =
        rows.iter().map(|row| (row["constructor"].as_str().unwrap(), row["delta"].as_i64().unwrap())).collect();
    // A few strings of the engine's own come or go.
    for name in ["(string)", "{userAgentUsed}"] {
        assert!(found.iter().any(|row| row.0 == name && (6990..=7010).contains(&row.1)), "{found:?}");
    }

    let strings = json(&["comparison", &headers(1), &headers(2), "--objects", "(string)"]);
    let is_agent = |row: &&Value| row["name"] == "loadtest/5.2.0" && row["difference"] == "new";
    let string = strings["rows"].as_array().unwrap().iter().find(is_agent).unwrap();
    let path = stdout(&["path", &headers(2), &format!("@{}", string["id"])]);
    let steps: Vec<&str> = path.lines().skip(3).map(|line| line.split(" @").next().unwrap()).collect();
    assert_eq!(steps[0], "userAgentUsed in Object {userAgentUsed}");
    assert!(steps[1].starts_with('[') && steps[1].ends_with("] in Array"), "{path}");
    assert_eq!(steps[2], "headersArray in system / Context");
}

#[test]
fn the_mended_headers_server_gains_no_records() {
    let file = |n: u32| format!("snapshots/headers-fixed.{n}.heapsnapshot.gz");
    let answer = json(&["comparison", &file(1), &file(2)]);
    let is_gained = |row: &&Value| row["delta"].as_i64().unwrap() > 1000;
    assert_eq!(answer["rows"].as_array().unwrap().iter().find(is_gained), None);
}

/// Runs a command that must fail; its status and what it says.
#[track_caller]
fn failure(args: &[&str]) -> (Option<i32>, String) {
    let output = run(args);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{args:?}");
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_file_that_cannot_be_read_is_status_one_and_a_sentence() {
    let (status, text) = failure(&["summary", "no-such.heapsnapshot"]);
    assert_eq!(status, Some(1));
    assert!(text.starts_with("heapglass: no-such.heapsnapshot: "), "{text}");
    let (status, text) = failure(&["info", "servers/package.json"]);
    assert_eq!(status, Some(1));
    assert!(text.contains("not a heap snapshot"), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
}

#[test]
fn wrong_usage_is_status_two_and_says_what_is_wrong() {
    for (args, says) in [
        (&["summary"][..], "FILE"),
        (&["summary", FILTERS, "--sort", "color"], "retained_size"),
        (&["summary", FILTERS, "--filter", "none"], "duplicated-strings"),
        (&["summary", FILTERS, "--class", "/(/"], "regex"),
        (&["object", FILTERS, "@999999"], "the snapshot has no object @999999"),
        (&["object", FILTERS, "x"], "expected an id such as @12345"),
        (&["instances", FILTERS, "Nobody"], "the snapshot has no class 'Nobody'"),
        (&["comparison", BASE, TARGET, "--objects", "Nobody"], "nothing differs in a class 'Nobody'"),
        (&["sumary"], "neither a command nor a file"),
        (&["summary", FILTERS, "--limit", "few"], "--limit"),
    ] {
        let (status, text) = failure(args);
        assert_eq!(status, Some(2), "{args:?}: {text}");
        assert!(text.contains(says), "{args:?}: {text}");
    }
}

#[test]
fn the_path_leads_to_the_root_however_long_it_is() {
    let mut snapshot = SnapshotBuilder::new();
    let root = snapshot.node("synthetic", "", 0);
    let mut last = snapshot.node("object", "First", 8);
    snapshot.edge(root, "shortcut", "global", last);
    for _ in 1..=40 {
        let next = snapshot.node("object", "Link", 8);
        snapshot.edge(last, "property", "next", next);
        last = next;
    }
    let file = TempFile::new("chain.heapsnapshot", snapshot.to_json());
    let answer = json(&["path", file.to_str().unwrap(), &format!("@{}", snapshot.heap().id(NodeIndex(last as u32)).0)]);
    let rows = answer["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 40);
    assert_eq!((&rows[39]["name"], &rows[39]["distance"]), (&"First".into(), &1.into()));
}

#[test]
fn warnings_go_to_standard_error_and_the_answer_stands() {
    let mut snapshot = SnapshotBuilder::new();
    let root = snapshot.node("synthetic", "", 0);
    let object = snapshot.node("object", "Thing", 16);
    snapshot.edge(root, "element", "1", object);
    let json = snapshot.to_json().replace("\"edge_count\":1,", "\"edge_count\":7,");
    let file = TempFile::new("wrong-count.heapsnapshot", &json);
    let output = run(&["summary", file.to_str().unwrap(), "--format", "csv"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stdout).contains("Thing,1,1,16,16"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("warning") && errors.contains("edge"), "{errors}");
}

#[test]
fn names_from_a_file_cannot_act_on_a_terminal_or_a_spreadsheet() {
    let mut snapshot = SnapshotBuilder::new();
    let root = snapshot.node("synthetic", "", 0);
    let evil = "\u{1b}[2J\u{202e}=cmd|calc\nforged row  9  9";
    let formula = "=HYPERLINK(\"http://x\")";
    for (i, name) in [evil, formula].into_iter().enumerate() {
        let object = snapshot.node("object", name, 16);
        snapshot.edge(root, "property", name, object);
        snapshot.edge(root, "element", &i.to_string(), object);
    }
    let file = TempFile::new("evil.heapsnapshot", snapshot.to_json());
    for command in ["summary", "nodes", "containment", "object @3", "retainers @3", "search cmd", "dominators"] {
        let mut words = command.split(' ');
        let mut args = vec![words.next().unwrap(), file.to_str().unwrap()];
        args.extend(words);
        let table = stdout(&args);
        assert!(table.contains("\\u{1b}[2J") || command.contains("retainers"), "{command}: {table}");
        assert!(!table.chars().any(|c| c.is_control() && c != '\n' || c == '\u{202e}'), "{command}");
        assert!(!table.lines().any(|line| line.starts_with("forged")), "{command}");
    }
    let csv = stdout(&["summary", file.to_str().unwrap(), "--format", "csv"]);
    assert!(csv.contains("\"'=HYPERLINK(\"\"http://x\"\")\",1,"), "{csv}");
    let names: Vec<Value> =
        json(&["summary", file.to_str().unwrap(), "--sort", "constructor"])["rows"].as_array().unwrap().clone();
    assert_eq!(names[0]["constructor"], evil, "programs get the text as it is");
}

#[test]
fn a_closed_pipe_ends_the_command_quietly() {
    let mut child = heapglass(&["nodes", &headers(0)]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with(' ') || line.starts_with("Id"), "{line}");
    let mut errors = String::new();
    child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    assert_eq!((child.wait().unwrap().code(), errors.as_str()), (Some(0), ""));
}

#[test]
fn version_help_completions_and_manual_know_the_commands() {
    let version = stdout(&["--version"]);
    assert!(version.starts_with(concat!("heapglass ", env!("CARGO_PKG_VERSION"))), "{version}");
    for args in [&["--help"][..], &["man"], &["completions", "bash"], &["completions", "zsh"], &["completions", "fish"]]
    {
        let text = stdout(args);
        for command in [
            "info",
            "summary",
            "statistics",
            "comparison",
            "containment",
            "instances",
            "object",
            "retainers",
            "path",
            "dominators",
            "search",
            "duplicates",
            "contexts",
            "allocations",
            "nodes",
        ] {
            assert!(text.contains(command), "{args:?} does not know {command}");
        }
    }
    for help in [&["help"][..], &["help", "summary"]] {
        assert!(stdout(help).contains("constructor,count,distance,shallow_size,retained_size"));
    }
}

#[test]
fn info_tells_what_a_file_is() {
    let info = json(&["info", &headers(0)]);
    assert_eq!(info["kind"], "heap snapshot");
    assert_eq!(info["compression"], "gzip");
    assert_eq!(info["file_size"], std::fs::metadata(fixture(&headers(0))).unwrap().len());
    let nodes = json(&["nodes", &headers(0)]);
    assert_eq!(info["node_count"], nodes["rows"].as_array().unwrap().len());
    assert_eq!(json(&["info", TIMELINE])["kind"], "allocation timeline");
}
