# labels: crash root
# timeout: 600
"""The same power cuts with the fsyncs taken away must find losses: a suite that cannot fail proves nothing.
First all of them by libeatmydata, then one kind at a time, since each of them has its reason."""
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


def check_that_it_was_noticed(tell, what: str, told: str, *words: str) -> None:
    assert told, "fsyncs were taken away and the suite noticed nothing: it proves nothing"
    assert any(word in told for word in words), f"noticed, but not what was lost: {told}"
    first, second = (told + "\n\n").splitlines()[:2]
    tell(f"without {what}: noticed, as it must be: {first} {second[:60]}")


LOSS = ("acknowledged and", "torn", "the server ended", "did not become ready", "verification finds")


@pytest.mark.parametrize("kind", loop_image.KINDS)
def test_without_any_fsync_losses_are_found(tmp_path, kind, tell):
    if reason := loop_image.why_not(kind):
        pytest.skip(reason)
    preload = str(eatmydata())

    def restart_without_fsync(archive):
        archive.server.stop()
        archive.image.flush()
        archive.server = CrashServer(archive.image.mount_point / "archive", archive.outside, LD_PRELOAD=preload).start()

    check_that_it_was_noticed(tell, f"any fsync on {kind}", losses_of(tmp_path, kind, restart_without_fsync), *LOSS)


@pytest.mark.parametrize("what, path_holds, words", (
    ("the files of the images", ".pacs-lite/staging", ("torn", "wrong bytes", "not readable", "truncated", "damaged")),
    ("the index", "index.db-wal", ("acknowledged and lost", "the server ended")),
))
def test_without_the_fsyncs_of(tmp_path, tell, what, path_holds, words):
    """A disk that says that it has flushed and has not, for one kind of file alone. Each such fsync is one that
    nothing else makes up for. Folders are left out: ext4 and XFS commit them with the next fsync of anything,
    so their order is shown by test_fsync_order.py and not by a power cut."""
    if reason := loop_image.why_not("ext4"):
        pytest.skip(reason)
    control = faults.Faults(tmp_path)

    def pretend(archive):
        control.arm(faults.PRETEND, ("sync",), path_holds=path_holds)

    told = losses_of(tmp_path, "ext4", pretend, **control.settings)
    assert control.fired or told, f"no fsync of {what} was seen"
    check_that_it_was_noticed(tell, f"the fsyncs of {what}", told, *words)
