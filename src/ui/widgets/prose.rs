//! Sentences with names of code in them: what stands between backticks is set as code.

use crate::ui::theme::Theme;
use crate::ui::tree::Face;
use egui::Color32;
use egui::text::{LayoutJob, TextFormat};

/// A sentence, ready for a label.
pub fn prose(theme: &Theme, sentence: &str, color: Color32) -> LayoutJob {
    let mut job = LayoutJob::default();
    for (text, is_code) in runs(sentence) {
        let face = if is_code { Face::Code } else { Face::Words };
        job.append(text, 0.0, TextFormat::simple(theme.font(face), color));
    }
    job
}

/// The pieces of a sentence, and whether each is code. A backtick without another is a backtick.
fn runs(sentence: &str) -> Vec<(&str, bool)> {
    let mut runs = Vec::new();
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('`')
        && let Some((code, after)) = after.split_once('`')
    {
        runs.extend([(before, false), (code, true)]);
        rest = after;
    }
    runs.push((rest, false));
    runs.retain(|run| !run.0.is_empty());
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_backticks_is_code() {
        assert_eq!(
            runs("`headers` grew by `7`."),
            [("headers", true), (" grew by ", false), ("7", true), (".", false)]
        );
        assert_eq!(runs("plain"), [("plain", false)]);
        assert_eq!(runs("a ` alone"), [("a ` alone", false)]);
        assert_eq!(runs("`a` and ` alone"), [("a", true), (" and ` alone", false)]);
    }
}
