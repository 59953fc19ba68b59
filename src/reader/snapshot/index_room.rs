//! Room for an [`IndexColumn`](crate::graph::IndexColumn): some rows at a time, as several threads fill it.

use crate::graph::index_column::{APART, NARROW};
use crate::reader::numbers::Kernel;

/// The part of the column that belongs to some rows.
#[derive(Debug, Default)]
pub(super) struct IndexRoom<'c>(pub(super) &'c mut [u8]);

impl IndexRoom<'_> {
    /// Cuts the first `rows` rows off.
    pub(super) fn split_off(&mut self, rows: usize) -> Self {
        let len = (rows * NARROW).min(self.0.len());
        Self(self.0.split_off_mut(..len).unwrap_or_default())
    }

    /// Fills it with `indexes`, the first of which belongs to `row`. Those that stand apart are added to
    /// `large`. Returns the highest.
    pub(super) fn write(self, kernel: Kernel, row: u32, indexes: &[u32], large: &mut Vec<(u32, u32)>) -> u32 {
        kernel.pack(indexes, self.0);
        let highest = kernel.run(|| indexes.iter().copied().fold(0, u32::max));
        if highest >= APART {
            large.extend((row..).zip(indexes.iter().copied()).filter(|(_, index)| *index >= APART));
        }
        highest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::IndexColumn;
    use crate::reader::numbers::tests::kernels;
    use crate::testing::Random;

    #[test]
    fn a_column_filled_in_parts_by_any_kernel_is_the_same() {
        let mut random = Random(6);
        for kernel in kernels() {
            for len in (0..200).chain([5000]) {
                let indexes: Vec<u32> = (0..len)
                    .map(|i| {
                        if i % 70 == 7 {
                            APART - 1 + random.below(3)
                        } else {
                            random.below(1 << 24) >> random.below(24)
                        }
                    })
                    .collect();
                let mut bytes = vec![0; IndexColumn::bytes_for(indexes.len())];
                let mut large = Vec::new();
                let mut room = IndexRoom(&mut bytes);
                let mut row = 0;
                while row < len {
                    let end = len.min(row + 1 + random.below(300));
                    let part = &indexes[row as usize..end as usize];
                    room.split_off(part.len()).write(kernel, row, part, &mut large);
                    row = end;
                }
                assert_eq!(IndexColumn::new(bytes, large), IndexColumn::from(indexes), "{kernel:?}, {len}");
            }
        }
    }
}
