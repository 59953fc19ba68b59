//! What the user did to a table, by names that outlive its rows: for the time while a file is read
//! again.

use super::TreeTable;
use super::scroll::Scroll;
use crate::session::row_name::RowPath;
use crate::ui::tree::{LazyTree, Sort, TreeModel, TreeSource};

/// Which rows were open, which was selected, how they were sorted, how far they were scrolled.
#[derive(Debug, Clone)]
pub struct TableMemory {
    sort: Option<Sort>,
    open: Vec<RowPath>,
    selected: Option<RowPath>,
    scroll: Scroll,
}

impl TableMemory {
    /// What was done to `table`, which shows `rows`.
    pub fn of<S: TreeSource>(table: &TreeTable, rows: &LazyTree<S>) -> Self {
        Self {
            sort: rows.sort(),
            open: rows.open_paths(),
            selected: table.selected.and_then(|key| rows.path_of(key)),
            scroll: table.scroll,
        }
    }

    /// Does the same to `table`, which shows `rows`, as far as they are there.
    pub fn restore<S: TreeSource>(&self, table: &mut TreeTable, rows: &mut LazyTree<S>) {
        if let Some(sort) = self.sort.filter(|sort| sort.column < rows.columns().len()) {
            rows.set_sort(sort);
        }
        rows.open_again(&self.open);
        table.scroll = self.scroll;
        if let Some(key) = self.selected.as_ref().and_then(|path| rows.reveal_path(path)) {
            table.reveal(key);
        }
    }
}
