//! What is asked of a text, and what it answers.

use crate::code::lines::Position;
use crate::code::owner::OwnerName;

/// What is asked about a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What the collection is called.
    pub owner: OwnerName,
    /// The name after its variable, as findings write it.
    pub rest_of_name: String,
    /// What sort of thing it is.
    pub holder: Holder,
    /// Where functions begin that see the owner's variable, as engines tell.
    pub seen_from: Vec<Position>,
}

/// A variable of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name in the script.
    pub name: String,
    /// Where a function begins that sees it.
    pub seen_from: Option<Position>,
}

/// What kind of calls add to an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// Whatever has members.
    Collection,
    /// A list or tree whose members hang on one another.
    Chain,
    /// An emitter or target of events.
    Listeners,
    /// The list of timers; the owner is what their callbacks keep, or a callback.
    Timers,
}

/// What a text does to a collection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Where it is declared.
    pub declared: Option<Place>,
    /// Where something is added.
    pub adds: Vec<Place>,
    /// Where something is removed, or all of it replaced.
    pub removes: Vec<Place>,
}

/// A place in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its first byte.
    pub offset: usize,
    /// The statement or expression, on one line.
    pub text: String,
    /// Whether scopes prove that it is about this very owner; otherwise it is by the name of a property.
    pub is_certain: bool,
}

/// Why a text was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotRead {
    /// Too long.
    #[error("the file is too large to look for the lines that add: {}, and up to {} are read", crate::units::bytes(*.0 as u64), crate::units::bytes(MAX_TEXT as u64))]
    TooLarge(usize),
    /// Too deep.
    #[error("the file nests too deeply to look for the lines that add")]
    TooDeep,
    /// Not JavaScript.
    #[error("the file cannot be read as JavaScript: {0}")]
    Syntax(String),
    /// The parser gave up.
    #[error("the file cannot be read: {0}")]
    Failed(String),
    /// Built without a parser.
    #[error("this build of Heapglass reads no programs: it was built without the feature source-analysis")]
    NotBuiltIn,
}

/// The longest text that is read, in bytes.
pub const MAX_TEXT: usize = 24 << 20;

/// The longest text of a place.
#[cfg(feature = "source-analysis")]
pub(super) const MAX_PLACE_TEXT: usize = 160;
