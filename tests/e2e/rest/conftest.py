import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from checked_api import CheckedApi  # noqa: E402


@pytest.fixture(scope="module")
def admin(shared_server):
    return CheckedApi(shared_server, shared_server.token)


@pytest.fixture(scope="module")
def technician(admin):
    """Reads and uploads, as the application's radiology technician does."""
    return admin.as_(admin.make_token("reader", "uploader"))


@pytest.fixture(scope="module")
def reader(admin):
    return admin.as_(admin.make_token("reader"))


@pytest.fixture(scope="module")
def anybody(admin):
    return admin.as_(None)
