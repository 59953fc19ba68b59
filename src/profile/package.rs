//! Whose code a function is: the program's, a package's, the runtime's or the engine's; told from its URL.

use super::frames::Frame;
use crate::text::Text;

/// Kinds of code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CodeKind {
    /// Of the program itself.
    Program,
    /// Of a package the program depends on.
    Dependency,
    /// Of Node, Deno or the browser's extensions of JavaScript.
    Runtime,
    /// What the engine does outside of any function: garbage collection, compiling.
    Engine,
    /// Functions that are not JavaScript.
    Native,
}

impl CodeKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Program, Self::Dependency, Self::Runtime, Self::Engine, Self::Native];

    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Program => "Program",
            Self::Dependency => "Dependency",
            Self::Runtime => "Node",
            Self::Engine => "Engine",
            Self::Native => "Native",
        }
    }
}

/// A package, or what is counted as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Package<'a> {
    /// The kind of code.
    pub kind: CodeKind,
    /// The name of a dependency, with its scope; empty for other kinds.
    pub name: Text<'a>,
    /// The version, where the URL says it.
    pub version: Option<Text<'a>>,
}

impl<'a> Package<'a> {
    fn of_kind(kind: CodeKind) -> Self {
        Self { kind, name: Text::default(), version: None }
    }

    /// The name, or in parentheses the kind of what is not a package.
    pub fn shown_name(&self) -> Text<'a> {
        Text::from(match self.kind {
            CodeKind::Dependency => return self.name,
            CodeKind::Program => "(program)",
            CodeKind::Runtime => "(node)",
            CodeKind::Engine => "(engine)",
            CodeKind::Native => "(native)",
        })
    }

    /// Name and version for people.
    pub fn title(&self) -> String {
        match self.version {
            Some(version) => format!("{}@{version}", self.shown_name()),
            None => self.shown_name().to_string(),
        }
    }
}

/// Whose code a function is.
pub fn package_of<'a>(frame: &Frame<'a>) -> Package<'a> {
    let url = frame.url;
    if url.is_empty() {
        let name = frame.name.as_bytes();
        let is_engine = name.starts_with(b"(") && name.ends_with(b")") && name != super::ANONYMOUS.as_bytes();
        return Package::of_kind(if is_engine { CodeKind::Engine } else { CodeKind::Native });
    }
    if let Some((name, version)) = dependency(url.as_bytes()) {
        return Package { kind: CodeKind::Dependency, name: Text(name), version: version.map(Text) };
    }
    Package::of_kind(if is_runtime(url) { CodeKind::Runtime } else { CodeKind::Program })
}

/// Whether a script is the runtime's own. Node has named its modules `node:…` since version 16, and before that
/// `internal/…` and by bare file names.
fn is_runtime(url: Text<'_>) -> bool {
    let bytes = url.as_bytes();
    let is_bare = !bytes.iter().any(|b| matches!(b, b'/' | b'\\' | b':')) && bytes.ends_with(b".js");
    is_bare || ["node:", "internal/", "ext:", "chrome-extension:", "extensions::"].iter().any(|p| url.starts_with(p))
}

/// The package a URL leads into, and its version.
fn dependency(url: &[u8]) -> Option<(&[u8], Option<&[u8]>)> {
    let separator = |b: &u8| matches!(b, b'/' | b'\\');
    let parts: Vec<&[u8]> = url.split(separator).collect();
    if let Some(at) = parts.iter().rposition(|part| *part == b"node_modules") {
        let name = name_at(url, &parts, at + 1)?;
        // pnpm and Deno keep packages as `.pnpm/name@1.2.3/node_modules/name`.
        let version = at.checked_sub(1).and_then(|before| version_in(parts[before], name));
        return Some((name, version));
    }
    // Caches and content networks: `npm/registry.npmjs.org/name/1.2.3/…`, `…/npm/name@1.2.3/…`, `jsr.io/@a/b/1.2.3/…`.
    for (at, part) in parts.iter().enumerate() {
        if matches!(*part, b"registry.npmjs.org" | b"jsr.io") {
            let name = name_at(url, &parts, at + 1)?;
            let version =
                parts.get(at + 1 + usize::from(name.starts_with(b"@")) + 1).copied().filter(|v| is_version(v));
            return Some((name, version));
        }
        if matches!(*part, b"npm" | b"unpkg.com" | b"esm.sh")
            && let Some(name) = name_at(url, &parts, at + 1)
            && let Some(split) = name.iter().skip(1).position(|&b| b == b'@').map(|i| i + 1)
            && let Some(version) = Some(&name[split + 1..]).filter(|v| is_version(v))
        {
            return Some((&name[..split], Some(version)));
        }
    }
    None
}

/// The name of the package whose folder is part `at`: two parts if it has a scope.
fn name_at<'a>(url: &'a [u8], parts: &[&'a [u8]], at: usize) -> Option<&'a [u8]> {
    let first = parts.get(at).filter(|p| !p.is_empty())?;
    if !first.starts_with(b"@") {
        return Some(first);
    }
    let second = parts.get(at + 1).filter(|p| !p.is_empty())?;
    let start = parts[..at].iter().map(|p| p.len() + 1).sum::<usize>();
    url.get(start..start + first.len() + 1 + second.len())
}

/// The version in a folder of pnpm's, `name@1.2.3_peers` or `@scope+name@1.2.3(peers)`.
fn version_in<'a>(folder: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let flat: Vec<u8> = name.iter().map(|&b| if b == b'/' { b'+' } else { b }).collect();
    let rest = folder.strip_prefix(&flat[..])?.strip_prefix(b"@")?;
    let end = rest.iter().position(|b| matches!(b, b'_' | b'(')).unwrap_or(rest.len());
    Some(&rest[..end]).filter(|v| is_version(v))
}

fn is_version(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_digit) && text.contains(&b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, url: &str) -> (CodeKind, String) {
        let frame = Frame { name: name.into(), url: url.into(), script: "1".into(), line: 0, column: 0 };
        let package = package_of(&frame);
        (package.kind, package.title())
    }

    #[test]
    fn code_is_told_by_its_url() {
        use CodeKind::*;
        for (name, url, kind, title) in [
            ("f", "file:///app/src/server.js", Program, "(program)"),
            ("f", "/app/node_modules/express/lib/router/index.js", Dependency, "express"),
            ("f", "file:///a/node_modules/a/node_modules/@scope/b/x.js", Dependency, "@scope/b"),
            ("f", "/a/node_modules/.pnpm/qs@6.1.0/node_modules/qs/lib/x.js", Dependency, "qs@6.1.0"),
            ("f", "/a/node_modules/.pnpm/@x+y@2.0.0_z@1.0.0/node_modules/@x/y/i.js", Dependency, "@x/y@2.0.0"),
            ("f", "C:\\app\\node_modules\\koa\\a.js", Dependency, "koa"),
            ("f", "https://cdn.jsdelivr.net/npm/vue@3.4.1/dist/vue.js", Dependency, "vue@3.4.1"),
            ("f", "file:///d/npm/registry.npmjs.org/chalk/5.3.0/source/index.js", Dependency, "chalk@5.3.0"),
            ("f", "https://jsr.io/@std/path/1.0.8/mod.ts", Dependency, "@std/path@1.0.8"),
            ("f", "https://shop.example/npm/page.js", Program, "(program)"),
            ("f", "node:internal/timers", Runtime, "(node)"),
            ("f", "internal/modules/cjs/loader.js", Runtime, "(node)"),
            ("f", "events.js", Runtime, "(node)"),
            ("f", "ext:core/01_core.js", Runtime, "(node)"),
            ("(V8 API)", "", Engine, "(engine)"),
            ("join", "", Native, "(native)"),
            ("(anonymous)", "", Native, "(native)"),
        ] {
            assert_eq!(of(name, url), (kind, title.to_owned()), "{name} {url}");
        }
    }
}
