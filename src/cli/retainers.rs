//! `retainers` and `path`: who keeps an object alive.

use super::args::{ObjectId, SortArgs};
use super::open::OpenArgs;
use super::{CliError, OutputArgs, write_answer};
use crate::analysis::Heap;
use crate::analysis::order::sort::Sort;
use crate::analysis::paths::path::Path;
use crate::analysis::paths::retainers_view::{Retainer, RetainersView};
use crate::analysis::paths::retaining_paths::{PathLimits, PathStep, retaining_paths};
use crate::graph::NodeIndex;
use crate::progress::Stage;
use crate::relation::tables::tree::{Branch, LIMIT_FACTS, Shows, Tree, TreeRow, about};
use crate::relation::{Value, catalog};
use clap::Args;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Show who refers to an object, and who to them
///
/// The columns are those of containment; id and what follows are about the object that refers.
#[derive(Debug, Args)]
#[command(after_long_help = catalog::help("retainers"))]
pub(super) struct RetainersArgs {
    #[command(flatten)]
    about: AboutArgs,
    /// How many levels to open
    #[arg(long, value_name = "LEVELS", default_value_t = 1)]
    depth: usize,
    #[command(flatten)]
    sort: SortArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// Show the path from an object to the root: who keeps it, who keeps that, one line a step
///
/// At each step it follows the retainer nearest to the root, as DevTools does. The columns are those of
/// retainers.
#[derive(Debug, Args)]
#[command(after_long_help = catalog::help("path"))]
pub(super) struct PathArgs {
    #[command(flatten)]
    about: AboutArgs,
    /// Show all paths, as far as the limits allow; a part that several share is shown once
    #[arg(long)]
    all: bool,
    /// With --all: the most steps of a path
    #[arg(long, value_name = "STEPS", requires = "all", default_value_t = PathLimits::default().depth)]
    max_depth: u32,
    /// With --all: the most objects looked at
    #[arg(long, value_name = "OBJECTS", requires = "all", default_value_t = PathLimits::default().nodes)]
    max_nodes: u32,
    /// With --all: the most retainers of one object that are followed
    #[arg(long, value_name = "RETAINERS", requires = "all", default_value_t = PathLimits::default().siblings)]
    max_siblings: usize,
    #[command(flatten)]
    output: OutputArgs,
}

/// Which object, and which retainers do not count.
#[derive(Debug, Args)]
struct AboutArgs {
    /// The snapshot
    file: PathBuf,
    /// The object's id
    id: ObjectId,
    /// As if this object did not refer to anything; can be given several times
    #[arg(long, value_name = "ID")]
    ignore: Vec<ObjectId>,
    #[command(flatten)]
    open: OpenArgs,
}

impl AboutArgs {
    fn view(&self, heap: &Heap) -> Result<RetainersView, CliError> {
        let ignored: Result<BTreeSet<NodeIndex>, CliError> = self.ignore.iter().map(|id| id.find(heap)).collect();
        Ok(RetainersView::ignoring(heap, ignored?, &Stage::unwatched())?)
    }
}

impl RetainersArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let snapshot = self.about.open.open(&self.about.file)?;
        let heap = &snapshot.heap;
        let object = self.about.id.find(heap)?;
        let view = self.about.view(heap)?;
        let sort = self.sort.or(Sort::BY_DISTANCE);
        let above = |n| {
            let rows = view.rows(heap, n, sort, &Stage::unwatched())?;
            Ok::<_, CliError>(rows.into_iter().map(|edge| branch(view.retainer(heap, edge))).collect())
        };
        let rows = Tree::open(heap, object, self.depth, self.output.limit, Shows::Sources, above)?;
        write_answer(rows.add_to(about("retainers", heap, object), "rows", heap), &self.output)
    }
}

impl PathArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let snapshot = self.about.open.open(&self.about.file)?;
        let heap = &snapshot.heap;
        let object = self.about.id.find(heap)?;
        let view = self.about.view(heap)?;
        let answer = about("path", heap, object);
        let answer = if self.all {
            let limits = PathLimits { depth: self.max_depth, nodes: self.max_nodes, siblings: self.max_siblings };
            let paths = retaining_paths(heap, &view, object, limits, &Stage::unwatched())?;
            let reached = paths.limits_reached;
            let step = |s: PathStep| {
                let branch = Branch { edge: s.edge, node: s.node, distance: s.distance };
                TreeRow { branch, depth: s.depth, is_cycle: false }
            };
            let rows = paths.steps.into_iter().map(step).collect();
            let answer = answer.facts(&LIMIT_FACTS, [reached.depth, reached.nodes, reached.siblings].map(Value::Bool));
            Tree::opened(rows, Shows::Sources).add_to(answer, "rows", heap)
        } else {
            let step = |retainer| TreeRow { branch: branch(retainer), depth: 0, is_cycle: false };
            let path = Path::find(heap, &view, object);
            let steps = path.retainers(heap, &view).into_iter().map(step).collect();
            Tree::opened(steps, Shows::Sources).saying_object().add_to(answer, "rows", heap)
        };
        write_answer(answer, &self.output)
    }
}

fn branch(retainer: Retainer) -> Branch {
    Branch { edge: retainer.edge, node: retainer.node, distance: retainer.distance }
}
