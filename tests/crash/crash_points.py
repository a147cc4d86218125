"""Kills the server at the first, second, third … system call of one request, until one passes untouched.
With a filesystem of its own, the power is cut at the same moment."""
import contextlib
import itertools
import random

import faults as fault_control
from archive_client import LOST
from crash_server import CrashServer
from invariants import check_after_crash, check_everything

# Reading what arrived changes nothing that a crash could leave behind, but the moments between do.
KILLED_AT = tuple(call for call in fault_control.CALLS if call != "memory")
POINTS_MAX = 2000  # no request has so many calls: the loop would not end
WAIT_SECONDS = 20


def kill_at_every_point(disk, outside, image, make_ingest, rng: random.Random) -> list:
    """The calls at which it was killed, by name. `image` is a mounted LoopImage, or None: kill -9 alone."""
    control = fault_control.Faults(outside)
    archive = Restarted(disk, outside, image, control)
    before, seen_files, points = [], set(), []
    try:
        for at in itertools.count(1):
            assert at < POINTS_MAX
            ingest = make_ingest(rng)
            client = archive.server.client()
            ingest.prepare(client)
            client.close()
            control.arm(fault_control.KILL, KILLED_AT, at=at)
            with contextlib.suppress(*LOST):
                ingest.act(client)
            client.close()
            if not control.fired:
                control.off()
                assert ingest.is_done(), "it passed untouched and yet was not done"
                before += ingest.all_sent
                break
            points.append(control.sequence()[at - 1])
            assert archive.server.process.wait(WAIT_SECONDS) == -9
            archive.come_back()
            check_after_crash(archive.server, ingest.all_sent, before, rng, seen_files)
            before += ingest.all_sent
        check_everything(archive.server, before)
        archive.server.stop()
    finally:
        archive.abandon()
    return points


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
