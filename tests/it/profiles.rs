//! Profiles beside DevTools: `fixtures/profiles` holds small profiles with the answers of DevTools' own code, which are
//! compared row by row, in order, with every number and every text. Where we differ on purpose the right number is
//! counted here the slow way.

use heapglass::profile::{
    BottomUp, CallerRow, Profile, SampleRange, SizeColumn, StackIndex, sort_caller_rows, sorted_children,
};
use heapglass::progress::{Progress, Stage};
use heapglass::reader::{ReadOptions, ReadProfile, read_profile_file};
use heapglass::units;
use serde_json::{Value, json};
use std::path::PathBuf;

pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/profiles")
}

pub(crate) fn read(name: &str) -> ReadProfile {
    let path = folder().join(name);
    let packed = folder().join(format!("{name}.gz"));
    let path = if path.exists() { path } else { packed };
    read_profile_file(&path, &ReadOptions::default(), &Progress::new()).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn expected(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(folder().join(name)).unwrap()).unwrap()
}

/// A case of `cases.json`.
struct Case {
    file: String,
    command: String,
    options: Vec<(String, String)>,
    expected: Value,
    name: String,
}

impl Case {
    fn all() -> Vec<Self> {
        let cases = expected("cases.json");
        let case = |case: &Value| {
            let mut args = case["args"].as_array().unwrap().iter().map(|a| a.as_str().unwrap());
            let command = args.next().unwrap().to_owned();
            let option = |a: &str| {
                let (name, value) = a.split_once('=').unwrap_or((a, ""));
                (name.trim_start_matches("--").to_owned(), value.to_owned())
            };
            let name = case["expected"].as_str().unwrap().to_owned();
            Self {
                file: case["file"].as_str().unwrap().to_owned(),
                command,
                options: args.map(option).collect(),
                expected: expected(&name),
                name,
            }
        };
        cases.as_array().unwrap().iter().map(case).collect()
    }

    fn option(&self, name: &str) -> Option<&str> {
        self.options.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    fn profile(&self) -> Profile {
        let read = read(&self.file);
        let ordinal = |name: &str| self.option(name).map(|n| n.parse().unwrap());
        let range = SampleRange { min: ordinal("min-ordinal"), max: ordinal("max-ordinal") };
        Profile::of_samples(&read.stacks, range, &Stage::unwatched()).unwrap()
    }

    fn sort(&self) -> (SizeColumn, bool) {
        let column = match self.option("sort") {
            None => SizeColumn::SelfSize,
            Some("total") => SizeColumn::TotalSize,
            Some("function") => SizeColumn::Name,
            Some(other) => panic!("{other}"),
        };
        (column, self.option("asc").is_none())
    }
}

/// A number as JSON has it, whole ones without a fraction.
fn number(n: f64) -> Value {
    if n.fract() == 0.0 && n.abs() < 9e18 { json!(n as i64) } else { json!(n) }
}

fn cells(profile: &Profile, at: StackIndex, level: u32, own: f64, total: f64, has_children: bool) -> Value {
    let frame = profile.frame(at);
    let percent = |n: f64| match units::share(n, profile.total()) {
        text if text.is_empty() => "NaN\u{a0}%".to_owned(),
        text => text,
    };
    json!([
        level,
        frame.shown_name().to_string(),
        frame.url.to_string(),
        frame.script.to_string(),
        frame.line,
        frame.column,
        number(own),
        number(total),
        units::size(own),
        percent(own),
        units::size(total),
        percent(total),
        has_children,
    ])
}

fn top_down(profile: &Profile, (column, is_descending): (SizeColumn, bool), depth: u32, limit: usize) -> Vec<Value> {
    let mut rows = Vec::new();
    let mut pending = sorted_children(profile, StackIndex::ROOT, column, is_descending);
    pending.reverse();
    while let Some(n) = pending.pop()
        && rows.len() < limit
    {
        let level = profile.depth(n) - 1;
        let (own, total) = (profile.self_size(n), profile.total_size(n));
        rows.push(cells(profile, n, level, own, total, profile.has_children(n)));
        if level + 1 < depth {
            pending.extend(sorted_children(profile, n, column, is_descending).into_iter().rev());
        }
    }
    rows
}

/// What some nodes and everything below them allocated, each allocation once: the slow way.
fn counted_once(profile: &Profile, starts: &[StackIndex]) -> f64 {
    let is_below = |n: StackIndex| profile.stack(n).any(|above| starts.contains(&above));
    profile.nodes().filter(|&n| is_below(n)).map(|n| profile.self_size(n)).sum()
}

/// Compares the rows with DevTools', opened as far as these are.
fn compare_bottom_up(name: &str, profile: &Profile, sort: (SizeColumn, bool), depth: u32, theirs: &[Value], cut: bool) {
    let view = BottomUp::new(profile);
    let mut tops = view.tops(profile);
    sort_caller_rows(profile, &mut tops, sort.0, sort.1);
    let mut pending: Vec<(CallerRow, u32)> = tops.into_iter().rev().map(|row| (row, 0)).collect();
    for (i, expected) in theirs.iter().enumerate() {
        let (row, level) = pending.pop().unwrap_or_else(|| panic!("{name}: no row {i}: {expected}"));
        let starts: Vec<StackIndex> = view.starts(&row).collect();
        let mut ours = cells(profile, row.first, level, row.self_size, row.total_size, row.has_callers);
        let total_of_theirs: f64 = starts.iter().map(|&n| profile.total_size(n)).sum();
        if row.total_size != total_of_theirs && starts.len() < 50 {
            // A function below itself: DevTools counts what is allocated there again.
            assert_eq!(row.total_size, counted_once(profile, &starts), "{name}, row {i}");
            assert!(row.total_size <= profile.total() && row.total_size < total_of_theirs);
        }
        if row.total_size != total_of_theirs {
            let doubled = cells(profile, row.first, level, row.self_size, total_of_theirs, row.has_callers);
            ours = doubled;
        }
        let is_opened = expected[12].as_bool().unwrap();
        if row.has_callers && !is_opened {
            // DevTools opens a row only if its first node has a caller.
            assert!(profile.caller(row.first).is_none(), "{name}, row {i}");
            ours[12] = json!(false);
        }
        assert_eq!(&ours, expected, "{name}, row {i}");
        if is_opened && level + 1 < depth {
            let mut callers = view.callers(profile, &row);
            sort_caller_rows(profile, &mut callers, sort.0, sort.1);
            pending.extend(callers.into_iter().rev().map(|row| (row, level + 1)));
        }
    }
    assert!(cut || pending.is_empty(), "{name}: more rows than DevTools has");
}

fn rows<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().unwrap()
}

#[track_caller]
fn same_rows(what: &str, ours: &[Value], theirs: &[Value]) {
    for (i, (a, b)) in ours.iter().zip(theirs).enumerate() {
        assert_eq!(a, b, "{what}, row {i}");
    }
    assert_eq!(ours.len(), theirs.len(), "{what}");
}

#[test]
fn everything_that_devtools_shows_of_a_profile_is_the_same() {
    let mut count = 0;
    for case in Case::all().iter().filter(|c| c.command == "all") {
        let (name, theirs) = (&case.name, &case.expected);
        let profile = case.profile();
        assert_eq!(number(profile.total()), theirs["total"], "{name}");
        assert_eq!(json!(profile.max_depth()), theirs["maxDepth"], "{name}");
        assert_eq!(json!(profile.node_count()), theirs["nodeCount"], "{name}");
        let limit = rows(theirs, "nodes").len();
        let nodes: Vec<Value> = profile
            .nodes()
            .take(limit)
            .map(|n| {
                let f = profile.frame(n);
                let (own, total) = (number(profile.self_size(n)), number(profile.total_size(n)));
                json!([
                    profile.depth(n),
                    f.name.to_string(),
                    f.url.to_string(),
                    f.script.to_string(),
                    f.line,
                    f.column,
                    own,
                    total
                ])
            })
            .collect();
        same_rows(&format!("{name}, nodes"), &nodes, rows(theirs, "nodes"));
        let depth = u32::try_from(theirs["depth"].as_u64().unwrap()).unwrap();
        let down = rows(theirs, "topDown");
        same_rows(&format!("{name}, top down"), &top_down(&profile, case.sort(), depth, down.len().max(1)), down);
        let cut = theirs["bottomUpCut"].as_bool().unwrap();
        compare_bottom_up(name, &profile, case.sort(), depth, rows(theirs, "bottomUp"), cut);
        count += 1;
    }
    assert_eq!(count, 18);
}

#[test]
fn rows_are_sorted_as_devtools_sorts_them() {
    let mut count = 0;
    for case in Case::all().iter().filter(|c| c.option("sort").is_some()) {
        let (profile, theirs) = (case.profile(), rows(&case.expected, "rows"));
        match case.command.as_str() {
            "top-down" => same_rows(&case.name, &top_down(&profile, case.sort(), 6, usize::MAX), theirs),
            _ => compare_bottom_up(&case.name, &profile, case.sort(), 6, theirs, false),
        }
        count += 1;
    }
    assert_eq!(count, 8);
}
