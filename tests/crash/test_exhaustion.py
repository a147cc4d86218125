# labels: crash root
# timeout: 900
"""No space, no inodes, no descriptors, little memory: what was acknowledged stays and is readable, what cannot
be done is told as documented, and nobody has to restart anything when it is there again."""
import errno
import os
import random
import socket
import time

import pytest

import loop_image
from crash_server import ENDS_WITH_THE_TEST, CrashServer
from error_points import check_problem
from image_factory import make_spec, uid_from
from invariants import check_everything
from large_image import LargeImage, stream_through
from memory_limit import MemoryGroup
from power_cuts import seed_of_run
from upload_load import Refused, Sent, send

MEMORY_LIMIT_BYTES = 256 << 20
LEFT_BYTES = 8 << 20  # of space, once the ballast lies on the disk
DESCRIPTORS_MAX = 96
IDLE_CONNECTIONS = 200
BUSY_SHARE_MAX = 0.5  # of a core, for a server that can accept nobody


def upload_until_refused(server, rng, kinds_of_size=(16, 64, 400)) -> tuple:
    """All that was sent, and the answer that ended it."""
    study, series = uid_from(rng), uid_from(rng)
    client, all_sent = server.client(), []
    for number in range(5000):
        order = rng.randrange(1, 1 << 30) if number % 3 == 0 else None
        sent = Sent(make_spec(rng, study if order is None else uid_from(rng), series if order is None else
                              uid_from(rng), side=rng.choice(kinds_of_size)), order)
        all_sent.append(sent)
        answer = None
        try:
            send(client, sent)
        except Refused as refused:
            answer = str(refused)
        if answer is not None:
            client.close()
            return all_sent, answer
    pytest.fail("the disk never filled")


def refused_as_documented(server, rng) -> None:
    """Asked once more, as a client would: a problem document with a time to come back."""
    client = server.client()
    answer = client.store(make_spec(rng, uid_from(rng), uid_from(rng), side=400).content())
    assert answer.status == 507, answer
    check_problem(answer)


def check_reads(server, all_sent) -> None:
    client = server.client()
    by_study = {}
    for sent in all_sent:
        if sent.stored:
            images = by_study.setdefault(sent.spec.study_uid, client.images_of_study(sent.spec.study_uid))
            answer = client.fetch(images[sent.spec.image_uid])
            assert answer.status == 200 and answer.body == sent.spec.content(), answer
    client.close()


@pytest.mark.parametrize("kind", loop_image.KINDS)
def test_full_disk(tmp_path, kind):
    if reason := loop_image.why_not(kind):
        pytest.skip(reason)
    rng = random.Random(seed_of_run())
    with loop_image.LoopImage(tmp_path, kind) as image:
        with CrashServer(image.mount_point / "archive", tmp_path) as server:
            ballast = image.mount_point / "ballast"
            with open(ballast, "wb") as file:
                free = os.statvfs(image.mount_point)
                os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize - LEFT_BYTES)
            all_sent, answer = upload_until_refused(server, rng)
            assert answer.startswith("507"), answer
            refused_as_documented(server, rng)
            assert sum(1 for sent in all_sent if sent.stored) > 5
            check_reads(server, all_sent)
            assert not server.staged_files()
            ballast.unlink()
            check_everything(server, all_sent)  # sends again what was refused; nobody restarted anything
            pid = server.pid
            server.stop()
        with CrashServer(image.mount_point / "archive", tmp_path) as server:
            assert server.pid != pid
            check_everything(server, all_sent)


def test_a_full_disk_and_a_power_cut(tmp_path):
    """The power fails while there is no space: whatever was acknowledged is there, and it starts again."""
    if reason := loop_image.why_not("ext4"):
        pytest.skip(reason)
    rng = random.Random(seed_of_run())
    with loop_image.LoopImage(tmp_path, "ext4", size_mib=24) as image:
        server = CrashServer(image.mount_point / "archive", tmp_path).start()
        all_sent, answer = upload_until_refused(server, rng)
        assert answer.startswith("507"), answer
        image.cut_power()
        server.kill()
        image.remount()
        with CrashServer(image.mount_point / "archive", tmp_path) as server:
            check_reads(server, all_sent)


def test_no_inodes(tmp_path):
    if reason := loop_image.why_not("ext4"):
        pytest.skip(reason)
    rng = random.Random(seed_of_run())
    with loop_image.LoopImage(tmp_path, "ext4", mkfs_options=("-N", "128")) as image:
        with CrashServer(image.mount_point / "archive", tmp_path) as server:
            ballast = image.mount_point / "ballast"
            ballast.mkdir()
            for number in range(20):
                (ballast / str(number)).touch()
            all_sent, answer = upload_until_refused(server, rng, kinds_of_size=(16,))
            assert answer.startswith("507"), answer
            assert os.statvfs(image.mount_point).f_bavail > 1 << 10, "it is inodes that are missing, not space"
            check_reads(server, all_sent)
            assert not server.staged_files()
            for file in ballast.iterdir():
                file.unlink()
            client = server.client()
            sent = [one for one in all_sent if not one.receipt]
            for one in sent:
                send(client, one)
            check_reads(server, all_sent)


def cpu_seconds(pid: int) -> float:
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_no_descriptors(tmp_path):
    """More connections than descriptors: those that are open are served, nothing spins, and when the others have
    gone everything is as before."""
    rng = random.Random(seed_of_run())
    server = CrashServer(tmp_path, tmp_path)
    server.wrapper = [*ENDS_WITH_THE_TEST, "prlimit", f"--nofile={DESCRIPTORS_MAX}:{DESCRIPTORS_MAX}", "--"]
    idle = []
    with server:
        client = server.client()
        first = Sent(make_spec(rng, uid_from(rng), uid_from(rng)))
        send(client, first)
        for _ in range(IDLE_CONNECTIONS):
            connection = socket.socket()
            connection.setblocking(False)
            code = connection.connect_ex(("127.0.0.1", server.port))
            assert code in (0, errno.EINPROGRESS)
            idle.append(connection)
        time.sleep(0.3)
        assert len(server.descriptors()) > DESCRIPTORS_MAX - 10, "the descriptors are not used up"
        busy = cpu_seconds(server.pid)
        time.sleep(1)
        busy = cpu_seconds(server.pid) - busy
        assert busy < BUSY_SHARE_MAX, f"it spins: {busy} s of a second"
        answer = client.store(make_spec(rng, uid_from(rng), uid_from(rng)).content())
        assert answer.status in (201, 503), answer
        if answer.status == 503:
            check_problem(answer)
        for connection in idle:
            connection.close()
        deadline = time.monotonic() + 10
        second = Sent(make_spec(rng, uid_from(rng), uid_from(rng)))
        while not second.stored and time.monotonic() < deadline:
            try:
                send(server.client(), second)
            except (OSError, Refused):
                time.sleep(0.1)
        assert second.stored, "it did not recover"


def test_little_memory(tmp_path, tell):
    check_memory(tmp_path, 300 << 20, tell)


def check_memory(folder, size_bytes: int, tell) -> None:
    server = CrashServer(folder, folder)
    with MemoryGroup(MEMORY_LIMIT_BYTES) as group:
        with server:
            group.add(server.pid)
            began = time.monotonic()
            stream_through(server, LargeImage(size_bytes, seed_of_run()))
            peak = server.memory_peak_bytes()
            tell(f"{size_bytes >> 20} MiB up and down under {MEMORY_LIMIT_BYTES >> 20} MiB "
                 f"({'held by the kernel' if group.limited else 'no control group: only looked at'}): "
                 f"peak {peak >> 20} MiB resident, {time.monotonic() - began:.1f} s")
            assert peak < MEMORY_LIMIT_BYTES
            assert not group.was_killed()
