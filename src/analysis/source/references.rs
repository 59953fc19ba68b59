//! What a reference means to somebody who reads the program's source, and its name with
//! everything taken out that differs from run to run.
//!
//! Paths through the heap are compared between snapshots, processes and engine versions, so a
//! step is named by what stays: property and variable names, `[ ]` for elements and table slots,
//! kinds of engine objects without their numbers.

use crate::analysis::Heap;
use crate::graph::{Edge, EdgeKind, HeapGraph, NodeIndex, NodeKind, StringIndex};
use crate::text::Text;

/// How natural a reference is to walk along. Whatever can be reached by natural references alone
/// is reached that way, however long the detour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Tier {
    /// What the source code says: variables, properties, elements, entries.
    Source = 0,
    /// What the runtime adds: prototypes, roots, variables of its own modules.
    Runtime = 1,
    /// What a console or a debugger remembers to show it again.
    Debugger = 2,
    /// What the engine needs: shapes, code, feedback.
    Engine = 3,
}

impl Tier {
    /// All tiers, the most natural first.
    pub const ALL: [Self; 4] = [Self::Source, Self::Runtime, Self::Debugger, Self::Engine];
}

/// A hash that is the same in every process and on every machine (FNV-1a).
#[derive(Debug, Clone, Copy)]
pub struct StableHash(pub u64);

impl StableHash {
    /// The hash of nothing.
    pub const NEW: Self = Self(0xcbf2_9ce4_8422_2325);

    /// With `bytes` added.
    #[must_use]
    pub fn bytes(mut self, bytes: &[u8]) -> Self {
        for &b in bytes {
            self.0 = (self.0 ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        self
    }

    /// With `number` added.
    #[must_use]
    pub fn number(self, number: u64) -> Self {
        self.bytes(&number.to_le_bytes())
    }
}

/// Elements, table slots, and names that are numbers.
pub const SLOT: u64 = 1;
/// The value of a weak map's entry, reached from its key.
const WEAK_MAP_VALUE: u64 = 2;

/// What a graph's edges mean; answers from memory for each string of the file.
#[derive(Debug)]
pub struct References<'a> {
    heap: &'a Heap,
    /// Hash of the normalized text of each string; 0 where not asked yet.
    hashes: Vec<u64>,
    /// What each string says as a name; nothing where not asked yet.
    signs: Vec<Signs>,
}

impl<'a> References<'a> {
    /// Nothing is read from the strings before it is asked for.
    pub fn new(heap: &'a Heap) -> Self {
        let strings = heap.graph.strings.len();
        Self { heap, hashes: vec![0; strings], signs: vec![Signs::default(); strings] }
    }

    /// The hash of a string's normalized text.
    pub fn text(&mut self, s: StringIndex) -> u64 {
        let known = self.hashes[s.at()];
        if known != 0 {
            return known;
        }
        let hash = normalized_hash(self.heap.graph.strings.get(s));
        self.hashes[s.at()] = hash;
        hash
    }

    /// The hash of what `n` is: its constructor, or its kind where that says more.
    pub fn class(&mut self, n: NodeIndex) -> u64 {
        let graph = &self.heap.graph;
        match graph.kind(n) {
            NodeKind::OBJECT | NodeKind::NATIVE | NodeKind::HIDDEN | NodeKind::SYNTHETIC => {
                self.text(graph.name_index(n))
            }
            k if k.is_any_string() => u64::from(NodeKind::STRING.0) + 10,
            k => u64::from(k.0) + 10,
        }
    }

    /// The step along `e` from `source`: how natural it is, and the hash of its normalized name.
    /// `None` for references that keep nothing alive.
    pub fn step(&mut self, source: NodeIndex, e: &Edge) -> Option<(Tier, u64)> {
        let label = match e.kind {
            EdgeKind::Weak => return None,
            EdgeKind::Element | EdgeKind::Hidden => SLOT,
            _ if self.is_weak_map_value(e) => {
                return (!self.is_from_weak_table(source, e)).then_some((Tier::Source, WEAK_MAP_VALUE));
            }
            _ => self.text(StringIndex(e.name_or_index)),
        };
        let tier = tier_by(&self.heap.graph, source, e, |name| {
            let signs = &mut self.signs[name.at()];
            if !signs.has(Signs::KNOWN) {
                *signs = Signs::of(self.heap.graph.strings.get(name));
            }
            *signs
        });
        Some((tier, label))
    }

    fn is_weak_map_value(&self, e: &Edge) -> bool {
        e.kind == EdgeKind::Internal
            && self.heap.facts.known_strings.weak_maps.get(StringIndex(e.name_or_index)).is_some()
    }

    /// Whether `e`, part of a weak map's entry, comes from the table rather than from the key.
    fn is_from_weak_table(&self, source: NodeIndex, e: &Edge) -> bool {
        let name = self.heap.facts.known_strings.weak_maps.get(StringIndex(e.name_or_index));
        name.is_some_and(|name| name.table == Some(self.heap.id(source)))
    }
}

/// How natural the reference `e` of `source` is.
pub fn tier(graph: &HeapGraph, source: NodeIndex, e: &Edge) -> Tier {
    tier_by(graph, source, e, |name| Signs::of(graph.strings.get(name)))
}

fn tier_by(graph: &HeapGraph, source: NodeIndex, e: &Edge, mut signs: impl FnMut(StringIndex) -> Signs) -> Tier {
    let to = graph.kind(e.target);
    let named = signs(graph.name_index(e.target));
    if is_engine_kind_named(graph, e.target, named) {
        return Tier::Engine;
    }
    match e.kind {
        EdgeKind::Property => {
            let name = signs(StringIndex(e.name_or_index));
            if name.has(Signs::OF_EVERY_OBJECT) { Tier::Runtime } else { Tier::Source }
        }
        // What JavaScriptCore keeps in the global object is not a variable of the program's.
        EdgeKind::Context if graph.raw_name(source) == "GlobalObject" => Tier::Runtime,
        _ if graph.kind(source) == NodeKind::SYNTHETIC || source == graph.root => match e.kind {
            EdgeKind::Internal if signs(StringIndex(e.name_or_index)).has(Signs::OF_DEBUGGER) => Tier::Debugger,
            _ => root_tier(graph, source),
        },
        _ if named.has(Signs::REALM) && !to.is_any_string() => Tier::Runtime,
        _ => Tier::Source,
    }
}

/// What a name says about what has it, as bits.
#[derive(Debug, Clone, Copy, Default)]
struct Signs(u8);

impl Signs {
    /// It was looked at.
    const KNOWN: u8 = 1;
    /// An object of the engine's that holds nothing of the program's.
    const ENGINE: u8 = 2;
    /// What the engine keeps for a global object.
    const REALM: u8 = 4;
    /// A property that every object has.
    const OF_EVERY_OBJECT: u8 = 8;
    /// An array that belongs to a shape.
    const SHAPE_LIST: u8 = 16;
    /// A handle that a console or a debugger has: `N / DevTools console`.
    const OF_DEBUGGER: u8 = 32;

    fn of(name: Text<'_>) -> Self {
        let is_engine = if name.starts_with("system / ") {
            !OF_THE_PROGRAM.iter().any(|p| name.starts_with(p))
        } else {
            JAVASCRIPTCORE.iter().any(|p| name == *p)
        };
        let sign = |bit, is_so| if is_so { bit } else { 0 };
        Self(
            Self::KNOWN
                | sign(Self::ENGINE, is_engine)
                | sign(Self::REALM, name.starts_with("system / NativeContext"))
                | sign(Self::OF_EVERY_OBJECT, name == "__proto__" || name == "constructor")
                | sign(Self::SHAPE_LIST, name == "(map descriptors)")
                | sign(Self::OF_DEBUGGER, is_of_debugger(name)),
        )
    }

    fn has(self, sign: u8) -> bool {
        self.0 & sign != 0
    }
}

/// Whether a handle of this name is there for a console or a debugger.
fn is_of_debugger(name: Text<'_>) -> bool {
    let bytes = name.as_bytes();
    let digits = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
    [&b" / DevTools console"[..], b" / DevTools debugger"].contains(&&bytes[digits..])
}

/// Roots that hold what the engine made for itself come last.
fn root_tier(graph: &HeapGraph, source: NodeIndex) -> Tier {
    let name = graph.raw_name(source);
    let engine = ["(Internalized strings)", "(Builtins)", "(Compilation cache)", "(Read-only roots)", "(Code flusher)"];
    if engine.iter().any(|e| name == *e) { Tier::Engine } else { Tier::Runtime }
}

/// Shapes, code, feedback, and whatever else the engine has for itself.
pub fn is_engine_kind(graph: &HeapGraph, n: NodeIndex) -> bool {
    is_engine_kind_named(graph, n, Signs::of(graph.raw_name(n)))
}

fn is_engine_kind_named(graph: &HeapGraph, n: NodeIndex, name: Signs) -> bool {
    match graph.kind(n) {
        NodeKind::CODE | NodeKind::OBJECT_SHAPE => true,
        NodeKind::HIDDEN | NodeKind::NATIVE => name.has(Signs::ENGINE),
        NodeKind::ARRAY => name.has(Signs::SHAPE_LIST),
        _ => false,
    }
}

/// Engine objects that hold what the program has.
const OF_THE_PROGRAM: [&str; 13] = [
    "system / Cell",
    "system / Context",
    "system / EphemeronHashTable",
    "system / JS",
    "system / NativeContext",
    "system / PromiseReaction",
    "system / PropertyArray",
    "system / PropertyCell",
    "system / ScriptContextTable",
    "system / SourceTextModule",
    "system / SyntheticModule",
    "system / Tuple",
    "system / WeakCell",
];

/// Shapes and the like in Bun's snapshots.
const JAVASCRIPTCORE: [&str; 7] = [
    "FunctionRareData",
    "PropertyTable",
    "Structure",
    "StructureChain",
    "StructureRareData",
    "SymbolTable",
    "Sentinel",
];

/// Whether `n` holds what the engine keeps for a global object: its own classes and functions.
pub fn is_realm(graph: &HeapGraph, n: NodeIndex) -> bool {
    graph.raw_name(n).starts_with("system / NativeContext") && !graph.kind(n).is_any_string()
}

/// Whether `n` is storage of the engine's for another object's members: elements, entries,
/// properties, the bytes of a buffer.
pub fn is_store(graph: &HeapGraph, n: NodeIndex) -> bool {
    match graph.kind(n) {
        NodeKind::ARRAY => true,
        NodeKind::HIDDEN | NodeKind::NATIVE => {
            let name = graph.raw_name(n);
            [
                "system / JSArrayBufferData",
                "system / PropertyArray",
                "system / Cell",
                "system / ContextCell",
                "system / PropertyCell",
            ]
            .iter()
            .any(|s| name == *s)
                || name == "Cell Butterfly"
        }
        _ => false,
    }
}

/// Whether `n` is one of the engine's values that stand for nothing: undefined, null, the booleans,
/// and what marks a slot as empty.
pub fn is_oddball(graph: &HeapGraph, n: NodeIndex) -> bool {
    if !matches!(graph.kind(n), NodeKind::HIDDEN | NodeKind::NATIVE) {
        return false;
    }
    let name = graph.raw_name(n);
    ["undefined", "null", "true", "false"].iter().any(|o| name == *o)
        || ["system / Oddball", "system / Hole"].iter().any(|o| name.starts_with(o))
}

/// Hash of the text without what differs from run to run: long numbers become `#`, names that
/// are nothing but digits become [`SLOT`].
fn normalized_hash(text: Text<'_>) -> u64 {
    let bytes = text.as_bytes();
    if !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit) {
        return SLOT;
    }
    let mut hash = StableHash::NEW;
    let mut rest = bytes;
    while !rest.is_empty() {
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let other = rest[digits..].iter().take_while(|b| !b.is_ascii_digit()).count();
        hash = if digits >= LONG_NUMBER { hash.bytes(b"#") } else { hash.bytes(&rest[..digits]) };
        hash = hash.bytes(&rest[digits..digits + other]);
        rest = &rest[digits + other..];
    }
    hash.0 | 1 << 63
}

/// Numbers of this many digits are taken for ids, shorter ones for part of the name.
const LONG_NUMBER: usize = 3;
