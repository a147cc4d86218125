#!/usr/bin/env bash
# The crash suite with its long forms: power cuts, every crash point and every error point, races, full
# disks, the reference model (docs/reliability.md). What `make test-crash` does; as root for all of it.
#
# Ends with the figures that the runs printed, what this machine could not show and why, and one line,
# `N passed, N failed, N skipped`. Exit code 1 when anything failed.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2

if [ "$(id -u)" -ne 0 ]; then
  echo "Not root: power cuts, full disks and memory limits are not shown by this run."
fi
tools/test.sh --preset test --labels '^crash$' --without '^never$'
