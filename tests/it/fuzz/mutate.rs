//! Damaged variants of small snapshots, the same for the same seed.

use heapglass::testing::{Random, fixture, gzip};
use serde_json::{Value, json};
use std::io::Read as _;

/// What was done to a seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Damage {
    /// Some bytes are others.
    Bytes,
    /// The end is missing.
    Cut,
    /// Numbers anywhere are others: huge, negative, fractional, no numbers at all.
    Numbers,
    /// Top-level sections are gone, doubled, renamed or in another order.
    Sections,
    /// Parts of this file or of another stand where they should not.
    Splices,
    /// Whole JSON of the right shape, with numbers and names that nobody expects.
    Hostile,
    /// What `meta` says about the rest is not so.
    Meta,
    /// Any of the others, packed, and then perhaps damaged again.
    Packed,
}

pub(super) const KINDS: [Damage; 8] = [
    Damage::Bytes,
    Damage::Cut,
    Damage::Numbers,
    Damage::Sections,
    Damage::Splices,
    Damage::Hostile,
    Damage::Meta,
    Damage::Packed,
];

/// Snapshots of real programs that are small once unpacked.
const REAL: [&str; 11] = [
    "abort-listeners.0",
    "bounded-cache.0",
    "growing-text.0",
    "lazy-init.0",
    "listeners.0",
    "minified.0",
    "several-leaks.0",
    "string-slices.0",
    "tree.0",
    "weakmap-held.0",
    "weakmap-released.1",
];

/// Whole files to begin with.
pub(super) struct Corpus {
    pub(super) texts: Vec<Vec<u8>>,
    values: Vec<Value>,
}

impl Corpus {
    /// The small snapshots in the repository, none of them larger than some kilobytes: those made
    /// by hand, and some of real programs.
    pub(super) fn new() -> Self {
        let mut files = Vec::new();
        for folder in ["devtools", "differences"] {
            let entries = std::fs::read_dir(fixture(folder)).unwrap();
            files.extend(entries.map(|e| e.unwrap().path()).filter(|p| {
                let ending = p.extension().unwrap_or_default();
                (ending == "heapsnapshot" || ending == "heaptimeline") && p.metadata().unwrap().len() < 8 << 10
            }));
        }
        files.sort();
        let mut texts: Vec<Vec<u8>> = files.iter().map(|p| std::fs::read(p).unwrap()).collect();
        assert!(texts.len() > 30, "the corpus is missing");
        texts.extend(REAL.map(|name| {
            let file = fixture(&format!("snapshots/{name}.heapsnapshot.gz"));
            let mut text = Vec::new();
            flate2::read::GzDecoder::new(std::fs::File::open(file).unwrap()).read_to_end(&mut text).unwrap();
            text
        }));
        let values = texts.iter().map(|t| heapglass::testing::parse_json(std::str::from_utf8(t).unwrap())).collect();
        Self { texts, values }
    }

    /// The input of one execution, and what it was made from.
    pub(super) fn input(&self, random: &mut Random) -> (Damage, usize, Vec<u8>) {
        let seed = pick(random, self.texts.len());
        // Files that open are worth most: with them the analyses are tried.
        let kind = match random.below(16) {
            0 | 1 => Damage::Bytes,
            2 => Damage::Cut,
            3 | 4 => Damage::Numbers,
            5 => Damage::Sections,
            6 => Damage::Splices,
            7..=12 => Damage::Hostile,
            13 | 14 => Damage::Meta,
            _ => Damage::Packed,
        };
        (kind, seed, self.damaged(kind, seed, random))
    }

    fn damaged(&self, kind: Damage, seed: usize, random: &mut Random) -> Vec<u8> {
        let text = &self.texts[seed];
        match kind {
            Damage::Bytes => flipped(text.clone(), 1 + random.below(4), random),
            Damage::Cut => text[..pick(random, text.len())].to_vec(),
            Damage::Numbers => with_other_numbers(text, random),
            Damage::Sections => with_other_sections(text, random),
            Damage::Splices => {
                let other = &self.texts[pick(random, self.texts.len())];
                spliced(text.clone(), other, random)
            }
            Damage::Hostile => hostile(self.values[seed].clone(), random).to_string().into_bytes(),
            Damage::Meta => with_other_meta(self.values[seed].clone(), random).to_string().into_bytes(),
            Damage::Packed => {
                let inner = KINDS[pick(random, KINDS.len() - 1)];
                let packed = packed(&self.damaged(inner, seed, random), random);
                if random.below(2) == 0 { packed } else { flipped(packed, 1 + random.below(3), random) }
            }
        }
    }
}

/// A position below `len`, which must not be 0.
pub(super) fn pick(random: &mut Random, len: usize) -> usize {
    random.below(u32::try_from(len).unwrap()) as usize
}

fn flipped(mut bytes: Vec<u8>, times: u32, random: &mut Random) -> Vec<u8> {
    const INTERESTING: &[u8] = b"\0\"\\[]{},:-.e09 \n\x7F\x80\xC3\xFFu";
    for _ in 0..times {
        let at = pick(random, bytes.len());
        bytes[at] = match random.below(3) {
            0 => bytes[at] ^ 1 << random.below(8),
            1 => INTERESTING[pick(random, INTERESTING.len())],
            _ => bytes[pick(random, bytes.len())],
        };
    }
    bytes
}

const NUMBERS: [&str; 24] = [
    "0",
    "1",
    "2",
    "6",
    "-1",
    "-0",
    "1.5",
    "1e3",
    "1e400",
    "007",
    "255",
    "256",
    "65535",
    "65536",
    "2147483647",
    "2147483648",
    "4294967295",
    "4294967296",
    "536870912",
    "9007199254740993",
    "18446744073709551615",
    "18446744073709551616",
    "null",
    "\"1\"",
];

/// Some runs of digits replaced.
fn with_other_numbers(text: &[u8], random: &mut Random) -> Vec<u8> {
    let is_start = |&i: &usize| text[i].is_ascii_digit() && (i == 0 || !text[i - 1].is_ascii_digit());
    let starts: Vec<usize> = (0..text.len()).filter(is_start).collect();
    let mut chosen: Vec<usize> = (0..=random.below(5)).map(|_| starts[pick(random, starts.len())]).collect();
    chosen.sort_unstable();
    chosen.dedup();
    let long = "9".repeat(400);
    let mut out = text.to_vec();
    for start in chosen.into_iter().rev() {
        let end = text[start..].iter().position(|b| !b.is_ascii_digit()).map_or(text.len(), |len| start + len);
        let number = if random.below(40) == 0 { &long } else { NUMBERS[pick(random, NUMBERS.len())] };
        out.splice(start..end, number.bytes());
    }
    out
}

/// The members of the top-level object, as text.
fn sections(text: &[u8]) -> Vec<Vec<u8>> {
    let inner = text.trim_ascii().strip_prefix(b"{").unwrap().strip_suffix(b"}").unwrap();
    let (mut list, mut depth, mut in_string, mut is_escaped, mut start) = (Vec::new(), 0, false, false, 0);
    for (i, &b) in inner.iter().enumerate() {
        match b {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_string => is_escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => depth += 1,
            b']' | b'}' if !in_string => depth -= 1,
            b',' if !in_string && depth == 0 => {
                list.push(inner[start..i].to_vec());
                start = i + 1;
            }
            _ => {}
        }
    }
    list.push(inner[start..].to_vec());
    list
}

fn with_other_sections(text: &[u8], random: &mut Random) -> Vec<u8> {
    let mut list = sections(text);
    for _ in 0..=random.below(3) {
        let (a, b) = (pick(random, list.len()), pick(random, list.len()));
        match random.below(6) {
            0 if list.len() > 2 => drop(list.remove(a)),
            1 => list.insert(b, list[a].clone()),
            2 => list.swap(a, b),
            3 => {
                let key = list[a].iter().position(|&c| c == b':').unwrap();
                list[a].splice(key + 1.., *b"null");
            }
            4 => {
                let key = list[b].iter().position(|&c| c == b':').unwrap();
                let value = list[a][list[a].iter().position(|&c| c == b':').unwrap()..].to_vec();
                list[b].splice(key.., value);
            }
            _ => {
                let key = list[a].iter().position(|&c| c == b':').unwrap();
                list[a].splice(key + 1.., b"[]".iter().copied());
            }
        }
    }
    [b"{".as_slice(), &list.join(&b','), b"}"].concat()
}

fn spliced(mut text: Vec<u8>, other: &[u8], random: &mut Random) -> Vec<u8> {
    let at = pick(random, text.len());
    let len = pick(random, 200).min(text.len() - at);
    match random.below(5) {
        0 => drop(text.drain(at..at + len)),
        1 => text[at..at + len].fill(0),
        2 => {
            let from = pick(random, other.len());
            let part = &other[from..(from + len).min(other.len())];
            text.splice(at..at, part.iter().copied());
        }
        3 => {
            let from = pick(random, other.len());
            text.truncate(at);
            text.extend_from_slice(&other[from..]);
        }
        _ => {
            let part: Vec<u8> = text[at..at + len].repeat(2 + pick(random, 3));
            text.splice(at..at, part);
        }
    }
    text
}

/// Names to which the analyses give a meaning, and some that nobody should.
const NAMES: [&str; 44] = [
    "",
    "(GC roots)",
    "(Document DOM trees)",
    "Detached <div>",
    "Detached Window",
    "system / Context",
    "system / NativeContext",
    "system / NativeContext / https://a.test",
    "system / Map",
    "system / Script / https://a.test/x.js",
    "system / PropertyCell",
    "Window",
    "Window / https://a.test",
    "global / https://a.test",
    "V8EventListener",
    "InternalNode",
    "Pending activities",
    "(map descriptors)",
    "(internal array)[]",
    "native_context",
    "map",
    "prototype",
    "__proto__",
    "constructor",
    "context",
    "code",
    "shared",
    "table",
    "value",
    "weak",
    "elements",
    "properties",
    "hidden",
    "length",
    "ThingDevTools console",
    " / DevTools console",
    "WeakMap",
    "Promise",
    "Timeout",
    "=1+1,\"x\"\r\n",
    "\u{1b}[2J\u{202e}evil\u{0}",
    "{a, b, c}",
    "18446744073709551616",
    "part of key (Object @3) -> value (Object @5) pair in WeakMap (table @7)",
];

const SIZES: [u64; 9] = [0, 1, 8, 1 << 31, u32::MAX as u64, 1 << 50, 1 << 53, (1 << 57) - 1, u64::MAX];

fn len(list: &Value) -> usize {
    list.as_array().map_or(0, Vec::len)
}

/// Numbers and names nobody expects, where the reader has no reason to refuse.
fn hostile(mut v: Value, random: &mut Random) -> Value {
    let field_names = |v: &Value, key: &str| -> Vec<String> {
        v["snapshot"]["meta"][key].as_array().into_iter().flatten().map(|f| f.as_str().unwrap().to_owned()).collect()
    };
    let node_fields = field_names(&v, "node_fields");
    let width = node_fields.len();
    let nodes = len(&v["nodes"]) / width;
    let edges = len(&v["edges"]) / 3;
    let strings = v["strings"].as_array_mut().unwrap();
    for _ in 0..random.below(6) {
        let at = pick(random, strings.len());
        strings[at] = match random.below(12) {
            0 => json!("x".repeat(1 + pick(random, 3000))),
            _ => json!(NAMES[pick(random, NAMES.len())]),
        };
    }
    let strings = strings.len();
    for _ in 0..random.below(8) {
        let (node, field) = (pick(random, nodes), pick(random, width));
        let value = match node_fields[field].as_str() {
            "type" => u64::from(random.below(20)),
            "name" => pick(random, strings) as u64,
            "id" => match random.below(4) {
                0 => 0,
                1 => u64::from(u32::MAX) - u64::from(random.below(3)),
                _ => 1 + u64::from(random.below(12)),
            },
            "self_size" => SIZES[pick(random, SIZES.len())],
            // Moved to another node, so that the sum stays.
            "edge_count" => {
                let other = pick(random, nodes);
                let (from, to) = (node * width + field, other * width + field);
                let moved = v["nodes"][from].as_u64().unwrap();
                v["nodes"][from] = json!(0);
                v["nodes"][to] = json!(v["nodes"][to].as_u64().unwrap() + moved);
                continue;
            }
            "detachedness" => u64::from([0, 1, 2, 3, 255, 256, u32::MAX][pick(random, 7)]),
            _ => u64::from([0, 1, 2, 7, 65_536, u32::MAX][pick(random, 6)]),
        };
        v["nodes"][node * width + field] = json!(value);
    }
    for _ in 0..random.below(8) {
        if edges == 0 {
            break;
        }
        let (edge, field) = (pick(random, edges), pick(random, 3));
        let value = match field {
            0 => u64::from(random.below(9)),
            1 => pick(random, strings) as u64,
            _ => (pick(random, nodes) * width) as u64,
        };
        v["edges"][edge * 3 + field] = json!(value);
    }
    match random.below(12) {
        // Everything weak, everything to one node, everything to itself, everything an element.
        0 => fill(&mut v["edges"], 0, 3, 6),
        1 => fill(&mut v["edges"], 2, 3, (pick(random, nodes) * width) as u64),
        2 => fill(&mut v["edges"], 0, 3, 1),
        3 => fill(&mut v["edges"], 0, 3, u64::from(random.below(9))),
        4 => v["snapshot"]["root_index"] = json!(pick(random, nodes) * width),
        5 => fill(&mut v["nodes"], pick(random, width.min(2)), width, u64::from(random.below(5))),
        6 => {
            let size = SIZES[pick(random, SIZES.len())];
            let at = node_fields.iter().position(|f| f == "self_size").unwrap();
            fill(&mut v["nodes"], at, width, size);
        }
        7 => {
            let at = node_fields.iter().position(|f| f == "id").unwrap();
            fill(&mut v["nodes"], at, width, u64::from(random.below(3)));
        }
        8 => v["snapshot"]["extra_native_bytes"] = json!(SIZES[pick(random, SIZES.len())]),
        _ => {}
    }
    // Sections that the file may have or not: numbers of any kind.
    for section in ["locations", "samples", "trace_function_infos", "scopes", "scope_context_vars", "scope_uses"] {
        if random.below(6) != 0 {
            continue;
        }
        let Some(list) = v[section].as_array_mut() else { continue };
        if list.is_empty() || random.below(4) == 0 {
            list.extend((0..random.below(24)).map(|i| json!(u64::from(i % 6) * width as u64)));
        }
        for _ in 0..random.below(4) {
            if !list.is_empty() {
                let at = pick(random, list.len());
                list[at] = serde_json::from_str(NUMBERS[pick(random, 8)]).unwrap_or(json!(u64::MAX));
            }
        }
    }
    if random.below(8) == 0 {
        v["trace_tree"] = trace_tree(random, 0);
    }
    v
}

fn fill(list: &mut Value, at: usize, step: usize, value: u64) {
    list.as_array_mut().unwrap().iter_mut().skip(at).step_by(step).for_each(|n| *n = json!(value));
}

fn trace_tree(random: &mut Random, depth: u32) -> Value {
    let mut list = Vec::new();
    for _ in 0..random.below(4) {
        let (id, function) = (random.below(6), random.below(9));
        let (count, size) = (SIZES[pick(random, SIZES.len())], SIZES[pick(random, SIZES.len())]);
        let children = if depth < 5 { trace_tree(random, depth + 1) } else { json!([]) };
        list.extend([json!(id), json!(function), json!(count), json!(size), children]);
    }
    Value::Array(list)
}

fn with_other_meta(mut v: Value, random: &mut Random) -> Value {
    let meta = v["snapshot"]["meta"].as_object_mut().unwrap();
    let keys: Vec<String> = meta.keys().cloned().collect();
    for _ in 0..=random.below(3) {
        let key = &keys[pick(random, keys.len())];
        let Some(list) = meta.get_mut(key) else { continue };
        match (random.below(7), list.as_array_mut()) {
            (0, _) => drop(meta.remove(key)),
            (1, _) => *list = json!(null),
            (2, Some(items)) if !items.is_empty() => drop(items.remove(pick(random, items.len()))),
            (3, Some(items)) => items.push(json!("extra")),
            (4, Some(items)) if !items.is_empty() => {
                let (a, b) = (pick(random, items.len()), pick(random, items.len()));
                items.swap(a, b);
            }
            (5, Some(items)) if !items.is_empty() => {
                let at = pick(random, items.len());
                items[at] = if random.below(2) == 0 { json!([]) } else { json!(17) };
            }
            (_, Some(items)) if !items.is_empty() => {
                let item = items[pick(random, items.len())].clone();
                items.push(item);
            }
            _ => *list = json!({}),
        }
    }
    for key in ["node_count", "edge_count", "root_index", "trace_function_count", "extra_native_bytes"] {
        if random.below(6) == 0 {
            v["snapshot"][key] = serde_json::from_str(NUMBERS[pick(random, NUMBERS.len())]).unwrap_or(json!(null));
        }
    }
    v
}

fn packed(text: &[u8], random: &mut Random) -> Vec<u8> {
    if random.below(2) == 0 {
        gzip(text)
    } else {
        ruzstd::encoding::compress_to_vec(text, ruzstd::encoding::CompressionLevel::Fastest)
    }
}
