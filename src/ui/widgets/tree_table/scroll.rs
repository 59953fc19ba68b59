//! Where a table is scrolled to, exactly, at any number of rows.
//!
//! The position is a row and a part of a row, never a length in `f32`: 40 million rows are 800
//! million points high, where one `f32` step is 64 points. Sums go through `f64`, which is exact
//! to 2^53; what is drawn is always a small distance from the top of the view.

/// The size of what is scrolled, and of the window on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Extent {
    pub rows: u64,
    /// Height of each.
    pub row_height: f32,
    /// Height of the view.
    pub view: f32,
}

impl Extent {
    fn total(&self) -> f64 {
        self.rows as f64 * f64::from(self.row_height)
    }

    /// How far down the top of the view can be.
    fn furthest(&self) -> f64 {
        (self.total() - f64::from(self.view)).max(0.0)
    }

    /// Whether there is anything to scroll.
    pub(super) fn is_scrollable(&self) -> bool {
        self.furthest() > 0.0
    }

    /// How many whole rows fit.
    pub(super) fn page(&self) -> u64 {
        ((self.view / self.row_height) as u64).max(1)
    }
}

/// The row at the top of the view, and how many points of it are above the view.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Scroll {
    pub top: u64,
    pub above: f32,
}

impl Scroll {
    fn position(&self, extent: Extent) -> f64 {
        self.top as f64 * f64::from(extent.row_height) + f64::from(self.above)
    }

    fn set_position(&mut self, position: f64, extent: Extent) {
        let position = position.clamp(0.0, extent.furthest());
        let height = f64::from(extent.row_height);
        self.top = (position / height) as u64;
        self.above = (position - self.top as f64 * height) as f32;
    }

    /// Moves by `dy` points, downward in the table for positive ones, as far as there is table.
    pub(super) fn by(&mut self, dy: f32, extent: Extent) {
        self.set_position(self.position(extent) + f64::from(dy), extent);
    }

    /// Keeps the position within the table after it became shorter or the view higher.
    pub(super) fn clamp(&mut self, extent: Extent) {
        if self.position(extent) > extent.furthest() {
            self.set_position(f64::MAX, extent);
        }
    }

    /// Moves as little as shows all of `row`.
    pub(super) fn show(&mut self, row: u64, extent: Extent) {
        let height = f64::from(extent.row_height);
        let top = row as f64 * height;
        if top < self.position(extent) {
            self.set_position(top, extent);
        } else if top + height > self.position(extent) + f64::from(extent.view) {
            self.set_position(top + height - f64::from(extent.view), extent);
        }
    }

    /// Shows `row` in the middle, unless it is in view already.
    pub(super) fn center(&mut self, row: u64, extent: Extent) {
        let mut shown = *self;
        shown.show(row, extent);
        if shown != *self {
            let height = f64::from(extent.row_height);
            self.set_position((row as f64 + 0.5) * height - f64::from(extent.view) / 2.0, extent);
        }
    }

    /// How far down the view is, from 0 to 1.
    pub(super) fn fraction(&self, extent: Extent) -> f32 {
        let furthest = extent.furthest();
        if furthest == 0.0 { 0.0 } else { (self.position(extent) / furthest).clamp(0.0, 1.0) as f32 }
    }

    /// Moves to a fraction of the way down.
    pub(super) fn set_fraction(&mut self, fraction: f32, extent: Extent) {
        self.set_position(f64::from(fraction.clamp(0.0, 1.0)) * extent.furthest(), extent);
    }

    /// The rows in view, whole or in part.
    pub(super) fn visible(&self, extent: Extent) -> std::ops::Range<u64> {
        let count = ((self.above + extent.view) / extent.row_height).ceil() as u64;
        self.top..(self.top + count).min(extent.rows)
    }

    /// Distance from the top of the view to the top of `row`, which must be in view.
    pub(super) fn offset(&self, row: u64, extent: Extent) -> f32 {
        (row - self.top) as f32 * extent.row_height - self.above
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extent(rows: u64) -> Extent {
        Extent { rows, row_height: 20.0, view: 410.0 }
    }

    #[test]
    fn twenty_small_steps_near_the_end_of_forty_million_rows_move_exactly_their_sum() {
        for rows in [1_000, 1_000_000, 40_000_000, 1 << 40] {
            let e = extent(rows);
            let mut s = Scroll::default();
            s.set_fraction(1.0, e);
            let end = s;
            for _ in 0..20 {
                s.by(-3.0, e);
            }
            assert_eq!((end.top - s.top) as f32 * 20.0 + end.above - s.above, 60.0, "{rows} rows");
        }
    }

    #[test]
    fn the_last_row_ends_where_the_view_ends() {
        let e = extent(40_000_000);
        let mut s = Scroll::default();
        s.show(39_999_999, e);
        assert_eq!(s.offset(39_999_999, e) + 20.0, 410.0);
        assert_eq!(s.visible(e), 39_999_979..40_000_000);
        s.by(1000.0, e);
        assert_eq!(s.offset(39_999_999, e) + 20.0, 410.0, "and it goes no further");
    }

    #[test]
    fn showing_a_row_moves_as_little_as_possible() {
        let e = extent(1000);
        let mut s = Scroll::default();
        s.show(10, e);
        assert_eq!(s, Scroll::default());
        s.show(500, e);
        assert_eq!(s.offset(500, e), 390.0);
        s.show(490, e);
        assert_eq!(s.offset(500, e), 390.0);
        s.show(100, e);
        assert_eq!(s.offset(100, e), 0.0);
        s.center(900, e);
        assert_eq!(s.offset(900, e), 195.0);
    }

    #[test]
    fn a_table_that_got_shorter_pulls_the_view_along() {
        let mut s = Scroll::default();
        s.show(999, extent(1000));
        s.clamp(extent(100));
        assert_eq!(s.visible(extent(100)).end, 100);
        s.clamp(extent(3));
        assert_eq!(s, Scroll::default());
        assert_eq!(s.visible(extent(0)), 0..0);
    }
}
