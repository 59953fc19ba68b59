//! What a table asks of the data it draws.

pub use crate::analysis::order::sort::Direction;
use crate::progress::{CancelToken, Cancelled};
use crate::relation::Answer;
use std::borrow::Cow;

/// A column: header, explanation and how its cells stand.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// What the header says; also the column's name in the settings, so unique within a table
    /// together with its band.
    pub title: Cow<'static, str>,
    /// A sentence that says what the figures mean.
    pub help: Cow<'static, str>,
    /// Columns next to each other with the same band stand under one header, and stay together.
    pub band: Option<Cow<'static, str>>,
    /// How cells stand.
    pub align: Align,
    /// Width in points until the user changes it. The first column takes what is left.
    pub width: f32,
    /// Whether a click on the header sorts.
    pub is_sortable: bool,
    /// The column's name in the settings, where the title changes with what is open.
    pub remembered_as: Option<Cow<'static, str>>,
}

impl Column {
    /// The first column: holds the tree, takes the width that is left.
    pub fn tree(title: impl Into<Cow<'static, str>>, help: impl Into<Cow<'static, str>>) -> Self {
        Self {
            title: title.into(),
            help: help.into(),
            band: None,
            align: Align::Left,
            width: 240.0,
            is_sortable: true,
            remembered_as: None,
        }
    }

    /// A column of figures.
    pub fn figures(title: impl Into<Cow<'static, str>>, help: impl Into<Cow<'static, str>>, width: f32) -> Self {
        Self { align: Align::Right, width, ..Self::tree(title, help) }
    }

    /// The same column under the header `band`.
    #[must_use]
    pub fn in_band(self, band: impl Into<Cow<'static, str>>) -> Self {
        Self { band: Some(band.into()), ..self }
    }

    /// The same column, whose header does not sort.
    #[must_use]
    pub fn unsortable(self) -> Self {
        Self { is_sortable: false, ..self }
    }

    /// The same column under another name in the settings.
    #[must_use]
    pub fn remembered_as(self, name: impl Into<Cow<'static, str>>) -> Self {
        Self { remembered_as: Some(name.into()), ..self }
    }

    /// The column's name in the settings.
    pub fn key(&self) -> String {
        match (&self.remembered_as, &self.band) {
            (Some(name), _) => name.clone().into_owned(),
            (None, None) => self.title.clone().into_owned(),
            (None, Some(band)) => format!("{band}/{}", self.title),
        }
    }
}

/// How cells of a column stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Figures.
    Right,
}

/// By which column rows are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sort {
    /// Position in [`TreeModel::columns`].
    pub column: usize,
    /// Which way.
    pub direction: Direction,
}

impl Sort {
    /// Smallest first.
    pub const fn ascending(column: usize) -> Self {
        Self { column, direction: Direction::Ascending }
    }

    /// Largest first.
    pub const fn descending(column: usize) -> Self {
        Self { column, direction: Direction::Descending }
    }

    /// What a click on the header of `column` makes of this: another column begins upward, the
    /// same one turns round.
    #[must_use]
    pub fn clicked(self, column: usize) -> Self {
        match (self.column == column, self.direction) {
            (true, Direction::Ascending) => Self::descending(column),
            _ => Self::ascending(column),
        }
    }

    /// Whether the largest comes first.
    pub fn is_descending(self) -> bool {
        self.direction == Direction::Descending
    }
}

/// The kind of a piece of text: decides its color, the same in every panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// Ordinary text.
    #[default]
    Normal,
    /// Counts beside names, separators.
    Quiet,
    /// System internals, weak and internal edges.
    System,
    /// The name of a property or variable.
    Property,
    /// An index or an engine-numbered edge.
    Index,
    /// A string value.
    String,
    /// A number, boolean or other plain value.
    Number,
    Function,
    /// A DOM node or other native object.
    Native,
    /// An id, `@123`.
    Id,
    /// More than before.
    Growth,
    /// Less than before.
    Shrinkage,
}

/// Which face text is set in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Face {
    #[default]
    Words,
    /// Code, names, ids.
    Code,
}

/// A piece of text of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Span {
    /// What it says.
    pub text: String,
    /// Its color.
    pub tone: Tone,
    pub face: Face,
}

impl Span {
    /// Words.
    pub fn words(text: impl Into<String>, tone: Tone) -> Self {
        Self { text: text.into(), tone, face: Face::Words }
    }

    /// Code, names, ids.
    pub fn code(text: impl Into<String>, tone: Tone) -> Self {
        Self { text: text.into(), tone, face: Face::Code }
    }
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// Text in pieces.
    Text(Vec<Span>),
    /// A figure, right-aligned.
    Figure {
        /// The figure itself.
        text: String,
        /// Its share as text, beside it; empty for none.
        percent: String,
        /// Its share from 0 to 1 as a bar behind it.
        bar: f32,
        /// Its color.
        tone: Tone,
    },
    /// Values over time, as a small line.
    Trend(Vec<u64>),
}

impl Cell {
    /// A figure alone.
    pub fn figure(text: impl Into<String>) -> Self {
        Self::Figure { text: text.into(), percent: String::new(), bar: 0.0, tone: Tone::Normal }
    }

    /// A size with its share of `total` as text and bar.
    pub fn share(text: impl Into<String>, part: u64, total: u64) -> Self {
        let bar = if total == 0 { 0.0 } else { (part as f64 / total as f64).clamp(0.0, 1.0) as f32 };
        Self::Figure { text: text.into(), percent: crate::units::percent(part, total), bar, tone: Tone::Normal }
    }

    /// The cell as text, as it is copied and exported.
    pub fn text(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(spans) => spans.iter().map(|s| s.text.as_str()).collect(),
            Self::Figure { text, .. } => text.clone(),
            Self::Trend(values) => values.iter().map(u64::to_string).collect::<Vec<_>>().join(" \u{2192} "),
        }
    }
}

/// Whether a row has rows inside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Expansion {
    /// Nothing inside.
    #[default]
    Leaf,
    /// Closed.
    Collapsed,
    /// Open.
    Expanded,
}

/// A small picture before a row's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Removed from the document, but still held.
    Detached,
    /// Reachable from the window.
    WindowReachable,
}

impl Mark {
    /// What the picture means.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Detached => "Detached from the document, but still held in memory",
            Self::WindowReachable => "A script can reach this from the window",
        }
    }
}

/// Names a row for as long as its tree lives, wherever sorting moves it: the child of a row that
/// was opened, by its position in natural order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowKey {
    /// Which tree; numbers are never used again.
    pub tree: u32,
    /// Which opened row; 0 for the top level.
    pub slot: u32,
    /// Which of its children, in natural order.
    pub child: u32,
}

/// A row as it is drawn.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RowView {
    /// By column, in the model's order.
    pub cells: Vec<Cell>,
    /// Pictures before the text.
    pub marks: Vec<Mark>,
    /// Whether it has rows inside it.
    pub expansion: Expansion,
    /// How deep it stands; 0 at the top.
    pub level: u32,
    /// Drawn faint: a cycle, an ignored retainer, a row that is still being made.
    pub is_dimmed: bool,
    /// Holds the place of rows that are still being made.
    pub is_placeholder: bool,
}

impl RowView {
    /// A row of `cells`.
    pub fn new(cells: Vec<Cell>) -> Self {
        Self { cells, ..Self::default() }
    }

    /// The text of the first column: the row's name for screen readers and tests.
    pub fn name(&self) -> String {
        self.cells.first().map(Cell::text).unwrap_or_default()
    }

    /// All cells as text, separated by tabs: what Ctrl+C copies.
    pub fn tabbed_text(&self) -> String {
        self.cells.iter().map(Cell::text).collect::<Vec<_>>().join("\t")
    }
}

/// Makes what is exported: the answer of the command that has the same table.
pub type MakeAnswer = Box<dyn FnOnce(&CancelToken) -> Result<Answer<'static>, Cancelled> + Send>;

/// The rows of a table, by position among those that are visible now.
pub trait TreeModel {
    /// The columns; the first holds the tree.
    fn columns(&self) -> &[Column];
    /// How many rows are visible, open ones included.
    fn row_count(&self) -> u64;
    /// The row at `row`; `None` past the end.
    fn row(&self, row: u64) -> Option<RowView>;
    /// A lasting name for the row at `row`; `None` past the end and for placeholders.
    fn key(&self, row: u64) -> Option<RowKey>;
    /// Where the row of this name is now; `None` while it is not visible.
    fn find(&self, key: RowKey) -> Option<u64>;
    /// The row that the row at `row` stands in.
    fn parent(&self, row: u64) -> Option<u64>;
    /// Opens or closes the row at `row`.
    fn set_expanded(&mut self, row: u64, expanded: bool);
    /// Opens or closes the row at `row` and those inside it, as far as that is sensible.
    fn set_expanded_below(&mut self, row: u64, expanded: bool);
    /// The order now; `None` where rows have an order of their own.
    fn sort(&self) -> Option<Sort>;
    /// Orders rows differently.
    fn set_sort(&mut self, sort: Sort);
    /// What hovering over a cell says.
    fn tooltip(&self, row: u64, column: usize) -> Option<String>;
    /// Changes whenever rows may have moved.
    fn revision(&self) -> u64;
    /// The table as it is now, to be exported from another thread.
    fn export(&self) -> MakeAnswer;
    /// Takes over what background work has finished; called before each frame.
    fn poll(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_click_on_the_active_header_turns_the_order_round_and_on_another_begins_upward() {
        let sort = Sort::descending(3);
        assert_eq!(sort.clicked(3), Sort::ascending(3));
        assert_eq!(sort.clicked(3).clicked(3), Sort::descending(3));
        assert_eq!(sort.clicked(1), Sort::ascending(1));
    }

    #[test]
    fn shares_past_the_whole_fill_the_bar_and_none_is_empty() {
        let Cell::Figure { bar, percent, .. } = Cell::share("x", 3, 2) else { panic!() };
        assert_eq!((bar, percent.as_str()), (1.0, "150\u{a0}%"));
        let Cell::Figure { bar, percent, .. } = Cell::share("x", 0, 0) else { panic!() };
        assert_eq!((bar, percent.as_str()), (0.0, ""));
    }
}
