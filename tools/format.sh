#!/usr/bin/env bash
# Formats every C++ file as .clang-format says; with --check it only names those that differ.
#
#   tools/format.sh [--check]
#
# The format is the one of clang-format 14: another version lays the same text out in another way, so
# with another one nothing is checked or changed, and that is said.
set -euo pipefail
cd "$(dirname "$0")/.."

version=14
formatter=$(command -v "clang-format-$version" || command -v clang-format || true)
if [ -z "$formatter" ]; then
  echo "format: clang-format is not installed (tools/install_dependencies.sh check)" >&2
  exit 2
fi
if ! "$formatter" --version | grep -q "version $version\."; then
  echo "format: $("$formatter" --version) is here, the format is clang-format $version's: NOT CHECKED"
  exit 0
fi

files=()
while IFS= read -r -d '' file; do
  files+=("$file")
done < <(find src tests bench tools fuzz \( -name '*.h' -o -name '*.cc' \) -print0 2>/dev/null | sort -z)
[ ${#files[@]} -gt 0 ] || { echo "format: no C++ file found" >&2; exit 2; }

if [ "${1:-}" != --check ]; then
  "$formatter" -i "${files[@]}"
  echo "format: ${#files[@]} files"
  exit 0
fi
# One process for all of them; only where some differ, one for each, to name them.
if "$formatter" --dry-run -Werror "${files[@]}" 2>/dev/null; then
  echo "format: ${#files[@]} files, all as they should be"
  exit 0
fi
wrong=0
for file in "${files[@]}"; do
  if ! "$formatter" --dry-run -Werror "$file" 2>/dev/null; then
    wrong=$((wrong + 1))
    echo "$file: not formatted; run make format"
    diff --label "$file" --label formatted -u "$file" <("$formatter" "$file") | sed -n '3,15p' || true
  fi
done
echo "format: ${#files[@]} files, $wrong not formatted"
[ "$wrong" -eq 0 ]
