//! The search bar: objects by name, by expression or by `@id`, one after the other.

use super::App;
use crate::analysis::search::{Query, QueryOptions, search};
use crate::graph::NodeIndex;
use crate::progress::Cancelled;
use crate::session::OpenSnapshot;
use crate::session::SnapshotId;
use crate::session::job::{Job, Wake};
use crate::ui::command::Command;
use crate::ui::panels::{Panel, Panels};
use crate::ui::selection::Selection;
use crate::ui::theme::Theme;
use crate::ui::widgets::icon::{Icon, icon_button, icon_button_with};
use crate::units;
use egui::{Key, RichText, TextEdit, Ui};
use std::sync::Arc;

/// The bar, and what was found.
#[derive(Debug, Default)]
pub(super) struct Find {
    pub is_open: bool,
    wants_focus: bool,
    text: String,
    options: QueryOptions,
    /// What was searched for last.
    asked: Option<Asked>,
    /// Why the text cannot be searched for.
    error: Option<String>,
    searching: Option<Job<Result<Vec<NodeIndex>, Cancelled>>>,
    hits: Vec<NodeIndex>,
    /// Position in `hits` of the one that is shown.
    at: usize,
}

#[derive(Debug, Clone, PartialEq)]
struct Asked {
    snapshot: SnapshotId,
    text: String,
    options: QueryOptions,
}

impl Find {
    /// Opens the bar with the keyboard in it; `typed` goes on after what is there, if the bar was
    /// open, or replaces it.
    pub(super) fn open(&mut self, typed: &str) {
        if !typed.is_empty() {
            if !self.is_open {
                self.text.clear();
            }
            self.text.push_str(typed);
        }
        self.is_open = true;
        self.wants_focus = true;
    }

    /// Lets go of what was found in a snapshot that will be closed.
    pub(super) fn forget(&mut self, id: SnapshotId) {
        if self.asked.as_ref().is_some_and(|a| a.snapshot == id) {
            self.asked = None;
            self.searching = None;
            self.hits.clear();
        }
    }

    /// Starts a search when anything was changed, and takes over what one has found. Returns the
    /// first object found.
    fn update(&mut self, current: &OpenSnapshot, panels: &Panels, wake: &Wake) -> Option<NodeIndex> {
        let now = Asked { snapshot: current.id, text: self.text.trim().to_owned(), options: self.options };
        if self.asked.as_ref() != Some(&now) {
            self.hits.clear();
            self.at = 0;
            self.error = None;
            self.searching = None;
            match Query::parse(&now.text, self.options) {
                Err(e) => self.error = Some(e.to_string()),
                Ok(_) if now.text.is_empty() => {}
                Ok(query) => {
                    let snapshot = Arc::clone(&current.snapshot);
                    let nodes = panels.counted_nodes(current.id);
                    self.searching = Some(Job::spawn("search", "Searching", wake, move |progress| {
                        search(&snapshot.heap, &query, nodes.as_deref(), &progress.stage("Searching", 1, 1))
                    }));
                }
            }
            self.asked = Some(now);
        }
        match self.searching.as_mut()?.poll()? {
            Ok(Ok(hits)) => self.hits = hits,
            Ok(Err(Cancelled)) => {}
            Err(panicked) => self.error = Some(panicked.to_string()),
        }
        self.searching = None;
        self.hits.first().copied()
    }

    /// The object `by` further on, round the end.
    fn step(&mut self, by: isize) -> Option<NodeIndex> {
        let count = self.hits.len();
        if count == 0 {
            return None;
        }
        self.at = self.at.checked_add_signed(by).map_or(count - 1, |at| if at < count { at } else { 0 });
        self.hits.get(self.at).copied()
    }

    fn status(&self) -> String {
        if self.searching.is_some() {
            return "Searching…".to_owned();
        }
        match self.hits.len() {
            _ if self.text.trim().is_empty() || self.error.is_some() => String::new(),
            0 => "Nothing found".to_owned(),
            n => format!("{} of {}", units::count(self.at as u64 + 1), units::count(n as u64)),
        }
    }
}

impl App {
    /// Draws the bar and searches.
    pub(super) fn find_ui(&mut self, ui: &mut Ui) {
        let Some(current) = self.current.and_then(|id| self.session.get(id)).cloned() else { return };
        let theme = Theme::of(ui.ctx());
        let find = &mut self.find;
        let mut step = 0;
        ui.horizontal(|ui| {
            ui.set_height(Theme::BAR_HEIGHT);
            ui.add_space(8.0);
            let edit = TextEdit::singleline(&mut find.text).desired_width(280.0).hint_text("Part of a name, or @id");
            let field = ui.add(edit).accessible_name("Find objects");
            if std::mem::take(&mut find.wants_focus) {
                field.request_focus();
            }
            if field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter)) {
                step = if ui.input(|i| i.modifiers.shift) { -1 } else { 1 };
                field.request_focus();
            }
            let escape = ui.input(|i| i.key_pressed(Key::Escape));
            ui.toggle_value(&mut find.options.case_sensitive, "Aa").on_hover_text("Capitals matter");
            ui.toggle_value(&mut find.options.regex, ".*").on_hover_text("Search for a regular expression");
            for (icon, name, command, by) in
                [(Icon::Up, "Previous", Command::FindPrevious, -1), (Icon::Down, "Next", Command::FindNext, 1)]
            {
                let tooltip = command.tooltip(ui.ctx());
                if icon_button_with(ui, icon, name, &tooltip, !find.hits.is_empty()).clicked() {
                    step = by;
                }
            }
            match &find.error {
                Some(error) => {
                    let last = error.lines().last().unwrap_or_default();
                    ui.label(RichText::new(last).color(theme.colors.error)).on_hover_text(error);
                }
                None => {
                    ui.label(RichText::new(find.status()).color(theme.colors.quiet));
                }
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ui.add_space(4.0);
                if icon_button(ui, Icon::Close, "Close search", true).clicked() || field.lost_focus() && escape {
                    find.is_open = false;
                }
            });
        });
        let first = self.find.update(&current, &self.panels, &self.wake);
        let shown = first.or_else(|| if step == 0 { None } else { self.find.step(step) });
        self.show_hit(current.id, shown);
    }

    /// Shows the next or the previous of the objects found.
    pub(super) fn find_step(&mut self, by: isize) {
        let Some(asked) = self.find.asked.clone() else {
            self.find.open("");
            return;
        };
        let hit = self.find.step(by);
        self.show_hit(asked.snapshot, hit);
    }

    fn show_hit(&mut self, snapshot: SnapshotId, hit: Option<NodeIndex>) {
        if let Some(node) = hit {
            self.commands.push(Command::Reveal(Panel::Summary, Selection { snapshot, node }));
        }
    }
}
