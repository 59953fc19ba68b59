//! Collapsed stacks: a line for each stack, its functions from the outermost, and a number, taken as bytes.

use super::too_many;
use crate::profile::{Format, Frame, FramesBuilder, Stacks, TreeBuilder, ValueKind, Values};
use crate::reader::error::{ReadError, Warning, describe};
use crate::reader::input::Input;
use crate::text::Text;
use std::sync::Arc;

const SECTION: &str = "stacks";

pub(super) fn read(input: &Input<'_>, warnings: &mut Vec<Warning>) -> Result<Stacks, ReadError> {
    let text = input.text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(input.text);
    let mut frames = FramesBuilder::default();
    let root = frames.add(root()).ok_or_else(|| too_many("functions"))?;
    let mut tree = TreeBuilder::new(root, 1);
    let mut at = input.text.len() - text.len();
    let (mut polled, mut invalid) = (at, 0u64);
    for line in text.split(|&b| b == b'\n') {
        input.poll(&mut polled, at)?;
        let start = at;
        at += line.len() + 1;
        let line = line.trim_ascii();
        if line.is_empty() || line[0] == b'#' {
            continue;
        }
        let Some((stack, number)) = split(line) else {
            return Err(ReadError::Malformed {
                section: SECTION,
                offset: start as u64,
                expected: "a line of functions with `;` between them, a space and a number".into(),
                found: describe(line, 0),
                hint: String::new(),
            });
        };
        let mut node = 0;
        for function in stack.split(|&b| b == b';') {
            let repaired;
            let function = match std::str::from_utf8(function) {
                Ok(_) => function,
                Err(_) => {
                    invalid += 1;
                    repaired = String::from_utf8_lossy(function).into_owned();
                    repaired.as_bytes()
                }
            };
            let frame = frames.add(parse(function)).ok_or_else(|| too_many("functions"))?;
            node = tree.child(node, frame.0, frame).ok_or_else(|| too_many("nodes"))?;
        }
        tree.add(node, 0, number);
    }
    if invalid > 0 {
        let what = "functions with bytes that are not UTF-8; replacement characters stand for them";
        warnings.push(Warning::new(SECTION, format!("there are {invalid} {what}")));
    }
    warnings.push(Warning::new(SECTION, "the file does not say what its numbers are; they are taken as bytes"));
    let mut nodes = tree.finish(None);
    Ok(Stacks {
        format: Format::Collapsed,
        frames: Arc::new(frames.finish()),
        parents: nodes.parents,
        frame_of: nodes.frame_of,
        values: vec![Values { kind: ValueKind::LiveBytes, by_node: nodes.values.swap_remove(0) }],
        ids: Vec::new(),
        samples: Vec::new(),
        interval: None,
    })
}

/// The root, which is not a function.
pub(super) fn root() -> Frame<'static> {
    Frame { name: "(root)".into(), url: "".into(), script: "0".into(), line: -1, column: -1 }
}

/// The stack and the number of a line.
pub(super) fn split(line: &[u8]) -> Option<(&[u8], f64)> {
    let space = line.iter().rposition(|b| matches!(b, b' ' | b'\t'))?;
    let (stack, number) = (line[..space].trim_ascii_end(), &line[space + 1..]);
    let is_number = number.iter().all(|b| b.is_ascii_digit() || *b == b'.') && number.first()?.is_ascii_digit();
    let number: f64 = std::str::from_utf8(number).ok().filter(|_| is_number)?.parse().ok()?;
    (!stack.is_empty() && number.is_finite()).then_some((stack, number))
}

/// What a function's text says: `name (url:line:column)` as it is exported here, or a name alone. Functions have no
/// script's number, so the URL tells them apart.
fn parse(text: &[u8]) -> Frame<'_> {
    let name_alone = Frame { name: Text(text), url: "".into(), script: "".into(), line: -1, column: -1 };
    let Some(inner) = text.strip_suffix(b")") else { return name_alone };
    let Some(open) = inner.windows(2).rposition(|w| w == b" (") else { return name_alone };
    let place = &inner[open + 2..];
    let split = |text: &'_ [u8]| -> Option<(usize, i32)> {
        let colon = text.iter().rposition(|&b| b == b':').filter(|&at| at > 0)?;
        let number: i32 = std::str::from_utf8(&text[colon + 1..]).ok()?.parse().ok()?;
        (number > 0).then_some((colon, number - 1))
    };
    let Some((end, last)) = split(place) else { return name_alone };
    let (url, line, column) = match split(&place[..end]) {
        Some((end, line)) => (&place[..end], line, last),
        None => (&place[..end], last, -1),
    };
    let name = if &text[..open] == crate::profile::ANONYMOUS.as_bytes() { &text[..0] } else { &text[..open] };
    Frame { name: Text(name), url: Text(url), script: Text(url), line, column }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_split_at_their_last_space() {
        assert_eq!(split(b"a;b c;d 12"), Some((&b"a;b c;d"[..], 12.0)));
        assert_eq!(split(b"a 1.5"), Some((&b"a"[..], 1.5)));
        assert!([&b"a"[..], b"12", b"a b", b"a -1", b" 3", b"a 1e9", b"a inf"].iter().all(|l| split(l).is_none()));
    }

    #[test]
    fn places_in_functions_are_read_back() {
        let f = parse(b"f (x) (file:///a.js:12:5)");
        assert_eq!((f.name, f.url, f.line, f.column), ("f (x)".into(), "file:///a.js".into(), 11, 4));
        assert_eq!(parse(b"(anonymous) (/a.js:1:1)").name, "");
        let f = parse(b"main.main (/a.go:12)");
        assert_eq!((f.name, f.url, f.line, f.column), ("main.main".into(), "/a.go".into(), 11, -1));
        assert_eq!(parse(b"(garbage collector)").name, "(garbage collector)");
        assert_eq!(parse(b"f (a.js:x)").name, "f (a.js:x)");
    }
}
