//! The place of every object of a snapshot.
//!
//! Objects cannot be matched by id between processes, but where they hang can. Every object gets
//! one path: the most natural one ([`Tier`]), of those the shortest, of those the one with the
//! smallest hash, so that neither file order nor addresses decide.

use super::adopted::{Adoption, adoptions};
use super::modules::Modules;
use super::places::{Place, PlaceTree, Step};
use super::references::{References, SLOT, StableHash, Tier};
use crate::analysis::Heap;
use crate::graph::{EdgeKind, NodeIndex, NodeKind, NodeSet, PerNode};
use crate::progress::{Cancelled, Stage};
use rayon::prelude::*;

/// An object with more properties than this is taken for a map: their names are keys.
const MANY_PROPERTIES: usize = 48;

/// With this many properties it is taken for one if they all lead to objects of one class.
const SOME_PROPERTIES: usize = 8;

/// Where everything in one snapshot is.
#[derive(Debug)]
pub struct Placement {
    /// The place of each node.
    pub place: PerNode<Place>,
    /// The node before it on its path; itself where the path begins.
    pub via: PerNode<NodeIndex>,
    /// Objects that are placed as if something referred to them.
    pub adoptions: Vec<Adoption>,
}

/// The node has references of `tier` still to be walked.
fn pending(tier: Tier) -> u8 {
    1 << tier as u8
}

struct Walk<'a, 'r> {
    heap: &'a Heap,
    references: References<'a>,
    tree: &'r mut PlaceTree,
    modules: &'r Modules,
    place: Vec<Place>,
    via: Vec<NodeIndex>,
    /// Which references of each node are still to be walked.
    state: Vec<u8>,
    /// The nodes reached before the layer that is being walked: no better path can come.
    settled: NodeSet,
    next: Vec<NodeIndex>,
}

/// Finds the places of all of `heaps`, in one tree.
pub fn places_of_all(
    heaps: &[&Heap],
    modules: &[Modules],
    stage: &Stage,
) -> Result<(PlaceTree, Vec<Placement>), Cancelled> {
    let walk = |((heap, modules), adoptions): ((&&Heap, &Modules), Vec<Adoption>)| {
        let mut tree = PlaceTree::default();
        Ok((place_all(heap, modules, adoptions, &mut tree, stage)?, tree))
    };
    let each = heaps.par_iter().zip(modules).zip(adoptions(heaps)).map(walk);
    let walked: Vec<(Placement, PlaceTree)> = each.collect::<Result<_, _>>()?;
    let mut all = PlaceTree::default();
    let mut placements = Vec::new();
    for (mut placement, tree) in walked {
        let here = all.join(&tree);
        for place in placement.place.0.iter_mut().filter(|p| **p != Place::NOWHERE) {
            *place = here[place.at()];
        }
        placements.push(placement);
    }
    Ok((all, placements))
}

/// Finds the places of one snapshot.
pub fn places_of(heap: &Heap, modules: &Modules, stage: &Stage) -> Result<(PlaceTree, Placement), Cancelled> {
    let mut tree = PlaceTree::default();
    let adoptions = adoptions(&[heap]).pop().unwrap_or_default();
    let placement = place_all(heap, modules, adoptions, &mut tree, stage)?;
    Ok((tree, placement))
}

/// Finds the place of every node of `heap`, adding to `tree` what it does not have yet.
fn place_all(
    heap: &Heap,
    modules: &Modules,
    adoptions: Vec<Adoption>,
    tree: &mut PlaceTree,
    stage: &Stage,
) -> Result<Placement, Cancelled> {
    let count = heap.graph.node_count();
    let mut walk = Walk {
        heap,
        references: References::new(heap),
        tree,
        modules,
        place: vec![Place::NOWHERE; count],
        via: vec![NodeIndex(0); count],
        state: vec![0; count],
        settled: NodeSet::new(count),
        next: Vec::new(),
    };
    walk.begin();
    let mut reached = 0;
    let mut to_adopt: Vec<&Adoption> = adoptions.iter().collect();
    for tier in Tier::ALL {
        let mut layer = walk.end_layer();
        if tier > Tier::Source {
            for n in heap.graph.node_indices().filter(|n| walk.state[n.at()] & pending(tier) != 0).collect::<Vec<_>>() {
                walk.expand(n, tier..=tier);
            }
            layer = walk.end_layer();
        }
        while !layer.is_empty() {
            for part in layer.chunks(1 << 14) {
                for (at, &n) in part.iter().enumerate() {
                    heap.graph.prefetch_ahead(part, at);
                    walk.expand(n, Tier::Source..=tier);
                }
                reached += part.len() as u64;
                stage.reached(reached, count as u64)?;
            }
            layer = walk.end_layer();
            if layer.is_empty() {
                let is_owner_placed = |a: &Adoption| walk.place[a.owner.at()] != Place::NOWHERE;
                let (now, later) = to_adopt.into_iter().partition::<Vec<_>, _>(|a| is_owner_placed(a));
                to_adopt = later;
                now.into_iter().for_each(|adoption| walk.adopt(adoption));
                layer = walk.end_layer();
            }
        }
    }
    Ok(Placement { place: PerNode(walk.place), via: PerNode(walk.via), adoptions })
}

impl Walk<'_, '_> {
    /// Paths begin at the modules' own scopes, at the global object and at the root.
    fn begin(&mut self) {
        let graph = &self.heap.graph;
        let start = |what: &[u8], more: u64| Step { label: StableHash::NEW.bytes(what).number(more).0, class: 0 };
        let modules = self.modules;
        for &(scope, script) in &modules.scopes {
            self.offer(scope, scope, Place::ROOT, start(b"module", script), Tier::Source);
        }
        let first = modules.first_global(self.heap);
        for &global in &modules.globals {
            // Those of frames and contexts share one place: there may be ever more of them.
            let number = u64::from(Some(global) != first);
            self.offer(global, global, Place::ROOT, start(b"global", number), Tier::Source);
        }
        if graph.node_count() > 0 {
            self.offer(graph.root, graph.root, Place::ROOT, start(b"root", 0), Tier::Source);
        }
    }

    /// Places members, which nothing refers to, as if their owner did.
    fn adopt(&mut self, adoption: &Adoption) {
        let parent = self.place[adoption.owner.at()];
        for &n in &adoption.members {
            let step = Step { label: SLOT, class: self.references.class(n) };
            self.offer(n, adoption.owner, parent, step, Tier::Source);
        }
    }

    /// The nodes reached since the last layer ended.
    fn end_layer(&mut self) -> Vec<NodeIndex> {
        let layer = std::mem::take(&mut self.next);
        for n in &layer {
            self.settled.insert(*n);
        }
        layer
    }

    /// Walks the references of `n` that are of one of `tiers`, remembering that there are
    /// less natural ones.
    fn expand(&mut self, n: NodeIndex, tiers: std::ops::RangeInclusive<Tier>) {
        let heap = self.heap;
        let parent = self.place[n.at()];
        let mut names_are_keys = None;
        let modules = self.modules;
        for e in heap.graph.edges(n) {
            if self.settled.contains(e.target) {
                continue;
            }
            let Some((mut tier, mut label)) = self.references.step(n, &e) else { continue };
            if self.modules.is_runtime_scope(e.target) {
                tier = tier.max(Tier::Runtime);
            }
            if tier > *tiers.end() {
                self.state[n.at()] |= pending(tier);
                continue;
            }
            if tier < *tiers.start() {
                continue;
            }
            if e.kind == EdgeKind::Property
                && *names_are_keys.get_or_insert_with(|| !modules.is_global(n) && is_used_as_map(heap, n))
            {
                label = SLOT;
            }
            let step = Step { label, class: self.references.class(e.target) };
            self.offer(e.target, n, parent, step, tier);
        }
    }

    /// Gives `n` the place one `step` from `parent`, unless it has a better one already.
    fn offer(&mut self, n: NodeIndex, via: NodeIndex, parent: Place, step: Step, tier: Tier) {
        if self.settled.contains(n) {
            return;
        }
        let known = self.place[n.at()];
        let place = self.tree.child(parent, step, tier);
        if known == Place::NOWHERE {
            self.next.push(n);
        } else if self.tree.hash(place) >= self.tree.hash(known) {
            return;
        }
        self.place[n.at()] = place;
        self.via[n.at()] = via;
    }
}

/// Whether the property names of `n` are keys of a map rather than fields of a class.
pub fn is_used_as_map(heap: &Heap, n: NodeIndex) -> bool {
    let graph = &heap.graph;
    let is_global =
        |heap: &Heap, n| ["global", "Window", "GlobalObject"].iter().any(|g| heap.graph.raw_name(n).starts_with(g));
    if graph.kind(n) != NodeKind::OBJECT || graph.edge_range(n).len() < SOME_PROPERTIES || is_global(heap, n) {
        return false;
    }
    let mut properties = 0;
    let mut is_uniform = true;
    let mut class = None;
    for e in graph.edges(n) {
        if e.kind != EdgeKind::Property || graph.edge_string(&e).is_some_and(|name| name == "__proto__") {
            continue;
        }
        properties += 1;
        let this = (graph.kind(e.target), graph.name_index(e.target));
        is_uniform &= this.0 == NodeKind::OBJECT && *class.get_or_insert(this) == this;
    }
    properties > MANY_PROPERTIES || is_uniform && properties >= SOME_PROPERTIES
}
