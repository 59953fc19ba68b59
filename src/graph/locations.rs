//! Where the functions that made objects stand in their scripts.

use super::{Location, NodeIndex};
use rayon::slice::ParallelSliceMut;
use rustc_hash::FxHashMap;

/// The locations of objects, ascending by object, one for each.
///
/// Thousands of objects share a constructor, so each place is kept once and objects refer to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Locations {
    /// Objects and the positions of their places in `table`.
    entries: Vec<(NodeIndex, u32)>,
    /// All different, in order of first use.
    table: Vec<Location>,
}

/// Places by number, each once.
#[derive(Debug, Default)]
pub struct Places {
    numbers: FxHashMap<Location, u32>,
    table: Vec<Location>,
}

impl Places {
    /// The number of a place.
    pub fn number(&mut self, location: Location) -> u32 {
        let next = self.table.len() as u32;
        let number = *self.numbers.entry(location).or_insert(next);
        if number == next {
            self.table.push(location);
        }
        number
    }

    /// The places, by number.
    pub fn table(&self) -> &[Location] {
        &self.table
    }
}

impl Locations {
    /// Takes objects in the file's order, each with the number of its place. Of several places of
    /// an object the last one counts.
    ///
    /// # Panics
    /// When a number is none of `places`.
    pub fn new(mut entries: Vec<(NodeIndex, u32)>, places: &Places) -> Self {
        entries.par_sort_by_key(|e| e.0);
        entries.dedup_by(|later, kept| {
            let is_same = later.0 == kept.0;
            if is_same {
                kept.1 = later.1;
            }
            is_same
        });
        // Numbered anew by first use, so that the order of the file does not show.
        let mut table = Vec::new();
        let mut numbers = vec![u32::MAX; places.table.len()];
        for (_, place) in &mut entries {
            let number = &mut numbers[*place as usize];
            if *number == u32::MAX {
                *number = table.len() as u32;
                table.push(places.table[*place as usize]);
            }
            *place = *number;
        }
        Self { entries, table }
    }

    /// The number of objects with a location.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no object has a location.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The location of `n`, if it has one.
    pub fn get(&self, n: NodeIndex) -> Option<Location> {
        let i = self.entries.binary_search_by_key(&n, |e| e.0).ok()?;
        Some(self.table[self.entries[i].1 as usize])
    }

    /// All objects that have a location, ascending.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (NodeIndex, Location)> {
        self.entries.iter().map(|&(n, place)| (n, self.table[place as usize]))
    }

    /// Heap bytes held.
    pub fn heap_bytes(&self) -> usize {
        self.entries.capacity() * size_of::<(NodeIndex, u32)>() + self.table.capacity() * size_of::<Location>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_locations_of_an_object_the_last_one_counts() {
        let at = |line| Location { script_id: 1, line, column: 4_294_967_294 };
        let mut places = Places::default();
        let all = [(5, 1), (2, 7), (5, 2), (3, 7), (5, 1)];
        let entries = all.map(|(n, line)| (NodeIndex(n), places.number(at(line))));
        let locations = Locations::new(entries.to_vec(), &places);
        let listed: Vec<_> = locations.iter().map(|(n, l)| (n.0, l.line)).collect();
        assert_eq!(listed, [(2, 7), (3, 7), (5, 1)]);
        assert_eq!(locations.get(NodeIndex(5)), Some(at(1)));
        assert_eq!(locations.get(NodeIndex(4)), None);
        assert_eq!(locations.table, [at(7), at(1)]);
    }
}
