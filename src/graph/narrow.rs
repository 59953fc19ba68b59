//! A column of small numbers: two bytes a node, four where a value needs them.

use super::{NodeIndex, prefetch};
use std::ops::Range;

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

    /// Appends to `found` those of `nodes` that have this number, in order.
    pub fn find(&self, number: u32, nodes: Range<usize>, found: &mut Vec<NodeIndex>) {
        match (&self.0, u16::try_from(number)) {
            (Width::Narrow(values), Ok(number)) => positions(&values[nodes.clone()], number, nodes.start, found),
            (Width::Narrow(_), Err(_)) => {}
            (Width::Wide(values), _) => positions(&values[nodes.clone()], number, nodes.start, found),
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

/// Appends where `number` stands among `values`, of which the first is at `start`.
#[inline(always)]
fn positions<T: Copy + PartialEq>(values: &[T], number: T, start: usize, found: &mut Vec<NodeIndex>) {
    const BLOCK: usize = 64;
    // Whether a value is the one is hard to foresee, so nothing branches on it.
    let mut block_found = [NodeIndex(0); BLOCK];
    for (i, block) in values.chunks(BLOCK).enumerate() {
        let mut count = 0;
        for (n, &value) in ((start + i * BLOCK) as u32..).zip(block) {
            block_found[count % BLOCK] = NodeIndex(n);
            count += usize::from(value == number);
        }
        found.extend_from_slice(&block_found[..count]);
    }
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
            let mut values: Vec<u32> = (0..1000).map(|i| i * i % 7).collect();
            values[999] = rare;
            let column = NarrowColumn::from(values.clone());
            for (number, nodes) in
                [(2, 0..1000), (2, 3..70), (rare, 100..1000), (5, 0..0), (1 << 21, 0..1000), (0, 64..64 + 63)]
            {
                let mut found = vec![NodeIndex(9)];
                column.find(number, nodes.clone(), &mut found);
                let expected = nodes.filter(|&n| values[n] == number).map(|n| NodeIndex(n as u32));
                assert_eq!(found[1..], expected.collect::<Vec<_>>());
            }
        }
    }
}
