//! The application: what is open, what is shown, and the commands that change either.
//!
//! Each frame [`App::logic`] takes over what the background finished, [`App::ui`] draws, and then
//! the commands that were pushed meanwhile run. Knows egui alone; the window around it is the
//! business of [`super::window`].

mod bar;
mod drop;
mod exporting;
mod notices;
mod shortcuts;
mod sidebar;
mod welcome;

use super::command::{self, Command, Commands};
use super::history::History;
use super::panels::{LowerPane, Panel, PanelContext, Panels, PerSnapshot, SearchBar};
use super::place::{LowerTab, PanelId, Place};
use super::sample;
use super::selection::Selection;
use super::settings::Settings;
use super::theme::{self, Theme, ThemeChoice};
use super::widgets::message::message;
use super::widgets::tree_table::ColumnLayouts;
use crate::session::job::{FrontEnd, Job};
use crate::session::{Document, DocumentId, DocumentKind, Session, SessionEvent};
use egui::{CentralPanel, Context, Frame, Ui};
use notices::{Notice, incomplete_ui, notices_ui};
use sidebar::Renaming;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Asks the user for files; called on a thread of its own. `None` means that nobody could be
/// asked, for want of a dialog.
pub type AskForFiles = Arc<dyn Fn() -> Option<Vec<PathBuf>> + Send + Sync>;

/// Asks the user where to save a file, suggesting a name; called on a thread of its own. `None`
/// means that nobody could be asked, `Some(None)` that the user chose nothing.
pub type AskWhereToSave = Arc<dyn Fn(&str) -> Option<Option<PathBuf>> + Send + Sync>;

/// How often progress is drawn while files are loading.
const PROGRESS_EVERY: Duration = Duration::from_millis(50);

/// What an application needs from the world around it.
pub struct Surroundings {
    /// Where settings are kept; `None` for nowhere.
    pub settings_path: Option<PathBuf>,
    /// The file dialog.
    pub ask_for_files: AskForFiles,
    /// The dialog for saving.
    pub ask_where_to_save: AskWhereToSave,
    /// Tells how much memory is free, if that can be known.
    pub free_memory: fn() -> Option<u64>,
    /// Whether the desktop is dark, where egui cannot know.
    pub is_desktop_dark: Option<bool>,
    /// What the user should know about this system, such as that files cannot be dropped.
    pub note: Option<String>,
}

/// The application.
pub struct App {
    session: Session,
    panels: Panels,
    lower: LowerPane,
    search: SearchBar,
    /// Files were opened, and nobody has looked yet whether they show growth.
    is_growth_unseen: bool,
    /// How far to go among what was found, once panels are drawn.
    search_steps: isize,
    commands: Commands,
    front_end: FrontEnd,
    surroundings: Surroundings,
    settings: Settings,
    /// The settings as they are on disk.
    saved: Settings,
    dialog: Option<Job<Option<Vec<PathBuf>>>>,
    exports: Vec<Job<exporting::Exported>>,
    panel: PanelId,
    current: Option<DocumentId>,
    chosen_base: Option<DocumentId>,
    selection: Option<Selection>,
    /// The selection each snapshot was left with.
    left: PerSnapshot<Selection>,
    /// Shown as soon as it is open.
    awaited: Option<DocumentId>,
    history: History,
    notices: Vec<Notice>,
    is_showing_shortcuts: bool,
    renaming: Option<Renaming>,
    dragged: Option<DocumentId>,
    theme: Option<Theme>,
}

impl App {
    /// An application that begins by opening `files`.
    pub fn new(ctx: &Context, surroundings: Surroundings, files: &[PathBuf]) -> Self {
        let settings = surroundings.settings_path.as_deref().map(Settings::load).unwrap_or_default();
        ColumnLayouts::of(ctx).set_all(settings.columns.clone());
        ctx.set_fonts(theme::fonts());
        // Keys of zoom are ours, so that it can be remembered.
        ctx.options_mut(|o| o.zoom_with_keyboard = false);
        ctx.set_zoom_factor(settings.zoom);
        let front_end = {
            let ctx = ctx.clone();
            FrontEnd::new(move || ctx.request_repaint())
        };
        let panels = Panels::default();
        let mut app = Self {
            session: Session::new(front_end.clone()).with_free_memory(surroundings.free_memory),
            lower: LowerPane::default(),
            search: SearchBar::default(),
            is_growth_unseen: false,
            search_steps: 0,
            commands: Commands::new(),
            front_end,
            notices: surroundings.note.iter().cloned().map(Notice::Text).collect(),
            surroundings,
            panel: panels.find(&settings.panel).unwrap_or(PanelId::SUMMARY),
            panels,
            saved: settings.clone(),
            settings,
            dialog: None,
            exports: Vec::new(),
            current: None,
            chosen_base: None,
            selection: None,
            left: PerSnapshot::default(),
            awaited: None,
            history: History::default(),
            is_showing_shortcuts: false,
            renaming: None,
            dragged: None,
            theme: None,
        };
        app.apply_theme(ctx);
        app.open(files);
        app
    }

    /// What is open.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The panels there are.
    pub fn panels(&self) -> &Panels {
        &self.panels
    }

    /// One more panel, behind the others.
    pub fn add_panel(&mut self, panel: impl Panel + 'static) {
        self.panels.add(panel);
    }

    /// Where background work begun elsewhere reports to.
    pub fn front_end(&self) -> &FrontEnd {
        &self.front_end
    }

    /// What is remembered between runs.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The selected object.
    pub fn selection(&self) -> Option<Selection> {
        self.selection
    }

    /// Asks for something to be done at the end of the next frame.
    pub(in crate::ui) fn push(&mut self, command: Command) {
        self.commands.push(command);
    }

    /// Takes over what happened outside: finished work, keys, dropped files. Also called while
    /// the window is hidden.
    pub fn logic(&mut self, ctx: &Context) {
        for event in self.session.poll() {
            match event {
                SessionEvent::Opened(id) => {
                    self.opened(id);
                    // Which files were opened lately should outlive a display that goes away.
                    self.save(ctx);
                }
                SessionEvent::Refused(_) => {}
                SessionEvent::Gone(id) => self.forget(id),
                SessionEvent::Found(files) => self.open(&files),
            }
        }
        if let Some(result) = self.dialog.as_mut().and_then(Job::poll) {
            self.dialog = None;
            match result {
                Ok(Some(files)) => self.open(&files),
                Ok(None) => self.notices.push(Notice::NoDialog(String::new())),
                Err(panicked) => self.front_end.report(panicked),
            }
        }
        self.export(ctx);
        for failure in self.front_end.take_failures() {
            let is_known = self.notices.iter().any(|n| matches!(n, Notice::Failure(f) if *f == failure));
            if !is_known {
                self.notices.push(Notice::Failure(failure));
            }
        }
        let (dropped, is_back) = ctx.input(|i| {
            let dropped: Vec<PathBuf> = i.raw.dropped_files.iter().map(|f| f.path().to_owned()).collect();
            (dropped, i.events.contains(&egui::Event::WindowFocused(true)))
        });
        self.open(&dropped);
        if is_back {
            self.session.look_at_disk();
        }
        self.commands.extend(command::pressed(ctx));
        if self.session.is_loading() {
            ctx.request_repaint_after(PROGRESS_EVERY);
        }
        self.apply_theme(ctx);
    }

    /// Draws the window.
    pub fn ui(&mut self, ui: &mut Ui) {
        let theme = Theme::of(ui.ctx());
        let window = Frame::new().fill(theme.colors.window);
        let panel = Frame::new().fill(theme.colors.panel);
        egui::Panel::top("bar").frame(window).show(ui, |ui| self.bar_ui(ui));
        if !self.session.documents().is_empty() {
            let sidebar = egui::Panel::left("sidebar")
                .frame(window)
                .default_size(self.settings.sidebar_width)
                .size_range(140.0..=480.0)
                .show(ui, |ui| self.sidebar_ui(ui));
            self.settings.sidebar_width = sidebar.response.rect.width();
        }
        let current = self.current.and_then(|id| self.session.snapshot(id));
        if let Some(current) = current {
            let base = self.base().and_then(|id| self.session.snapshot(id));
            let mut context = PanelContext {
                session: &self.session,
                current: &current,
                base: base.as_ref(),
                selection: self.selection,
                theme: &theme,
                front_end: &self.front_end,
                commands: &mut self.commands,
            };
            let tallest = (ui.available_height() - 120.0).max(80.0);
            let shows_objects = self.panels.get(self.panel).is_some_and(Panel::shows_objects);
            let has_lower = shows_objects || self.lower.has_something(self.settings.lower_tab, &context);
            if has_lower {
                let lower = egui::Panel::bottom("lower")
                    .frame(panel)
                    .resizable(true)
                    .default_size(self.settings.lower_height.min(tallest))
                    .size_range(80.0..=tallest)
                    .show_collapsible(ui, &mut self.settings.is_lower_open, |ui| {
                        self.lower.ui(ui, self.settings.lower_tab, &mut context);
                        ui.take_available_space();
                    });
                if let Some(lower) = lower {
                    self.settings.lower_height = lower.response.rect.height();
                }
            }
            CentralPanel::no_frame().frame(panel).show(ui, |ui| {
                notices_ui(ui, &theme, &mut self.notices, context.commands);
                incomplete_ui(ui, &theme, &current.snapshot);
                match std::mem::take(&mut self.search_steps) {
                    0 => {}
                    steps => self.search.step(steps, &mut context),
                }
                self.search.ui(ui, &mut context, &self.panels);
                if let Some(panel) = self.panels.get_mut(self.panel) {
                    panel.ui(ui, &mut context);
                }
            });
        } else {
            CentralPanel::no_frame().frame(panel).show(ui, |ui| {
                notices_ui(ui, &theme, &mut self.notices, &mut self.commands);
                if self.session.is_loading() {
                    let known = |e: &Document| format!("{}\n{}", e.name(), sidebar::known_text(e));
                    let loading = self.session.documents().iter().filter(|e| e.progress().is_some()).map(known);
                    message(ui, &format!("Opening {}", loading.collect::<Vec<_>>().join("\n")));
                } else {
                    self.welcome_ui(ui);
                }
            });
        }
        self.drop_target_ui(ui);
        if self.is_showing_shortcuts {
            self.shortcuts_ui(ui);
        }
        self.note_window(ui.ctx());
        self.export(ui.ctx());
        let commands = std::mem::take(&mut self.commands);
        if !commands.is_empty() {
            commands.into_iter().for_each(|c| self.run(ui.ctx(), c));
            self.save(ui.ctx());
            ui.ctx().request_repaint();
        }
        self.history.visit(self.place());
    }

    /// Writes the settings if they changed.
    pub fn save(&mut self, ctx: &Context) {
        self.settings.columns = ColumnLayouts::of(ctx).all();
        let Some(path) = self.surroundings.settings_path.as_deref().filter(|_| self.settings != self.saved) else {
            return;
        };
        if let Err(e) = self.settings.save(path) {
            log::warn!("cannot write the settings: {e}");
        }
        self.saved = self.settings.clone();
    }

    fn run(&mut self, ctx: &Context, command: Command) {
        match command {
            Command::OpenDialog => self.ask_for_files(),
            Command::OpenSample => self.open_sample(),
            Command::Open(files) => self.open(&files),
            Command::ShowSnapshot(id) => self.show_snapshot(id),
            Command::PreviousSnapshot => self.step(-1),
            Command::NextSnapshot => self.step(1),
            Command::SetBase(id) => self.chosen_base = Some(id),
            Command::SwapBase => {
                if let (Some(current), Some(base)) = (self.current, self.base()) {
                    self.chosen_base = Some(current);
                    self.show_snapshot(base);
                }
            }
            Command::Remove(id) => self.remove(id),
            Command::Close => {
                if let Some(id) = self.current {
                    self.remove(id);
                }
            }
            Command::Reload(id) => self.reload(id),
            Command::Force(id) => {
                if let Some(new) = self.session.force(id) {
                    self.show_when_open(new);
                }
            }
            Command::BeginRename => {
                if let Some(id) = self.current {
                    self.begin_rename(id);
                }
            }
            Command::Rename(id, name) => self.session.rename(id, &name),
            Command::Move(id, position) => self.session.move_to(id, position),
            Command::Show(panel) => self.show(panel),
            Command::ShowNumbered(number) => {
                if let Some(panel) = self.panels.numbered(number, self.kind()) {
                    self.show(panel);
                }
            }
            Command::Select(selection) => self.selection = selection,
            Command::Reveal(panel, selection) => {
                self.go(Place { panel, snapshot: self.snapshot_for(panel, selection), selection: Some(selection) });
            }
            Command::FilterClasses(text) => {
                let panel = self.panels.filter_classes(self.panel, &text);
                self.show(panel);
            }
            Command::CompareClass(text) => {
                let panel = self.panels.filter_classes(PanelId::COMPARISON, &text);
                self.show(panel);
            }
            Command::CountObjects(id, filter) => self.panels.count_objects(id, &filter),
            Command::ShowPaths(group) => {
                self.lower.show_paths(group);
                self.show_lower(LowerTab::Paths);
            }
            Command::ShowLower(tab) => self.show_lower(tab),
            Command::ToggleLower => self.settings.is_lower_open = !self.settings.is_lower_open,
            Command::Back => {
                if let Some(place) = self.history.back() {
                    self.go(place);
                }
            }
            Command::Forward => {
                if let Some(place) = self.history.forward() {
                    self.go(place);
                }
            }
            Command::Find(text) => self.search.open(&text),
            Command::FindNext => self.search_steps += 1,
            Command::FindPrevious => self.search_steps -= 1,
            Command::FocusFilter => {
                if let Some(panel) = self.panels.get_mut(self.panel) {
                    panel.focus_filter();
                }
            }
            Command::UseTheme(choice) => self.settings.theme = choice,
            Command::ToggleContrast => self.settings.is_high_contrast = !self.settings.is_high_contrast,
            Command::ZoomIn => self.zoom(ctx, self.settings.zoom + 0.1),
            Command::ZoomOut => self.zoom(ctx, self.settings.zoom - 0.1),
            Command::ZoomReset => self.zoom(ctx, 1.0),
            Command::Copy(text) => ctx.copy_text(text),
            Command::ToggleShortcuts => self.is_showing_shortcuts = !self.is_showing_shortcuts,
            Command::Quit => ctx.send_viewport_cmd(egui::ViewportCommand::Close),
        }
    }

    fn place(&self) -> Place {
        Place { panel: self.panel, snapshot: self.current, selection: self.selection }
    }

    fn go(&mut self, place: Place) {
        if let Some(id) = place.snapshot {
            self.show_snapshot(id);
        }
        self.show(place.panel);
        self.selection = place.selection;
        if let Some(selection) = place.selection
            && let Some(panel) = self.panels.get_mut(place.panel)
        {
            panel.reveal(selection);
        }
    }

    /// Which snapshot must be shown for an object to be in `panel`: its own, unless the panel
    /// shows two and it is in one of them.
    fn snapshot_for(&self, panel: PanelId, selection: Selection) -> Option<DocumentId> {
        let is_comparing = self.panels.get(panel).is_some_and(Panel::is_comparing);
        let is_base = is_comparing && self.base() == Some(selection.snapshot);
        if is_base { self.current } else { Some(selection.snapshot) }
    }

    fn show_lower(&mut self, tab: LowerTab) {
        self.settings.lower_tab = tab;
        self.settings.is_lower_open = true;
    }

    fn show(&mut self, panel: PanelId) {
        self.panel = panel;
        panel.0.clone_into(&mut self.settings.panel);
    }

    /// The kind of the present document.
    fn kind(&self) -> DocumentKind {
        DocumentKind::Snapshot
    }

    fn show_snapshot(&mut self, id: DocumentId) {
        if self.session.snapshot(id).is_none() || self.current == Some(id) {
            return;
        }
        if let (Some(current), Some(selection)) = (self.current, self.selection) {
            *self.left.get_or_insert_with(current, || selection) = selection;
        }
        // While a chosen pair is still opening, the base may be shown alone.
        if self.chosen_base == Some(id) && self.awaited.is_none() {
            self.chosen_base = None;
        }
        self.current = Some(id);
        self.selection = self.left.get(id).copied();
    }

    /// Shows the snapshot `by` places below the present one.
    fn step(&mut self, by: isize) {
        let ids: Vec<DocumentId> = self.session.snapshots().map(|s| s.id).collect();
        let at = ids.iter().position(|id| self.current == Some(*id));
        if let Some(&id) = at.and_then(|at| ids.get(at.checked_add_signed(by)?)) {
            self.show_snapshot(id);
        }
    }

    /// What the present snapshot is compared with: the one that was chosen, else the one above
    /// it, else the one below.
    fn base(&self) -> Option<DocumentId> {
        let current = self.current?;
        let chosen = self.chosen_base.filter(|&id| id != current && self.session.snapshot(id).is_some());
        chosen.or_else(|| {
            let ids: Vec<DocumentId> = self.session.snapshots().map(|s| s.id).collect();
            let at = ids.iter().position(|id| *id == current)?;
            at.checked_sub(1).or(Some(at + 1)).and_then(|i| ids.get(i)).copied()
        })
    }

    /// Opens files and shows the last of them: of snapshots in a row it is the one to compare
    /// with those before.
    fn open(&mut self, files: &[PathBuf]) {
        for (i, path) in files.iter().enumerate() {
            let before = self.session.documents().len();
            let id = self.session.open(path);
            self.is_growth_unseen |= self.session.documents().len() > before;
            if i + 1 == files.len() {
                self.show_when_open(id);
            }
        }
    }

    fn show_when_open(&mut self, id: DocumentId) {
        if self.session.snapshot(id).is_some() {
            self.show_snapshot(id);
        } else {
            self.awaited = Some(id);
        }
    }

    fn open_sample(&mut self) {
        let ids: Vec<DocumentId> =
            sample::SNAPSHOTS.iter().map(|(name, bytes)| self.session.open_builtin(name, bytes)).collect();
        if let [first, .., last] = ids[..] {
            self.show_when_open(last);
            self.chosen_base = Some(first);
            self.show(PanelId::COMPARISON);
        }
    }

    fn opened(&mut self, id: DocumentId) {
        if self.awaited == Some(id) || self.current.is_none() {
            self.show_snapshot(id);
            self.awaited = self.awaited.filter(|&a| a != id);
        }
        if let Some(path) = self.session.document(id).and_then(|e| e.path()) {
            self.settings.remember(path);
        }
        if !self.session.is_loading() && std::mem::take(&mut self.is_growth_unseen) && self.shows_growth() {
            self.show(PanelId::LEAKS);
        }
    }

    /// Whether there are several snapshots, each of a larger heap than the one above it.
    fn shows_growth(&self) -> bool {
        let sizes: Vec<u64> = self.session.snapshots().map(|s| s.snapshot.heap.total_size()).collect();
        sizes.len() > 1 && sizes.is_sorted_by(|a, b| a < b)
    }

    fn remove(&mut self, id: DocumentId) {
        // Panels let go first, so that the list has the last hold and frees it elsewhere.
        self.forget(id);
        self.session.remove(id);
    }

    fn reload(&mut self, id: DocumentId) {
        let was_current = self.current == Some(id);
        let was_base = self.chosen_base == Some(id);
        self.forget(id);
        if let Some(new) = self.session.reload(id) {
            if was_current {
                self.awaited = Some(new);
            }
            if was_base {
                self.chosen_base = Some(new);
            }
        }
    }

    /// Lets go of everything that is known about a snapshot which will be closed.
    fn forget(&mut self, id: DocumentId) {
        self.panels.forget(id);
        self.search.forget(id);
        self.lower.forget(id);
        self.left.forget(id);
        self.history.forget(id);
        self.selection = self.selection.filter(|s| s.snapshot != id);
        self.awaited = self.awaited.filter(|&a| a != id);
        self.chosen_base = self.chosen_base.filter(|&b| b != id);
        if self.current == Some(id) {
            let ids: Vec<DocumentId> = self.session.snapshots().map(|s| s.id).collect();
            let at = ids.iter().position(|i| *i == id).unwrap_or(0);
            let next = ids.get(at + 1).or_else(|| ids.get(at.checked_sub(1)?)).copied();
            self.selection = None;
            self.current = None;
            if let Some(next) = next {
                self.show_snapshot(next);
            }
        }
    }

    fn ask_for_files(&mut self) {
        if self.dialog.is_none() {
            let ask = Arc::clone(&self.surroundings.ask_for_files);
            self.dialog = Some(Job::spawn("dialog", "Asking for files", &self.front_end, move |_| ask()));
        }
    }

    fn zoom(&mut self, ctx: &Context, zoom: f32) {
        let zoom = (zoom * 10.0).round() / 10.0;
        self.settings.zoom = zoom.clamp(*Settings::ZOOM.start(), *Settings::ZOOM.end());
        ctx.set_zoom_factor(self.settings.zoom);
    }

    /// Installs the theme that is wanted now, if it is not the one that is installed.
    fn apply_theme(&mut self, ctx: &Context) {
        let is_dark = match self.settings.theme {
            ThemeChoice::Light => false,
            ThemeChoice::Dark => true,
            ThemeChoice::System => match ctx.system_theme() {
                Some(theme) => theme == egui::Theme::Dark,
                None => self.surroundings.is_desktop_dark.unwrap_or(true),
            },
        };
        let theme = Theme::new(is_dark, self.settings.is_high_contrast);
        if self.theme.as_ref() != Some(&theme) {
            theme.install(ctx);
            self.theme = Some(theme);
        }
    }

    /// Remembers size and place of the window.
    fn note_window(&mut self, ctx: &Context) {
        let (inner, outer, is_maximized) = ctx.input(|i| {
            let v = i.viewport();
            (v.inner_rect, v.outer_rect, v.maximized.unwrap_or(false))
        });
        let window = &mut self.settings.window;
        window.is_maximized = is_maximized;
        if !is_maximized {
            // In points that do not depend on the zoom, as the next run needs them.
            let zoom = ctx.zoom_factor();
            window.size = inner.map(|r| [r.width() * zoom, r.height() * zoom]).or(window.size);
            window.position = outer.map(|r| [r.left() * zoom, r.top() * zoom]).or(window.position);
        }
    }
}

/// The file's name for people.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned())
}
