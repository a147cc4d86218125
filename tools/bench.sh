#!/usr/bin/env bash
# Builds the load driver and measures the server beside its references, in one run on this machine.
#
#   tools/bench.sh [ARGUMENTS of bench/run.py]
set -euo pipefail
cd "$(dirname "$0")/.."

tools/install_dependencies.sh build bench
cmake --preset bench
cmake --build --preset bench
exec /usr/bin/python3 bench/run.py --binaries build/bench "$@"
