//! Numbers the nodes in the order a depth-first search meets them.

use crate::analysis::facts::dead_ends::{DeadEnds, DeadEndsOnTheWay};
use crate::analysis::facts::essential::EssentialEdges;
use crate::analysis::facts::known_strings::KnownStrings;
use crate::analysis::facts::{reach, roots};
use crate::graph::{Edge, EdgeKind, EdgeWord, NodeIndex, NodeSet, Retainers, prefetch};
use crate::progress::{Cancelled, Stage};

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
    /// The nodes that the search met first, from the page's roots: those numbered from 1 to below
    /// `page_end`.
    pub(super) page: NodeSet,
    pub(super) page_end: u32,
}

/// A node that an edge leads to which is yet to be followed.
struct Waiting {
    node: NodeIndex,
    /// The number of the edge's source.
    parent: u32,
}

impl Numbering {
    /// Searches from the root, and finds the page's objects on the way. Needs no retainers:
    /// another thread can find them meanwhile.
    ///
    /// What the page owns comes first. Until all of that is found, each edge followed begins at an
    /// object of the page, and nobody asks for the part of the rule that is about the page; from
    /// then on, whatever is left to be found is not the page's. `essential` is the rule without
    /// that part.
    pub fn from_root(
        essential: &EssentialEdges<'_>,
        known: &KnownStrings,
        dead_ends: &DeadEnds,
        stage: &Stage,
    ) -> Result<(Self, NodeSet), Cancelled> {
        let graph = essential.graph();
        let node_count = graph.node_count();
        let mut numbering = Self {
            number: vec![0; node_count],
            vertex: Vec::with_capacity(node_count),
            parent: Vec::with_capacity(node_count),
            page: NodeSet::default(),
            page_end: 1,
        };
        if node_count == 0 {
            return Ok((numbering, NodeSet::default()));
        }
        let root = graph.root;
        numbering.add(root, 0);
        let mut search = Search::new(essential, dead_ends, &mut numbering, NodeSet::new(node_count));
        let mut refused = Vec::new();
        for edge in roots::page_edges(graph, known) {
            search.within_page(edge, &mut refused, stage)?;
        }
        let reached_by_page = search.reached.clone();
        search.numbering.page_end = search.numbering.vertex.len() as u32;
        search.numbering.page = reached_by_page.clone();
        search.numbering.page.remove(root);
        // The root is among what is reached if an object of the page points at it: then the page
        // owns all it leads to.
        if !search.reached.insert(root) {
            refused.extend(graph.edges(root).filter(|e| e.kind != EdgeKind::Weak).map(|e| e.target));
        }
        let has_more = refused.iter().any(|&n| !search.reached.contains(n));
        let page_objects = reach::page_objects(graph, reached_by_page, &refused, stage)?;
        if has_more {
            let whole_rule = essential.with_page(&page_objects);
            let Search { numbering, reached, dead_ends, .. } = search;
            Search { essential: &whole_rule, numbering, reached, dead_ends }.run(root, 0, stage)?;
        } else {
            search.run(root, 0, stage)?;
        }
        Ok((numbering, page_objects))
    }

    /// Searches from the orphans that are left over. They count as the root's children.
    pub(super) fn add_orphans(
        &mut self,
        essential: &EssentialEdges<'_>,
        dead_ends: &DeadEnds,
        retainers: &Retainers,
        stage: &Stage,
    ) -> Result<(), Cancelled> {
        let graph = essential.graph();
        if self.vertex.len() == graph.node_count() {
            return Ok(());
        }
        let reached = NodeSet::from_fn(graph.node_count(), |n: NodeIndex| self.number[n.at()] != 0);
        let mut search = Search::new(essential, dead_ends, self, reached);
        for n in graph.node_indices() {
            if !search.reached.contains(n) && !retainers.of(n).any(|r| r.is_essential()) {
                let number = search.reach(n, 0);
                search.run(n, number, stage)?;
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
    dead_ends: DeadEndsOnTheWay<'a>,
}

impl<'a> Search<'a> {
    fn new(
        essential: &'a EssentialEdges<'a>,
        dead_ends: &'a DeadEnds,
        numbering: &'a mut Numbering,
        reached: NodeSet,
    ) -> Self {
        Self { essential, numbering, reached, dead_ends: DeadEndsOnTheWay::new(dead_ends) }
    }

    /// Searches from the target of `edge`, an edge of the root. Adds to `refused` what else the
    /// page owns, although no edge that was followed leads there.
    fn within_page(&mut self, edge: Edge, refused: &mut Vec<NodeIndex>, stage: &Stage) -> Result<(), Cancelled> {
        let graph = self.essential.graph();
        if self.reached.contains(edge.target) {
            return Ok(());
        }
        let word = graph.edges.targets[edge.index.at()];
        if !self.essential.of(graph.root).contain(edge.index.at(), word) || edge.target == graph.root {
            if edge.kind != EdgeKind::Weak {
                refused.push(edge.target);
            }
            return Ok(());
        }
        let number = self.reach(edge.target, 0);
        self.follow(edge.target, number, stage, |target, word| {
            if word.kind() != EdgeKind::Weak {
                refused.push(target);
            }
        })
    }

    /// Follows the edges of `start`, and those of all they lead to.
    fn run(&mut self, start: NodeIndex, number: u32, stage: &Stage) -> Result<(), Cancelled> {
        self.follow(start, number, stage, |_, _| ())
    }

    /// All targets of a node are looked at together, so that the processor can fetch what is known
    /// of them while the first of them is followed. Those without edges get their numbers at once:
    /// the order among siblings is free.
    #[inline(always)]
    fn follow(
        &mut self,
        start: NodeIndex,
        number: u32,
        stage: &Stage,
        mut refuse: impl FnMut(NodeIndex, EdgeWord),
    ) -> Result<(), Cancelled> {
        let graph = self.essential.graph();
        let mut waiting = Vec::new();
        let mut steps = 0u32;
        self.look_at_targets(start, number, &mut waiting, &mut refuse);
        while let Some(Waiting { node, parent }) = waiting.pop() {
            if self.reached.contains(node) {
                continue;
            }
            let number = self.reach(node, parent);
            steps = steps.wrapping_add(1);
            if steps.is_multiple_of(1 << 13) {
                stage.reached(u64::from(number), graph.node_count() as u64)?;
            }
            if let Some(next) = waiting.last() {
                prefetch(&graph.edges.targets, graph.nodes.first_edge[next.node.at()] as usize);
            }
            self.look_at_targets(node, number, &mut waiting, &mut refuse);
        }
        Ok(())
    }

    /// Lets those targets of `source` wait that have edges and no numbers, the first edge's last.
    #[inline(always)]
    fn look_at_targets(
        &mut self,
        source: NodeIndex,
        number: u32,
        waiting: &mut Vec<Waiting>,
        refuse: &mut impl FnMut(NodeIndex, EdgeWord),
    ) {
        let graph = self.essential.graph();
        let rule = self.essential.of(source);
        for edge in graph.edge_range(source).rev() {
            let word = graph.edges.targets[edge];
            let target = word.target();
            if self.reached.contains(target) {
                continue;
            }
            if !rule.contain(edge, word) {
                refuse(target, word);
            } else if target == graph.root {
                // Has its number already.
                self.reached.insert(target);
            } else if self.dead_ends.contain(target, &self.reached) {
                self.reach(target, number);
            } else {
                prefetch(&graph.nodes.first_edge, target.at());
                waiting.push(Waiting { node: target, parent: number });
            }
        }
    }

    #[inline(always)]
    fn reach(&mut self, n: NodeIndex, parent: u32) -> u32 {
        self.reached.insert(n);
        self.numbering.add(n, parent)
    }
}
