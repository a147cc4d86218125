#!/usr/bin/env bash
# Builds MinIO for the tests, once, and keeps it in the user's cache: $XDG_CACHE_HOME/pacs-lite/minio (else
# ~/.cache). Its makers publish source alone. Needs Go 1.24 or newer, some minutes and 2 GB of Go's caches.
#
#   tools/install_minio.sh
#
# Exit codes: 0 it is there, 1 it could not be built, 77 there is no such Go.
set -euo pipefail

# The last that its makers published: the repository is archived. It is what came after their last release,
# v0.0.0-20251015172955-9e49d5e7a648, so that the tests meet MinIO as it will stay.
version=v0.0.0-20260212201848-7aac2a2c5b7c
go_minor_min=24
folder=${XDG_CACHE_HOME:-$HOME/.cache}/pacs-lite/minio

if [ "$(cat "$folder/version" 2>/dev/null)" = "$version" ] && [ -x "$folder/minio" ]; then
  echo "minio: there"
  exit 0
fi
go_version=$(go env GOVERSION 2>/dev/null || true)
if [[ ! $go_version =~ ^go1\.([0-9]+) ]] || [ "${BASH_REMATCH[1]}" -lt "$go_minor_min" ]; then
  echo "minio: skipped, Go 1.$go_minor_min or newer is needed and ${go_version:-no Go} is here"
  exit 77
fi
echo "minio: building $version, which takes some minutes"
mkdir -p "$folder"
GOBIN=$folder GOFLAGS=-buildvcs=false go install "github.com/minio/minio@$version" || exit 1
echo "$version" >"$folder/version"
"$folder/minio" --version | head -1
