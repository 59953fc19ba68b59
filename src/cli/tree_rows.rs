//! The rows of a tree of objects, opened some levels deep: `containment` downwards, `retainers`
//! upwards.

use super::CliError;
use super::output::{Answer, Cell, Column};
use crate::analysis::Heap;
use crate::analysis::naming::edge_names::{EdgeName, edge_cell_text};
use crate::analysis::order::sort::Sort;
use crate::analysis::tables::tree::{Level, edge_rows};
use crate::graph::{EdgeIndex, NodeIndex};
use crate::progress::Stage;
use crate::text::{TextBuf, TextCow};

/// A row before it has a place in the tree: an edge and the object at its other end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Branch {
    pub(super) edge: EdgeIndex,
    pub(super) node: NodeIndex,
    /// The object's distance, as this tree counts it.
    pub(super) distance: i32,
}

/// Which end of its edges a tree shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shows {
    /// What an object refers to: `name :: value @id`.
    Targets,
    /// Who refers to an object: `name in Holder @id`.
    Sources,
}

/// A row of the tree.
#[derive(Debug, Clone, Copy)]
struct Row {
    branch: Branch,
    depth: usize,
    is_cycle: bool,
}

/// Rows in the order of an opened tree.
#[derive(Debug)]
pub(super) struct TreeRows {
    rows: Vec<Row>,
    shows: Shows,
    /// Whether the screen says `Object` before the preview of a plain object.
    says_object: bool,
}

/// What `n` refers to, in the order of rows at `level`.
pub(super) fn edges_below(heap: &Heap, n: NodeIndex, level: Level, sort: Sort) -> Result<Vec<Branch>, CliError> {
    let rows = edge_rows(heap, n, level, sort, &Stage::unwatched())?;
    let branch = |edge: EdgeIndex| {
        let node = heap.graph.edge(edge).target;
        Branch { edge, node, distance: heap.distance(node) }
    };
    Ok(rows.into_iter().map(branch).collect())
}

impl TreeRows {
    /// Opens `depth` levels below `start`, at most `limit` rows. A row whose object stands above
    /// it already is not opened again.
    pub(super) fn open(
        heap: &Heap,
        start: NodeIndex,
        depth: usize,
        limit: Option<usize>,
        shows: Shows,
        branches: impl Fn(NodeIndex) -> Result<Vec<Branch>, CliError>,
    ) -> Result<Self, CliError> {
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
            // What stands at the top of Containment is no row; the object whose retainers are
            // shown stands above them all.
            let above = &open[usize::from(shows == Shows::Targets)..];
            let is_cycle = above.iter().any(|(n, _)| heap.id(*n) == heap.id(branch.node));
            rows.push(Row { branch, depth: open.len() - 1, is_cycle });
            if !is_cycle && open.len() < depth {
                open.push((branch.node, branches(branch.node)?.into_iter()));
            }
        }
        Ok(Self { rows, shows, says_object: false })
    }

    /// Rows that are open already, each with its depth.
    pub(super) fn opened(rows: Vec<(Branch, usize)>, shows: Shows) -> Self {
        let rows = rows.into_iter().map(|(branch, depth)| Row { branch, depth, is_cycle: false }).collect();
        Self { rows, shows, says_object: false }
    }

    /// Says `Object` before the preview of a plain object, on the screen: a chain that is read by
    /// itself says what holds each step.
    pub(super) fn saying_object(self) -> Self {
        Self { says_object: true, ..self }
    }

    /// Adds the rows to `answer` as the table called `key`.
    pub(super) fn add_to<'a>(self, answer: Answer<'a>, key: &'static str, heap: &'a Heap) -> Answer<'a> {
        let columns = [
            Column::programs("depth"),
            Column::screen_words("Object"),
            Column::programs("text"),
            Column::programs("edge"),
            Column::programs("edge_type"),
            Column::programs("id"),
            Column::programs("type"),
            Column::programs("name"),
            Column::numbers("distance", "Distance"),
            Column::numbers("shallow_size", "Shallow size"),
            Column::numbers("retained_size", "Retained size"),
            Column::programs("is_cycle"),
        ];
        let graph = &heap.graph;
        answer.table(key, columns, self.rows.len(), move |i| {
            let Row { branch, depth, is_cycle } = self.rows[i];
            let Branch { edge, node, distance } = branch;
            let edge = graph.edge(edge);
            #[allow(clippy::cast_possible_wrap, reason = "far below")]
            let depth_number = Cell::Number(depth as i64);
            vec![
                depth_number,
                Cell::Indented(depth, TextCow::Owned(screen_text(heap, self.shows, &branch, self.says_object))),
                Cell::Text(TextCow::Owned(row_text(heap, self.shows, &branch))),
                Cell::Text(EdgeName::of(graph, &edge).text()),
                Cell::words(graph.edge_kind_name(&edge)),
                Cell::Id(heap.id(node)),
                Cell::words(graph.node_kind_name(heap.kind(node))),
                Cell::Text(heap.name(node)),
                Cell::Distance(distance),
                Cell::Kilobytes(heap.shallow_size(node)),
                Cell::Kilobytes(heap.retained_size(node)),
                Cell::Flag(is_cycle),
            ]
        })
    }
}

/// `name :: value @id` or `name in Holder @id`.
pub(super) fn row_text(heap: &Heap, shows: Shows, branch: &Branch) -> TextBuf {
    screen_text(heap, shows, branch, false)
}

fn screen_text(heap: &Heap, shows: Shows, branch: &Branch, says_object: bool) -> TextBuf {
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
