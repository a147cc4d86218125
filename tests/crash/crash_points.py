"""Kills the server at the first, second, third … call of each kind that one request makes, until one passes
untouched. With a filesystem of its own, the power is cut at the same moment."""
import contextlib
import itertools
import random

import faults as fault_control
from archive_client import LOST
from crash_server import CrashServer
from invariants import check_after_crash, check_everything

# Receiving changes nothing that a crash could leave behind, but the moments between do; those of reading files are
# the same ones, and many more.
KILLED_AT = tuple(call for call in fault_control.CALLS if call not in ("memory", "read"))
POINTS_MAX = 2000  # no request has so many calls: the loop would not end
WAIT_SECONDS = 20


def kill_at_every_point(disk, outside, image, make_ingest, rng: random.Random) -> list:
    """The calls at which it was killed, by name. `image` is a mounted LoopImage, or None: kill -9 alone."""
    archive = Restarted(disk, outside, image, fault_control.Faults(outside))
    run = CrashPoints(archive, make_ingest, rng)
    points = []
    try:
        for call in KILLED_AT:
            # Counted by kind: what the server does by itself at the same time moves no other kind's place.
            for at in itertools.count(1):
                assert at < POINTS_MAX
                if not run.dies_at(call, at):
                    break
                points.append(call)
        check_everything(archive.server, run.before)
        archive.server.stop()
    finally:
        archive.abandon()
    return points


class CrashPoints:
    def __init__(self, archive, make_ingest, rng: random.Random):
        self.archive, self.make_ingest, self.rng = archive, make_ingest, rng
        self.before, self.seen_files = [], set()

    def dies_at(self, call: str, at: int) -> bool:
        """False when the request was done before there were so many such calls."""
        control, ingest = self.archive.control, self.make_ingest(self.rng)
        client = self.archive.server.client()
        ingest.server = self.archive.server
        ingest.prepare(client)
        client.close()
        control.arm(fault_control.KILL, (call,), at=at)
        with contextlib.suppress(*LOST):
            ingest.act(client)
        client.close()
        control.off()
        died = control.fired > 0
        if died:
            assert self.archive.server.process.wait(WAIT_SECONDS) == -9
            self.archive.come_back()
        else:
            assert ingest.is_done(), "it passed untouched and yet was not done"
        check_after_crash(self.archive.server, ingest.all_sent, self.before, self.rng, self.seen_files)
        self.before += ingest.all_sent
        return died


class Restarted:
    """One archive, started again and again."""

    def __init__(self, disk, outside, image, control):
        self.disk, self.outside, self.image, self.control = disk, outside, image, control
        self.server = self.new_server()

    def new_server(self) -> CrashServer:
        self.control.off()
        return CrashServer(self.disk, self.outside, **self.control.settings).start()

    def come_back(self) -> None:
        """The process is dead; so is the power, where there is a filesystem of its own."""
        if self.image is not None:
            self.image.cut_power()
            self.image.remount()
        self.server = self.new_server()

    def abandon(self) -> None:
        if self.server.process.poll() is None:
            self.server.kill()
