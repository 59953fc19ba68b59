//! The perspective bar: back and forward, the panels, and what belongs to the window.

use super::shown::Shown;
use crate::session::{OpenDocument, Session};
use crate::ui::command::{Command, Commands, key_text};
use crate::ui::history::History;
use crate::ui::panels::{Panel, Panels};
use crate::ui::place::Place;
use crate::ui::rows::cells;
use crate::ui::settings::Settings;
use crate::ui::theme::{Theme, ThemeChoice};
use crate::ui::widgets::icon::{Icon, icon_button, icon_button_with};
use crate::ui::widgets::tabs::{tab, tab_width};
use egui::{Align, Layout, Popup, Ui};

/// How many places the menu of Back lists.
const PLACES: usize = 15;

/// Room for the buttons at the right end.
const BUTTONS: f32 = 3.0 * 24.0 + 8.0;
/// Room for the button that opens the menu of further panels.
const MORE: f32 = 24.0;

/// What the bar shows.
pub(super) struct Bar<'a> {
    pub(super) panels: &'a Panels,
    pub(super) shown: &'a Shown,
    /// The document that is shown.
    pub(super) current: Option<&'a OpenDocument>,
    pub(super) session: &'a Session,
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
                let response = icon_button_with(ui, icon, name, &tooltip, can);
                if response.clicked() {
                    self.commands.push(command);
                }
                if icon == Icon::Back {
                    response.context_menu(|ui| self.places_ui(ui));
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

    /// The places one can go back to.
    fn places_ui(&mut self, ui: &mut Ui) {
        for (at, place) in self.history.before().take(PLACES).enumerate() {
            if ui.button(self.words_of(place)).clicked() {
                self.commands.push(Command::BackBy(at + 1));
                ui.close();
            }
        }
    }

    /// What a place is called: the panel, the document, and the object that was selected.
    fn words_of(&self, place: &Place) -> String {
        let panel = self.panels.get(place.panel).map(|panel| panel.title().to_owned());
        let document = place.snapshot.and_then(|id| self.session.document(id)).map(|d| d.name().to_owned());
        let object = place.selection.and_then(|selection| {
            let open = self.session.snapshot(selection.snapshot)?;
            let spans = cells::object(&open.snapshot.heap, selection.node);
            let text: String = spans.into_iter().map(|span| span.text).collect();
            Some(text.chars().take(60).collect())
        });
        [panel, document, object].into_iter().flatten().collect::<Vec<String>>().join(" · ")
    }

    /// The panels that have something about the present document: as many as there is room for, and
    /// a menu with the others.
    fn tabs_ui(&mut self, ui: &mut Ui) {
        let Some(document) = self.current else { return };
        let offered: Vec<(usize, &dyn Panel)> = self
            .panels
            .serving(document.kind())
            .enumerate()
            .filter(|(_, panel)| panel.id() == self.shown.panel || panel.has_something(document))
            .collect();
        let widths: Vec<f32> = offered.iter().map(|(_, panel)| tab_width(ui, panel.title())).collect();
        let present = offered.iter().position(|(_, panel)| panel.id() == self.shown.panel);
        let room = ui.available_width() - BUTTONS;
        let mut fits = fitting(&widths, present, room);
        if fits.contains(&false) {
            fits = fitting(&widths, present, room - MORE);
        }
        let tooltip = |ui: &Ui, at: usize, panel: &dyn Panel| {
            let key = Command::ShowNumbered(at + 1).bound().map(|b| format!(" ({})", key_text(ui.ctx(), &b.keys[0])));
            format!("{}{}", panel.help(), key.unwrap_or_default())
        };
        for ((at, panel), _) in offered.iter().zip(&fits).filter(|(_, fits)| **fits) {
            if tab(ui, panel.id() == self.shown.panel, panel.title(), &tooltip(ui, *at, *panel)).clicked() {
                self.commands.push(Command::Show(panel.id()));
            }
        }
        if fits.contains(&false) {
            let more = icon_button(ui, Icon::Down, "More panels", true);
            Popup::menu(&more).show(|ui| {
                for ((at, panel), _) in offered.iter().zip(&fits).filter(|(_, fits)| !**fits) {
                    let button = ui.add(egui::Button::new(panel.title()));
                    if button.on_hover_text(tooltip(ui, *at, *panel)).clicked() {
                        self.commands.push(Command::Show(panel.id()));
                        ui.close();
                    }
                }
            });
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
        self.item_ui(ui, Command::TogglePalette);
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

/// Which tabs of these widths have a place in `room`: from the left, and the present one in any case.
fn fitting(widths: &[f32], present: Option<usize>, room: f32) -> Vec<bool> {
    let mut left = room - present.map_or(0.0, |at| widths[at]);
    let mut is_full = false;
    let fits = |(at, width): (usize, &f32)| {
        if present == Some(at) {
            return true;
        }
        is_full |= *width > left;
        left -= width;
        !is_full
    };
    widths.iter().enumerate().map(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_present_panel_has_a_place_in_the_bar_however_narrow_it_is() {
        let widths = [50.0, 60.0, 70.0];
        assert_eq!(fitting(&widths, Some(2), 500.0), [true, true, true]);
        assert_eq!(fitting(&widths, Some(2), 130.0), [true, false, true]);
        assert_eq!(fitting(&widths, Some(0), 115.0), [true, true, false]);
        assert_eq!(fitting(&widths, Some(1), 10.0), [false, true, false]);
        assert_eq!(fitting(&widths, None, 100.0), [true, false, false]);
    }
}
