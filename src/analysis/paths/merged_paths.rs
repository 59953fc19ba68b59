//! Merged paths: where many objects hang, as one tree from the roots.
//!
//! Each object has one path, the most natural one (see [`crate::analysis::source::walk`]). Paths that are
//! equal but for indices, table slots and lengths of chains are one branch, so that thousands of
//! strings in an array are one line.

use crate::analysis::Heap;
use crate::analysis::source::modules::{Modules, find_modules};
use crate::analysis::source::object_text::object_text;
use crate::analysis::source::owner_name::reference_between;
use crate::analysis::source::places::{Place, PlaceTree};
use crate::analysis::source::references::SLOT;
use crate::analysis::source::scripts;
use crate::analysis::source::walk::{Placement, places_of};
use crate::graph::{EdgeKind, NodeIndex, NodeKind, NodeSet};
use crate::progress::{Cancelled, Stage};
use crate::text::Text;

/// A step that some of the objects' paths go through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergedStep {
    /// How many steps it is from where paths begin.
    pub depth: usize,
    /// The reference: `.cache`, `[ ]`; or where the paths begin.
    pub reference: String,
    /// The class of what it leads to.
    pub class: String,
    /// How many of the objects' paths go through it or end in it.
    pub count: u64,
    /// How many end in it: these are the objects here.
    pub ending: u64,
    /// The shallow sizes of the objects counted.
    pub shallow_size: u64,
    /// What those counted retain, altogether: the retained sizes of those that no other of them dominates. What an object
    /// elsewhere retains is not left out, so that the sizes of the steps below one do not add up to its own.
    pub retained_size: u64,
    /// One of the objects it leads to, on the path of an object that is counted.
    pub example: NodeIndex,
}

/// The tree of paths to a set of objects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MergedPaths {
    /// The steps, each before those below it; of those below one, the biggest first.
    pub steps: Vec<MergedStep>,
    /// How many objects have a path.
    pub count: u64,
    /// How many have none: nothing keeps them.
    pub without_path: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    count: u64,
    shallow_size: u64,
}

/// The tree of paths to `objects`.
pub fn merged_paths(heap: &Heap, objects: &NodeSet, stage: &Stage) -> Result<MergedPaths, Cancelled> {
    let modules = find_modules(&[heap], stage)?.pop().unwrap_or_default();
    let (tree, placement) = places_of(heap, &modules, stage)?;
    let quiet = stage.quiet();
    let mut ending = vec![Sums::default(); tree.count()];
    let mut merged = MergedPaths::default();
    for n in objects.iter() {
        stage.check_at(n.at())?;
        match placement.place[n] {
            Place::NOWHERE => merged.without_path += 1,
            place => {
                merged.count += 1;
                ending[place.at()].count += 1;
                ending[place.at()].shallow_size += heap.shallow_size(n);
            }
        }
    }
    let retained_sizes = retained_sizes(heap, objects, &placement, &tree, &quiet)?;
    let mut through = ending.clone();
    for place in tree.places().rev().filter(|&p| p != Place::ROOT) {
        let sums = through[place.at()];
        let parent = &mut through[tree.parent(place).at()];
        parent.count += sums.count;
        parent.shallow_size += sums.shallow_size;
    }
    let examples = examples(&placement, objects, &tree);
    let mut children: Vec<Vec<Place>> = vec![Vec::new(); tree.count()];
    for place in tree.places().filter(|&p| p != Place::ROOT && through[p.at()].count > 0) {
        children[tree.parent(place).at()].push(place);
    }
    let mut open = vec![(Place::ROOT, 0)];
    while let Some((place, depth)) = open.pop() {
        if let Some(example) = examples[place.at()] {
            let Sums { count, shallow_size } = through[place.at()];
            let retained_size = retained_sizes[place.at()];
            let (reference, class) = texts(heap, &modules, &placement, &tree, place, example);
            let ending = ending[place.at()].count;
            let step = MergedStep { depth, reference, class, count, ending, shallow_size, retained_size, example };
            merged.steps.push(step);
        }
        let below = &mut children[place.at()];
        // The biggest last, since the last is taken next; the hash makes the order that of every run.
        below.sort_by_key(|p| (through[p.at()].shallow_size, through[p.at()].count, tree.hash(*p)));
        let depth = if place == Place::ROOT { 0 } else { depth + 1 };
        open.extend(below.iter().map(|&p| (p, depth)));
    }
    Ok(merged)
}

/// For each place what the objects whose paths go through it retain altogether.
fn retained_sizes(
    heap: &Heap,
    objects: &NodeSet,
    placement: &Placement,
    tree: &PlaceTree,
    stage: &Stage,
) -> Result<Vec<u64>, Cancelled> {
    let way = |n: NodeIndex| {
        let place = placement.place[n];
        let parents = |&p: &Place| (p != Place::ROOT).then(|| tree.parent(p));
        std::iter::successors((place != Place::NOWHERE).then_some(place), parents)
    };
    let mut sizes = vec![0; tree.count()];
    // The objects that dominate the one that is looked at, each with where what it dominates ends, and how many of
    // their paths go through each place.
    let mut above: Vec<(usize, NodeIndex)> = Vec::new();
    let mut above_through = vec![0u32; tree.count()];
    let dominators = heap.dominator_tree();
    for (at, &n) in dominators.nodes.iter().enumerate() {
        if at.is_multiple_of(1 << 14) {
            stage.check()?;
        }
        if !objects.contains(n) {
            continue;
        }
        while let Some((_, done)) = above.pop_if(|(end, _)| *end <= at) {
            way(done).for_each(|p| above_through[p.at()] -= 1);
        }
        // From the place on that is also on the path of one that dominates it, it is part of that.
        way(n).take_while(|p| above_through[p.at()] == 0).for_each(|p| sizes[p.at()] += heap.retained_size(n));
        above.push((dominators.subtree(at).end, n));
        way(n).for_each(|p| above_through[p.at()] += 1);
    }
    Ok(sizes)
}

/// For each place on a path of one of the objects, an object there.
fn examples(placement: &Placement, objects: &NodeSet, tree: &PlaceTree) -> Vec<Option<NodeIndex>> {
    let mut examples: Vec<Option<NodeIndex>> = vec![None; tree.count()];
    for n in objects.iter().filter(|&n| placement.place[n] != Place::NOWHERE) {
        let mut n = n;
        loop {
            let place = placement.place[n].at();
            let via = placement.via[n];
            // Within a chain there may be several objects of one place on the way.
            let is_known = examples[place].is_some();
            examples[place].get_or_insert(n);
            if via == n || is_known && placement.place[via] != placement.place[n] && is_done(&examples, placement, via)
            {
                break;
            }
            n = via;
        }
    }
    examples
}

fn is_done(examples: &[Option<NodeIndex>], placement: &Placement, n: NodeIndex) -> bool {
    examples[placement.place[n].at()].is_some()
}

/// The reference that leads to a place, and the class of what is there.
fn texts(
    heap: &Heap,
    modules: &Modules,
    placement: &Placement,
    tree: &PlaceTree,
    place: Place,
    example: NodeIndex,
) -> (String, String) {
    let graph = &heap.graph;
    let class = match heap.kind(example) {
        NodeKind::OBJECT | NodeKind::NATIVE | NodeKind::HIDDEN | NodeKind::ARRAY => {
            graph.raw_name(example).lossy().into_owned()
        }
        _ => heap.class_name(example).lossy().into_owned(),
    };
    let from = placement.via[example];
    if from == example {
        let reference = if example == graph.root {
            "root".to_owned()
        } else if let Some(script) = modules.scripts.of_scope(example) {
            format!("scope of {}", scripts::file_name(scripts::script_name(heap, script)))
        } else if modules.globals.contains(&example) {
            "globalThis".to_owned()
        } else {
            object_text(heap, example)
        };
        return (reference, class);
    }
    let edge = reference_between(heap, from, example);
    let name = edge.as_ref().and_then(|e| graph.edge_string(e)).map(Text::lossy).unwrap_or_default();
    let is_number = !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit());
    let reference = match edge.map(|e| e.kind) {
        _ if tree.step(place).label == SLOT => "[ ]".to_owned(),
        Some(EdgeKind::Context | EdgeKind::Property) => format!(".{name}"),
        Some(EdgeKind::Element | EdgeKind::Hidden) => "[ ]".to_owned(),
        _ if is_number || name.is_empty() => "[ ]".to_owned(),
        _ if name.contains("pair in WeakMap") => "(value in a WeakMap)".to_owned(),
        _ => format!("({name})"),
    };
    (reference, class)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Random, SnapshotBuilder};

    fn lines(merged: &MergedPaths) -> Vec<String> {
        let line = |s: &MergedStep| {
            format!("{}{} {} {} {}", " ".repeat(s.depth), s.reference, s.class, s.count, s.shallow_size)
        };
        merged.steps.iter().map(line).collect()
    }

    #[test]
    fn thousands_in_one_array_are_one_line() {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        let [global, list, other] = ["global", "Array", "Holder"].map(|name| b.node("object", name, 8));
        b.edge(root, "shortcut", "1", global);
        b.edge(global, "property", "list", list);
        b.edge(global, "property", "other", other);
        let mut strings = NodeSet::new(2005);
        for i in 0..2000 {
            let s = b.node("string", "text", 10);
            b.edge(list, "element", &i.to_string(), s);
            strings.insert(NodeIndex(s as u32));
        }
        let last = b.node("string", "text", 10);
        b.edge(other, "property", "name", last);
        strings.insert(NodeIndex(last as u32));
        let heap = b.heap();
        let merged = merged_paths(&heap, &strings, &Stage::unwatched()).unwrap();
        assert_eq!(
            lines(&merged),
            [
                "globalThis global 2001 20010",
                " .list Array 2000 20000",
                "  [ ] (string) 2000 20000",
                " .other Holder 1 10",
                "  .name (string) 1 10",
            ]
        );
        assert_eq!((merged.count, merged.without_path), (2001, 0));
        assert_eq!(merged.steps[2].ending, 2000);
        assert_eq!(merged.steps[0].retained_size, 20010);
    }

    #[test]
    fn retained_sizes_of_objects_inside_each_other_are_not_added_up() {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        let global = b.node("object", "global", 8);
        b.edge(root, "shortcut", "1", global);
        let mut set = NodeSet::new(20);
        let mut above = global;
        for _ in 0..10 {
            let n = b.node("object", "Node", 5);
            b.edge(above, "property", "next", n);
            set.insert(NodeIndex(n as u32));
            above = n;
        }
        let heap = b.heap();
        let merged = merged_paths(&heap, &set, &Stage::unwatched()).unwrap();
        assert_eq!((merged.steps[0].count, merged.steps[0].retained_size), (10, 50));
        assert!(merged.steps.len() <= 3, "a chain is folded: {:?}", lines(&merged));
    }

    #[test]
    fn an_object_counts_below_its_own_steps_though_the_application_around_it_is_among_the_objects() {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        let global = b.node("object", "global", 8);
        b.edge(root, "shortcut", "1", global);
        let app = b.node("object", "Thing", 10);
        b.edge(global, "property", "app", app);
        let [list, inner] = ["list", "inner"].map(|name| {
            let n = b.node("object", "Array", 20);
            b.edge(app, "property", name, n);
            n
        });
        let mut things = vec![app];
        for i in 0..3 {
            let thing = b.node("object", "Thing", 100);
            b.edge(list, "element", &i.to_string(), thing);
            things.push(thing);
        }
        let thing = b.node("object", "Thing", 1000);
        b.edge(inner, "element", "0", thing);
        things.push(thing);
        let heap = b.heap();
        let set = NodeSet::of(heap.graph.node_count(), things.iter().map(|&n| NodeIndex(n as u32)));
        let merged = merged_paths(&heap, &set, &Stage::unwatched()).unwrap();
        let retained = |reference: &str, class: &str| {
            let is_it = |s: &&MergedStep| s.reference == reference && s.class == class;
            merged.steps.iter().find(is_it).map(|s| s.retained_size)
        };
        assert_eq!(retained(".app", "Thing"), Some(1350), "the others are part of it");
        assert_eq!((retained(".list", "Array"), retained(".inner", "Array")), (Some(300), Some(1000)));
    }

    #[test]
    fn sums_add_up_on_random_graphs() {
        let mut random = Random(8);
        for _ in 0..200 {
            let mut b = SnapshotBuilder::new();
            b.node("synthetic", "", 0);
            let count = 2 + random.below(25);
            for i in 1..count {
                let name = ["A", "B", "C"][random.below(3) as usize];
                let n = b.node("object", name, u64::from(random.below(50)));
                if random.below(8) > 0 {
                    b.edge(random.below(i) as usize, "property", "p", n);
                }
                b.edge(random.below(i) as usize, "element", &i.to_string(), 1.max(random.below(i)) as usize);
            }
            let heap = b.heap();
            let objects = NodeSet::from_fn(heap.graph.node_count(), |n| n.0 > 0 && n.0 % 3 != 0);
            let merged = merged_paths(&heap, &objects, &Stage::unwatched()).unwrap();
            assert_eq!(merged.count + merged.without_path, objects.iter().count() as u64);
            assert_eq!(merged.steps.iter().map(|s| s.ending).sum::<u64>(), merged.count);
            for (i, step) in merged.steps.iter().enumerate() {
                let below = merged.steps[i + 1..].iter().take_while(|s| s.depth > step.depth);
                let children = below.filter(|s| s.depth == step.depth + 1);
                let children: Vec<&MergedStep> = children.collect();
                assert_eq!(step.count, step.ending + children.iter().map(|s| s.count).sum::<u64>());
                assert!(children.iter().all(|s| s.retained_size <= step.retained_size));
            }
        }
    }
}
