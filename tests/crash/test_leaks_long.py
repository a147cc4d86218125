# labels: crash long
# timeout: 900
"""10,000 uploads by every way leave neither memory nor descriptors behind."""
from leaks import check_uploads


def test_uploads_leave_nothing_behind(tmp_path, tell):
    # Readers have 4 MiB of the index each; 1.2 kB an image would be seen.
    check_uploads(tmp_path, tell, warm_up=2000, cycles=10000, growth_bytes_max=12 << 20)
