//! Runs of unsigned integers: finding where each begins, checking the commas between them, and
//! turning digits into values many at a time.
//!
//! The plain idea: walk the bytes, collect digits. What makes it fast: 64 bytes become one word
//! with a bit for each digit; a number begins where a digit bit follows a zero bit, so counting
//! numbers is counting bits, and finding them is finding bits. Then eight bytes are loaded from
//! each beginning and their digits added up in pairs, fours and eights without a loop. What it
//! costs: a range handed to these functions must be followed by [`PADDING`] readable bytes.

use super::scan::is_white_space;

/// How many bytes must follow any range that is scanned, whatever they are.
pub(super) const PADDING: usize = 64;

/// What a run of numbers consists of up to some byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Count {
    /// How many numbers begin there.
    pub(super) numbers: usize,
    /// The first byte that is neither digit, comma nor white space, if there is one.
    pub(super) foreign: Option<usize>,
}

/// What came last in a run of numbers, carried from one stretch of it to the next.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sequence {
    /// The last byte was a digit.
    in_number: bool,
    /// The last of numbers and commas was a number.
    after_number: bool,
}

/// The commas and numbers of a run do not take turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OutOfTurn;

impl Sequence {
    /// Whether the run may end here: after a number.
    pub(super) fn ends_with_number(self) -> bool {
        self.after_number
    }
}

/// 64 bytes as bits, lowest bit first.
#[derive(Debug, Clone, Copy)]
struct Block {
    digits: u64,
    commas: u64,
    white: u64,
}

/// Counts the numbers in `text[from..to]`; the byte before `from` is no digit.
pub(super) fn count(text: &[u8], from: usize, to: usize) -> Count {
    let mut numbers = 0;
    let mut in_number = 0;
    let mut at = from;
    while at < to {
        let block = classify(text, at);
        let known = block.digits | block.commas | block.white;
        let inside = low_bits(to - at);
        let foreign = (!known & inside).trailing_zeros() as usize;
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

/// Appends where each number in `text[from..to]` begins. The range holds nothing but digits,
/// commas and white space, as [`count`] has found.
#[allow(clippy::cast_possible_truncation, reason = "callers keep stretches below 4 GiB")]
pub(super) fn starts(
    text: &[u8],
    from: usize,
    to: usize,
    sequence: &mut Sequence,
    out: &mut Vec<u32>,
) -> Result<(), OutOfTurn> {
    let mut in_number = u64::from(sequence.in_number);
    let mut after_number = u64::from(sequence.after_number);
    let mut at = from;
    while at < to {
        let block = classify(text, at);
        let inside = low_bits(to - at);
        let digits = block.digits & inside;
        let commas = block.commas & inside;
        let mut begins = digits & !(digits << 1 | in_number);
        // The how-manieth number or comma each one is decides whose turn it was: numbers are
        // odd ones, commas even ones, the other way round if a number stood before.
        let odd = prefix_xor(begins | commas) ^ after_number.wrapping_neg();
        if begins & !odd | commas & odd != 0 {
            return Err(OutOfTurn);
        }
        after_number = if begins | commas == 0 { after_number } else { odd >> 63 };
        in_number = digits >> (to - at - 1).min(63) & 1;
        while begins != 0 {
            out.push((at + begins.trailing_zeros() as usize) as u32);
            begins &= begins - 1;
        }
        at += 64;
    }
    *sequence = Sequence { in_number: in_number != 0, after_number: after_number != 0 };
    Ok(())
}

/// Turns the numbers that begin at `starts[field]`, `starts[field + width]`, … into values.
/// False if one of them is 2^32 or more; the values are then meaningless.
pub(super) fn convert(text: &[u8], starts: &[u32], field: usize, width: usize, out: &mut [u32]) -> bool {
    let mut fits = true;
    for (value, &start) in out.iter_mut().zip(starts[field.min(starts.len())..].iter().step_by(width)) {
        let start = start as usize;
        let (first, is_whole) = eight_digits(load(text, start));
        *value = first;
        if !is_whole {
            match u32::try_from(value_at(text, start).unwrap_or(u64::MAX)) {
                Ok(v) => *value = v,
                Err(_) => fits = false,
            }
        }
    }
    fits
}

/// The number that begins at `start`; `None` past 2^64.
pub(super) fn value_at(text: &[u8], start: usize) -> Option<u64> {
    let digits = text[start..].iter().take_while(|b| b.is_ascii_digit());
    digits.copied().try_fold(0u64, |sum, b| sum.checked_mul(10)?.checked_add(u64::from(b - b'0')))
}

/// The number at `start` modulo 2^32, and whether that changed it.
pub(super) fn modulo(text: &[u8], start: usize) -> (u32, bool) {
    let digits = text[start..].iter().take_while(|b| b.is_ascii_digit());
    let value = digits.fold(0u32, |sum, b| sum.wrapping_mul(10).wrapping_add(u32::from(b - b'0')));
    (value, value_at(text, start) != Some(u64::from(value)))
}

/// The first byte at which `text[from..to]`, which follows a comma or the opening bracket, breaks
/// the rule that numbers and commas take turns.
pub(super) fn out_of_turn(text: &[u8], from: usize, to: usize) -> Option<usize> {
    let mut after_number = false;
    let mut in_number = false;
    for (at, &byte) in text[..to].iter().enumerate().skip(from) {
        let is_digit = byte.is_ascii_digit();
        let is_event = is_digit && !in_number || byte == b',';
        if is_event {
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

/// The lowest `n` bits, all of them from 64 on.
fn low_bits(n: usize) -> u64 {
    if n >= 64 { u64::MAX } else { (1 << n) - 1 }
}

/// Bit `i` of the result is the parity of the bits `0..=i`.
fn prefix_xor(bits: u64) -> u64 {
    let mut bits = bits;
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

fn load(text: &[u8], at: usize) -> u64 {
    let mut eight = [0; 8];
    eight.copy_from_slice(&text[at..at + 8]);
    u64::from_le_bytes(eight)
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = ONES << 7;

/// `byte` eight times.
fn all(byte: u8) -> u64 {
    ONES * u64::from(byte)
}

/// The high bit of each byte that is not zero.
fn non_zero_bytes(word: u64) -> u64 {
    (((word & !HIGHS) + !HIGHS) | word) & HIGHS
}

/// The high bit of each byte that is above 9.
fn above_nine(word: u64) -> u64 {
    (((word & !HIGHS) + ONES * (0x7F - 9)) | word) & HIGHS
}

/// The high bits of eight bytes as eight bits.
fn gather(highs: u64) -> u64 {
    (highs >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

fn classify(text: &[u8], at: usize) -> Block {
    let mut block = Block { digits: 0, commas: 0, white: 0 };
    for i in 0..8 {
        let word = load(text, at + i * 8);
        block.digits |= gather(!above_nine(word ^ all(b'0')) & HIGHS) << (i * 8);
        block.commas |= gather(!non_zero_bytes(word ^ all(b',')) & HIGHS) << (i * 8);
    }
    if block.digits | block.commas != u64::MAX {
        for i in 0..8 {
            let word = load(text, at + i * 8);
            let is_not = |byte: u8| non_zero_bytes(word ^ all(byte));
            let white = !(is_not(b' ') & is_not(b'\n') & is_not(b'\r') & is_not(b'\t')) & HIGHS;
            block.white |= gather(white) << (i * 8);
        }
    }
    block
}

/// The value of the digits at the beginning of `word`, and whether it holds the end of them.
#[allow(clippy::cast_possible_truncation, reason = "eight digits fit 27 bits")]
fn eight_digits(word: u64) -> (u32, bool) {
    let digits = word ^ all(b'0');
    let after = above_nine(digits);
    // Shifting the digits to the end of the word puts zeros before them.
    let len = after.trailing_zeros() & !7;
    let digits = if len == 0 { 0 } else { digits << (64 - len) };
    let pairs = digits.wrapping_mul(10 << 8 | 1) >> 8 & 0x00FF_00FF_00FF_00FF;
    let fours = pairs.wrapping_mul(100 << 16 | 1) >> 16 & 0x0000_FFFF_0000_FFFF;
    let eight = fours.wrapping_mul(10_000 << 32 | 1) >> 32;
    (eight as u32, after != 0)
}

/// Where the last `n` numbers of `text[..to]` begin: the beginning of the first of them.
pub(super) fn start_of_last(text: &[u8], to: usize, n: usize) -> usize {
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
