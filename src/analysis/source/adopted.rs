//! Members of Maps and Sets in files that do not tell them.
//!
//! JavaScriptCore writes the storage of a Map or Set with its size, but without a reference to
//! what is in it: the members stand there with nothing that refers to them. What the file does
//! tell is how many entries a storage has room for, in each snapshot. So the objects of a class that
//! nothing refers to are taken for members of the Map or Set that has room for them in every
//! snapshot; of several, of the one that they fill best, and the others are told. Maps and Sets that
//! nothing refers to are members themselves, and have members.

use super::scripts::is_scope;
use crate::analysis::Heap;
use crate::graph::{EdgeKind, NodeIndex, NodeKind};
use std::collections::BTreeMap;

/// Fewer objects of a class are not asked for: some are on the stack.
const FEWEST_MEMBERS: u64 = 8;

/// More properties of an object are not looked at.
const MOST_PROPERTIES: usize = 16;

/// How many objects are looked at on the way up from a Map or Set.
const MOST_ABOVE: usize = 200;

/// Words of storage for each entry that there is room for: key, value and links; a Set has no values.
const WORDS_OF_MAP_ENTRY: u64 = 5;
const WORDS_OF_SET_ENTRY: u64 = 4;

/// Bytes of a Map or Set and its storage beside the entries.
const BESIDE_ENTRIES: u64 = 96;

/// What JavaScriptCore calls such storage.
const STORAGE: &str = "Cell Butterfly";

/// Objects that are taken for the members of a Map or Set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adoption {
    /// The Map or Set; of several like ones, one.
    pub owner: NodeIndex,
    /// The objects, all of one class.
    pub members: Vec<NodeIndex>,
    /// What else there is that has room for them, by the names that refer to it.
    pub others: Vec<String>,
}

/// The size of `n` with its storage, if it is a Map or Set whose members the file does not tell.
pub fn silent_storage(heap: &Heap, n: NodeIndex) -> Option<u64> {
    let graph = &heap.graph;
    let name = graph.raw_name(n);
    if graph.kind(n) != NodeKind::OBJECT || name != "Map" && name != "Set" {
        return None;
    }
    let storage = graph.edges(n).map(|e| e.target).find(|&m| graph.raw_name(m) == STORAGE)?;
    let is_shape = |m: NodeIndex| graph.kind(m) == NodeKind::OBJECT_SHAPE;
    // What the storage takes is counted for its owner, unless something else refers to it as well.
    graph.edges(storage).all(|e| is_shape(e.target)).then(|| heap.shallow_size(n) + heap.shallow_size(storage))
}

/// Maps or Sets that are the same in all snapshots: by the name that refers to them, or all those that
/// nothing refers to.
#[derive(Debug, Clone, Default)]
struct Holder {
    /// One of them in each snapshot: the biggest.
    biggest: Vec<Option<(u64, NodeIndex)>>,
    /// How many entries all of them have room for, in each snapshot.
    entries: Vec<u64>,
    /// How many of them are taken.
    taken: Vec<u64>,
    /// Whether a variable leads to one of them, or nothing does: others are the runtime's.
    is_programs: bool,
}

/// What [`Holder`]s are told apart by: the name, or none; and the class.
type HolderKey = (Option<String>, String);

impl Holder {
    /// Whether there is room for this many more in each snapshot; keys and values count both.
    fn has_room_for(&self, counts: &[u64], is_map: bool) -> bool {
        let room = |s: usize| (self.entries[s] * if is_map { 2 } else { 1 }).saturating_sub(self.taken[s]);
        counts.iter().enumerate().all(|(s, &count)| count <= room(s))
    }

    /// How badly this many more fit: whether they are more than one for each entry, whether they would be the runtime's, and
    /// how many entries differ.
    fn misfit(&self, counts: &[u64]) -> (bool, bool, u64) {
        let filled = |s: usize| self.taken[s] + counts[s];
        let snapshots = 0..counts.len();
        let is_more = snapshots.clone().any(|s| filled(s) > self.entries[s]);
        (is_more, !self.is_programs, snapshots.map(|s| self.entries[s].abs_diff(filled(s))).sum())
    }
}

/// In each of `heaps`, snapshots of one program, the objects that are taken for members: those of
/// Maps and Sets with names before those of their members.
pub(in crate::analysis) fn adoptions(heaps: &[&Heap]) -> Vec<Vec<Adoption>> {
    let mut adoptions = vec![Vec::new(); heaps.len()];
    let mut holders = holders(heaps);
    if holders.is_empty() {
        return adoptions;
    }
    let mut groups: Vec<(String, Vec<Vec<NodeIndex>>)> = members(heaps).into_iter().collect();
    let counts = |of: &[Vec<NodeIndex>]| of.iter().map(|nodes| nodes.len() as u64).collect::<Vec<u64>>();
    groups.retain(|(_, nodes)| counts(nodes).into_iter().max() >= Some(FEWEST_MEMBERS));
    // Maps and Sets first, which others may be members of; then those for which there is least choice.
    let is_holder = |class: &str| class == "Map" || class == "Set";
    let choices = |holders: &BTreeMap<HolderKey, Holder>, class: &str, counts: &[u64]| {
        let fits = |(key, holder): &(&HolderKey, &Holder)| {
            (key.0.is_some() || !is_holder(class)) && holder.has_room_for(counts, key.1 == "Map")
        };
        let mut fitting: Vec<_> = holders.iter().filter(fits).collect();
        fitting.sort_by_key(|(key, holder)| (holder.misfit(counts), (*key).clone()));
        fitting.into_iter().map(|(key, _)| key.clone()).collect::<Vec<HolderKey>>()
    };
    groups.sort_by_cached_key(|(class, nodes)| {
        let counts = counts(nodes);
        let choices = choices(&holders, class, &counts).len();
        (!is_holder(class), choices, std::cmp::Reverse(counts.into_iter().max()), class.clone())
    });
    for (class, nodes) in groups {
        let counts = counts(&nodes);
        let mut fitting = choices(&holders, &class, &counts).into_iter();
        let Some(key) = fitting.next() else { continue };
        let others: Vec<String> = fitting.filter_map(|key| key.0).collect();
        let Some(holder) = holders.get_mut(&key) else { continue };
        for (s, members) in nodes.into_iter().enumerate() {
            holder.taken[s] += counts[s];
            if let Some((_, owner)) = holder.biggest[s].filter(|_| !members.is_empty()) {
                adoptions[s].push(Adoption { owner, members, others: others.clone() });
            }
        }
    }
    adoptions
}

/// The Maps and Sets that do not tell what they hold.
fn holders(heaps: &[&Heap]) -> BTreeMap<HolderKey, Holder> {
    let mut holders: BTreeMap<HolderKey, Holder> = BTreeMap::new();
    for (s, heap) in heaps.iter().enumerate() {
        for n in heap.graph.node_indices() {
            let Some(size) = silent_storage(heap, n) else { continue };
            let class = heap.graph.raw_name(n).lossy().into_owned();
            let name = name(heap, n);
            let is_programs = name.is_none() || is_below_scope(heap, n);
            let words = if class == "Map" { WORDS_OF_MAP_ENTRY } else { WORDS_OF_SET_ENTRY };
            let holder = holders.entry((name, class)).or_insert_with(|| Holder {
                biggest: vec![None; heaps.len()],
                entries: vec![0; heaps.len()],
                taken: vec![0; heaps.len()],
                is_programs: false,
            });
            holder.is_programs |= is_programs;
            holder.entries[s] += size.saturating_sub(BESIDE_ENTRIES) / 8 / words;
            holder.biggest[s] = holder.biggest[s].max(Some((size, n)));
        }
    }
    holders
}

/// What refers to `n`, if anything: a variable or a property, else whatever it is.
fn name(heap: &Heap, n: NodeIndex) -> Option<String> {
    if heap.facts.retainers.count(n) == 0 {
        return None;
    }
    let mut names: Vec<(bool, String)> = heap
        .edges_to(n)
        .map(|(from, e)| {
            let text = heap.graph.edge_string(&e).unwrap_or_default().lossy().into_owned();
            let is_name = matches!(e.kind, EdgeKind::Property) || e.kind == EdgeKind::Context && is_scope(heap, from);
            (!is_name, text)
        })
        .collect();
    names.sort();
    names.into_iter().next().map(|(_, name)| name)
}

/// Whether a variable leads to `n`: not so what only the global object leads to, which is the runtime's. What has very
/// many objects above it is taken for the program's.
fn is_below_scope(heap: &Heap, n: NodeIndex) -> bool {
    let mut above = vec![n];
    let mut next = 0;
    while let Some(&n) = above.get(next).filter(|_| next < MOST_ABOVE) {
        next += 1;
        if is_scope(heap, n) {
            return true;
        }
        for r in heap.facts.retainers.of(n).filter(|r| !r.is_weak()) {
            let from = r.source();
            if heap.graph.raw_name(from) != "GlobalObject" && !above.contains(&from) {
                above.push(from);
            }
        }
    }
    next == MOST_ABOVE
}

/// By class, in each snapshot, the objects that nothing refers to. Plain objects are told apart by their properties.
fn members(heaps: &[&Heap]) -> BTreeMap<String, Vec<Vec<NodeIndex>>> {
    let mut members: BTreeMap<String, Vec<Vec<NodeIndex>>> = BTreeMap::new();
    let none = || vec![Vec::new(); heaps.len()];
    for (s, heap) in heaps.iter().enumerate() {
        let graph = &heap.graph;
        let is_member = |&n: &NodeIndex| {
            n != graph.root
                && heap.facts.retainers.count(n) == 0
                && matches!(graph.kind(n), NodeKind::OBJECT | NodeKind::CLOSURE | NodeKind::ARRAY)
                && graph.edges(n).any(|e| e.kind != EdgeKind::Weak)
        };
        for n in graph.node_indices().filter(is_member) {
            members.entry(sort_of(heap, n)).or_insert_with(none)[s].push(n);
        }
    }
    // What hardly any other has the properties of is just an object.
    let is_rare = |sort: &String, nodes: &mut Vec<Vec<NodeIndex>>| {
        sort.contains('{') && nodes.iter().all(|nodes| (nodes.len() as u64) < FEWEST_MEMBERS)
    };
    for (_, nodes) in members.extract_if(.., is_rare).collect::<Vec<_>>() {
        let objects = members.entry("Object".to_owned()).or_insert_with(none);
        for (all, more) in objects.iter_mut().zip(nodes) {
            all.extend(more);
            all.sort_unstable();
        }
    }
    members
}

/// The class of `n`, of plain objects with the names of their properties.
fn sort_of(heap: &Heap, n: NodeIndex) -> String {
    let mut sort = heap.graph.raw_name(n).lossy().into_owned();
    if sort == "Object" {
        let properties = heap.edges(n).filter(|e| e.kind == EdgeKind::Property);
        let names = properties.filter_map(|e| heap.graph.edge_string(&e)).map(|name| name.lossy().into_owned());
        let mut names: Vec<String> = names.take(MOST_PROPERTIES).collect();
        names.sort();
        sort += &format!("{{{}}}", names.join(", "));
    }
    sort
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::SnapshotBuilder;

    struct Bun {
        b: SnapshotBuilder,
        shape: usize,
        scope: usize,
    }

    impl Bun {
        fn new() -> Self {
            let mut b = SnapshotBuilder::new();
            let root = b.node("synthetic", "", 0);
            let shape = b.node("object shape", "Structure", 112);
            let scope = b.node("object", "system / JSLexicalEnvironment", 32);
            b.edge(root, "internal", "shape", shape);
            b.edge(root, "internal", "scope", scope);
            Self { b, shape, scope }
        }

        /// A Map with room for `entries`; a variable, if it has a name.
        fn map(&mut self, name: Option<&str>, entries: u64) -> usize {
            let map = self.b.node("object", "Map", 32);
            let storage = self.b.node("hidden", STORAGE, entries * 40 + 64);
            self.b.edge(map, "internal", "", storage);
            self.b.edge(storage, "internal", "", self.shape);
            if let Some(name) = name {
                self.b.edge(self.scope, "context", name, map);
            }
            map
        }

        fn members(&mut self, class: &str, count: usize) {
            for _ in 0..count {
                let member = self.b.node("object", class, 32);
                self.b.edge(member, "internal", "", self.shape);
            }
        }
    }

    /// The position of the owner, how many members, and the others that have room.
    fn told(snapshots: &[Bun]) -> Vec<Vec<(usize, usize, String)>> {
        let heaps: Vec<Heap> = snapshots.iter().map(|s| s.b.heap()).collect();
        let adoptions = adoptions(&heaps.iter().collect::<Vec<_>>());
        let tell = |a: Adoption| (a.owner.at(), a.members.len(), a.others.join(", "));
        adoptions.into_iter().map(|all| all.into_iter().map(tell).collect()).collect()
    }

    #[test]
    fn what_nothing_refers_to_belongs_to_the_map_that_has_room_for_it_in_every_snapshot() {
        let mut snapshots = Vec::new();
        let mut maps = Vec::new();
        for (room, sessions) in [(8, 0), (512, 500), (1024, 1000)] {
            let mut bun = Bun::new();
            let catalog = bun.map(Some("catalog"), 1024);
            maps.push([bun.map(Some("sessions"), room), catalog]);
            bun.members("Session", sessions);
            bun.members("Product", 1000);
            bun.members("Timeout", 1);
            snapshots.push(bun);
        }
        let told = told(&snapshots);
        assert_eq!(told[0], [(maps[0][1], 1000, String::new())]);
        assert_eq!(told[2], [(maps[2][1], 1000, String::new()), (maps[2][0], 1000, "catalog".to_owned())]);
    }

    #[test]
    fn with_two_maps_that_fit_alike_the_other_is_told() {
        let mut bun = Bun::new();
        let maps = [Some("alphas"), Some("betas")].map(|name| bun.map(name, 128));
        bun.members("Alpha", 100);
        bun.members("Beta", 100);
        let expected = [(maps[0], 100, "betas".to_owned()), (maps[1], 100, "alphas".to_owned())];
        assert_eq!(told(&[bun])[0], expected);
    }

    #[test]
    fn plain_objects_are_told_apart_by_their_properties() {
        let mut bun = Bun::new();
        let cache = bun.map(Some("cache"), 64);
        let queue = bun.map(Some("queue"), 256);
        for (property, count) in [("etag", 60), ("ticket", 200)] {
            for _ in 0..count {
                let member = bun.b.node("object", "Object", 32);
                bun.b.edge(member, "property", property, bun.shape);
            }
        }
        let expected = [(queue, 200, String::new()), (cache, 60, "queue".to_owned())];
        assert_eq!(told(&[bun])[0], expected);
    }

    #[test]
    fn maps_that_nothing_refers_to_are_members_and_have_members() {
        let mut bun = Bun::new();
        let tenants = bun.map(Some("byTenant"), 64);
        let last = (0..20).map(|_| bun.map(None, 256)).last().unwrap();
        bun.members("Session", 4000);
        assert_eq!(told(&[bun])[0], [(tenants, 20, String::new()), (last, 4000, String::new())]);
    }

    #[test]
    fn where_there_is_no_room_nothing_is_said() {
        let mut bun = Bun::new();
        bun.map(Some("few"), 16);
        bun.members("Session", 400);
        assert_eq!(told(&[bun])[0], []);
        let mut bun = Bun::new();
        bun.members("Session", 400);
        assert_eq!(told(&[bun])[0], []);
    }
}
