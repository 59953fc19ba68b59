//! A column of byte counts: four bytes a node, eight where a value needs them, two once it is done.

use super::{NodeIndex, prefetch};

/// One size for each node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SizeColumn(Width);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Width {
    /// Values below 2^32 take four bytes; the first larger one adds a second column for the high
    /// halves, empty otherwise.
    Open { low: Vec<u32>, high: Vec<u32> },
    /// Words of [`UNIT`] bytes. What they cannot say stands apart, ascending by node.
    Narrow { words: Vec<u16>, large: Vec<(NodeIndex, u64)> },
}

/// Engines allocate whole words of four bytes, or of eight.
const UNIT: u64 = 4;

/// The word of a size that stands apart.
const APART: u16 = u16::MAX;

impl Default for SizeColumn {
    fn default() -> Self {
        Self::from_low(Vec::new())
    }
}

impl SizeColumn {
    /// A column of `len` zeros.
    pub fn zeros(len: usize) -> Self {
        Self::from_low(vec![0; len])
    }

    /// A column whose values all fit 32 bits.
    pub fn from_low(low: Vec<u32>) -> Self {
        Self(Width::Open { low, high: Vec::new() })
    }

    /// The number of values.
    pub fn len(&self) -> usize {
        match &self.0 {
            Width::Open { low, .. } => low.len(),
            Width::Narrow { words, .. } => words.len(),
        }
    }

    /// Whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The size of `n`.
    #[inline(always)]
    pub fn get(&self, n: NodeIndex) -> u64 {
        match &self.0 {
            Width::Open { low, high } => {
                let low = u64::from(low[n.at()]);
                if high.is_empty() { low } else { low | u64::from(high[n.at()]) << 32 }
            }
            Width::Narrow { words, large } => match words[n.at()] {
                APART => large_size(large, n),
                word => u64::from(word) * UNIT,
            },
        }
    }

    /// Starts to fetch the size of `n`.
    #[inline(always)]
    pub fn prefetch(&self, n: NodeIndex) {
        match &self.0 {
            Width::Open { low, .. } => prefetch(low, n.at()),
            Width::Narrow { words, .. } => prefetch(words, n.at()),
        }
    }

    /// Sets the size of `n`.
    #[inline]
    #[allow(clippy::cast_possible_truncation, reason = "the halves of a u64")]
    pub fn set(&mut self, n: NodeIndex, size: u64) {
        let Width::Open { low, high } = &mut self.0 else { return self.set_in_open(n, size) };
        low[n.at()] = size as u32;
        let upper = (size >> 32) as u32;
        if upper != 0 && high.is_empty() {
            *high = vec![0; low.len()];
        }
        if !high.is_empty() {
            high[n.at()] = upper;
        }
    }

    /// Sets the size of `n` in a column that was thought to be done.
    #[cold]
    fn set_in_open(&mut self, n: NodeIndex, size: u64) {
        *self = self.opened(Vec::new());
        self.set(n, size);
    }

    /// The same sizes, to be changed, in the memory of `column`, which is empty.
    #[must_use]
    pub fn opened(&self, mut column: Vec<u32>) -> Self {
        let Width::Narrow { words, large } = &self.0 else { return self.clone() };
        column.extend(words.iter().map(|&word| u32::from(word) * UNIT as u32));
        let mut open = Self::from_low(column);
        large.iter().for_each(|&(n, size)| open.set(n, size));
        open
    }

    /// Adds to the size of `n`.
    #[inline]
    pub fn add(&mut self, n: NodeIndex, size: u64) {
        let sum = self.get(n).saturating_add(size);
        self.set(n, sum);
    }

    /// The same sizes in half the memory, if few of them are large; to be asked, not changed.
    #[must_use]
    pub fn narrowed(self) -> Self {
        self.narrow().unwrap_or(self)
    }

    /// A narrow column of the same sizes, unless too many of them are large.
    #[must_use]
    pub fn narrow(&self) -> Option<Self> {
        let mut words = Vec::with_capacity(self.len());
        let mut large = Vec::new();
        // Beyond that nothing is won.
        let most = self.len() / 8;
        for n in (0..self.len() as u32).map(NodeIndex) {
            let size = self.get(n);
            match u16::try_from(size / UNIT) {
                Ok(word) if word != APART && size.is_multiple_of(UNIT) => words.push(word),
                _ if large.len() < most => {
                    large.push((n, size));
                    words.push(APART);
                }
                _ => return None,
            }
        }
        large.shrink_to_fit();
        Some(Self(Width::Narrow { words, large }))
    }

    /// Heap bytes this column holds.
    pub fn heap_bytes(&self) -> usize {
        match &self.0 {
            Width::Open { low, high } => (low.capacity() + high.capacity()) * 4,
            Width::Narrow { words, large } => words.capacity() * 2 + large.capacity() * size_of::<(NodeIndex, u64)>(),
        }
    }
}

#[cold]
#[inline(never)]
fn large_size(large: &[(NodeIndex, u64)], n: NodeIndex) -> u64 {
    large.binary_search_by_key(&n, |l| l.0).map_or(0, |i| large[i].1)
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

    #[test]
    fn a_narrow_column_says_the_same_in_half_the_memory() {
        let mut c = SizeColumn::zeros(1000);
        let special = [(3, 262_136), (4, 262_140), (5, 262_144), (6, 7), (998, u64::MAX), (999, 1 << 32)];
        for (n, size) in (0..1000).map(|n| (n, u64::from(n) * 8)).chain(special) {
            c.set(NodeIndex(n), size);
        }
        let mut narrow = c.clone().narrowed();
        let all = |c: &SizeColumn| (0..1000).map(|n| c.get(NodeIndex(n))).collect::<Vec<_>>();
        assert_eq!(all(&narrow), all(&c));
        assert!(narrow.heap_bytes() < c.heap_bytes() / 3 && narrow.heap_bytes() >= 2000);
        narrow.add(NodeIndex(4), 1);
        c.add(NodeIndex(4), 1);
        assert_eq!(all(&narrow), all(&c));
    }

    #[test]
    fn a_column_of_odd_sizes_stays_as_it_is() {
        let c = SizeColumn::from_low((0..1000).collect());
        assert_eq!(c.clone().narrowed(), c);
        assert_eq!(SizeColumn::zeros(0).narrowed().len(), 0);
    }
}
