//! Copying and saving tables: the entries of a row's menu, and the button of a toolbar.

use crate::progress::CancelToken;
use crate::ui::export::{self, Export, copied_rows};
use crate::ui::tree::{MakeAnswer, TreeModel};
use crate::ui::widgets::icon::menu_button;
use crate::ui::widgets::toast;
use egui::Ui;
use std::sync::Arc;

/// Tables up to this many rows are copied at once: that takes less than a frame.
const COPIED_AT_ONCE: u64 = 2_000;

/// The button of a toolbar that exports the table below it; returns what is to be exported on another thread.
pub fn export_button_ui(ui: &mut Ui, table: &'static str, model: &dyn TreeModel) -> Option<Arc<Export>> {
    let button = menu_button(ui, "Export", "Copy or save this table, with all digits of its numbers");
    let open = egui::Popup::menu(&button).show(|ui| entries_ui(ui, table, model.row_count(), || model.export()));
    open.and_then(|open| open.inner)
}

/// The entries of a menu that copy or save a table of `rows` rows.
pub(super) fn entries_ui(
    ui: &mut Ui,
    table: &'static str,
    rows: u64,
    make: impl Fn() -> MakeAnswer,
) -> Option<Arc<Export>> {
    let mut asked = None;
    for is_to_file in [false, true] {
        for format in export::FORMATS {
            let (verb, dots) = if is_to_file { ("Save", "…") } else { ("Copy", "") };
            if !ui.button(format!("{verb} table as {}{dots}", format.name())).clicked() {
                continue;
            }
            ui.close();
            let export = Export::new(table, make(), format, is_to_file);
            if is_to_file || rows > COPIED_AT_ONCE {
                asked = Some(Arc::new(export));
            } else if let Ok((text, rows)) = export::text(&export, &CancelToken::default()) {
                toast::copy(ui.ctx(), text, &copied_rows(rows, format));
            }
        }
    }
    asked
}
