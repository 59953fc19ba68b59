//! A tree that makes rows when they are looked at and sorts long lists in the background.

use super::model::{Cell, Column, Expansion, MakeAnswer, RowKey, RowView, Sort, Span, Tone, TreeModel};
use super::visible::{Order, Place, ROOT, VisibleTree};
use crate::progress::{CancelToken, Cancelled};
use crate::relation::Answer;
use crate::session::job::{FrontEnd, Job};
use crate::session::row_name::{RowName, RowPath};
use crate::units;
use std::sync::Arc;

/// Lists up to this long are sorted at once: that takes less than a frame.
const SORTED_AT_ONCE: u32 = 20_000;

/// Opening everything inside a row stops after this many rows.
const OPENED_TOGETHER: usize = 250;

/// At most this many rows are opened again by their names.
const OPENED_AGAIN: usize = 2_000;

/// … and this many levels.
const LEVELS_TOGETHER: u32 = 8;

/// What a tree shows: immutable, and asked from other threads too while sorting.
///
/// Children are numbered in *natural order*, which never changes; showing them in another order,
/// or leaving some out, is the business of [`TreeSource::order`].
pub trait TreeSource: Send + Sync + 'static {
    /// What a row stands for; small.
    type Item: Clone + Send + Sync + 'static;

    /// The columns; the first holds the tree.
    fn columns(&self) -> Vec<Column>;

    /// How many children `parent` has, in natural order; `None` is the top level.
    fn child_count(&self, parent: Option<&Self::Item>) -> u32;

    /// The child at `position` of the natural order.
    fn child(&self, parent: Option<&Self::Item>, position: u32) -> Self::Item;

    /// The children as shown: positions in natural order, sorted, less those that are left out.
    /// Called on another thread for long lists; polls `cancel` now and then.
    fn order(
        &self,
        parent: Option<&Self::Item>,
        sort: Option<Sort>,
        cancel: &CancelToken,
    ) -> Result<Vec<u32>, Cancelled>;

    /// Whether `item` can be opened.
    fn is_expandable(&self, item: &Self::Item, ancestors: Ancestors<'_, Self::Item>) -> bool;

    /// The row of `item`. Level and expansion are filled in by the tree.
    fn row(&self, item: &Self::Item, ancestors: Ancestors<'_, Self::Item>) -> RowView;

    /// What `item` is called among its siblings, in this version of a file and in others; `None`
    /// where nothing about it lasts.
    fn name(&self, _item: &Self::Item) -> Option<RowName> {
        None
    }

    /// The position in natural order of the child of `parent` that is called `name`.
    fn find(&self, parent: Option<&Self::Item>, name: &RowName) -> Option<u32> {
        (0..self.child_count(parent)).find(|&at| self.name(&self.child(parent, at)).as_ref() == Some(name))
    }

    /// The table with the rows of `tree`, as it is exported: what the command that has it answers.
    fn exported(&self, tree: &LazyTree<Self>) -> Answer<'static>
    where
        Self: Sized;

    /// What hovering over a cell says.
    fn tooltip(&self, _item: &Self::Item, _ancestors: Ancestors<'_, Self::Item>, _column: usize) -> Option<String> {
        None
    }

    /// Whether the first child shown, `child`, opens by itself when its parent was opened; `steps`
    /// says how many rows have opened by themselves since the user opened one.
    fn opens_by_itself(&self, _child: &Self::Item, _steps: u32) -> bool {
        false
    }
}

/// What a row stands in, nearest first.
pub struct Ancestors<'a, T> {
    tree: &'a VisibleTree<T>,
    slot: Option<u32>,
}

impl<T> Clone for Ancestors<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Ancestors<'_, T> {}

impl<'a, T> Iterator for Ancestors<'a, T> {
    type Item = &'a T;

    fn next(&mut self) -> Option<&'a T> {
        let slot = self.slot?;
        self.slot = self.tree.parent(slot);
        self.tree.item(slot)
    }
}

impl<T> Ancestors<'_, T> {
    pub fn level(&self) -> u32 {
        self.slot.map_or(0, |slot| self.tree.level(slot))
    }
}

type SortJob = Job<Result<Vec<u32>, Cancelled>>;

/// A list that is being sorted, and how many rows had opened by themselves before it.
struct Sorting {
    slot: u32,
    job: SortJob,
}

/// The rows of a [`TreeSource`].
pub struct LazyTree<S: TreeSource> {
    source: Arc<S>,
    columns: Vec<Column>,
    sort: Option<Sort>,
    tree: VisibleTree<S::Item>,
    /// By slot: which [`LazyTree::version`] its order belongs to.
    ordered: Vec<u64>,
    /// Counts changes of order.
    version: u64,
    sorting: Vec<Sorting>,
    /// Slots whose first child may open by itself once their order is there, with the steps so far.
    following: Vec<(u32, u32)>,
    front_end: FrontEnd,
}

impl<S: TreeSource> std::fmt::Debug for LazyTree<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LazyTree")
            .field("rows", &self.tree.row_count())
            .field("sort", &self.sort)
            .finish_non_exhaustive()
    }
}

impl<S: TreeSource> LazyTree<S> {
    /// The rows of `source`, all closed. `front_end` is woken when background sorting is done.
    pub fn new(source: S, sort: Option<Sort>, front_end: &FrontEnd) -> Self {
        let columns = source.columns();
        let mut tree = Self {
            source: Arc::new(source),
            columns,
            sort,
            tree: VisibleTree::default(),
            ordered: vec![0],
            version: 1,
            sorting: Vec::new(),
            following: Vec::new(),
            front_end: front_end.clone(),
        };
        tree.order_slots(vec![ROOT]);
        tree
    }

    /// What is shown.
    pub fn source(&self) -> &S {
        &self.source
    }

    /// Shows `source` instead, whose rows are numbered like those of the one before: what is open
    /// stays open. For filters and the like, which leave rows out or order them differently.
    pub fn update(&mut self, source: S) {
        self.columns = source.columns();
        self.source = Arc::new(source);
        self.order_all();
    }

    /// Whether anything is being sorted in the background.
    pub fn is_sorting(&self) -> bool {
        !self.sorting.is_empty()
    }

    /// The item at `row`.
    pub fn item(&self, row: u64) -> Option<S::Item> {
        let place = self.tree.locate(row)?;
        Some(self.child(place.slot, place.child?))
    }

    /// What the row named `key` stands for, visible or not.
    pub fn item_of(&self, key: RowKey) -> Option<S::Item> {
        let in_range = key.slot < self.tree.slot_count() && self.tree.key(key.slot, key.child) == key;
        let count = || self.source.child_count(self.tree.item(key.slot));
        (in_range && key.child < count()).then(|| self.child(key.slot, key.child))
    }

    /// What the row at `row` stands in.
    pub fn ancestors(&self, row: u64) -> Option<Ancestors<'_, S::Item>> {
        Some(self.ancestors_in(self.tree.locate(row)?.slot))
    }

    /// Opens the way to the row at the end of `path`, natural positions from the top level on, and
    /// names it. It can be found once all lists on the way are sorted.
    pub fn reveal(&mut self, path: &[u32]) -> Option<RowKey> {
        let (last, way) = path.split_last()?;
        let mut slot = ROOT;
        for &child in way {
            slot = self.open_child(slot, child)?;
        }
        (*last < self.source.child_count(self.tree.item(slot))).then(|| self.tree.key(slot, *last))
    }

    /// What the row named `key` is called from the top level on.
    pub fn path_of(&self, key: RowKey) -> Option<RowPath> {
        let item = self.item_of(key)?;
        let above = self.ancestors_in(key.slot).map(|item| self.source.name(item));
        let mut names: Vec<RowName> = std::iter::once(self.source.name(&item)).chain(above).collect::<Option<_>>()?;
        names.reverse();
        Some(RowPath(names))
    }

    /// What the rows that are open are called, those inside others after them.
    pub fn open_paths(&self) -> Vec<RowPath> {
        let mut paths: Vec<Option<RowPath>> = vec![Some(RowPath::default())];
        for slot in 1..self.tree.slot_count() {
            let above = self.tree.parent(slot).and_then(|parent| paths[parent as usize].clone());
            let name = self.tree.item(slot).filter(|_| self.tree.is_open(slot)).and_then(|item| self.source.name(item));
            paths.push(above.zip(name).map(|(mut path, name)| {
                path.0.push(name);
                path
            }));
        }
        paths.into_iter().skip(1).flatten().take(OPENED_AGAIN).collect()
    }

    /// Opens the rows that are called so, as far as there are such.
    pub fn open_again(&mut self, paths: &[RowPath]) {
        for path in paths.iter().take(OPENED_AGAIN) {
            let Some(way) = self.positions(path) else { continue };
            let mut slot = Some(ROOT);
            for child in way {
                slot = slot.and_then(|slot| self.open_child(slot, child));
            }
        }
    }

    /// Opens the way to the row that is called so, and names it.
    pub fn reveal_path(&mut self, path: &RowPath) -> Option<RowKey> {
        let way = self.positions(path)?;
        self.reveal(&way)
    }

    /// Natural positions from the top level on of the row that is called so.
    fn positions(&self, path: &RowPath) -> Option<Vec<u32>> {
        let mut parent: Option<S::Item> = None;
        let mut way = Vec::with_capacity(path.0.len());
        for name in &path.0 {
            let at = self.source.find(parent.as_ref(), name)?;
            way.push(at);
            parent = Some(self.source.child(parent.as_ref(), at));
        }
        Some(way)
    }

    /// The items of the top level, in the order shown.
    pub fn top_level(&self) -> Vec<S::Item> {
        match self.tree.order(ROOT) {
            Order::Ready(order) => order.iter().map(|&child| self.child(ROOT, child)).collect(),
            Order::Pending => Vec::new(),
        }
    }

    /// The item of each visible row, from the first on, with its parent.
    pub fn visible(&self) -> impl Iterator<Item = (S::Item, Ancestors<'_, S::Item>)> {
        (0..self.tree.row_count()).filter_map(|row| {
            let Place { slot, child } = self.tree.locate(row)?;
            Some((self.child(slot, child?), self.ancestors_in(slot)))
        })
    }

    fn child(&self, slot: u32, child: u32) -> S::Item {
        self.source.child(self.tree.item(slot), child)
    }

    fn ancestors_in(&self, slot: u32) -> Ancestors<'_, S::Item> {
        Ancestors { tree: &self.tree, slot: Some(slot) }
    }

    fn is_expandable(&self, slot: u32, item: &S::Item) -> bool {
        self.source.is_expandable(item, self.ancestors_in(slot))
    }

    /// Makes sure the child is open; `None` where it does not exist or cannot be opened.
    fn open_child(&mut self, slot: u32, child: u32) -> Option<u32> {
        let kid = self.slot_for(slot, child)?;
        self.tree.set_open(kid, true);
        self.order_slots(vec![kid]);
        Some(kid)
    }

    /// The slot of a child that can be opened; it may be closed.
    fn slot_for(&mut self, slot: u32, child: u32) -> Option<u32> {
        if let Some(kid) = self.tree.slot_of_child(slot, child) {
            return Some(kid);
        }
        if child >= self.source.child_count(self.tree.item(slot)) {
            return None;
        }
        let item = self.child(slot, child);
        if !self.is_expandable(slot, &item) {
            return None;
        }
        let kid = self.tree.add(slot, child, item);
        self.ordered.resize(self.tree.slot_count() as usize, 0);
        Some(kid)
    }

    /// Orders all lists that are open now; closed ones when they are opened.
    fn order_all(&mut self) {
        self.version += 1;
        let mut shown = vec![false; self.tree.slot_count() as usize];
        for slot in 0..self.tree.slot_count() {
            // Parents have smaller numbers, so theirs are known already.
            shown[slot as usize] = self.tree.parent(slot).is_none_or(|p| shown[p as usize]) && self.tree.is_open(slot);
        }
        self.order_slots((0..self.tree.slot_count()).filter(|&s| shown[s as usize]).collect());
    }

    /// Orders the lists of `slots` that are not in today's order: short ones at once, long ones
    /// in the background, where they keep the order they had until then.
    fn order_slots(&mut self, slots: Vec<u32>) {
        let mut orders = Vec::new();
        for slot in slots {
            if self.ordered[slot as usize] == self.version {
                continue;
            }
            self.ordered[slot as usize] = self.version;
            self.sorting.retain(|s| s.slot != slot);
            let item = self.tree.item(slot).cloned();
            let count = self.source.child_count(item.as_ref());
            if count <= SORTED_AT_ONCE {
                if let Ok(order) = self.source.order(item.as_ref(), self.sort, &CancelToken::default()) {
                    orders.push((slot, Order::Ready(order.into())));
                }
            } else {
                let (source, sort) = (Arc::clone(&self.source), self.sort);
                let description = format!("Sorting {} rows", units::count(count.into()));
                let job = Job::spawn("sort", description, &self.front_end, move |progress| {
                    source.order(item.as_ref(), sort, progress.token())
                });
                self.sorting.push(Sorting { slot, job });
            }
        }
        self.tree.set_orders(orders);
    }

    /// Goes on opening first children by themselves, where lists are ready.
    fn follow(&mut self) {
        while let Some(at) =
            self.following.iter().position(|(slot, _)| matches!(self.tree.order(*slot), Order::Ready(_)))
        {
            let (slot, steps) = self.following.swap_remove(at);
            let Order::Ready(order) = self.tree.order(slot) else { continue };
            let Some(&first) = order.first() else { continue };
            if self.source.opens_by_itself(&self.child(slot, first), steps)
                && let Some(kid) = self.open_child(slot, first)
            {
                self.following.push((kid, steps + 1));
            }
        }
    }

    /// Opens first children of the top level by themselves, as after opening a row.
    pub fn follow_from_top(&mut self) {
        self.following.push((ROOT, 0));
        self.follow();
    }

    /// The row that holds the place of the children of `slot`.
    fn placeholder(&self, slot: u32) -> RowView {
        let count = self.source.child_count(self.tree.item(slot));
        let text = format!("Sorting {} rows…", units::count(count.into()));
        RowView {
            level: self.tree.level(slot),
            is_dimmed: true,
            is_placeholder: true,
            ..RowView::new(vec![Cell::Text(vec![Span::words(text, Tone::Quiet)])])
        }
    }
}

impl<S: TreeSource> TreeModel for LazyTree<S> {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn row_count(&self) -> u64 {
        self.tree.row_count()
    }

    fn row(&self, row: u64) -> Option<RowView> {
        let Place { slot, child } = self.tree.locate(row)?;
        let Some(child) = child else { return Some(self.placeholder(slot)) };
        let item = self.child(slot, child);
        let mut view = self.source.row(&item, self.ancestors_in(slot));
        view.level = self.tree.level(slot);
        view.expansion = match self.tree.slot_of_child(slot, child) {
            Some(kid) if self.tree.is_open(kid) => Expansion::Expanded,
            _ if self.is_expandable(slot, &item) => Expansion::Collapsed,
            _ => Expansion::Leaf,
        };
        Some(view)
    }

    fn key(&self, row: u64) -> Option<RowKey> {
        let place = self.tree.locate(row)?;
        Some(self.tree.key(place.slot, place.child?))
    }

    fn find(&self, key: RowKey) -> Option<u64> {
        self.tree.find(key)
    }

    fn parent(&self, row: u64) -> Option<u64> {
        self.tree.row_of_slot(self.tree.locate(row)?.slot)
    }

    fn set_expanded(&mut self, row: u64, expanded: bool) {
        let Some(Place { slot, child: Some(child) }) = self.tree.locate(row) else { return };
        if expanded {
            if let Some(kid) = self.open_child(slot, child) {
                self.following.push((kid, 0));
                self.follow();
            }
        } else if let Some(kid) = self.tree.slot_of_child(slot, child) {
            self.tree.set_open(kid, false);
        }
    }

    fn set_expanded_below(&mut self, row: u64, expanded: bool) {
        let Some(Place { slot, child: Some(child) }) = self.tree.locate(row) else { return };
        let top = match expanded {
            true => self.open_child(slot, child),
            false => self.tree.slot_of_child(slot, child),
        };
        let Some(top) = top else { return };
        if !expanded {
            // Slots inside have greater numbers than the one they are in.
            let mut inside = vec![false; self.tree.slot_count() as usize];
            inside[top as usize] = true;
            for s in top + 1..self.tree.slot_count() {
                inside[s as usize] = self.tree.parent(s).is_some_and(|p| inside[p as usize]);
            }
            let all: Vec<u32> = (top..self.tree.slot_count()).filter(|&s| inside[s as usize]).collect();
            self.tree.set_open_all(&all, false);
            return;
        }
        let deepest = self.tree.level(top) + LEVELS_TOGETHER;
        let mut level = vec![top];
        let mut opened = 0;
        while !level.is_empty() && opened < OPENED_TOGETHER {
            let mut next = Vec::new();
            for slot in level {
                let Order::Ready(order) = self.tree.order(slot) else { continue };
                let order = Arc::clone(order);
                for &child in order.iter().take(OPENED_TOGETHER.saturating_sub(opened + next.len())) {
                    if self.tree.level(slot) < deepest
                        && let Some(kid) = self.slot_for(slot, child)
                    {
                        next.push(kid);
                    }
                }
            }
            opened += next.len();
            self.tree.set_open_all(&next, true);
            self.order_slots(next.clone());
            level = next;
        }
    }

    fn sort(&self) -> Option<Sort> {
        self.sort
    }

    fn set_sort(&mut self, sort: Sort) {
        if self.sort != Some(sort) {
            self.sort = Some(sort);
            self.order_all();
        }
    }

    fn tooltip(&self, row: u64, column: usize) -> Option<String> {
        let place = self.tree.locate(row)?;
        let item = self.child(place.slot, place.child?);
        self.source.tooltip(&item, self.ancestors_in(place.slot), column)
    }

    fn revision(&self) -> u64 {
        self.tree.revision()
    }

    fn export(&self) -> MakeAnswer {
        let unsorted: Vec<u32> = self.sorting.iter().map(|s| s.slot).collect();
        let mut copy = Self {
            source: Arc::clone(&self.source),
            columns: self.columns.clone(),
            sort: self.sort,
            tree: self.tree.clone(),
            ordered: Vec::new(),
            version: self.version,
            sorting: Vec::new(),
            following: Vec::new(),
            front_end: self.front_end.clone(),
        };
        Box::new(move |cancel| {
            // What is still being sorted is sorted here as well: nothing may be missing.
            for slot in unsorted {
                let order = copy.source.order(copy.tree.item(slot), copy.sort, cancel)?;
                copy.tree.set_orders(vec![(slot, Order::Ready(order.into()))]);
            }
            Ok(copy.source.exported(&copy))
        })
    }

    fn poll(&mut self) {
        let mut orders = Vec::new();
        let tree = &self.tree;
        let (source, front_end) = (&self.source, &self.front_end);
        self.sorting.retain_mut(|sorting| {
            let Some(result) = sorting.job.poll() else { return true };
            match result {
                Ok(Ok(order)) => orders.push((sorting.slot, Order::Ready(order.into()))),
                Ok(Err(Cancelled)) => {}
                // Rows in natural order are better than none.
                Err(panicked) => {
                    front_end.report(panicked);
                    let count = source.child_count(tree.item(sorting.slot));
                    orders.push((sorting.slot, Order::Ready((0..count).collect())));
                }
            }
            false
        });
        if !orders.is_empty() {
            self.tree.set_orders(orders);
            self.follow();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Row `n` has the children `n * 10 .. n * 10 + n`; rows of three digits have none.
    struct Digits {
        top: u32,
        even_only: bool,
    }

    impl TreeSource for Digits {
        type Item = u32;
        fn columns(&self) -> Vec<Column> {
            vec![Column::tree("Number", "")]
        }
        fn child_count(&self, parent: Option<&u32>) -> u32 {
            parent.map_or(self.top, |&n| n % 10)
        }
        fn child(&self, parent: Option<&u32>, position: u32) -> u32 {
            parent.map_or(position, |&n| n * 10 + position)
        }
        fn order(&self, parent: Option<&u32>, sort: Option<Sort>, cancel: &CancelToken) -> Result<Vec<u32>, Cancelled> {
            cancel.check()?;
            let mut order: Vec<u32> = (0..self.child_count(parent)).filter(|n| !self.even_only || n % 2 == 0).collect();
            if sort.is_some_and(Sort::is_descending) {
                order.reverse();
            }
            Ok(order)
        }
        fn exported(&self, _: &LazyTree<Self>) -> Answer<'static> {
            Answer::new("digits")
        }
        fn is_expandable(&self, &n: &u32, _: Ancestors<'_, u32>) -> bool {
            n < 100 && n % 10 > 0
        }
        fn row(&self, n: &u32, ancestors: Ancestors<'_, u32>) -> RowView {
            let path: Vec<String> = ancestors.map(u32::to_string).collect();
            RowView::new(vec![Cell::Text(vec![Span::code(format!("{n}<{}", path.join(",")), Tone::Normal)])])
        }
        fn opens_by_itself(&self, &child: &u32, steps: u32) -> bool {
            child == 90 || child == 98 && steps < 2
        }
    }

    fn names<S: TreeSource>(tree: &LazyTree<S>) -> String {
        (0..tree.row_count()).map(|r| tree.row(r).unwrap().name()).collect::<Vec<_>>().join(" ")
    }

    fn settle<S: TreeSource>(tree: &mut LazyTree<S>) {
        while tree.is_sorting() {
            tree.poll();
            std::thread::yield_now();
        }
    }

    #[test]
    fn rows_open_sort_and_filter_without_losing_what_is_open() {
        let mut tree =
            LazyTree::new(Digits { top: 4, even_only: false }, Some(Sort::ascending(0)), &FrontEnd::nobody());
        assert_eq!(names(&tree), "0< 1< 2< 3<");
        tree.set_expanded(2, true);
        assert_eq!(names(&tree), "0< 1< 2< 20<2 21<2 3<");
        tree.set_expanded(4, true);
        assert_eq!(names(&tree), "0< 1< 2< 20<2 21<2 210<21,2 3<");
        assert_eq!(tree.parent(5), Some(4));
        assert_eq!(tree.row(4).map(|r| (r.level, r.expansion)), Some((1, Expansion::Expanded)));
        assert_eq!(tree.row(3).map(|r| r.expansion), Some(Expansion::Leaf));
        let key = tree.key(5).unwrap();
        tree.set_sort(Sort::descending(0));
        assert_eq!(names(&tree), "3< 2< 21<2 210<21,2 20<2 1< 0<");
        assert_eq!(tree.find(key), Some(3));
        tree.update(Digits { top: 4, even_only: true });
        assert_eq!(names(&tree), "2< 20<2 0<");
        assert_eq!(tree.find(key), None);
        assert_eq!(tree.item_of(key), Some(210));
        tree.update(Digits { top: 4, even_only: false });
        assert_eq!(tree.find(key), Some(3));
    }

    #[test]
    fn what_was_closed_while_sorting_changed_opens_in_the_new_order() {
        let mut tree =
            LazyTree::new(Digits { top: 4, even_only: false }, Some(Sort::ascending(0)), &FrontEnd::nobody());
        tree.set_expanded(3, true);
        tree.set_expanded(3, false);
        tree.set_sort(Sort::descending(0));
        tree.set_expanded(0, true);
        assert_eq!(names(&tree), "3< 32<3 31<3 30<3 2< 1< 0<");
    }

    #[test]
    fn long_lists_are_sorted_in_the_background_behind_a_placeholder() {
        let n = SORTED_AT_ONCE + 1;
        let mut tree =
            LazyTree::new(Digits { top: n, even_only: false }, Some(Sort::ascending(0)), &FrontEnd::nobody());
        let first = tree.row(0).unwrap();
        assert_eq!((first.name().as_str(), first.is_placeholder), ("Sorting 20,001 rows…", true));
        assert_eq!((tree.row_count(), tree.key(0)), (1, None));
        settle(&mut tree);
        assert_eq!(tree.row_count(), u64::from(n));
        tree.set_sort(Sort::descending(0));
        assert_eq!(tree.row(0).unwrap().name(), "0<", "the old order stays until the new one is there");
        settle(&mut tree);
        assert_eq!(tree.row(0).unwrap().name(), "20000<");
    }

    #[test]
    fn everything_inside_a_row_opens_and_closes_together() {
        let mut tree =
            LazyTree::new(Digits { top: 4, even_only: false }, Some(Sort::ascending(0)), &FrontEnd::nobody());
        tree.set_expanded_below(3, true);
        assert_eq!(names(&tree), "0< 1< 2< 3< 30<3 31<3 310<31,3 32<3 320<32,3 321<32,3");
        tree.set_expanded_below(3, false);
        tree.set_expanded(3, true);
        assert_eq!(names(&tree), "0< 1< 2< 3< 30<3 31<3 32<3");
    }

    #[test]
    fn revealing_opens_the_way_and_names_the_row() {
        let mut tree =
            LazyTree::new(Digits { top: 4, even_only: false }, Some(Sort::ascending(0)), &FrontEnd::nobody());
        let key = tree.reveal(&[3, 2, 1]).unwrap();
        assert_eq!(tree.find(key).and_then(|row| tree.item(row)), Some(321));
        assert_eq!(tree.reveal(&[3, 7]), None);
        assert_eq!(tree.reveal(&[0, 0]), None);
    }

    #[test]
    fn first_children_open_by_themselves_as_far_as_the_source_says() {
        let mut tree =
            LazyTree::new(Digits { top: 10, even_only: false }, Some(Sort::descending(0)), &FrontEnd::nobody());
        tree.set_expanded(0, true);
        assert_eq!(names(&tree).matches("98<9").count(), 1);
        assert_eq!(names(&tree).matches("987<98,9").count(), 1, "98 opened by itself");
        assert_eq!(names(&tree).matches("97").count(), 1);
    }
}
