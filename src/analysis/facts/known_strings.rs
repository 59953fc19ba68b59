//! Where the texts that rules speak of stand in a string table.
//!
//! Passes over millions of nodes and edges compare positions instead of texts. Nothing says that
//! a text stands in the table only once, so each has a list of positions.

use super::weak_maps::{Collector, WeakMapNames};
use crate::graph::{StringIndex, Strings};
use crate::progress::{Cancelled, Stage};

/// All positions of one text, ascending.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Positions(Vec<StringIndex>);

impl Positions {
    /// Whether the text stands nowhere.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the text stands at `i`.
    #[inline(always)]
    pub fn contain(&self, i: StringIndex) -> bool {
        match self.0.as_slice() {
            [] => false,
            [only] => *only == i,
            several => several.binary_search(&i).is_ok(),
        }
    }
}

/// Positions of the texts that the rules for distances, sizes, classes and strings name.
#[derive(Debug, Clone, Default)]
pub struct KnownStrings {
    /// `Object`, the name of plain objects.
    pub object: Positions,
    /// `(Document DOM trees)`, the one synthetic node that is a user's root.
    pub document_dom_trees: Positions,
    /// `system / NativeContext`.
    pub native_context: Positions,
    /// `sloppy_function_map`.
    pub sloppy_function_map: Positions,
    /// `(map descriptors)`.
    pub map_descriptors: Positions,
    /// `system / ExternalStringData`.
    pub external_string_data: Positions,
    /// `first`, the name of the edge to the first half of a concatenated string.
    pub first: Positions,
    /// `second`, that to the second one.
    pub second: Positions,
    /// `truncated`, that to the mark of a string that was cut off.
    pub truncated: Positions,
    /// Names of edges to the values of `WeakMap`s.
    pub weak_maps: WeakMapNames,
}

impl KnownStrings {
    /// Looks through the whole table once.
    pub fn find(strings: &Strings, stage: &Stage) -> Result<Self, Cancelled> {
        let mut known = Self::default();
        let mut weak_maps = Collector::default();
        for (i, text) in strings.iter() {
            if i.0.is_multiple_of(1 << 16) {
                stage.reached(u64::from(i.0), strings.len() as u64)?;
            }
            let positions = match text.as_bytes() {
                b"Object" => &mut known.object,
                b"(Document DOM trees)" => &mut known.document_dom_trees,
                b"system / NativeContext" => &mut known.native_context,
                b"sloppy_function_map" => &mut known.sloppy_function_map,
                b"(map descriptors)" => &mut known.map_descriptors,
                b"system / ExternalStringData" => &mut known.external_string_data,
                b"first" => &mut known.first,
                b"second" => &mut known.second,
                b"truncated" => &mut known.truncated,
                [b'0'..=b'9', .., b')'] => {
                    weak_maps.offer(i, text);
                    continue;
                }
                _ => continue,
            };
            positions.0.push(i);
        }
        known.weak_maps = weak_maps.finish(strings.len());
        Ok(known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_known_at_every_position_it_stands_at() {
        let texts = ["x", "Object", "", "Object", "(map descriptors)"];
        let mut starts = vec![0];
        texts.iter().for_each(|t| starts.push(starts[starts.len() - 1] + t.len() as u64));
        let strings = Strings::from_parts(texts.concat().into_bytes(), starts);
        let known = KnownStrings::find(&strings, &Stage::unwatched()).unwrap();
        let objects: Vec<bool> = (0..5).map(|i| known.object.contain(StringIndex(i))).collect();
        assert_eq!(objects, [false, true, false, true, false]);
        assert!(known.map_descriptors.contain(StringIndex(4)));
        assert!(!known.native_context.contain(StringIndex(0)));
    }
}
