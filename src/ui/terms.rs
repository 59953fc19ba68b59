//! What the words on the screen mean, a sentence each. Columns, classes, edges and slices of the
//! statistics explain themselves with these wherever they stand. Knows no egui.

use crate::graph::{Detachedness, EdgeKind};

/// Explanations of columns, by what they show.
pub mod column {
    /// The first column of tables of classes.
    pub const CONSTRUCTOR: &str =
        "The function that made the objects, or in parentheses the kind of thing the engine keeps for itself";
    /// The first column of tables of objects.
    pub const OBJECT: &str = "The reference, the object it leads to, and the object's number in this process";
    /// The first column of Retainers.
    pub const RETAINER: &str = "An object that refers to the one it stands under, and by which name";
    /// How many objects.
    pub const COUNT: &str = "How many objects there are";
    /// Distance.
    pub const DISTANCE: &str = "How many references lead from the nearest root to the object; − when only the engine's own lead there, or none";
    /// Shallow size.
    pub const SHALLOW_SIZE: &str = "The memory of the object itself, without what it refers to";
    /// Retained size.
    pub const RETAINED_SIZE: &str =
        "The memory that would be freed with the object: itself and everything that only it keeps alive";
    /// The share of the dominating object's retained size.
    pub const SHARE_OF_PARENT: &str = "How much of the retained size of the row above it this is";
    /// A value in each snapshot, as a line.
    pub const TREND: &str = "From the first snapshot to the last; the line begins at nothing";
    /// The first column of Paths.
    pub const PATH: &str = "The reference and the class it leads to; each object counts once, by its most natural path, and indices are folded to [ ]";
    /// Objects of a step of Paths.
    pub const PATH_COUNT: &str = "How many of the objects hang below this step or are here";
    /// Objects at a step of Paths.
    pub const PATH_ENDING: &str = "How many of the objects are here";
    /// Shallow size in Paths.
    pub const PATH_SHALLOW_SIZE: &str = "The shallow sizes of the objects counted";
    /// Retained size in Paths.
    pub const PATH_RETAINED_SIZE: &str =
        "What the objects counted retain together, each byte once, even where objects elsewhere keep them";
    /// The last snapshot less the first.
    pub const CHANGE: &str = "What the last snapshot has more than the first";
    /// # New.
    pub const NEW: &str = "Objects that are in this snapshot but not in the base";
    /// # Deleted.
    pub const DELETED: &str = "Objects that were in the base but are gone from this snapshot";
    /// # Delta.
    pub const DELTA: &str = "New objects less deleted ones";
    /// Alloc. size.
    pub const ALLOCATED_SIZE: &str = "The shallow sizes of the new objects together";
    /// Freed size.
    pub const FREED_SIZE: &str = "The shallow sizes of the deleted objects together";
    /// Size delta.
    pub const SIZE_DELTA: &str = "Allocated size less freed size";
    /// # Changed.
    pub const CHANGED: &str =
        "Objects that are in both snapshots with different shallow sizes, such as arrays that grew in place";
    /// Size change.
    pub const SIZE_CHANGE: &str = "How much the changed objects grew or shrank together";
    /// Live count.
    pub const LIVE_COUNT: &str = "Objects allocated here that are still alive";
    /// Count of allocations.
    pub const ALLOCATION_COUNT: &str = "Objects allocated here while the timeline was recorded";
    /// Live size.
    pub const LIVE_SIZE: &str = "The memory of the objects allocated here that are still alive";
    /// Size of allocations.
    pub const ALLOCATION_SIZE: &str = "The memory of all objects allocated here while the timeline was recorded";
    /// Function.
    pub const FUNCTION: &str = "The function that allocated; inside it, the functions that called it";
}

/// What the objects of the class `name` are, where that is not for the program to know.
pub fn class(name: &str) -> Option<&'static str> {
    Some(match name {
        "(compiled code)" => {
            "Machine code and bytecode of functions, and what the engine notes down to run them faster; grows while a program warms up"
        }
        "(string)" => "Text; the same text may be in memory several times",
        "(concatenated string)" => {
            "Two strings joined with + that are still kept as two parts; both parts stay in memory"
        }
        "(sliced string)" => "A part of a longer string; the whole longer string stays in memory with it",
        "(array)" => "Arrays the engine uses inside: the elements and properties of objects, hash tables, constants",
        "(system)" => "Objects the engine needs for itself, such as contexts, scripts and descriptions of shapes",
        "(object shape)" => {
            "What the engine notes down about how objects are laid out; also called maps or hidden classes"
        }
        "(number)" => "Numbers that do not fit into a field and have memory of their own",
        "(symbol)" => "Values made by Symbol()",
        "(bigint)" => "Whole numbers of any length",
        "(synthetic)" => "Rows that group roots; they are not objects in memory",
        "(closure)" | "Function" => "Functions, each with the variables around it that it uses",
        "RegExp" => "Regular expressions",
        "(object elements)" => "Where an object keeps the values that have a number for a name",
        "(object properties)" | "system / PropertyArray" => {
            "Where an object keeps properties that do not fit into itself"
        }
        "(internal array)" => "An array the engine uses inside; its meaning depends on what refers to it",
        "system / Context" => {
            "The variables of a function that its inner functions use; alive as long as any of those functions is"
        }
        "system / NativeContext" => "The built-in objects of one page, frame or realm",
        "system / DescriptorArray" | "(map descriptors)" => {
            "The names and kinds of the properties of objects of one shape"
        }
        "system / Map" => "The shape of objects: which properties they have, and where in memory",
        "system / JSArrayBufferData" => "The bytes of an ArrayBuffer, outside the JavaScript heap",
        "InternalNode" => "A part of the browser that is implemented in C++",
        "Object" => "Plain objects, made by { } or new Object",
        "Array" => "Arrays; their elements are counted with (array)",
        _ if name.starts_with("Detached ") => {
            "A part of a page that was removed from the document, but is still held in memory"
        }
        _ if name.starts_with("system / Context / ") => {
            "The variables of a function that its inner functions use; alive as long as any of those functions is"
        }
        _ if name.starts_with('{') => "Plain objects that have these properties",
        _ if name.starts_with("system / ") => "An object the engine needs for itself",
        _ => return None,
    })
}

/// What it means that an edge is of this kind.
pub fn edge(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::Context => "A variable of a function that its inner functions use",
        EdgeKind::Element => "An element, by its number",
        EdgeKind::Property => "A property",
        EdgeKind::Internal => "A reference the engine made for itself; a program cannot see it",
        EdgeKind::Hidden => "A reference the engine made for itself, by its number",
        EdgeKind::Shortcut => "A root: something every script can reach",
        EdgeKind::Weak => "A weak reference: does not keep the object alive",
        EdgeKind::Other => "A reference of a kind this version of Heapglass does not know",
    }
}

/// What detachedness says.
pub fn detachedness(detachedness: Detachedness) -> Option<&'static str> {
    match detachedness {
        Detachedness::Unknown | Detachedness::Invalid => None,
        Detachedness::Attached => Some("Part of a document"),
        Detachedness::Detached => Some("Removed from the document, but still held in memory"),
    }
}

/// What dominating means.
pub const DOMINATOR: &str =
    "The nearest object that every path from the roots passes through: were it gone, this object would be freed";

/// What it means that one cannot be without the other.
pub const WEAK_MAP_PAIR: &str =
    "An entry of a WeakMap: the value lives only as long as both its key and the table are alive";

/// What ignoring a retainer does.
pub const IGNORED_RETAINER: &str =
    "Distances here are counted as if this object did not exist, so that the next path to a root shows";

/// What it means that a row is a cycle.
pub const CYCLE: &str = "This object is already further up in this branch";

/// What a slice of the statistics holds, by its words in the legend.
pub fn slice(title: &str) -> Option<&'static str> {
    Some(match title {
        "Code" => "Machine code, bytecode and source text positions of functions",
        "Strings" => "All kinds of strings: whole, concatenated and sliced",
        "JS arrays" => "Arrays together with the memory of their elements",
        "Typed arrays" => "The contents of ArrayBuffers",
        "System objects" => "Objects the engine needs for itself",
        "Other JS objects" => "The rest of the JavaScript heap: objects, functions and so on",
        "Other non-JS objects (such as HTML and CSS)" => "The rest of what lives outside the JavaScript heap",
        "Total" => "Everything in the snapshot",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_explained_by_what_it_means_here() {
        assert!(class("(compiled code)").is_some_and(|text| text.contains("bytecode")));
        assert_eq!(class("{a, b}"), Some("Plain objects that have these properties"));
        assert!(class("Detached <div>").is_some_and(|text| text.contains("removed from the document")));
        assert_eq!(class("system / Context / https://a.example"), class("system / Context"));
        assert_eq!(class("Server"), None, "what a program's own classes mean only its author knows");
        assert!(edge(EdgeKind::Weak).contains("does not keep"));
    }
}
