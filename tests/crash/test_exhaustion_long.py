# labels: long crash root
# timeout: 1800
"""Two gigabytes through 256 megabytes of memory."""
from test_exhaustion import check_memory


def test_little_memory(tmp_path, tell):
    check_memory(tmp_path, 2 << 30, tell)
