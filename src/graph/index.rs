//! Positions in the graph's columns, as types that cannot be mixed up.

use rayon::prelude::*;
use std::fmt;
use std::ops::{Index, IndexMut};

/// The file's `id` of an object, shown as `@123`: the same object has the same id in every
/// snapshot of one process. Ids past 2^32 are kept modulo 2^32, as DevTools keeps them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct NodeId(pub u32);

/// Dense position of a node, `0..node_count`, in file order. Comes from the graph; valid only
/// with the graph it came from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct NodeIndex(pub u32);

/// Dense position of an edge, `0..edge_count`, in file order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct EdgeIndex(pub u32);

/// Position in the file's string table. Equal text does not mean equal index.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct StringIndex(pub u32);

/// Position in [`crate::analysis::facts::classes::Classes`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ClassIndex(pub u32);

/// What all positions have in common, for collections that work for any of them.
pub trait Position: Copy {
    /// The position with this number.
    fn from_position(position: u32) -> Self;

    /// The position as a slice index.
    fn position(self) -> usize;
}

/// The positions of all parts, one part after the other; all threads copy.
pub fn joined<I: Position + Send + Sync>(parts: &[Vec<I>]) -> Vec<I> {
    let lens: Vec<usize> = parts.iter().map(Vec::len).collect();
    fill_parts(&lens, |part, places| {
        places.iter_mut().zip(&parts[part]).for_each(|(place, i)| *place = i.position() as u32);
    })
}

/// A list of parts of these lengths; all threads ask `fill` for the numbers of one part after the
/// other. They are the first to touch its memory, which is most of the work.
pub(super) fn fill_parts<I: Position>(lens: &[usize], fill: impl Fn(usize, &mut [u32]) + Sync) -> Vec<I> {
    let mut positions = vec![0; lens.iter().sum()];
    let mut rest = &mut positions[..];
    let parts = lens.iter().map(|&len| rest.split_off_mut(..len).unwrap_or_default());
    let parts: Vec<&mut [u32]> = parts.collect();
    parts.into_par_iter().enumerate().for_each(|(i, part)| fill(i, part));
    positions.into_iter().map(I::from_position).collect()
}

// A position in any list.
impl Position for u32 {
    #[inline(always)]
    fn from_position(position: u32) -> Self {
        position
    }
    #[inline(always)]
    fn position(self) -> usize {
        self as usize
    }
}

macro_rules! index {
    ($($name:ident)*) => {$(
        impl Position for $name {
            #[inline(always)]
            fn from_position(position: u32) -> Self {
                Self(position)
            }
            #[inline(always)]
            fn position(self) -> usize {
                self.at()
            }
        }
        impl $name {
            /// The position as a slice index.
            #[inline(always)]
            pub fn at(self) -> usize {
                self.0 as usize
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    )*};
}
index!(NodeIndex EdgeIndex StringIndex ClassIndex);

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{}", self.0)
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{}", self.0)
    }
}

/// A column with one value for each node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PerNode<T>(pub Vec<T>);

impl<T> Index<NodeIndex> for PerNode<T> {
    type Output = T;
    #[inline(always)]
    fn index(&self, n: NodeIndex) -> &T {
        &self.0[n.at()]
    }
}

impl<T> IndexMut<NodeIndex> for PerNode<T> {
    #[inline(always)]
    fn index_mut(&mut self, n: NodeIndex) -> &mut T {
        &mut self.0[n.at()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_joined_in_their_order() {
        let parts = [vec![3, 1], vec![], vec![2], (10..5000).collect(), vec![]]
            .map(|p: Vec<u32>| p.into_iter().map(NodeIndex).collect::<Vec<_>>());
        assert_eq!(joined(&parts), parts.concat());
        assert_eq!(joined::<NodeIndex>(&[]), []);
    }
}
