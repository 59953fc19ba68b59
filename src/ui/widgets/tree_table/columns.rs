//! Widths and order of a table's columns: what the user set, and where that puts them.

use crate::ui::theme::Theme;
use crate::ui::tree::Column;
use egui::Rangef;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What the user set for one table, by the columns' names.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct ColumnLayout {
    /// Widths in points, where they were changed.
    pub widths: BTreeMap<String, f32>,
    /// The columns after the first, from left to right, once they were moved.
    pub order: Vec<String>,
    /// The columns that are hidden.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<String>,
}

/// What the user set for all tables, by their names. Lives in the egui context, as the state of
/// egui's own widgets does, so that tables need not be handed the settings.
#[derive(Debug, Clone, Default)]
pub struct ColumnLayouts(Arc<Mutex<BTreeMap<String, ColumnLayout>>>);

impl ColumnLayouts {
    /// Those of `ctx`.
    pub fn of(ctx: &egui::Context) -> Self {
        ctx.data_mut(|d| d.get_temp_mut_or_default::<Self>(egui::Id::unique("heapglass columns")).clone())
    }

    /// All of them, for the settings.
    pub fn all(&self) -> BTreeMap<String, ColumnLayout> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes over those of the settings.
    pub fn set_all(&self, layouts: BTreeMap<String, ColumnLayout>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = layouts;
    }

    pub(super) fn get(&self, table: &str) -> ColumnLayout {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(table).cloned().unwrap_or_default()
    }

    pub(super) fn set(&self, table: &str, layout: ColumnLayout) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(table.to_owned(), layout);
    }
}

/// Narrowest a column of figures gets.
const NARROWEST: f32 = 44.0;
/// Narrowest the first column gets.
const NARROWEST_TREE: f32 = 160.0;
/// Widest it gets by itself: figures are read beside the names they belong to.
const WIDEST_TREE: f32 = 1000.0;

/// A column where it is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct PlacedColumn {
    /// Position in the model's columns.
    pub column: usize,
    /// From left to right edge; may lie outside the view.
    pub x: Rangef,
    /// The part of it that is in view.
    pub clip: Rangef,
}

impl ColumnLayout {
    fn width(&self, column: &Column) -> f32 {
        let width = self.widths.get(&column.key()).copied().unwrap_or(column.width);
        if width.is_finite() { width.clamp(NARROWEST, 2000.0) } else { column.width }
    }

    /// The columns in the order shown. The first stays first; columns of a band stay together, so
    /// the order set counts within bands only.
    pub(super) fn shown_order(&self, columns: &[Column]) -> Vec<usize> {
        let mut order: Vec<usize> = (0..columns.len()).collect();
        let mut band = Vec::with_capacity(columns.len());
        for (i, column) in columns.iter().enumerate() {
            let same = i > 1 && columns[i - 1].band == column.band;
            band.push(if same { band[i - 1] } else { i });
        }
        let wish = |i: usize| {
            let key = columns[i].key();
            self.order.iter().position(|o| *o == key).unwrap_or(i)
        };
        if !self.order.is_empty() {
            order.sort_by_key(|&i| (band[i], wish(i)));
        }
        order.retain(|&i| i == 0 || !self.is_hidden(&columns[i]));
        order
    }

    /// Whether a column is hidden.
    pub(super) fn is_hidden(&self, column: &Column) -> bool {
        self.hidden.contains(&column.key())
    }

    /// Hides a column, or shows it again.
    pub(super) fn set_hidden(&mut self, column: &Column, is_hidden: bool) {
        self.hidden.retain(|key| *key != column.key());
        self.hidden.extend(is_hidden.then(|| column.key()));
    }

    /// Whether the user changed anything.
    pub(super) fn is_changed(&self) -> bool {
        *self != Self::default()
    }

    /// Where the columns are in a view from `view.min` to `view.max`, scrolled by `scroll_x`, and
    /// how wide they are together.
    pub(super) fn place(&self, columns: &[Column], view: Rangef, scroll_x: f32) -> (Vec<PlacedColumn>, f32) {
        let order = self.shown_order(columns);
        let others: f32 = order.iter().skip(1).map(|&i| self.width(&columns[i])).sum();
        let widest = columns.first().and_then(|first| self.widths.get(&first.key())).copied().filter(|w| w.is_finite());
        let tree = (view.span() - others).min(widest.unwrap_or(WIDEST_TREE)).max(NARROWEST_TREE);
        let mut placed = Vec::with_capacity(order.len());
        let mut x = view.min;
        for (shown, &column) in order.iter().enumerate() {
            let width = if shown == 0 { tree } else { self.width(&columns[column]) };
            // The first column stands still; the others slide under it.
            let left = if shown == 0 { x } else { x - scroll_x };
            let range = Rangef::new(left, left + width);
            let clip = if shown == 0 { view } else { Rangef::new((view.min + tree).min(view.max), view.max) };
            let clip = Rangef::new(range.min.clamp(clip.min, clip.max), range.max.clamp(clip.min, clip.max));
            placed.push(PlacedColumn { column, x: range, clip });
            x += width;
        }
        (placed, tree + others)
    }

    /// Moves the edge between two neighbors by `dx`. The first column takes and gives what the
    /// others leave, so beside it only the neighbor changes; where it leaves room at the right end,
    /// which `tree` is the width for, it changes itself.
    pub(super) fn move_edge(
        &mut self,
        columns: &[Column],
        left: Option<usize>,
        right: usize,
        dx: f32,
        tree: Option<f32>,
    ) {
        let new_right = self.width(&columns[right]) - dx;
        match left {
            None if tree.is_some() => {
                let width = (tree.unwrap_or_default() + dx).max(NARROWEST_TREE);
                self.widths.insert(columns[0].key(), width);
            }
            None => {
                self.widths.insert(columns[right].key(), new_right.max(NARROWEST));
            }
            Some(left) => {
                let both = self.width(&columns[left]) + self.width(&columns[right]);
                let new_right = new_right.clamp(NARROWEST, (both - NARROWEST).max(NARROWEST));
                self.widths.insert(columns[right].key(), new_right);
                self.widths.insert(columns[left].key(), both - new_right);
            }
        }
    }

    /// Gives a column its own width back.
    pub(super) fn reset_width(&mut self, column: &Column) {
        self.widths.remove(&column.key());
    }

    /// Moves a column before the one that is at `target` in the order shown.
    pub(super) fn move_column(&mut self, columns: &[Column], column: usize, target: usize) {
        let mut order = self.shown_order(columns);
        let Some(from) = order.iter().position(|&c| c == column) else { return };
        let to = target.clamp(1, order.len());
        let moved = order.remove(from);
        order.insert(if to > from { to - 1 } else { to }, moved);
        self.order = order.iter().map(|&c| columns[c].key()).collect();
        self.order = self.shown_order(columns).iter().map(|&c| columns[c].key()).collect();
    }
}

/// How many lines of header `columns` need.
pub(super) fn header_height(columns: &[Column]) -> f32 {
    let lines = if columns.iter().any(|c| c.band.is_some()) { 2.0 } else { 1.0 };
    lines * Theme::HEADER_HEIGHT
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<Column> {
        vec![
            Column::tree("Name", ""),
            Column::figures("a", "", 100.0),
            Column::figures("b", "", 100.0),
            Column::figures("c", "", 100.0).in_band("X"),
            Column::figures("d", "", 100.0).in_band("X"),
        ]
    }

    #[test]
    fn the_first_column_takes_what_is_left_and_slides_never() {
        let layout = ColumnLayout::default();
        let (placed, total) = layout.place(&columns(), Rangef::new(10.0, 810.0), 0.0);
        assert_eq!(placed[0].x, Rangef::new(10.0, 410.0));
        assert_eq!(placed[4].x, Rangef::new(710.0, 810.0));
        assert_eq!(total, 800.0);
        let (placed, total) = layout.place(&columns(), Rangef::new(0.0, 400.0), 50.0);
        assert_eq!(total, 560.0);
        assert_eq!(placed[0].x, Rangef::new(0.0, 160.0));
        assert_eq!(placed[1].x, Rangef::new(110.0, 210.0));
        assert_eq!(placed[1].clip, Rangef::new(160.0, 210.0), "columns slide under the first");
    }

    #[test]
    fn an_edge_between_two_columns_takes_from_one_what_it_gives_to_the_other() {
        let mut layout = ColumnLayout::default();
        layout.move_edge(&columns(), Some(1), 2, 20.0, None);
        assert_eq!((layout.widths["a"], layout.widths["b"]), (120.0, 80.0));
        layout.move_edge(&columns(), Some(1), 2, 500.0, None);
        assert_eq!((layout.widths["a"], layout.widths["b"]), (200.0 - NARROWEST, NARROWEST));
        layout.move_edge(&columns(), None, 1, -30.0, None);
        assert_eq!(layout.widths["a"], 200.0 - NARROWEST + 30.0);
    }

    #[test]
    fn columns_move_within_their_band_and_never_before_the_first() {
        let mut layout = ColumnLayout::default();
        layout.move_column(&columns(), 2, 0);
        assert_eq!(layout.shown_order(&columns()), [0, 2, 1, 3, 4]);
        layout.move_column(&columns(), 4, 1);
        assert_eq!(layout.shown_order(&columns()), [0, 2, 1, 4, 3]);
        layout.move_column(&columns(), 2, 3);
        assert_eq!(layout.shown_order(&columns()), [0, 1, 2, 4, 3]);
    }

    #[test]
    fn unknown_names_and_impossible_widths_in_the_settings_do_no_harm() {
        let layout = ColumnLayout {
            widths: [("a".to_owned(), f32::NAN), ("b".to_owned(), -5.0), ("gone".to_owned(), 9.0)].into(),
            order: vec!["gone".to_owned(), "b".to_owned()],
            hidden: vec!["nobody".to_owned()],
        };
        let (placed, _) = layout.place(&columns(), Rangef::new(0.0, 1000.0), 0.0);
        assert_eq!(placed.len(), 5);
        assert!(placed.iter().all(|p| p.x.span() >= NARROWEST));
    }

    #[test]
    fn hidden_columns_leave_their_room_to_the_first_and_come_back_where_they_were() {
        let mut layout = ColumnLayout::default();
        layout.set_hidden(&columns()[2], true);
        assert_eq!(layout.shown_order(&columns()), [0, 1, 3, 4]);
        let (placed, _) = layout.place(&columns(), Rangef::new(0.0, 800.0), 0.0);
        assert_eq!(placed[0].x.span(), 500.0);
        layout.set_hidden(&columns()[0], true);
        assert_eq!(layout.shown_order(&columns())[0], 0, "the first holds the tree");
        layout.set_hidden(&columns()[2], false);
        assert_eq!(layout.shown_order(&columns()), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn on_a_wide_screen_figures_stay_near_the_names_until_the_user_moves_them() {
        let mut layout = ColumnLayout::default();
        let width = |layout: &ColumnLayout| layout.place(&columns(), Rangef::new(0.0, 3840.0), 0.0).0[0].x.span();
        assert_eq!(width(&layout), WIDEST_TREE);
        layout.move_edge(&columns(), None, 1, 300.0, Some(WIDEST_TREE));
        assert_eq!(width(&layout), WIDEST_TREE + 300.0);
        assert_eq!(layout.widths.get("a"), None, "its neighbor keeps its width");
    }
}
