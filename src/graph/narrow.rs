//! A column of small numbers: two bytes a node, four where a value needs them.

use super::NodeIndex;

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
        Self(Width::Narrow(vec![0; len]))
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
}
