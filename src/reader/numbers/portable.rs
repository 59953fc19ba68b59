//! Runs of unsigned integers: finding where each begins, checking the commas between them, and
//! turning digits into values many at a time.
//!
//! The plain idea: walk the bytes, collect digits. What makes it fast: 64 bytes become one word
//! with a bit for each digit; a number begins where a digit bit follows a zero bit, so counting
//! numbers is counting bits, and finding them is finding bits. Then eight bytes are loaded from
//! each beginning and their digits added up in pairs, fours and eights without a loop. What it
//! costs: a stretch of text handed to these functions must be followed by [`PADDING`] bytes.

use crate::reader::json::is_white_space;

/// How many bytes must follow any stretch that is scanned, whatever they are.
pub(in crate::reader) const PADDING: usize = 64;

/// What a run of numbers consists of up to some byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::reader) struct Count {
    /// How many numbers begin there.
    pub(in crate::reader) numbers: usize,
    /// The first byte that is neither digit, comma nor white space, if there is one.
    pub(in crate::reader) foreign: Option<usize>,
}

/// The commas and numbers of a run do not take turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::reader) struct OutOfTurn;

/// Where the numbers of a chunk of text begin, as far as it has been scanned and not yet used up.
#[derive(Debug, Default)]
pub(in crate::reader) struct Starts {
    /// Offsets from the beginning of the text; those from `len` on mean nothing.
    at: Vec<u32>,
    len: usize,
    /// All offsets are below this one.
    end: usize,
    /// The last byte was a digit.
    in_number: bool,
    /// The last of numbers and commas was a number.
    after_number: bool,
}

impl Starts {
    /// Forgets everything: another text begins.
    pub(in crate::reader) fn clear(&mut self) {
        *self = Self { at: std::mem::take(&mut self.at), ..Self::default() };
    }

    /// All whole rows of `width` numbers, `most` at most.
    pub(in crate::reader) fn rows(&self, width: usize, most: usize) -> Rows<'_> {
        let rows = (self.len / width).min(most);
        Rows { starts: &self.at[..rows * width], width, end: self.end }
    }

    /// Forgets the first `n` numbers.
    pub(in crate::reader) fn use_up(&mut self, n: usize) {
        self.at.copy_within(n..self.len, 0);
        self.len -= n;
    }

    /// How many numbers are left.
    pub(in crate::reader) fn len(&self) -> usize {
        self.len
    }

    /// Whether the text ended with a number, not with a comma.
    pub(in crate::reader) fn is_after_number(&self) -> bool {
        self.after_number
    }
}

/// Where the numbers of some whole rows begin.
#[derive(Debug, Clone, Copy)]
pub(in crate::reader) struct Rows<'s> {
    pub(in crate::reader) starts: &'s [u32],
    pub(in crate::reader) width: usize,
    /// All of them are below this offset. Only [`Starts`] makes values of this type, and
    /// [`super::avx2`] and [`super::avx512`] rely on it.
    end: usize,
}

impl<'s> Rows<'s> {
    /// All numbers begin below this offset.
    pub(super) fn end(self) -> usize {
        self.end
    }

    /// The number of rows.
    pub(in crate::reader) fn len(self) -> usize {
        self.starts.len() / self.width
    }

    /// The same rows, `n` at a time.
    pub(in crate::reader) fn chunks(self, n: usize) -> impl Iterator<Item = Self> {
        self.starts.chunks(n * self.width).map(move |starts| Self { starts, ..self })
    }

    /// Where the numbers of one field begin.
    pub(in crate::reader) fn field(self, field: usize) -> impl Iterator<Item = usize> + use<'s> {
        self.starts.iter().skip(field).step_by(self.width).map(|&s| s as usize)
    }
}

/// 64 bytes as bits, lowest bit first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) digits: u64,
    pub(super) commas: u64,
    pub(super) white: u64,
}

/// The 64 bytes from `at` on.
#[inline(always)]
fn block_at(text: &[u8], at: usize) -> &[u8; 64] {
    match text.get(at..).and_then(<[u8]>::first_chunk) {
        Some(block) => block,
        None => &[0; 64],
    }
}

#[inline(always)]
pub(super) fn count(text: &[u8], to: usize, classify: impl Fn(&[u8; 64]) -> Block) -> Count {
    let mut numbers = 0;
    let mut in_number = 0;
    let mut at = 0;
    while at < to {
        let block = classify(block_at(text, at));
        let inside = low_bits(to - at);
        let foreign = (!(block.digits | block.commas | block.white) & inside).trailing_zeros() as usize;
        let digits = block.digits & inside & low_bits(foreign);
        numbers += (digits & !(digits << 1 | in_number)).count_ones() as usize;
        if foreign < 64 {
            return Count { numbers, foreign: Some(at + foreign) };
        }
        in_number = digits >> 63;
        at += 64;
    }
    Count { numbers, foreign: None }
}

#[inline(always)]
#[allow(clippy::cast_possible_truncation, reason = "the caller has checked that offsets are below 2^32")]
pub(super) fn find(
    text: &[u8],
    from: usize,
    to: usize,
    starts: &mut Starts,
    classify: impl Fn(&[u8; 64]) -> Block,
    prefix_xor: impl Fn(u64) -> u64,
    write_positions: impl Fn(u64, u32, &mut [u32; 64]) -> usize,
) -> Result<(), OutOfTurn> {
    // At most every other byte begins a number, and the last block may write 64 at once.
    let room = starts.len + (to - from) / 2 + 128;
    if starts.at.len() < room {
        starts.at.resize(room, 0);
    }
    let mut len = starts.len;
    let mut in_number = u64::from(starts.in_number);
    let mut after_number = u64::from(starts.after_number);
    let mut at = from;
    while at < to {
        let block = classify(block_at(text, at));
        let inside = low_bits(to - at);
        let digits = block.digits & inside;
        let commas = block.commas & inside;
        let begins = digits & !(digits << 1 | in_number);
        // Parity tells whether a number or a comma was due: counted together, numbers are the odd
        // ones and commas the even ones, or the other way round if a number stood before.
        let odd = prefix_xor(begins | commas) ^ after_number.wrapping_neg();
        if (begins & !odd) | (commas & odd) != 0 {
            return Err(OutOfTurn);
        }
        after_number = odd >> 63;
        in_number = digits >> (to - at - 1).min(63) & 1;
        if let Some(out) = starts.at.get_mut(len..).and_then(<[u32]>::first_chunk_mut) {
            len += write_positions(begins, at as u32, out);
        }
        at += 64;
    }
    (starts.len, starts.end) = (len, to);
    (starts.in_number, starts.after_number) = (in_number != 0, after_number != 0);
    Ok(())
}

/// [`find`] with what every processor has.
pub(super) fn find_by_bits(text: &[u8], from: usize, to: usize, starts: &mut Starts) -> Result<(), OutOfTurn> {
    find(text, from, to, starts, classify, prefix_xor, write_positions)
}

/// Writes the positions of the bits that are set, plus `base`, and returns how many there are.
/// Always writes eight or sixteen, which is faster than asking after each.
#[inline(always)]
pub(super) fn write_positions(bits: u64, base: u32, out: &mut [u32; 64]) -> usize {
    let count = bits.count_ones() as usize;
    let mut bits = bits;
    let mut next = || {
        let position = base.wrapping_add(bits.trailing_zeros());
        bits &= bits.wrapping_sub(1);
        position
    };
    out[..8].fill_with(&mut next);
    if count > 8 {
        out[8..16].fill_with(&mut next);
    }
    if count > 16 {
        out[16..count].fill_with(&mut next);
    }
    count
}

pub(super) fn convert(text: &[u8], rows: Rows<'_>, field: usize, out: &mut [u32]) -> bool {
    let mut fits = true;
    for (value, start) in out.iter_mut().zip(rows.field(field)) {
        let (first, len) = eight_digits(load(text, start));
        *value = first;
        if len == 8 {
            match eight_digits(load(text, start + 8)) {
                (_, 0) => {}
                (rest, 1) => *value = first * 10 + rest,
                (rest, 2) if first <= HIGHEST_OF_TEN => *value = first * 100 + rest,
                _ => fits &= store_long(text, start, value),
            }
        }
    }
    fits
}

/// The values of one field of `rows`, `N` together: `convert` is given where they begin, and says
/// whether it could tell them all.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(super) fn convert_together<const N: usize>(
    text: &[u8],
    rows: Rows<'_>,
    field: usize,
    out: &mut [u32],
    convert: impl Fn(&[usize; N], &mut [u32; N]) -> bool,
) -> bool {
    let width = rows.width;
    let mut fits = true;
    let (groups, rest) = out.as_chunks_mut::<N>();
    let done = groups.len() * N;
    for (starts, out) in rows.starts.chunks_exact(N * width).zip(groups) {
        let starts: [usize; N] = std::array::from_fn(|i| starts[i * width + field] as usize);
        if !convert(&starts, out) {
            for (out, start) in out.iter_mut().zip(starts) {
                fits &= store_long(text, start, out);
            }
        }
    }
    for (out, starts) in rest.iter_mut().zip(rows.starts[done * width..].chunks_exact(width)) {
        fits &= store_long(text, starts[field] as usize, out);
    }
    fits
}

/// The first eight of ten digits are at most this if any two may follow without passing 2^32.
pub(super) const HIGHEST_OF_TEN: u32 = u32::MAX / 100 - 1;

pub(super) fn plain_text(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let (words, _) = rest.as_chunks::<8>();
    for (i, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        // Below 0x20 nothing is left above the five lowest bits.
        let plain =
            non_zero_bytes(word & all(0xE0)) & non_zero_bytes(word ^ all(b'"')) & non_zero_bytes(word ^ all(b'\\'));
        let special = (!plain | word) & HIGHS;
        if special != 0 {
            return i * 8 + special.trailing_zeros() as usize / 8;
        }
    }
    let is_special = |b: &u8| !matches!(b, 0x20..=0x7F) || matches!(b, b'"' | b'\\');
    let done = words.len() * 8;
    done + rest[done..].iter().position(is_special).unwrap_or(rest.len() - done)
}

/// Stores the number at `start`; false if it is 2^32 or more.
pub(in crate::reader) fn store_long(text: &[u8], start: usize, out: &mut u32) -> bool {
    match value_at(text, start).and_then(|v| u32::try_from(v).ok()) {
        Some(v) => {
            *out = v;
            true
        }
        None => false,
    }
}

/// The number at `start`; `None` past 2^64.
pub(in crate::reader) fn value_at(text: &[u8], start: usize) -> Option<u64> {
    let digits = text[start..].iter().take_while(|b| b.is_ascii_digit());
    digits.copied().try_fold(0u64, |sum, b| sum.checked_mul(10)?.checked_add(u64::from(b - b'0')))
}

/// The number at `start` modulo 2^32, and whether that changed it.
pub(in crate::reader) fn modulo(text: &[u8], start: usize) -> (u32, bool) {
    let digits = text[start..].iter().take_while(|b| b.is_ascii_digit());
    let value = digits.fold(0u32, |sum, b| sum.wrapping_mul(10).wrapping_add(u32::from(b - b'0')));
    (value, value_at(text, start) != Some(u64::from(value)))
}

/// The first byte at which `text[..to]`, which follows a comma or the opening bracket, breaks the
/// rule that numbers and commas take turns.
pub(in crate::reader) fn out_of_turn(text: &[u8], to: usize) -> Option<usize> {
    let mut after_number = false;
    let mut in_number = false;
    for (at, &byte) in text[..to].iter().enumerate() {
        let is_digit = byte.is_ascii_digit();
        if is_digit && !in_number || byte == b',' {
            if is_digit == after_number {
                return Some(at);
            }
            after_number = is_digit;
        } else if !is_digit && !is_white_space(byte) {
            return Some(at);
        }
        in_number = is_digit;
    }
    None
}

/// Where the last `n` numbers of `text[..to]` begin: the beginning of the first of them.
pub(in crate::reader) fn start_of_last(text: &[u8], to: usize, n: usize) -> usize {
    let mut left = n;
    let mut at = to;
    while left > 0 && at > 0 {
        at -= 1;
        if text[at].is_ascii_digit() && (at == 0 || !text[at - 1].is_ascii_digit()) {
            left -= 1;
        }
    }
    at
}

/// The lowest `n` bits, all of them from 64 on.
#[inline(always)]
fn low_bits(n: usize) -> u64 {
    if n >= 64 { u64::MAX } else { (1 << n) - 1 }
}

/// Bit `i` of the result is the parity of the bits `0..=i`.
#[inline(always)]
pub(super) fn prefix_xor(bits: u64) -> u64 {
    let mut bits = bits;
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

#[inline(always)]
fn load(text: &[u8], at: usize) -> u64 {
    text[at..].first_chunk().map_or(0, |eight| u64::from_le_bytes(*eight))
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = ONES << 7;

/// `byte` eight times.
#[inline(always)]
fn all(byte: u8) -> u64 {
    ONES * u64::from(byte)
}

/// The high bit of each byte that is not zero.
#[inline(always)]
fn non_zero_bytes(word: u64) -> u64 {
    (((word & !HIGHS) + !HIGHS) | word) & HIGHS
}

/// The high bit of each byte that is above 9.
#[inline(always)]
fn above_nine(word: u64) -> u64 {
    (((word & !HIGHS) + all(0x7F - 9)) | word) & HIGHS
}

/// The high bits of eight bytes as eight bits.
#[inline(always)]
fn gather(highs: u64) -> u64 {
    (highs >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

pub(super) fn classify(bytes: &[u8; 64]) -> Block {
    let mut block = Block { digits: 0, commas: 0, white: 0 };
    let words = || (0..64).step_by(8).map(|at| (at, load(bytes, at)));
    for (at, word) in words() {
        block.digits |= gather(!above_nine(word ^ all(b'0')) & HIGHS) << at;
        block.commas |= gather(!non_zero_bytes(word ^ all(b',')) & HIGHS) << at;
    }
    if block.digits | block.commas != u64::MAX {
        for (at, word) in words() {
            let is_not = |byte: u8| non_zero_bytes(word ^ all(byte));
            let white = !(is_not(b' ') & is_not(b'\n') & is_not(b'\r') & is_not(b'\t')) & HIGHS;
            block.white |= gather(white) << at;
        }
    }
    block
}

/// The value of the digits at the beginning of `word`, and how many they are.
#[allow(clippy::cast_possible_truncation, reason = "eight digits fit 27 bits")]
fn eight_digits(word: u64) -> (u32, u32) {
    let digits = word ^ all(b'0');
    let after = above_nine(digits);
    // Shifting the digits to the end of the word puts zeros before them.
    let len = after.trailing_zeros() & !7;
    let digits = if len == 0 { 0 } else { digits << (64 - len) };
    let pairs = digits.wrapping_mul(10 << 8 | 1) >> 8 & 0x00FF_00FF_00FF_00FF;
    let fours = pairs.wrapping_mul(100 << 16 | 1) >> 16 & 0x0000_FFFF_0000_FFFF;
    let eight = fours.wrapping_mul(10_000 << 32 | 1) >> 32;
    (eight as u32, len / 8)
}
