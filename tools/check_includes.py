#!/usr/bin/python3
"""Reads every .cc file by itself, without precompiled headers: a forgotten include is an error.

Usage: tools/check_includes.py [FILE…]      about five minutes on 2 cores; FILEs limit the run

Of the preset `dev`, which is configured for it; the data dictionary is built, since a source includes it.
Exit code 1 when a file does not compile alone, 2 when it could not run.
"""

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PRECOMPILED = re.compile(r" -Winvalid-pch| -fpch-preprocess| -include \S*cmake_pch\.hxx")
OUTPUT = re.compile(r" -o \S+")


def main(arguments: list) -> int:
    wanted = {Path(name).resolve() for name in arguments}
    for command in (["cmake", "--preset", "dev"], ["cmake", "--build", "--preset", "dev", "--target", "dicom_dictionary"]):
        if subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL).returncode != 0:
            return 2
    entries = json.loads((ROOT / "build/dev/compile_commands.json").read_text())
    # Generated ones are nobody's to mend.
    sources = [entry for entry in entries if ROOT / "build" not in Path(entry["file"]).parents]
    entries = [entry for entry in sources if not wanted or Path(entry["file"]).resolve() in wanted]
    if not entries:
        print("check_includes: no such file in build/dev/compile_commands.json", file=sys.stderr)
        return 2

    def stands_alone(entry) -> bool:
        command = OUTPUT.sub("", PRECOMPILED.sub(" ", entry["command"])) + " -fsyntax-only -w"
        done = subprocess.run(
            command, shell=True, cwd=entry["directory"], stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        if done.returncode != 0:
            print(f"{os.path.relpath(entry['file'], ROOT)} does not compile by itself:\n{done.stderr}", flush=True)
        return done.returncode == 0

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        bad = sum(not alone for alone in pool.map(stands_alone, entries))
    print(f"{len(entries)} sources read one by one, {bad} do not compile alone")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
