# labels: long crash peer server
# timeout: 1800
"""What is large and what is many in an object store: an image of 2 GB goes up in parts and comes back with its hash
while the server's memory stays small, and 10,000 images are listed, verified and indexed anew."""
import concurrent.futures
import hashlib
import json
import pathlib
import sys
import threading
import time

import pytest
import requests

import dicom_files

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from large_image import BLOCK, LargeImage  # noqa: E402
from s3_crash_server import servers_of_new_bucket  # noqa: E402
from store_fixtures import class_of  # noqa: E402

store_class = class_of("radosgw")
IMAGES = 10_000
STUDIES = 50
SENDERS = 8
MEMORY_BYTES_MAX = 256 << 20


@pytest.fixture(scope="module")
def gateway():
    with store_class(memory_bytes=8 << 30) as running:
        yield running


@pytest.fixture
def server(tmp_path, gateway):
    with servers_of_new_bucket(gateway)(tmp_path, tmp_path, RADIOLOGY_SIGNED_URLS="true") as running:
        yield running


def test_an_image_of_2_gb(server, tell):
    image = LargeImage(2 << 30, seed=1)
    began = time.monotonic()
    answer = server.client().call("POST", "/api/v1/radiology/images/", image.blocks(),
                                  {"Content-Type": "application/dicom", "Content-Length": str(len(image))}, timeout=900)
    assert answer.status == 201, answer
    assert answer.json()["checksum"] == image.sha256
    stored = time.monotonic() - began
    client = server.client()
    link = client.images_of_study(image.study_uid)[image.image_uid]["image_url"]
    through = server.url + "/api/v1/radiology/images/" + image.image_uid + "/file/?redirect=never"
    for url, headers in ((link, {}), (through, client.authorization)):
        digest, size = hashlib.sha256(), 0
        with requests.get(url, headers=headers, stream=True, timeout=60) as response:
            assert response.status_code == 200
            for block in response.iter_content(BLOCK):
                digest.update(block)
                size += len(block)
        assert size == len(image) and digest.hexdigest() == image.sha256
    assert server.memory_peak_bytes() < MEMORY_BYTES_MAX
    tell(f"2 GB in {stored:.0f} s into radosgw, {server.memory_peak_bytes() >> 20} MB resident at most")


def test_ten_thousand_images(server, tell):
    per_thread = threading.local()
    studies = [(dicom_files.new_uid(), dicom_files.new_uid()) for _ in range(STUDIES)]

    def store(number):
        if not hasattr(per_thread, "client"):
            per_thread.client = server.client()
        study, series = studies[number % STUDIES]
        content = dicom_files.ct_slice(study, series, dicom_files.new_uid(), seed=number, rows=16, columns=16)
        answer = per_thread.client.store(content)
        assert answer.status == 201, answer
        return answer.json()["file_key"]

    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(SENDERS) as senders:
        keys = set(senders.map(store, range(IMAGES)))
    stored = time.monotonic() - began
    assert len(keys) == IMAGES and {str(path) for path in server.stored_files()} == keys
    quick = json.loads(server.command("verify", "--quick", "--json").stdout)
    assert quick["state"] == "finished" and quick["images"] == quick["files"] == IMAGES and quick["findings_total"] == 0, quick
    assert server.stop() == 0
    for file in server.data.glob("index.db*"):
        file.unlink()
    began = time.monotonic()
    done = server.command("rebuild", timeout=900)
    assert done.returncode == 0, done.stderr
    tell(f"{IMAGES} images in {stored:.0f} s into radosgw, indexed anew from there in {time.monotonic() - began:.0f} s")
    server.start()
    totals = server.session().get(server.url + "/api/v1/archive/").json()["totals"]
    assert totals["images"] == IMAGES, totals
