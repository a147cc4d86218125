# labels: crash root
# timeout: 300
"""After power cuts the index is lost as well: what `rebuild` makes from the images alone is the index that was
there, ids, orders and receipts included, and a rebuild that is killed goes on when it is run again."""
import itertools
import random
import subprocess
import time

import pytest

import faults
import loop_image
from archive_server import find_binary
from crash_server import CrashServer
from image_factory import make_spec, uid_from
from invariants import Findings, check_everything, check_receipts
from power_cuts import CutArchive, Tally, seed_of_run
from upload_load import Sent, send

CUTS = 4
UPLOADS = 12
KILLED_AFTER_SECONDS = (0.005, 0.02, 0.05)
INDEX_FILES = ("index.db", "index.db-wal", "index.db-shm")


def numbers_of(server, all_sent) -> dict:
    """Of each image that is listed: its id and what else a client might have kept of it."""
    client = server.client()
    found = {}
    for study_uid in sorted({sent.spec.study_uid for sent in all_sent}):
        for uid, image in client.images_of_study(study_uid).items():
            found[uid] = {key: image[key] for key in ("id", "checksum", "filename", "file_size", "instance_number")}
    client.close()
    return found


def rebuild(server, kill_after=None, told: list | None = None) -> int:
    command = [str(find_binary()), "rebuild"]
    process = subprocess.Popen(command, env=server.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True)
    if kill_after is not None:
        time.sleep(kill_after)
        process.kill()
    output = process.communicate(timeout=120)[0]
    print(output[-1000:])
    if told is not None:
        told.append(output)
    return process.returncode


@pytest.mark.parametrize("kind", loop_image.KINDS)
def test_the_index_comes_back_from_the_images(tmp_path, kind, tell):
    if reason := loop_image.why_not(kind):
        pytest.skip(reason)
    rng = random.Random(seed_of_run())
    with loop_image.LoopImage(tmp_path, kind) as image:
        archive = CutArchive(image, tmp_path, rng, Tally())
        try:
            for _ in range(CUTS):
                archive.cut_under_load()
            before = numbers_of(archive.server, archive.all_sent)
            archive.server.stop()
            for name in INDEX_FILES:
                (archive.server.data / name).unlink(missing_ok=True)
            for seconds in KILLED_AFTER_SECONDS:
                rebuild(archive.server, kill_after=seconds)
            code = rebuild(archive.server)
            assert code == 0, f"rebuild ended with {code}"
            archive.server = archive.new_server().start()
            after = numbers_of(archive.server, archive.all_sent)
            assert {uid: after.get(uid) for uid in before} == before
            findings = Findings()
            check_receipts(archive.server, archive.all_sent, findings)
            findings.raise_if_any()
            check_everything(archive.server, archive.all_sent)
            tell(f"{kind}: {len(before)} images after {CUTS} power cuts, index lost and made anew from them: "
                 "the same ids and receipts")
            archive.server.stop()
        finally:
            archive.abandon()


def test_a_rebuild_that_is_killed_at_any_commit_is_completed_by_the_next(tmp_path, tell):
    """An image and the record of its upload come back in two commits: a kill between them must not cost the
    receipt."""
    rng = random.Random(seed_of_run())
    control = faults.Faults(tmp_path)
    server = CrashServer(tmp_path, tmp_path).start()
    client = server.client()
    all_sent = [Sent(make_spec(rng, uid_from(rng), uid_from(rng), side=16), rng.randrange(1, 1 << 30) if number % 2
                     else None) for number in range(UPLOADS)]
    for sent in all_sent:
        send(client, sent)
    before = numbers_of(server, all_sent)
    assert server.stop() == 0
    for at in itertools.count(1):
        for name in INDEX_FILES:
            (server.data / name).unlink(missing_ok=True)
        server.environment.update(control.settings)
        control.arm(faults.KILL, ("sync",), at=at)
        code = rebuild(server)
        fired = control.fired
        control.off()
        assert code == (-9 if fired else 0)
        told: list = []
        # Killed behind its last commit it had come to its end, and the index is not made anew.
        assert not fired or rebuild(server, told=told) == 0 or "is there" in told[-1]
        server.start()
        assert numbers_of(server, all_sent) == before
        findings = Findings()
        check_receipts(server, all_sent, findings)
        findings.raise_if_any()
        assert server.stop() == 0
        if not fired:
            break
    tell(f"rebuild of {UPLOADS} uploads: killed at each of {at - 1} fsyncs and run again: nothing is missing")
    assert at > 3, "no fsync was reached: is the library loaded?"
