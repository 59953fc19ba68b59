#!/usr/bin/env bash
# Says what the build and the tests need beyond Rust and is missing here, and how to get it.
#
#   scripts/requirements.sh             names what is missing; fails if anything is
#   scripts/requirements.sh --install   installs it first, on Debian and Ubuntu, as root
set -euo pipefail

missing=()
need() { # PACKAGE WHY COMMAND...: PACKAGE is missing when COMMAND fails
  local package=$1 why=$2
  shift 2
  if ! "$@" >/dev/null 2>&1; then
    missing+=("$package")
    echo "missing: $package ($why)"
  fi
}

survey() {
  missing=()
  need gcc "Rust links with a C compiler" command -v cc
  need xvfb "tests run the application on a virtual display" command -v Xvfb
  need openbox "... with a window manager" command -v openbox
  need python3-xlib "... and use its mouse, keyboard and drops" /usr/bin/python3 -c "import Xlib"
  need imagemagick "... and take pictures of it" command -v import
  need libgl1 "... drawn through OpenGL" find_any "libGL.so.1"
  need libgl1-mesa-dri "... in software" find_any "dri/swrast_dri.so"
  need libxkbcommon-x11-0 "... which loads this for the keyboard" find_any "libxkbcommon-x11.so.0"
  need desktop-file-utils "the Debian package is tried: its desktop entry" command -v desktop-file-validate
  need appstream "... its description" command -v appstreamcli
  need shared-mime-info "... its file types" command -v update-mime-database
  need libglib2.0-bin "... and a double click on a snapshot" command -v gio
  need mesa-vulkan-drivers "pictures of panels are drawn by this and compared" find_any "libvulkan_lvp.so"
}

find_any() { # whether the system's library folders hold each of the files
  local file
  for file in "$@"; do
    compgen -G "/usr/lib/*/$file" >/dev/null || compgen -G "/usr/lib/$file" >/dev/null || compgen -G "/usr/lib64/$file" >/dev/null || return 1
  done
}

survey
if [ ${#missing[@]} -gt 0 ] && [ "${1:-}" = --install ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update
  apt-get install -y --no-install-recommends "${missing[@]}"
  survey
fi
if [ ${#missing[@]} -gt 0 ]; then
  echo
  echo "Install what is missing, on Debian and Ubuntu with:"
  echo "  apt-get install --no-install-recommends ${missing[*]}"
  exit 1
fi
echo "everything is there"
