//! An edge as the columns of a heap keep it: who it leads to and of what kind it is, in one word.

use super::{EdgeKind, NodeIndex};

/// Bits of a word that go to the kind. Eight kinds are known, so that four bits leave room for
/// those that V8 will add.
const KIND_BITS: u32 = 4;

/// The most nodes a graph can have: what the kind leaves of a word.
pub const MAX_NODES: usize = 1 << (u32::BITS - KIND_BITS);

/// The target of an edge and its kind, packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(transparent)]
pub struct EdgeWord(u32);

impl EdgeWord {
    /// Packs an edge. There are at most [`MAX_NODES`] targets.
    #[inline(always)]
    pub fn new(target: NodeIndex, kind: EdgeKind) -> Self {
        Self::from_numbers(target.0, kind as u32)
    }

    /// The same of plain numbers, for the loops that read a file.
    #[inline(always)]
    pub fn from_numbers(target: u32, kind: u32) -> Self {
        Self(target << KIND_BITS | kind)
    }

    /// A word from its bits.
    #[inline(always)]
    pub fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// The word as a number.
    #[inline(always)]
    pub fn bits(self) -> u32 {
        self.0
    }

    /// Who the edge leads to.
    #[inline(always)]
    pub fn target(self) -> NodeIndex {
        NodeIndex(self.0 >> KIND_BITS)
    }

    /// The kind of the edge.
    #[inline(always)]
    pub fn kind(self) -> EdgeKind {
        EdgeKind::ALL[(self.0 & ((1 << KIND_BITS) - 1)) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_gives_back_what_was_packed() {
        for target in [0, 1, MAX_NODES as u32 - 1] {
            for kind in EdgeKind::ALL {
                let word = EdgeWord::new(NodeIndex(target), kind);
                assert_eq!((word.target(), word.kind()), (NodeIndex(target), kind));
                assert_eq!(EdgeWord::from_bits(word.bits()), word);
            }
        }
    }

    #[test]
    fn bits_that_stand_for_no_kind_yet_are_of_another_kind() {
        assert_eq!(EdgeWord::from_bits(15).kind(), EdgeKind::Other);
    }
}
