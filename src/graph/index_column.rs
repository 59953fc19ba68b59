//! A column of indexes, most of them of strings: three bytes each, four where too many need them.

use super::prefetch;

/// One index for each position. Those that three bytes cannot say stand apart; if they are many, all
/// take four.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexColumn {
    /// `width` bytes each, the lowest first, and as many more as the last one lacks to four.
    bytes: Vec<u8>,
    width: usize,
    /// Ascending by position.
    large: Vec<(u32, u32)>,
}

/// Bytes that an index takes.
pub(crate) const NARROW: usize = 3;

/// Bytes that each takes where many need them.
const WIDE: usize = size_of::<u32>();

/// The mark in the place of an index that is kept apart.
pub(crate) const APART: u32 = (1 << (8 * NARROW)) - 1;

impl Default for IndexColumn {
    fn default() -> Self {
        Self::from(Vec::new())
    }
}

impl IndexColumn {
    /// A column of [`NARROW`] bytes for each index, the lowest first, and one more; [`APART`] stands
    /// for those that are in `large`, which ascends by position.
    pub(crate) fn new(mut bytes: Vec<u8>, large: Vec<(u32, u32)>) -> Self {
        bytes.resize(bytes.len().max(1), 0);
        let column = Self { bytes, width: NARROW, large };
        // Looking for those takes long if they are asked for often.
        if column.large.len() > column.len() / 64 { column.widened() } else { column }
    }

    /// How many bytes [`IndexColumn::new`] needs for `len` indexes.
    pub(crate) fn bytes_for(len: usize) -> usize {
        len * NARROW + 1
    }

    /// The same indexes, four bytes each; as they are where there is no room for that.
    #[cold]
    fn widened(self) -> Self {
        let mut bytes = Vec::new();
        if bytes.try_reserve_exact(self.len() * WIDE).is_err() {
            return self;
        }
        let mut large = self.large.iter().map(|l| l.1);
        for index in self.bytes.as_chunks::<NARROW>().0 {
            let [a, b, c] = *index;
            let index = u32::from_le_bytes([a, b, c, 0]);
            let index = if index == APART { large.next().unwrap_or(APART) } else { index };
            bytes.extend_from_slice(&index.to_le_bytes());
        }
        Self { bytes, width: WIDE, large: Vec::new() }
    }

    /// The number of indexes.
    pub fn len(&self) -> usize {
        self.bytes.len() / self.width
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The index at `i`.
    #[inline(always)]
    pub fn get(&self, i: usize) -> u32 {
        let start = i * self.width;
        let mut word = [0; 4];
        word.copy_from_slice(&self.bytes[start..start + 4]);
        let word = u32::from_le_bytes(word);
        // As good as always.
        if word & APART != APART && self.width == NARROW { word & APART } else { self.unusual(i, word) }
    }

    #[cold]
    #[inline(never)]
    fn unusual(&self, i: usize, word: u32) -> u32 {
        match self.width {
            NARROW => self.large.binary_search_by_key(&i, |l| l.0 as usize).map_or(APART, |at| self.large[at].1),
            _ => word,
        }
    }

    /// Starts to fetch the index at `i`.
    #[inline(always)]
    pub fn prefetch(&self, i: usize) {
        prefetch(&self.bytes, i * self.width);
    }

    /// All indexes in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = u32> + '_ {
        (0..self.len()).map(|i| self.get(i))
    }

    /// Sets the index at `i`.
    pub fn set(&mut self, i: usize, index: u32) {
        let start = i * self.width;
        if self.width == NARROW {
            match self.large.binary_search_by_key(&i, |l| l.0 as usize) {
                Ok(at) if index < APART => drop(self.large.remove(at)),
                Ok(at) => self.large[at].1 = index,
                Err(at) if index >= APART => self.large.insert(at, (i as u32, index)),
                Err(_) => {}
            }
        }
        let stored = if self.width == NARROW { index.min(APART) } else { index };
        self.bytes[start..start + self.width].copy_from_slice(&stored.to_le_bytes()[..self.width]);
    }

    /// Lets `change` change the index at `i`.
    pub fn change(&mut self, i: usize, change: impl FnOnce(&mut u32)) {
        let before = self.get(i);
        let mut index = before;
        change(&mut index);
        if index != before {
            self.set(i, index);
        }
    }

    /// Heap bytes this column holds.
    pub fn heap_bytes(&self) -> usize {
        self.bytes.capacity() + self.large.capacity() * size_of::<(u32, u32)>()
    }
}

impl From<Vec<u32>> for IndexColumn {
    fn from(indexes: Vec<u32>) -> Self {
        let mut bytes = Vec::with_capacity(Self::bytes_for(indexes.len()));
        bytes.extend(indexes.iter().flat_map(|index| index.min(&APART).to_le_bytes().into_iter().take(NARROW)));
        bytes.push(0);
        let large = (0..).zip(indexes).filter(|(_, index)| *index >= APART);
        Self::new(bytes, large.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Random;

    #[test]
    fn indexes_of_any_size_are_kept() {
        let mut random = Random(3);
        // Without large ones, with few, and with many.
        for (every, width) in [(u32::MAX, NARROW), (200, NARROW), (3, WIDE)] {
            let index = |random: &mut Random| match random.below(every) {
                0 => APART - 1 + random.below(3),
                1 if every != u32::MAX => u32::MAX - random.below(2),
                _ => random.below(1 << 24) >> random.below(24),
            };
            let mut all: Vec<u32> = (0..1000).map(|_| index(&mut random)).collect();
            let mut column = IndexColumn::from(all.clone());
            assert_eq!((column.len(), column.width), (1000, width));
            assert!(column.iter().eq(all.iter().copied()));
            for _ in 0..300 {
                let (i, index) = (random.below(1000) as usize, index(&mut random));
                column.set(i, index);
                all[i] = index;
            }
            assert!(column.iter().eq(all.iter().copied()));
            assert!(column.heap_bytes() >= 1000 * width);
        }
    }

    #[test]
    fn a_column_of_nothing_is_empty() {
        assert!(IndexColumn::default().is_empty());
        assert_eq!(IndexColumn::new(Vec::new(), Vec::new()), IndexColumn::default());
    }
}
