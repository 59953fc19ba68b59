//! Functions, files and packages: what each allocated itself, and what with everything it called.

use super::frames::{Frame, FrameIndex, Frames};
use super::package::{Package, package_of};
use super::tree::{Profile, StackIndex};
use rustc_hash::FxHashMap;
use std::cmp::Ordering;

/// What rows are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum By {
    /// Functions, as DevTools tells them apart: by name, script, line and column.
    #[default]
    Function,
    /// Files, by URL.
    File,
    /// Packages; the program itself, Node and the engine are one each.
    Package,
}

/// Frames put into groups.
#[derive(Debug, Clone)]
pub struct Groups {
    /// What the groups are.
    pub by: By,
    of_frame: Vec<u32>,
    /// For each group its first frame.
    first_frames: Vec<FrameIndex>,
}

impl Groups {
    /// Puts all frames into groups.
    pub fn new(frames: &Frames, by: By) -> Self {
        match by {
            By::Function => Self {
                by,
                of_frame: frames.indices().map(|f| frames.function(f).0).collect(),
                first_frames: (0..frames.function_count())
                    .map(|f| {
                        #[allow(clippy::cast_possible_truncation, reason = "counted in 32 bits")]
                        frames.frame_of_function(super::frames::FunctionIndex(f as u32))
                    })
                    .collect(),
            },
            // Native functions have no file, but for the profile they are one.
            By::File => Self::by_key(frames, by, |frame| frame.url),
            By::Package => Self::by_key(frames, by, |frame| package_of(&frame)),
        }
    }

    fn by_key<'a, K: std::hash::Hash + Eq>(frames: &'a Frames, by: By, key: impl Fn(Frame<'a>) -> K) -> Self {
        let mut groups: FxHashMap<K, u32> = FxHashMap::default();
        let mut first_frames = Vec::new();
        let of_frame = frames
            .indices()
            .map(|f| {
                *groups.entry(key(frames.get(f))).or_insert_with(|| {
                    first_frames.push(f);
                    #[allow(clippy::cast_possible_truncation, reason = "no more than frames")]
                    let new = first_frames.len() as u32 - 1;
                    new
                })
            })
            .collect();
        Self { by, of_frame, first_frames }
    }

    /// How many groups there are.
    pub fn len(&self) -> usize {
        self.first_frames.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.first_frames.is_empty()
    }

    /// The group of a frame.
    #[inline(always)]
    pub fn of(&self, frame: FrameIndex) -> u32 {
        self.of_frame[frame.0 as usize]
    }

    /// The frame that stands for a group.
    pub fn first_frame(&self, group: u32) -> FrameIndex {
        self.first_frames[group as usize]
    }

    /// What people read for the file of a frame.
    pub fn file_title(frame: &Frame<'_>) -> String {
        if frame.url.is_empty() { NO_FILE.to_owned() } else { frame.url.to_string() }
    }

    /// What people read for the group of a frame.
    pub fn title(&self, frame: &Frame<'_>) -> String {
        match self.by {
            By::Function => frame.shown_name().to_string(),
            By::File => Self::file_title(frame),
            By::Package => package_of(frame).title(),
        }
    }
}

/// What people read where there is no file: native functions, and what the engine does by itself.
pub const NO_FILE: &str = "(no file)";

/// A function, file or package.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GroupRow {
    /// Its number in [`Groups`].
    pub group: u32,
    /// The node that is met first level by level: its function is shown.
    pub first: StackIndex,
    /// What was allocated by itself.
    pub self_size: f64,
    /// The same with everything it called, each allocation once however deep it calls itself.
    pub total_size: f64,
    /// Whether anything but the root called it.
    pub has_callers: bool,
}

/// The columns that rows are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SizeColumn {
    #[default]
    SelfSize,
    TotalSize,
    Name,
}

/// A row for each group that occurs, in order of first appearance, level by level.
///
/// Sizes are added in that order too where it makes a difference: past 2^53, and for fractions.
pub fn group_rows(profile: &Profile, groups: &Groups) -> Vec<GroupRow> {
    const NONE: u32 = u32::MAX;
    let mut row_of = vec![NONE; groups.len()];
    // Up to which node the outermost open one of the group reaches.
    let mut open_until = vec![0u32; groups.len()];
    let mut rows: Vec<GroupRow> = Vec::new();
    let is_exact = profile.adds_exactly();
    for n in profile.nodes().skip(1) {
        let group = groups.of(profile.frame_index(n)) as usize;
        if row_of[group] == NONE {
            #[allow(clippy::cast_possible_truncation, reason = "no more than groups")]
            let at = rows.len() as u32;
            row_of[group] = at;
            #[allow(clippy::cast_possible_truncation, reason = "no more than frames")]
            let group = group as u32;
            rows.push(GroupRow { group, first: n, self_size: 0.0, total_size: 0.0, has_callers: false });
        }
        let row = &mut rows[row_of[group] as usize];
        if profile.depth(n) < profile.depth(row.first) {
            row.first = n;
        }
        row.has_callers |= profile.caller(n).is_some();
        row.self_size += profile.self_size(n);
        if n.0 >= open_until[group] {
            open_until[group] = profile.end(n).0;
            row.total_size += profile.total_size(n);
        }
    }
    if !is_exact {
        for row in &mut rows {
            row.self_size = 0.0;
        }
        for n in profile.by_level().into_iter().skip(1) {
            let group = groups.of(profile.frame_index(n)) as usize;
            rows[row_of[group] as usize].self_size += profile.self_size(n);
        }
    }
    rows.sort_by_key(|row| (profile.depth(row.first), row.first));
    rows
}

/// Compares sizes as DevTools does: what cannot be compared is equal.
pub(super) fn compare_sizes(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or(Ordering::Equal)
}

/// Sorts rows; those that are equal keep their order, whichever direction it is.
pub fn sort_group_rows(
    profile: &Profile,
    groups: &Groups,
    rows: &mut [GroupRow],
    column: SizeColumn,
    is_descending: bool,
) {
    let by = |a: &GroupRow, b: &GroupRow| match column {
        SizeColumn::SelfSize => compare_sizes(a.self_size, b.self_size),
        SizeColumn::TotalSize => compare_sizes(a.total_size, b.total_size),
        SizeColumn::Name => {
            let title = |row: &GroupRow| groups.title(&profile.frame(row.first));
            crate::text::Text::from(&*title(a)).cmp_utf16(crate::text::Text::from(&*title(b)))
        }
    };
    rows.sort_by(|a, b| if is_descending { by(b, a) } else { by(a, b) });
}

/// The package of a group's frame.
pub fn package_of_row<'a>(profile: &'a Profile, row: &GroupRow) -> Package<'a> {
    package_of(&profile.frame(row.first))
}
