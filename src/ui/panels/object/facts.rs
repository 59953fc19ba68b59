//! What is known of an object, as names and values. Knows no egui.

use crate::analysis::Heap;
use crate::analysis::facts::internal_values::internal_target;
use crate::analysis::source::scripts::{known_script_name, script_of_function};
use crate::analysis::tables::allocations::{function_name, trace_function};
use crate::graph::{Detachedness, NodeIndex, NodeKind};
use crate::ui::rows::cells;
use crate::ui::terms;
use crate::units;

/// The whole value of an object that has one: its string, its number.
pub(in crate::ui::panels) fn value_text(heap: &Heap, n: NodeIndex) -> Option<String> {
    match heap.string_value(n) {
        Some(text) => Some(text.as_text().lossy().into_owned()),
        None => number(heap, n),
    }
}

/// A name and a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fact {
    /// What is known.
    pub(super) name: &'static str,
    pub(super) value: String,
    /// What the name means.
    pub(super) help: &'static str,
    /// The object that the value names, if it is another one.
    pub(super) object: Option<NodeIndex>,
}

/// Everything known of `n` but its string and its references.
pub(super) fn facts(heap: &Heap, n: NodeIndex) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut fact = |name, value: String, help| facts.push(Fact { name, value, help, object: None });
    fact("Type", heap.graph.node_kind_name(heap.kind(n)).to_owned(), "What the engine takes it for");
    fact("Constructor", heap.class_name(n).lossy().into_owned(), terms::column::CONSTRUCTOR);
    if let Some(value) = number(heap, n) {
        fact("Value", value, "The value itself");
    }
    fact("Id", heap.id(n).to_string(), "The same object has the same id in all snapshots of one process");
    fact("Shallow size", cells::exact_size(heap.shallow_size(n)), terms::column::SHALLOW_SIZE);
    fact("Retained size", cells::exact_size(heap.retained_size(n)), terms::column::RETAINED_SIZE);
    fact("Distance", units::distance(heap.distance(n)), terms::column::DISTANCE);
    match heap.detachedness(n) {
        Detachedness::Attached => fact("Document", "attached".to_owned(), "Part of a document"),
        Detachedness::Detached => {
            fact("Document", "detached".to_owned(), "Removed from the document, but still held in memory");
        }
        Detachedness::Unknown | Detachedness::Invalid => {}
    }
    if let Some(at) = heap.graph.location(n) {
        // The file counts from 0, editors from 1.
        let script = script_name(heap, n).unwrap_or_else(|| format!("script {}", at.script_id));
        let value = format!("{script}, line {}, column {}", at.line.saturating_add(1), at.column.saturating_add(1));
        fact("Made in", value, "Where the function, or the constructor of the object, stands in the source");
    }
    let dominator = heap.dominator(n);
    if dominator != n {
        let value = cells::object(heap, dominator).iter().map(|s| s.text.as_str()).collect();
        facts.push(Fact { name: "Dominator", value, help: terms::DOMINATOR, object: Some(dominator) });
    }
    facts
}

/// A number, a boolean or the like as a value.
pub(super) fn number(heap: &Heap, n: NodeIndex) -> Option<String> {
    let is_value = matches!(heap.kind(n), NodeKind::NUMBER | NodeKind::BIGINT);
    let value = internal_target(&heap.graph, n, "value").filter(|_| is_value)?;
    Some(cells::one_line(heap.graph.raw_name(value)))
}

/// The name of the script that a function stands in, where the file leads to it.
fn script_name(heap: &Heap, n: NodeIndex) -> Option<String> {
    known_script_name(heap, script_of_function(heap, n)?).map(cells::one_line)
}

/// The calls in which `n` was allocated, the innermost first; why there are none otherwise.
/// `None` for files without stacks.
pub(super) fn allocation_stack(heap: &Heap, n: NodeIndex) -> Option<Result<Vec<String>, &'static str>> {
    let graph = &heap.graph;
    if graph.trace_nodes.is_empty() {
        return None;
    }
    let Some(stack) = heap.allocation_profile().stack(graph, n) else {
        return Some(Err("The stack was not recorded: the object was allocated before recording began"));
    };
    let frame = |function: u32| {
        let name = function_name(graph, function).lossy().into_owned();
        let name = if name.is_empty() { "(anonymous)".to_owned() } else { name };
        match trace_function(graph, function) {
            Some(f) if f.line > 0 => {
                format!("{name}  {}:{}:{}", graph.strings.get(f.script_name), f.line, f.column)
            }
            _ => name,
        }
    };
    Some(Ok(stack.into_iter().map(frame).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::SnapshotBuilder;

    #[test]
    fn an_object_says_where_it_was_made_what_it_is_worth_and_what_dominates_it() {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        let made = b.node("object", "Server", 64);
        b.set_location(made, 7, 11, 4);
        let number = b.node("number", "int", 8);
        let text = b.node("string", "42", 8);
        for (from, kind, name, to) in [
            (root, "property", "server", made),
            (made, "property", "port", number),
            (number, "internal", "value", text),
        ] {
            b.edge(from, kind, name, to);
        }
        let heap = b.heap();
        let of = |n: usize| -> Vec<(&str, String)> {
            facts(&heap, NodeIndex(n as u32)).into_iter().map(|f| (f.name, f.value)).collect()
        };
        let has = |facts: &[(&str, String)], name: &str, value: &str| {
            facts.iter().any(|f| f.0 == name && f.1.replace('\u{a0}', " ") == value)
        };
        let server = of(made);
        assert!(has(&server, "Made in", "script 7, line 12, column 5"), "{server:?}");
        assert!(has(&server, "Constructor", "Server") && has(&server, "Retained size", "80 B"));
        let port = of(number);
        assert!(has(&port, "Value", "42") && has(&port, "Dominator", "Server @3"), "{port:?}");
        assert_eq!(allocation_stack(&heap, NodeIndex(1)), None);
    }
}
