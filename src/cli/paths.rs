//! `paths`: where many objects hang, as one tree.

use super::args::{FilterArgs, is_in};
use super::open::OpenArgs;
use super::summary::classes_called;
use super::{CliError, OutputArgs, write_answer};
use crate::analysis::Heap;
use crate::analysis::paths::merged_paths::{MergedPaths, MergedStep, merged_paths};
use crate::analysis::tables::comparison::compare;
use crate::graph::NodeSet;
use crate::progress::Stage;
use crate::relation::{Answer, catalog, tables};
use crate::text::Text;
use clap::Args;
use std::path::PathBuf;

/// Show the paths from the roots to many objects as one tree, the biggest first
///
/// Each object counts once, by its most natural path; indices and slots of tables are folded to [ ], chains to one step.
#[derive(Debug, Args)]
#[command(after_long_help = catalog::help("paths"))]
#[command(group = clap::ArgGroup::new("which").multiple(true))]
pub(super) struct PathsArgs {
    /// The snapshot
    file: PathBuf,
    /// Only objects of this class, by the name in Summary or by its class key
    #[arg(long, value_name = "CLASS")]
    class: Option<String>,
    #[command(flatten)]
    filter: FilterArgs,
    /// Only objects that are new since this earlier snapshot of the same process, as Comparison has them
    #[arg(long, value_name = "BASE", conflicts_with_all = ["filter", "between"])]
    new_since: Option<PathBuf>,
    /// How many levels to show
    #[arg(long, value_name = "LEVELS", default_value_t = 30)]
    depth: usize,
    /// Leave out branches with fewer of the objects than this
    #[arg(long, value_name = "OBJECTS", default_value_t = 1)]
    min_count: u64,
    #[command(flatten)]
    open: OpenArgs,
    #[command(flatten)]
    output: OutputArgs,
}

impl PathsArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let snapshot = self.open.open(&self.file)?;
        let heap = &snapshot.heap;
        let objects = match &self.new_since {
            Some(base) => self.new_objects(&self.open.open(base)?.heap, heap)?,
            None => self.objects(heap)?,
        };
        let merged = merged_paths(heap, &objects, &Stage::unwatched())?;
        write_answer(self.answer(heap, &merged), &self.output)
    }

    /// What the class and the filter leave.
    fn objects(&self, heap: &Heap) -> Result<NodeSet, CliError> {
        let filtered = self.filter.nodes(heap, self.open)?;
        if self.class.is_none() && filtered.is_none() {
            return Err(CliError::Usage("which objects? Give --class, --filter or --new-since".to_owned()));
        }
        let classes = self.class.as_deref().map(|class| classes_called(heap, class));
        if classes.as_ref().is_some_and(Vec::is_empty) {
            let class = self.class.as_deref().unwrap_or_default();
            return Err(CliError::Usage(format!("the snapshot has no class '{class}'")));
        }
        Ok(NodeSet::from_fn(heap.graph.node_count(), |n| {
            heap.shallow_size(n) != 0
                && is_in(filtered.as_ref(), n)
                && classes.as_ref().is_none_or(|classes| classes.contains(&heap.class_of(n)))
        }))
    }

    /// What is new in all rows of Comparison, or in one.
    fn new_objects(&self, base: &Heap, heap: &Heap) -> Result<NodeSet, CliError> {
        let comparison = compare(base, heap, &Stage::unwatched())?;
        let mut objects = NodeSet::new(heap.graph.node_count());
        for row in &comparison.rows {
            let is_asked = |class: &str| row.name.as_text() == *class || row.class_key().as_text() == Text::from(class);
            if self.class.as_deref().is_none_or(is_asked) {
                comparison.new_of(row).iter().for_each(|&n| {
                    objects.insert(n);
                });
            }
        }
        Ok(objects)
    }

    fn answer<'a>(&self, heap: &'a Heap, merged: &'a MergedPaths) -> Answer<'a> {
        let is_shown = |s: &MergedStep| s.depth < self.depth && s.count >= self.min_count;
        let rows = (0..).zip(&merged.steps).filter(|(_, step)| is_shown(step)).map(|(i, _)| i).collect();
        tables::paths::paths(heap, merged, rows)
    }
}
