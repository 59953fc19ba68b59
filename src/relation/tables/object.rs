//! `object`: everything about one object.

use super::allocations::Stack;
use super::common::{help, object_text};
use super::tree::Tree;
use crate::analysis::Heap;
use crate::analysis::realms::native_contexts::Attribution;
use crate::graph::{NodeFlags, NodeIndex};
use crate::progress::{Cancelled, Stage};
use crate::relation::{Answer, Column, Groups, Kind, Size, Value};

const COUNT: Kind = Kind::Count(Groups::Commas);
const BYTES: Kind = Kind::Bytes(Size::Suitable);

/// What can be said of an object in single values.
pub static FACTS: [Column; 20] = [
    Column::new("id", "Id", Kind::Id, help::ID),
    Column::new("type", "Type", Kind::Text, "What the engine takes it for"),
    Column::new("name", "Name", Kind::Text, "Its name"),
    Column::new("value", "Value", Kind::Text, "The whole text of a string").nullable(),
    Column::new("constructor", "Constructor", Kind::Text, help::CONSTRUCTOR),
    Column::new("class_key", "Class key", Kind::Text, help::CLASS_KEY),
    Column::new("distance", "Distance", Kind::Distance, help::DISTANCE),
    Column::new("shallow_size", "Shallow size", BYTES, help::SHALLOW_SIZE),
    Column::new("retained_size", "Retained size", BYTES, help::RETAINED_SIZE),
    Column::new("dominator_id", "Dominator id", Kind::Id, "The id of the nearest object that all paths pass through"),
    Column::new("dominator", "Dominator", Kind::Text, "That object"),
    Column::new("script_id", "Script id", Kind::Integer, "The number of the script it comes from").nullable(),
    Column::new("line", "Line", Kind::Integer, "The line, from 0 as in the file").nullable(),
    Column::new("column", "Column", Kind::Integer, "The column, from 0 as in the file").nullable(),
    Column::new("detachedness", "Detachedness", Kind::Detachedness, "0 unknown, 1 attached, 2 detached"),
    Column::new(
        "is_reachable_from_window",
        "Reachable from window",
        Kind::Bool,
        "Whether a script can reach it from the window",
    ),
    Column::new("is_page_object", "Page object", Kind::Bool, "Whether it belongs to the page"),
    Column::new("native_context", "Native context", Kind::Text, "The native context it belongs to, none or shared"),
    Column::new("edge_count", "References to others", COUNT, "How many references it has"),
    Column::new("retainer_count", "References to it", COUNT, "How many references lead to it"),
];

/// The answer of `object`: facts, its fields, and where it was allocated if that was recorded.
pub fn object<'a>(heap: &'a Heap, n: NodeIndex, fields: Tree) -> Result<Answer<'a>, Cancelled> {
    let graph = &heap.graph;
    let location = graph.location(n);
    let at = |of: fn(crate::graph::Location) -> i64| Value::option(location, |l| Value::Signed(of(l)));
    let attribution = match heap.native_contexts(&Stage::unwatched())?.attribution(n) {
        Attribution::None => Value::word("none"),
        Attribution::Shared => Value::word("shared"),
        Attribution::Context(context) => Value::owned(object_text(heap, context)),
    };
    let facts = [
        Value::id(heap.id(n)),
        Value::word(graph.node_kind_name(heap.kind(n))),
        Value::Text(heap.name(n)),
        Value::option(heap.string_value(n), Value::Text),
        Value::text(heap.class_name(n)),
        Value::owned(heap.class_key(n)),
        heap.distance(n).into(),
        heap.shallow_size(n).into(),
        heap.retained_size(n).into(),
        Value::id(heap.id(heap.dominator(n))),
        Value::owned(object_text(heap, heap.dominator(n))),
        at(|l| l.script_id),
        at(|l| l.line),
        at(|l| l.column),
        Value::detachedness(heap.detachedness(n)),
        heap.reachable_from_window(&Stage::unwatched())?.contains(n).into(),
        heap.flags(n).has(NodeFlags::PAGE_OBJECT).into(),
        attribution,
        Value::count(graph.edge_range(n).len()),
        Value::count(heap.facts.retainers.count(n)),
    ];
    let answer = fields.add_to(Answer::new("object").facts(&FACTS, facts), "fields", heap);
    let answer = match heap.allocation_profile().stack(graph, n) {
        Some(functions) => answer.table("allocation_stack", Stack { heap, functions }),
        None => answer,
    };
    Ok(answer.facts_first())
}
