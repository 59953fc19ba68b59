#!/usr/bin/env bash
# Builds the Debian package from the release build: target/debian/heapglass_VERSION_ARCHITECTURE.deb
#
#   scripts/package.sh
#
# Makes what Cargo.toml's [package.metadata.deb] lists below target/deb-parts; scripts/build-deb then packs that list with
# dpkg-deb. `cargo deb --no-build` reads the same list: it is not called here because installing it takes minutes.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --locked --release
made=target/deb-parts
mkdir -p "$made"
program=target/release/heapglass
"$program" man | gzip -9n >"$made/heapglass.1.gz"
"$program" completions bash >"$made/heapglass.bash"
"$program" completions zsh >"$made/_heapglass"
"$program" completions fish >"$made/heapglass.fish"
gzip -9n <CHANGELOG.md >"$made/NEWS.gz"
scripts/licenses --texts | gzip -9n >"$made/licenses.gz"
exec /usr/bin/python3 scripts/build-deb
