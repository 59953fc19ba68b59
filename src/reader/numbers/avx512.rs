//! [`super::portable`] with vectors of 64 bytes, where the processor has them: comparing gives words
//! of bits at once, and positions are squeezed out of them by one instruction.

#![allow(unsafe_code, reason = "vector instructions must be known to exist, and their loads take pointers")]

#[cfg(not(target_arch = "x86_64"))]
pub(super) use super::vectors::Absent as Avx512;
#[cfg(target_arch = "x86_64")]
pub(super) use instructions::Avx512;

#[cfg(target_arch = "x86_64")]
mod instructions {
    use super::super::avx2::{Avx2, plain_text, run};
    use super::super::pack::pack_together;
    use super::super::portable::{self, Block, Count, HIGHEST_OF_TEN, OutOfTurn, Rows, Starts};
    use super::super::vectors::kernel;
    use crate::graph::index_column::APART;
    use std::arch::x86_64::*;

    kernel!(
        Avx512,
        Avx2::detect().is_some()
            && is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512vbmi")
            && is_x86_feature_detected!("avx512vbmi2")
            && is_x86_feature_detected!("avx512vpopcntdq")
            && is_x86_feature_detected!("pclmulqdq")
    );

    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,bmi1,bmi2,popcnt,lzcnt")]
    fn count(text: &[u8], to: usize) -> Count {
        portable::count(text, to, |bytes| classify(bytes))
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi2,pclmulqdq,bmi1,bmi2,popcnt,lzcnt")]
    fn find(text: &[u8], from: usize, to: usize, starts: &mut Starts) -> Result<(), OutOfTurn> {
        portable::find(
            text,
            from,
            to,
            starts,
            |bytes| classify(bytes),
            |bits| prefix_xor(bits),
            |bits, base, out| write_positions(bits, base, out),
        )
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn classify(bytes: &[u8; 64]) -> Block {
        // SAFETY: there are 64 bytes, and the load needs no alignment.
        let bytes = unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) };
        let equals = |byte: u8| _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(byte.cast_signed()));
        let values = _mm512_sub_epi8(bytes, _mm512_set1_epi8(b'0'.cast_signed()));
        let digits = _mm512_cmple_epu8_mask(values, _mm512_set1_epi8(9));
        let commas = equals(b',');
        let white = match digits | commas {
            u64::MAX => 0,
            _ => equals(b' ') | equals(b'\t') | equals(b'\n') | equals(b'\r'),
        };
        Block { digits, commas, white }
    }

    /// A product without carries by all ones adds up, for each bit, all the bits up to it.
    #[inline]
    #[target_feature(enable = "pclmulqdq,sse2")]
    fn prefix_xor(bits: u64) -> u64 {
        let bits = _mm_set_epi64x(0, bits.cast_signed());
        _mm_cvtsi128_si64(_mm_clmulepi64_si128::<0>(bits, _mm_set1_epi8(-1))).cast_unsigned()
    }

    /// As [`portable::write_positions`], sixteen at a time.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,popcnt")]
    fn write_positions(bits: u64, base: u32, out: &mut [u32; 64]) -> usize {
        const POSITIONS: [u8; 64] = {
            let mut positions = [0; 64];
            let mut i = 0u8;
            while i < 64 {
                positions[i as usize] = i;
                i += 1;
            }
            positions
        };
        let count = bits.count_ones() as usize;
        // SAFETY: there are 64 positions, and the load needs no alignment.
        let positions = unsafe { _mm512_loadu_si512(POSITIONS.as_ptr().cast()) };
        let found = _mm512_maskz_compress_epi8(bits, positions);
        let base = _mm512_set1_epi32(base.cast_signed());
        let mut write = |at: usize, sixteen: __m128i| {
            let positions = _mm512_add_epi32(_mm512_cvtepu8_epi32(sixteen), base);
            let out: &mut [u32] = &mut out[at..at + 16];
            // SAFETY: there are sixteen places in `out`.
            unsafe { _mm512_storeu_si512(out.as_mut_ptr().cast(), positions) };
        };
        write(0, _mm512_castsi512_si128(found));
        if count > 16 {
            write(16, _mm512_extracti32x4_epi32::<1>(found));
            if count > 32 {
                write(32, _mm512_extracti32x4_epi32::<2>(found));
                write(48, _mm512_extracti32x4_epi32::<3>(found));
            }
        }
        count
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vpopcntdq,bmi1,bmi2,popcnt,lzcnt")]
    fn convert(text: &[u8], rows: Rows<'_>, field: usize, out: &mut [u32]) -> bool {
        portable::convert_together(text, rows, field, out, |starts: &[usize; 16], out: &mut [u32; 16]| {
            // SAFETY: `rows` holds only offsets below its end, and `Kernel::convert` has checked
            // that the text goes on for 64 bytes after that.
            let (first, second) = unsafe { (load_eight(text, starts, 0, 0), load_eight(text, starts, 0, 2)) };
            let (mut values, lengths) = convert_sixteen(first, second);
            let is_eight = _mm512_cmpeq_epi32_mask(lengths, _mm512_set1_epi32(8));
            let mut is_done = true;
            if is_eight != 0 {
                // SAFETY: as above, of the 64 bytes these take eight more.
                let (first, second) = unsafe { (load_eight(text, starts, 8, 0), load_eight(text, starts, 8, 2)) };
                (values, is_done) = append_digits(values, is_eight, convert_sixteen(first, second));
            }
            // SAFETY: there are sixteen values in `out`.
            unsafe { _mm512_storeu_si512(out.as_mut_ptr().cast(), values) };
            is_done
        })
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
    fn pack(indexes: &[u32], out: &mut [u8]) {
        const LOWEST_THREE: [u8; 64] = {
            let mut bytes = [0; 64];
            let mut i = 0u8;
            while i < 48 {
                bytes[i as usize] = i / 3 * 4 + i % 3;
                i += 1;
            }
            bytes
        };
        // SAFETY: there are 64 places, and the load needs no alignment.
        let places = unsafe { _mm512_loadu_si512(LOWEST_THREE.as_ptr().cast()) };
        pack_together(indexes, out, |indexes: &[u32; 16], out: &mut [u8; 64]| {
            // SAFETY: there are sixteen indexes, and the load needs no alignment.
            let indexes = unsafe { _mm512_loadu_si512(indexes.as_ptr().cast()) };
            let indexes = _mm512_min_epu32(indexes, _mm512_set1_epi32(APART.cast_signed()));
            let packed = _mm512_permutexvar_epi8(places, indexes);
            // SAFETY: there are 64 places in `out`.
            unsafe { _mm512_storeu_si512(out.as_mut_ptr().cast(), packed) };
        });
    }

    /// Eight bytes each from every other pair of the places, which is the order that
    /// [`convert_sixteen`] needs.
    ///
    /// # Safety
    /// All places must have `skip` and eight more bytes in `text`.
    #[inline]
    #[target_feature(enable = "avx512f")]
    unsafe fn load_eight(text: &[u8], starts: &[usize; 16], skip: usize, from: usize) -> __m512i {
        // SAFETY: the caller has promised that.
        let load = |i: usize| unsafe { text.as_ptr().add(starts[from + i] + skip).cast::<i64>().read_unaligned() };
        _mm512_set_epi64(load(13), load(12), load(9), load(8), load(5), load(4), load(1), load(0))
    }

    /// Appends up to two more digits, `rest` with their value and number, to those values that have
    /// eight already. Returns the values, and false if one has more digits or may pass 2^32.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn append_digits(values: __m512i, is_eight: __mmask16, rest: (__m512i, __m512i)) -> (__m512i, bool) {
        let (rest, lengths) = rest;
        let powers = _mm512_setr_epi32(1, 10, 100, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        let powers = _mm512_permutexvar_epi32(lengths, powers);
        let joined = _mm512_add_epi32(_mm512_mullo_epi32(values, powers), rest);
        let two = _mm512_set1_epi32(2);
        let is_high = _mm512_cmpgt_epu32_mask(values, _mm512_set1_epi32(HIGHEST_OF_TEN.cast_signed()));
        let is_refused = _mm512_cmpgt_epi32_mask(lengths, two) | (_mm512_cmpeq_epi32_mask(lengths, two) & is_high);
        (_mm512_mask_mov_epi32(values, is_eight, joined), is_refused & is_eight == 0)
    }

    /// The numbers at the beginning of sixteen words: of each four, `first` has two and `second`
    /// the others. Returns the values of their first eight digits, and how many digits those are.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vpopcntdq")]
    fn convert_sixteen(first: __m512i, second: __m512i) -> (__m512i, __m512i) {
        let (first, first_len) = align_digits(first);
        let (second, second_len) = align_digits(second);
        let tens = _mm512_set1_epi16(1 << 8 | 10);
        let hundreds = _mm512_set1_epi32(1 << 16 | 100);
        let fours = |digits| _mm512_madd_epi16(_mm512_maddubs_epi16(digits, tens), hundreds);
        let fours = _mm512_packus_epi32(fours(first), fours(second));
        let values = _mm512_madd_epi16(fours, _mm512_set1_epi32(1 << 16 | 10_000));
        // Words have their length in the low half only, and lose their high half in the packing.
        let lengths = _mm512_packus_epi32(first_len, second_len);
        (values, lengths)
    }

    /// The digits at the beginning of each word, moved to its end with zeros before them; and how
    /// many they are.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vpopcntdq")]
    fn align_digits(words: __m512i) -> (__m512i, __m512i) {
        let digits = _mm512_xor_si512(words, _mm512_set1_epi8(b'0'.cast_signed()));
        let others = _mm512_movm_epi8(_mm512_cmpgt_epi8_mask(digits, _mm512_set1_epi8(9)));
        // All bits below the lowest one that is set in `others`.
        let before = _mm512_andnot_si512(others, _mm512_add_epi64(others, _mm512_set1_epi64(-1)));
        let bits = _mm512_popcnt_epi64(before);
        let shift = _mm512_sub_epi64(_mm512_set1_epi64(64), bits);
        (_mm512_sllv_epi64(digits, shift), _mm512_srli_epi64::<3>(bits))
    }
}
