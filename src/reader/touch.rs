//! The least that reading a file can cost: every mapped byte looked at once. Benchmarks compare
//! with it.

use super::error::ReadError;
use super::source::Mapping;
use std::fs::File;
use std::path::Path;

/// Maps the file and counts its commas with two threads, half each. Returns the count.
pub fn touch_every_byte(path: &Path) -> Result<u64, ReadError> {
    let file = File::open(path).map_err(|source| ReadError::Io { action: "open the file", source })?;
    let mapping = Mapping::new(file)?;
    let (first, second) = mapping.bytes().split_at(mapping.bytes().len() / 2);
    let (a, b) = rayon::join(|| count_commas(first), || count_commas(second));
    Ok(a + b)
}

fn count_commas(bytes: &[u8]) -> u64 {
    // Counted in bytes as long as they cannot overflow, so that the compiler can use whole
    // vector registers.
    bytes
        .chunks(32 * 128)
        .map(|chunk| {
            let mut lanes = [0u8; 32];
            let (whole, rest) = chunk.as_chunks::<32>();
            for block in whole {
                for (lane, byte) in lanes.iter_mut().zip(block) {
                    *lane += u8::from(*byte == b',');
                }
            }
            let rest = rest.iter().filter(|b| **b == b',').count() as u64;
            lanes.iter().map(|&l| u64::from(l)).sum::<u64>() + rest
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::count_commas;

    #[test]
    fn counts_commas_in_runs_longer_than_a_lane_can_hold() {
        for len in [0, 1, 31, 32, 4095, 4096, 4097, 100_001] {
            assert_eq!(count_commas(&vec![b','; len]), len as u64);
            assert_eq!(count_commas(&vec![b'x'; len]), 0);
        }
    }
}
