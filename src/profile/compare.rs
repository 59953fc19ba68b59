//! Two profiles as one tree, so that each stack has what it allocated in both.

use super::builder::TreeBuilder;
use super::frames::{Frame, FrameIndex, FramesBuilder};
use super::groups::{GroupRow, Groups, SizeColumn, compare_sizes, group_rows};
use super::tree::{Profile, StackIndex};
use crate::progress::{Cancelled, Stage};
use crate::text::Text;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// A newer profile and the one it is compared with. Both are trees of the same nodes: those of either.
#[derive(Debug, Clone)]
pub struct ComparedProfiles {
    /// The newer one.
    pub newer: Profile,
    /// The one it is compared with.
    pub base: Profile,
}

/// A function, file or package in both.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ComparedRow {
    /// In the newer profile; sizes are 0 where it does not occur there.
    pub newer: GroupRow,
    /// What it allocated itself in the base.
    pub base_self: f64,
    /// The same with everything it called.
    pub base_total: f64,
}

impl ComparedRow {
    /// How much more it allocated itself.
    pub fn self_delta(&self) -> f64 {
        self.newer.self_size - self.base_self
    }

    /// How much more it allocated with everything it called.
    pub fn total_delta(&self) -> f64 {
        self.newer.total_size - self.base_total
    }
}

/// Where a function is told apart by name and URL alone, and where several share these, by its place too: numbers of
/// scripts differ from run to run, and lines from version to version.
type Key<'a> = (Text<'a>, Text<'a>, Option<(i32, i32)>);

/// Puts two profiles together. With `is_normalized` the base is scaled to the total of the newer one.
pub fn compare_profiles(
    base: &Profile,
    newer: &Profile,
    is_normalized: bool,
    stage: &Stage,
) -> Result<ComparedProfiles, Cancelled> {
    let shared = shared_names(base, newer);
    let mut frames = FramesBuilder::default();
    let mut known: FxHashMap<Key<'_>, FrameIndex> = FxHashMap::default();
    let frame_for = |frame: Frame<'_>, frames: &mut FramesBuilder| frames.add(frame).unwrap_or(FrameIndex(0));
    let root = frame_for(newer.frame(StackIndex::ROOT), &mut frames);
    let mut tree = TreeBuilder::new(root, 2);
    let scale = if is_normalized && base.total() > 0.0 { newer.total() / base.total() } else { 1.0 };
    for (column, profile, scale) in [(0, newer, 1.0), (1, base, scale)] {
        let mut united: Vec<Option<FrameIndex>> = vec![None; profile.frames.len()];
        let mut place = vec![0u32; profile.node_count()];
        for n in profile.nodes() {
            if n.0 % 65_536 == 0 {
                stage.check()?;
            }
            let here = match profile.parent(n) {
                None => 0,
                Some(parent) => {
                    let at = profile.frame_index(n);
                    let frame = *united[at.0 as usize].get_or_insert_with(|| {
                        let frame = profile.frames.get(at);
                        let is_shared = shared.contains(&(frame.name, frame.url));
                        let key = (frame.name, frame.url, is_shared.then_some((frame.line, frame.column)));
                        *known.entry(key).or_insert_with(|| frame_for(frame, &mut frames))
                    });
                    let above = place[parent.at()];
                    // Without a number for a new node what it has goes to its caller.
                    tree.child(above, frame.0, frame).unwrap_or(above)
                }
            };
            place[n.at()] = here;
            tree.add(here, column, profile.self_size(n) * scale);
        }
    }
    let columns = tree.finish(None);
    let frames = Arc::new(frames.finish());
    let build = |column: usize| {
        let own = &columns.values[column];
        let (parents, frame_of) = (&columns.parents, &columns.frame_of);
        Profile::from_columns(frames.clone(), newer.kind, parents, frame_of, |n| own[n], |_| true, stage)
    };
    Ok(ComparedProfiles { newer: build(0)?, base: build(1)? })
}

/// Names and URLs that several functions of one profile share.
fn shared_names<'a>(base: &'a Profile, newer: &'a Profile) -> FxHashSet<(Text<'a>, Text<'a>)> {
    let mut shared = FxHashSet::default();
    for profile in [base, newer] {
        let mut places: FxHashMap<(Text<'a>, Text<'a>), (i32, i32)> = FxHashMap::default();
        for at in profile.frames.indices() {
            let frame = profile.frames.get(at);
            let place = (frame.line, frame.column);
            if *places.entry((frame.name, frame.url)).or_insert(place) != place {
                shared.insert((frame.name, frame.url));
            }
        }
    }
    shared
}

impl ComparedProfiles {
    /// A row for each group of either profile, those with the greatest growth of themselves first.
    pub fn rows(&self, groups: &Groups) -> Vec<ComparedRow> {
        let base: FxHashMap<u32, GroupRow> =
            group_rows(&self.base, groups).into_iter().map(|row| (row.group, row)).collect();
        let rows = group_rows(&self.newer, groups).into_iter();
        let mut rows: Vec<ComparedRow> = rows
            .map(|newer| {
                let (base_self, base_total) =
                    base.get(&newer.group).map_or((0.0, 0.0), |b| (b.self_size, b.total_size));
                ComparedRow { newer, base_self, base_total }
            })
            .collect();
        self.sort(groups, &mut rows, SizeColumn::SelfSize, true);
        rows
    }

    /// Sorts rows by how much more there is; those that are equal keep their order.
    pub fn sort(&self, groups: &Groups, rows: &mut [ComparedRow], column: SizeColumn, is_descending: bool) {
        let by = |a: &ComparedRow, b: &ComparedRow| match column {
            SizeColumn::SelfSize => compare_sizes(a.self_delta(), b.self_delta()),
            SizeColumn::TotalSize => compare_sizes(a.total_delta(), b.total_delta()),
            SizeColumn::Name => {
                let title = |row: &ComparedRow| groups.title(&self.newer.frame(row.newer.first));
                Text::from(&*title(a)).cmp_utf16(Text::from(&*title(b)))
            }
        };
        rows.sort_by(|a, b| if is_descending { by(b, a) } else { by(a, b) });
    }
}
