# labels: e2e peer server
# timeout: 240
"""An archive moves from a disk into an object store and back, while images go on arriving: nothing is missing,
nothing is double, and a purged image leaves no bytes in either store. PACS_LITE_TEST_STORE says which store:
radosgw (without it), swift or minio."""
import fcntl
import hashlib
import json
import os
import pathlib
import pty
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import termios
import threading
import time

import pytest
import requests

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import dicom_files  # noqa: E402
import object_stores  # noqa: E402
from archive_server import ArchiveServer, find_binary  # noqa: E402
from store_fixtures import STORE, gateway_of, s3, settings_of  # noqa: E402, F401

gateway = gateway_of(STORE)


class Archive(ArchiveServer):
    """On the filesystem, with the settings of a bucket at hand."""

    def __init__(self, folder, gateway, s3):
        self.s3, self.bucket = s3, f"moving-{time.monotonic_ns()}"
        object_stores.make_bucket(s3, self.bucket)
        super().__init__(folder, **settings_of(gateway, self.bucket) | {
            "RADIOLOGY_STORAGE": "filesystem", "RADIOLOGY_SIGNED_URLS": "false"})
        self.stored = {}

    def store(self, seed):
        content = dicom_files.ct_slice(seed=seed)
        answer = self.session().post(self.api + "/images/", data=content,
                                     headers={"Content-Type": "application/dicom"})
        assert answer.status_code == 201, answer.text
        self.stored[answer.json()["file_key"]] = content
        return answer.json()

    def objects(self):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix="radiology/")
        return {entry["Key"] for page in pages for entry in page.get("Contents", [])}

    def files(self):
        return {str(path.relative_to(self.media)) for path in self.media.glob("radiology/**/*") if path.is_file()}

    def migrate(self, to, *arguments):
        done = self.command("migrate", "--to", to, "--json", *arguments)
        return done.returncode, json.loads(done.stdout or "{}"), done.stderr

    def killed_migrate(self, to, after_seconds):
        process = subprocess.Popen([str(find_binary()), "migrate", "--to", to], env=self.environment,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(after_seconds)
        was_alive = process.poll() is None
        if was_alive:
            os.kill(process.pid, signal.SIGKILL)
        process.wait(timeout=20)
        return was_alive

    def cut_over(self, to):
        self.stop()
        assert self.migrate(to)[0] == 0
        code, said, error = self.migrate(to, "--cut-over")
        assert code == 0, error
        self.environment["RADIOLOGY_STORAGE"] = to
        self.start()
        return said

    def check_everything(self):
        for key, content in self.stored.items():
            answer = self.session().get(self.url + "/media/" + key)
            assert answer.status_code == 200 and answer.content == content, key
        done = self.command("verify", "--json")
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def archive(tmp_path, gateway, s3):
    with Archive(tmp_path, gateway, s3) as running:
        yield running


def move_there_and_back(archive, kills):
    """Each way with kills of `migrate` at random moments; tells how many met it alive."""
    killed = 0
    for seed in range(40):
        archive.store(seed)
    code, said, error = archive.migrate("s3", "--cut-over")
    assert code == 1 and "stop the server" in error
    seeds = iter(range(1000, 100000))
    for there in ("s3", "filesystem"):
        stopping = threading.Event()

        def arrive():
            while not stopping.is_set():
                archive.store(next(seeds))
                time.sleep(0.02)

        uploads = threading.Thread(target=arrive)
        uploads.start()
        try:
            for _ in range(kills):
                killed += archive.killed_migrate(there, random.uniform(0.01, 0.4))
        finally:
            stopping.set()
            uploads.join()
        code, said, error = archive.migrate(there)
        assert code == 0 and said["lacking"] == 0, (said, error)
        assert said["moved"] + said["already_there"] == len(archive.stored)
        assert archive.cut_over(there)["cut_over"] > 0
        archive.check_everything()
    assert archive.objects() <= set(archive.stored) == archive.files()
    for key in archive.objects():
        found = archive.s3.get_object(Bucket=archive.bucket, Key=key)["Body"].read()
        assert hashlib.sha256(found).digest() == hashlib.sha256(archive.stored[key]).digest()
    return killed


def test_there_and_back_with_kills_and_arrivals(archive):
    assert move_there_and_back(archive, kills=4) > 0


def test_no_cut_over_while_a_copy_is_missing(archive):
    for seed in range(3):
        archive.store(seed)
    assert archive.migrate("s3")[0] == 0
    archive.store(4)
    archive.stop()
    code, _, error = archive.migrate("s3", "--cut-over")
    assert code == 1 and "1 images have no verified copy" in error
    assert archive.migrate("s3")[0] == 0
    other = archive.bucket + "-other"
    archive.s3.create_bucket(Bucket=other)
    archive.environment["AWS_STORAGE_BUCKET_NAME"] = other
    code, _, error = archive.migrate("s3", "--cut-over")
    assert code == 1 and "archive" in error, "a bucket that was not filled"
    archive.environment.update(AWS_STORAGE_BUCKET_NAME=archive.bucket, RADIOLOGY_STORAGE="filesystem")
    archive.start()
    archive.check_everything()


def test_a_wrong_copy_is_found_and_made_anew(archive):
    image = archive.store(1)
    assert archive.migrate("s3")[1]["moved"] == 1
    assert archive.migrate("s3")[1]["already_there"] == 1
    archive.s3.put_object(Bucket=archive.bucket, Key=image["file_key"], Body=b"other bytes")
    assert archive.migrate("s3", "--verify")[1]["moved"] == 1
    found = archive.s3.get_object(Bucket=archive.bucket, Key=image["file_key"])["Body"].read()
    assert found == archive.stored[image["file_key"]]


def test_what_is_damaged_is_refused_and_told(archive):
    image = archive.store(1)
    archive.store(2)
    path = archive.media / image["file_key"]
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.chmod(0o640)
    path.write_bytes(content)
    code, said, _ = archive.migrate("s3")
    assert code == 1 and (said["moved"], said["refused"], said["lacking"]) == (1, 1, 1)
    assert said["findings"][0]["code"] == "checksum_mismatch"
    assert image["file_key"] not in archive.objects()


def test_a_removed_image_leaves_both_stores(archive):
    gone, later, kept = (archive.store(seed) for seed in range(3))
    assert archive.migrate("s3")[0] == 0 and len(archive.objects()) == 3
    session = archive.session()
    for image in (gone,):
        answer = session.delete(f"{archive.api}/images/{image['id']}/", params={"now": "true"})
        assert answer.status_code == 200, answer.text
    assert archive.objects() == archive.files() == {later["file_key"], kept["file_key"]}
    assert session.delete(f"{archive.api}/images/{later['id']}/").status_code == 200
    archive.cut_over("s3")
    assert session.get(f"{archive.api}/images/{later['id']}/").status_code in (404, 410)
    assert session.post(f"{archive.api}/images/{later['id']}/restore/").status_code == 200
    answer = session.delete(f"{archive.api}/images/{later['id']}/", params={"now": "true"})
    assert answer.status_code == 200, answer.text
    assert archive.objects() == archive.files() == {kept["file_key"]}


def test_after_the_cut_over_old_settings_lose_nothing(archive):
    """Who forgets to change RADIOLOGY_STORAGE: images are read where they are, new ones go where it says."""
    archive.store(1)
    assert archive.migrate("s3")[0] == 0
    archive.stop()
    assert archive.migrate("s3", "--cut-over")[0] == 0
    archive.start()
    archive.store(2)
    archive.check_everything()


def test_the_settings_may_change_first(archive):
    """The order of the Django application's guide: new images go to the new store at once."""
    archive.environment["RADIOLOGY_SIGNED_URLS"] = "true"
    old = archive.store(1)
    archive.stop()
    archive.environment["RADIOLOGY_STORAGE"] = "s3"
    with pytest.raises(RuntimeError, match="belongs to none"):
        archive.start()
    assert archive.migrate("s3")[0] == 0
    archive.start()
    new = archive.store(2)
    assert archive.objects() == {old["file_key"], new["file_key"]} and archive.files() == {old["file_key"]}

    def links():
        return {image["file_key"]: archive.session().get(f"{archive.api}/images/{image['id']}/url/").json()["image_url"]
                for image in (old, new)}

    before = links()
    assert before[old["file_key"]].startswith(archive.url)
    for key, link in before.items():
        assert requests.get(link).content == archive.stored[key]
    code, said, _ = archive.migrate("s3")
    assert code == 0 and (said["moved"], said["already_there"]) == (0, 2)
    assert archive.cut_over("s3")["cut_over"] == 1
    after = links()
    assert not after[old["file_key"]].startswith(archive.url)
    for key, content in archive.stored.items():
        assert requests.get(after[key]).content == content
        assert requests.get(before[key]).content == content, "a link of before the cut-over"
    assert archive.command("verify").returncode == 0


def test_an_index_that_is_made_anew_finds_the_copies_again(archive):
    archive.store(1)
    hidden = archive.store(2)
    assert archive.migrate("s3")[0] == 0
    answer = archive.session().delete(f"{archive.api}/images/{hidden['id']}/")
    assert answer.status_code == 200, answer.text
    archive.cut_over("s3")
    archive.stop()
    for path in archive.data.glob("index.db*"):
        path.unlink()
    done = archive.command("rebuild")
    assert done.returncode == 0, done.stdout + done.stderr
    archive.start()
    assert archive.session().get(f"{archive.api}/images/{hidden['id']}/").status_code in (404, 410)
    code, said, _ = archive.migrate("filesystem")
    assert code == 0 and (said["moved"], said["already_there"]) == (0, 2)
    del archive.stored[hidden["file_key"]]
    archive.check_everything()


def minio_settings(archive):
    """The same gateway under the names of MinIO. A token of AWS that lies about is not for it."""
    of = archive.environment
    return {"RADIOLOGY_STORAGE": "minio", "MINIO_ENDPOINT_URL": of["AWS_S3_ENDPOINT_URL"],
            "AWS_S3_REGION_NAME": of["AWS_S3_REGION_NAME"], "MINIO_ACCESS_KEY": of["AWS_ACCESS_KEY_ID"],
            "MINIO_SECRET_KEY": of["AWS_SECRET_ACCESS_KEY"], "AWS_SESSION_TOKEN": "of another key"}


def s3_settings(archive):
    names = ("AWS_S3_ENDPOINT_URL", "AWS_S3_REGION_NAME", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    return {"RADIOLOGY_STORAGE": "s3"} | {name: archive.environment[name] for name in names}


def bucket_file(folder, archive, bucket, settings_of=s3_settings):
    """The settings file of a bucket at the gateway of the archive."""
    path = folder / f"{bucket}.toml"
    lines = settings_of(archive) | {"AWS_STORAGE_BUCKET_NAME": bucket}
    path.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in lines.items()))
    path.chmod(0o600)
    return path


def keys_in(archive, bucket):
    pages = archive.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="radiology/")
    return {entry["Key"] for page in pages for entry in page.get("Contents", [])}


def test_from_one_bucket_to_another_and_back(archive, tmp_path):
    old, new = archive.bucket, archive.bucket + "-new"
    object_stores.make_bucket(archive.s3, new)
    old_file, new_file = (bucket_file(tmp_path, archive, name) for name in (old, new))
    archive.stop()
    shutil.rmtree(archive.data)
    archive.environment["RADIOLOGY_STORAGE"] = "s3"
    archive.start()
    for seed in range(12):
        archive.store(seed)

    def move(to_file, *arguments):
        done = archive.command("migrate", "--to-bucket", str(to_file), "--json", *arguments)
        return done.returncode, json.loads(done.stdout or "{}"), done.stderr

    code, _, error = move(new_file)
    assert code == 2 and "PACS_LITE_OTHER_BUCKETS" in error, "the server would not delete there"
    archive.stop()
    archive.environment["PACS_LITE_OTHER_BUCKETS"] = f"{old_file}, {new_file}"
    archive.start()
    code, _, error = move(old_file)
    assert code == 2 and "own settings" in error
    code, said, error = move(new_file)
    assert code == 0, error
    assert said["moved"] == 12 and keys_in(archive, new) == keys_in(archive, old)
    gone = archive.store(20)
    assert move(new_file)[1]["moved"] == 1
    # What is removed for good meanwhile is gone from both.
    assert archive.session().delete(f"{archive.api}/images/{gone['id']}/?now=true").status_code == 200
    del archive.stored[gone["file_key"]]
    assert archive.command("verify", "--json").returncode == 0
    assert gone["file_key"] not in keys_in(archive, new) | keys_in(archive, old)

    # The settings of the new bucket before the cut-over: images that have not moved would look lost.
    late = archive.store(21)
    archive.stop()
    archive.environment["AWS_STORAGE_BUCKET_NAME"] = new
    with pytest.raises(RuntimeError, match="cut-over is missing"):
        archive.start()
    archive.environment["AWS_STORAGE_BUCKET_NAME"] = old
    code, _, error = move(new_file, "--cut-over")
    assert code == 1 and "no verified copy" in error
    assert move(new_file)[0] == 0
    code, said, error = move(new_file, "--cut-over")
    assert code == 0 and said["cut_over"] == 13, error
    with pytest.raises(RuntimeError, match="moved away"):
        archive.start()
    archive.environment["AWS_STORAGE_BUCKET_NAME"] = new
    archive.start()
    archive.check_everything()
    new_one = archive.store(22)
    assert new_one["file_key"] in keys_in(archive, new) - keys_in(archive, old)
    # A copy that was left behind goes with its image; so does what was lost come back from it.
    assert archive.session().delete(f"{archive.api}/images/{late['id']}/?now=true").status_code == 200
    del archive.stored[late["file_key"]]
    victim = next(iter(archive.stored))
    archive.s3.delete_object(Bucket=new, Key=victim)
    assert archive.command("verify", "--repair").returncode == 0
    assert late["file_key"] not in keys_in(archive, new) | keys_in(archive, old)
    archive.check_everything()

    code, said, error = move(old_file)
    assert code == 0 and said["moved"] == 1, error
    archive.stop()
    assert move(old_file, "--cut-over")[0] == 0
    archive.environment["AWS_STORAGE_BUCKET_NAME"] = old
    archive.start()
    archive.check_everything()

    # Of three buckets the one that rows mean is the only one that a server starts on.
    third = archive.bucket + "-third"
    object_stores.make_bucket(archive.s3, third)
    third_file = bucket_file(tmp_path, archive, third)
    archive.stop()
    archive.environment["PACS_LITE_OTHER_BUCKETS"] += f", {third_file}"
    assert move(third_file)[0] == 0
    for bucket in (new, third):
        archive.environment["AWS_STORAGE_BUCKET_NAME"] = bucket
        with pytest.raises(RuntimeError, match="cut-over is missing"):
            archive.start()
        code, _, error = move(old_file, "--cut-over")
        assert code == 1 and "lie in another one" in error
    archive.environment["AWS_STORAGE_BUCKET_NAME"] = old
    archive.start()
    archive.check_everything()


def test_to_minio_by_its_own_settings(archive):
    for seed in range(3):
        archive.store(seed)
    archive.environment.update(minio_settings(archive) | {"RADIOLOGY_STORAGE": "filesystem"})
    archive.cut_over("minio")
    archive.check_everything()
    late = archive.store(3)
    assert archive.objects() == set(archive.stored) and late["file_key"] not in archive.files()
    archive.cut_over("filesystem")
    archive.check_everything()


def test_from_s3_to_minio_and_back(archive, tmp_path):
    old, new = archive.bucket, archive.bucket + "-new"
    object_stores.make_bucket(archive.s3, new)
    old_file, new_file = bucket_file(tmp_path, archive, old), bucket_file(tmp_path, archive, new, minio_settings)
    archive.stop()
    shutil.rmtree(archive.data)
    of_s3, of_minio = archive.environment | {"RADIOLOGY_STORAGE": "s3"}, minio_settings(archive)
    archive.environment.update(RADIOLOGY_STORAGE="s3", PACS_LITE_OTHER_BUCKETS=f"{old_file}, {new_file}")
    archive.start()
    for seed in range(4):
        archive.store(seed)

    def move(to_file, *arguments):
        done = archive.command("migrate", "--to-bucket", str(to_file), "--json", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    assert move(new_file)["moved"] == 4
    archive.stop()
    assert move(new_file, "--cut-over")["cut_over"] == 4
    archive.environment.update(of_minio | {"AWS_STORAGE_BUCKET_NAME": new})
    archive.start()
    archive.check_everything()
    done = archive.command("migrate", "--to", "minio", "--verify", "--json")
    assert done.returncode == 0 and json.loads(done.stdout)["already_there"] == 4, done.stdout + done.stderr
    late, gone = archive.store(5), next(iter(archive.stored))
    assert keys_in(archive, new) - keys_in(archive, old) == {late["file_key"]}
    uid = gone.split("/")[3]
    assert archive.session().delete(f"{archive.api}/images/{uid}/?now=true").status_code == 200
    del archive.stored[gone]
    assert gone not in keys_in(archive, new) | keys_in(archive, old), "removed from both"

    # A wrong object in the bucket that is the home of all: told, and mended from the other one.
    victim = next(iter(archive.stored))
    archive.s3.put_object(Bucket=new, Key=victim, Body=bytes(len(archive.stored[victim])))
    done = archive.command("migrate", "--to", "minio", "--verify", "--json")
    assert done.returncode == 1, done.stdout
    assert [(each["path"], each["code"]) for each in json.loads(done.stdout)["findings"]] == [
        (victim, "checksum_mismatch")]
    assert archive.command("verify", "--repair").returncode == 0
    archive.check_everything()

    assert move(old_file)["moved"] == 1
    archive.stop()
    assert move(old_file, "--cut-over")["cut_over"] == 4
    archive.environment.update(of_s3 | {"PACS_LITE_OTHER_BUCKETS": f"{old_file}, {new_file}"})
    del archive.environment["AWS_SESSION_TOKEN"]  # S3 would ask what it is
    archive.start()
    archive.check_everything()


def test_a_rate_is_kept_and_a_terminal_shows_how_far_it_is(archive):
    """6 images of 0.5 MB at 1 MB a second, watched through a terminal of 160 columns."""
    content = [dicom_files.ct_slice(seed=seed, rows=512, columns=512) for seed in range(6)]
    for image in content:
        answer = archive.session().post(archive.api + "/images/", data=image,
                                        headers={"Content-Type": "application/dicom"})
        assert answer.status_code == 201, answer.text
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 160, 0, 0))
    begun = time.monotonic()
    process = subprocess.Popen([str(find_binary()), "migrate", "--to", "s3", "--rate", "1", "--jobs", "1"],
                               env=archive.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    drawn = b""
    while True:
        try:
            some = os.read(ours, 4096)
        except OSError:  # Linux says so when the other end is closed
            break
        drawn += some
    os.close(ours)
    said = process.communicate(timeout=20)[0].decode()
    seconds = time.monotonic() - begun
    assert process.returncode == 0 and "6 images moved" in said, said
    assert seconds >= sum(map(len, content)) / 1e6 * 0.7, f"{seconds} s for 3 MB"
    lines = [line.removeprefix("\x1b[K") for line in drawn.decode().split("\r")]
    shown = [line for line in lines if re.match(r"\[#*-*\] +\d+ %  \d of 6 images, .*/s\), 0 refused", line)]
    assert len(shown) >= 2, lines
    assert any(line.endswith(" left") for line in shown), shown
    assert lines[-1] == "", "what was drawn is gone at the end"


@pytest.mark.parametrize("target", ("filesystem", "bucket"))
def test_a_link_to_the_former_bucket_opens_its_copy(archive, tmp_path, target):
    archive.stop()
    shutil.rmtree(archive.data)
    shutil.rmtree(archive.media)
    old, new = archive.bucket, archive.bucket + "-new"
    object_stores.make_bucket(archive.s3, new)
    files = [str(bucket_file(tmp_path, archive, bucket)) for bucket in (old, new)]
    archive.environment.update(RADIOLOGY_STORAGE="s3", RADIOLOGY_SIGNED_URLS="true",
                               PACS_LITE_OTHER_BUCKETS=", ".join(files))
    archive.start()
    image = archive.store(1)

    def link():
        return archive.session().get(f"{archive.api}/images/{image['id']}/url/").json()["image_url"]

    before = link()
    assert before.startswith(archive.environment["AWS_S3_ENDPOINT_URL"] + "/" + old + "/")
    if target == "filesystem":
        archive.cut_over("filesystem")
        here = archive.url + "/"
    else:
        archive.stop()
        for arguments in ((), ("--cut-over",)):
            done = archive.command("migrate", "--to-bucket", files[1], *arguments)
            assert done.returncode == 0, done.stdout + done.stderr
        archive.environment["AWS_STORAGE_BUCKET_NAME"] = new
        archive.start()
        here = archive.environment["AWS_S3_ENDPOINT_URL"] + "/" + new + "/"
    after = link()
    assert after.startswith(here)
    for url in (before, after):
        assert requests.get(url).content == archive.stored[image["file_key"]], url
