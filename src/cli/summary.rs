//! `summary` and `instances`: the classes of a snapshot, and the objects of one.

use super::args::{ClassArgs, FilterArgs, SortArgs};
use super::open::OpenArgs;
use super::{CliError, OutputArgs, write_answer};
use crate::analysis::Heap;
use crate::analysis::order::sort::Sort;
use crate::analysis::tables::summary::{sort_classes, sort_objects};
use crate::graph::{ClassIndex, NodeIndex};
use crate::progress::Stage;
use crate::relation::{catalog, tables};
use crate::text::Text;
use clap::Args;
use std::path::PathBuf;

/// List constructors with the number and sizes of their objects
#[derive(Debug, Args)]
#[command(after_long_help = catalog::help("summary"))]
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
        let answer = tables::classes::summary(heap, groups, &filter.to_string());
        write_answer(answer, &self.output)
    }
}

/// List the objects of a class
#[derive(Debug, Args)]
#[command(after_long_help = catalog::help("instances"))]
pub(super) struct InstancesArgs {
    /// The snapshot
    file: PathBuf,
    /// The class, by the name in Summary or by its class key; with --script functions unless it is given
    #[arg(required_unless_present = "script")]
    class: Option<String>,
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
        let class = self.class.as_deref().unwrap_or("Function");
        let classes = classes_called(heap, class);
        if classes.is_empty() {
            return Err(CliError::Usage(format!("the snapshot has no class '{class}'")));
        }
        let nodes = self.filter.nodes(heap, self.open)?;
        let members: Vec<NodeIndex> = classes.iter().flat_map(|&class| heap.members(class, nodes.as_ref())).collect();
        let members = sort_objects(heap, members, self.sort.or(Sort::BY_RETAINED), &Stage::unwatched())?;
        let answer = tables::objects::instances(heap, class, members);
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
