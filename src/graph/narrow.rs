//! A column of small numbers: two bytes a node, four where a value needs them.

use super::index::fill_parts;
use super::{NodeIndex, prefetch};
use rayon::prelude::*;

/// One number for each node. Values below 2^16 take two bytes; the first larger one makes all of
/// them take four.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NarrowColumn(Width);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Width {
    Narrow(Vec<u16>),
    Wide(Vec<u32>),
}

impl Default for NarrowColumn {
    fn default() -> Self {
        Self::zeros(0)
    }
}

impl NarrowColumn {
    /// A column of `len` zeros.
    pub fn zeros(len: usize) -> Self {
        Self::filled(len, 0)
    }

    /// A column of `len` times `value`.
    pub fn filled(len: usize, value: u32) -> Self {
        Self(
            u16::try_from(value)
                .map_or_else(|_| Width::Wide(vec![value; len]), |value| Width::Narrow(vec![value; len])),
        )
    }

    /// The number of values.
    pub fn len(&self) -> usize {
        match &self.0 {
            Width::Narrow(values) => values.len(),
            Width::Wide(values) => values.len(),
        }
    }

    /// Whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of `n`.
    #[inline(always)]
    pub fn get(&self, n: NodeIndex) -> u32 {
        match &self.0 {
            Width::Narrow(values) => u32::from(values[n.at()]),
            Width::Wide(values) => values[n.at()],
        }
    }

    /// Starts to fetch the number of `n`.
    #[inline(always)]
    pub fn prefetch(&self, n: NodeIndex) {
        match &self.0 {
            Width::Narrow(values) => prefetch(values, n.at()),
            Width::Wide(values) => prefetch(values, n.at()),
        }
    }

    /// Sets the number of `n`.
    #[inline(always)]
    pub fn set(&mut self, n: NodeIndex, value: u32) {
        match (&mut self.0, u16::try_from(value)) {
            (Width::Narrow(values), Ok(value)) => values[n.at()] = value,
            (Width::Wide(values), _) => values[n.at()] = value,
            (Width::Narrow(_), Err(_)) => self.set_in_wide(n, value),
        }
    }

    #[cold]
    fn set_in_wide(&mut self, n: NodeIndex, value: u32) {
        if let Width::Narrow(values) = &self.0 {
            self.0 = Width::Wide(values.iter().map(|&v| u32::from(v)).collect());
        }
        self.set(n, value);
    }

    /// The nodes that have this number, in order; all threads look for them.
    pub fn find(&self, number: u32) -> Vec<NodeIndex> {
        match (&self.0, u16::try_from(number)) {
            (Width::Narrow(values), Ok(number)) => positions(values, number),
            (Width::Narrow(_), Err(_)) => Vec::new(),
            (Width::Wide(values), _) => positions(values, number),
        }
    }

    /// A column of `values`, if all of them fit two bytes.
    #[allow(clippy::cast_possible_truncation, reason = "just looked at")]
    pub fn narrow(values: &[u32]) -> Option<Self> {
        let all_fit = values.iter().all(|&v| v <= u32::from(u16::MAX));
        all_fit.then(|| Self(Width::Narrow(values.iter().map(|&v| v as u16).collect())))
    }

    /// Heap bytes this column holds.
    pub fn heap_bytes(&self) -> usize {
        match &self.0 {
            Width::Narrow(values) => values.capacity() * 2,
            Width::Wide(values) => values.capacity() * 4,
        }
    }
}

/// Where `number` stands among `values`. They are gone through twice, which takes less than memory
/// for lists that grow.
fn positions<T: Copy + PartialEq + Sync>(values: &[T], number: T) -> Vec<NodeIndex> {
    const CHUNK: usize = 1 << 16;
    let count = |chunk: &[T]| chunk.iter().filter(|&&value| value == number).count();
    let counts: Vec<usize> = values.par_chunks(CHUNK).map(count).collect();
    fill_parts(&counts, |i, found| {
        const BLOCK: usize = 64;
        // Whether a value is the one is hard to foresee, so nothing branches on it.
        let mut block_found = [0; BLOCK];
        let start = i * CHUNK;
        let mut at = 0;
        for (i, block) in values[start..values.len().min(start + CHUNK)].chunks(BLOCK).enumerate() {
            let mut count = 0;
            for (n, &value) in ((start + i * BLOCK) as u32..).zip(block) {
                block_found[count % BLOCK] = n;
                count += usize::from(value == number);
            }
            found[at..at + count].copy_from_slice(&block_found[..count]);
            at += count;
        }
    })
}

impl From<Vec<u32>> for NarrowColumn {
    fn from(values: Vec<u32>) -> Self {
        Self::narrow(&values).unwrap_or(Self(Width::Wide(values)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_past_two_bytes_widens_the_column_and_changes_no_other() {
        let mut column = NarrowColumn::zeros(3);
        column.set(NodeIndex(1), 0xFFFF);
        assert_eq!(column.heap_bytes(), 6);
        column.set(NodeIndex(2), 0x1_0000);
        let all: Vec<u32> = (0..3).map(|n| column.get(NodeIndex(n))).collect();
        assert_eq!(all, [0, 0xFFFF, 0x1_0000]);
        assert_eq!((column.len(), column.heap_bytes()), (3, 12));
        assert_eq!(NarrowColumn::from(all), column);
        assert_eq!(NarrowColumn::from(vec![7; 4]).heap_bytes(), 8);
    }

    #[test]
    fn numbers_are_found_where_they_stand() {
        for rare in [0, 1 << 20] {
            let mut values: Vec<u32> = (0..200_000).map(|i| i % 1000 * (i % 1000) % 7).collect();
            values[199_999] = rare;
            let column = NarrowColumn::from(values.clone());
            for number in [2, rare, 1 << 21, 0] {
                let expected = (0..).zip(&values).filter(|(_, value)| **value == number).map(|(n, _)| NodeIndex(n));
                assert_eq!(column.find(number), expected.collect::<Vec<_>>());
            }
        }
        assert_eq!(NarrowColumn::zeros(0).find(0), []);
    }
}
