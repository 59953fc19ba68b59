#!/bin/sh
# Everything that must hold before a change is merged. Continuous integration runs this very file.
#
#   scripts/check.sh [--install]
#
# What a bare Debian or Ubuntu lacks for that is installed first: after a question on a terminal, or unasked with
# --install. Needs Rust (rust-version in Cargo.toml).
set -eu
cd "$(dirname "$0")/.."
PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin

step() {
  echo
  echo "== $1"
  shift
  echo "+ $*"
  "$@"
}

step "What the system must have" scripts/requirements.sh check "${1:-}"
step "Formatting" cargo fmt --check
step "Lints" cargo clippy --locked --all-targets -- -D warnings
step "Lints without the application" cargo clippy --locked --no-default-features --all-targets -- -D warnings
step "Documentation" env RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps
step "Licences of all dependencies" scripts/licenses
step "Release build" cargo build --locked --release
step "A real window, used as a person would" scripts/e2e
step "The command lines of the README" scripts/try-readme
step "The Debian package" scripts/package
# Only where nobody minds what is installed.
if [ "${CI:-}" = true ] && [ "$(id -u)" = 0 ]; then
  step "The package installed, a snapshot double-clicked, the package removed" scripts/test-package --install
else
  step "The package unpacked, a snapshot double-clicked" scripts/test-package
fi
# In the profile of the tests: the optimized one would build every dependency once more.
step "Benches build" cargo build --locked --benches
# Last, so that the count of passed tests closes the output.
step "Tests" cargo test --locked
