//! A small program's heap, for tests of what is said about leaks.

use crate::testing::SnapshotBuilder;

/// A program's module with some variables, beside a megabyte of the runtime's own.
pub(super) struct Program {
    pub(super) b: SnapshotBuilder,
    pub(super) scope: usize,
}

impl Program {
    pub(super) fn new() -> Self {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        let scope = b.node("object", "system / Context", 32);
        let run = b.node("closure", "run", 64);
        let [shared, script] = ["shared", "/app/main.js"].map(|name| b.node("code", name, 0));
        let runtime = b.node("array", "(internal array)", 1_000_000);
        b.edge(root, "internal", "(Global handles)", run);
        b.edge(root, "internal", "(Builtins)", runtime);
        b.edge(run, "internal", "context", scope);
        b.edge(run, "internal", "shared", shared);
        b.edge(shared, "internal", "script", script);
        Self { b, scope }
    }

    pub(super) fn variable(&mut self, name: &str, class: &str) -> usize {
        let n = self.b.node("object", class, 32);
        self.b.edge(self.scope, "context", name, n);
        n
    }

    /// Elements of `list`, each an object of `size` bytes.
    pub(super) fn fill(&mut self, list: usize, count: usize, size: u64) -> Vec<usize> {
        let add = |p: &mut Self| p.b.node("object", "Thing", size);
        self.fill_with(list, count, add)
    }

    /// Elements of `list`, as `make` makes them.
    pub(super) fn fill_with(&mut self, list: usize, count: usize, make: impl Fn(&mut Self) -> usize) -> Vec<usize> {
        let elements = self.b.node("array", "(object elements)", 16);
        self.b.edge(list, "internal", "elements", elements);
        let add = |i: usize| {
            let n = make(self);
            self.b.edge(elements, "internal", &i.to_string(), n);
            self.b.edge(list, "element", &i.to_string(), n);
            n
        };
        (0..count).map(add).collect()
    }

    /// A number behind an edge, as V8 writes it.
    pub(super) fn int(&mut self, of: usize, edge: &str, value: &str) {
        let number = self.b.node("number", "int", 0);
        let text = self.b.node("string", value, 0);
        self.b.edge(number, "internal", "value", text);
        self.b.edge(of, "internal", edge, number);
    }
}
