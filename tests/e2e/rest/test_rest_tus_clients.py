# labels: e2e
# timeout: 300
"""Clients that others wrote (tuspy, tus-js-client) over a slow link that is cut at random moments: they
always finish, and what the archive holds has the right hash."""
import json
import os
import pathlib
import shutil
import subprocess

import pytest
import requests

import dicom_files
from archive_server import REPOSITORY
from checked_api import new_uuid
from cutting_proxy import CuttingProxy

tusclient = pytest.importorskip("tusclient.client", reason="python3-tuspy is not installed")
from tusclient.exceptions import TusCommunicationError, TusUploadFailed  # noqa: E402

NODE_MODULES = pathlib.Path(os.environ.get("PACS_LITE_NODE_MODULES", REPOSITORY / "build" / "npm" / "node_modules"))
ATTEMPTS_MAX = 200


def check_stored(api, url, content, image_uuid):
    path = url[url.index("/api/"):]
    outcome = api.get(path).json()
    assert outcome["status"] == "STORED" and outcome["image"]["checksum"] == dicom_files.sha256(content)
    record = api.acknowledge(image_uuid).json()
    assert record["status"] == "ACK_RECEIVED" and record["receipt"]["sha256"] == dicom_files.sha256(content)
    link = api.get(f"images/{outcome['image']['image_uid']}/url/").json()["image_url"]
    assert requests.get(link, timeout=30).content == content


@pytest.mark.parametrize("seed, piece_bytes, with_checksum", [
    (1, 2**30, False), (2, 300_000, False), (3, 300_000, True), (4, 700_000, False)])
def test_tuspy(technician, shared_server, tmp_path, seed, piece_bytes, with_checksum):
    content, image_uuid = dicom_files.ct_slice(rows=1600, columns=1600, seed=seed), new_uuid()
    assert technician.announce(content, image_uuid).status_code == 201
    file = tmp_path / "image.dcm"
    file.write_bytes(content)
    with CuttingProxy(shared_server.port, seed) as proxy:
        client = tusclient.TusClient(f"http://127.0.0.1:{proxy.port}/api/v1/radiology/uploads/",
                                     headers={"Authorization": f"Bearer {technician.token}"})
        uploader = None
        for _ in range(ATTEMPTS_MAX):
            try:
                url = uploader.url if uploader is not None else None
                uploader = client.uploader(str(file), url=url, chunk_size=piece_bytes, retries=3, retry_delay=0.1,
                                           metadata={"image_uuid": image_uuid, "filename": "image.dcm"},
                                           upload_checksum=with_checksum)
                uploader.upload()
                break
            except (TusCommunicationError, TusUploadFailed):
                continue
        else:
            pytest.fail(f"not done after {ATTEMPTS_MAX} attempts and {proxy.cuts} cuts")
        assert proxy.cuts > 0, "the link was too good to show anything"
    check_stored(technician, uploader.url, content, image_uuid)


@pytest.mark.parametrize("seed, piece_bytes, with_creation", [
    (11, 2**30, False), (12, 250_000, False), (13, 250_000, True), (14, 600_000, True)])
def test_tus_js_client(technician, shared_server, tmp_path, seed, piece_bytes, with_creation):
    if not shutil.which("node") or not (NODE_MODULES / "tus-js-client").is_dir():
        pytest.skip("node or tus-js-client is missing: tools/install_dependencies.sh test")
    content, image_uuid = dicom_files.ct_slice(rows=1600, columns=1600, seed=seed), new_uuid()
    assert technician.announce(content, image_uuid).status_code == 201
    file = tmp_path / "image.dcm"
    file.write_bytes(content)
    with CuttingProxy(shared_server.port, seed) as proxy:
        done = subprocess.run(
            ["node", str(pathlib.Path(__file__).parent / "tus_client.mjs"), str(NODE_MODULES),
             f"http://127.0.0.1:{proxy.port}/api/v1/radiology/uploads/", technician.token, str(file),
             json.dumps({"image_uuid": image_uuid, "filename": "image.dcm"}), str(piece_bytes)],
            env={**os.environ, "WITH_CREATION": "1" if with_creation else "0"},
            capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        assert proxy.cuts > 0, "the link was too good to show anything"
    check_stored(technician, json.loads(done.stdout)["url"], content, image_uuid)
