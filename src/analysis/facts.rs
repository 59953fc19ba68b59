//! Everything that is computed when a snapshot is opened, and the order in which it is.

use super::classes::{self, Classes};
use super::constructors::{ConstructorGroup, Grouping};
use super::distance::{Distances, FromUserRoots};
use super::dominator_tree::DominatorTree;
use super::dominators::{self, Numbering};
use super::essential::EssentialEdges;
use super::known_strings::KnownStrings;
use super::{detachedness, reach, retained_size, retainers, shallow_size};
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
    pub distances: Distances,
    /// Class of every node.
    pub classes: Classes,
    /// The objects of each class added up, in order of their first objects: Summary without a
    /// filter.
    pub constructors: Vec<ConstructorGroup>,
    /// Where the strings stand that rules speak of.
    pub known_strings: KnownStrings,
}

/// What is found along the edges, from the roots outward.
struct Reach {
    distances: Distances,
    page_objects: NodeSet,
}

/// What is found by looking at every node and edge in turn.
struct Contents {
    retainer_ends: Vec<u32>,
    flags: PerNode<NodeFlags>,
    shallow_sizes: SizeColumn,
    classes: Classes,
}

impl Facts {
    /// Computes all facts about `graph`. Takes its sizes and its detachedness: the facts say more.
    ///
    /// Each step does two things side by side that need nothing of each other. Where that is
    /// possible they take about equally long. More threads would not help: memory is the limit.
    pub fn compute(graph: &mut HeapGraph, progress: &Progress) -> Result<Self, Cancelled> {
        let stage = |label, weight| progress.stage(label, weight, WEIGHT_ALL);
        debug_assert_eq!(WEIGHT_READ + 60, WEIGHT_ALL, "the sum of the weights below");
        let self_sizes = std::mem::take(&mut graph.nodes.self_sizes);
        let known = KnownStrings::find(&graph.strings, &stage("Looking through names", 1))?;
        let (reach, contents) = rayon::join(
            || Reach::compute(graph, &known, &stage("Measuring distances", 11)),
            || Contents::compute(graph, &known, self_sizes, stage),
        );
        let Reach { distances, page_objects } = reach?;
        let Contents { retainer_ends, mut flags, shallow_sizes, classes } = contents?;
        graph.nodes.detachedness = None;

        let graph = &*graph;
        let essential = EssentialEdges::new(graph, &known, &page_objects);
        let (numbering, retainers) = rayon::join(
            || Numbering::from_root(&essential, &stage("Walking the graph", 13)),
            || retainers::retainers(retainer_ends, &essential, &stage("Turning edges round", 7)),
        );
        let (numbering, retainers) = (numbering?, retainers?);

        let is_counted = |n| shallow_sizes.get(n) != 0;
        let (order, grouping) = rayon::join(
            || dominators::dominators(numbering, &essential, &retainers, &stage("Finding dominators", 14)),
            || {
                set_flags(
                    &mut flags,
                    &page_objects,
                    &reach::queryable(graph, &stage("Marking what scripts reach", 1))?,
                );
                Grouping::count(&classes, &shallow_sizes, &distances, is_counted, &stage("Counting objects", 2))
            },
        );
        let (order, grouping) = (order?, grouping?);
        drop(essential);

        let adding_up = progress.stage_of_all_threads("Adding up retained sizes", 3, WEIGHT_ALL);
        let (retained_sizes, tree) = rayon::join(
            || retained_size::retained_sizes(&order, &shallow_sizes, &adding_up),
            || DominatorTree::new(&order),
        );
        let retained_sizes = retained_sizes?;
        drop(adding_up);
        let dominators = order.immediate();
        drop(order);
        let grouping_stage = stage("Adding up classes", 2);
        let constructors =
            grouping.with_retained_sizes(&classes, &retained_sizes, &tree, is_counted, &grouping_stage)?;
        drop((tree, grouping_stage));
        let (shallow_sizes, retained_sizes) = rayon::join(|| shallow_sizes.narrowed(), || retained_sizes.narrowed());
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

impl Reach {
    fn compute(graph: &HeapGraph, known: &KnownStrings, stage: &Stage) -> Result<Self, Cancelled> {
        let search = FromUserRoots::search(graph, known, |_| false, stage)?;
        let page_objects = reach::page_objects(graph, known, &search, stage)?;
        Ok(Self { distances: search.then_from_root(stage)?, page_objects })
    }
}

impl Contents {
    fn compute(
        graph: &HeapGraph,
        known: &KnownStrings,
        self_sizes: SizeColumn,
        stage: impl Fn(&'static str, u32) -> Stage,
    ) -> Result<Self, Cancelled> {
        let retainer_ends = retainers::ends(graph, &stage("Counting retainers", 2))?;
        let flags = detachedness::detachedness(graph, &stage("Spreading detachedness", 1))?;
        let mut shallow_sizes = self_sizes;
        let stage_sizes = stage("Adding up shallow sizes", 3);
        shallow_size::transfer_to_owners(graph, known, &flags, &mut shallow_sizes, &stage_sizes)?;
        drop(stage_sizes);
        let classes = classes::classify(graph, known, &flags, None, &stage("Sorting objects into classes", 2))?;
        Ok(Self { retainer_ends, flags, shallow_sizes, classes })
    }
}

fn set_flags(flags: &mut PerNode<NodeFlags>, page_objects: &NodeSet, queryable: &NodeSet) {
    for (set, flag) in [(page_objects, NodeFlags::PAGE_OBJECT), (queryable, NodeFlags::QUERYABLE)] {
        set.iter().for_each(|n| flags[n].set(flag));
    }
}
