//! The context menu of objects and classes, the same wherever one is shown.

use super::chain::steps::path_text;
use super::object::facts::value_text;
use crate::graph::NodeKind;
use crate::session::OpenSnapshot;
use crate::ui::command::Command;
use crate::ui::command::Commands;
use crate::ui::place::{LowerTab, PanelId};
use crate::ui::selection::{ObjectGroup, Selection};
use egui::{Button, Ui};

fn item(ui: &mut Ui, text: &str, is_enabled: bool) -> bool {
    let is_clicked = ui.add_enabled(is_enabled, Button::new(text)).clicked();
    if is_clicked {
        ui.close();
    }
    is_clicked
}

/// Entries for an object: where else to look at it, what to copy of it.
pub(super) fn object_menu_ui(
    ui: &mut Ui,
    open: &OpenSnapshot,
    selection: Selection,
    can_compare: bool,
    commands: &mut Commands,
) {
    let heap = &open.snapshot.heap;
    let n = selection.node;
    // Objects without a size of their own are not counted, so they stand nowhere in Summary.
    if item(ui, "Reveal in Summary", heap.shallow_size(n) > 0) {
        commands.push(Command::Reveal(PanelId::SUMMARY, selection));
    }
    if item(ui, "Show retainers", true) {
        commands.extend([Command::Select(Some(selection)), Command::ShowLower(LowerTab::Retainers)]);
    }
    if item(ui, "Show in Dominators", true) {
        commands.push(Command::Reveal(PanelId::DOMINATORS, selection));
    }
    let class = heap.class_name(n).lossy();
    class_items_ui(ui, &class, can_compare, commands);
    ui.separator();
    if item(ui, "Copy name", true) {
        commands.push(Command::Copy(heap.cell_text(n).as_text().lossy().into_owned()));
    }
    if item(ui, "Copy id", true) {
        commands.push(Command::Copy(heap.id(n).to_string()));
    }
    let kind = heap.kind(n);
    if (kind.is_any_string() || matches!(kind, NodeKind::NUMBER | NodeKind::BIGINT))
        && item(ui, "Copy value", true)
        && let Some(value) = value_text(heap, n)
    {
        commands.push(Command::Copy(value));
    }
    if item(ui, "Copy path", true) {
        commands.push(Command::Copy(path_text(heap, n)));
    }
}

/// Entries for a class; `objects` are those of its row.
pub(super) fn class_menu_ui(
    ui: &mut Ui,
    name: &str,
    can_compare: bool,
    objects: impl FnOnce() -> Option<ObjectGroup>,
    commands: &mut Commands,
) {
    class_items_ui(ui, name, can_compare, commands);
    if item(ui, "Show paths from the roots", true) {
        commands.extend(objects().map(Command::ShowPaths));
    }
    if item(ui, "Copy name", true) {
        commands.push(Command::Copy(name.to_owned()));
    }
}

fn class_items_ui(ui: &mut Ui, name: &str, can_compare: bool, commands: &mut Commands) {
    if item(ui, "Filter by this class", true) {
        commands.push(Command::FilterClasses(name.to_owned()));
    }
    if can_compare && item(ui, "Compare this class", true) {
        commands.push(Command::CompareClass(name.to_owned()));
    }
}
