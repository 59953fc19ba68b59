//! Large snapshots from nothing but a seed, so that every benchmark can be repeated without an
//! engine at hand.
//!
//! [`Shape::Mixed`] has the proportions of a busy Node service: kinds of nodes and edges, degrees,
//! strings and locality were counted in a real snapshot of one and are checked in the tests. The
//! other shapes are what is hard for graph algorithms.
//!
//! A snapshot lists all nodes before all edges, so each unit of the heap is made twice, once for
//! either section, from a random generator seeded by its number: memory stays small whatever
//! the size, and units are written in parallel.

use crate::graph::{EdgeKind, NodeKind};
use rayon::prelude::*;
use std::fmt::Write as _;
use std::io::{self, Write};

/// What kind of graph to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A busy service: entities, lists, maps, strings, closures.
    Mixed,
    /// One singly linked list.
    Chain,
    /// One array that holds every object, each of which points back at it.
    Hub,
    /// Every node points at three others anywhere: no locality at all.
    Random,
}

/// What to make.
#[derive(Debug, Clone, Copy)]
pub struct Recipe {
    /// The kind of graph.
    pub shape: Shape,
    /// About how many nodes.
    pub nodes: u64,
    /// The same seed makes the same file.
    pub seed: u64,
}

/// About how many nodes a [`Shape::Mixed`] file of `bytes` bytes has.
pub fn nodes_for_bytes(bytes: u64) -> u64 {
    bytes / 56
}

/// How many numbers a node has in the file.
const WIDTH: u64 = 6;

/// A small generator of good enough random numbers (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n.max(1)
    }
}

#[derive(Clone, Copy)]
struct GenNode {
    kind: NodeKind,
    name: u64,
    size: u64,
    detachedness: u64,
    edges: u32,
}

/// A run of nodes with their edges, numbered from the first node of the unit.
#[derive(Default)]
struct Unit {
    nodes: Vec<GenNode>,
    /// `(kind, name or index, target node)` in node order.
    edges: Vec<(EdgeKind, u64, u64)>,
}

impl Unit {
    fn node(&mut self, kind: NodeKind, name: u64, size: u64) {
        self.nodes.push(GenNode { kind, name, size, detachedness: 0, edges: 0 });
    }

    /// An edge of the node added last.
    fn edge(&mut self, kind: EdgeKind, name: u64, target: u64) {
        self.edges.push((kind, name, target));
        if let Some(n) = self.nodes.last_mut() {
            n.edges += 1;
        }
    }
}

/// Strings every file begins with; their positions are the `S_…` constants.
const STRINGS: [&str; 44] = [
    "<dummy>",
    "",
    "(GC roots)",
    "global",
    "Object",
    "Array",
    "Customer",
    "Order",
    "Product",
    "LineItem",
    "Date",
    "Set",
    "Map",
    "LruNode",
    "GraphVertex",
    "Session",
    "Promise",
    "heap number",
    "(object elements)",
    "system / Map",
    "system / Context",
    "system / ScopeInfo",
    "(shared function info)",
    "onEvent",
    "map",
    "elements",
    "table",
    "first",
    "second",
    "context",
    "shared",
    "code",
    "scope_info",
    "previous",
    "id",
    "name",
    "items",
    "createdAt",
    "customer",
    "price",
    "value",
    "__proto__",
    "scratch",
    "next",
];

/// Position of `text` in [`STRINGS`].
fn s(text: &str) -> u64 {
    STRINGS.iter().position(|x| *x == text).map_or(0, |i| i as u64)
}

/// Nodes 0..PRELUDE_NODES: root, `(GC roots)`, global, the app object, its array and backing
/// store, then the shapes that everything points at.
const PRELUDE_NODES: u64 = 22;
const NODE_APP: u64 = 3;
const NODE_STORE: u64 = 5;
const NODE_FIRST_SHAPE: u64 = 6;
const SHAPES: u64 = PRELUDE_NODES - NODE_FIRST_SHAPE;

/// Nodes of a mixed unit, and unique strings of it.
const UNIT_NODES: u64 = 130;
const UNIT_STRINGS: u64 = 19;

/// A snapshot being made: how many units it has and how a unit is made.
struct Plan {
    recipe: Recipe,
    units: u64,
    unit_nodes: u64,
    unit_strings: u64,
}

impl Plan {
    fn new(recipe: Recipe) -> Self {
        let (unit_nodes, unit_strings) = match recipe.shape {
            Shape::Mixed => (UNIT_NODES, UNIT_STRINGS),
            // Larger units only so that less is asked of the writer.
            _ => (128, 0),
        };
        let units = (recipe.nodes.saturating_sub(PRELUDE_NODES) / unit_nodes).max(1);
        Self { recipe, units, unit_nodes, unit_strings }
    }

    fn node_count(&self) -> u64 {
        PRELUDE_NODES + self.units * self.unit_nodes
    }

    /// First node of unit `u`.
    fn base(&self, u: u64) -> u64 {
        PRELUDE_NODES + u * self.unit_nodes
    }

    fn prelude(&self) -> Unit {
        use EdgeKind::{Element, Internal, Property, Shortcut};
        let mut unit = Unit::default();
        unit.node(NodeKind::SYNTHETIC, s(""), 0);
        unit.edge(Shortcut, s("global"), 2);
        unit.edge(Element, 1, 1);
        unit.node(NodeKind::SYNTHETIC, s("(GC roots)"), 0);
        for shape in 0..SHAPES {
            unit.edge(Element, shape, NODE_FIRST_SHAPE + shape);
        }
        unit.node(NodeKind::OBJECT, s("global"), 48);
        unit.edge(Property, s("items"), NODE_APP);
        unit.node(NodeKind::OBJECT, s("Object"), 56);
        unit.edge(Internal, s("map"), NODE_FIRST_SHAPE);
        unit.edge(Property, s("items"), 4);
        unit.node(NodeKind::OBJECT, s("Array"), 16);
        unit.edge(Internal, s("elements"), NODE_STORE);
        unit.node(NodeKind::ARRAY, s("(object elements)"), 16 + 8 * self.units);
        match self.recipe.shape {
            Shape::Mixed => (0..self.units).for_each(|u| unit.edge(EdgeKind::Internal, s("value"), self.base(u))),
            Shape::Hub => {
                (PRELUDE_NODES..self.node_count()).for_each(|n| unit.edge(Element, n - PRELUDE_NODES, n));
            }
            Shape::Chain | Shape::Random => unit.edge(Element, 0, PRELUDE_NODES),
        }
        for _ in 0..SHAPES {
            unit.node(NodeKind::OBJECT_SHAPE, s("system / Map"), 80);
        }
        unit
    }

    fn unit(&self, u: u64) -> Unit {
        let mut unit = Unit::default();
        unit.nodes.reserve(self.unit_nodes as usize);
        unit.edges.reserve(self.unit_nodes as usize * 4);
        match self.recipe.shape {
            Shape::Mixed => self.mixed_unit(u, &mut unit),
            shape => self.plain_unit(u, shape, &mut unit),
        }
        debug_assert_eq!(unit.nodes.len() as u64, self.unit_nodes);
        unit
    }

    fn plain_unit(&self, u: u64, shape: Shape, unit: &mut Unit) {
        let mut random = Random(self.recipe.seed ^ u.wrapping_mul(0x2545_F491_4F6C_DD1D));
        let count = self.node_count();
        for n in self.base(u)..self.base(u + 1) {
            unit.node(NodeKind::OBJECT, s("LruNode"), 32);
            match shape {
                Shape::Chain if n + 1 < count => unit.edge(EdgeKind::Property, s("next"), n + 1),
                Shape::Hub => unit.edge(EdgeKind::Property, s("previous"), NODE_STORE),
                Shape::Random => {
                    // One edge onward keeps everything reachable.
                    unit.edge(EdgeKind::Property, s("next"), if n + 1 < count { n + 1 } else { PRELUDE_NODES });
                    for name in ["first", "second"] {
                        let target = PRELUDE_NODES + random.below(count - PRELUDE_NODES);
                        unit.edge(EdgeKind::Property, s(name), target);
                    }
                }
                _ => {}
            }
        }
    }

    /// One customer with what belongs to it, in the proportions of the snapshot measured.
    fn mixed_unit(&self, u: u64, unit: &mut Unit) {
        use EdgeKind::{Context, Element, Hidden, Internal, Property, Weak};
        let mut random = Random(self.recipe.seed ^ u.wrapping_mul(0x2545_F491_4F6C_DD1D));
        let base = self.base(u);
        let shape = |i: u64| NODE_FIRST_SHAPE + i % SHAPES;
        // The unit's strings stand behind the common ones.
        let first_string = STRINGS.len() as u64 + u * UNIT_STRINGS;
        // Another unit: mostly a near one, now and then any.
        let other = |random: &mut Random| {
            let v = if random.below(4) == 0 { random.below(self.units) } else { u.saturating_sub(random.below(20)) };
            self.base(v)
        };
        // Slots by position, so that edges can point ahead: 0 customer; 1..=50 objects;
        // 51..=64 arrays; 65..=84 strings; 85..=94 concatenated strings; 95..=125 numbers;
        // 126 closure; 127 context; 128 scope info; 129 shared function info.
        const OBJECTS: u64 = 51;
        const ARRAYS: u64 = 51;
        const STRING: u64 = 65;
        const CONS: u64 = 85;
        const NUMBER: u64 = 95;
        let classes = ["LineItem", "Date", "Object", "Array", "Object", "Product", "Array", "Object", "Order", "Date"];
        for i in 0..OBJECTS {
            let class = match i {
                0 => "Customer",
                1 => "LruNode",
                2 => "GraphVertex",
                3 => "Set",
                4 => ["Map", "Session", "Promise"][(u % 3) as usize],
                _ => classes[(i % 10) as usize],
            };
            unit.node(NodeKind::OBJECT, s(class), [24, 32, 56, 72][(i % 4) as usize]);
            unit.edge(Internal, s("map"), shape(i));
            // Each backing store, number and string belongs to one object; what remains points
            // at the few things everybody points at.
            unit.edge(Internal, s("elements"), if (5..19).contains(&i) { base + ARRAYS + i - 5 } else { NODE_APP });
            if i < 36 {
                unit.edge(Property, s("createdAt"), base + NUMBER + i % 31);
            }
            if i % 2 == 0 {
                unit.edge(Property, s("id"), base + STRING + i / 2 % 20);
            } else {
                unit.edge(Property, s("name"), shape(7));
            }
            // A tree over the unit's objects, two more for each.
            for child in [2 * i + 1, 2 * i + 2] {
                if child < OBJECTS {
                    unit.edge(Property, s("items"), base + child);
                }
            }
            match class {
                "LineItem" | "Session" => {
                    let target = other(&mut random) + random.below(OBJECTS);
                    unit.edge(Property, s("customer"), target);
                }
                // The list through the whole heap.
                "LruNode" => {
                    if u + 1 < self.units {
                        unit.edge(Property, s("next"), self.base(u + 1) + 1);
                    }
                    if u > 0 {
                        unit.edge(Property, s("previous"), self.base(u - 1) + 1);
                    }
                    unit.edge(Property, s("value"), base + 126);
                }
                "Date" => unit.edge(Internal, s("value"), shape(6)),
                "GraphVertex" => {
                    let target = other(&mut random) + 2;
                    unit.edge(Weak, s("value"), target);
                }
                _ => {}
            }
        }
        for i in 0..14 {
            unit.node(NodeKind::ARRAY, if i % 10 == 9 { s("") } else { s("(object elements)") }, 16 + 8 * (i + 3));
            unit.edge(Internal, s("map"), shape(i));
            for k in 0..3 {
                let target = if k == 0 && i == 0 { base + CONS + 9 } else { shape(8 + k) };
                if i % 2 == 0 {
                    unit.edge(Element, k, target);
                } else {
                    unit.edge(Hidden, k, target);
                }
            }
            unit.edge(Hidden, 3, if i % 2 == 0 { base + 1 + i } else { shape(11) });
        }
        for i in 0..20 {
            let name = if i < UNIT_STRINGS { first_string + i } else { s("customer") };
            unit.node(NodeKind::STRING, name, 24 + 8 * (i % 4));
            unit.edge(Internal, s("map"), shape(2));
        }
        for i in 0..10 {
            unit.node(NodeKind::CONS_STRING, s(""), 32);
            unit.edge(Internal, s("map"), shape(3));
            unit.edge(Internal, s("first"), if i == 0 { base + STRING } else { base + CONS + i - 1 });
            unit.edge(Internal, s("second"), base + STRING + 10 + i);
        }
        for _ in 0..31 {
            unit.node(NodeKind::NUMBER, s("heap number"), 16);
            unit.edge(Internal, s("map"), shape(1));
        }
        unit.node(NodeKind::CLOSURE, s("onEvent"), 64);
        unit.edge(Internal, s("map"), shape(4));
        unit.edge(Internal, s("context"), base + 127);
        unit.edge(Internal, s("shared"), base + 129);
        unit.node(NodeKind::OBJECT, s("system / Context"), 40);
        unit.edge(Internal, s("scope_info"), base + 128);
        unit.edge(Context, s("scratch"), base + 10);
        unit.node(NodeKind::CODE, s("system / ScopeInfo"), 64);
        unit.edge(Internal, s("map"), shape(5));
        unit.node(NodeKind::CODE, s("(shared function info)"), 72);
        unit.edge(Internal, s("scope_info"), base + 128);
    }

    fn unit_strings(&self, u: u64, out: &mut String) {
        let mut random = Random(self.recipe.seed ^ u.wrapping_mul(0x9E6D_62D0_6F6A_9A9B));
        for i in 0..self.unit_strings {
            let _ = match i {
                0 => write!(out, ",\"c{u}@example.test\""),
                1 => write!(out, ",\"cache:{u}\""),
                2 => write!(out, ",\"W/\\\"{u}\\\"\""),
                _ => write!(out, ",\"word{:x} {}\"", random.below(1 << 20), u * 20 + i),
            };
        }
    }
}

/// Units made at a time by one thread.
const BATCH: u64 = 256;

/// Writes all units through `text`, in order, making them in parallel.
fn write_units(out: &mut impl Write, units: u64, text: impl Fn(u64, &mut String) + Sync) -> io::Result<()> {
    let threads = rayon::current_num_threads() as u64 * 4;
    let mut first = 0;
    while first < units {
        let batches: Vec<u64> = (0..threads).map(|b| first + b * BATCH).take_while(|b| *b < units).collect();
        let texts: Vec<String> = batches
            .par_iter()
            .map(|&b| {
                let mut batch = String::new();
                (b..(b + BATCH).min(units)).for_each(|u| text(u, &mut batch));
                batch
            })
            .collect();
        for t in texts {
            out.write_all(t.as_bytes())?;
        }
        first += threads * BATCH;
    }
    Ok(())
}

fn write_nodes(unit: &Unit, first: u64, out: &mut String) {
    for (i, n) in unit.nodes.iter().enumerate() {
        let index = first + i as u64;
        let comma = if index == 0 { "" } else { "," };
        let _ =
            write!(out, "{comma}{},{},{},{},{},{}", n.kind.0, n.name, index * 2 + 1, n.size, n.edges, n.detachedness);
    }
}

fn write_edges(unit: &Unit, is_first: bool, out: &mut String) {
    for (i, &(kind, name, target)) in unit.edges.iter().enumerate() {
        let comma = if is_first && i == 0 { "" } else { "," };
        let _ = write!(out, "{comma}{},{name},{}", kind as u8, target * WIDTH);
    }
}

/// Writes the snapshot that `recipe` describes. Returns the numbers of nodes and edges.
pub fn write_snapshot(recipe: Recipe, out: &mut impl Write) -> io::Result<(u64, u64)> {
    let plan = Plan::new(recipe);
    let prelude = plan.prelude();
    let unit_edges: u64 = (0..plan.units).into_par_iter().map(|u| plan.unit(u).edges.len() as u64).sum();
    let edge_count = prelude.edges.len() as u64 + unit_edges;
    let header = serde_json::json!({
        "meta": {
            "node_fields": ["type", "name", "id", "self_size", "edge_count", "detachedness"],
            "node_types": [&NodeKind::NAMES[..15], "string", "number", "number", "number", "number"],
            "edge_fields": ["type", "name_or_index", "to_node"],
            "edge_types": [EdgeKind::NAMES, "string_or_number", "node"],
            "trace_function_info_fields": ["function_id", "name", "script_name", "script_id", "line", "column"],
            "trace_node_fields": ["id", "function_info_index", "count", "size", "children"],
            "sample_fields": ["timestamp_us", "last_assigned_id"],
            "location_fields": ["object_index", "script_id", "line", "column"],
        },
        "node_count": plan.node_count(),
        "edge_count": edge_count,
        "trace_function_count": 0,
        "extra_native_bytes": 0,
    });
    write!(out, "{{\"snapshot\":{header},\n\"nodes\":[")?;
    let mut text = String::new();
    write_nodes(&prelude, 0, &mut text);
    out.write_all(text.as_bytes())?;
    write_units(out, plan.units, |u, text| write_nodes(&plan.unit(u), plan.base(u), text))?;
    write!(out, "],\n\"edges\":[")?;
    text.clear();
    write_edges(&prelude, true, &mut text);
    out.write_all(text.as_bytes())?;
    write_units(out, plan.units, |u, text| write_edges(&plan.unit(u), false, text))?;
    write!(out, "],\n\"trace_function_infos\":[],\n\"trace_tree\":[],\n\"samples\":[],\n\"locations\":[")?;
    if recipe.shape == Shape::Mixed {
        write_units(out, plan.units, |u, text| {
            for i in 0..15 {
                let comma = if u == 0 && i == 0 { "" } else { "," };
                let _ = write!(text, "{comma}{},7,{},{}", (plan.base(u) + i * 3) * WIDTH, 20 + i, 11);
            }
        })?;
    }
    write!(out, "],\n\"strings\":[")?;
    let common: Vec<String> = STRINGS.iter().map(|s| serde_json::Value::from(*s).to_string()).collect();
    out.write_all(common.join(",").as_bytes())?;
    write_units(out, plan.units, |u, text| plan.unit_strings(u, text))?;
    writeln!(out, "]}}")?;
    Ok((plan.node_count(), edge_count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::HeapGraph;

    fn graph(shape: Shape, nodes: u64) -> HeapGraph {
        let mut file = Vec::new();
        write_snapshot(Recipe { shape, nodes, seed: 1 }, &mut file).unwrap();
        crate::testing::read_slowly(std::str::from_utf8(&file).unwrap())
    }

    /// The shares counted in a snapshot of a busy service on Node 26 (1,563,199 nodes), which
    /// the generated heap must meet closely enough to stand in for it.
    #[test]
    fn a_mixed_heap_has_the_proportions_of_a_real_one() {
        let mut file = Vec::new();
        let (nodes, edges) = write_snapshot(Recipe { shape: Shape::Mixed, nodes: 26_000, seed: 1 }, &mut file).unwrap();
        let graph = crate::testing::read_slowly(std::str::from_utf8(&file).unwrap());
        assert_eq!((graph.node_count() as u64, graph.edge_count() as u64), (nodes, edges));
        let near = |what: &str, got: f64, real: f64, slack: f64| {
            assert!((got - real).abs() <= slack, "{what}: {got:.3}, really {real:.3}");
        };
        let n = nodes as f64;
        near("edges a node", edges as f64 / n, 3.055, 0.35);
        near("strings a node", graph.strings.len() as f64 / n, 0.147, 0.02);
        near("located", graph.locations.len() as f64 / n, 0.118, 0.02);
        let share = |kind: NodeKind| graph.node_indices().filter(|&i| graph.kind(i) == kind).count() as f64 / n;
        near("objects", share(NodeKind::OBJECT), 0.390, 0.03);
        near("numbers", share(NodeKind::NUMBER), 0.241, 0.03);
        near("strings", share(NodeKind::STRING), 0.154, 0.02);
        near("arrays", share(NodeKind::ARRAY), 0.105, 0.02);
        near("concatenated strings", share(NodeKind::CONS_STRING), 0.079, 0.02);
        let mut in_degree = vec![0u32; graph.node_count()];
        let mut internal = 0.0;
        for i in graph.node_indices() {
            for e in graph.edges(i) {
                in_degree[e.target.at()] += 1;
                internal += f64::from(e.kind == EdgeKind::Internal);
            }
        }
        near("internal edges", internal / edges as f64, 0.536, 0.08);
        let with = |d: u32| in_degree.iter().filter(|&&x| x == d).count() as f64 / n;
        near("nodes with one retainer", with(1), 0.724, 0.15);
        near("nodes without a retainer", with(0), 0.0, 0.01);
    }

    #[test]
    fn the_same_seed_makes_the_same_file() {
        let make = |seed| {
            let mut file = Vec::new();
            write_snapshot(Recipe { shape: Shape::Random, nodes: 1000, seed }, &mut file).unwrap();
            file
        };
        assert_eq!(make(5), make(5));
        assert_ne!(make(5), make(6));
    }

    #[test]
    fn odd_shapes_are_what_they_say() {
        let chain = graph(Shape::Chain, 1000);
        assert_eq!(chain.edges(NodeIndex(PRELUDE_NODES as u32)).count(), 1);
        let hub = graph(Shape::Hub, 1000);
        assert!(hub.edges(NodeIndex(NODE_STORE as u32)).len() > 800);
        let random = graph(Shape::Random, 1000);
        assert_eq!(random.edges(NodeIndex(500)).len(), 3);
    }

    use crate::graph::NodeIndex;
}
