//! Where the source code's own names begin: the scopes of the program's modules.

use super::references::StableHash;
use super::scripts::{self, Scripts};
use crate::analysis::Heap;
use crate::analysis::facts::internal_values::internal_target;
use crate::graph::{EdgeKind, NodeIndex, NodeKind, NodeSet};
use crate::progress::{Cancelled, Stage};
use rustc_hash::{FxHashMap, FxHashSet};

/// Where paths of one snapshot begin, and what they avoid.
#[derive(Debug, Default)]
pub struct Modules {
    /// Each module's scope with a hash of its script.
    pub scopes: Vec<(NodeIndex, u64)>,
    /// The global objects.
    pub globals: Vec<NodeIndex>,
    /// All scopes with their scripts.
    pub scripts: Scripts,
    runtime_scopes: NodeSet,
}

/// What is the same of a scope in all snapshots: its script, if known, and its variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct ScopeKey {
    script: Option<u64>,
    variables: u64,
}

/// Finds the modules of each of `heaps`.
///
/// A scope without another around it is a module's, unless there are several of its script and
/// variables in a snapshot: scopes of calls come in numbers. Where no script is known, any scope
/// counts that is the only one of its variables in every snapshot.
pub fn find_modules(heaps: &[&Heap], stage: &Stage) -> Result<Vec<Modules>, Cancelled> {
    let mut all = Vec::new();
    let mut numerous: FxHashSet<ScopeKey> = FxHashSet::default();
    let mut snapshots_with: FxHashMap<ScopeKey, usize> = FxHashMap::default();
    for heap in heaps {
        stage.check()?;
        let mut modules = Modules {
            scopes: Vec::new(),
            globals: globals(heap),
            scripts: Scripts::new(heap, stage)?,
            runtime_scopes: NodeSet::new(heap.graph.node_count()),
        };
        let candidates = candidates(heap, &mut modules);
        let mut keys: Vec<ScopeKey> = candidates.iter().map(|(_, key)| *key).collect();
        keys.sort_unstable();
        for same in keys.chunk_by(|a, b| a == b) {
            *snapshots_with.entry(same[0]).or_default() += 1;
            if same.len() > 1 {
                numerous.insert(same[0]);
            }
        }
        all.push((modules, candidates));
    }
    let is_module =
        |key: &ScopeKey| !numerous.contains(key) && (key.script.is_some() || snapshots_with[key] == heaps.len());
    let modules = all.into_iter().map(|(mut modules, candidates)| {
        let chosen = candidates.into_iter().filter(|(_, key)| is_module(key));
        modules.scopes = chosen.map(|(scope, key)| (scope, key.script.unwrap_or_default())).collect();
        modules
    });
    Ok(modules.collect())
}

/// The scopes that may be modules'. Those of the runtime's modules are set apart.
fn candidates(heap: &Heap, modules: &mut Modules) -> Vec<(NodeIndex, ScopeKey)> {
    let mut candidates = Vec::new();
    for &scope in &modules.scripts.outermost {
        let Some(script) = modules.scripts.of_scope(scope) else { continue };
        let name = scripts::script_name(heap, script);
        if scripts::is_runtime_script(name) {
            modules.runtime_scopes.insert(scope);
        } else {
            let script = Some(StableHash::NEW.bytes(name.as_bytes()).0);
            candidates.push((scope, ScopeKey { script, variables: variables(heap, scope) }));
        }
    }
    let of_no_script = modules.scripts.of_no_script.iter();
    candidates.extend(of_no_script.map(|&s| (s, ScopeKey { script: None, variables: variables(heap, s) })));
    candidates
}

/// Hash of the names of a scope's variables, in whatever order.
fn variables(heap: &Heap, scope: NodeIndex) -> u64 {
    let variables = heap.edges(scope).filter(|e| e.kind == EdgeKind::Context);
    let mut names: Vec<&[u8]> = variables.filter_map(|e| heap.graph.edge_string(&e)).map(|t| t.as_bytes()).collect();
    names.sort_unstable();
    names.iter().fold(StableHash::NEW, |hash, name| hash.bytes(name).number(0)).0
}

/// What the root has shortcuts to, and the global object of every realm.
pub fn globals(heap: &Heap) -> Vec<NodeIndex> {
    let graph = &heap.graph;
    let is_realm = |n: &NodeIndex| graph.raw_name(*n).starts_with("system / NativeContext");
    let shortcuts = graph.edges(graph.root).filter(|e| e.kind == EdgeKind::Shortcut).map(|e| e.target);
    let realms = graph.node_indices().filter(|&n| graph.kind(n) != NodeKind::STRING).filter(is_realm);
    let mut globals: Vec<_> = shortcuts
        .filter(|n| !is_realm(n))
        .chain(realms.filter_map(|n| internal_target(&heap.graph, n, "global_object")))
        .collect();
    globals.sort_unstable();
    globals.dedup();
    globals
}

impl Modules {
    /// Whether `n` is a scope of one of the runtime's own modules.
    pub fn is_runtime_scope(&self, n: NodeIndex) -> bool {
        self.runtime_scopes.contains(n)
    }

    /// Whether `n` is the global object of a realm.
    pub fn is_global(&self, n: NodeIndex) -> bool {
        self.globals.binary_search(&n).is_ok()
    }

    /// The global object that was there first: that of the program itself, rather than of a frame
    /// or of a context made by the program.
    pub fn first_global(&self, heap: &Heap) -> Option<NodeIndex> {
        self.globals.iter().copied().min_by_key(|&n| heap.id(n))
    }

    /// Whether `n` is a scope of one of the program's modules.
    pub fn is_module_scope(&self, n: NodeIndex) -> bool {
        self.scopes.iter().any(|(scope, _)| *scope == n)
    }
}
