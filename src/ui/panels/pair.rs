//! What panels that compare keep: the answer about a pair of snapshots, found in the background,
//! and the table that shows it.

use super::PanelContext;
use super::answer::Answer;
use super::objects_table::ObjectRows;
use crate::analysis::Heap;
use crate::progress::{Cancelled, Progress};
use crate::session::{DocumentId, Snapshot};
use crate::ui::tree::{LazyTree, Sort, TreeModel};
use crate::ui::widgets::filter_box::FilterBox;
use crate::ui::widgets::tree_table::{TableMemory, TreeTable};
use egui::Ui;
use std::sync::Arc;

/// Which two snapshots: the base, A, and the one that is shown, B.
type Pair = (DocumentId, DocumentId);

/// Rows about two snapshots.
pub(super) trait PairRows: ObjectRows + Sized {
    /// What must be known before there are rows.
    type Answer: Send + 'static;
    /// The table's name.
    const TABLE: &'static str;
    /// The order at first.
    const SORT: Sort;
    /// What finding the answer is called.
    const WORK: &'static str;

    /// Finds the answer, on another thread.
    fn answer(base: &Heap, target: &Heap, progress: &Progress) -> Result<Self::Answer, Cancelled>;

    /// All rows.
    fn about(base: Arc<Snapshot>, target: Arc<Snapshot>, answer: Self::Answer) -> Self;
}

/// The job and the table of a panel that compares.
#[derive(Debug)]
pub(super) struct PairView<S: PairRows> {
    pub(super) filter_box: FilterBox,
    /// What is being compared.
    asked: Option<(Pair, Answer<S::Answer>)>,
    shown: Option<ShownPair<S>>,
    /// What was done with a pair when one of its files is being read again.
    kept: Option<(Pair, TableMemory)>,
}

/// A pair whose answer is there.
#[derive(Debug)]
pub(super) struct ShownPair<S: PairRows> {
    pair: Pair,
    pub(super) table: TreeTable,
    pub(super) rows: LazyTree<S>,
    /// The text of the filter box that `rows` were made for.
    pub(super) class_filter: String,
}

impl<S: PairRows> Default for PairView<S> {
    fn default() -> Self {
        Self { filter_box: FilterBox::default(), asked: None, shown: None, kept: None }
    }
}

impl<S: PairRows> PairView<S> {
    /// Compares the pair of `context` in the background unless that was done.
    pub(super) fn update(&mut self, context: &PanelContext<'_>) {
        let (Some(base), target) = (context.base, context.current) else { return };
        let pair = (base.id, target.id);
        let snapshots = || (Arc::clone(&base.snapshot), Arc::clone(&target.snapshot));
        if let Some((of, answer)) = &mut self.asked
            && *of == pair
        {
            answer.poll(context.front_end);
        }
        if let Some((_, answer)) = self.asked.take_if(|asked| asked.0 == pair && asked.1.known().is_some())
            && let Some(answer) = answer.into_known()
        {
            let (base, target) = snapshots();
            let sort = self.shown.as_ref().and_then(|v| v.rows.sort()).unwrap_or(S::SORT);
            let mut rows = LazyTree::new(S::about(base, target, answer), Some(sort), context.front_end);
            let mut table = TreeTable::new(S::TABLE);
            if let Some((_, memory)) = self.kept.take_if(|kept| kept.0 == pair) {
                memory.restore(&mut table, &mut rows);
            }
            self.shown = Some(ShownPair { pair, table, rows, class_filter: String::new() });
        }
        let is_there = self.shown.as_ref().is_some_and(|v| v.pair == pair);
        if !is_there && self.asked.as_ref().is_none_or(|asked| asked.0 != pair) {
            let description = format!("{}: {} and {}", S::WORK, base.name, target.name);
            let (base, target) = snapshots();
            let answer = Answer::ask("compare", description, context.front_end, move |progress| {
                S::answer(&base.heap, &target.heap, progress)
            });
            self.asked = Some((pair, answer));
        }
    }

    /// Draws what is shown instead of the table until there is one.
    pub(super) fn waiting_ui(&mut self, ui: &mut Ui, doing: &str) {
        if let Some((_, answer)) = &mut self.asked
            && answer.waiting_ui(ui, doing)
        {
            self.asked = None;
        }
    }

    /// What is there for the pair of `context`, and the filter box.
    pub(super) fn shown(&mut self, context: &PanelContext<'_>) -> (&FilterBox, Option<&mut ShownPair<S>>) {
        let pair = context.base.map(|base| (base.id, context.current.id));
        (&self.filter_box, self.shown.as_mut().filter(|v| Some(v.pair) == pair))
    }

    /// Keeps what was done with `old` for `new`, which the same file is read into.
    pub(super) fn replace(&mut self, old: DocumentId, new: DocumentId) {
        let newer = |id| if id == old { new } else { id };
        let memory = self.shown.as_ref().map(|view| (view.pair, TableMemory::of(&view.table, &view.rows)));
        // Of a pair whose files are both read again, one after the other, there is no view any more.
        let kept = self.kept.take().or(memory).filter(|kept| kept.0.0 == old || kept.0.1 == old);
        self.forget(old);
        self.kept = kept.map(|(pair, memory)| ((newer(pair.0), newer(pair.1)), memory));
    }

    /// Gives back what is kept about a snapshot.
    pub(super) fn forget(&mut self, id: DocumentId) {
        let is_about = |pair: Pair| pair.0 == id || pair.1 == id;
        self.shown.take_if(|view| is_about(view.pair));
        self.asked.take_if(|asked| is_about(asked.0));
        self.kept.take_if(|kept| is_about(kept.0));
    }
}
