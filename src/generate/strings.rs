//! The string table of a generated file, which decides how long the numbers are that name things.
//!
//! V8 numbers strings in the order in which it first needs them. So the names of what programs are
//! made of have three or four digits, and the text of single objects has five or six.

/// Names of nodes.
const NODE_NAMES: [&str; 25] = [
    "",
    "(GC roots)",
    "global",
    "Object",
    "Array",
    "Customer",
    "Order",
    "Product",
    "LineItem",
    "Date",
    "Set",
    "Map",
    "LruNode",
    "GraphVertex",
    "Session",
    "Promise",
    "heap number",
    "(object elements)",
    "system / Map",
    "system / Context",
    "system / ScopeInfo",
    "(shared function info)",
    "onEvent",
    "customer",
    "system / NativeContext",
];

/// Names of edges.
const EDGE_NAMES: [&str; 25] = [
    "global",
    "map",
    "elements",
    "table",
    "first",
    "second",
    "context",
    "shared",
    "code",
    "scope_info",
    "previous",
    "id",
    "name",
    "items",
    "createdAt",
    "customer",
    "price",
    "value",
    "__proto__",
    "scratch",
    "next",
    "product",
    "owner",
    "native_context",
    "extension",
];

const FIRST_NODE_NAME: u64 = 500;
const FIRST_EDGE_NAME: u64 = 2000;

/// Where the strings of the units begin.
pub(super) const FIRST_UNIT_STRING: u64 = FIRST_EDGE_NAME + EDGE_NAMES.len() as u64;

/// Position of a node's name in the table.
pub(super) fn node_name(text: &str) -> u64 {
    FIRST_NODE_NAME + position(&NODE_NAMES, text)
}

/// Position of an edge's name in the table.
pub(super) fn edge_name(text: &str) -> u64 {
    FIRST_EDGE_NAME + position(&EDGE_NAMES, text)
}

fn position(names: &[&str], text: &str) -> u64 {
    names
        .iter()
        .position(|n| *n == text)
        .map_or_else(|| unreachable!("{text} is in no table of names"), |position| position as u64)
}

/// The strings before those of the units, as JSON: the names, and what an engine has of its own.
pub(super) fn common_strings() -> Vec<String> {
    let mut strings = vec!["<dummy>".to_owned()];
    strings.extend((1..FIRST_UNIT_STRING).map(|i| format!("builtin {i}")));
    for (first, names) in [(FIRST_NODE_NAME, &NODE_NAMES[..]), (FIRST_EDGE_NAME, &EDGE_NAMES[..])] {
        for (i, name) in names.iter().enumerate() {
            (*name).clone_into(&mut strings[first as usize + i]);
        }
    }
    strings.iter().map(|s| serde_json::Value::from(s.as_str()).to_string()).collect()
}
