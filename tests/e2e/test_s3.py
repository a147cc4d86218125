# labels: e2e peer server
# timeout: 300
"""The archive on a real object store: what it writes boto3 reads and the other way round, links lead to the
store itself, and nothing is acknowledged that is not there. PACS_LITE_TEST_STORE says which store:
radosgw (without it), swift or minio."""
import hashlib
import json
import pathlib
import subprocess
import sys
import time
import urllib.parse

import pytest
import requests

import dicom_files
from archive_server import ArchiveServer

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import object_stores  # noqa: E402
from store_fixtures import STORE, gateway_of, s3, settings_of  # noqa: E402, F401

gateway = gateway_of(STORE)


class Archive(ArchiveServer):
    def __init__(self, folder, gateway, s3, bucket=None, **more):
        self.bucket = bucket or f"radiology-{time.monotonic_ns()}"
        object_stores.make_bucket(s3, self.bucket)
        super().__init__(folder, **settings_of(gateway, self.bucket), **more)

    def keys(self, s3):
        found = s3.list_objects_v2(Bucket=self.bucket, Prefix="radiology/").get("Contents", [])
        return [entry["Key"] for entry in found]

    def store(self, content, **headers):
        answer = self.session().post(self.api + "/images/", data=content,
                                     headers={"Content-Type": "application/dicom", **headers})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def fetch(self, image, **headers):
        """The stored file through this server, with a token instead of a signature."""
        return self.session().get(self.url + "/media/" + urllib.parse.quote(image["file_key"]), headers=headers)

    def link(self, image, seconds=60):
        answer = self.session().get(f"{self.api}/images/{image['id']}/url/", params={"expires_in": seconds})
        assert answer.status_code == 200, answer.text
        return answer.json()["image_url"]


@pytest.fixture
def archive(tmp_path, gateway, s3):
    with Archive(tmp_path, gateway, s3) as running:
        yield running


@pytest.fixture
def closed_archive(tmp_path, gateway, s3):
    """One whose links open nothing: stored files go through the server, to who has a token."""
    with Archive(tmp_path, gateway, s3, RADIOLOGY_SIGNED_URLS="false") as running:
        yield running


def metadata_json(metadata):
    """The attributes, which lie in pieces under `pacs-lite`, `pacs-lite-2`, …"""
    names = ["pacs-lite"] + [f"pacs-lite-{number}" for number in range(2, len(metadata) + 2)]
    return "".join(metadata.get(name, "") for name in names)


def curl(url, *arguments):
    """Status and body, as a browser without any credentials gets them."""
    done = subprocess.run(["curl", "-sS", "-o", "-", "-w", "\n%{http_code}", *arguments, url],
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=True)
    body, _, status = done.stdout.rpartition(b"\n")
    return int(status), body


def test_boto3_reads_what_the_archive_has_written(archive, s3):
    content = dicom_files.ct_slice()
    image = archive.store(content)
    assert archive.keys(s3) == [image["file_key"]]
    found = s3.get_object(Bucket=archive.bucket, Key=image["file_key"])
    assert found["Body"].read() == content
    assert found["ContentType"] == "application/dicom"
    attributes = json.loads(metadata_json(found["Metadata"]))
    assert attributes["sha256"] == hashlib.sha256(content).hexdigest()
    assert not list(archive.media.glob("**/*.dcm")), "nothing lies on the disk"


def test_where_links_open_nothing_the_archive_itself_gives_the_bytes(closed_archive):
    content = dicom_files.ct_slice(rows=1500, columns=1500)
    image = closed_archive.store(content)
    answer = closed_archive.fetch(image)
    assert answer.status_code == 200 and answer.content == content
    part = closed_archive.fetch(image, Range="bytes=2000000-2999999")
    assert part.status_code == 206 and part.content == content[2000000:3000000]
    assert requests.get(closed_archive.url + "/media/" + image["file_key"]).status_code == 401


def test_frames_of_what_lies_in_the_bucket_are_transcoded_beside_it(tmp_path, gateway, s3):
    with Archive(tmp_path, gateway, s3, PACS_LITE_TRANSCODE="htj2k") as archive:
        image = archive.store(dicom_files.ct_slice())
        deadline = time.monotonic() + 20
        while 'copies_total{outcome="made"} 1' not in archive.session().get(archive.url + "/metrics").text:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert archive.keys(s3) == [image["file_key"]] and len(list((archive.data / "transcoded").iterdir())) == 1
        frame = archive.session().get(
            f"{archive.url}/dicom-web/studies/{image['study_uid']}/series/{image['series_uid']}/instances/{image['image_uid']}"
            "/frames/1", headers={"Accept": "image/jphc; transfer-syntax=1.2.840.10008.1.2.4.202", "Range": "bytes=0-1"})
        assert frame.status_code == 206 and frame.content == b"\xff\x4f"


def test_a_large_image_goes_up_in_parts(archive, s3):
    content = dicom_files.ct_slice(rows=3000, columns=3000)
    assert len(content) > 16 << 20
    image = archive.store(content)
    found = s3.get_object(Bucket=archive.bucket, Key=image["file_key"])
    assert "-" in found["ETag"] and found["Body"].read() == content
    assert not s3.list_multipart_uploads(Bucket=archive.bucket).get("Uploads")
    assert curl(archive.link(image)) == (200, content)


def test_the_archive_adopts_what_boto3_has_written(tmp_path, gateway, s3):
    archive = Archive(tmp_path, gateway, s3)
    uids = [dicom_files.new_uid() for _ in range(3)]
    content = dicom_files.ct_slice(*uids)
    key = "radiology/" + "/".join(uids) + "/IM ä+1.dcm"
    s3.put_object(Bucket=archive.bucket, Key=key, Body=content)
    s3.put_object(Bucket=archive.bucket, Key="radiology/readme.txt", Body=b"no image")
    done = archive.command("import", "--in-place", "--json")
    assert "outside_layout" in done.stdout + done.stderr
    with archive:
        listed = archive.session().get(archive.api + "/studies/").json()["results"]
        assert [study["study_uid"] for study in listed] == [uids[0]]
        study = archive.session().get(f"{archive.api}/studies/{listed[0]['id']}/images/").json()
        image = study["series"][0]["images"][0]
        assert curl(archive.link(image)) == (200, content)
    assert s3.get_object(Bucket=archive.bucket, Key=key)["Body"].read() == content


def test_a_link_opens_one_image_until_it_expires(archive):
    content = dicom_files.ct_slice()
    image = archive.store(content)
    short_lived, link = archive.link(image, 2), archive.link(image)
    assert link.startswith(archive.environment["AWS_S3_ENDPOINT_URL"])
    assert curl(link) == (200, content)
    assert curl(link, "-r", "128-131") == (206, b"DICM")
    altered = link[:-1] + ("0" if link[-1] != "0" else "1")
    for refused in (altered, link.replace("X-Amz-Expires=60", "X-Amz-Expires=61")):
        assert curl(refused)[0] == 403, refused
    assert curl(link.split("?")[0])[0] == (400 if STORE == "swift" else 403), "without a signature"
    assert curl(link, "-X", "DELETE")[0] == 403
    time.sleep(3)
    assert curl(short_lived)[0] == 403
    assert curl(link)[0] == 200


def test_an_image_is_read_from_the_store_itself_by_a_redirect(archive, gateway):
    content = dicom_files.ct_slice()
    image = archive.store(content)
    path = f"{archive.api}/images/{image['image_uid']}/file/"
    answer = archive.session().get(path, allow_redirects=False)
    assert answer.status_code == 307 and answer.headers["Location"].startswith(gateway.endpoint)
    assert curl(answer.headers["Location"]) == (200, content)
    followed = archive.session().get(path)
    assert followed.content == content and followed.url.startswith(gateway.endpoint)
    here = archive.session().get(path, params={"redirect": "never"}, allow_redirects=False)
    assert here.status_code == 200 and here.content == content
    head = archive.session().head(path, allow_redirects=False)
    assert head.status_code == 200 and int(head.headers["Content-Length"]) == len(content)


def test_a_public_endpoint_stands_in_the_links(tmp_path, gateway, s3):
    public = f"http://localhost:{gateway.port}"
    with Archive(tmp_path, gateway, s3, AWS_S3_PUBLIC_ENDPOINT_URL=public) as archive:
        content = dicom_files.ct_slice()
        link = archive.link(archive.store(content))
        assert link.startswith(public + "/")
        assert curl(link) == (200, content)


@pytest.mark.skipif(STORE == "radosgw", reason="radosgw takes any region")
def test_a_wrong_region_is_mended_also_in_links(tmp_path, gateway, s3):
    with Archive(tmp_path, gateway, s3, AWS_S3_REGION_NAME="elsewhere-1") as archive:
        content = dicom_files.ct_slice()
        assert curl(archive.link(archive.store(content))) == (200, content)
        report = json.loads(archive.command("check", "--json").stdout)
        finding = next(each for each in report["findings"] if each["subject"] == "bucket")
        assert finding["severity"] == "warning" and gateway.region in finding["text"], finding


@pytest.mark.skipif(STORE == "swift", reason="MinIO's settings name no region, and Swift insists on its own")
def test_the_settings_of_minio_reach_the_same_store(tmp_path, gateway, s3):
    object_stores.make_bucket(s3, "radiology")
    server = ArchiveServer(tmp_path, RADIOLOGY_STORAGE="storages.backends.s3boto3.S3Boto3Storage",
                           MINIO_ENDPOINT_URL=gateway.endpoint, MINIO_ACCESS_KEY=gateway.access_key,
                           MINIO_SECRET_KEY=gateway.secret_key)
    with server:
        content = dicom_files.ct_slice()
        answer = server.session().post(server.api + "/images/", data=content,
                                       headers={"Content-Type": "application/dicom"})
        assert answer.status_code == 201, answer.text
        assert s3.get_object(Bucket="radiology", Key=answer.json()["file_key"])["Body"].read() == content


def test_what_is_stored_survives_a_kill_and_is_never_overwritten(archive, s3):
    uids = [dicom_files.new_uid() for _ in range(3)]
    content, other = dicom_files.ct_slice(*uids, seed=1), dicom_files.ct_slice(*uids, seed=2)
    image = archive.store(content)
    archive.kill()
    archive.start()
    again = archive.session().post(archive.api + "/images/", data=content,
                                   headers={"Content-Type": "application/dicom"})
    assert again.status_code == 200 and again.json() == image
    for _ in range(2):
        refused = archive.session().post(archive.api + "/images/", data=other,
                                         headers={"Content-Type": "application/dicom"})
        assert refused.status_code == 409
    assert archive.keys(s3) == [image["file_key"]]
    assert s3.get_object(Bucket=archive.bucket, Key=image["file_key"])["Body"].read() == content
    quarantined = s3.list_objects_v2(Bucket=archive.bucket, Prefix=".pacs-lite/quarantine/")["Contents"]
    assert len(quarantined) == 2, "the refused bytes and what they were, once"


def test_removal_takes_the_object_along(archive, s3):
    image = archive.store(dicom_files.ct_slice())
    link = archive.link(image)
    answer = archive.session().delete(f"{archive.api}/images/{image['id']}/", params={"now": "true"})
    assert answer.status_code == 200, answer.text
    assert archive.keys(s3) == []
    assert curl(link)[0] == 404


def test_damage_in_the_bucket_is_seen_and_not_sent(closed_archive, s3):
    archive = closed_archive
    image = archive.store(dicom_files.ct_slice())
    s3.put_object(Bucket=archive.bucket, Key=image["file_key"], Body=b"other bytes")
    answer = archive.fetch(image)
    assert answer.status_code == 500 and answer.json()["code"] == "damaged"
    assert archive.command("verify").returncode != 0


def test_verify_is_content_with_what_is_right_and_finds_what_is_gone(archive, s3):
    images = [archive.store(dicom_files.ct_slice(seed=seed)) for seed in range(2)]
    assert archive.command("verify").returncode == 0
    s3.delete_object(Bucket=archive.bucket, Key=images[1]["file_key"])
    done = archive.command("verify", "--quick", "--json")
    assert done.returncode == 1 and "missing_blob" in done.stdout, done.stdout + done.stderr


def test_the_trash_hides_and_gives_back(archive, s3):
    content = dicom_files.ct_slice()
    image = archive.store(content)
    session = archive.session()
    assert session.delete(f"{archive.api}/images/{image['id']}/").status_code == 200
    assert session.get(f"{archive.api}/images/{image['id']}/").status_code in (404, 410)
    assert archive.keys(s3) == [image["file_key"]]
    assert s3.list_objects_v2(Bucket=archive.bucket, Prefix=".pacs-lite/tombstones/")["KeyCount"] == 1
    assert session.post(f"{archive.api}/images/{image['id']}/restore/").status_code == 200
    assert curl(archive.link(image)) == (200, content)
    assert s3.list_objects_v2(Bucket=archive.bucket, Prefix=".pacs-lite/tombstones/")["KeyCount"] == 0


def test_the_index_comes_back_from_the_bucket(tmp_path, gateway, s3):
    archive = Archive(tmp_path, gateway, s3)
    with archive:
        images = [archive.store(dicom_files.ct_slice(seed=seed)) for seed in range(3)]
    for path in archive.data.glob("index.db*"):
        path.unlink()
    done = archive.command("rebuild")
    assert done.returncode == 0, done.stdout + done.stderr
    with archive:
        for image in images:
            found = archive.session().get(f"{archive.api}/images/{image['id']}/").json()
            assert found["image_uid"] == image["image_uid"]
            assert curl(archive.link(image))[0] == 200


def test_a_store_that_is_away_is_no_lost_image(closed_archive, gateway):
    archive = closed_archive
    image = archive.store(dicom_files.ct_slice())
    gateway.stop_gateway()
    try:
        answer = archive.fetch(image)
        assert answer.status_code == 503, answer.text
        refused = archive.session().post(archive.api + "/images/", data=dicom_files.ct_slice(),
                                         headers={"Content-Type": "application/dicom"})
        assert refused.status_code == 503, refused.text
    finally:
        gateway.start_gateway()
    assert archive.fetch(image).status_code == 200
    archive.store(dicom_files.ct_slice())


def test_check_names_what_is_wrong(tmp_path, gateway, s3):
    archive = Archive(tmp_path, gateway, s3)

    def findings(*arguments, **changed):
        archive.environment.update(changed)
        return {finding["subject"]: finding
                for finding in json.loads(archive.command("check", "--json", *arguments).stdout)["findings"]}

    found = findings()
    for subject in ("bucket", "bucket list", "bucket rights", "uploads in parts", "clock of the store"):
        assert found[subject]["severity"] == "ok", found[subject]
    has_none = STORE == "swift"
    assert found["conditional create"]["severity"] == ("warning" if has_none else "ok"), found
    missing = findings(AWS_STORAGE_BUCKET_NAME=archive.bucket + "-new")
    assert missing["bucket"]["severity"] == "error" and "--create-bucket" in missing["bucket"]["remedy"]
    assert findings("--create-bucket")["bucket"]["severity"] == "ok"
    refused = findings(AWS_SECRET_ACCESS_KEY="wrong")
    assert refused["bucket"]["severity"] == "error" and "credentials" in refused["bucket"]["remedy"]
    encrypted = findings(AWS_SECRET_ACCESS_KEY=gateway.secret_key,
                         AWS_S3_OBJECT_PARAMETERS='{"ServerSideEncryption": "AES256"}')
    # radosgw says that it did, and did not; the others say that they do not.
    assert encrypted["bucket rights"]["severity"] == "error"
    assert "AWS_S3_OBJECT_PARAMETERS" in encrypted["bucket rights"]["remedy"], encrypted["bucket rights"]
    says = "does not encrypt" if STORE == "radosgw" else "NotImplemented"
    assert says in encrypted["bucket rights"]["text"], encrypted["bucket rights"]


@pytest.mark.skipif(STORE != "radosgw", reason="Swift has no such rules, and MinIO allows every origin")
def test_check_asks_as_a_browser_would_whether_a_viewer_may_fetch(tmp_path, gateway, s3):
    archive = Archive(tmp_path, gateway, s3, OHIF_VIEWER_URL="https://viewer.clinic.example/viewer")

    def cors():
        findings = json.loads(archive.command("check", "--json").stdout)["findings"]
        return next(each for each in findings if each["subject"] == "CORS of the bucket")

    def allow(origin, headers):
        s3.put_bucket_cors(Bucket=archive.bucket, CORSConfiguration={"CORSRules": [
            {"AllowedOrigins": [origin], "AllowedMethods": ["GET", "HEAD"], "AllowedHeaders": headers}]})

    assert cors()["severity"] == "warning" and "viewer.clinic.example" in cors()["text"], cors()
    allow("https://another.example", ["Range"])
    assert cors()["severity"] == "warning", "a rule, and not for this viewer"
    allow("https://viewer.clinic.example", ["X-Other"])
    assert cors()["severity"] == "warning", "without the header that viewers send"
    allow("https://viewer.clinic.example", ["Range"])
    assert cors()["severity"] == "ok", cors()


def test_the_trial_goes_all_the_way(archive, s3):
    done = archive.command("test-storage", "--json")
    report = json.loads(done.stdout)
    assert done.returncode == 0 and report["ok"], report
    assert report["storage"] == "s3"
    assert archive.keys(s3) == []


def test_a_backup_of_a_bucket_fills_another_one(tmp_path, gateway, s3):
    (tmp_path / "site").mkdir()
    (tmp_path / "new").mkdir()
    archive = Archive(tmp_path / "site", gateway, s3)
    with archive:
        contents = [dicom_files.ct_slice(seed=number) for number in range(5)]
        images = [archive.store(content) for content in contents]
        done = archive.command("backup", str(tmp_path / "backup"), "--json")
        assert done.returncode == 0 and json.loads(done.stdout)["copied"] == 5, done.stdout + done.stderr
        again = archive.command("backup", str(tmp_path / "backup"), "--json")
        assert json.loads(again.stdout)["copied"] == 0, again.stdout + again.stderr
    restored = Archive(tmp_path / "new", gateway, s3)
    s3.put_object(Bucket=restored.bucket, Key="radiology/1/2/3/another.dcm", Body=b"not empty")
    refused = restored.command("restore", "--from", str(tmp_path / "backup"))
    assert refused.returncode == 1 and "not empty" in refused.stderr
    s3.delete_object(Bucket=restored.bucket, Key="radiology/1/2/3/another.dcm")
    done = restored.command("restore", "--from", str(tmp_path / "backup"), "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["verification"]["needing_attention"] == 0
    with restored:
        for image, content in zip(images, contents):
            assert curl(restored.link(image)) == (200, content)
