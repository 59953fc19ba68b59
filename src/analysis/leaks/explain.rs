//! Findings in sentences: every number in them is one that was measured.

use super::context::{Context, plain_bytes};
use super::details;
use super::eviction::turnover;
use super::finding::Step;
use super::subject::Measure;
use super::trend::Trend;
use crate::analysis::Heap;
use crate::analysis::source::adopted::silent_storage;
use crate::analysis::source::object_text::object_text;
use crate::analysis::source::owner_name::{PathStep, reference_between};
use crate::analysis::source::references::is_store;
use crate::analysis::source::scripts::{self, is_scope};
use crate::graph::{Edge, EdgeKind, NodeIndex, NodeKind};
use crate::markdown::code;
use crate::text::Text;
use crate::units;

/// How many steps of a long path are shown from its end.
const LAST_STEPS: usize = 8;

/// The path in words: from the roots to the owner, and on to the example and what it mostly holds.
pub(super) fn path(c: &Context<'_>) -> Vec<Step> {
    let heap = c.heap();
    let mut steps = vec![Step { text: "root".into(), id: Some(heap.id(heap.graph.root)) }];
    let begin =
        c.path.iter().rposition(|s| is_scope(heap, s.node)).unwrap_or(0).max(c.path.len().saturating_sub(LAST_STEPS));
    if c.path.first().is_some_and(|s| s.node != heap.graph.root || begin > 1) {
        steps.push(Step { text: "…".into(), id: None });
    }
    for (i, step) in c.path.iter().enumerate().skip(begin).filter(|(_, s)| s.node != heap.graph.root) {
        let text = match &step.edge {
            _ if i == begin => scope_text(c, step.node),
            Some(edge) => reference_text(heap, step.from, edge, step.node),
            None => object_text(heap, step.node),
        };
        steps.push(Step { text, id: Some(heap.id(step.node)) });
    }
    let mut node = c.path.last().map_or(heap.graph.root, |s| s.node);
    if c.example != node {
        let text = match reference_between(heap, node, c.example) {
            Some(edge) => reference_text(heap, node, &edge, c.example),
            None => format!("[ ] → {}", object_text(heap, c.example)),
        };
        node = c.example;
        steps.push(Step { text, id: Some(heap.id(node)) });
        let fields = heap.edges(node).filter(|e| {
            matches!(e.kind, EdgeKind::Property | EdgeKind::Context | EdgeKind::Element)
                && heap.graph.edge_string(e).is_none_or(|name| name != "__proto__")
        });
        if let Some(edge) = fields.max_by_key(|e| (heap.retained_size(e.target), std::cmp::Reverse(e.index))) {
            let text = reference_text(heap, node, &edge, edge.target);
            steps.push(Step { text, id: Some(heap.id(edge.target)) });
        }
    }
    steps
}

fn scope_text(c: &Context<'_>, n: NodeIndex) -> String {
    let heap = c.heap();
    match c.scripts.of_scope(n).filter(|_| is_scope(heap, n)) {
        Some(script) => {
            format!("{} ({})", object_text(heap, n), scripts::file_name(scripts::script_name(heap, script)))
        }
        None => object_text(heap, n),
    }
}

fn reference_text(heap: &Heap, from: NodeIndex, edge: &Edge, to: NodeIndex) -> String {
    let object = object_text(heap, to);
    let name = heap.graph.edge_string(edge).map(Text::lossy);
    match (edge.kind, name) {
        (EdgeKind::Context | EdgeKind::Property, Some(name)) => format!(".{name} → {object}"),
        (EdgeKind::Element, _) => format!("[ ] → {object}"),
        (_, Some(name)) if !is_store(&heap.graph, from) && !name.bytes().all(|b| b.is_ascii_digit()) => {
            format!("({name}) → {object}")
        }
        _ => format!("[ ] → {object}"),
    }
}

/// Why this is said to be a leak, the most important first.
pub(super) fn why(c: &Context<'_>) -> Vec<String> {
    let mut why = vec![growth_sentence(c)];
    why.extend(members_sentence(c));
    why.extend(details::sentence(c));
    why.push(share_sentence(c));
    why.extend(silence_sentence(c));
    why.extend(survival_sentence(c));
    why.extend(bound_sentence(c));
    if c.subject.trend == Trend::SlowedDown {
        why.push(
            "It grew less in the last step, as a cache does that fills up; but none of its members are gone, and nothing says \
             that it has a bound."
                .to_owned(),
        );
    }
    why
}

fn growth_sentence(c: &Context<'_>) -> String {
    let (counts, bytes) = (&c.subject.counts, &c.subject.bytes);
    let last = counts.len() - 1;
    let place = match c.script {
        Some(script) => format!(" in {}", scripts::file_name(Text::from(script))),
        None => String::new(),
    };
    if c.is_alone() {
        let members = match c.subject.measure {
            Measure::Bytes => String::new(),
            _ => format!("{} and ", c.counted(counts[0])),
        };
        return format!(
            "{}{place} holds {members}{}, {} of the snapshot.",
            code(c.name),
            plain_bytes(bytes[0]),
            units::percent(bytes[0], c.heap().total_size()).replace(units::NBSP, " ")
        );
    }
    let gained = |i: usize| {
        let more = bytes[i].saturating_sub(bytes[i - 1]);
        match c.subject.measure {
            Measure::Bytes => format!("by {}", plain_bytes(more)),
            _ => format!("by {} and {}", c.counted(counts[i].saturating_sub(counts[i - 1])), plain_bytes(more)),
        }
    };
    let mut text = format!("{}{place} grew {} from snapshot {last} to {}", code(c.name), gained(last), last + 1);
    if last >= 2 {
        let before: Vec<String> = (1..last)
            .rev()
            .take(8)
            .map(|i| match c.subject.measure {
                Measure::Bytes => units::signed(bytes[i] as i64 - bytes[i - 1] as i64, plain_bytes),
                _ => units::signed(counts[i] as i64 - counts[i - 1] as i64, units::count),
            })
            .map(|step| step.trim_start_matches('+').to_owned())
            .collect();
        text.push_str(&format!(", and by {} before that", before.join(", ")));
    }
    text.push('.');
    text
}

fn members_sentence(c: &Context<'_>) -> Option<String> {
    let heap = c.heap();
    let owner = c.path.last()?.node;
    let class = heap.class_name(owner).lossy().into_owned();
    if c.example == owner && c.is_alone() {
        return Some(format!("It is of class {class}."));
    }
    if c.example == owner {
        return Some(format!(
            "It is of class {class}, and it grew in place: no comparison of new and deleted objects shows that."
        ));
    }
    let what = if c.is_alone() { "it mostly holds objects" } else { "the new members are objects" };
    Some(format!(
        "It is of class {class}; {what} such as {} @{}, of class {}.",
        object_text(heap, c.example),
        heap.id(c.example).0,
        heap.class_name(c.example).lossy()
    ))
}

fn share_sentence(c: &Context<'_>) -> String {
    let mut text = format!("Without it, {} would be freed", plain_bytes(c.share.exclusive));
    if c.share.shared > 0 {
        text.push_str(&format!(
            "; it keeps another {} together with other {}",
            plain_bytes(c.share.shared),
            if c.is_alone() { "findings" } else { "owners that grew" }
        ));
    }
    text.push('.');
    text
}

/// What is not known of a Map or Set in a file of JavaScriptCore.
fn silence_sentence(c: &Context<'_>) -> Option<String> {
    let owner = c.path.last()?.node;
    silent_storage(c.heap(), owner)?;
    let place = |n: NodeIndex| c.placement.place[n];
    let Some(adoption) = c.placement.adoptions.iter().find(|a| place(a.owner) == place(owner)) else {
        return Some("The file does not tell what a Map or Set holds, only how much room it has.".to_owned());
    };
    let others: Vec<String> = adoption.others.iter().take(4).map(|name| code(name)).collect();
    let choice = match others.is_empty() {
        true => "and it is the only one that has room for them".to_owned(),
        false => format!("but {} would have room for them too", others.join(", ")),
    };
    Some(format!(
        "The file does not tell what a Map or Set holds: objects that nothing refers to are taken for the members of \
         this one, {choice}."
    ))
}

/// Where ids or keys match: whether members of the snapshot before are still there.
fn survival_sentence(c: &Context<'_>) -> Option<String> {
    let turnover = turnover(c.subject, c.heaps).filter(|t| t.earlier > 1)?;
    let (before, last) = (c.heaps.len() - 1, c.heaps.len());
    let kept = (turnover.earlier - turnover.gone.len()) as u64;
    let oldest_gone = if c.heaps.len() == 2 { turnover.oldest_gone() } else { None };
    // Nothing left of many is another process, whose ids mean other objects.
    (kept > 0).then(|| {
        let mut text = format!(
            "Of the {} of snapshot {before}, {} are still there in snapshot {last}.",
            match turnover.by_keys {
                true => format!("{} keys", units::count(turnover.earlier as u64)),
                false => c.counted(turnover.earlier as u64),
            },
            if turnover.gone.is_empty() { "all".to_owned() } else { units::count(kept) },
        );
        if oldest_gone.is_some() {
            text.push_str(
                " Those that are gone were its oldest, as in a cache that has reached its bound or in a queue that is worked \
                 off too slowly: a third snapshot would tell which.",
            );
        }
        text
    })
}

/// A property that says how many members there may be.
fn bound_sentence(c: &Context<'_>) -> Option<String> {
    let name = bound(c.heap(), c.path)?;
    let reached = if c.is_alone() { "it may be meant to get this big" } else { "it is not reached yet" };
    Some(format!("Its holder has a property {}: if that is a bound, {reached}.", code(&name)))
}

/// The name of a property, of the object that `path` leads to or of its holder, that says how
/// many members there may be.
pub(super) fn bound(heap: &Heap, path: &[PathStep]) -> Option<String> {
    let holders = path.iter().rev().take(2).map(|s| s.node).filter(|&n| heap.kind(n) == NodeKind::OBJECT);
    let properties = holders.flat_map(|n| heap.edges(n)).filter(|e| e.kind == EdgeKind::Property);
    let mut names = properties.filter_map(|e| heap.graph.edge_string(&e)).map(|name| name.lossy().into_owned());
    names.find(|name| {
        let lower = name.to_lowercase();
        ["max", "limit", "capacity", "ttl", "maxage"].iter().any(|w| lower.starts_with(w)) && lower.len() < 14
    })
}

/// What usually helps; of what is only big, how to find out whether it is a leak comes first.
pub(super) fn advice(c: &Context<'_>) -> String {
    let advice = c.kind.advice();
    if c.is_alone() {
        return format!(
            "It may be meant to be there: see in a snapshot after more load whether it grows. If so: {advice}"
        );
    }
    advice.to_owned()
}

/// Functions that can reach the variable the owner's name begins with.
pub(super) fn used_by(c: &Context<'_>) -> Vec<String> {
    let heap = c.heap();
    let Some(scope) = c.path.iter().rev().map(|s| s.node).find(|&n| is_scope(heap, n)) else { return Vec::new() };
    let mut functions: Vec<(NodeIndex, String)> = heap
        .edges_to(scope)
        .filter(|(from, _)| heap.kind(*from) == NodeKind::CLOSURE)
        .filter_map(|(f, _)| Some((f, function_text(heap, f)?)))
        .collect();
    functions.sort();
    functions.dedup_by(|a, b| a.1 == b.1);
    functions.into_iter().map(|(_, text)| text).take(5).collect()
}

/// `name (file:line:column)`, counted from 1.
fn function_text(heap: &Heap, f: NodeIndex) -> Option<String> {
    let location = heap.graph.location(f)?;
    let script = scripts::script_of_function(heap, f).map(|s| scripts::script_name(heap, s));
    let file =
        script.map_or_else(|| format!("script {}", location.script_id), |s| scripts::file_name(s).lossy().into_owned());
    let name = heap.graph.raw_name(f);
    let name = if name.is_empty() { Text::from("(anonymous)") } else { name };
    Some(format!("{name} ({file}:{}:{})", location.line + 1, location.column + 1))
}

/// Other variables and properties that lead straight to the owner.
pub(super) fn other_names(c: &Context<'_>) -> Vec<String> {
    let heap = c.heap();
    let Some(owner) = c.path.last().map(|s| s.node) else { return Vec::new() };
    let mut names: Vec<String> = heap
        .edges_to(owner)
        .filter(|(_, e)| matches!(e.kind, EdgeKind::Context | EdgeKind::Property))
        .filter_map(|(_, e)| heap.graph.edge_string(&e).map(|t| t.lossy().into_owned()))
        .filter(|name| name != "__proto__" && !c.name.ends_with(name.as_str()))
        .take(50)
        .collect();
    names.sort();
    names.dedup();
    names.truncate(4);
    names
}

/// Why something that rose in some steps only is not a leak.
pub(super) fn settled(counts: &[u64], bytes: &[u64], measure: Measure) -> String {
    let values = if measure == Measure::Bytes { bytes } else { counts };
    let last = values.len() - 1;
    let still = (1..=last).rev().take_while(|&i| values[i] <= values[i - 1]).count();
    if still == 0 {
        format!(
            "it grew only in the last step, from snapshot {last} to {}: one more snapshot would settle whether it goes on",
            last + 1
        )
    } else {
        format!(
            "it grew once and stood still from snapshot {} on, as what is made on first use or has reached its bound does",
            last + 1 - still
        )
    }
}

/// Why something that dropped its oldest members is not a leak.
pub(super) fn reached_bound(counts: &[u64], dropped: usize) -> String {
    let last = counts.len() - 1;
    format!(
        "it has a bound, it seems: from snapshot {last} to {} it dropped its {} oldest members, and grew by {} after {} before",
        last + 1,
        units::count(dropped as u64),
        units::count(counts[last].saturating_sub(counts[last - 1])),
        units::count(counts[last - 1].saturating_sub(counts[last - 2])),
    )
}

/// Why few big members that became fewer in later steps are not leaks.
pub(super) fn few_and_fewer(counts: &[u64]) -> String {
    let last = counts.len() - 1;
    format!(
        "it gained only {} members, and fewer of them later on ({} in the last step): what is made on first use does so",
        units::count(counts[last].saturating_sub(counts[0])),
        units::count(counts[last].saturating_sub(counts[last - 1])),
    )
}

/// Why something that rises less and less is not a leak.
pub(super) fn slowed_down(counts: &[u64], bytes: &[u64], measure: Measure) -> String {
    let values = if measure == Measure::Bytes { bytes } else { counts };
    let last = values.len() - 1;
    format!(
        "it grew less and less ({} after {}), as a cache does that fills up to its bound",
        units::count(values[last].saturating_sub(values[last - 1])),
        units::count(values[1].saturating_sub(values[0]))
    )
}
