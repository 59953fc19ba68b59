//! [`super::portable`] with vectors of 32 bytes, where the processor has them.

#![allow(unsafe_code, reason = "vector instructions must be known to exist, and their loads take pointers")]

#[cfg(not(target_arch = "x86_64"))]
pub(super) use super::vectors::Absent as Avx2;
#[cfg(target_arch = "x86_64")]
pub(super) use instructions::{Avx2, plain_text, run};

#[cfg(target_arch = "x86_64")]
mod instructions {
    use super::super::pack::pack_together;
    use super::super::portable::{self, Block, Count, HIGHEST_OF_TEN, OutOfTurn, Rows, Starts};
    use super::super::vectors::kernel;
    use crate::graph::index_column::APART;
    use std::arch::x86_64::*;

    kernel!(
        Avx2,
        is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("popcnt")
            && is_x86_feature_detected!("lzcnt")
    );

    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt")]
    pub(in super::super) fn run<R>(work: impl FnOnce() -> R) -> R {
        work()
    }

    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt")]
    fn count(text: &[u8], to: usize) -> Count {
        portable::count(text, to, |bytes| classify(bytes))
    }

    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt")]
    fn find(text: &[u8], from: usize, to: usize, starts: &mut Starts) -> Result<(), OutOfTurn> {
        portable::find(text, from, to, starts, |bytes| classify(bytes), portable::prefix_xor, portable::write_positions)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn classify(bytes: &[u8; 64]) -> Block {
        let (low, high) = bytes.split_at(32);
        // SAFETY: both halves have 32 bytes, and the loads need no alignment.
        let (low, high) =
            unsafe { (_mm256_loadu_si256(low.as_ptr().cast()), _mm256_loadu_si256(high.as_ptr().cast())) };
        let digits = bits(is_digit(low)) | bits(is_digit(high)) << 32;
        let commas = bits(equals(low, b',')) | bits(equals(high, b',')) << 32;
        let white = if digits | commas == u64::MAX { 0 } else { bits(is_white(low)) | bits(is_white(high)) << 32 };
        Block { digits, commas, white }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn bits(bytes: __m256i) -> u64 {
        u64::from(_mm256_movemask_epi8(bytes).cast_unsigned())
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn equals(bytes: __m256i, byte: u8) -> __m256i {
        _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(byte.cast_signed()))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn is_digit(bytes: __m256i) -> __m256i {
        let values = _mm256_sub_epi8(bytes, _mm256_set1_epi8(b'0'.cast_signed()));
        _mm256_cmpeq_epi8(_mm256_min_epu8(values, _mm256_set1_epi8(9)), values)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn is_white(bytes: __m256i) -> __m256i {
        let blanks = _mm256_or_si256(equals(bytes, b' '), equals(bytes, b'\t'));
        let breaks = _mm256_or_si256(equals(bytes, b'\n'), equals(bytes, b'\r'));
        _mm256_or_si256(blanks, breaks)
    }

    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt")]
    fn convert(text: &[u8], rows: Rows<'_>, field: usize, out: &mut [u32]) -> bool {
        portable::convert_together(text, rows, field, out, |starts: &[usize; 8], out: &mut [u32; 8]| {
            // SAFETY: `rows` holds only offsets below its end, and `Kernel::convert` has checked
            // that the text goes on for 64 bytes after that.
            let (first, second) = unsafe { (load_four(text, starts, 0, 0), load_four(text, starts, 0, 2)) };
            let (mut values, lengths) = convert_eight(first, second);
            let is_eight = _mm256_cmpeq_epi32(lengths, _mm256_set1_epi32(8));
            let mut is_done = true;
            if _mm256_testz_si256(is_eight, is_eight) == 0 {
                // SAFETY: as above, of the 64 bytes these take eight more.
                let (first, second) = unsafe { (load_four(text, starts, 8, 0), load_four(text, starts, 8, 2)) };
                (values, is_done) = append_digits(values, is_eight, convert_eight(first, second));
            }
            // SAFETY: there are eight values in `out`.
            unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), values) };
            is_done
        })
    }

    #[target_feature(enable = "avx2")]
    fn pack(indexes: &[u32], out: &mut [u8]) {
        let lowest_three = _mm256_setr_epi8(
            0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1,
            -1,
        );
        pack_together(indexes, out, |indexes: &[u32; 8], out: &mut [u8; 28]| {
            // SAFETY: there are eight indexes, and the load needs no alignment.
            let indexes = unsafe { _mm256_loadu_si256(indexes.as_ptr().cast()) };
            let indexes = _mm256_min_epu32(indexes, _mm256_set1_epi32(APART.cast_signed()));
            let packed = _mm256_shuffle_epi8(indexes, lowest_three);
            let (first, second) = (_mm256_castsi256_si128(packed), _mm256_extracti128_si256::<1>(packed));
            // SAFETY: the stores take the places 0 to 16 and 12 to 28 of `out`.
            unsafe {
                _mm_storeu_si128(out.as_mut_ptr().cast(), first);
                _mm_storeu_si128(out.as_mut_ptr().add(12).cast(), second);
            }
        });
    }

    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt")]
    pub(in super::super) fn plain_text(text: &[u8], at: usize) -> usize {
        let mut here = at;
        while let Some(block) = text.get(here..).and_then(<[u8]>::first_chunk::<32>) {
            // SAFETY: the block has 32 bytes, and the load needs no alignment.
            let bytes = unsafe { _mm256_loadu_si256(block.as_ptr().cast()) };
            // As signed bytes, everything that is not ASCII is below the space too.
            let below = _mm256_cmpgt_epi8(_mm256_set1_epi8(b' '.cast_signed()), bytes);
            let marks = _mm256_or_si256(equals(bytes, b'"'), equals(bytes, b'\\'));
            let special = bits(_mm256_or_si256(below, marks));
            if special != 0 {
                return here - at + special.trailing_zeros() as usize;
            }
            here += 32;
        }
        here - at + portable::plain_text(text, here)
    }

    /// Eight bytes each from four of the places, in the order in which [`convert_eight`] needs them.
    ///
    /// # Safety
    /// All places must have `skip` and eight more bytes in `text`.
    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn load_four(text: &[u8], starts: &[usize; 8], skip: usize, from: usize) -> __m256i {
        // SAFETY: the caller has promised that.
        let load = |i: usize| unsafe { text.as_ptr().add(starts[from + i] + skip).cast::<i64>().read_unaligned() };
        _mm256_set_epi64x(load(5), load(4), load(1), load(0))
    }

    /// Appends up to two more digits, `rest` with their value and number, to those values that have
    /// eight already: as many nodes as fit a graph end in ten-digit targets. Returns the values, and
    /// false if one has more digits or may pass 2^32.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn append_digits(values: __m256i, is_eight: __m256i, rest: (__m256i, __m256i)) -> (__m256i, bool) {
        let (rest, lengths) = (_mm256_and_si256(rest.0, is_eight), _mm256_and_si256(rest.1, is_eight));
        let powers = _mm256_permutevar8x32_epi32(_mm256_setr_epi32(1, 10, 100, 0, 0, 0, 0, 0), lengths);
        let joined = _mm256_add_epi32(_mm256_mullo_epi32(values, powers), rest);
        let two = _mm256_set1_epi32(2);
        let is_high = _mm256_cmpgt_epi32(values, _mm256_set1_epi32(HIGHEST_OF_TEN.cast_signed()));
        let may_pass = _mm256_and_si256(_mm256_cmpeq_epi32(lengths, two), is_high);
        let refused = _mm256_or_si256(_mm256_cmpgt_epi32(lengths, two), may_pass);
        (joined, _mm256_testz_si256(refused, refused) != 0)
    }

    /// The numbers at the beginning of eight words: `first` has words 0, 1, 4, 5 and `second` the
    /// rest. Returns the values of their first eight digits, and how many digits those are.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn convert_eight(first: __m256i, second: __m256i) -> (__m256i, __m256i) {
        let (first, first_len) = align_digits(first);
        let (second, second_len) = align_digits(second);
        let tens = _mm256_set1_epi16(1 << 8 | 10);
        let hundreds = _mm256_set1_epi32(1 << 16 | 100);
        let fours = |digits| _mm256_madd_epi16(_mm256_maddubs_epi16(digits, tens), hundreds);
        let fours = _mm256_packus_epi32(fours(first), fours(second));
        let values = _mm256_madd_epi16(fours, _mm256_set1_epi32(1 << 16 | 10_000));
        let lengths = _mm256_packus_epi32(first_len, second_len);
        (values, lengths)
    }

    /// The digits at the beginning of each word, moved to its end with zeros before them; and how
    /// many they are.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn align_digits(words: __m256i) -> (__m256i, __m256i) {
        let digits = _mm256_xor_si256(words, _mm256_set1_epi8(b'0'.cast_signed()));
        let others = _mm256_cmpgt_epi8(digits, _mm256_set1_epi8(9));
        // All bits below the lowest one that is set in `others`.
        let before = _mm256_andnot_si256(others, _mm256_add_epi64(others, _mm256_set1_epi64x(-1)));
        let ones = _mm256_and_si256(before, _mm256_set1_epi8(1));
        let len = _mm256_sad_epu8(ones, _mm256_setzero_si256());
        let shift = _mm256_sub_epi64(_mm256_set1_epi64x(64), _mm256_slli_epi64::<3>(len));
        (_mm256_sllv_epi64(digits, shift), len)
    }
}
