//! All ways from the roots to an object, as far as limits allow.

use super::retainers_view::RetainersView;
use crate::analysis::Heap;
use crate::graph::{EdgeIndex, EdgeKind, NodeIndex};
use crate::progress::{Cancelled, Stage};
use rustc_hash::{FxHashMap, FxHashSet};

/// Paths end at objects this far from the root: above them are only the engine's own lists.
const END_DISTANCE: i32 = 2;

/// How far the search goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathLimits {
    /// Steps of a path.
    pub depth: u32,
    /// Objects looked at, each as often as it is met.
    pub nodes: u32,
    /// Retainers of one object that are followed.
    pub siblings: usize,
}

impl Default for PathLimits {
    fn default() -> Self {
        Self { depth: 30, nodes: 5000, siblings: 100 }
    }
}

/// Which limits were met: there may be more paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct LimitsReached {
    /// A path was too long.
    pub depth: bool,
    /// Too many objects were looked at.
    pub nodes: bool,
    /// An object had too many retainers.
    pub siblings: bool,
}

/// A step of a path: who keeps the object of the step before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathStep {
    /// How many steps it stands below the selected object's own retainers.
    pub depth: u32,
    /// The edge from the retainer.
    pub edge: EdgeIndex,
    /// The retainer.
    pub node: NodeIndex,
    pub distance: i32,
}

/// A forest of paths: each step is followed by the steps below it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RetainingPaths {
    /// The steps, each before those below it.
    pub steps: Vec<PathStep>,
    /// What was left out.
    pub limits_reached: LimitsReached,
}

/// The paths that keep `n`, shortest first. A part that several paths share stands only once, in
/// the first of them; ways that end nowhere are left out.
pub fn retaining_paths(
    heap: &Heap,
    view: &RetainersView,
    n: NodeIndex,
    limits: PathLimits,
    stage: &Stage,
) -> Result<RetainingPaths, Cancelled> {
    let mut search = Search {
        heap,
        view,
        limits,
        looked_at: 0,
        on_path: FxHashSet::default(),
        explored: FxHashMap::default(),
        found: RetainingPaths::default(),
    };
    let mut stack: Vec<Level> = search.enter(n, 0).into_iter().collect();
    while let Some(level) = stack.last_mut() {
        stage.check()?;
        let depth = level.depth;
        let Some(retainer) = level.rest.next() else {
            search.leave(level.node, depth);
            stack.pop();
            if let Some(parent) = stack.last() {
                search.drop_empty(parent.step_of_child);
            }
            continue;
        };
        let step = PathStep { depth, edge: retainer.edge, node: retainer.node, distance: retainer.distance };
        if retainer.distance == END_DISTANCE {
            if search.look_at() {
                search.found.steps.push(step);
            } else {
                level.rest = Vec::new().into_iter();
            }
            continue;
        }
        level.step_of_child = search.found.steps.len();
        search.found.steps.push(step);
        match search.enter(retainer.node, depth + 1) {
            Some(below) => stack.push(below),
            None => {
                search.found.steps.pop();
            }
        }
    }
    Ok(search.found)
}

/// An object whose retainers are being followed.
struct Level {
    node: NodeIndex,
    depth: u32,
    rest: std::vec::IntoIter<Candidate>,
    /// Where the step stands whose retainers are followed a level deeper.
    step_of_child: usize,
}

struct Candidate {
    edge: EdgeIndex,
    node: NodeIndex,
    distance: i32,
}

struct Search<'a> {
    heap: &'a Heap,
    view: &'a RetainersView,
    limits: PathLimits,
    looked_at: u32,
    on_path: FxHashSet<NodeIndex>,
    /// The least depth each object was explored at.
    explored: FxHashMap<NodeIndex, u32>,
    found: RetainingPaths,
}

impl Search<'_> {
    /// Counts one more object; says whether that was within the limit.
    fn look_at(&mut self) -> bool {
        self.looked_at = self.looked_at.saturating_add(1);
        let is_within = self.looked_at <= self.limits.nodes;
        self.found.limits_reached.nodes |= !is_within;
        is_within
    }

    /// Begins with the retainers of `n`, if there is a point in it.
    fn enter(&mut self, n: NodeIndex, depth: u32) -> Option<Level> {
        if !self.look_at() {
            return None;
        }
        if depth >= self.limits.depth {
            self.found.limits_reached.depth = true;
            return None;
        }
        let is_explored = self.explored.get(&n).is_some_and(|&before| depth >= before);
        if self.view.distance_or_unreached(self.heap, n) <= END_DISTANCE || self.on_path.contains(&n) || is_explored {
            return None;
        }
        self.on_path.insert(n);
        let mut candidates = Vec::new();
        for (node, edge) in self.heap.edges_to(n) {
            let distance = self.view.distance_or_unreached(self.heap, node);
            if edge.kind == EdgeKind::Weak || distance < 0 || self.view.is_useless(edge.index) {
                continue;
            }
            // Each step to the end comes one nearer at best.
            if i64::from(distance - END_DISTANCE) < i64::from(self.limits.depth - depth) {
                candidates.push(Candidate { edge: edge.index, node, distance });
            } else {
                self.found.limits_reached.depth = true;
            }
        }
        candidates.sort_by_key(|c| c.distance);
        if candidates.len() > self.limits.siblings {
            candidates.truncate(self.limits.siblings);
            self.found.limits_reached.siblings = true;
        }
        Some(Level { node: n, depth, rest: candidates.into_iter(), step_of_child: 0 })
    }

    fn leave(&mut self, n: NodeIndex, depth: u32) {
        self.on_path.remove(&n);
        self.explored.insert(n, depth);
    }

    /// Takes the step at `at` back if nothing was found below it.
    fn drop_empty(&mut self, at: usize) {
        if self.found.steps.len() == at + 1 {
            self.found.steps.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Progress;
    use crate::testing::SnapshotBuilder;

    /// root → (GC roots) → list → three holders → middle → leaf; besides a weak edge and a cycle.
    fn heap() -> Heap {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 0);
        let gc = b.node("synthetic", "(GC roots)", 0);
        let list = b.node("synthetic", "(Global handles)", 0);
        b.edge(root, "element", "1", gc);
        b.edge(gc, "element", "1", list);
        let middle = b.node("object", "middle", 8);
        let leaf = b.node("object", "leaf", 8);
        b.edge(middle, "property", "leaf", leaf);
        b.edge(leaf, "property", "up", middle);
        for i in 0..3 {
            let holder = b.node("object", "holder", 8);
            b.edge(list, "element", &i.to_string(), holder);
            b.edge(holder, "property", "middle", middle);
        }
        b.edge(gc, "weak", "w", leaf);
        Heap::analyze(b.graph(), &Progress::new()).unwrap()
    }

    fn paths(heap: &Heap, limits: PathLimits) -> (Vec<(u32, usize)>, LimitsReached) {
        let view = RetainersView::default();
        let found = retaining_paths(heap, &view, NodeIndex(4), limits, &Stage::unwatched()).unwrap();
        (found.steps.iter().map(|s| (s.depth, s.node.at())).collect(), found.limits_reached)
    }

    #[test]
    fn paths_lead_to_the_lists_of_roots_and_pass_no_weak_edge_and_no_object_twice() {
        let (steps, limits) = paths(&heap(), PathLimits::default());
        assert_eq!(steps, [(0, 3), (1, 7), (2, 2), (1, 6), (2, 2), (1, 5), (2, 2)]);
        assert_eq!(limits, LimitsReached::default());
    }

    #[test]
    fn each_limit_cuts_and_says_so() {
        let all = PathLimits::default();
        let (steps, limits) = paths(&heap(), PathLimits { siblings: 1, ..all });
        assert_eq!(steps, [(0, 3), (1, 7), (2, 2)]);
        assert!(limits.siblings && !limits.nodes && !limits.depth);
        let (steps, limits) = paths(&heap(), PathLimits { nodes: 4, ..all });
        assert_eq!(steps, [(0, 3), (1, 7), (2, 2)]);
        assert!(limits.nodes);
        let (steps, limits) = paths(&heap(), PathLimits { depth: 2, ..all });
        assert!(steps.is_empty());
        assert!(limits.depth);
    }
}
