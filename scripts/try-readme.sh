#!/usr/bin/env bash
# Runs every command line that the README shows with heapglass and snapshots a, b and c, on those of a leaking server.
set -euo pipefail
cd "$(dirname "$0")/.."

program=$(realpath "${HEAPGLASS:-${CARGO_TARGET_DIR:-target}/release/heapglass}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0
for name in a b c; do
  gzip -dc "fixtures/snapshots/headers-array.$number.heapsnapshot.gz" >"$work/$name.heapsnapshot"
  number=$((number + 1))
done
mkdir "$work/bin"
ln -s "$program" "$work/bin/heapglass"

run=0
while IFS= read -r line; do
  (cd "$work" && PATH=$work/bin:$PATH bash -c "$line" >answer 2>errors && { [ -s answer ] || [ -s nodes.csv ]; }) || {
    echo "FAILED: $line"
    cat "$work/errors"
    exit 1
  }
  run=$((run + 1))
done < <(sed -n '/^```sh$/,/^```$/p' README.md | grep -E '^heapglass .*\b[abc]\.heapsnapshot')
[ "$run" -ge 20 ] || {
  echo "FAILED: only $run command lines were found in README.md"
  exit 1
}
echo "$run command lines of README.md run"
