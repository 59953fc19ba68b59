//! Whose memory every object is: the owner of each in the program's source.
//!
//! The rule, in this order:
//!
//! 1. What nothing reaches belongs to the group *unreachable*.
//! 2. Functions, their code, and the scopes of variables belong to the script they stand in; a module belongs to its
//!    file, and so does what it exports. These *are* the script in the heap.
//!    What a variable holds that nobody else does is listed under the variable.
//! 3. Any other object belongs to the nearest object on its chain of dominators that belongs to a script: it would go
//!    with it.
//! 4. What no single script dominates is asked for those who refer to it, through others of its kind: if all of them
//!    are one script it is that script's (the engine holds it too, but nobody else of the program); of two it is *shared*
//!    by these two, of more by many. What hangs on the global object by a name of its own is shared by all.
//! 5. The rest is the *engine's*, or *native*.
//!
//! Scripts of the runtime itself are one owner, *node*. Every byte has one owner, so that the sums are the heap's total.

use super::modules::globals;
use super::packages::package_of;
use super::references::{is_engine_kind, is_oddball, is_realm};
use super::scripts::{Scripts, is_runtime_script, is_scope, script_name, script_of_code};
use crate::analysis::Heap;
use crate::analysis::facts::distance::UNREACHED;
use crate::analysis::facts::internal_values::internal_target;
use crate::graph::{EdgeKind, NodeIndex, NodeKind, NodeSet, PerNode, StringIndex};
use crate::progress::{Cancelled, Stage};
use crate::text::Text;
use rustc_hash::FxHashMap;

/// The owner of every object of a heap.
#[derive(Debug)]
pub struct SourceOwners {
    /// The number of each object's owner.
    owner_of: PerNode<u32>,
    /// By number.
    owners: Vec<Owner>,
    /// The scripts of the program, by number; the runtime's are left out.
    scripts: Vec<Script>,
}

/// A script of the program.
#[derive(Debug, Clone)]
pub struct Script {
    /// Its name: a path or URL.
    pub name: String,
    /// One of the scripts of that name in the heap, if one is there.
    pub node: Option<NodeIndex>,
}

/// An owner with what it has.
#[derive(Debug, Clone, Copy)]
pub struct Owner {
    /// What it is.
    pub whose: Whose,
    /// Its objects.
    pub objects: u64,
    /// The bytes of those of them that are the script itself: functions, scopes, modules.
    pub own_size: u64,
    /// The bytes of all of them.
    pub size: u64,
}

/// What owns an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Whose {
    /// A part of a script.
    Part(u32, Part),
    /// The runtime's own scripts.
    Node,
    /// Two scripts together, the lower number first; [`NODE`] stands for the runtime.
    Two(u32, u32),
    /// More than two, or all.
    Many,
    /// The engine.
    Engine,
    /// What lies outside the JavaScript heap.
    Native,
    /// Nobody: it is not reached.
    Unreachable,
}

/// A part of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// A function, by its code.
    Function(NodeIndex),
    /// The scopes of one place, by what describes their variables.
    Scope(NodeIndex),
    /// What a variable of such scopes holds, by the same and the variable's name.
    Variable(NodeIndex, StringIndex),
    /// The module and what it exports.
    Module,
    /// What no part of the script dominates, but only it refers to.
    Whole,
}

/// Stands for the runtime among the scripts that share something.
pub const NODE: u32 = u32::MAX;

/// No owner yet.
const NONE: u32 = u32::MAX;

/// Finds the owner of every object.
pub fn source_owners(heap: &Heap, stage: &Stage) -> Result<SourceOwners, Cancelled> {
    let mut search = Search {
        heap,
        owner_of: PerNode(vec![NONE; heap.graph.node_count()]),
        owners: Vec::new(),
        numbers: FxHashMap::default(),
        scripts: Vec::new(),
        by_name: FxHashMap::default(),
        by_node: FxHashMap::default(),
    };
    search.label_scripts(stage)?;
    let own: Vec<(NodeIndex, u32)> =
        heap.graph.node_indices().filter_map(|n| Some((n, search.owner_of[n])).filter(|(_, o)| *o != NONE)).collect();
    search.label_variables(stage)?;
    search.follow_dominators(stage)?;
    search.ask_those_who_share(stage)?;
    search.name_the_rest();
    let Search { owner_of, owners, scripts, .. } = search;
    let mut owners: Vec<Owner> =
        owners.into_iter().map(|whose| Owner { whose, objects: 0, own_size: 0, size: 0 }).collect();
    for n in heap.graph.node_indices() {
        let owner = &mut owners[owner_of[n] as usize];
        owner.objects += 1;
        owner.size += heap.shallow_size(n);
    }
    for (n, owner) in own.into_iter().filter(|&(n, owner)| owner_of[n] == owner) {
        owners[owner as usize].own_size += heap.shallow_size(n);
    }
    Ok(SourceOwners { owner_of, owners, scripts })
}

impl SourceOwners {
    /// All owners, by number.
    pub fn owners(&self) -> &[Owner] {
        &self.owners
    }

    /// The number of the owner of `n`.
    pub fn owner_of(&self, n: NodeIndex) -> u32 {
        self.owner_of[n]
    }

    /// The program's scripts, by number.
    pub fn scripts(&self) -> &[Script] {
        &self.scripts
    }

    /// The script of an owner, if it is part of one.
    pub fn script_of(&self, owner: u32) -> Option<&Script> {
        match self.owners[owner as usize].whose {
            Whose::Part(script, _) => self.scripts.get(script as usize),
            _ => None,
        }
    }
}

struct Search<'a> {
    heap: &'a Heap,
    owner_of: PerNode<u32>,
    owners: Vec<Whose>,
    numbers: FxHashMap<Whose, u32>,
    scripts: Vec<Script>,
    by_name: FxHashMap<String, u32>,
    by_node: FxHashMap<NodeIndex, u32>,
}

impl Search<'_> {
    /// The number of an owner.
    fn number(&mut self, whose: Whose) -> u32 {
        let next = self.owners.len() as u32;
        let number = *self.numbers.entry(whose).or_insert(next);
        if number == next {
            self.owners.push(whose);
        }
        number
    }

    /// The number of the script at `node`; [`NODE`] for the runtime's.
    fn script(&mut self, node: NodeIndex) -> u32 {
        if let Some(&number) = self.by_node.get(&node) {
            return number;
        }
        let number = self.script_called(script_name(self.heap, node), Some(node));
        self.by_node.insert(node, number);
        number
    }

    fn script_called(&mut self, name: Text<'_>, node: Option<NodeIndex>) -> u32 {
        if name.is_empty() || is_runtime_script(name) {
            return NODE;
        }
        let name = name.lossy().into_owned();
        let next = self.scripts.len() as u32;
        let number = *self.by_name.entry(name.clone()).or_insert(next);
        match self.scripts.get_mut(number as usize) {
            None => self.scripts.push(Script { name, node }),
            Some(script) => script.node = script.node.or(node),
        }
        number
    }

    /// The owner that a part of a script is.
    fn part(&mut self, script: u32, part: Part) -> u32 {
        self.number(if script == NODE { Whose::Node } else { Whose::Part(script, part) })
    }

    /// Finds what is a script in the heap.
    fn label_scripts(&mut self, stage: &Stage) -> Result<(), Cancelled> {
        let heap = self.heap;
        let scopes = Scripts::new(heap, stage)?;
        stage.check()?;
        let mut modules = Vec::new();
        for n in heap.graph.node_indices() {
            let owner = match heap.kind(n) {
                NodeKind::CLOSURE => {
                    let code = internal_target(&heap.graph, n, "shared");
                    code.and_then(|code| Some((script_of_code(heap, code)?, Part::Function(code))))
                }
                NodeKind::CODE => match script_of_code(heap, n) {
                    Some(script) => Some((script, Part::Function(n))),
                    // A script has its text and its name.
                    None => internal_target(&heap.graph, n, "source").map(|_| (n, Part::Whole)),
                },
                NodeKind::OBJECT if is_scope(heap, n) => {
                    scopes.of_scope(n).map(|script| (script, Part::Scope(description(heap, n))))
                }
                NodeKind::OBJECT if heap.graph.raw_name(n) == "Module" => {
                    modules.push(n);
                    None
                }
                _ => None,
            };
            if let Some((script, part)) = owner {
                let script = self.script(script);
                self.owner_of[n] = self.part(script, part);
            }
        }
        for module in modules {
            self.label_module(module);
        }
        stage.check()
    }

    /// What the variables of scopes hold that is theirs alone.
    fn label_variables(&mut self, stage: &Stage) -> Result<(), Cancelled> {
        let heap = self.heap;
        let mut found = Vec::new();
        for n in heap.graph.node_indices() {
            let owner = self.owner_of[n];
            if owner == NONE || heap.kind(n) != NodeKind::OBJECT {
                continue;
            }
            let Whose::Part(script, Part::Scope(scope)) = self.owners[owner as usize] else { continue };
            for e in heap.edges(n).filter(|e| e.kind == EdgeKind::Context) {
                let is_its_own = heap.dominator(e.target) == n && self.owner_of[e.target] == NONE;
                if is_its_own && !is_oddball(&heap.graph, e.target) {
                    found.push((e.target, script, Part::Variable(scope, StringIndex(e.name_or_index))));
                }
            }
        }
        stage.check()?;
        for (n, script, part) in found {
            if self.owner_of[n] == NONE {
                self.owner_of[n] = self.part(script, part);
            }
        }
        Ok(())
    }

    /// A module of CommonJS and the object it exports.
    fn label_module(&mut self, module: NodeIndex) {
        let heap = self.heap;
        let property = |name: &str| {
            let is_it = |e: &crate::graph::Edge| {
                e.kind == EdgeKind::Property && heap.graph.edge_string(e).is_some_and(|t| t == name)
            };
            heap.edges(module).find(is_it).map(|e| e.target)
        };
        let Some(file) = property("filename").and_then(|n| heap.string_value(n)) else { return };
        let Some(exports) = property("exports") else { return };
        let script = self.script_called(file.as_text(), None);
        let owner = self.part(script, Part::Module);
        for n in [module, exports] {
            let is_data = matches!(heap.kind(n), NodeKind::OBJECT | NodeKind::ARRAY);
            if self.owner_of[n] == NONE && is_data && !is_oddball(&heap.graph, n) {
                self.owner_of[n] = owner;
            }
        }
    }

    /// Gives everything the owner of its dominator, from those that have one down.
    fn follow_dominators(&mut self, stage: &Stage) -> Result<(), Cancelled> {
        let heap = self.heap;
        let unreachable = self.number(Whose::Unreachable);
        let root = heap.graph.root;
        // Whose owner is settled, whether or not there is one.
        let mut is_settled = NodeSet::new(heap.graph.node_count());
        is_settled.insert(root);
        let mut chain = Vec::new();
        for start in heap.graph.node_indices() {
            let mut n = start;
            while !is_settled.contains(n) && self.owner_of[n] == NONE && heap.dominator(n) != n {
                chain.push(n);
                n = heap.dominator(n);
            }
            let owner = self.owner_of[n];
            for n in chain.drain(..) {
                self.owner_of[n] = owner;
                is_settled.insert(n);
            }
            if start.0 & 0xFFFF == 0 {
                stage.check()?;
            }
        }
        for n in heap.graph.node_indices() {
            if heap.distance(n) == UNREACHED && n != root {
                self.owner_of[n] = unreachable;
            }
        }
        Ok(())
    }

    /// Passes owners on to what no script dominates, from those who refer to it.
    fn ask_those_who_share(&mut self, stage: &Stage) -> Result<(), Cancelled> {
        let heap = self.heap;
        let globals = globals(heap);
        let many = self.number(Whose::Many);
        let mut shares: FxHashMap<NodeIndex, u32> = FxHashMap::default();
        let mut waiting: Vec<NodeIndex> = Vec::new();
        for n in heap.graph.node_indices() {
            let owner = self.owner_of[n];
            let (owner, is_global) = match owner {
                NONE if globals.binary_search(&n).is_ok() => (many, true),
                NONE => continue,
                owner => (owner, false),
            };
            let Some(owner) = self.sharer(owner) else { continue };
            for e in heap.edges(n).filter(|e| passes_on(heap, e)) {
                let is_own = !is_global || e.kind == EdgeKind::Property && heap.kind(e.target) != NodeKind::CLOSURE;
                if is_own && self.may_be_shared(e.target, &globals) {
                    self.share(&mut shares, &mut waiting, e.target, owner);
                }
            }
            if n.0 & 0xFFFF == 0 {
                stage.check()?;
            }
        }
        let mut steps = 0u64;
        while let Some(n) = waiting.pop() {
            let owner = shares[&n];
            for e in heap.edges(n).filter(|e| passes_on(heap, e)) {
                if self.may_be_shared(e.target, &globals) {
                    self.share(&mut shares, &mut waiting, e.target, owner);
                }
            }
            steps += 1;
            if steps & 0xFFFF == 0 {
                stage.check()?;
            }
        }
        for n in heap.graph.node_indices() {
            if let Some(&owner) = shares.get(&n) {
                self.owner_of[n] = owner;
            }
        }
        Ok(())
    }

    /// The owner as one of those who share: its script as a whole. `None` for groups that share nothing.
    fn sharer(&mut self, owner: u32) -> Option<u32> {
        match self.owners[owner as usize] {
            Whose::Part(script, _) => Some(self.number(Whose::Part(script, Part::Whole))),
            Whose::Node | Whose::Many => Some(owner),
            _ => None,
        }
    }

    /// Whether those who refer to `n` are asked: it has no owner, and is no part of the engine that leads everywhere.
    fn may_be_shared(&self, n: NodeIndex, globals: &[NodeIndex]) -> bool {
        let graph = &self.heap.graph;
        self.owner_of[n] == NONE
            && !matches!(graph.kind(n), NodeKind::SYNTHETIC | NodeKind::CODE | NodeKind::OBJECT_SHAPE)
            && !is_oddball(graph, n)
            && !is_engine_kind(graph, n)
            && !is_realm(graph, n)
            && globals.binary_search(&n).is_err()
    }

    /// Adds `owner` to those who share `n`; `n` waits to pass it on if that changes anything.
    fn share(
        &mut self,
        shares: &mut FxHashMap<NodeIndex, u32>,
        waiting: &mut Vec<NodeIndex>,
        n: NodeIndex,
        owner: u32,
    ) {
        match shares.get(&n).copied() {
            None => {
                shares.insert(n, owner);
                waiting.push(n);
            }
            Some(before) if before == owner => {}
            Some(before) => {
                let both = self.joined(before, owner);
                if both != before {
                    shares.insert(n, both);
                    waiting.push(n);
                }
            }
        }
    }

    /// Those who share, of `a` and of `b`.
    fn joined(&mut self, a: u32, b: u32) -> u32 {
        let members = |whose: Whose| match whose {
            Whose::Part(script, _) => Some((script, None)),
            Whose::Node => Some((NODE, None)),
            Whose::Two(first, second) => Some((first, Some(second))),
            _ => None,
        };
        let (Some(a), Some(b)) = (members(self.owners[a as usize]), members(self.owners[b as usize])) else {
            return self.number(Whose::Many);
        };
        let mut all: Vec<u32> = [Some(a.0), a.1, Some(b.0), b.1].into_iter().flatten().collect();
        all.sort_unstable();
        all.dedup();
        match all[..] {
            [NODE] => self.number(Whose::Node),
            [one] => self.number(Whose::Part(one, Part::Whole)),
            [one, other] => self.number(Whose::Two(one, other)),
            _ => self.number(Whose::Many),
        }
    }

    fn name_the_rest(&mut self) {
        let (engine, native) = (self.number(Whose::Engine), self.number(Whose::Native));
        for n in self.heap.graph.node_indices() {
            if self.owner_of[n] == NONE {
                let is_native = self.heap.kind(n) == NodeKind::NATIVE;
                self.owner_of[n] = if is_native { native } else { engine };
            }
        }
    }
}

/// What describes the variables of a scope: the same for all scopes of one place in the source.
fn description(heap: &Heap, scope: NodeIndex) -> NodeIndex {
    internal_target(&heap.graph, scope, "scope_info").unwrap_or(scope)
}

/// Whether who refers by `e` may be said to share what it leads to: not by what every object has of its class.
fn passes_on(heap: &Heap, e: &crate::graph::Edge) -> bool {
    match e.kind {
        EdgeKind::Weak | EdgeKind::Shortcut => false,
        EdgeKind::Property => heap.graph.edge_string(e).is_none_or(|name| name != "__proto__" && name != "constructor"),
        EdgeKind::Internal => heap.graph.edge_string(e).is_none_or(|name| name != "map" && name != "initial_map"),
        _ => true,
    }
}

/// The answer, kept with the heap.
impl Heap {
    /// The owner in the program's source of every object.
    pub fn source_owners(&self, stage: &Stage) -> Result<&SourceOwners, Cancelled> {
        self.memo.get_or_compute(|| source_owners(self, stage))
    }
}

impl SourceOwners {
    /// The objects whose owner `text` names: a group in parentheses, a script by its name or the end of it, a package,
    /// or a package and version as `name@1.2.3`.
    pub fn nodes_of(&self, text: &str, node_count: usize) -> NodeSet {
        let is_named: Vec<bool> = self.owners.iter().map(|owner| self.is_named(owner.whose, text)).collect();
        NodeSet::from_fn(node_count, |n: NodeIndex| is_named[self.owner_of[n] as usize])
    }

    fn is_named(&self, whose: Whose, text: &str) -> bool {
        match whose {
            Whose::Engine => text == "(engine)",
            Whose::Native => text == "(native)",
            Whose::Unreachable => text == "(unreachable)",
            Whose::Node => text == "(node)",
            Whose::Two(..) | Whose::Many => text == "(shared)",
            Whose::Part(script, _) => {
                let name = self.scripts[script as usize].name.as_str();
                if name == text || name.strip_suffix(text).is_some_and(|before| before.ends_with(['/', '\\'])) {
                    return true;
                }
                let package = package_of(name);
                package.name == text || package.version.is_some_and(|v| format!("{}@{v}", package.name) == text)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::SnapshotBuilder;

    /// A program of two files: `a.js` has a scope with a list, `b.js` a function; both hold `shared`.
    fn heap() -> (Heap, BTreeNames) {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        let gc = b.node("synthetic", "(GC roots)", 0);
        b.edge(root, "element", "1", gc);
        let mut names = BTreeNames::new();
        for file in ["/app/a.js", "/app/b.js", "node:fs"] {
            let script = b.node("code", file, 10);
            let source = b.node("string", "let text", 20);
            b.edge(script, "internal", "source", source);
            let code = b.node("code", "f", 30);
            b.edge(code, "internal", "script", script);
            let scope = b.node("object", "system / Context", 40);
            let function = b.node("closure", "f", 50);
            b.edge(function, "internal", "shared", code);
            b.edge(function, "internal", "context", scope);
            let list = b.node("object", "Array", 100);
            b.edge(scope, "context", "list", list);
            b.edge(gc, "element", &(names.len() + 1).to_string(), function);
            names.insert(format!("{file} scope"), scope);
            names.insert(format!("{file} list"), list);
            names.insert(format!("{file} function"), function);
        }
        for (name, users) in [
            ("two", &["/app/a.js", "/app/b.js"][..]),
            ("many", &["/app/a.js", "/app/b.js", "node:fs"]),
            ("held", &["/app/a.js"]),
        ] {
            let n = b.node("object", name, 1000);
            let part = b.node("object", "Part", 1);
            b.edge(n, "property", "part", part);
            for user in users {
                b.edge(names[&format!("{user} scope")], "context", name, n);
            }
            b.edge(gc, "element", &(100 + names.len()).to_string(), n);
            names.insert(name.to_owned(), n);
            names.insert(format!("{name} part"), part);
        }
        let native = b.node("native", "Blob", 7);
        b.edge(gc, "element", "500", native);
        names.insert("native".to_owned(), native);
        b.extra_native_bytes = 77;
        (b.heap(), names)
    }

    type BTreeNames = std::collections::BTreeMap<String, usize>;

    #[test]
    fn every_object_has_the_owner_that_the_rule_says() {
        let (heap, names) = heap();
        let all = source_owners(&heap, &Stage::unwatched()).unwrap();
        let whose = |name: &str| {
            let owner = all.owner_of(NodeIndex(names[name] as u32));
            match all.owners()[owner as usize].whose {
                Whose::Part(script, _) => all.scripts()[script as usize].name.clone(),
                whose => format!("{whose:?}"),
            }
        };
        assert_eq!(whose("/app/a.js list"), "/app/a.js");
        assert_eq!(whose("/app/b.js function"), "/app/b.js");
        assert_eq!(whose("node:fs list"), "Node");
        assert_eq!((whose("two"), whose("two part")), ("Two(0, 1)".to_owned(), "Two(0, 1)".to_owned()));
        assert_eq!((whose("many"), whose("many part")), ("Many".to_owned(), "Many".to_owned()));
        assert_eq!((whose("held"), whose("held part")), ("/app/a.js".to_owned(), "/app/a.js".to_owned()));
        assert_eq!(whose("native"), "Native");
    }

    #[test]
    fn sums_of_all_owners_are_the_heaps_total() {
        let (heap, _) = heap();
        let all = source_owners(&heap, &Stage::unwatched()).unwrap();
        let sum: u64 = all.owners().iter().map(|o| o.size).sum();
        assert_eq!(sum + heap.graph.extra_native_bytes, heap.total_size());
        assert!(all.owners().iter().all(|o| o.own_size <= o.size));
    }
}
