//! The pane below the panels: whatever concerns the selected object.

use super::PanelContext;
use super::chain::ChainStrip;
use super::object::ObjectPane;
use super::paths::PathsPane;
use super::retainers::{Ignoring, RetainersPane};
use super::source::SourcePane;
use super::why::WhyPane;
use crate::session::DocumentId;
use crate::ui::command::Command;
use crate::ui::place::LowerTab;
use crate::ui::selection::ObjectGroup;
use crate::ui::theme::Theme;
use crate::ui::widgets::message::message;
use crate::ui::widgets::tabs::tab;
use egui::Ui;

/// The lower pane.
#[derive(Debug, Default)]
pub struct LowerPane {
    ignoring: Ignoring,
    chain: ChainStrip,
    retainers: RetainersPane,
    why: WhyPane,
    object: ObjectPane,
    paths: PathsPane,
    source: SourcePane,
}

impl LowerPane {
    /// Shows the paths from the roots to `group` in [`LowerTab::Paths`] from now on.
    pub fn show_paths(&mut self, group: ObjectGroup) {
        self.paths.show(group);
    }

    /// Whether the tab `chosen` has anything to show.
    pub fn has_something(&self, chosen: LowerTab, context: &PanelContext<'_>) -> bool {
        match chosen {
            LowerTab::Paths => self.paths.is_about_something() || context.selection.is_some(),
            LowerTab::Retainers | LowerTab::Why | LowerTab::Object | LowerTab::Source => context.selection.is_some(),
        }
    }

    /// Draws the tabs and what the chosen one shows.
    pub fn ui(&mut self, ui: &mut Ui, chosen: LowerTab, context: &mut PanelContext<'_>) {
        let bar = egui::Frame::new().fill(context.theme.colors.window).inner_margin(egui::Margin::symmetric(8, 0));
        bar.show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            ui.horizontal(|ui| {
                ui.set_height(Theme::BAR_HEIGHT - 6.0);
                ui.spacing_mut().item_spacing.x = 0.0;
                for t in LowerTab::ALL {
                    if tab(ui, chosen == t, t.title(), t.help()).clicked() {
                        context.push(Command::ShowLower(t));
                    }
                }
            });
        });
        if chosen == LowerTab::Paths {
            self.paths.ui(ui, context);
            return;
        }
        let selected = context.selection.filter(|s| context.session.snapshot(s.snapshot).is_some());
        let Some(selection) = selected else {
            message(ui, "Select an object above to see what keeps it in memory");
            return;
        };
        match chosen {
            LowerTab::Retainers => {
                self.chain.ui(ui, selection, &mut self.ignoring, context);
                self.retainers.ui(ui, selection, &mut self.ignoring, context);
            }
            LowerTab::Why => self.why.ui(ui, selection, context),
            LowerTab::Object => self.object.ui(ui, selection, context),
            LowerTab::Source => self.source.ui(ui, selection, context),
            LowerTab::Paths => {}
        }
    }

    /// Gives back everything kept about a snapshot that is closed.
    pub fn forget(&mut self, id: DocumentId) {
        self.ignoring.forget(id);
        self.chain.forget(id);
        self.retainers.forget(id);
        self.why.forget(id);
        self.object.forget(id);
        self.paths.forget(id);
        self.source.forget(id);
    }
}
