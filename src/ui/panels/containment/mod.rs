//! Containment: from the roots along references, one row for each.

mod rows;

use super::objects_table::objects_table_ui;
use super::{Panel, PanelContext, PerSnapshot};
use crate::session::DocumentId;
use crate::ui::place::PanelId;
use crate::ui::rows::RETAINED_SIZE;
use crate::ui::tree::{LazyTree, Sort, TreeModel};
use crate::ui::widgets::icon::Strokes;
use crate::ui::widgets::message::message;
use crate::ui::widgets::tree_table::TreeTable;
use egui::Ui;
pub(super) use rows::ContainmentRows;
use std::sync::Arc;

/// The panel.
#[derive(Debug, Default)]
pub(super) struct ContainmentPanel {
    views: PerSnapshot<(TreeTable, LazyTree<ContainmentRows>)>,
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

    fn ui(&mut self, ui: &mut Ui, context: &mut PanelContext<'_>) {
        let current = context.current;
        let (table, rows) = self.views.get_or_insert_with(current.id, || {
            let rows = ContainmentRows::new(Arc::clone(&current.snapshot));
            (
                TreeTable::new("Containment"),
                LazyTree::new(rows, Some(Sort::descending(RETAINED_SIZE)), context.front_end),
            )
        });
        if rows.row_count() == 0 {
            message(ui, "The root of this snapshot refers to nothing");
            return;
        }
        objects_table_ui(ui, table, rows, context);
    }

    fn forget(&mut self, id: DocumentId) {
        self.views.forget(id);
    }
}
