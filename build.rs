//! Puts the commit this was built from into the program, for `heapglass --version`.

use std::process::Command;

/// What `git ARGUMENTS` prints, trimmed; `None` outside a checkout or without git.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !text.trim().is_empty()).then(|| text.trim().to_owned())
}

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // Packagers who build from an archive say it themselves.
    println!("cargo:rerun-if-env-changed=HEAPGLASS_COMMIT");
    let commit = std::env::var("HEAPGLASS_COMMIT").ok().or_else(|| git(&["rev-parse", "--short=10", "HEAD"]));
    // Grows with every commit and checkout, also where a branch moves and HEAD stays.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo:rerun-if-changed={log}");
    }
    let version = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let full = commit.map_or(version.clone(), |c| format!("{version} ({c})"));
    println!("cargo:rustc-env=HEAPGLASS_VERSION={full}");
}
