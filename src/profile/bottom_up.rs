//! Heavy (bottom up): functions, and below each who called it.

use super::frames::FrameIndex;
use super::groups::{By, GroupRow, Groups, SizeColumn, compare_sizes, group_rows};
use super::tree::{Profile, StackIndex};
use rustc_hash::FxHashMap;

/// A function, or a caller of the function in the row above.
#[derive(Debug, Clone, PartialEq)]
pub struct CallerRow {
    /// The node that formed the row: its function is shown.
    pub first: StackIndex,
    /// What the function at the top allocated itself when it was called this way.
    pub self_size: f64,
    /// The same with everything it called, each allocation once.
    pub total_size: f64,
    /// Whether there are callers to show.
    pub has_callers: bool,
    origins: Origins,
}

/// Which nodes a row stands for.
#[derive(Debug, Clone, PartialEq)]
enum Origins {
    /// All of one function.
    Group(u32),
    /// Those of the function at the top, in the order of the tree, each with the caller that the row shows.
    Pairs(Vec<(StackIndex, StackIndex)>),
}

/// The view, ready to be opened row by row.
#[derive(Debug)]
pub struct BottomUp {
    groups: Groups,
    /// Nodes by function, in the order of the tree.
    nodes: Vec<StackIndex>,
    /// Where those of each function begin; one more at the end.
    starts: Vec<u32>,
    is_exact: bool,
}

impl BottomUp {
    /// Sorts the nodes by function.
    pub fn new(profile: &Profile) -> Self {
        let groups = Groups::new(&profile.frames, By::Function);
        let mut starts = vec![0u32; groups.len() + 2];
        let group = |n: StackIndex| groups.of(profile.frame_index(n)) as usize;
        for n in profile.nodes().skip(1) {
            starts[group(n) + 2] += 1;
        }
        for i in 2..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut nodes = vec![StackIndex::ROOT; profile.node_count() - 1];
        for n in profile.nodes().skip(1) {
            let at = &mut starts[group(n) + 1];
            nodes[*at as usize] = n;
            *at += 1;
        }
        starts.pop();
        Self { groups, nodes, starts, is_exact: profile.adds_exactly() }
    }

    /// A row for each function, in order of first appearance.
    pub fn tops(&self, profile: &Profile) -> Vec<CallerRow> {
        let row = |row: GroupRow| CallerRow {
            first: row.first,
            self_size: row.self_size,
            total_size: row.total_size,
            has_callers: row.has_callers,
            origins: Origins::Group(row.group),
        };
        group_rows(profile, &self.groups).into_iter().map(row).collect()
    }

    /// The nodes of a row, each with the caller that the row shows.
    fn origins<'r>(&'r self, row: &'r CallerRow) -> impl Iterator<Item = (StackIndex, StackIndex)> + 'r {
        let (nodes, pairs): (&[StackIndex], &[_]) = match &row.origins {
            Origins::Group(group) => {
                let at = *group as usize;
                (&self.nodes[self.starts[at] as usize..self.starts[at + 1] as usize], &[])
            }
            Origins::Pairs(pairs) => (&[], pairs),
        };
        nodes.iter().map(|&n| (n, n)).chain(pairs.iter().copied())
    }

    /// The nodes of the function at the top that a row stands for, in the order of the tree.
    pub fn starts<'r>(&'r self, row: &'r CallerRow) -> impl Iterator<Item = StackIndex> + 'r {
        self.origins(row).map(|(start, _)| start)
    }

    /// Who called the function of `row`, in order of first appearance.
    pub fn callers(&self, profile: &Profile, row: &CallerRow) -> Vec<CallerRow> {
        let mut rows: Vec<Vec<(StackIndex, StackIndex)>> = Vec::new();
        let mut positions: FxHashMap<u32, usize> = FxHashMap::default();
        for (start, at) in self.origins(row) {
            let Some(caller) = profile.caller(at) else { continue };
            let position = *positions.entry(self.groups.of(profile.frame_index(caller))).or_insert_with(|| {
                rows.push(Vec::new());
                rows.len() - 1
            });
            rows[position].push((start, caller));
        }
        let level = |&(start, _): &(StackIndex, StackIndex)| (profile.depth(start), start);
        let mut callers: Vec<(_, CallerRow)> = rows
            .into_iter()
            .filter_map(|pairs| {
                let first = *pairs.iter().min_by_key(|pair| level(pair))?;
                Some((level(&first), self.row(profile, first.1, pairs)))
            })
            .collect();
        callers.sort_by_key(|(level, _)| *level);
        callers.into_iter().map(|(_, row)| row).collect()
    }

    fn row(&self, profile: &Profile, first: StackIndex, pairs: Vec<(StackIndex, StackIndex)>) -> CallerRow {
        let mut open_until = StackIndex::ROOT;
        // Those that are not below another one.
        let outermost = pairs.iter().map(|pair| pair.0).filter(|&start| {
            let is_outermost = start >= open_until;
            if is_outermost {
                open_until = profile.end(start);
            }
            is_outermost
        });
        let total_size = self.sum(profile, outermost.collect(), Profile::total_size);
        let self_size = self.sum(profile, pairs.iter().map(|pair| pair.0).collect(), Profile::self_size);
        let has_callers = pairs.iter().any(|pair| profile.caller(pair.1).is_some());
        CallerRow { first, self_size, total_size, has_callers, origins: Origins::Pairs(pairs) }
    }

    /// Adds level by level where that makes a difference, as DevTools does.
    fn sum(&self, profile: &Profile, mut nodes: Vec<StackIndex>, size: impl Fn(&Profile, StackIndex) -> f64) -> f64 {
        if !self.is_exact {
            nodes.sort_by_key(|&n| (profile.depth(n), n));
        }
        nodes.into_iter().map(|n| size(profile, n)).sum()
    }

    /// The frame that a row shows.
    pub fn frame(&self, profile: &Profile, row: &CallerRow) -> FrameIndex {
        profile.frame_index(row.first)
    }
}

/// Sorts rows; those that are equal keep their order, whichever direction it is.
pub fn sort_caller_rows(profile: &Profile, rows: &mut [CallerRow], column: SizeColumn, is_descending: bool) {
    let by = |a: &CallerRow, b: &CallerRow| match column {
        SizeColumn::SelfSize => compare_sizes(a.self_size, b.self_size),
        SizeColumn::TotalSize => compare_sizes(a.total_size, b.total_size),
        SizeColumn::Name => profile.frame(a.first).shown_name().cmp_utf16(profile.frame(b.first).shown_name()),
    };
    rows.sort_by(|a, b| if is_descending { by(b, a) } else { by(a, b) });
}
