//! The map of the source, held against its imports: which room may use which, and no two files
//! that use each other.
//!
//! Reads every path that begins with `crate::`, `super::` or a name of a `mod` beside it, follows
//! `pub use` to where a thing really lives, and leaves tests and comments out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The rooms, from the ground up: each may use those before it. A file or folder belongs to the
/// longest name that fits.
const ROOMS: &[&str] = &[
    "visible",
    "units",
    "text",
    "csv",
    "markdown",
    "measure",
    "memory",
    "progress",
    "profile",
    "graph",
    "reader",
    "generate",
    "analysis::order",
    "analysis::naming",
    "analysis::facts",
    "analysis::memo",
    "analysis::heap",
    "analysis::strings",
    "analysis::removal",
    "analysis::source",
    "analysis::realms",
    "analysis::tables",
    "analysis::paths",
    "analysis::leaks",
    "analysis",
    "treemap",
    "code",
    "relation",
    "live",
    "session",
    "cli",
    "ui",
    "testing",
    "",
];

/// Rooms that do not know each other though one stands before the other.
const STRANGERS: &[(&str, &str)] = &[("ui", "cli")];

/// Names of packages that one room alone may know.
const KEPT_TO_A_ROOM: &[(&str, &str)] = &[("egui", "ui"), ("eframe", "ui"), ("egui_extras", "ui"), ("rfd", "ui")];

#[test]
fn imports_point_one_way_from_room_to_room() {
    let house = House::read();
    let mut wrong = String::new();
    for (from, uses) in &house.arrows {
        for to in uses {
            let (user, used) = (room_of(from), room_of(to));
            let place = |room| ROOMS.iter().position(|r| *r == room);
            if place(used) > place(user) || STRANGERS.contains(&(user, used)) {
                let _ = writeln!(
                    wrong,
                    "{} uses {}: `{user}` may not use `{used}`. What it needs from there belongs to `{user}` or to a \
                     room before it, or this file belongs to `{used}` or after it.",
                    file_of(from),
                    file_of(to),
                );
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn no_file_uses_another_that_uses_it() {
    let house = House::read();
    let mut wrong = String::new();
    for circle in house.circles() {
        let _ = writeln!(wrong, "these files use each other in a circle; move what two of them need to a third:");
        for from in &circle {
            for to in house.arrows[from].iter().filter(|to| circle.contains(*to)) {
                let _ = writeln!(wrong, "  {} uses {}", file_of(from), file_of(to));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn the_window_alone_knows_how_it_is_drawn() {
    let house = House::read();
    let mut wrong = String::new();
    for (module, code) in &house.code {
        for (package, room) in KEPT_TO_A_ROOM {
            let is_named = paths(code).any(|path| path.split("::").next() == Some(package));
            if is_named && room_of(module) != *room && !module.is_empty() {
                let _ = writeln!(wrong, "{} names {package}, which only `{room}` may", file_of(module));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn the_map_has_a_place_for_every_folder_and_no_place_for_what_is_gone() {
    let house = House::read();
    for module in house.code.keys().filter(|module| *module != "main") {
        let room = room_of(module);
        assert!(!room.is_empty() || module.is_empty(), "{} belongs to no room: add it to ROOMS", file_of(module));
    }
    for room in ROOMS.iter().filter(|room| !room.is_empty()) {
        assert!(house.code.keys().any(|module| room_of(module) == *room), "ROOMS names `{room}`, which is not there");
    }
}

#[test]
fn circles_and_paths_are_found_in_code_made_for_it() {
    let files = [
        ("lib", "pub mod a; pub mod b;"),
        ("a/mod", "mod one; pub mod two; pub use one::Thing;\n// use crate::b::Other;"),
        ("a/one", "use super::two::f; pub struct Thing;"),
        ("a/two", "use crate::b::{self, deep::{Nested, other as renamed}}; pub fn f() {}"),
        ("b/mod", "pub mod deep;\n#[cfg(test)]\nmod only_in_tests;\n#[cfg(test)]\nmod tests { use crate::a::Thing; }"),
        ("b/deep", "fn f(_: &crate::a::Thing) { let text = \"crate::a::two\"; }"),
        ("b/only_in_tests", "use crate::a::two::f;"),
    ];
    let house = House::of(files.iter().map(|(path, code)| (PathBuf::from(format!("{path}.rs")), (*code).to_owned())));
    let arrows = |from: &str| house.arrows[from].iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(arrows("a::one"), ["a::two"]);
    assert_eq!(arrows("a::two"), ["b", "b::deep"]);
    assert_eq!(arrows("b::deep"), ["a::one"], "through `pub use`, and not from the string");
    assert!(arrows("b").is_empty() && !house.arrows.contains_key("b::only_in_tests"));
    let circles = house.circles();
    assert_eq!(circles, [BTreeSet::from(["a::one", "a::two", "b::deep"].map(str::to_owned))]);
}

/// The modules of the program, each a file, by their paths.
struct House {
    /// Their code without tests, comments and strings.
    code: BTreeMap<String, String>,
    /// Which uses which; a module and what is inside it are one.
    arrows: BTreeMap<String, BTreeSet<String>>,
}

impl House {
    fn read() -> Self {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut files = Vec::new();
        let mut folders = vec![source.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|e| e == "rs") {
                    let code = std::fs::read_to_string(&path).unwrap();
                    files.push((path.strip_prefix(&source).unwrap().to_owned(), code));
                }
            }
        }
        Self::of(files.into_iter())
    }

    fn of(files: impl Iterator<Item = (PathBuf, String)>) -> Self {
        let mut code: BTreeMap<String, String> = BTreeMap::new();
        let mut only_in_tests = Vec::new();
        for (path, text) in files {
            let module = module_of(&path);
            let text = without_comments_and_strings(&text);
            let (text, tests) = without_tests(&text);
            only_in_tests.extend(tests.into_iter().map(|name| join(&module, &name)));
            code.insert(module, text);
        }
        for test in &only_in_tests {
            code.retain(|module, _| module != test && !module.starts_with(&format!("{test}::")));
        }
        let exports: BTreeMap<&str, BTreeMap<String, String>> =
            code.iter().map(|(module, text)| (module.as_str(), exports(module, text))).collect();
        let mut arrows = BTreeMap::new();
        for (module, text) in &code {
            let mut used = BTreeSet::new();
            for path in paths(text) {
                let Some(target) = absolute(module, &path, &code) else { continue };
                let target = resolve(target, &code, &exports);
                if target != *module && !is_around(&target, module) && !is_around(module, &target) {
                    used.insert(target);
                }
            }
            arrows.insert(module.clone(), used);
        }
        Self { code, arrows }
    }

    /// Sets of files each of which uses all others of the set, by way of each other.
    fn circles(&self) -> Vec<BTreeSet<String>> {
        let reached: BTreeMap<&String, BTreeSet<&String>> =
            self.arrows.keys().map(|from| (from, self.reached(from))).collect();
        let mut circles = BTreeSet::new();
        for (from, to) in &reached {
            let circle: BTreeSet<String> =
                to.iter().filter(|other| reached[**other].contains(from)).map(|other| (*other).clone()).collect();
            if circle.len() > 1 {
                circles.insert(circle);
            }
        }
        circles.into_iter().collect()
    }

    fn reached(&self, from: &String) -> BTreeSet<&String> {
        let mut reached = BTreeSet::new();
        let mut open: Vec<&String> = self.arrows[from].iter().collect();
        while let Some(next) = open.pop() {
            if reached.insert(next) {
                open.extend(&self.arrows[next]);
            }
        }
        reached
    }
}

fn room_of(module: &str) -> &'static str {
    let fits = |room: &&&str| module == **room || module.starts_with(&format!("{room}::")) || room.is_empty();
    ROOMS.iter().filter(fits).max_by_key(|room| room.len()).expect("the empty name fits all")
}

/// The file of a module, for messages.
fn file_of(module: &str) -> String {
    let path = format!("src/{}", module.replace("::", "/"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    match module {
        "" => "src/lib.rs".to_owned(),
        _ if root.join(format!("{path}.rs")).exists() => format!("{path}.rs"),
        _ => format!("{path}/mod.rs"),
    }
}

fn module_of(path: &Path) -> String {
    let path = path.with_extension("");
    let mut parts: Vec<&str> = path.iter().map(|part| part.to_str().unwrap()).collect();
    if matches!(parts.last(), Some(&"mod" | &"lib")) {
        parts.pop();
    }
    parts.join("::")
}

fn join(module: &str, name: &str) -> String {
    if module.is_empty() { name.to_owned() } else { format!("{module}::{name}") }
}

fn parent(module: &str) -> &str {
    module.rsplit_once("::").map_or("", |(parent, _)| parent)
}

/// Whether `inner` is inside `outer`.
fn is_around(outer: &str, inner: &str) -> bool {
    outer.is_empty() || inner.starts_with(&format!("{outer}::"))
}

/// `path` as seen from the root of the program; `None` for what belongs to packages.
fn absolute(module: &str, path: &str, code: &BTreeMap<String, String>) -> Option<String> {
    let mut base = module.to_owned();
    let mut rest = path;
    let mut is_ours = false;
    loop {
        let (first, after) = rest.split_once("::").unwrap_or((rest, ""));
        match first {
            "crate" => base = String::new(),
            "heapglass" if module == "main" => base = String::new(),
            "super" => base = parent(&base).to_owned(),
            "self" => {}
            _ if is_ours || code.contains_key(&join(&base, first)) => return Some(join(&base, rest)),
            _ => return None,
        }
        is_ours = true;
        if after.is_empty() {
            return Some(base);
        }
        rest = after;
    }
}

/// The module in which the thing at `path` lives.
fn resolve(
    mut path: String,
    code: &BTreeMap<String, String>,
    exports: &BTreeMap<&str, BTreeMap<String, String>>,
) -> String {
    for _ in 0..8 {
        let mut module = path.as_str();
        while !code.contains_key(module) {
            module = parent(module);
        }
        let rest = path[module.len()..].trim_start_matches("::");
        let name = rest.split("::").next().unwrap_or("");
        match exports.get(module).and_then(|of_module| of_module.get(name)) {
            Some(target) if !name.is_empty() => path = target.clone(),
            _ => return module.to_owned(),
        }
    }
    path
}

/// What `pub use` in `text` hands on: names and where they come from.
fn exports(module: &str, text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for statement in text.split(';') {
        let Some(at) = statement.rfind("pub use ").or_else(|| statement.rfind("pub(crate) use ")) else { continue };
        let tree = statement[at..].split_once("use ").map_or("", |(_, tree)| tree);
        for (path, name) in leaves(tree) {
            let path = match path.split("::").next() {
                Some("crate") => path["crate".len()..].trim_start_matches("::").to_owned(),
                Some("super") => join(parent(module), path["super".len()..].trim_start_matches("::")),
                Some("self") => join(module, path["self".len()..].trim_start_matches("::")),
                _ => join(module, &path),
            };
            found.insert(name, path);
        }
    }
    found
}

/// All paths in `text`: of `use` statements, opened up, and of those written out in the code.
fn paths(text: &str) -> impl Iterator<Item = String> + '_ {
    let mut found = Vec::new();
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let mut rest = text;
    while let Some(at) = rest.find("::") {
        let start =
            rest[..at].rfind(|c| !is_part(c)).map_or(0, |i| i + rest[i..].chars().next().map_or(1, char::len_utf8));
        let end = rest[at..].find(|c| !is_part(c)).map_or(rest.len(), |i| at + i);
        let mut path = rest[start..end].to_owned();
        let mut after = end;
        if path.ends_with("::") && rest[end..].starts_with('{') {
            let close = closing(&rest[end..]).map_or(rest.len(), |i| end + i + 1);
            path.push_str(&rest[end..close]);
            after = close;
        }
        found.extend(leaves(&path).into_iter().map(|(path, _)| path));
        rest = &rest[after.max(at + 2)..];
    }
    found.into_iter()
}

/// The paths of a tree like `a::{b, c::d as e}`, each with the name it goes by.
fn leaves(tree: &str) -> Vec<(String, String)> {
    let tree = tree.trim();
    let Some(open) = tree.find('{') else {
        let (path, renamed) = tree.split_once(" as ").map_or((tree, None), |(path, name)| (path, Some(name)));
        let path = path.trim().trim_end_matches("::*").trim_end_matches("::self").trim_end_matches("::");
        let name = renamed.unwrap_or_else(|| path.rsplit("::").next().unwrap_or(""));
        return vec![(path.to_owned(), name.trim().to_owned())];
    };
    let close = closing(&tree[open..]).map_or(tree.len(), |i| open + i);
    let (base, inside) = (&tree[..open], &tree[open + 1..close]);
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (i, c) in inside.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&inside[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    parts.push(&inside[start..]);
    parts.iter().filter(|p| !p.trim().is_empty()).flat_map(|part| leaves(&format!("{base}{}", part.trim()))).collect()
}

/// Where the brace that `text` begins with is closed.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    text.char_indices().find_map(|(i, c)| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        (depth == 0).then_some(i)
    })
}

/// `text` without what is compiled for tests alone, and the names of modules that are.
fn without_tests(text: &str) -> (String, Vec<String>) {
    let mut kept = String::new();
    let mut names = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("#[cfg(test)]") {
        kept.push_str(&rest[..at]);
        rest = &rest[at + "#[cfg(test)]".len()..];
        let end = rest.find([';', '{']).unwrap_or(rest.len());
        if let Some(name) = rest[..end].trim().rsplit("mod ").next().filter(|_| rest[..end].contains("mod ")) {
            names.push(name.trim().to_owned());
        }
        let length =
            if rest[end..].starts_with('{') { closing(&rest[end..]).map_or(rest.len(), |i| end + i) } else { end };
        rest = rest.get(length + 1..).unwrap_or("");
    }
    kept.push_str(rest);
    (kept, names)
}

fn without_comments_and_strings(text: &str) -> String {
    let mut kept = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '/' if chars.peek() == Some(&'/') => {
                for _ in chars.by_ref().take_while(|c| *c != '\n') {}
                kept.push('\n');
            }
            'r' if matches!(chars.peek(), Some('"' | '#')) && !kept.ends_with(|c: char| c.is_alphanumeric()) => {
                let mut marks = 0;
                while chars.next_if_eq(&'#').is_some() {
                    marks += 1;
                }
                if chars.next_if_eq(&'"').is_some() {
                    let end = format!("\"{}", "#".repeat(marks));
                    let mut seen = String::new();
                    while let Some(c) = chars.next().filter(|_| !seen.ends_with(&end)) {
                        seen.push(c);
                        if seen.ends_with(&end) {
                            break;
                        }
                    }
                }
            }
            '"' => {
                while let Some(c) = chars.next().filter(|c| *c != '"') {
                    if c == '\\' {
                        chars.next();
                    }
                }
            }
            // A character, not a lifetime.
            '\'' => {
                let mut ahead = chars.clone();
                let first = ahead.next();
                if first == Some('\\') || ahead.next() == Some('\'') {
                    if chars.next() == Some('\\') {
                        chars.next();
                    }
                    for _ in chars.by_ref().take_while(|c| *c != '\'') {}
                }
            }
            _ => kept.push(c),
        }
    }
    kept
}
