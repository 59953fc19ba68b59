//! The page about an object as text, for a terminal and for an issue tracker.

use super::{CutSet, Object, Step, Why};
use crate::markdown::{code, code_in_table, plain};
use crate::units;
use crate::visible::one_line;
use std::fmt::Write as _;

impl Object {
    /// `Array @12`.
    pub fn label(&self) -> String {
        format!("{} @{}", self.text, self.id.0)
    }
}

impl Why {
    /// The sentence the page begins with.
    pub fn summary(&self) -> String {
        let object = self.object.label();
        let Some(last) = self.path.last() else {
            return format!("Nothing keeps {object}: no path leads to it from the roots.");
        };
        let by = format!("{} of {}", last.reference, last.object.label());
        let others = match (self.other_paths.len(), self.has_more_paths) {
            (0, false) => "No other independent path was found, which does not mean that there is none.".to_owned(),
            (1, false) => "One other independent path was found; there may be more.".to_owned(),
            (n, false) => format!("{n} other independent paths were found; there may be more."),
            (n, true) => format!("{n} other independent paths are shown, and there are more."),
        };
        format!("{object} is alive because it is {by}, which the roots reach in {} steps. {others}", self.path.len())
    }

    /// Why the smallest set is what it is, or why there is none.
    pub fn cut_sentence(&self) -> String {
        match self.cuts.first() {
            _ if self.cut_given_up => {
                "Too many references lead to it to find the smallest set that frees it: the search was given up.".into()
            }
            None => "There is no reference to cut.".into(),
            Some(cut) if cut.references.len() == 1 => "Without one reference it would be freed:".into(),
            Some(cut) => format!(
                "At least {} references have to go to free it; fewer never do:",
                units::count(cut.references.len() as u64)
            ),
        }
    }

    /// The pairs of `WeakMap`s in words.
    pub fn pair_sentences(&self) -> Vec<String> {
        let sentence = |pair: &super::WeakMapPair| {
            let key = pair.key.label();
            match &pair.table {
                Some(table) => format!(
                    "It is the value of {key} in the WeakMap whose table is {}: it lives by this pair while both are reachable.",
                    table.label()
                ),
                None => format!(
                    "It is the value of {key} in a WeakMap: it lives by this pair while key and map are reachable."
                ),
            }
        };
        self.weak_map_pairs.iter().map(sentence).collect()
    }

    /// As people read it in a terminal.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "{}\n", one_line(&self.summary()));
        write_way(&self.path, &self.object, &mut out);
        for (i, path) in self.other_paths.iter().enumerate() {
            let _ = writeln!(out, "\nAnother path ({}):", i + 2);
            write_way(path, &self.object, &mut out);
        }
        for sentence in self.pair_sentences() {
            let _ = writeln!(out, "\n{}", one_line(&sentence));
        }
        let _ = writeln!(out, "\n{}", self.cut_sentence());
        for (i, cut) in self.cuts.iter().enumerate() {
            if i > 0 {
                out.push_str("Or, nearest to the roots:\n");
            }
            for step in cut.references.iter().take(MOST_REFERENCES) {
                let _ = writeln!(out, "  {} of {}", one_line(&step.reference), one_line(&step.object.label()));
            }
            if let Some(more) = cut.references.len().checked_sub(MOST_REFERENCES).filter(|&n| n > 0) {
                let _ = writeln!(out, "  and {} more", units::count(more as u64));
            }
            let _ = writeln!(out, "  {}", freed_text(cut));
        }
        out
    }

    /// As a section of Markdown.
    pub fn to_markdown(&self) -> String {
        let mut out = format!("## Why is {} alive?\n\n{}\n\n", code(&self.object.label()), plain(&self.summary()));
        for path in std::iter::once(&self.path).filter(|w| !w.is_empty()).chain(&self.other_paths) {
            out.push_str("| Object | Reference | Retained |\n| --- | --- | ---: |\n");
            for step in path {
                let _ = writeln!(
                    out,
                    "| {} @{} | {} | {} |",
                    code_in_table(&step.object.text),
                    step.object.id.0,
                    code_in_table(&step.reference),
                    units::bytes(step.object.retained_size)
                );
            }
            let retained = units::bytes(self.object.retained_size);
            let _ = writeln!(out, "| {} @{} | | {retained} |\n", code_in_table(&self.object.text), self.object.id.0);
        }
        for sentence in self.pair_sentences() {
            let _ = writeln!(out, "{}\n", plain(&sentence));
        }
        let _ = writeln!(out, "{}\n", self.cut_sentence());
        for cut in &self.cuts {
            for step in cut.references.iter().take(MOST_REFERENCES) {
                let _ = writeln!(out, "- {} of {}", code(&step.reference), code(&step.object.label()));
            }
            let _ = writeln!(out, "\n{}\n", freed_text(cut));
        }
        out
    }
}

/// How many references of a set are listed.
const MOST_REFERENCES: usize = 20;

/// What goes with a set.
fn freed_text(cut: &CutSet) -> String {
    let objects = if cut.freed_count == 1 { "object" } else { "objects" };
    format!("frees {} {objects}, {}", units::count(cut.freed_count), units::bytes(cut.freed_bytes))
}

/// One line a step: what it retains, what it is, how it refers to the next.
fn write_way(path: &[Step], object: &Object, out: &mut String) {
    if path.is_empty() {
        return;
    }
    for step in path {
        let pair = step.weak_map_table.map(|t| format!(" (needs its table @{} too)", t.0)).unwrap_or_default();
        let _ = writeln!(
            out,
            "{:>10}  {}  {}{pair}",
            units::bytes(step.object.retained_size),
            one_line(&step.object.label()),
            one_line(&format!("· {} →", step.reference)),
        );
    }
    let _ = writeln!(out, "{:>10}  {}", units::bytes(object.retained_size), one_line(&object.label()));
}
