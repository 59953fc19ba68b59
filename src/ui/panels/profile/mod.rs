//! Profiles: where memory is allocated, as a flame graph, as three tables, and around one function.
//!
//! The panels share what was chosen of a profile ([`view`]); each keeps how it shows it.

mod flame;
mod rows;
mod view;

pub use view::ProfileViews;

use super::{Command, DocumentContext, Panel, PerSnapshot, toolbar};
use crate::profile::{By, FlameLayout, Profile, StackIndex, ValueKind};
use crate::relation::tables::profile::ProfileFacts;
use crate::session::{DocumentId, DocumentKind, ProfileDocument};
use crate::ui::place::PanelId;
use crate::ui::theme::Theme;
use crate::ui::tree::{LazyTree, Sort, TreeModel as _};
use crate::ui::widgets::field::field;
use crate::ui::widgets::icon::Strokes;
use crate::ui::widgets::message::message;
use crate::ui::widgets::tree_table::{TreeTable, export_button_ui};
use crate::units;
use egui::{Align, ComboBox, Layout, RichText, TextEdit, Ui};
use flame::{FlameEvents, FlameView, Graph};
use rows::{ProfileRows, SELF, Shape, size_text};
use std::sync::Arc;
use view::{Colors, Named, ProfileView, Shown};

/// Which panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    Flame,
    Heavy,
    Tree,
    Functions,
    Sandwich,
}

/// One of the panels of a profile; the number is its place among them.
#[derive(Debug, Default)]
pub(super) struct ProfilePanel<const PLACE: usize> {
    kept: PerSnapshot<Kept>,
    wants_search: bool,
}

/// How a panel shows a profile.
#[derive(Debug)]
struct Kept {
    /// What the rest was made of.
    version: u64,
    search: String,
    by: By,
    flame: FlameView,
    callers: FlameView,
    table: TreeTable,
    rows: Option<LazyTree<ProfileRows>>,
    sandwich: Option<(Named, TwoTrees)>,
}

/// The callers of a function and what it called, laid out.
#[derive(Debug)]
struct TwoTrees {
    version: u64,
    callers: Profile,
    callers_layout: FlameLayout,
    callees: Profile,
    callees_layout: FlameLayout,
}

const WHICH: [Which; 5] = [Which::Flame, Which::Heavy, Which::Tree, Which::Functions, Which::Sandwich];

impl Which {
    fn id(self) -> PanelId {
        PanelId(match self {
            Self::Flame => "Flame graph",
            Self::Heavy => "Heavy",
            Self::Tree => "Tree",
            Self::Functions => "Functions",
            Self::Sandwich => "Sandwich",
        })
    }

    fn help(self) -> &'static str {
        match self {
            Self::Flame => "Stacks as bars: the wider, the more was allocated there and by what was called from there",
            Self::Heavy => "Functions by what they allocated themselves, and inside each who called it",
            Self::Tree => "What was called from where, and what was allocated there",
            Self::Functions => "Functions, files or packages by what they allocated",
            Self::Sandwich => "One function, with all its callers above it and all it called below",
        }
    }

    fn icon(self) -> Strokes {
        match self {
            Self::Flame => &[&[(-6.0, -4.5), (6.0, -4.5)], &[(-6.0, 0.0), (2.0, 0.0)], &[(-6.0, 4.5), (-2.0, 4.5)]],
            Self::Heavy => &[&[(0.0, -5.0), (0.0, 5.0)], &[(-4.0, 1.0), (0.0, 5.0), (4.0, 1.0)]],
            Self::Tree => &[&[(-5.0, -5.0), (-5.0, 4.0), (1.0, 4.0)], &[(-5.0, -1.0), (3.0, -1.0)]],
            Self::Functions => &[&[(-5.0, -4.0), (5.0, -4.0)], &[(-5.0, 0.0), (5.0, 0.0)], &[(-5.0, 4.0), (5.0, 4.0)]],
            Self::Sandwich => &[&[(-5.0, -5.0), (5.0, -5.0)], &[(-2.0, 0.0), (2.0, 0.0)], &[(-5.0, 5.0), (5.0, 5.0)]],
        }
    }
}

impl<const PLACE: usize> ProfilePanel<PLACE> {
    const WHICH: Which = WHICH[PLACE];
}

impl<const PLACE: usize> Panel for ProfilePanel<PLACE> {
    fn id(&self) -> PanelId {
        Self::WHICH.id()
    }

    fn title(&self) -> &'static str {
        Self::WHICH.id().0
    }

    fn help(&self) -> &'static str {
        Self::WHICH.help()
    }

    fn icon(&self) -> Strokes {
        Self::WHICH.icon()
    }

    fn kinds(&self) -> &'static [DocumentKind] {
        &[DocumentKind::Profile]
    }

    fn ui(&mut self, ui: &mut Ui, context: &mut DocumentContext<'_>) {
        let Some(document) = context.document.as_profile().cloned() else { return };
        let mut views = std::mem::take(context.profiles);
        let view = views.get(context, &document);
        let is_asked_again = self.view_ui(ui, context, &document, view);
        if is_asked_again {
            views.again(context.id);
        }
        *context.profiles = views;
    }

    fn focus_filter(&mut self) {
        self.wants_search = true;
    }

    fn forget(&mut self, id: DocumentId) {
        self.kept.forget(id);
    }
}

impl<const PLACE: usize> ProfilePanel<PLACE> {
    /// Draws the panel; returns whether what was given up is to be asked again.
    fn view_ui(
        &mut self,
        ui: &mut Ui,
        context: &mut DocumentContext<'_>,
        document: &ProfileDocument,
        view: &mut ProfileView,
    ) -> bool {
        let which = Self::WHICH;
        let kept = self.kept.get_or_insert_with(context.id, || Kept::new(which));
        let wants_search = std::mem::take(&mut self.wants_search);
        toolbar(ui, |ui| {
            toolbar_ui(ui, context, document, view, kept, which, wants_search);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if let Some(rows) = &kept.rows {
                    context.commands.extend(export_button_ui(ui, which.id().0, rows).map(Command::Export));
                }
            });
        });
        if view.choice.focus.is_some() || !view.choice.excluded.is_empty() {
            toolbar(ui, |ui| choice_ui(ui, context.theme, view));
        }
        let Some(shown) = view.shown.known().cloned() else {
            return view.shown.waiting_ui(ui, "Adding up stacks…");
        };
        if kept.version != view.version {
            kept.version = view.version;
            kept.rows = None;
            kept.sandwich = None;
        }
        if shown.profile.node_count() < 2 {
            message(ui, "Nothing is left to show: no stack allocated anything here");
            return false;
        }
        match which {
            Which::Flame => flame_ui(ui, context, view, &shown, kept),
            Which::Sandwich => sandwich_ui(ui, context, view, &shown, kept),
            _ => table_ui(ui, context, view, &shown, kept, which, document),
        }
        false
    }
}

impl Kept {
    fn new(which: Which) -> Self {
        Self {
            version: 0,
            search: String::new(),
            by: By::Function,
            flame: FlameView::default(),
            callers: FlameView::default(),
            table: TreeTable::new(which.id().0),
            rows: None,
            sandwich: None,
        }
    }
}

/// What can be chosen, in one line.
fn toolbar_ui(
    ui: &mut Ui,
    context: &DocumentContext<'_>,
    document: &ProfileDocument,
    view: &mut ProfileView,
    kept: &mut Kept,
    which: Which,
    wants_search: bool,
) {
    let edit = TextEdit::singleline(&mut view.search).desired_width(180.0).hint_text("Search functions and files");
    let response = field(ui, edit, "Search functions and files");
    if wants_search {
        response.request_focus();
    }
    if response.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Escape)) {
        view.search.clear();
    }
    if which == Which::Flame && !view.search.trim().is_empty() && view.shown.known().is_some() {
        let (total, count) = kept.flame.matched();
        let whole = view.shown.known().map_or(0.0, |shown| shown.flame.total());
        let what = if count == 1 { "stack" } else { "stacks" };
        let text = format!("{} {what}, {} of the total", units::count(count as u64), units::share(total, whole));
        ui.label(RichText::new(text).color(context.theme.colors.quiet));
    }
    if which == Which::Functions {
        combo(ui, "Rows", &mut kept.by, &[(By::Function, "Functions"), (By::File, "Files"), (By::Package, "Packages")]);
    } else {
        let merges = [(By::Function, "By function"), (By::File, "By file"), (By::Package, "By package")];
        combo(ui, "Merge", &mut view.choice.merge, &merges);
    }
    if document.stacks.values.len() > 1 {
        let kinds: Vec<(ValueKind, &str)> = document.stacks.values.iter().map(|v| (v.kind, v.kind.title())).collect();
        combo(ui, "Values", &mut view.choice.kind, &kinds);
    }
    if matches!(which, Which::Flame | Which::Sandwich) {
        combo(ui, "Colors", &mut view.colors, &[(Colors::Package, "Package colors"), (Colors::Kind, "Kind colors")]);
    }
    if which == Which::Flame {
        combo(ui, "Order", &mut view.choice.is_left_heavy, &[(false, "Order of the file"), (true, "Heaviest first")]);
        combo(ui, "Direction", &mut view.is_upward, &[(false, "Icicle"), (true, "Flame")]);
    }
    let others: Vec<(Option<DocumentId>, String)> = context
        .session
        .documents()
        .iter()
        .filter(|d| d.id() != context.id && d.opened().is_some_and(|open| open.as_profile().is_some()))
        .map(|d| (Some(d.id()), format!("Against {}", crate::visible::shortened(d.name(), 24))))
        .collect();
    if !others.is_empty() && which != Which::Sandwich {
        let mut choices: Vec<(Option<DocumentId>, &str)> = vec![(None, "Not compared")];
        choices.extend(others.iter().map(|(id, name)| (*id, name.as_str())));
        combo(ui, "Compare", &mut view.choice.base, &choices);
        if view.choice.base.is_some() {
            ui.checkbox(&mut view.choice.is_normalized, "Scaled to this total")
                .on_hover_text("Scales the other profile so that both have the same total");
        }
    }
    if let Some(interval) = document.stacks.interval {
        let about = if interval.is_guess { "about every" } else { "every" };
        let text = format!("Sampled {about} {}: sizes are estimates", units::size(interval.bytes));
        ui.label(RichText::new(text).color(context.theme.colors.quiet));
    }
}

/// A choice among a few.
fn combo<T: PartialEq + Copy>(ui: &mut Ui, name: &str, value: &mut T, choices: &[(T, &str)]) {
    let text = choices.iter().find(|(v, _)| v == value).map_or("", |(_, text)| *text);
    let response = ComboBox::from_id_salt(name)
        .selected_text(text)
        .show_ui(ui, |ui| {
            for (choice, text) in choices {
                ui.selectable_value(value, *choice, *text);
            }
        })
        .response;
    response
        .widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::ComboBox, true, format!("{name}: {text}")));
}

/// What was focused and left out, and ways back.
fn choice_ui(ui: &mut Ui, theme: &Theme, view: &mut ProfileView) {
    if let Some(focus) = &view.choice.focus {
        ui.label(RichText::new("Only stacks with").color(theme.colors.quiet));
        if ui.button(format!("{} ×", focus.title())).on_hover_text("Show all stacks again").clicked() {
            view.choice.focus = None;
        }
    }
    if !view.choice.excluded.is_empty() {
        ui.label(RichText::new("Without").color(theme.colors.quiet));
        let mut back = None;
        for (i, excluded) in view.choice.excluded.iter().enumerate() {
            if ui.button(format!("{} ×", excluded.title())).on_hover_text("Show this function again").clicked() {
                back = Some(i);
            }
        }
        if let Some(i) = back {
            view.choice.excluded.remove(i);
        }
    }
    if ui.button("Restore").on_hover_text("Show everything again").clicked() {
        view.choice.focus = None;
        view.choice.excluded.clear();
    }
}

/// What the menu of a function was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Focus,
    Exclude,
    Sandwich,
    CopyName,
    CopyPlace,
    CopyStack,
}

fn menu_ui(ui: &mut Ui, is_merged: bool, wish: &mut Option<Wish>) {
    let mut item = |ui: &mut Ui, text: &str, what: Wish| {
        if ui.button(text).clicked() {
            *wish = Some(what);
            ui.close();
        }
    };
    if !is_merged {
        item(ui, "Focus on this function", Wish::Focus);
        item(ui, "Leave this function out", Wish::Exclude);
        item(ui, "Show callers and callees", Wish::Sandwich);
        ui.separator();
    }
    item(ui, "Copy name", Wish::CopyName);
    item(ui, "Copy place", Wish::CopyPlace);
    item(ui, "Copy stack", Wish::CopyStack);
}

fn grant(wish: Wish, context: &mut DocumentContext<'_>, view: &mut ProfileView, profile: &Profile, at: StackIndex) {
    let frame = profile.frame(at);
    match wish {
        Wish::Focus => view.choice.focus = Some(Named::of(&frame)),
        Wish::Exclude => view.choice.excluded.push(Named::of(&frame)),
        Wish::Sandwich => {
            view.chosen = Some(Named::of(&frame));
            context.commands.push(Command::Show(Which::Sandwich.id()));
        }
        Wish::CopyName => context.commands.push(Command::Copy(frame.shown_name().to_string())),
        Wish::CopyPlace => context.commands.push(Command::Copy(frame.place())),
        Wish::CopyStack => {
            let line = |n: StackIndex| {
                let frame = profile.frame(n);
                format!("{} ({})", frame.shown_name(), frame.place()).replace(" ()", "")
            };
            let stack: Vec<String> = profile.stack(at).map(line).collect();
            context.commands.push(Command::Copy(stack.join("\n")));
        }
    }
}

fn flame_ui(ui: &mut Ui, context: &mut DocumentContext<'_>, view: &mut ProfileView, shown: &Shown, kept: &mut Kept) {
    let graph = Graph {
        name: "Flame graph",
        profile: &shown.flame,
        base: shown.flame_base.as_deref(),
        layout: &shown.layout,
        colors: view.colors,
        is_upward: view.is_upward,
        search: &view.search,
        version: view.version,
    };
    kept.flame.breadcrumb_ui(ui, &graph);
    let mut wish = None;
    let is_merged = view.choice.merge != By::Function;
    let events = kept.flame.ui(ui, &graph, |ui, _| menu_ui(ui, is_merged, &mut wish));
    after_flame(context, view, &shown.flame, events, wish, kept.flame.with_menu());
}

fn after_flame(
    context: &mut DocumentContext<'_>,
    view: &mut ProfileView,
    profile: &Profile,
    events: FlameEvents,
    wish: Option<Wish>,
    with_menu: Option<StackIndex>,
) {
    if let Some(n) = events.chosen.filter(|n| *n != StackIndex::ROOT) {
        view.chosen = Some(Named::of(&profile.frame(n)));
    }
    if let (Some(wish), Some(n)) = (wish, with_menu) {
        grant(wish, context, view, profile, n);
    }
}

fn table_ui(
    ui: &mut Ui,
    context: &mut DocumentContext<'_>,
    view: &mut ProfileView,
    shown: &Arc<Shown>,
    kept: &mut Kept,
    which: Which,
    document: &ProfileDocument,
) {
    let shape = match which {
        Which::Heavy => Shape::Heavy,
        Which::Tree => Shape::Tree,
        _ => Shape::Groups(kept.by),
    };
    if kept.rows.as_ref().is_none_or(|rows| rows.source().shape() != shape) || kept.search != view.search {
        kept.search.clone_from(&view.search);
        let facts = ProfileFacts {
            format: document.stacks.format.title().into(),
            interval: document.stacks.interval.map(|i| i.bytes),
        };
        let rows = ProfileRows::new(Arc::clone(shown), shape, &view.search, facts);
        kept.rows = Some(LazyTree::new(rows, Some(Sort::descending(SELF)), context.front_end));
    }
    let Some(rows) = &mut kept.rows else { return };
    if rows.row_count() == 0 {
        message(ui, "No name or URL holds this text");
        return;
    }
    let mut wish = None;
    let is_merged = view.choice.merge != By::Function || matches!(shape, Shape::Groups(By::File | By::Package));
    let mut with_menu = None;
    let events = kept.table.ui(ui, rows, |ui, rows, row| {
        with_menu = rows.item(row).map(|item| item.at());
        menu_ui(ui, is_merged, &mut wish);
    });
    let at = |row: Option<u64>| rows.item(row?).map(|item| item.at());
    if let Some(n) = at(events.selected).filter(|_| !is_merged) {
        view.chosen = Some(Named::of(&shown.profile.frame(n)));
    }
    if let Some(n) = at(events.activated).filter(|_| !is_merged) {
        grant(Wish::Sandwich, context, view, &shown.profile, n);
    }
    if let (Some(wish), Some(n)) = (wish, with_menu) {
        grant(wish, context, view, &shown.profile, n);
    }
}

fn sandwich_ui(ui: &mut Ui, context: &mut DocumentContext<'_>, view: &mut ProfileView, shown: &Shown, kept: &mut Kept) {
    let profile = &shown.profile;
    // Until a function was chosen: the one that allocated most itself.
    let heaviest = || {
        let largest = profile.nodes().skip(1).max_by(|&a, &b| profile.self_size(a).total_cmp(&profile.self_size(b)));
        largest.map(|n| Named::of(&profile.frame(n)))
    };
    let Some(chosen) = view.chosen.clone().or_else(heaviest) else { return };
    if kept.sandwich.as_ref().is_none_or(|(of, _)| *of != chosen) {
        let Some(frame) = profile.frames.indices().find(|&f| chosen.is(&profile.frames.get(f))) else {
            message(ui, "The function that was chosen is not in what is shown: choose another one in Functions");
            return;
        };
        let version = kept.sandwich.as_ref().map_or(0, |(_, trees)| trees.version) + 1 + (view.version << 32);
        kept.sandwich = Some((chosen.clone(), TwoTrees::new(profile, frame, version)));
    }
    let Some((_, trees)) = &kept.sandwich else { return };
    let total = trees.callees.total();
    toolbar(ui, |ui| {
        ui.label(RichText::new(chosen.title()).monospace());
        let text = format!("{} ({})", size_text(profile, total), units::share(total, profile.total()));
        ui.label(RichText::new(text).color(context.theme.colors.quiet));
        ui.label(RichText::new("Callers above, what it called below").color(context.theme.colors.quiet));
    });
    let graph = |name, profile, layout, is_upward| Graph {
        name,
        profile,
        base: None,
        layout,
        colors: view.colors,
        is_upward,
        search: &view.search,
        version: trees.version,
    };
    let callers = graph("Callers", &trees.callers, &trees.callers_layout, true);
    let callees = graph("Callees", &trees.callees, &trees.callees_layout, false);
    let is_merged = view.choice.merge != By::Function;
    let (mut wish_above, mut wish_below) = (None, None);
    let half = (ui.available_height() / 2.0).max(60.0);
    let above = ui
        .allocate_ui(egui::vec2(ui.available_width(), half), |ui| {
            ui.set_height(half);
            kept.callers.ui(ui, &callers, |ui, _| menu_ui(ui, is_merged, &mut wish_above))
        })
        .inner;
    let below = kept.flame.ui(ui, &callees, |ui, _| menu_ui(ui, is_merged, &mut wish_below));
    // What was clicked there is zoomed and stays in the sandwich of the same function.
    let keep = view.chosen.clone();
    after_flame(context, view, &trees.callers, above, wish_above, kept.callers.with_menu());
    after_flame(context, view, &trees.callees, below, wish_below, kept.flame.with_menu());
    if wish_above != Some(Wish::Sandwich) && wish_below != Some(Wish::Sandwich) {
        view.chosen = keep;
    }
}

impl TwoTrees {
    fn new(profile: &Profile, frame: crate::profile::FrameIndex, version: u64) -> Self {
        let sandwich = profile.sandwich(profile.frames.function(frame));
        let (callers_layout, callees_layout) =
            (FlameLayout::new(&sandwich.callers), FlameLayout::new(&sandwich.callees));
        Self { version, callers: sandwich.callers, callers_layout, callees: sandwich.callees, callees_layout }
    }
}
