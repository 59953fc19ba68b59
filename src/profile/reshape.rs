//! Trees made of others: focus on a function, exclude one, merge by file or package, heaviest first.
//!
//! All act on stacks: each node's own value keeps a stack, which loses some functions or is left out; the tree is then
//! built anew, and all views with it.

use super::builder::{Columns, TreeBuilder};
use super::frames::{Frame, FrameIndex, FramesBuilder};
use super::groups::{By, Groups};
use super::tree::{Profile, StackIndex};
use std::sync::Arc;

/// Marks nodes whose frames satisfy `is_wanted`.
fn marked(profile: &Profile, is_wanted: impl Fn(FrameIndex) -> bool) -> Vec<bool> {
    profile.nodes().map(|n| n != StackIndex::ROOT && is_wanted(profile.frame_index(n))).collect()
}

impl Profile {
    /// The tree of what was allocated by some functions and by what they called, with the callers around it.
    #[must_use]
    pub fn focused(&self, is_wanted: impl Fn(FrameIndex) -> bool) -> Self {
        let wanted = marked(self, is_wanted);
        // Up to which node the outermost open wanted one reaches.
        let mut open_until = 0;
        let own: Vec<f64> = self
            .nodes()
            .map(|n| {
                if wanted[n.at()] {
                    open_until = open_until.max(self.end(n).0);
                }
                if n.0 < open_until { self.self_size(n) } else { 0.0 }
            })
            .collect();
        let (parents, frames) = self.columns();
        Self::from_nodes(self.frames.clone(), self.kind, &parents, &frames, |n| own[n])
    }

    /// The tree without some functions: what they allocated goes to their callers, and so do those they called. Where
    /// these meet their equals they become one.
    #[must_use]
    pub fn excluded(&self, is_unwanted: impl Fn(FrameIndex) -> bool) -> Self {
        let unwanted = marked(self, is_unwanted);
        // Callers of dissolved nodes: among their children equals are merged.
        let mut merges = vec![false; self.node_count()];
        for n in self.nodes().skip(1).filter(|n| unwanted[n.at()]) {
            merges[n.at()] = true;
            let mut above = self.parent(n);
            while let Some(p) = above {
                merges[p.at()] = true;
                above = if unwanted[p.at()] { self.parent(p) } else { None };
            }
        }
        self.rebuilt(
            |n| if unwanted[n.at()] { Step::Dissolve } else { Step::Keep(self.function(n).0) },
            |p| merges[p.at()],
        )
    }

    /// The tree with equal siblings made one.
    #[must_use]
    pub fn merged(&self) -> Self {
        self.rebuilt(|n| Step::Keep(self.function(n).0), |_| true)
    }

    /// The tree with siblings made one whose frames have the same number.
    pub(super) fn merged_by_number(&self, number_of: &[u32]) -> Self {
        self.rebuilt(|n| Step::Keep(number_of[self.frame_index(n).0 as usize]), |_| true)
    }

    /// The tree with equal siblings made one and the heaviest first.
    #[must_use]
    pub fn left_heavy(&self) -> Self {
        let (builder, _) = self.rebuilding(|n| Step::Keep(self.function(n).0), |_| true);
        let totals = builder.totals(0);
        let columns = builder.finish(Some(&totals));
        self.with_columns(&columns)
    }

    /// The tree of files or packages: functions of one that call each other are one node.
    #[must_use]
    pub fn merged_by(&self, by: By) -> Self {
        if by == By::Function {
            return self.clone();
        }
        let groups = Groups::new(&self.frames, by);
        let group = |n: StackIndex| groups.of(self.frame_index(n));
        let (builder, _) = self.rebuilding(
            |n| match self.caller(n) {
                Some(caller) if group(caller) == group(n) => Step::Dissolve,
                _ => Step::Keep(group(n)),
            },
            |_| true,
        );
        let columns = builder.finish(None);
        let mut frames = FramesBuilder::default();
        let frame_of = columns
            .frame_of
            .iter()
            .enumerate()
            .map(|(i, &f)| {
                let first = if i == 0 { f } else { groups.first_frame(groups.of(f)) };
                let frame = self.frames.get(first);
                let title = groups.title(&frame);
                let url = if by == By::File { frame.url } else { "".into() };
                let name = if i == 0 { frame.name } else { title.as_str().into() };
                let frame = Frame { name, url, script: url, line: -1, column: -1 };
                // As many as there were at most.
                frames.add(frame).unwrap_or(FrameIndex(0))
            })
            .collect();
        let columns = Columns { frame_of, ..columns };
        let own = &columns.values[0];
        Self::from_nodes(Arc::new(frames.finish()), self.kind, &columns.parents, &columns.frame_of, |n| own[n])
    }

    fn columns(&self) -> (Vec<u32>, Vec<FrameIndex>) {
        let parents = self.nodes().map(|n| self.parent(n).unwrap_or(StackIndex::ROOT).0).collect();
        (parents, self.nodes().map(|n| self.frame_index(n)).collect())
    }

    fn with_columns(&self, columns: &Columns) -> Self {
        let own = &columns.values[0];
        Self::from_nodes(self.frames.clone(), self.kind, &columns.parents, &columns.frame_of, |n| own[n])
    }

    fn rebuilt(&self, step: impl Fn(StackIndex) -> Step, merges: impl Fn(StackIndex) -> bool) -> Self {
        let (builder, _) = self.rebuilding(step, merges);
        self.with_columns(&builder.finish(None))
    }

    /// Puts every node below the new place of its parent. Also returns the new place of each node.
    fn rebuilding(
        &self,
        step: impl Fn(StackIndex) -> Step,
        merges: impl Fn(StackIndex) -> bool,
    ) -> (TreeBuilder, Vec<u32>) {
        let mut builder = TreeBuilder::new(self.frame_index(StackIndex::ROOT), 1);
        builder.add(0, 0, self.self_size(StackIndex::ROOT));
        let mut place = vec![0u32; self.node_count()];
        for n in self.nodes().skip(1) {
            let parent = self.parent(n).unwrap_or(StackIndex::ROOT);
            let above = place[parent.at()];
            let frame = self.frame_index(n);
            let here = match step(n) {
                Step::Dissolve => Some(above),
                Step::Keep(key) if merges(parent) => builder.child(above, key, frame),
                Step::Keep(_) => builder.separate_child(above, frame),
            };
            // There are no more nodes than before, so each has a number.
            let here = here.unwrap_or(above);
            place[n.at()] = here;
            builder.add(here, 0, self.self_size(n));
        }
        (builder, place)
    }
}

/// What becomes of a node.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// It stays, and is the same as siblings with this key.
    Keep(u32),
    /// Its value and its children go to its parent.
    Dissolve,
}
