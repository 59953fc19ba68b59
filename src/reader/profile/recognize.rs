//! Which format a profile has, by its contents; and what it is if it is none.

use super::wire::{Fields, Value};
use crate::profile::Format;
use crate::reader::error::ReadError;
use crate::reader::recognize::{self, LOOKED_AT, top_level_keys};
use crate::reader::source::{Compression, unpacked_start};

/// The format of a profile of allocations that begins like this, be it packed or not; `None` for anything else.
pub fn profile_format(start: &[u8]) -> Option<Format> {
    let unpacked;
    let start = match Compression::of(start) {
        Some(compression) => {
            unpacked = unpacked_start(compression, start, LOOKED_AT as u64);
            &unpacked
        }
        None => start,
    };
    format_of_start(&start[..start.len().min(LOOKED_AT)])
}

/// The format of `text`, or why it is not a profile of allocations.
pub(super) fn format_of(text: &[u8], packed: Option<Compression>) -> Result<Format, ReadError> {
    let start = &text[..text.len().min(LOOKED_AT)];
    format_of_start(start).map_or_else(|| Err(recognize::refuse_as_profile(text, packed)), Ok)
}

fn format_of_start(start: &[u8]) -> Option<Format> {
    let trimmed = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start).trim_ascii_start();
    if trimmed.starts_with(b"{") {
        return is_heapprofile(start).then_some(Format::HeapProfile);
    }
    if is_pprof(start) {
        return Some(Format::Pprof);
    }
    is_collapsed(trimmed).then_some(Format::Collapsed)
}

fn is_heapprofile(start: &[u8]) -> bool {
    let keys = top_level_keys(start);
    let has = |value: &[u8], text: &str| value.windows(text.len()).any(|w| w == text.as_bytes());
    let is_other =
        keys.iter().any(|(key, _)| matches!(&key[..], b"nodes" | b"timeDeltas" | b"startTime" | b"snapshot"));
    !is_other
        && keys.iter().any(|(key, value)| match &key[..] {
            b"head" => {
                has(value, "selfSize") || !has(value, "hitCount") && (has(value, "callFrame") || has(value, "children"))
            }
            b"samples" => has(value, "nodeId") && has(value, "ordinal"),
            _ => false,
        })
}

/// Whether this begins as a `Profile` message of pprof does: with fields that it has, of the types they have.
fn is_pprof(start: &[u8]) -> bool {
    let mut fields = Fields::new(start);
    let mut known = 0;
    loop {
        let at = fields.at;
        match fields.next() {
            Ok(Some(
                (1..=6, Value::Bytes(_)) | (7..=10 | 12 | 14, Value::Number(_)) | (11, Value::Bytes(_)) | (13, _),
            )) => {
                known += 1;
            }
            Ok(Some((15.., _))) if known > 2 => {}
            Ok(None) => return known > 1,
            // What is looked at ends within a field.
            Err(_) => return known > 1 && start.len() == LOOKED_AT || at > 0 && known > 2 && cut_within(start, at),
            Ok(Some(_)) => return false,
        }
    }
}

/// Whether the field at `at` is one of pprof's whose bytes end after `start` does.
fn cut_within(start: &[u8], at: usize) -> bool {
    matches!(start.get(at), Some(0x0A | 0x12 | 0x1A | 0x22 | 0x2A | 0x32))
}

/// Whether the first line that says something is a stack and a number.
fn is_collapsed(start: &[u8]) -> bool {
    if start.iter().take(1024).any(|&b| b < 0x20 && !matches!(b, b'\n' | b'\r' | b'\t' | 0x1B)) {
        return false;
    }
    let mut lines = start.split(|&b| b == b'\n').map(<[u8]>::trim_ascii).filter(|l| !l.is_empty() && l[0] != b'#');
    let Some(line) = lines.next() else { return false };
    if line.len() + 16 >= LOOKED_AT {
        return line.contains(&b';');
    }
    super::collapsed::split(line).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_contents() {
        let head = br#"{"head":{"callFrame":{},"selfSize":0,"children":[]},"samples":[]}"#;
        assert_eq!(profile_format(head), Some(Format::HeapProfile));
        assert_eq!(profile_format(b"\n a;b;c 12\na 3\n"), Some(Format::Collapsed));
        assert_eq!(profile_format(b"# made by x\nmain 3"), Some(Format::Collapsed));
        assert_eq!(profile_format(&[0x0A, 4, 8, 1, 16, 2, 0x12, 2, 8, 1, 0x32, 0]), Some(Format::Pprof));
        for other in [
            &br#"{"nodes":[{"id":1,"callFrame":{}}],"startTime":1,"endTime":2,"samples":[],"timeDeltas":[]}"#[..],
            br#"{"head":{"functionName":"(root)","hitCount":2,"callUID":1,"children":[]},"startTime":1,"endTime":2}"#,
            br#"{"snapshot":{"meta":{}}}"#,
            b"some text",
            b"",
            b"\x7FELF",
        ] {
            assert_eq!(profile_format(other), None, "{}", String::from_utf8_lossy(other));
        }
    }
}
