//! What kinds of nodes and edges there are, independent of the numbers a file uses for them.

/// The type of a node, as a byte. The well-known ones are constants; any other name a file
/// lists, or any number outside its list, gets a byte from [`NodeKind::FIRST_OTHER`] on, whose
/// name [`crate::graph::HeapGraph::node_kind_name`] knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeKind(pub u8);

impl NodeKind {
    pub const HIDDEN: Self = Self(0);
    pub const ARRAY: Self = Self(1);
    pub const STRING: Self = Self(2);
    pub const OBJECT: Self = Self(3);
    pub const CODE: Self = Self(4);
    pub const CLOSURE: Self = Self(5);
    pub const REGEXP: Self = Self(6);
    pub const NUMBER: Self = Self(7);
    pub const NATIVE: Self = Self(8);
    pub const SYNTHETIC: Self = Self(9);
    pub const CONS_STRING: Self = Self(10);
    pub const SLICED_STRING: Self = Self(11);
    pub const SYMBOL: Self = Self(12);
    pub const BIGINT: Self = Self(13);
    pub const OBJECT_SHAPE: Self = Self(14);
    pub const WASM_OBJECT: Self = Self(15);
    /// The first byte given to a kind that is not listed above.
    pub const FIRST_OTHER: u8 = 16;
    /// The byte of all kinds for which no byte was left.
    pub const UNNAMED: Self = Self(255);

    /// Names of the well-known kinds, as V8 writes them, by byte.
    pub const NAMES: [&'static str; 16] = [
        "hidden",
        "array",
        "string",
        "object",
        "code",
        "closure",
        "regexp",
        "number",
        "native",
        "synthetic",
        "concatenated string",
        "sliced string",
        "symbol",
        "bigint",
        "object shape",
        "wasm object",
    ];

    /// The kind V8 calls `name`, if it is a well-known one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().position(|n| *n == name).map(|i| Self(i as u8))
    }

    /// String, concatenated string or sliced string.
    pub fn is_any_string(self) -> bool {
        matches!(self, Self::STRING | Self::CONS_STRING | Self::SLICED_STRING)
    }
}

/// The type of an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum EdgeKind {
    /// Variable in a closure's context.
    Context = 0,
    /// Array element; named by a number.
    Element = 1,
    /// Named property.
    Property = 2,
    /// Reference of the engine's own.
    Internal = 3,
    /// Reference of the engine's own, named by a number.
    Hidden = 4,
    /// From the root to what the user would call a root.
    Shortcut = 5,
    /// Does not keep its target alive.
    Weak = 6,
    /// A type this list does not know; treated like a named strong reference.
    Other = 7,
}

impl EdgeKind {
    /// Names as V8 writes them, by number.
    pub const NAMES: [&'static str; 7] = ["context", "element", "property", "internal", "hidden", "shortcut", "weak"];

    /// All by number; numbers that stand for none yet are of another kind.
    pub(super) const ALL: [Self; 16] = [
        Self::Context,
        Self::Element,
        Self::Property,
        Self::Internal,
        Self::Hidden,
        Self::Shortcut,
        Self::Weak,
        Self::Other,
        Self::Other,
        Self::Other,
        Self::Other,
        Self::Other,
        Self::Other,
        Self::Other,
        Self::Other,
        Self::Other,
    ];

    /// The kind V8 calls `name`, if it is a well-known one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().position(|n| *n == name).map(|i| Self::ALL[i])
    }

    /// Element and hidden edges carry a number instead of a name.
    #[inline(always)]
    pub fn is_numbered(self) -> bool {
        matches!(self, Self::Element | Self::Hidden)
    }
}

/// Whether a DOM node hangs in a document, as far as anybody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Detachedness {
    /// Nothing known.
    Unknown = 0,
    /// In the document.
    Attached = 1,
    /// Removed from the document, but still held.
    Detached = 2,
    /// The value 3, which no engine is known to write; kept, never spread.
    Invalid = 3,
}

/// What is known of a node in single bits.
///
/// Bits 0–1: [`Detachedness`]. Bit 2: the name is shown with `Detached ` before it.
/// Bit 3: page object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NodeFlags(pub u8);

impl NodeFlags {
    /// `Detached ` stands before the name.
    pub const RENAMED: u8 = 1 << 2;
    /// Belongs to the page rather than to the debugger.
    pub const PAGE_OBJECT: u8 = 1 << 3;

    /// The detachedness.
    #[inline(always)]
    pub fn detachedness(self) -> Detachedness {
        match self.0 & 3 {
            0 => Detachedness::Unknown,
            1 => Detachedness::Attached,
            2 => Detachedness::Detached,
            _ => Detachedness::Invalid,
        }
    }

    /// The same flags with another detachedness.
    #[must_use]
    pub fn with_detachedness(self, d: Detachedness) -> Self {
        Self(self.0 & !3 | d as u8)
    }

    /// Whether `bit` is set.
    #[inline(always)]
    pub fn has(self, bit: u8) -> bool {
        self.0 & bit != 0
    }

    /// Sets `bit`.
    #[inline(always)]
    pub fn set(&mut self, bit: u8) {
        self.0 |= bit;
    }
}
