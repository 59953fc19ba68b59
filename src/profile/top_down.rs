//! Tree (top down): what was called from where.

use super::groups::{SizeColumn, compare_sizes};
use super::tree::{Profile, StackIndex};

/// What `n` called, sorted; those that are equal keep the order of the file, whichever direction it is.
pub fn sorted_children(profile: &Profile, n: StackIndex, column: SizeColumn, is_descending: bool) -> Vec<StackIndex> {
    let mut children: Vec<StackIndex> = profile.children(n).collect();
    sort_nodes(profile, &mut children, column, is_descending);
    children
}

/// Sorts nodes as rows of the tree.
pub fn sort_nodes(profile: &Profile, nodes: &mut [StackIndex], column: SizeColumn, is_descending: bool) {
    let by = |&a: &StackIndex, &b: &StackIndex| match column {
        SizeColumn::SelfSize => compare_sizes(profile.self_size(a), profile.self_size(b)),
        SizeColumn::TotalSize => compare_sizes(profile.total_size(a), profile.total_size(b)),
        SizeColumn::Name => profile.frame(a).shown_name().cmp_utf16(profile.frame(b).shown_name()),
    };
    nodes.sort_by(|a, b| if is_descending { by(b, a) } else { by(a, b) });
}
