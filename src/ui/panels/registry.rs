//! The panels there are, and which of them serve which documents.

use super::Panel;
use super::allocation::AllocationPanel;
use super::comparison::ComparisonPanel;
use super::containment::ContainmentPanel;
use super::dominators::DominatorsPanel;
use super::growth::GrowthPanel;
use super::leaks::LeaksPanel;
use super::map::MapPanel;
use super::profile::ProfilePanel;
use super::side_by_side::SideBySidePanel;
use super::sources::SourcesPanel;
use super::statistics::StatisticsPanel;
use super::summary::SummaryPanel;
use crate::analysis::tables::filters::NodeFilter;
use crate::graph::NodeSet;
use crate::session::{DocumentId, DocumentKind};
use crate::ui::place::PanelId;
use std::sync::Arc;

/// All panels, in the order of the bar. Of the panels for one kind of document the first nine
/// have the keys Ctrl+1 to Ctrl+9, so a new one goes behind the others of its kind.
const ALL: &[fn() -> Box<dyn Panel>] = &[
    make::<SummaryPanel>,
    make::<ComparisonPanel>,
    make::<SideBySidePanel>,
    make::<ContainmentPanel>,
    make::<DominatorsPanel>,
    make::<StatisticsPanel>,
    make::<LeaksPanel>,
    make::<GrowthPanel>,
    make::<AllocationPanel>,
    make::<SourcesPanel>,
    make::<MapPanel>,
    // Those of profiles.
    make::<ProfilePanel<0>>,
    make::<ProfilePanel<1>>,
    make::<ProfilePanel<2>>,
    make::<ProfilePanel<3>>,
    make::<ProfilePanel<4>>,
];

fn make<P: Panel + Default + 'static>() -> Box<dyn Panel> {
    Box::<P>::default()
}

/// All panels with what they keep.
#[derive(Debug)]
pub struct Panels(Vec<Box<dyn Panel>>);

impl Default for Panels {
    fn default() -> Self {
        Self(ALL.iter().map(|make| make()).collect())
    }
}

impl Panels {
    /// One more, behind the others.
    pub fn add(&mut self, panel: impl Panel + 'static) {
        self.0.push(Box::new(panel));
    }

    /// All of them, in the order of the bar.
    pub fn all(&self) -> impl Iterator<Item = &dyn Panel> {
        self.0.iter().map(|panel| &**panel)
    }

    /// Those that serve documents of `kind`, in order: the number of a panel is its place here,
    /// beginning at 1, whether it is offered or not.
    pub fn serving(&self, kind: DocumentKind) -> impl Iterator<Item = &dyn Panel> {
        self.all().filter(move |panel| panel.kinds().contains(&kind))
    }

    /// The panel with this number among those of documents of `kind`.
    pub fn numbered(&self, number: usize, kind: DocumentKind) -> Option<PanelId> {
        Some(self.serving(kind).nth(number.checked_sub(1)?)?.id())
    }

    /// The panel of this name.
    pub fn get(&self, id: PanelId) -> Option<&dyn Panel> {
        self.all().find(|panel| panel.id() == id)
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, id: PanelId) -> Option<&mut (dyn Panel + 'static)> {
        Some(&mut **self.0.iter_mut().find(|panel| panel.id() == id)?)
    }

    /// The id of the panel called `name`, as the settings have it.
    pub fn find(&self, name: &str) -> Option<PanelId> {
        self.all().map(Panel::id).find(|id| id.0 == name)
    }

    /// Shows the classes whose names hold `text` in `panel`, or in the first that shows classes if
    /// that one does not; returns which one it is.
    pub fn filter_classes(&mut self, panel: PanelId, text: &str) -> PanelId {
        let shown = self.get_mut(panel).is_some_and(|panel| panel.filter_classes(text));
        if shown {
            return panel;
        }
        self.0.iter_mut().find_map(|panel| panel.filter_classes(text).then(|| panel.id())).unwrap_or(panel)
    }

    /// Counts only the objects of a snapshot that `filter` lets through.
    pub fn count_objects(&mut self, id: DocumentId, filter: &NodeFilter) {
        self.0.iter_mut().for_each(|panel| panel.count_objects(id, filter));
    }

    /// The objects of a snapshot that are counted; `None` for all.
    pub fn counted_nodes(&self, id: DocumentId) -> Option<Arc<NodeSet>> {
        self.all().find_map(|panel| panel.counted_nodes(id))
    }

    /// Keeps what the user did with `old` for `new`, which the same file is read into.
    pub fn replace(&mut self, old: DocumentId, new: DocumentId) {
        self.0.iter_mut().for_each(|panel| panel.replace(old, new));
    }

    /// Gives back everything kept about a document that is closed.
    pub fn forget(&mut self, id: DocumentId) {
        self.0.iter_mut().for_each(|panel| panel.forget(id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_panels_share_a_name_and_each_says_what_it_shows() {
        let panels = Panels::default();
        for (at, panel) in panels.all().enumerate() {
            assert!(panels.all().skip(at + 1).all(|other| other.id() != panel.id()), "{:?}", panel.id());
            assert!(!panel.title().is_empty() && !panel.help().is_empty() && !panel.kinds().is_empty());
            assert_eq!(panels.find(panel.id().0), Some(panel.id()));
        }
    }

    #[test]
    fn panels_of_snapshots_keep_the_numbers_that_people_know() {
        let panels = Panels::default();
        let titles: Vec<&str> = panels.serving(DocumentKind::Snapshot).map(Panel::title).take(9).collect();
        let known = "Summary Comparison Side-by-side Containment Dominators Statistics Leaks Growth Allocation";
        assert_eq!(titles.join(" ").replace("Side by side", "Side-by-side"), known);
        assert_eq!(panels.numbered(1, DocumentKind::Snapshot), Some(PanelId::SUMMARY));
        assert_eq!(panels.numbered(0, DocumentKind::Snapshot), None);
    }
}
