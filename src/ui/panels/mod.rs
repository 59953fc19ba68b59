//! What fills the window: a panel for each question, and below it a pane about the selected
//! object.
//!
//! A panel changes only itself. Whatever goes further (selecting, showing something elsewhere,
//! copying) it pushes as a [`Command`], which the application runs after all panels were drawn.
//! What a panel shows is plain data in its `rows.rs`, which knows no egui.

mod about_all;
mod allocation;
mod answer;
mod chain;
mod comparison;
mod containment;
mod dominators;
mod growth;
mod leaks;
mod lower;
mod menu;
mod object;
mod objects_table;
mod pair;
mod paths;
mod retainers;
mod search;
mod side_by_side;
mod statistics;
mod summary;
mod why;

pub use lower::{LowerPane, LowerTab};
pub use search::SearchBar;

use super::command::{Command, Commands};
use super::selection::Selection;
use super::theme::Theme;
use crate::analysis::filters::NodeFilter;
use crate::graph::NodeSet;
use crate::session::job::FrontEnd;
use crate::session::{DocumentId, OpenSnapshot, Session};
use allocation::AllocationPanel;
use comparison::ComparisonPanel;
use containment::ContainmentPanel;
use dominators::DominatorsPanel;
use growth::GrowthPanel;
use leaks::LeaksPanel;
use side_by_side::SideBySidePanel;
use statistics::StatisticsPanel;
use std::collections::BTreeMap;
use std::sync::Arc;
use summary::SummaryPanel;

/// The panels of the perspective bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, serde::Serialize, serde::Deserialize)]
pub enum Panel {
    /// Constructors, their objects, what those refer to.
    #[default]
    Summary,
    /// What is new and what is gone, against another snapshot.
    Comparison,
    /// Two snapshots next to each other.
    SideBySide,
    /// From the roots down.
    Containment,
    /// What keeps what alive.
    Dominators,
    /// What kinds of things the bytes are.
    Statistics,
    /// What grew, and who holds it.
    Leaks,
    /// The constructors of all snapshots beside each other.
    Growth,
    /// When and by which functions objects were allocated.
    Allocation,
}

impl Panel {
    /// All, in the order of the bar.
    pub const ALL: [Self; 9] = [
        Self::Summary,
        Self::Comparison,
        Self::SideBySide,
        Self::Containment,
        Self::Dominators,
        Self::Statistics,
        Self::Leaks,
        Self::Growth,
        Self::Allocation,
    ];

    /// Its name in the bar.
    pub fn title(self) -> &'static str {
        match self {
            Self::Summary => "Summary",
            Self::Comparison => "Comparison",
            Self::SideBySide => "Side by side",
            Self::Containment => "Containment",
            Self::Dominators => "Dominators",
            Self::Statistics => "Statistics",
            Self::Leaks => "Leaks",
            Self::Growth => "Growth",
            Self::Allocation => "Allocation",
        }
    }

    /// What it shows, in a sentence.
    pub fn help(self) -> &'static str {
        match self {
            Self::Summary => "Objects by constructor, with what they take and what they keep alive",
            Self::Comparison => "What is new and what is gone since another snapshot, by constructor",
            Self::SideBySide => "Two snapshots in one table, constructor by constructor, with the difference",
            Self::Containment => "From the roots along references, one row for each",
            Self::Dominators => "What each object keeps alive alone, largest first",
            Self::Statistics => "What kinds of things the bytes are",
            Self::Leaks => "What grew from snapshot to snapshot, who holds it, and why we say so",
            Self::Growth => "The constructors of all open snapshots beside each other, and which grew in every step",
            Self::Allocation => "When objects of a timeline were allocated, and by which functions",
        }
    }

    /// Whether objects are selected in it before anything else is done, so that the pane about the
    /// selected object has its place below even while nothing is selected.
    pub fn shows_objects(self) -> bool {
        !matches!(self, Self::Statistics | Self::Leaks | Self::Growth | Self::Allocation)
    }

    /// Whether it shows two snapshots: the present one against a base.
    pub fn is_comparing(self) -> bool {
        match self {
            Self::Summary | Self::Containment | Self::Dominators | Self::Leaks | Self::Growth | Self::Allocation => {
                false
            }
            Self::Comparison | Self::SideBySide | Self::Statistics => true,
        }
    }
}

/// What panels are given to draw with.
#[derive(Debug)]
pub struct PanelContext<'a> {
    /// Everything that is open.
    pub session: &'a Session,
    /// The snapshot that is shown: B in panels that compare.
    pub current: &'a OpenSnapshot,
    /// The snapshot it is compared with, if there is another one: A.
    pub base: Option<&'a OpenSnapshot>,
    /// The selected object.
    pub selection: Option<Selection>,
    /// Colors and sizes.
    pub theme: &'a Theme,
    /// Wakes the window when background work is done, and shows what failed.
    pub front_end: &'a FrontEnd,
    /// What is to be done once all is drawn.
    pub commands: &'a mut Commands,
}

impl PanelContext<'_> {
    /// Asks for something to be done once all is drawn.
    pub fn push(&mut self, command: Command) {
        self.commands.push(command);
    }
}

/// What a panel keeps for each snapshot, so that coming back finds it as it was left.
#[derive(Debug)]
pub struct PerSnapshot<T>(BTreeMap<DocumentId, T>);

impl<T> Default for PerSnapshot<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T> PerSnapshot<T> {
    /// What is kept for `id`; made by `make` the first time.
    pub fn get_or_insert_with(&mut self, id: DocumentId, make: impl FnOnce() -> T) -> &mut T {
        self.0.entry(id).or_insert_with(make)
    }

    /// What is kept for `id`, if anything, to be changed.
    pub fn get_mut(&mut self, id: DocumentId) -> Option<&mut T> {
        self.0.get_mut(&id)
    }

    /// What is kept for `id`, if anything.
    pub fn get(&self, id: DocumentId) -> Option<&T> {
        self.0.get(&id)
    }

    /// Gives back what is kept for a snapshot that is closed.
    pub fn forget(&mut self, id: DocumentId) {
        self.0.remove(&id);
    }
}

/// The line above a table.
fn toolbar(ui: &mut egui::Ui, contents: impl FnOnce(&mut egui::Ui)) {
    egui::Frame::new().inner_margin(egui::Margin::symmetric(8, 0)).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.set_height(Theme::BAR_HEIGHT);
            contents(ui);
        });
    });
}

/// All panels.
#[derive(Debug, Default)]
pub struct Panels {
    summary: SummaryPanel,
    comparison: ComparisonPanel,
    side_by_side: SideBySidePanel,
    containment: ContainmentPanel,
    dominators: DominatorsPanel,
    statistics: StatisticsPanel,
    leaks: LeaksPanel,
    growth: GrowthPanel,
    allocation: AllocationPanel,
}

impl Panels {
    /// Draws `panel`.
    pub fn ui(&mut self, panel: Panel, ui: &mut egui::Ui, context: &mut PanelContext<'_>) {
        match panel {
            Panel::Summary => self.summary.ui(ui, context),
            Panel::Comparison => self.comparison.ui(ui, context),
            Panel::SideBySide => self.side_by_side.ui(ui, context),
            Panel::Containment => self.containment.ui(ui, context),
            Panel::Dominators => self.dominators.ui(ui, context),
            Panel::Statistics => self.statistics.ui(ui, context),
            Panel::Leaks => self.leaks.ui(ui, context),
            Panel::Growth => self.growth.ui(ui, context),
            Panel::Allocation => self.allocation.ui(ui, context),
        }
    }

    /// Shows an object in `panel`: opens what it is in and scrolls to it. Panels in which objects
    /// have no one place leave it at the selection.
    pub fn reveal(&mut self, panel: Panel, selection: Selection) {
        match panel {
            Panel::Summary => self.summary.reveal(selection),
            Panel::Dominators => self.dominators.reveal(selection),
            Panel::Comparison
            | Panel::SideBySide
            | Panel::Containment
            | Panel::Statistics
            | Panel::Leaks
            | Panel::Growth
            | Panel::Allocation => {}
        }
    }

    /// Shows the classes whose names hold `text` in `panel`, or in Summary if that shows none;
    /// returns which one it is.
    pub fn filter_classes(&mut self, panel: Panel, text: &str) -> Panel {
        match panel {
            Panel::Comparison => {
                self.comparison.filter_classes(text);
                panel
            }
            Panel::SideBySide => {
                self.side_by_side.filter_classes(text);
                panel
            }
            Panel::Growth => {
                self.growth.filter_classes(text);
                panel
            }
            Panel::Summary
            | Panel::Containment
            | Panel::Dominators
            | Panel::Statistics
            | Panel::Leaks
            | Panel::Allocation => {
                self.summary.filter_classes(text);
                Panel::Summary
            }
        }
    }

    /// Counts only the objects of a snapshot that `filter` lets through.
    pub fn count_objects(&mut self, id: DocumentId, filter: NodeFilter) {
        self.summary.count_objects(id, filter);
    }

    /// The objects of a snapshot that are counted; `None` for all.
    pub fn counted_nodes(&self, id: DocumentId) -> Option<Arc<NodeSet>> {
        self.summary.counted_nodes(id)
    }

    /// Puts the keyboard into the filter box of `panel`, if it has one.
    pub fn focus_filter(&mut self, panel: Panel) {
        match panel {
            Panel::Summary => self.summary.focus_filter(),
            Panel::Comparison => self.comparison.focus_filter(),
            Panel::SideBySide => self.side_by_side.focus_filter(),
            Panel::Growth => self.growth.focus_filter(),
            Panel::Containment | Panel::Dominators | Panel::Statistics | Panel::Leaks | Panel::Allocation => {}
        }
    }

    /// Gives back everything kept about a snapshot that is closed.
    pub fn forget(&mut self, id: DocumentId) {
        self.summary.forget(id);
        self.comparison.forget(id);
        self.side_by_side.forget(id);
        self.containment.forget(id);
        self.dominators.forget(id);
        self.statistics.forget(id);
        self.leaks.forget(id);
        self.growth.forget(id);
        self.allocation.forget(id);
    }
}
