//! A set of positions: one bit each.

use super::index::Position;
use super::{NodeIndex, StringIndex};
use rayon::prelude::*;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};

/// A set of nodes of one graph.
pub type NodeSet = BitSet<NodeIndex>;

/// A set of positions in a string table.
pub type StringSet = BitSet<StringIndex>;

/// A set of positions below a limit, one bit for each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BitSet<I> {
    words: Vec<u64>,
    index: PhantomData<I>,
}

impl<I: Position> BitSet<I> {
    /// The empty set of positions below `positions`.
    pub fn new(positions: usize) -> Self {
        Self { words: vec![0; positions.div_ceil(64)], index: PhantomData }
    }

    /// The positions below `positions` for which `keep` holds.
    pub fn from_fn(positions: usize, mut keep: impl FnMut(I) -> bool) -> Self {
        let words = (0..positions.div_ceil(64)).map(|at| word(at, positions, &mut keep));
        Self { words: words.collect(), index: PhantomData }
    }

    /// As [`BitSet::from_fn`], with all threads asking.
    pub fn from_fn_of_all_threads(positions: usize, keep: impl Fn(I) -> bool + Sync) -> Self {
        let words = (0..positions.div_ceil(64)).into_par_iter().with_min_len(1 << 9);
        Self { words: words.map(|at| word(at, positions, &keep)).collect(), index: PhantomData }
    }

    /// These positions, all below `positions`.
    pub fn of(positions: usize, members: impl IntoIterator<Item = I>) -> Self {
        let mut set = Self::new(positions);
        members.into_iter().for_each(|i| {
            set.insert(i);
        });
        set
    }

    /// Whether `i` is in the set.
    #[inline(always)]
    pub fn contains(&self, i: I) -> bool {
        self.words[i.position() / 64] >> (i.position() % 64) & 1 != 0
    }

    /// Adds `i`; says whether it was not there before.
    #[inline(always)]
    pub fn insert(&mut self, i: I) -> bool {
        let word = &mut self.words[i.position() / 64];
        let bit = 1 << (i.position() % 64);
        let fresh = *word & bit == 0;
        *word |= bit;
        fresh
    }

    /// Takes `i` out.
    pub fn remove(&mut self, i: I) {
        self.words[i.position() / 64] &= !(1 << (i.position() % 64));
    }

    /// How many positions are in the set.
    pub fn len(&self) -> usize {
        self.words.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// Whether no position is in the set.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|&w| w == 0)
    }

    /// The positions below `positions` that are not in the set, ascending.
    pub fn iter_missing(&self, positions: usize) -> impl Iterator<Item = I> + '_ {
        let words = self.words.iter().enumerate().filter(|(_, word)| **word != u64::MAX);
        words.flat_map(|(i, word)| members(i, !word)).take_while(move |i: &I| i.position() < positions)
    }

    /// The positions in the set, ascending.
    pub fn iter(&self) -> impl Iterator<Item = I> + '_ {
        self.words.iter().enumerate().flat_map(|(i, &word)| members(i, word))
    }
}

/// A set that knows of each position how many smaller ones are in it.
#[derive(Debug, Clone, Default)]
pub struct RankedSet<I> {
    set: BitSet<I>,
    /// For each word of the set how many positions stand before it.
    before: Vec<u32>,
}

impl<I: Position> RankedSet<I> {
    /// Counts `set`.
    pub fn new(set: BitSet<I>) -> Self {
        let mut count = 0;
        let before = set.words.iter().map(|word| {
            count += word.count_ones();
            count - word.count_ones()
        });
        let before = before.collect();
        Self { set, before }
    }

    /// The place of `i` among the positions in the set, if it is one of them.
    #[inline(always)]
    pub fn rank(&self, i: I) -> Option<usize> {
        let (at, bit) = (i.position() / 64, 1u64 << (i.position() % 64));
        let word = self.set.words[at];
        (word & bit != 0).then(|| self.before[at] as usize + (word & (bit - 1)).count_ones() as usize)
    }
}

/// A set that several threads add to.
#[derive(Debug)]
pub struct SharedBitSet<I> {
    words: Vec<AtomicU64>,
    index: PhantomData<fn(I)>,
}

impl<I: Position> SharedBitSet<I> {
    /// The empty set of positions below `positions`.
    pub fn new(positions: usize) -> Self {
        let words = std::iter::repeat_with(AtomicU64::default).take(positions.div_ceil(64));
        Self { words: words.collect(), index: PhantomData }
    }

    /// Whether `i` is in the set.
    #[inline(always)]
    pub fn contains(&self, i: I) -> bool {
        self.words[i.position() / 64].load(Ordering::Relaxed) >> (i.position() % 64) & 1 != 0
    }

    /// Adds `i`; says whether it was not there before.
    #[inline(always)]
    pub fn insert(&self, i: I) -> bool {
        let bit = 1 << (i.position() % 64);
        self.words[i.position() / 64].fetch_or(bit, Ordering::Relaxed) & bit == 0
    }

    /// Adds `i` as long as nobody else adds anything, which takes less.
    #[inline(always)]
    pub fn insert_alone(&mut self, i: I) -> bool {
        let word = self.words[i.position() / 64].get_mut();
        let bit = 1 << (i.position() % 64);
        let fresh = *word & bit == 0;
        *word |= bit;
        fresh
    }

    /// The set, with nobody adding any more.
    pub fn into_set(self) -> BitSet<I> {
        BitSet { words: self.words.into_iter().map(AtomicU64::into_inner).collect(), index: PhantomData }
    }
}

/// The word at `at` of the positions below `positions` for which `keep` holds.
#[inline(always)]
fn word<I: Position>(at: usize, positions: usize, mut keep: impl FnMut(I) -> bool) -> u64 {
    let members = (at * 64) as u32..positions.min((at + 1) * 64) as u32;
    members.enumerate().fold(0, |word, (bit, i)| word | u64::from(keep(I::from_position(i))) << bit)
}

/// The positions that the bits of word `i` stand for, ascending.
fn members<I: Position>(i: usize, word: u64) -> impl Iterator<Item = I> {
    std::iter::successors((word != 0).then_some(word), |w| Some(w & (w - 1)).filter(|&w| w != 0))
        .map(move |w| I::from_position(i as u32 * 64 + w.trailing_zeros()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_set_takes_what_both_threads_give() {
        let mut shared = SharedBitSet::new(1000);
        assert!(shared.insert_alone(NodeIndex(999)) && !shared.insert_alone(NodeIndex(999)));
        let add = |step| (0..1000).step_by(step).filter(|&n| shared.insert(NodeIndex(n))).count();
        let (by_threes, by_fives) = rayon::join(|| add(3), || add(5));
        assert_eq!(by_threes + by_fives, 467 - 1);
        assert!(shared.contains(NodeIndex(5)) && !shared.contains(NodeIndex(7)));
        let expected = |n: NodeIndex| n.0 == 999 || n.0.is_multiple_of(3) || n.0.is_multiple_of(5);
        assert_eq!(shared.into_set(), NodeSet::from_fn(1000, expected));
    }

    #[test]
    fn a_rank_is_the_place_among_the_members() {
        let members = [0, 5, 63, 64, 127, 128, 190].map(NodeIndex);
        let set = RankedSet::new(NodeSet::of(200, members));
        assert_eq!(members.map(|n| set.rank(n)), [0, 1, 2, 3, 4, 5, 6].map(Some));
        assert_eq!([1, 62, 65, 199].map(|n| set.rank(NodeIndex(n))), [None; 4]);
    }

    #[test]
    fn a_set_gives_its_members_back_in_order() {
        let mut set = NodeSet::new(200);
        for n in [130, 0, 63, 64, 199] {
            assert!(set.insert(NodeIndex(n)));
        }
        assert!(!set.insert(NodeIndex(63)));
        set.remove(NodeIndex(0));
        assert_eq!(set.iter().map(|n| n.0).collect::<Vec<_>>(), [63, 64, 130, 199]);
        assert_eq!(set.len(), 4);
        assert!(set.contains(NodeIndex(130)) && !set.contains(NodeIndex(131)));
        assert_eq!(set, NodeSet::from_fn(200, |n| [63, 64, 130, 199].contains(&n.0)));
        assert_eq!(set, NodeSet::from_fn_of_all_threads(200, |n| [63, 64, 130, 199].contains(&n.0)));
        assert_eq!(set.iter_missing(200).count(), 200 - 4);
        assert!(set.iter_missing(200).all(|n| !set.contains(n)));
        assert!(NodeSet::new(3).is_empty());
    }
}
