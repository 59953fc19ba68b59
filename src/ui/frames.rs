//! What a frame costs: the application without a window, used as a person would, and each frame's
//! time from `ui` to triangles. Controls are found by role and name, as a screen reader does.

use super::app::{App, Surroundings};
use super::command::Command;
use super::place::PanelId;
use super::widgets::tree_table::TreeTable;
use crate::measure;
use crate::progress::Stage;
use egui::accesskit::{Node, Role};
use egui::{Context, Event, Key, Modifiers, PointerButton, Pos2, RawInput, Rect, pos2};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The window that is not there.
const WINDOW: Rect = Rect { min: Pos2::ZERO, max: pos2(1280.0, 800.0) };

/// How often a list is scrolled to another place.
const JUMPS: u32 = 300;

/// How long to wait for a list or a file.
const PATIENCE: Duration = Duration::from_secs(120);

/// What one frame took.
#[derive(Debug, Clone, Copy)]
struct FrameTime {
    wall: Duration,
    cpu: Duration,
}

/// What frames took while something was done, in milliseconds.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Line {
    /// What was done.
    pub what: String,
    /// How many frames were drawn.
    pub frames: usize,
    /// By the clock.
    pub wall_ms: Spread,
    /// Processor time of the drawing thread: other programs do not add to it.
    pub cpu_ms: Spread,
}

/// Half of all frames were at most this, 99 of 100 at most that, and all at most the last.
#[derive(Debug, Clone, Copy, serde::Serialize)]
pub struct Spread {
    /// Half.
    pub p50: f64,
    /// 99 of 100.
    pub p99: f64,
    /// All.
    pub max: f64,
}

impl Spread {
    fn of(times: impl Iterator<Item = Duration>) -> Self {
        let mut times: Vec<Duration> = times.collect();
        times.sort_unstable();
        let at = |percent: usize| {
            let rank = (times.len() * percent).div_ceil(100).max(1) - 1;
            times.get(rank).map_or(0.0, |t| t.as_secs_f64() * 1e3)
        };
        Self { p50: at(50), p99: at(99), max: at(100) }
    }
}

/// All lines of a measurement.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Report {
    /// Always `frames`.
    pub command: &'static str,
    /// Objects of the snapshot that was shown.
    pub nodes: u64,
    /// One for each thing that was done.
    pub rows: Vec<Line>,
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{} nodes; milliseconds a frame, ui and tessellation", crate::units::count(self.nodes))?;
        let head = ["wall p50", "p99", "max", "CPU p50", "p99", "max"];
        write!(f, "{:<44} {:>6}", "", "frames")?;
        head.iter().try_for_each(|h| write!(f, " {h:>8}"))?;
        writeln!(f)?;
        for Line { what, frames, wall_ms: w, cpu_ms: c } in &self.rows {
            write!(f, "{what:<44} {frames:>6}")?;
            [w.p50, w.p99, w.max, c.p50, c.p99, c.max].iter().try_for_each(|ms| write!(f, " {ms:>8.2}"))?;
            writeln!(f)?;
        }
        Ok(())
    }
}

/// Opens `files` and measures. The last is shown; what needs two snapshots compares it with the
/// one before it, which is then read again while the table is scrolled.
pub fn measure(files: &[PathBuf]) -> anyhow::Result<Report> {
    anyhow::ensure!(!files.is_empty(), "name at least one snapshot to measure frames on");
    let mut user = User::new(files);
    user.wait("a file is loading for too long", |user| !user.app.session().is_loading())?;
    user.take("opening, nothing shown yet");
    let entries = user.app.session().documents();
    if let Some((entry, refusal)) = entries.iter().find_map(|e| Some((e, e.refusal()?))) {
        anyhow::bail!("{}: {}", entry.name(), refusal.message);
    }
    let ids: Vec<_> = entries.iter().map(crate::session::Document::id).collect();
    if let Some(profile) = entries.last().and_then(|e| e.opened()?.as_profile()).cloned() {
        measure_profile(&mut user)?;
        return Ok(Report { command: "frames", nodes: profile.profile.node_count() as u64, rows: user.lines });
    }
    let shown = ids.last().and_then(|id| user.app.session().snapshot(*id));
    let Some(shown) = shown else { anyhow::bail!("no snapshot is open") };
    let heap = &shown.snapshot.heap;
    let groups = heap.constructors(|n| heap.shallow_size(n) > 0, &Stage::unwatched())?;
    let Some(most) = groups.iter().max_by_key(|g| g.count) else { anyhow::bail!("the snapshot holds no objects") };
    let (class, count) = (heap.class(most.class).name.as_text().lossy().into_owned(), u64::from(most.count));

    user.app.push(Command::Show(PanelId::SUMMARY));
    user.app.push(Command::FilterClasses(format!("/^{}$/", regex::escape(&class))));
    user.settle();
    user.focus("Summary");
    user.key(Key::Home, Modifiers::NONE);
    user.key(Key::ArrowRight, Modifiers::NONE);
    user.wait("a class is being sorted for too long", |user| user.row_count("Summary") > count)?;
    user.take(&format!("Summary: opening {} × {class}", crate::units::count(count)));
    user.scroll();
    user.take("Summary: scrolling all instances");
    user.app.push(Command::FilterClasses(String::new()));
    user.settle();
    user.open_rows("Summary");
    user.take("Summary: opening all inside ten rows");
    user.scroll();
    user.take("Summary: scrolling the open tree");
    let base = ids.iter().rev().nth(1).copied();
    for panel in [PanelId::DOMINATORS, PanelId("Containment"), PanelId::COMPARISON, PanelId("SideBySide")] {
        let Some(panel) = user.app.panels().get(panel) else { continue };
        if panel.is_comparing() && base.is_none() {
            continue;
        }
        let (panel, name) = (panel.id(), panel.title());
        user.app.push(Command::Show(panel));
        user.frame();
        user.wait("a panel is being made for too long", |user| user.row_count(name) > 1)?;
        user.open_rows(name);
        user.take(&format!("{name}: showing it, opening all inside ten rows"));
        user.scroll();
        user.take(&format!("{name}: scrolling"));
    }
    if let Some(base) = base {
        user.app.push(Command::Show(PanelId::SUMMARY));
        user.settle();
        user.take("Summary: coming back");
        user.app.push(Command::Reload(base));
        user.frame();
        let began = Instant::now();
        while user.app.session().is_loading() {
            user.jump();
            anyhow::ensure!(began.elapsed() < PATIENCE, "a file is loading for too long");
        }
        user.settle();
        user.take("Summary: scrolling while another file loads");
    }
    let nodes = heap.graph.node_count() as u64;
    Ok(Report { command: "frames", nodes, rows: user.lines })
}

/// Measures the panels of the profile that is shown: zooming in its flame graph, and scrolling its tables.
fn measure_profile(user: &mut User) -> anyhow::Result<()> {
    let name = "Flame graph";
    user.app.push(Command::Show(PanelId(name)));
    user.wait("a flame graph is being made for too long", |user| !user.find(Role::Tree, name).is_empty())?;
    user.take("Flame graph: showing it");
    let graph = user.find(Role::Tree, name).first().and_then(bounds).unwrap_or(WINDOW).intersect(WINDOW);
    for _ in 0..JUMPS {
        let at = pos2(graph.left() + graph.width() * user.random(), graph.top() + graph.height() * user.random());
        user.click(at);
        if user.random() < 0.4 {
            user.key(Key::Escape, Modifiers::NONE);
        }
    }
    user.take("Flame graph: zooming in and out");
    for name in ["Heavy", "Tree", "Functions"] {
        user.app.push(Command::Show(PanelId(name)));
        user.frame();
        user.wait("a table is being made for too long", |user| user.row_count(name) > 0)?;
        user.open_rows(name);
        user.take(&format!("{name}: showing it, opening all inside ten rows"));
        user.scroll();
        user.take(&format!("{name}: scrolling"));
    }
    Ok(())
}

/// Who uses the application.
struct User {
    ctx: Context,
    app: App,
    events: Vec<Event>,
    now: f64,
    times: Vec<FrameTime>,
    lines: Vec<Line>,
    seed: u32,
    /// Where the bar of the table is, once it was looked for.
    bar: Option<Rect>,
}

impl User {
    fn new(files: &[PathBuf]) -> Self {
        let ctx = Context::default();
        let surroundings = Surroundings {
            settings_path: None,
            ask_for_files: Arc::new(|| None),
            ask_where_to_save: Arc::new(|_| None),
            free_memory: || None,
            is_desktop_dark: Some(true),
            note: None,
        };
        let app = App::new(&ctx, surroundings, files);
        let (events, times, lines) = (Vec::new(), Vec::new(), Vec::new());
        Self { ctx, app, events, now: 0.0, times, lines, seed: 1, bar: None }
    }

    /// Draws a frame and returns what assistive technology would be told, if it is listening.
    fn draw(&mut self) -> (FrameTime, Option<egui::accesskit::TreeUpdate>) {
        self.now += 1.0 / 60.0;
        let input = RawInput {
            screen_rect: Some(WINDOW),
            time: Some(self.now),
            events: std::mem::take(&mut self.events),
            focused: true,
            ..RawInput::default()
        };
        let cpu = measure::thread_cpu_time();
        let began = Instant::now();
        let app = &mut self.app;
        let mut output = self.ctx.run_ui(input, |ui| {
            app.logic(ui.ctx());
            app.ui(ui);
        });
        let triangles = self.ctx.tessellate(std::mem::take(&mut output.shapes), output.pixels_per_point);
        let wall = began.elapsed();
        let cpu = measure::thread_cpu_time().zip(cpu).map_or(wall, |(after, before)| after.saturating_sub(before));
        drop(triangles);
        let update = output.platform_output.accesskit_update.take();
        output.drop_without_applying_deltas();
        (FrameTime { wall, cpu }, update)
    }

    /// Draws a frame that counts.
    fn frame(&mut self) {
        let time = self.draw().0;
        self.times.push(time);
    }

    /// Ends a line: the frames since the last one were about `what`.
    fn take(&mut self, what: &str) {
        let times = std::mem::take(&mut self.times);
        self.lines.push(Line {
            what: what.to_owned(),
            frames: times.len(),
            wall_ms: Spread::of(times.iter().map(|t| t.wall)),
            cpu_ms: Spread::of(times.iter().map(|t| t.cpu)),
        });
        self.bar = None;
    }

    fn settle(&mut self) {
        (0..5).for_each(|_| self.frame());
    }

    fn wait(&mut self, failure: &'static str, done: impl Fn(&mut Self) -> bool) -> anyhow::Result<()> {
        let began = Instant::now();
        while !done(self) {
            anyhow::ensure!(began.elapsed() < PATIENCE, failure);
            self.frame();
            std::thread::sleep(Duration::from_millis(4));
        }
        self.settle();
        Ok(())
    }

    /// The controls in the window with this role and name, from top to bottom. The frames that
    /// tell of them do not count.
    fn find(&mut self, role: Role, name: &str) -> Vec<Node> {
        self.ctx.enable_accesskit();
        self.draw();
        let update = self.draw().1;
        self.ctx.disable_accesskit();
        let nodes = update.into_iter().flat_map(|u| u.nodes).map(|(_, node)| node);
        let mut found: Vec<Node> = nodes.filter(|n| n.role() == role && n.label() == Some(name)).collect();
        found.sort_by(|a, b| top(a).total_cmp(&top(b)));
        found
    }

    fn row_count(&mut self, table: &str) -> u64 {
        self.find(Role::TreeGrid, table).first().and_then(Node::row_count).unwrap_or(0) as u64
    }

    /// Gives a table the keyboard.
    fn focus(&mut self, table: &'static str) {
        self.ctx.memory_mut(|m| m.request_focus(TreeTable::new(table).id()));
        self.frame();
    }

    fn click(&mut self, at: Pos2) {
        self.events.push(Event::PointerMoved(at));
        for pressed in [true, false] {
            let modifiers = Modifiers::NONE;
            self.events.push(Event::PointerButton { pos: at, button: PointerButton::Primary, pressed, modifiers });
            self.frame();
        }
    }

    fn key(&mut self, key: Key, modifiers: Modifiers) {
        self.events.push(Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers });
        self.frame();
    }

    /// Opens everything inside ten rows, from the top.
    fn open_rows(&mut self, table: &'static str) {
        self.focus(table);
        self.key(Key::Home, Modifiers::NONE);
        for _ in 0..10 {
            self.key(Key::ArrowRight, Modifiers::SHIFT);
            self.key(Key::ArrowDown, Modifiers::NONE);
        }
        self.settle();
    }

    /// Scrolls the table to one place after the other.
    fn scroll(&mut self) {
        (0..JUMPS).for_each(|_| self.jump());
    }

    /// A number from 0 to 1 that looks random and is always the same.
    fn random(&mut self) -> f32 {
        self.seed = self.seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.seed >> 8) as f32 / (1 << 24) as f32
    }

    /// Scrolls the table anywhere by its bar.
    fn jump(&mut self) {
        let bar = match self.bar {
            Some(bar) => bar,
            None => self.find(Role::ScrollBar, "Scroll rows").first().and_then(bounds).unwrap_or(Rect::NOTHING),
        };
        self.bar = Some(bar);
        // A table that fits needs no bar, and costs the same wherever it is.
        let part = self.random();
        if bar.is_positive() {
            self.click(pos2(bar.center().x, bar.top() + bar.height() * part));
        } else {
            self.frame();
        }
    }
}

fn bounds(node: &Node) -> Option<Rect> {
    let b = node.bounds()?;
    Some(Rect::from_min_max(pos2(b.x0 as f32, b.y0 as f32), pos2(b.x1 as f32, b.y1 as f32)))
}

fn top(node: &Node) -> f32 {
    bounds(node).map_or(f32::INFINITY, |r| r.top())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_counts_the_slowest_frame_of_a_hundred_apart() {
        let spread = Spread::of((1..=100).map(Duration::from_millis));
        assert_eq!((spread.p50, spread.p99, spread.max), (50.0, 99.0, 100.0));
        let none = Spread::of(std::iter::empty());
        assert_eq!((none.p50, none.max), (0.0, 0.0));
    }
}
