# labels: crash
# timeout: 120
"""Uploads by every way leave neither memory nor descriptors behind (the long form: 10,000 of them)."""
from leaks import check_uploads


def test_uploads_leave_nothing_behind(tmp_path, tell):
    check_uploads(tmp_path, tell, warm_up=300, cycles=600, growth_bytes_max=3 << 20)  # 5 kB an image would be seen
