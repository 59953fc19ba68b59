//! Kinds that no committed snapshot shows, each with its own sentence.

use super::test_program::Program;
use super::{Finding, Findings, Kind, find_leaks};
use crate::analysis::Heap;
use crate::graph::{HeapGraph, NodeIndex, Scope, Scopes, StringIndex};
use crate::progress::{Progress, Stage};

/// What is said of a program with ever more of something.
fn findings(make: impl Fn(usize) -> HeapGraph) -> Findings {
    let heap = |count| Heap::analyze(make(count), &Progress::new()).unwrap();
    let heaps = [heap(0), heap(20), heap(40)];
    find_leaks(&heaps.iter().collect::<Vec<_>>(), &Stage::unwatched()).unwrap()
}

fn only(findings: &Findings) -> &Finding {
    assert_eq!(findings.findings.len(), 1, "{:?}", findings.findings);
    &findings.findings[0]
}

fn says(finding: &Finding, what: &str) {
    assert!(finding.why.iter().any(|sentence| sentence.contains(what)), "{:?}", finding.why);
}

#[test]
fn records_with_copies_of_the_same_text_are_called_that() {
    let found = findings(|count| {
        let mut p = Program::new();
        let records = p.variable("records", "Array");
        p.fill_with(records, count, |p| {
            let record = p.b.node("object", "Record", 50);
            let text = p.b.node("string", "the same text", 1000);
            p.b.edge(record, "property", "text", text);
            record
        });
        p.b.graph()
    });
    let finding = only(&found);
    assert_eq!((finding.owner.as_str(), finding.kind), ("records", Kind::DuplicatedStrings));
    says(finding, "39.0 kB of it in copies of texts that are there already: `\"the same text\"` is there 40 times");
    assert!(finding.advice.starts_with("Keep one copy of each text"), "{}", finding.advice);
}

#[test]
fn cached_ropes_of_many_pieces_are_strings_that_take_more_than_their_text() {
    let found = findings(|count| {
        let mut p = Program::new();
        let pages = p.variable("pages", "Array");
        p.fill_with(pages, count, |p| {
            let rope = p.b.node("concatenated string", "<li>one</li>", 32);
            let mut link = rope;
            for _ in 0..99 {
                let [next, piece] =
                    [("concatenated string", 32), ("string", 16)].map(|(kind, s)| p.b.node(kind, "<li>", s));
                p.b.edge(link, "internal", "first", next);
                p.b.edge(link, "internal", "second", piece);
                link = next;
            }
            rope
        });
        p.b.graph()
    });
    let finding = only(&found);
    assert_eq!((finding.owner.as_str(), finding.kind), ("pages", Kind::Strings));
    says(finding, "only to link the pieces of strings that were built piece by piece");
    says(finding, "is still in 101 pieces");
    assert!(finding.advice.contains("join the pieces"), "{}", finding.advice);
}

#[test]
fn what_only_the_console_holds_is_noise_with_that_reason() {
    let found = findings(|count| {
        let mut p = Program::new();
        let handles = p.b.node("synthetic", "(Global handles)", 0);
        p.b.edge(0, "element", "2", handles);
        for i in 0..count * 10 {
            let logged = p.b.node("object", "Order", 100);
            p.b.edge(handles, "internal", &format!("{} / DevTools console", i + 1), logged);
        }
        p.b.graph()
    });
    assert!(found.findings.is_empty(), "{:?}", found.findings);
    let noise = found.noise.iter().find(|f| f.kind == Kind::Console).unwrap();
    assert_eq!((noise.owner.as_str(), noise.growth[2].count), ("DevTools console", 400));
    assert!(noise.noise_reason.as_deref().unwrap().starts_with("the console or a debugger holds it"));
}

#[test]
fn what_grows_in_an_object_that_only_a_debugger_holds_is_noise_unless_the_program_holds_it_too() {
    let findings_where = |is_programs_too: bool| {
        findings(|count| {
            let mut p = Program::new();
            let handles = p.b.node("synthetic", "(Global handles)", 0);
            p.b.edge(0, "element", "2", handles);
            let watched = p.b.node("object", "Watched", 40);
            p.b.edge(handles, "internal", "53 / DevTools debugger", watched);
            if is_programs_too {
                p.b.edge(p.scope, "context", "inbox", watched);
            }
            let list = p.b.node("object", "Array", 32);
            p.b.edge(watched, "property", "orders", list);
            p.fill(list, count * 10, 1000);
            p.b.graph()
        })
    };
    let found = findings_where(false);
    assert!(found.findings.is_empty(), "{:?}", found.findings);
    let noise = found.noise.iter().find(|f| f.kind == Kind::Console).unwrap();
    assert_eq!(noise.growth[2].count, 400);
    assert!(noise.noise_reason.as_deref().unwrap().starts_with("the console or a debugger holds it"));
    let found = findings_where(true);
    assert_eq!(only(&found).owner, "inbox.orders");
}

/// Functions made by `outer` (scope 1), which keeps `big` and `small` for them; they (scope 2) use
/// `small`, and `big` if `use_big`.
fn functions(count: usize, use_big: bool) -> HeapGraph {
    let mut p = Program::new();
    let handlers = p.variable("handlers", "Array");
    let script = p.b.node("hidden", "system / Script / /app/handlers.js", 8);
    let [outer, inner] = ["1", "2"].map(|scope_id| {
        let info = p.b.node("hidden", "system / ScopeInfo", 8);
        p.int(info, "scope_id", scope_id);
        info
    });
    let [_, shared] = [("outer", outer, "1"), ("handle", inner, "2")].map(|(name, info, scope_id)| {
        let shared = p.b.node("code", &format!("system / SharedFunctionInfo / {name}"), 8);
        p.b.edge(shared, "internal", "script", script);
        p.b.edge(shared, "internal", "name_or_scope_info", info);
        p.int(shared, "scope_id", scope_id);
        p.b.edge(0, "element", scope_id, shared);
        shared
    });
    p.fill_with(handlers, count, |p| {
        let context = p.b.node("object", "system / Context", 32);
        p.b.edge(context, "internal", "scope_info", outer);
        for (name, size) in [("big", 5000), ("small", 20)] {
            let value = p.b.node("object", "Value", size);
            p.b.edge(context, "context", name, value);
        }
        let f = p.b.node("closure", "handle", 64);
        p.b.edge(f, "internal", "shared", shared);
        p.b.edge(f, "internal", "context", context);
        f
    });
    // The names stand in the file even where no context has such variables yet.
    let names = p.b.node("object", "Names", 0);
    for name in ["big", "small"] {
        p.b.edge(names, "property", name, names);
    }
    let mut graph = p.b.graph();
    let variables: Vec<StringIndex> = ["big", "small"].map(|name| graph.strings.find(name).unwrap()).into();
    let script = NodeIndex(script as u32);
    let scope =
        |scope_id, depth, context_var_count, use_count| Scope { script, scope_id, depth, context_var_count, use_count };
    let uses = if use_big { vec![(1, 0), (1, 1)] } else { vec![(1, 1)] };
    graph.scopes = Some(Scopes {
        scopes: vec![scope(1, 0, 2, 0), scope(2, 1, 0, uses.len() as u32)],
        context_vars: variables,
        uses,
    });
    graph
}

#[test]
fn variables_that_no_living_function_uses_are_named() {
    let found = findings(|count| functions(count, false));
    let finding = only(&found);
    assert_eq!((finding.owner.as_str(), finding.kind), ("handlers", Kind::DeadVariables));
    says(finding, "keep 200 kB by variables that no living function uses, most of it by `big`");
    let used = findings(|count| functions(count, true));
    assert_eq!(only(&used).kind, Kind::Closures);
    says(only(&used), "keeps 5.0 kB by the variable `big`");
}
