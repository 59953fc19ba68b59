//! Sources: how much memory belongs to each package, file and function of the program.

mod rows;

use super::answer::Answer;
use super::{Command, DocumentContext, Panel, PanelContext, PerSnapshot, toolbar};
use crate::analysis::tables::filters::NodeFilter;
use crate::code::Library;
use crate::session::{DocumentId, OpenSnapshot};
use crate::ui::place::PanelId;
use crate::ui::theme::Theme;
use crate::ui::widgets::filter_box::FilterBox;
use crate::ui::widgets::icon::Strokes;
use crate::ui::widgets::message::message;
use crate::units;
use egui::{Align, Label, Layout, RichText, Sense, Ui};
use egui_extras::{Column, TableBuilder};
use rows::{Line, SourceLines};
use std::sync::Arc;

/// The panel.
#[derive(Debug, Default)]
pub(super) struct SourcesPanel {
    filter_box: FilterBox,
    found: PerSnapshot<Answer<SourceLines>>,
    /// The row the keyboard is at, by its place in the tree.
    chosen: Option<usize>,
}

impl Panel for SourcesPanel {
    fn id(&self) -> PanelId {
        PanelId("Sources")
    }

    fn title(&self) -> &'static str {
        "Sources"
    }

    fn help(&self) -> &'static str {
        "How much memory belongs to each package, file and function of the program"
    }

    fn icon(&self) -> Strokes {
        &[&[(-2.0, -5.0), (-5.5, 0.0), (-2.0, 5.0)], &[(2.0, -5.0), (5.5, 0.0), (2.0, 5.0)]]
    }

    fn is_comparing(&self) -> bool {
        true
    }

    fn ui(&mut self, ui: &mut Ui, context: &mut DocumentContext<'_>) {
        let Some(context) = &mut context.snapshot() else { return };
        let current = context.current.clone();
        self.ask(&current, context);
        let base = context.base.cloned();
        if let Some(base) = &base {
            self.ask(base, context);
        }
        let before =
            base.as_ref().and_then(|base| self.found.get(base.id)?.known().map(|lines| Arc::clone(&lines.sizes)));
        let Some(answer) = self.found.get_mut(current.id) else { return };
        if answer.known().is_none() {
            if answer.waiting_ui(ui, "Finding the owner of every object…") {
                self.found.forget(current.id);
            }
            return;
        }
        toolbar(ui, |ui| {
            self.filter_box.ui(ui, "Filter packages, files and functions");
            let hint = "Double-click or Enter shows the objects in Summary";
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add(Label::new(RichText::new(hint).color(context.theme.colors.quiet)).truncate());
            });
        });
        let Some(lines) = self.found.get_mut(current.id).and_then(Answer::known_mut) else { return };
        let shown = lines.shown(self.filter_box.text());
        if shown.is_empty() {
            message(ui, "No package, file or function has a name like that");
            return;
        }
        let total = current.snapshot.heap.total_size();
        let mut toggled = None;
        let mut activated = None;
        let chosen = &mut self.chosen;
        let is_free = ui.memory(|memory| memory.focused().is_none());
        let (down, up, right, left, enter) = ui.input(|i| {
            let pressed = |key| is_free && i.key_pressed(key);
            (
                pressed(egui::Key::ArrowDown),
                pressed(egui::Key::ArrowUp),
                pressed(egui::Key::ArrowRight),
                pressed(egui::Key::ArrowLeft),
                pressed(egui::Key::Enter),
            )
        });
        let at = chosen.and_then(|c| shown.iter().position(|&line| line == c));
        if down || up {
            let next = match at {
                None => 0,
                Some(at) if down => (at + 1).min(shown.len() - 1),
                Some(at) => at.saturating_sub(1),
            };
            *chosen = Some(shown[next]);
        }
        if let Some(line) = *chosen {
            if right != lines.is_open(line) && (right || left) {
                toggled = Some(line);
            }
            if enter {
                activated = Some(line);
            }
        }
        let deltas = if before.is_some() { 1 } else { 0 };
        let table = TableBuilder::new(ui)
            .id_salt("sources")
            .striped(true)
            .sense(Sense::click())
            .cell_layout(Layout::left_to_right(Align::Center))
            .column(Column::remainder().at_least(200.0).clip(true))
            .columns(Column::exact(96.0), 3 + deltas)
            .column(Column::exact(56.0));
        let table = table.header(Theme::ROW_HEIGHT, |mut header| {
            header.col(|ui| {
                ui.strong("Package, file, function");
            });
            let titles = [
                ("Objects", crate::relation::tables::sources::help::OBJECTS),
                ("Own size", crate::relation::tables::sources::help::OWN_SIZE),
                ("Memory", crate::relation::tables::sources::help::ATTRIBUTED_SIZE),
                ("Memory Δ", "Memory more than in the base"),
            ];
            for (title, help) in titles.into_iter().take(3 + deltas) {
                header.col(|ui| right_ui(ui, RichText::new(title).strong(), Some(help)));
            }
            header.col(|ui| {
                right_ui(ui, RichText::new("%").strong(), Some(crate::relation::tables::common::help::SHARE))
            });
        });
        table.body(|body| {
            body.rows(Theme::ROW_HEIGHT, shown.len(), |mut row| {
                let line = shown[row.index()];
                let Line { name, level, objects, own_size, size, .. } = lines.line(line);
                row.set_selected(*chosen == Some(line));
                row.col(|ui| {
                    ui.add_space(f32::from(*level) * 16.0);
                    let mark = match (lines.has_children(line), lines.is_open(line)) {
                        (false, _) => "   ",
                        (true, true) => "⏷",
                        (true, false) => "⏵",
                    };
                    if ui.add(Label::new(mark).sense(Sense::click())).clicked() {
                        toggled = Some(line);
                    }
                    ui.add(Label::new(name.as_str()).truncate());
                });
                row.col(|ui| right_ui(ui, RichText::new(units::count(*objects)), None));
                row.col(|ui| right_ui(ui, RichText::new(units::kilobytes(*own_size)), None));
                row.col(|ui| right_ui(ui, RichText::new(units::kilobytes(*size)), None));
                if let Some(before) = &before {
                    let old = before.get(&lines.path(line)).copied().unwrap_or(0);
                    let delta = *size as i64 - old as i64;
                    row.col(|ui| right_ui(ui, RichText::new(units::signed(delta, units::kilobytes)), None));
                }
                row.col(|ui| right_ui(ui, RichText::new(units::percent(*size, total)), None));
                let response = row.response();
                if response.clicked() {
                    *chosen = Some(line);
                }
                if response.double_clicked() {
                    activated = Some(line);
                }
            });
        });
        if let Some(line) = toggled {
            lines.toggle(line);
        }
        if let Some(line) = activated {
            let filter = NodeFilter::OwnedBy(lines.line(line).filter.clone());
            context.push(Command::CountObjects(current.id, filter));
            context.push(Command::Show(PanelId::SUMMARY));
        }
    }

    fn focus_filter(&mut self) {
        self.filter_box.focus();
    }

    fn forget(&mut self, id: DocumentId) {
        self.found.forget(id);
    }
}

impl SourcesPanel {
    fn ask(&mut self, open: &OpenSnapshot, context: &PanelContext<'_>) {
        let answer = self.found.get_or_insert_with(open.id, || {
            let snapshot = Arc::clone(&open.snapshot);
            Answer::ask("sources", "Finding the owner of every object", context.front_end, move |progress| {
                let owners = snapshot.heap.source_owners(&progress.stage("Following dominators", 1, 1))?;
                Ok(SourceLines::new(&snapshot.heap, owners, &Library::default()))
            })
        });
        answer.poll(context.front_end);
    }
}

/// Text at the right of a cell.
fn right_ui(ui: &mut Ui, text: RichText, help: Option<&str>) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let label = ui.add(Label::new(text).truncate());
        if let Some(help) = help {
            label.on_hover_text(help);
        }
    });
}
