#!/usr/bin/env python3
"""Runs one pytest file for ctest: `run_pytest.py FILE JUNIT_XML`. Exits 77, which ctest takes for
skipped, when every test of the file was skipped, and says why."""
import subprocess
import sys
import xml.etree.ElementTree

SKIPPED = 77


def main() -> int:
    file, junit_xml = sys.argv[1:3]
    code = subprocess.call([sys.executable, "-m", "pytest", "-q", "-rs", "-x", "-p", "no:cacheprovider",
                            "-o", "junit_family=xunit1",  # the one that has lines of a test's own
                            f"--junitxml={junit_xml}", file])
    if code != 0:
        return 1  # also 5, no test at all: a file without tests is a mistake
    suite = xml.etree.ElementTree.parse(junit_xml).getroot().find("testsuite")
    if suite.get("tests") == suite.get("skipped"):
        return SKIPPED
    return 0


if __name__ == "__main__":
    sys.exit(main())
