//! A finding as a card: the owner, why we say so, the way to it, how it grew, what to do.

use super::{Page, Wish};
use crate::analysis::leaks::Finding;
use crate::code::FindingCode;
use crate::ui::tree::Face;
use crate::ui::widgets::field::field;
use crate::ui::widgets::prose::prose;
use crate::ui::widgets::sparkline::sparkline;
use crate::units;
use egui::{Frame, Key, Label, Link, Margin, RichText, Sense, Stroke, TextEdit, Ui, vec2};

/// A card.
pub(super) struct Card<'a> {
    /// Its place on the page, which tells it from others.
    pub(super) at: usize,
    pub(super) finding: &'a Finding,
}

impl Card<'_> {
    /// Draws the card.
    pub(super) fn ui(&self, ui: &mut Ui, page: &mut Page<'_>) {
        let border = Stroke::new(1.0, page.theme.colors.border);
        let card = Frame::new().stroke(border).corner_radius(6).inner_margin(Margin::same(12));
        card.show(ui, |ui| {
            ui.push_id(self.at, |ui| {
                ui.set_min_width(ui.available_width());
                self.words_ui(ui, page);
                ui.add_space(4.0);
                self.path_ui(ui, page);
                ui.add_space(4.0);
                self.growth_ui(ui, page);
                let advice = prose(page.theme, &self.finding.advice, page.theme.colors.quiet);
                ui.add(Label::new(advice).wrap());
                ui.add_space(4.0);
                self.buttons_ui(ui, page);
            });
        });
    }

    /// Who it is, and why we say so.
    fn words_ui(&self, ui: &mut Ui, page: &Page<'_>) {
        let finding = self.finding;
        let theme = page.theme;
        let quiet = |text: &str| RichText::new(text).color(theme.colors.quiet);
        ui.horizontal_wrapped(|ui| {
            let owner = RichText::new(&finding.owner).font(theme.font(Face::Code)).size(15.0).strong();
            ui.add(Label::new(owner).selectable(true));
            ui.label(quiet(finding.evidence.words()));
            if let Some(script) = &finding.script {
                ui.label(quiet(script));
            }
            let fingerprint = ui.label(quiet(&finding.fingerprint.to_string()).font(theme.font(Face::Code)));
            fingerprint
                .on_hover_text("The fingerprint: the same for the same leak in other processes and on other days");
        });
        for sentence in &finding.why {
            ui.add(Label::new(prose(theme, sentence, theme.colors.text)).wrap().selectable(true));
        }
        for sentence in page.codes.get(&finding.fingerprint).iter().flat_map(|code| code.sentences()) {
            let code = RichText::new(sentence).font(theme.font(Face::Code));
            ui.add(Label::new(code).wrap().selectable(true));
        }
        if let Some(reason) = &finding.noise_reason {
            ui.label(prose(theme, reason, theme.colors.quiet));
        }
        if finding.expected {
            let reason = finding.expected_reason.as_deref().unwrap_or("no reason was written down");
            ui.label(quiet(&format!("Expected: {reason}")));
        }
    }

    /// The steps from the roots, each a link to its object.
    fn path_ui(&self, ui: &mut Ui, page: &mut Page<'_>) {
        let theme = page.theme;
        let code = |text: &str| RichText::new(text).font(theme.font(Face::Code));
        let Some(last) = page.open.last() else { return };
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            for (i, step) in self.finding.path.iter().enumerate() {
                if i > 0 {
                    ui.label(RichText::new("→").monospace().color(theme.colors.quiet));
                }
                match step.id.filter(|id| last.snapshot.heap.find(*id).is_some()) {
                    Some(id) => {
                        if ui.add(Link::new(code(&step.text))).on_hover_text(id.to_string()).clicked() {
                            *page.wish = Some(Wish::Show(page.open.len() - 1, id));
                        }
                    }
                    None => {
                        ui.label(code(&step.text));
                    }
                }
            }
        });
    }

    /// Members and bytes in each snapshot; figures lead to the owner as it is there.
    fn growth_ui(&self, ui: &mut Ui, page: &mut Page<'_>) {
        let finding = self.finding;
        let theme = page.theme;
        let code = |text: String| RichText::new(text).font(theme.font(Face::Code));
        let quiet = |text: &str| RichText::new(text).color(theme.colors.quiet);
        ui.horizontal_wrapped(|ui| {
            if finding.growth.len() > 1 {
                let (room, _) = ui.allocate_exact_size(vec2(64.0, 16.0), Sense::hover());
                let bytes: Vec<u64> = finding.growth.iter().map(|g| g.bytes).collect();
                sparkline(ui.painter(), theme, room.shrink2(vec2(2.0, 3.0)), &bytes);
            }
            for (i, growth) in finding.growth.iter().enumerate() {
                if i > 0 {
                    ui.label(quiet("→").monospace());
                }
                let text = code(format!("{} · {}", units::count(growth.count), units::bytes(growth.bytes)));
                let here = page.open.get(i).filter(|_| page.owners.is_in(finding.owner_id, i));
                match here {
                    Some(open) => {
                        let hover = format!("Show the owner in {}", open.name);
                        if ui.add(Link::new(text)).on_hover_text(hover).clicked() {
                            *page.wish = Some(Wish::Show(i, finding.owner_id));
                        }
                    }
                    None => {
                        ui.label(text);
                    }
                }
            }
            let freed = format!("frees {}", units::bytes(finding.exclusive_bytes));
            let hover = "What would be freed if the owner went; shows what it alone keeps alive, in Dominators";
            if ui.add(Link::new(freed)).on_hover_text(hover).clicked() {
                *page.wish = Some(Wish::ShowRetained(finding.owner_id));
            }
        });
    }

    fn buttons_ui(&self, ui: &mut Ui, page: &mut Page<'_>) {
        let finding = self.finding;
        if page.marking.as_ref().is_some_and(|marking| marking.fingerprint == finding.fingerprint) {
            self.marking_ui(ui, page);
            return;
        }
        let last = page.open.len().saturating_sub(1);
        ui.horizontal_wrapped(|ui| {
            if ui.button("Show owner").clicked() {
                *page.wish = Some(Wish::Show(last, finding.owner_id));
            }
            if ui.button("Show example").clicked() {
                *page.wish = Some(Wish::Show(last, finding.example_id));
            }
            if ui.button("Copy as Markdown").clicked() {
                let code = page.codes.get(&finding.fingerprint).map(FindingCode::to_markdown);
                *page.wish = Some(Wish::Copy(finding.to_markdown() + &code.unwrap_or_default()));
            }
            if finding.noise || !page.can_mark {
                return;
            }
            if finding.expected {
                if ui.button("No longer expected").clicked() {
                    *page.wish = Some(Wish::Unmark(finding.fingerprint));
                }
            } else if ui.button("Mark as expected…").on_hover_text(WHAT_MARKING_DOES).clicked() {
                *page.wish = Some(Wish::BeginMarking(finding.fingerprint));
            }
        });
    }

    /// The line in which the reason is written.
    fn marking_ui(&self, ui: &mut Ui, page: &mut Page<'_>) {
        let Some(marking) = page.marking else { return };
        ui.horizontal_wrapped(|ui| {
            ui.label("Why is this expected?");
            let edit = TextEdit::singleline(&mut marking.reason).desired_width(320.0).hint_text("the reason");
            let response = field(ui, edit, "Reason");
            if std::mem::take(&mut marking.is_new) {
                response.request_focus();
            }
            let (is_entered, is_escaped) = match response.lost_focus() {
                true => ui.input(|i| (i.key_pressed(Key::Enter), i.key_pressed(Key::Escape))),
                false => (false, false),
            };
            if ui.button("Save").on_hover_text(WHAT_MARKING_DOES).clicked() || is_entered {
                *page.wish = Some(Wish::Expect(self.finding.fingerprint));
            } else if ui.button("Cancel").clicked() || is_escaped {
                *page.wish = Some(Wish::StopMarking);
            }
        });
    }
}

const WHAT_MARKING_DOES: &str = "Writes the fingerprint and the reason into heapglass-known.txt beside the snapshots; \
    the finding is listed apart from then on, for everybody who uses that file";
