# labels: e2e peer server
# timeout: 180
"""The restore drill over a bucket: a backup into it beside a running server, killed on the way, and what comes back
from it, into a folder or into another bucket, wherever the images lay before."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import pytest

from archive_server import ArchiveServer, find_binary
from dicom_files import ct_slice, sha256

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import object_stores  # noqa: E402
from store_fixtures import STORE, gateway_of, s3, settings_of  # noqa: E402, F401

gateway = gateway_of(STORE)
OWN = ".pacs-lite/backup/"


class Place:
    """A bucket, and the file with its settings."""

    def __init__(self, folder, gateway, s3):
        self.s3, self.bucket = s3, f"copies-{time.monotonic_ns()}"
        object_stores.make_bucket(s3, self.bucket)
        self.settings = settings_of(gateway, self.bucket)
        self.file = folder / f"{self.bucket}.toml"
        self.file.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in self.settings.items()))
        self.file.chmod(0o600)

    def names(self, prefix=""):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return {entry["Key"] for page in pages for entry in page.get("Contents", [])}

    def read(self, name):
        return self.s3.get_object(Bucket=self.bucket, Key=name)["Body"].read()

    def write(self, name, content):
        self.s3.put_object(Bucket=self.bucket, Key=name, Body=content)

    def manifest(self):
        return json.loads(self.read(OWN + "backup.json"))


@pytest.fixture
def make_place(tmp_path, gateway, s3):
    return lambda: Place(tmp_path, gateway, s3)


def backup(server, place, *arguments, code=0):
    done = server.command("backup", "--to-bucket", str(place.file), "--json", *arguments)
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout) if done.stdout else done.stderr


def restore(server, place, code=0):
    done = server.command("restore", "--from-bucket", str(place.file), "--json")
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout) if done.stdout else done.stderr


def store(server, number, study=0):
    content = ct_slice(f"1.5.{study}", f"1.5.{study}.1", f"1.5.{study}.1.{number}", seed=number)
    answer = server.session().post(server.api + "/images/", data=content,
                                   headers={"Content-Type": "application/dicom"})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"], sha256(content)


def fetched(server, image_id):
    answer = server.session().get(f"{server.api}/images/{image_id}/file/")
    assert answer.status_code == 200, answer.text
    return sha256(answer.content)


def check_has(server, hashes):
    for image_id, expected in hashes.items():
        assert fetched(server, image_id) == expected, image_id
    verified = server.command("verify", "--json")
    assert verified.returncode == 0, verified.stdout + verified.stderr


@pytest.fixture
def archive(tmp_path):
    """A running archive of eight images in two studies: image ids with their hashes."""
    (tmp_path / "site").mkdir()
    with ArchiveServer(tmp_path / "site") as server:
        yield server, dict(store(server, number, number % 2) for number in range(8))


def lose_everything(server):
    server.stop()
    shutil.rmtree(server.data)
    shutil.rmtree(server.media)


def test_the_restore_drill_over_a_bucket(archive, make_place):
    server, hashes = archive
    place = make_place()
    first = backup(server, place)
    assert (first["copied"], first["findings"]) == (8, [])
    hashes.update([store(server, 100)])
    studies = server.session().get(server.api + "/studies/").json()["results"]
    second = backup(server, place)
    assert (second["copied"], second["unchanged"]) == (1, 8), "nothing is sent twice"
    # What an operator finds there: the images under their keys, one index, the manifest's words true.
    assert len(place.names("radiology/")) == 9
    manifest = place.manifest()
    assert place.names(OWN) == {OWN + name for name in (
        "archive-id", "backup.json", manifest["index"]["name"], "secrets/admin-token", "secrets/receipt-key",
        "secrets/signing-keys.json")}
    assert sha256(place.read(OWN + manifest["index"]["name"])) == manifest["index"]["sha256"]
    assert not list(server.data.glob("backup-index*")), "no copy of patients' data is left behind"

    lose_everything(server)
    report = restore(server, place)
    assert report["restored"] == 9 and report["findings"] == [] and report["damaged_secrets"] == []
    assert report["verification"]["needing_attention"] == 0
    server.start()  # the administrator's first token is in the backup
    assert server.session().get(server.api + "/studies/").json()["results"] == studies
    check_has(server, hashes)
    hashes.update([store(server, 101)])
    assert backup(server, place)["copied"] == 1, "the archive that was restored goes on with the same backup"


def test_what_was_removed_for_good_is_pruned(archive, make_place):
    server, hashes = archive
    place = make_place()
    backup(server, place)
    gone = next(iter(hashes))
    assert server.session().delete(f"{server.api}/images/{gone}/?now=true").status_code == 200
    assert backup(server, place)["pruned"] == 0
    assert len(place.names("radiology/")) == 8
    assert backup(server, place, "--prune")["pruned"] == 1
    assert len(place.names("radiology/")) == 7


def test_killed_on_the_way_it_goes_on_and_the_older_backup_is_whole(archive, make_place):
    server, hashes = archive
    place = make_place()
    backup(server, place)
    older = place.manifest()
    for number in range(200, 216):
        hashes.update([store(server, number)])
    killed = 0
    for seconds in (0.02, 0.05, 0.1, 0.15, 0.2, 0.3):
        process = subprocess.Popen([str(find_binary()), "backup", "--to-bucket", str(place.file)],
                                   env=server.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        time.sleep(seconds)
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            killed += 1
        process.wait(timeout=20)
        manifest = place.manifest()
        assert sha256(place.read(OWN + manifest["index"]["name"])) == manifest["index"]["sha256"]
        if process.returncode == -signal.SIGKILL and manifest != older:
            assert manifest["images"] == 24, "killed after it had ended"
    assert killed > 0
    report = backup(server, place)
    assert report["images"] == 24 and report["findings"] == []
    lose_everything(server)
    assert restore(server, place)["restored"] == 24
    server.start()
    check_has(server, hashes)


def test_a_bucket_of_something_else_is_left_alone(archive, make_place, tmp_path):
    server, _ = archive
    foreign, other = make_place(), make_place()
    foreign.write("thesis.txt", b"mine")
    assert "no backup of this program" in backup(server, foreign, code=1)
    assert foreign.names() == {"thesis.txt"}
    other.write(OWN + "archive-id", b"00000000-0000-4000-8000-000000000000")
    assert "another archive" in backup(server, other, code=1)
    assert "no whole backup" in restore(server, other, code=1)
    nowhere = make_place()
    nowhere.s3.delete_bucket(Bucket=nowhere.bucket)
    assert f"{nowhere.bucket} of the backup: the bucket does not exist" in backup(server, nowhere, code=1)
    # Settings that name no bucket, or that are no settings.
    wrong = make_place()
    wrong.file.write_text('RADIOLOGY_STORAGE = "filesystem"\n')
    assert "names no bucket" in backup(server, wrong, code=2)
    wrong.file.write_text('RADIOLOGY_STORAGE = "s3"\n')
    assert "AWS_STORAGE_BUCKET_NAME" in backup(server, wrong, code=2)
    assert server.command("backup").returncode == 2
    assert server.command("backup", str(tmp_path / "folder"), "--to-bucket", str(foreign.file)).returncode == 2


def test_damage_in_the_bucket_is_found_and_never_restored(archive, make_place):
    server, hashes = archive
    place = make_place()
    backup(server, place)
    victim = sorted(place.names("radiology/"))[3]
    described = place.s3.head_object(Bucket=place.bucket, Key=victim)
    content = bytearray(place.read(victim))
    content[-1] ^= 1
    place.s3.put_object(Bucket=place.bucket, Key=victim, Body=bytes(content), Metadata=described["Metadata"])
    assert backup(server, place, "--reread")["copied"] == 1, "the copy is made anew"
    index = OWN + place.manifest()["index"]["name"]
    whole = place.read(index)
    place.write(index, whole[:-1] + bytes([whole[-1] ^ 1]))
    lose_everything(server)
    assert "damaged" in restore(server, place, code=1)
    assert not server.data.exists(), "nothing was begun"
    place.write(index, whole)
    assert restore(server, place)["restored"] == 8
    server.start()
    check_has(server, hashes)


def test_an_archive_in_two_stores_is_backed_up_whole_and_comes_back_into_a_third(archive, make_place):
    server, hashes = archive
    bucket, place, new_home = make_place(), make_place(), make_place()
    # The guide's order: the backend is switched first, and the older images are still read where they lay.
    server.stop()
    server.environment.update(bucket.settings)
    assert server.command("migrate", "--to", "s3").returncode == 0
    server.start()
    for number in range(300, 304):
        hashes.update([store(server, number)])
    removed, _ = store(server, 310, study=7)
    assert server.session().delete(f"{server.api}/images/{removed}/").status_code == 200
    assert len(bucket.names("radiology/")) == 13
    report = backup(server, place)
    assert (report["copied"], report["findings"]) == (13, [])
    assert "no backup of this program" in backup(server, bucket, code=1), "its own bucket is no place for it"
    lose_everything(server)

    server.environment.update(new_home.settings)
    report = restore(server, place)
    assert report["restored"] == 13 and report["verification"]["needing_attention"] == 0
    assert len(new_home.names("radiology/")) == 13
    server.start()
    check_has(server, hashes)
    assert server.session().get(f"{server.api}/images/{removed}/").status_code == 404
    assert server.session().post(f"{server.api}/images/{removed}/restore/").json()["images_restored"] == 1
