//! The slices of a ring, as angles and words. Knows no egui.

use crate::analysis::tables::statistics::{Slice, Statistics};
use crate::units;
use std::f32::consts::TAU;

/// A slice of the ring and a line of the legend.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SliceView {
    /// Which one.
    pub(super) slice: Slice,
    /// Its bytes; the rest of the JavaScript heap can be negative.
    pub(super) bytes: i64,
    /// Its size as the legend writes it.
    pub(super) size: String,
    /// Where it begins and ends, clockwise from the top; empty for the total and for slices of
    /// nothing.
    pub(super) angles: std::ops::Range<f32>,
}

/// The lines of the legend in order, the total last.
pub(super) fn slices(statistics: &Statistics) -> Vec<SliceView> {
    let shares = |slice: &Slice| *slice != Slice::Total;
    let bytes = |slice: Slice| statistics.bytes(slice);
    let whole: i64 = Slice::ALL.into_iter().filter(shares).map(|s| bytes(s).max(0)).fold(0, i64::saturating_add);
    let mut angle = 0.0;
    let view = |slice: Slice| {
        let part = if shares(&slice) && whole > 0 { bytes(slice).max(0) as f32 / whole as f32 } else { 0.0 };
        let start = angle;
        angle += part * TAU;
        SliceView { slice, bytes: bytes(slice), size: units::whole_kilobytes(bytes(slice)), angles: start..angle }
    };
    Slice::ALL.into_iter().map(view).collect()
}

/// The slice at `angle`, clockwise from the top.
pub(super) fn slice_at(slices: &[SliceView], angle: f32) -> Option<usize> {
    slices.iter().position(|s| s.angles.contains(&angle))
}

/// The filter of Summary that comes nearest to a slice, if there is one.
pub(super) fn class_filter(slice: Slice) -> Option<&'static str> {
    match slice {
        Slice::Code => Some("/^\\(compiled code\\)$/"),
        Slice::Strings => Some("/^\\((concatenated |sliced )?string\\)$/"),
        Slice::JsArrays => Some("/^Array$/"),
        Slice::TypedArrays => Some("/JSArrayBufferData$/"),
        Slice::SystemObjects => Some("/^\\(system\\)$/"),
        Slice::Total => Some(""),
        Slice::OtherJsObjects | Slice::OtherNonJsObjects => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_fill_the_ring_in_the_order_of_the_legend() {
        let statistics = Statistics {
            total: 1_000_000,
            native: 250_000,
            typed_arrays: 250_000,
            js_heap: 750_000,
            code: 250_000,
            strings: 500_000,
            ..Statistics::default()
        };
        let slices = slices(&statistics);
        let sizes: Vec<_> = slices.iter().map(|s| s.size.replace('\u{a0}', " ")).collect();
        assert_eq!(sizes, ["250 kB", "500 kB", "0 kB", "250 kB", "0 kB", "0 kB", "0 kB", "1,000 kB"]);
        assert_eq!(slice_at(&slices, 0.1), Some(0));
        assert_eq!(slice_at(&slices, TAU * 0.5), Some(1));
        assert_eq!(slice_at(&slices, TAU * 0.9), Some(3));
        assert!(slices[7].angles.is_empty());
    }

    #[test]
    fn a_rest_below_zero_is_said_and_takes_no_room() {
        let statistics = Statistics { total: 100_000, js_heap: 100_000, js_arrays: 150_000, ..Statistics::default() };
        let slices = slices(&statistics);
        assert_eq!(slices[5].size, "-50 kB");
        assert!(slices[5].angles.is_empty() && slice_at(&slices, 1.0) == Some(2));
    }
}
