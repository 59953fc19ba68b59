//! Sorts long lists of positions, mostly of nodes, by numbers of which many are equal, or nearly:
//! by counting them.

use super::order::{Direction, LONG};
use crate::graph::Position;
use rayon::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering};

/// Keys below have a bucket each.
const EXACT: u64 = 1 << EXACT_BITS;
const EXACT_BITS: u32 = 14;

/// Greater ones share their bucket with those of the same first bits.
const FINE_BITS: u32 = 8;

const BUCKETS: usize = EXACT as usize + ((u64::BITS - EXACT_BITS) << FINE_BITS) as usize;

/// The bucket of a key: greater ones are in the same or in a later one.
#[inline(always)]
fn bucket(key: u64) -> usize {
    if key < EXACT {
        return key as usize;
    }
    let size = key.ilog2();
    let fine = (key >> (size - FINE_BITS)) as usize & ((1 << FINE_BITS) - 1);
    EXACT as usize + ((size - EXACT_BITS) << FINE_BITS) as usize + fine
}

/// Whether all keys in a bucket are equal.
fn is_exact(bucket: usize) -> bool {
    bucket < EXACT as usize
}

/// `nodes` by their keys in this direction; those with equal keys keep their order.
///
/// Each thread counts the keys of a share of the list, which says where each bucket of each share
/// begins in the answer; then each puts its share there.
pub(super) fn sorted_by_key<I: Position + Send + Sync>(
    nodes: Vec<I>,
    direction: Direction,
    key: impl Fn(I) -> u64 + Sync,
) -> Vec<I> {
    let bucket_of = |n| match direction {
        Direction::Ascending => bucket(key(n)),
        Direction::Descending => BUCKETS - 1 - bucket(key(n)),
    };
    let share = nodes.len().div_ceil(rayon::current_num_threads()).max(1);
    let count = |share: &[I]| {
        let mut counts = vec![0u32; BUCKETS];
        share.iter().for_each(|&n| counts[bucket_of(n)] += 1);
        counts
    };
    let mut places: Vec<Vec<u32>> = nodes.par_chunks(share).map(count).collect();
    let mut end = 0;
    let mut mixed = Vec::new();
    for at in 0..BUCKETS {
        let start = end;
        for places in &mut places {
            let count = places[at];
            places[at] = end;
            end += count;
        }
        let bucket = if direction == Direction::Ascending { at } else { BUCKETS - 1 - at };
        if end - start > 1 && !is_exact(bucket) {
            mixed.push(start as usize..end as usize);
        } else if end - start == nodes.len() as u32 {
            // All are equal.
            return nodes;
        }
    }
    let sorted: Vec<AtomicU32> = nodes.iter().map(|_| AtomicU32::new(0)).collect();
    nodes.par_chunks(share).zip(&mut places).for_each(|(share, places)| {
        for &n in share {
            let place = &mut places[bucket_of(n)];
            sorted[*place as usize].store(n.position() as u32, Ordering::Relaxed);
            *place += 1;
        }
    });
    drop(nodes);
    let mut sorted: Vec<I> = sorted.into_iter().map(|n| I::from_position(n.into_inner())).collect();
    for range in mixed {
        let nodes = &mut sorted[range];
        let compare = |a: &I, b: &I| direction.apply(key(*a).cmp(&key(*b)));
        if nodes.len() < LONG {
            nodes.sort_by(compare);
        } else {
            nodes.par_sort_by(compare);
        }
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::NodeIndex;
    use crate::testing::Random;

    #[test]
    fn buckets_order_as_their_keys_do() {
        let mut keys: Vec<u64> =
            (0..64).flat_map(|bit| [0, 1, 77].map(|more| (1u64 << bit) + (more << bit >> 8))).collect();
        keys.extend([0, EXACT - 1, EXACT, EXACT + 1, u64::MAX]);
        keys.sort_unstable();
        assert!(keys.windows(2).all(|pair| bucket(pair[0]) <= bucket(pair[1])));
        assert!((0..EXACT).all(|key| bucket(key) == key as usize && is_exact(bucket(key))));
        assert_eq!((bucket(u64::MAX), is_exact(bucket(EXACT))), (BUCKETS - 1, false));
    }

    #[test]
    fn lists_are_sorted_as_by_comparing_and_equal_ones_keep_their_order() {
        let mut random = Random(9);
        for round in 0..60 {
            let len = random.below(if round % 10 == 0 { 40_000 } else { 300 });
            // Few different keys, small ones, large ones, and ones of all sizes.
            let keys: Vec<u64> = (0..len)
                .map(|_| {
                    let wide = u64::from(random.below(u32::MAX)) << 32 | u64::from(random.below(u32::MAX));
                    match round % 5 {
                        0 => wide % 7,
                        1 => wide % 20_000,
                        2 => u64::MAX - wide % 1000,
                        3 => wide >> (wide % 64),
                        _ => 5,
                    }
                })
                .collect();
            let mut nodes: Vec<NodeIndex> = (0..len).map(NodeIndex).collect();
            (1..len).rev().for_each(|i| nodes.swap(i as usize, random.below(i + 1) as usize));
            let key = |n: NodeIndex| keys[n.at()];
            for direction in [Direction::Ascending, Direction::Descending] {
                let mut expected = nodes.clone();
                expected.sort_by(|&a, &b| direction.apply(key(a).cmp(&key(b))));
                assert_eq!(sorted_by_key(nodes.clone(), direction, key), expected, "round {round}");
            }
        }
    }
}
