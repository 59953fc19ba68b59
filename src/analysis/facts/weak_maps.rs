//! Edges to the values of `WeakMap`s, known by their names.
//!
//! V8 writes two edges to each value, one from the key and one from the table, and names both
//! `N / part of key (K @1) -> value (V @2) pair in WeakMap (table @3)`. From the first blank on
//! the two names are equal: that part is the *pair*.

use crate::graph::{NodeId, StringIndex, StringSet};
use crate::text::Text;
use rustc_hash::FxHashMap;

/// What the name of an edge says about a pair of a `WeakMap`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeakMapName {
    /// Where the name stands in the string table.
    pub name: StringIndex,
    /// Which pair: equal for the names of both edges.
    pub pair: u32,
    /// The id of the table, as far as the name's number is one.
    pub table: Option<NodeId>,
}

/// The names in a string table that speak of pairs of `WeakMap`s.
#[derive(Debug, Clone, Default)]
pub struct WeakMapNames {
    /// Ascending by position.
    names: Vec<WeakMapName>,
    /// The same as a set; `None` where there are no such names.
    set: Option<StringSet>,
}

/// Finds [`WeakMapNames`] among strings that are shown to it in order.
#[derive(Debug, Default)]
pub(in crate::analysis) struct Collector<'a> {
    names: Vec<WeakMapName>,
    pairs: FxHashMap<&'a [u8], u32>,
}

impl<'a> Collector<'a> {
    /// Takes `text` in if it is such a name.
    pub(in crate::analysis) fn offer(&mut self, name: StringIndex, text: Text<'a>) {
        if let Some((pair, table)) = parse(text.as_bytes()) {
            let next = self.pairs.len() as u32;
            let pair = *self.pairs.entry(pair).or_insert(next);
            self.names.push(WeakMapName { name, pair, table });
        }
    }

    /// All that was found in a table of `string_count` strings.
    pub(in crate::analysis) fn finish(self, string_count: usize) -> WeakMapNames {
        let mut set = None;
        if !self.names.is_empty() {
            let set = set.insert(StringSet::new(string_count));
            for n in &self.names {
                set.insert(n.name);
            }
        }
        WeakMapNames { names: self.names, set }
    }
}

impl WeakMapNames {
    /// Whether no name speaks of a `WeakMap`.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// All such names, in order of the string table.
    pub fn iter(&self) -> impl Iterator<Item = &WeakMapName> {
        self.names.iter()
    }

    /// What the name at `name` says about a pair, if anything.
    #[inline]
    pub fn get(&self, name: StringIndex) -> Option<&WeakMapName> {
        if !self.set.as_ref()?.contains(name) {
            return None;
        }
        let at = self.names.binary_search_by_key(&name, |n| n.name).ok()?;
        Some(&self.names[at])
    }
}

/// `(pair, table id)` of an edge name, as DevTools' pattern
/// `^\d+( / part of key \(.*? @\d+\) -> value \(.*? @\d+\) pair in WeakMap \(table @(\d+)\))$`
/// finds them. Its ends are fixed and its middle may be anything, so it is peeled from both ends.
fn parse(text: &[u8]) -> Option<(&[u8], Option<NodeId>)> {
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let pair = &text[digits..];
    let middle = pair.strip_prefix(b" / part of key (").filter(|_| digits > 0)?;
    let (middle, table) = strip_id(middle.strip_suffix(b")")?)?;
    let middle = middle.strip_suffix(b" pair in WeakMap (table")?;
    let (middle, _) = strip_id(middle.strip_suffix(b")")?)?;
    // What is left is `KEY @1) -> value (VALUE`; either may hold anything but a line's end.
    let arrow = b") -> value (";
    let has_arrow =
        middle.windows(arrow.len()).enumerate().any(|(at, w)| w == arrow && strip_id(&middle[..at]).is_some());
    let has_line_end = middle.iter().any(|b| matches!(b, b'\n' | b'\r'))
        || middle.windows(3).any(|w| matches!(w, [0xE2, 0x80, 0xA8 | 0xA9]));
    (has_arrow && !has_line_end).then_some((pair, table))
}

/// Takes ` @123` off the end. The id is `None` where the number is none any node has.
fn strip_id(text: &[u8]) -> Option<(&[u8], Option<NodeId>)> {
    let digits = text.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let (rest, id) = text.split_at(text.len() - digits);
    let rest = rest.strip_suffix(b" @").filter(|_| digits > 0)?;
    let id = std::str::from_utf8(id).ok().and_then(|id| id.parse().ok());
    Some((rest, id.map(NodeId)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str) -> Option<Option<u32>> {
        parse(name.as_bytes()).map(|(_, table)| table.map(|id| id.0))
    }

    #[test]
    fn names_of_pairs_are_told_from_all_others() {
        let name = "12 / part of key (Object @5) -> value (a) (b @6) pair in WeakMap (table @7)";
        assert_eq!(table(name), Some(Some(7)));
        assert_eq!(parse(name.as_bytes()).unwrap().0, &name.as_bytes()[2..]);
        assert_eq!(table("1 / part of key ( @5) -> value ( @6) pair in WeakMap (table @7)"), Some(Some(7)));
        for other in [
            " / part of key (K @5) -> value (V @6) pair in WeakMap (table @7)",
            "x1 / part of key (K @5) -> value (V @6) pair in WeakMap (table @7)",
            "1 / part of key (K @) -> value (V @6) pair in WeakMap (table @7)",
            "1 / part of key (K @5) -> value (V @6) pair in WeakMap (table @7) ",
            "1 / part of key (K @5) -> value (V @6) pair in WeakMap (table @x)",
            "1 / part of key (K @5) -> value (V@6) pair in WeakMap (table @7)",
            "1 / part of key (K @5) => value (V @6) pair in WeakMap (table @7)",
            "1 / part of key (K\n @5) -> value (V @6) pair in WeakMap (table @7)",
            "1 / part of key (K @5) -> value (V\u{2028} @6) pair in WeakMap (table @7)",
            "1 / part of key (K @5) pair in WeakMap (table @7)",
        ] {
            assert_eq!(table(other), None, "{other:?}");
        }
    }

    #[test]
    fn numbers_no_node_can_have_name_no_table() {
        let name = "1 / part of key (K @5) -> value (V @6) pair in WeakMap (table @4294967296)";
        assert_eq!(table(name), Some(None));
        assert_eq!(table(&name.replace("4294967296", "000007")), Some(Some(7)));
    }
}
