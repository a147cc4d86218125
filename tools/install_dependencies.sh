#!/usr/bin/env bash
# Installs the distribution's packages that pacs-lite is built, tested, checked and measured with.
#
#   tools/install_dependencies.sh [--print] GROUP…      groups: build test s3 check fuzz bench
#
# Only what is missing is installed, and it says what and why first. --print only says it.
# Debian 12, Debian 13 and Ubuntu 24.04; as root, or through sudo. Exit codes: 0 all there,
# 1 could not be installed (the reason stands above), 2 wrong usage.
# shellcheck disable=SC2034,SC1091  # the lists are read by their names, in collect()
set -euo pipefail

# name|why, in the order of need. A name may be "a/b": the first of them that the distribution has.
build_packages=(
  "cmake|the build (3.25 and newer)"
  "ninja-build|runs the compiler"
  "g++|C++20, GCC 12 and newer"
  "ccache|the second build costs seconds"
  "mold|links in a fraction of the time"
  "pkg-config|finds the libraries"
  "libssl-dev|TLS, hashes, signatures"
  "zlib1g-dev|gzip on JSON answers, deflated data sets"
  "libcurl4-openssl-dev|the HTTP client"
  "libdcmtk-dev|the data dictionary; lossless JPEG and JPEG of 12 bits"
  "libsqlite3-dev|the index"
  "libzstd-dev|compresses the metadata in the index"
  "rapidjson-dev|writes JSON"
  "libsimdjson-dev|reads JSON"
  "libspdlog-dev|the log"
  "libfmt-dev|formats text"
  "libtomlplusplus-dev|reads pacs-lite.toml"
  "libcli11-dev|the command line"
  "prometheus-cpp-dev|metrics"
  "libarchive-dev|reads ZIP files, imported or sent"
  "libutf8proc-dev|normal forms of file names"
  "libpugixml-dev|reads the XML of object stores"
  "libjpeg-dev|JPEG of 8 bits"
  "libcharls-dev|JPEG-LS"
  "libopenjp2-7-dev|JPEG 2000"
  "libopenjph-dev|high-throughput JPEG 2000"
  "libspng-dev|writes PNG"
  "liblcms2-dev|converts colours between ICC profiles"
  "curl|the commands that make run prints"
  "ca-certificates|trusted roots for the HTTP client"
)
test_packages=(
  "libgtest-dev|unit tests"
  "dcmtk|a second opinion on DICOM (dcm2json, dcmdump)"
  "dicom3tools|a second opinion on the DICOM objects that are made (dciodvfy)"
  "libgdcm-tools|a third one on what is encoded (gdcmconv)"
  "python3-pytest|end-to-end tests"
  "python3-pip|installs the clients that the distribution has not"
  "python3-pydicom|makes the DICOM files of the tests"
  "python3-django|the project that shares MEDIA_ROOT with the archive"
  "python3-requests|the clients of the tests"
  "python3-cryptography|checks receipts and makes test certificates"
  "python3-pil|makes the pictures of the tests"
  "python3-numpy|makes the pixels of the tests"
  "python3-jsonschema|holds answers against the OpenAPI document"
  "python3-yaml|reads settings of the tests"
  "strace|shows which fsyncs precede an acknowledgement"
  "e2fsprogs|the ext4 images whose power is cut"
  "xfsprogs|the XFS images whose power is cut"
  "faketime|steps the clock under a server"
  "attr|shows the attributes of stored files"
  "eatmydata|the control run that must lose data"
  "nginx-light|the proxy in front, as an operator runs it"
  "python3-pip|installs the Django side as its users do"
  "python3-setuptools|builds it"
  "jq|reads JSON in the shell tests"
  "python3-tuspy|a client of resumable uploads that others wrote"
  "chromium|shows the viewer, as its users' browsers do"
)
# A real object store on loopback and the client that others use, for the tests labelled peer. About
# 250 MB; without them those tests say so and are skipped.
s3_packages=(
  "ceph-mon|the monitor of the object store"
  "ceph-osd|its disk, in memory"
  "radosgw|its S3 gateway"
  "python3-swift|another object store, stricter"
  "python3-boto3|signs, writes and reads beside us"
  "python3-django-storages-boto3|opens what we store, as the application does"
)
# Of npm, into build/npm, where the tests look for them. Where there is no npm, those tests say so
# and are skipped: the distribution's npm is 400 packages.
test_node_packages=(
  "tus-js-client@4.3.1|the client of resumable uploads in browsers"
  "dicomweb-client@0.11.3|the client of DICOMweb that viewers use"
  "xhr2@0.2.1|which it needs outside of a browser"
  "playwright-core@1.65.1|drives the browser that shows the viewer"
  "axe-core@4.14.1|finds what hinders people on our own pages"
)
# Of PyPI, into build/python, likewise; without pip those tests say so and are skipped.
test_python_packages=(
  "dicomweb-client==0.59.3|a client of DICOMweb that others wrote"
  "retrying==1.4.2|which it needs"
)
check_packages=(
  "clang-format-14/clang-format|the format; 14 is the version that it is defined by"
  "clang-tidy-14/clang-tidy|static analysis; 14 likewise"
)
fuzz_packages=(
  "clang|the compiler of the fuzzers"
  "libclang-rt-dev|libFuzzer and the sanitizers"
  "llvm|function names in what they report"
)
bench_packages=(
  "nginx-light|the reference for stored files"
  "wrk|the load for it"
  "libbenchmark-dev|small benchmarks"
  "orthanc|the reference for DICOMweb"
  "orthanc-dicomweb|its plug-in"
)

say() { printf 'install: %s\n' "$*"; }
fail() { printf 'install: %s\n' "$*" >&2; exit 1; }

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null || true)" = installed ]
}

candidate_of() {
  apt-cache policy "$1" 2>/dev/null | sed -n 's/^  Candidate: //p' | grep -vx '(none)' || true
}

check_distribution() {
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    fail "this needs apt (Debian 12, Debian 13 or Ubuntu 24.04). Elsewhere install by hand what" \
      "'tools/install_dependencies.sh' lists in its first lines; cmake names what it misses."
  fi
  local name
  name=$(. /etc/os-release && echo "${ID:-unknown} ${VERSION_ID:-}")
  case "$name" in
    "debian 12"|"debian 13"|"ubuntu 24.04") ;;
    *) say "$name is not one of Debian 12, Debian 13, Ubuntu 24.04; trying all the same" ;;
  esac
}

# Sets `as_root`: nothing for root, sudo for those who may use it.
find_root() {
  as_root=()
  [ "$(id -u)" -eq 0 ] && return
  command -v sudo >/dev/null ||
    fail "not root, and there is no sudo. Run as root: tools/install_dependencies.sh ${groups[*]}"
  as_root=(sudo)
  if ! sudo -n true 2>/dev/null; then
    [ -t 0 ] ||
      fail "sudo wants a password and nobody is there to type it. Run as root:" \
        "tools/install_dependencies.sh ${groups[*]}"
    say "sudo may ask for your password"
  fi
}

update_lists() {
  say "reading the package lists (apt-get update)"
  local log
  log=$(mktemp)
  # apt-get update ends with 0 even when it reached nobody; with Error-Mode=any it does not.
  if ! "${as_root[@]}" apt-get -q -o APT::Update::Error-Mode=any update >"$log" 2>&1 </dev/null; then
    sed 's/^/install:   /' "$log" >&2
    rm -f "$log"
    say "the package lists could not all be read (is there a network?); trying with those at hand" >&2
    return
  fi
  rm -f "$log"
}

# Installing nginx must not start a web server on this machine: while policy-rc.d answers 101, no
# package starts its service. One that is there already (containers have it) is left as it is.
policy=/usr/sbin/policy-rc.d
forbid_services() {
  [ -e "$policy" ] && return
  local text
  text=$(mktemp)
  printf '#!/bin/sh\n# Here only while pacs-lite installs what it needs.\nexit 101\n' >"$text"
  "${as_root[@]}" install -m 755 "$text" "$policy"
  rm -f "$text"
  trap '"${as_root[@]}" rm -f "$policy"' EXIT
}
# It does not stop the next boot from starting it, so a service that we brought is switched off.
keep_service_off() {
  local unit=$1
  command -v systemctl >/dev/null || return 0
  "${as_root[@]}" systemctl disable "$unit" >/dev/null 2>&1 || return 0
  say "the service $unit is installed for the tests and switched off"
}

# Sets `packages` (name|why) to what the groups name, each once.
collect() {
  packages=()
  local group entry
  local -A seen=()
  for group in "$@"; do
    local -n list="${group}_packages"
    for entry in "${list[@]}"; do
      [ -z "${seen[${entry%%|*}]:-}" ] || continue
      seen[${entry%%|*}]=1
      packages+=("$entry")
    done
  done
}

# Sets `missing` (name|why) to those that are not installed.
find_missing() {
  missing=()
  local entry name found
  for entry in "${packages[@]}"; do
    found=
    for name in $(tr / ' ' <<<"${entry%%|*}"); do
      is_installed "$name" && found=1
    done
    [ -n "$found" ] || missing+=("$entry")
  done
}

# The first of "a/b" that the lists have; the last one when they have none.
choose() {
  local name
  for name in $(tr / ' ' <<<"$1"); do
    [ -n "$(candidate_of "$name")" ] && break
  done
  echo "$name"
}

# All of them at once: npm takes away what an earlier call has put there.
install_node_packages() {
  local only_print=$1 entry name folder missing=() all=()
  folder="$(dirname "$0")/../build/npm"
  for entry in "${test_node_packages[@]}"; do
    name=${entry%%|*}
    all+=("$name")
    [ -d "$folder/node_modules/${name%@*}" ] || missing+=("$name (${entry#*|})")
  done
  [ "${#missing[@]}" -gt 0 ] || return 0
  if ! command -v npm >/dev/null || ! command -v node >/dev/null; then
    say "there is no npm: without ${missing[*]} some tests are skipped"
    return 0
  fi
  say "missing of npm: ${missing[*]}"
  [ -z "$only_print" ] || return 0
  mkdir -p "$folder"
  npm install --prefix "$folder" --no-save --no-package-lock --no-audit --no-fund --ignore-scripts \
    --loglevel=error "${all[@]}" >/dev/null </dev/null ||
    say "npm could not install ${all[*]}; some tests are skipped"
}

install_python_packages() {
  local only_print=$1 entry name folder
  folder="$(dirname "$0")/../build/python"
  for entry in "${test_python_packages[@]}"; do
    name=${entry%%|*}
    compgen -G "$folder/$(tr - _ <<<"${name%==*}")-${name#*==}.dist-info" >/dev/null && continue
    if ! /usr/bin/python3 -m pip --version >/dev/null 2>&1; then
      say "there is no pip: without ${name%==*} (${entry#*|}) some tests are skipped"
      continue
    fi
    say "missing of PyPI: $name (${entry#*|})"
    [ -z "$only_print" ] || continue
    # Without what it depends on: that is of the distribution, in the versions that tests are written for.
    /usr/bin/python3 -m pip install --quiet --no-deps --no-input --disable-pip-version-check \
      --root-user-action=ignore --target "$folder" "$name" </dev/null ||
      say "pip could not install $name; some tests are skipped"
  done
}

main() {
  local only_print=
  groups=()
  local argument
  for argument in "$@"; do
    case "$argument" in
      --print) only_print=1 ;;
      build|test|s3|check|fuzz|bench) groups+=("$argument") ;;
      *) sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
    esac
  done
  [ ${#groups[@]} -gt 0 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }

  check_distribution
  collect "${groups[@]}"
  find_missing
  case " ${groups[*]} " in
    *" test "*)
      install_node_packages "$only_print"
      install_python_packages "$only_print"
      ;;
  esac
  if [ ${#missing[@]} -eq 0 ]; then
    say "all that ${groups[*]} needs is there"
    return
  fi

  if [ -z "$only_print" ]; then
    find_root
    update_lists
  fi
  local names=() entry name had_nginx='' had_ceph=''
  is_installed nginx-common && had_nginx=1
  is_installed ceph-base && had_ceph=1
  say "missing for ${groups[*]}: ${#missing[@]}"
  for entry in "${missing[@]}"; do
    name=$(choose "${entry%%|*}")
    names+=("$name")
    printf 'install:   %-24s %s\n' "$name" "${entry#*|}"
  done
  if [ -n "$only_print" ]; then return; fi

  forbid_services
  say "installing ${#names[@]} packages and what they need; this can take some minutes"
  local log
  log=$(mktemp)
  # --no-remove: a conflict must stop us, not take something off the machine. Acquire::Retries: a
  # mirror that drops one connection in two hundred must not.
  if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends \
    --no-remove -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 install "${names[@]}" \
    >"$log" 2>&1 </dev/null; then
    grep -E '^(E|W|Err):|^ .*(Conflicts|Breaks|Depends)' "$log" >&2 || tail -n 20 "$log" >&2
    fail "apt-get could not install them, for the reason above (all of it: $log). Without a" \
      "network, install the packages listed above from your mirror."
  fi
  rm -f "$log"
  if [ -z "$had_nginx" ] && is_installed nginx-common; then keep_service_off nginx.service; fi
  if [ -z "$had_ceph" ] && is_installed ceph-base; then
    keep_service_off ceph-crash.service
    keep_service_off ceph.target
  fi
  say "done"
}

main "$@"
