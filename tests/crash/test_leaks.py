# labels: crash
# timeout: 120
"""Uploads by every way leave neither memory nor descriptors behind (the long form: 10,000 of them)."""
import time

from crash_server import CrashServer
from leaks import INDEX_CONNECTIONS_MAX, Held, run_cycles
from power_cuts import seed_of_run

WARM_UP = 300
CYCLES = 600
GROWTH_BYTES_MAX = 3 << 20  # 5 kB an image would be seen


def test_uploads_leave_nothing_behind(tmp_path, tell):
    with CrashServer(tmp_path, tmp_path) as server:
        run_cycles(server, WARM_UP, seed_of_run())
        time.sleep(0.5)
        before = Held.by(server)
        run_cycles(server, CYCLES, seed_of_run())
        time.sleep(0.5)
        after = Held.by(server)
        tell(f"{CYCLES} uploads: resident {before.resident_bytes >> 10} kB before and {after.resident_bytes >> 10} kB after; "
             f"the index, which is kept in memory, grew by {(after.index_bytes - before.index_bytes) >> 10} kB")
        assert after.grown_since(before) < GROWTH_BYTES_MAX
        assert after.descriptors == before.descriptors
        assert after.index_connections <= INDEX_CONNECTIONS_MAX
