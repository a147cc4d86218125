"""The crash suite speaks to a real server through what the end-to-end tests use."""
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
for folder in (HERE.parent / "e2e", HERE):
    sys.path.insert(0, str(folder))


@pytest.fixture
def tell(record_property):
    """A line about what was shown; tools/test_summary.py prints it when all has run."""
    def telling(line: str) -> None:
        print(line)
        record_property("shown", line)
    return telling
