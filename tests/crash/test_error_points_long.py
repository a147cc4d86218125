# labels: long crash
# timeout: 5400
"""Each error of each call that can fail, and each single allocation, once in each kind of request."""
import errno

import pytest

import ingest_kinds
from test_error_points import check_allocations, check_errors, check_short_writes

# The errors are those that the call is known to return on a disk that is full, broken or out of descriptors.
ERRORS = (
    ("sync", errno.EIO), ("sync", errno.ENOSPC),
    ("write", errno.EIO), ("write", errno.ENOSPC),
    ("link", errno.EIO), ("link", errno.ENOSPC), ("link", errno.EMLINK),
    ("open", errno.EMFILE), ("open", errno.ENFILE), ("open", errno.EIO), ("open", errno.ENOSPC),
    ("make_folder", errno.ENOSPC), ("make_folder", errno.EDQUOT),
    ("attribute", errno.ENOSPC), ("attribute", errno.EOPNOTSUPP), ("attribute", errno.EIO),
    ("mode", errno.EIO), ("rename", errno.EIO), ("unlink", errno.EIO), ("truncate", errno.EIO),
    ("send", errno.ECONNRESET), ("receive", errno.ECONNRESET),
)


@pytest.mark.parametrize("kind", ingest_kinds.ALL_KINDS)
def test_every_error_point(tmp_path, kind, tell):
    reached = check_errors(tmp_path, kind, ERRORS, tell)
    if kind is ingest_kinds.OneStepUpload:
        assert reached >= {"sync", "write", "link", "open", "send"}, f"an upload makes these calls: {reached}"
    assert "sync" in reached


@pytest.mark.parametrize("kind", ingest_kinds.ALL_KINDS)
def test_every_write_takes_half(tmp_path, kind, tell):
    check_short_writes(tmp_path, kind, 1, tell)


@pytest.mark.parametrize("kind", ingest_kinds.KINDS)
def test_every_allocation_fails(tmp_path, kind, tell):
    check_allocations(tmp_path, kind, 1, tell)
