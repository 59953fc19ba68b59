//! Trees of references: `containment` downward, `retainers` and `path` upward.

use super::common::{DEPTH, DISTANCE, RETAINED_SIZE, SHALLOW_SIZE, object_text};
use crate::analysis::Heap;
use crate::analysis::naming::edge_names::{EdgeName, edge_cell_text};
use crate::graph::{EdgeIndex, NodeIndex};
use crate::relation::{Answer, Column, HeapRef, Kind, Rows, Value};
use crate::text::TextBuf;

/// A row before it has a place in the tree: an edge and the object at its other end.
#[derive(Debug, Clone, Copy)]
pub struct Branch {
    /// The reference.
    pub edge: EdgeIndex,
    /// The object.
    pub node: NodeIndex,
    /// The object's distance, as this tree counts it.
    pub distance: i32,
}

/// Which end of its edges a tree shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// What an object refers to: `name :: value @id`.
    Targets,
    /// Who refers to an object: `name in Holder @id`.
    Sources,
}

/// A row of the tree.
#[derive(Debug, Clone, Copy)]
pub struct TreeRow {
    /// The reference and the object.
    pub branch: Branch,
    /// How deep it stands.
    pub depth: u32,
    /// Whether the same object stands above it, so that it does not open.
    pub is_cycle: bool,
}

/// Rows in the order of an opened tree.
#[derive(Debug)]
pub struct Tree {
    rows: Vec<TreeRow>,
    shows: Shows,
    /// Whether the screen says `Object` before the preview of a plain object.
    says_object: bool,
}

/// The columns of every tree of references.
pub static TREE_COLUMNS: [Column; 12] = [
    DEPTH,
    Column::on_screen("Object", Kind::Tree, "The reference, the object and its id"),
    Column::for_programs("text", Kind::Text, "The row as the screen shows it"),
    Column::for_programs("edge", Kind::Text, "The name or number of the reference"),
    Column::for_programs("edge_type", Kind::Text, "The kind of the reference"),
    Column::for_programs("id", Kind::Id, "The id of the object"),
    Column::for_programs("type", Kind::Text, "What the engine takes the object for"),
    Column::for_programs("name", Kind::Text, "The object's name; of a string its text"),
    DISTANCE,
    SHALLOW_SIZE,
    RETAINED_SIZE,
    Column::for_programs("is_cycle", Kind::Bool, "Whether the same object stands above, so that the row does not open"),
];

impl Tree {
    /// Opens `depth` levels below `start`, at most `limit` rows. A row whose object stands above
    /// it already is not opened again.
    pub fn open<E>(
        heap: &Heap,
        start: NodeIndex,
        depth: usize,
        limit: Option<usize>,
        shows: Shows,
        branches: impl Fn(NodeIndex) -> Result<Vec<Branch>, E>,
    ) -> Result<Self, E> {
        let limit = limit.unwrap_or(usize::MAX);
        let mut rows = Vec::new();
        // Open levels: the object and its rows still to come.
        let mut open = Vec::new();
        if depth > 0 {
            open.push((start, branches(start)?.into_iter()));
        }
        while rows.len() < limit {
            let Some((_, rest)) = open.last_mut() else { break };
            let Some(branch) = rest.next() else {
                open.pop();
                continue;
            };
            // The top of Containment is not a row; the object whose retainers are
            // shown stands above them all.
            let above = &open[usize::from(shows == Shows::Targets)..];
            let is_cycle = above.iter().any(|(n, _)| heap.id(*n) == heap.id(branch.node));
            #[allow(clippy::cast_possible_truncation, reason = "no deeper than there are objects")]
            let level = (open.len() - 1) as u32;
            rows.push(TreeRow { branch, depth: level, is_cycle });
            if !is_cycle && open.len() < depth {
                open.push((branch.node, branches(branch.node)?.into_iter()));
            }
        }
        Ok(Self::opened(rows, shows))
    }

    /// Rows that are open already.
    pub fn opened(rows: Vec<TreeRow>, shows: Shows) -> Self {
        Self { rows, shows, says_object: false }
    }

    /// Says `Object` before the preview of a plain object, on the screen: a chain that is read by
    /// itself says what holds each step.
    #[must_use]
    pub fn saying_object(self) -> Self {
        Self { says_object: true, ..self }
    }

    /// Adds the rows to `answer` as the table called `key`.
    pub fn add_to<'a>(self, answer: Answer<'a>, key: &'static str, heap: impl HeapRef + 'a) -> Answer<'a> {
        answer.table(key, TreeOf { heap, tree: self })
    }
}

/// The rows of a tree, with the heap that has their values.
struct TreeOf<H> {
    heap: H,
    tree: Tree,
}

impl<H: HeapRef> Rows for TreeOf<H> {
    fn columns(&self) -> &[Column] {
        &TREE_COLUMNS
    }

    fn len(&self) -> usize {
        self.tree.rows.len()
    }

    fn value(&self, row: usize, column: usize) -> Value<'_> {
        let heap: &Heap = &self.heap;
        let graph = &heap.graph;
        let TreeRow { branch, depth, is_cycle } = self.tree.rows[row];
        let n = branch.node;
        match column {
            0 => depth.into(),
            1 => Value::owned(row_text(heap, self.tree.shows, &branch, self.tree.says_object)),
            2 => Value::owned(row_text(heap, self.tree.shows, &branch, false)),
            3 => Value::Text(EdgeName::of(graph, &graph.edge(branch.edge)).text()),
            4 => Value::word(graph.edge_kind_name(&graph.edge(branch.edge))),
            5 => Value::id(heap.id(n)),
            6 => Value::word(graph.node_kind_name(heap.kind(n))),
            7 => Value::Text(heap.name(n)),
            8 => branch.distance.into(),
            9 => heap.shallow_size(n).into(),
            10 => heap.retained_size(n).into(),
            _ => is_cycle.into(),
        }
    }

    fn level(&self, row: usize) -> usize {
        self.tree.rows[row].depth as usize
    }
}

/// `name :: value @id` or `name in Holder @id`.
fn row_text(heap: &Heap, shows: Shows, branch: &Branch, says_object: bool) -> TextBuf {
    let edge = heap.graph.edge(branch.edge);
    let mut text = edge_cell_text(&heap.graph, &edge).into_owned();
    text.push_str(if shows == Shows::Targets { " :: " } else { " in " });
    let value = heap.cell_text(branch.node);
    if says_object && heap.raw_name(branch.node).as_text() == "Object" && value.as_text() != "Object" {
        text.push_str("Object ");
    }
    text.push(value.as_text());
    text.push_str(&format!(" {}", heap.id(branch.node)));
    text
}

/// The object that `retainers` and `path` are about.
pub static ABOUT: [Column; 1] = [Column::new("object", "Object", Kind::Text, "The object and its id")];

/// What `path --all` says beside its rows.
pub static LIMIT_FACTS: [Column; 3] = [
    Column::new("reached_max_depth", "Longer paths left out", Kind::Bool, "Whether longer paths were left out"),
    Column::new("reached_max_nodes", "Objects left out", Kind::Bool, "Whether objects were left out"),
    Column::new("reached_max_siblings", "Retainers left out", Kind::Bool, "Whether retainers were left out"),
];

/// The answer of `containment`.
pub fn containment<'a>(heap: impl HeapRef + 'a, tree: Tree) -> Answer<'a> {
    tree.add_to(Answer::new("containment"), "rows", heap)
}

/// The answer of `retainers` or `path`, still without rows: it begins with the object it is about.
pub fn about<'a>(command: &'static str, heap: &Heap, object: NodeIndex) -> Answer<'a> {
    Answer::new(command).facts(&ABOUT, [Value::owned(object_text(heap, object))])
}
