//! What the user is told above the panel.

use crate::session::OpenDocument;
use crate::session::job::Panicked;
use crate::ui::command::{Command, Commands};
use crate::ui::theme::Theme;
use egui::{Align, Frame, Key, Label, Layout, Margin, RichText, TextEdit, Ui};
use std::path::PathBuf;

/// What the user is told, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Notices(Vec<Notice>);

/// Something the user is told above the panel until it is dismissed.
#[derive(Debug)]
enum Notice {
    Text(String),
    /// Something failed because of a mistake of ours.
    Failure(Panicked),
    /// There is no file dialog: the path can be typed here.
    NoDialog(String),
}

/// What is wanted of a notice.
#[derive(Debug, Default)]
struct Wish {
    dismiss: bool,
    command: Option<Command>,
}

impl Notices {
    /// Says `text`.
    pub(super) fn tell(&mut self, text: impl Into<String>) {
        self.0.push(Notice::Text(text.into()));
    }

    /// Says that something failed, once.
    pub(super) fn tell_failure(&mut self, failure: Panicked) {
        if !self.0.iter().any(|n| matches!(n, Notice::Failure(f) if *f == failure)) {
            self.0.push(Notice::Failure(failure));
        }
    }

    /// Says that there is no file dialog, with a field for a path.
    pub(super) fn ask_for_path(&mut self) {
        self.0.push(Notice::NoDialog(String::new()));
    }

    /// Draws all of them.
    pub(super) fn ui(&mut self, ui: &mut Ui, theme: &Theme, commands: &mut Commands) {
        self.0.retain_mut(|notice| {
            let mut wish = Wish::default();
            strip(theme).show(ui, |ui| {
                // From the right: however long the sentence is, the buttons stay in sight.
                ui.with_layout(Layout::right_to_left(Align::TOP), |ui| {
                    wish.dismiss = ui.button("Dismiss").clicked();
                    notice.ui(ui, theme, &mut wish);
                });
            });
            commands.extend(wish.command);
            !wish.dismiss
        });
    }
}

impl Notice {
    fn ui(&mut self, ui: &mut Ui, theme: &Theme, wish: &mut Wish) {
        match self {
            Self::Text(text) => sentence_ui(ui, RichText::new(text.as_str())),
            Self::Failure(panicked) => {
                if ui.button("Copy details").clicked() {
                    wish.command = Some(Command::Copy(format!("{panicked}\n{}", panicked.details)));
                }
                sentence_ui(ui, RichText::new(panicked.to_string()).color(theme.colors.error));
            }
            Self::NoDialog(path) => {
                let wants_to_open = ui.button("Open").clicked();
                ui.with_layout(Layout::left_to_right(Align::TOP), |ui| {
                    let label = ui.label("There is no file dialog on this system. Drop files here, or type a path:");
                    let edit = TextEdit::singleline(path).desired_width(ui.available_width());
                    let field = ui.add(edit).labelled_by(label.id);
                    let is_entered = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
                    if (wants_to_open || is_entered) && !path.trim().is_empty() {
                        wish.command = Some(Command::Open(vec![PathBuf::from(path.trim())]));
                        wish.dismiss = true;
                    }
                });
            }
        }
    }
}

fn sentence_ui(ui: &mut Ui, sentence: RichText) {
    ui.with_layout(Layout::left_to_right(Align::TOP), |ui| ui.add(Label::new(sentence).wrap()));
}

/// Says above every panel that part of the document is missing.
pub(super) fn incomplete_ui(ui: &mut Ui, theme: &Theme, document: &OpenDocument) {
    for warning in document.warnings().iter().filter(|w| w.is_incomplete) {
        strip(theme).show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            ui.label(RichText::new(format!("Part of this file is missing: {warning}")).color(theme.colors.warning));
        });
    }
}

fn strip(theme: &Theme) -> Frame {
    Frame::new().fill(theme.colors.raised).inner_margin(Margin::symmetric(12, 6))
}
