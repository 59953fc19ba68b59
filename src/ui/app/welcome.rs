//! What an empty window says: the name, one line, and three ways to begin.

use crate::ui::command::{Command, Commands};
use crate::ui::theme::Theme;
use egui::{Button, RichText, Ui, vec2};
use std::path::PathBuf;

/// Draws it; `recent` are files that were opened lately.
pub(super) fn welcome_ui(ui: &mut Ui, recent: &[PathBuf], commands: &mut Commands) {
    let theme = Theme::of(ui.ctx());
    ui.vertical_centered(|ui| {
        ui.add_space((ui.available_height() * 0.24).max(16.0));
        ui.label(RichText::new("Heapglass").size(32.0));
        ui.add_space(4.0);
        ui.label(
            RichText::new("Shows what is in a V8 heap, what grew, and what keeps it alive").color(theme.colors.quiet),
        );
        ui.add_space(20.0);
        let open = RichText::new("Open…").color(theme.colors.on_accent);
        let button = Button::new(open).fill(theme.colors.accent).min_size(vec2(160.0, 30.0));
        if ui.add(button).on_hover_text(Command::OpenDialog.tooltip(ui.ctx())).clicked() {
            commands.push(Command::OpenDialog);
        }
        ui.add_space(4.0);
        let button = Button::new("Open the sample").min_size(vec2(160.0, 30.0));
        let what = "Two small snapshots of a server that leaks, to look around in";
        if ui.add(button).on_hover_text(what).clicked() {
            commands.push(Command::OpenSample);
        }
        ui.add_space(16.0);
        ui.label(RichText::new("or drop .heapsnapshot files anywhere").color(theme.colors.quiet));
        if !recent.is_empty() {
            ui.add_space(28.0);
            ui.label(RichText::new("Recent files").color(theme.colors.quiet));
            ui.add_space(4.0);
            for path in recent.iter().take(8) {
                let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                let place = path.display().to_string();
                let link = egui::Link::new(name);
                if ui.add(link).on_hover_text(place).clicked() {
                    commands.push(Command::Open(vec![path.clone()]));
                }
            }
        }
    });
}
