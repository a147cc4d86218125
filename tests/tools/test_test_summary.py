# labels: unit
"""tools/test_summary.py counts cases, and never calls a run good that was not."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "test_summary.py"

GTEST = """<?xml version="1.0"?><testsuites tests="3"><testsuite name="Uid">
<testcase name="Parses" status="run" result="completed" classname="Uid"/>
<testcase name="Refuses" status="run" result="completed" classname="Uid">{body}</testcase>
<testcase name="Corpus" status="run" result="skipped" classname="Uid"><skipped message="no"/></testcase>
</testsuite></testsuites>"""
PYTEST = """<?xml version="1.0"?><testsuites><testsuite name="pytest" tests="{n}" skipped="{s}">
{cases}</testsuite></testsuites>"""


class Run:
    """A build folder as ctest leaves it behind."""

    def __init__(self, folder):
        self.build = folder
        (folder / "Testing" / "gtest").mkdir(parents=True)
        self.entries = []

    def entry(self, name, status="run", seconds=60.0, output="", command=None, labels=("unit",)):
        self.entries.append((name, status, seconds, output, command or [f"/b/{name}"], labels))
        return self

    def file(self, name, text):
        (self.build / "Testing" / name).write_text(text)
        return self

    def summarise(self):
        cases = "".join(
            f'<testcase name="{name}" time="{seconds}" status="{status}">'
            f"<system-out>{output}</system-out></testcase>"
            for name, status, seconds, output, _, _ in self.entries
        )
        self.file("ctest.xml", f'<?xml version="1.0"?><testsuite name="x">{cases}</testsuite>')
        self.file("ctest-list.json", json.dumps({"tests": [
            {"name": name, "command": command,
             "properties": [{"name": "LABELS", "value": list(labels)}]}
            for name, _, _, _, command, labels in self.entries
        ]}))
        counts = self.build / "counts"
        done = subprocess.run(
            [sys.executable, str(SCRIPT), str(self.build), "--counts", str(counts)],
            capture_output=True, text=True,
        )
        assert done.stderr == ""
        lines = done.stdout.splitlines()
        numbers, *failures = counts.read_text().splitlines()
        assert numbers.split() == [word for word in lines[-1].split() if word.isdigit()]
        assert failures == lines[len(lines) - 1 - len(failures):-1], "what failed, as it was printed"
        return done.returncode, lines


@pytest.fixture
def run(tmp_path):
    return Run(tmp_path)


def test_the_cases_of_a_program_are_counted(run):
    run.entry("dicom_test").file("gtest/dicom_test.xml", GTEST.format(body=""))
    code, lines = run.summarise()
    assert (code, lines[-1]) == (0, "2 passed, 0 failed, 1 skipped")


def test_a_failed_case_is_named(run):
    run.entry("dicom_test", "fail")
    run.file("gtest/dicom_test.xml", GTEST.format(body='<failure message="no"/>'))
    code, lines = run.summarise()
    assert (code, lines[-1]) == (1, "1 passed, 1 failed, 1 skipped")
    assert lines[-3:-1] == ["FAILED dicom_test: Uid.Refuses", "    no"], "its name and what it said, at the end"


def test_a_program_that_died_fails_whatever_it_had_written(run):
    run.entry("dicom_test", "fail").file("gtest/dicom_test.xml", GTEST.format(body=""))
    run.entry("http_test", "fail")
    run.entry("index_test", "fail").file("gtest/index_test.xml", "<testsuites><tests")
    code, lines = run.summarise()
    assert (code, lines[-1]) == (1, "2 passed, 3 failed, 1 skipped")


def test_a_pytest_file_is_counted_where_its_command_says(run, tmp_path):
    xml = tmp_path / "Testing" / "e2e.test_kill.xml"
    run.entry("e2e/test_kill", command=["python3", "run_pytest.py", "test_kill.py", str(xml)])
    run.file("e2e.test_kill.xml", PYTEST.format(n=2, s=0, cases=(
        '<testcase classname="t" name="a"/><testcase classname="t" name="b"/>')))
    assert run.summarise()[1][-1] == "2 passed, 0 failed, 0 skipped"


def test_a_file_that_skips_as_a_whole_counts_its_cases_as_skipped(run, tmp_path):
    xml = tmp_path / "Testing" / "e2e.test_peer.xml"
    run.entry("e2e/test_peer", "notrun", command=["python3", "run_pytest.py", "x.py", str(xml)])
    run.file("e2e.test_peer.xml", PYTEST.format(n=1, s=1, cases=(
        '<testcase classname="t" name="a"><skipped message="no peer"/></testcase>')))
    assert run.summarise()[1][-1] == "0 passed, 0 failed, 1 skipped"


def test_what_could_not_be_started_failed(run):
    run.entry("http_test", "notrun")
    code, lines = run.summarise()
    assert (code, lines[-1]) == (1, "0 passed, 1 failed, 0 skipped")


def test_unittest_is_read_from_its_last_lines(run):
    run.entry("faults.Order", output="a ... ok\n-----\nRan 4 tests in 1.2s\n\nOK (skipped=1)\n")
    run.entry("faults.Crash", "fail",
              output="Ran 3 tests in 1s\n\nFAILED (failures=1, errors=1)\n")
    assert run.summarise()[1][-1] == "4 passed, 2 failed, 1 skipped"


def test_an_entry_that_counts_nothing_is_one_case(run):
    run.entry("a_script")
    assert run.summarise()[1][-1] == "1 passed, 0 failed, 0 skipped"


def test_a_run_of_nothing_is_not_good(run):
    code, lines = run.summarise()
    assert (code, lines[-1]) == (1, "0 passed, 0 failed, 0 skipped")


def test_minutes_stand_under_each_label(run):
    run.entry("a", seconds=90.0, labels=("unit",)).entry("b", seconds=30.0, labels=("unit", "root"))
    lines = run.summarise()[1]
    assert [line.split()[:2] for line in lines[1:3]] == [["unit", "2.0"], ["root", "0.5"]]
