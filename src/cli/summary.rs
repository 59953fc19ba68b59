//! `summary` and `instances`: the classes of a snapshot, and the objects of one.

use super::args::{ClassArgs, FilterArgs, SortArgs};
use super::object_rows;
use super::open::OpenArgs;
use super::output::{Answer, Cell, Column};
use super::{CliError, OutputArgs, write_answer};
use crate::analysis::Heap;
use crate::analysis::order::sort::Sort;
use crate::analysis::tables::summary::{sort_classes, sort_objects, totals};
use crate::graph::{ClassIndex, NodeIndex};
use crate::progress::Stage;
use crate::text::{Text, TextCow};
use clap::Args;
use std::path::PathBuf;

/// List constructors with the number and sizes of their objects
///
/// JSON: filter, object_count and object_size of all rows together, and rows of constructor, class_key, count,
/// distance, shallow_size and retained_size. CSV: constructor,count,distance,shallow_size,retained_size.
#[derive(Debug, Args)]
pub(super) struct SummaryArgs {
    /// The snapshot
    file: PathBuf,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    class: ClassArgs,
    #[command(flatten)]
    sort: SortArgs,
    #[command(flatten)]
    open: OpenArgs,
    #[command(flatten)]
    output: OutputArgs,
}

const COLUMNS: [Column; 8] = [
    Column::words("constructor", "Constructor"),
    Column::json("class_key"),
    Column::numbers("count", "Count"),
    Column::numbers("distance", "Distance"),
    Column::numbers("shallow_size", "Shallow size"),
    Column::screen_numbers("%"),
    Column::numbers("retained_size", "Retained size"),
    Column::screen_numbers("%"),
];

impl SummaryArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let snapshot = self.open.open(&self.file)?;
        let heap = &snapshot.heap;
        let filter = self.filter.filter(self.open)?;
        let nodes = filter.nodes(heap, &Stage::unwatched())?;
        let mut groups = match &nodes {
            None => heap.facts.constructors.clone(),
            Some(nodes) => heap.constructors(|n| nodes.contains(n), &Stage::unwatched())?,
        };
        groups.retain(|g| self.class.filter().accepts(heap.class(g.class).name.as_text()));
        sort_classes(heap, &mut groups, self.sort.or(Sort::BY_RETAINED));
        let totals = totals(&groups);
        let answer = Answer::new("summary")
            .fact("filter", "Filter", Cell::words(filter.to_string()))
            .fact("object_count", "Objects", Cell::Count(totals.count))
            .fact("object_size", "Size", Cell::Bytes(totals.shallow_size))
            .rows(COLUMNS, groups.len(), |i| {
                let group = &groups[i];
                let class = heap.class(group.class);
                vec![
                    Cell::text(class.name.as_text()),
                    Cell::Text(TextCow::Owned(class.key())),
                    Cell::Count(group.count.into()),
                    Cell::Distance(group.distance),
                    Cell::Kilobytes(group.shallow_size),
                    Cell::Percent(group.shallow_size, heap.total_size()),
                    Cell::Kilobytes(group.retained_size),
                    Cell::Percent(group.retained_size, heap.total_size()),
                ]
            });
        write_answer(answer, &self.output)
    }
}

/// List the objects of a class
///
/// JSON: class, object_count, and rows of id, type, name, distance, shallow_size and retained_size. CSV: the same
/// columns.
#[derive(Debug, Args)]
pub(super) struct InstancesArgs {
    /// The snapshot
    file: PathBuf,
    /// The class, by the name in Summary or by its class key
    class: String,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    sort: SortArgs,
    #[command(flatten)]
    open: OpenArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl InstancesArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let snapshot = self.open.open(&self.file)?;
        let heap = &snapshot.heap;
        let classes = classes_called(heap, &self.class);
        if classes.is_empty() {
            return Err(CliError::Usage(format!("the snapshot has no class '{}'", self.class)));
        }
        let nodes = self.filter.nodes(heap, self.open)?;
        let members: Vec<NodeIndex> = classes.iter().flat_map(|&class| heap.members(class, nodes.as_ref())).collect();
        let members = sort_objects(heap, members, self.sort.or(Sort::BY_RETAINED), &Stage::unwatched())?;
        let answer = Answer::new("instances")
            .fact("class", "Class", Cell::words(&self.class))
            .fact("object_count", "Objects", Cell::Count(members.len() as u64))
            .rows(object_rows::COLUMNS, members.len(), |i| object_rows::cells(heap, members[i], 0));
        write_answer(answer, &self.output)
    }
}

/// The class with this key or, where there is none, all classes of this name.
pub(super) fn classes_called(heap: &Heap, text: &str) -> Vec<ClassIndex> {
    let text = Text::from(text);
    let classes = &heap.facts.classes.classes;
    #[allow(clippy::cast_possible_truncation, reason = "classes are counted in 32 bits")]
    let indices = || (0..classes.len() as u32).map(ClassIndex);
    match indices().find(|c| classes[c.at()].key().as_text() == text) {
        Some(class) => vec![class],
        None => indices().filter(|c| classes[c.at()].name.as_text() == text).collect(),
    }
}
