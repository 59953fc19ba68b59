//! Map: the memory of a snapshot as areas; objects within what keeps them alive, or classes within files and packages.

use super::answer::Answer;
use super::{Command, DocumentContext, Panel, PerSnapshot, toolbar};
use crate::analysis::tables::filters::NodeFilter;
use crate::code::Library;
use crate::code::memory::source_tree;
use crate::session::DocumentId;
use crate::treemap::layout::cell_at;
use crate::treemap::svg::fitting;
use crate::treemap::{Cell, DominatorTreeMap, Form, NamedTree, Rect, Tree, layout};
use crate::ui::place::{LowerTab, PanelId};
use crate::ui::selection::Selection;
use crate::ui::theme::Theme;
use crate::ui::widgets::icon::Strokes;
use crate::ui::widgets::message::message;
use crate::units;
use egui::accesskit::Role;
use egui::{Align2, Key, Label, Layout, RichText, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};
use std::sync::Arc;

/// The panel.
#[derive(Debug, Default)]
pub(super) struct MapPanel {
    form: Form,
    of_sources: bool,
    sources: PerSnapshot<Answer<NamedTree>>,
    /// Where each snapshot's map is zoomed to, from the outside in.
    zoomed: PerSnapshot<Vec<u32>>,
    /// The node that the keyboard or the pointer is at.
    chosen: Option<u32>,
    laid_out: Option<LaidOut>,
}

/// What was laid out, and for what.
#[derive(Debug)]
struct LaidOut {
    of: (DocumentId, bool, Form, u32, [u32; 2]),
    cells: Vec<Cell>,
}

/// The tree that is shown.
enum Shown<'a> {
    Objects(DominatorTreeMap<'a>),
    Sources(&'a NamedTree),
}

impl Shown<'_> {
    fn tree(&self) -> &dyn Tree {
        match self {
            Self::Objects(tree) => tree,
            Self::Sources(tree) => *tree,
        }
    }

    fn name(&self, node: u32) -> String {
        match self {
            Self::Objects(tree) if node == 0 => tree.0.class_name(tree.object(0)).lossy().into_owned(),
            Self::Objects(tree) => tree.0.cell_text(tree.object(node)).as_text().lossy().into_owned(),
            Self::Sources(tree) => tree.nodes[node as usize].name.clone(),
        }
    }

    /// What tells colors apart: the kind of an object, or the package.
    fn group(&self, node: u32) -> u32 {
        match self {
            Self::Objects(tree) => tree.0.kind(tree.object(node)).0.into(),
            Self::Sources(tree) => tree.branch_of(node),
        }
    }
}

impl Panel for MapPanel {
    fn id(&self) -> PanelId {
        PanelId("Map")
    }

    fn title(&self) -> &'static str {
        "Map"
    }

    fn help(&self) -> &'static str {
        "The memory as areas: objects within what keeps them alive, or classes within files and packages"
    }

    fn icon(&self) -> Strokes {
        &[
            &[(-5.5, -5.0), (5.5, -5.0), (5.5, 5.0), (-5.5, 5.0), (-5.5, -5.0)],
            &[(0.5, -5.0), (0.5, 5.0)],
            &[(0.5, 0.0), (5.5, 0.0)],
        ]
    }

    fn shows_objects(&self) -> bool {
        !self.of_sources
    }

    fn ui(&mut self, ui: &mut Ui, context: &mut DocumentContext<'_>) {
        let Some(context) = &mut context.snapshot() else { return };
        let current = context.current.clone();
        toolbar(ui, |ui| {
            ui.radio_value(&mut self.of_sources, false, "Objects")
                .on_hover_text("Objects within what dominates them, by retained size");
            ui.radio_value(&mut self.of_sources, true, "Sources")
                .on_hover_text("Classes within files and packages; each byte counts once");
            ui.separator();
            ui.radio_value(&mut self.form, Form::Treemap, "Treemap").on_hover_text("Rectangles within rectangles");
            ui.radio_value(&mut self.form, Form::Icicle, "Icicle").on_hover_text("Rows, each below what it is part of");
            ui.with_layout(Layout::right_to_left(egui::Align::Center), |ui| {
                let hint = "Click zooms in, Escape goes out, Enter shows the object";
                ui.add(Label::new(RichText::new(hint).color(context.theme.colors.quiet)).truncate());
            });
        });
        let heap = &current.snapshot.heap;
        if self.of_sources {
            let answer = self.sources.get_or_insert_with(current.id, || {
                let snapshot = Arc::clone(&current.snapshot);
                Answer::ask("map", "Finding the owner of every object", context.front_end, move |progress| {
                    let owners = snapshot.heap.source_owners(&progress.stage("Following dominators", 1, 1))?;
                    Ok(source_tree(&snapshot.heap, owners, &Library::default()))
                })
            });
            answer.poll(context.front_end);
            if answer.known().is_none() {
                if answer.waiting_ui(ui, "Finding the owner of every object…") {
                    self.sources.forget(current.id);
                }
                return;
            }
        }
        let shown = match self.sources.get(current.id).and_then(Answer::known).filter(|_| self.of_sources) {
            Some(tree) => Shown::Sources(tree),
            None => Shown::Objects(DominatorTreeMap(heap)),
        };
        if heap.total_size() == 0 {
            message(ui, "This snapshot holds no objects");
            return;
        }
        let zoomed = self.zoomed.get_or_insert_with(current.id, Vec::new);
        let node_count = match &shown {
            Shown::Objects(tree) => tree.0.graph.node_count() as u32,
            Shown::Sources(tree) => tree.nodes.len() as u32,
        };
        // The other tree numbers its nodes otherwise.
        zoomed.retain(|&node| node < node_count);
        let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::click());
        let root = zoomed.last().copied().unwrap_or(0);
        let size = [rect.width() as u32, rect.height() as u32];
        let of = (current.id, self.of_sources, self.form, root, size);
        if self.laid_out.as_ref().is_none_or(|laid_out| laid_out.of != of) {
            let room = Rect { x: 0.0, y: 0.0, width: rect.width(), height: rect.height() };
            self.laid_out = Some(LaidOut { of, cells: layout(shown.tree(), root, room, self.form) });
            self.chosen = None;
        }
        let Some(LaidOut { cells, .. }) = &self.laid_out else { return };
        let hovered = response.hover_pos().and_then(|p| cell_at(cells, p.x - rect.min.x, p.y - rect.min.y));
        paint(ui, rect, cells, &shown, self.chosen, context.theme);
        let sentence =
            |cell: &Cell| format!("{} — {}", shown.name(cell.node), units::bytes(shown.tree().size(cell.node)));
        let chosen = self.chosen.and_then(|node| cells.iter().position(|c| c.node == node));
        let said =
            chosen.or(hovered).or((!cells.is_empty()).then_some(0)).map(|i| sentence(&cells[i])).unwrap_or_default();
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("Map: {said}")));
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_role(Role::Tree));
        let response = match hovered {
            Some(i) => response.on_hover_text_at_pointer(sentence(&cells[i])),
            None => response,
        };
        if response.clicked() {
            response.request_focus();
            if let Some(i) = hovered {
                self.chosen = Some(cells[i].node);
                // One step in: the part of the present top that was clicked.
                let mut top = i;
                while let Some(parent) = cells[top].parent.filter(|&p| p != 0) {
                    top = parent as usize;
                }
                if top != 0 && cells.iter().any(|c| c.parent == Some(top as u32)) {
                    zoomed.push(cells[top].node);
                }
            }
        }
        if response.has_focus() {
            ui.memory_mut(|memory| {
                let keys =
                    egui::EventFilter { horizontal_arrows: true, vertical_arrows: true, escape: true, tab: false };
                memory.set_focus_lock_filter(response.id, keys);
            });
            let pressed = |key| ui.input(|i| i.key_pressed(key));
            let at = chosen.unwrap_or(0);
            let siblings: Vec<usize> = (0..cells.len()).filter(|&i| cells[i].parent == cells[at].parent).collect();
            let beside = |step: isize| {
                let place = siblings.iter().position(|&i| i == at)? as isize + step;
                siblings.get(usize::try_from(place).ok()?).copied()
            };
            let next = if pressed(Key::ArrowRight) {
                beside(1)
            } else if pressed(Key::ArrowLeft) {
                beside(-1)
            } else if pressed(Key::ArrowDown) {
                cells.iter().position(|c| c.parent == Some(at as u32))
            } else if pressed(Key::ArrowUp) {
                cells[at].parent.map(|p| p as usize)
            } else {
                None
            };
            if let Some(next) = next {
                self.chosen = Some(cells[next].node);
            }
            if pressed(Key::Escape) {
                zoomed.pop();
            }
            if pressed(Key::Enter) {
                let command = match &shown {
                    Shown::Objects(tree) => {
                        let selection = Selection { snapshot: current.id, node: tree.object(cells[at].node) };
                        vec![Command::Select(Some(selection)), Command::ShowLower(LowerTab::Retainers)]
                    }
                    Shown::Sources(tree) => match &tree.nodes[cells[at].node as usize].filter {
                        Some(filter) => vec![
                            Command::CountObjects(current.id, NodeFilter::OwnedBy(filter.clone())),
                            Command::Show(PanelId::SUMMARY),
                        ],
                        None => Vec::new(),
                    },
                };
                context.commands.extend(command);
            }
        }
    }

    fn forget(&mut self, id: DocumentId) {
        self.sources.forget(id);
        self.zoomed.forget(id);
        self.laid_out = None;
    }
}

fn paint(ui: &Ui, rect: egui::Rect, cells: &[Cell], shown: &Shown<'_>, chosen: Option<u32>, theme: &Theme) {
    let painter = ui.painter_at(rect);
    let font = theme.small_font();
    for cell in cells {
        let Rect { x, y, width, height } = cell.rect;
        let place = egui::Rect::from_min_size(rect.min + vec2(x, y), vec2(width, height));
        let slices = &theme.colors.slices;
        let color = slices[shown.group(cell.node) as usize % slices.len()];
        let fill = theme.colors.panel.lerp_to_gamma(color, 0.16 + 0.02 * cell.depth.min(8) as f32);
        let border = Stroke::new(0.5, theme.colors.window);
        painter.rect(place, 0.0, fill, border, StrokeKind::Inside);
        if let Some(text) = fitting(&shown.name(cell.node), width, height) {
            painter.text(
                pos2(place.min.x + 3.0, place.min.y + 2.0),
                Align2::LEFT_TOP,
                text,
                font.clone(),
                theme.colors.text,
            );
        }
        if chosen == Some(cell.node) {
            painter.rect_stroke(place, 0.0, Stroke::new(2.0, theme.colors.text), StrokeKind::Inside);
        }
    }
}
