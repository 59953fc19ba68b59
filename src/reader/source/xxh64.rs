//! XXH64, the checksum of zstd: the decoder hands over the one in the file, and not the one that
//! its text should have.

const P1: u64 = 0x9E37_79B1_85EB_CA87;
const P2: u64 = 0xC2B2_AE3D_27D4_EB4F;
const P3: u64 = 0x1656_67B1_9E37_79F9;
const P4: u64 = 0x85EB_CA77_C2B2_AE63;
const P5: u64 = 0x27D4_EB2F_1656_67C5;

/// Bytes that go into all four lanes at once.
const STRIPE: usize = 32;

/// The hash, with seed 0, of text that comes in pieces.
#[derive(Debug, Clone)]
pub(super) struct Xxh64 {
    lanes: [u64; 4],
    len: u64,
    /// What came after the last whole stripe, and how many bytes that are.
    rest: [u8; STRIPE],
    rest_len: usize,
}

impl Default for Xxh64 {
    fn default() -> Self {
        Self { lanes: [P1.wrapping_add(P2), P2, 0, P1.wrapping_neg()], len: 0, rest: [0; STRIPE], rest_len: 0 }
    }
}

impl Xxh64 {
    /// Goes on with more text.
    pub(super) fn update(&mut self, mut text: &[u8]) {
        let kept = self.rest_len;
        self.len += text.len() as u64;
        if kept > 0 {
            let added = text.len().min(STRIPE - kept);
            let (begin, after) = text.split_at(added);
            self.rest[kept..kept + added].copy_from_slice(begin);
            self.rest_len = kept + added;
            text = after;
            if self.rest_len < STRIPE {
                return;
            }
            let stripe = self.rest;
            self.mix(&stripe);
        }
        let (stripes, rest) = text.as_chunks::<STRIPE>();
        for stripe in stripes {
            self.mix(stripe);
        }
        self.rest[..rest.len()].copy_from_slice(rest);
        self.rest_len = rest.len();
    }

    fn mix(&mut self, stripe: &[u8; STRIPE]) {
        for (lane, &word) in self.lanes.iter_mut().zip(stripe.as_chunks::<8>().0) {
            *lane = round(*lane, u64::from_le_bytes(word));
        }
    }

    /// The hash of all text so far.
    pub(super) fn finish(&self) -> u64 {
        let [a, b, c, d] = self.lanes;
        let mut hash = P5;
        if self.len >= STRIPE as u64 {
            let turned = [(a, 1), (b, 7), (c, 12), (d, 18)].map(|(lane, by)| lane.rotate_left(by));
            hash = turned.into_iter().fold(0, u64::wrapping_add);
            for lane in self.lanes {
                hash = (hash ^ round(0, lane)).wrapping_mul(P1).wrapping_add(P4);
            }
        }
        hash = hash.wrapping_add(self.len);
        let (words, mut rest) = self.rest[..self.rest_len].as_chunks::<8>();
        for &word in words {
            hash = (hash ^ round(0, u64::from_le_bytes(word))).rotate_left(27).wrapping_mul(P1).wrapping_add(P4);
        }
        if let Some((&half, after)) = rest.split_first_chunk::<4>() {
            let half = u64::from(u32::from_le_bytes(half));
            hash = (hash ^ half.wrapping_mul(P1)).rotate_left(23).wrapping_mul(P2).wrapping_add(P3);
            rest = after;
        }
        for &byte in rest {
            hash = (hash ^ u64::from(byte).wrapping_mul(P5)).rotate_left(11).wrapping_mul(P1);
        }
        hash = (hash ^ hash >> 33).wrapping_mul(P2);
        hash = (hash ^ hash >> 29).wrapping_mul(P3);
        hash ^ hash >> 32
    }
}

fn round(lane: u64, word: u64) -> u64 {
    lane.wrapping_add(word.wrapping_mul(P2)).rotate_left(31).wrapping_mul(P1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(text: &[u8]) -> u64 {
        let mut hash = Xxh64::default();
        hash.update(text);
        hash.finish()
    }

    #[test]
    fn hashes_are_those_of_the_reference() {
        assert_eq!(hash(b""), 0xEF46_DB37_51D8_E999);
        assert_eq!(hash(b"a"), 0xD24E_C4F1_A98C_6E5B);
        assert_eq!(hash(b"abc"), 0x44BC_2CF5_AD77_0999);
        // What the zstd tool writes after these bytes: the lower half.
        let text: Vec<u8> = (0..200u8).collect();
        for (len, expected) in [
            (3, 0x33BC_65DD),
            (31, 0x9B4D_8EE1),
            (32, 0x16FF_32B4),
            (33, 0xCAFB_8EAD),
            (63, 0xA95F_8E4F),
            (64, 0xDB67_13F0),
            (100, 0x3216_6597),
            (200, 0xB99E_879C),
        ] {
            assert_eq!(hash(&text[..len]) & 0xFFFF_FFFF, expected, "{len} bytes");
        }
    }

    #[test]
    fn pieces_of_any_length_make_one_text() {
        let text: Vec<u8> = (0..200u8).collect();
        for len in 0..text.len() {
            for piece in 1..70 {
                let mut pieces = Xxh64::default();
                text[..len].chunks(piece).for_each(|p| pieces.update(p));
                assert_eq!(pieces.finish(), hash(&text[..len]), "{len} bytes in pieces of {piece}");
            }
        }
    }
}
