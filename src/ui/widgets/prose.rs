//! Sentences with names of code in them: text between backquotes is set as code.

use crate::markdown::{Run, runs};
use crate::ui::theme::Theme;
use crate::ui::tree::Face;
use egui::Color32;
use egui::text::{LayoutJob, TextFormat};

/// A sentence, ready for a label.
pub fn prose(theme: &Theme, sentence: &str, color: Color32) -> LayoutJob {
    let mut job = LayoutJob::default();
    for run in runs(sentence) {
        let (text, face) = match run {
            Run::Plain(text) => (text, Face::Words),
            Run::Code(text) => (text, Face::Code),
        };
        job.append(text, 0.0, TextFormat::simple(theme.font(face), color));
    }
    job
}
