//! What is known of the selected object itself: facts, its whole string, its references.

pub(super) mod facts;

use super::PanelContext;
use super::containment::ContainmentRows;
use super::menu::object_menu_ui;
use crate::session::DocumentId;
use crate::ui::command::Command;
use crate::ui::rows::RETAINED_SIZE;
use crate::ui::selection::Selection;
use crate::ui::tree::{LazyTree, Sort, TreeModel};
use crate::ui::widgets::message::message;
use crate::ui::widgets::tree_table::TreeTable;
use crate::units;
use egui::{Grid, Label, Margin, RichText, ScrollArea, TextEdit, Ui};
use facts::{Fact, allocation_stack, facts};
use std::sync::Arc;

/// Longest piece of a string that is laid out at once, in characters.
const PAGE: usize = 20_000;

/// What is shown of an object.
#[derive(Debug)]
struct Shown {
    selection: Selection,
    facts: Vec<Fact>,
    stack: Option<Result<Vec<String>, &'static str>>,
    text: Option<Text>,
    fields: LazyTree<ContainmentRows>,
}

/// The whole string of an object, and what is searched in it.
#[derive(Debug)]
struct Text {
    whole: String,
    length: usize,
    query: String,
    /// Byte offsets of what was found.
    found: Vec<usize>,
    /// Which of them is shown.
    at: usize,
}

/// The pane.
#[derive(Debug)]
pub(super) struct ObjectPane {
    table: TreeTable,
    shown: Option<Shown>,
}

impl Default for ObjectPane {
    fn default() -> Self {
        Self { table: TreeTable::new("Fields"), shown: None }
    }
}

impl Shown {
    fn new(selection: Selection, context: &PanelContext<'_>) -> Option<Self> {
        let snapshot = context.session.snapshot(selection.snapshot)?.snapshot;
        let (heap, n) = (&snapshot.heap, selection.node);
        let text = heap.string_value(n).map(|value| Text {
            whole: value.as_text().lossy().into_owned(),
            length: value.as_text().utf16_len(),
            query: String::new(),
            found: Vec::new(),
            at: 0,
        });
        let rows = ContainmentRows::below(Arc::clone(&snapshot), n);
        Some(Self {
            selection,
            facts: facts(heap, n),
            stack: allocation_stack(heap, n),
            text,
            fields: LazyTree::new(rows, Some(Sort::descending(RETAINED_SIZE)), context.front_end),
        })
    }
}

impl Text {
    fn ui(&mut self, ui: &mut Ui, context: &mut PanelContext<'_>) {
        ui.horizontal_wrapped(|ui| {
            let unit = if self.length == 1 { "character" } else { "characters" };
            ui.label(format!("{} {unit}", units::count(self.length as u64)));
            if ui.button("Copy string").clicked() {
                context.push(Command::Copy(self.whole.clone()));
            }
            let field = TextEdit::singleline(&mut self.query).hint_text("Find in string").desired_width(140.0);
            if ui.add(field).accessible_name("Find in string").changed() {
                self.found = match self.query.is_empty() {
                    true => Vec::new(),
                    false => self.whole.match_indices(&self.query).map(|(at, _)| at).collect(),
                };
                self.at = 0;
            }
            if !self.query.is_empty() {
                let count = self.found.len();
                let present = if count == 0 { 0 } else { self.at + 1 };
                ui.label(format!("{present} of {}", units::count(count as u64)));
                if ui.add_enabled(count > 1, egui::Button::new("Next")).clicked() {
                    self.at = (self.at + 1) % count;
                }
            }
        });
        let start = self.found.get(self.at).map_or(0, |&at| self.before(at, 200));
        let shown = &self.whole[start..];
        let end = shown.char_indices().nth(PAGE).map_or(shown.len(), |(at, _)| at);
        let mut text = String::new();
        if start > 0 {
            text.push('…');
        }
        text.push_str(&shown[..end]);
        if end < shown.len() {
            text.push('…');
        }
        let color = context.theme.tone(crate::ui::tree::Tone::String);
        ui.add(Label::new(RichText::new(text).monospace().color(color)).selectable(true).wrap());
    }

    /// A place at most `characters` before the byte at `at`.
    fn before(&self, at: usize, characters: usize) -> usize {
        if at <= characters {
            return 0;
        }
        self.whole[..at].char_indices().rev().nth(characters).map_or(0, |(place, _)| place)
    }
}

impl ObjectPane {
    /// Draws what is known.
    pub(super) fn ui(&mut self, ui: &mut Ui, selection: Selection, context: &mut PanelContext<'_>) {
        if self.shown.as_ref().is_none_or(|s| s.selection != selection) {
            self.shown = Shown::new(selection, context);
            self.table.clear_selection();
        }
        let Some(open) = context.session.snapshot(selection.snapshot) else { return };
        let Some(shown) = &mut self.shown else { return };
        let width = (ui.available_width() * 0.4).clamp(260.0, 520.0);
        let facts = egui::Panel::left("object facts").resizable(true).default_size(width);
        facts.frame(egui::Frame::new().inner_margin(Margin::symmetric(12, 8))).show(ui, |ui| {
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                // Of a string its text matters most.
                if let Some(text) = &mut shown.text {
                    text.ui(ui, context);
                    ui.add_space(8.0);
                }
                facts_ui(ui, shown, context);
                if let Some(stack) = &shown.stack {
                    ui.add_space(8.0);
                    ui.label(RichText::new("Allocation stack").color(context.theme.colors.quiet));
                    match stack {
                        Ok(frames) => {
                            for frame in frames {
                                ui.add(Label::new(RichText::new(frame).monospace()).selectable(true).truncate());
                            }
                        }
                        Err(why) => {
                            ui.label(*why);
                        }
                    }
                }
            });
        });
        if shown.fields.row_count() == 0 {
            message(ui, "This object refers to nothing");
            return;
        }
        let can_compare = context.base.is_some();
        let commands = &mut *context.commands;
        let events = self.table.ui(ui, &mut shown.fields, |ui, rows, row| {
            let Some(node) = rows.item(row).map(|edge| open.snapshot.heap.graph.edge(edge).target) else { return };
            object_menu_ui(ui, &open, Selection { snapshot: open.id, node }, can_compare, commands);
            ui.separator();
        });
        context.commands.extend(events.export.map(Command::Export));
        if let Some(edge) = events.activated.and_then(|row| shown.fields.item(row)) {
            let node = open.snapshot.heap.graph.edge(edge).target;
            context.commands.push(Command::Select(Some(Selection { snapshot: open.id, node })));
        }
    }

    /// Gives back what is kept about a snapshot.
    pub(super) fn forget(&mut self, id: DocumentId) {
        self.shown.take_if(|shown| shown.selection.snapshot == id);
    }
}

fn facts_ui(ui: &mut Ui, shown: &Shown, context: &mut PanelContext<'_>) {
    let quiet = context.theme.colors.quiet;
    Grid::new("facts").num_columns(2).spacing([16.0, 4.0]).show(ui, |ui| {
        for fact in &shown.facts {
            ui.label(RichText::new(fact.name).color(quiet)).on_hover_text(fact.help);
            match fact.object {
                Some(node) => {
                    if ui.add(egui::Link::new(RichText::new(&fact.value).monospace())).clicked() {
                        let selection = Selection { snapshot: shown.selection.snapshot, node };
                        context.push(Command::Select(Some(selection)));
                    }
                }
                None => {
                    ui.add(Label::new(RichText::new(&fact.value).monospace()).selectable(true).wrap());
                }
            }
            ui.end_row();
        }
    });
}
