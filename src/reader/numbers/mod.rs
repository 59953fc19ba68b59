//! Runs of unsigned integers: finding where each begins, checking the commas between them, and
//! turning digits into values many at a time.
//!
//! [`portable`] does all of that on any processor, and says how; where there is AVX2 or AVX-512,
//! [`avx2`] and [`avx512`] do the same with fewer instructions. Which of them works is a [`Kernel`].

mod avx2;
mod avx512;
mod pack;
mod portable;
mod vectors;

pub(in crate::reader) use portable::{
    Count, OutOfTurn, PADDING, Rows, Starts, modulo, out_of_turn, start_of_last, store_long, value_at,
};

use crate::graph::index_column::NARROW;
use avx2::Avx2;
use avx512::Avx512;

/// Which instructions do the work.
#[derive(Debug, Clone, Copy)]
pub(in crate::reader) enum Kernel {
    /// Those every processor has.
    Portable,
    /// Vectors of 32 bytes.
    Avx2(Avx2),
    /// Vectors of 64 bytes.
    Avx512(Avx512),
}

impl Kernel {
    /// The fastest one that runs here.
    pub(in crate::reader) fn fastest() -> Self {
        let kernel = Avx512::detect().map(Self::Avx512);
        kernel.or_else(|| Avx2::detect().map(Self::Avx2)).unwrap_or(Self::Portable)
    }

    /// Counts the numbers in `text[..to]`.
    pub(in crate::reader) fn count(self, text: &[u8], to: usize) -> Count {
        assert!(text.len() >= to + PADDING);
        match self {
            Self::Portable => portable::count(text, to, portable::classify),
            Self::Avx2(avx2) => avx2.count(text, to),
            Self::Avx512(avx512) => avx512.count(text, to),
        }
    }

    /// Appends where each number in `text[from..to]` begins; `from` is where the last call ended.
    /// The stretch holds nothing but digits, commas and white space, as [`Kernel::count`] found.
    pub(in crate::reader) fn find(
        self,
        text: &[u8],
        from: usize,
        to: usize,
        starts: &mut Starts,
    ) -> Result<(), OutOfTurn> {
        assert!(text.len() >= to + PADDING && u32::try_from(to).is_ok());
        match self {
            Self::Portable => portable::find_by_bits(text, from, to, starts),
            Self::Avx2(avx2) => avx2.find(text, from, to, starts),
            Self::Avx512(avx512) => avx512.find(text, from, to, starts),
        }
    }

    /// The values of one field of `rows`, as many as there is room for in `out`. False if one of
    /// them is 2^32 or more; then `out` means nothing.
    pub(in crate::reader) fn convert(self, text: &[u8], rows: Rows<'_>, field: usize, out: &mut [u32]) -> bool {
        assert!(text.len() >= rows.end() + PADDING && field < rows.width && out.len() == rows.len());
        match self {
            Self::Portable => portable::convert(text, rows, field, out),
            Self::Avx2(avx2) => avx2.convert(text, rows, field, out),
            Self::Avx512(avx512) => avx512.convert(text, rows, field, out),
        }
    }

    /// Writes `indexes` to `out` as an [`IndexColumn`](crate::graph::IndexColumn) has them.
    pub(in crate::reader) fn pack(self, indexes: &[u32], out: &mut [u8]) {
        assert_eq!(out.len(), NARROW * indexes.len());
        match self {
            Self::Portable => pack::pack(indexes, out),
            Self::Avx2(avx2) => avx2.pack(indexes, out),
            Self::Avx512(avx512) => avx512.pack(indexes, out),
        }
    }

    /// How many bytes from `at` on are plain text within a JSON string: ASCII, and neither quote nor
    /// backslash nor a control character below U+0020.
    pub(in crate::reader) fn plain_text(self, text: &[u8], at: usize) -> usize {
        match self {
            Self::Portable => portable::plain_text(text, at),
            Self::Avx2(avx2) => avx2.plain_text(text, at),
            Self::Avx512(avx512) => avx512.plain_text(text, at),
        }
    }

    /// Runs `work`, compiled for this kernel's instructions where it is inlined: for plain loops
    /// that compilers turn into vector instructions by themselves.
    #[inline(always)]
    pub(in crate::reader) fn run<R>(self, work: impl FnOnce() -> R) -> R {
        match self {
            Self::Portable => work(),
            Self::Avx2(avx2) => avx2.run(work),
            Self::Avx512(avx512) => avx512.run(work),
        }
    }
}

#[cfg(test)]
pub(in crate::reader) mod tests {
    use super::portable::classify;
    use super::*;
    use crate::reader::json::is_white_space;
    use proptest::prelude::*;

    pub(in crate::reader) fn kernels() -> Vec<Kernel> {
        let vectors = [Avx2::detect().map(Kernel::Avx2), Avx512::detect().map(Kernel::Avx512)];
        [Kernel::Portable].into_iter().chain(vectors.into_iter().flatten()).collect()
    }

    fn padded(text: &str) -> Vec<u8> {
        [text.as_bytes(), &[b'7'; PADDING]].concat()
    }

    /// Values and beginnings of the numbers in `text`, scanned `step` bytes at a time.
    fn read(kernel: Kernel, text: &str, step: usize) -> Result<(Vec<u32>, Vec<u32>), OutOfTurn> {
        let bytes = [text.as_bytes(), b"]", &[b'7'; PADDING]].concat();
        assert_eq!(kernel.count(&bytes, bytes.len() - PADDING).foreign, Some(text.len()));
        let mut starts = Starts::default();
        let mut from = 0;
        while from < text.len() {
            let to = (from + step).min(text.len());
            kernel.find(&bytes, from, to, &mut starts)?;
            from = to;
        }
        let rows = starts.rows(1, usize::MAX);
        let mut values = vec![0; rows.len()];
        assert!(kernel.convert(&bytes, rows, 0, &mut values));
        Ok((values, rows.starts.to_vec()))
    }

    #[test]
    fn numbers_of_every_length_are_read() {
        let numbers = [0, 7, 10, 99, 123, 9_999, 12_345, 999_999, 1_234_567, 12_345_678, 99_999_999];
        let long = [
            100_000_000,
            123_456_789,
            999_999_999,
            1_000_000_000,
            4_294_967_099,
            4_294_967_100,
            4_294_967_199,
            4_294_967_200,
            4_294_967_290,
            u32::MAX,
        ];
        for kernel in kernels() {
            let all: Vec<u32> = numbers.iter().chain(&long).chain(&numbers).copied().collect();
            let text = all.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
            assert_eq!(read(kernel, &text, 8192).unwrap().0, all, "{kernel:?}");
        }
    }

    #[test]
    fn zeros_before_a_number_do_not_count() {
        for kernel in kernels() {
            let text = "00000007,000000000000012,0000000012,1,0000000000,2,3,000000123,00000000000";
            assert_eq!(read(kernel, text, 8192).unwrap().0, [7, 12, 12, 1, 0, 2, 3, 123, 0], "{kernel:?}");
        }
    }

    #[test]
    fn a_number_past_32_bits_does_not_fit() {
        for kernel in kernels() {
            for text in ["4294967296", "9999999999", "10000000000", "123456789012345678901234567890"] {
                let bytes = padded(&format!("1,2,3,{text},5,6,7,8,9,"));
                let mut starts = Starts::default();
                kernel.find(&bytes, 0, bytes.len() - PADDING, &mut starts).unwrap();
                let rows = starts.rows(1, 9);
                assert!(!kernel.convert(&bytes, rows, 0, &mut [0; 9]), "{kernel:?} {text}");
            }
        }
    }

    #[test]
    fn commas_and_numbers_must_take_turns() {
        for kernel in kernels() {
            for text in ["1,,2", ",1", "1 2", "1\n\n2,3", "1, ,2"] {
                for before in ["", "1,", &"123,".repeat(40)] {
                    let text = format!("{before}{text}");
                    for step in [1, 7, 64, 8192] {
                        assert_eq!(read(kernel, &text, step), Err(OutOfTurn), "{kernel:?} {text:?} {step}");
                    }
                    assert!(out_of_turn(text.as_bytes(), text.len()).is_some());
                }
            }
        }
    }

    #[test]
    fn counting_stops_at_the_first_foreign_byte() {
        for kernel in kernels() {
            for foreign in ["]", "-", ".", "e", "\0", "\u{7f}", "é", "/", ":", "\u{b}"] {
                for before in 0..70 {
                    let text = format!("{}12{foreign}34,5", "7,".repeat(before));
                    let bytes = padded(&text);
                    let found = kernel.count(&bytes, text.len());
                    let expected = Count { numbers: before + 1, foreign: Some(2 * before + 2) };
                    assert_eq!(found, expected, "{kernel:?} {foreign:?}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn all_kernels_read_what_splitting_at_commas_reads(
            numbers in prop::collection::vec(prop_oneof![0..10u32, 0..100_000u32, any::<u32>()], 1..200),
            spaces in prop::collection::vec(prop::sample::select(vec!["", "", "", " ", "\n", "\r\n", "\t   "]), 1..9),
            step in 1..300usize,
        ) {
            let mut text = String::new();
            let mut beginnings = Vec::new();
            let mut spaces = spaces.iter().cycle();
            for (i, n) in numbers.iter().enumerate() {
                text += if i > 0 { "," } else { "" };
                text += spaces.next().unwrap();
                beginnings.push(u32::try_from(text.len()).unwrap());
                text += &n.to_string();
                text += spaces.next().unwrap();
            }
            for kernel in kernels() {
                let (values, starts) = read(kernel, &text, step).unwrap();
                prop_assert_eq!(&values, &numbers);
                prop_assert_eq!(&starts, &beginnings);
                let bytes = padded(&text);
                prop_assert_eq!(kernel.count(&bytes, text.len()), Count { numbers: numbers.len(), foreign: None });
            }
        }

        #[test]
        fn bytes_are_classified_alike(bytes in prop::collection::vec(any::<u8>(), 64)) {
            let bytes: [u8; 64] = bytes.try_into().unwrap();
            let bits = |is: fn(&u8) -> bool| {
                bytes.iter().rev().fold(0, |bits, b| bits << 1 | u64::from(is(b)))
            };
            let block = classify(&bytes);
            prop_assert_eq!(block.digits, bits(u8::is_ascii_digit));
            prop_assert_eq!(block.commas, bits(|b| *b == b','));
            prop_assert_eq!(block.white, bits(|b| is_white_space(*b)));
        }
    }
}
