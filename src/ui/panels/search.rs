//! Search: objects by text in their names, by `/expression/` or by `@id`. What is found stands in a
//! list below the field; nothing else moves until the user goes to one of them.

use super::{Command, PanelContext, Panels};
use crate::analysis::Heap;
use crate::analysis::tables::search::{Query, QueryOptions, search};
use crate::graph::NodeIndex;
use crate::progress::Cancelled;
use crate::session::DocumentId;
use crate::session::job::Job;
use crate::ui::rows::cells;
use crate::ui::selection::Selection;
use crate::ui::theme::Theme;
use crate::ui::tree::Face;
use crate::ui::widgets::field::field;
use crate::ui::widgets::icon::{Icon, icon_button, icon_button_with};
use crate::units;
use egui::accesskit::Role;
use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Frame, Key, RichText, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};
use std::sync::Arc;

/// How tall the list of what was found is at most.
const LIST: f32 = 148.0;
/// So many are listed; the others are reached one after the other.
const LISTED: usize = 100_000;
/// How many characters are shown before what was found in a long text.
const BEFORE: usize = 40;

/// The line above the panel in which is searched, and what was found.
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
    /// What is looked for, to point out where it was found.
    query: Option<Query>,
    found: Vec<NodeIndex>,
    /// Which of those the user went to last.
    at: Option<usize>,
    /// The list is to show that one.
    is_scrolling: bool,
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
        let Some(last) = self.found.len().checked_sub(1) else { return };
        let to = match self.at {
            None if by < 0 => last,
            None => 0,
            Some(at) => (at as isize + by).rem_euclid(self.found.len() as isize) as usize,
        };
        self.go(to, context);
    }

    /// Goes to the object at this place among what was found.
    fn go(&mut self, to: usize, context: &mut PanelContext<'_>) {
        let Some(&node) = self.found.get(to) else { return };
        let again = self.at.is_some();
        self.at = Some(to);
        self.is_scrolling = true;
        let selection = Selection { snapshot: context.current.id, node };
        context.push(Command::GoTo { selection, again });
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
        egui::Frame::new().inner_margin(egui::Margin::symmetric(8, 3)).show(ui, |ui| {
            ui.horizontal(|ui| {
                let width = (ui.available_width() - 240.0).clamp(80.0, 260.0);
                let edit = egui::TextEdit::singleline(&mut self.text).desired_width(width);
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
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    if icon_button(ui, Icon::Close, "Close search", true).clicked() {
                        self.is_open = false;
                    }
                    ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                        ui.add(egui::Label::new(status).truncate());
                    });
                });
                let is_escaped = ui.input(|i| i.key_pressed(Key::Escape)) && (field.has_focus() || field.lost_focus());
                if is_escaped {
                    self.is_open = false;
                }
            })
        });
        if self.is_open && !self.found.is_empty() {
            self.list_ui(ui, context);
        }
    }

    /// What was found, one below the other.
    fn list_ui(&mut self, ui: &mut Ui, context: &mut PanelContext<'_>) {
        let theme = context.theme;
        let heap = &context.current.snapshot.heap;
        let mut clicked = None;
        let listed = self.found.len().min(LISTED);
        let is_scrolling = std::mem::take(&mut self.is_scrolling);
        let height = Theme::ROW_HEIGHT;
        Frame::new().fill(theme.colors.window).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let mut area = ScrollArea::vertical().id_salt("found").max_height(LIST).auto_shrink([false, true]);
            if let Some(at) = self.at.filter(|at| is_scrolling && *at < listed) {
                let middle = (at as f32 + 0.5) * height - LIST / 2.0;
                area = area.vertical_scroll_offset(middle.max(0.0));
            }
            area.show_rows(ui, height, listed, |ui, rows| {
                for at in rows {
                    if found_ui(ui, theme, heap, self.found[at], self.query.as_ref(), self.at == Some(at)) {
                        clicked = Some(at);
                    }
                }
            });
        });
        if let Some(at) = clicked {
            self.go(at, context);
            // The list stays where it was clicked.
            self.is_scrolling = false;
        }
    }

    fn status(&self) -> String {
        if self.job.is_some() {
            return "Searching…".to_owned();
        }
        match (self.text.trim().is_empty(), self.found.len()) {
            (true, _) => String::new(),
            (false, 0) => "Nothing found".to_owned(),
            (false, n) => match self.at {
                Some(at) => format!("{} of {}", units::count(at as u64 + 1), units::count(n as u64)),
                None => format!("{} found", units::count(n as u64)),
            },
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
        self.at = None;
        self.job = None;
        self.error = None;
        if self.text.trim().is_empty() {
            return;
        }
        match parse(&self.text, self.case_sensitive) {
            Err(error) => self.error = Some(error.to_string().lines().last().unwrap_or_default().to_owned()),
            Ok(query) => {
                self.query = Some(query.clone());
                let snapshot = Arc::clone(&context.current.snapshot);
                let nodes = panels.counted_nodes(context.current.id);
                let description = format!("Searching for {}", self.text);
                self.job = Some(Job::spawn("search", description, context.front_end, move |progress| {
                    search(&snapshot.heap, &query, nodes.as_deref(), &progress.stage("Searching", 1, 1))
                }));
            }
        }
    }

    /// Takes over what was found.
    fn poll(&mut self, context: &PanelContext<'_>) {
        let Some(result) = self.job.as_mut().and_then(Job::poll) else { return };
        self.job = None;
        match result {
            Ok(Ok(found)) => self.found = found,
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
            self.at = None;
        }
    }
}

/// An object that was found: its name, where it was found in it, its id and what it keeps alive;
/// returns whether it was clicked.
fn found_ui(ui: &mut Ui, theme: &Theme, heap: &Heap, n: NodeIndex, query: Option<&Query>, is_chosen: bool) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), Theme::ROW_HEIGHT), Sense::click());
    let spans = cells::object(heap, n);
    let name: String = spans.iter().map(|span| span.text.as_str()).collect();
    response.widget_info(|| WidgetInfo::selected(Role::ListItem, true, is_chosen, &name));
    if is_chosen || response.hovered() {
        let color = if is_chosen { theme.colors.selected } else { theme.colors.hover };
        ui.painter().rect_filled(rect, 0, color);
    }
    let retained = units::bytes(heap.retained_size(n));
    let figure = ui.painter().layout_no_wrap(retained, theme.font(Face::Code), theme.colors.quiet);
    let room = (rect.width() - figure.size().x - 36.0).max(1.0);
    let mut job = LayoutJob { wrap: TextWrapping::truncate_at_width(room), ..LayoutJob::default() };
    for (at, span) in spans.iter().enumerate() {
        let plain = TextFormat::simple(theme.font(span.face), theme.tone(span.tone));
        let range = query.filter(|_| at == 0).and_then(|query| query.match_in(&span.text)).unwrap_or(0..0);
        let lit = TextFormat { background: theme.colors.bar, ..plain.clone() };
        // Of a long text what was found in it is shown, with a little before it.
        let from = span.text[..range.start].char_indices().rev().nth(BEFORE).map_or(0, |(byte, _)| byte);
        job.append(if from > 0 { "…" } else { "" }, 0.0, plain.clone());
        job.append(&span.text[from..range.start], 0.0, plain.clone());
        job.append(&span.text[range.clone()], 0.0, lit);
        job.append(&span.text[range.end..], 0.0, plain);
    }
    let galley = ui.painter().layout_job(job);
    let top = |height: f32| rect.center().y - height / 2.0;
    ui.painter().galley(pos2(rect.left() + 12.0, top(galley.size().y)), galley, theme.colors.text);
    let right = rect.right() - 12.0 - figure.size().x;
    ui.painter().galley(pos2(right, top(figure.size().y)), figure, theme.colors.quiet);
    response.on_hover_text("Go to this object; its size is what it keeps alive").clicked()
}
