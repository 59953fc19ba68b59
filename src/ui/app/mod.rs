//! The application: what is open, what is shown, and the commands that change either.
//!
//! Each frame [`App::logic`] takes over what the background finished, [`App::ui`] draws, and then
//! the commands that were pushed meanwhile run. Its parts own what they keep; it alone knows them
//! all. Knows egui alone; the window around it is the business of [`super::window`].

mod bar;
mod drop_target;
mod exports;
mod help_window;
mod look;
mod notices;
mod palette;
mod remembered;
mod shown;
mod sidebar;
mod welcome;

use super::command::{self, Command, Commands};
use super::history::History;
use super::panels::{DocumentContext, LowerPane, Panel, Panels, ProfileViews, SearchBar};
use super::place::{LowerTab, PanelId, Place};
use super::sample;
use super::selection::Selection;
use super::settings::Settings;
use super::theme::{self, Theme};
use super::widgets::message::message;
use super::widgets::toast;
use crate::session::job::{FrontEnd, Job, drop_elsewhere};
use crate::session::{Document, DocumentId, DocumentKind, OpenDocument, Session, SessionEvent};
use bar::Bar;
use egui::{CentralPanel, Context, Frame, Ui};
use exports::Exports;
use help_window::HelpWindow;
use look::Look;
use notices::Notices;
use palette::Palette;
use remembered::Remembered;
use shown::Shown;
use sidebar::{Sidebar, SidebarContext};
use std::collections::BTreeMap;
use std::path::PathBuf;
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

/// Narrowest the sidebar gets.
const NARROWEST_SIDEBAR: f32 = 140.0;

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
    shown: Shown,
    history: History,
    panels: Panels,
    profiles: ProfileViews,
    lower: LowerPane,
    search: SearchBar,
    sidebar: Sidebar,
    notices: Notices,
    dialog: FileDialog,
    exports: Exports,
    help: HelpWindow,
    palette: Palette,
    settings: Remembered,
    look: Look,
    commands: Commands,
    front_end: FrontEnd,
    /// The panel that was shown last for documents of each kind.
    served: BTreeMap<DocumentKind, PanelId>,
    /// Where the user is now takes the place of where they were in the history.
    amends_history: bool,
    /// Files were opened, and nobody has looked yet whether they show growth.
    is_growth_unseen: bool,
}

/// The dialog that asks for files.
struct FileDialog {
    ask: AskForFiles,
    open: Option<Job<Option<Vec<PathBuf>>>>,
}

impl App {
    /// An application that begins by opening `files`.
    pub fn new(ctx: &Context, surroundings: Surroundings, files: &[PathBuf]) -> Self {
        let settings = Remembered::load(surroundings.settings_path, ctx);
        ctx.set_fonts(theme::fonts());
        // Keys of zoom are ours, so that it can be remembered.
        ctx.options_mut(|o| o.zoom_with_keyboard = false);
        ctx.set_zoom_factor(settings.now.zoom);
        let front_end = {
            let ctx = ctx.clone();
            FrontEnd::new(move || ctx.request_repaint())
        };
        let panels = Panels::default();
        let mut notices = Notices::default();
        surroundings.note.into_iter().for_each(|note| notices.tell(note));
        let mut app = Self {
            session: Session::new(front_end.clone()).with_free_memory(surroundings.free_memory),
            shown: Shown::new(panels.find(&settings.now.panel).unwrap_or(PanelId::SUMMARY)),
            history: History::default(),
            panels,
            profiles: ProfileViews::default(),
            lower: LowerPane::default(),
            search: SearchBar::default(),
            sidebar: Sidebar::default(),
            notices,
            dialog: FileDialog { ask: surroundings.ask_for_files, open: None },
            exports: Exports::new(surroundings.ask_where_to_save),
            help: HelpWindow::default(),
            palette: Palette::default(),
            settings,
            look: Look::new(surroundings.is_desktop_dark),
            commands: Commands::new(),
            front_end,
            served: BTreeMap::new(),
            amends_history: false,
            is_growth_unseen: false,
        };
        app.look.apply(ctx, &app.settings.now);
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
        &self.settings.now
    }

    /// The selected object.
    pub fn selection(&self) -> Option<Selection> {
        self.shown.selection
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
        if let Some(result) = self.dialog.open.as_mut().and_then(Job::poll) {
            self.dialog.open = None;
            match result {
                Ok(Some(files)) => self.open(&files),
                Ok(None) => self.notices.ask_for_path(),
                Err(panicked) => self.front_end.report(panicked),
            }
        }
        self.exports.poll(ctx, &mut self.notices, &self.front_end);
        self.front_end.take_failures().into_iter().for_each(|failure| self.notices.tell_failure(failure));
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
        self.look.apply(ctx, &self.settings.now);
    }

    /// Draws the window.
    pub fn ui(&mut self, ui: &mut Ui) {
        let theme = Theme::of(ui.ctx());
        let window = Frame::new().fill(theme.colors.window);
        egui::Panel::top("bar").frame(window).show(ui, |ui| self.bar_ui(ui));
        // In a narrow window the document needs the room more.
        let widest = ui.ctx().content_rect().width() * 0.3;
        if !self.session.documents().is_empty() && widest >= NARROWEST_SIDEBAR {
            let sidebar = egui::Panel::left("sidebar")
                .frame(window)
                .default_size(self.settings.now.sidebar_width.min(widest))
                .size_range(NARROWEST_SIDEBAR..=widest.min(480.0))
                .show(ui, |ui| self.sidebar_ui(ui));
            let width = sidebar.response.rect.width();
            if width < widest {
                self.settings.now.sidebar_width = width;
            }
        }
        self.document_ui(ui, &theme);
        drop_target::drop_target_ui(ui);
        self.help.ui(ui, &self.panels, self.kind());
        toast::ui(ui.ctx());
        let kind = self.kind();
        self.palette.ui(ui.ctx(), &self.panels, kind, &self.session, &mut self.commands);
        self.settings.note_window(ui.ctx());
        let commands = std::mem::take(&mut self.commands);
        if !commands.is_empty() {
            commands.into_iter().for_each(|c| self.run(ui.ctx(), c));
            self.save(ui.ctx());
            ui.ctx().request_repaint();
        }
        self.show_a_panel_that_serves();
        // Where going back led is not gone on from, even if it is not quite where one was.
        match std::mem::take(&mut self.amends_history) {
            true => self.history.amend(self.shown.place()),
            false => self.history.visit(self.shown.place()),
        }
    }

    fn bar_ui(&mut self, ui: &mut Ui) {
        let mut bar = Bar {
            panels: &self.panels,
            shown: &self.shown,
            current: self.shown.current.and_then(|id| self.session.document(id)?.opened()),
            session: &self.session,
            history: &self.history,
            settings: &self.settings.now,
            commands: &mut self.commands,
        };
        bar.ui(ui);
    }

    fn sidebar_ui(&mut self, ui: &mut Ui) {
        let mut context = SidebarContext {
            session: &self.session,
            shown: &self.shown,
            is_comparing: self.panels.get(self.shown.panel).is_some_and(Panel::is_comparing),
            commands: &mut self.commands,
        };
        self.sidebar.ui(ui, &mut context);
    }

    /// The present document with what is said above it; without one, how to begin.
    fn document_ui(&mut self, ui: &mut Ui, theme: &Theme) {
        let frame = Frame::new().fill(theme.colors.panel);
        let shown = self.shown.current.and_then(|id| self.session.document(id));
        let Some((shown, document)) = shown.and_then(|shown| Some((shown, shown.opened()?))) else {
            CentralPanel::no_frame().frame(frame).show(ui, |ui| {
                self.notices.ui(ui, theme, &mut self.commands);
                if self.session.is_loading() {
                    let known = |e: &Document| format!("{}\n{}", e.name(), sidebar::known_text(e));
                    let loading = self.session.documents().iter().filter(|e| e.progress().is_some()).map(known);
                    message(ui, &format!("Opening {}", loading.collect::<Vec<_>>().join("\n")));
                } else {
                    welcome::welcome_ui(ui, &self.settings.now.recent, &mut self.commands);
                }
            });
            return;
        };
        let current = shown.snapshot();
        let base = self.shown.base(&self.session).and_then(|id| self.session.snapshot(id));
        let mut context = DocumentContext {
            session: &self.session,
            id: shown.id(),
            name: shown.name(),
            document,
            current: current.as_ref(),
            base: base.as_ref(),
            selection: self.shown.selection,
            theme,
            front_end: &self.front_end,
            commands: &mut self.commands,
            profiles: &mut self.profiles,
        };
        let settings = &mut self.settings.now;
        let tallest = (ui.available_height() - 120.0).max(80.0);
        let shows_objects = self.panels.get(self.shown.panel).is_some_and(Panel::shows_objects);
        if let Some(mut context) = context.snapshot()
            && (shows_objects || self.lower.has_something(settings.lower_tab, &context))
        {
            let lower = egui::Panel::bottom("lower")
                .frame(frame)
                .resizable(true)
                .default_size(settings.lower_height.min(tallest))
                .size_range(80.0..=tallest)
                .show_collapsible(ui, &mut settings.is_lower_open, |ui| {
                    self.lower.ui(ui, settings.lower_tab, &mut context);
                    ui.take_available_space();
                });
            if let Some(lower) = lower {
                settings.lower_height = lower.response.rect.height();
            }
        }
        CentralPanel::no_frame().frame(frame).show(ui, |ui| {
            self.notices.ui(ui, theme, context.commands);
            notices::incomplete_ui(ui, theme, document);
            if let Some(context) = &mut context.snapshot() {
                self.search.ui(ui, context, &self.panels);
            }
            if let Some(panel) = self.panels.get_mut(self.shown.panel) {
                panel.ui(ui, &mut context);
            }
        });
    }

    /// Writes the settings if they changed.
    pub fn save(&mut self, ctx: &Context) {
        self.settings.save(ctx);
    }

    fn run(&mut self, ctx: &Context, command: Command) {
        match command {
            Command::OpenDialog => self.ask_for_files(),
            Command::OpenSample => self.open_sample(),
            Command::Open(files) => self.open(&files),
            Command::ShowSnapshot(id) => self.shown.show(id, &self.session),
            Command::PreviousSnapshot => self.shown.step(-1, &self.session),
            Command::NextSnapshot => self.shown.step(1, &self.session),
            Command::SetBase(id) => self.shown.set_base(id),
            Command::SwapBase => self.shown.swap(&self.session),
            Command::Remove(id) => self.remove(id),
            Command::Close => {
                if let Some(id) = self.shown.current {
                    self.remove(id);
                }
            }
            Command::Reload(id) => self.reload(id),
            Command::Force(id) => {
                if let Some(new) = self.session.force(id) {
                    self.shown.show_when_open(new, &self.session);
                }
            }
            Command::BeginRename => {
                if let Some(id) = self.shown.current {
                    self.sidebar.begin_rename(id, &self.session);
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
            Command::Select(selection) => self.shown.selection = selection,
            Command::Reveal(panel, selection) => {
                self.go(Place { panel, snapshot: self.snapshot_for(panel, selection), selection: Some(selection) });
            }
            Command::GoTo { selection, again } => {
                let shows_objects = self.panels.get(self.shown.panel).is_some_and(Panel::shows_objects);
                let panel = if shows_objects { self.shown.panel } else { PanelId::SUMMARY };
                self.amends_history = again;
                self.go(Place { panel, snapshot: self.snapshot_for(panel, selection), selection: Some(selection) });
            }
            Command::FilterClasses(text) => {
                let panel = self.panels.filter_classes(self.shown.panel, &text);
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
            Command::ToggleLower => self.settings.now.is_lower_open = !self.settings.now.is_lower_open,
            Command::Back => self.go_back(1),
            Command::BackBy(places) => self.go_back(places),
            Command::Forward => {
                if let Some(place) = self.history.forward() {
                    self.amends_history = true;
                    self.go(place);
                }
            }
            Command::Find(text) => self.search.open(&text),
            Command::FindNext => self.search.ask_for_step(1),
            Command::FindPrevious => self.search.ask_for_step(-1),
            Command::FocusFilter => {
                if let Some(panel) = self.panels.get_mut(self.shown.panel) {
                    panel.focus_filter();
                }
            }
            Command::UseTheme(choice) => self.settings.now.theme = choice,
            Command::ToggleContrast => self.settings.now.is_high_contrast = !self.settings.now.is_high_contrast,
            Command::ZoomIn => self.zoom(ctx, self.settings.now.zoom + 0.1),
            Command::ZoomOut => self.zoom(ctx, self.settings.now.zoom - 0.1),
            Command::ZoomReset => self.zoom(ctx, 1.0),
            Command::Copy(text) => toast::copy_words(ctx, text),
            Command::Export(export) => self.exports.begin(export, &self.front_end),
            Command::TogglePalette => self.palette.toggle(),
            Command::ToggleShortcuts => self.help.toggle(),
            Command::Quit => ctx.send_viewport_cmd(egui::ViewportCommand::Close),
        }
    }

    /// The kind of the present document; of snapshots while there is none.
    fn kind(&self) -> DocumentKind {
        let opened = self.shown.current.and_then(|id| self.session.document(id)?.opened());
        opened.map_or(DocumentKind::Snapshot, OpenDocument::kind)
    }

    /// Shows another panel where the one that is shown does not serve the present document: the one
    /// that served the last document of its kind, else the first.
    fn show_a_panel_that_serves(&mut self) {
        let kind = self.kind();
        let serves = |panel: &dyn Panel| panel.kinds().contains(&kind);
        if self.panels.get(self.shown.panel).is_some_and(serves) {
            self.served.insert(kind, self.shown.panel);
            return;
        }
        let last = self.served.get(&kind).copied();
        if let Some(panel) = last.or_else(|| self.panels.numbered(1, kind)) {
            self.show(panel);
        }
    }

    fn go_back(&mut self, places: usize) {
        if let Some(place) = (0..places).map_while(|_| self.history.back()).last() {
            self.amends_history = true;
            self.go(place);
        }
    }

    fn go(&mut self, place: Place) {
        if let Some(id) = place.snapshot {
            self.shown.show(id, &self.session);
        }
        self.show(place.panel);
        self.shown.selection = place.selection;
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
        let is_base = is_comparing && self.shown.base(&self.session) == Some(selection.snapshot);
        if is_base { self.shown.current } else { Some(selection.snapshot) }
    }

    fn show(&mut self, panel: PanelId) {
        self.shown.panel = panel;
        panel.0.clone_into(&mut self.settings.now.panel);
    }

    fn show_lower(&mut self, tab: LowerTab) {
        self.settings.now.lower_tab = tab;
        self.settings.now.is_lower_open = true;
    }

    fn zoom(&mut self, ctx: &Context, zoom: f32) {
        look::zoom(ctx, &mut self.settings.now, zoom);
    }

    /// Opens files and shows the last of them: of snapshots in a row it is the one to compare
    /// with those before.
    fn open(&mut self, files: &[PathBuf]) {
        for (i, path) in files.iter().enumerate() {
            let before = self.session.documents().len();
            let id = self.session.open(path);
            self.is_growth_unseen |= self.session.documents().len() > before;
            if i + 1 == files.len() {
                self.shown.show_when_open(id, &self.session);
            }
        }
    }

    fn open_sample(&mut self) {
        let ids: Vec<DocumentId> =
            sample::SNAPSHOTS.iter().map(|(name, bytes)| self.session.open_builtin(name, bytes)).collect();
        if let [first, .., last] = ids[..] {
            self.shown.show_when_open(last, &self.session);
            self.shown.set_base(first);
            self.show(PanelId::COMPARISON);
        }
    }

    fn ask_for_files(&mut self) {
        if self.dialog.open.is_none() {
            let ask = Arc::clone(&self.dialog.ask);
            self.dialog.open = Some(Job::spawn("dialog", "Asking for files", &self.front_end, move |_| ask()));
        }
    }

    fn opened(&mut self, id: DocumentId) {
        self.shown.opened(id, &self.session);
        if let Some(path) = self.session.document(id).and_then(|e| e.path()) {
            self.settings.now.remember(path);
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
        let part = self.shown.part_of(id, &self.session);
        // Panels drop the old one once they know the new one. It is freed elsewhere after that.
        let old = self.session.document(id).and_then(Document::opened).cloned();
        let Some(new) = self.session.reload(id) else { return };
        self.panels.replace(id, new);
        self.forget(id);
        self.shown.replace(part, new);
        drop_elsewhere(old);
    }

    /// Lets go of everything that is known about a snapshot which will be closed.
    fn forget(&mut self, id: DocumentId) {
        self.panels.forget(id);
        self.profiles.forget(id);
        self.search.forget(id);
        self.lower.forget(id);
        self.history.forget(id);
        self.shown.forget(id, &self.session);
    }
}
