//! A value of a cell, as programs get it.

use crate::graph::{Detachedness, NodeId};
use crate::text::{Text, TextBuf, TextCow};

/// A raw value. What it means, and how people read it, is said by the column's [`Kind`](super::Kind).
#[derive(Debug, Clone)]
pub enum Value<'a> {
    /// Nothing is known, or there is nothing.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A number that cannot be negative: a count, a size, an id.
    Unsigned(u64),
    /// A number that can be: a difference, a distance.
    Signed(i64),
    /// Milliseconds, shares, ratios.
    Float(f64),
    /// Text from the file or of our own.
    Text(TextCow<'a>),
}

impl<'a> Value<'a> {
    /// Text that was made for the occasion.
    pub fn words(text: impl AsRef<str>) -> Self {
        Self::Text(TextCow::Owned(TextBuf::from(text.as_ref())))
    }

    /// Text that stands elsewhere.
    pub fn word(text: &'a str) -> Self {
        Self::Text(TextCow::Borrowed(Text::from(text)))
    }

    /// Text as it stands in the file.
    pub fn text(text: Text<'a>) -> Self {
        Self::Text(TextCow::Borrowed(text))
    }

    /// Text in WTF-8 that was put together.
    pub fn owned(text: TextBuf) -> Self {
        Self::Text(TextCow::Owned(text))
    }

    /// An object's id.
    pub fn id(id: NodeId) -> Self {
        Self::Unsigned(id.0.into())
    }

    pub fn count(n: usize) -> Self {
        Self::Unsigned(n as u64)
    }

    /// A part of a whole; `None` without a whole.
    pub fn share(part: u64, whole: u64) -> Self {
        if whole == 0 { Self::Null } else { Self::Float(part as f64 / whole as f64) }
    }

    /// Whether a node is attached to a document.
    pub fn detachedness(detachedness: Detachedness) -> Self {
        Self::Unsigned(detachedness as u64)
    }

    /// The value, or nothing.
    pub fn option<T>(value: Option<T>, of: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Null, of)
    }

    /// Whether there is no value.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

impl From<u64> for Value<'_> {
    fn from(n: u64) -> Self {
        Self::Unsigned(n)
    }
}

impl From<u32> for Value<'_> {
    fn from(n: u32) -> Self {
        Self::Unsigned(n.into())
    }
}

impl From<i64> for Value<'_> {
    fn from(n: i64) -> Self {
        Self::Signed(n)
    }
}

impl From<i32> for Value<'_> {
    fn from(n: i32) -> Self {
        Self::Signed(n.into())
    }
}

impl From<bool> for Value<'_> {
    fn from(b: bool) -> Self {
        Self::Bool(b)
    }
}

impl<'a> From<TextCow<'a>> for Value<'a> {
    fn from(text: TextCow<'a>) -> Self {
        Self::Text(text)
    }
}
