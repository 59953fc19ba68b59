//! Everything that can be asked about a snapshot, asked.

use super::mutate::pick;
use heapglass::analysis::Heap;
use heapglass::analysis::leaks::{KnownLeaks, find_leaks};
use heapglass::analysis::naming::edge_names::{EdgeName, edge_cell_text};
use heapglass::analysis::order::sort::{Column, Direction, Sort};
use heapglass::analysis::paths::merged_paths::merged_paths;
use heapglass::analysis::paths::path::Path;
use heapglass::analysis::paths::retainers_view::{RetainersView, retainer_text};
use heapglass::analysis::paths::retaining_paths::{PathLimits, retaining_paths};
use heapglass::analysis::paths::why::min_cut::CutLimits;
use heapglass::analysis::paths::why::why;
use heapglass::analysis::realms::dead_context_fields::dead_context_fields;
use heapglass::analysis::removal::shares::shares;
use heapglass::analysis::removal::what_if::{Cut, what_if};
use heapglass::analysis::strings::duplicate_strings::duplicate_strings;
use heapglass::analysis::tables::allocations::{AllocationRow, function_name};
use heapglass::analysis::tables::comparison::{ComparisonColumn, ComparisonSort, compare};
use heapglass::analysis::tables::dominated::{dominated_rows, dominator_chain};
use heapglass::analysis::tables::filters::{MenuEntry, NodeFilter, menu};
use heapglass::analysis::tables::growth::{GrowthColumn, GrowthSort, growth};
use heapglass::analysis::tables::queries::{EdgeQuery, ObjectQuery, edges, objects, retained_by_contexts};
use heapglass::analysis::tables::search::{Query, QueryOptions, search};
use heapglass::analysis::tables::side_by_side::side_by_side;
use heapglass::analysis::tables::statistics::statistics;
use heapglass::analysis::tables::summary::{sort_classes, sort_objects, totals};
use heapglass::analysis::tables::timeline::{grid_bytes, timeline};
use heapglass::analysis::tables::tree::{Level, edge_rows};
use heapglass::graph::{EdgeIndex, NodeIndex, NodeSet};
use heapglass::progress::Stage;
use heapglass::testing::Random;
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// How many nodes are looked at one by one.
const SOME: usize = 8;

/// Asks everything about `heap`, about what became of `original` in it, and of `other` with both.
pub(super) fn everything(heap: &Heap, original: &Heap, other: &Heap, random: &mut Random) {
    let stage = Stage::unwatched();
    let graph = &heap.graph;
    let some: Vec<NodeIndex> = (0..SOME)
        .map(|_| NodeIndex(u32::try_from(pick(random, graph.node_count())).unwrap()))
        .chain([graph.root])
        .collect();
    about_classes(heap, random, &stage);
    for &n in &some {
        about_object(heap, n, random, &stage);
    }
    let sum: u128 = graph.node_indices().map(|n| u128::from(heap.shallow_size(n))).sum();
    if sum <= u128::from(u64::MAX) {
        assert!(heap.retained_size(graph.root) <= u64::try_from(sum).unwrap(), "more is retained than there is");
    }

    let _ = statistics(heap, &stage).unwrap();
    let _ = duplicate_strings(heap, &stage).unwrap();
    let _ = dead_context_fields(heap, &stage).unwrap();
    let _ = retained_by_contexts(heap, &stage).unwrap();
    let _ = objects(heap, &ObjectQuery::default(), &stage).unwrap();
    let native = heap.native_contexts(&stage).unwrap();
    for context in native.by_size() {
        assert!(!heapglass::analysis::realms::native_contexts::context_label(heap, &context).is_empty());
    }
    about_allocations(heap, &some, &stage);
    for query in queries() {
        let _ = search(heap, query, None, &stage).unwrap();
    }

    let _ = compare(heap, heap, &stage).unwrap();
    for (base, target) in [(original, heap), (heap, original)] {
        let comparison = compare(base, target, &stage).unwrap();
        let column = [ComparisonColumn::Name, ComparisonColumn::SizeDelta, ComparisonColumn::SizeChange];
        let sort = ComparisonSort { column: column[pick(random, 3)], direction: Direction::Descending };
        for i in comparison.sorted_rows(sort) {
            let row = &comparison.rows[i as usize];
            let _ = (row.count_delta(), row.size_delta());
            let _ = comparison.new_objects(row, target, sort, &stage).unwrap();
            let _ = comparison.deleted_objects(row, base, sort, &stage).unwrap();
            for changed in comparison.changed_objects(row, base, target, sort, &stage).unwrap() {
                let _ = changed.size_change(base, target);
            }
        }
        let sides = side_by_side(base, target, &stage).unwrap();
        for row in &sides.rows {
            if let Some(group) = row.base {
                let _ = sides.base_objects(base, group.class);
            }
            if let Some(group) = row.target {
                let _ = sides.target_objects(target, group.class);
            }
        }
    }
    about_series(heap, original, other, random, &stage);
    let groups: Vec<Vec<NodeIndex>> = some.iter().map(|&n| vec![n]).collect();
    let _ = shares(heap, &groups, &stage).unwrap();
    about_many_objects(heap, &some, random, &stage);
}

/// What leaks, and what grows.
fn about_series(heap: &Heap, original: &Heap, other: &Heap, random: &mut Random, stage: &Stage) {
    let series = [
        &[heap] as &[_],
        &[original, heap],
        &[heap, original, heap],
        &[original, heap, heap],
        &[other, original, heap],
        &[original, other, heap, original],
    ];
    let series = series[pick(random, series.len())];
    let mut findings = find_leaks(series, stage).unwrap();
    let mut known = String::new();
    for finding in &findings.findings {
        assert!(!finding.path_text().is_empty());
        if random.below(2) == 0 {
            known = KnownLeaks::text_with(&known, finding.fingerprint, &finding.owner, &finding.path_text());
        }
    }
    KnownLeaks::parse(&known).expect("what is written can be read").apply(&mut findings);
    let (all, expected) = (findings.findings.len(), findings.expected().count());
    assert_eq!(findings.unexpected().count() + expected, all);
    let _ = findings.to_markdown();

    let growth = growth(series, stage).unwrap();
    for row in &growth.rows {
        let _ = (row.class_key(), row.grew_in_every_step(), row.steps(|c| c.retained_size).count());
    }
    for column in [
        GrowthColumn::Name,
        GrowthColumn::Count(pick(random, 5)),
        GrowthColumn::RetainedSize(0),
        GrowthColumn::SizeDelta,
        GrowthColumn::RetainedDelta,
    ] {
        let order = growth.sorted_rows(GrowthSort { column, direction: Direction::Descending });
        assert_eq!(order.len(), growth.rows.len());
    }
}

/// What becomes of objects and references together.
fn about_many_objects(heap: &Heap, some: &[NodeIndex], random: &mut Random, stage: &Stage) {
    let graph = &heap.graph;
    let mut references = Vec::new();
    for _ in 0..random.below(4) {
        if graph.edge_count() > 0 {
            references.push(EdgeIndex(u32::try_from(pick(random, graph.edge_count())).unwrap()));
        }
    }
    let objects = some[..pick(random, some.len())].to_vec();
    let freed = what_if(heap, &Cut { objects, references }, stage).unwrap();
    assert!(freed.objects.len() <= graph.node_count() && freed.bytes <= heap.total_size().max(freed.bytes));

    let every_other = NodeSet::from_fn(graph.node_count(), |n: NodeIndex| n.at().is_multiple_of(2));
    let everything = NodeSet::from_fn(graph.node_count(), |_: NodeIndex| true);
    for objects in [every_other, everything] {
        let merged = merged_paths(heap, &objects, stage).unwrap();
        assert_eq!(merged.count + merged.without_path, objects.len() as u64);
        for step in &merged.steps {
            assert!(step.ending <= step.count && step.count <= merged.count);
        }
    }
}

/// Searches of each kind, understood once.
fn queries() -> &'static [Query] {
    static QUERIES: OnceLock<Vec<Query>> = OnceLock::new();
    QUERIES.get_or_init(|| {
        let all = [("", false), ("e", false), ("É", false), ("^[a-z(]", true), ("@3", false)];
        let query = |(text, regex)| Query::parse(text, QueryOptions { case_sensitive: false, regex }).unwrap();
        all.into_iter().map(query).collect()
    })
}

fn any_sort(random: &mut Random) -> Sort {
    let column = [Column::Name, Column::Distance, Column::ShallowSize, Column::RetainedSize][pick(random, 4)];
    Sort::new(column, [Direction::Ascending, Direction::Descending][pick(random, 2)])
}

/// Summary under every filter there is.
fn about_classes(heap: &Heap, random: &mut Random, stage: &Stage) {
    let mut filters = vec![NodeFilter::Ids { above: 3, up_to: u64::MAX }];
    for entry in menu(heap, &[("a", 3), ("b", 9)], stage).unwrap() {
        if let MenuEntry::Filter(filter, words) = entry {
            assert!(!words.is_empty());
            filters.push(filter);
        }
    }
    for filter in filters {
        if !matches!(filter, NodeFilter::Allocated(_)) {
            assert_eq!(filter.to_string().parse(), Ok(filter.clone()), "what is printed can be typed");
        }
        let nodes = filter.nodes(heap, stage).unwrap();
        let is_in = |n| nodes.as_ref().is_none_or(|set| set.contains(n));
        let mut groups = heap.constructors(is_in, stage).unwrap();
        sort_classes(heap, &mut groups, any_sort(random));
        let _ = totals(&groups);
        for group in &groups {
            let members = heap.members(group.class, nodes.as_ref());
            let sorted = sort_objects(heap, members, any_sort(random), stage).unwrap();
            assert_eq!(sorted.len(), group.count as usize);
        }
    }
}

fn about_object(heap: &Heap, n: NodeIndex, random: &mut Random, stage: &Stage) {
    let graph = &heap.graph;
    let _ = (heap.name(n), heap.raw_name(n), heap.string_value(n), heap.cell_text(n), heap.class_key(n));
    let _ = (graph.location(n), heap.detachedness(n), heap.distance(n), heap.flags(n), heap.find(heap.id(n)));
    for edge in heap.edges(n) {
        let _ = (EdgeName::of(graph, &edge).text(), edge_cell_text(graph, &edge), graph.edge_string(&edge));
    }
    for level in [Level::UnderObject, Level::Deeper] {
        let _ = edge_rows(heap, n, level, any_sort(random), stage).unwrap();
    }
    let query = EdgeQuery { min_retained_size: 1, without_primitives: true };
    let _ = edges(heap, n, query, any_sort(random), stage).unwrap();
    let _ = dominated_rows(heap, n, any_sort(random), stage).unwrap();
    let chain = dominator_chain(heap, n);
    assert!(chain.len() <= graph.node_count());
    let ignored = if random.below(3) == 0 { BTreeSet::from([n, graph.root]) } else { BTreeSet::new() };
    let view = RetainersView::ignoring(heap, ignored, stage).unwrap();
    for edge in view.rows(heap, n, any_sort(random), stage).unwrap() {
        let _ = retainer_text(heap, &view.retainer(heap, edge));
    }
    assert!(Path::find(heap, &view, n).steps().len() <= graph.node_count(), "cycles are not followed for ever");
    let _ = retaining_paths(heap, &view, n, PathLimits::default(), stage).unwrap();
    for limits in [CutLimits::default(), CutLimits { paths: 1, references: 3 }] {
        let why = why(heap, n, limits, stage).unwrap();
        let _ = (why.to_text(), why.to_markdown());
    }
}

fn about_allocations(heap: &Heap, some: &[NodeIndex], stage: &Stage) {
    let graph = &heap.graph;
    if let Some(timeline) = timeline(heap, stage).unwrap() {
        let _ = (timeline.total_ms(), timeline.window(0.0, 1.0), timeline.window(0.7, 0.2), timeline.bars(300.0));
    }
    let _ = grid_bytes(heap.total_size() as f64);
    let profile = heap.allocation_profile();
    let mut rows: Vec<AllocationRow> = profile.tops(graph);
    for _ in 0..6 {
        let Some(row) = rows.pop() else { break };
        let _ = (function_name(graph, row.totals.count.min(9) as u32), row.filter(graph).nodes(heap, stage).unwrap());
        rows.extend(profile.callers(graph, &row).branches);
    }
    for &n in some {
        let _ = profile.stack(graph, n);
    }
}
