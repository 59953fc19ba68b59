//! Variables that closures keep and that no code can read any more.
//!
//! A context holds the variables of one run of a scope for all closures made in it; a variable
//! stays as long as any of them lives, even if none of those alive uses it. Newer engines write
//! which scopes use which variables of which other scopes. A variable of a context is *dead* if
//! no scope that uses it, nor any scope around one that does, belongs to a living closure that
//! reaches the context.

use super::contexts::is_context;
use crate::analysis::Heap;
use crate::analysis::facts::internal_values::{int_value, internal_target};
use crate::analysis::naming::edge_names::EdgeName;
use crate::analysis::source::scripts::{known_script_name, script_of_code};
use crate::graph::{EdgeKind, NodeIndex, NodeKind, Scopes};
use crate::progress::{Cancelled, Stage};
use crate::text::{Text, TextBuf};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Reverse;
use std::ops::Range;

/// A dead variable of a context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadField {
    /// The variable.
    pub name: TextBuf,
    /// What it holds.
    pub value: NodeIndex,
}

/// A context with dead variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadContext {
    /// The context.
    pub node: NodeIndex,
    /// Retained sizes of what its dead variables hold, added up.
    pub dead_size: u64,
    /// Its dead variables, those that retain most first.
    pub fields: Vec<DeadField>,
}

/// A scope of the program whose contexts have dead variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadScope {
    /// The engine's description of the scope.
    pub scope_info: NodeIndex,
    pub script: NodeIndex,
    /// The name of the script, or its address.
    pub script_name: TextBuf,
    /// The name of the function, if it has one.
    pub function_name: Option<TextBuf>,
    /// Where the scope begins in the script, in characters.
    pub start: i64,
    /// Where it ends.
    pub end: i64,
    /// How many variables its contexts have.
    pub field_count: usize,
    /// The contexts with dead variables, the most wasteful first.
    pub contexts: Vec<DeadContext>,
}

/// A script without scopes in the file, so that nothing can be said about its contexts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptWithoutScopes {
    /// The script.
    pub node: NodeIndex,
    /// Its name, or its address.
    pub name: TextBuf,
    /// How many contexts of it there are.
    pub context_count: u64,
}

/// All dead variables.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeadContextFields {
    /// Scopes with dead variables, the one with the most wasteful context first.
    pub scopes: Vec<DeadScope>,
    /// Scripts nothing is known of, in node order.
    pub scripts_without_scopes: Vec<ScriptWithoutScopes>,
}

/// Looks through all contexts.
pub fn dead_context_fields(heap: &Heap, stage: &Stage) -> Result<DeadContextFields, Cancelled> {
    let none = Scopes::default();
    let program = Program::new(heap.graph.scopes.as_ref().unwrap_or(&none), stage)?;
    let scan = Scan::new(heap, stage)?;
    let living = Living::new(heap, &scan.closures, stage)?;
    let (groups, mut scripts_without_scopes) = contexts_by_scope(heap, &program, &scan, stage)?;
    let mut scopes = Vec::new();
    for group in groups {
        scopes.extend(group.report(heap, &program, &living, stage)?);
    }
    scopes.sort_by_key(|s| s.contexts.first().map(|c| c.sort_key(heap)));
    scripts_without_scopes.sort_by_key(|s| s.node);
    Ok(DeadContextFields { scopes, scripts_without_scopes })
}

impl DeadContext {
    fn sort_key(&self, heap: &Heap) -> (Reverse<u64>, Reverse<u64>, NodeIndex) {
        (Reverse(self.dead_size), Reverse(heap.retained_size(self.node)), self.node)
    }
}

/// What names a scope: its script and its number in it.
type ScopeKey = (NodeIndex, i64);

/// The scopes of all scripts, linked.
struct Program<'a> {
    data: &'a Scopes,
    by_key: FxHashMap<ScopeKey, u32>,
    scripts: FxHashSet<NodeIndex>,
    parents: Vec<Option<u32>>,
    /// For each scope where its variables stand in the file's list.
    variables: Vec<Range<usize>>,
    /// For each variable the scopes that use it.
    users: Vec<Vec<u32>>,
}

impl<'a> Program<'a> {
    fn new(data: &'a Scopes, stage: &Stage) -> Result<Self, Cancelled> {
        let mut program = Self {
            data,
            by_key: FxHashMap::default(),
            scripts: FxHashSet::default(),
            parents: Vec::new(),
            variables: Vec::new(),
            users: vec![Vec::new(); data.context_vars.len()],
        };
        // The scopes around the current one, outermost first.
        let mut around: Vec<u32> = Vec::new();
        let mut script = None;
        let mut first = 0;
        for (i, scope) in data.scopes.iter().enumerate() {
            stage.check_at(i)?;
            if script.replace(scope.script) != Some(scope.script) {
                around.clear();
            }
            around.truncate(usize::try_from(scope.depth).unwrap_or(0));
            program.parents.push(around.last().copied());
            around.push(i as u32);
            let end = first + scope.context_var_count as usize;
            program.variables.push(first.min(data.context_vars.len())..end.min(data.context_vars.len()));
            first = end;
            program.by_key.insert((scope.script, scope.scope_id), i as u32);
            program.scripts.insert(scope.script);
        }
        let mut uses = data.uses.iter();
        for (i, scope) in data.scopes.iter().enumerate() {
            stage.check_at(i)?;
            let user = program.by_key[&(scope.script, scope.scope_id)];
            for &(declaring, slot) in uses.by_ref().take(scope.use_count as usize) {
                let Some(&declaring) = program.by_key.get(&(scope.script, declaring)) else { continue };
                let mut variables = program.variables[declaring as usize].clone();
                let Some(variable) = usize::try_from(slot).ok().and_then(|slot| variables.nth(slot)) else { continue };
                if !program.users[variable].contains(&user) {
                    program.users[variable].push(user);
                }
            }
        }
        Ok(program)
    }

    /// The variable of `scope` called `name`.
    fn variable(&self, heap: &Heap, scope: u32, name: Text<'_>) -> Option<usize> {
        let text = |variable: usize| heap.graph.strings.get(self.data.context_vars[variable]);
        self.variables[scope as usize].clone().find(|&variable| text(variable) == name)
    }

    /// Whether a living function could read `variable` in `context`: one that uses it, or one
    /// around a scope that uses it, which could make such a function any time.
    fn is_used(&self, living: &Living, context: NodeIndex, variable: usize) -> bool {
        self.users[variable].iter().any(|&user| {
            std::iter::successors(Some(user), |&scope| self.parents[scope as usize]).any(|scope| {
                let scope = &self.data.scopes[scope as usize];
                living.reaches((scope.script, scope.scope_id), context)
            })
        })
    }
}

/// What one pass over all objects finds.
#[derive(Default)]
struct Scan {
    /// Scripts and their names.
    scripts: FxHashMap<NodeIndex, TextBuf>,
    /// Contexts and what describes their scopes.
    contexts: Vec<(NodeIndex, NodeIndex)>,
    /// Closures: which function, and the context it was made in.
    closures: Vec<(ScopeKey, NodeIndex)>,
    /// The scripts of the scopes of functions; the last word counts.
    scripts_of_functions: Vec<(NodeIndex, NodeIndex)>,
}

const SCRIPT: &str = "system / Script";

impl Scan {
    fn new(heap: &Heap, stage: &Stage) -> Result<Self, Cancelled> {
        let mut scan = Self::default();
        for n in heap.graph.node_indices() {
            if n.0.is_multiple_of(1 << 12) {
                stage.reached(n.0.into(), heap.graph.node_count() as u64)?;
            }
            let name = heap.raw_name(n);
            let name = name.as_text();
            if name.starts_with(SCRIPT) {
                scan.scripts.insert(n, known_script_name(heap, n).map_or_else(TextBuf::default, Text::to_owned));
            } else if is_context(heap, n) {
                scan.contexts.extend(internal_target(&heap.graph, n, "scope_info").map(|info| (n, info)));
            } else if heap.kind(n) == NodeKind::CLOSURE {
                scan.closures.extend(closure(heap, n));
            } else if name.starts_with("system / SharedFunctionInfo") {
                scan.scripts_of_functions.extend(function(heap, n));
            }
        }
        Ok(scan)
    }
}

fn closure(heap: &Heap, n: NodeIndex) -> Option<(ScopeKey, NodeIndex)> {
    let shared = internal_target(&heap.graph, n, "shared")?;
    let context = internal_target(&heap.graph, n, "context")?;
    let script = script_of_code(heap, shared)?;
    let scope_id = int_value(&heap.graph, internal_target(&heap.graph, shared, "scope_id")?)?;
    Some(((script, scope_id), context))
}

fn function(heap: &Heap, shared: NodeIndex) -> Option<(NodeIndex, NodeIndex)> {
    let info = internal_target(&heap.graph, shared, "name_or_scope_info")?;
    let script = script_of_code(heap, shared)?;
    let is_known =
        heap.raw_name(info).as_text() == "system / ScopeInfo" && heap.raw_name(script).as_text().starts_with(SCRIPT);
    is_known.then_some((info, script))
}

/// Which contexts the living closures of each function reach.
struct Living {
    functions: FxHashMap<ScopeKey, u32>,
    reached: FxHashSet<(u32, NodeIndex)>,
}

impl Living {
    fn new(heap: &Heap, closures: &[(ScopeKey, NodeIndex)], stage: &Stage) -> Result<Self, Cancelled> {
        let mut living = Self { functions: FxHashMap::default(), reached: FxHashSet::default() };
        for &(key, context) in closures {
            stage.check()?;
            let next = living.functions.len() as u32;
            let function = *living.functions.entry(key).or_insert(next);
            let mut context = Some(context);
            while let Some(c) = context.filter(|&c| is_context(heap, c))
                && living.reached.insert((function, c))
            {
                context = internal_target(&heap.graph, c, "previous");
            }
        }
        Ok(living)
    }

    fn reaches(&self, function: ScopeKey, context: NodeIndex) -> bool {
        self.functions.get(&function).is_some_and(|&f| self.reached.contains(&(f, context)))
    }
}

/// The contexts of one scope.
struct Group {
    scope_info: NodeIndex,
    script: NodeIndex,
    script_name: TextBuf,
    scope: u32,
    field_names: Vec<TextBuf>,
    contexts: Vec<NodeIndex>,
}

/// Groups contexts by scope; counts those of scripts that the file has no scopes of.
fn contexts_by_scope(
    heap: &Heap,
    program: &Program<'_>,
    scan: &Scan,
    stage: &Stage,
) -> Result<(Vec<Group>, Vec<ScriptWithoutScopes>), Cancelled> {
    let mut groups: Vec<Group> = Vec::new();
    let mut group_of: FxHashMap<NodeIndex, usize> = FxHashMap::default();
    let mut unknown: Vec<ScriptWithoutScopes> = Vec::new();
    let mut unknown_of: FxHashMap<NodeIndex, usize> = FxHashMap::default();
    let mut scripts =
        ScriptOfScope { known: scan.scripts_of_functions.iter().map(|&(info, script)| (info, Some(script))).collect() };
    for &(context, scope_info) in &scan.contexts {
        stage.check()?;
        if let Some(&group) = group_of.get(&scope_info) {
            groups[group].contexts.push(context);
            continue;
        }
        let scope_id = internal_target(&heap.graph, scope_info, "scope_id").and_then(|id| int_value(&heap.graph, id));
        let script = scripts.find(heap, scope_info);
        let (Some(scope_id), Some(script)) = (scope_id, script) else { continue };
        let Some(name) = scan.scripts.get(&script) else { continue };
        if !program.scripts.contains(&script) {
            let position = *unknown_of.entry(script).or_insert_with(|| {
                unknown.push(ScriptWithoutScopes { node: script, name: name.clone(), context_count: 0 });
                unknown.len() - 1
            });
            unknown[position].context_count += 1;
            continue;
        }
        let Some(&scope) = program.by_key.get(&(script, scope_id)) else { continue };
        group_of.insert(scope_info, groups.len());
        let field_names = fields(heap, context).map(|(name, _)| name).collect();
        groups.push(Group {
            scope_info,
            script,
            script_name: name.clone(),
            scope,
            field_names,
            contexts: vec![context],
        });
    }
    Ok((groups, unknown))
}

/// The variables of a context and their values.
fn fields(heap: &Heap, context: NodeIndex) -> impl Iterator<Item = (TextBuf, NodeIndex)> + '_ {
    let graph = &heap.graph;
    let edges = graph.edges(context).filter(|e| e.kind == EdgeKind::Context);
    edges.map(|e| (EdgeName::of(graph, &e).text().into_owned(), e.target))
}

/// Which script a scope is in; asked of the scopes around it where it does not say itself.
struct ScriptOfScope {
    known: FxHashMap<NodeIndex, Option<NodeIndex>>,
}

impl ScriptOfScope {
    fn find(&mut self, heap: &Heap, scope_info: NodeIndex) -> Option<NodeIndex> {
        let mut asked = Vec::new();
        let mut current = Some(scope_info);
        let mut script = None;
        while let Some(info) = current {
            if let Some(&known) = self.known.get(&info) {
                script = known;
                break;
            }
            // Known from now on, so that a chain that runs into itself ends.
            self.known.insert(info, None);
            asked.push(info);
            current = internal_target(&heap.graph, info, "outer_scope_info");
        }
        for info in asked {
            self.known.insert(info, script);
        }
        script
    }
}

impl Group {
    /// The dead variables of the group's contexts, if there are any.
    fn report(
        self,
        heap: &Heap,
        program: &Program<'_>,
        living: &Living,
        stage: &Stage,
    ) -> Result<Option<DeadScope>, Cancelled> {
        let variables: Vec<Option<usize>> =
            self.field_names.iter().map(|name| program.variable(heap, self.scope, name.as_text())).collect();
        let mut contexts: Vec<DeadContext> = Vec::new();
        for &node in &self.contexts {
            stage.check()?;
            let values = fields(heap, node).map(|(_, value)| value);
            let mut dead: Vec<DeadField> = Vec::new();
            for ((value, name), variable) in values.zip(&self.field_names).zip(&variables) {
                if variable.is_some_and(|v| !program.is_used(living, node, v)) {
                    dead.push(DeadField { name: name.clone(), value });
                }
            }
            let size = |field: &DeadField| heap.retained_size(field.value);
            let dead_size = dead.iter().fold(0_u64, |sum, f| sum.saturating_add(size(f)));
            dead.sort_by_key(|field| Reverse(size(field)));
            if !dead.is_empty() {
                contexts.push(DeadContext { node, dead_size, fields: dead });
            }
        }
        if contexts.is_empty() {
            return Ok(None);
        }
        contexts.sort_by_key(|c| c.sort_key(heap));
        let info = |name| internal_target(&heap.graph, self.scope_info, name);
        let int = |name| info(name).and_then(|n| int_value(&heap.graph, n)).unwrap_or(0);
        Ok(Some(DeadScope {
            scope_info: self.scope_info,
            script: self.script,
            script_name: self.script_name,
            function_name: info("function_name").map(|n| heap.name(n).into_owned()),
            start: int("start_position"),
            end: int("end_position"),
            field_count: self.field_names.len(),
            contexts,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Scope;
    use crate::progress::Progress;
    use crate::testing::SnapshotBuilder;

    /// A program whose function `outer` (scope 10) keeps `x`, `y` and `z` for `inner` (scope 20),
    /// which makes `innermost` (scope 30): `x` is used by `inner`, `y` by `innermost`, `z` by
    /// `other` (scope 40). Of `inner` there is a closure in the first of two contexts.
    struct Sources {
        b: SnapshotBuilder,
        script: usize,
    }

    /// Number, depth, variables, and uses as (declaring scope, slot).
    type TestScope<'a> = (i64, i64, &'a [&'a str], &'a [(i64, i64)]);

    impl Sources {
        fn new() -> Self {
            let mut b = SnapshotBuilder::new();
            b.node("synthetic", "", 0);
            let script = b.node("hidden", "system / Script / app.js", 8);
            Self { b, script }
        }

        fn int(&mut self, of: usize, edge: &str, value: &str) {
            let number = self.b.node("number", "int", 0);
            let text = self.b.node("string", value, 0);
            self.b.edge(number, "internal", "value", text);
            self.b.edge(of, "internal", edge, number);
        }

        fn scope_info(&mut self, scope_id: &str) -> usize {
            let info = self.b.node("hidden", "system / ScopeInfo", 8);
            self.int(info, "scope_id", scope_id);
            info
        }

        /// A function's description; `scope_id` is that of its scope.
        fn shared(&mut self, script: usize, scope_info: usize, scope_id: &str) -> usize {
            let shared = self.b.node("code", "system / SharedFunctionInfo / f", 8);
            self.b.edge(shared, "internal", "script", script);
            self.b.edge(shared, "internal", "name_or_scope_info", scope_info);
            self.int(shared, "scope_id", scope_id);
            shared
        }

        fn closure(&mut self, shared: usize, context: usize) {
            let closure = self.b.node("closure", "f", 8);
            self.b.edge(closure, "internal", "shared", shared);
            self.b.edge(closure, "internal", "context", context);
        }

        fn context(&mut self, scope_info: usize, fields: &[(&str, u64)]) -> usize {
            let context = self.b.node("object", "system / Context", 8);
            self.b.edge(0, "element", "1", context);
            self.b.edge(context, "internal", "scope_info", scope_info);
            for (name, size) in fields {
                let value = self.b.node("object", "Value", *size);
                self.b.edge(context, "context", name, value);
            }
            context
        }

        fn analyze(&self, scopes: &[TestScope<'_>]) -> DeadContextFields {
            let mut graph = self.b.graph();
            let mut all = Scopes::default();
            for (scope_id, depth, variables, uses) in scopes {
                all.scopes.push(Scope {
                    script: NodeIndex(self.script as u32),
                    scope_id: *scope_id,
                    depth: *depth,
                    context_var_count: variables.len() as u32,
                    use_count: uses.len() as u32,
                });
                all.context_vars.extend(variables.iter().map(|v| graph.strings.find(v).unwrap()));
                all.uses.extend_from_slice(uses);
            }
            graph.scopes = Some(all);
            let heap = Heap::analyze(graph, &Progress::new()).unwrap();
            dead_context_fields(&heap, &Stage::unwatched()).unwrap()
        }
    }

    #[test]
    fn variables_are_dead_when_no_living_function_could_read_them() {
        let mut s = Sources::new();
        let outer_info = s.scope_info("10");
        let outer = s.shared(s.script, outer_info, "10");
        let inner_info = s.scope_info("20");
        let inner = s.shared(s.script, inner_info, "20");
        let reached = s.context(outer_info, &[("x", 100), ("y", 200), ("z", 300)]);
        let unreached = s.context(outer_info, &[("x", 10), ("y", 20), ("z", 20)]);
        s.closure(inner, reached);
        let elsewhere = s.context(inner_info, &[]);
        s.closure(outer, elsewhere);
        let found = s.analyze(&[
            (-2, 0, &[], &[]),
            (10, 1, &["x", "y", "z"], &[]),
            (20, 2, &[], &[(10, 0)]),
            (30, 3, &[], &[(10, 1), (10, 1), (10, 9), (77, 0)]),
            (40, 2, &[], &[(10, 2)]),
        ]);
        assert_eq!(found.scripts_without_scopes, []);
        let [scope] = &found.scopes[..] else { panic!("{found:?}") };
        assert_eq!((scope.script_name.as_text().lossy().as_ref(), scope.field_count), ("app.js", 3));
        let names = |c: &DeadContext| c.fields.iter().map(|f| f.name.to_string()).collect::<Vec<_>>();
        let contexts: Vec<_> = scope.contexts.iter().map(|c| (c.node.at(), c.dead_size, names(c))).collect();
        let expected = [
            (reached, 300, vec!["z".to_owned()]),
            (unreached, 50, vec!["y".to_owned(), "z".to_owned(), "x".to_owned()]),
        ];
        assert_eq!(contexts, expected);
    }

    #[test]
    fn an_enclosing_closure_keeps_what_it_could_make_a_reader_of() {
        let mut s = Sources::new();
        let outer_info = s.scope_info("10");
        s.shared(s.script, outer_info, "10");
        let middle_info = s.scope_info("20");
        s.b.edge(middle_info, "internal", "outer_scope_info", outer_info);
        let middle = s.shared(s.script, middle_info, "20");
        let outer_context = s.context(outer_info, &[("x", 100)]);
        let middle_context = s.context(middle_info, &[("own", 5)]);
        s.b.edge(middle_context, "internal", "previous", outer_context);
        s.closure(middle, middle_context);
        let found = s.analyze(&[(10, 0, &["x"], &[]), (20, 1, &["own"], &[]), (30, 2, &[], &[(10, 0)])]);
        let nodes: Vec<_> = found.scopes.iter().flat_map(|s| &s.contexts).map(|c| c.node.at()).collect();
        assert_eq!(nodes, [middle_context], "nothing uses what is its own; x could be read below it");
    }

    #[test]
    fn contexts_of_scripts_without_scopes_are_counted() {
        let mut s = Sources::new();
        let other = s.b.node("hidden", "system / Script", 8);
        let url = s.b.node("string", "lib.js", 16);
        s.b.edge(other, "internal", "source_url", url);
        let info = s.scope_info("1");
        let block = s.scope_info("2");
        s.b.edge(block, "internal", "outer_scope_info", info);
        s.shared(other, info, "1");
        s.context(info, &[("x", 1)]);
        s.context(block, &[("y", 1)]);
        let lost = s.scope_info("3");
        s.b.edge(lost, "internal", "outer_scope_info", lost);
        s.context(lost, &[("z", 1)]);
        let found = s.analyze(&[(-2, 0, &[], &[])]);
        assert_eq!(found.scopes, []);
        let expected = ScriptWithoutScopes { node: NodeIndex(other as u32), name: "lib.js".into(), context_count: 2 };
        assert_eq!(found.scripts_without_scopes, [expected]);
    }
}
