//! Which rows of a lazily opened tree are visible, and where.
//!
//! Every opened row is a *slot*: the order of its children, and those of them that are open in
//! their turn with the number of rows before them. So any row is found in steps of binary search,
//! one for each level, however many millions of closed rows stand around it; opening and closing
//! costs the open siblings along the way up, never the closed ones. Positions in a parent's
//! natural order do not change when it is sorted, so they name rows for good.

use super::model::RowKey;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// The slot of the top level.
pub(super) const ROOT: u32 = 0;

/// The children of an opened row as they are shown.
#[derive(Debug, Clone, Default)]
pub enum Order {
    /// Being sorted: one row holds the place.
    #[default]
    Pending,
    /// Positions in natural order, in the order shown; may leave some out.
    Ready(Arc<[u32]>),
}

#[derive(Debug, Clone)]
struct Slot<T> {
    /// What was opened; `None` for the top level.
    item: Option<T>,
    /// The slot it is a child of; always a smaller number than its own.
    parent: u32,
    /// Where it stands among the parent's children as shown; `None` while it is left out.
    position: Option<u32>,
    /// How deep its children stand.
    level: u32,
    is_open: bool,
    order: Order,
    /// Slots of the children that were ever opened, by natural position.
    kids: BTreeMap<u32, u32>,
    /// The children that are open and shown, by position.
    open: Vec<OpenKid>,
    /// Rows inside.
    extent: u64,
}

#[derive(Debug, Clone, Copy)]
struct OpenKid {
    position: u32,
    slot: u32,
    /// Rows inside open children that stand before this one.
    before: u64,
}

/// The item at a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The slot it is a child of.
    pub slot: u32,
    /// Its natural position there; `None` for the row that holds the place of children.
    pub child: Option<u32>,
}

/// The visible rows of a tree whose opened rows carry a `T`.
#[derive(Debug, Clone)]
pub struct VisibleTree<T> {
    number: u32,
    slots: Vec<Slot<T>>,
    revision: u64,
}

impl<T> Default for VisibleTree<T> {
    fn default() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let root = Slot {
            item: None,
            parent: ROOT,
            position: Some(0),
            level: 0,
            is_open: true,
            order: Order::Pending,
            kids: BTreeMap::new(),
            open: Vec::new(),
            extent: 1,
        };
        Self { number: NEXT.fetch_add(1, Ordering::Relaxed), slots: vec![root], revision: 0 }
    }
}

impl<T> VisibleTree<T> {
    /// How many rows are visible.
    pub fn row_count(&self) -> u64 {
        self.slots[ROOT as usize].extent
    }

    /// Changes whenever rows may have moved.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// How many rows were ever opened, the top level among them.
    pub fn slot_count(&self) -> u32 {
        self.slots.len() as u32
    }

    fn slot(&self, slot: u32) -> &Slot<T> {
        &self.slots[slot as usize]
    }

    fn slot_mut(&mut self, slot: u32) -> &mut Slot<T> {
        &mut self.slots[slot as usize]
    }

    /// What was opened at `slot`; `None` for the top level.
    pub fn item(&self, slot: u32) -> Option<&T> {
        self.slot(slot).item.as_ref()
    }

    /// How deep the children of `slot` stand.
    pub fn level(&self, slot: u32) -> u32 {
        self.slot(slot).level
    }

    /// The slot that `slot` is a child of; `None` for the top level.
    pub fn parent(&self, slot: u32) -> Option<u32> {
        (slot != ROOT).then(|| self.slot(slot).parent)
    }

    /// Whether `slot` is open itself; it may still be hidden inside a closed one.
    pub fn is_open(&self, slot: u32) -> bool {
        self.slot(slot).is_open
    }

    /// The order of the children of `slot`.
    pub fn order(&self, slot: u32) -> &Order {
        &self.slot(slot).order
    }

    /// The slot of the child at natural position `child` of `slot`, if it was ever opened.
    pub fn slot_of_child(&self, slot: u32, child: u32) -> Option<u32> {
        self.slot(slot).kids.get(&child).copied()
    }

    /// The name of the child at natural position `child` of `slot`.
    pub fn key(&self, slot: u32, child: u32) -> RowKey {
        RowKey { tree: self.number, slot, child }
    }

    /// The item at `row`.
    pub fn locate(&self, row: u64) -> Option<Place> {
        if row >= self.row_count() {
            return None;
        }
        let (mut slot, mut offset) = (ROOT, row);
        loop {
            let s = self.slot(slot);
            let Order::Ready(order) = &s.order else { return Some(Place { slot, child: None }) };
            // The last open child at or before the offset.
            let after = s.open.partition_point(|k| u64::from(k.position) + k.before <= offset);
            let Some(kid) = after.checked_sub(1).map(|i| s.open[i]) else {
                return Some(Place { slot, child: Some(order[offset as usize]) });
            };
            let into = offset - (u64::from(kid.position) + kid.before);
            let extent = self.slot(kid.slot).extent;
            if into == 0 {
                return Some(Place { slot, child: Some(order[kid.position as usize]) });
            } else if into <= extent {
                (slot, offset) = (kid.slot, into - 1);
            } else {
                return Some(Place { slot, child: Some(order[(offset - kid.before - extent) as usize]) });
            }
        }
    }

    /// The row of the child at display position `position` of `slot`, if all above it is open.
    fn row_at(&self, slot: u32, position: u32) -> Option<u64> {
        let (mut slot, mut position, mut row) = (slot, position, 0);
        loop {
            let s = self.slot(slot);
            if !s.is_open {
                return None;
            }
            let earlier = s.open.partition_point(|k| k.position < position);
            let inside = earlier.checked_sub(1).map_or(0, |i| s.open[i].before + self.slot(s.open[i].slot).extent);
            row += u64::from(position) + inside;
            if slot == ROOT {
                return Some(row);
            }
            row += 1;
            (slot, position) = (s.parent, s.position?);
        }
    }

    /// The row that was opened as `slot`; `None` for the top level and while it is hidden.
    pub fn row_of_slot(&self, slot: u32) -> Option<u64> {
        let s = self.slot(slot);
        if slot == ROOT { None } else { self.row_at(s.parent, s.position?) }
    }

    /// The row of the child at natural position `child` of `slot`. Searches the children of
    /// `slot` one by one: for what was asked for, not for every frame.
    pub fn row_of(&self, slot: u32, child: u32) -> Option<u64> {
        let Order::Ready(order) = &self.slots.get(slot as usize)?.order else { return None };
        let position = order.iter().position(|&c| c == child)?;
        self.row_at(slot, position as u32)
    }

    /// Where the row named `key` is now.
    pub fn find(&self, key: RowKey) -> Option<u64> {
        if key.tree == self.number { self.row_of(key.slot, key.child) } else { None }
    }

    /// Makes a slot for the child at natural position `child` of `parent`, or finds the one it
    /// has. It is closed, and its children are pending.
    pub fn add(&mut self, parent: u32, child: u32, item: T) -> u32 {
        if let Some(slot) = self.slot_of_child(parent, child) {
            return slot;
        }
        let position = match &self.slot(parent).order {
            Order::Ready(order) => order.iter().position(|&c| c == child).map(|p| p as u32),
            Order::Pending => None,
        };
        let level = self.slot(parent).level + 1;
        let slot = self.slots.len() as u32;
        self.slots.push(Slot {
            item: Some(item),
            parent,
            position,
            level,
            is_open: false,
            order: Order::Pending,
            kids: BTreeMap::new(),
            open: Vec::new(),
            extent: 1,
        });
        self.slot_mut(parent).kids.insert(child, slot);
        slot
    }

    /// Opens or closes `slot`. What is open inside it stays so.
    pub fn set_open(&mut self, slot: u32, is_open: bool) {
        self.set_open_all(&[slot], is_open);
    }

    /// Opens or closes many slots at the price of one.
    pub fn set_open_all(&mut self, slots: &[u32], is_open: bool) {
        for &slot in slots {
            self.slot_mut(slot).is_open = is_open || slot == ROOT;
        }
        self.recount(slots);
    }

    /// Shows the children of `slot` in another order.
    pub fn set_order(&mut self, slot: u32, order: Order) {
        self.set_orders(vec![(slot, order)]);
    }

    /// Shows the children of many slots in other orders at the price of one.
    pub fn set_orders(&mut self, orders: Vec<(u32, Order)>) {
        let slots: Vec<u32> = orders.iter().map(|(slot, _)| *slot).collect();
        for (slot, order) in orders {
            let kids = std::mem::take(&mut self.slot_mut(slot).kids);
            for &kid in kids.values() {
                self.slot_mut(kid).position = None;
            }
            if let (Order::Ready(order), false) = (&order, kids.is_empty()) {
                for (position, child) in order.iter().enumerate() {
                    if let Some(&kid) = kids.get(child) {
                        self.slot_mut(kid).position = Some(position as u32);
                    }
                }
            }
            let s = self.slot_mut(slot);
            s.kids = kids;
            s.order = order;
        }
        self.recount(&slots);
    }

    /// Counts the rows inside `changed` and all above them again.
    fn recount(&mut self, changed: &[u32]) {
        self.revision += 1;
        // Parents have smaller numbers than their children, so going down through the numbers
        // finishes children first.
        let mut dirty: std::collections::BTreeSet<u32> = changed.iter().copied().collect();
        while let Some(slot) = dirty.pop_last() {
            let s = self.slot(slot);
            let mut open: Vec<OpenKid> = s
                .kids
                .values()
                .filter_map(|&kid| {
                    let k = self.slot(kid);
                    (k.is_open).then_some(OpenKid { position: k.position?, slot: kid, before: 0 })
                })
                .collect();
            open.sort_unstable_by_key(|k| k.position);
            let mut inside = 0;
            for kid in &mut open {
                kid.before = inside;
                inside += self.slot(kid.slot).extent;
            }
            let own = match &s.order {
                Order::Pending => 1,
                Order::Ready(order) => order.len() as u64,
            };
            let s = self.slot_mut(slot);
            s.open = open;
            s.extent = own + inside;
            if slot != ROOT {
                dirty.insert(s.parent);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready(order: impl IntoIterator<Item = u32>) -> Order {
        Order::Ready(order.into_iter().collect())
    }

    /// All visible rows as `level:child`, or `level:…` for placeholders.
    fn rows(tree: &VisibleTree<()>) -> String {
        (0..tree.row_count())
            .map(|row| {
                let place = tree.locate(row).unwrap();
                let level = tree.level(place.slot);
                match place.child {
                    Some(child) => {
                        let key = tree.key(place.slot, child);
                        assert_eq!(tree.find(key), Some(row), "finding is the inverse of locating");
                        format!("{level}:{child}")
                    }
                    None => format!("{level}:…"),
                }
            })
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn rows_inside_stand_after_the_row_they_belong_to() {
        let mut tree = VisibleTree::default();
        assert_eq!(rows(&tree), "0:…", "children that are being sorted have a row that holds their place");
        tree.set_order(ROOT, ready([2, 0, 1]));
        assert_eq!(rows(&tree), "0:2 0:0 0:1");
        let zero = tree.add(ROOT, 0, ());
        tree.set_open(zero, true);
        assert_eq!(rows(&tree), "0:2 0:0 1:… 0:1");
        tree.set_order(zero, ready([7, 9]));
        let seven = tree.add(zero, 7, ());
        tree.set_order(seven, ready([3]));
        tree.set_open(seven, true);
        assert_eq!(rows(&tree), "0:2 0:0 1:7 2:3 1:9 0:1");
        assert_eq!(tree.row_of_slot(seven), Some(2));
        assert_eq!(tree.row_of_slot(zero), Some(1));
        assert_eq!(tree.locate(6), None);
    }

    #[test]
    fn closing_hides_what_is_inside_and_opening_brings_it_back_as_it_was() {
        let mut tree = VisibleTree::default();
        tree.set_order(ROOT, ready(0..2));
        let zero = tree.add(ROOT, 0, ());
        tree.set_order(zero, ready(0..2));
        let inner = tree.add(zero, 1, ());
        tree.set_order(inner, ready(0..1));
        tree.set_open_all(&[zero, inner], true);
        assert_eq!(rows(&tree), "0:0 1:0 1:1 2:0 0:1");
        tree.set_open(zero, false);
        assert_eq!(rows(&tree), "0:0 0:1");
        assert_eq!(tree.row_of(inner, 0), None);
        tree.set_open(zero, true);
        assert_eq!(rows(&tree), "0:0 1:0 1:1 2:0 0:1");
    }

    #[test]
    fn sorting_moves_open_rows_with_what_is_inside_them_and_filtering_hides_them() {
        let mut tree = VisibleTree::default();
        tree.set_order(ROOT, ready(0..3));
        let one = tree.add(ROOT, 1, ());
        tree.set_order(one, ready([5]));
        tree.set_open(one, true);
        assert_eq!(rows(&tree), "0:0 0:1 1:5 0:2");
        tree.set_order(ROOT, ready([2, 1, 0]));
        assert_eq!(rows(&tree), "0:2 0:1 1:5 0:0");
        tree.set_order(ROOT, ready([2, 0]));
        assert_eq!(rows(&tree), "0:2 0:0");
        assert_eq!(tree.row_of(one, 5), None);
        tree.set_order(ROOT, ready([1]));
        assert_eq!(rows(&tree), "0:1 1:5");
    }

    #[test]
    fn names_of_another_tree_find_nothing() {
        let (mut a, mut b) = (VisibleTree::<()>::default(), VisibleTree::<()>::default());
        a.set_order(ROOT, ready(0..3));
        b.set_order(ROOT, ready(0..3));
        assert_eq!(a.find(a.key(ROOT, 2)), Some(2));
        assert_eq!(b.find(a.key(ROOT, 2)), None);
    }

    #[test]
    fn forty_million_rows_with_open_ones_among_them_are_counted_exactly() {
        let mut tree = VisibleTree::default();
        tree.set_order(ROOT, ready(0..20_000_000));
        let last = tree.add(ROOT, 19_999_999, ());
        let mid = tree.add(ROOT, 10_000_000, ());
        tree.set_orders(vec![(last, ready(0..20_000_000)), (mid, ready(0..3))]);
        tree.set_open_all(&[last, mid], true);
        assert_eq!(tree.row_count(), 40_000_003);
        assert_eq!(tree.locate(40_000_002), Some(Place { slot: last, child: Some(19_999_999) }));
        assert_eq!(tree.locate(10_000_003), Some(Place { slot: mid, child: Some(2) }));
        assert_eq!(tree.locate(10_000_004), Some(Place { slot: ROOT, child: Some(10_000_001) }));
        assert_eq!(tree.row_of(last, 0), Some(20_000_003));
    }

    #[test]
    fn a_thousand_levels_are_walked_without_recursion() {
        let mut tree = VisibleTree::default();
        tree.set_order(ROOT, ready([0]));
        let mut slot = ROOT;
        for _ in 0..1000 {
            slot = tree.add(slot, 0, ());
            tree.set_order(slot, ready([0]));
            tree.set_open(slot, true);
        }
        assert_eq!(tree.row_count(), 1001);
        assert_eq!(tree.locate(1000), Some(Place { slot, child: Some(0) }));
        assert_eq!(tree.row_of(slot, 0), Some(1000));
    }
}
