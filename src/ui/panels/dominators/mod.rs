//! Dominators: what each object keeps alive alone, with its share of what is above it.

mod rows;

use super::objects_table::objects_table_ui;
use super::{DocumentContext, Panel, PerSnapshot};
use crate::session::DocumentId;
use crate::ui::place::PanelId;
use crate::ui::rows::RETAINED_SIZE;
use crate::ui::selection::Selection;
use crate::ui::tree::{LazyTree, Sort, TreeModel};
use crate::ui::widgets::icon::Strokes;
use crate::ui::widgets::message::message;
use crate::ui::widgets::tree_table::{TableMemory, TreeTable};
use egui::Ui;
use rows::DominatorRows;
use std::sync::Arc;

/// The panel.
#[derive(Debug, Default)]
pub(super) struct DominatorsPanel {
    views: PerSnapshot<(TreeTable, LazyTree<DominatorRows>)>,
    kept: PerSnapshot<TableMemory>,
    revealing: Option<Selection>,
}

impl Panel for DominatorsPanel {
    fn id(&self) -> PanelId {
        PanelId::DOMINATORS
    }

    fn title(&self) -> &'static str {
        "Dominators"
    }

    fn help(&self) -> &'static str {
        "What each object keeps alive alone, largest first"
    }

    fn icon(&self) -> Strokes {
        &[
            &[(0.0, -5.0), (0.0, -1.0)],
            &[(-5.0, 5.0), (-5.0, -1.0), (5.0, -1.0), (5.0, 5.0)],
            &[(0.0, -1.0), (0.0, 5.0)],
        ]
    }

    fn shows_objects(&self) -> bool {
        true
    }

    fn ui(&mut self, ui: &mut Ui, context: &mut DocumentContext<'_>) {
        let Some(context) = &mut context.snapshot() else { return };
        let current = context.current;
        let kept = &mut self.kept;
        let (table, rows) = self.views.get_or_insert_with(current.id, || {
            let rows = DominatorRows::new(Arc::clone(&current.snapshot));
            let mut table = TreeTable::new("Dominators");
            let mut rows = LazyTree::new(rows, Some(Sort::descending(RETAINED_SIZE)), context.front_end);
            if let Some(memory) = kept.take(current.id) {
                memory.restore(&mut table, &mut rows);
            }
            (table, rows)
        });
        if let Some(selection) = self.revealing.take_if(|s| s.snapshot == current.id) {
            let path = rows.source().path_to(selection.node);
            if let Some(key) = rows.reveal(&path) {
                table.reveal(key);
            }
        }
        if rows.row_count() == 0 {
            message(ui, "The root of this snapshot keeps nothing alive");
            return;
        }
        objects_table_ui(ui, table, rows, context);
    }

    fn reveal(&mut self, selection: Selection) {
        self.revealing = Some(selection);
    }

    fn replace(&mut self, old: DocumentId, new: DocumentId) {
        if let Some((table, rows)) = self.views.get(old) {
            self.kept.insert(new, TableMemory::of(table, rows));
        }
        self.forget(old);
    }

    fn forget(&mut self, id: DocumentId) {
        self.views.forget(id);
        self.kept.forget(id);
        self.revealing = self.revealing.filter(|s| s.snapshot != id);
    }
}
