# labels: crash
# timeout: 600
"""Each call that can fail fails once, in each kind of request: documented answers, nothing leaked, nothing
acknowledged lost, and a clean restart after a failed fsync."""
import errno
import random

import pytest

import faults as fault_control
import ingest_kinds
from crash_points import Restarted
from error_points import Outcome, fail_at_every_point
from image_factory import make_spec, uid_from
from power_cuts import seed_of_run

# One error of each call that a disk makes fail, in the two kinds of request that write most; the long form has
# every error of every call in every kind.
ERRORS = (("sync", errno.EIO), ("sync", errno.ENOSPC), ("link", errno.EIO), ("open", errno.EMFILE),
          ("make_folder", errno.ENOSPC), ("attribute", errno.EIO), ("unlink", errno.EIO), ("truncate", errno.EIO))
KINDS = (ingest_kinds.OneStepUpload, ingest_kinds.LastPiece)
WRITE_STEP = 6  # an upload writes some fifty times, to the index above all


@pytest.mark.parametrize("kind", KINDS)
def test_each_call_fails_once(tmp_path, kind, tell):
    reached = check_errors(tmp_path, kind, ERRORS, tell)
    assert reached >= {"sync", "link", "open", "make_folder"}, f"an upload makes these calls: {reached}"


def test_a_write_fails(tmp_path, tell):
    rng = random.Random(seed_of_run())
    outcome = fail_at_every_point(tmp_path, ingest_kinds.OneStepUpload, ("write",), errno.EIO, rng, WRITE_STEP)
    tell(outcome.line(f"OneStepUpload, write EIO at each {WRITE_STEP}th"))
    assert outcome.points > 3 and outcome.answers["500"] > 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_write_that_takes_half_is_gone_on_with(tmp_path, kind, tell):
    check_short_writes(tmp_path, kind, WRITE_STEP, tell)


def check_short_writes(folder, kind, step: int, tell) -> None:
    """No error: nobody notices. 409 is what a conflict is answered anyway; of others the run does not take it."""
    outcome = fail_at_every_point(folder, kind, ("write",), 0, random.Random(seed_of_run()), step,
                                  fault_control.SHORTEN)
    tell(outcome.line(f"{kind.__name__}, half a write at each {step}th" if step > 1 else f"{kind.__name__}, half a write"))
    assert outcome.points > 0 and set(outcome.answers) <= {"200", "201", "204", "409", "by itself"}, outcome.answers


def check_errors(folder, kind, errors, tell) -> set:
    """Tells which calls were reached."""
    reached, total = set(), Outcome()
    for number, (call, error) in enumerate(errors):
        own = folder / str(number)
        own.mkdir()
        outcome = fail_at_every_point(own, kind, (call,), error, random.Random(seed_of_run()))
        print(outcome.line(f"{kind.__name__}, {call} {errno.errorcode[error]}"))
        if outcome.points:
            reached.add(call)
        total.add(outcome)
    tell(total.line(kind.__name__))
    return reached


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


MEMORY_KINDS = (ingest_kinds.OneStepUpload, ingest_kinds.Removal)
MEMORY_STEP = 40  # a request has several hundred allocations; the long form takes each of them


@pytest.mark.parametrize("kind", MEMORY_KINDS)
def test_an_allocation_fails(tmp_path, kind, tell):
    check_allocations(tmp_path, kind, MEMORY_STEP, tell)


def check_allocations(folder, kind, step: int, tell) -> None:
    outcome = fail_at_every_point(folder, kind, ("memory",), errno.ENOMEM, random.Random(seed_of_run()), step)
    tell(outcome.line(f"{kind.__name__} without memory, at each {step}th allocation"
                      if step > 1 else f"{kind.__name__} without memory"))
    assert outcome.answers["503"] > outcome.points / 2, "mostly it is told to come back later"
    assert outcome.points > 10, "no allocation was reached: is the library loaded?"
