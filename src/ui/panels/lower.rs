//! The pane below the panels: whatever concerns the selected object.

use super::chain::ChainStrip;
use super::object::ObjectPane;
use super::paths::PathsPane;
use super::retainers::{Ignoring, RetainersPane};
use super::why::WhyPane;
use super::{Command, PanelContext};
use crate::session::DocumentId;
use crate::ui::selection::ObjectGroup;
use crate::ui::theme::Theme;
use crate::ui::widgets::message::message;
use crate::ui::widgets::tabs::tab;
use egui::Ui;

/// The tabs of the lower pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
pub enum LowerTab {
    /// What keeps the object in memory.
    #[default]
    Retainers,
    /// The ways to it, and what it takes to free it.
    Why,
    /// What is known of the object itself.
    Object,
    /// The ways from the roots to many objects.
    Paths,
}

impl LowerTab {
    /// All, in order.
    pub const ALL: [Self; 4] = [Self::Retainers, Self::Why, Self::Object, Self::Paths];

    /// Its name.
    pub fn title(self) -> &'static str {
        match self {
            Self::Retainers => "Retainers",
            Self::Why => "Why",
            Self::Object => "Object",
            Self::Paths => "Paths",
        }
    }

    /// What it shows, in a sentence.
    pub fn help(self) -> &'static str {
        match self {
            Self::Retainers => "Who refers to the selected object, along the nearest way to a root",
            Self::Why => "Why the selected object is alive, what it takes to free it, and what would go with it",
            Self::Object => "What is known of the selected object itself",
            Self::Paths => "Where many objects hang: the ways from the roots to all of a class, as one tree",
        }
    }
}

/// The lower pane.
#[derive(Debug, Default)]
pub struct LowerPane {
    ignoring: Ignoring,
    chain: ChainStrip,
    retainers: RetainersPane,
    why: WhyPane,
    object: ObjectPane,
    paths: PathsPane,
}

impl LowerPane {
    /// Shows the ways from the roots to `group` in [`LowerTab::Paths`] from now on.
    pub fn show_paths(&mut self, group: ObjectGroup) {
        self.paths.show(group);
    }

    /// Whether the tab `chosen` has anything to show.
    pub fn has_something(&self, chosen: LowerTab, context: &PanelContext<'_>) -> bool {
        match chosen {
            LowerTab::Paths => self.paths.is_about_something() || context.selection.is_some(),
            LowerTab::Retainers | LowerTab::Why | LowerTab::Object => context.selection.is_some(),
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
    }
}
