//! Which package a file belongs to, by its path or URL.

/// A package, as far as a path tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Package {
    /// Its name: `express`, `@scope/name`, or for the program's own files the host or folder they lie in.
    pub name: String,
    /// Its version, where the path has it.
    pub version: Option<String>,
    /// Whether it is somebody else's, installed.
    pub is_dependency: bool,
}

impl Package {
    fn dependency(name: &str, version: Option<&str>) -> Self {
        let version = version.filter(|v| !v.is_empty()).map(str::to_owned);
        Self { name: name.to_owned(), version, is_dependency: true }
    }

    fn own(name: &str) -> Self {
        Self { name: name.to_owned(), version: None, is_dependency: false }
    }
}

/// The package of the file at `path`.
pub fn package_of(path: &str) -> Package {
    let path = path.split(['?', '#']).next().unwrap_or(path).replace('\\', "/");
    of_node_modules(&path)
        .or_else(|| of_yarn_cache(&path))
        .or_else(|| of_deno(&path))
        .or_else(|| of_bun_cache(&path))
        .unwrap_or_else(|| Package::own(own_folder(&path)))
}

/// The part of `path` within its package.
pub fn path_in_package<'p>(path: &'p str, package: &Package) -> &'p str {
    if !package.is_dependency {
        return path;
    }
    let marker = format!("{}/", package.name);
    match path.rfind(&marker) {
        Some(at) => &path[at + marker.len()..],
        None => path,
    }
}

/// `node_modules/name/…`, `node_modules/.pnpm/name@1.2.3/node_modules/name/…`, the innermost of nested ones.
fn of_node_modules(path: &str) -> Option<Package> {
    let at = path.rfind("node_modules/").filter(|&at| at == 0 || path.as_bytes()[at - 1] == b'/')?;
    let name = package_name(&path[at + "node_modules/".len()..])?;
    // What pnpm puts around it: name@version, with + for the slash of a scope, and _ or ( before its peers.
    let version = path[..at].rfind(".pnpm/").and_then(|p| {
        let folder = path[p + ".pnpm/".len()..at].split('/').next()?;
        let version = folder.strip_prefix(&name.replace('/', "+"))?.strip_prefix('@')?;
        version.split(['_', '(']).next()
    });
    let yarn = || of_yarn_cache(path).and_then(|zip| zip.version);
    Some(Package { version: version.map(str::to_owned).or_else(yarn), ..Package::dependency(name, None) })
}

/// `.yarn/cache/name-npm-1.2.3-0123456789-abc.zip/node_modules/name/…`: the zip has the version; also without the
/// folders in it.
fn of_yarn_cache(path: &str) -> Option<Package> {
    let zip = path.split('/').find(|part| part.ends_with(".zip") && part.contains("-npm-"))?;
    let (name, rest) = zip.split_once("-npm-")?;
    let version = yarn_version(rest);
    let name = match name.strip_prefix('@').and_then(|scoped| scoped.split_once('-')) {
        Some((scope, name)) => format!("@{scope}/{name}"),
        None => name.to_owned(),
    };
    Some(Package::dependency(&name, Some(version)))
}

/// The version in what follows `-npm-`: before two hashes.
fn yarn_version(rest: &str) -> &str {
    let rest = rest.strip_suffix(".zip").unwrap_or(rest);
    let mut parts: Vec<&str> = rest.rsplitn(3, '-').collect();
    parts.reverse();
    let is_hash = |s: &&str| s.len() >= 8 && s.bytes().all(|b| b.is_ascii_alphanumeric());
    match parts[..] {
        [version, first, second] if is_hash(&first) && is_hash(&second) => version,
        [version, hash] if is_hash(&hash) => version,
        _ => rest.rsplit_once('-').map_or(rest, |(version, _)| version),
    }
}

/// `npm:name@1.2.3/…`, `jsr:@scope/name@1.2.3/…`, `https://deno.land/x/name@v1.2.3/…`, and Deno's own cache.
fn of_deno(path: &str) -> Option<Package> {
    let rest = path
        .strip_prefix("npm:")
        .or_else(|| path.strip_prefix("jsr:"))
        .or_else(|| path.strip_prefix("https://jsr.io/"))
        .or_else(|| path.strip_prefix("https://deno.land/x/"))
        .or_else(|| path.strip_prefix("https://esm.sh/"))
        .map(|rest| rest.trim_start_matches('/'));
    if let Some(rest) = rest {
        let (name, version) = name_and_version(rest)?;
        return Some(Package::dependency(&name, version));
    }
    if let Some(rest) = path.strip_prefix("https://deno.land/std") {
        let version = rest.strip_prefix('@').and_then(|rest| rest.split('/').next());
        return Some(Package::dependency("std", version));
    }
    // …/deno/npm/registry/name/1.2.3/…
    let at = path.find("/deno/npm/")? + "/deno/npm/".len();
    let (_, rest) = path[at..].split_once('/')?;
    let name = package_name(rest)?;
    let version = rest[name.len()..].trim_start_matches('/').split('/').next();
    Some(Package::dependency(name, version))
}

/// `…/.bun/install/cache/name@1.2.3@@@1/…`
fn of_bun_cache(path: &str) -> Option<Package> {
    let at = path.find("/.bun/install/cache/")? + "/.bun/install/cache/".len();
    let (name, version) = name_and_version(&path[at..])?;
    Some(Package::dependency(&name, version.map(|v| v.split("@@").next().unwrap_or(v))))
}

/// `name@1.2.3` or `@scope/name@1.2.3`, or `@scope/name/1.2.3` as JSR has it, at the beginning of `rest`.
fn name_and_version(rest: &str) -> Option<(String, Option<&str>)> {
    let name = package_name(rest)?;
    let after = &rest[name.len()..];
    match name.char_indices().skip(1).find(|&(_, c)| c == '@') {
        Some((at, _)) => Some((name[..at].to_owned(), Some(&rest[at + 1..name.len()]))),
        None => {
            let next = after.strip_prefix('/').and_then(|rest| rest.split('/').next());
            let version = next.filter(|v| v.starts_with(|c: char| c.is_ascii_digit()) && v.contains('.'));
            Some((name.to_owned(), version))
        }
    }
}

/// The name at the beginning of `rest`, with its scope.
fn package_name(rest: &str) -> Option<&str> {
    let mut ends = rest.match_indices('/').map(|(i, _)| i);
    let first = ends.next().unwrap_or(rest.len());
    let end = if rest.starts_with('@') { ends.next().unwrap_or(rest.len()) } else { first };
    let name = &rest[..end];
    (!name.is_empty() && name != "." && name != "..").then_some(name)
}

/// What to call the program's own files: the host and first folder of a URL, or the folder.
fn own_folder(path: &str) -> &str {
    match path.split_once("://") {
        Some(("file", rest)) => folder(rest),
        Some(("webpack" | "webpack-internal" | "vite" | "rollup" | "turbopack", rest)) => rest
            .split_once('/')
            .map(|(name, _)| name)
            .filter(|name| !name.is_empty() && !name.contains('.'))
            .unwrap_or("(program)"),
        Some((scheme, rest)) => {
            let host = rest.split('/').next().unwrap_or(rest);
            &path[..scheme.len() + 3 + host.len()]
        }
        None => folder(path),
    }
}

fn folder(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) => "/",
        Some(at) => &path[..at],
        None => "(program)",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_told_by_every_layout() {
        let cases: [(&str, &str, Option<&str>); 22] = [
            ("/app/node_modules/express/lib/router.js", "express", None),
            ("/app/node_modules/@scope/name/index.js", "@scope/name", None),
            ("/app/node_modules/a/node_modules/b/index.js", "b", None),
            ("/app/node_modules/.pnpm/left-pad@1.3.0/node_modules/left-pad/index.js", "left-pad", Some("1.3.0")),
            (
                "/app/node_modules/.pnpm/@babel+core@7.24.0_supports@9/node_modules/@babel/core/lib/a.js",
                "@babel/core",
                Some("7.24.0"),
            ),
            ("/app/node_modules/.pnpm/a@1.0.0/node_modules/b/index.js", "b", None),
            (
                "/app/.yarn/cache/lodash-npm-4.17.21-6382451519-eb835a2e51.zip/node_modules/lodash/lodash.js",
                "lodash",
                None,
            ),
            ("/app/.yarn/cache/lodash-npm-4.17.21-6382451519-eb835a2e51.zip/lodash.js", "lodash", Some("4.17.21")),
            (
                "/app/.yarn/cache/@types-node-npm-1.2.3-beta.1-6382451519-eb835a2e51.zip/a.js",
                "@types/node",
                Some("1.2.3-beta.1"),
            ),
            ("npm:chalk@5.3.0/source/index.js", "chalk", Some("5.3.0")),
            ("jsr:@std/path@1.0.2/mod.ts", "@std/path", Some("1.0.2")),
            ("https://jsr.io/@std/path/1.0.2/mod.ts", "@std/path", Some("1.0.2")),
            ("https://deno.land/x/oak@v12.6.1/mod.ts", "oak", Some("v12.6.1")),
            ("https://deno.land/std@0.224.0/path/mod.ts", "std", Some("0.224.0")),
            ("/home/u/.cache/deno/npm/registry.npmjs.org/chalk/5.3.0/source/index.js", "chalk", Some("5.3.0")),
            ("/home/u/.bun/install/cache/ms@2.1.3@@@1/index.js", "ms", Some("2.1.3")),
            ("https://shop.example/js/app.js?v=3", "https://shop.example", None),
            ("C:\\app\\node_modules\\ms\\index.js", "ms", None),
            ("webpack://shop/./src/index.ts", "shop", None),
            ("webpack:///./src/index.ts", "(program)", None),
            ("/app/src/server.js", "/app/src", None),
            ("server.js", "(program)", None),
        ];
        for (path, name, version) in cases {
            let package = package_of(path);
            let version = if path.contains(".zip/node_modules") { Some("4.17.21") } else { version };
            assert_eq!((package.name.as_str(), package.version.as_deref()), (name, version), "{path}");
        }
    }

    #[test]
    fn paths_are_shown_from_the_package_on() {
        let path = "/app/node_modules/a/node_modules/@s/b/lib/x.js";
        assert_eq!(path_in_package(path, &package_of(path)), "lib/x.js");
        assert_eq!(path_in_package("/app/src/a.js", &package_of("/app/src/a.js")), "/app/src/a.js");
    }
}
