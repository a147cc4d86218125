# labels: crash root
# timeout: 600
"""The same power cuts with the fsyncs taken away must find losses: a suite that cannot fail proves nothing.
First all of them by libeatmydata, then one kind at a time, since each of them has its reason."""
import contextlib
import pathlib
import random

import pytest

import faults
import loop_image
from crash_server import CrashServer
from invariants import Lost
from power_cuts import CutArchive, Tally, seed_of_run

CUTS_MAX = 5  # a server that syncs nothing loses at the first; the moments are random, so it has some tries
EATMYDATA = "libeatmydata.so"


def eatmydata() -> pathlib.Path:
    for folder in ("/usr/lib", "/usr/lib64", "/usr/local/lib"):
        for found in sorted(pathlib.Path(folder).rglob(EATMYDATA)):
            return found
    pytest.skip(f"NOT SHOWN on this machine: that the power cuts can find a loss; {EATMYDATA} is missing "
                "(tools/install_dependencies.sh test)")


class UnflushedArchive(CutArchive):
    """Starts as everybody, so that there is an archive to lose images from; lies from then on. The kernel
    does not write back by itself here: what is lost is what nobody asked to keep."""

    def __init__(self, *arguments, lie, **settings):
        self.lie = lie
        super().__init__(*arguments, **settings)
        self.lie(self)

    def cut_under_load(self) -> None:
        self.image.flush()  # all that came before this cut is there
        super().cut_under_load()


def losses_of(tmp_path, kind: str, lie, **settings: str) -> str:
    """What the suite says about an archive that lies; empty when it notices nothing."""
    rng = random.Random(seed_of_run())
    with loop_image.LoopImage(tmp_path, kind) as image:
        archive = UnflushedArchive(image, tmp_path, rng, Tally(), lie=lie, **settings)
        try:
            with contextlib.suppress(StopIteration):
                for _ in range(CUTS_MAX):
                    try:
                        archive.cut_under_load()
                    except Lost as lost:
                        return str(lost)
                    except RuntimeError as refused:  # the server does not even start on what is left
                        return str(refused)
                    archive.lie(archive)
        finally:
            archive.abandon()
    return ""
