//! Which script a function or a scope belongs to, and whether it is the program's or the
//! runtime's.

use crate::analysis::Heap;
use crate::analysis::facts::internal_values::internal_target;
use crate::graph::{EdgeKind, NodeIndex, NodeKind};
use crate::progress::{Cancelled, Stage};
use crate::text::Text;
use rustc_hash::{FxHashMap, FxHashSet};

/// The scopes of a snapshot, and the scripts they come from as far as functions tell.
#[derive(Debug, Default)]
pub struct Scripts {
    script_of: FxHashMap<NodeIndex, NodeIndex>,
    /// Scopes of known scripts with no scope around them but the realm's, in file order.
    pub outermost: Vec<NodeIndex>,
    /// Scopes whose script is not known, in file order.
    pub of_no_script: Vec<NodeIndex>,
}

impl Scripts {
    /// Follows every function to its script and labels the scopes around it.
    pub fn new(heap: &Heap, stage: &Stage) -> Result<Self, Cancelled> {
        let mut scripts = Self::default();
        let mut by_code: FxHashMap<NodeIndex, Option<NodeIndex>> = FxHashMap::default();
        let mut unknown = FxHashSet::default();
        for f in heap.graph.node_indices() {
            stage.check_at(f.at())?;
            if heap.kind(f) != NodeKind::CLOSURE {
                continue;
            }
            let Some(mut scope) = scope_around(heap, f) else { continue };
            let code = internal_target(&heap.graph, f, "shared");
            let script = code.and_then(|c| *by_code.entry(c).or_insert_with(|| script_of_code(heap, c)));
            loop {
                let is_new = match script {
                    Some(script) => scripts.script_of.insert(scope, script).is_none(),
                    None => unknown.insert(scope),
                };
                if !is_new {
                    break;
                }
                match scope_around(heap, scope) {
                    Some(outer) => scope = outer,
                    None => {
                        if script.is_some() {
                            scripts.outermost.push(scope);
                        }
                        break;
                    }
                }
            }
        }
        scripts.outermost.sort_unstable();
        unknown.retain(|scope| !scripts.script_of.contains_key(scope));
        scripts.of_no_script.extend(unknown);
        scripts.of_no_script.sort_unstable();
        Ok(scripts)
    }

    /// The script around `scope`, if a living function leads to it.
    pub fn of_scope(&self, scope: NodeIndex) -> Option<NodeIndex> {
        self.script_of.get(&scope).copied()
    }
}

/// The scope that the function or scope `n` was made in.
pub fn scope_around(heap: &Heap, n: NodeIndex) -> Option<NodeIndex> {
    let outward = |e: &crate::graph::Edge| {
        let name = heap.graph.edge_string(e).unwrap_or_default();
        // JavaScriptCore's snapshots leave such references without a name.
        e.kind == EdgeKind::Internal && (name == "context" || name == "previous" || name.is_empty())
    };
    heap.edges(n).find(|e| outward(e) && is_scope(heap, e.target)).map(|e| e.target)
}

/// Whether `n` holds the variables of a function, block or module.
pub fn is_scope(heap: &Heap, n: NodeIndex) -> bool {
    let name = heap.graph.raw_name(n);
    name.starts_with("system / ")
        && heap.kind(n) != NodeKind::STRING
        && (name == "system / Context"
            || name.starts_with("system / Context / ")
            || name == "system / JSLexicalEnvironment"
            || name == "system / JSModuleEnvironment")
}

/// The script the function `f` stands in.
pub fn script_of_function(heap: &Heap, f: NodeIndex) -> Option<NodeIndex> {
    script_of_code(heap, internal_target(&heap.graph, f, "shared")?)
}

/// The script that the code of a function stands in.
pub fn script_of_code(heap: &Heap, shared: NodeIndex) -> Option<NodeIndex> {
    internal_target(&heap.graph, shared, "script")
        .or_else(|| internal_target(&heap.graph, shared, "script_or_debug_info"))
}

/// The URL or path of a script; where the file tells none, what the engine calls it.
pub fn script_name(heap: &Heap, script: NodeIndex) -> Text<'_> {
    known_script_name(heap, script).unwrap_or_else(|| heap.graph.raw_name(script))
}

/// The URL or path of a script: what stands behind its type, else its name or the URL that a
/// comment in it gives.
pub fn known_script_name(heap: &Heap, script: NodeIndex) -> Option<Text<'_>> {
    let name = heap.graph.raw_name(script);
    match name.as_bytes().strip_prefix(b"system / Script") {
        Some(rest) => match rest.strip_prefix(b" / ") {
            Some(rest) if !rest.is_empty() => Some(Text(rest)),
            _ => ["name", "source_url"].into_iter().find_map(|field| {
                let value = internal_target(&heap.graph, script, field)?;
                let text = heap.graph.raw_name(value);
                (heap.kind(value).is_any_string() && !text.is_empty()).then_some(text)
            }),
        },
        None => Some(name).filter(|name| !name.is_empty()),
    }
}

/// The last part of a script's URL or path: what is the same on every machine.
pub fn file_name(script: Text<'_>) -> Text<'_> {
    let bytes = script.as_bytes();
    let from = bytes.iter().rposition(|b| matches!(b, b'/' | b'\\')).map_or(0, |at| at + 1);
    Text(&bytes[from..])
}

/// Whether a script of this name belongs to the runtime rather than to the program.
pub fn is_runtime_script(name: Text<'_>) -> bool {
    ["node:", "internal/", "ext:", "chrome-extension:", "extensions::"].iter().any(|p| name.starts_with(p))
        || OLD_NODE_MODULES.iter().any(|m| name == *m)
}

/// Node's modules before it named them `node:…` (to Node 14).
const OLD_NODE_MODULES: [&str; 14] = [
    "_http_agent.js",
    "_http_common.js",
    "_http_incoming.js",
    "_http_outgoing.js",
    "_http_server.js",
    "_stream_readable.js",
    "_stream_writable.js",
    "buffer.js",
    "domain.js",
    "events.js",
    "fs.js",
    "module.js",
    "net.js",
    "timers.js",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::SnapshotBuilder;

    #[test]
    fn a_script_is_found_and_named_wherever_an_engine_keeps_it() {
        let mut b = SnapshotBuilder::new();
        b.node("synthetic", "", 0);
        let mut function = |edge: &str, script: &str, field: Option<(&str, &str)>| {
            let f = b.node("closure", "f", 8);
            let shared = b.node("code", "f", 8);
            let script = b.node("code", script, 8);
            b.edge(f, "internal", "shared", shared);
            b.edge(shared, "internal", edge, script);
            if let Some((field, text)) = field {
                let value = b.node("string", text, 8);
                b.edge(script, "internal", field, value);
            }
            NodeIndex(f as u32)
        };
        let functions = [
            function("script", "system / Script / /app/a.js", Some(("name", "other.js"))),
            function("script_or_debug_info", "system / Script", Some(("name", "/app/b.js"))),
            function("script", "system / Script / ", Some(("source_url", "c.js"))),
            function("script", "d.js", None),
            function("script", "system / Script", Some(("name", ""))),
        ];
        let heap = b.heap();
        let names = functions.map(|f| {
            let script = script_of_function(&heap, f).unwrap();
            known_script_name(&heap, script).map(|name| name.lossy().into_owned())
        });
        let expected = [Some("/app/a.js"), Some("/app/b.js"), Some("c.js"), Some("d.js"), None];
        assert_eq!(names.each_ref().map(|name| name.as_deref()), expected);
    }
}
