//! Findings as text, for a terminal and for an issue tracker.

use super::finding::{Evidence, Finding, Findings};
use crate::markdown::{code, plain};
use crate::units;
use std::fmt::Write as _;

impl Findings {
    /// The findings nobody has said are meant to be.
    pub fn unexpected(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|f| !f.expected)
    }

    /// The findings somebody has said are meant to be.
    pub fn expected(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|f| f.expected)
    }

    /// All of it as Markdown.
    pub fn to_markdown(&self) -> String {
        self.to_markdown_with(|_| String::new())
    }

    /// All of it as Markdown, with what `more` adds below each finding.
    pub fn to_markdown_with(&self, more: impl Fn(&Finding) -> String) -> String {
        let mut out = String::new();
        if self.findings.is_empty() {
            out.push_str("No leak found.\n");
        }
        for finding in self.unexpected() {
            out.push_str(&finding.to_markdown());
            out.push('\n');
            out.push_str(&more(finding));
        }
        if self.expected().next().is_some() {
            out.push_str("## Expected\n\n");
            for finding in self.expected() {
                let reason = finding.expected_reason.as_deref().unwrap_or("no reason given");
                let _ = writeln!(out, "- {} (`{}`): {}", code(&finding.owner), finding.fingerprint, plain(reason));
            }
            out.push('\n');
        }
        if !self.noise.is_empty() {
            out.push_str("## Grew, but not a leak\n\n");
            for finding in &self.noise {
                let reason = finding.noise_reason.as_deref().unwrap_or_default();
                let _ = writeln!(out, "- {}: {}", code(&finding.owner), plain(reason));
            }
            out.push('\n');
        }
        for remark in &self.remarks {
            let _ = writeln!(out, "> {}", plain(remark));
        }
        out
    }
}

impl Evidence {
    /// The evidence in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::GrewEveryStep => "grew in every step",
            Self::GrewMostSteps => "grew in most steps",
            Self::GrewOnce => "grew once",
            Self::OneSnapshot => "one snapshot only",
        }
    }
}

impl Finding {
    /// The finding as a section of Markdown.
    pub fn to_markdown(&self) -> String {
        let mut out = format!("## {} — {}\n\n", code(&self.owner), self.evidence.words());
        for sentence in &self.why {
            let _ = writeln!(out, "{}", plain(sentence));
        }
        let path: Vec<String> = self.path.iter().map(|step| code(&step.text)).collect();
        let _ = write!(out, "\n{}\n\n", path.join(" → "));
        out.push_str("| Snapshot | Members | Retained |\n| ---: | ---: | ---: |\n");
        for (i, at) in self.growth.iter().enumerate() {
            let _ = writeln!(out, "| {} | {} | {} |", i + 1, units::count(at.count), units::bytes(at.bytes));
        }
        let _ = write!(
            out,
            "\nExclusive: {}. Shared: {}. Kind: {}. Example: @{}. Fingerprint: `{}`.\n\n{}\n",
            units::bytes(self.exclusive_bytes),
            units::bytes(self.shared_bytes),
            self.kind.noun(),
            self.example_id.0,
            self.fingerprint,
            self.advice
        );
        out
    }

    /// The path on one line.
    pub fn path_text(&self) -> String {
        self.path.iter().map(|step| step.text.as_str()).collect::<Vec<_>>().join(" → ")
    }
}
