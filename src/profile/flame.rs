//! Where the bars of a flame graph are, without pixels' color or paint: which bars of a view are wide enough to be seen.

use super::tree::{Profile, StackIndex};

/// A bar to draw.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    /// Which stack.
    pub node: StackIndex,
    /// Left edge, from that of the view.
    pub x: f32,
    /// How wide it is.
    pub width: f32,
    /// Levels below the root of the profile.
    pub level: u32,
}

/// All bars of a profile, level by level, so that those of a view are found without looking at the others.
///
/// A bar is as wide as its total and stands in the order of the tree, from the left edge of the one it is called by; what
/// that allocated itself is the empty rest at its right.
#[derive(Debug)]
pub struct FlameLayout {
    /// Level by level.
    nodes: Vec<StackIndex>,
    /// Left edge of each, in the unit of sizes.
    starts: Vec<f64>,
    /// Position of the first child of each; one more at the end.
    first_children: Vec<u32>,
    /// For each node of the profile, its position here.
    positions: Vec<u32>,
}

impl FlameLayout {
    /// Lays out a profile.
    pub fn new(profile: &Profile) -> Self {
        let nodes = profile.by_level();
        let mut positions = vec![0u32; nodes.len()];
        for (at, n) in (0u32..).zip(&nodes) {
            positions[n.at()] = at;
        }
        let mut starts = vec![0.0; nodes.len()];
        let mut first_children = Vec::with_capacity(nodes.len() + 1);
        // Children of the nodes of a level follow each other in the next one.
        let mut next_child = 1usize;
        for at in 0..nodes.len() {
            #[allow(clippy::cast_possible_truncation, reason = "nodes are counted in 32 bits")]
            first_children.push(next_child as u32);
            let mut x = starts[at];
            while let Some(&child) = nodes.get(next_child)
                && profile.parent(child) == Some(nodes[at])
            {
                starts[next_child] = x;
                x += profile.total_size(child);
                next_child += 1;
            }
        }
        #[allow(clippy::cast_possible_truncation, reason = "nodes are counted in 32 bits")]
        first_children.push(next_child as u32);
        Self { nodes, starts, first_children, positions }
    }

    /// Left edge of a node's bar, in the unit of sizes.
    pub fn start(&self, n: StackIndex) -> f64 {
        self.starts[self.positions[n.at()] as usize]
    }

    /// Bars at least `least` wide of the view that shows `zoomed` at full `width`: what it calls, and the bars around it,
    /// each as wide as the view. Of those that are deeper than `levels` none; outer ones come first.
    ///
    /// Takes time for what is drawn, not for what there is: of many narrow bars in a row all are skipped at once.
    pub fn bars(
        &self,
        profile: &Profile,
        zoomed: StackIndex,
        width: f32,
        least: f32,
        levels: std::ops::Range<u32>,
    ) -> Vec<Bar> {
        let mut bars: Vec<Bar> = Vec::new();
        let around = std::iter::successors(profile.parent(zoomed), |&n| profile.parent(n));
        let around = around.map(|node| Bar { node, x: 0.0, width, level: profile.depth(node) });
        bars.extend(around.filter(|bar| levels.contains(&bar.level)));
        bars.reverse();
        let whole = profile.total_size(zoomed);
        if whole <= 0.0 {
            let level = profile.depth(zoomed);
            bars.extend(levels.contains(&level).then_some(Bar { node: zoomed, x: 0.0, width, level }));
            return bars;
        }
        let scale = f64::from(width) / whole;
        let left = self.start(zoomed);
        let least_size = f64::from(least) / scale;
        let mut level = vec![self.positions[zoomed.at()]];
        let mut next = Vec::new();
        let mut depth = profile.depth(zoomed);
        while !level.is_empty() && depth < levels.end {
            for &at in &level {
                let at = at as usize;
                let node = self.nodes[at];
                if depth >= levels.start {
                    #[allow(clippy::cast_possible_truncation, reason = "places on a screen")]
                    let place = |size: f64| (size * scale) as f32;
                    let (x, width) = (place(self.starts[at] - left), place(profile.total_size(node)));
                    bars.push(Bar { node, x, width, level: depth });
                }
                self.wide_children(profile, at, least_size, &mut next);
            }
            level.clear();
            std::mem::swap(&mut level, &mut next);
            depth += 1;
        }
        bars
    }

    /// Appends the positions of children at least so large.
    fn wide_children(&self, profile: &Profile, at: usize, least: f64, wide: &mut Vec<u32>) {
        let (mut child, end) = (self.first_children[at] as usize, self.first_children[at + 1] as usize);
        while child < end {
            if profile.total_size(self.nodes[child]) >= least {
                #[allow(clippy::cast_possible_truncation, reason = "nodes are counted in 32 bits")]
                wide.push(child as u32);
                child += 1;
                continue;
            }
            // Those that begin within the next pixel end there too, all but the last one.
            let edge = self.starts[child] + least;
            let mut step = 1;
            while child + step < end && self.starts[child + step] < edge {
                step *= 2;
            }
            let (from, to) = (child + step / 2, (child + step).min(end));
            let beyond = from + self.starts[from..to].partition_point(|&start| start < edge);
            child = (beyond - 1).max(child + 1);
        }
    }

    /// Bytes of memory held.
    pub fn bytes(&self) -> usize {
        self.nodes.capacity() * 4
            + self.starts.capacity() * 8
            + self.first_children.capacity() * 4
            + self.positions.capacity() * 4
    }
}

impl Profile {
    /// What nodes that satisfy `is_wanted` allocated with all they called, each allocation once; and how many there are.
    pub fn matching(&self, is_wanted: impl Fn(StackIndex) -> bool) -> (f64, usize) {
        let (mut total, mut count, mut open_until) = (0.0, 0, 0);
        for n in self.nodes().skip(1).filter(|&n| is_wanted(n)) {
            count += 1;
            if n.0 >= open_until {
                open_until = self.end(n).0;
                total += self.total_size(n);
            }
        }
        (total, count)
    }
}

#[cfg(test)]
mod tests {
    use super::super::frames::{Frame, FramesBuilder};
    use super::super::{TreeBuilder, ValueKind};
    use super::*;
    use std::sync::Arc;

    /// Below a root: one wide function, a thousand narrow ones, and one wide one that has two below it.
    fn profile() -> Profile {
        let mut frames = FramesBuilder::default();
        let frame = |name: &str, frames: &mut FramesBuilder| {
            let frame = Frame { name: name.into(), url: "".into(), script: "".into(), line: 0, column: 0 };
            frames.add(frame).unwrap()
        };
        let root = frame("(root)", &mut frames);
        let mut tree = TreeBuilder::new(root, 1);
        let mut add = |parent: u32, name: &str, own: f64| {
            let f = frame(name, &mut frames);
            let n = tree.separate_child(parent, f).unwrap();
            tree.add(n, 0, own);
            n
        };
        add(0, "wide", 1000.0);
        for _ in 0..1000 {
            add(0, "narrow", 1.0);
        }
        let last = add(0, "last", 500.0);
        add(last, "inner", 1000.0);
        add(last, "inner2", 500.0);
        let columns = tree.finish(None);
        let own = &columns.values[0];
        let frames = Arc::new(frames.finish());
        Profile::from_nodes(frames, ValueKind::LiveBytes, &columns.parents, &columns.frame_of, |n| own[n])
    }

    fn shown(profile: &Profile, bars: &[Bar]) -> Vec<(String, f32, f32, u32)> {
        bars.iter().map(|b| (profile.frame(b.node).name.to_string(), b.x, b.width, b.level)).collect()
    }

    #[test]
    fn only_what_is_wide_enough_is_found_and_stands_where_it_belongs() {
        let profile = profile();
        let layout = FlameLayout::new(&profile);
        let bars = layout.bars(&profile, StackIndex::ROOT, 400.0, 1.0, 0..9);
        let expected = [
            ("(root)", 0.0, 400.0, 0),
            ("wide", 0.0, 100.0, 1),
            ("last", 200.0, 200.0, 1),
            ("inner", 200.0, 100.0, 2),
            ("inner2", 300.0, 50.0, 2),
        ];
        assert_eq!(shown(&profile, &bars), expected.map(|(n, x, w, l)| (n.to_owned(), x, w, l)));
        assert_eq!(layout.bars(&profile, StackIndex::ROOT, 400.0, 0.01, 0..9).len(), profile.node_count());
        assert_eq!(layout.bars(&profile, StackIndex::ROOT, 400.0, 1.0, 1..2).len(), 2);
    }

    #[test]
    fn what_is_zoomed_fills_the_view_below_what_is_around_it() {
        let profile = profile();
        let layout = FlameLayout::new(&profile);
        let last = profile.nodes().find(|&n| profile.frame(n).name == "last").unwrap();
        let bars = layout.bars(&profile, last, 400.0, 1.0, 0..9);
        let expected =
            [("(root)", 0.0, 400.0, 0), ("last", 0.0, 400.0, 1), ("inner", 0.0, 200.0, 2), ("inner2", 200.0, 100.0, 2)];
        assert_eq!(shown(&profile, &bars), expected.map(|(n, x, w, l)| (n.to_owned(), x, w, l)));
    }

    #[test]
    fn what_matches_is_counted_once_however_deep_it_is() {
        let profile = profile();
        let (total, count) = profile.matching(|n| matches!(&*profile.frame(n).name.lossy(), "last" | "inner"));
        assert_eq!((total, count), (2000.0, 2));
    }
}
