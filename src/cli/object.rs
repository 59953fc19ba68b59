//! `object`: everything about one object.

use super::allocations::{FUNCTION_COLUMNS, function_cells};
use super::args::ObjectId;
use super::object_rows::object_text;
use super::open::OpenArgs;
use super::output::{Answer, Cell};
use super::tree_rows::{Shows, TreeRows, edges_below};
use super::{CliError, OutputArgs, write_answer};
use crate::analysis::Heap;
use crate::analysis::order::sort::Sort;
use crate::analysis::realms::native_contexts::Attribution;
use crate::analysis::tables::tree::Level;
use crate::graph::{NodeFlags, NodeIndex};
use crate::progress::Stage;
use crate::text::TextCow;
use clap::Args;
use std::path::PathBuf;

/// Show everything about an object: its fields, value, location, dominator and flags
///
/// JSON: id, type, name, value (the whole text of a string), constructor, class_key, distance, shallow_size,
/// retained_size, dominator_id, dominator, script_id, line and column (from 0, as in the file), detachedness,
/// is_reachable_from_window, is_page_object, native_context, edge_count and retainer_count; fields, rows as of
/// containment; and allocation_stack, rows of function, script, line and column (from 1),
/// where it was recorded. CSV: field,value.
#[derive(Debug, Args)]
pub(super) struct ObjectArgs {
    /// The snapshot
    file: PathBuf,
    /// The object's id
    id: ObjectId,
    #[command(flatten)]
    open: OpenArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl ObjectArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let snapshot = self.open.open(&self.file)?;
        let heap = &snapshot.heap;
        let n = self.id.find(heap)?;
        let below = |n| edges_below(heap, n, Level::UnderObject, Sort::BY_RETAINED);
        let fields = TreeRows::open(heap, n, 1, self.output.limit, Shows::Targets, below)?;
        let answer = fields.add_to(facts(heap, n)?, "fields", heap);
        let stack = heap.allocation_profile().stack(&heap.graph, n);
        let answer = match stack {
            Some(stack) => answer.table("allocation_stack", FUNCTION_COLUMNS, stack.len(), move |i| {
                function_cells(&heap.graph, stack[i], 0)
            }),
            None => answer,
        };
        write_answer(answer.facts_first(), &self.output)
    }
}

/// What can be said of an object in single values.
fn facts(heap: &Heap, n: NodeIndex) -> Result<Answer<'_>, CliError> {
    let graph = &heap.graph;
    let flags = heap.flags(n);
    let dominator = heap.dominator(n);
    let location = graph.location(n);
    let attribution = match heap.native_contexts(&Stage::unwatched())?.attribution(n) {
        Attribution::None => Cell::word("none"),
        Attribution::Shared => Cell::word("shared"),
        Attribution::Context(context) => Cell::Text(TextCow::Owned(object_text(heap, context))),
    };
    let is_reachable_from_window = heap.reachable_from_window(&Stage::unwatched())?.contains(n);
    let value = heap.string_value(n);
    Ok(Answer::new("object")
        .fact("id", "Id", Cell::Id(heap.id(n)))
        .fact("type", "Type", Cell::words(graph.node_kind_name(heap.kind(n))))
        .fact("name", "Name", Cell::Text(heap.name(n)))
        .fact("value", "Value", Cell::option(value, Cell::Text))
        .fact("constructor", "Constructor", Cell::text(heap.class_name(n)))
        .fact("class_key", "Class key", Cell::Text(TextCow::Owned(heap.class_key(n))))
        .fact("distance", "Distance", Cell::Distance(heap.distance(n)))
        .fact("shallow_size", "Shallow size", Cell::Bytes(heap.shallow_size(n)))
        .fact("retained_size", "Retained size", Cell::Bytes(heap.retained_size(n)))
        .fact("dominator_id", "Dominator id", Cell::Id(heap.id(dominator)))
        .fact("dominator", "Dominator", Cell::Text(TextCow::Owned(object_text(heap, dominator))))
        .fact("script_id", "Script id", Cell::option(location, |l| Cell::Number(l.script_id)))
        .fact("line", "Line", Cell::option(location, |l| Cell::Number(l.line)))
        .fact("column", "Column", Cell::option(location, |l| Cell::Number(l.column)))
        .fact("detachedness", "Detachedness", Cell::Detachedness(heap.detachedness(n)))
        .fact("is_reachable_from_window", "Reachable from window", Cell::Flag(is_reachable_from_window))
        .fact("is_page_object", "Page object", Cell::Flag(flags.has(NodeFlags::PAGE_OBJECT)))
        .fact("native_context", "Native context", attribution)
        .fact("edge_count", "References to others", Cell::Count(graph.edge_range(n).len() as u64))
        .fact("retainer_count", "References to it", Cell::Count(heap.facts.retainers.count(n) as u64)))
}
