//! The perspective bar: back and forward, the panels, and what belongs to the window.

use super::shown::Shown;
use crate::session::OpenDocument;
use crate::ui::command::{Command, Commands, key_text};
use crate::ui::history::History;
use crate::ui::panels::Panels;
use crate::ui::settings::Settings;
use crate::ui::theme::{Theme, ThemeChoice};
use crate::ui::widgets::icon::{Icon, icon_button, icon_button_with};
use crate::ui::widgets::tabs::tab;
use egui::{Align, Layout, Popup, Ui};

/// What the bar shows.
pub(super) struct Bar<'a> {
    pub(super) panels: &'a Panels,
    pub(super) shown: &'a Shown,
    /// The document that is shown.
    pub(super) current: Option<&'a OpenDocument>,
    pub(super) history: &'a History,
    pub(super) settings: &'a Settings,
    pub(super) commands: &'a mut Commands,
}

impl Bar<'_> {
    /// Draws it.
    pub(super) fn ui(&mut self, ui: &mut Ui) {
        ui.horizontal(|ui| {
            ui.set_height(Theme::BAR_HEIGHT);
            ui.spacing_mut().item_spacing.x = 0.0;
            ui.add_space(4.0);
            for (icon, name, command, can) in [
                (Icon::Back, "Back", Command::Back, self.history.can_go_back()),
                (Icon::Forward, "Forward", Command::Forward, self.history.can_go_forward()),
            ] {
                let tooltip = command.tooltip(ui.ctx());
                if icon_button_with(ui, icon, name, &tooltip, can).clicked() {
                    self.commands.push(command);
                }
            }
            ui.add_space(8.0);
            if self.current.is_some() {
                self.tabs_ui(ui);
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add_space(4.0);
                let more = icon_button(ui, Icon::More, "More", true);
                Popup::menu(&more).show(|ui| self.more_ui(ui));
                let theme = icon_button(ui, Icon::Theme, "Theme and size of text", true);
                Popup::menu(&theme).show(|ui| self.theme_ui(ui));
                if self.current.is_some_and(|document| document.as_snapshot().is_some()) {
                    let tooltip = Command::Find(String::new()).tooltip(ui.ctx());
                    if icon_button_with(ui, Icon::Search, "Find objects…", &tooltip, true).clicked() {
                        self.commands.push(Command::Find(String::new()));
                    }
                }
            });
        });
    }

    /// The panels that have something about the present document.
    fn tabs_ui(&mut self, ui: &mut Ui) {
        let Some(document) = self.current else { return };
        for (at, panel) in self.panels.serving(document.kind()).enumerate() {
            let is_shown = panel.id() == self.shown.panel;
            if !is_shown && !panel.has_something(document) {
                continue;
            }
            let key = Command::ShowNumbered(at + 1).bound().map(|b| format!(" ({})", key_text(ui.ctx(), &b.keys[0])));
            let tooltip = format!("{}{}", panel.help(), key.unwrap_or_default());
            if tab(ui, is_shown, panel.title(), &tooltip).clicked() {
                self.commands.push(Command::Show(panel.id()));
            }
        }
    }

    fn theme_ui(&mut self, ui: &mut Ui) {
        for (choice, text) in
            [(ThemeChoice::System, "As the system"), (ThemeChoice::Light, "Light"), (ThemeChoice::Dark, "Dark")]
        {
            if ui.radio(self.settings.theme == choice, text).clicked() {
                self.commands.push(Command::UseTheme(choice));
                ui.close();
            }
        }
        let mut is_high = self.settings.is_high_contrast;
        if ui.checkbox(&mut is_high, "High contrast").clicked() {
            self.commands.push(Command::ToggleContrast);
            ui.close();
        }
        ui.separator();
        for command in [Command::ZoomIn, Command::ZoomOut, Command::ZoomReset] {
            self.item_ui(ui, command);
        }
    }

    fn more_ui(&mut self, ui: &mut Ui) {
        self.item_ui(ui, Command::OpenDialog);
        if !self.settings.recent.is_empty() {
            ui.menu_button("Open recent", |ui| {
                for path in self.settings.recent.clone() {
                    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                    if ui.button(name).on_hover_text(path.display().to_string()).clicked() {
                        self.commands.push(Command::Open(vec![path]));
                        ui.close();
                    }
                }
            });
        }
        if ui.button("Open the sample").clicked() {
            self.commands.push(Command::OpenSample);
            ui.close();
        }
        ui.separator();
        if self.current.is_some() {
            self.item_ui(ui, Command::ToggleLower);
        }
        self.item_ui(ui, Command::ToggleShortcuts);
        ui.separator();
        self.item_ui(ui, Command::Quit);
    }

    /// A menu entry for a command with words and a key.
    fn item_ui(&mut self, ui: &mut Ui, command: Command) {
        let Some(bound) = command.bound() else { return };
        let key = key_text(ui.ctx(), &bound.keys[0]);
        if ui.add(egui::Button::new(bound.text).right_text(key)).clicked() {
            self.commands.push(command);
            ui.close();
        }
    }
}
