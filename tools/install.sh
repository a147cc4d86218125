#!/usr/bin/env bash
# Builds and installs the program, its unit, example settings and documents.
#
#   PREFIX=/usr/local DESTDIR= tools/install.sh
#
# Starts and enables nothing; it says at the end what is left to do.
set -euo pipefail
cd "$(dirname "$0")/.."
prefix=${PREFIX:-/usr/local}

tools/install_dependencies.sh build
cmake --preset release -DCMAKE_INSTALL_PREFIX="$prefix"
cmake --build --preset release --target pacs-lite
DESTDIR=${DESTDIR:-} cmake --install build/release --strip
cat <<TXT

Installed below ${DESTDIR:-}$prefix. To run it as a service:
  useradd --system --home-dir /var/lib/pacs-lite --shell /usr/sbin/nologin pacs-lite
  install -D -m 640 -g pacs-lite $prefix/share/pacs-lite/pacs-lite.toml /etc/pacs-lite/pacs-lite.toml
  ln -s $prefix/lib/systemd/system/pacs-lite.service /etc/systemd/system/
  systemctl enable --now pacs-lite
TXT
