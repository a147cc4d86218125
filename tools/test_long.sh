#!/usr/bin/env bash
# What takes too long for every change: every source read by itself; what is labelled `long`; under ThreadSanitizer unit and
# contract tests, and a server that what is labelled `concurrency` races against; then every fuzzer for
# $PACS_LITE_FUZZ_SECONDS (180). What `make test-long` does; run it before a release.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
passed=0 failed=0 skipped=0
run() {
  local p=0 f=1 s=0 status=0
  rm -f "$scratch/counts"
  "$@" --counts "$scratch/counts" || status=$?
  if [ -s "$scratch/counts" ]; then read -r p f s <"$scratch/counts"; fi
  [ "$status" -eq 0 ] || [ "$f" -gt 0 ] || f=1
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

# Without a Go toolchain the tests over MinIO say that they skip.
tools/install_minio.sh || [ $? -eq 77 ] || failed=$((failed + 1))
if tools/check_includes.py; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
run tools/test.sh --preset test --labels '^long$' --without '^never$'
run tools/test.sh --preset tsan --labels '^(unit|contract)$' --without '^(long|crash|e2e)$'
run tools/test.sh --preset tsan --labels '^concurrency$' --without '^(long|unit|contract)$'
run tools/fuzz.sh --seconds "${PACS_LITE_FUZZ_SECONDS:-180}"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
