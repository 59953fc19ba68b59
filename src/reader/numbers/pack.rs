//! Indexes in three bytes each, as an [`IndexColumn`](crate::graph::IndexColumn) has them.

use crate::graph::index_column::{APART, NARROW};

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
