"""Lets the first, second, third … call of one kind fail in one request, until one passes untouched. The answer
is a documented one, nothing leaks, nothing acknowledged is lost; after a failed fsync the process ends."""
import collections
import dataclasses
import errno
import itertools
import os
import random
import signal
import subprocess
import time

import faults as fault_control
from archive_client import LOST
from crash_points import POINTS_MAX, WAIT_SECONDS, Restarted
from invariants import Findings, check_after_crash, check_everything, waiting_uploads
from upload_load import Refused

# What docs/api.md says about a server that cannot: an error of its own, later, or no space.
DOCUMENTED = (500, 503, 507)
DYING_SECONDS = 2
TIDY_SECONDS = 2


@dataclasses.dataclass
class Outcome:
    """How the requests with a failing call ended, as a test prints it."""
    points: int = 0
    answers: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    restarts: int = 0

    def add(self, other: "Outcome") -> None:
        self.points += other.points
        self.answers += other.answers
        self.restarts += other.restarts

    def line(self, name: str) -> str:
        answers = ", ".join(f"{count} times {answer}" for answer, count in self.answers.most_common())
        return f"{name}: failed at each of {self.points} calls: {answers}; {self.restarts} clean restarts"


class RecordingClient:
    """Remembers the last answer, which the steps of an ingest judge themselves."""

    def __init__(self, client):
        self.client = client
        self.last = None
        self.upload_path = client.upload_path
        for name in ("store", "announce", "send_binary", "acknowledge", "remove", "restore", "begin_upload", "ask_upload",
                     "send_piece"):
            setattr(self, name, self.recorded(getattr(client, name)))

    def recorded(self, call):
        def recording(*arguments):
            self.last = None
            self.last = call(*arguments)
            return self.last
        return recording


def open_files(server) -> list:
    """Files of the store that the process holds open, without a name or with one; of folders it keeps some."""
    return [path for path in server.descriptors().values()
            if path.startswith(f"{server.media}/") and not os.path.isdir(path)]


def fail_at_every_point(folder, make_ingest, calls, error: int, rng: random.Random, step=1,
                        action=fault_control.FAIL, path_holds="") -> Outcome:
    """`step` above 1 takes each so-manieth point, from one by chance: where there are very many. `path_holds`
    as Faults.arm() says."""
    control = fault_control.Faults(folder)
    archive = Restarted(folder, folder, None, control)
    before, seen_files, outcome = [], set(), Outcome()
    try:
        for at in itertools.count(rng.randint(1, step), step):
            assert at < POINTS_MAX
            ingest = make_ingest(rng)
            ingest.server = archive.server
            client = archive.server.client()
            ingest.prepare(client)
            client.close()
            control.arm(action, calls, at=at, error=error, path_holds=path_holds)
            answer = act(ingest, client)
            fired = control.fired
            control.off()
            if not fired:
                assert ingest.is_done(), f"it passed untouched and yet was not done: {answer}"
                before += ingest.all_sent
                break
            outcome.points += 1
            outcome.answers[answer] += 1
            staged_max = waiting_uploads(before + ingest.all_sent)
            if "memory" in calls:
                settle_without_memory(archive, staged_max, answer, outcome)
            else:
                settle_after_error(archive, staged_max, calls, error, answer, outcome)
            check_after_crash(archive.server, ingest.all_sent, before, rng, seen_files)
            before += ingest.all_sent
        check_everything(archive.server, before)
        archive.server.stop()
    finally:
        archive.abandon()
    return outcome


def act(ingest, client) -> str:
    """How it ended: a status, "cut" when the connection went, "by itself" where nobody asks for it."""
    recording = RecordingClient(client)
    try:
        ingest.act(recording)
    except LOST:
        return "cut"
    except Refused:
        check_problem(recording.last)
    finally:
        client.close()
    return "by itself" if recording.last is None else str(recording.last.status)


def check_problem(answer) -> None:
    assert answer.status in DOCUMENTED, answer
    assert answer.headers["Content-Type"].startswith("application/problem+json"), answer
    problem = answer.json()
    assert problem["status"] == answer.status and problem["code"] and problem["detail"], answer
    if answer.status in (503, 507):
        assert int(answer.headers["Retry-After"]) > 0, answer


def settle_after_error(archive: Restarted, staged_max: int, calls, error: int, answer: str, outcome: Outcome) -> None:
    """The server goes on, with nothing left over. After a failed fsync nobody knows what the kernel dropped: it
    ends by itself and is started again, unless all that happened is that a file did not fit."""
    server = archive.server
    must_end = "sync" in calls and (error == errno.EIO or answer == "500")
    may_end = "sync" in calls and answer != "507"
    try:
        code = server.process.wait(WAIT_SECONDS if must_end else DYING_SECONDS if may_end else 0)
    except subprocess.TimeoutExpired:
        assert not must_end, "it goes on after an fsync has failed"
        check_nothing_left(server, staged_max)
        return
    assert may_end, f"the server ended:\n{server.log()}"
    assert code > 0, f"it ended with {code}: whoever started it would not start it again"
    outcome.restarts += 1
    archive.come_back()


def settle_without_memory(archive: Restarted, staged_max: int, answer: str, outcome: Outcome) -> None:
    """A process that gets no memory may die of it, as one that the kernel kills for it does; then it is started
    again. RapidJSON does not look whether it was given any, so it may also be by a fault."""
    try:
        code = archive.server.process.wait(DYING_SECONDS if answer == "cut" else 0.01)
    except subprocess.TimeoutExpired:
        check_nothing_left(archive.server, staged_max)
        return
    assert code in (-signal.SIGABRT, -signal.SIGSEGV), f"it ended with {code}:\n{archive.server.log()}"
    outcome.restarts += 1
    archive.come_back()


def check_nothing_left(server, staged_max: int) -> None:
    """Soon: what the server tidies up after its answer is no leak."""
    deadline = time.monotonic() + TIDY_SECONDS
    while (len(server.staged_files()) > staged_max or open_files(server)) and time.monotonic() < deadline:
        time.sleep(0.02)
    findings = Findings()
    findings.expect(len(server.staged_files()) <= staged_max, f"left in staging: {server.staged_files()}")
    findings.expect(not open_files(server), f"descriptors leaked: {open_files(server)}")
    findings.raise_if_any()
