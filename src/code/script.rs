//! The scripts of a snapshot, and what it tells of their texts.

use super::lines::Position;
use super::text::Head;
use crate::analysis::Heap;
use crate::analysis::facts::internal_values::internal_target;
use crate::analysis::leaks::Finding;
use crate::analysis::source::scripts::{is_runtime_script, is_scope, script_name, script_of_function};
use crate::graph::{NodeIndex, NodeKind};
use crate::text::Text;
use std::collections::BTreeMap;

/// How the text of `script` begins, if the snapshot tells.
pub fn head_of(heap: &Heap, script: NodeIndex) -> Option<Head> {
    let source = internal_target(&heap.graph, script, "source")?;
    let text = heap.string_value(source)?.as_text().lossy().into_owned();
    // An unfinished or released script has an empty text, or an oddball in its place.
    if text.is_empty() {
        return None;
    }
    let longest = if text.len() > 1024 { longest_string(heap) } else { 0 };
    Some(Head::new(text, longest))
}

fn longest_string(heap: &Heap) -> usize {
    let strings = heap.graph.node_indices().filter(|&n| heap.kind(n) == NodeKind::STRING);
    strings.map(|n| heap.graph.raw_name(n).utf16_len()).max().unwrap_or(0)
}

/// The program's scripts by name, one for each: the latest that has a text. Found by the functions that stand in them.
pub fn program_scripts(heap: &Heap) -> BTreeMap<String, NodeIndex> {
    let mut scripts = BTreeMap::new();
    let functions = heap.graph.node_indices().filter(|&n| heap.kind(n) == NodeKind::CLOSURE);
    let mut seen = rustc_hash::FxHashSet::default();
    for script in functions.filter_map(|f| script_of_function(heap, f)) {
        if seen.insert(script) {
            let name = script_name(heap, script);
            if !name.is_empty() && !is_runtime_script(name) {
                scripts.insert(name.lossy().into_owned(), script);
            }
        }
    }
    scripts
}

/// Where the function `f` stands.
pub fn place_of_function(heap: &Heap, f: NodeIndex) -> Option<(Option<NodeIndex>, Position)> {
    let location = heap.graph.location(f)?;
    let position = Position { line: u32::try_from(location.line).ok()?, column: u32::try_from(location.column).ok()? };
    Some((script_of_function(heap, f), position))
}

/// Where what made the object `n` stands: the first function in the script with the number that its place has.
pub fn place_of_object(heap: &Heap, n: NodeIndex) -> Option<(Option<NodeIndex>, Position)> {
    let location = heap.graph.location(n)?;
    let position = Position { line: u32::try_from(location.line).ok()?, column: u32::try_from(location.column).ok()? };
    let mut of_script = heap.graph.locations.iter().filter(|(_, l)| l.script_id == location.script_id);
    let script =
        of_script.find_map(|(f, _)| (heap.kind(f) == NodeKind::CLOSURE).then(|| script_of_function(heap, f)).flatten());
    Some((script, position))
}

/// The script of a finding and the functions that see the owner's variable.
pub fn of_finding(heap: &Heap, finding: &Finding) -> (Option<NodeIndex>, Vec<Position>) {
    let nodes = finding.path.iter().rev().filter_map(|step| heap.find(step.id?));
    let scope = nodes.into_iter().find(|&n| is_scope(heap, n));
    let mut script = None;
    let mut seen_from = Vec::new();
    let functions = scope.into_iter().flat_map(|scope| heap.edges_to(scope).map(|(from, _)| from));
    for f in functions.filter(|&f| heap.kind(f) == NodeKind::CLOSURE).take(1000) {
        if let Some((of_function, at)) = place_of_function(heap, f) {
            script = script.or(of_function);
            if !seen_from.contains(&at) {
                seen_from.push(at);
            }
        }
    }
    seen_from.sort_unstable();
    seen_from.truncate(64);
    let is_findings =
        |s: &NodeIndex| finding.script.as_deref().is_none_or(|name| script_name(heap, *s) == Text::from(name));
    let script = script.filter(is_findings).or_else(|| {
        let name = finding.script.as_deref()?;
        program_scripts(heap).get(name).copied()
    });
    (script, seen_from)
}
