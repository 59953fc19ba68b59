//! Leaks: what grew, who holds it and why we say so, as cards whose steps lead into the other
//! panels.

use super::answer::Answer;
use super::{Command, Panel, PanelContext};
use crate::analysis::Heap;
use crate::analysis::leaks::{Finding, Findings, find_leaks};
use crate::graph::NodeId;
use crate::session::{OpenSnapshot, SnapshotId};
use crate::ui::selection::Selection;
use crate::ui::theme::Theme;
use crate::ui::tree::Face;
use crate::ui::widgets::message::{message, message_with_button};
use crate::ui::widgets::prose::prose;
use crate::ui::widgets::sparkline::sparkline;
use crate::units;
use egui::{CollapsingHeader, Frame, Label, Margin, RichText, ScrollArea, Sense, Stroke, Ui, vec2};

/// The panel.
#[derive(Debug, Default)]
pub(super) struct LeaksPanel {
    /// Which snapshots, oldest first, `found` is about.
    of: Vec<SnapshotId>,
    found: Option<Answer<Findings>>,
}

/// What the user asked for in a card.
enum Wish {
    Show(NodeId),
    Copy(String),
}

impl LeaksPanel {
    /// Draws the panel.
    pub(super) fn ui(&mut self, ui: &mut Ui, context: &mut PanelContext<'_>) {
        let open: Vec<OpenSnapshot> = context.session.snapshots().cloned().collect();
        let Some(last) = open.last().filter(|_| open.len() > 1) else {
            if message_with_button(ui, "Open two or more snapshots of one program to see what leaks", Some("Open…")) {
                context.push(Command::OpenDialog);
            }
            return;
        };
        self.update(&open, context);
        let Some(answer) = &mut self.found else {
            message(ui, "Waiting for files that are being opened…");
            return;
        };
        let Some(found) = answer.known() else {
            if answer.waiting_ui(ui, "Looking for what grew…") {
                *self = Self::default();
            }
            return;
        };
        let mut wish = None;
        Frame::new().inner_margin(Margin::symmetric(16, 8)).show(ui, |ui| {
            ScrollArea::vertical()
                .auto_shrink(false)
                .show(ui, |ui| findings_ui(ui, found, last, context.theme, &mut wish));
        });
        match wish {
            Some(Wish::Copy(text)) => context.push(Command::Copy(text)),
            Some(Wish::Show(id)) => {
                if let Some(node) = last.snapshot.heap.find(id) {
                    let panel =
                        if last.snapshot.heap.shallow_size(node) > 0 { Panel::Summary } else { Panel::Dominators };
                    context.push(Command::Reveal(panel, Selection { snapshot: last.id, node }));
                }
            }
            None => {}
        }
    }

    /// Looks for leaks in the background when other snapshots are open than before.
    fn update(&mut self, open: &[OpenSnapshot], context: &PanelContext<'_>) {
        if let Some(answer) = &mut self.found {
            answer.poll(context.front_end);
        }
        let now: Vec<SnapshotId> = open.iter().map(|s| s.id).collect();
        // While files are on their way the answer would not be one for long.
        if now == self.of || context.session.is_loading() {
            return;
        }
        self.of = now;
        let snapshots: Vec<_> = open.iter().map(|s| std::sync::Arc::clone(&s.snapshot)).collect();
        self.found = Some(Answer::ask("leaks", "Looking for leaks", context.front_end, move |progress| {
            let heaps: Vec<&Heap> = snapshots.iter().map(|s| &s.heap).collect();
            find_leaks(&heaps, &progress.stage("Comparing paths", 1, 1))
        }));
    }

    /// Gives back what is kept about a snapshot.
    pub(super) fn forget(&mut self, id: SnapshotId) {
        if self.of.contains(&id) {
            *self = Self::default();
        }
    }
}

fn findings_ui(ui: &mut Ui, found: &Findings, last: &OpenSnapshot, theme: &Theme, wish: &mut Option<Wish>) {
    ui.horizontal(|ui| {
        let count = found.findings.len() as u64;
        let title = match count {
            0 => "Nothing leaks".to_owned(),
            1 => "1 finding".to_owned(),
            n => format!("{} findings", units::count(n)),
        };
        ui.heading(title);
        if ui.button("Copy all as Markdown").clicked() {
            *wish = Some(Wish::Copy(found.to_markdown()));
        }
    });
    for remark in &found.remarks {
        ui.label(prose(theme, remark, theme.colors.quiet));
    }
    for (i, finding) in found.findings.iter().enumerate() {
        ui.add_space(8.0);
        card_ui(ui, i, finding, last, theme, wish);
    }
    if !found.noise.is_empty() {
        ui.add_space(12.0);
        let title = format!("Grew, but is no leak ({})", units::count(found.noise.len() as u64));
        CollapsingHeader::new(title).show(ui, |ui| {
            for (i, finding) in found.noise.iter().enumerate() {
                card_ui(ui, found.findings.len() + i, finding, last, theme, wish);
                ui.add_space(8.0);
            }
        });
    }
    if found.findings.is_empty() && found.noise.is_empty() {
        message(ui, "No collection and no object grew from snapshot to snapshot");
    }
}

fn card_ui(ui: &mut Ui, at: usize, finding: &Finding, last: &OpenSnapshot, theme: &Theme, wish: &mut Option<Wish>) {
    let code = |text: &str| RichText::new(text).font(theme.font(Face::Code));
    let quiet = |text: &str| RichText::new(text).color(theme.colors.quiet);
    let card =
        Frame::new().stroke(Stroke::new(1.0, theme.colors.border)).corner_radius(6).inner_margin(Margin::same(12));
    card.show(ui, |ui| {
        ui.push_id(at, |ui| {
            ui.set_min_width(ui.available_width());
            ui.horizontal_wrapped(|ui| {
                ui.add(Label::new(code(&finding.owner).size(15.0).strong()).selectable(true));
                ui.label(quiet(finding.evidence.words()));
                if let Some(script) = &finding.script {
                    ui.label(quiet(script));
                }
            });
            for sentence in &finding.why {
                ui.add(Label::new(prose(theme, sentence, theme.colors.text)).wrap().selectable(true));
            }
            if let Some(reason) = finding.noise_reason.as_ref().or(finding.expected_reason.as_ref()) {
                ui.label(prose(theme, reason, theme.colors.quiet));
            }
            ui.add_space(4.0);
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing.x = 4.0;
                for (i, step) in finding.path.iter().enumerate() {
                    if i > 0 {
                        ui.label(quiet("→").monospace());
                    }
                    match step.id.filter(|id| last.snapshot.heap.find(*id).is_some()) {
                        Some(id) => {
                            if ui.add(egui::Link::new(code(&step.text))).on_hover_text(id.to_string()).clicked() {
                                *wish = Some(Wish::Show(id));
                            }
                        }
                        None => {
                            ui.label(code(&step.text));
                        }
                    }
                }
            });
            ui.add_space(4.0);
            ui.horizontal_wrapped(|ui| {
                let (room, _) = ui.allocate_exact_size(vec2(64.0, 16.0), Sense::hover());
                let bytes: Vec<u64> = finding.growth.iter().map(|g| g.bytes).collect();
                sparkline(ui.painter(), theme, room.shrink2(vec2(2.0, 3.0)), &bytes);
                for (i, growth) in finding.growth.iter().enumerate() {
                    if i > 0 {
                        ui.label(quiet("→").monospace());
                    }
                    ui.label(code(&format!("{} · {}", units::count(growth.count), units::bytes(growth.bytes))));
                }
                ui.label(quiet(&format!("frees {}", units::bytes(finding.exclusive_bytes))));
            });
            ui.add(Label::new(prose(theme, &finding.advice, theme.colors.quiet)).wrap());
            ui.horizontal(|ui| {
                if ui.button("Show owner").clicked() {
                    *wish = Some(Wish::Show(finding.owner_id));
                }
                if ui.button("Show example").clicked() {
                    *wish = Some(Wish::Show(finding.example_id));
                }
                if ui.button("Copy as Markdown").clicked() {
                    *wish = Some(Wish::Copy(finding.to_markdown()));
                }
            });
        });
    });
}
