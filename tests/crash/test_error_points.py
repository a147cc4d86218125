# labels: long crash
# timeout: 900
"""Each call that can fail fails once, in each kind of request: documented answers, nothing leaked, nothing
acknowledged lost, and a clean restart after a failed fsync."""
import collections
import errno
import random

import pytest

import faults as fault_control
import ingest_kinds
from crash_points import Restarted
from error_points import Outcome, fail_at_every_point
from image_factory import make_spec, uid_from
from power_cuts import seed_of_run

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
OFTEN_IN_AN_UPLOAD = ("sync", "write", "link", "open", "send")


@pytest.mark.parametrize("kind", ingest_kinds.KINDS)
def test_every_error_point(tmp_path, kind, tell):
    reached, total = collections.Counter(), Outcome()
    for number, (call, error) in enumerate(ERRORS):
        folder = tmp_path / str(number)
        folder.mkdir()
        outcome = fail_at_every_point(folder, kind, (call,), error, random.Random(seed_of_run()))
        print(outcome.line(f"{kind.__name__}, {call} {errno.errorcode[error]}"))
        reached[call] += outcome.points
        total.add(outcome)
    tell(total.line(kind.__name__))
    reached = {call for call, count in reached.items() if count}
    if kind is ingest_kinds.OneStepUpload:
        assert reached >= set(OFTEN_IN_AN_UPLOAD), f"calls of an upload that were not reached: {reached}"
    assert {"sync", "receive"} <= reached


def test_a_resend_after_a_failed_fsync_is_stored_anew(tmp_path):
    """An fsync that fails once and then says that all is well must not be believed: the kernel has forgotten."""
    rng = random.Random(seed_of_run())
    control = fault_control.Faults(tmp_path)
    archive = Restarted(tmp_path, tmp_path, None, control)
    content = make_spec(rng, uid_from(rng), uid_from(rng)).content()
    try:
        client = archive.server.client()
        control.arm(fault_control.FAIL, ("sync",), at=1)
        assert client.store(content).status == 500
        again = client.store(content)  # before the server has ended
        assert again.status in (500, 503), f"stored after an fsync had failed: {again}"
        assert archive.server.process.wait(20) > 0
        archive.come_back()
        assert archive.server.client().store(content).status == 201
        archive.server.stop()
    finally:
        archive.abandon()


MEMORY_KINDS = (ingest_kinds.OneStepUpload, ingest_kinds.OfflineUpload, ingest_kinds.Removal)
MEMORY_STEP = 15  # a request has several hundred allocations; the long form takes each of them


@pytest.mark.parametrize("kind", MEMORY_KINDS)
def test_an_allocation_fails(tmp_path, kind, tell):
    check_allocations(tmp_path, kind, MEMORY_STEP, tell)


def check_allocations(folder, kind, step: int, tell) -> None:
    outcome = fail_at_every_point(folder, kind, ("memory",), errno.ENOMEM, random.Random(seed_of_run()), step)
    tell(outcome.line(f"{kind.__name__} without memory, at each {step}th allocation"
                      if step > 1 else f"{kind.__name__} without memory"))
    assert outcome.answers["503"] > outcome.points / 2, "mostly it is told to come back later"
    assert outcome.points > 10, "no allocation was reached: is the library loaded?"
