//! What is exported is read back with the sum of every stack; focus, exclude, merging and comparing keep what they must.

use crate::profiles::read;
use heapglass::profile::export::{write_collapsed, write_heapprofile, write_pprof, write_speedscope};
use heapglass::profile::{By, Groups, Profile, StackIndex, ValueKind, compare_profiles, group_rows};
use heapglass::progress::{Progress, Stage};
use heapglass::reader::{ReadOptions, read_profile_bytes};
use std::collections::BTreeMap;
use std::io;

const ALL: [&str; 10] = [
    "anonymous.heapprofile",
    "empty.heapprofile",
    "heap.pb",
    "internals.heapprofile",
    "node22.heapprofile",
    "old.heapprofile",
    "ordinals.heapprofile",
    "recursion.heapprofile",
    "same-names.heapprofile",
    "ties.heapprofile",
];

fn profile(name: &str) -> Profile {
    let stacks = read(name).stacks;
    Profile::of(&stacks, ValueKind::LiveBytes, &Stage::unwatched()).unwrap().unwrap()
}

/// Every stack as text, and its bytes.
fn sums(profile: &Profile) -> BTreeMap<String, f64> {
    let mut sums = BTreeMap::new();
    for n in profile.nodes().filter(|&n| profile.self_size(n) != 0.0) {
        let stack: Vec<String> = profile
            .stack(n)
            .map(|at| {
                let frame = profile.frame(at);
                format!("{} {}", frame.shown_name(), frame.place())
            })
            .collect();
        *sums.entry(stack.join("\n")).or_default() += profile.self_size(n);
    }
    sums
}

fn written(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut bytes).unwrap();
    bytes
}

fn read_back(bytes: &[u8]) -> Profile {
    let read = read_profile_bytes(bytes, &ReadOptions::default(), &Progress::new()).unwrap();
    Profile::of(&read.stacks, ValueKind::LiveBytes, &Stage::unwatched()).unwrap().unwrap()
}

#[test]
fn exports_are_read_back_with_the_sum_of_every_stack() {
    for name in ALL {
        let profile = profile(name);
        let expected = sums(&profile);
        let heapprofile = written(|out| write_heapprofile(&profile, out));
        assert_eq!(sums(&read_back(&heapprofile)), expected, "{name}");
        if name == "empty.heapprofile" {
            continue;
        }
        let pprof = written(|out| write_pprof(std::slice::from_ref(&profile), None, out));
        let through_pprof = read_back(&pprof);
        assert_eq!(sums(&through_pprof), expected, "{name}");
        let back = written(|out| write_heapprofile(&through_pprof, out));
        assert_eq!(sums(&read_back(&back)), expected, "{name}");
        let collapsed = written(|out| write_collapsed(&profile, out));
        assert_eq!(sums(&read_back(&collapsed)), expected, "{name}");
    }
}

#[test]
fn speedscope_gets_each_stack_and_the_total() {
    for name in ALL {
        let profile = profile(name);
        let text = written(|out| write_speedscope(&profile, "a \"name\"", out));
        let json: serde_json::Value = serde_json::from_slice(&text).unwrap();
        let of = &json["profiles"][0];
        assert_eq!(of["endValue"].as_f64(), Some(profile.total()), "{name}");
        let samples = of["samples"].as_array().unwrap();
        assert_eq!(samples.len(), of["weights"].as_array().unwrap().len());
        assert_eq!(json["shared"]["frames"].as_array().unwrap().len(), profile.frames.len());
        assert_eq!(json["name"], "a \"name\"");
    }
}

#[test]
fn pprof_has_all_kinds_of_values() {
    let stacks = read("heap.pb").stacks;
    let of = |kind| Profile::of(&stacks, kind, &Stage::unwatched()).unwrap().unwrap();
    let profiles = ValueKind::ALL.map(of);
    let bytes = written(|out| write_pprof(&profiles, Some(&stacks), out));
    let back = read_profile_bytes(&bytes, &ReadOptions::default(), &Progress::new()).unwrap().stacks;
    assert_eq!(back.interval, stacks.interval);
    for profile in &profiles {
        let again = Profile::of(&back, profile.kind, &Stage::unwatched()).unwrap().unwrap();
        assert_eq!(sums(&again), sums(profile), "{:?}", profile.kind);
    }
}

#[test]
fn focus_keeps_stacks_and_exclude_keeps_bytes() {
    for name in ALL {
        let profile = profile(name);
        for f in profile.frames.indices().take(12) {
            let function = profile.frames.function(f);
            let is_it = |at| profile.frames.function(at) == function;
            let holds = |n: StackIndex| profile.stack(n).any(|at| is_it(profile.frame_index(at)));
            let expected: f64 = profile.nodes().filter(|&n| holds(n)).map(|n| profile.self_size(n)).sum();
            let focused = profile.focused(is_it);
            assert_eq!(focused.total(), expected, "{name}");
            let (mut stacks, kept) = (sums(&profile), sums(&focused));
            stacks.retain(|stack, _| kept.contains_key(stack));
            assert_eq!(stacks.values().sum::<f64>(), expected, "{name}");
            let excluded = profile.excluded(is_it);
            assert_eq!(excluded.total(), profile.total(), "{name}");
            assert!(excluded.nodes().skip(1).all(|n| !is_it(excluded.frame_index(n))), "{name}");
        }
    }
}

#[test]
fn merged_trees_keep_what_files_and_packages_allocated() {
    for name in ALL {
        let profile = profile(name);
        for by in [By::File, By::Package] {
            let groups = Groups::new(&profile.frames, by);
            let mut expected: Vec<(String, f64, f64)> = group_rows(&profile, &groups)
                .iter()
                .map(|row| (groups.title(&profile.frame(row.first)), row.self_size, row.total_size))
                .collect();
            let merged = profile.merged_by(by);
            let functions = Groups::new(&merged.frames, By::Function);
            let mut rows: Vec<(String, f64, f64)> = group_rows(&merged, &functions)
                .iter()
                .map(|row| (merged.frame(row.first).name.to_string(), row.self_size, row.total_size))
                .collect();
            expected.sort_by(|a, b| a.0.cmp(&b.0));
            rows.sort_by(|a, b| a.0.cmp(&b.0));
            assert_eq!(rows, expected, "{name} {by:?}");
        }
        let heavy = profile.left_heavy();
        assert_eq!(heavy.total(), profile.total(), "{name}");
        if name != "same-names.heapprofile" {
            // There a function has two URLs, and becomes one.
            assert_eq!(sums(&heavy), sums(&profile), "{name}");
        }
        let is_sorted = |n| heavy.children(n).map(|c| heavy.total_size(c)).is_sorted_by(|a, b| a >= b);
        assert!(heavy.nodes().all(is_sorted), "{name}");
    }
}

#[test]
fn a_sandwich_counts_a_function_once_above_and_below() {
    for name in ALL {
        let profile = profile(name);
        let groups = Groups::new(&profile.frames, By::Function);
        for row in group_rows(&profile, &groups).iter().take(20) {
            let sandwich = profile.sandwich(profile.function(row.first));
            assert_eq!(sandwich.callers.total(), row.total_size, "{name}");
            assert_eq!(sandwich.callees.total(), row.total_size, "{name}");
        }
    }
}

#[test]
fn compared_profiles_hold_both_and_the_differences_add_up() {
    let (a, b) = (profile("recursion.heapprofile"), profile("node22.heapprofile"));
    for (base, newer) in [(&a, &b), (&b, &a), (&a, &a)] {
        let compared = compare_profiles(base, newer, false, &Stage::unwatched()).unwrap();
        assert_eq!(compared.newer.node_count(), compared.base.node_count());
        let without_empty = |profile: &Profile| {
            let mut sums = sums(profile);
            sums.retain(|_, size| *size != 0.0);
            sums
        };
        assert_eq!(without_empty(&compared.newer), sums(newer));
        assert_eq!(without_empty(&compared.base), sums(base));
        let groups = Groups::new(&compared.newer.frames, By::Function);
        let delta: f64 = compared.rows(&groups).iter().map(|row| row.self_delta()).sum();
        assert_eq!(delta, newer.total() - base.total());
    }
    let scaled = compare_profiles(&a, &b, true, &Stage::unwatched()).unwrap();
    assert!((scaled.base.total() - b.total()).abs() < 1e-6);
}
