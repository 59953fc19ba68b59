#!/bin/sh
# Says what is missing here for building and starting the application, or for checking a change, and installs it.
#
#   scripts/requirements.sh start|check [--install]
#
# On Debian and Ubuntu it offers to install the packages if somebody sits at a terminal, and does so unasked with
# --install. Otherwise it names them, and fails. Rust itself is rustup's to install.
set -eu
cd "$(dirname "$0")/.."

purpose=${1:-check}
install=${2:-}

need() { # PACKAGE WHY COMMAND...: PACKAGE is missing when COMMAND fails
  package=$1 why=$2
  shift 2
  if ! "$@" >/dev/null 2>&1; then
    missing="$missing $package"
    echo "missing: $package ($why)"
  fi
}

has_library() { # NAME: a file in one of the system's library folders; may be a pattern
  for found in /usr/lib/*/$1 /usr/lib/$1 /usr/lib64/$1; do
    if [ -e "$found" ]; then return 0; fi
  done
  return 1
}

has_certificates() {
  [ -n "${SSL_CERT_FILE:-}${CARGO_HTTP_CAINFO:-}" ] || [ -e /etc/ssl/certs/ca-certificates.crt ] || [ -d /etc/pki ]
}

has_python() { # MODULE: of the system's Python, which has the modules that Debian packages
  /usr/bin/python3 -c "import $1"
}

has_atspi() {
  /usr/bin/python3 -c "import gi; gi.require_version('Atspi', '2.0'); from gi.repository import Atspi"
}

survey() {
  missing=
  need gcc "Rust links with a C compiler" command -v cc
  if [ "$(uname -s)" != Linux ]; then return; fi
  need libc6-dev "... and what it links to" has_library crt1.o
  need ca-certificates "cargo downloads the dependencies" has_certificates
  need libgl1 "the window is drawn through OpenGL" has_library libGL.so.1
  need libegl1 "..." has_library libEGL.so.1
  need libgl1-mesa-dri "..." has_library 'dri/*_dri.so'
  need libx11-6 "it is a window of X11" has_library libX11.so.6
  need libx11-xcb1 "..." has_library libX11-xcb.so.1
  need libxcursor1 "..." has_library libXcursor.so.1
  need libxi6 "..." has_library libXi.so.6
  need libxkbcommon0 "... with a keyboard" has_library libxkbcommon.so.0
  need libxkbcommon-x11-0 "..." has_library libxkbcommon-x11.so.0
  if [ "$purpose" = start ]; then return; fi
  need python3 "scripts are written in Python" has_python json
  need xvfb "tests run the application on a virtual display" command -v Xvfb
  need openbox "... with a window manager" command -v openbox
  need python3-xlib "... use its mouse, keyboard and drops" has_python Xlib
  need dbus "... and read the window as a screen reader does" command -v dbus-run-session
  need at-spi2-core "..." has_accessibility_bus
  need python3-gi "..." has_python gi
  need gir1.2-atspi-2.0 "..." has_atspi
  need imagemagick "... and take pictures of it" command -v import
  need desktop-file-utils "the Debian package is tried: its desktop entry" command -v desktop-file-validate
  need appstream "... its description" command -v appstreamcli
  need shared-mime-info "... its file types" command -v update-mime-database
  need libglib2.0-bin "... and a double click on a snapshot" command -v gio
  need mesa-vulkan-drivers "pictures of panels are drawn by this and compared" has_library libvulkan_lvp.so
}

has_accessibility_bus() {
  [ -x /usr/libexec/at-spi-bus-launcher ] || [ -x /usr/lib/at-spi2-core/at-spi-bus-launcher ]
}

rust_is_there() {
  wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
  if ! command -v cargo >/dev/null; then
    echo "Rust $wanted or later is missing: https://rustup.rs says how to install it"
    return 1
  fi
  found=$(rustc --version | cut -d ' ' -f 2)
  if ! awk -v found="$found" -v wanted="$wanted" 'BEGIN {
    split(found, f, "."); split(wanted, w, ".")
    exit !(f[1] + 0 > w[1] + 0 || f[1] + 0 == w[1] + 0 && f[2] + 0 >= w[2] + 0)
  }'; then
    echo "Rust $wanted or later is needed, and this is $found: 'rustup update' brings a newer one"
    return 1
  fi
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

may_install() {
  if ! command -v apt-get >/dev/null; then
    echo "There is no apt-get here: install what is missing in this system's own way, and start again." >&2
    return 1
  fi
  if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
    echo "Only root can install it:" >&2
  elif [ "$install" = --install ]; then
    return 0
  elif [ -t 0 ] && [ -t 1 ]; then
    printf 'Install what is missing with apt-get now? [y/N] '
    read -r answer || answer=n
    case $answer in [yY]*) return 0 ;; esac
  fi
  echo "Install what is missing with --install, or by yourself:" >&2
  echo "  apt-get install --no-install-recommends$missing" >&2
  return 1
}

survey
if [ -n "$missing" ]; then
  echo
  may_install
  as_root apt-get update
  # Of the list of names each is a word.
  # shellcheck disable=SC2086
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing
  survey
  if [ -n "$missing" ]; then
    echo "Still missing after installing:$missing" >&2
    exit 1
  fi
fi
rust_is_there >&2
