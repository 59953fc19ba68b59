//! Sorts long lists of positions, mostly of nodes, by numbers that are often equal, or nearly:
//! by counting them.

use super::sort::{Direction, LONG};
use crate::graph::Position;
use rayon::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering};

/// How keys are told apart by counting: those below `2^EXACT_BITS` have a bucket each, greater ones
/// share theirs with those of the same `FINE_BITS` bits after the first.
struct Buckets<const EXACT_BITS: u32, const FINE_BITS: u32>;

impl<const EXACT_BITS: u32, const FINE_BITS: u32> Buckets<EXACT_BITS, FINE_BITS> {
    const EXACT: usize = 1 << EXACT_BITS;
    const COUNT: usize = Self::EXACT + ((u64::BITS - EXACT_BITS) << FINE_BITS) as usize;

    /// The bucket of a key: greater ones are in the same or in a later one.
    #[inline(always)]
    fn of(key: u64) -> usize {
        if key < Self::EXACT as u64 {
            return key as usize;
        }
        let size = key.ilog2();
        let fine = (key >> (size - FINE_BITS)) as usize & ((1 << FINE_BITS) - 1);
        Self::EXACT + ((size - EXACT_BITS) << FINE_BITS) as usize + fine
    }

    /// Whether all keys in a bucket are equal.
    fn is_exact(bucket: usize) -> bool {
        bucket < Self::EXACT
    }
}

/// For one key.
type Fine = Buckets<14, 8>;

/// For the second of two keys.
type Coarse = Buckets<10, 4>;

/// First keys below have [`Coarse`] buckets of their own, the others share them.
const FIRSTS: usize = 32;

/// What a list is sorted by. Not closures: the compiler leaves those to be called for each position.
trait Order<I>: Sync {
    /// How many buckets there are.
    const BUCKETS: usize;

    /// The bucket of a position: those that belong before others are in the same or in an earlier one.
    fn bucket(&self, i: I) -> usize;

    /// Whether all that are in a bucket are equal.
    fn is_exact(&self, bucket: usize) -> bool;

    /// Sorts those of one bucket; equal ones keep their order.
    fn sort(&self, positions: &mut [I]);
}

/// By one key.
struct ByKey<K> {
    direction: Direction,
    key: K,
}

impl<I: Position + Send + Sync, K: Fn(I) -> u64 + Sync> Order<I> for ByKey<K> {
    const BUCKETS: usize = Fine::COUNT;

    #[inline(always)]
    fn bucket(&self, i: I) -> usize {
        self.direction.of_buckets(Fine::of((self.key)(i)), Fine::COUNT)
    }

    fn is_exact(&self, bucket: usize) -> bool {
        Fine::is_exact(self.direction.of_buckets(bucket, Fine::COUNT))
    }

    fn sort(&self, positions: &mut [I]) {
        let compare = |a: &I, b: &I| self.direction.apply((self.key)(*a).cmp(&(self.key)(*b)));
        if positions.len() < LONG {
            positions.sort_by(compare);
        } else {
            positions.par_sort_by(compare);
        }
    }
}

/// By the first key, and where it does not tell, the greatest second key first.
struct ByTwoKeys<K, L> {
    direction: Direction,
    first: K,
    second: L,
}

impl<I: Position + Send + Sync, K: Fn(I) -> u64 + Sync, L: Fn(I) -> u64 + Sync> Order<I> for ByTwoKeys<K, L> {
    const BUCKETS: usize = FIRSTS * Coarse::COUNT;

    #[inline(always)]
    fn bucket(&self, i: I) -> usize {
        let first = (self.first)(i).min(FIRSTS as u64 - 1) as usize;
        let start = self.direction.of_buckets(first, FIRSTS) * Coarse::COUNT;
        // First keys that share a slot share one bucket of it: the second does not tell before them.
        if first < FIRSTS - 1 { start + (Coarse::COUNT - 1 - Coarse::of((self.second)(i))) } else { start }
    }

    fn is_exact(&self, bucket: usize) -> bool {
        let first = self.direction.of_buckets(bucket / Coarse::COUNT, FIRSTS);
        first < FIRSTS - 1 && Coarse::is_exact(Coarse::COUNT - 1 - bucket % Coarse::COUNT)
    }

    fn sort(&self, positions: &mut [I]) {
        let Self { direction, first, second } = self;
        if positions.len() < LONG {
            let compare = |a: &I, b: &I| direction.apply(first(*a).cmp(&first(*b)));
            positions.sort_by(|a, b| compare(a, b).then_with(|| second(*b).cmp(&second(*a))));
        } else {
            let by_second = sorted_by_key(positions.to_vec(), Direction::Descending, second);
            positions.copy_from_slice(&sorted_by_key(by_second, *direction, first));
        }
    }
}

impl Direction {
    /// The bucket that a bucket of ascending keys is in this direction, and the other way round.
    #[inline(always)]
    fn of_buckets(self, bucket: usize, buckets: usize) -> usize {
        match self {
            Self::Ascending => bucket,
            Self::Descending => buckets - 1 - bucket,
        }
    }
}

/// `positions` by their keys in this direction; those with equal keys keep their order.
pub(in crate::analysis) fn sorted_by_key<I: Position + Send + Sync>(
    positions: Vec<I>,
    direction: Direction,
    key: impl Fn(I) -> u64 + Sync,
) -> Vec<I> {
    sorted_by(positions, &ByKey { direction, key })
}

/// `positions` by their first keys in this direction, and those with equal ones by the second, the
/// greatest first; those with equal keys keep their order. Quick where most first keys are small.
pub(in crate::analysis) fn sorted_by_two_keys<I: Position + Send + Sync>(
    positions: Vec<I>,
    direction: Direction,
    first: impl Fn(I) -> u64 + Sync,
    second: impl Fn(I) -> u64 + Sync,
) -> Vec<I> {
    sorted_by(positions, &ByTwoKeys { direction, first, second })
}

/// Each thread counts the buckets of a share of the list, which says where each bucket of each share
/// begins in the answer; then each puts its share there.
fn sorted_by<I: Position + Send + Sync, O: Order<I>>(positions: Vec<I>, order: &O) -> Vec<I> {
    let share = positions.len().div_ceil(rayon::current_num_threads()).max(1);
    let count = |share: &[I]| {
        let mut counts = vec![0u32; O::BUCKETS];
        share.iter().for_each(|&i| counts[order.bucket(i)] += 1);
        counts
    };
    let mut places: Vec<Vec<u32>> = positions.par_chunks(share).map(count).collect();
    let mut end = 0;
    let mut mixed = Vec::new();
    for bucket in 0..O::BUCKETS {
        let start = end;
        for places in &mut places {
            let count = places[bucket];
            places[bucket] = end;
            end += count;
        }
        if end - start > 1 && !order.is_exact(bucket) {
            mixed.push(start as usize..end as usize);
        } else if end - start == positions.len() as u32 {
            // All are equal.
            return positions;
        }
    }
    // Zeros that are not written here: the threads below touch their memory first.
    let sorted: Vec<AtomicU32> = vec![0; positions.len()].into_iter().map(AtomicU32::new).collect();
    positions.par_chunks(share).zip(&mut places).for_each(|(share, places)| {
        for &i in share {
            let place = &mut places[order.bucket(i)];
            sorted[*place as usize].store(i.position() as u32, Ordering::Relaxed);
            *place += 1;
        }
    });
    drop(positions);
    let mut sorted: Vec<I> = sorted.into_iter().map(|i| I::from_position(i.into_inner())).collect();
    mixed.into_iter().for_each(|range| order.sort(&mut sorted[range]));
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::NodeIndex;
    use crate::testing::Random;

    fn check_buckets<const EXACT_BITS: u32, const FINE_BITS: u32>() {
        let exact = 1 << EXACT_BITS;
        let mut keys: Vec<u64> =
            (0..64).flat_map(|bit| [0, 1, 77].map(|more| (1u64 << bit) + (more << bit >> 8))).collect();
        keys.extend([0, exact - 1, exact, exact + 1, u64::MAX]);
        keys.sort_unstable();
        let of = Buckets::<EXACT_BITS, FINE_BITS>::of;
        let is_exact = Buckets::<EXACT_BITS, FINE_BITS>::is_exact;
        assert!(keys.windows(2).all(|pair| of(pair[0]) <= of(pair[1])));
        assert!((0..exact).all(|key| of(key) == key as usize && is_exact(of(key))));
        assert_eq!((of(u64::MAX), is_exact(of(exact))), (Buckets::<EXACT_BITS, FINE_BITS>::COUNT - 1, false));
    }

    #[test]
    fn buckets_order_as_their_keys_do() {
        check_buckets::<14, 8>();
        check_buckets::<10, 4>();
    }

    /// Few different keys, small ones, large ones, ones of all sizes, and one.
    fn keys(random: &mut Random, kind: u32, len: u32) -> Vec<u64> {
        let key = |_| {
            let wide = u64::from(random.below(u32::MAX)) << 32 | u64::from(random.below(u32::MAX));
            match kind {
                0 => wide % 7,
                1 => wide % 20_000,
                2 => u64::MAX - wide % 1000,
                3 => wide >> (wide % 64),
                _ => 5,
            }
        };
        (0..len).map(key).collect()
    }

    fn shuffled(random: &mut Random, len: u32) -> Vec<NodeIndex> {
        let mut nodes: Vec<NodeIndex> = (0..len).map(NodeIndex).collect();
        (1..len).rev().for_each(|i| nodes.swap(i as usize, random.below(i + 1) as usize));
        nodes
    }

    #[test]
    fn lists_are_sorted_as_by_comparing_and_equal_ones_keep_their_order() {
        let mut random = Random(9);
        for round in 0..60 {
            let len = random.below(if round % 10 == 0 { 40_000 } else { 300 });
            let keys = keys(&mut random, round % 5, len);
            let nodes = shuffled(&mut random, len);
            let key = |n: NodeIndex| keys[n.at()];
            for direction in [Direction::Ascending, Direction::Descending] {
                let mut expected = nodes.clone();
                expected.sort_by(|&a, &b| direction.apply(key(a).cmp(&key(b))));
                assert_eq!(sorted_by_key(nodes.clone(), direction, key), expected, "round {round}");
            }
        }
    }

    #[test]
    fn lists_are_sorted_by_two_keys_as_by_comparing() {
        let mut random = Random(10);
        for round in 0..100 {
            let len = random.below(if round % 25 < 5 { 40_000 } else { 300 });
            let firsts = keys(&mut random, round % 5, len);
            let seconds = keys(&mut random, round / 5 % 5, len);
            let nodes = shuffled(&mut random, len);
            let (first, second) = (|n: NodeIndex| firsts[n.at()], |n: NodeIndex| seconds[n.at()]);
            for direction in [Direction::Ascending, Direction::Descending] {
                let mut expected = nodes.clone();
                expected
                    .sort_by(|&a, &b| direction.apply(first(a).cmp(&first(b))).then_with(|| second(b).cmp(&second(a))));
                let sorted = sorted_by_two_keys(nodes.clone(), direction, first, second);
                assert_eq!(sorted, expected, "round {round}, {direction:?}");
            }
        }
    }
}
