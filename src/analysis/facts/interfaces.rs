//! Tells plain objects apart by the properties they have.
//!
//! An *interface* is a list of property names that enough plain objects begin with. An object
//! belongs to the interface with the most properties among those it has all properties of.

use super::interner::{Interner, hash_text};
use super::shapes::{Shape, Shapes, property_names};
use crate::analysis::naming::names::property_text;
use crate::graph::{HeapGraph, NodeIndex, StringIndex};
use crate::progress::{Cancelled, Stage};
use crate::text::{Text, TextBuf};
use rustc_hash::FxHashMap;
use std::cmp::Reverse;

/// An inferred interface: property names many plain objects share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Its text, `{a, b}`: the class name of the objects that match.
    pub name: TextBuf,
    /// The property names, unformatted, in order of the text.
    pub properties: Vec<TextBuf>,
}

/// Names are added to an interface's text while it stays within this many UTF-16 units, not
/// counting the last separator.
const MAX_TEXT_UNITS: usize = 120;

/// An interface needs at least this many objects.
const MIN_OBJECTS: u64 = 2;

/// An interface needs at least one in this many of all plain objects.
const MIN_PROPORTION: u64 = 1000;

/// Finds the interfaces of the objects of all `shapes`, the most popular first.
pub(in crate::analysis) fn infer(
    graph: &HeapGraph,
    shapes: &Shapes,
    stage: &Stage,
) -> Result<Vec<Interface>, Cancelled> {
    let mut candidates: Vec<Shape> = Vec::new();
    let mut table = Interner::default();
    let mut total = 0;
    for (i, shape) in shapes.iter().enumerate() {
        if i.is_multiple_of(1 << 12) {
            stage.check()?;
        }
        total += u64::from(shape.count);
        let (text, properties) = candidate(graph, shape.object);
        if properties.is_empty() {
            continue;
        }
        // Texts are made anew to compare them: keeping them would take more memory than all else
        // where every object has properties of its own.
        let is_equal = |other: u32| candidate(graph, candidates[other as usize].object).0 == text;
        let number = table.intern(hash_text(text.as_text()), is_equal);
        match candidates.get_mut(number as usize) {
            Some(candidate) => candidate.count += shape.count,
            None => candidates.push(shape),
        }
    }
    candidates.retain(|c| u64::from(c.count) >= MIN_OBJECTS && u64::from(c.count) * MIN_PROPORTION >= total);
    // Stable: of equally popular ones the first seen stays first.
    candidates.sort_by_key(|c| Reverse(c.count));
    let interface = |c: &Shape| {
        let (name, properties) = candidate(graph, c.object);
        Interface { name, properties: properties.into_iter().map(Text::to_owned).collect() }
    };
    Ok(candidates.iter().map(interface).collect())
}

/// The interface an object suggests: the text, and the names in it.
fn candidate(graph: &HeapGraph, object: NodeIndex) -> (TextBuf, Vec<Text<'_>>) {
    let mut text = TextBuf::from("{");
    let mut units = 1;
    let mut properties = Vec::new();
    for name in property_names(graph, object).map(|name| graph.strings.get(name)) {
        if name == "__proto__" {
            continue;
        }
        let shown = property_text(name);
        let more = shown.as_text().utf16_len();
        if units > 1 && units + more > MAX_TEXT_UNITS {
            break;
        }
        // By length: nothing separates an empty first name from the next.
        if units > 1 {
            text.push_str(", ");
            units += 2;
        }
        text.push(shown.as_text());
        units += more;
        properties.push(name);
    }
    text.push_str("}");
    (text, properties)
}

/// Finds the best interface for shapes of objects.
pub(in crate::analysis) struct Matcher<'a> {
    graph: &'a HeapGraph,
    /// Numbers of the property names in interfaces.
    numbers: FxHashMap<&'a [u8], u32>,
    /// For each string its number plus two, 1 if no interface has it, 0 if nobody asked yet.
    number_of_string: Vec<u32>,
    /// For each interface the property numbers, each with how often the interface has it: an
    /// object that has a name twice makes an interface that has it twice.
    properties: Vec<Vec<(u32, u32)>>,
    /// For each property number the interfaces in which it is the rarest. An interface that
    /// matches an object stands under one of the object's properties.
    by_rarest: Vec<Vec<u32>>,
    /// For each property number how often the current object has it, valid for one object.
    counts: Vec<(u32, u32)>,
    object: u32,
}

impl<'a> Matcher<'a> {
    /// Prepares to match objects of `graph` with `interfaces`, which may be another snapshot's.
    pub(in crate::analysis) fn new(graph: &'a HeapGraph, interfaces: &'a [Interface]) -> Self {
        let mut numbers: FxHashMap<&[u8], u32> = FxHashMap::default();
        let mut used_by: Vec<u32> = Vec::new();
        let mut properties = Vec::new();
        for interface in interfaces {
            let mut own: Vec<(u32, u32)> = Vec::new();
            for name in &interface.properties {
                let number = *numbers.entry(name.as_text().as_bytes()).or_insert(used_by.len() as u32);
                if number as usize == used_by.len() {
                    used_by.push(0);
                }
                match own.iter_mut().find(|p| p.0 == number) {
                    Some(p) => p.1 += 1,
                    None => own.push((number, 1)),
                }
            }
            own.iter().for_each(|p| used_by[p.0 as usize] += 1);
            properties.push(own);
        }
        let mut by_rarest = vec![Vec::new(); used_by.len()];
        for (i, own) in properties.iter().enumerate() {
            if let Some(rarest) = own.iter().min_by_key(|p| used_by[p.0 as usize]) {
                by_rarest[rarest.0 as usize].push(i as u32);
            }
        }
        Self {
            graph,
            number_of_string: vec![0; if interfaces.is_empty() { 0 } else { graph.strings.len() }],
            counts: vec![(0, 0); used_by.len()],
            numbers,
            properties,
            by_rarest,
            object: 0,
        }
    }

    /// The interface with the most properties that `object` has all of; the first of several.
    pub(in crate::analysis) fn best(&mut self, object: NodeIndex) -> Option<usize> {
        if self.properties.is_empty() {
            return None;
        }
        self.object += 1;
        let graph = self.graph;
        let mut present = Vec::new();
        for name in property_names(graph, object) {
            let Some(number) = self.number(name) else { continue };
            let count = &mut self.counts[number as usize];
            if count.0 != self.object {
                *count = (self.object, 0);
                present.push(number);
            }
            count.1 += 1;
        }
        let has_all = |i: u32| {
            self.properties[i as usize].iter().all(|&(property, times)| {
                let (object, count) = self.counts[property as usize];
                object == self.object && count >= times
            })
        };
        let length = |i: u32| self.properties[i as usize].iter().map(|p| p.1).sum::<u32>();
        present
            .iter()
            .flat_map(|&property| &self.by_rarest[property as usize])
            .copied()
            .filter(|&i| has_all(i))
            .min_by_key(|&i| (Reverse(length(i)), i))
            .map(|i| i as usize)
    }

    /// The number of the property called by the string at `name`, if any interface has it.
    fn number(&mut self, name: StringIndex) -> Option<u32> {
        let known = &mut self.number_of_string[name.at()];
        if *known == 0 {
            let number = self.numbers.get(self.graph.strings.get(name).as_bytes());
            *known = number.map_or(1, |n| n + 2);
        }
        known.checked_sub(2)
    }
}
