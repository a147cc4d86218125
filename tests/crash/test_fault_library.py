# labels: crash
# timeout: 120
"""The library sees every call that strace sees: a call that it missed would be a crash point that nobody tried."""
import collections
import os
import random
import re
import shutil
import subprocess
import sys
import time

import pytest

import faults
import ingest_kinds
from crash_server import CrashServer
from power_cuts import seed_of_run

AS_STRACE_CALLS_THEM = {
    "openat": "open", "openat2": "open", "open": "open", "creat": "open", "fsync": "sync", "fdatasync": "sync",
    "sync_file_range": "sync", "syncfs": "sync", "linkat": "link", "link": "link", "rename": "rename",
    "renameat": "rename", "renameat2": "rename", "unlink": "unlink", "unlinkat": "unlink", "rmdir": "unlink",
    "mkdir": "make_folder", "mkdirat": "make_folder", "ftruncate": "truncate", "truncate": "truncate",
    "fallocate": "truncate", "fsetxattr": "attribute", "setxattr": "attribute", "fchmod": "mode", "pwrite64": "write",
    "pwritev": "write", "pwritev2": "write", "sendto": "send", "sendmsg": "send", "pread64": "read",
    "sendfile": "read",
}
ATTACH_SECONDS = 10


def attached(pid: int) -> bool:
    with open(f"/proc/{pid}/status") as file:
        return "TracerPid:\t0" not in file.read()


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
@pytest.mark.parametrize("kind", (ingest_kinds.OneStepUpload, ingest_kinds.OfflineUpload, ingest_kinds.Removal))
def test_the_library_misses_no_call(tmp_path, kind):
    control = faults.Faults(tmp_path)
    trace = tmp_path / "trace"
    with CrashServer(tmp_path, tmp_path, **control.settings) as server:
        client = server.client()
        ingest = kind(random.Random(seed_of_run()))
        ingest.prepare(client)
        control.arm(faults.COUNT, [call for call in faults.CALLS if call != "memory"])
        tracer = subprocess.Popen(["strace", "-f", "-p", str(server.pid), "-o", str(trace)], stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + ATTACH_SECONDS
        while not attached(server.pid) and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.3)  # its threads as well
        ingest.act(client)
        tracer.terminate()
        tracer.wait(20)
        seen = control.counts()
        control.off()
    traced = collections.Counter()
    for line in trace.read_text(errors="replace").splitlines():
        call = re.match(r"\d+\s+(\w+)\(", line)
        if call and call.group(1) in AS_STRACE_CALLS_THEM:
            traced[AS_STRACE_CALLS_THEM[call.group(1)]] += 1
    assert traced["sync"] >= 2 and traced["write"] > 0, f"strace saw nothing: {traced}"
    # The library counts from before strace is there: what it has not seen it has missed.
    missed = {call: (count, seen[call]) for call, count in traced.items() if seen[call] < count}
    assert not missed, f"calls as strace counts them and as the library does: {missed}"


def test_half_a_write_is_half_a_write(tmp_path):
    """A library that only says so would show nothing."""
    control = faults.Faults(tmp_path)
    control.arm(faults.SHORTEN, ("write",), path_holds="written")
    program = "import os; print(os.write(os.open('written', os.O_CREAT | os.O_WRONLY), b'0123456789'))"
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=os.environ | control.settings,
                          capture_output=True, text=True, check=True)
    assert done.stdout == "5\n" and (tmp_path / "written").read_bytes() == b"01234"
