//! Why the selected object is alive, and what would be freed if references that are marked went.

use super::answer::Answer;
use super::{Command, PanelContext, PerSnapshot};
use crate::analysis::paths::why::min_cut::CutLimits;
use crate::analysis::paths::why::{Step, Why, why};
use crate::analysis::removal::what_if::{Cut, Freed, what_if};
use crate::graph::{EdgeIndex, NodeId, NodeIndex};
use crate::session::{DocumentId, OpenSnapshot};
use crate::ui::selection::Selection;
use crate::ui::theme::Theme;
use crate::ui::tree::Face;
use crate::units;
use egui::{Frame, Margin, RichText, ScrollArea, Ui};
use std::sync::Arc;

/// The tab.
#[derive(Debug, Default)]
pub(super) struct WhyPane {
    page: Option<(Selection, Answer<Why>)>,
    marked: PerSnapshot<Marked>,
}

/// What is marked in a snapshot, and what would be freed without it.
#[derive(Debug, Default)]
struct Marked {
    cut: Cut,
    freed: Option<Answer<Freed>>,
}

/// What the user asked for.
enum Wish {
    Show(NodeId),
    Mark(EdgeIndex),
    MarkObject(NodeIndex),
    Unmark,
    Copy(String),
    Again,
}

impl WhyPane {
    /// Draws the page about `selection`.
    pub(super) fn ui(&mut self, ui: &mut Ui, selection: Selection, context: &mut PanelContext<'_>) {
        let Some(open) = context.session.snapshot(selection.snapshot) else { return };
        if self.page.as_ref().is_none_or(|page| page.0 != selection) {
            self.page = Some((selection, ask(&open, selection, context)));
        }
        let Some((_, answer)) = &mut self.page else { return };
        answer.poll(context.front_end);
        let marked = self.marked.get_or_insert_with(selection.snapshot, Marked::default);
        if let Some(freed) = &mut marked.freed {
            freed.poll(context.front_end);
        }
        let mut wish = None;
        match answer.known() {
            None => {
                if answer.waiting_ui(ui, "Finding out why it is alive…") {
                    wish = Some(Wish::Again);
                }
            }
            Some(page) => {
                Frame::new().inner_margin(Margin::symmetric(12, 4)).show(ui, |ui| {
                    marks_ui(ui, marked, selection.node, context.theme, &mut wish);
                    ScrollArea::both().auto_shrink(false).show(ui, |ui| {
                        page_ui(ui, page, &marked.cut, context.theme, &mut wish);
                    });
                });
            }
        }
        match wish {
            None => {}
            Some(Wish::Show(id)) => {
                if let Some(node) = open.snapshot.heap.find(id) {
                    context.push(Command::Select(Some(Selection { node, ..selection })));
                }
            }
            Some(Wish::Mark(edge)) => {
                toggle(&mut marked.cut.references, edge);
                marked.compute(&open, context);
            }
            Some(Wish::MarkObject(node)) => {
                toggle(&mut marked.cut.objects, node);
                marked.compute(&open, context);
            }
            Some(Wish::Unmark) => *marked = Marked::default(),
            Some(Wish::Copy(text)) => context.push(Command::Copy(text)),
            Some(Wish::Again) => self.page = None,
        }
    }

    /// Gives back what is kept about a snapshot.
    pub(super) fn forget(&mut self, id: DocumentId) {
        self.page.take_if(|page| page.0.snapshot == id);
        self.marked.forget(id);
    }
}

fn ask(open: &OpenSnapshot, selection: Selection, context: &PanelContext<'_>) -> Answer<Why> {
    let snapshot = Arc::clone(&open.snapshot);
    Answer::ask("why", "Finding out why an object is alive", context.front_end, move |progress| {
        let stage = progress.stage("Following references", 1, 1);
        why(&snapshot.heap, selection.node, CutLimits::default(), &stage)
    })
}

fn toggle<T: PartialEq>(list: &mut Vec<T>, value: T) {
    match list.iter().position(|v| *v == value) {
        Some(at) => drop(list.remove(at)),
        None => list.push(value),
    }
}

impl Marked {
    fn count(&self) -> usize {
        self.cut.objects.len() + self.cut.references.len()
    }

    /// Begins to find out what would be freed; what is under way is given up.
    fn compute(&mut self, open: &OpenSnapshot, context: &PanelContext<'_>) {
        self.freed = (self.count() > 0).then(|| {
            let (snapshot, cut) = (Arc::clone(&open.snapshot), self.cut.clone());
            Answer::ask("what-if", "Adding up what would be freed", context.front_end, move |progress| {
                what_if(&snapshot.heap, &cut, &progress.stage("Adding up", 1, 1))
            })
        });
    }
}

/// The line of what is marked.
fn marks_ui(ui: &mut Ui, marked: &Marked, object: NodeIndex, theme: &Theme, wish: &mut Option<Wish>) {
    ui.horizontal_wrapped(|ui| {
        let mut is_marked = marked.cut.objects.contains(&object);
        if ui.checkbox(&mut is_marked, "As if this object were gone").clicked() {
            *wish = Some(Wish::MarkObject(object));
        }
        let text = match (marked.count(), &marked.freed) {
            (0, _) => "Mark references below to see what would be freed without them".to_owned(),
            (n, Some(Answer::Known(freed))) => format!(
                "Without {} would be freed: {} {}, {}",
                if n == 1 { "what is marked".to_owned() } else { format!("the {n} that are marked") },
                units::count(freed.objects.len() as u64),
                if freed.objects.len() == 1 { "object" } else { "objects" },
                units::bytes(freed.bytes)
            ),
            (_, Some(Answer::Asked(..))) => "Adding up…".to_owned(),
            _ => "What would be freed could not be found out".to_owned(),
        };
        let color = if marked.count() == 0 { theme.colors.quiet } else { theme.colors.text };
        ui.label(RichText::new(text).color(color));
        if marked.count() > 0 && ui.small_button("Unmark all").clicked() {
            *wish = Some(Wish::Unmark);
        }
    });
}

fn page_ui(ui: &mut Ui, page: &Why, cut: &Cut, theme: &Theme, wish: &mut Option<Wish>) {
    ui.label(page.summary());
    if ui.small_button("Copy page as Markdown").clicked() {
        *wish = Some(Wish::Copy(page.to_markdown()));
    }
    let paths = std::iter::once(&page.path).filter(|path| !path.is_empty()).chain(&page.other_paths);
    for (i, path) in paths.enumerate() {
        ui.add_space(6.0);
        let title = if i == 0 { "The most natural path".to_owned() } else { format!("Another path ({})", i + 1) };
        ui.label(RichText::new(title).strong());
        for step in path {
            step_ui(ui, step, cut, theme, wish);
        }
    }
    for sentence in page.pair_sentences() {
        ui.add_space(6.0);
        ui.label(sentence);
    }
    ui.add_space(6.0);
    ui.label(RichText::new(page.cut_sentence()).strong());
    for (i, set) in page.cuts.iter().enumerate() {
        if i > 0 {
            ui.label("Or, nearest to the roots:");
        }
        for step in set.references.iter().take(50) {
            step_ui(ui, step, cut, theme, wish);
        }
        let text = format!("frees {}, {}", units::count(set.freed_count), units::bytes(set.freed_bytes));
        ui.label(RichText::new(text).color(theme.colors.quiet));
    }
}

/// A step: the mark, who refers, as a link, how, and what it retains.
fn step_ui(ui: &mut Ui, step: &Step, cut: &Cut, theme: &Theme, wish: &mut Option<Wish>) {
    ui.horizontal(|ui| {
        let edge = EdgeIndex(step.edge);
        let mut is_marked = cut.references.contains(&edge);
        let name = format!("Cut {} of {}", step.reference, step.object.label());
        let mark = ui.checkbox(&mut is_marked, "");
        mark.widget_info(|| egui::WidgetInfo::selected(egui::Role::CheckBox, true, is_marked, name.clone()));
        if mark.on_hover_text("As if this reference were gone").clicked() {
            *wish = Some(Wish::Mark(edge));
        }
        let label = RichText::new(step.object.label()).font(theme.font(Face::Code));
        if ui.add(egui::Link::new(label)).clicked() {
            *wish = Some(Wish::Show(step.object.id));
        }
        let quiet = |text: String| RichText::new(text).color(theme.colors.quiet);
        ui.label(RichText::new(format!("· {}", step.reference)).font(theme.font(Face::Code)));
        if let Some(table) = step.weak_map_table {
            ui.label(quiet(format!("needs the WeakMap's table {table} too")));
        }
        ui.label(quiet(format!("retains {}", units::bytes(step.object.retained_size))));
    });
}
