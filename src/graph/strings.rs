//! The string table, decoded once into one block of bytes.

use crate::graph::StringIndex;
use crate::text::Text;

/// All strings of a snapshot in one block. String `i` is `bytes[starts[i]..starts[i + 1]]`, WTF-8.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Strings {
    bytes: Vec<u8>,
    starts: Starts,
}

/// Offsets are four bytes each unless the block passes 4 GiB.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Starts {
    Narrow(Vec<u32>),
    Wide(Vec<u64>),
}

impl Default for Starts {
    fn default() -> Self {
        Self::Narrow(vec![0])
    }
}

impl Strings {
    /// Takes over a block whose string `i` ends at `ends[i]` and begins where the one before ended.
    ///
    /// # Panics
    /// When the ends are not ascending or pass the block: a mistake of the reader.
    #[allow(clippy::cast_possible_truncation, reason = "checked against the length of the block")]
    pub fn from_parts(bytes: Vec<u8>, mut starts: Vec<u64>) -> Self {
        assert!(starts.first() == Some(&0) && starts.is_sorted() && starts.last() == Some(&(bytes.len() as u64)));
        if bytes.len() <= u32::MAX as usize {
            let narrow = starts.iter().map(|&s| s as u32).collect();
            Self { bytes, starts: Starts::Narrow(narrow) }
        } else {
            starts.shrink_to_fit();
            Self { bytes, starts: Starts::Wide(starts) }
        }
    }

    /// As [`Strings::from_parts`], for a block known to stay below 4 GiB.
    pub fn from_narrow(bytes: Vec<u8>, starts: Vec<u32>) -> Self {
        assert!(
            starts.first() == Some(&0) && starts.is_sorted() && starts.last().map(|&e| e as usize) == Some(bytes.len())
        );
        Self { bytes, starts: Starts::Narrow(starts) }
    }

    /// The number of strings.
    pub fn len(&self) -> usize {
        match &self.starts {
            Starts::Narrow(s) => s.len() - 1,
            Starts::Wide(s) => s.len() - 1,
        }
    }

    /// Whether there are no strings.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The text at `i`.
    #[inline]
    pub fn get(&self, i: StringIndex) -> Text<'_> {
        let i = i.at();
        match &self.starts {
            Starts::Narrow(s) => Text(&self.bytes[s[i] as usize..s[i + 1] as usize]),
            Starts::Wide(s) => Text(&self.bytes[s[i] as usize..s[i + 1] as usize]),
        }
    }

    /// All strings in order.
    pub fn iter(&self) -> impl Iterator<Item = (StringIndex, Text<'_>)> {
        (0..self.len() as u32).map(|i| (StringIndex(i), self.get(StringIndex(i))))
    }

    /// Position of the first string equal to `text`.
    pub fn find(&self, text: &str) -> Option<StringIndex> {
        self.iter().find(|(_, t)| *t == text).map(|(i, _)| i)
    }

    /// Heap bytes held.
    pub fn heap_bytes(&self) -> usize {
        self.bytes.capacity()
            + match &self.starts {
                Starts::Narrow(s) => s.capacity() * 4,
                Starts::Wide(s) => s.capacity() * 8,
            }
    }
}
