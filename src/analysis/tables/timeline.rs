//! Timelines: what is left of the objects allocated between each two samples.

use super::filters::NodeFilter;
use crate::analysis::Heap;
use crate::graph::Sample;
use crate::progress::{Cancelled, Stage};
use std::cmp::Ordering;
use std::ops::Range;

/// A timeline is drawn at least this long.
const MIN_TOTAL_MS: f64 = 10_000.0;

/// The samples of a timeline with what is left of each.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Timeline {
    /// The samples in file order.
    pub samples: Vec<Sample>,
    /// For each sample the shallow sizes of the objects whose ids were given out since the one
    /// before.
    pub sizes: Vec<u64>,
}

/// A part of a timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// The objects allocated in it. As in DevTools one sample more than `samples`.
    pub filter: NodeFilter,
    /// Positions of the samples in it.
    pub samples: Range<usize>,
    /// Their sizes, added up.
    pub size: u64,
}

/// The timeline of a heap; `None` for ordinary snapshots.
pub fn timeline(heap: &Heap, stage: &Stage) -> Result<Option<Timeline>, Cancelled> {
    let graph = &heap.graph;
    if !graph.is_timeline || graph.samples.is_empty() {
        return Ok(None);
    }
    let mut timeline = Timeline { samples: graph.samples.clone(), sizes: vec![0; graph.samples.len()] };
    for n in graph.node_indices() {
        if n.0.is_multiple_of(1 << 14) {
            stage.check()?;
        }
        let id = graph.id(n).0;
        // Even ids are given out elsewhere; ids past the last sample belong to the taking of it.
        let at = lower_bound(&timeline.samples, |s| s.last_assigned_id, f64::from(id));
        if id % 2 == 1
            && let Some(size) = timeline.sizes.get_mut(at)
        {
            *size = size.saturating_add(heap.shallow_size(n));
        }
    }
    Ok(Some(timeline))
}

/// Position of the first sample whose value is not less than `value`. Samples need not be in
/// order; then the answer is DevTools'.
fn lower_bound(samples: &[Sample], of: impl Fn(&Sample) -> f64, value: f64) -> usize {
    bound(samples, |s| value > of(s))
}

fn bound(samples: &[Sample], is_before: impl Fn(&Sample) -> bool) -> usize {
    let (mut left, mut right) = (0, samples.len());
    while left < right {
        let middle = (left + right) / 2;
        if is_before(&samples[middle]) {
            left = middle + 1;
        } else {
            right = middle;
        }
    }
    right
}

impl Timeline {
    /// The time of sample `i` in milliseconds.
    pub fn timestamp_ms(&self, i: usize) -> f64 {
        self.samples[i].timestamp_us / 1000.0
    }

    /// How long the timeline is drawn, in milliseconds.
    pub fn total_ms(&self) -> f64 {
        self.samples.last().map_or(MIN_TOTAL_MS, |s| (s.timestamp_us / 1000.0).max(MIN_TOTAL_MS))
    }

    /// The part between two ratios of the drawn length, 0 to 1.
    pub fn window(&self, left: f64, right: f64) -> Window {
        let ms = |s: &Sample| s.timestamp_us / 1000.0;
        let start = self.samples.first().map_or(0.0, ms);
        let from = start + self.total_ms() * left;
        let to = start + self.total_ms() * right;
        let first = lower_bound(&self.samples, ms, from);
        let end = bound(&self.samples, |s| to >= ms(s));
        let id = |i: usize| self.samples.get(i).map(|s| s.last_assigned_id.max(0.0) as u64);
        let above = first.checked_sub(1).and_then(id).unwrap_or(0);
        let samples = first..end.max(first);
        let size = self.sizes[samples.clone()].iter().fold(0_u64, |sum, &size| sum.saturating_add(size));
        Window { filter: NodeFilter::Ids { above, up_to: id(end).unwrap_or(u64::MAX) }, samples, size }
    }

    /// The bars of a chart `width` wide: column and bytes, columns without bytes left out. The
    /// first sample is not drawn: it stands for all that was there before.
    pub fn bars(&self, width: f64) -> Vec<(i64, u64)> {
        let start = self.samples.first().map_or(0.0, |s| s.timestamp_us / 1000.0);
        let scale = width / self.total_ms();
        let mut bars: Vec<(i64, u64)> = Vec::new();
        for i in 1..self.samples.len() {
            let column = ((self.timestamp_ms(i) - start) * scale).floor() as i64;
            match bars.last_mut() {
                Some(bar) if bar.0 == column => bar.1 = bar.1.saturating_add(self.sizes[i]),
                _ => bars.push((column, self.sizes[i])),
            }
        }
        bars.retain(|bar| bar.1 != 0);
        bars
    }
}

/// The greatest round number of bytes up to `max` for a line across a chart: one or five, times a
/// power of ten, times a power of 1024.
pub fn grid_bytes(max: f64) -> f64 {
    let power = |base: f64, of: f64| {
        // Logarithms of exact powers may fall short.
        let exponent = (of.ln() / base.ln()).floor();
        match base.powf(exponent + 1.0).total_cmp(&of) {
            Ordering::Greater => base.powf(exponent),
            _ => base.powf(exponent + 1.0),
        }
    };
    if max < 1.0 {
        return 0.0;
    }
    let unit = power(1024.0, max);
    let value = unit * power(10.0, max / unit);
    if value * 5.0 <= max { value * 5.0 } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Progress;
    use crate::testing::SnapshotBuilder;

    /// Objects of one byte, ten, a hundred and so on with ids 1, 3, 5 …, sampled at ids 2, 5 and 9.
    fn sampled() -> Timeline {
        let mut b = SnapshotBuilder::new();
        let root = b.node("synthetic", "", 1);
        for power in 1..7 {
            let n = b.node("object", "Thing", 10_u64.pow(power));
            b.edge(root, "element", "1", n);
        }
        b.set_id(3, 6);
        let mut graph = b.graph();
        let sample = |ms: f64, id: f64| Sample { timestamp_us: ms * 1000.0, last_assigned_id: id };
        graph.samples = vec![sample(500.0, 2.0), sample(5_500.0, 5.0), sample(12_000.0, 9.0)];
        graph.is_timeline = true;
        let heap = Heap::analyze(graph, &Progress::new()).unwrap();
        timeline(&heap, &Stage::unwatched()).unwrap().unwrap()
    }

    #[test]
    fn sizes_are_those_of_odd_ids_since_the_sample_before() {
        assert_eq!(sampled().sizes, [1, 110, 10_000]);
    }

    #[test]
    fn a_window_takes_in_one_sample_more_than_it_covers() {
        let t = sampled();
        let ids = |above, up_to| NodeFilter::Ids { above, up_to };
        let all = t.window(0.0, 1.0);
        assert_eq!((all.filter, all.samples, all.size), (ids(0, u64::MAX), 0..3, 10_111));
        let middle = t.window(0.1, 0.5);
        assert_eq!((middle.filter, middle.samples, middle.size), (ids(2, 9), 1..2, 110));
        let nothing = t.window(0.6, 0.7);
        assert_eq!((nothing.filter, nothing.samples, nothing.size), (ids(5, 9), 2..2, 0));
    }

    #[test]
    fn bars_leave_out_the_first_sample_and_add_up_in_a_column() {
        assert_eq!(sampled().bars(12.0), [(5, 110), (11, 10_000)]);
        assert_eq!(sampled().bars(1.0), [(0, 10_110)]);
    }

    #[test]
    fn grid_lines_stand_at_round_numbers() {
        for (max, grid) in [(0.5, 0.0), (1.0, 1.0), (49.0, 10.0), (50.0, 50.0), (1000.0, 1000.0), (1024.0, 1024.0)] {
            assert_eq!(grid_bytes(max), grid, "{max}");
        }
        assert_eq!(grid_bytes(60.0 * 1024.0), 50.0 * 1024.0);
        assert_eq!(grid_bytes(7e6), 5.0 * 1024.0 * 1024.0);
    }
}
