//! [`Shape::Mixed`] and [`Shape::WithoutLists`]: one customer with what belongs to it, over and over.

use super::strings::{FIRST_UNIT_STRING, edge_name, node_name};
use super::{NODE_APP, Plan, Random, Shape, Unit};
use crate::graph::EdgeKind::{Context, Element, Hidden, Internal, Property, Weak};
use crate::graph::NodeKind;

/// Nodes of a unit that stand together.
pub(super) const NEAR_NODES: u64 = SHARED + 1;
/// Nodes of a unit that stand behind all those: half of its numbers, which engines keep elsewhere.
pub(super) const FAR_NODES: u64 = 16;
/// Unique strings of a unit.
pub(super) const UNIT_STRINGS: u64 = 19;

// Positions within a unit, so that edges can point ahead.
const CUSTOMER: u64 = 0;
const VERTEX: u64 = 2;
/// What other units point at, besides their own: leaves of the tree.
const PRODUCTS: [u64; 3] = [25, 35, 45];
const LRU_NODE: u64 = 50;
const OBJECTS: u64 = 51;
const ARRAY: u64 = OBJECTS;
const ARRAYS: u64 = 14;
const STRING: u64 = ARRAY + ARRAYS;
const STRINGS: u64 = 20;
const CONS: u64 = STRING + STRINGS;
const CONSES: u64 = 10;
const NUMBER: u64 = CONS + CONSES;
const NEAR_NUMBERS: u64 = 15;
const CLOSURE: u64 = NUMBER + NEAR_NUMBERS;
const CONTEXT: u64 = CLOSURE + 1;
const SCOPE_INFO: u64 = CLOSURE + 2;
const SHARED: u64 = CLOSURE + 3;

// Shapes that most things have; the others are spread over those from `RARE_SHAPE` on.
const NUMBER_SHAPE: u64 = 1;
const STRING_SHAPE: u64 = 2;
const CONS_SHAPE: u64 = 3;
/// Those before it are the engine's.
pub(super) const OBJECT_SHAPE: u64 = 4;
const ARRAY_SHAPE: u64 = 14;
const RARE_SHAPE: u64 = 16;

/// A unit being made.
struct Maker<'p> {
    plan: &'p Plan,
    u: u64,
    base: u64,
    random: Random,
}

impl Maker<'_> {
    fn shape(&self, i: u64) -> u64 {
        self.plan.first_shape() + i
    }

    /// One of the things that many point at and none more than others.
    fn rare_shape(&mut self) -> u64 {
        let i = RARE_SHAPE + self.random.below(self.plan.shapes - RARE_SHAPE);
        self.shape(i)
    }

    /// A product of this unit or one before it: the older, the more point at it.
    fn any_product(&mut self) -> u64 {
        let v = self.random.below(self.u + 1);
        self.plan.base(v) + PRODUCTS[self.random.below(3) as usize]
    }

    /// Where number `i` of the unit stands.
    fn number(&self, i: u64) -> u64 {
        let i = i % (NEAR_NUMBERS + FAR_NODES);
        if i < NEAR_NUMBERS { self.base + NUMBER + i } else { self.plan.far_base(self.u) + i - NEAR_NUMBERS }
    }
}

/// The nodes of unit `u` that stand together, in the proportions of the snapshot measured.
pub(super) fn near_nodes(plan: &Plan, u: u64, unit: &mut Unit) {
    let mut maker = Maker { plan, u, base: plan.base(u), random: plan.random(u) };
    (0..OBJECTS).for_each(|i| maker.object(i, unit));
    (0..ARRAYS).for_each(|i| maker.array(i, unit));
    maker.text(unit);
    (0..NEAR_NUMBERS).for_each(|_| number(plan, unit));
    maker.closure(unit);
}

/// The numbers of a unit that stand elsewhere.
pub(super) fn far_nodes(plan: &Plan, unit: &mut Unit) {
    (0..FAR_NODES).for_each(|_| number(plan, unit));
}

fn number(plan: &Plan, unit: &mut Unit) {
    unit.node(NodeKind::NUMBER, node_name("heap number"), 16);
    unit.edge(Internal, edge_name("map"), plan.first_shape() + NUMBER_SHAPE);
}

impl Maker<'_> {
    fn object(&mut self, i: u64, unit: &mut Unit) {
        let classes = ["LineItem", "Date", "Object", "Array", "Object", "Product", "Array", "Object", "Order", "Date"];
        let class = match i {
            CUSTOMER => "Customer",
            VERTEX => "GraphVertex",
            LRU_NODE => "LruNode",
            3 => "Set",
            4 => ["Map", "Session", "Promise"][(self.u % 3) as usize],
            _ => classes[(i % 10) as usize],
        };
        let base = self.base;
        unit.node(NodeKind::OBJECT, node_name(class), [24, 32, 56, 72][(i % 4) as usize]);
        unit.edge(Internal, edge_name("map"), self.shape(OBJECT_SHAPE + i % 10));
        // Backing stores belong to one object each; what has none points at the empty one.
        match i {
            5..19 => unit.edge(Internal, edge_name("elements"), base + ARRAY + i - 5),
            19..31 => unit.edge(Property, edge_name("owner"), base + CUSTOMER),
            _ => unit.edge(Internal, edge_name("elements"), NODE_APP),
        }
        if i < 36 {
            unit.edge(Property, edge_name("createdAt"), self.number(i));
        }
        if i.is_multiple_of(2) {
            unit.edge(Property, edge_name("id"), base + STRING + i / 2 % STRINGS);
        }
        // A tree over the unit's objects, three more for each.
        for child in 3 * i + 1..=3 * i + 3 {
            if child < OBJECTS {
                unit.edge(Property, edge_name("items"), base + child);
            }
        }
        match class {
            "LineItem" | "Session" => unit.edge(Property, edge_name("product"), self.any_product()),
            // The list through the whole heap.
            "LruNode" => {
                let has_list = self.plan.recipe.shape == Shape::Mixed;
                if has_list && self.u + 1 < self.plan.units {
                    unit.edge(Property, edge_name("next"), self.plan.base(self.u + 1) + LRU_NODE);
                }
                if has_list && self.u > 0 {
                    unit.edge(Property, edge_name("previous"), self.plan.base(self.u - 1) + LRU_NODE);
                }
                unit.edge(Property, edge_name("value"), base + CLOSURE);
            }
            "Date" => unit.edge(Internal, edge_name("value"), self.rare_shape()),
            "GraphVertex" => {
                let near = self.u.saturating_sub(self.random.below(20));
                unit.edge(Weak, edge_name("value"), self.plan.base(near) + VERTEX);
            }
            _ => {}
        }
    }

    fn array(&mut self, i: u64, unit: &mut Unit) {
        let name = node_name(if i % 10 == 9 { "" } else { "(object elements)" });
        unit.node(NodeKind::ARRAY, name, 16 + 8 * (i + 3));
        unit.edge(Internal, edge_name("map"), self.shape(ARRAY_SHAPE + i % 2));
        if i.is_multiple_of(2) {
            unit.edge(Element, 0, if i == 0 { self.base + CONS + CONSES - 1 } else { self.any_product() });
            unit.edge(Element, 1, self.base + VERTEX);
            unit.edge(Element, 2, self.rare_shape());
            unit.edge(Hidden, 3, self.base + 1 + i);
        } else {
            (0..4).for_each(|k| unit.edge(Hidden, k, self.rare_shape()));
        }
    }

    /// Strings, and strings put together of them.
    fn text(&mut self, unit: &mut Unit) {
        let first_string = FIRST_UNIT_STRING + self.u * UNIT_STRINGS;
        for i in 0..STRINGS {
            let name = if i < UNIT_STRINGS { first_string + i } else { node_name("customer") };
            unit.node(NodeKind::STRING, name, 24 + 8 * (i % 4));
            unit.edge(Internal, edge_name("map"), self.shape(STRING_SHAPE));
        }
        for i in 0..CONSES {
            unit.node(NodeKind::CONS_STRING, node_name(""), 32);
            unit.edge(Internal, edge_name("map"), self.shape(CONS_SHAPE));
            let first = if i == 0 { STRING } else { CONS + i - 1 };
            unit.edge(Internal, edge_name("first"), self.base + first);
            unit.edge(Internal, edge_name("second"), self.base + STRING + 10 + i);
        }
    }

    fn closure(&mut self, unit: &mut Unit) {
        unit.node(NodeKind::CLOSURE, node_name("onEvent"), 64);
        unit.edge(Internal, edge_name("map"), self.rare_shape());
        unit.edge(Internal, edge_name("context"), self.base + CONTEXT);
        unit.edge(Internal, edge_name("shared"), self.base + SHARED);
        unit.node(NodeKind::OBJECT, node_name("system / Context"), 40);
        unit.edge(Internal, edge_name("scope_info"), self.base + SCOPE_INFO);
        unit.edge(Context, edge_name("scratch"), self.base + STRING);
        unit.node(NodeKind::CODE, node_name("system / ScopeInfo"), 64);
        unit.edge(Internal, edge_name("map"), self.rare_shape());
        unit.node(NodeKind::CODE, node_name("(shared function info)"), 72);
        unit.edge(Internal, edge_name("scope_info"), self.base + SCOPE_INFO);
    }
}
