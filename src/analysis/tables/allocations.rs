//! The allocation profile: which functions allocated how much, who called them, and what of it is
//! still there.

use super::filters::NodeFilter;
use crate::analysis::Heap;
use crate::analysis::order::sort::Direction;
use crate::graph::{HeapGraph, NodeIndex, TraceFunction};
use crate::text::Text;
use rustc_hash::FxHashMap;
use std::convert::Infallible;

/// Numbers of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AllocationTotals {
    /// Objects allocated.
    pub count: u64,
    /// Bytes allocated.
    pub size: u64,
    /// Those of them that are in the snapshot.
    pub live_count: u64,
    /// Their shallow sizes.
    pub live_size: u64,
}

impl AllocationTotals {
    fn add(&mut self, other: Self) {
        self.count = self.count.saturating_add(other.count);
        self.size = self.size.saturating_add(other.size);
        self.live_count = self.live_count.saturating_add(other.live_count);
        self.live_size = self.live_size.saturating_add(other.live_size);
    }
}

/// The columns of Allocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AllocationColumn {
    LiveCount,
    Count,
    LiveSize,
    Size,
    /// Function.
    Name,
}

/// Where a row comes from: a node of the allocation tree where something was allocated, and the
/// node, it or one of its callers, that the row stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Origin {
    allocated_at: u32,
    stands_for: u32,
}

/// A function, or a caller of the function in the row above.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllocationRow {
    /// Position of the function in the file; past the end in odd files.
    pub function: u32,
    /// What was allocated in the row's first function when it was called this way.
    pub totals: AllocationTotals,
    /// Whether there are callers to show.
    pub has_callers: bool,
    origins: Vec<Origin>,
}

/// Who called a function: functions that each have only the one before as a caller, then the
/// callers among which the ways part, if any; or the next one only, if a chain is very long.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Callers {
    /// Each is below the one before.
    pub chain: Vec<AllocationRow>,
    /// All are below the last of the chain.
    pub branches: Vec<AllocationRow>,
}

/// How many functions a chain of callers has at most: rows nest as deeply.
const CHAIN_ROWS: usize = 1_000;

/// How many origins the rows of a chain have at most together. A function that calls itself to a
/// depth of n has n of them, its caller n - 1, and so on.
const CHAIN_ORIGINS: usize = 1 << 20;

/// The allocation tree with live objects counted.
#[derive(Debug, Clone, Default)]
pub struct AllocationProfile {
    /// For each node of the tree.
    totals: Vec<AllocationTotals>,
    /// Position in the tree by id. Where two nodes have one id, the later one.
    by_id: FxHashMap<u32, u32>,
}

impl Heap {
    /// The allocation tree with live objects counted.
    pub fn allocation_profile(&self) -> &AllocationProfile {
        let profile = self.memo.get_or_compute(|| Ok::<_, Infallible>(AllocationProfile::compute(self)));
        profile.unwrap_or_else(|never| match never {})
    }
}

impl AllocationProfile {
    /// Counts the live objects of every node of the tree.
    fn compute(heap: &Heap) -> Self {
        let graph = &heap.graph;
        let mut live: FxHashMap<u32, (u64, u64)> = FxHashMap::default();
        for (n, &trace) in graph.node_indices().zip(graph.nodes.trace_node_ids.iter().flatten()) {
            let (count, size) = live.entry(trace).or_default();
            *count += 1;
            *size = size.saturating_add(heap.shallow_size(n));
        }
        let mut profile = Self::default();
        for (at, node) in graph.trace_nodes.iter().enumerate() {
            let (live_count, live_size) = live.get(&node.id).copied().unwrap_or_default();
            profile.totals.push(AllocationTotals { count: node.count, size: node.size, live_count, live_size });
            profile.by_id.insert(node.id, at as u32);
        }
        profile
    }

    /// What was allocated at a node of the tree, by its position.
    pub fn totals(&self, at: usize) -> AllocationTotals {
        self.totals.get(at).copied().unwrap_or_default()
    }

    /// The functions that allocated something, those that allocated most bytes first.
    pub fn tops(&self, graph: &HeapGraph) -> Vec<AllocationRow> {
        let mut rows: Vec<AllocationRow> = Vec::new();
        let mut positions: FxHashMap<u32, usize> = FxHashMap::default();
        for (at, node) in graph.trace_nodes.iter().enumerate().filter(|(_, node)| node.count != 0) {
            let position = *positions.entry(node.function).or_insert_with(|| {
                rows.push(AllocationRow::of(node.function));
                rows.len() - 1
            });
            let origin = Origin { allocated_at: at as u32, stands_for: at as u32 };
            rows[position].add(self, origin);
        }
        for row in &mut rows {
            // The first function is the root of all calls.
            row.has_callers = row.function != 0;
        }
        rows.sort_by_key(|row| row.function);
        sort_rows(graph, &mut rows, AllocationColumn::Size, Direction::Descending);
        rows
    }

    /// Who called the function of `row`. Branches are in the order of the tree.
    pub fn callers(&self, graph: &HeapGraph, row: &AllocationRow) -> Callers {
        let mut callers = Callers::default();
        let mut origins = 0;
        loop {
            let mut next = self.direct_callers(graph, callers.chain.last().unwrap_or(row));
            origins += next.iter().map(|caller| caller.origins.len()).sum::<usize>();
            let is_short = callers.chain.len() < CHAIN_ROWS && origins <= CHAIN_ORIGINS;
            match next.len() {
                1 if is_short => callers.chain.append(&mut next),
                _ => {
                    callers.branches = next;
                    return callers;
                }
            }
        }
    }

    fn direct_callers(&self, graph: &HeapGraph, row: &AllocationRow) -> Vec<AllocationRow> {
        let parent = |of: u32| graph.trace_nodes[of as usize].parent;
        let mut callers: Vec<AllocationRow> = Vec::new();
        let mut positions: FxHashMap<u32, usize> = FxHashMap::default();
        for origin in &row.origins {
            let Some(caller) = parent(origin.stands_for) else { continue };
            let function = graph.trace_nodes[caller as usize].function;
            let position = *positions.entry(function).or_insert_with(|| {
                callers.push(AllocationRow::of(function));
                callers.len() - 1
            });
            callers[position].add(self, Origin { stands_for: caller, ..*origin });
            callers[position].has_callers |= parent(caller).is_some();
        }
        callers
    }

    /// The functions that were being called when `n` was allocated, the innermost first; `None`
    /// where that was not recorded.
    pub fn stack(&self, graph: &HeapGraph, n: NodeIndex) -> Option<Vec<u32>> {
        let id = *graph.nodes.trace_node_ids.as_ref()?.get(n.at())?;
        if id == 0 {
            return None;
        }
        let mut functions = Vec::new();
        let mut at = self.by_id.get(&id).copied();
        while let Some(node) = at {
            let node = &graph.trace_nodes[node as usize];
            functions.push(node.function);
            at = node.parent;
        }
        Some(functions)
    }
}

impl AllocationRow {
    fn of(function: u32) -> Self {
        Self { function, totals: AllocationTotals::default(), has_callers: false, origins: Vec::new() }
    }

    fn add(&mut self, profile: &AllocationProfile, origin: Origin) {
        self.totals.add(profile.totals[origin.allocated_at as usize]);
        self.origins.push(origin);
    }

    /// The objects allocated by the row's first function when called this way: *Live objects*.
    pub fn filter(&self, graph: &HeapGraph) -> NodeFilter {
        let mut ids: Vec<u32> = self.origins.iter().map(|o| graph.trace_nodes[o.allocated_at as usize].id).collect();
        ids.sort_unstable();
        ids.dedup();
        NodeFilter::Allocated(ids)
    }
}

/// The function at `function`, if the file has it.
pub fn trace_function(graph: &HeapGraph, function: u32) -> Option<&TraceFunction> {
    graph.trace_functions.get(function as usize)
}

/// The name of a function as the file has it; empty for functions without a name.
pub fn function_name(graph: &HeapGraph, function: u32) -> Text<'_> {
    trace_function(graph, function).map_or(Text::default(), |f| graph.strings.get(f.name))
}

/// Sorts rows by a column; equal ones keep their order.
pub fn sort_rows(graph: &HeapGraph, rows: &mut [AllocationRow], column: AllocationColumn, direction: Direction) {
    let value = |row: &AllocationRow| match column {
        AllocationColumn::LiveCount => row.totals.live_count,
        AllocationColumn::Count => row.totals.count,
        AllocationColumn::LiveSize => row.totals.live_size,
        AllocationColumn::Size | AllocationColumn::Name => row.totals.size,
    };
    rows.sort_by(|a, b| {
        direction.apply(match column {
            AllocationColumn::Name => function_name(graph, a.function).cmp_utf16(function_name(graph, b.function)),
            _ => value(a).cmp(&value(b)),
        })
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{StringIndex, TraceNode};
    use crate::progress::Progress;
    use crate::testing::SnapshotBuilder;

    /// (root) calls a and b; a calls make and make calls itself; b calls make; what make made last
    /// is still there.
    fn profile() -> Heap {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "(root)", 1);
        for name in ["a", "b", "make"] {
            let n = b.node("object", name, 30);
            b.edge(root, "element", "1", n);
        }
        let mut graph = b.graph();
        let function = |name: &str| TraceFunction {
            function_id: 0,
            name: graph.strings.find(name).unwrap(),
            script_name: StringIndex(0),
            script_id: 0,
            line: 0,
            column: 0,
        };
        let functions = ["(root)", "a", "b", "make"].map(function);
        graph.trace_functions = functions.to_vec();
        let tree = [
            (1, 0, 0, 0, None),
            (2, 1, 1, 10, Some(0)),
            (3, 3, 2, 200, Some(1)),
            (4, 3, 3, 3000, Some(2)),
            (5, 2, 0, 0, Some(0)),
            (6, 3, 4, 40_000, Some(4)),
        ];
        graph.trace_nodes =
            tree.map(|(id, function, count, size, parent)| TraceNode { id, function, count, size, parent }).to_vec();
        graph.nodes.trace_node_ids = Some(vec![0, 6, 6, 4]);
        Heap::analyze(graph, &Progress::new()).unwrap()
    }

    fn names(heap: &Heap, functions: impl IntoIterator<Item = u32>) -> Vec<String> {
        functions.into_iter().map(|f| function_name(&heap.graph, f).to_string()).collect()
    }

    #[test]
    fn tops_add_up_a_function_wherever_it_was_called() {
        let heap = profile();
        let tops = heap.allocation_profile().tops(&heap.graph);
        assert_eq!(names(&heap, tops.iter().map(|r| r.function)), ["make", "a"]);
        assert_eq!(tops[0].totals, AllocationTotals { count: 9, size: 43_200, live_count: 3, live_size: 90 });
        assert!(tops[0].has_callers && tops[1].has_callers);
    }

    #[test]
    fn callers_are_unrolled_until_the_ways_part_and_keep_what_was_allocated_below() {
        let heap = profile();
        let profile = heap.allocation_profile();
        let make = profile.tops(&heap.graph).remove(0);
        let callers = profile.callers(&heap.graph, &make);
        assert!(callers.chain.is_empty());
        let sizes: Vec<u64> = callers.branches.iter().map(|r| r.totals.size).collect();
        assert_eq!(names(&heap, callers.branches.iter().map(|r| r.function)), ["a", "make", "b"]);
        assert_eq!(sizes, [200, 3000, 40_000]);
        let through_make = profile.callers(&heap.graph, &callers.branches[1]);
        assert_eq!(names(&heap, through_make.chain.iter().map(|r| r.function)), ["a", "(root)"]);
        assert!(through_make.branches.is_empty());
        assert!(!through_make.chain[1].has_callers);
        assert_eq!(through_make.chain[1].filter(&heap.graph), NodeFilter::Allocated(vec![4]));
    }

    #[test]
    fn very_long_chains_of_callers_come_in_parts_that_need_not_much_memory() {
        // A function that calls itself, and allocates each time.
        let mut heap = profile();
        let call = |i: u32| TraceNode { id: i + 1, function: 3, count: 1, size: 8, parent: i.checked_sub(1) };
        heap.graph.trace_nodes = (0..5_000).map(call).collect();
        let profile = heap.allocation_profile();
        let mut row = profile.tops(&heap.graph).remove(0);
        let mut levels = 1;
        loop {
            assert_eq!(row.totals.count, 5_001 - levels);
            let Callers { chain, mut branches } = profile.callers(&heap.graph, &row);
            assert!(chain.len() <= CHAIN_ROWS && branches.len() <= 1);
            assert!(chain.iter().map(|r| r.origins.len()).sum::<usize>() <= CHAIN_ORIGINS);
            levels += (chain.len() + branches.len()) as u64;
            match branches.pop() {
                Some(next) => row = next,
                None => break,
            }
        }
        assert_eq!(levels, 5_000);
    }

    #[test]
    fn a_stack_leads_from_the_innermost_function_to_the_root() {
        let heap = profile();
        let stack = heap.allocation_profile().stack(&heap.graph, NodeIndex(3)).unwrap();
        assert_eq!(names(&heap, stack), ["make", "make", "a", "(root)"]);
        assert_eq!(heap.allocation_profile().stack(&heap.graph, NodeIndex(0)), None);
    }
}
