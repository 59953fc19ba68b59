//! Summary: a row for each constructor, opening to its objects and on to what they refer to.
//! Knows nothing of how facts are computed.

mod rows;

use super::objects_table::objects_table_ui;
use super::{Command, DocumentContext, Panel, PanelContext, PerSnapshot, toolbar};
use crate::analysis::tables::filters::{MenuEntry, NodeFilter, menu};
use crate::analysis::tables::summary::ClassFilter;
use crate::graph::NodeSet;
use crate::progress::{Cancelled, Stage};
use crate::session::job::Job;
use crate::session::{DocumentId, OpenSnapshot, Snapshot};
use crate::ui::place::PanelId;
use crate::ui::selection::{ObjectGroup, Selection};
use crate::ui::tree::{LazyTree, Sort};
use crate::ui::widgets::icon::Strokes;
use crate::ui::widgets::icon::menu_button;
use crate::ui::widgets::message::message;
use crate::ui::widgets::toolbar::totals_ui;
use crate::ui::widgets::tree_table::{TableMemory, TreeTable, export_button_ui};
use crate::ui::{rows::RETAINED_SIZE, widgets::filter_box::FilterBox};
use crate::units;
use egui::Ui;
use rows::{Groups, SummaryRows};
use std::sync::Arc;

/// The panel.
#[derive(Debug, Default)]
pub(super) struct SummaryPanel {
    views: PerSnapshot<View>,
    kept: PerSnapshot<TableMemory>,
    filter_box: FilterBox,
    /// To be shown as soon as its snapshot is.
    revealing: Option<Selection>,
    /// The filter of objects that was asked for elsewhere.
    counting: Option<(DocumentId, NodeFilter)>,
}

/// What is kept for a snapshot.
#[derive(Debug)]
struct View {
    table: TreeTable,
    rows: LazyTree<SummaryRows>,
    /// The text of the filter box that `rows` were made for.
    class_filter: String,
    node_filter: NodeFilter,
    /// The filter of what is shown, while another is being applied.
    shown_filter: NodeFilter,
    filtering: Option<Job<Result<Groups, Cancelled>>>,
    menu: FilterMenu,
}

/// The menu of object filters; made in the background, as native contexts take a while to find.
#[derive(Debug, Default)]
struct FilterMenu {
    entries: Vec<MenuEntry>,
    /// The snapshots it was made for.
    of: Vec<(DocumentId, String)>,
    making: Option<Job<Result<Vec<MenuEntry>, Cancelled>>>,
}

impl Panel for SummaryPanel {
    fn id(&self) -> PanelId {
        PanelId::SUMMARY
    }

    fn title(&self) -> &'static str {
        "Summary"
    }

    fn help(&self) -> &'static str {
        "Objects by constructor, with what they take and what they keep alive"
    }

    fn icon(&self) -> Strokes {
        &[&[(-5.0, -4.0), (5.0, -4.0)], &[(-5.0, 0.0), (5.0, 0.0)], &[(-5.0, 4.0), (2.0, 4.0)]]
    }

    fn shows_objects(&self) -> bool {
        true
    }

    fn ui(&mut self, ui: &mut Ui, context: &mut DocumentContext<'_>) {
        let Some(context) = &mut context.snapshot() else { return };
        let current = context.current;
        let kept = &mut self.kept;
        let view = self.views.get_or_insert_with(current.id, || {
            let mut view = View::new(context);
            if let Some(memory) = kept.take(current.id) {
                memory.restore(&mut view.table, &mut view.rows);
            }
            view
        });
        view.menu.update(context);
        view.poll(context);
        if let Some((_, filter)) = self.counting.take_if(|c| c.0 == current.id) {
            view.filter_nodes(filter, context);
        }
        if let Some(selection) = self.revealing.filter(|s| s.snapshot == current.id)
            && view.reveal(selection, context, &mut self.filter_box)
        {
            self.revealing = None;
        }
        toolbar(ui, |ui| {
            self.filter_box.ui(ui, "Filter classes");
            view.filter_menu_ui(ui, context);
            context.commands.extend(export_button_ui(ui, "Summary", &view.rows).map(Command::Export));
            if let Some(objects) = view.rows.source().counted_nodes() {
                let help =
                    "Show where the objects that the filter leaves hang: the paths from the roots to all of them";
                if ui.button("Paths").on_hover_text(help).clicked() {
                    let title = view.words_of(&view.shown_filter).to_owned();
                    context.push(Command::ShowPaths(ObjectGroup { snapshot: current.id, title, objects }));
                }
            }
            totals_ui(ui, view.totals_text());
        });
        view.apply_class_filter(&self.filter_box);
        view.table_ui(ui, context);
    }

    fn reveal(&mut self, selection: Selection) {
        self.revealing = Some(selection);
    }

    fn count_objects(&mut self, id: DocumentId, filter: &NodeFilter) {
        self.counting = Some((id, filter.clone()));
    }

    fn filter_classes(&mut self, text: &str) -> bool {
        self.filter_box.set(text);
        true
    }

    fn focus_filter(&mut self) {
        self.filter_box.focus();
    }

    fn counted_nodes(&self, id: DocumentId) -> Option<Arc<NodeSet>> {
        self.views.get(id)?.rows.source().counted_nodes()
    }

    fn replace(&mut self, old: DocumentId, new: DocumentId) {
        if let Some(view) = self.views.get(old) {
            self.kept.insert(new, TableMemory::of(&view.table, &view.rows));
            // Stacks of allocations are numbered anew in every file.
            if !matches!(view.node_filter, NodeFilter::All | NodeFilter::Allocated(_)) {
                self.counting = Some((new, view.node_filter.clone()));
            }
        }
        self.forget(old);
    }

    fn forget(&mut self, id: DocumentId) {
        self.views.forget(id);
        self.kept.forget(id);
        self.revealing = self.revealing.filter(|s| s.snapshot != id);
        self.counting.take_if(|c| c.0 == id);
    }
}

impl View {
    fn new(context: &PanelContext<'_>) -> Self {
        let snapshot = &context.current.snapshot;
        let stage = Stage::unwatched();
        let groups = Groups::new(snapshot, &NodeFilter::All, &stage).unwrap_or_else(|Cancelled| Groups::default());
        let rows = SummaryRows::new(Arc::clone(snapshot), Arc::new(groups));
        Self {
            table: TreeTable::new("Summary"),
            rows: LazyTree::new(rows, Some(Sort::descending(RETAINED_SIZE)), context.front_end),
            class_filter: String::new(),
            node_filter: NodeFilter::All,
            shown_filter: NodeFilter::All,
            filtering: None,
            menu: FilterMenu::default(),
        }
    }

    /// Takes over the groups that a filter has left.
    fn poll(&mut self, context: &PanelContext<'_>) {
        let Some(result) = self.filtering.as_mut().and_then(Job::poll) else { return };
        self.filtering = None;
        match result {
            Ok(Ok(groups)) => {
                self.shown_filter = self.node_filter.clone();
                let rows = SummaryRows::new(Arc::clone(&context.current.snapshot), Arc::new(groups));
                let filter = ClassFilter::parse(&self.class_filter).unwrap_or_default();
                let memory = TableMemory::of(&self.table, &self.rows);
                self.rows = LazyTree::new(rows.filtered(filter), None, context.front_end);
                self.table.clear_selection();
                memory.restore(&mut self.table, &mut self.rows);
            }
            Ok(Err(Cancelled)) => {}
            Err(panicked) => {
                context.front_end.report(panicked);
                // What is shown is what was shown before.
                self.node_filter = self.shown_filter.clone();
            }
        }
    }

    fn filter_nodes(&mut self, filter: NodeFilter, context: &PanelContext<'_>) {
        if filter == self.node_filter {
            return;
        }
        self.node_filter = filter.clone();
        let snapshot: Arc<Snapshot> = Arc::clone(&context.current.snapshot);
        let job = Job::spawn("filter", "Filtering objects", context.front_end, move |progress| {
            Groups::new(&snapshot, &filter, &progress.stage("Filtering objects", 1, 1))
        });
        self.filtering = Some(job);
    }

    fn apply_class_filter(&mut self, filter_box: &FilterBox) {
        if filter_box.text() != self.class_filter
            && let Ok(filter) = ClassFilter::parse(filter_box.text())
        {
            filter_box.text().clone_into(&mut self.class_filter);
            let rows = self.rows.source().filtered(filter);
            self.rows.update(rows);
        }
    }

    /// Whether the object was found, or never will be.
    fn reveal(&mut self, selection: Selection, context: &PanelContext<'_>, filter_box: &mut FilterBox) -> bool {
        if self.filtering.is_some() {
            return false;
        }
        let n = selection.node;
        if context.current.snapshot.heap.shallow_size(n) == 0 {
            return true;
        }
        let Some(path) = self.rows.source().path_to(n) else {
            // The filter hides it: what was asked for counts more.
            self.filter_nodes(NodeFilter::All, context);
            return self.filtering.is_none();
        };
        if !self.rows.source().is_class_shown(n) {
            filter_box.set("");
            self.apply_class_filter(filter_box);
        }
        if let Some(key) = self.rows.reveal(&path) {
            self.table.reveal(key);
        }
        true
    }

    fn totals_text(&self) -> String {
        if self.filtering.is_some() {
            return "Filtering…".to_owned();
        }
        let totals = self.rows.source().totals();
        format!("{} objects ({})", units::count(totals.count), units::bytes(totals.shallow_size))
    }

    /// What the objects that `filter` leaves are called.
    fn words_of<'w>(&'w self, filter: &'w NodeFilter) -> &'w str {
        let words = self.menu.entries.iter().find_map(|entry| match entry {
            MenuEntry::Filter(f, words) if f == filter => Some(words.as_str()),
            _ => None,
        });
        words.unwrap_or(match filter {
            NodeFilter::Ids { .. } => "Allocated in a range of time",
            NodeFilter::Allocated(_) => "Allocated by a function",
            NodeFilter::OwnedBy(name) => name,
            _ => "All objects",
        })
    }

    fn filter_menu_ui(&mut self, ui: &mut Ui, context: &PanelContext<'_>) {
        let button = menu_button(ui, self.words_of(&self.node_filter), "Which objects are counted");
        let mut chosen = None;
        egui::Popup::menu(&button).show(|ui| {
            ui.set_min_width(260.0);
            for entry in &self.menu.entries {
                match entry {
                    MenuEntry::Separator => {
                        ui.separator();
                    }
                    MenuEntry::Filter(filter, words) => {
                        if ui.radio(*filter == self.node_filter, words).clicked() {
                            chosen = Some(filter.clone());
                            ui.close();
                        }
                    }
                }
            }
            if self.menu.making.is_some() {
                ui.label("Looking for native contexts…");
            }
        });
        if let Some(filter) = chosen {
            self.filter_nodes(filter, context);
        }
    }

    fn table_ui(&mut self, ui: &mut Ui, context: &mut PanelContext<'_>) {
        use crate::ui::tree::TreeModel as _;
        if self.rows.row_count() == 0 {
            let sentence = match (self.class_filter.is_empty(), &self.node_filter) {
                (false, _) => "No class has a name like that",
                (true, NodeFilter::All) => "This snapshot holds no objects",
                (true, _) => "No object passes this filter",
            };
            message(ui, sentence);
            return;
        }
        objects_table_ui(ui, &mut self.table, &mut self.rows, context);
    }
}

impl FilterMenu {
    /// Makes the menu anew when other snapshots are open than it was made for.
    fn update(&mut self, context: &PanelContext<'_>) {
        if let Some(made) = self.making.as_mut().and_then(Job::poll) {
            self.making = None;
            match made {
                Ok(Ok(entries)) => self.entries = entries,
                Ok(Err(Cancelled)) => {}
                Err(panicked) => context.front_end.report(panicked),
            }
        }
        let now: Vec<(DocumentId, String)> = context.session.snapshots().map(|s| (s.id, s.name.to_string())).collect();
        if now == self.of {
            return;
        }
        self.of = now;
        let snapshot = Arc::clone(&context.current.snapshot);
        let all: Vec<OpenSnapshot> = context.session.snapshots().collect();
        self.making =
            Some(Job::spawn("filter menu", "Looking for native contexts", context.front_end, move |progress| {
                let named: Vec<(&str, u32)> =
                    all.iter().map(|s| (&*s.name, s.snapshot.heap.greatest_js_id())).collect();
                menu(&snapshot.heap, &named, &progress.stage("Looking for native contexts", 1, 1))
            }));
    }
}
