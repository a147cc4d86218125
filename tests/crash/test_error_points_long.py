# labels: long crash
# timeout: 3600
"""Each single allocation of each kind of request fails once."""
import pytest

import ingest_kinds
from test_error_points import check_allocations


@pytest.mark.parametrize("kind", ingest_kinds.KINDS)
def test_every_allocation_fails(tmp_path, kind, tell):
    check_allocations(tmp_path, kind, 1, tell)
