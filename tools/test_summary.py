#!/usr/bin/python3
"""Adds up what a run of ctest did, case by case, and prints the minutes of each label.

Usage: tools/test_summary.py BUILD_DIR [--counts FILE]

ctest knows its entries: a program of many GoogleTest cases, a pytest file, a unittest class. The cases
are read from what those write beside it: Testing/gtest/PROGRAM.xml, Testing/FILE.xml, the last lines
of unittest. An entry that failed without naming a case (a crash, a timeout) counts as one failure.
--counts also writes "PASSED FAILED SKIPPED" to FILE, and what failed below it. Exit code 1 when anything failed or nothing ran.
"""

import argparse
import json
import re
import sys
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Counts:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def add(self, other: "Counts") -> None:
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def line(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


@dataclass
class Entry:
    """One test as ctest ran it."""

    name: str
    seconds: float
    status: str  # run, fail, notrun, disabled
    output: str
    counts: Counts = field(default_factory=Counts)
    failures: list = field(default_factory=list)
    reasons: set = field(default_factory=set)  # why cases were skipped
    shown: list = field(default_factory=list)  # lines that tests of the crash suite leave about what they showed


def why(case: ElementTree.Element) -> str:
    """The first lines of what the failed case said, indented below its name."""
    said = next(child.get("message") or child.text or "" for child in case if child.tag in ("failure", "error"))
    lines = [line for line in said.splitlines() if line.strip()][:6]
    return "".join(f"\n    {line.strip()[:300]}" for line in lines)


def cases_of(xml: Path, entry: Entry) -> None:
    """The cases of a JUnit file, as GoogleTest and pytest write it."""
    for case in ElementTree.parse(xml).getroot().iter("testcase"):
        children = {child.tag for child in case}
        entry.shown += [p.get("value") for p in case.iter("property") if p.get("name") == "shown"]
        if children & {"failure", "error"}:
            entry.counts.failed += 1
            entry.failures.append(f"{case.get('classname')}.{case.get('name')}{why(case)}")
        elif "skipped" in children or case.get("result") in ("skipped", "suppressed"):
            entry.counts.skipped += 1
            skipped = case.find("skipped")
            if skipped is not None and skipped.get("message"):
                entry.reasons.add(skipped.get("message").splitlines()[0])
        else:
            entry.counts.passed += 1


def unittest_cases(output: str, entry: Entry) -> bool:
    """The cases that Python's unittest counts in its last lines; False when it said nothing."""
    ran = re.search(r"^Ran (\d+) tests? in ", output, re.M)
    if not ran:
        return False
    numbers = dict(re.findall(r"(failures|errors|skipped)=(\d+)", output[ran.end():]))
    entry.counts.skipped = int(numbers.get("skipped", 0))
    entry.counts.failed = int(numbers.get("failures", 0)) + int(numbers.get("errors", 0))
    entry.counts.passed = int(ran.group(1)) - entry.counts.skipped - entry.counts.failed
    return True


def case_file(build: Path, command: list) -> Path:
    """Where this entry's runner wrote its cases: named in the command, else after the program."""
    for word in command:
        if word.endswith(".xml"):
            return Path(word)
    return build / "Testing" / "gtest" / f"{Path(command[0]).name}.xml"


def count(entry: Entry, build: Path, command: list) -> None:
    xml = case_file(build, command)
    if entry.status in ("notrun", "disabled"):
        # Skipped by its exit code, which is how a whole file says so, or never started.
        if xml.is_file():
            cases_of(xml, entry)
        elif entry.output.strip() or entry.status == "disabled":
            entry.counts.skipped = 1
        else:
            entry.counts.failed = 1
            entry.failures.append("could not be started")
        return
    known = False
    if xml.is_file():
        try:
            cases_of(xml, entry)
            known = True
        except ElementTree.ParseError:
            pass  # the program died while it wrote
    if not known:
        known = unittest_cases(entry.output, entry)
    if entry.status == "fail" and entry.counts.failed == 0:
        entry.counts.failed = 1
        entry.failures.append("ended without naming a failed case")
    elif not known:
        entry.counts.passed = 1


def entries_of(build: Path) -> list:
    result = []
    for case in ElementTree.parse(build / "Testing" / "ctest.xml").getroot().iter("testcase"):
        output = "".join(child.text or "" for child in case if child.tag == "system-out")
        result.append(
            Entry(case.get("name"), float(case.get("time") or 0), case.get("status"), output)
        )
    return result


def report(entries: list, labels: dict) -> Counts:
    minutes = defaultdict(float)
    by_label = defaultdict(Counts)
    total = Counts()
    for entry in entries:
        total.add(entry.counts)
        for label in labels.get(entry.name, []) or ["(none)"]:
            minutes[label] += entry.seconds / 60
            by_label[label].add(entry.counts)
    print(f"{'label':<14}{'minutes':>8}  cases (an entry counts under each of its labels)")
    for label in sorted(minutes, key=minutes.get, reverse=True):
        print(f"{label:<14}{minutes[label]:>8.1f}  {by_label[label].line()}")
    slowest = sorted(entries, key=lambda entry: -entry.seconds)[:5]
    print("slowest: " + ", ".join(f"{e.name} {e.seconds:.0f} s" for e in slowest))
    for entry in entries:
        for line in entry.shown:
            print(f"shown by {entry.name}: {line}")
    for entry in entries:
        for reason in sorted(entry.reasons):
            print(f"SKIPPED {entry.name}: {reason}")
    return total


def failures_of(entries: list) -> list:
    return [f"FAILED {entry.name}: {failure}" for entry in entries for failure in entry.failures]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=Path)
    parser.add_argument("--counts", type=Path)
    arguments = parser.parse_args()

    listing = json.loads((arguments.build / "Testing" / "ctest-list.json").read_text())
    commands, labels = {}, {}
    for test in listing["tests"]:
        commands[test["name"]] = test.get("command") or [test["name"]]
        for item in test.get("properties", []):
            if item["name"] == "LABELS":
                labels[test["name"]] = item["value"]
    entries = entries_of(arguments.build)
    for entry in entries:
        count(entry, arguments.build, commands.get(entry.name, [entry.name]))
    total = report(entries, labels)
    failures = failures_of(entries)
    for failure in failures:
        print(failure)
    if arguments.counts:
        numbers = f"{total.passed} {total.failed} {total.skipped}"
        arguments.counts.write_text("\n".join([numbers, *failures]) + "\n")
    print(total.line())
    return 1 if total.failed or not (total.passed or total.skipped) else 0


if __name__ == "__main__":
    sys.exit(main())
