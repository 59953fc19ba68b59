//! The context menu of objects, the same wherever one is shown.

use super::{Command, Panel};
use crate::session::OpenSnapshot;
use crate::ui::command::Commands;
use crate::ui::selection::Selection;
use egui::{Button, Ui};

/// Entries for an object: where else to look at it, what to copy of it.
pub(super) fn object_menu_ui(ui: &mut Ui, open: &OpenSnapshot, selection: Selection, commands: &mut Commands) {
    let heap = &open.snapshot.heap;
    let n = selection.node;
    let mut item = |ui: &mut Ui, text: &str, is_enabled: bool, command: Command| {
        if ui.add_enabled(is_enabled, Button::new(text)).clicked() {
            commands.push(command);
            ui.close();
        }
    };
    // Objects without a size of their own are not counted, so they stand nowhere in Summary.
    let is_counted = heap.shallow_size(n) > 0;
    item(ui, "Reveal in Summary", is_counted, Command::Reveal(Panel::Summary, selection));
    item(ui, "Show in Dominators", true, Command::Reveal(Panel::Dominators, selection));
    let class = heap.class_name(n).lossy().into_owned();
    item(ui, "Filter by this class", true, Command::FilterClasses(class));
    ui.separator();
    item(ui, "Copy name", true, Command::Copy(heap.cell_text(n).as_text().lossy().into_owned()));
    item(ui, "Copy id", true, Command::Copy(heap.id(n).to_string()));
}
