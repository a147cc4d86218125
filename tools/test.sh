#!/usr/bin/env bash
# Builds one preset with its tests and runs them: what `make test` does.
#
#   tools/test.sh [--preset test] [--labels REGEX] [--without REGEX] [--counts FILE]
#
# --labels and --without choose by label, as ctest's -L and -LE do. What is labelled `long` runs only
# when it is asked for. Ends with one line, `N passed, N failed, N skipped`, which --counts also
# writes to FILE as three numbers. Exit code 1 when a case failed, or when nothing ran.
set -euo pipefail
cd "$(dirname "$0")/.."

preset="test"
labels=
without='^long$'
counts=
while [ $# -gt 0 ]; do
  case "$1" in
    --preset) preset=$2; shift 2 ;;
    --labels) labels=$2; shift 2 ;;
    --without) without=$2; shift 2 ;;
    --counts) counts=$2; shift 2 ;;
    *) sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
done

say() { printf '\n== %s (%s)\n' "$*" "$(date +%H:%M:%S)"; }

# At the end of a build that failed there must be a summary too: one failure, and nothing that ran.
build=build/$preset
fail_build() {
  printf '\nThe build of the preset %s failed; no test was run.\n' "$preset"
  if [ -n "$counts" ]; then printf '0 1 0\nFAILED build of the preset %s\n' "$preset" >"$counts"; fi
  echo "0 passed, 1 failed, 0 skipped"
  exit 1
}

tools/install_dependencies.sh build test s3
# A package of npm, a quarter of a minute the first time; where it cannot be had, the tests that show
# it in a browser say so and are skipped.
tools/viewer.sh || true

say "Building $build"
{ cmake --preset "$preset" && cmake --build --preset "$preset"; } </dev/null || fail_build

say "Testing $build"
results=$build/Testing
rm -rf "$results"
mkdir -p "$results/gtest"
selection=(-LE "$without")
[ -z "$labels" ] || selection+=(-L "$labels")
ctest --test-dir "$build" --show-only=json-v1 >"$results/ctest-list.json"
# A leak or a report under a sanitizer fails its test; the colon-separated lists keep what is set.
status=0
GTEST_OUTPUT="xml:$PWD/$results/gtest/" GTEST_COLOR=no \
  UBSAN_OPTIONS="print_stacktrace=1:${UBSAN_OPTIONS:-}" \
  ctest --test-dir "$build" "${selection[@]}" --parallel "$(nproc)" --output-on-failure \
  --no-tests=error --output-junit Testing/ctest.xml --test-output-size-passed 1000000 \
  --test-output-size-failed 10000000 </dev/null || status=$?

if [ ! -s "$results/ctest.xml" ]; then
  if [ -n "$counts" ]; then printf '0 1 0\nFAILED no test matched\n' >"$counts"; fi
  echo "No test matched."
  echo "0 passed, 1 failed, 0 skipped"
  exit 1
fi
say "Summary of $build"
# The summary reads each case; ctest's own verdict counts besides.
tools/test_summary.py "$build" ${counts:+--counts "$counts"} || status=1
exit "$status"
