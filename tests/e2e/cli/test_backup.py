# labels: e2e
# timeout: 240
"""The restore drill: backups of an archive at work, its loss, and what comes back; and what may go wrong on the way."""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import threading

import pytest
import requests

from archive_server import ArchiveServer, find_binary
from clinic import acknowledge, offline, upload
from dicom_files import ct_slice, picture, sha256

STRACE = shutil.which("strace")


def backup(server, folder, *arguments, code=0):
    done = server.command("backup", str(folder), "--json", *arguments)
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout) if done.stdout else done.stderr


def restore(server, folder, code=0):
    done = server.command("restore", "--from", str(folder), "--json")
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout) if done.stdout else done.stderr


def lose_everything(server):
    shutil.rmtree(server.data)
    shutil.rmtree(server.media)


def studies_of(server):
    listed = server.session().get(server.api + "/studies/", params={"limit": 200}).json()["results"]
    return {study["id"]: study for study in listed}


def series_of(server, study_id):
    return server.session().get(f"{server.api}/studies/{study_id}/images/").json()["series"]


def images_of(server, study_id):
    return [image for series in series_of(server, study_id) for image in series["images"]]


def link_of(server, image_id):
    return server.session().get(f"{server.api}/images/{image_id}/url/").json()["image_url"]


def fetch(link):
    session = requests.Session()
    session.trust_env = False
    answer = session.get(link)
    assert answer.status_code == 200, answer.text
    return sha256(answer.content)


def files_below(folder):
    return sorted(str(path.relative_to(folder)) for path in pathlib.Path(folder).rglob("*") if path.is_file())


class Load:
    """Senders that store until they are told to stop; each acknowledged image with its hash."""

    def __init__(self, server, senders=2):
        self.server = server
        self.acknowledged = {}
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._send, args=(n,)) for n in range(senders)]

    def _send(self, sender):
        number = 0
        while not self._stop.is_set():
            number += 1
            content = ct_slice(f"1.9.{sender}", f"1.9.{sender}.1", f"1.9.{sender}.1.{number}", seed=number)
            self.acknowledged[upload(self.server, content)["id"]] = sha256(content)

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *unused):
        self._stop.set()
        for thread in self._threads:
            thread.join()


@pytest.fixture
def archive(tmp_path):
    """A stopped archive of ten images in two studies: image ids with their hashes."""
    server = ArchiveServer(tmp_path / "site")
    (tmp_path / "site").mkdir()
    hashes = {}
    with server:
        for number in range(10):
            content = ct_slice(f"1.5.{number % 2}", f"1.5.{number % 2}.1", f"1.5.{number % 2}.1.{number}", seed=number)
            hashes[upload(server, content)["id"]] = sha256(content)
    return server, hashes


def test_the_restore_drill(tmp_path):
    folder = tmp_path / "backup"
    server = ArchiveServer(tmp_path / "site")
    (tmp_path / "site").mkdir()
    with server:
        hashes = {}
        for number in range(12):
            study = f"1.7.{number % 3}"
            content = ct_slice(study, study + ".1", f"{study}.1.{number}", seed=number)
            hashes[upload(server, content, radiology_order_id=str(500 + number % 3))["id"]] = sha256(content)
        photo = picture()
        hashes[upload(server, photo, "photo.jpg", radiology_order_id="77",
                      image_metadata=json.dumps({"patient_id": "P77", "study_description": "Hand"}))["id"]] = sha256(photo)
        announced = ct_slice("1.8.5", "1.8.5.1", "1.8.5.2")
        image_uuid, receipt = offline(server, announced, "78")
        # While it is written to and read.
        with Load(server) as load:
            while len(load.acknowledged) < 10:
                pass
            before = dict(load.acknowledged)
            first = backup(server, folder)
        assert first["findings"] == [] and first["copied"] == first["images"] >= len(hashes) + len(before) + 1
        hashes.update(before)

        # Removed for good, into the trash, and new since then.
        by_uid = {study["study_uid"]: study for study in studies_of(server).values()}
        purged, trashed, kept = (by_uid[f"1.7.{n}"]["id"] for n in range(3))
        purged_images = images_of(server, purged)
        trashed_images = images_of(server, trashed)
        assert server.session().delete(f"{server.api}/studies/{purged}/?now=true").status_code == 200
        assert server.session().delete(f"{server.api}/studies/{trashed}/").status_code == 200
        late = ct_slice("1.7.9", "1.7.9.1", "1.7.9.1.1")
        hashes[upload(server, late)["id"]] = sha256(late)
        token = json.loads(server.command("token", "create", "--name", "pacs", "--role", "reader", "--json").stdout)
        link = link_of(server, images_of(server, kept)[0]["id"])
        link_hash = hashes[images_of(server, kept)[0]["id"]]
        copies = {path: (folder / "media" / path).stat().st_ino for path in files_below(folder / "media")
                  if path.startswith("radiology/")}
        second = backup(server, folder)
        # What was stored while the first one ran, and the late one: nothing is copied twice.
        assert second["copied"] == len(load.acknowledged) - (first["images"] - 14) + 1 and second["findings"] == []
        for path, inode in copies.items():
            assert (folder / "media" / path).stat().st_ino == inode, path
        seen = studies_of(server)
        hashes.update(load.acknowledged)
        for image in purged_images + trashed_images:
            del hashes[image["id"]]
        lost = ct_slice("1.7.10", "1.7.10.1", "1.7.10.1.1")
        lost_id = upload(server, lost)["id"]

    lose_everything(server)
    report = restore(server, folder)
    assert report["findings"] == [] and report["damaged_secrets"] == []
    assert report["verification"]["needing_attention"] == 0 and report["verification"]["findings"] == []
    assert report["restored"] == report["images"] == second["images"]

    with server:
        session = server.session()  # by the administrator's first token, which is in the backup
        assert studies_of(server) == seen
        for image_id, expected in hashes.items():
            assert fetch(link_of(server, image_id)) == expected
        assert fetch(link) == link_hash, "a link that was handed out before"
        assert acknowledge(server, image_uuid) == receipt
        reader = server.session(token["token"])
        assert reader.get(server.api + "/studies/").status_code == 200
        assert reader.delete(f"{server.api}/studies/{kept}/").status_code == 403
        # What was removed stays so, and what was in the trash can be taken out.
        assert session.get(f"{server.api}/studies/{purged}/").status_code == 404
        assert session.get(f"{server.api}/studies/{trashed}/").status_code == 404
        restored = session.post(f"{server.api}/studies/{trashed}/restore/").json()
        assert restored["images_restored"] == len(trashed_images)
        # Somebody may know the lost image by its number: nobody else gets that.
        assert upload(server, ct_slice())["id"] > lost_id
        assert json.loads(server.command("verify", "--json").stdout)["needing_attention"] == 0
        lines = session.get(server.url + "/api/v1/archive/audit/", params={"action": "archive.restore_backup"}).json()
        assert lines and lines[0]["actor"] == "system"
    # Tombstones are there again too, so that a rebuild shows nothing that was removed.
    for path in server.data.glob("index.db*"):
        path.unlink()
    rebuilt = server.command("rebuild", "--json")
    assert rebuilt.returncode == 0, rebuilt.stdout + rebuilt.stderr
    with server:
        assert {image["id"] for image in purged_images}.isdisjoint(
            image["id"] for study in studies_of(server) for image in images_of(server, study))


def test_nothing_is_restored_over_something(archive, tmp_path):
    server, _ = archive
    folder = tmp_path / "backup"
    backup(server, folder)
    before = files_below(server.data), files_below(server.media)
    assert "not empty" in restore(server, folder, code=1)
    with server:
        assert "stop it first" in restore(server, folder, code=1)
    shutil.rmtree(server.data)
    assert "MEDIA_ROOT" in restore(server, folder, code=1)
    assert not server.data.exists() and files_below(server.media) == before[1]
    assert "no backup.json" in restore(server, tmp_path, code=1)
    assert server.command("restore").returncode == 2
    assert server.command("restore", "study", "1", "--from", str(folder)).returncode == 2


def test_a_backup_has_a_folder_of_its_own(archive, tmp_path):
    server, _ = archive
    for inside in (server.data / "backup", server.media / "radiology", server.data.parent):
        assert "lie one within the other" in backup(server, inside, code=2)
    assert not (server.data / "backup").exists()
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "thesis.txt").write_text("mine")
    assert "no backup of this program" in backup(server, foreign, code=1)
    assert files_below(foreign) == ["thesis.txt"]
    assert backup(server, tmp_path / "none" / "backup", code=1)
    other = ArchiveServer(tmp_path / "other")
    (tmp_path / "other").mkdir()
    with other:
        upload(other, ct_slice())
    backup(server, tmp_path / "backup")
    assert "another archive" in backup(other, tmp_path / "backup", code=1)
    assert restore_elsewhere(server, tmp_path / "backup", tmp_path / "elsewhere")["restored"] == 10
    # Where the disk with the images is not mounted, nothing is made up.
    server.media.rename(server.media.with_name("unmounted"))
    server.media.mkdir()
    assert "is its disk mounted" in backup(server, tmp_path / "backup", code=1)
    assert list(server.media.iterdir()) == []


def restore_elsewhere(server, folder, place, code=0):
    place.mkdir()
    elsewhere = ArchiveServer(place)
    return restore(elsewhere, folder, code)


def test_only_its_owner_can_read_a_backup(archive, tmp_path):
    server, _ = archive
    folder = tmp_path / "backup"
    backup(server, folder)
    for path in [folder, *folder.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path
    assert {path.name for path in (folder / "secrets").iterdir()} == {"admin-token", "receipt-key", "signing-keys.json"}


def test_what_is_missing_or_wrong_is_told_and_all_else_is_backed_up(archive, tmp_path):
    server, _ = archive
    files = sorted((server.media / "radiology").rglob("*.dcm"))
    missing, flipped, cut = (str(path.relative_to(server.media)) for path in files[:3])
    (server.media / missing).unlink()
    for path, change in ((flipped, lambda file: flip(file)), (cut, lambda file: file.truncate(100))):
        (server.media / path).chmod(0o640)
        with open(server.media / path, "r+b") as file:
            change(file)
    report = backup(server, tmp_path / "backup", code=1)
    assert {finding["path"]: finding["code"] for finding in report["findings"]} == {
        missing: "missing_blob", flipped: "checksum_mismatch", cut: "size_mismatch"}
    assert report["copied"] == 7
    restored = restore_elsewhere(server, tmp_path / "backup", tmp_path / "elsewhere", code=1)
    assert restored["restored"] == 7
    assert {finding["path"] for finding in restored["findings"]} == {missing, flipped, cut}
    assert restored["verification"]["needing_attention"] == 3


def flip(file, offset=-1):
    file.seek(offset, os.SEEK_END)
    byte = file.read(1)[0]
    file.seek(offset, os.SEEK_END)
    file.write(bytes([byte ^ 1]))


def test_a_flipped_bit_in_the_backup_is_found_and_the_next_backup_mends_it(archive, tmp_path):
    server, _ = archive
    folder = tmp_path / "backup"
    backup(server, folder)
    victim = sorted((folder / "media" / "radiology").rglob("*.dcm"))[3]
    victim.chmod(0o600)
    with open(victim, "r+b") as file:
        flip(file)
    key = str(victim.relative_to(folder / "media"))
    damaged = restore_elsewhere(server, folder, tmp_path / "damaged", code=1)
    assert [(f["path"], f["code"]) for f in damaged["findings"]] == [(key, "checksum_mismatch")]
    assert damaged["restored"] == 9
    assert [finding["kind"] for finding in damaged["verification"]["findings"]] == ["missing_blob"]
    assert backup(server, folder)["copied"] == 0, "a copy is believed by its size and attributes"
    assert backup(server, folder, "--reread")["copied"] == 1
    assert restore_elsewhere(server, folder, tmp_path / "mended")["restored"] == 10


def test_a_damaged_index_or_key_of_a_backup_is_never_used(archive, tmp_path):
    server, _ = archive
    folder = tmp_path / "backup"
    backup(server, folder)
    with open(folder / "secrets" / "signing-keys.json", "r+b") as file:
        flip(file, -20)
    report = restore_elsewhere(server, folder, tmp_path / "key", code=1)
    assert report["damaged_secrets"] == ["signing-keys.json"] and report["restored"] == 10
    index = next(folder.glob("index-*.db"))
    with open(index, "r+b") as file:
        flip(file, -5000)
    assert "damaged" in restore_elsewhere(server, folder, tmp_path / "index", code=1)
    assert files_below(tmp_path / "index") == []


def killed_at(server, call, number, *arguments):
    """Runs a command that is killed as by `kill -9` at its n-th call."""
    done = subprocess.run(
        [STRACE, "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={number}",
         str(find_binary()), *arguments], env=server.environment, stdin=subprocess.DEVNULL, capture_output=True)
    assert done.returncode in (-9, 137), done.stderr


@pytest.mark.skipif(not STRACE, reason="strace, which kills at a chosen call, is not installed")
def test_cut_anywhere_it_goes_on_when_it_is_run_again(archive, tmp_path):
    server, hashes = archive
    folder = tmp_path / "backup"
    for number in (1, 4, 9):
        killed_at(server, "linkat", number, "backup", str(folder))
        assert not (folder / "backup.json").exists()
        assert "no backup.json" in restore_elsewhere(server, folder, tmp_path / f"cut-{number}", code=1)
    copied = len(list((folder / "media" / "radiology").rglob("*.dcm")))
    assert 1 <= copied < 10
    assert backup(server, folder)["copied"] == 10 - copied
    # A later one that is cut leaves the one before whole.
    manifest = (folder / "backup.json").read_bytes()
    with server:
        late = ct_slice()
        hashes[upload(server, late)["id"]] = sha256(late)
    killed_at(server, "linkat", 2, "backup", str(folder))
    assert (folder / "backup.json").read_bytes() == manifest
    assert restore_elsewhere(server, folder, tmp_path / "before")["restored"] == 10
    assert backup(server, folder)["images"] == 11

    lose_everything(server)
    for call, number in (("linkat", 6), ("linkat", 4), ("rename", 2), ("linkat", 2)):
        killed_at(server, call, number, "restore", "--from", str(folder))
        with pytest.raises(RuntimeError, match="was begun"):
            server.start()
        assert "was begun" in backup(server, tmp_path / "partial", code=1)
    report = restore(server, folder)
    assert report["restored"] == 11 and report["verification"]["needing_attention"] == 0
    with server:
        for image_id, expected in hashes.items():
            assert fetch(link_of(server, image_id)) == expected


@contextlib.contextmanager
def small_disk(path, size):
    path.mkdir()
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(path)],
                             capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip("a small disk cannot be mounted here: " + mounted.stderr)
    try:
        yield path
    finally:
        subprocess.run(["umount", str(path)], check=True)


def test_a_full_disk_is_told_and_the_next_run_goes_on(tmp_path):
    server = ArchiveServer(tmp_path / "site")
    (tmp_path / "site").mkdir()
    with server:
        for number in range(8):
            upload(server, ct_slice("1.6", "1.6.1", f"1.6.1.{number}", rows=512, columns=512, seed=number))
    with small_disk(tmp_path / "disk", "3m") as disk:
        error = backup(server, disk / "backup", code=1)
        assert "no space" in error.lower() or "full" in error.lower()
        assert "Make room there" in error
        assert not (disk / "backup" / "backup.json").exists()
        copied = len(list((disk / "backup" / "media" / "radiology").rglob("*.dcm")))
        assert 1 <= copied < 8
        subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)
        assert backup(server, disk / "backup")["copied"] == 8 - copied
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)  # as a careful operator would
        assert restore_elsewhere(server, disk / "backup", tmp_path / "elsewhere")["restored"] == 8


def test_copies_of_what_is_gone_for_good_go_when_that_is_asked_for(archive, tmp_path):
    server, _ = archive
    folder = tmp_path / "backup"
    backup(server, folder)
    with server:
        gone = min(studies_of(server))
        keys = files_below(folder / "media" / "radiology")
        server.session().delete(f"{server.api}/studies/{gone}/?now=true")
        report = backup(server, folder)
        assert report["images"] == 5 and files_below(folder / "media" / "radiology") == keys
        # Rather too much is kept than the last copy of what an archive has lost by mistake.
        victim = next((server.media / "radiology").rglob("*.dcm"))
        content = victim.read_bytes()
        victim.unlink()
        assert backup(server, folder, "--prune", code=1)["pruned"] == 0
        assert len(files_below(folder / "media" / "radiology")) == 10
        victim.write_bytes(content)
    assert backup(server, folder, "--prune", code=1)["findings"][0]["code"], "its attributes went with it"


def test_it_goes_as_fast_as_it_may(archive, tmp_path):
    server, _ = archive
    with server:
        upload(server, ct_slice(rows=1024, columns=1024))
    assert 0.9 <= backup(server, tmp_path / "backup", "--rate", "2")["seconds"] <= 4
