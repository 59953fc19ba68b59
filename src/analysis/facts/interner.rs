//! Numbers things by content without keeping the content twice.

use crate::text::Text;
use rustc_hash::FxHasher;
use std::hash::Hasher;

/// Spreads small differences over the upper bits, where [`Interner`] looks.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// A hash of `text`.
pub(in crate::analysis) fn hash_text(text: Text<'_>) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(text.as_bytes());
    hasher.finish().wrapping_mul(SPREAD)
}

/// The hash of something that goes on with `next` after what `hash` is the hash of.
#[inline(always)]
pub(in crate::analysis) fn hash_next(hash: u64, next: u32) -> u64 {
    (hash.rotate_left(5) ^ u64::from(next)).wrapping_mul(SPREAD)
}

/// Numbers from 0 on for things that someone else keeps: this knows their hashes only and asks
/// whether two things of one hash are equal. Open addressing; eight bytes a thing.
#[derive(Debug, Default)]
pub(in crate::analysis) struct Interner {
    /// Number plus one; 0 for a free slot. A power of two of them, at most half taken.
    slots: Vec<u32>,
    /// The upper half of each number's hash.
    hashes: Vec<u32>,
}

impl Interner {
    /// The number of the thing that has this hash and that `is_equal` recognizes by its number;
    /// the next free number if there is none yet.
    #[allow(clippy::cast_possible_truncation, reason = "the upper half of a hash")]
    pub(in crate::analysis) fn intern(&mut self, hash: u64, is_equal: impl Fn(u32) -> bool) -> u32 {
        if self.hashes.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let hash = (hash >> 32) as u32;
        let mut slot = self.slot(hash);
        loop {
            match self.slots[slot] {
                0 => {
                    self.hashes.push(hash);
                    self.slots[slot] = self.hashes.len() as u32;
                    return self.hashes.len() as u32 - 1;
                }
                taken if self.hashes[taken as usize - 1] == hash && is_equal(taken - 1) => return taken - 1,
                _ => slot = (slot + 1) & (self.slots.len() - 1),
            }
        }
    }

    fn slot(&self, hash: u32) -> usize {
        // The best bits of a multiplicative hash are its highest.
        ((u64::from(hash) * self.slots.len() as u64) >> 32) as usize
    }

    fn grow(&mut self) {
        self.slots = vec![0; (self.slots.len() * 2).max(64)];
        for i in 0..self.hashes.len() {
            let mut slot = self.slot(self.hashes[i]);
            while self.slots[slot] != 0 {
                slot = (slot + 1) & (self.slots.len() - 1);
            }
            self.slots[slot] = i as u32 + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_things_share_a_number_even_where_all_hashes_collide() {
        for spread in [0, SPREAD] {
            let mut interner = Interner::default();
            let mut kept: Vec<u64> = Vec::new();
            for thing in (0..300_u64).chain(0..300) {
                let number = interner.intern(thing.wrapping_mul(spread), |n| kept[n as usize] == thing);
                if number as usize == kept.len() {
                    kept.push(thing);
                }
                assert_eq!(kept[number as usize], thing);
            }
            assert_eq!(kept.len(), 300);
        }
    }
}
