#!/usr/bin/env bash
# Fuzzes every parser of what comes from outside (tests/fuzz) with libFuzzer, AddressSanitizer and
# UndefinedBehaviorSanitizer: what `make fuzz` does.
#
#   tools/fuzz.sh [--seconds 60] [--jobs 2] [--keep] [--counts FILE] [NOUN…]
#
# Each fuzzer runs for --seconds (or $PACS_LITE_FUZZ_SECONDS), --jobs of them at a time. NOUN is one of
# tests/fuzz/NOUN_fuzz.cc; without any it is all. What is found stays in build/fuzz/found; --keep puts
# into tests/fuzz/corpus those of it that reach code which nothing kept there reaches. What breaks an
# invariant is left in build/fuzz/crashes with the command that repeats it. Ends with one line,
# `N passed, N failed, N skipped`, a fuzzer that broke nothing counting as passed; --counts also writes
# it to FILE as three numbers. Exit code 1 when anything failed.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2

seconds=${PACS_LITE_FUZZ_SECONDS:-60}
jobs=2
keep=
counts=
nouns=()
while [ $# -gt 0 ]; do
  case "$1" in
    --seconds) seconds=$2; shift 2 ;;
    --jobs) jobs=$2; shift 2 ;;
    --keep) keep=1; shift ;;
    --counts) counts=$2; shift 2 ;;
    -*) sed -n '2,13s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
    *) nouns+=("$1"); shift ;;
  esac
done

build=build/fuzz
programs=$build/tests/fuzz
corpus=tests/fuzz/corpus
input_bytes_max=16384        # room for a data set with pixels; more only makes each run slower
corpus_bytes_max=2000000     # a corpus is read at every `make test`
memory_mb_max=2048           # a parser that takes more of an input this small has a fault
input_seconds_max=10         # likewise

finish() {
  if [ -n "$counts" ]; then echo "$1 $2 0" >"$counts"; fi
  echo "$1 passed, $2 failed, 0 skipped"
  [ "$2" -eq 0 ]
  exit
}

tools/install_dependencies.sh build test fuzz || finish 0 1
{ cmake --preset fuzz && cmake --build --preset fuzz; } </dev/null || finish 0 1
if [ ${#nouns[@]} -eq 0 ]; then
  for source in tests/fuzz/*_fuzz.cc; do nouns+=("$(basename "$source" _fuzz.cc)"); done
fi
for noun in "${nouns[@]}"; do
  [ -f "tests/fuzz/${noun}_fuzz.cc" ] || { echo "fuzz: there is no fuzzer $noun" >&2; finish 0 1; }
done
mkdir -p "$build/found" "$build/crashes" "$build/logs"

export UBSAN_OPTIONS="print_stacktrace=1:${UBSAN_OPTIONS:-}"
# Runs one fuzzer; its last lines say what it did.
fuzz() {
  local noun=$1 status=0
  local log=$build/logs/$noun.log
  mkdir -p "$build/found/$noun" "$corpus/$noun"
  nice -n 10 "$programs/${noun}_fuzz" -max_total_time="$seconds" -max_len="$input_bytes_max" \
    -timeout="$input_seconds_max" -rss_limit_mb="$memory_mb_max" -print_final_stats=1 \
    -artifact_prefix="$build/crashes/$noun-" "$build/found/$noun" "$corpus/$noun" >"$log" 2>&1 </dev/null || status=$?
  local runs coverage
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  coverage=$(grep -o 'cov: [0-9]* ft: [0-9]*' "$log" | tail -n 1)
  printf '%-20s %10s runs, %s\n' "$noun" "${runs:-?}" "${coverage:-nothing covered}"
  [ "$status" -ne 0 ] || return 0
  echo "FAILED $noun: $(grep -m 1 -E 'does not hold|SUMMARY|runtime error|ALARM' "$log")"
  sed -n "s|.*Test unit written to \(.*\)|  to repeat it: $programs/${noun}_fuzz \1|p" "$log"
  echo "  all it said: $log"
  return 1
}
export -f fuzz
export seconds build programs corpus input_bytes_max memory_mb_max input_seconds_max

echo "Fuzzing ${#nouns[@]} parsers for $seconds s each, $jobs at a time"
results=$(mktemp)
trap 'rm -f "$results"' EXIT
printf '%s\n' "${nouns[@]}" | xargs -P "$jobs" -I{} bash -c \
  'if fuzz {}; then echo passed >>'"$results"'; else echo failed >>'"$results"'; fi'

if [ -n "$keep" ]; then
  "$programs/make_fuzz_seeds" "$corpus" || finish 0 1
  for noun in "${nouns[@]}"; do
    # Counters say how often a branch was taken; without them one input for each branch is kept.
    "$programs/${noun}_fuzz" -merge=1 -use_counters=0 -max_len="$input_bytes_max" \
      "$corpus/$noun" "$build/found/$noun" >"$build/logs/$noun.merge.log" 2>&1 ||
      echo "fuzz: $noun could not be merged, see $build/logs/$noun.merge.log"
  done
  size=$(find "$corpus" -type f -printf '%s\n' | awk '{ sum += $1 } END { print sum + 0 }')
  echo "The corpus has $(find "$corpus" -type f | wc -l) inputs of $size bytes in all."
  if [ "$size" -gt "$corpus_bytes_max" ]; then
    echo "That is more than $corpus_bytes_max: make it anew, from build/fuzz/found, before it is committed."
    echo failed >>"$results"
  fi
fi
finish "$(grep -c passed "$results")" "$(grep -c failed "$results")"
