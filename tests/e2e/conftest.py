import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from archive_server import ArchiveServer  # noqa: E402


@pytest.fixture
def server(tmp_path):
    """A fresh archive of this test's own."""
    with ArchiveServer(tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory):
    """One archive for the tests of a file that do not get in each other's way."""
    with ArchiveServer(tmp_path_factory.mktemp("archive")) as running:
        yield running
