# labels: crash root
# timeout: 900
"""The server dies at each system call of each kind of request, one after the other, and comes back whole.
Where the machine allows it, the power is cut at the same moment; without that it is kill -9 alone."""
import collections
import random

import pytest

import ingest_kinds
import loop_image
from crash_points import kill_at_every_point
from power_cuts import seed_of_run

# The short form cuts the power in the requests that write most; the long form in all, on both filesystems.
CUT = (ingest_kinds.OneStepUpload, ingest_kinds.Removal)
# What comes out of the trash writes to the index alone, and often: the long form has it.
SHORT_KINDS = tuple(kind for kind in ingest_kinds.KINDS
                    if kind not in (ingest_kinds.Restore, ingest_kinds.ResendOfTrashed))


def told(how: str, kind, points) -> str:
    calls = ", ".join(f"{call} {count}" for call, count in collections.Counter(points).most_common())
    return f"{how}, {kind.__name__}: died at each of {len(points)} calls ({calls}), nothing lost"


def check_points(how, kind, points, tell) -> None:
    tell(told(how, kind, points))
    if kind is ingest_kinds.BackgroundPurge:
        assert {"open", "write", "sync", "unlink"} <= set(points), "a purge makes these calls"
        return
    assert "receive" in points, "no call was reached: is the library loaded?"
    if kind in (ingest_kinds.OneStepUpload, ingest_kinds.OfflineUpload, ingest_kinds.UploadIntoStudy):
        assert {"open", "write", "sync", "link", "send"} <= set(points), "an upload makes these calls"
        assert points.count("sync") >= 3, "file, folder and row"
    if kind in (ingest_kinds.Removal, ingest_kinds.RemovalForGood):
        assert {"write", "sync", "rename", "send"} <= set(points), "a removal makes these calls"
    if kind in (ingest_kinds.Restore, ingest_kinds.ResendOfTrashed):
        assert {"write", "sync", "unlink", "send"} <= set(points), "it takes its tombstone away"


@pytest.mark.parametrize("kind", SHORT_KINDS)
def test_kill_at_every_system_call(tmp_path, kind, tell):
    points = kill_at_every_point(tmp_path, tmp_path, None, kind, random.Random(seed_of_run()))
    check_points("kill -9", kind, points, tell)


@pytest.mark.parametrize("kind", CUT)
def test_power_cut_at_every_system_call(tmp_path, kind, tell):
    if reason := loop_image.why_not("ext4"):
        pytest.skip(reason)
    with loop_image.LoopImage(tmp_path, "ext4") as image:
        points = kill_at_every_point(image.mount_point / "archive", tmp_path, image, kind,
                                     random.Random(seed_of_run()))
    check_points("power cut on ext4", kind, points, tell)
