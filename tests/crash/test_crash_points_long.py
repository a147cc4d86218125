# labels: long crash root
# timeout: 3600
"""The power is cut at each system call of each kind of request, on both filesystems; and kill -9 at each of those
kinds that the short form leaves out."""
import random

import pytest

import ingest_kinds
import loop_image
from crash_points import kill_at_every_point
from power_cuts import seed_of_run
from test_crash_points import SHORT_KINDS, check_points


@pytest.mark.parametrize("kind", [kind for kind in ingest_kinds.ALL_KINDS if kind not in SHORT_KINDS])
def test_kill_at_every_system_call(tmp_path, kind, tell):
    points = kill_at_every_point(tmp_path, tmp_path, None, kind, random.Random(seed_of_run()))
    check_points("kill -9", kind, points, tell)


@pytest.mark.parametrize("filesystem", loop_image.KINDS)
@pytest.mark.parametrize("kind", ingest_kinds.ALL_KINDS)
def test_power_cut_at_every_system_call(tmp_path, kind, filesystem, tell):
    if reason := loop_image.why_not(filesystem):
        pytest.skip(reason)
    with loop_image.LoopImage(tmp_path, filesystem) as image:
        points = kill_at_every_point(image.mount_point / "archive", tmp_path, image, kind,
                                     random.Random(seed_of_run()))
    check_points(f"power cut on {filesystem}", kind, points, tell)
