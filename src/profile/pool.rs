//! Texts and records that are kept once, found by hashes that nobody outside can foresee: files come from anywhere, and
//! one made to collide would take hours.

use crate::text::Text;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};

/// A hash table of positions in somebody's list: half of a hash beside each, so that it grows without the list.
#[derive(Debug)]
pub(super) struct Table {
    /// Hash and position + 1; 0 for nothing. Their number is a power of two.
    slots: Vec<(u32, u32)>,
    len: usize,
    seed: u64,
}

impl Default for Table {
    fn default() -> Self {
        Self { slots: vec![(0, 0); 64], len: 0, seed: RandomState::new().build_hasher().finish() | 1 }
    }
}

/// Multiplies to twice the width and folds that.
#[inline]
fn folded(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    #[allow(clippy::cast_possible_truncation, reason = "both halves are used")]
    let (low, high) = (product as u64, (product >> 64) as u64);
    low ^ high
}

/// Odd numbers without a pattern: the fractions of π.
const MIX: [u64; 2] = [0x2438_6A88_85A3_08D3, 0x1319_8A2E_0370_7345];

impl Table {
    /// The hash of some numbers.
    #[inline]
    pub(super) fn hash_words(&self, words: &[u64]) -> u64 {
        let mut hash = self.seed;
        for word in words {
            hash = folded(hash ^ word, MIX[0] ^ self.seed.rotate_left(23));
        }
        folded(hash, MIX[1])
    }

    /// The hash of a text.
    #[inline]
    pub(super) fn hash_bytes(&self, bytes: &[u8]) -> u64 {
        let (words, rest) = bytes.as_chunks::<8>();
        let key = MIX[0] ^ self.seed.rotate_left(23);
        let mut hash = self.seed ^ bytes.len() as u64;
        for word in words {
            hash = folded(hash ^ u64::from_le_bytes(*word), key);
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        folded(hash ^ u64::from_le_bytes(last), MIX[1] ^ key)
    }

    /// The position with this hash that `is_same` accepts.
    #[inline]
    pub(super) fn find(&self, hash: u64, mut is_same: impl FnMut(u32) -> bool) -> Option<u32> {
        let mask = self.slots.len() - 1;
        let mut at = Self::start(hash) & mask;
        loop {
            let (part, position) = self.slots[at];
            if position == 0 {
                return None;
            }
            if part == Self::part(hash) && is_same(position - 1) {
                return Some(position - 1);
            }
            at = (at + 1) & mask;
        }
    }

    /// Adds a position, which is not there yet and below 2^32 − 1.
    pub(super) fn insert(&mut self, hash: u64, position: u32) {
        if (self.len + 1) * 2 > self.slots.len() {
            let larger = vec![(0, 0); self.slots.len() * 2];
            for (part, position) in std::mem::replace(&mut self.slots, larger) {
                if position != 0 {
                    self.put(part, position);
                }
            }
        }
        self.put(Self::part(hash), position + 1);
        self.len += 1;
    }

    fn put(&mut self, part: u32, position: u32) {
        let mask = self.slots.len() - 1;
        let mut at = part as usize & mask;
        while self.slots[at].1 != 0 {
            at = (at + 1) & mask;
        }
        self.slots[at] = (part, position);
    }

    #[inline]
    fn part(hash: u64) -> u32 {
        (hash >> 32) as u32
    }

    #[inline]
    fn start(hash: u64) -> usize {
        Self::part(hash) as usize
    }
}

/// Texts one after the other.
#[derive(Debug, Default)]
pub(super) struct Pool {
    bytes: Vec<u8>,
    /// Where each text ends.
    ends: Vec<u64>,
}

impl Pool {
    /// The text at `at`.
    #[inline]
    pub(super) fn get(&self, at: u32) -> Text<'_> {
        let at = at as usize;
        #[allow(clippy::cast_possible_truncation, reason = "ends of what is in memory")]
        let place = |i: usize| self.ends[i] as usize;
        let start = if at == 0 { 0 } else { place(at - 1) };
        Text(&self.bytes[start..place(at)])
    }

    /// Bytes of memory held.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.capacity() + self.ends.capacity() * 8
    }

    fn push(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len() as u64);
    }
}

/// Texts, each kept once.
#[derive(Debug, Default)]
pub(super) struct TextPool {
    pool: Pool,
    table: Table,
}

impl TextPool {
    /// The position of `text`; `None` when there are more than can be counted.
    #[inline]
    pub(super) fn intern(&mut self, text: &[u8]) -> Option<u32> {
        let hash = self.table.hash_bytes(text);
        let pool = &self.pool;
        if let Some(found) = self.table.find(hash, |i| pool.get(i).as_bytes() == text) {
            return Some(found);
        }
        let index = u32::try_from(self.pool.ends.len()).ok().filter(|&i| i < u32::MAX)?;
        self.pool.push(text);
        self.table.insert(hash, index);
        Some(index)
    }

    pub(super) fn get(&self, at: u32) -> Text<'_> {
        self.pool.get(at)
    }

    pub(super) fn finish(mut self) -> Pool {
        self.pool.bytes.shrink_to_fit();
        self.pool.ends.shrink_to_fit();
        self.pool
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_of_texts_are_kept_once_each() {
        let mut pool = TextPool::default();
        let texts: Vec<String> = (0..5_000).map(|i| "x".repeat(i % 40) + &i.to_string()).collect();
        let first: Vec<_> = texts.iter().map(|t| pool.intern(t.as_bytes()).unwrap()).collect();
        let again: Vec<_> = texts.iter().map(|t| pool.intern(t.as_bytes()).unwrap()).collect();
        assert_eq!(first, again);
        assert_eq!(first, (0..5_000).collect::<Vec<_>>());
        let pool = pool.finish();
        assert!(texts.iter().zip(first).all(|(t, i)| pool.get(i) == t.as_str()));
    }
}
