//! Numbers the nodes in the order a depth-first search meets them.

use super::super::essential::EssentialEdges;
use crate::graph::{NodeIndex, Retainers};
use crate::progress::{Cancelled, Stage};

/// A depth-first numbering of what the root and the orphans reach. The algorithms on top work
/// with numbers: what is near in the graph is near in their arrays.
#[derive(Debug)]
pub(super) struct Numbering {
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
    next_edge: u32,
}

impl Numbering {
    /// Searches from the root, then from the orphans left over, which count as the root's
    /// children.
    pub(super) fn new(essential: &EssentialEdges<'_>, retainers: &Retainers, stage: &Stage) -> Result<Self, Cancelled> {
        let graph = essential.graph();
        let node_count = graph.node_count();
        let mut numbering = Self {
            number: vec![0; node_count],
            vertex: Vec::with_capacity(node_count),
            parent: Vec::with_capacity(node_count),
        };
        if node_count == 0 {
            return Ok(numbering);
        }
        numbering.search(graph.root, essential, stage)?;
        if numbering.vertex.len() < node_count {
            for n in graph.node_indices() {
                if numbering.number[n.at()] == 0 && !retainers.of(n).any(|r| r.is_essential()) {
                    numbering.search(n, essential, stage)?;
                }
            }
        }
        Ok(numbering)
    }

    fn search(&mut self, start: NodeIndex, essential: &EssentialEdges<'_>, stage: &Stage) -> Result<(), Cancelled> {
        let graph = essential.graph();
        let first_edge = &graph.nodes.first_edge;
        self.add(start, 0);
        let mut stack = vec![Frame { node: start, next_edge: first_edge[start.at()] }];
        while let Some(Frame { node, next_edge }) = stack.pop() {
            let rule = essential.of(node);
            let parent = self.number[node.at()] - 1;
            let end = first_edge[node.at() + 1];
            for edge in next_edge..end {
                let word = graph.edges.targets[edge as usize];
                let target = NodeIndex(word >> 3);
                if self.number[target.at()] != 0 || !rule.contain(edge as usize, word) {
                    continue;
                }
                self.add(target, parent);
                if self.vertex.len().is_multiple_of(1 << 15) {
                    stage.reached(self.vertex.len() as u64, 3 * graph.node_count() as u64)?;
                }
                // A node without edges needs no frame.
                let targets_first = first_edge[target.at()];
                if targets_first < first_edge[target.at() + 1] {
                    stack.push(Frame { node, next_edge: edge + 1 });
                    stack.push(Frame { node: target, next_edge: targets_first });
                    break;
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, n: NodeIndex, parent: u32) {
        self.vertex.push(n);
        self.parent.push(parent);
        self.number[n.at()] = self.vertex.len() as u32;
    }
}
