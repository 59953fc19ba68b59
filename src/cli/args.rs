//! Arguments that several commands share.

use super::CliError;
use super::open::OpenArgs;
use crate::analysis::Heap;
use crate::analysis::order::sort::{Column, Direction, Sort};
use crate::analysis::tables::filters::NodeFilter;
use crate::analysis::tables::summary::ClassFilter;
use crate::analysis::tables::tree::{Level, edge_rows};
use crate::graph::{EdgeIndex, NodeId, NodeIndex, NodeSet};
use crate::progress::Stage;
use crate::relation::tables::tree::Branch;
use crate::session::Snapshot;
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::str::FromStr;

/// An object's id as people copy it: `@123` or `123`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ObjectId(NodeId);

impl FromStr for ObjectId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.strip_prefix('@').unwrap_or(text);
        let id: u32 = digits.parse().map_err(|_e| "expected an id such as @12345".to_owned())?;
        Ok(Self(NodeId(id)))
    }
}

impl ObjectId {
    /// The object with this id.
    pub(super) fn find(self, heap: &Heap) -> Result<NodeIndex, CliError> {
        heap.find(self.0).ok_or_else(|| CliError::Usage(format!("the snapshot has no object {}", self.0)))
    }
}

/// The columns objects and classes can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum SortColumn {
    /// By name: of the class, the object or the reference
    #[value(alias = "name", alias = "object")]
    Constructor,
    /// Steps from the roots
    Distance,
    /// Bytes of the object itself
    #[value(alias = "shallow-size", alias = "shallow")]
    ShallowSize,
    /// Bytes that would be freed with it
    #[value(alias = "retained-size", alias = "retained")]
    RetainedSize,
}

/// Which column a table is sorted by.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct SortArgs {
    /// Sort by this column: sizes greatest first, names and distances smallest first
    #[arg(long, value_enum, value_name = "COLUMN", ignore_case = true)]
    sort: Option<SortColumn>,
    /// Sort the other way round
    #[arg(long)]
    reverse: bool,
}

impl SortArgs {
    /// What was asked for, or `default`.
    pub(super) fn or(self, default: Sort) -> Sort {
        let sort = match self.sort {
            None => default,
            Some(SortColumn::Constructor) => Sort::new(Column::Name, Direction::Ascending),
            Some(SortColumn::Distance) => Sort::new(Column::Distance, Direction::Ascending),
            Some(SortColumn::ShallowSize) => Sort::new(Column::ShallowSize, Direction::Descending),
            Some(SortColumn::RetainedSize) => Sort::new(Column::RetainedSize, Direction::Descending),
        };
        if self.reverse { Sort::new(sort.column, sort.direction.reversed()) } else { sort }
    }
}

/// A tree below an object of a snapshot: where it begins, how far it is opened, in which order.
#[derive(Debug, Args)]
pub(super) struct TreeArgs {
    /// The snapshot
    file: PathBuf,
    /// Where to begin: the root unless given
    pub(super) id: Option<ObjectId>,
    /// How many levels to open
    #[arg(long, value_name = "LEVELS", default_value_t = 1)]
    pub(super) depth: usize,
    #[command(flatten)]
    sort: SortArgs,
    #[command(flatten)]
    open: OpenArgs,
}

impl TreeArgs {
    /// The snapshot that was named.
    pub(super) fn open(&self) -> Result<Snapshot, CliError> {
        self.open.open(&self.file)
    }

    /// The object the tree begins at.
    pub(super) fn start(&self, heap: &Heap) -> Result<NodeIndex, CliError> {
        self.id.map_or(Ok(heap.graph.root), |id| id.find(heap))
    }

    /// The order asked for; greatest retained size first unless one was.
    pub(super) fn sort(&self) -> Sort {
        self.sort.or(Sort::BY_RETAINED)
    }
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

/// Which objects count.
#[derive(Debug, Clone, Args)]
pub(super) struct FilterArgs {
    /// Only objects of one kind, such as duplicated-strings or retained-by-contexts
    ///
    /// One of all, duplicated-strings, retained-by-detached-dom-nodes, retained-by-contexts, retained-by-console,
    /// retained-by-event-handlers, native-context:@ID, shared-between-native-contexts, no-native-context,
    /// owned-by:NAME, ids:ABOVE..UP_TO.
    #[arg(long, value_name = "FILTER", default_value = "all")]
    filter: NodeFilter,
    /// Only objects allocated between two other snapshots of the same process; - for A: all before B
    #[arg(long, num_args = 2, value_names = ["A", "B"], conflicts_with = "filter")]
    between: Option<Vec<PathBuf>>,
    /// Only objects that belong to a script of the program, by its name or the end of it: server.js; or to a package
    #[arg(long, value_name = "NAME", conflicts_with_all = ["filter", "between"])]
    script: Option<String>,
}

impl FilterArgs {
    /// The filter asked for.
    pub(super) fn filter(&self, files: OpenArgs) -> Result<NodeFilter, CliError> {
        if let Some(script) = &self.script {
            return Ok(NodeFilter::OwnedBy(script.clone()));
        }
        let Some([a, b]) = self.between.as_deref() else { return Ok(self.filter.clone()) };
        let before = if a.as_os_str() == "-" { None } else { Some(files.open(a)?) };
        let last = files.open(b)?;
        Ok(NodeFilter::allocated_between(before.as_ref().map(|s| &s.heap), &last.heap))
    }

    /// The objects of `heap` that count; `None` for all.
    pub(super) fn nodes(&self, heap: &Heap, files: OpenArgs) -> Result<Option<NodeSet>, CliError> {
        Ok(self.filter(files)?.nodes(heap, &Stage::unwatched())?)
    }
}

/// Whether `n` counts.
pub(super) fn is_in(nodes: Option<&NodeSet>, n: NodeIndex) -> bool {
    nodes.is_none_or(|set| set.contains(n))
}

/// Which classes are shown.
#[derive(Debug, Clone, Args)]
pub(super) struct ClassArgs {
    /// Only classes whose name contains this text; /…/ for a regular expression
    #[arg(long, value_name = "TEXT", value_parser = ClassFilter::parse, default_value = "", hide_default_value = true)]
    class: ClassFilter,
}

impl ClassArgs {
    /// The filter asked for.
    pub(super) fn filter(&self) -> &ClassFilter {
        &self.class
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_with_and_without_their_sign() {
        assert_eq!("@12".parse(), Ok(ObjectId(NodeId(12))));
        assert_eq!("12".parse(), Ok(ObjectId(NodeId(12))));
        assert!("@".parse::<ObjectId>().is_err());
        assert!("x1".parse::<ObjectId>().is_err());
    }
}
