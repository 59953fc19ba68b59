//! Where the user has been: back and forward over every change of panel, snapshot and selection.

use super::place::Place;
use crate::session::DocumentId;

/// How many places are kept.
const KEPT: usize = 1000;

/// Places in order; the present one is among them.
#[derive(Debug, Default)]
pub struct History {
    places: Vec<Place>,
    present: usize,
}

impl History {
    /// Notes where the user is. Going on from an earlier place forgets what came after it.
    pub fn visit(&mut self, place: Place) {
        if self.places.get(self.present) == Some(&place) {
            return;
        }
        self.places.truncate(self.present + 1);
        if self.places.len() == KEPT {
            self.places.remove(0);
        }
        self.places.push(place);
        self.present = self.places.len() - 1;
    }

    /// Notes that the user is at `place` now in place of where they were: no way leads back between
    /// the two, and the way forward stays.
    pub fn amend(&mut self, place: Place) {
        match self.places.get_mut(self.present) {
            Some(present) => *present = place,
            None => self.visit(place),
        }
    }

    /// The places one can go back to, the nearest first.
    pub fn before(&self) -> impl Iterator<Item = &Place> {
        self.places.iter().take(self.present).rev()
    }

    /// Whether there is anything to go back to.
    pub fn can_go_back(&self) -> bool {
        self.present > 0
    }

    /// Whether there is anything to go forward to.
    pub fn can_go_forward(&self) -> bool {
        self.present + 1 < self.places.len()
    }

    /// Goes to the place before.
    pub fn back(&mut self) -> Option<Place> {
        self.present = self.present.checked_sub(1)?;
        self.places.get(self.present).copied()
    }

    /// Goes to the place after.
    pub fn forward(&mut self) -> Option<Place> {
        if !self.can_go_forward() {
            return None;
        }
        self.present += 1;
        self.places.get(self.present).copied()
    }

    /// Forgets everything about a snapshot that is no longer open.
    pub fn forget(&mut self, gone: DocumentId) {
        let kept = |p: &Place| p.snapshot != Some(gone) && p.selection.is_none_or(|s| s.snapshot != gone);
        let before = self.places.iter().take(self.present + 1).filter(|p| kept(p)).count();
        self.places.retain(kept);
        self.places.dedup();
        self.present = before.saturating_sub(1).min(self.places.len().saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::NodeIndex;
    use crate::ui::place::PanelId;
    use crate::ui::selection::Selection;

    fn place(snapshot: u32, node: u32) -> Place {
        let selection = Selection { snapshot: DocumentId(snapshot), node: NodeIndex(node) };
        Place { panel: PanelId::SUMMARY, snapshot: Some(DocumentId(snapshot)), selection: Some(selection) }
    }

    #[test]
    fn going_back_and_forward_returns_to_where_one_was() {
        let mut h = History::default();
        assert!(!h.can_go_back() && !h.can_go_forward());
        for n in [1, 2, 2, 3] {
            h.visit(place(1, n));
        }
        assert_eq!(h.back(), Some(place(1, 2)));
        assert_eq!(h.back(), Some(place(1, 1)));
        assert_eq!(h.back(), None);
        assert_eq!(h.forward(), Some(place(1, 2)));
        h.visit(place(1, 2));
        assert!(h.can_go_forward(), "staying is not going on");
        h.visit(place(1, 9));
        assert_eq!((h.forward(), h.back()), (None, Some(place(1, 2))));
    }

    #[test]
    fn a_place_that_takes_the_place_of_another_leaves_the_way_forward() {
        let mut h = History::default();
        for n in [1, 2, 3] {
            h.visit(place(1, n));
        }
        h.back();
        h.amend(place(1, 7));
        assert_eq!(h.before().collect::<Vec<_>>(), [&place(1, 1)]);
        assert_eq!(h.forward(), Some(place(1, 3)));
        assert_eq!(h.back(), Some(place(1, 7)));
    }

    #[test]
    fn closed_snapshots_leave_the_history() {
        let mut h = History::default();
        for p in [place(1, 1), place(2, 1), place(1, 2), place(2, 2)] {
            h.visit(p);
        }
        h.forget(DocumentId(2));
        assert_eq!(h.back(), Some(place(1, 1)));
        assert_eq!(h.forward(), Some(place(1, 2)));
        h.forget(DocumentId(1));
        assert!(!h.can_go_back() && !h.can_go_forward());
    }

    #[test]
    fn only_the_last_thousand_places_are_kept() {
        let mut h = History::default();
        (0..5000).for_each(|n| h.visit(place(1, n)));
        assert_eq!((0..).take_while(|_| h.back().is_some()).count(), KEPT - 1);
    }
}
