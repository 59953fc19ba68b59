//! Hashes of texts that stand in pieces: of two that are put together the hash follows from theirs,
//! so that nobody needs to put them together.

use crate::graph::{StringIndex, Strings};
use crate::progress::{Cancelled, Stage};
use crate::text::Text;
use rayon::prelude::*;

/// What the hash of a text is multiplied by for each byte that follows. Odd, else the first bytes
/// would be lost; otherwise any number.
const BASE: u64 = 0x5851_F42D_4C95_7F2D;

/// Spreads differences over the upper bits, which are taken in the end.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// How many bytes are taken at a time.
const STRIDE: usize = 8;

/// The powers of [`BASE`], from that for no byte on.
const POWERS: [u64; STRIDE + 1] = {
    let mut powers = [1u64; STRIDE + 1];
    let mut i = 1;
    while i <= STRIDE {
        powers[i] = powers[i - 1].wrapping_mul(BASE);
        i += 1;
    }
    powers
};

/// The hash of a text: its bytes are the digits of a number, modulo 2^64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::analysis) struct RopeHash(u64);

impl RopeHash {
    pub(in crate::analysis) fn of(text: Text<'_>) -> Self {
        let mut hash = 0u64;
        let mut strides = text.as_bytes().chunks_exact(STRIDE);
        // The products of a stride do not wait for each other.
        for stride in &mut strides {
            let digits = stride.iter().enumerate();
            let sum = digits.fold(0u64, |sum, (i, &b)| sum.wrapping_add(digit(b).wrapping_mul(POWERS[STRIDE - 1 - i])));
            hash = hash.wrapping_mul(POWERS[STRIDE]).wrapping_add(sum);
        }
        let rest = strides.remainder().iter();
        Self(rest.fold(hash, |hash, &b| hash.wrapping_mul(BASE).wrapping_add(digit(b))))
    }

    /// The hash of a text followed by one of `len` bytes with the hash `next`.
    #[inline]
    pub(in crate::analysis) fn followed_by(self, next: Self, len: usize) -> Self {
        let power = match POWERS.get(len) {
            Some(&power) => power,
            None => power(len),
        };
        Self(self.0.wrapping_mul(power).wrapping_add(next.0))
    }

    /// The hash of the text with something else that tells it from others of the same text.
    pub(in crate::analysis) fn marked(self, mark: u64) -> Self {
        Self((self.0 ^ mark).wrapping_mul(SPREAD).rotate_left(32) ^ mark)
    }

    /// As good a hash as there is in 32 bits.
    #[inline]
    pub(in crate::analysis) fn finish(self) -> u32 {
        let hash = (self.0 ^ self.0 >> 32).wrapping_mul(SPREAD);
        (hash >> 32) as u32
    }
}

/// No byte is nothing: a text of zeros is longer than another.
fn digit(byte: u8) -> u64 {
    u64::from(byte) + 1
}

/// [`BASE`] to the power of `exponent`.
fn power(mut exponent: usize) -> u64 {
    let (mut power, mut square) = (1u64, BASE);
    while exponent > 0 {
        if exponent % 2 == 1 {
            power = power.wrapping_mul(square);
        }
        square = square.wrapping_mul(square);
        exponent /= 2;
    }
    power
}

/// What is known of the strings in the table.
pub(in crate::analysis) struct StringHashes {
    /// The hash of every string, by position.
    pub(in crate::analysis) all: Vec<RopeHash>,
    /// Strings that begin with the second half of a surrogate pair, ascending: behind one that ends
    /// with the first half they are not what they are for themselves.
    pub(in crate::analysis) cut: Vec<StringIndex>,
}

/// Hashes every string.
pub(in crate::analysis) fn hash_all(strings: &Strings, stage: &Stage) -> Result<StringHashes, Cancelled> {
    const CHUNK: usize = 1 << 14;
    let mut all = vec![RopeHash::default(); strings.len()];
    let cut = all.par_chunks_mut(CHUNK).enumerate().map(|(i, chunk)| {
        stage.check()?;
        let mut cut = Vec::new();
        for (hash, at) in chunk.iter_mut().zip((i * CHUNK) as u32..) {
            let text = strings.get(StringIndex(at));
            *hash = RopeHash::of(text);
            if let [0xED, 0xB0..=0xBF, ..] = text.as_bytes() {
                cut.push(StringIndex(at));
            }
        }
        Ok(cut)
    });
    let cut = cut.collect::<Result<Vec<_>, Cancelled>>()?.concat();
    Ok(StringHashes { all, cut })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_a_text_follows_from_those_of_its_pieces() {
        let text: Vec<u8> = (0..100u8).map(|i| i.wrapping_mul(89)).collect();
        let of = |range: std::ops::Range<usize>| RopeHash::of(Text(&text[range]));
        for end in 0..text.len() {
            for cut in 0..=end {
                assert_eq!(of(0..cut).followed_by(of(cut..end), end - cut), of(0..end), "{cut} of {end}");
            }
        }
        assert_eq!(of(3..3), RopeHash::default());
    }

    #[test]
    fn texts_that_differ_little_have_different_hashes() {
        let mut hashes: Vec<u32> =
            (0..10_000).map(|i| RopeHash::of(Text::from(&*format!("key{i}"))).finish()).collect();
        hashes.extend((1..100).map(|len| RopeHash::of(Text(&vec![0; len])).finish()));
        hashes.push(RopeHash::of(Text::from("key1")).marked(1).finish());
        let count = hashes.len();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), count);
    }
}
