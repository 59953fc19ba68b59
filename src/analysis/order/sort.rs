//! What tables can be sorted by, and how to sort long lists quickly.

use crate::graph::{BitSet, Position, RankedSet};
use crate::text::Text;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
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
    Distance,
    ShallowSize,
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
pub(in crate::analysis) const LONG: usize = 1 << 13;

/// Sorts by a total order, long lists on all threads. Equal elements may change places, so
/// `compare` must end with a position.
pub fn sort_unstable_by<T: Send>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering + Sync) {
    if items.len() < LONG {
        items.sort_unstable_by(compare);
    } else {
        items.par_sort_unstable_by(compare);
    }
}

/// Where each of `sorted` stands in `listed`, which has each position once; what it lacks is left out.
pub fn places<I: Position + Send + Sync>(sorted: &[I], listed: &[I]) -> Vec<u32> {
    let number = |i: &I| i.position() as u32;
    if listed.len() < LONG {
        let place_of: FxHashMap<u32, u32> = listed.iter().map(number).zip(0..).collect();
        return sorted.iter().filter_map(|i| place_of.get(&number(i)).copied()).collect();
    }
    let end = sorted.iter().chain(listed).map(|i| i.position() + 1).max().unwrap_or(0);
    let ranks = RankedSet::new(BitSet::of(end, listed.iter().copied()));
    let rank = |i: &I| ranks.rank(*i).map(|rank| rank as u32);
    if listed.is_sorted_by_key(number) {
        return sorted.par_iter().filter_map(rank).collect();
    }
    let mut place_of_rank = vec![0; listed.len()];
    for (i, place) in listed.iter().zip(0..) {
        if let Some(rank) = rank(i) {
            place_of_rank[rank as usize] = place;
        }
    }
    sorted.par_iter().filter_map(|i| rank(i).map(|rank| place_of_rank[rank as usize])).collect()
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
    fn places_are_those_in_the_list() {
        for len in [10, 3 * LONG as u32] {
            let ascending: Vec<u32> = (0..len).map(|i| i * 3).collect();
            let shuffled: Vec<u32> = (0..len).map(|i| i * 7919 % len * 3).collect();
            assert_eq!(places(&ascending, &ascending), (0..len).collect::<Vec<_>>());
            for (sorted, listed) in [(&shuffled, &ascending), (&ascending, &shuffled), (&shuffled, &shuffled)] {
                let found: Vec<u32> = places(sorted, listed).iter().map(|&at| listed[at as usize]).collect();
                assert_eq!(&found, sorted);
            }
            // One that the list lacks, and one that only the list has.
            let mut other = ascending.clone();
            other[1] += 1;
            other.push(len * 3 + 1);
            let expected: Vec<u32> = (0..len).filter(|&i| i != 1).collect();
            assert_eq!(places(&other, &ascending), expected);
            assert_eq!(places(&ascending, &other), expected);
        }
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
