#!/usr/bin/env bash
# Everything that must hold before a change lands: what `make check` and .ci/run do.
#
# Layers, format, build, clang-tidy, every test, then unit, contract and corpus tests once more under
# AddressSanitizer and UndefinedBehaviorSanitizer. A step that fails does not stop the next, but one
# that needs a build stops when there is none. Ends with the minutes of each step, what failed by name,
# and one line, `N passed, N failed, N skipped`, over all of it: the steps that are not tests count as
# one each.
# Exit code 1 when anything failed, or when it took more than 45 minutes.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2

limit_minutes=45  # on 2 cores; a check that takes longer is one that people stop running
begin=$SECONDS
passed=0 failed=0 skipped=0
lines=()
failures=()
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# step NAME COMMAND…: runs it, counts it (by the numbers it leaves in $counts, else as one).
step() {
  local name=$1 at=$SECONDS status=0 p f s
  shift
  printf '\n==== %s\n' "$name"
  counts=$scratch/counts
  rm -f "$counts"
  "$@" </dev/null || status=$?
  if [ -s "$counts" ]; then
    read -r p f s <"$counts"
    mapfile -t -O "${#failures[@]}" failures < <(tail -n +2 "$counts")
    # A step that failed has at least one failure, whatever it counted.
    [ "$status" -eq 0 ] || [ "$f" -gt 0 ] || f=1
  elif [ "$status" -eq 0 ]; then
    p=1 f=0 s=0
  else
    p=0 f=1 s=0
    failures+=("FAILED $name")
  fi
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  lines+=("$(printf '%-34s %6s  %s passed, %s failed, %s skipped' "$name" \
    "$(minutes $((SECONDS - at)))" "$p" "$f" "$s")")
  return "$status"
}

minutes() { printf '%d.%d' $(($1 / 60)) $(($1 % 60 / 6)); }

tests() { tools/test.sh --counts "$scratch/counts" "$@"; }
tidy() { tools/run_clang_tidy.py build/test; }
build_tests() { cmake --preset test && cmake --build --preset test; }

if step "dependencies" tools/install_dependencies.sh build test s3 check; then
  step "layers" tools/check_layers.py
  step "errors passed on" tools/check_try.py
  step "format" tools/format.sh --check
  if step "build" build_tests; then
    step "clang-tidy" tidy
    step "tests" tests --preset test
    # Under strace (label crash) the leak checker cannot run, and those tests watch system calls.
    step "under ASan and UBSan" tests --preset asan --labels '^(unit|contract|corpus)$' \
      --without '^(long|crash|e2e)$'
  fi
fi

total=$((SECONDS - begin))
if [ "$total" -gt $((limit_minutes * 60)) ]; then
  failed=$((failed + 1))
  lines+=("took longer than the $limit_minutes minutes that it may take: 1 failed")
fi
printf '\n==== minutes of each step\n'
printf '%s\n' "${lines[@]}"
printf 'all: %s minutes of %s\n' "$(minutes "$total")" "$limit_minutes"
[ "${#failures[@]}" -eq 0 ] || printf '%s\n' "${failures[@]}"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
