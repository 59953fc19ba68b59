//! Shapes of plain objects: the names of their properties in order.
//!
//! A heap has millions of plain objects and few shapes, so everything about interfaces is worked
//! out once for each shape. A shape is kept as its first object, whose edges say the rest.

use super::interner::{Interner, hash_next};
use super::known_strings::KnownStrings;
use crate::graph::{EdgeKind, HeapGraph, NodeIndex, NodeKind, StringIndex};
use crate::progress::{Cancelled, Stage};

/// The shapes of a snapshot's plain objects, by first appearance.
#[derive(Debug, Default)]
pub(in crate::analysis) struct Shapes {
    shapes: Vec<Shape>,
    table: Interner,
}

/// Objects with the same property names in the same order.
#[derive(Debug, Clone, Copy)]
pub(in crate::analysis) struct Shape {
    /// The first object that has it.
    pub(in crate::analysis) object: NodeIndex,
    /// How many have it.
    pub(in crate::analysis) count: u32,
}

/// The names of the properties of `n`, in order: edges of all other kinds left out.
pub(in crate::analysis) fn property_names(graph: &HeapGraph, n: NodeIndex) -> impl Iterator<Item = StringIndex> + '_ {
    let edges = graph.edge_words(n).iter().zip(graph.edge_range(n));
    edges
        .filter(|(word, _)| word.kind() == EdgeKind::Property)
        .map(|(_, edge)| StringIndex(graph.edges.names.get(edge)))
}

impl Shapes {
    /// Sorts the plain objects by shape and writes the shape's number to the object's entry in
    /// `shape_of`. DevTools begins at the root here, wherever that stands, and so does this;
    /// entries of all other nodes stay as they are.
    pub(in crate::analysis) fn find(
        graph: &HeapGraph,
        known: &KnownStrings,
        shape_of: &mut [u32],
        stage: &Stage,
    ) -> Result<Self, Cancelled> {
        let mut found = Self::default();
        for n in graph.node_indices().skip(graph.root.at()) {
            if n.0.is_multiple_of(1 << 14) {
                stage.check()?;
            }
            if graph.kind(n) == NodeKind::OBJECT && known.object.contain(graph.name_index(n)) {
                shape_of[n.at()] = found.add(graph, n);
            }
        }
        Ok(found)
    }

    fn add(&mut self, graph: &HeapGraph, n: NodeIndex) -> u32 {
        let hash = property_names(graph, n).fold(0, |hash, name| hash_next(hash, name.0));
        let shapes = &self.shapes;
        let number = self
            .table
            .intern(hash, |shape| property_names(graph, n).eq(property_names(graph, shapes[shape as usize].object)));
        match self.shapes.get_mut(number as usize) {
            Some(shape) => shape.count += 1,
            None => self.shapes.push(Shape { object: n, count: 1 }),
        }
        number
    }

    /// All shapes.
    pub(in crate::analysis) fn iter(&self) -> impl ExactSizeIterator<Item = Shape> + '_ {
        self.shapes.iter().copied()
    }
}
