//! What tables can be sorted by, and how to sort long lists quickly.

use crate::text::Text;
use rayon::slice::ParallelSliceMut;
use std::cmp::Ordering;

/// Which way a column is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Greatest first.
    Descending,
}

impl Direction {
    /// `ordering` in this direction.
    #[inline(always)]
    pub fn apply(self, ordering: Ordering) -> Ordering {
        match self {
            Self::Ascending => ordering,
            Self::Descending => ordering.reverse(),
        }
    }

    /// The other one.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }
}

/// The columns of Summary, Containment and Retainers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// Constructor or Object: by name. For rows reached through an edge, the edge's name.
    Name,
    /// Distance.
    Distance,
    /// Shallow size.
    ShallowSize,
    /// Retained size.
    RetainedSize,
}

/// A column and a direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sort {
    /// What is compared first.
    pub column: Column,
    /// Which way; later keys have directions of their own.
    pub direction: Direction,
}

impl Sort {
    /// What Summary and Containment show first: the greatest retained size on top.
    pub const BY_RETAINED: Self = Self { column: Column::RetainedSize, direction: Direction::Descending };
    /// What Retainers shows first: the shortest way to a root on top.
    pub const BY_DISTANCE: Self = Self { column: Column::Distance, direction: Direction::Ascending };

    /// A column in a direction.
    pub fn new(column: Column, direction: Direction) -> Self {
        Self { column, direction }
    }
}

/// From this length on sorting is worth more than one thread.
pub(super) const LONG: usize = 1 << 13;

/// Sorts by a total order, long lists on all threads. Equal elements may change places, so
/// `compare` must end with a position.
pub fn sort_unstable_by<T: Send>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering + Sync) {
    if items.len() < LONG {
        items.sort_unstable_by(compare);
    } else {
        items.par_sort_unstable_by(compare);
    }
}

/// The first fifteen bytes of a text as a number that orders as the text does, so that most
/// comparisons need not follow a pointer. Texts with equal prefixes still need comparing.
///
/// Bytes of UTF-8 order like code points; UTF-16 puts U+E000..U+FFFF (lead bytes EE and EF) after
/// the pairs (F0 and up), so those two lead bytes are moved behind.
pub fn text_prefix(text: Text<'_>) -> u128 {
    let mut bytes = [0; 16];
    for (to, &from) in bytes[1..].iter_mut().zip(text.as_bytes()) {
        *to = if matches!(from, 0xEE | 0xEF) { from + 0x10 } else { from };
    }
    u128::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_order_as_their_texts_do() {
        let texts = ["", "\0", "a", "aa", "b", "é", "\u{d7ff}", "😀", "\u{f600}", "\u{ffff}"];
        for (i, a) in texts.iter().enumerate() {
            for (j, b) in texts.iter().enumerate() {
                let (a, b) = (Text::from(*a), Text::from(*b));
                assert_eq!(a.cmp_utf16(b), i.cmp(&j));
                let by_prefix = text_prefix(a).cmp(&text_prefix(b));
                assert!(by_prefix == i.cmp(&j) || by_prefix == Ordering::Equal);
            }
        }
        let long = "a common beginning of fifteen and more";
        assert_eq!(text_prefix(Text::from(long)), text_prefix(Text::from("a common beginning")));
    }

    #[test]
    fn long_lists_are_sorted_like_short_ones() {
        let mut list: Vec<u32> = (0..20_000).map(|i| i * 7919 % 20_011).collect();
        let mut expected = list.clone();
        expected.sort_unstable();
        sort_unstable_by(&mut list, u32::cmp);
        assert_eq!(list, expected);
    }
}
