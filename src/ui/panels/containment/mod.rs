//! Containment: from the roots along references, one row for each.

mod rows;

use super::objects_table::objects_table_ui;
use super::{DocumentContext, Panel, PerSnapshot};
use crate::session::DocumentId;
use crate::ui::place::PanelId;
use crate::ui::rows::RETAINED_SIZE;
use crate::ui::tree::{LazyTree, Sort, TreeModel};
use crate::ui::widgets::icon::Strokes;
use crate::ui::widgets::message::message;
use crate::ui::widgets::tree_table::{TableMemory, TreeTable};
use egui::Ui;
pub(super) use rows::ContainmentRows;
use std::sync::Arc;

/// The panel.
#[derive(Debug, Default)]
pub(super) struct ContainmentPanel {
    views: PerSnapshot<(TreeTable, LazyTree<ContainmentRows>)>,
    kept: PerSnapshot<TableMemory>,
}

impl Panel for ContainmentPanel {
    fn id(&self) -> PanelId {
        PanelId("Containment")
    }

    fn title(&self) -> &'static str {
        "Containment"
    }

    fn help(&self) -> &'static str {
        "From the roots along references, one row for each"
    }

    fn icon(&self) -> Strokes {
        &[
            &[(-5.0, -5.0), (-5.0, 4.0), (0.0, 4.0)],
            &[(-5.0, -1.0), (0.0, -1.0)],
            &[(2.0, -1.0), (5.0, -1.0)],
            &[(2.0, 4.0), (5.0, 4.0)],
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
            let rows = ContainmentRows::new(Arc::clone(&current.snapshot));
            let mut table = TreeTable::new("Containment");
            let mut rows = LazyTree::new(rows, Some(Sort::descending(RETAINED_SIZE)), context.front_end);
            if let Some(memory) = kept.take(current.id) {
                memory.restore(&mut table, &mut rows);
            }
            (table, rows)
        });
        if rows.row_count() == 0 {
            message(ui, "The root of this snapshot refers to nothing");
            return;
        }
        objects_table_ui(ui, table, rows, context);
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
    }
}
