#!/usr/bin/python3
"""Runs clang-tidy over every .cc file of src/ but the tests, one process a core, each finding an error.

Usage: tools/run_clang_tidy.py BUILD_DIR [FILE…]

The build folder gives compile_commands.json; FILEs limit the run. Where many sources are one unit
(PACS_LITE_UNITY), so are they here, in a fifth of the time; in the preset `dev` each is read by itself.
A unit that was clean stays clean until it, what it includes of ours, its compile command, .clang-tidy
or clang-tidy changes: that is remembered under $XDG_CACHE_HOME/pacs-lite/clang-tidy (else ~/.cache). Exit code 1 on any finding,
2 when it could not run.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Optional

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "src"
# .clang-tidy is written for this version; another one has other checks under the same names.
VERSION = 14
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.M)
# What GCC precompiled is no use to Clang, and would hide an include that a file forgets.
PRECOMPILED = re.compile(r" -Winvalid-pch| -fpch-preprocess| -include \S*cmake_pch\.hxx")
# Warnings are the compiler's business, which is GCC: Clang's must not become findings.
ARGUMENTS = ["--quiet", "--extra-arg=-Wno-error", "--extra-arg=-Wno-unknown-warning-option"]


def find_program() -> Optional[str]:
    for name in (f"clang-tidy-{VERSION}", "clang-tidy"):
        path = shutil.which(name)
        if path:
            return path
    return None


def version_of(program: str) -> str:
    text = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    return re.search(r"version ([\d.]+)", text).group(1)


class Clean:
    """Remembers, by a hash of all that can change the outcome, which files had no finding."""

    def __init__(self, basis: bytes) -> None:
        home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
        self._folder = Path(home) / "pacs-lite" / "clang-tidy"
        self._basis = basis
        self._texts: dict = {}

    def _read(self, path: Path) -> bytes:
        if path not in self._texts:
            self._texts[path] = path.read_bytes() if path.is_file() else b""
        return self._texts[path]

    def key(self, file: Path, command: str) -> str:
        digest = hashlib.sha256(self._basis + command.encode())
        seen, waiting = set(), [file]
        while waiting:
            path = waiting.pop()
            if path in seen:
                continue
            seen.add(path)
            for name in INCLUDE.findall(self._read(path).decode("utf-8", "replace")):
                for folder in (SOURCES, ROOT, path.parent):
                    if (folder / name).is_file():
                        waiting.append(folder / name)
                        break
        for path in sorted(seen):
            digest.update(f"\n{path}\n".encode() + self._read(path))
        return digest.hexdigest()

    def knows(self, key: str) -> bool:
        return (self._folder / key).is_file()

    def remember(self, key: str) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / key).touch()
        except OSError:
            pass  # nowhere to remember it: the next run looks again


def is_looked_at(file: Path, build: Path) -> bool:
    if file.parent.name == "Unity":
        return build / "src" in file.parents and not file.parent.parent.name.endswith("_test.dir")
    return SOURCES in file.parents and not file.name.endswith("_test.cc")


def main(arguments: list) -> int:
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    build = Path(arguments[0]).resolve()
    wanted = {Path(name).resolve() for name in arguments[1:]}
    program = find_program()
    if program is None:
        print("clang-tidy: not installed (tools/install_dependencies.sh check)", file=sys.stderr)
        return 2
    version = version_of(program)
    if version.split(".")[0] != str(VERSION):
        print(f"clang-tidy: {version} is here, the checks are written for {VERSION}: NOT CHECKED")
        return 0
    try:
        database = json.loads((build / "compile_commands.json").read_text())
    except OSError as error:
        print(f"clang-tidy: {error}; build first", file=sys.stderr)
        return 2

    for entry in database:
        entry["command"] = PRECOMPILED.sub(" ", entry["command"])
    clean = Clean((ROOT / ".clang-tidy").read_bytes() + version.encode() + str(ARGUMENTS).encode())
    todo, remembered = [], 0
    for entry in database:
        file = Path(entry["directory"], entry["file"]).resolve()
        if not is_looked_at(file, build) or (wanted and file not in wanted):
            continue
        key = clean.key(file, entry["command"])
        if clean.knows(key):
            remembered += 1
        else:
            todo.append((file, key))
    if not todo and not remembered:
        print(f"clang-tidy: no file of src/ in {build}/compile_commands.json", file=sys.stderr)
        return 2

    folder = tempfile.TemporaryDirectory()
    Path(folder.name, "compile_commands.json").write_text(json.dumps(database))

    def look(item) -> bool:
        file, key = item
        done = subprocess.run(
            [program, "-p", folder.name, *ARGUMENTS, str(file)],
            capture_output=True, text=True, stdin=subprocess.DEVNULL,
        )
        if done.returncode == 0 and ": warning: " not in done.stdout:
            clean.remember(key)
            return True
        print(f"{done.stdout}{done.stderr if done.returncode < 0 else ''}", end="", flush=True)
        print(f"clang-tidy: {os.path.relpath(file, ROOT)} has findings", flush=True)
        return False

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        bad = sum(not is_clean for is_clean in pool.map(look, todo))
    print(f"clang-tidy {version}: {len(todo)} units looked at, {remembered} unchanged since they"
          f" were clean, {bad} with findings")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
