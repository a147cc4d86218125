#!/usr/bin/env bash
# Fetches the OHIF viewer and makes of it what the server serves under /viewer/: what `make viewer`
# does.
#
#   tools/viewer.sh [FOLDER]       FOLDER: build/viewer, where the server and the tests look for it
#
# The package comes by npm, pinned by version and hash, and is not fetched again while FOLDER holds
# what this script would make. Needs node 18 or newer, npm and 350 MB on the disk meanwhile. Exit
# codes: 0 it is there, 1 it could not be made (the reason stands above), 3 there is no npm.
set -euo pipefail
cd "$(dirname "$0")/.."

package="@ohif/app@3.13.2"
hash="sha512-WZdxmpmG7rqFgW9ZJLcbgr3XCtLi1KDNPoMaeY5PPe6j4G4fjEjjkycZM6C6Zk2F87BKxFfpq+jd5xXZB9E8EA=="

say() { printf 'viewer: %s\n' "$*"; }
fail() { printf 'viewer: %s\n' "$*" >&2; exit 1; }

folder=${1:-build/viewer}
# Whatever decides what comes out, so that a change of it makes the viewer afresh.
made_of=$({ echo "$package $hash"; cat tools/viewer.sh tools/viewer/*; } | sha256sum | cut -c1-64)
if [ "$(cat "$folder/made-of" 2>/dev/null || true)" = "$made_of" ]; then
  say "$folder is up to date"
  exit 0
fi

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  say "the viewer is a package of npm, and there is no node or npm on this machine (Debian and" \
    "Ubuntu: apt-get install nodejs npm)" >&2
  exit 3
fi

work=build/viewer-work
rm -rf "$work"
mkdir -p "$work/tools"
trap 'rm -rf "$work"' EXIT

say "fetching $package"
tarball=$(cd "$work" && npm pack --silent --ignore-scripts "$package" </dev/null) ||
  fail "npm could not fetch $package (is there a network?)"
tarball=$work/$(tail -n 1 <<<"$tarball")
found="sha512-$(openssl dgst -sha512 -binary "$tarball" | base64 -w0)"
[ "$found" = "$hash" ] ||
  fail "the package is not the one that this script is written for: its hash is $found"
tar -xzf "$tarball" -C "$work"

say "fetching esbuild"
cp tools/viewer/package.json tools/viewer/package-lock.json "$work/tools/"
npm ci --prefix "$work/tools" --no-audit --no-fund --ignore-scripts --loglevel=error </dev/null \
  >/dev/null || fail "npm could not fetch esbuild (is there a network?)"

say "preparing $folder"
NODE_PATH=$work/tools/node_modules node tools/viewer/prepare.cjs "$work/package" "$work/viewer" ||
  fail "the package does not look as this script expects; nothing was changed in $folder"
echo "$made_of" >"$work/viewer/made-of"
mkdir -p "$(dirname "$folder")"
rm -rf "$folder"
mv "$work/viewer" "$folder"
say "$folder: $(find "$folder" -type f | wc -l) files, $(du -sh "$folder" | cut -f1)"
