#!/usr/bin/env bash
# The contract of the object store, the archive and the move between stores over MinIO itself, which is built
# first where a Go toolchain is there. What `make test-minio` does.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/install_minio.sh || [ $? -eq 77 ]
exec tools/test.sh --preset test --labels '^minio$' --without '^never$'
