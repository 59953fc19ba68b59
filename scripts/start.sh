#!/bin/sh
# Builds Heapglass and opens it: with the sample, a server that leaks, or with the files named.
#
#   scripts/start.sh [--install] [FILE...]
#
# What a bare Debian or Ubuntu lacks for that, a C compiler and the window's libraries, is installed first: after a
# question on a terminal, or unasked with --install. Who has everything may as well say `cargo run --release`.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin

install=
if [ "${1:-}" = --install ]; then
  install=--install
  shift
fi
"$root/scripts/requirements.sh" start $install

if [ $# = 0 ]; then
  set -- "$root/assets/sample/1-before.heapsnapshot.gz" "$root/assets/sample/2-after.heapsnapshot.gz"
fi
if [ "$(uname -s)" = Linux ] && [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}${WAYLAND_SOCKET:-}" ]; then
  echo "There is no display to open a window on; the command line answers instead: heapglass leaks $*" >&2
  set -- leaks "$@"
fi
exec cargo run --locked --release --manifest-path "$root/Cargo.toml" -- "$@"
