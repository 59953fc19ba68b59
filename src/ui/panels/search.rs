//! Search: objects by text in their names, by `/expression/` or by `@id`; each one found is
//! revealed in Summary.

use super::{Command, PanelContext, Panels};
use crate::analysis::tables::search::{Query, QueryOptions, search};
use crate::graph::NodeIndex;
use crate::progress::Cancelled;
use crate::session::DocumentId;
use crate::session::job::Job;
use crate::ui::place::PanelId;
use crate::ui::selection::Selection;
use crate::ui::widgets::field::field;
use crate::ui::widgets::icon::{Icon, icon_button, icon_button_with};
use crate::units;
use egui::{Key, RichText, Ui};
use std::sync::Arc;

/// The line above the panel in which is searched.
#[derive(Debug, Default)]
pub struct SearchBar {
    is_open: bool,
    wants_focus: bool,
    text: String,
    case_sensitive: bool,
    /// Where and for what `found` was looked for.
    searched: Option<Searched>,
    job: Option<Job<Result<Vec<NodeIndex>, Cancelled>>>,
    error: Option<String>,
    found: Vec<NodeIndex>,
    at: usize,
    /// How far to go among what was found, at the next frame.
    steps: isize,
}

#[derive(Debug, Clone, PartialEq)]
struct Searched {
    snapshot: DocumentId,
    text: String,
    case_sensitive: bool,
}

/// Understands `/expression/`, `@id` and plain text.
fn parse(text: &str, case_sensitive: bool) -> Result<Query, regex::Error> {
    let expression = text.trim().strip_prefix('/').and_then(|rest| rest.strip_suffix('/')).filter(|e| !e.is_empty());
    match expression {
        Some(expression) => Query::parse(expression, QueryOptions { regex: true, case_sensitive }),
        None => Query::parse(text, QueryOptions { regex: false, case_sensitive }),
    }
}

impl SearchBar {
    /// Opens the bar and gives it the keyboard. `typed` is what was typed already: it goes on
    /// after what is in the bar, if that was open.
    pub fn open(&mut self, typed: &str) {
        if !typed.is_empty() {
            if !self.is_open {
                self.text.clear();
            }
            self.text.push_str(typed);
        }
        self.is_open = true;
        self.wants_focus = true;
    }

    /// Whether the bar is there.
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// Goes `by` places on among what was found, at the next frame.
    pub fn ask_for_step(&mut self, by: isize) {
        self.steps += by;
    }

    /// Goes `by` places on among what was found, round the end.
    fn step(&mut self, by: isize, context: &mut PanelContext<'_>) {
        if self.found.is_empty() {
            return;
        }
        self.at = (self.at as isize + by).rem_euclid(self.found.len() as isize) as usize;
        self.show(context);
    }

    fn show(&self, context: &mut PanelContext<'_>) {
        if let Some(&node) = self.found.get(self.at) {
            let selection = Selection { snapshot: context.current.id, node };
            context.push(Command::Reveal(PanelId::SUMMARY, selection));
        }
    }

    /// Draws the bar, if it is open. `panels` know which objects are counted at all.
    pub fn ui(&mut self, ui: &mut Ui, context: &mut PanelContext<'_>, panels: &Panels) {
        self.poll(context);
        match std::mem::take(&mut self.steps) {
            0 => {}
            steps => self.step(steps, context),
        }
        if !self.is_open {
            return;
        }
        super::toolbar(ui, |ui| {
            let edit = egui::TextEdit::singleline(&mut self.text).desired_width(260.0);
            let field = field(ui, edit.hint_text("text, /regex/ or @id"), "Search");
            if std::mem::take(&mut self.wants_focus) {
                field.request_focus();
            }
            ui.toggle_value(&mut self.case_sensitive, "Aa").on_hover_text("Capitals matter");
            self.search(context, panels);
            let is_entered = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
            let is_back = ui.input(|i| i.modifiers.shift);
            if is_entered {
                field.request_focus();
                self.step(if is_back { -1 } else { 1 }, context);
            }
            for (icon, name, command, by) in
                [(Icon::Up, "Previous", Command::FindPrevious, -1), (Icon::Down, "Next", Command::FindNext, 1)]
            {
                let tooltip = command.tooltip(ui.ctx());
                if icon_button_with(ui, icon, name, &tooltip, self.found.len() > 1).clicked() {
                    self.step(by, context);
                }
            }
            let status = match &self.error {
                Some(error) => RichText::new(error).color(context.theme.colors.error),
                None => RichText::new(self.status()).color(context.theme.colors.quiet),
            };
            ui.add(egui::Label::new(status).truncate());
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if icon_button(ui, Icon::Close, "Close search", true).clicked() {
                    self.is_open = false;
                }
            });
            let is_escaped = ui.input(|i| i.key_pressed(Key::Escape)) && (field.has_focus() || field.lost_focus());
            if is_escaped {
                self.is_open = false;
            }
        });
    }

    fn status(&self) -> String {
        if self.job.is_some() {
            return "Searching…".to_owned();
        }
        match (self.text.trim().is_empty(), self.found.len()) {
            (true, _) => String::new(),
            (false, 0) => "Nothing found".to_owned(),
            (false, n) => format!("{} of {}", units::count(self.at as u64 + 1), units::count(n as u64)),
        }
    }

    /// Starts to search when the text or the snapshot is another one.
    fn search(&mut self, context: &PanelContext<'_>, panels: &Panels) {
        let wanted =
            Searched { snapshot: context.current.id, text: self.text.clone(), case_sensitive: self.case_sensitive };
        if self.searched.as_ref() == Some(&wanted) {
            return;
        }
        self.searched = Some(wanted);
        self.found.clear();
        self.at = 0;
        self.job = None;
        self.error = None;
        if self.text.trim().is_empty() {
            return;
        }
        match parse(&self.text, self.case_sensitive) {
            Err(error) => self.error = Some(error.to_string().lines().last().unwrap_or_default().to_owned()),
            Ok(query) => {
                let snapshot = Arc::clone(&context.current.snapshot);
                let nodes = panels.counted_nodes(context.current.id);
                let description = format!("Searching for {}", self.text);
                self.job = Some(Job::spawn("search", description, context.front_end, move |progress| {
                    search(&snapshot.heap, &query, nodes.as_deref(), &progress.stage("Searching", 1, 1))
                }));
            }
        }
    }

    /// Takes over what was found and shows the first of it.
    fn poll(&mut self, context: &mut PanelContext<'_>) {
        let Some(result) = self.job.as_mut().and_then(Job::poll) else { return };
        self.job = None;
        match result {
            Ok(Ok(found)) => {
                self.found = found;
                self.show(context);
            }
            Ok(Err(Cancelled)) => {}
            Err(panicked) => {
                self.error = Some("The search failed".to_owned());
                context.front_end.report(panicked);
            }
        }
    }

    /// Gives back what is kept about a snapshot.
    pub fn forget(&mut self, id: DocumentId) {
        if self.searched.as_ref().is_some_and(|s| s.snapshot == id) {
            self.searched = None;
            self.job = None;
            self.found = Vec::new();
        }
    }
}
