//! `profile`: where memory is allocated.

use super::profile_args::SelectionArgs;
use super::{CliError, OutputArgs, complain, write_answer};
use crate::profile::{
    BottomUp, By, CallerRow, Groups, Profile, SizeColumn, StackIndex, compare_profiles, group_rows, sort_caller_rows,
    sort_group_rows, sort_nodes, sorted_children,
};
use crate::progress::Stage;
use crate::relation::catalog;
use crate::relation::tables::profile::{ProfileFacts, ProfileRow, Shape, profile_or_comparison};
use crate::session::ProfileDocument;
use crate::units;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Show where memory is allocated: functions, files, packages, or the tree of calls
///
/// For sampling profiles (.heapprofile), heap profiles of pprof, collapsed stacks, and timelines with stacks. Sizes of
/// sampling profiles are estimates.
#[derive(Debug, Args)]
#[command(after_long_help = catalog::help("profile"))]
pub(super) struct ProfileArgs {
    /// The profile
    file: PathBuf,
    /// What rows are
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = ByArg::Function)]
    by: ByArg,
    /// Compare with this profile, which is the earlier one
    #[arg(long, value_name = "OTHER")]
    base: Option<PathBuf>,
    /// With --base: scale that profile to the total of this one
    #[arg(long, requires = "base")]
    normalize: bool,
    /// How many levels of trees to open; all unless given
    #[arg(long, value_name = "LEVELS")]
    depth: Option<u32>,
    /// Sort by this column: sizes greatest first, names A first; with --base, by how much more there is
    #[arg(long, value_enum, value_name = "COLUMN", ignore_case = true, default_value_t = SortColumn::SelfSize)]
    sort: SortColumn,
    /// Sort the other way round
    #[arg(long)]
    reverse: bool,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ByArg {
    /// Functions
    Function,
    /// Files
    File,
    /// Packages
    Package,
    /// What was called from where
    Tree,
    /// Functions, and below each who called it
    BottomUp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum SortColumn {
    #[value(alias = "self-size", alias = "self")]
    SelfSize,
    #[value(alias = "total-size", alias = "total")]
    TotalSize,
    #[value(alias = "name")]
    Function,
}

/// Trees opened whole can have more rows than anybody reads: they end after this many, and say so.
const MOST_ROWS: usize = 1_000_000;

/// A column, and whether the greatest come first.
type Sort = (SizeColumn, bool);

impl ProfileArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let document = self.selection.open(&self.file)?;
        let profile = self.selection.select(&document)?;
        let facts = ProfileFacts {
            format: document.stacks.format.title().into(),
            interval: document.stacks.interval.map(|i| i.bytes),
        };
        if let Some(base) = &self.base {
            return self.compare(&document, &profile, base, facts);
        }
        let shape = self.shape();
        let rows = self.rows(&profile, shape, |_, row| row);
        write_answer(profile_or_comparison(&profile, facts, shape, rows, false), &self.output)
    }

    fn shape(&self) -> Shape {
        match self.by {
            ByArg::Function => Shape::Groups(By::Function),
            ByArg::File => Shape::Groups(By::File),
            ByArg::Package => Shape::Groups(By::Package),
            ByArg::Tree => Shape::Tree,
            ByArg::BottomUp => Shape::BottomUp,
        }
    }

    fn sort(&self) -> Sort {
        let column = match self.sort {
            SortColumn::SelfSize => SizeColumn::SelfSize,
            SortColumn::TotalSize => SizeColumn::TotalSize,
            SortColumn::Function => SizeColumn::Name,
        };
        (column, (column != SizeColumn::Name) != self.reverse)
    }

    fn limit(&self) -> usize {
        self.output.limit.unwrap_or(MOST_ROWS)
    }

    fn rows(
        &self,
        profile: &Profile,
        shape: Shape,
        complete: impl Fn(StackIndex, ProfileRow) -> ProfileRow,
    ) -> Vec<ProfileRow> {
        let sort = self.sort();
        let depth = self.depth.unwrap_or(u32::MAX);
        match shape {
            Shape::Groups(by) => {
                let groups = Groups::new(&profile.frames, by);
                let mut rows = group_rows(profile, &groups);
                sort_group_rows(profile, &groups, &mut rows, sort.0, sort.1);
                let row = |r: crate::profile::GroupRow| {
                    let (self_size, total_size) = (r.self_size, r.total_size);
                    ProfileRow { at: r.first, depth: 0, self_size, total_size, base: None }
                };
                rows.into_iter().map(row).collect()
            }
            Shape::Tree => {
                let (rows, is_cut) = tree_rows(profile, sort, depth, self.limit());
                self.say_if_cut(is_cut);
                rows.into_iter().map(|row| complete(row.at, row)).collect()
            }
            Shape::BottomUp => {
                let (rows, is_cut) = bottom_up_rows(profile, sort, depth, self.limit());
                self.say_if_cut(is_cut);
                rows
            }
        }
    }

    /// Rows that nobody asked to leave out are not left out in silence.
    fn say_if_cut(&self, is_cut: bool) {
        if is_cut && self.output.limit.is_none() {
            let count = units::count(MOST_ROWS as u64);
            complain(&format!(
                "the tree ends here after {count} rows; --depth opens fewer levels, --limit allows more"
            ));
        }
    }

    fn compare(
        &self,
        document: &ProfileDocument,
        newer: &Profile,
        base: &std::path::Path,
        facts: ProfileFacts,
    ) -> Result<(), CliError> {
        let base_document = self.selection.open(base)?;
        let base = self.selection.select(&base_document)?;
        if base.kind != newer.kind {
            let (a, b) = (base.kind.key(), newer.kind.key());
            let problem = format!("one profile has {a} and the other {b}; choose what both have with --value");
            return Err(CliError::Usage(problem));
        }
        if let (Some(a), Some(b)) = (base_document.stacks.interval, document.stacks.interval)
            && (a.bytes / b.bytes).max(b.bytes / a.bytes) > 1.5
        {
            let (a, b) = (units::size(a.bytes), units::size(b.bytes));
            complain(&format!(
                "samples were taken every {a} and every {b}, about; sizes are scaled by that already, and those of the \
                 longer interval are rougher"
            ));
        }
        let compared = compare_profiles(&base, newer, self.normalize, &Stage::unwatched())?;
        let shape = self.shape();
        let sort = self.sort();
        let rows = match shape {
            Shape::Groups(by) => {
                let groups = Groups::new(&compared.newer.frames, by);
                let mut rows = compared.rows(&groups);
                compared.sort(&groups, &mut rows, sort.0, sort.1);
                let row = |r: crate::profile::ComparedRow| ProfileRow {
                    at: r.newer.first,
                    depth: 0,
                    self_size: r.newer.self_size,
                    total_size: r.newer.total_size,
                    base: Some((r.base_self, r.base_total)),
                };
                rows.into_iter().map(row).collect()
            }
            Shape::Tree => {
                let base_of = |at| Some((compared.base.self_size(at), compared.base.total_size(at)));
                self.rows(&compared.newer, shape, |at, row| ProfileRow { base: base_of(at), ..row })
            }
            Shape::BottomUp => {
                let fitting = "function, file, package or tree";
                return Err(CliError::Usage(format!("--base compares by {fitting}, not bottom-up")));
            }
        };
        write_answer(profile_or_comparison(&compared.newer, facts, shape, rows, true), &self.output)
    }
}

/// The rows of the tree, opened to this depth; and whether there are more.
fn tree_rows(profile: &Profile, (column, is_descending): Sort, depth: u32, limit: usize) -> (Vec<ProfileRow>, bool) {
    let mut rows = Vec::new();
    let mut pending =
        if depth > 0 { sorted_children(profile, StackIndex::ROOT, column, is_descending) } else { Vec::new() };
    pending.reverse();
    while let Some(at) = pending.pop() {
        if rows.len() >= limit {
            return (rows, true);
        }
        let level = profile.depth(at) - 1;
        let (self_size, total_size) = (profile.self_size(at), profile.total_size(at));
        rows.push(ProfileRow { at, depth: level, self_size, total_size, base: None });
        if level + 1 < depth && profile.has_children(at) {
            let first = pending.len();
            pending.extend(profile.children(at));
            sort_nodes(profile, &mut pending[first..], column, is_descending);
            pending[first..].reverse();
        }
    }
    (rows, false)
}

/// The rows of functions and their callers, opened to this depth; and whether there are more.
fn bottom_up_rows(
    profile: &Profile,
    (column, is_descending): Sort,
    depth: u32,
    limit: usize,
) -> (Vec<ProfileRow>, bool) {
    let view = BottomUp::new(profile);
    let mut rows = Vec::new();
    let mut tops = if depth > 0 { view.tops(profile) } else { Vec::new() };
    sort_caller_rows(profile, &mut tops, column, is_descending);
    let mut pending: Vec<(CallerRow, u32)> = tops.into_iter().rev().map(|row| (row, 0)).collect();
    while let Some((row, level)) = pending.pop() {
        if rows.len() >= limit {
            return (rows, true);
        }
        let CallerRow { first: at, self_size, total_size, .. } = row;
        rows.push(ProfileRow { at, depth: level, self_size, total_size, base: None });
        if level + 1 < depth && row.has_callers {
            let mut callers = view.callers(profile, &row);
            sort_caller_rows(profile, &mut callers, column, is_descending);
            pending.extend(callers.into_iter().rev().map(|row| (row, level + 1)));
        }
    }
    (rows, false)
}
