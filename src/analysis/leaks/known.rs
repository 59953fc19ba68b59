//! Findings somebody has looked at and said are meant to be: a small file that people write.
//!
//! One finding a line: its fingerprint, then the reason. A line that begins with `#` is a remark.
//!
//! ```text
//! # leaks we know of
//! # owner: requestLog
//! 3dd008061b802565  the last thousand requests, by design (see #12)
//! ```

use super::finding::{Finding, Findings, Fingerprint};
use std::collections::BTreeMap;

/// The first line of a new file.
const TITLE: &str = "# Findings of heapglass that are meant to be: fingerprint, then the reason.\n";

/// How the remark begins that says whose fingerprint follows.
const OWNER: &str = "# owner: ";

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

    /// Takes over what `other` says.
    pub fn extend(&mut self, other: Self) {
        self.reasons.extend(other.reasons);
    }

    /// The text of such a file with one more entry, in place of an earlier one of the same
    /// fingerprint. The owner's name is a remark before it, for those who read the file.
    pub fn text_with(text: &str, fingerprint: Fingerprint, owner: &str, reason: &str) -> String {
        let mut text = Self::text_without(text, fingerprint);
        if text.is_empty() {
            text.push_str(TITLE);
        }
        let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let entry = format!("{fingerprint}  {}", one_line(reason));
        text.push_str(&format!("{OWNER}{}\n{}\n", one_line(owner), entry.trim_end()));
        text
    }

    /// The text of such a file without the entry of `fingerprint`; everything else as people wrote
    /// it, and the last line ended.
    pub fn text_without(text: &str, fingerprint: Fingerprint) -> String {
        let mut lines: Vec<&str> = Vec::new();
        for line in text.lines() {
            let begin = line.split_whitespace().next().unwrap_or_default();
            if begin.parse() != Ok(fingerprint) {
                lines.push(line);
            } else if lines.last().is_some_and(|before| before.starts_with(OWNER)) {
                lines.pop();
            }
        }
        lines.iter().map(|line| format!("{line}\n")).collect()
    }

    /// Marks `finding` as expected if it is known by another of its fingerprints.
    pub fn apply_as(&self, finding: &mut Finding, fingerprint: Fingerprint) {
        if let Some(reason) = self.reasons.get(&fingerprint) {
            finding.expected = true;
            finding.expected_reason = Some(reason.clone()).filter(|r| !r.is_empty());
        }
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
    fn an_entry_is_added_and_taken_back_beside_what_people_wrote() {
        let written = "# ours\n\n00ff  fine";
        let text = KnownLeaks::text_with(written, Fingerprint(0xabc), "cache[\n]", "by design,\n see #12");
        assert_eq!(text, "# ours\n\n00ff  fine\n# owner: cache[ ]\n0000000000000abc  by design, see #12\n");
        let known = KnownLeaks::parse(&text).unwrap();
        assert_eq!(known.reasons[&Fingerprint(0xabc)], "by design, see #12");
        assert_eq!(known.reasons[&Fingerprint(0xff)], "fine");

        let again = KnownLeaks::text_with(&text, Fingerprint(0xabc), "cache", "");
        assert_eq!(again, "# ours\n\n00ff  fine\n# owner: cache\n0000000000000abc\n");
        assert_eq!(KnownLeaks::text_without(&again, Fingerprint(0xff)), "# ours\n\n# owner: cache\n0000000000000abc\n");
        assert_eq!(KnownLeaks::text_without(&again, Fingerprint(0xabc)), written.to_owned() + "\n");
        assert!(KnownLeaks::text_with("", Fingerprint(1), "a", "b").starts_with(TITLE));
    }

    #[test]
    fn lines_that_are_no_fingerprint_are_named() {
        let error = KnownLeaks::parse("# fine\n\n00ff fine\nheadersArray\n").unwrap_err();
        assert_eq!((error.line, error.text.as_str()), (4, "headersArray"));
    }
}
