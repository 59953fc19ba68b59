//! Everything that is computed when a snapshot is opened, and the order in which it is.

use super::Spare;
use super::classes::{self, Classes};
use super::constructors::{ConstructorGroup, Grouping, Sizes};
use super::dead_ends::DeadEnds;
use super::distance::{self, Distances};
use super::dominator_tree::DominatorTree;
use super::dominators::{self, Numbering};
use super::essential::EssentialEdges;
use super::known_strings::KnownStrings;
use super::{detachedness, retained_size, retainers, shallow_size};
use crate::graph::{HeapGraph, NodeFlags, NodeIndex, PerNode, Retainers, SizeColumn};
use crate::progress::{Cancelled, Progress};
use crate::reader::{WEIGHT_ALL, WEIGHT_READ};

/// What is computed for every snapshot at once.
#[derive(Debug, Default)]
pub struct Facts {
    /// Detachedness (after propagation), renaming, page objects.
    pub flags: PerNode<NodeFlags>,
    /// Shallow sizes after owned parts gave theirs to their owners.
    pub shallow_sizes: SizeColumn,
    /// Incoming edges, with their essential bits.
    pub retainers: Retainers,
    /// Immediate dominators; the root's is itself.
    pub dominators: PerNode<NodeIndex>,
    pub retained_sizes: SizeColumn,
    /// Distances; [`UNREACHED`](crate::analysis::facts::distance::UNREACHED) and
    /// [`SYSTEM_DISTANCE`](crate::analysis::facts::distance::SYSTEM_DISTANCE) have meanings of their own.
    pub distances: Distances,
    /// Class of every node.
    pub classes: Classes,
    /// The objects of each class added up, in order of their first objects: Summary without a
    /// filter.
    pub constructors: Vec<ConstructorGroup>,
    /// Where the strings stand that rules speak of.
    pub known_strings: KnownStrings,
}

impl Facts {
    /// Computes all facts about `graph`. Takes its sizes and its detachedness: the facts say more.
    ///
    /// One thread finds the dominators, another the retainers, which those need. What needs neither
    /// is left to whoever comes to it first. More threads would not help: memory is the limit.
    pub fn compute(graph: &mut HeapGraph, progress: &Progress) -> Result<Self, Cancelled> {
        let stage = |label, weight| progress.stage(label, weight, WEIGHT_ALL);
        let together = |label, weight| progress.stage_of_all_threads(label, weight, WEIGHT_ALL);
        debug_assert_eq!(WEIGHT_READ + 60, WEIGHT_ALL, "the sum of the weights below");
        let self_sizes = std::mem::take(&mut graph.nodes.self_sizes);
        let detachedness = graph.nodes.detachedness.take();
        let spare = Spare::default();
        spare.keep(graph.nodes.ids.take_room());
        let graph = &*graph;
        let (known, flags) = rayon::join(
            || KnownStrings::find(&graph.strings, &stage("Looking through names", 1)),
            || detachedness::detachedness(graph, detachedness, &stage("Spreading detachedness", 1)),
        );
        let (known, mut flags) = (known?, flags?);
        let dead_ends = DeadEnds::find(graph, &together("Looking for dead ends", 1))?;
        let (mut classes, mut shallow_sizes, mut distances) = (Err(Cancelled), Err(Cancelled), Err(Cancelled));
        let (page_objects, retainers, order) = rayon::scope(|scope| {
            let essential = EssentialEdges::without_page(graph, &known);
            let (walk, retainers) = rayon::join(
                || Numbering::from_root(&essential, &known, &dead_ends, &stage("Walking the graph", 13)),
                || {
                    let ends = retainers::ends(graph, &stage("Counting retainers", 2))?;
                    let retainers = retainers::retainers(ends, &essential, &stage("Turning edges round", 9));
                    let (known, flags, dead_ends, spare) = (&known, &flags, &dead_ends, &spare);
                    let (classes, shallow_sizes, distances) = (&mut classes, &mut shallow_sizes, &mut distances);
                    scope.spawn(move |_| {
                        let owning = stage("Adding up shallow sizes", 4);
                        *shallow_sizes = shallow_size::shallow_sizes(graph, known, flags, self_sizes, spare, &owning);
                    });
                    scope.spawn(move |_| {
                        let sorting = stage("Sorting objects into classes", 4);
                        *classes = classes::classify(graph, known, flags, None, spare, &sorting);
                    });
                    // This thread takes what came last.
                    scope.spawn(move |_| {
                        let measuring = stage("Measuring distances", 8);
                        *distances = distance::distances(graph, known, dead_ends, |_| false, spare, &measuring);
                    });
                    retainers
                },
            );
            let ((numbering, page_objects), mut retainers) = (walk?, retainers?);
            let sorting = stage("Telling apart what the page owns", 1);
            retainers::respect_page(&mut retainers, graph, &page_objects, &sorting)?;
            drop(sorting);
            let essential = essential.with_page(&page_objects);
            let finding = stage("Finding dominators", 10);
            let order = dominators::dominators(numbering, &essential, &dead_ends, &retainers, &spare, &finding)?;
            Ok((page_objects, retainers, order))
        })?;
        let (classes, shallow_sizes, distances) = (classes?, shallow_sizes?, distances?);
        page_objects.iter().for_each(|n| flags[n].set(NodeFlags::PAGE_OBJECT));
        drop((page_objects, dead_ends));

        let adding_up = together("Adding up retained sizes", 3);
        let is_counted = |n| shallow_sizes.get(n) != 0;
        let (retained_sizes, (tree, grouping)) = rayon::join(
            || retained_size::retained_sizes(&order, &shallow_sizes, &spare, &adding_up),
            || {
                rayon::join(
                    || DominatorTree::new(&order, &spare),
                    || Grouping::count(&classes, &shallow_sizes, &distances, is_counted, &stage("Counting objects", 1)),
                )
            },
        );
        let (retained_sizes, grouping) = (retained_sizes?, grouping?);
        drop(adding_up);
        let adding_up = together("Adding up classes", 2);
        let sizes = Sizes { shallow: &shallow_sizes, retained: &retained_sizes };
        let (constructors, (dominators, narrow_sizes)) = rayon::join(
            || grouping.with_retained_sizes(&classes, sizes, &tree, is_counted, &adding_up),
            || {
                let dominators = order.immediate(&spare);
                drop(order);
                (dominators, retained_sizes.narrow())
            },
        );
        let constructors = constructors?;
        drop((tree, adding_up));
        Ok(Self {
            flags,
            shallow_sizes,
            retainers,
            dominators,
            retained_sizes: narrow_sizes.unwrap_or(retained_sizes),
            distances,
            classes,
            constructors,
            known_strings: known,
        })
    }
}
