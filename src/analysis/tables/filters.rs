//! Which objects Summary counts: the filters of DevTools' menu and those behind it.

use crate::analysis::Heap;
use crate::analysis::facts::distance::UNREACHED;
use crate::analysis::facts::{roots, walk};
use crate::analysis::naming::edge_names::EdgeName;
use crate::analysis::realms::contexts::contexts;
use crate::analysis::realms::event_handlers::event_handlers;
use crate::analysis::realms::native_contexts::{Attribution, context_label};
use crate::analysis::removal::losses::{self, Ways, losses};
use crate::analysis::strings::repeated_strings::duplicated;
use crate::graph::{
    Detachedness, Edge, EdgeIndex, EdgeKind, NodeId, NodeIndex, NodeKind, NodeSet, RetainerEntry, StringIndex,
    StringSet,
};
use crate::progress::{Cancelled, Stage};
use crate::units;
use std::fmt;
use std::str::FromStr;

/// What holds objects in memory, in the filters "retained by".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Holder {
    /// DOM nodes that hang in no document.
    DetachedDomNodes,
    /// Contexts of closures.
    Contexts,
    /// What was logged or evaluated in DevTools' console.
    Console,
    EventHandlers,
}

/// A choice of objects. Its text form, [`fmt::Display`] and [`FromStr`], is for command lines.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum NodeFilter {
    /// No filter.
    #[default]
    All,
    /// Strings whose text is there more than once.
    DuplicatedStrings,
    /// What could be freed if these holders were gone, and the holders.
    RetainedBy(Holder),
    /// What belongs to the native context with this id.
    NativeContext(NodeId),
    /// What several native contexts reach.
    SharedBetweenNativeContexts,
    /// What no native context reaches.
    NoNativeContext,
    /// `above < id <= up_to`: what was allocated between two moments.
    Ids {
        /// The greatest id before.
        above: u64,
        /// The greatest id at the end.
        up_to: u64,
    },
    /// What was allocated at these nodes of the allocation tree, by their ids, ascending.
    Allocated(Vec<u32>),
    /// What belongs to a script, a package or a group of the program's source, by its name.
    OwnedBy(String),
}

impl NodeFilter {
    /// What was allocated after `before` (from the beginning, without it) and up to `last`.
    pub fn allocated_between(before: Option<&Heap>, last: &Heap) -> Self {
        Self::Ids { above: before.map_or(0, |h| h.greatest_js_id().into()), up_to: last.greatest_js_id().into() }
    }

    /// The objects it lets through; `None` for all of them.
    pub fn nodes(&self, heap: &Heap, stage: &Stage) -> Result<Option<NodeSet>, Cancelled> {
        let graph = &heap.graph;
        let where_ = |keep: &mut dyn FnMut(NodeIndex) -> bool| NodeSet::from_fn(graph.node_count(), keep);
        let attributed = |to: Attribution| Ok(heap.native_contexts(stage)?.attributed(to));
        Ok(Some(match self {
            Self::All => return Ok(None),
            Self::DuplicatedStrings => duplicated(heap, stage)?,
            Self::RetainedBy(holder) => retained_by(heap, *holder, stage)?,
            Self::NativeContext(id) => match heap.find(*id) {
                Some(context) => attributed(Attribution::Context(context))?,
                None => NodeSet::new(graph.node_count()),
            },
            Self::SharedBetweenNativeContexts => attributed(Attribution::Shared)?,
            Self::NoNativeContext => attributed(Attribution::None)?,
            Self::Ids { above, up_to } => where_(&mut |n| {
                let id = u64::from(graph.id(n).0);
                id > *above && id <= *up_to
            }),
            Self::OwnedBy(name) => heap.source_owners(stage)?.nodes_of(name, graph.node_count()),
            Self::Allocated(traces) => {
                let ids = graph.nodes.trace_node_ids.as_deref().unwrap_or(&[]);
                where_(&mut |n| ids.get(n.at()).is_some_and(|id| traces.binary_search(id).is_ok()))
            }
        }))
    }
}

/// What only `holder` keeps in memory: everything that can be reached, but not without passing it.
fn retained_by(heap: &Heap, holder: Holder, stage: &Stage) -> Result<NodeSet, Cancelled> {
    let graph = &heap.graph;
    match holder {
        Holder::DetachedDomNodes => {
            let detached = graph.select(|n| heap.detachedness(n) == Detachedness::Detached, stage)?;
            retained_by_nodes(heap, &NodeSet::of(graph.node_count(), detached), stage)
        }
        Holder::Contexts => retained_by_nodes(heap, &contexts(heap), stage),
        Holder::EventHandlers => retained_by_nodes(heap, &event_handlers(heap), stage),
        Holder::Console => {
            let ends_so = |i| graph.strings.get(i).as_bytes().ends_with(b" / DevTools console");
            let names = StringSet::from_fn(graph.strings.len(), ends_so);
            let is_global = |edge: &Edge| {
                !edge.kind.is_numbered()
                    && names.contains(StringIndex(edge.name_or_index))
                    && matches!(EdgeName::of(graph, edge), EdgeName::Text(_))
            };
            let is_followed =
                |source, edge, _| heap.kind(source) != NodeKind::SYNTHETIC || !is_global(&graph.edge(edge));
            not_reached(heap, names.is_empty(), is_followed, stage)
        }
    }
}

/// What can be reached, but not past `holders`, which are part of it.
fn retained_by_nodes(heap: &Heap, holders: &NodeSet, stage: &Stage) -> Result<NodeSet, Cancelled> {
    let graph = &heap.graph;
    // Of the edges that distances are found over only the root's own may be weak.
    let held_weakly = roots::root_edges(graph).filter(|e| e.kind == EdgeKind::Weak).map(|e| e.target);
    let suspects = holders.iter().chain(held_weakly);
    let past_holders = PastHolders { heap, holders };
    if let Some(lost) = losses(graph, &heap.facts.retainers, &past_holders, suspects, Vec::new(), stage)? {
        let lost = lost.iter().filter(|&n| heap.distance(n) != UNREACHED);
        return Ok(NodeSet::of(graph.node_count(), lost));
    }
    not_reached(heap, holders.is_empty(), |_, _, target| !holders.contains(target), stage)
}

/// The ways from the root that do not lead to holders.
struct PastHolders<'a> {
    heap: &'a Heap,
    holders: &'a NodeSet,
}

impl Ways for PastHolders<'_> {
    #[inline(always)]
    fn steps(&self, n: NodeIndex) -> u32 {
        match self.heap.distance(n) {
            // Whatever its distance: all begins there.
            _ if n == self.heap.graph.root => losses::START,
            UNREACHED => losses::FAR,
            distance => distance as u32 + 1,
        }
    }

    #[inline(always)]
    fn is_closed(&self, n: NodeIndex) -> bool {
        self.holders.contains(n)
    }

    #[inline(always)]
    fn is_open(&self, kind: EdgeKind) -> bool {
        kind != EdgeKind::Weak
    }

    #[inline(always)]
    fn is_surely_open(&self, entry: RetainerEntry) -> bool {
        !entry.is_weak()
    }
}

/// What has a distance and still is not reached from the root over edges that are not weak and that
/// `is_followed` accepts, by source, edge and target. `follows_all` says that it accepts any.
fn not_reached(
    heap: &Heap,
    follows_all: bool,
    is_followed: impl Fn(NodeIndex, EdgeIndex, NodeIndex) -> bool + Sync,
    stage: &Stage,
) -> Result<NodeSet, Cancelled> {
    let graph = &heap.graph;
    let count = graph.node_count();
    // Distances are found over such edges only, but for the root's own.
    if count == 0 || follows_all && graph.edges(graph.root).all(|e| e.kind != EdgeKind::Weak) {
        return Ok(NodeSet::new(count));
    }
    let is_followed = |source, edge, kind, target| kind != EdgeKind::Weak && is_followed(source, edge, target);
    let reached = walk::reached(graph, [graph.root], is_followed, stage)?;
    Ok(NodeSet::of(count, reached.iter_missing(count).filter(|&n| heap.distance(n) != UNREACHED)))
}

/// A line of the filter menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MenuEntry {
    /// A filter and the words for it.
    Filter(NodeFilter, String),
    /// A rule between groups of filters.
    Separator,
}

/// The filter menu for `heap`, where `snapshots` are all that are open: their names and greatest
/// odd ids ([`Heap::greatest_js_id`]) in order of the list.
pub fn menu(heap: &Heap, snapshots: &[(&str, u32)], stage: &Stage) -> Result<Vec<MenuEntry>, Cancelled> {
    let entry = |filter: NodeFilter, words: &str| MenuEntry::Filter(filter, words.to_owned());
    let mut menu = vec![entry(NodeFilter::All, "All objects")];
    let mut before: Option<(&str, u32)> = None;
    for &(name, id) in snapshots {
        let words = match before {
            None => format!("Objects allocated before {name}"),
            Some((before, _)) => format!("Objects allocated between {before} and {name}"),
        };
        let filter = NodeFilter::Ids { above: before.map_or(0, |b| b.1.into()), up_to: id.into() };
        menu.push(MenuEntry::Filter(filter, words));
        before = Some((name, id));
    }
    menu.push(MenuEntry::Separator);
    for (filter, words) in [
        (NodeFilter::DuplicatedStrings, "Duplicated strings"),
        (NodeFilter::RetainedBy(Holder::DetachedDomNodes), "Objects retained by detached DOM nodes"),
        (NodeFilter::RetainedBy(Holder::Contexts), "Objects retained by contexts"),
        (NodeFilter::RetainedBy(Holder::Console), "Objects retained by DevTools Console"),
        (NodeFilter::RetainedBy(Holder::EventHandlers), "Objects retained by event handlers"),
    ] {
        menu.push(entry(filter, words));
    }
    menu.push(MenuEntry::Separator);
    let contexts = heap.native_contexts(stage)?;
    for context in contexts.by_size() {
        menu.push(MenuEntry::Filter(NodeFilter::NativeContext(heap.id(context.node)), context_label(heap, &context)));
    }
    let shared = format!("Objects shared between native contexts ({})", units::bytes(contexts.shared_size));
    menu.push(MenuEntry::Filter(NodeFilter::SharedBetweenNativeContexts, shared));
    let none = format!("Objects not attributed to a native context ({})", units::bytes(contexts.unattributed_size));
    menu.push(MenuEntry::Filter(NodeFilter::NoNativeContext, none));
    Ok(menu)
}

/// Filters whose names say everything.
pub const NAMED: [(&str, NodeFilter); 8] = [
    ("all", NodeFilter::All),
    ("duplicated-strings", NodeFilter::DuplicatedStrings),
    ("retained-by-detached-dom-nodes", NodeFilter::RetainedBy(Holder::DetachedDomNodes)),
    ("retained-by-contexts", NodeFilter::RetainedBy(Holder::Contexts)),
    ("retained-by-console", NodeFilter::RetainedBy(Holder::Console)),
    ("retained-by-event-handlers", NodeFilter::RetainedBy(Holder::EventHandlers)),
    ("shared-between-native-contexts", NodeFilter::SharedBetweenNativeContexts),
    ("no-native-context", NodeFilter::NoNativeContext),
];

impl fmt::Display for NodeFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NativeContext(id) => write!(f, "native-context:{id}"),
            Self::OwnedBy(name) => write!(f, "owned-by:{name}"),
            Self::Ids { above, up_to: u64::MAX } => write!(f, "ids:{above}.."),
            Self::Ids { above, up_to } => write!(f, "ids:{above}..{up_to}"),
            Self::Allocated(traces) => {
                let traces: Vec<String> = traces.iter().map(u32::to_string).collect();
                write!(f, "allocated-at:{}", traces.join(","))
            }
            named => f.write_str(NAMED.iter().find(|(_, filter)| filter == named).map_or("", |(name, _)| name)),
        }
    }
}

/// A text that names no filter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no filter {0:?}; the filters are {NAMES}, native-context:@ID, owned-by:NAME and ids:ABOVE..UP_TO", NAMES = names())]
pub struct UnknownFilter(String);

fn names() -> String {
    NAMED.map(|(name, _)| name).join(", ")
}

impl FromStr for NodeFilter {
    type Err = UnknownFilter;

    fn from_str(text: &str) -> Result<Self, UnknownFilter> {
        if let Some((_, filter)) = NAMED.iter().find(|(name, _)| *name == text) {
            return Ok(filter.clone());
        }
        let parameter = |prefix| text.strip_prefix(prefix);
        let parsed = if let Some(id) = parameter("native-context:") {
            id.trim_start_matches('@').parse().ok().map(|id| Self::NativeContext(NodeId(id)))
        } else if let Some((above, up_to)) = parameter("ids:").and_then(|r| r.split_once("..")) {
            let bound = |text: &str, open| if text.is_empty() { Some(open) } else { text.parse().ok() };
            bound(above, 0).zip(bound(up_to, u64::MAX)).map(|(above, up_to)| Self::Ids { above, up_to })
        } else if let Some(name) = parameter("owned-by:").filter(|name| !name.is_empty()) {
            Some(Self::OwnedBy(name.to_owned()))
        } else if let Some(traces) = parameter("allocated-at:") {
            let traces: Result<Vec<u32>, _> = traces.split(',').map(str::parse).collect();
            traces.ok().map(|mut t| {
                t.sort_unstable();
                Self::Allocated(t)
            })
        } else {
            None
        };
        parsed.ok_or_else(|| UnknownFilter(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::removal::losses::tests::random_heap;
    use crate::progress::Progress;
    use crate::testing::{Random, SnapshotBuilder};

    /// A root that reaches `shared` by itself, and through each holder something of its own.
    fn holders() -> (Heap, [usize; 4]) {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        let shared = b.node("object", "shared", 10);
        b.edge(root, "element", "1", shared);
        let code = b.node("code", "code", 10);
        b.edge(root, "element", "2", code);
        let listener = b.node("native", "V8EventListener", 10);
        b.edge(root, "element", "3", listener);
        let mut holder = |kind: &str, name: &str, edge: &str| {
            let n = b.node(kind, name, 10);
            let own = b.node("object", "own", 10);
            b.edge(root, "internal", edge, n);
            b.edge(n, "property", "own", own);
            b.edge(n, "property", "shared", shared);
            n
        };
        let detached = holder("object", "div", "a");
        let context = holder("object", "system / Context / f", "b");
        let logged = holder("object", "logged", "7 / DevTools console");
        let handler = holder("closure", "handler", "c");
        b.set_detachedness(detached, 2);
        b.edge(listener, "element", "1", handler);
        b.edge(handler, "internal", "code", code);
        let weakly = b.node("object", "weakly held", 10);
        b.edge(shared, "weak", "w", weakly);
        (Heap::analyze(b.graph(), &Progress::new()).unwrap(), [detached, context, logged, handler])
    }

    fn nodes(filter: &NodeFilter, heap: &Heap) -> Vec<usize> {
        let nodes = filter.nodes(heap, &Stage::unwatched()).unwrap();
        nodes.unwrap().iter().map(NodeIndex::at).collect()
    }

    #[test]
    fn retained_are_the_holders_and_what_only_they_reach() {
        let (heap, expected) = holders();
        let filters = [Holder::DetachedDomNodes, Holder::Contexts, Holder::Console, Holder::EventHandlers];
        for (holder, n) in filters.into_iter().zip(expected) {
            assert_eq!(nodes(&NodeFilter::RetainedBy(holder), &heap), [n, n + 1], "{holder:?}");
        }
    }

    #[test]
    fn what_lies_behind_holders_is_what_a_walk_past_them_does_not_reach() {
        let mut random = Random(23);
        for _ in 0..2000 {
            let heap = random_heap(&mut random);
            let count = heap.graph.node_count();
            let share = 1 + random.below(12);
            let holders = NodeSet::from_fn(count, |_| random.below(share) == 0);
            let stage = Stage::unwatched();
            let is_followed = |_, _, target| !holders.contains(target);
            let expected = not_reached(&heap, false, is_followed, &stage).unwrap();
            assert_eq!(retained_by_nodes(&heap, &holders, &stage).unwrap(), expected);
        }
    }

    #[test]
    fn ids_are_taken_above_one_bound_and_up_to_the_other() {
        let (heap, _) = holders();
        let filter = NodeFilter::Ids { above: 3, up_to: 7 };
        assert_eq!(nodes(&filter, &heap), [2, 3]);
        let last = u64::from(heap.greatest_js_id());
        assert_eq!(last, heap.graph.node_count() as u64 * 2 - 1);
        assert_eq!(NodeFilter::allocated_between(None, &heap), NodeFilter::Ids { above: 0, up_to: last });
    }

    #[test]
    fn every_filter_reads_back_what_it_writes() {
        let parameters = ["native-context:@17", "ids:3..", "ids:3..9", "allocated-at:1,5"];
        for text in NAMED.map(|(name, _)| name).into_iter().chain(parameters) {
            assert_eq!(text.parse::<NodeFilter>().unwrap().to_string(), text);
        }
        for text in ["", "ids:3", "ids:a..b", "native-context:x", "everything"] {
            let error = text.parse::<NodeFilter>().unwrap_err().to_string();
            assert!(error.contains("retained-by-contexts"), "{error}");
        }
    }

    #[test]
    fn the_menu_names_snapshots_in_their_order() {
        let (heap, _) = holders();
        let menu = menu(&heap, &[("one", 5), ("two", 9)], &Stage::unwatched()).unwrap();
        let labels: Vec<&str> = menu
            .iter()
            .map(|e| match e {
                MenuEntry::Filter(_, words) => words.as_str(),
                MenuEntry::Separator => "-",
            })
            .collect();
        assert_eq!(
            labels[..4],
            ["All objects", "Objects allocated before one", "Objects allocated between one and two", "-"]
        );
        assert_eq!(
            labels[4..10],
            [
                "Duplicated strings",
                "Objects retained by detached DOM nodes",
                "Objects retained by contexts",
                "Objects retained by DevTools Console",
                "Objects retained by event handlers",
                "-"
            ]
        );
        assert_eq!(menu[2], MenuEntry::Filter(NodeFilter::Ids { above: 5, up_to: 9 }, labels[2].to_owned()));
        assert_eq!(labels[10], "Objects shared between native contexts (0\u{a0}B)");
        assert!(labels[11].starts_with("Objects not attributed to a native context ("));
    }
}
