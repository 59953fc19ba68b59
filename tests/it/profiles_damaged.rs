//! Profiles that are cut, damaged or made to do harm: each has an outcome, and it is a sentence or a sound tree.

use crate::profiles::folder;
use heapglass::profile::{Profile, StackIndex, Stacks, ValueKind};
use heapglass::progress::{Progress, Stage};
use heapglass::reader::{ReadError, ReadOptions, ReadProfile, read_profile_bytes};
use std::io::Read as _;

fn read(bytes: &[u8]) -> Result<ReadProfile, ReadError> {
    let quick = read_profile_bytes(bytes, &ReadOptions::default(), &Progress::new());
    let portable = ReadOptions { portable: true, ..ReadOptions::default() };
    let slow = read_profile_bytes(bytes, &portable, &Progress::new());
    let told = |r: &Result<ReadProfile, ReadError>| match r {
        Ok(read) => format!("{:?} {:?}", read.warnings, read.stacks.values),
        Err(e) => e.to_string(),
    };
    assert_eq!(told(&quick), told(&slow), "instructions must not show");
    quick
}

/// Everything that the tree promises.
fn assert_is_sound(stacks: &Stacks) {
    let nodes = stacks.node_count();
    assert!(nodes > 0 && stacks.frame_of.len() == nodes);
    assert!(stacks.values.iter().all(|v| v.by_node.len() == nodes && v.by_node.iter().all(|s| *s >= 0.0)));
    assert!(stacks.parents.iter().enumerate().skip(1).all(|(n, &p)| (p as usize) < n));
    assert!(stacks.frame_of.iter().all(|f| (f.0 as usize) < stacks.frames.len()));
    for kind in ValueKind::ALL {
        let Some(profile) = Profile::of(stacks, kind, &Stage::unwatched()).unwrap() else { continue };
        for n in profile.nodes() {
            assert!(n == StackIndex::ROOT || profile.has_children(n) || profile.self_size(n) != 0.0);
            assert!(profile.children(n).all(|child| profile.parent(child) == Some(n)));
        }
    }
}

#[track_caller]
fn outcome(bytes: &[u8]) {
    match read(bytes) {
        Ok(read) => assert_is_sound(&read.stacks),
        Err(e) => assert!(!e.to_string().is_empty()),
    }
}

fn corpus() -> Vec<Vec<u8>> {
    let plain = |name: &str| std::fs::read(folder().join(name)).unwrap();
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&*plain("heap.pb.gz")).read_to_end(&mut unpacked).unwrap();
    let collapsed = b"main (/a.js:1:1);f;g (x) 12\nmain (/a.js:1:1) 3\n# note\n\xC3\xA4;b 0.5\n".to_vec();
    vec![
        plain("ordinals.heapprofile"),
        plain("oldest.heapprofile"),
        // As engines write it, without white space.
        serde_json::to_vec(&serde_json::from_slice::<serde_json::Value>(&plain("ordinals.heapprofile")).unwrap())
            .unwrap(),
        compact(),
        unpacked,
        plain("heap.pb.gz"),
        collapsed,
    ]
}

/// A profile with its keys in the order of engines.
fn compact() -> Vec<u8> {
    let node = |name: &str, size: u32, id: u32, children: &str| {
        format!(
            "{{\"callFrame\":{{\"functionName\":\"{name}\",\"scriptId\":\"1\",\"url\":\"file:///a.js\",\"lineNumber\":1,\
             \"columnNumber\":-1}},\"selfSize\":{size},\"id\":{id},\"children\":[{children}]}}"
        )
    };
    let inner = [node("a", 10, 3, ""), node("b\\u00e9", 20, 4, &node("c", 5, 5, ""))].join(",");
    let samples = "[{\"size\":10,\"nodeId\":3,\"ordinal\":1}]";
    format!("{{\"head\":{},\"samples\":{samples}}}", node("(root)", 0, 1, &node("main", 1, 2, &inner))).into_bytes()
}

#[test]
fn what_is_cut_anywhere_has_an_outcome() {
    for file in corpus() {
        for end in (0..file.len()).step_by(1 + file.len() / 700) {
            outcome(&file[..end]);
        }
    }
}

#[test]
fn thousands_of_damaged_profiles_have_an_outcome() {
    let mut seed = 7u64;
    let mut next = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    let corpus = corpus();
    let interesting = b"\0\"\\[]{},:-.e09 \n\x7F\x80\xC3\xFF;";
    let count = std::env::var("HEAPGLASS_FUZZ_PROFILES").ok().and_then(|n| n.parse().ok()).unwrap_or(6_000);
    for _ in 0..count {
        let mut bytes = corpus[next(corpus.len())].clone();
        for _ in 0..=next(4) {
            let at = next(bytes.len());
            match next(5) {
                0 => bytes[at] ^= 1 << next(8),
                1 => bytes[at] = interesting[next(interesting.len())],
                2 => bytes[at] = bytes[next(bytes.len())],
                3 => {
                    bytes.drain(at..(at + next(40)).min(bytes.len()));
                }
                _ => {
                    let part = bytes[at..(at + next(200)).min(bytes.len())].to_vec();
                    let to = next(bytes.len());
                    bytes.splice(to..to, part);
                }
            }
            if bytes.is_empty() {
                break;
            }
        }
        outcome(&bytes);
    }
}

#[test]
fn errors_say_where_and_what_to_do() {
    let text = String::from_utf8(compact()).unwrap();
    let refused = |text: &str| read(text.as_bytes()).unwrap_err().to_string();
    let cut = refused(&text[..text.find("\"url\"").unwrap()]);
    let end = text.find("\"url\"").unwrap();
    assert_eq!(
        cut,
        format!(
            "head: expected a key, found the end of the file at byte {end}; the file is cut short; before that 1 nodes \
             could be read; copy the file again, or record the profile again and wait until it is written"
        )
    );
    let at = text.find(":10,").unwrap() + 1;
    assert_eq!(
        refused(&text.replacen(":10,", ":-10,", 1)),
        format!("head: expected a size, which is not negative, found the negative number `-10` at byte {at}")
    );
    let without_size = text.replacen("\"selfSize\":10,", "", 1);
    assert!(refused(&without_size).ends_with("has no `selfSize`"), "{}", refused(&without_size));
    assert_eq!(
        refused("{\"samples\":[{\"nodeId\":1,\"ordinal\":2,\"size\":3}]}"),
        "file: a profile has its tree under the key `head`, and this has none"
    );
}

#[test]
fn samples_that_are_damaged_cost_nothing_but_themselves() {
    let text = String::from_utf8(compact()).unwrap();
    let read = read(&text.as_bytes()[..text.len() - 20]).unwrap();
    assert_eq!(read.stacks.node_count(), 5);
    assert!(read.stacks.samples.is_empty() && read.warnings.len() == 1 && read.warnings[0].is_incomplete);
}

#[test]
fn a_million_functions_inside_each_other_are_read_and_added_up() {
    let depth = 1_000_000;
    let open = "{\"callFrame\":{\"functionName\":\"f\",\"scriptId\":\"1\",\"url\":\"\",\"lineNumber\":1,\"columnNumber\":1},\
                \"selfSize\":1,\"id\":1,\"children\":[";
    let text = format!("{{\"head\":{}{},\"samples\":[]}}", open.repeat(depth), "]}".repeat(depth));
    let read = read(text.as_bytes()).unwrap();
    let profile = Profile::of(&read.stacks, ValueKind::LiveBytes, &Stage::unwatched()).unwrap().unwrap();
    assert_eq!((profile.total(), profile.max_depth()), (1e6, 999_999));
    let groups = heapglass::profile::Groups::new(&profile.frames, heapglass::profile::By::Function);
    let rows = heapglass::profile::group_rows(&profile, &groups);
    assert_eq!((rows.len(), rows[0].total_size), (1, 999_999.0));
}
