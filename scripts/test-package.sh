#!/usr/bin/env bash
# Tries the Debian package that scripts/package.sh built: what it says about itself is valid, a double click on a snapshot
# opens the program, and the window shows the file.
#
#   scripts/test-package.sh             unpacks it into a folder of its own; needs no rights
#   scripts/test-package.sh --install   installs it on this system, tries it, and removes it; as root
set -euo pipefail
cd "$(dirname "$0")/.."

for program in dpkg-deb Xvfb gio desktop-file-validate appstreamcli update-mime-database; do
  if ! command -v "$program" >/dev/null; then
    echo "skipped: $program is not installed (scripts/requirements.sh names the package)"
    exit 0
  fi
done

fail() {
  echo "FAILED: $1"
  exit 1
}

deb=$(ls -t target/debian/heapglass_*.deb | head -n 1)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ "${1:-}" = --install ]; then
  if dpkg -s heapglass >/dev/null 2>&1; then
    fail "a package heapglass is installed here already"
  fi
  trap 'dpkg --purge heapglass >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
  # apt brings in what the package depends on; dpkg alone would leave that to us.
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "./$deb"
  root=
else
  dpkg-deb --extract "$deb" "$work/root"
  root=$work/root
  export XDG_DATA_DIRS=$root/usr/share:/usr/local/share:/usr/share
  update-mime-database "$root/usr/share/mime"
  update-desktop-database "$root/usr/share/applications"
fi
share=$root/usr/share
export PATH=$root/usr/bin:$PATH
export HOME=$work/home XDG_DATA_HOME=$work/home XDG_CONFIG_HOME=$work/home XDG_CACHE_HOME=$work/home
export XDG_DATA_DIRS=${XDG_DATA_DIRS:-/usr/local/share:/usr/share}
mkdir -p "$HOME"

[ "$(command -v heapglass)" = "$root/usr/bin/heapglass" ] || fail "another heapglass is in the way: $(command -v heapglass)"
heapglass --version
desktop-file-validate "$share/applications/heapglass.desktop"
# The name of the program is its id: the project owns no domain that could come before it.
problems=$(appstreamcli validate --no-net --no-color "$share/metainfo/heapglass.metainfo.xml" |
  grep -E '^[EW]:' | grep -v cid-desktopapp-is-not-rdns || true)
[ -z "$problems" ] || fail "the metainfo is not valid: $problems"
bash -n "$share/bash-completion/completions/heapglass"
gzip -t "$share/man/man1/heapglass.1.gz"
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
grep -q "<release version=\"$version\"" assets/linux/heapglass.metainfo.xml || fail "the metainfo does not list $version"
grep -q "<string>$version</string>" assets/macos/Info.plist || fail "Info.plist is of another version than $version"

cp fixtures/snapshots/headers-array.1.heapsnapshot.gz "$work/server.heapsnapshot.gz"
gzip -dc "$work/server.heapsnapshot.gz" >"$work/with blank, ü.heapsnapshot"
cp "$work/with blank, ü.heapsnapshot" "$work/recording.heaptimeline"
cp "$work/with blank, ü.heapsnapshot" "$work/no-extension"
expect_type() { # FILE TYPE
  local type
  type=$(LC_ALL=C gio info -a standard::content-type "$work/$1" | sed -n 's/.*content-type: //p')
  [ "$type" = "$2" ] || fail "$1 is taken for $type, not $2"
  [[ $(LC_ALL=C gio mime "$2") == *heapglass.desktop* ]] || fail "$2 is not opened by heapglass: $(gio mime "$2")"
}
expect_type "with blank, ü.heapsnapshot" application/x-v8-heapsnapshot
expect_type no-extension application/x-v8-heapsnapshot
expect_type recording.heaptimeline application/x-v8-heaptimeline
expect_type server.heapsnapshot.gz application/x-v8-heapsnapshot-compressed

for file in "with blank, ü.heapsnapshot" server.heapsnapshot.gz; do
  /usr/bin/python3 tests/e2e/installed.py "$work/$file" artifacts/e2e
done

if [ -z "$root" ]; then
  dpkg --purge heapglass
  left=$(find /usr/share /usr/bin -name '*heapglass*')
  [ -z "$left" ] || fail "left behind by removing the package: $left"
fi
echo "the package works"
