# labels: e2e peer server
# timeout: 400
"""The link to a real object store breaks in every way, and so does this server: what was acknowledged is in the
bucket with its bytes, what could not be done is told as such, and a sender that comes back succeeds."""
import hashlib
import pathlib
import random
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
from store_fixtures import gateway_of, s3, settings_of  # noqa: E402, F401

gateway = gateway_of("radosgw")
PUT_FAULTS = ("slow_down", "internal", "reset", "cut_request", "lost_answer", "wrong_etag")
ANSWER_SECONDS_MAX = 60
KILLS = 6


class Archive(ArchiveServer):
    def __init__(self, folder, gateway, s3, proxy, **more):
        self.s3, self.proxy, self.bucket = s3, proxy, f"faults-{time.monotonic_ns()}"
        object_stores.make_bucket(s3, self.bucket)
        super().__init__(folder, **settings_of(gateway, self.bucket) | {
            "AWS_S3_ENDPOINT_URL": proxy.endpoint, "RADIOLOGY_SIGNED_URLS": "false"} | more)

    def store(self, content) -> requests.Response:
        return self.session().post(self.api + "/images/", data=content, timeout=ANSWER_SECONDS_MAX,
                                   headers={"Content-Type": "application/dicom"})

    def holds(self, answer, content) -> bool:
        """The bucket itself says so."""
        found = self.s3.get_object(Bucket=self.bucket, Key=answer.json()["file_key"])
        return found["Body"].read() == content

    def keys(self) -> list:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix="radiology/")
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def unfinished_uploads(self) -> list:
        return self.s3.list_multipart_uploads(Bucket=self.bucket).get("Uploads", [])

    def verify(self):
        done = self.command("verify", "--json")
        return done.returncode, done.stdout


@pytest.fixture
def archive(tmp_path, gateway, s3):
    with FaultProxy(gateway.port) as proxy, Archive(tmp_path, gateway, s3, proxy) as running:
        yield running


def check_refusal(answer) -> None:
    assert answer.status_code == 503, answer.text
    assert answer.json()["code"] == "store_unavailable" and int(answer.headers["Retry-After"]) > 0, answer.text


@pytest.mark.parametrize("fault", PUT_FAULTS)
def test_one_fault_on_the_way_in(archive, fault):
    content = dicom_files.ct_slice(rows=256, columns=256)
    archive.proxy.break_next(fault, method="PUT", path_holds=".dcm")
    before = len(archive.proxy.requests)
    answer = archive.store(content)
    assert archive.proxy.happened == [fault]
    assert len(archive.proxy.requests) - before <= 12, archive.proxy.requests[before:]
    if fault == "wrong_etag":  # the store may have other bytes than it was sent: that is no success
        check_refusal(answer)
        assert archive.keys() == []
        answer = archive.store(content)
    assert answer.status_code == 201, answer.text
    assert archive.holds(answer, content)
    assert len(archive.keys()) == 1
    assert archive.verify()[0] == 0


@pytest.mark.parametrize("fault", ("slow_down", "reset", "lost_answer"))
def test_a_store_that_does_not_recover(archive, fault):
    """Told within the deadline; of what was never acknowledged a second try makes one image."""
    content = dicom_files.ct_slice(rows=256, columns=256)
    archive.proxy.break_next(fault, method="PUT", path_holds=".dcm", times=1000)
    archive.proxy.break_next(fault, method="HEAD", path_holds=".dcm", times=1000)
    begun = time.monotonic()
    answer = archive.store(content)
    check_refusal(answer)
    assert time.monotonic() - begun < ANSWER_SECONDS_MAX
    assert len(archive.proxy.happened) <= 12, "it hammers a store that is in trouble"
    listed = archive.session().get(archive.api + "/studies/").json()
    assert listed["count"] == 0, "nothing that was not acknowledged is shown"
    archive.proxy.mend()
    again = archive.store(content)
    assert again.status_code == 201, again.text
    assert archive.holds(again, content) and len(archive.keys()) == 1
    assert archive.verify()[0] == 0


@pytest.mark.parametrize("fault, method, path_holds", (
    ("reset", "PUT", "partNumber=2"), ("lost_answer", "PUT", "partNumber=1"), ("cut_request", "PUT", "partNumber=1"),
    ("slow_down", "POST", "uploadId="), ("lost_answer", "POST", "uploadId="), ("error_in_200", "POST", "uploadId="),
    ("half_answer", "POST", "uploads")))
def test_a_fault_in_an_upload_in_parts(archive, fault, method, path_holds):
    content = dicom_files.ct_slice(rows=3000, columns=3000)
    assert len(content) > 17 << 20
    archive.proxy.break_next(fault, method=method, path_holds=path_holds)
    answer = archive.store(content)
    assert archive.proxy.happened == [fault]
    if answer.status_code != 201:
        check_refusal(answer)
        answer = archive.store(content)
    assert answer.status_code == 201, answer.text
    assert archive.holds(answer, content) and len(archive.keys()) == 1
    assert archive.verify()[0] == 0


@pytest.mark.parametrize("fault", ("slow_down", "reset", "half_answer", "flipped_bit"))
def test_wrong_bytes_are_never_sent_as_good(archive, fault):
    content = dicom_files.ct_slice(rows=512, columns=512)
    image = archive.store(content).json()
    url = f"{archive.api}/images/{image['image_uid']}/file/"
    archive.proxy.break_next(fault, method="GET", path_holds=".dcm")
    try:
        answer = archive.session().get(url, timeout=ANSWER_SECONDS_MAX)
        is_whole = answer.status_code == 200
        assert not is_whole or answer.content == content, "wrong bytes under a 200 with its whole length"
        assert is_whole or answer.status_code in (500, 503), answer.text
    except requests.RequestException:  # the answer was broken off, which a client notices
        assert fault in ("half_answer", "flipped_bit", "reset")
    assert archive.proxy.happened == [fault]
    assert archive.session().get(url, timeout=ANSWER_SECONDS_MAX).content == content


def test_a_range_is_one_request_of_its_own_bytes(archive):
    content = dicom_files.ct_slice(rows=3000, columns=3000)
    image = archive.store(content).json()
    url, session = f"{archive.api}/images/{image['image_uid']}/file/", archive.session()

    def asked(method="get", **headers):
        before = len(archive.proxy.answers)
        answer = session.request(method, url, headers=headers, timeout=ANSWER_SECONDS_MAX)
        return answer, [(each.method, each.asked_range, each.body_bytes)
                        for each in archive.proxy.answers[before:] if ".dcm" in each.path]

    for first, last in ((128, 131), (0, 0), (5_000_000, 14_999_999), (len(content) - 1, len(content) - 1)):
        answer, cost = asked(Range=f"bytes={first}-{last}")
        assert answer.status_code == 206 and answer.content == content[first:last + 1]
        assert cost == [("GET", f"bytes={first}-{last}", last + 1 - first)]
    answer, cost = asked("head")
    assert answer.status_code == 200 and int(answer.headers["Content-Length"]) == len(content)
    assert cost == [("HEAD", "", 0)]
    answer, cost = asked(**{"If-None-Match": answer.headers["ETag"]})
    assert answer.status_code == 304 and cost == []
    answer, cost = asked()
    assert answer.content == content and sum(count for _, _, count in cost) == len(content)

    # Touched by another, with the same bytes: hashed before any part of it is sent. Then gone.
    bucket, key = archive.bucket, image["file_key"]
    archive.s3.put_object(Bucket=bucket, Key=key, Body=content)
    answer, cost = asked(Range="bytes=128-131")
    assert answer.status_code == 206 and answer.content == b"DICM" and len(cost) > 1
    answer, cost = asked(Range="bytes=128-131")
    assert answer.content == b"DICM" and cost == [("GET", "bytes=128-131", 4)]
    archive.s3.put_object(Bucket=bucket, Key=key, Body=b"other bytes")
    assert (asked(Range="bytes=128-131")[0].status_code, asked("head")[0].status_code) == (500, 500)
    archive.s3.delete_object(Bucket=bucket, Key=key)
    assert (asked(Range="bytes=128-131")[0].status_code, asked("head")[0].status_code) == (500, 500)


def test_the_store_restarts_in_the_middle_of_an_upload(archive, gateway):
    content = dicom_files.ct_slice(rows=3000, columns=3000)
    results = {}
    sender = threading.Thread(target=lambda: results.update(first=archive.store(content)))
    sender.start()
    until = time.monotonic() + ANSWER_SECONDS_MAX
    while not any("partNumber=" in path for _, path in archive.proxy.requests):
        assert time.monotonic() < until
        time.sleep(0.002)
    gateway.stop_gateway()
    gateway.start_gateway()
    sender.join()
    answer = results["first"]
    if answer.status_code != 201:
        check_refusal(answer)
        answer = archive.store(content)
    assert answer.status_code == 201, answer.text
    assert archive.holds(answer, content) and len(archive.keys()) == 1
    assert archive.verify()[0] == 0


def test_a_store_that_falls_silent_is_not_waited_for(archive):
    """It takes the bytes and never answers, and neither does it a reader; the connections stay."""
    content, other = dicom_files.ct_slice(seed=1), dicom_files.ct_slice(seed=2)
    image = archive.store(content).json()
    url, results = f"{archive.api}/images/{image['image_uid']}/file/", {}
    senders = [
        threading.Thread(target=lambda: results.update(put=archive.store(other))),
        threading.Thread(target=lambda: results.update(
            get=archive.session().get(url, timeout=ANSWER_SECONDS_MAX)))]
    for count, (sender, method) in enumerate(zip(senders, ("PUT", "GET")), start=1):
        archive.proxy.break_next("stall", method=method, path_holds=".dcm")
        sender.start()
        until = time.monotonic() + ANSWER_SECONDS_MAX
        while len(archive.proxy.happened) < count:
            assert time.monotonic() < until
            time.sleep(0.01)
    for sender in senders:
        sender.join()
    # The bytes had arrived: the store was asked whether they are there, and that is success.
    assert results["put"].status_code == 201, results["put"].text
    assert archive.holds(results["put"], other)
    got = results["get"]
    assert got.status_code == 503 or got.content == content, got.text
    assert archive.session().get(url).content == content


def test_a_bucket_that_vanished_has_lost_no_image(archive):
    for key in [entry["Key"] for entry in archive.s3.list_objects_v2(Bucket=archive.bucket).get("Contents", [])]:
        archive.s3.delete_object(Bucket=archive.bucket, Key=key)
    archive.s3.delete_bucket(Bucket=archive.bucket)
    content = dicom_files.ct_slice()
    answer = archive.store(content)
    assert answer.status_code == 503 and answer.json()["code"] == "no_such_bucket", answer.text
    object_stores.make_bucket(archive.s3, archive.bucket)
    again = archive.store(content)
    assert again.status_code == 201 and archive.holds(again, content)


def test_killed_again_and_again_in_the_middle(tmp_path, gateway, s3):
    """Of small images and of some in parts: each acknowledged one is whole in the bucket, each other one can be
    sent again, and no upload in parts is left for good."""
    rng = random.Random(11)
    contents = [dicom_files.ct_slice(seed=number, rows=64, columns=64) for number in range(60)]
    contents.insert(5, dicom_files.ct_slice(seed=99, rows=3000, columns=3000))
    acknowledged, lock = {}, threading.Lock()
    with FaultProxy(gateway.port) as proxy:
        archive = Archive(tmp_path, gateway, s3, proxy)

        def send(numbers):
            for number in numbers:
                try:
                    answer = archive.store(contents[number])
                except requests.RequestException:
                    return
                assert answer.status_code in (200, 201), answer.text
                with lock:
                    acknowledged[number] = answer.json()

        for _ in range(KILLS):
            archive.start()
            missing_yet = [number for number in range(len(contents)) if number not in acknowledged]
            threads = [threading.Thread(target=send, args=(missing_yet[part::4],), daemon=True) for part in range(4)]
            for thread in threads:
                thread.start()
            time.sleep(rng.uniform(0.05, 0.6))
            archive.kill()
            for thread in threads:
                thread.join()
        with archive:
            for number in sorted(set(range(len(contents))) - set(acknowledged)):
                answer = archive.store(contents[number])
                assert answer.status_code in (200, 201), answer.text
                acknowledged[number] = answer.json()
            for number, image in acknowledged.items():
                found = s3.get_object(Bucket=archive.bucket, Key=image["file_key"])["Body"].read()
                assert hashlib.sha256(found).digest() == hashlib.sha256(contents[number]).digest(), image
            assert len(archive.keys()) == len(contents)
            code, report = archive.verify()
            assert code == 0, report
