"""Power cut after power cut on one filesystem: load, cut, mount, start, check."""
import dataclasses
import os
import pathlib
import random
import time

from crash_server import CrashServer
from invariants import check_after_crash, check_everything
from loop_image import LoopImage
from upload_load import UploadLoad

CUTS_OF_ONE_ARCHIVE = 10  # then a new, empty one, whose first folders and first rows are cut as well
LOAD_SECONDS = (0.02, 0.30)
FLUSHED_SHARE = 0.5  # of the loads see the kernel write back by itself at some moment
CUT_WHILE_STARTING_SHARE = 0.2  # of the starts after a cut are cut themselves
STARTING_SECONDS = (0.0, 0.15)


def seed_of_run() -> int:
    """PACS_LITE_CRASH_SEED repeats a run: the same images, the same moments as far as a clock can hit them."""
    seed = int(os.environ.get("PACS_LITE_CRASH_SEED", random.SystemRandom().getrandbits(32)))
    print(f"PACS_LITE_CRASH_SEED={seed}")
    return seed


@dataclasses.dataclass
class Tally:
    """What a run has seen; the figures in docs/reliability.md are such lines."""
    cuts: int = 0
    cuts_while_starting: int = 0
    acknowledged: int = 0
    cut_off: int = 0
    cut_between_pieces: int = 0  # uploads of which some bytes, and not all, were told to be on the disk
    late_answers: int = 0  # that crossed the cut, and count for nothing
    seconds: float = 0

    def line(self, kind: str) -> str:
        return f"{kind}: {self.cuts} power cuts under load, {self.cuts_while_starting} more while starting, " \
               f"{self.acknowledged} images acknowledged, 0 lost, {self.cut_off} requests cut off, " \
               f"{self.cut_between_pieces} uploads went on from the piece that was told, " \
               f"{self.late_answers} answers during the cut itself, " \
               f"{self.seconds:.0f} s"


class CutArchive:
    """One archive on one image, from its first start to its last cut."""

    def __init__(self, image: LoopImage, outside: pathlib.Path, rng: random.Random, tally: Tally,
                 make_server=CrashServer, **settings: str):
        self.image, self.outside, self.rng, self.tally = image, outside, rng, tally
        self.make_server, self.settings = make_server, settings
        self.all_sent, self.seen_files = [], set()
        self.server = self.new_server().start()

    def new_server(self) -> CrashServer:
        return self.make_server(self.image.mount_point / "archive", self.outside, **self.settings)

    def cut_under_load(self) -> None:
        with UploadLoad(self.server, self.rng) as load:
            seconds = self.rng.uniform(*LOAD_SECONDS)
            flush_at = self.rng.uniform(0, seconds) if self.rng.random() < FLUSHED_SHARE else None
            wait_for_first_store(load)
            if flush_at is not None:
                time.sleep(flush_at)
                self.image.flush()
                seconds -= flush_at
            time.sleep(seconds)
            load.power_goes()
            self.image.cut_power()
            self.server.kill()
        assert not load.refusals(), load.refusals()
        late = load.forget_late_answers()
        self.come_back()
        fresh = load.all_sent
        self.tally.cuts += 1
        self.tally.late_answers += late
        self.tally.acknowledged += sum(1 for sent in fresh if sent.stored)
        self.tally.cut_off += sum(1 for sent in fresh if not sent.receipt)
        self.tally.cut_between_pieces += sum(1 for sent in fresh if sent.waits_for_pieces and sent.pieces.told
                                             and not sent.pieces.was_last)
        check_after_crash(self.server, fresh, self.all_sent, self.rng, self.seen_files)
        self.all_sent += fresh

    def come_back(self) -> None:
        self.image.remount()
        if self.rng.random() < CUT_WHILE_STARTING_SHARE:
            starting = self.new_server()
            starting.launch()
            time.sleep(self.rng.uniform(*STARTING_SECONDS))
            self.image.cut_power()
            starting.kill()
            self.image.remount()
            self.tally.cuts_while_starting += 1
        self.server = self.new_server().start()

    def close(self) -> None:
        check_everything(self.server, self.all_sent)
        self.server.stop()

    def abandon(self) -> None:
        if self.server.process is not None and self.server.process.poll() is None:
            self.server.kill()


def wait_for_first_store(load: UploadLoad) -> None:
    """A load on a busy machine needs a moment to begin; what counts is the time from there."""
    deadline = time.monotonic() + 20
    while not load.stored_count() and time.monotonic() < deadline:
        time.sleep(0.002)


def cut_many_times(folder: pathlib.Path, kind: str, cuts: int, seed: int, **settings: str) -> Tally:
    """Raises invariants.Lost at the first cut that lost something."""
    rng = random.Random(seed)
    tally = Tally()
    began = time.monotonic()
    while tally.cuts < cuts:
        with LoopImage(folder, kind) as image:
            archive = CutArchive(image, folder, rng, tally, **settings)
            try:
                for _ in range(min(CUTS_OF_ONE_ARCHIVE, cuts - tally.cuts)):
                    archive.cut_under_load()
                archive.close()
            finally:
                archive.abandon()
    tally.seconds = time.monotonic() - began
    return tally
