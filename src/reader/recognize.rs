//! What a file is that is no heap snapshot, and what to do with it.

use super::error::ReadError;
use super::json::{Cursor, decode_key};
use super::source::Compression;
use crate::visible::one_line;

/// How much of the beginning of a file is looked at.
pub(super) const LOOKED_AT: usize = 64 << 10;

/// A kind of file, and what to do with one.
type Kind = (&'static str, &'static str);

const UNPACK: &str = "unpack it and open what is inside";
const SAVE_AS_UTF8: &str = "save it as UTF-8, or take the snapshot again";
const WRITE_AGAIN: &str = "take the snapshot again, and wait until it is written";

/// Files known by their first bytes.
const MAGIC: [(&[u8], Kind); 14] = [
    (b"\xFD7zXZ\0", ("an xz archive", UNPACK)),
    (b"BZh", ("a bzip2 archive", UNPACK)),
    (b"PK\x03\x04", ("a zip archive", UNPACK)),
    (b"7z\xBC\xAF\x27\x1C", ("a 7z archive", UNPACK)),
    (b"\x04\x22\x4D\x18", ("an lz4 archive", UNPACK)),
    (b"\xFF\xFE", ("text in UTF-16", SAVE_AS_UTF8)),
    (b"\xFE\xFF", ("text in UTF-16", SAVE_AS_UTF8)),
    (b"{\0", ("text in UTF-16", SAVE_AS_UTF8)),
    (b"\0{", ("text in UTF-16", SAVE_AS_UTF8)),
    (b"JAVA PROFILE", ("a heap dump of Java", "open it with a tool for Java, such as Eclipse MAT")),
    (b"\x7FELF", ("a program or a core dump (ELF)", "take a heap snapshot of the process instead")),
    (b"SQLite format 3\0", ("an SQLite database", "choose a .heapsnapshot file")),
    (b"%PDF", ("a PDF document", "choose a .heapsnapshot file")),
    (b"\x89PNG", ("a picture (PNG)", "choose a .heapsnapshot file")),
];

/// The refusal of a file that begins like this, unless it begins as a snapshot does: with a brace.
pub(super) fn refuse_start(bytes: &[u8], packed: Option<Compression>) -> Result<(), ReadError> {
    let start = &bytes[..bytes.len().min(LOOKED_AT)];
    if let Some((_, (looks_like, advice))) = MAGIC.iter().find(|(magic, _)| start.starts_with(magic)) {
        return Err(not_a_snapshot(looks_like, packed, advice));
    }
    let mut cursor = Cursor::new(start, "file");
    cursor.skip_byte_order_mark();
    match cursor.peek() {
        Some(b'{') => Ok(()),
        None if bytes.len() == start.len() => Err(not_a_snapshot("an empty file", packed, WRITE_AGAIN)),
        // White space without end is for the parser to refuse.
        None => Ok(()),
        Some(_) => {
            let (looks_like, advice) = kind_of_other(&start[cursor.at..], start.len() < bytes.len());
            Err(not_a_snapshot(looks_like, packed, advice))
        }
    }
}

/// What something is that begins neither with a brace nor with known bytes.
fn kind_of_other(start: &[u8], is_cut: bool) -> Kind {
    let has_tag = |tag: &str| start.get(..tag.len()).is_some_and(|s| s.eq_ignore_ascii_case(tag.as_bytes()));
    if start.iter().all(|&b| b == 0) {
        return ("a file of zero bytes, as a full disk or a crash leaves behind", WRITE_AGAIN);
    }
    if has_tag("<!doctype html") || has_tag("<html") {
        return ("a web page (HTML)", "the download may have led to a login or an error page: look at it in a browser");
    }
    if has_tag("<?xml") || has_tag("<svg") {
        return ("an XML document", "choose a .heapsnapshot file");
    }
    let is_text = match std::str::from_utf8(start) {
        Ok(_) => true,
        // The end of what is looked at may cut a character.
        Err(e) => is_cut && e.error_len().is_none(),
    } && !start.iter().any(|&b| b < 0x20 && !matches!(b, b'\n' | b'\r' | b'\t' | 0x1B | 0x0C));
    match start.first() {
        Some(b'[') if is_text => {
            ("a JSON array or a trace", "choose a .heapsnapshot file; a trace opens in DevTools' Performance panel")
        }
        _ if is_text => ("a text file", "choose a .heapsnapshot file"),
        _ => ("a binary file of another kind", "choose a .heapsnapshot file"),
    }
}

/// The refusal of a JSON object which by its keys is something else than a snapshot.
pub(super) fn refuse_object(bytes: &[u8], packed: Option<Compression>) -> Result<(), ReadError> {
    let start = &bytes[..bytes.len().min(LOOKED_AT)];
    let keys = top_level_keys(start);
    let has = |key: &str| keys.iter().any(|(k, _)| k == key.as_bytes());
    let value_has = |key: &str, text: &str| {
        let mut values = keys.iter().filter(|(k, _)| k == key.as_bytes()).map(|(_, value)| *value);
        values.any(|value| value.windows(text.len()).any(|w| w == text.as_bytes()))
    };
    let (looks_like, advice): Kind = if has("head") && value_has("head", "selfSize") {
        (
            "a sampling profile of allocations (.heapprofile)",
            "it holds no objects: `heapglass profile` shows where they were allocated",
        )
    } else if value_has("nodes", "callFrame") || has("timeDeltas") || has("startTime") && has("endTime") {
        ("a CPU profile (.cpuprofile)", "open it in DevTools' Performance panel")
    } else if value_has("type", "Inspector") || value_has("type", "GCDebugging") || has("nodeClassNames") {
        (
            "a heap snapshot in WebKit's format (Safari, Bun)",
            "Safari's Web Inspector opens it; in Bun write one in V8's format, with \
             `Bun.generateHeapSnapshot(\"v8\")` or `v8.writeHeapSnapshot()`",
        )
    } else if has("traceEvents") {
        ("a performance trace", "open it in DevTools' Performance panel")
    } else if value_has("method", "HeapProfiler") {
        (
            "a log of DevTools protocol messages",
            "join the `chunk` texts of its HeapProfiler.addHeapSnapshotChunk messages into one file",
        )
    } else if value_has("log", "creator") {
        ("a network log (HAR)", "open it in DevTools' Network panel")
    } else if ["snapshot", "nodes", "edges", "strings"].into_iter().any(has) {
        return Ok(());
    } else {
        let Some((key, _)) = keys.first() else { return Ok(()) };
        let key = String::from_utf8_lossy(key);
        let shown: String = key.chars().take(40).collect();
        let what = format!("JSON of another kind (its first key is `{}`)", one_line(&shown));
        return Err(not_a_snapshot(&what, packed, "choose a .heapsnapshot file"));
    };
    Err(not_a_snapshot(looks_like, packed, advice))
}

/// The refusal of a file that is not a profile of allocations, by what it is.
pub(super) fn refuse_as_profile(bytes: &[u8], packed: Option<Compression>) -> ReadError {
    let refused = refuse_start(bytes, packed).and_then(|()| refuse_object(bytes, packed));
    let (looks_like, advice) = match refused {
        Err(ReadError::NotASnapshot { looks_like, advice }) => (looks_like, advice),
        Err(error) => return error,
        Ok(()) => ("a heap snapshot, or JSON of an unknown kind".to_owned(), "choose a .heapsnapshot file".to_owned()),
    };
    let advice =
        advice.replace(".heapsnapshot file", ".heapprofile file").replace("take the snapshot", "record the profile");
    ReadError::NotAProfile { looks_like, advice }
}

/// The top-level keys in the beginning of a JSON object, each with (the beginning of) its value.
pub(super) fn top_level_keys(start: &[u8]) -> Vec<(Vec<u8>, &[u8])> {
    let mut cursor = Cursor::new(start, "file");
    cursor.skip_byte_order_mark();
    let mut keys = Vec::new();
    cursor.eat(b'{');
    while let Ok(key) = cursor.literal("a key") {
        if !cursor.eat(b':') {
            break;
        }
        let value = cursor.at;
        let skipped = cursor.skip_value();
        keys.push((decode_key(&start[key.start..key.end]), &start[value..cursor.at]));
        if skipped.is_err() || !cursor.eat(b',') {
            break;
        }
    }
    keys
}

/// The refusal of a file that looks like something else, once it is unpacked.
pub(super) fn not_a_snapshot(looks_like: &str, packed: Option<Compression>, advice: &str) -> ReadError {
    let looks_like = match packed {
        Some(compression) => format!("{looks_like}, packed with {}", compression.name()),
        None => looks_like.to_owned(),
    };
    ReadError::NotASnapshot { looks_like, advice: advice.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], looks_like: &str) {
        let refused = refuse_start(bytes, None).and_then(|()| refuse_object(bytes, None));
        match refused {
            Err(ReadError::NotASnapshot { looks_like: found, advice }) => {
                assert_eq!(found, looks_like);
                assert!(!advice.is_empty());
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn files_of_other_kinds_are_named() {
        check(b"", "an empty file");
        check(b" \r\n", "an empty file");
        check(&[0; 4096], "a file of zero bytes, as a full disk or a crash leaves behind");
        check(b"<!DOCTYPE HTML><title>Sign in</title>", "a web page (HTML)");
        check(b"PK\x03\x04rest", "a zip archive");
        check("\u{feff}Dear all,".as_bytes(), "a text file");
        check(b"\x01\x02\x03\xFF", "a binary file of another kind");
        check(b"\xFF\xFE{\0\"\0", "text in UTF-16");
        check(b"{\0\"\0s\0", "text in UTF-16");
        check(b"[{\"cat\":\"v8\"}]", "a JSON array or a trace");
    }

    #[test]
    fn json_of_other_kinds_is_named() {
        check(
            br#"{"head":{"callFrame":{"functionName":"(root)"},"selfSize":0,"children":[]}}"#,
            "a sampling profile of allocations (.heapprofile)",
        );
        check(br#"{"nodes":[{"id":1,"callFrame":{}}],"startTime":1,"endTime":2}"#, "a CPU profile (.cpuprofile)");
        check(
            br#"{"version":3,"type":"Inspector","nodes":[0,1,2],"nodeClassNames":[]}"#,
            "a heap snapshot in WebKit's format (Safari, Bun)",
        );
        check(br#"{"traceEvents":[]}"#, "a performance trace");
        check(
            br#"{"method":"HeapProfiler.addHeapSnapshotChunk","params":{"chunk":"{\"snap"}}"#,
            "a log of DevTools protocol messages",
        );
        check(br#"{"name":"left-pad"}"#, "JSON of another kind (its first key is `name`)");
    }

    #[test]
    fn what_may_be_a_snapshot_is_not_refused() {
        assert!(refuse_start(b"\xEF\xBB\xBF {\"snapshot\"", None).is_ok());
        assert!(refuse_object(br#"{"snapshot":{"meta""#, None).is_ok());
        assert!(refuse_object(br#"{'snapshot':{"#, None).is_ok());
        assert!(refuse_object(br#"{"unknown":[],"nodes":[1,2,"#, None).is_ok());
    }
}
