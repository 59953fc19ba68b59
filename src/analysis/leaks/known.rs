//! Findings somebody has looked at and said are meant to be: a small file that people write.
//!
//! One finding a line: its fingerprint, then the reason. What follows a `#` is a remark.
//!
//! ```text
//! # leaks we know of
//! 3dd008061b802565  the last thousand requests, by design (see #12)
//! ```

use super::finding::{Findings, Fingerprint};
use std::collections::BTreeMap;

/// Reasons by fingerprint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownLeaks {
    reasons: BTreeMap<Fingerprint, String>,
}

/// A line that is neither a known finding nor a remark.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: expected a fingerprint of 16 hexadecimal digits and a reason, found '{text}'")]
pub struct KnownLeaksError {
    /// Which line, counted from 1.
    pub line: usize,
    /// What stands there.
    pub text: String,
}

impl KnownLeaks {
    /// Reads the text of such a file.
    pub fn parse(text: &str) -> Result<Self, KnownLeaksError> {
        let mut known = Self::default();
        for (i, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (fingerprint, reason) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            let fingerprint: Fingerprint =
                fingerprint.parse().map_err(|_e| KnownLeaksError { line: i + 1, text: line.to_owned() })?;
            known.reasons.insert(fingerprint, reason.trim().to_owned());
        }
        Ok(known)
    }

    /// Says that the leak with `fingerprint` is meant to be, and why.
    pub fn insert(&mut self, fingerprint: Fingerprint, reason: &str) {
        let one_line = reason.split_whitespace().collect::<Vec<_>>().join(" ");
        self.reasons.insert(fingerprint, one_line);
    }

    /// Takes back what was said.
    pub fn remove(&mut self, fingerprint: Fingerprint) {
        self.reasons.remove(&fingerprint);
    }

    /// The text of a file that [`KnownLeaks::parse`] reads.
    pub fn to_text(&self) -> String {
        let lines = self
            .reasons
            .iter()
            .map(|(fingerprint, reason)| format!("{fingerprint}  {reason}").trim_end().to_owned() + "\n");
        "# Findings of heapglass that are meant to be: fingerprint, then the reason.\n".to_owned()
            + &lines.collect::<String>()
    }

    /// Marks the findings that are known as expected and puts them last.
    pub fn apply(&self, findings: &mut Findings) {
        for finding in findings.findings.iter_mut().chain(&mut findings.noise) {
            let reason = self.reasons.get(&finding.fingerprint);
            finding.expected = reason.is_some();
            finding.expected_reason = reason.filter(|r| !r.is_empty()).cloned();
        }
        findings.findings.sort_by_key(|f| f.expected);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_known_leaks_reads_as_it_was_written() {
        let mut known = KnownLeaks::default();
        known.insert(Fingerprint(0xabc), "by design,\n see #12");
        known.insert(Fingerprint(u64::MAX), "");
        known.insert(Fingerprint(7), "wrong");
        known.remove(Fingerprint(7));
        let text = known.to_text();
        assert!(text.contains("0000000000000abc  by design, see #12\n"), "{text}");
        assert_eq!(KnownLeaks::parse(&text), Ok(known));
    }

    #[test]
    fn lines_that_are_no_fingerprint_are_named() {
        let error = KnownLeaks::parse("# fine\n\n00ff fine\nheadersArray\n").unwrap_err();
        assert_eq!((error.line, error.text.as_str()), (4, "headersArray"));
    }
}
