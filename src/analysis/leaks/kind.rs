//! Which of the usual kinds a leak is: by the container that grew, by what it grew by, and by the
//! way that leads to it.

use super::contents::{Contents, dead_variables};
use super::finding::Kind;
use super::subject::{Measure, Subject};
use crate::analysis::Heap;
use crate::analysis::facts::internal_values::internal_target;
use crate::analysis::realms::dead_context_fields::DeadContextFields;
use crate::analysis::source::owner_name::{PathStep, reference_between};
use crate::analysis::source::scripts::{self, is_scope};
use crate::graph::{Detachedness, EdgeKind, NodeIndex, NodeKind};
use crate::progress::Cancelled;

/// How many of the new objects are looked at.
const SAMPLES: usize = 40;

/// From this share on something is most of what is held.
const MOST: f64 = 0.5;

/// The newest of the objects that grew, at most [`SAMPLES`].
pub fn samples(subject: &Subject) -> &[NodeIndex] {
    &subject.grown[subject.grown.len().saturating_sub(SAMPLES)..]
}

/// The kind of `subject`, whose owner `path` leads to. `dead` is asked where functions are held.
pub fn kind<'a>(
    heap: &Heap,
    subject: &Subject,
    path: &[PathStep],
    dead: impl FnOnce() -> Result<&'a DeadContextFields, Cancelled>,
) -> Result<Kind, Cancelled> {
    let samples = samples(subject);
    if is_timer(heap, samples, path) {
        return Ok(Kind::Timers);
    }
    if listening_steps(heap, path).is_some() {
        return Ok(Kind::Listeners);
    }
    let most = |test: &dyn Fn(NodeIndex) -> bool| samples.iter().filter(|&&n| test(n)).count() * 2 > samples.len();
    let owner = path.last().map_or(heap.graph.root, |step| step.node);
    if most(&|n| is_waiting(heap, n)) {
        return Ok(Kind::Promises);
    }
    if most(&|n| is_detached_dom(heap, n)) {
        return Ok(Kind::DetachedDom);
    }
    if most(&|n| is_held_by_console(heap, owner, n)) {
        return Ok(Kind::Console);
    }
    let contents = Contents::of(heap, if samples.is_empty() { std::slice::from_ref(&owner) } else { samples });
    if contents.share(contents.external) > MOST {
        return Ok(Kind::ArrayBuffers);
    }
    if contents.share(contents.copied) > MOST {
        return Ok(Kind::DuplicatedStrings);
    }
    if contents.share(contents.sliced.max(contents.linked)) > MOST
        || subject.owner.is_chain && most(&|n| heap.kind(n).is_any_string())
    {
        return Ok(Kind::Strings);
    }
    if most(&|n| heap.kind(n) == NodeKind::CLOSURE) {
        let dead = dead_variables(heap, samples, dead()?);
        return Ok(if contents.share(dead.bytes) > MOST { Kind::DeadVariables } else { Kind::Closures });
    }
    if subject.owner.is_chain {
        return Ok(Kind::Chain);
    }
    Ok(container_kind(heap, owner))
}

fn container_kind(heap: &Heap, owner: NodeIndex) -> Kind {
    match heap.kind(owner) {
        k if k.is_any_string() => Kind::Strings,
        NodeKind::CODE | NodeKind::OBJECT_SHAPE => Kind::Engine,
        NodeKind::SYNTHETIC => Kind::Handles,
        NodeKind::OBJECT | NodeKind::CLOSURE | NodeKind::REGEXP => match heap.graph.raw_name(owner).as_bytes() {
            b"Array" => Kind::Array,
            b"Map" => Kind::Map,
            b"Set" => Kind::Set,
            _ => Kind::Object,
        },
        _ if owner == heap.graph.root => Kind::Handles,
        _ => Kind::Object,
    }
}

/// Whether the engine's list `owner` holds `n` only for a console or a debugger.
fn is_held_by_console(heap: &Heap, owner: NodeIndex, n: NodeIndex) -> bool {
    heap.kind(owner) == NodeKind::SYNTHETIC
        && reference_between(heap, owner, n)
            .and_then(|e| heap.graph.edge_string(&e))
            .is_some_and(|name| ["DevTools console", "DevTools debugger"].iter().any(|n| name.lossy().contains(n)))
}

/// Whether the members are timers, or hang below the runtime's lists of timers.
fn is_timer(heap: &Heap, samples: &[NodeIndex], path: &[PathStep]) -> bool {
    let is_list = |n: NodeIndex| heap.graph.raw_name(n) == "TimersList";
    let is_timeout = |n: NodeIndex| timer_callback(heap, n).is_some();
    !samples.is_empty()
        && (path.last().is_some_and(|step| is_list(step.node)) || samples.iter().all(|&n| is_list(n) || is_timeout(n)))
}

/// The function that the timer `n` calls.
pub fn timer_callback(heap: &Heap, n: NodeIndex) -> Option<NodeIndex> {
    let callback = property(heap, n, "_onTimeout").or_else(|| property(heap, n, "_onImmediate"))?;
    (heap.kind(callback) == NodeKind::CLOSURE).then_some(callback)
}

/// The target of the property `name` of `n`.
pub fn property(heap: &Heap, n: NodeIndex, name: &str) -> Option<NodeIndex> {
    let is_it =
        |e: &crate::graph::Edge| e.kind == EdgeKind::Property && heap.graph.edge_string(e).is_some_and(|t| t == name);
    heap.edges(n).find(is_it).map(|e| e.target)
}

/// How many steps of `path` lead to what is listened to, if the rest of it is the emitter's list
/// of listeners.
pub fn listening_steps(heap: &Heap, path: &[PathStep]) -> Option<usize> {
    const LISTS: [&str; 3] = ["_events", "<symbol kEvents>", "<symbol events>"];
    // Deeper steps belong to one listener, not to the list: `_events`, the event's name, elements.
    let from = path.len().saturating_sub(5);
    (from..path.len()).rev().find(|&i| {
        let name = path[i].edge.as_ref().and_then(|e| heap.graph.edge_string(e));
        name.is_some_and(|name| LISTS.iter().any(|l| name == *l))
            || heap.graph.raw_name(path[i].node) == "EventListener" && heap.kind(path[i].node) == NodeKind::NATIVE
    })
}

/// A DOM node out of its document. Node marks some handles of its own in the same way.
fn is_detached_dom(heap: &Heap, n: NodeIndex) -> bool {
    heap.kind(n) == NodeKind::NATIVE
        && heap.detachedness(n) == Detachedness::Detached
        && !heap.graph.raw_name(n).starts_with("Node / ")
}

/// A promise that is not settled, or something that waits for one.
fn is_waiting(heap: &Heap, n: NodeIndex) -> bool {
    match heap.graph.raw_name(n).as_bytes() {
        b"system / PromiseReaction" | b"SlimPromiseReaction" | b"FullPromiseReaction" => true,
        b"Promise" => is_waiting_promise(heap, n),
        _ => heap.kind(n) == NodeKind::CLOSURE && settles_a_promise(heap, n),
    }
}

fn is_waiting_promise(heap: &Heap, n: NodeIndex) -> bool {
    internal_target(&heap.graph, n, "reactions_or_result")
        .is_none_or(|result| heap.graph.raw_name(result).starts_with("system / PromiseReaction"))
}

/// Whether `f` is one of the two functions that a promise's executor is given.
fn settles_a_promise(heap: &Heap, f: NodeIndex) -> bool {
    let scope = internal_target(&heap.graph, f, "context").filter(|_| scripts::script_of_function(heap, f).is_none());
    let is_promise = |n: NodeIndex| heap.kind(n) == NodeKind::OBJECT && heap.graph.raw_name(n) == "Promise";
    scope
        .filter(|&scope| is_scope(heap, scope))
        .is_some_and(|scope| heap.edges(scope).any(|e| is_promise(e.target) && is_waiting_promise(heap, e.target)))
}

impl Kind {
    /// The kind in words, as a sentence calls it.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Array => "array",
            Self::Object => "object",
            Self::Map => "Map",
            Self::Set => "Set",
            Self::Chain => "chain of objects",
            Self::Closures => "collection of functions",
            Self::Timers => "list of timers",
            Self::Listeners => "list of listeners",
            Self::Promises => "collection of pending promises",
            Self::DetachedDom => "collection of detached DOM nodes",
            Self::Strings => "text",
            Self::DuplicatedStrings => "collection of copies of the same text",
            Self::DeadVariables => "collection of functions with variables nobody uses",
            Self::ArrayBuffers => "memory outside the heap",
            Self::Console => "console",
            Self::Handles => "list of handles",
            Self::Engine => "engine data",
        }
    }

    /// What one member is called, and several.
    pub fn members(self) -> (&'static str, &'static str) {
        match self {
            Self::Array => ("element", "elements"),
            Self::Map | Self::Set => ("entry", "entries"),
            Self::Chain => ("link", "links"),
            Self::Closures => ("function", "functions"),
            Self::Timers => ("timer", "timers"),
            Self::Listeners => ("listener", "listeners"),
            Self::Promises => ("promise", "promises"),
            Self::DetachedDom => ("DOM node", "DOM nodes"),
            Self::Strings => ("string", "strings"),
            Self::DeadVariables => ("function", "functions"),
            Self::ArrayBuffers => ("buffer", "buffers"),
            Self::DuplicatedStrings | Self::Object | Self::Console | Self::Handles | Self::Engine => {
                ("member", "members")
            }
        }
    }

    /// What usually helps.
    pub fn advice(self) -> &'static str {
        match self {
            Self::Array | Self::Set => {
                "Remove what is done with, or keep only what is needed: nothing takes members out again."
            }
            Self::Object | Self::Map => {
                "Give it a bound or an expiry, delete keys that are done with, or use a WeakMap if the keys are objects."
            }
            Self::Chain => "Cut the chain where it is no longer needed: every link keeps the next one alive.",
            Self::Closures => {
                "Drop the functions when they are done with; a function keeps all variables of its scope that any function there uses."
            }
            Self::Timers => {
                "Clear the timer when its work is done: until then it keeps its callback and all that uses."
            }
            Self::Listeners => "Remove the listener when its object goes (off, once, an AbortSignal).",
            Self::Promises => "Settle the promise, or give the wait a time limit: what waits for it stays until then.",
            Self::DetachedDom => "Let go of the nodes when they are taken out of the document.",
            Self::DuplicatedStrings => {
                "Keep one copy of each text and refer to it, for example by a Map from the text to itself; and drop what is done with."
            }
            Self::DeadVariables => {
                "Set the variables to undefined when they are done with, or make the functions where those variables are not: \
                 a function keeps all variables of its scope that any function there uses."
            }
            Self::Strings => {
                "Keep a copy of the part instead of a slice of the whole, join the pieces of a text that is kept into one, \
                 and write text out instead of collecting it."
            }
            Self::ArrayBuffers => "Release the buffers: their bytes are outside the heap, and count there.",
            Self::Console => "Clear the console, and take the snapshot without a debugger attached.",
            Self::Handles => "Close or destroy the handles when they are done with.",
            Self::Engine => "Nothing: the engine makes and drops this by itself.",
        }
    }
}

/// Whether what was measured are things that `Kind::members` names.
pub fn counts_members(measure: Measure) -> bool {
    measure != Measure::Bytes
}
