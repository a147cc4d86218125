"""dicomweb-client of npm, which viewers are built on: stores, searches, retrieves."""
import io
import json
import os
import pathlib
import shutil
import subprocess

import pydicom
import pytest

import dicom_files
from archive_server import REPOSITORY

NODE_MODULES = pathlib.Path(os.environ.get("PACS_LITE_NODE_MODULES", REPOSITORY / "build" / "npm" / "node_modules"))


def pixels_hash(content):
    return dicom_files.sha256(pydicom.dcmread(io.BytesIO(content)).PixelData)


def test_a_viewer_s_client(shared_server, tmp_path):
    missing = [name for name in ("dicomweb-client", "xhr2") if not (NODE_MODULES / name).is_dir()]
    if not shutil.which("node") or missing:
        pytest.skip(f"node or {missing} is missing: tools/install_dependencies.sh test")
    study, series = dicom_files.new_uid(), dicom_files.new_uid()
    contents = {}
    for number in (1, 2):
        uid = dicom_files.new_uid()
        contents[uid] = dicom_files.ct_slice(study, series, uid, instance_number=number, seed=number,
                                             patient_id="CLIENT-JS")
        (tmp_path / f"{number}.dcm").write_bytes(contents[uid])
    done = subprocess.run(
        ["node", str(pathlib.Path(__file__).parent / "dicomweb_client.mjs"), str(NODE_MODULES),
         shared_server.url + "/dicom-web", shared_server.token, str(tmp_path / "1.dcm"), str(tmp_path / "2.dcm")],
        capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    first = told["instances"][0]
    hashes = {uid: dicom_files.sha256(content) for uid, content in contents.items()}
    assert len(told["stored"]["00081199"]["Value"]) == 2 and "00081198" not in told["stored"]
    assert told["studyInstanceUID"] == study and told["nobody"] == 0
    assert set(told["instances"]) == set(told["metadata"]) == set(contents)
    assert told["instance"] == hashes[first] and set(told["study"]) == set(hashes.values())
    assert told["frame"] == pixels_hash(contents[first])
    assert told["pixels"] == pixels_hash(contents[told["metadata"][0]])
