# labels: unit
"""tools/check_try.py finds PACS_TRY in each kind of braced list, and in nothing else."""

import importlib.util
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "check_try.py"

specification = importlib.util.spec_from_file_location("check_try", SCRIPT)
check_try = importlib.util.module_from_spec(specification)
specification.loader.exec_module(check_try)


@pytest.mark.parametrize(
    "code",
    [
        "Pair pair{name, PACS_TRY(read())};",
        "Pair pair { .first = f(g()), .second = PACS_TRY(read()) };",
        "return Pair{PACS_TRY(read()), 1};",
        "list.push_back({id, PACS_TRY(read(row))});",
        "const Pair pair = {{1, 2}, f(PACS_TRY(read()))};",
    ],
)
def test_a_braced_list_is_found(code):
    assert list(check_try.braced_uses(f"void f() {{\n  {code}\n}}\n")) == [2]


@pytest.mark.parametrize(
    "code",
    [
        "const auto value = PACS_TRY(read());",
        "PACS_TRY(read());",
        "if (more) { PACS_TRY(read()); }",
        "for (;;) { call({1, 2}); PACS_TRY(read({3})); }",
        "auto later = [&]() -> Result<void> { PACS_TRY(read()); return {}; };",
        "auto later = [&] { return f(PACS_TRY(read())); };",
        "else { PACS_TRY(read()); }",
        "// Pair{PACS_TRY(read())}",
        'say("{PACS_TRY(", 1);',
    ],
)
def test_statements_are_not(code):
    assert list(check_try.braced_uses(f"Result<void> f() {{\n  {code}\n}}\n")) == []


def test_the_command_names_file_and_line(tmp_path):
    source = tmp_path / "src" / "core" / "pair.cc"
    source.parent.mkdir(parents=True)
    source.write_text("Result<Pair> f() {\n  return Pair{\n    PACS_TRY(read())};\n}\n")
    run = subprocess.run([SCRIPT, tmp_path], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "src/core/pair.cc:3:" in run.stdout


def test_nothing_to_check_is_no_success(tmp_path):
    assert subprocess.run([SCRIPT, tmp_path], capture_output=True, check=False).returncode == 2
