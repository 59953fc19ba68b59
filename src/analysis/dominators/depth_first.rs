//! Numbers the nodes in the order a depth-first search meets them.

use crate::analysis::essential::EssentialEdges;
use crate::graph::{NodeIndex, NodeSet, Retainers};
use crate::progress::{Cancelled, Stage};
use std::ops::Range;

/// A depth-first numbering of what the root and the orphans reach. The algorithms on top work
/// with numbers: what is near in the graph is near in their arrays.
#[derive(Debug)]
pub struct Numbering {
    /// For each node its number plus one; 0 if it was not reached.
    pub(super) number: Vec<u32>,
    /// For each number its node.
    pub(super) vertex: Vec<NodeIndex>,
    /// For each number that of the node it was first met from; 0 for the root.
    pub(super) parent: Vec<u32>,
}

/// A node whose edges are being followed.
struct Frame {
    node: NodeIndex,
    number: u32,
    edges_left: Range<u32>,
}

impl Numbering {
    /// Searches from the root. Needs no retainers: another thread can find them meanwhile.
    pub fn from_root(essential: &EssentialEdges<'_>, stage: &Stage) -> Result<Self, Cancelled> {
        let node_count = essential.graph().node_count();
        let mut numbering = Self {
            number: vec![0; node_count],
            vertex: Vec::with_capacity(node_count),
            parent: Vec::with_capacity(node_count),
        };
        if node_count > 0 {
            let mut search = Search { essential, numbering: &mut numbering, reached: NodeSet::new(node_count) };
            search.run(essential.graph().root, stage)?;
        }
        Ok(numbering)
    }

    /// Searches from the orphans that are left over. They count as the root's children.
    pub(super) fn add_orphans(
        &mut self,
        essential: &EssentialEdges<'_>,
        retainers: &Retainers,
        stage: &Stage,
    ) -> Result<(), Cancelled> {
        let graph = essential.graph();
        if self.vertex.len() == graph.node_count() {
            return Ok(());
        }
        let reached = NodeSet::from_fn(graph.node_count(), |n: NodeIndex| self.number[n.at()] != 0);
        let mut search = Search { essential, numbering: self, reached };
        for n in graph.node_indices() {
            if !search.reached.contains(n) && !retainers.of(n).any(|r| r.is_essential()) {
                search.run(n, stage)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, n: NodeIndex, parent: u32) -> u32 {
        let number = self.vertex.len() as u32;
        self.vertex.push(n);
        self.parent.push(parent);
        self.number[n.at()] = number + 1;
        number
    }
}

struct Search<'a> {
    essential: &'a EssentialEdges<'a>,
    numbering: &'a mut Numbering,
    /// The nodes that have numbers: to be asked for every edge, a bit that is at hand rather than
    /// a number that is not.
    reached: NodeSet,
}

impl Search<'_> {
    fn run(&mut self, start: NodeIndex, stage: &Stage) -> Result<(), Cancelled> {
        let graph = self.essential.graph();
        let mut stack = Vec::new();
        let mut current = self.reach(start, 0);
        loop {
            match self.first_new_target(&mut current) {
                Some(next) => {
                    if next.number.is_multiple_of(1 << 14) {
                        stage.reached(u64::from(next.number), graph.node_count() as u64)?;
                    }
                    if !current.edges_left.is_empty() {
                        stack.push(current);
                    }
                    current = next;
                }
                None => match stack.pop() {
                    Some(frame) => current = frame,
                    None => return Ok(()),
                },
            }
        }
    }

    /// Follows the edges of a node as far as one that leads on.
    fn first_new_target(&mut self, frame: &mut Frame) -> Option<Frame> {
        let graph = self.essential.graph();
        let rule = self.essential.of(frame.node);
        for edge in &mut frame.edges_left {
            let word = graph.edges.targets[edge as usize];
            let target = NodeIndex(word >> 3);
            if !self.reached.contains(target) && rule.contain(edge as usize, word) {
                let next = self.reach(target, frame.number);
                if !next.edges_left.is_empty() {
                    return Some(next);
                }
            }
        }
        None
    }

    fn reach(&mut self, n: NodeIndex, parent: u32) -> Frame {
        self.reached.insert(n);
        let number = self.numbering.add(n, parent);
        let first_edge = &self.essential.graph().nodes.first_edge;
        Frame { node: n, number, edges_left: first_edge[n.at()]..first_edge[n.at() + 1] }
    }
}
