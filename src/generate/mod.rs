//! Large snapshots from nothing but a seed, so that every benchmark can be repeated without an
//! engine at hand.
//!
//! [`Shape::Mixed`] has the proportions of a busy Node service: kinds of nodes and edges, degrees,
//! strings, lengths of numbers, depth and locality were counted in a real snapshot of one and are
//! checked in the tests. The other shapes are what is hard for graph algorithms.
//!
//! A snapshot lists all nodes before all edges, so each unit of the heap is made twice, once for
//! either section, from a random generator seeded by its number: memory stays small whatever
//! the size, and units are written in parallel.

mod mixed;
mod strings;

use crate::graph::{EdgeKind, NodeKind};
use rayon::prelude::*;
use std::fmt::Write as _;
use std::io::{self, Write};
use strings::{common_strings, edge_name, node_name};

/// What kind of graph to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A busy service: entities, lists, maps, strings, closures.
    Mixed,
    /// The same without the list through all of it, which slows down algorithms that repeat
    /// themselves until nothing changes.
    WithoutLists,
    /// One singly linked list.
    Chain,
    /// One array that holds every object; each points back at it.
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
    bytes / 66
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

/// Root, `(GC roots)`, global, the app object, its array and backing store, the native context and
/// the shapes of shapes; then come the [baseline](Plan::baseline) and the shapes that everything
/// points at.
const FIRST_NODES: u64 = 9;
const NODE_GLOBAL: u64 = 2;
const NODE_APP: u64 = 3;
const NODE_STORE: u64 = 5;
const NODE_NATIVE_CONTEXT: u64 = 6;
/// Whose shapes belong to the native context, as those of a program's objects do.
const NODE_SHAPE_OF_SHAPES: u64 = 7;
/// Whose shapes belong to the engine: those of numbers and strings.
const NODE_SHAPE_OF_ENGINE_SHAPES: u64 = 8;

/// A snapshot being made: how many units it has and how a unit is made.
struct Plan {
    recipe: Recipe,
    units: u64,
    /// Nodes of a unit that stand together.
    near: u64,
    /// Nodes of a unit that stand behind the near ones of all units.
    far: u64,
    /// Unique strings of a unit.
    unit_strings: u64,
    /// Code and other things of the engine itself, before everything of the program.
    baseline: u64,
    shapes: u64,
}

impl Plan {
    fn new(recipe: Recipe) -> Self {
        let plan = match recipe.shape {
            Shape::Mixed | Shape::WithoutLists => Self {
                near: mixed::NEAR_NODES,
                far: mixed::FAR_NODES,
                unit_strings: mixed::UNIT_STRINGS,
                baseline: 2000,
                shapes: 100,
                units: 0,
                recipe,
            },
            // Larger units only so that less is asked of the writer.
            _ => Self { near: 128, far: 0, unit_strings: 0, baseline: 0, shapes: 16, units: 0, recipe },
        };
        let units = (recipe.nodes.saturating_sub(plan.base(0)) / (plan.near + plan.far)).max(1);
        Self { units, ..plan }
    }

    fn node_count(&self) -> u64 {
        self.far_base(self.units)
    }

    fn first_shape(&self) -> u64 {
        FIRST_NODES + self.baseline
    }

    /// First of the near nodes of unit `u`.
    fn base(&self, u: u64) -> u64 {
        self.first_shape() + self.shapes + u * self.near
    }

    /// First of the far nodes of unit `u`.
    fn far_base(&self, u: u64) -> u64 {
        self.base(self.units) + u * self.far
    }

    fn prelude(&self) -> Unit {
        use EdgeKind::{Element, Internal, Property, Shortcut};
        let first_shape = self.first_shape();
        let mut unit = Unit::default();
        unit.node(NodeKind::SYNTHETIC, node_name(""), 0);
        unit.edge(Shortcut, edge_name("global"), NODE_GLOBAL);
        unit.edge(Element, 1, 1);
        unit.node(NodeKind::SYNTHETIC, node_name("(GC roots)"), 0);
        for n in FIRST_NODES..self.base(0) {
            unit.edge(Element, n - FIRST_NODES, n);
        }
        unit.node(NodeKind::OBJECT, node_name("global"), 48);
        unit.edge(Internal, edge_name("native_context"), NODE_NATIVE_CONTEXT);
        unit.edge(Property, edge_name("items"), NODE_APP);
        unit.node(NodeKind::OBJECT, node_name("Object"), 56);
        unit.edge(Internal, edge_name("map"), first_shape);
        unit.edge(Property, edge_name("items"), 4);
        unit.node(NodeKind::OBJECT, node_name("Array"), 16);
        unit.edge(Internal, edge_name("elements"), NODE_STORE);
        unit.node(NodeKind::ARRAY, node_name("(object elements)"), 16 + 8 * self.units);
        let first = self.base(0);
        match self.recipe.shape {
            Shape::Mixed | Shape::WithoutLists => {
                (0..self.units).for_each(|u| unit.edge(Internal, edge_name("value"), self.base(u)));
            }
            Shape::Hub => (first..self.node_count()).for_each(|n| unit.edge(Element, n - first, n)),
            Shape::Chain | Shape::Random => unit.edge(Element, 0, first),
        }
        unit.node(NodeKind::HIDDEN, node_name("system / NativeContext"), 2300);
        unit.edge(Internal, edge_name("extension"), NODE_GLOBAL);
        unit.node(NodeKind::OBJECT_SHAPE, node_name("system / Map"), 80);
        unit.edge(Internal, edge_name("map"), NODE_SHAPE_OF_SHAPES);
        unit.edge(Internal, edge_name("native_context"), NODE_NATIVE_CONTEXT);
        unit.node(NodeKind::OBJECT_SHAPE, node_name("system / Map"), 80);
        unit.edge(Internal, edge_name("map"), NODE_SHAPE_OF_ENGINE_SHAPES);
        for i in 0..self.baseline {
            unit.node(NodeKind::CODE, node_name("(shared function info)"), 72);
            unit.edge(Internal, edge_name("map"), first_shape + i % self.shapes);
            unit.edge(Internal, edge_name("code"), first_shape + 16 + i % 64);
        }
        for i in 0..self.shapes {
            unit.node(NodeKind::OBJECT_SHAPE, node_name("system / Map"), 80);
            let is_engines = i < mixed::OBJECT_SHAPE;
            let shape = if is_engines { NODE_SHAPE_OF_ENGINE_SHAPES } else { NODE_SHAPE_OF_SHAPES };
            unit.edge(Internal, edge_name("map"), shape);
        }
        debug_assert_eq!(unit.nodes.len() as u64, first);
        unit
    }

    /// A generator of numbers for unit `u`, always the same.
    fn random(&self, u: u64) -> Random {
        Random(self.recipe.seed ^ u.wrapping_mul(0x2545_F491_4F6C_DD1D))
    }

    /// The near nodes of unit `u`.
    fn unit(&self, u: u64) -> Unit {
        let mut unit = Unit::default();
        unit.nodes.reserve(self.near as usize);
        unit.edges.reserve(self.near as usize * 4);
        match self.recipe.shape {
            Shape::Mixed | Shape::WithoutLists => mixed::near_nodes(self, u, &mut unit),
            shape => self.plain_unit(u, shape, &mut unit),
        }
        debug_assert_eq!(unit.nodes.len() as u64, self.near);
        unit
    }

    /// The far nodes of unit `u`.
    fn far_unit(&self, _: u64) -> Unit {
        let mut unit = Unit::default();
        if self.far > 0 {
            mixed::far_nodes(self, &mut unit);
        }
        debug_assert_eq!(unit.nodes.len() as u64, self.far);
        unit
    }

    fn plain_unit(&self, u: u64, shape: Shape, unit: &mut Unit) {
        let mut random = self.random(u);
        let (first, count) = (self.base(0), self.node_count());
        for n in self.base(u)..self.base(u + 1) {
            unit.node(NodeKind::OBJECT, node_name("LruNode"), 32);
            match shape {
                Shape::Chain if n + 1 < count => unit.edge(EdgeKind::Property, edge_name("next"), n + 1),
                Shape::Hub => unit.edge(EdgeKind::Property, edge_name("previous"), NODE_STORE),
                Shape::Random => {
                    // One edge onward keeps everything reachable.
                    unit.edge(EdgeKind::Property, edge_name("next"), if n + 1 < count { n + 1 } else { first });
                    for name in ["first", "second"] {
                        let target = first + random.below(count - first);
                        unit.edge(EdgeKind::Property, edge_name(name), target);
                    }
                }
                _ => {}
            }
        }
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
    let unit_edges = |u| (plan.unit(u).edges.len() + plan.far_unit(u).edges.len()) as u64;
    let unit_edges: u64 = (0..plan.units).into_par_iter().map(unit_edges).sum();
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
    write_units(out, plan.units, |u, text| write_nodes(&plan.far_unit(u), plan.far_base(u), text))?;
    write!(out, "],\n\"edges\":[")?;
    text.clear();
    write_edges(&prelude, true, &mut text);
    out.write_all(text.as_bytes())?;
    write_units(out, plan.units, |u, text| write_edges(&plan.unit(u), false, text))?;
    write_units(out, plan.units, |u, text| write_edges(&plan.far_unit(u), false, text))?;
    write!(out, "],\n\"trace_function_infos\":[],\n\"trace_tree\":[],\n\"samples\":[],\n\"locations\":[")?;
    if plan.far > 0 {
        write_units(out, plan.units, |u, text| {
            for i in 0..15 {
                let comma = if u == 0 && i == 0 { "" } else { "," };
                let _ = write!(text, "{comma}{},7,{},{}", (plan.base(u) + i * 3) * WIDTH, 20 + i, 11);
            }
        })?;
    }
    write!(out, "],\n\"strings\":[")?;
    out.write_all(common_strings().join(",").as_bytes())?;
    write_units(out, plan.units, |u, text| plan.unit_strings(u, text))?;
    writeln!(out, "]}}")?;
    Ok((plan.node_count(), edge_count))
}

#[cfg(test)]
mod tests;
