//! A snapshot with everything known about it: what every panel and command asks.

use super::memo::Memo;
use crate::analysis::Facts;
use crate::analysis::Spare;
use crate::analysis::facts::classes::{self, Class, Classes};
use crate::analysis::facts::constructors::{ConstructorGroup, Grouping, Sizes};
use crate::analysis::facts::dominator_forest::dominator_forest;
use crate::analysis::facts::dominator_tree::DominatorTree;
use crate::analysis::facts::dominators::DominatorOrder;
use crate::analysis::facts::interfaces::Interface;
use crate::analysis::naming::names;
use crate::analysis::order::ids::NodesById;
use crate::graph::{
    ClassIndex, Detachedness, Edge, HeapGraph, NodeFlags, NodeId, NodeIndex, NodeKind, NodeSet, joined,
};
use crate::progress::{Cancelled, Progress, Stage};
use crate::text::{Text, TextBuf, TextCow};
use rayon::prelude::*;
use std::sync::OnceLock;

/// A graph and its facts; immutable once made, shared by `Arc`.
#[derive(Debug, Default)]
pub struct Heap {
    pub graph: HeapGraph,
    /// What was computed from it.
    pub facts: Facts,
    by_id: OnceLock<NodesById>,
    dominator_tree: OnceLock<DominatorTree>,
    greatest_js_id: OnceLock<u32>,
    /// Answers that were asked for and are kept.
    pub memo: Memo,
}

impl Heap {
    /// Computes all facts about `graph`.
    pub fn analyze(mut graph: HeapGraph, progress: &Progress) -> Result<Self, Cancelled> {
        let facts = Facts::compute(&mut graph, progress)?;
        Ok(Self { graph, facts, ..Self::default() })
    }

    /// The first object in the file that has `id`.
    pub fn find(&self, id: NodeId) -> Option<NodeIndex> {
        self.by_id.get_or_init(|| NodesById::new(&self.graph)).find(&self.graph, id)
    }

    /// The kind of `n`.
    #[inline]
    pub fn kind(&self, n: NodeIndex) -> NodeKind {
        self.graph.kind(n)
    }

    /// The id of `n`.
    #[inline]
    pub fn id(&self, n: NodeIndex) -> NodeId {
        self.graph.id(n)
    }

    /// The name that tables show, search looks through and sorting goes by.
    pub fn name(&self, n: NodeIndex) -> TextCow<'_> {
        names::displayed_name(&self.graph, &self.facts.flags, n)
    }

    /// The name in the file, with `Detached ` before it where propagation found a detached node.
    pub fn raw_name(&self, n: NodeIndex) -> TextCow<'_> {
        names::raw_name(&self.graph, &self.facts.flags, n)
    }

    /// The text of a string, all of it that the file has; `None` for what is not a string.
    pub fn string_value(&self, n: NodeIndex) -> Option<TextCow<'_>> {
        names::string_value(&self.graph, &self.facts.flags, n)
    }

    /// The name as a cell of a tree writes it: strings quoted, functions with parentheses.
    pub fn cell_text(&self, n: NodeIndex) -> TextCow<'_> {
        names::cell_text(&self.graph, &self.facts.flags, n)
    }

    /// The class at `c`.
    pub fn class(&self, c: ClassIndex) -> &Class {
        &self.facts.classes.classes[c.at()]
    }

    /// The class of `n`.
    #[inline]
    pub fn class_of(&self, n: NodeIndex) -> ClassIndex {
        self.facts.classes.of_node(n)
    }

    /// The name of the class of `n`: its row's text in Summary.
    pub fn class_name(&self, n: NodeIndex) -> Text<'_> {
        self.class(self.class_of(n)).name.as_text()
    }

    /// The key of the class of `n`: what tells classes of one name apart.
    pub fn class_key(&self, n: NodeIndex) -> TextBuf {
        self.class(self.class_of(n)).key()
    }

    /// The bytes of `n` itself and of what it owns.
    #[inline]
    pub fn shallow_size(&self, n: NodeIndex) -> u64 {
        self.facts.shallow_sizes.get(n)
    }

    /// The bytes that would go with `n`.
    #[inline]
    pub fn retained_size(&self, n: NodeIndex) -> u64 {
        self.facts.retained_sizes.get(n)
    }

    /// Steps from the roots; [`UNREACHED`](super::facts::distance::UNREACHED) and from
    /// [`SYSTEM_DISTANCE`](super::facts::distance::SYSTEM_DISTANCE) on are not steps.
    #[inline]
    pub fn distance(&self, n: NodeIndex) -> i32 {
        self.facts.distances.get(n)
    }

    /// The nearest object that all paths to `n` pass through; the root for the root itself.
    #[inline]
    pub fn dominator(&self, n: NodeIndex) -> NodeIndex {
        self.facts.dominators[n]
    }

    /// What is known of `n` in single bits.
    #[inline]
    pub fn flags(&self, n: NodeIndex) -> NodeFlags {
        self.facts.flags[n]
    }

    /// Whether `n` hangs in a document.
    #[inline]
    pub fn detachedness(&self, n: NodeIndex) -> Detachedness {
        self.facts.flags[n].detachedness()
    }

    /// The dominator tree; computed when first asked for.
    pub fn dominator_tree(&self) -> &DominatorTree {
        self.dominator_tree.get_or_init(|| {
            let order = DominatorOrder::new(&self.facts.dominators, self.graph.root);
            DominatorTree::new(&order, &Spare::default())
        })
    }

    /// The greatest odd id, 0 where there is none. Objects of the JavaScript heap have odd ids,
    /// given out in ascending order: whatever has a greater one was made after this snapshot.
    pub fn greatest_js_id(&self) -> u32 {
        *self
            .greatest_js_id
            .get_or_init(|| self.graph.nodes.ids.iter().map(|id| id.0).filter(|id| id % 2 == 1).max().unwrap_or(0))
    }

    /// The objects that `filter` accepts, grouped by class, in order of the groups' first
    /// objects. Without a filter [`Facts::constructors`] has them already.
    pub fn constructors(
        &self,
        filter: impl Fn(NodeIndex) -> bool + Sync,
        stage: &Stage,
    ) -> Result<Vec<ConstructorGroup>, Cancelled> {
        self.constructors_of(&self.facts.classes, filter, stage)
    }

    /// As [`Heap::constructors`], with `classes` in place of the heap's own.
    pub fn constructors_of(
        &self,
        classes: &Classes,
        filter: impl Fn(NodeIndex) -> bool + Sync,
        stage: &Stage,
    ) -> Result<Vec<ConstructorGroup>, Cancelled> {
        let Facts { shallow_sizes, retained_sizes, distances, dominators, .. } = &self.facts;
        let sizes = Sizes { shallow: shallow_sizes, retained: retained_sizes };
        // The filter first: most let few objects through, and ask a smaller column.
        let is_counted = |n| filter(n) && self.shallow_size(n) != 0;
        let count = || Grouping::count(classes, shallow_sizes, distances, is_counted, stage);
        let counted = self.graph.select(is_counted, stage)?;
        if counted.len() > self.graph.node_count() / 4 {
            drop(counted);
            return count()?.with_retained_sizes(classes, sizes, self.dominator_tree(), is_counted, stage);
        }
        let (grouping, forest) = rayon::join(count, || dominator_forest(dominators, &counted, stage));
        grouping?.with_retained_sizes(classes, sizes, &forest?, |_| true, stage)
    }

    /// The objects of `class`, all or those of `among`, that count (see [`ConstructorGroup`]), in file
    /// order.
    pub fn members(&self, class: ClassIndex, among: Option<&NodeSet>) -> Vec<NodeIndex> {
        let found = self.facts.classes.find(class);
        let counted = self.facts.constructors.iter().find(|g| g.class == class).map_or(0, |g| g.count as usize);
        if among.is_none() && found.len() == counted {
            return found;
        }
        let is_counted = |n: &NodeIndex| among.is_none_or(|nodes| nodes.contains(*n)) && self.shallow_size(*n) != 0;
        let counted = found.par_chunks(1 << 16).map(|chunk| chunk.iter().copied().filter(is_counted).collect());
        joined(&counted.collect::<Vec<_>>())
    }

    /// All nodes classified with another snapshot's interfaces in place of their own.
    pub fn classified_with(&self, interfaces: &[Interface], stage: &Stage) -> Result<Classes, Cancelled> {
        classes::classify(
            &self.graph,
            &self.facts.known_strings,
            &self.facts.flags,
            Some(interfaces),
            &Spare::default(),
            stage,
        )
    }

    /// The edges of `n` in file order.
    pub fn edges(&self, n: NodeIndex) -> impl DoubleEndedIterator<Item = Edge> + ExactSizeIterator + '_ {
        self.graph.edges(n)
    }

    /// The edges that point at `n` with their sources, last edge of the file first.
    pub fn edges_to(&self, n: NodeIndex) -> impl Iterator<Item = (NodeIndex, Edge)> + '_ {
        self.facts.retainers.edges_to(&self.graph, n).map(|(source, e)| (source, self.graph.edge(e)))
    }

    /// The size every percentage refers to: all nodes and what belongs to none.
    pub fn total_size(&self) -> u64 {
        if self.graph.node_count() == 0 {
            return self.graph.extra_native_bytes;
        }
        self.facts.retained_sizes.get(self.graph.root).saturating_add(self.graph.extra_native_bytes)
    }
}
