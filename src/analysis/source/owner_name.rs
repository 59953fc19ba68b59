//! What an object is called in the program's source, and the steps that lead to it.

use super::references::is_store;
use super::scripts::{self, Scripts, is_scope};
use super::walk::Placement;
use crate::analysis::Heap;
use crate::graph::{Edge, EdgeKind, NodeIndex, NodeKind};
use crate::text::Text;

/// One step of a path: the reference and the object it leads to.
#[derive(Debug, Clone, Copy)]
pub struct PathStep {
    /// The object the reference belongs to.
    pub from: NodeIndex,
    /// The reference; `None` where the path begins.
    pub edge: Option<Edge>,
    /// What it leads to.
    pub node: NodeIndex,
}

/// The path of `n`, from where paths begin.
pub fn path_to(heap: &Heap, placement: &Placement, n: NodeIndex) -> Vec<PathStep> {
    let mut steps = Vec::new();
    let mut node = n;
    loop {
        let from = placement.via[node];
        if from == node {
            steps.push(PathStep { from, edge: None, node });
            break;
        }
        steps.push(PathStep { from, edge: reference_between(heap, from, node), node });
        node = from;
    }
    steps.reverse();
    steps
}

/// The reference from `from` to `to` that says most to a reader.
pub fn reference_between(heap: &Heap, from: NodeIndex, to: NodeIndex) -> Option<Edge> {
    let rank = |e: &Edge| match e.kind {
        EdgeKind::Context => 0,
        EdgeKind::Property => 1 + u8::from(heap.graph.edge_string(e).is_some_and(|name| name == "__proto__")) * 4,
        EdgeKind::Element => 2,
        EdgeKind::Internal | EdgeKind::Other => 3,
        EdgeKind::Hidden | EdgeKind::Shortcut => 4,
        EdgeKind::Weak => 9,
    };
    heap.edges(from).filter(|e| e.target == to).min_by_key(rank)
}

/// What a step adds to a name.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// A variable: names begin with it.
    Variable(String),
    /// A property of that name.
    Property(String),
    /// One member of many.
    Member,
    /// Nothing: the engine's way of storing things.
    Silent,
}

/// The name of the object at the end of `path`, as the source would put it: the variable it can
/// be reached from and the properties from there on. `None` where no source names it.
pub fn source_name(heap: &Heap, path: &[PathStep]) -> Option<String> {
    let parts: Vec<Part> = path.iter().map(|step| part(heap, step)).collect();
    let begin = parts.iter().rposition(|p| matches!(p, Part::Variable(_)))?;
    let mut name = String::new();
    for part in &parts[begin..] {
        match part {
            Part::Variable(variable) => name.push_str(variable),
            Part::Property(property) => push_property(&mut name, property),
            Part::Member if !name.ends_with(MEMBER) => name.push_str(MEMBER),
            Part::Member | Part::Silent => {}
        }
    }
    // Damaged files have variables and classes of no name.
    Some(name).filter(|name| !name.is_empty())
}

const MEMBER: &str = "[ ]";

fn push_property(name: &mut String, property: &str) {
    let mut letters = property.chars();
    let begins = letters.next().is_some_and(|c| c.is_alphabetic() || "_$#".contains(c));
    if begins && letters.all(|c| c.is_alphanumeric() || "_$".contains(c)) {
        name.push('.');
        name.push_str(property);
    } else if let Some(symbol) = property.strip_prefix("<symbol ").and_then(|s| s.strip_suffix('>')) {
        name.push('[');
        name.push_str(symbol);
        name.push(']');
    } else {
        name.push_str(&format!("[{property:?}]"));
    }
}

fn part(heap: &Heap, step: &PathStep) -> Part {
    let graph = &heap.graph;
    let Some(edge) = &step.edge else {
        return if is_global(heap, step.node) { Part::Variable("globalThis".into()) } else { Part::Silent };
    };
    let name = graph.edge_string(edge).map(Text::lossy);
    let name = name.as_deref().unwrap_or_default();
    match edge.kind {
        // Node calls it `_process` inside.
        EdgeKind::Context if name == "_process" => Part::Variable("process".into()),
        EdgeKind::Context => Part::Variable(name.to_owned()),
        EdgeKind::Property if name == "constructor" && is_class(heap, step.node) => {
            Part::Variable(graph.raw_name(step.node).lossy().into_owned())
        }
        EdgeKind::Property if name == "__proto__" => Part::Property(name.to_owned()),
        EdgeKind::Property => Part::Property(name.to_owned()),
        EdgeKind::Element => Part::Member,
        _ if graph.raw_name(step.node) == "system / Cell" => {
            export_name(heap, step.node).map_or(Part::Silent, Part::Variable)
        }
        // A map's table and an object's elements are not steps of their own, but their slots are.
        _ if is_store(graph, step.from) && !is_store(graph, step.node) && graph.kind(step.from) == NodeKind::ARRAY => {
            Part::Member
        }
        _ => Part::Silent,
    }
}

/// Whether `n` is a class or another function that has a name.
fn is_class(heap: &Heap, n: NodeIndex) -> bool {
    heap.kind(n) == NodeKind::CLOSURE && !heap.graph.raw_name(n).is_empty()
}

/// The name under which a module exports the variable in `cell`: the table of exports has it in
/// the slot before.
fn export_name(heap: &Heap, cell: NodeIndex) -> Option<String> {
    let graph = &heap.graph;
    for (table, edge) in heap.edges_to(cell).filter(|(t, _)| graph.kind(*t) == NodeKind::ARRAY) {
        let slot = |e: &Edge| graph.edge_string(e).and_then(|t| t.lossy().parse::<u64>().ok());
        let Some(at) = slot(&edge) else { continue };
        let key = graph.edges(table).find(|e| e.kind == EdgeKind::Internal && slot(e) == at.checked_sub(1));
        if let Some(key) = key.filter(|k| graph.kind(k.target) == NodeKind::STRING) {
            return Some(heap.name(key.target).as_text().lossy().into_owned());
        }
    }
    None
}

fn is_global(heap: &Heap, n: NodeIndex) -> bool {
    ["global", "Window", "GlobalObject"].iter().any(|g| heap.graph.raw_name(n).starts_with(g))
}

/// The script whose variable the path's name begins with, if known.
pub fn script_of_path<'a>(heap: &'a Heap, scripts: &Scripts, path: &[PathStep]) -> Option<Text<'a>> {
    let mut scopes = path.iter().rev().map(|s| s.node).filter(|&n| is_scope(heap, n));
    Some(scripts::script_name(heap, scopes.find_map(|scope| scripts.of_scope(scope))?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::SnapshotBuilder;

    #[test]
    fn a_variable_without_a_name_names_nobody() {
        for (variable, name) in [("cache", Some("cache")), ("", None)] {
            let mut b = SnapshotBuilder::new();
            let root = b.node("synthetic", "", 0);
            let context = b.node("object", "system / Context", 40);
            let cache = b.node("object", "Map", 32);
            b.edge(root, "element", "1", context);
            b.edge(context, "context", variable, cache);
            let heap = b.heap();
            let [root, context, cache] = [root, context, cache].map(|n| NodeIndex(n as u32));
            let edge = heap.edges(context).next();
            let path =
                [PathStep { from: root, edge: None, node: context }, PathStep { from: context, edge, node: cache }];
            assert_eq!(source_name(&heap, &path).as_deref(), name);
        }
    }
}
