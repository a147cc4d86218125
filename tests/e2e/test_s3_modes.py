# labels: e2e peer server
# timeout: 180
"""An object store as clinics set it up: with credentials that are lent for a while, with versions of its objects,
with a lock on them, and with fewer requests at once than come."""
import json
import pathlib
import sys
import threading
import time

import pytest
import requests

import dicom_files
from archive_server import ArchiveServer

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import object_stores  # noqa: E402
from fault_proxy import FaultProxy  # noqa: E402
from store_fixtures import class_of, client_of, settings_of  # noqa: E402

store_class = class_of("radosgw")
SENDERS = 12
IMAGES = 36


@pytest.fixture(scope="module")
def gateway():
    with store_class(rgw_s3_auth_use_sts="true", rgw_sts_key="0123456789abcdef") as running:
        running.let_user_write_policies()
        yield running


@pytest.fixture
def s3(gateway):
    return client_of(gateway)


class Archive(ArchiveServer):
    def __init__(self, folder, gateway, s3, bucket="", endpoint="", **more):
        self.s3, self.bucket = s3, bucket or f"modes-{time.monotonic_ns()}"
        if not bucket:
            object_stores.make_bucket(s3, self.bucket)
        super().__init__(folder, **settings_of(gateway, self.bucket) | {
            "AWS_S3_ENDPOINT_URL": endpoint or gateway.endpoint} | more)

    def store(self, content) -> requests.Response:
        return self.session().post(self.api + "/images/", data=content,
                                   headers={"Content-Type": "application/dicom"})

    def link(self, image) -> str:
        return self.session().get(f"{self.api}/images/{image['id']}/url/").json()["image_url"]

    def keys(self) -> set:
        found = self.s3.list_objects_v2(Bucket=self.bucket, Prefix="radiology/").get("Contents", [])
        return {entry["Key"] for entry in found}

    def check(self) -> dict:
        report = json.loads(self.command("check", "--json").stdout)
        return {finding["subject"]: finding for finding in report["findings"]}


def test_lent_credentials_open_the_bucket_and_its_links(tmp_path, gateway, s3):
    client_of(gateway, "iam").put_user_policy(
        UserName="pacs", PolicyName="lend", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "sts:GetSessionToken", "Resource": "*"}]}))
    lent = client_of(gateway, "sts").get_session_token(DurationSeconds=900)["Credentials"]
    names = {"AWS_ACCESS_KEY_ID": lent["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": lent["SecretAccessKey"],
             "AWS_SESSION_TOKEN": lent["SessionToken"]}
    with Archive(tmp_path, gateway, s3, **names) as archive:
        content = dicom_files.ct_slice()
        answer = archive.store(content)
        assert answer.status_code == 201, answer.text
        link = archive.link(answer.json())
        assert "X-Amz-Security-Token=" in link and requests.get(link).content == content
        assert archive.check()["bucket"]["severity"] == "ok"
        archive.environment["AWS_SESSION_TOKEN"] = lent["SessionToken"][:-8] + "AAAAAAA="
        assert archive.check()["bucket"]["severity"] == "error", "the store does look at the token"


def remove_for_good(archive, image) -> None:
    answer = archive.session().delete(f"{archive.api}/images/{image['id']}/", params={"now": "true"})
    assert answer.status_code == 200, answer.text


def check_what_remains(archive) -> None:
    """Of an image that is removed for good such a bucket keeps the bytes as an older version (docs/operations.md)."""
    kept, gone = dicom_files.ct_slice(seed=1), dicom_files.ct_slice(seed=2)
    kept_image, image = archive.store(kept).json(), archive.store(gone).json()
    link = archive.link(image)
    remove_for_good(archive, image)
    assert archive.keys() == {kept_image["file_key"]} and requests.get(link).status_code == 404
    versions = archive.s3.list_object_versions(Bucket=archive.bucket, Prefix=image["file_key"])
    assert len(versions["Versions"]) == 1 and versions["DeleteMarkers"][0]["IsLatest"]
    old = archive.s3.get_object(Bucket=archive.bucket, Key=image["file_key"],
                                VersionId=versions["Versions"][0]["VersionId"])
    assert old["Body"].read() == gone
    again = archive.store(gone)
    assert again.status_code == 201, again.text
    assert requests.get(archive.link(again.json())).content == gone
    assert archive.command("verify").returncode == 0


def test_a_bucket_with_versions_keeps_what_was_removed(tmp_path, gateway, s3):
    archive = Archive(tmp_path, gateway, s3)
    s3.put_bucket_versioning(Bucket=archive.bucket, VersioningConfiguration={"Status": "Enabled"})
    with archive:
        check_what_remains(archive)


def test_a_bucket_with_a_lock_takes_images_and_keeps_them(tmp_path, gateway, s3):
    bucket = f"locked-{time.monotonic_ns()}"
    s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration={
        "ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}})
    with Archive(tmp_path, gateway, s3, bucket=bucket) as archive:
        check_what_remains(archive)
        version = s3.list_object_versions(Bucket=bucket, Prefix="radiology/")["Versions"][0]
        with pytest.raises(s3.exceptions.ClientError, match="AccessDenied"):
            s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])


def test_a_store_that_takes_few_requests_at_once_loses_nothing(tmp_path):
    contents = [dicom_files.ct_slice(seed=seed) for seed in range(IMAGES)]
    stored, lock = {}, threading.Lock()

    def send(archive, numbers):
        for number in numbers:
            answer = archive.store(contents[number])
            assert answer.status_code in (200, 201, 503), answer.text
            if answer.status_code != 503:
                with lock:
                    stored[number] = answer.json()["file_key"]

    with store_class(rgw_max_concurrent_requests="2") as gateway, FaultProxy(gateway.port) as proxy:
        s3 = client_of(gateway, "s3")
        with Archive(tmp_path, gateway, s3, endpoint=proxy.endpoint) as archive:
            threads = [threading.Thread(target=send, args=(archive, range(part, IMAGES, SENDERS)))
                       for part in range(SENDERS)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert any(answer.status == 503 for answer in proxy.answers), "the store was never asked too much"
            send(archive, [number for number in range(IMAGES) if number not in stored])
            assert len(stored) == IMAGES and archive.keys() == set(stored.values())
            for number, key in stored.items():
                assert s3.get_object(Bucket=archive.bucket, Key=key)["Body"].read() == contents[number]
            assert archive.command("verify").returncode == 0
