//! Puts into the program the commit it was built from, for `heapglass --version`, and on Windows
//! its icon.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // Packagers who build from an archive say it themselves.
    println!("cargo:rerun-if-env-changed=HEAPGLASS_COMMIT");
    let commit = env::var("HEAPGLASS_COMMIT").ok().or_else(published_commit).or_else(checked_out_commit);
    let version = env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let full = commit.map_or(version.clone(), |c| format!("{version} ({})", c.get(..10).unwrap_or(&c)));
    println!("cargo:rustc-env=HEAPGLASS_VERSION={full}");
    if env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("windows") {
        link_icon();
    }
}

/// The commit `cargo package` made this package from, as it notes it there.
fn published_commit() -> Option<String> {
    let notes = std::fs::read_to_string(".cargo_vcs_info.json").ok()?;
    let (_, after) = notes.split_once("\"sha1\"")?;
    after.split('"').nth(1).map(str::to_owned)
}

/// The commit of the checkout this is; `None` outside one.
fn checked_out_commit() -> Option<String> {
    // An unpacked archive may lie in a checkout of something else.
    git(&["ls-files", "--error-unmatch", "build.rs"])?;
    // Grows with every commit and checkout, also where a branch moves and HEAD stays.
    let log = git(&["rev-parse", "--git-path", "logs/HEAD"]).filter(|log| Path::new(log).exists());
    if let Some(log) = log {
        println!("cargo:rerun-if-changed={log}");
    }
    git(&["rev-parse", "HEAD"])
}

/// What `git ARGUMENTS` prints, trimmed; `None` if it fails or is not installed.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !text.trim().is_empty()).then(|| text.trim().to_owned())
}

/// Links the icon that Explorer and the task bar show. Microsoft's linker takes the compiled form
/// as it is; GNU's needs it as an object file, and without `windres` the program has no icon.
fn link_icon() {
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("assets/windows");
    let compiled = folder.join("heapglass.res");
    println!("cargo:rerun-if-changed={}", compiled.display());
    if env::var("CARGO_CFG_TARGET_ENV").as_deref() == Ok("msvc") {
        println!("cargo:rustc-link-arg-bins={}", compiled.display());
        return;
    }
    let object = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("icon.o");
    let is_made = ["x86_64-w64-mingw32-windres", "windres"].iter().any(|windres| {
        Command::new(windres)
            .args(["--input-format=res", "--output-format=coff"])
            .args([&compiled, &object])
            .status()
            .is_ok_and(|status| status.success())
    });
    if is_made {
        println!("cargo:rustc-link-arg-bins={}", object.display());
    } else {
        println!("cargo:warning=windres is not installed: the program will have no icon");
    }
}
