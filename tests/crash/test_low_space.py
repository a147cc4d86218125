# labels: crash root
# timeout: 120
"""Below the low-water mark nothing new is taken in, by any way in, and everything else goes on; when there is
room again nobody restarts anything."""
import os
import random
import subprocess
import time

import pytest

import loop_image
from archive_client import API
from archive_server import find_binary
from crash_server import CrashServer
from error_points import check_problem
from image_factory import make_spec, uid_from
from invariants import check_everything
from upload_load import Sent, send

MARK_BYTES = 6 << 20
LOOK_SECONDS = 1.2  # the server looks once a second


@pytest.fixture
def archive(tmp_path):
    if reason := loop_image.why_not("ext4"):
        pytest.skip(reason)
    with loop_image.LoopImage(tmp_path, "ext4", size_mib=96) as image:
        server = CrashServer(image.mount_point / "archive", tmp_path, PACS_LITE_MIN_FREE_BYTES=str(MARK_BYTES))
        server.mount_point, server.ballast = image.mount_point, image.mount_point / "ballast"
        with server:
            yield server


def fill_to(server, left: int) -> None:
    """Only so many bytes are free afterwards."""
    status = os.statvfs(server.mount_point)
    with open(server.ballast, "ab") as file:
        size = file.seek(0, os.SEEK_END)
        os.posix_fallocate(file.fileno(), size, status.f_bavail * status.f_frsize - left)
    time.sleep(LOOK_SECONDS)


def command(server, *arguments):
    return subprocess.run([find_binary(), *map(str, arguments)], env=server.environment, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=60)


def spec_of(rng, **more):
    return make_spec(rng, uid_from(rng), uid_from(rng), **more)


def metrics(server) -> dict:
    text = server.client().call("GET", "/metrics").body.decode()
    return {name: float(value) for name, value in
            (line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#"))}


def test_every_way_in_is_closed_and_every_other_one_open(archive, tmp_path):
    rng = random.Random(3)
    client = archive.client()
    kept, removed = [Sent(spec_of(rng)) for _ in range(4)], Sent(spec_of(rng))
    for sent in [*kept, removed]:
        send(client, sent)
    announced = Sent(spec_of(rng), order=7)
    answer = client.announce(announced.spec.announcement(7))
    assert answer.status == 201, answer
    begun = spec_of(rng, side=400)
    upload = client.upload_path(client.begin_upload(len(begun.content())))
    assert client.send_piece(upload, 0, begun.content()[:100_000]).status == 204

    fill_to(archive, MARK_BYTES - (1 << 20))
    late = spec_of(rng)
    refused = [client.store(late.content()), client.announce(spec_of(rng).announcement(8)),
               client.send_binary(announced.spec.image_uuid, announced.spec.filename, announced.spec.content()),
               client.begin_upload(1000), client.send_piece(upload, 100_000, begun.content()[100_000:])]
    for answer in refused:
        assert answer.status == 507, answer
        check_problem(answer)
        assert answer.json()["code"] == "no_space", answer
    folder = tmp_path / "exam"
    folder.mkdir()
    (folder / "1.dcm").write_bytes(late.content())
    imported = command(archive, "import", folder)
    assert imported.returncode == 1 and "no space" in (imported.stdout + imported.stderr), imported

    # Reads, lists, removals, the audit log, verification and maintenance go on.
    for sent in kept:
        images = client.images_of_study(sent.spec.study_uid)
        assert client.fetch(images[sent.spec.image_uid]).body == sent.spec.content()
    assert client.remove(removed.spec.image_uid, for_good=True).status == 200
    audit = client.call("GET", "/api/v1/archive/audit/").json()
    assert any(line["image_uid"] == removed.spec.image_uid and "remove" in line["action"] for line in audit), audit
    verified = command(archive, "verify")
    assert verified.returncode == 0, verified
    checked = command(archive, "check")
    assert checked.returncode != 0 and "PACS_LITE_MIN_FREE_BYTES" in checked.stdout, checked.stdout
    numbers = metrics(archive)
    assert numbers['pacs_lite_free_bytes{place="images"}'] < MARK_BYTES
    assert numbers["pacs_lite_refused_for_space_total"] >= len(refused)
    assert len(archive.staged_files()) == 1, "the upload that was begun, and nothing else"

    archive.ballast.unlink()
    time.sleep(LOOK_SECONDS)
    client = archive.client()
    assert client.send_piece(upload, 100_000, begun.content()[100_000:]).status == 204
    assert client.find(begun.image_uid).status == 200
    check_everything(archive, [*kept, announced, Sent(begun), Sent(late)])  # which sends what is missing


def test_an_image_that_would_pass_the_mark_is_refused_before_its_bytes(archive):
    """Its size is known from what was announced, so nobody has to send it in vain."""
    fill_to(archive, MARK_BYTES + (3 << 20))
    rng = random.Random(4)
    client = archive.client()
    assert client.begin_upload(8 << 20).status == 507
    assert client.begin_upload(1 << 20).status == 201
    large = dict(spec_of(rng).announcement(9), file_size=8 << 20)
    assert client.announce(large).status == 507
    send(client, Sent(spec_of(rng)))


def test_a_body_without_a_length_stops_at_the_mark(archive):
    fill_to(archive, MARK_BYTES + (2 << 20))
    rng = random.Random(5)
    sent = Sent(spec_of(rng))
    send(archive.client(), sent)
    status = os.statvfs(archive.mount_point)
    content = spec_of(rng, side=1200).content() * 4
    pieces = (content[at:at + 65536] for at in range(0, len(content), 65536))

    def slowly():
        for number, piece in enumerate(pieces):
            if number % 16 == 15:
                time.sleep(0.4)  # the server looks now and then
            yield piece

    answer = archive.client().call("POST", API + "/images/", slowly(), {"Content-Type": "application/dicom"})
    assert answer.status == 507, answer
    after = os.statvfs(archive.mount_point)
    assert after.f_bavail * after.f_frsize > (status.f_bavail * status.f_frsize) - (1 << 20), "nothing of it stays"
    assert not archive.staged_files()

