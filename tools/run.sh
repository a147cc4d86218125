#!/usr/bin/env bash
# From nothing to a running archive: what `make run` does.
#
# Installs what the build needs, builds the release, starts the server in this folder (on ./data,
# unless the settings say otherwise), waits until it is ready and prints three commands that work as
# they stand. Ctrl-C stops the server and waits until the requests in flight are answered.
#
# RUN_BUILD=FOLDER takes the program and the sample image of that build, and installs and builds nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

ready_seconds_max=60
build=${RUN_BUILD:-build/release}
program=$build/src/cli/pacs-lite
sample=$build/sample/ct_head.dcm
sample_uid=2.25.124498946921347765306027528506181820825  # tools/sample/make_sample.cc

fail() { printf 'run: %s\n' "$*" >&2; exit 1; }

setting() { # NAME: its value in force. Where a setting is wrong, the server says so when it starts.
  { "$program" config --json 2>/dev/null || true; } |
    sed -n "s/.*\"name\":\"$1\",\"value\":\"\([^\"]*\)\".*/\1/p"
}

if [ -z "${RUN_BUILD:-}" ]; then
  tools/install_dependencies.sh build
  echo "run: building the release (some minutes the first time, on every core)"
  configured=$(cmake --preset release 2>&1) || fail "$configured"
  cmake --build --preset release --target pacs-lite sample_image
fi

data=$(setting PACS_LITE_DATA)
token_file=${data:-./data}/admin-token
token_file=${token_file#"$PWD/"}  # shorter where it is below this folder

# What the server prints goes to us first: it names the address that it really has.
output=$(mktemp)
# In a session of its own: Ctrl-C reaches this script alone, which passes it on once. A second signal
# would end the server without its grace time.
setsid "$program" serve >"$output" </dev/null &
server=$!
stop() {
  trap '' INT TERM HUP
  trap - EXIT
  kill -TERM "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  rm -f "$output"
  echo "run: stopped"
}
trap 'stop; exit 0' INT TERM HUP  # stopping it is what was asked for
trap 'kill -TERM "$server" 2>/dev/null || true; rm -f "$output"' EXIT

url=
for ((attempt = 0; attempt < ready_seconds_max * 10; ++attempt)); do
  # Without a server there is nothing to wait for; it has said why on standard error.
  kill -0 "$server" 2>/dev/null || { wait "$server" || fail "the server ended with $?"; exit 1; }
  url=$(sed -n 's/^pacs-lite .* is ready at \([^ ,]*\).*/\1/p' "$output")
  if [ -n "$url" ] && curl -fsSk -o /dev/null --max-time 5 "$url/readyz" 2>/dev/null; then break; fi
  url=
  sleep 0.1
done
[ -n "$url" ] || fail "the server did not become ready within $ready_seconds_max seconds"

api=$url/api/v1/radiology
# A certificate of one's own is trusted here by naming it, not by looking away.
trust=
if [ "${url%%:*}" = https ]; then trust=" --cacert '$(setting PACS_LITE_TLS_CERTIFICATE)'"; fi
curl="curl -fsS$trust -H \"Authorization: Bearer \$(cat '$token_file')\""
cat <<TXT

pacs-lite is ready at $url
TXT
if grep -q "^Administrator's token" "$output"; then
  cat <<TXT
This was its first start. The administrator's token, kept in $token_file:

  $(cat "$token_file")
TXT
else
  echo "The administrator's token of the first start is in $token_file."
fi
cat <<TXT

Try it, in another terminal, in this folder ($PWD):

1. Store a CT slice, made by the build:
   $curl -H 'Content-Type: application/dicom' --data-binary @$sample $api/images/

2. List the studies:
   $curl $api/studies/

3. Get a signed link to the image, and fetch it by that link alone:
   curl -fsS$trust -o ct_head_back.dcm "\$($curl $api/images/$sample_uid/url/ | sed 's/.*"image_url":"\([^"]*\)".*/\1/')" && cmp ct_head_back.dcm $sample && echo identical

Ctrl-C stops the server.
TXT

# The wait ends early when a signal arrives; the traps above decide what then.
status=0
wait "$server" || status=$?
trap - EXIT
rm -f "$output"
[ "$status" -eq 0 ] || fail "the server ended with $status"
