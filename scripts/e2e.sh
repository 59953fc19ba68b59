#!/usr/bin/env bash
# Uses the release build in a real window on a virtual display: drops two snapshots on it, sorts, opens, follows
# retainers; and takes the display away from programs that run. Leaves its screenshots in artifacts/e2e.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v Xvfb >/dev/null; then
  echo "skipped: Xvfb is not installed (apt-get install xvfb)"
  exit 0
fi
/usr/bin/python3 tests/e2e/troubles.py "${CARGO_TARGET_DIR:-target}/release/heapglass" \
  fixtures/snapshots/headers-array.1.heapsnapshot.gz
exec /usr/bin/python3 tests/e2e/window.py "${CARGO_TARGET_DIR:-target}/release/heapglass" \
  fixtures/snapshots/headers-array.1.heapsnapshot.gz fixtures/snapshots/headers-array.2.heapsnapshot.gz artifacts/e2e
