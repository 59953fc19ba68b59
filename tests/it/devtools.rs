//! Every value of DevTools' own answers about the snapshots in `fixtures/devtools`, and the list
//! of what is different on purpose.
//!
//! Each answer of ours is brought into the shape of the file's and compared with it as a whole.
//! About real snapshots, whose answers would fill the repository, DevTools' are kept as hashes over
//! lines: `fixtures/devtools/snapshots.answers.json`, written by `scripts/compare-with-devtools --answers`.

use heapglass::analysis::facts::constructors::ConstructorGroup;
use heapglass::analysis::naming::edge_names::EdgeName;
use heapglass::analysis::order::sort::{Column, Direction, Sort};
use heapglass::analysis::paths::path::Path;
use heapglass::analysis::paths::retainers_view::{Retainer, RetainersView};
use heapglass::analysis::realms::dead_context_fields::dead_context_fields;
use heapglass::analysis::realms::native_contexts::Attribution;
use heapglass::analysis::strings::duplicate_strings::duplicate_strings;
use heapglass::analysis::tables::allocations::{AllocationRow, function_name, trace_function};
use heapglass::analysis::tables::comparison::{ComparisonSort, compare};
use heapglass::analysis::tables::filters::NodeFilter;
use heapglass::analysis::tables::queries::retained_by_contexts;
use heapglass::analysis::tables::statistics::statistics;
use heapglass::analysis::tables::summary::sort_classes;
use heapglass::analysis::tables::timeline::timeline;
use heapglass::analysis::tables::tree::{Level, edge_rows};
use heapglass::analysis::{Heap, facts::classes::Class};
use heapglass::graph::{Detachedness, EdgeIndex, NodeFlags, NodeIndex, NodeKind};
use heapglass::progress::{Progress, Stage};
use heapglass::testing::{fixture, json_text, parse_json};
use heapglass::text::Text;
use heapglass::{session, units};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Where we differ from DevTools on purpose: fixture, part of its answer, and the values that are
/// ours. Everything else in the part is the same.
const DIFFERENCES: [(&str, &str, [&str; 6]); 2] =
    [("class_keys", "summary", MERGED_CLASSES), ("class_keys", "filters", MERGED_UNDER_A_FILTER)];

/// Classes with equal keys are merged; DevTools shows one of them and hides the objects of the
/// other. Count, shallow size and retained size of the two rows concerned.
const MERGED_CLASSES: [&str; 6] = [
    "class_keys.summary[1][2]: ours 2, theirs 1",
    "class_keys.summary[1][4]: ours 768, theirs 512",
    "class_keys.summary[1][5]: ours 768, theirs 512",
    "class_keys.summary[2][2]: ours 3, theirs 1",
    "class_keys.summary[2][4]: ours 224, theirs 64",
    "class_keys.summary[2][5]: ours 224, theirs 64",
];

const MERGED_UNDER_A_FILTER: [&str; 6] = [
    "class_keys.filters.noNativeContext[1][2]: ours 2, theirs 1",
    "class_keys.filters.noNativeContext[1][4]: ours 768, theirs 512",
    "class_keys.filters.noNativeContext[1][5]: ours 768, theirs 512",
    "class_keys.filters.noNativeContext[2][2]: ours 3, theirs 1",
    "class_keys.filters.noNativeContext[2][4]: ours 224, theirs 64",
    "class_keys.filters.noNativeContext[2][5]: ours 224, theirs 64",
];

fn fixtures() -> PathBuf {
    fixture("devtools")
}

fn heap(name: &str) -> Heap {
    let extension = if name == "timeline" { "heaptimeline" } else { "heapsnapshot" };
    session::open(&fixtures().join(format!("{name}.{extension}")), &Progress::new()).unwrap().heap
}

fn expected(name: &str) -> Value {
    parse_json(&std::fs::read_to_string(fixtures().join(format!("{name}.expected.json"))).unwrap())
}

fn stage() -> Stage {
    Stage::unwatched()
}

fn text(text: impl AsRef<[u8]>) -> Value {
    json_text(Text(text.as_ref())).into()
}

fn id(heap: &Heap, n: NodeIndex) -> Value {
    heap.id(n).0.into()
}

/// All nodes as lines of columns between tabs.
fn nodes(heap: &Heap) -> Value {
    let header = "id\tdistance\tshallow\tretained\tdominator\tdetachedness\tclassKey\ttype\tflags\tnativeContext\tname";
    let contexts = heap.native_contexts(&stage()).unwrap();
    let quoted = |text: Text<'_>| {
        let mut literal = String::new();
        text.write_json(&mut literal);
        literal
    };
    let reachable_from_window = heap.reachable_from_window(&stage()).unwrap();
    let line = |n: NodeIndex| {
        let flags = heap.flags(n);
        let is_detached_dom = heap.kind(n) == NodeKind::NATIVE && heap.detachedness(n) == Detachedness::Detached;
        let bits = u8::from(reachable_from_window.contains(n))
            | u8::from(is_detached_dom) << 1
            | u8::from(flags.has(NodeFlags::PAGE_OBJECT)) << 2;
        [
            heap.id(n).0.to_string(),
            heap.distance(n).to_string(),
            heap.shallow_size(n).to_string(),
            heap.retained_size(n).to_string(),
            heap.id(heap.dominator(n)).0.to_string(),
            (heap.detachedness(n) as u8).to_string(),
            quoted(heap.class_key(n).as_text()),
            heap.graph.node_kind_name(heap.kind(n)).to_owned(),
            bits.to_string(),
            match contexts.attribution(n) {
                Attribution::None => "none".to_owned(),
                Attribution::Shared => "shared".to_owned(),
                Attribution::Context(context) => heap.id(context).0.to_string(),
            },
            quoted(heap.name(n).as_text()),
        ]
        .join("\t")
    };
    std::iter::once(header.to_owned()).chain(heap.graph.node_indices().map(line)).collect()
}

/// The classes of Summary under a filter, as they are sorted at first.
fn groups(heap: &Heap, filter: &NodeFilter) -> Vec<ConstructorGroup> {
    let mut groups = match filter.nodes(heap, &stage()).unwrap() {
        None => heap.facts.constructors.clone(),
        Some(nodes) => heap.constructors(|n| nodes.contains(n), &stage()).unwrap(),
    };
    sort_classes(heap, &mut groups, Sort::BY_RETAINED);
    groups
}

/// Summary under a filter.
fn summary(heap: &Heap, filter: &NodeFilter) -> Value {
    let row = |g: &ConstructorGroup| {
        let class = heap.class(g.class);
        json!([text(&class.key().0), text(&class.name.0), g.count, g.distance, g.shallow_size, g.retained_size])
    };
    groups(heap, filter).iter().map(row).collect()
}

/// Our filter for DevTools' name of one.
fn filter(name: &str) -> NodeFilter {
    let ours = match name {
        "duplicatedStrings" => "duplicated-strings",
        "objectsRetainedByDetachedDomNodes" => "retained-by-detached-dom-nodes",
        "objectsRetainedByContexts" => "retained-by-contexts",
        "objectsRetainedByConsole" => "retained-by-console",
        "objectsRetainedByEventHandlers" => "retained-by-event-handlers",
        "sharedNativeContext" => "shared-between-native-contexts",
        "noNativeContext" => "no-native-context",
        other => &other.replace("nativeContextId:", "native-context:"),
    };
    ours.parse().unwrap()
}

fn filters(heap: &Heap, expected: &Value) -> Value {
    let names = expected.as_object().unwrap().keys();
    names.map(|name| (name.clone(), summary(heap, &filter(name)))).collect::<Map<_, _>>().into()
}

/// A row of a tree: the name of the edge, its type, the object at its other end.
fn row(heap: &Heap, edge: EdgeIndex, node: NodeIndex, distance: i32) -> Value {
    let edge = heap.graph.edge(edge);
    let name = EdgeName::of(&heap.graph, &edge).text();
    // The worker knows nothing of how the panel shortens the URLs of windows.
    let is_object = heap.kind(node) == NodeKind::OBJECT;
    let object = if is_object { heap.name(node) } else { heap.cell_text(node) };
    json!([
        text(name.as_text().as_bytes()),
        heap.graph.edge_kind_name(&edge),
        id(heap, node),
        text(object.as_text().as_bytes()),
        distance
    ])
}

fn rows(rows: Vec<Value>) -> Value {
    json!({ "totalLength": rows.len(), "items": rows })
}

fn edges(heap: &Heap, n: NodeIndex, level: Level, sort: Sort) -> Value {
    let edges = edge_rows(heap, n, level, sort, &stage()).unwrap();
    let row = |e| {
        let target = heap.graph.edge(e).target;
        row(heap, e, target, heap.distance(target))
    };
    rows(edges.into_iter().map(row).collect())
}

fn retainers(heap: &Heap, n: NodeIndex) -> Value {
    let view = RetainersView::default();
    let edges = view.rows(heap, n, Sort::BY_DISTANCE, &stage()).unwrap();
    let row = |e| {
        let retainer = view.retainer(heap, e);
        row(heap, e, retainer.node, retainer.distance)
    };
    rows(edges.into_iter().map(row).collect())
}

/// An answer for each node, by id.
fn by_id(heap: &Heap, answer: impl Fn(NodeIndex) -> Value) -> Value {
    heap.graph.node_indices().map(|n| (heap.id(n).0.to_string(), answer(n))).collect::<Map<_, _>>().into()
}

fn statistics_of(heap: &Heap) -> Value {
    let s = statistics(heap, &stage()).unwrap();
    json!({
        "total": s.total,
        "native": { "total": s.native, "typedArrays": s.typed_arrays },
        "v8heap": {
            "total": s.js_heap,
            "code": s.code,
            "jsArrays": s.js_arrays,
            "strings": s.strings,
            "system": s.system,
        },
    })
}

fn native_contexts(heap: &Heap) -> Value {
    let all = heap.native_contexts(&stage()).unwrap();
    let contexts = all.contexts.iter().map(|c| {
        json!({
            "nodeId": id(heap, c.node),
            "nodeIndex": c.node.0 * node_fields(heap),
            "nodeName": text(heap.name(c.node).as_text().as_bytes()),
            "attributedSize": c.attributed_size,
            "retainedSize": heap.retained_size(c.node),
            "selfSize": heap.shallow_size(c.node),
        })
    });
    json!({
        "nativeContexts": contexts.collect::<Value>(),
        "sharedSize": all.shared_size,
        "noAttributionSize": all.unattributed_size,
    })
}

/// How many numbers the fixture has for a node: what DevTools' node indices count in.
fn node_fields(heap: &Heap) -> u32 {
    5 + u32::from(heap.graph.nodes.trace_node_ids.is_some()) + 1
}

fn retained_by_context(heap: &Heap) -> Value {
    let sums = retained_by_contexts(heap, &stage()).unwrap();
    json!({
        "contextCount": sums.context_count,
        "retainedByContextSize": sums.retained_size,
        "retainedByContextCount": sums.retained_count,
        "notRetainedByContextSize": sums.other_size,
        "notRetainedByContextCount": sums.other_count,
        "totalSize": sums.retained_size + sums.other_size,
    })
}

fn duplicates(heap: &Heap) -> Value {
    let groups = duplicate_strings(heap, &stage()).unwrap();
    let group = |g: heapglass::analysis::strings::duplicate_strings::DuplicateGroup| {
        let node = |&n: &NodeIndex| {
            json!({
                "id": id(heap, n),
                "selfSize": heap.shallow_size(n),
                "retainedSize": heap.retained_size(n),
                "distance": heap.distance(n),
            })
        };
        let mut value = json!({
            "value": text(heap.name(g.nodes[0]).as_text().as_bytes()),
            "count": g.nodes.len(),
            "totalSelfSize": g.shallow_size,
            "totalRetainedSize": g.retained_size,
            "nodes": g.nodes.iter().map(node).collect::<Value>(),
            "truncated": g.truncated.is_some(),
        });
        if let Some(truncated) = g.truncated {
            value["length"] = json!(truncated.length);
            value["hash"] = json!(truncated.hash);
        }
        value
    };
    groups.into_iter().map(group).collect()
}

fn samples(heap: &Heap) -> Value {
    let timeline = timeline(heap, &stage()).unwrap().unwrap();
    let number = |n: f64| if n.fract() == 0.0 { json!(n as i64) } else { json!(n) };
    json!({
        "timestamps": (0..timeline.samples.len()).map(|i| number(timeline.timestamp_ms(i))).collect::<Value>(),
        "lastAssignedIds": timeline.samples.iter().map(|s| number(s.last_assigned_id)).collect::<Value>(),
        "sizes": timeline.sizes,
    })
}

/// A row of the allocation table. DevTools numbers rows as they are made; the numbers mean nothing.
fn allocation(heap: &Heap, row: &AllocationRow) -> Value {
    let f = trace_function(&heap.graph, row.function).unwrap();
    json!({
        "name": text(function_name(&heap.graph, row.function).as_bytes()),
        "scriptName": text(heap.graph.strings.get(f.script_name).as_bytes()),
        "scriptId": f.script_id,
        "line": f.line,
        "column": f.column,
        "count": row.totals.count,
        "size": row.totals.size,
        "liveCount": row.totals.live_count,
        "liveSize": row.totals.live_size,
        "hasChildren": row.has_callers,
    })
}

fn allocations(heap: &Heap) -> Value {
    let profile = heap.allocation_profile();
    let top = |row: AllocationRow| {
        let callers = profile.callers(&heap.graph, &row);
        let list = |rows: &[AllocationRow]| rows.iter().map(|r| allocation(heap, r)).collect::<Value>();
        let mut value = allocation(heap, &row);
        value["callers"] =
            json!({ "nodesWithSingleCaller": list(&callers.chain), "branchingCallers": list(&callers.branches) });
        value["summary"] = summary(heap, &row.filter(&heap.graph));
        value
    };
    profile.tops(&heap.graph).into_iter().map(top).collect()
}

/// Takes away DevTools' numbers of rows.
fn without_row_ids(mut allocations: Value) -> Value {
    for top in allocations.as_array_mut().unwrap() {
        top.as_object_mut().unwrap().remove("id");
        for list in ["nodesWithSingleCaller", "branchingCallers"] {
            for caller in top["callers"][list].as_array_mut().unwrap() {
                caller.as_object_mut().unwrap().remove("id");
            }
        }
    }
    allocations
}

fn stack(heap: &Heap, n: NodeIndex) -> Value {
    let frame = |function: u32| {
        let f = trace_function(&heap.graph, function).unwrap();
        json!({
            "functionName": text(function_name(&heap.graph, function).as_bytes()),
            "scriptName": text(heap.graph.strings.get(f.script_name).as_bytes()),
            "scriptId": f.script_id,
            "line": f.line,
            "column": f.column,
        })
    };
    match heap.allocation_profile().stack(&heap.graph, n) {
        Some(functions) => functions.into_iter().map(frame).collect(),
        None => Value::Null,
    }
}

fn dead_fields(heap: &Heap) -> Value {
    let fields = node_fields(heap);
    let dead = dead_context_fields(heap, &stage()).unwrap();
    let scopes = dead.scopes.iter().map(|scope| {
        let contexts = scope.contexts.iter().map(|context| {
            let dead = context.fields.iter().map(|field| {
                json!({
                    "name": text(&field.name.0),
                    "valueNodeIndex": field.value.0 * fields,
                    "valueNodeId": id(heap, field.value),
                    "valueName": text(heap.name(field.value).as_text().as_bytes()),
                    "valueType": heap.graph.node_kind_name(heap.kind(field.value)),
                    "selfSize": heap.shallow_size(field.value),
                    "retainedSize": heap.retained_size(field.value),
                })
            });
            json!({
                "contextNodeIndex": context.node.0 * fields,
                "contextNodeId": id(heap, context.node),
                "retainedSize": heap.retained_size(context.node),
                "deadFieldsRetainedSizeSum": context.dead_size,
                "deadFields": dead.collect::<Value>(),
            })
        });
        json!({
            "scopeInfoNodeIndex": scope.scope_info.0 * fields,
            "scopeInfoNodeId": id(heap, scope.scope_info),
            "scriptNodeIndex": scope.script.0 * fields,
            "scriptNodeId": id(heap, scope.script),
            "scriptName": text(&scope.script_name.0),
            "scopeName": scope.function_name.as_ref().map(|name| text(&name.0)),
            "scopeStart": scope.start,
            "scopeEnd": scope.end,
            "contextFieldCount": scope.field_count,
            "contexts": contexts.collect::<Value>(),
        })
    });
    let scripts = dead.scripts_without_scopes.iter().map(|script| {
        json!({
            "scriptNodeIndex": script.node.0 * fields,
            "scriptNodeId": id(heap, script.node),
            "scriptName": text(&script.name.0),
            "contextCount": script.context_count,
        })
    });
    json!({ "scopes": scopes.collect::<Value>(), "scriptsWithoutScopes": scripts.collect::<Value>() })
}

fn static_data(heap: &Heap, expected: &Value) -> Value {
    let graph = &heap.graph;
    let extra = &expected["extraNativeBytes"];
    json!({
        "nodeCount": graph.node_count(),
        "rootNodeIndex": graph.root.0 * node_fields(heap),
        "totalSize": heap.total_size(),
        "maxJSObjectId": heap.greatest_js_id(),
        "edgeCount": graph.edge_count(),
        // DevTools adds names of its own to the table, of classes and of detached nodes.
        "stringsCount": expected["stringsCount"],
        // Nothing and none are one to us.
        "extraNativeBytes": if extra.is_null() { json!(null) } else { json!(graph.extra_native_bytes) },
    })
}

/// Our answer in the shape of the part `name` of an expected file; `None` for what is not an answer.
fn answer(heap: &Heap, name: &str, expected: &Value) -> Option<Value> {
    let by_name = Sort::new(Column::Name, Direction::Ascending);
    let by_distance = Sort::new(Column::Distance, Direction::Ascending);
    Some(match name {
        "static" => static_data(heap, expected),
        "nodes" => nodes(heap),
        "summary" => summary(heap, &NodeFilter::All),
        "statistics" => statistics_of(heap),
        "filters" => filters(heap, expected),
        "nativeContexts" => native_contexts(heap),
        "retainedByContext" => retained_by_context(heap),
        "duplicateStrings" => duplicates(heap),
        "interfaces" => heap.facts.classes.interfaces.iter().map(|i| text(&i.name.0)).collect(),
        "retainers" => by_id(heap, |n| retainers(heap, n)),
        "edges" => by_id(heap, |n| edges(heap, n, Level::UnderObject, Sort::BY_RETAINED)),
        "edgesByName" => by_id(heap, |n| edges(heap, n, Level::UnderObject, by_name)),
        "containmentByDistance" => edges(heap, heap.graph.root, Level::Deeper, by_distance),
        "samples" => samples(heap),
        "allocation" => allocations(heap),
        "stacks" => by_id(heap, |n| stack(heap, n)),
        "contexts" => dead_fields(heap),
        "retainersOfValueIgnoringKeyHolder11" => retainers_without_key(heap),
        // What DevTools writes to its console.
        "warnings" => return None,
        other => panic!("no answer to compare with {other:?}"),
    })
}

/// The retainers of @13 while @11 is ignored.
fn retainers_without_key(heap: &Heap) -> Value {
    let find = |id| heap.find(heapglass::graph::NodeId(id)).unwrap();
    let view = RetainersView::ignoring(heap, BTreeSet::from([find(11)]), &stage()).unwrap();
    let edges = view.rows(heap, find(13), Sort::BY_DISTANCE, &stage()).unwrap();
    let row = |e| {
        let retainer = view.retainer(heap, e);
        let shown = if retainer.is_ignored { "ignored".to_owned() } else { units::distance(retainer.distance) };
        let name = EdgeName::of(&heap.graph, &heap.graph.edge(e)).text();
        json!([text(name.as_text().as_bytes()), id(heap, retainer.node), retainer.distance, shown])
    };
    edges.into_iter().map(row).collect()
}

/// The expected part in the shape of [`answer`].
fn normalized(name: &str, expected: Value) -> Value {
    match name {
        // Of an interface the count is forgotten once it is chosen.
        "interfaces" => expected.as_array().unwrap().iter().map(|i| i[0].clone()).collect(),
        "allocation" => without_row_ids(expected),
        _ => expected,
    }
}

/// The places where two values differ, each with both.
fn differences(path: &str, ours: &Value, theirs: &Value, found: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys().filter(|k| !a.contains_key(*k))) {
                let null = Value::Null;
                differences(&format!("{path}.{key}"), a.get(key).unwrap_or(&null), b.get(key).unwrap_or(&null), found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (i, (a, b)) in a.iter().zip(b).enumerate() {
                differences(&format!("{path}[{i}]"), a, b, found);
            }
        }
        _ if ours == theirs => {}
        _ => found.push(format!("{path}: ours {ours}, theirs {theirs}")),
    }
}

fn names() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(fixtures())
        .unwrap()
        .filter_map(|f| Some(f.unwrap().file_name().to_str()?.strip_suffix(".expected.json")?.to_owned()))
        .collect();
    names.sort();
    names
}

#[test]
fn every_answer_is_that_of_devtools_but_for_the_deliberate_differences() {
    let names: Vec<String> =
        names().into_iter().filter(|n| !["diff", "diff_names", "numbers"].contains(&&**n)).collect();
    assert_eq!(names.len(), 29);
    let mut found = Vec::new();
    for name in &names {
        let heap = heap(name);
        let Value::Object(parts) = expected(name) else { panic!("{name}") };
        for (part, theirs) in parts {
            let Some(ours) = answer(&heap, &part, &theirs) else { continue };
            let mut different = Vec::new();
            differences(&format!("{name}.{part}"), &ours, &normalized(&part, theirs), &mut different);
            match DIFFERENCES.iter().find(|d| (d.0, d.1) == (name, &part)) {
                Some((_, _, deliberate)) => assert_eq!(different, deliberate),
                None => found.append(&mut different),
            }
        }
    }
    assert!(found.is_empty(), "{} differences:\n{}", found.len(), found.join("\n"));
}

/// The first deliberate difference: DevTools makes two numbers of `1.5`, and 5 of `-5`.
#[test]
fn a_number_that_is_no_count_is_refused_where_it_stands() {
    let opened = session::open(&fixtures().join("numbers.heapsnapshot"), &Progress::new());
    let sentence = "nodes: expected a whole number that is not negative, found the negative number `-5` at byte 876";
    assert_eq!(opened.unwrap_err().to_string(), sentence);
}

#[test]
fn comparisons_and_their_expanded_rows_are_those_of_devtools() {
    let mut found = Vec::new();
    for pair in ["diff", "diff_names"] {
        let (base, target) = (heap(&format!("{pair}_base")), heap(&format!("{pair}_target")));
        let comparison = compare(&base, &target, &stage()).unwrap();
        let sort = ComparisonSort::default();
        let mut expanded = Map::new();
        let mut rows = Vec::new();
        for i in comparison.sorted_rows(sort) {
            let row = &comparison.rows[i as usize];
            if !row.has_new_or_deleted() {
                continue;
            }
            let ids = |heap: &Heap, nodes: Vec<NodeIndex>| nodes.into_iter().map(|n| id(heap, n)).collect::<Value>();
            let sorted = |mut ids: Value| {
                ids.as_array_mut().unwrap().sort_by_key(Value::as_u64);
                ids.as_array_mut().unwrap().truncate(5);
                ids
            };
            let new = ids(&target, comparison.new_objects(row, &target, sort, &stage()).unwrap());
            let deleted = ids(&base, comparison.deleted_objects(row, &base, sort, &stage()).unwrap());
            let key = Class { name: row.class_name.clone(), location: row.location }.key();
            rows.push(json!({
                "classKey": text(&key.0),
                "name": text(&row.name.0),
                "addedCount": row.new_count,
                "removedCount": row.deleted_count,
                "countDelta": row.count_delta(),
                "addedSize": row.allocated_size,
                "removedSize": row.freed_size,
                "sizeDelta": row.size_delta(),
                "ui": [
                    units::spaced_count(row.new_count),
                    units::spaced_count(row.deleted_count),
                    units::signed(row.count_delta(), units::spaced_count),
                    units::bytes(row.allocated_size),
                    units::bytes(row.freed_size),
                    units::signed(row.size_delta(), units::bytes),
                ],
                "addedIds": sorted(new.clone()),
                "deletedIds": sorted(deleted.clone()),
            }));
            expanded.insert(json_text(key.as_text()), json!([new, deleted]));
        }
        let expected = expected(pair);
        let interfaces: Value = target.facts.classes.interfaces.iter().map(|i| text(&i.name.0)).collect();
        let parts = [
            ("rows", rows.into()),
            ("expanded", expanded.into()),
            ("interfaceDefinitions", interfaces),
            ("base", static_data(&base, &expected["base"])),
            ("target", static_data(&target, &expected["target"])),
        ];
        for (part, ours) in parts {
            differences(&format!("{pair}.{part}"), &ours, &expected[part], &mut found);
        }
    }
    assert!(found.is_empty(), "{} differences:\n{}", found.len(), found.join("\n"));
}

/// Lines in the short form of `fixtures/devtools/answers.mjs`.
#[derive(Default)]
struct Short {
    count: u64,
    first: Vec<String>,
    hash: u32,
}

impl Short {
    fn of(lines: impl IntoIterator<Item = String>) -> Value {
        let mut short = Self { hash: 0x811c_9dc5, ..Self::default() };
        for mut line in lines {
            short.count += 1;
            for byte in line.bytes().chain([b'\n']) {
                short.hash = (short.hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
            }
            if short.first.len() < 3 {
                if let Some((end, _)) = line.char_indices().nth(200) {
                    line.replace_range(end.., "…");
                }
                short.first.push(line);
            }
        }
        json!({ "count": short.count, "fnv1a": format!("{:08x}", short.hash), "first": short.first })
    }
}

/// A line: texts as JSON writes them, numbers as they are.
macro_rules! line {
    ($($value:expr),*) => { [$(Field::field(&$value)),*].join("\t") };
}

trait Field {
    fn field(&self) -> String;
}

impl Field for Text<'_> {
    fn field(&self) -> String {
        let mut literal = String::new();
        self.write_json(&mut literal);
        literal
    }
}

macro_rules! number_fields {
    ($($number:ty)*) => {$(
        impl Field for $number {
            fn field(&self) -> String {
                self.to_string()
            }
        }
    )*};
}
number_fields!(u32 u64 i32 usize);

/// Objects spread over the file, by id, each once.
fn spread(heap: &Heap) -> Vec<NodeIndex> {
    let count = heap.graph.node_count() as u64;
    let mut seen = BTreeSet::new();
    let nodes = (0..100).map(|i| NodeIndex(u32::try_from(i * count / 100).unwrap()));
    nodes.filter(|&n| seen.insert(heap.id(n))).map(|n| heap.find(heap.id(n)).unwrap()).collect()
}

/// Our short answer for the part `name`.
fn short_answer(heap: &Heap, name: &str) -> Value {
    let summary = |filter: &NodeFilter| {
        Short::of(groups(heap, filter).iter().map(|g| {
            let class = heap.class(g.class);
            let key = class.key();
            line!(key.as_text(), class.name.as_text(), g.count, g.distance, g.shallow_size, g.retained_size)
        }))
    };
    let about = |lines: &dyn Fn(NodeIndex) -> Vec<String>| {
        let of = |n| std::iter::once(heap.id(n).to_string()).chain(lines(n));
        Short::of(spread(heap).into_iter().flat_map(of))
    };
    let edge_of = |e: EdgeIndex| {
        let edge = heap.graph.edge(e);
        let name = EdgeName::of(&heap.graph, &edge).text();
        line!(name.as_text(), Text::from(heap.graph.edge_kind_name(&edge)))
    };
    let row = |e: EdgeIndex, n: NodeIndex, distance: i32| {
        let object = heap.name(n);
        format!("{}\t{}", edge_of(e), line!(heap.id(n).0, object.as_text(), distance, heap.retained_size(n)))
    };
    let view = RetainersView::default();
    match name {
        "nodes" => Short::of(nodes(heap).as_array().unwrap().iter().map(|l| l.as_str().unwrap().to_owned())),
        "summary" => summary(&NodeFilter::All),
        "statistics" => statistics_of(heap),
        "interfaces" => Short::of(heap.facts.classes.interfaces.iter().map(|i| line!(i.name.as_text()))),
        "duplicates" => Short::of(duplicate_strings(heap, &stage()).unwrap().iter().map(|g| {
            let value = heap.name(g.nodes[0]);
            line!(value.as_text(), g.nodes.len(), g.shallow_size, g.retained_size)
        })),
        "edges" => about(&|n| {
            let edges = edge_rows(heap, n, Level::UnderObject, Sort::BY_RETAINED, &stage()).unwrap();
            let row = |e| row(e, heap.graph.edge(e).target, heap.distance(heap.graph.edge(e).target));
            edges.into_iter().map(row).collect()
        }),
        "retainers" => about(&|n| {
            let edges = view.rows(heap, n, Sort::BY_DISTANCE, &stage()).unwrap();
            let retainers = edges.into_iter().map(|e| view.retainer(heap, e));
            retainers.map(|r| row(r.edge, r.node, r.distance)).collect()
        }),
        "chains" => about(&|n| {
            let chain = opened_by_itself(heap, &view, n).into_iter();
            chain.map(|r| format!("{}\t{}", edge_of(r.edge), line!(heap.id(r.node).0, r.distance))).collect()
        }),
        "dead_fields" => {
            let dead = dead_context_fields(heap, &stage()).unwrap();
            Short::of(dead.scopes.iter().flat_map(|scope| {
                let script = scope.script_name.as_text();
                scope.contexts.iter().flat_map(move |context| {
                    context.fields.iter().map(move |f| {
                        let (context, value) = (heap.id(context.node).0, heap.id(f.value).0);
                        line!(script, context, f.name.as_text(), value, heap.retained_size(f.value))
                    })
                })
            }))
        }
        filter => summary(&filter.parse().unwrap()),
    }
}

/// All rows of a comparison with all objects of each.
fn short_comparison(base: &Heap, target: &Heap) -> Value {
    let comparison = compare(base, target, &stage()).unwrap();
    let sort = ComparisonSort::default();
    let order = comparison.sorted_rows(sort);
    let rows = order.iter().map(|&i| &comparison.rows[i as usize]).filter(|row| row.has_new_or_deleted());
    Short::of(rows.flat_map(|row| {
        let key = Class { name: row.class_name.clone(), location: row.location }.key();
        let ids = |heap: &Heap, nodes: Vec<NodeIndex>| {
            nodes.into_iter().map(|n| heap.id(n).0.to_string()).collect::<Vec<_>>().join(" ")
        };
        let new = comparison.new_objects(row, target, sort, &stage()).unwrap();
        let deleted = comparison.deleted_objects(row, base, sort, &stage()).unwrap();
        let (allocated, freed) = (row.allocated_size, row.freed_size);
        [
            line!(key.as_text(), row.name.as_text(), row.new_count, row.deleted_count, allocated, freed),
            format!("+ {}", ids(target, new)),
            format!("- {}", ids(base, deleted)),
        ]
    }))
}

#[test]
fn answers_about_real_snapshots_are_those_of_devtools() {
    let text = std::fs::read_to_string(fixtures().join("snapshots.answers.json")).unwrap();
    let expected: Value = serde_json::from_str(&text).unwrap();
    let open = |name: &str| {
        let path = fixtures().join(format!("../snapshots/{name}.heapsnapshot.gz"));
        session::open(&path, &Progress::new()).unwrap().heap
    };
    let snapshots = expected["snapshots"].as_object().unwrap();
    let heaps: Vec<(&String, Heap)> = snapshots.keys().map(|name| (name, open(name))).collect();
    let find = |name: &str| &heaps.iter().find(|h| h.0 == name).unwrap().1;
    let mut found = Vec::new();
    for (name, heap) in &heaps {
        let Value::Object(mut parts) = snapshots[*name].clone() else { panic!("{name}") };
        let Some(Value::Object(filters)) = parts.remove("filters") else { panic!("{name}") };
        assert_eq!((parts.len(), filters.len()), (9, 7));
        for (part, theirs) in parts.into_iter().chain(filters) {
            differences(&format!("{name}: {part}"), &short_answer(heap, &part), &theirs, &mut found);
        }
    }
    let comparisons = expected["comparisons"].as_object().unwrap();
    assert_eq!(comparisons.len(), 3);
    for (pair, theirs) in comparisons {
        let (base, target) = pair.split_once(' ').unwrap();
        differences(pair, &short_comparison(find(base), find(target)), theirs, &mut found);
    }
    assert!(found.is_empty(), "{} differences:\n{}", found.len(), found.join("\n"));
}

/// The rows that DevTools opens by itself above `n`: at most twenty, the last of which need not lead to a root. Those
/// that do are the beginning of the path that we show.
fn opened_by_itself(heap: &Heap, view: &RetainersView, n: NodeIndex) -> Vec<Retainer> {
    let mut opened: Vec<Retainer> = Vec::new();
    while opened.len() < 20
        && opened.last().is_none_or(|r| r.distance > 1 && r.is_reachable())
        && let Some(retainer) = view.first(heap, opened.last().map_or(n, |r| r.node))
    {
        opened.push(retainer);
    }
    let path = Path::find(heap, view, n).retainers(heap, view);
    let reachable = opened.iter().take_while(|r| r.is_reachable());
    assert!(reachable.zip(&path).all(|(opened, step)| opened == step), "the path to {} is another", heap.id(n));
    opened
}
