//! Room for an [`IndexColumn`](crate::graph::IndexColumn): some rows at a time, as several threads fill it.

use super::numbers::Kernel;
use crate::graph::index_column::{APART, NARROW};

/// The part of the column that belongs to some rows.
#[derive(Debug, Default)]
pub(super) struct IndexRoom<'c>(pub(super) &'c mut [u8]);

impl IndexRoom<'_> {
    /// Cuts the first `rows` rows off.
    pub(super) fn split_off(&mut self, rows: usize) -> Self {
        let len = (rows * NARROW).min(self.0.len());
        Self(self.0.split_off_mut(..len).unwrap_or_default())
    }

    /// Fills it with `indexes`, of which `row` has the first. Those that stand apart are added to
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

/// Writes `indexes` to `out`, `N` at a time: `write` is given those and `ROOM` places, of which it may
/// fill more than are theirs, as the next ones begin there. [`pack`] writes the last ones.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(super) fn pack_together<const N: usize, const ROOM: usize>(
    indexes: &[u32],
    out: &mut [u8],
    write: impl Fn(&[u32; N], &mut [u8; ROOM]),
) {
    let mut done = 0;
    for together in indexes.as_chunks::<N>().0 {
        let Some(out) = out.get_mut(NARROW * done..).and_then(<[u8]>::first_chunk_mut) else { break };
        write(together, out);
        done += N;
    }
    pack(&indexes[done..], &mut out[NARROW * done..]);
}

/// Writes `indexes` to `out`, four at a time, as three whole words.
#[inline(always)]
pub(super) fn pack(indexes: &[u32], out: &mut [u8]) {
    let (fours, rest) = out.as_chunks_mut::<{ 4 * NARROW }>();
    let (four_indexes, last) = indexes.as_chunks::<4>();
    for (to, indexes) in fours.iter_mut().zip(four_indexes) {
        let [a, b, c, d] = indexes.map(|index| index.min(APART));
        let words = [a | b << 24, b >> 8 | c << 16, c >> 16 | d << 8];
        let (to, _) = to.as_chunks_mut::<4>();
        to.iter_mut().zip(words).for_each(|(to, word)| *to = word.to_le_bytes());
    }
    for (to, &index) in rest.chunks_exact_mut(NARROW).zip(last) {
        to.copy_from_slice(&index.min(APART).to_le_bytes()[..NARROW]);
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
