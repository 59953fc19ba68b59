//! The tree all views are made of: stacks with something in them, and their totals.

use super::frames::{Frame, FrameIndex, Frames, FunctionIndex};
use super::stacks::{Stacks, ValueKind};
use crate::progress::{Cancelled, Stage};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Position of a stack's innermost function in a [`Profile`]. 0 is the root, which is not a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StackIndex(pub u32);

impl StackIndex {
    /// The node that stands for the whole profile.
    pub const ROOT: Self = Self(0);

    /// The position.
    #[inline(always)]
    pub fn at(self) -> usize {
        self.0 as usize
    }
}

/// A tree of stacks for one kind of value. Nodes stand in the order of the file: each before its children, they before
/// its next sibling, so that everything below `n` is `n + 1..end(n)`. Nothing in it is empty: each node but the root
/// has a value of its own or children.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The functions.
    pub frames: Arc<Frames>,
    /// What is counted.
    pub kind: ValueKind,
    frame_of: Vec<FrameIndex>,
    parents: Vec<u32>,
    ends: Vec<u32>,
    depths: Vec<u32>,
    self_sizes: Vec<f64>,
    total_sizes: Vec<f64>,
}

/// Which samples count: from the first to the last, both included; open ends are `None`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SampleRange {
    /// The lowest ordinal.
    pub min: Option<f64>,
    /// The highest ordinal.
    pub max: Option<f64>,
}

impl SampleRange {
    fn contains(&self, ordinal: f64) -> bool {
        self.min.is_none_or(|min| min <= ordinal) && self.max.is_none_or(|max| ordinal <= max)
    }

    fn is_all(&self) -> bool {
        self.min.is_none() && self.max.is_none()
    }
}

/// How many nodes are gone through between two looks at the cancel token.
const POLLED_AFTER: usize = 1 << 16;

impl Profile {
    /// The tree of one kind of value. `None` if the file has no such values.
    pub fn of(stacks: &Stacks, kind: ValueKind, stage: &Stage) -> Result<Option<Self>, Cancelled> {
        let Some(values) = stacks.values_of(kind) else { return Ok(None) };
        let own = &values.by_node;
        Self::build(stacks, kind, |n| own[n], |_| false, stage).map(Some)
    }

    /// The tree of what was sampled in a range, by the sizes of samples; the root keeps its own value.
    pub fn of_samples(stacks: &Stacks, range: SampleRange, stage: &Stage) -> Result<Self, Cancelled> {
        let kind = stacks.values.first().map_or(ValueKind::LiveBytes, |v| v.kind);
        if range.is_all() {
            return Ok(Self::of(stacks, kind, stage)?.unwrap_or_else(|| Self::empty(stacks, kind)));
        }
        let mut sizes: FxHashMap<u32, f64> = FxHashMap::default();
        for sample in stacks.samples.iter().filter(|s| range.contains(s.ordinal)) {
            *sizes.entry(sample.node_id).or_default() += sample.size;
        }
        let of_root = stacks.values.first().and_then(|v| v.by_node.first().copied()).unwrap_or_default();
        let own = |n: usize| match n {
            0 => of_root,
            n => stacks.ids.get(n).and_then(|id| sizes.get(id)).copied().unwrap_or_default(),
        };
        Self::build(stacks, kind, own, |_| false, stage)
    }

    fn empty(stacks: &Stacks, kind: ValueKind) -> Self {
        let root = stacks.frame_of.first().copied().unwrap_or(FrameIndex(0));
        Self::from_nodes(stacks.frames.clone(), kind, &[0], &[root], |_| 0.0)
    }

    fn build(
        stacks: &Stacks,
        kind: ValueKind,
        own: impl Fn(usize) -> f64,
        is_kept: impl Fn(usize) -> bool,
        stage: &Stage,
    ) -> Result<Self, Cancelled> {
        Self::from_columns(stacks.frames.clone(), kind, &stacks.parents, &stacks.frame_of, own, is_kept, stage)
    }

    /// The tree of nodes that stand in its order already.
    pub(super) fn from_nodes(
        frames: Arc<Frames>,
        kind: ValueKind,
        parents: &[u32],
        frame_of: &[FrameIndex],
        own: impl Fn(usize) -> f64,
    ) -> Self {
        let built = Self::from_columns(frames, kind, parents, frame_of, own, |_| false, &Stage::unwatched());
        built.expect("nobody cancels it")
    }

    /// Takes the nodes that have a value, that are above one which has, or that `is_kept` wants.
    ///
    /// Totals are added as DevTools adds them, which shows past 2^53: a node's own value, then the totals of its
    /// children from the first to the last.
    pub(super) fn from_columns(
        frames: Arc<Frames>,
        kind: ValueKind,
        parents: &[u32],
        frame_of: &[FrameIndex],
        own: impl Fn(usize) -> f64,
        is_kept: impl Fn(usize) -> bool,
        stage: &Stage,
    ) -> Result<Self, Cancelled> {
        let mut out = Self::with_room(frames, kind, parents.len());
        // The nodes around the next one: their positions here and there.
        let mut open: Vec<(u32, u32)> = Vec::new();
        for n in 0..parents.len() {
            if n % POLLED_AFTER == 0 {
                stage.reached(n as u64, parents.len() as u64)?;
            }
            #[allow(clippy::cast_possible_truncation, reason = "nodes are counted in 32 bits")]
            let number = n as u32;
            while n > 0
                && let Some(&(there, here)) = open.last()
                && there != parents[n]
            {
                open.pop();
                out.close(here, open.last().map(|o| o.1), is_kept(there as usize));
            }
            let here = out.open(open.last().map_or(0, |o| o.1), open.len(), frame_of[n], own(n));
            open.push((number, here));
        }
        while let Some((there, here)) = open.pop() {
            out.close(here, open.last().map(|o| o.1), is_kept(there as usize));
        }
        out.shrink();
        Ok(out)
    }

    fn with_room(frames: Arc<Frames>, kind: ValueKind, len: usize) -> Self {
        Self {
            frames,
            kind,
            frame_of: Vec::with_capacity(len),
            parents: Vec::with_capacity(len),
            ends: Vec::with_capacity(len),
            depths: Vec::with_capacity(len),
            self_sizes: Vec::with_capacity(len),
            total_sizes: Vec::with_capacity(len),
        }
    }

    #[allow(clippy::cast_possible_truncation, reason = "nodes are counted in 32 bits")]
    fn open(&mut self, parent: u32, depth: usize, frame: FrameIndex, own: f64) -> u32 {
        let here = self.parents.len() as u32;
        self.parents.push(parent);
        self.frame_of.push(frame);
        self.ends.push(0);
        self.depths.push(depth as u32);
        self.self_sizes.push(own);
        self.total_sizes.push(own);
        here
    }

    /// Ends the node `here`, or takes it away again if it turned out to be empty.
    #[allow(clippy::cast_possible_truncation, reason = "nodes are counted in 32 bits")]
    fn close(&mut self, here: u32, parent: Option<u32>, is_kept: bool) {
        let at = here as usize;
        let Some(parent) = parent else {
            self.ends[at] = self.parents.len() as u32;
            return;
        };
        let has_children = at + 1 < self.parents.len();
        if has_children || self.self_sizes[at] != 0.0 || is_kept {
            self.ends[at] = self.parents.len() as u32;
            self.total_sizes[parent as usize] += self.total_sizes[at];
        } else {
            self.parents.pop();
            self.frame_of.pop();
            self.ends.pop();
            self.depths.pop();
            self.self_sizes.pop();
            self.total_sizes.pop();
        }
    }

    /// Gives back room of nodes that were taken away.
    fn shrink(&mut self) {
        self.parents.shrink_to_fit();
        self.frame_of.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.depths.shrink_to_fit();
        self.self_sizes.shrink_to_fit();
        self.total_sizes.shrink_to_fit();
    }

    /// How many nodes there are, the root among them.
    pub fn node_count(&self) -> usize {
        self.parents.len()
    }

    /// All nodes, the root first.
    pub fn nodes(&self) -> impl DoubleEndedIterator<Item = StackIndex> + Clone + use<> {
        #[allow(clippy::cast_possible_truncation, reason = "nodes are counted in 32 bits")]
        let len = self.parents.len() as u32;
        (0..len).map(StackIndex)
    }

    /// Everything there is.
    pub fn total(&self) -> f64 {
        self.total_sizes.first().copied().unwrap_or_default()
    }

    /// How many levels there are below the root.
    pub fn max_depth(&self) -> u32 {
        self.depths.iter().copied().max().unwrap_or_default()
    }

    /// What the function allocated itself when it was called this way.
    #[inline(always)]
    pub fn self_size(&self, n: StackIndex) -> f64 {
        self.self_sizes[n.at()]
    }

    /// The same with what was allocated by what it called.
    #[inline(always)]
    pub fn total_size(&self, n: StackIndex) -> f64 {
        self.total_sizes[n.at()]
    }

    /// Levels below the root.
    #[inline(always)]
    pub fn depth(&self, n: StackIndex) -> u32 {
        self.depths[n.at()]
    }

    /// The node after everything below `n`.
    #[inline(always)]
    pub fn end(&self, n: StackIndex) -> StackIndex {
        StackIndex(self.ends[n.at()])
    }

    /// The caller; `None` for the root.
    #[inline(always)]
    pub fn parent(&self, n: StackIndex) -> Option<StackIndex> {
        (n != StackIndex::ROOT).then(|| StackIndex(self.parents[n.at()]))
    }

    /// The caller, unless that is the root.
    #[inline(always)]
    pub fn caller(&self, n: StackIndex) -> Option<StackIndex> {
        let parent = self.parents[n.at()];
        (parent != 0).then_some(StackIndex(parent))
    }

    /// The position of a node's function among the frames.
    #[inline(always)]
    pub fn frame_index(&self, n: StackIndex) -> FrameIndex {
        self.frame_of[n.at()]
    }

    /// What is said of a node's function.
    pub fn frame(&self, n: StackIndex) -> Frame<'_> {
        self.frames.get(self.frame_of[n.at()])
    }

    /// The function of a node.
    #[inline(always)]
    pub fn function(&self, n: StackIndex) -> FunctionIndex {
        self.frames.function(self.frame_of[n.at()])
    }

    /// Whether anything was called from there.
    #[inline(always)]
    pub fn has_children(&self, n: StackIndex) -> bool {
        self.ends[n.at()] > n.0 + 1
    }

    /// What was called from there, in the order of the file.
    pub fn children(&self, n: StackIndex) -> impl Iterator<Item = StackIndex> + '_ {
        let end = self.ends[n.at()];
        let mut next = n.0 + 1;
        std::iter::from_fn(move || {
            (next < end).then(|| {
                let child = StackIndex(next);
                next = self.ends[child.at()];
                child
            })
        })
    }

    /// A node's function and the functions around it, the innermost first, without the root.
    pub fn stack(&self, n: StackIndex) -> impl Iterator<Item = StackIndex> + '_ {
        std::iter::successors(Some(n).filter(|n| *n != StackIndex::ROOT), |&n| self.caller(n))
    }

    /// The nodes level by level, as DevTools goes through them.
    pub(super) fn by_level(&self) -> Vec<StackIndex> {
        let levels = self.max_depth() as usize + 1;
        let mut starts = vec![0u32; levels + 1];
        for &depth in &self.depths {
            starts[depth as usize + 1] += 1;
        }
        for level in 0..levels {
            starts[level + 1] += starts[level];
        }
        let mut nodes = vec![StackIndex::ROOT; self.node_count()];
        for n in self.nodes() {
            let at = &mut starts[self.depths[n.at()] as usize];
            nodes[*at as usize] = n;
            *at += 1;
        }
        nodes
    }

    /// Whether values are whole and small enough for sums to be the same in any order.
    pub(super) fn adds_exactly(&self) -> bool {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        self.total().abs() < EXACT && self.self_sizes.iter().all(|s| s.fract() == 0.0 && *s >= 0.0)
    }

    /// Bytes of memory held, without the frames.
    pub fn bytes(&self) -> usize {
        self.parents.capacity() * 16 + self.self_sizes.capacity() * 16
    }
}
