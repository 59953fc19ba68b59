//! The id of every node, without writing out what counts up by itself.

use super::{NodeId, NodeIndex};
use rustc_hash::FxHashSet;

/// Nodes in a block.
const BLOCK: usize = 64;

/// One id for each node.
///
/// V8 numbers objects by twos in the order in which it first meets them, which is that of the
/// file: in first snapshots nearly all ids follow from those before them, in later ones two of
/// three. Such blocks take eight bytes; the others have each id written out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeIds {
    len: usize,
    blocks: Vec<Block>,
    written_out: Vec<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Block {
    first: u32,
    /// Where the block's ids are written out, or [`BY_TWOS`].
    at: u32,
}

/// Each id is by two greater than the one before.
const BY_TWOS: u32 = u32::MAX;

impl NodeIds {
    /// The number of ids.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no ids.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The id of `n`.
    ///
    /// # Panics
    /// When there is no node `n`, as far as that shows.
    #[inline]
    pub fn get(&self, n: NodeIndex) -> NodeId {
        let block = self.blocks[n.at() / BLOCK];
        let within = n.at() % BLOCK;
        NodeId(match block.at {
            BY_TWOS => block.first.wrapping_add(2 * within as u32),
            at => self.written_out[at as usize + within],
        })
    }

    /// All ids in order of their nodes.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = NodeId> + '_ {
        (0..self.len as u32).map(|n| self.get(NodeIndex(n)))
    }

    /// Calls `found` with every node whose id is among `wanted`, which ascend.
    pub fn find_all(&self, wanted: &[u32], mut found: impl FnMut(NodeIndex)) {
        let set: FxHashSet<u32> = wanted.iter().copied().collect();
        for (i, block) in self.blocks.iter().enumerate() {
            let start = i * BLOCK;
            let len = BLOCK.min(self.len - start);
            let last = block.first.checked_add(2 * (len as u32 - 1)).filter(|_| block.at == BY_TWOS);
            match last {
                Some(last) => {
                    let from = wanted.partition_point(|&id| id < block.first);
                    let within = wanted[from..].iter().take_while(|&&id| id <= last).map(|&id| id - block.first);
                    within.filter(|past| past % 2 == 0).for_each(|past| found(NodeIndex(start as u32 + past / 2)));
                }
                None => {
                    let nodes = (start as u32..(start + len) as u32).map(NodeIndex);
                    nodes.filter(|&n| set.contains(&self.get(n).0)).for_each(&mut found);
                }
            }
        }
    }

    /// Gives up memory that was needed to find the blocks: an empty column, with room for all ids if
    /// most of that is not needed any more.
    pub fn take_room(&mut self) -> Vec<u32> {
        if self.written_out.len() > self.len / 4 {
            self.written_out.shrink_to_fit();
            return Vec::new();
        }
        let mut room = std::mem::take(&mut self.written_out);
        self.written_out = room.as_slice().into();
        room.clear();
        room
    }

    /// Heap bytes held.
    pub fn heap_bytes(&self) -> usize {
        self.blocks.capacity() * size_of::<Block>() + self.written_out.capacity() * size_of::<u32>()
    }
}

impl From<Vec<u32>> for NodeIds {
    fn from(mut ids: Vec<u32>) -> Self {
        let len = ids.len();
        let mut blocks = Vec::with_capacity(len.div_ceil(BLOCK));
        // What stays written out moves up within the column: no second one is needed, and
        // `take_room` finds the rest of it.
        let mut kept = 0;
        for start in (0..len).step_by(BLOCK) {
            let block = start..len.min(start + BLOCK);
            let first = ids[start];
            let is_by_twos = ids[block.clone()].windows(2).all(|pair| pair[1] == pair[0].wrapping_add(2));
            if is_by_twos {
                blocks.push(Block { first, at: BY_TWOS });
            } else {
                // Below `BY_TWOS`: there are at most `MAX_NODES` nodes.
                blocks.push(Block { first, at: kept as u32 });
                let block_len = block.len();
                ids.copy_within(block, kept);
                kept += block_len;
            }
        }
        ids.truncate(kept);
        Self { len, blocks, written_out: ids }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Random;

    #[test]
    fn ids_are_what_they_were_and_those_that_count_up_take_no_room() {
        let mut random = Random(7);
        for round in 0..300 {
            let len = random.below(700) as usize;
            let mut next = random.below(9);
            let ids: Vec<u32> = (0..len)
                .map(|_| {
                    // Rarely, or often, something else than the next number.
                    if random.below(1 + round) == 0 {
                        next = random.below(u32::MAX);
                    }
                    next = next.wrapping_add(2);
                    next
                })
                .collect();
            let mut column = NodeIds::from(ids.clone());
            assert_eq!((column.len(), column.is_empty()), (len, len == 0));
            let with_room = column.clone();
            let room = column.take_room();
            assert!(room.is_empty() && (room.capacity() == 0 || room.capacity() >= len));
            assert_eq!(column, with_room);
            assert_eq!(column.iter().map(|id| id.0).collect::<Vec<_>>(), ids);
            let mut wanted: Vec<u32> = (0..9).map(|_| random.below(next.max(1).saturating_mul(2))).collect();
            wanted.extend(ids.iter().filter(|_| random.below(20) == 0));
            wanted.sort_unstable();
            wanted.dedup();
            let mut found = Vec::new();
            column.find_all(&wanted, |n| found.push(n.at()));
            assert_eq!(found, (0..len).filter(|&i| wanted.contains(&ids[i])).collect::<Vec<_>>());
        }
        let mut counting = NodeIds::from((0..64_000).map(|n| 2 * n + 1).collect::<Vec<_>>());
        assert_eq!((counting.take_room().capacity(), counting.heap_bytes()), (64_000, 8_000));
        let mut jumping = NodeIds::from((0..64_000).map(|n| 3 * n).collect::<Vec<_>>());
        assert_eq!((jumping.take_room().capacity(), jumping.heap_bytes()), (0, 8_000 + 4 * 64_000));
    }
}
