//! Tables whose rows are about objects: selecting, context menus and going on are the same in all
//! of them.

use super::menu::{class_menu_ui, object_menu_ui};
use super::{Command, PanelContext};
use crate::graph::{NodeIndex, NodeSet};
use crate::ui::place::PanelId;
use crate::ui::selection::{ObjectGroup, Selection};
use crate::ui::tree::{LazyTree, TreeSource};
use crate::ui::widgets::tree_table::TreeTable;
use egui::Ui;
use std::sync::Arc;

/// Which of two compared snapshots an object is in. Panels about one snapshot know only
/// [`Side::Current`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Side {
    /// A, what is compared with.
    Base,
    /// B, the snapshot that is shown.
    Current,
}

/// Objects of a row, of one of the snapshots.
#[derive(Debug)]
pub(super) struct Group {
    /// Which snapshot they are in.
    pub(super) side: Side,
    /// What to call them.
    pub(super) title: String,
    /// Which they are.
    pub(super) objects: NodeSet,
}

/// Rows that are about objects or classes.
pub(super) trait ObjectRows: TreeSource {
    /// The object a row is about; none for rows of classes.
    fn object(&self, item: &Self::Item) -> Option<(Side, NodeIndex)>;

    /// The objects that the row of a class counts, and what to call them.
    fn group(&self, _item: &Self::Item) -> Option<Group> {
        None
    }

    /// The class a row stands for, if it stands for one.
    fn class_name(&self, _item: &Self::Item) -> Option<String> {
        None
    }
}

/// Draws `rows` and pushes what the user asks for.
pub(super) fn objects_table_ui<S: ObjectRows>(
    ui: &mut Ui,
    table: &mut TreeTable,
    rows: &mut LazyTree<S>,
    context: &mut PanelContext<'_>,
) {
    let (current, base) = (context.current, context.base);
    let open = |side| match side {
        Side::Base => base,
        Side::Current => Some(current),
    };
    let commands = &mut *context.commands;
    let events = table.ui(ui, rows, |ui, rows, row| {
        let Some(item) = rows.item(row) else { return };
        if let Some((side, node)) = rows.source().object(&item)
            && let Some(open) = open(side)
        {
            object_menu_ui(ui, open, Selection { snapshot: open.id, node }, base.is_some(), commands);
            ui.separator();
        } else if let Some(name) = rows.source().class_name(&item) {
            let objects = || {
                let Group { side, title, objects } = rows.source().group(&item)?;
                Some(ObjectGroup { snapshot: open(side)?.id, title, objects: Arc::new(objects) })
            };
            class_menu_ui(ui, &name, base.is_some(), objects, commands);
            ui.separator();
        }
    });
    context.commands.extend(events.export.map(Command::Export));
    let selection = |row: Option<u64>| {
        let (side, node) = rows.source().object(&rows.item(row?)?)?;
        Some(Selection { snapshot: open(side)?.id, node })
    };
    if events.selected.is_some() {
        context.commands.push(Command::Select(selection(events.selected)));
    }
    if let Some(selection) = selection(events.activated) {
        context.commands.push(Command::Reveal(PanelId::SUMMARY, selection));
    }
}
