//! Everything that is computed when a snapshot is opened, and the order in which it is.

use super::classes::{self, Classes};
use super::constructors::{self, ConstructorGroup, GroupedFacts};
use super::dominator_tree::DominatorTree;
use super::dominators::{self, DominatorOrder};
use super::essential::EssentialEdges;
use super::known_strings::KnownStrings;
use super::{detachedness, distance, reach, retained_size, retainers, shallow_size};
use crate::graph::{HeapGraph, NodeFlags, NodeIndex, NodeSet, PerNode, Retainers, SizeColumn};
use crate::progress::{Cancelled, Progress, Stage};
use crate::reader::{WEIGHT_ALL, WEIGHT_READ};

/// What is computed for every snapshot at once.
#[derive(Debug, Default)]
pub struct Facts {
    /// Detachedness (after propagation), renaming, reachability from the window, page objects.
    pub flags: PerNode<NodeFlags>,
    /// Shallow sizes after owned parts gave theirs to their owners.
    pub shallow_sizes: SizeColumn,
    /// Incoming edges, with their essential bits.
    pub retainers: Retainers,
    /// Immediate dominators; the root's is itself.
    pub dominators: PerNode<NodeIndex>,
    /// Retained sizes.
    pub retained_sizes: SizeColumn,
    /// Distances; [`UNREACHED`](super::heap::UNREACHED) and
    /// [`SYSTEM_DISTANCE`](super::heap::SYSTEM_DISTANCE) have meanings of their own.
    pub distances: PerNode<i32>,
    /// Class of every node.
    pub classes: Classes,
    /// The objects of each class added up, in order of their first objects: Summary without a
    /// filter.
    pub constructors: Vec<ConstructorGroup>,
    /// Where the strings stand that rules speak of.
    pub known_strings: KnownStrings,
}

/// What the chain of dominators yields.
struct Dominance {
    retainers: Retainers,
    order: DominatorOrder,
}

/// What the other chain yields.
struct Contents {
    shallow_sizes: SizeColumn,
    distances: PerNode<i32>,
    classes: Classes,
    queryable: NodeSet,
}

impl Facts {
    /// Computes all facts about `graph`. Takes its sizes and its detachedness: the facts say more.
    ///
    /// Two chains that need nothing of each other run side by side, for as many threads; more
    /// would not help, as memory is the limit.
    pub fn compute(graph: &mut HeapGraph, progress: &Progress) -> Result<Self, Cancelled> {
        let stage = |label, weight| progress.stage(label, weight, WEIGHT_ALL);
        debug_assert_eq!(WEIGHT_READ + 60, WEIGHT_ALL);
        let known = KnownStrings::find(&graph.strings, &stage("Looking through strings", 1))?;

        let (ends, marks) = rayon::join(
            || retainers::ends(graph, &stage("Counting retainers", 3)),
            || marks(graph, &known, &stage("Marking page objects", 6)),
        );
        let (ends, (mut flags, page_objects)) = (ends?, marks?);
        graph.nodes.detachedness = None;
        let self_sizes = std::mem::take(&mut graph.nodes.self_sizes);

        let graph = &*graph;
        let (dominance, contents) = rayon::join(
            || dominance(graph, ends, EssentialEdges::new(graph, &known, &page_objects), &stage),
            || contents(graph, &known, self_sizes, &flags, &stage),
        );
        let (Dominance { retainers, order }, contents) = (dominance?, contents?);
        let Contents { shallow_sizes, distances, classes, queryable } = contents;

        let retained_stage = stage("Adding up retained sizes", 4);
        let (retained_sizes, ((dominators, tree), ())) = rayon::join(
            || retained_size::retained_sizes(&order, &shallow_sizes, &retained_stage),
            || {
                let tree = (order.immediate(), DominatorTree::new(&order));
                (tree, set_flags(&mut flags, &page_objects, &queryable))
            },
        );
        let retained_sizes = retained_sizes?;
        drop((order, retained_stage));
        let facts = GroupedFacts {
            classes: &classes,
            shallow_sizes: &shallow_sizes,
            retained_sizes: &retained_sizes,
            distances: &distances,
            dominator_tree: &tree,
        };
        let constructors = constructors::constructor_groups(facts, |_| true, &stage("Grouping objects", 4))?;
        Ok(Self {
            flags,
            shallow_sizes,
            retainers,
            dominators,
            retained_sizes,
            distances,
            classes,
            constructors,
            known_strings: known,
        })
    }
}

fn marks(graph: &HeapGraph, known: &KnownStrings, stage: &Stage) -> Result<(PerNode<NodeFlags>, NodeSet), Cancelled> {
    Ok((detachedness::detachedness(graph, stage)?, reach::page_objects(graph, known, stage)?))
}

fn dominance(
    graph: &HeapGraph,
    ends: Vec<u32>,
    essential: EssentialEdges<'_>,
    stage: &impl Fn(&'static str, u32) -> Stage,
) -> Result<Dominance, Cancelled> {
    debug_assert_eq!(ends.len(), graph.node_count() + 1);
    let retainers = retainers::retainers(ends, &essential, &stage("Turning edges round", 6))?;
    let order = dominators::dominators(&essential, &retainers, &stage("Computing dominators", 20))?;
    Ok(Dominance { retainers, order })
}

fn contents(
    graph: &HeapGraph,
    known: &KnownStrings,
    self_sizes: SizeColumn,
    flags: &PerNode<NodeFlags>,
    stage: &impl Fn(&'static str, u32) -> Stage,
) -> Result<Contents, Cancelled> {
    let mut shallow_sizes = self_sizes;
    shallow_size::transfer_to_owners(graph, known, flags, &mut shallow_sizes, &stage("Adding up shallow sizes", 4))?;
    let distances = distance::distances(graph, known, |_| false, &stage("Measuring distances", 6))?;
    let classes = classes::classify(graph, known, flags, None, &stage("Sorting objects into classes", 4))?;
    let queryable = reach::queryable(graph, &stage("Marking what scripts reach", 2))?;
    Ok(Contents { shallow_sizes, distances, classes, queryable })
}

fn set_flags(flags: &mut PerNode<NodeFlags>, page_objects: &NodeSet, queryable: &NodeSet) {
    for (i, flags) in flags.0.iter_mut().enumerate() {
        let n = NodeIndex(i as u32);
        if page_objects.contains(n) {
            flags.set(NodeFlags::PAGE_OBJECT);
        }
        if queryable.contains(n) {
            flags.set(NodeFlags::QUERYABLE);
        }
    }
}
