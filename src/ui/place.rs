//! Where in the window something is: panels by their names, the tabs of the lower pane, and the
//! places that Back and Forward lead to. Knows no panel.

use super::selection::Selection;
use crate::session::DocumentId;

/// Names a panel for good: in the settings, in links, and in commands that lead to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PanelId(pub &'static str);

/// The panels that others lead to.
impl PanelId {
    /// Constructors and their objects.
    pub const SUMMARY: Self = Self("Summary");
    /// What is new and what is gone.
    pub const COMPARISON: Self = Self("Comparison");
    /// What keeps what alive.
    pub const DOMINATORS: Self = Self("Dominators");
    /// What grew, and who holds it.
    pub const LEAKS: Self = Self("Leaks");
}

/// The tabs of the lower pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
pub enum LowerTab {
    /// What keeps the object in memory.
    #[default]
    Retainers,
    /// The paths to it, and what it takes to free it.
    Why,
    /// What is known of the object itself.
    Object,
    /// The paths from the roots to many objects.
    Paths,
    /// The code at the object's place.
    Source,
}

impl LowerTab {
    /// All, in order.
    pub const ALL: [Self; 5] = [Self::Retainers, Self::Why, Self::Object, Self::Paths, Self::Source];

    /// Its name.
    pub fn title(self) -> &'static str {
        match self {
            Self::Retainers => "Retainers",
            Self::Why => "Why",
            Self::Object => "Object",
            Self::Paths => "Paths",
            Self::Source => "Source",
        }
    }

    /// What it shows, in a sentence.
    pub fn help(self) -> &'static str {
        match self {
            Self::Retainers => "Who refers to the selected object, along the nearest path to a root",
            Self::Why => "Why the selected object is alive, what it takes to free it, and what would go with it",
            Self::Object => "What is known of the selected object itself",
            Self::Source => "The code where the selected function begins, or where what made the object does",
            Self::Paths => "Where many objects hang: the paths from the roots to all of a class, as one tree",
        }
    }
}

/// Everything that says what is being looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub panel: PanelId,
    /// The snapshot it shows.
    pub snapshot: Option<DocumentId>,
    /// The object that is selected.
    pub selection: Option<Selection>,
}
