//! The flame graph: bars painted by hand, only those that can be seen. Used by pointer, keyboard and screen reader.

use super::rows::{delta_text, matches, one_line, size_text};
use super::view::Colors;
use crate::profile::{Bar, FlameLayout, Profile, StackIndex, package_of};
use crate::text::Text;
use crate::ui::theme::Theme;
use crate::ui::tree::Face;
use crate::units;
use egui::accesskit::{self, Role};
use egui::{
    Align, Align2, Color32, CursorIcon, EventFilter, Key, Mesh, Pos2, Rect, Response, RichText, ScrollArea, Sense,
    Shape, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

/// Height of a level.
const ROW: f32 = 19.0;
/// The narrowest bar that is drawn, in physical pixels.
const NARROWEST: f32 = 1.0;
/// The narrowest bar with a text.
const WITH_TEXT: f32 = 28.0;
/// How many bars a screen reader gets at once, the widest of each level first.
const MOST_ANNOUNCED: usize = 400;

/// What is drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Graph<'a> {
    /// The widget's name.
    pub(super) name: &'static str,
    pub(super) profile: &'a Profile,
    /// What it is compared with, of the same nodes: colors are then of growth.
    pub(super) base: Option<&'a Profile>,
    pub(super) layout: &'a FlameLayout,
    pub(super) colors: Colors,
    /// Whether callers stand below.
    pub(super) is_upward: bool,
    pub(super) search: &'a str,
    /// Changes with the profile.
    pub(super) version: u64,
}

/// What the user did.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct FlameEvents {
    /// This stack's function was chosen.
    pub(super) chosen: Option<StackIndex>,
}

/// The view on a graph.
#[derive(Debug, Default)]
pub(super) struct FlameView {
    zoomed: Option<StackIndex>,
    /// Where the keyboard is.
    cursor: Option<StackIndex>,
    /// The bar whose menu is open.
    with_menu: Option<StackIndex>,
    /// Scroll so that the cursor can be seen.
    is_revealing: bool,
    /// Whether the keyboard was here when it was last drawn.
    had_focus: bool,
    /// What the rest was found out for.
    made_for: Option<(u64, bool, bool, Colors)>,
    /// By frame.
    fills: Vec<Color32>,
    searched: Option<(u64, String)>,
    /// By frame; empty for all.
    hits: Vec<bool>,
    matched: (f64, usize),
}

impl FlameView {
    /// What fills the view.
    pub(super) fn zoomed(&self) -> StackIndex {
        self.zoomed.unwrap_or(StackIndex::ROOT)
    }

    /// What matches the search: its part of the total, and how many stacks.
    pub(super) fn matched(&self) -> (f64, usize) {
        self.matched
    }

    /// The bar whose menu is open.
    pub(super) fn with_menu(&self) -> Option<StackIndex> {
        self.with_menu
    }

    fn update(&mut self, graph: &Graph<'_>, theme: &Theme) {
        let made_for = (graph.version, theme.is_dark, theme.is_high_contrast, graph.colors);
        if self.made_for.is_some_and(|m| m.0 != graph.version) {
            // Nodes have other numbers now.
            (self.zoomed, self.cursor, self.with_menu) = (None, None, None);
        }
        if self.made_for != Some(made_for) {
            self.made_for = Some(made_for);
            let frames = &graph.profile.frames;
            let fill = |f| {
                let package = package_of(&frames.get(f));
                let of_its_own =
                    graph.colors == Colors::Package && package.kind == crate::profile::CodeKind::Dependency;
                theme.code_fill(package.kind, of_its_own.then(|| package.title()).as_deref())
            };
            self.fills = frames.indices().map(fill).collect();
        }
        let searched = (graph.version, graph.search.trim().to_lowercase());
        if self.searched.as_ref() != Some(&searched) {
            self.hits.clear();
            self.matched = (0.0, 0);
            if !searched.1.is_empty() {
                let profile = graph.profile;
                let mut of_frame = vec![None; profile.frames.len()];
                self.hits.resize(profile.frames.len(), false);
                for n in profile.nodes().skip(1) {
                    let at = profile.frame_index(n).0 as usize;
                    self.hits[at] = *of_frame[at].get_or_insert_with(|| matches(profile, n, &searched.1));
                }
                self.matched = profile.matching(|n| self.hits[profile.frame_index(n).0 as usize]);
            }
            self.searched = Some(searched);
        }
    }

    /// The path from the root to what is zoomed; a click goes back to there.
    pub(super) fn breadcrumb_ui(&mut self, ui: &mut Ui, graph: &Graph<'_>) {
        let zoomed = self.zoomed();
        if zoomed == StackIndex::ROOT {
            return;
        }
        let mut path: Vec<StackIndex> = graph.profile.stack(zoomed).collect();
        path.push(StackIndex::ROOT);
        path.reverse();
        let mut clicked = None;
        ScrollArea::horizontal().id_salt(("breadcrumb", graph.name)).stick_to_right(true).show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 2.0;
                for (i, &n) in path.iter().enumerate() {
                    // Of long paths the beginning and the end.
                    if path.len() > 12 && i > 2 && i + 8 < path.len() {
                        if i == 3 {
                            ui.label("…");
                        }
                        continue;
                    }
                    if i > 0 {
                        ui.label("›");
                    }
                    let name = crate::visible::shortened(&bar_name(graph.profile, n), 40).into_owned();
                    let is_last = i + 1 == path.len();
                    let button = egui::Button::new(RichText::new(name)).frame(!is_last);
                    if ui.add(button).clicked() {
                        clicked = Some(n);
                    }
                }
            });
        });
        if let Some(n) = clicked {
            self.zoom(n);
        }
    }

    fn zoom_out(&mut self, graph: &Graph<'_>) {
        self.zoom(graph.profile.parent(self.zoomed()).unwrap_or(StackIndex::ROOT));
    }

    fn zoom(&mut self, n: StackIndex) {
        self.zoomed = Some(n);
        self.cursor = Some(n);
        self.is_revealing = true;
    }

    /// Draws the graph into all room there is. `menu` fills the context menu of a bar.
    pub(super) fn ui(&mut self, ui: &mut Ui, graph: &Graph<'_>, menu: impl FnOnce(&mut Ui, StackIndex)) -> FlameEvents {
        let theme = Theme::of(ui.ctx());
        self.update(graph, &theme);
        let mut events = FlameEvents::default();
        let levels = graph.profile.max_depth() + 1;
        let room = ui.available_size();
        let scroll = ScrollArea::vertical().id_salt(("flame graph", graph.name)).auto_shrink(false);
        // Of a graph that grows upward the beginning is at the bottom.
        let scroll = scroll.stick_to_bottom(graph.is_upward);
        scroll.show_viewport(ui, |ui, viewport| {
            let height = (levels as f32 * ROW + 4.0).max(if graph.is_upward { room.y - 2.0 } else { 0.0 });
            let width = ui.available_width();
            let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::click());
            let shown = Shown::new(ui, graph, rect, viewport, levels, self.zoomed());
            self.paint(ui, &theme, graph, &shown);
            let hovered = response.hover_pos().and_then(|at| shown.bar_at(at)).map(|bar| bar.node);
            if let Some(n) = hovered {
                ui.ctx().set_cursor_icon(CursorIcon::PointingHand);
                if response.clicked() {
                    self.zoom(n);
                    events.chosen = Some(n);
                }
                if response.secondary_clicked() {
                    self.with_menu = Some(n);
                    events.chosen = Some(n);
                }
            }
            if response.clicked() {
                response.request_focus();
            }
            if response.has_focus() {
                self.keys(ui, graph, &shown, &response, &mut events);
                self.had_focus = true;
            } else if (std::mem::take(&mut self.had_focus) || response.contains_pointer())
                && ui.input(|i| i.key_pressed(Key::Escape))
            {
                // Escape takes the keyboard away before it is seen here; over the graph it is meant for it.
                self.zoom_out(graph);
                response.request_focus();
            }
            if std::mem::take(&mut self.is_revealing)
                && let Some(n) = self.cursor
            {
                ui.scroll_to_rect(shown.row_rect(graph.profile.depth(n)), None::<Align>);
            }
            self.announce(ui, graph, &shown, &response, &mut events);
            if let Some(n) = self.with_menu {
                response.context_menu(|ui| menu(ui, n));
            }
            if let Some(n) = hovered
                && !egui::Popup::is_any_open(ui.ctx())
            {
                response.on_hover_ui_at_pointer(|ui| self.tooltip_ui(ui, graph, n));
            }
        });
        events
    }

    fn paint(&self, ui: &Ui, theme: &Theme, graph: &Graph<'_>, shown: &Shown) {
        let colors = &theme.colors;
        let profile = graph.profile;
        let mut mesh = Mesh::default();
        mesh.reserve_triangles(shown.bars.len() * 2);
        mesh.reserve_vertices(shown.bars.len() * 4);
        let zoomed_depth = profile.depth(self.zoomed());
        let fill_of = |bar: &Bar| {
            let frame = profile.frame_index(bar.node).0 as usize;
            let is_hit = self.hits.get(frame).copied().unwrap_or(true) && bar.node != StackIndex::ROOT;
            let mut fill = match (bar.node, graph.base) {
                (StackIndex::ROOT, _) => colors.raised_hover,
                (n, Some(base)) => growth_fill(theme, profile, base, n),
                _ => self.fills.get(frame).copied().unwrap_or(colors.raised),
            };
            if bar.level < zoomed_depth {
                fill = theme.faded(fill, 0.55);
            }
            if !self.hits.is_empty() && !is_hit { theme.faded(fill, 0.75) } else { fill }
        };
        for bar in &shown.bars {
            mesh.add_colored_rect(shown.rect_of(bar), fill_of(bar));
        }
        let painter = ui.painter_at(shown.rect.intersect(ui.clip_rect()));
        painter.add(Shape::mesh(mesh));
        let font = theme.font(Face::Code);
        let letter = ui.ctx().fonts_mut(|f| f.glyph_width(&font, 'm')).max(1.0);
        for bar in shown.bars.iter().filter(|bar| bar.width >= WITH_TEXT) {
            let rect = shown.rect_of(bar).intersect(shown.rect);
            let letters = ((rect.width() - 6.0) / letter) as usize;
            let name = bar_name(profile, bar.node);
            let text = fitting(&name, letters);
            let at = pos2(rect.left() + 3.0, rect.center().y);
            painter.text(at, Align2::LEFT_CENTER, text, font.clone(), colors.text);
        }
        if !self.hits.is_empty() {
            let line = Stroke::new(1.5, colors.accent);
            for bar in shown.bars.iter().filter(|b| b.width > 2.0 && b.node != StackIndex::ROOT) {
                if self.hits[profile.frame_index(bar.node).0 as usize] {
                    painter.rect_stroke(shown.rect_of(bar), 0, line, StrokeKind::Inside);
                }
            }
        }
        if let Some(bar) = self.cursor.and_then(|n| shown.bars.iter().find(|b| b.node == n)) {
            painter.rect_stroke(shown.rect_of(bar), 0, Stroke::new(2.0, colors.text), StrokeKind::Inside);
        }
    }

    fn keys(&mut self, ui: &Ui, graph: &Graph<'_>, shown: &Shown, response: &Response, events: &mut FlameEvents) {
        let filter =
            EventFilter { horizontal_arrows: true, vertical_arrows: true, escape: true, ..EventFilter::default() };
        ui.memory_mut(|m| m.set_focus_lock_filter(response.id, filter));
        let profile = graph.profile;
        let at = self.cursor.unwrap_or(self.zoomed());
        let is_seen = |n: StackIndex| shown.bars.iter().any(|bar| bar.node == n);
        let outward = || profile.parent(at);
        // The widest of what can be seen.
        let inward = || {
            let below = shown.bars.iter().filter(|bar| profile.parent(bar.node) == Some(at));
            below.max_by(|a, b| a.width.total_cmp(&b.width)).map(|bar| bar.node)
        };
        let beside = |is_right: bool| {
            let parent = profile.parent(at)?;
            let siblings = shown.bars.iter().filter(|bar| profile.parent(bar.node) == Some(parent)).map(|bar| bar.node);
            if is_right { siblings.filter(|n| *n > at).min() } else { siblings.filter(|n| *n < at).max() }
        };
        let pressed = |key: Key| ui.input(|i| i.key_pressed(key));
        let (up, down) = (pressed(Key::ArrowUp), pressed(Key::ArrowDown));
        let (goes_out, goes_in) = if graph.is_upward { (down, up) } else { (up, down) };
        let mut next = None;
        if goes_out {
            next = outward();
        } else if goes_in {
            next = inward();
        } else if pressed(Key::ArrowLeft) {
            next = beside(false);
        } else if pressed(Key::ArrowRight) {
            next = beside(true);
        } else if pressed(Key::Home) {
            next = Some(self.zoomed());
        } else if pressed(Key::Enter) {
            self.zoom(at);
            events.chosen = Some(at);
        } else if pressed(Key::Escape) {
            self.zoom_out(graph);
        }
        if let Some(n) = next.filter(|&n| is_seen(n) || profile.depth(n) < profile.depth(at)) {
            self.cursor = Some(n);
            self.is_revealing = true;
            events.chosen = Some(n);
        }
    }

    /// Tells assistive technology about the bars that have room for their names.
    fn announce(
        &mut self,
        ui: &mut Ui,
        graph: &Graph<'_>,
        shown: &Shown,
        response: &Response,
        events: &mut FlameEvents,
    ) {
        response.widget_info(|| WidgetInfo::labeled(Role::Tree, true, graph.name));
        let id = response.id;
        let bar_id = |n: StackIndex| id.with(n.0);
        let cursor = self.cursor.filter(|n| shown.bars.iter().any(|bar| bar.node == *n));
        let is_on = ui.ctx().accesskit_node_builder(id, |node| {
            if let Some(n) = cursor {
                node.set_active_descendant(bar_id(n).accesskit_id());
            }
        });
        if is_on.is_none() {
            return;
        }
        // Out of sight of the pointer: these are for assistive technology only.
        let mut items = ui.new_child(UiBuilder::new().max_rect(shown.rect).accessibility_parent(id).id_salt(id));
        items.set_clip_rect(Rect::NOTHING);
        let wide = shown.bars.iter().filter(|bar| bar.width >= WITH_TEXT || Some(bar.node) == cursor);
        for bar in wide.take(MOST_ANNOUNCED) {
            let (rect, item) = (shown.rect_of(bar), bar_id(bar.node));
            items.interact(rect, item, Sense::hover());
            items.ctx().accesskit_node_builder(item, |node| {
                node.set_role(Role::TreeItem);
                node.set_level(bar.level as usize + 1);
                node.set_label(bar_name(graph.profile, bar.node));
                node.set_description(figures(graph, bar.node, self.zoomed()));
                node.set_selected(cursor == Some(bar.node));
                node.add_action(accesskit::Action::Click);
                node.set_bounds(accesskit::Rect {
                    x0: rect.min.x.into(),
                    y0: rect.min.y.into(),
                    x1: rect.max.x.into(),
                    y1: rect.max.y.into(),
                });
            });
            if items.input(|i| i.has_accesskit_action_request(item, accesskit::Action::Click)) {
                response.request_focus();
                self.zoom(bar.node);
                events.chosen = Some(bar.node);
            }
        }
    }

    fn tooltip_ui(&self, ui: &mut Ui, graph: &Graph<'_>, n: StackIndex) {
        ui.label(RichText::new(bar_name(graph.profile, n)).monospace());
        let place = graph.profile.frame(n).place();
        if !place.is_empty() && n != StackIndex::ROOT {
            ui.label(RichText::new(one_line(Text::from(&*place))).small());
        }
        ui.label(figures(graph, n, self.zoomed()));
    }
}

/// Self, total, their part of everything, and of what is zoomed.
fn figures(graph: &Graph<'_>, n: StackIndex, zoomed: StackIndex) -> String {
    let profile = graph.profile;
    let (own, total) = (profile.self_size(n), profile.total_size(n));
    let whole = profile.total();
    let mut text = format!(
        "Self {} ({}), total {} ({})",
        size_text(profile, own),
        units::share(own, whole),
        size_text(profile, total),
        units::share(total, whole)
    );
    if zoomed != StackIndex::ROOT {
        text += &format!(", {} of what is zoomed", units::share(total, profile.total_size(zoomed)));
    }
    if let Some(base) = graph.base {
        let (own, total) = (own - base.self_size(n), total - base.total_size(n));
        text += &format!("; self {}, total {} against before", delta_text(profile, own), delta_text(profile, total));
    }
    text
}

/// The name on a bar.
fn bar_name(profile: &Profile, n: StackIndex) -> String {
    if n == StackIndex::ROOT { "(root)".to_owned() } else { one_line(profile.frame(n).shown_name()) }
}

/// As much of a name as there is room for.
fn fitting(name: &str, letters: usize) -> String {
    match name.chars().count() {
        len if len <= letters => name.to_owned(),
        _ if letters < 3 => String::new(),
        _ => name.chars().take(letters - 1).chain(['…']).collect(),
    }
}

/// Red for what grew, blue for what shrank, the stronger the more of it.
fn growth_fill(theme: &Theme, profile: &Profile, base: &Profile, n: StackIndex) -> Color32 {
    let (now, before) = (profile.total_size(n), base.total_size(n));
    let most = now.max(before);
    let part = if most > 0.0 { (now - before) / most } else { 0.0 };
    theme.growth_fill(part as f32)
}

/// The bars of one frame, and where they are.
struct Shown {
    /// All of the graph, seen or not.
    rect: Rect,
    bars: Vec<Bar>,
    levels: u32,
    is_upward: bool,
}

impl Shown {
    fn new(ui: &Ui, graph: &Graph<'_>, rect: Rect, viewport: Rect, levels: u32, zoomed: StackIndex) -> Self {
        let first = (viewport.top() / ROW).floor().max(0.0) as u32;
        let last = (viewport.bottom() / ROW).ceil().max(0.0) as u32 + 1;
        let range = if graph.is_upward {
            // Counted from the bottom.
            let rows = (rect.height() / ROW).floor() as u32;
            rows.saturating_sub(last)..rows.saturating_sub(first).saturating_add(1)
        } else {
            first..last
        };
        let least = NARROWEST / ui.pixels_per_point();
        let bars = graph.layout.bars(graph.profile, zoomed, rect.width(), least, range);
        Self { rect, bars, levels, is_upward: graph.is_upward }
    }

    fn top_of(&self, level: u32) -> f32 {
        if self.is_upward {
            self.rect.bottom() - (level as f32 + 1.0) * ROW
        } else {
            self.rect.top() + level as f32 * ROW
        }
    }

    fn rect_of(&self, bar: &Bar) -> Rect {
        let gap = if bar.width > 3.0 { 1.0 } else { 0.0 };
        Rect::from_min_size(
            pos2(self.rect.left() + bar.x, self.top_of(bar.level)),
            vec2((bar.width - gap).max(1.0), ROW - 1.0),
        )
    }

    fn row_rect(&self, level: u32) -> Rect {
        let level = level.min(self.levels);
        Rect::from_min_size(pos2(self.rect.left(), self.top_of(level)), vec2(self.rect.width(), ROW))
    }

    fn bar_at(&self, at: Pos2) -> Option<&Bar> {
        let is_in = |bar: &&Bar| {
            let x = at.x - self.rect.left();
            let top = self.top_of(bar.level);
            (bar.x..bar.x + bar.width.max(1.0)).contains(&x) && (top..top + ROW).contains(&at.y)
        };
        self.bars.iter().find(is_in)
    }
}
