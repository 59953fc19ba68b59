#!/usr/bin/env bash
# Uses the release build in a real window on a virtual display: drops two snapshots on it, sorts, opens, follows
# retainers. Leaves its screenshots in artifacts/e2e.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v Xvfb >/dev/null; then
  echo "skipped: Xvfb is not installed (apt-get install xvfb)"
  exit 0
fi
exec /usr/bin/python3 tests/e2e/window.py "${CARGO_TARGET_DIR:-target}/release/heapglass" \
  fixtures/snapshots/headers-array.1.heapsnapshot.gz fixtures/snapshots/headers-array.2.heapsnapshot.gz artifacts/e2e
