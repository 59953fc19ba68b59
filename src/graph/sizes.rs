//! A column of byte counts: four bytes a node, eight where a value needs them.

use super::NodeIndex;

/// One size for each node. Values below 2^32 take four bytes; the first larger one adds a
/// second column for the high halves, which real heaps below some gigabytes never need.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SizeColumn {
    low: Vec<u32>,
    /// Empty, or as long as `low`.
    high: Vec<u32>,
}

impl SizeColumn {
    /// A column of `len` zeros.
    pub fn zeros(len: usize) -> Self {
        Self { low: vec![0; len], high: Vec::new() }
    }

    /// A column whose values all fit 32 bits.
    pub fn from_low(low: Vec<u32>) -> Self {
        Self { low, high: Vec::new() }
    }

    /// The number of values.
    pub fn len(&self) -> usize {
        self.low.len()
    }

    /// Whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.low.is_empty()
    }

    /// The size of `n`.
    #[inline(always)]
    pub fn get(&self, n: NodeIndex) -> u64 {
        let low = u64::from(self.low[n.at()]);
        if self.high.is_empty() { low } else { low | u64::from(self.high[n.at()]) << 32 }
    }

    /// Sets the size of `n`.
    #[inline]
    #[allow(clippy::cast_possible_truncation, reason = "the halves of a u64")]
    pub fn set(&mut self, n: NodeIndex, size: u64) {
        self.low[n.at()] = size as u32;
        let high = (size >> 32) as u32;
        if high != 0 && self.high.is_empty() {
            self.high = vec![0; self.low.len()];
        }
        if !self.high.is_empty() {
            self.high[n.at()] = high;
        }
    }

    /// Adds to the size of `n`.
    #[inline]
    pub fn add(&mut self, n: NodeIndex, size: u64) {
        let sum = self.get(n).saturating_add(size);
        self.set(n, sum);
    }

    /// Heap bytes this column holds.
    pub fn heap_bytes(&self) -> usize {
        (self.low.capacity() + self.high.capacity()) * 4
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_past_four_gigabytes_are_kept_whole() {
        let mut c = SizeColumn::zeros(3);
        c.set(NodeIndex(1), u64::from(u32::MAX));
        c.add(NodeIndex(1), 2);
        c.set(NodeIndex(2), 7);
        let all: Vec<_> = (0..3).map(|i| c.get(NodeIndex(i))).collect();
        assert_eq!(all, [0, (1 << 32) + 1, 7]);
        c.set(NodeIndex(1), 5);
        assert_eq!(c.get(NodeIndex(1)), 5);
    }
}
