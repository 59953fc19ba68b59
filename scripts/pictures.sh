#!/usr/bin/env bash
# Takes the pictures of the README anew, into assets/screenshots: the release build in a real window on a virtual
# display finds the leak of the sample. Needs what scripts/requirements.sh names. Look at them before committing.
set -euo pipefail
cd "$(dirname "$0")/.."

exec /usr/bin/python3 tests/e2e/pictures.py "${HEAPGLASS:-${CARGO_TARGET_DIR:-target}/release/heapglass}" \
  assets/sample/1-before.heapsnapshot.gz assets/sample/2-after.heapsnapshot.gz assets/screenshots
