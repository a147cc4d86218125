# labels: e2e
# timeout: 180
"""An index that is lost comes back from the stored files, with `pacs-lite rebuild`."""

import datetime
import json
import os
import subprocess
import time

import pytest

from archive_server import ArchiveServer, find_binary
from clinic import acknowledge, offline, upload
from dicom_files import ct_slice, picture

STUDIES = 3
IMAGES = 4
# A study that was announced before its bytes came counts from when these were stored.
FROM_THE_BYTES_ON = ("created_at", "updated_at")


def everything(server):
    """What a reader sees of the archive, without links, which time and keys change."""
    session = server.session()
    studies = session.get(server.api + "/studies/", params={"limit": 100}).json()["results"]
    for study in studies:
        study["images"] = session.get(f"{server.api}/studies/{study['id']}/images/").json()
    return scrub(studies)


def scrub(value):
    if isinstance(value, dict):
        return {k: scrub(v) for k, v in value.items() if "url" not in k and k not in FROM_THE_BYTES_ON}
    if isinstance(value, list):
        return [scrub(v) for v in value]
    return value


def lose_index(server):
    for path in server.data.glob("index.db*"):
        path.unlink()


@pytest.fixture
def archive(tmp_path):
    """A stopped archive with images of each kind, what a reader saw of it, and its receipt."""
    server = ArchiveServer(tmp_path)
    with server:
        for study in range(STUDIES):
            for image in range(IMAGES):
                base = f"1.2.826.0.1.{study}"
                upload(server, ct_slice(base, f"{base}.{image % 2}", f"{base}.9.{image}"), f"IM {image}.dcm")
        upload(server, picture(), "photo.jpg", radiology_order_id="77", uploaded_by_name="Dr. Ada",
               image_metadata=json.dumps({"patient_id": "P77", "study_description": "Hand"}))
        image_uuid, receipt = offline(server, ct_slice("1.2.826.5", "1.2.826.5.1", "1.2.826.5.2"), "78")
        seen = everything(server)
    return server, seen, image_uuid, receipt


def test_the_server_says_what_to_do_when_its_index_is_gone(archive):
    server, *_ = archive
    lose_index(server)
    with pytest.raises(RuntimeError, match="pacs-lite rebuild"):
        server.start()


def test_all_that_a_reader_saw_is_there_again(archive):
    server, seen, image_uuid, receipt = archive
    lose_index(server)
    done = server.command("rebuild", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    summary = json.loads(done.stdout)
    assert summary["images"] == STUDIES * IMAGES + 2
    assert summary["findings"] == []
    with server:
        assert everything(server) == seen
        assert acknowledge(server, image_uuid) == receipt
        # Numbers go on above those that were given before.
        upload(server, ct_slice("1.2.9", "1.2.9.1", "1.2.9.1.1"), "new.dcm")
        ids = [study["id"] for study in everything(server)]
        assert max(ids) > max(study["id"] for study in seen) and len(ids) == len(seen) + 1


def test_what_was_removed_stays_removed_and_can_still_be_restored(archive):
    server, _, _, _ = archive
    with server:
        session = server.session()
        studies = everything(server)
        kept, trashed, purged = studies[:3]
        assert session.delete(f"{server.api}/studies/{trashed['id']}/").status_code == 200
        purged_image = purged["images"]["series"][0]["images"][0]
        link = session.get(f"{server.api}/images/{purged_image['id']}/url/").json()["image_url"]
        assert session.delete(f"{server.api}/studies/{purged['id']}/?now=true").status_code == 200
        # Removed, and brought back: not to be hidden by the tombstone of then.
        assert session.delete(f"{server.api}/studies/{kept['id']}/").status_code == 200
        assert session.post(f"{server.api}/studies/{kept['id']}/restore/").status_code == 200
        seen = everything(server)
    for _ in range(2):  # a second run, as after a cut one
        lose_index(server)
        done = server.command("rebuild", "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        assert json.loads(done.stdout)["in_trash"] == trashed["image_count"]
    with server:
        session = server.session()
        assert everything(server) == seen
        listed = session.get(f"{server.api}/trash/").json()["results"]
        assert [(study["id"], study["image_count"]) for study in listed] == [(trashed["id"], trashed["image_count"])]
        key = link.split("/media/", 1)[1].split("?")[0]
        assert not (server.media / key).exists()
        restored = session.post(f"{server.api}/studies/{trashed['id']}/restore/")
        assert restored.json()["images_restored"] == trashed["image_count"], restored.text
        assert trashed["id"] in [study["id"] for study in everything(server)]


def test_a_held_study_in_the_trash_outlives_the_loss_of_its_hold(archive):
    server, _, _, _ = archive
    day = 86400
    server.environment["PACS_LITE_TRASH_DAYS"] = "1"
    with server:
        study = everything(server)[0]
        session = server.session()
        assert session.delete(f"{server.api}/studies/{study['id']}/").status_code == 200
        assert session.put(f"{server.api}/studies/{study['id']}/hold/", json={"reason": "case 7"}).status_code == 200
    # As if it had been removed long ago and only the hold had kept it.
    for path in (server.media / ".pacs-lite/tombstones").iterdir():
        tombstone = json.loads(path.read_text())
        for image in tombstone["images"]:
            image["removed_at"] = "2020-01-01T00:00:00.000Z"
        path.write_text(json.dumps(tombstone, separators=(",", ":")) + "\n")
    lose_index(server)
    done = server.command("rebuild")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning: legal holds and retention dates" in done.stdout
    with server:
        time.sleep(2.5)  # the purge comes by every second
        session = server.session()
        listed = session.get(f"{server.api}/trash/").json()["results"]
        assert [found["id"] for found in listed] == [study["id"]]
        left = datetime.datetime.fromisoformat(listed[0]["purge_at"].replace("Z", "+00:00")).timestamp() - time.time()
        assert 6.9 * day < left < 7.1 * day, "a week at least, to set the hold again"
        assert session.put(f"{server.api}/studies/{study['id']}/hold/", json={"reason": "case 7"}).status_code == 200
        assert session.post(f"{server.api}/studies/{study['id']}/restore/").json()["images_restored"] == study["image_count"]


def test_what_is_damaged_is_told_and_never_becomes_the_truth(archive):
    server, *_ = archive
    files = sorted((server.media / "radiology").rglob("*.dcm"))
    flipped, cut, bare = files[:3]
    for path in files[:3]:
        path.chmod(0o640)
    content = bytearray(flipped.read_bytes())
    content[-1] ^= 1
    with open(flipped, "r+b") as file:  # the same file: what stands with it stays
        file.write(content)
    with open(cut, "r+b") as file:
        file.truncate(len(cut.read_bytes()) - 10)
    os.removexattr(bare, "user.pacs-lite")
    before = {path: path.read_bytes() for path in files}

    lose_index(server)
    done = server.command("rebuild", "--json")
    assert done.returncode == 1, done.stdout + done.stderr
    summary = json.loads(done.stdout)
    codes = {finding["place"].rsplit("/", 2)[1]: finding["code"] for finding in summary["findings"]}
    assert codes == {flipped.parent.name: "checksum_mismatch", cut.parent.name: "size_mismatch",
                     bare.parent.name: "bad_attributes"}
    assert {path: path.read_bytes() for path in files} == before
    with server:
        assert sum(study["image_count"] for study in everything(server)) == len(files) + 1 - 3


def test_a_quick_rebuild_serves_no_wrong_bytes(archive):
    server, *_ = archive
    path = sorted((server.media / "radiology").rglob("*.dcm"))[0]
    path.chmod(0o640)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    with open(path, "r+b") as file:
        file.write(content)
    lose_index(server)
    done = server.command("rebuild", "--quick")
    assert done.returncode == 0, done.stdout + done.stderr
    with server:
        session = server.session()
        statuses = []
        for study in session.get(server.api + "/studies/").json()["results"]:
            for series in session.get(f"{server.api}/studies/{study['id']}/images/").json()["series"]:
                statuses += [session.get(image["image_url"]).status_code for image in series["images"]]
        assert sorted(statuses) == [200] * (len(statuses) - 1) + [500]


def test_an_index_that_is_there_is_never_replaced(archive):
    server, seen, *_ = archive
    done = server.command("rebuild")
    assert done.returncode == 1
    assert "is there" in done.stderr
    with server:
        refused = server.command("rebuild")
        assert refused.returncode == 1
        assert everything(server) == seen


def test_a_rebuild_that_was_cut_goes_on(archive):
    server, seen, *_ = archive
    lose_index(server)
    cut = subprocess.Popen([str(find_binary()), "rebuild", "-j", "1"], env=server.environment,
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    while not (server.data / "index.db-wal").exists() and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(0.01)
    cut.kill()
    cut.wait()
    done = server.command("rebuild", "--json")
    if "is there" not in done.stderr:  # else it had been done before the kill
        assert done.returncode == 0, done.stdout + done.stderr
    with server:
        assert everything(server) == seen
