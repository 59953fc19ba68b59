//! `leaks`: findings, a row each. JSON has more of them: growth by snapshot, the steps of the path, sentences.

use crate::analysis::leaks::{Finding, Findings};
use crate::relation::{Answer, Column, Kind, Rows, Size, Value};

const BYTES: Kind = Kind::Bytes(Size::Suitable);

/// The columns.
pub static COLUMNS: [Column; 11] = [
    Column::new("owner", "Owner", Kind::Text, "The variable or property that holds what grows"),
    Column::new("kind", "Kind", Kind::Text, "What kind of leak it is"),
    Column::new("evidence", "Evidence", Kind::Text, "How strong the evidence is"),
    Column::new("script", "Script", Kind::Text, "The script of the owner").nullable(),
    Column::new("exclusive_bytes", "Exclusive", BYTES, "The bytes that only it holds"),
    Column::new("shared_bytes", "Shared", BYTES, "The bytes that others hold too"),
    Column::new("example_id", "Example", Kind::Id, "The id of one of the objects that were added"),
    Column::new("fingerprint", "Fingerprint", Kind::Text, "The same finding has the same fingerprint in other runs"),
    Column::new("expected", "Expected", Kind::Bool, "Whether somebody said that it is meant to be"),
    Column::new("noise", "Noise", Kind::Bool, "Whether it grew without being a leak"),
    Column::new("path", "Path", Kind::Text, "The path from the roots"),
];

struct Rowed(Vec<Finding>);

impl Rows for Rowed {
    fn columns(&self) -> &[Column] {
        &COLUMNS
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn value(&self, row: usize, column: usize) -> Value<'_> {
        let finding = &self.0[row];
        match column {
            0 => Value::word(&finding.owner),
            1 => Value::words(word(&finding.kind)),
            2 => Value::words(word(&finding.evidence)),
            3 => Value::option(finding.script.as_deref(), Value::word),
            4 => finding.exclusive_bytes.into(),
            5 => finding.shared_bytes.into(),
            6 => Value::id(finding.example_id),
            7 => Value::words(finding.fingerprint.to_string()),
            8 => finding.expected.into(),
            9 => finding.noise.into(),
            _ => Value::words(finding.path_text()),
        }
    }
}

/// The word that JSON has for a kind or for evidence.
fn word(value: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// The findings of `leaks`, strongest first, then what grew without being a leak.
pub fn leaks<'a>(findings: &Findings) -> Answer<'a> {
    Answer::new("leaks").rows(Rowed(findings.findings.iter().chain(&findings.noise).cloned().collect()))
}
